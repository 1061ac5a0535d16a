package portfolio

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"steward/internal/feature/catalog/match"
	"steward/internal/platform/access"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
)

const applicationColumns = `a.id, a.key, a.name, a.tier, a.status, a.external, a.data_class, a.owner, a.owner_kind, a.cost_centre, a.unit_id, a.unit_from, a.unit_to, a.file, a.line, a.stated_at, a.gone_at`

func scanApplication(row store.Scanner) (Application, error) {
	var a Application
	var stated, gone int64
	err := row.Scan(&a.ID, &a.Key, &a.Name, &a.Tier, &a.Status, &a.External, &a.DataClass, &a.Owner, &a.OwnerKind, &a.CostCentre, &a.UnitID, &a.From, &a.To, &a.File, &a.Line, &stated, &gone)
	a.Stated, a.Gone = store.FromMicros(stated), store.FromMicros(gone)
	return a, err
}

const unitColumns = `u.id, u.kind, u.name, u.parent_id, u.place, u.file, u.line, u.stated_at, u.gone_at`

func scanUnit(row store.Scanner) (Unit, error) {
	var u Unit
	var stated, gone int64
	err := row.Scan(&u.ID, &u.Kind, &u.Name, &u.ParentID, &u.place, &u.File, &u.Line, &stated, &gone)
	u.Stated, u.Gone = store.FromMicros(stated), store.FromMicros(gone)
	return u, err
}

// load reads what is kept, and by which names what the viewer sees is found.
func load(ctx context.Context, r store.Reader, v access.Viewer) (stored, error) {
	old := stored{applications: map[string]Application{}, parts: map[string][]part{}, units: map[string]Unit{}, teams: map[string]bool{}}
	applications, err := store.Collect(scanApplication)(r.Query(ctx, `SELECT `+applicationColumns+` FROM application a`))
	if err != nil {
		return old, fmt.Errorf("load applications: %w", err)
	}
	for _, a := range applications {
		old.applications[strings.ToLower(a.Key)] = a
	}
	units, err := store.Collect(scanUnit)(r.Query(ctx, `SELECT `+unitColumns+` FROM unit u`))
	if err != nil {
		return old, fmt.Errorf("load units: %w", err)
	}
	for _, u := range units {
		old.units[u.place] = u
	}
	_, err = store.Collect(func(row store.Scanner) (struct{}, error) {
		var id string
		var p part
		err := row.Scan(&id, &p.Repository, &p.Component, &p.RepositoryID, &p.ComponentID, &p.file, &p.line, &p.stated)
		old.parts[id] = append(old.parts[id], p)
		return struct{}{}, err
	})(r.Query(ctx, `SELECT application_id, repository, component, repository_id, component_id, file, line, stated_at FROM application_part ORDER BY application_id, seq`))
	if err != nil {
		return old, fmt.Errorf("load parts of applications: %w", err)
	}
	_, err = store.Collect(func(row store.Scanner) (struct{}, error) {
		var handle, title string
		err := row.Scan(&handle, &title)
		old.teams[handle] = true
		if title != "" {
			old.teams[strings.ToLower(title)] = true
		}
		return struct{}{}, err
	})(r.Query(ctx, `SELECT handle, title FROM team`))
	if err != nil {
		return old, fmt.Errorf("load teams: %w", err)
	}
	old.index, err = match.Load(ctx, r, v)
	return old, err
}

// apply writes what makes a plan true.
func (w writes) apply(ctx context.Context, tx *store.Tx, now int64) error {
	if err := w.applyUnits(ctx, tx, now); err != nil {
		return fmt.Errorf("write units: %w", err)
	}
	if err := w.applyApplications(ctx, tx, now); err != nil {
		return fmt.Errorf("write applications: %w", err)
	}
	if err := w.applyParts(ctx, tx); err != nil {
		return fmt.Errorf("write what applications are made of: %w", err)
	}
	return nil
}

