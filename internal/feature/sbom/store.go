package sbom

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"steward/internal/feature/estate"
	"steward/internal/feature/sbom/reach"
	"steward/internal/feature/sbom/reading"
	"steward/internal/format/purl"
	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// chunk is how many rows or values one statement carries at most.
const chunk = 400

// writer is who reads components while a reading is stored.
var writer = access.System("storing packages")

// write replaces the rows of a repository, in the transaction of its reading.
// A reading that found the same as the last one writes nothing.
func write(ctx context.Context, tx *store.Tx, at estate.Target, r *reading.Reading) error {
	components, err := componentsOf(ctx, tx, at.RepositoryID, r)
	if err != nil {
		return err
	}
	before, err := reach.Lock(ctx, tx, at.RepositoryID)
	if err != nil {
		return err
	}
	digest := r.Digest(components)
	if before.Digest == digest && before.Counted == before.Visible {
		return nil
	}
	if len(r.Manifests) == 0 && before.Digest == "" {
		return nil
	}
	c := &reach.Change{From: before.Counted, To: before.Visible}
	if c.Old, c.Projects, err = reach.Stored(ctx, tx, at.RepositoryID); err != nil {
		return err
	}
	for _, table := range []string{"package_edge", "package_use", "manifest_read"} {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE repository_id = $1`, at.RepositoryID); err != nil {
			return fmt.Errorf("replace packages: %w", err)
		}
	}
	ids, err := packageIDs(ctx, tx, r)
	if err != nil {
		return err
	}
	if err := insertReading(ctx, tx, at, r, components, ids); err != nil {
		return err
	}
	c.Now = shareOf(r, components, ids)
	for _, m := range r.Manifests {
		if p := m.Makes(); p != "" && !m.Fixture {
			c.Projects = append(c.Projects, p)
		}
	}
	if err := c.Apply(ctx, tx); err != nil {
		return err
	}
	return reach.Keep(ctx, tx, at.RepositoryID, digest, before.Visible)
}

func shareOf(r *reading.Reading, components []int64, ids map[string]int64) reach.Tallies {
	t := reach.Tallies{}
	for i, m := range r.Manifests {
		if m.Fixture {
			continue
		}
		for _, u := range m.Uses {
			t.Add(ids[keyOf(u.Package)], components[i], store.Text(u.Package.Version), string(u.Scope), u.Direct)
		}
	}
	return t
}

// keyOf is the text by which a package is known.
func keyOf(p purl.PURL) string { return store.Text(p.Package().String()) }

// packageIDs gives every package of a reading its id, new ones too.
func packageIDs(ctx context.Context, tx *store.Tx, r *reading.Reading) (map[string]int64, error) {
	packages := map[string]purl.PURL{}
	for _, m := range r.Manifests {
		for _, u := range m.Uses {
			packages[keyOf(u.Package)] = u.Package.Package()
		}
	}
	keys := make([]string, 0, len(packages))
	for k := range packages {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	ids := make(map[string]int64, len(keys))
	for part := range slices.Chunk(keys, chunk) {
		if err := findIDs(ctx, tx, part, ids); err != nil {
			return nil, err
		}
	}
	keys = slices.DeleteFunc(keys, func(k string) bool { return ids[k] != 0 })
	_, err := tx.Insert(ctx, "package", []string{"uid", "purl", "type", "namespace", "name", "full_name", "full_key", "name_key"}, rowsOf(keys, func(k string) []any {
		p := packages[k]
		return []any{store.NewID(), k, p.Type, p.Namespace, p.Name, p.FullName(), strings.ToLower(p.FullName()), strings.ToLower(p.Name)}
	}))
	if err != nil {
		return nil, err
	}
	for part := range slices.Chunk(keys, chunk) {
		if err := findIDs(ctx, tx, part, ids); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

func findIDs(ctx context.Context, tx *store.Tx, keys []string, ids map[string]int64) error {
	rows, err := tx.Query(ctx, `SELECT id, purl FROM package WHERE purl IN (`+store.Marks(1, len(keys))+`)`, store.Args(keys)...)
	if err != nil {
		return fmt.Errorf("find packages: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var key string
		if err := rows.Scan(&id, &key); err != nil {
			return fmt.Errorf("find packages: %w", err)
		}
		ids[key] = id
	}
	return errors.Join(rows.Err(), rows.Close())
}

func insertReading(ctx context.Context, tx *store.Tx, at estate.Target, r *reading.Reading, components []int64, ids map[string]int64) error {
	_, err := tx.Insert(ctx, "manifest_read", []string{"repository_id", "seq", "path", "format", "ecosystem", "lock", "unresolved", "project", "component_id", "fixture", "uses", "scan_id"},
		func(yield func([]any) bool) {
			for i, m := range r.Manifests {
				if !yield([]any{at.RepositoryID, i + 1, m.Path, m.Format, m.Ecosystem, number(m.Lock), m.Unresolved, m.Makes(), components[i], number(m.Fixture), len(m.Uses), at.ScanID}) {
					return
				}
			}
		})
	if err != nil {
		return err
	}
	_, err = tx.Insert(ctx, "package_use", []string{"repository_id", "manifest_seq", "seq", "package_id", "component_id", "version", "requirement", "scope", "direct", "via", "through", "alias", "origin", "source", "line", "fixture", "scan_id"},
		func(yield func([]any) bool) {
			for i, m := range r.Manifests {
				for j, u := range m.Uses {
					through := int64(0)
					if from := m.Ways[j].From; from >= 0 {
						through = ids[keyOf(m.Uses[from].Package)]
					}
					if !yield([]any{
						at.RepositoryID, i + 1, j + 1, ids[keyOf(u.Package)], components[i], u.Package.Version, u.Requirement, string(u.Scope), number(u.Direct),
						m.Ways[j].Via + 1, through, u.Alias, string(u.Origin), u.From, u.Line, number(m.Fixture), at.ScanID,
					}) {
						return
					}
				}
			}
		})
	if err != nil {
		return err
	}
	_, err = tx.Insert(ctx, "package_edge", []string{"repository_id", "manifest_seq", "from_seq", "to_seq"}, func(yield func([]any) bool) {
		for i, m := range r.Manifests {
			for j, u := range m.Uses {
				for _, to := range u.DependsOn {
					if !yield([]any{at.RepositoryID, i + 1, j + 1, to + 1}) {
						return
					}
				}
			}
		}
	})
	return err
}

func rowsOf[T any](list []T, row func(T) []any) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for _, one := range list {
			if !yield(row(one)) {
				return
			}
		}
	}
}

func oneText(row store.Scanner) (string, error) {
	var s string
	err := row.Scan(&s)
	return s, err
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
