// Package joining keeps identities and joins them into persons.
//
//	Put      keeps the identities that a reading met, in its transaction
//	Place    finds persons for new ones at once, beside those that share an address or an account
//	Regroup  groups the identities of some persons anew, such as after a correction by hand
//	All      groups all identities of the estate anew: the job people.join, with the last word
//
// What belongs together is decided by package grouping; names and addresses
// stand in the table person_name and nowhere else.
package joining

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"steward/internal/feature/estate"
	"steward/internal/feature/people/grouping"
	"steward/internal/format/identity"
	"steward/internal/platform/store"
)

// Met is an identity that a reading has met.
type Met struct {
	ID int64
	grouping.Named
	Kind identity.Kind
}

// portion is how many rows a statement names at most: SQLite walks the list of
// placeholders for each of them.
const portion = 100

// Put keeps identities and gives back those that were not known. They are
// written in the order of their ids, so that readings at the same time do not
// wait for each other in a ring.
func Put(ctx context.Context, tx *store.Tx, at estate.Target, all []Met) ([]Met, error) {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b Met) int { return cmp.Compare(a.ID, b.ID) })
	all = slices.CompactFunc(all, func(a, b Met) bool { return a.ID == b.ID })
	seen := store.Micros(at.At)
	var fresh []Met
	for part := range slices.Chunk(all, portion) {
		args := []any{at.ScanID, seen}
		known := make(map[int64]Met, len(part))
		for _, m := range part {
			args = append(args, m.ID, string(m.Kind))
			known[m.ID] = m
		}
		ids, err := store.Collect(scanID)(tx.Query(ctx, `INSERT INTO identity (id, person_id, kind, first_scan, seen_at) VALUES `+
			rows(len(part), func(i int) string { return fmt.Sprintf("($%d, $%d, $%d, $1, $2)", i*2+3, i*2+3, i*2+4) })+`
			ON CONFLICT (id) DO NOTHING RETURNING id`, args...))
		if err != nil {
			return nil, fmt.Errorf("put identities: %w", err)
		}
		for _, id := range ids {
			fresh = append(fresh, known[id])
		}
		if len(ids) == len(part) {
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE identity SET seen_at = $1 WHERE seen_at < $1 AND id IN (`+list(part, func(m Met) int64 { return m.ID })+`)`, seen); err != nil {
			return nil, fmt.Errorf("touch identities: %w", err)
		}
	}
	return fresh, putNames(ctx, tx, fresh)
}

func putNames(ctx context.Context, tx *store.Tx, fresh []Met) error {
	_, err := tx.Insert(ctx, "person_name", []string{"identity_id", "label", "name", "email", "account", "email_key", "local_key", "name_key"}, func(yield func([]any) bool) {
		for _, m := range fresh {
			if m.Named != (grouping.Named{}) && !yield([]any{m.ID, m.Label(), m.Name, m.Email, m.Account, m.EmailKey(), m.LocalKey(), m.NameKey()}) {
				return
			}
		}
	})
	return err
}

func scanID(row store.Scanner) (id int64, err error) { return id, row.Scan(&id) }

// rows are the parts of VALUES.
func rows(n int, one func(i int) string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = one(i)
	}
	return strings.Join(parts, ", ")
}

// list writes ids of our own into a statement; nothing of it comes from outside.
func list[T any](all []T, id func(T) int64) string {
	return rows(len(all), func(i int) string { return fmt.Sprint(id(all[i])) })
}

func itself(id int64) int64 { return id }
