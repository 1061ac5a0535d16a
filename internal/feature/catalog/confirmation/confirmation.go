// Package confirmation keeps which team a person confirmed as the owner of a
// component, since when, and which one it took the place of. One that has ended
// stays, so that it can be brought back.
package confirmation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// Confirmation is what one person confirmed of one component.
type Confirmation struct {
	ID         string
	component  int64
	Component  string // uid
	Repository int64
	By         string // name of the account, empty when Steward does not know it any more
	At         time.Time
}

const selected = `SELECT o.id, c.id, c.uid, c.repository_id, COALESCE(a.name, ''), o.made_at FROM owner_confirmation o
	JOIN component c ON c.id = o.component_id JOIN repository r ON r.id = c.repository_id LEFT JOIN account a ON a.id = o.account`

func scan(row store.Scanner) (Confirmation, error) {
	var c Confirmation
	var at int64
	err := row.Scan(&c.ID, &c.component, &c.Component, &c.Repository, &c.By, &at)
	c.At = store.FromMicros(at)
	return c, err
}

// Of finds the confirmation that counts for a component, by its uid, when there
// is one and the viewer may see it.
func Of(ctx context.Context, r store.Reader, v access.Viewer, component string) (c Confirmation, ok bool, err error) {
	return one(r.QueryRow(ctx, selected+` WHERE c.uid = $1 AND o.ended_at = 0 AND `+v.Where("r.visibility"), component))
}

// ended finds by its id one that was taken back, as long as none was made or
// taken back for the component since.
func ended(ctx context.Context, r store.Reader, v access.Viewer, id string) (c Confirmation, ok bool, err error) {
	return one(r.QueryRow(ctx, selected+` WHERE o.id = $1 AND o.ended_at > 0 AND NOT EXISTS (SELECT 1 FROM owner_confirmation later
		WHERE later.component_id = o.component_id AND (later.ended_at = 0 OR later.ended_at > o.ended_at)) AND `+v.Where("r.visibility"), id))
}

func one(row store.Scanner) (Confirmation, bool, error) {
	c, err := scan(row)
	switch {
	case errors.Is(err, store.ErrNoRows):
		return Confirmation{}, false, nil
	case err != nil:
		return Confirmation{}, false, fmt.Errorf("find a confirmed owner: %w", err)
	}
	return c, true, nil
}

// End ends what is confirmed of components, at a time (µs), and returns the
// ids of what ended by component.
func End(ctx context.Context, tx *store.Tx, components []int64, now int64) (map[int64]string, error) {
	ids := map[int64]string{}
	args := []any{now}
	marks := make([]string, 0, len(components))
	for _, id := range components {
		args = append(args, id)
		marks = append(marks, fmt.Sprintf("$%d", len(args)))
	}
	rows, err := tx.Query(ctx, `UPDATE owner_confirmation SET ended_at = $1 WHERE ended_at = 0 AND component_id IN (`+strings.Join(marks, ", ")+`) RETURNING component_id, id`, args...)
	if err != nil {
		return nil, fmt.Errorf("end confirmed owners: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var component int64
		var id string
		if err := rows.Scan(&component, &id); err != nil {
			return nil, fmt.Errorf("end confirmed owners: %w", err)
		}
		ids[component] = id
	}
	return ids, errors.Join(rows.Err(), rows.Close())
}

// putBack makes one count again that has ended.
func putBack(ctx context.Context, tx *store.Tx, id string) error {
	if _, err := tx.Exec(ctx, `UPDATE owner_confirmation SET ended_at = 0 WHERE id = $1`, id); err != nil {
		return fmt.Errorf("bring back a confirmed owner: %w", err)
	}
	return nil
}
