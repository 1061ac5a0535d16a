package catalog

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"steward/internal/feature/catalog/claim"
	"steward/internal/feature/catalog/confirmation"
	"steward/internal/feature/estate"
	"steward/internal/feature/people"
	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// sourceAssigned marks teams that a person entered when assigning an owner.
const sourceAssigned = "assigned"

// maxPicked is how many components are assigned at once.
const maxPicked = 1000

// Assign makes a team the confirmed owner of components, for good: it stays
// through every reading until somebody takes it back. The team is given by its
// handle or title; one that is not known is made when made is true. It returns
// the id under which Undo takes it back.
func (f *Feature) Assign(ctx context.Context, v access.Viewer, components []string, team string, made bool) (batch string, err error) {
	if err := v.Require(access.LinkRecords); err != nil {
		return "", err
	}
	if len(components) == 0 || len(components) > maxPicked {
		return "", fault.New(fault.Invalid, "Pick between one and %d components.", maxPicked)
	}
	all, err := f.componentsByUID(ctx, v, components)
	if err != nil {
		return "", err
	}
	if len(all) == 0 {
		return "", fault.New(fault.NotFound, "There is no such component, or you may not see it.")
	}
	batch = store.NewID()
	err = f.db.Tx(ctx, func(tx *store.Tx) error {
		id, uid, err := f.findTeam(ctx, tx, v, team, made)
		if err != nil {
			return err
		}
		repositories := map[int64]bool{}
		var uids []string
		var rows [][]any
		ids := make([]int64, 0, len(all))
		for _, c := range all {
			ids = append(ids, c.ID)
		}
		replaced, err := confirmation.End(ctx, tx, ids, store.Micros(f.p.Now()))
		if err != nil {
			return err
		}
		for _, c := range all {
			rows = append(rows, []any{store.NewID(), batch, c.ID, id, v.AccountID(), store.Micros(f.p.Now()), replaced[c.ID]})
			repositories[c.RepositoryID] = true
			uids = append(uids, c.UID)
		}
		if _, err := tx.Insert(ctx, "owner_confirmation", []string{"id", "batch", "component_id", "team_id", "account", "made_at", "replaced"}, slices.Values(rows)); err != nil {
			return err
		}
		for repository := range repositories {
			if err := claim.Settle(ctx, tx, repository); err != nil {
				return err
			}
		}
		return audit.Append(ctx, tx, v, f.p.Now(), "component.own", "component", uids[0], map[string]any{"components": uids, "team": uid, "batch": batch})
	})
	return batch, err
}

// findTeam finds a team by handle or title, or makes it.
func (f *Feature) findTeam(ctx context.Context, tx *store.Tx, v access.Viewer, name string, made bool) (int64, string, error) {
	handle, title := people.Handle(name), strings.TrimSpace(name)
	if handle == "" || len(title) > 200 {
		return 0, "", fault.New(fault.Invalid, "Name a team by its handle, such as payments-core.")
	}
	type found struct {
		id  int64
		uid string
	}
	teams, err := store.Collect(func(row store.Scanner) (one found, err error) { return one, row.Scan(&one.id, &one.uid) })(
		tx.Query(ctx, `SELECT t.id, t.uid FROM team t WHERE (t.handle = $1 OR lower(t.title) = lower($2)) AND `+visibleTeam(v)+` ORDER BY CASE WHEN t.handle = $1 THEN 0 ELSE 1 END LIMIT 2`, handle, title))
	if err != nil {
		return 0, "", fmt.Errorf("find team: %w", err)
	}
	if len(teams) > 0 {
		return teams[0].id, teams[0].uid, nil
	}
	if !made {
		return 0, "", fault.New(fault.NotFound, "No team is called %q. Choose one that is offered, or say that it is a new one.", title)
	}
	id, err := people.PutTeam(ctx, tx, estate.Target{}, handle, "", sourceAssigned)
	if err != nil {
		return 0, "", err
	}
	var uid string
	err = tx.QueryRow(ctx, `SELECT uid FROM team WHERE id = $1`, id).Scan(&uid)
	return id, uid, err
}

// visibleTeam is a condition on teams t: named by a repository that the viewer may see, or entered by people.
func visibleTeam(v access.Viewer) string {
	return `EXISTS (SELECT 1 FROM team_mention tm LEFT JOIN repository tr ON tr.id = tm.repository_id
		WHERE tm.team_id = t.id AND (tm.repository_id = 0 OR tr.joined_into = 0 AND ` + v.Where("tr.visibility") + `))`
}

// Undo takes back one Assign: what was confirmed before it counts again. It
// returns the uids of the components whose owner changed.
func (f *Feature) Undo(ctx context.Context, v access.Viewer, batch string) (uids []string, err error) {
	if err := v.Require(access.LinkRecords); err != nil {
		return nil, err
	}
	err = f.db.Tx(ctx, func(tx *store.Tx) error {
		type made struct {
			component, repository int64
			uid, replaced         string
		}
		all, err := store.Collect(func(row store.Scanner) (one made, err error) {
			return one, row.Scan(&one.component, &one.repository, &one.uid, &one.replaced)
		})(tx.Query(ctx, `SELECT c.id, c.repository_id, c.uid, o.replaced FROM owner_confirmation o JOIN component c ON c.id = o.component_id JOIN repository r ON r.id = c.repository_id
			WHERE o.batch = $1 AND o.ended_at = 0 AND `+v.Where("r.visibility"), batch))
		if err != nil {
			return fmt.Errorf("find what to undo: %w", err)
		}
		if len(all) == 0 {
			return fault.New(fault.NotFound, "This has been undone already, or another owner was confirmed since.")
		}
		var components []any
		var before []string
		repositories := map[int64]bool{}
		for _, one := range all {
			uids, components = append(uids, one.uid), append(components, one.component)
			if one.replaced != "" {
				before = append(before, one.replaced)
			}
			repositories[one.repository] = true
		}
		n := len(components)
		if _, err := tx.Exec(ctx, `UPDATE owner_confirmation SET ended_at = $`+fmt.Sprint(n+2)+` WHERE component_id IN (`+store.Marks(1, n)+`) AND batch = $`+fmt.Sprint(n+1)+` AND ended_at = 0`,
			append(components, batch, store.Micros(f.p.Now()))...); err != nil {
			return fmt.Errorf("undo confirmed owners: %w", err)
		}
		if len(before) > 0 {
			if _, err := tx.Exec(ctx, `UPDATE owner_confirmation SET ended_at = 0 WHERE id IN (`+store.Marks(1, len(before))+`)`, store.Args(before)...); err != nil {
				return fmt.Errorf("bring back confirmed owners: %w", err)
			}
		}
		for repository := range repositories {
			if err := claim.Settle(ctx, tx, repository); err != nil {
				return err
			}
		}
		return audit.Append(ctx, tx, v, f.p.Now(), "component.disown", "component", uids[0], map[string]any{"components": uids, "batch": batch})
	})
	return uids, err
}