func (w writes) applyUnits(ctx context.Context, tx *store.Tx, now int64) error {
	_, err := tx.Insert(ctx, "unit", []string{"id", "kind", "name", "parent_id", "place", "file", "line", "stated_at"}, func(yield func([]any) bool) {
		for _, u := range w.units {
			if !yield([]any{u.ID, u.Kind, u.Name, u.ParentID, u.place, u.File, u.Line, store.Micros(u.Stated)}) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	_, err = tx.Insert(ctx, "unit_above", []string{"unit_id", "above_id"}, func(yield func([]any) bool) {
		for _, u := range w.units {
			for _, above := range u.above {
				if !yield([]any{u.ID, above}) {
					return
				}
			}
		}
	})
	if err == nil {
		err = forIDs(ctx, tx, `UPDATE unit SET gone_at = 0 WHERE id IN (%s)`, w.unitsBack)
	}
	if err == nil {
		err = forIDs(ctx, tx, fmt.Sprintf(`UPDATE unit SET gone_at = %d WHERE id IN (%%s)`, now), w.unitsEnded)
	}
	return err
}

func (w writes) applyApplications(ctx context.Context, tx *store.Tx, now int64) error {
	ids := make([]string, len(w.rows))
	for i, a := range w.rows {
		ids[i] = a.ID
	}
	if err := forIDs(ctx, tx, `DELETE FROM application WHERE id IN (%s)`, ids); err != nil {
		return err
	}
	_, err := tx.Insert(ctx, "application", []string{"id", "key", "folded", "name", "tier", "status", "external", "data_class", "owner", "owner_kind", "cost_centre", "unit_id", "unit_from", "unit_to", "file", "line", "stated_at"}, func(yield func([]any) bool) {
		for _, a := range w.rows {
			if !yield([]any{a.ID, a.Key, strings.ToLower(a.Key), a.Name, a.Tier, a.Status, a.External, a.DataClass, a.Owner, a.OwnerKind, a.CostCentre, a.UnitID, a.From, a.To, a.File, a.Line, store.Micros(a.Stated)}) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	if err := forIDs(ctx, tx, fmt.Sprintf(`UPDATE application SET gone_at = %d WHERE id IN (%%s)`, now), w.ended); err != nil {
		return err
	}
	for _, id := range w.ended {
		if err := search.Remove(ctx, tx, "application", id); err != nil {
			return err
		}
	}
	documents := make([]search.Document, len(w.rows))
	for i, a := range w.rows {
		documents[i] = search.Document{Kind: "application", ID: a.ID, URL: "/applications/" + a.ID, Visibility: access.Internal, Title: a.Name, Body: strings.Trim(a.Key+" · "+a.Owner, " ·"), Weight: 70}
	}
	return search.Put(ctx, tx, documents)
}

func (w writes) applyParts(ctx context.Context, tx *store.Tx) error {
	var ids []string
	for id := range w.parts {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	if err := forIDs(ctx, tx, `DELETE FROM application_part WHERE application_id IN (%s)`, ids); err != nil {
		return err
	}
	_, err := tx.Insert(ctx, "application_part", []string{"application_id", "seq", "repository", "component", "repository_id", "component_id", "file", "line", "stated_at"}, func(yield func([]any) bool) {
		for _, id := range ids {
			for seq, p := range w.parts[id] {
				if !yield([]any{id, int64(seq + 1), p.Repository, p.Component, p.RepositoryID, p.ComponentID, p.file, p.line, p.stated}) {
					return
				}
			}
		}
	})
	if err != nil {
		return err
	}
	for _, m := range w.left {
		if _, err := tx.Exec(ctx, `INSERT INTO application_unit (application_id, seq, unit_id, from_day, to_day)
			SELECT $1, COALESCE(MAX(seq), 0) + 1, $2, $3, $4 FROM application_unit WHERE application_id = $1`, m.application, m.unit, m.from, m.to); err != nil {
			return err
		}
	}
	return nil
}

// forIDs runs a statement for ids, many at a time.
func forIDs(ctx context.Context, tx *store.Tx, statement string, ids []string) error {
	for chunk := range slices.Chunk(ids, 500) {
		if _, err := tx.Exec(ctx, fmt.Sprintf(statement, store.Marks(1, len(chunk))), store.Args(chunk)...); err != nil {
			return err
		}
	}
	return nil
}
