package sbom

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"steward/internal/feature/estate"
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
func (f *Feature) write(ctx context.Context, tx *store.Tx, at estate.Target, r *reading) error {
	components, err := componentsOf(ctx, tx, at.RepositoryID, r)
	if err != nil {
		return err
	}
	before, err := lockShare(ctx, tx, at.RepositoryID)
	if err != nil {
		return err
	}
	digest := r.digest(components)
	if before.digest == digest && before.counted == before.visible {
		return nil
	}
	if len(r.manifests) == 0 && before.digest == "" {
		return nil
	}
	change := &change{repository: at.RepositoryID, from: before.counted, to: before.visible}
	if change.old, change.projects, err = storedShare(ctx, tx, at.RepositoryID); err != nil {
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
	change.now = shareOf(r, components, ids)
	for _, m := range r.manifests {
		if p := m.project(); p != "" && !m.Fixture {
			change.projects = append(change.projects, p)
		}
	}
	if err := change.apply(ctx, tx); err != nil {
		return err
	}
	return putShare(ctx, tx, at.RepositoryID, digest, before.visible)
}

// share is what is known of how a repository is counted.
type share struct {
	digest  string
	counted string // visibility under which it is counted now; empty: nowhere
	visible string // under which it must be counted: its visibility, or empty when it was joined into another
}

// lockShare reads a repository's share and makes other changes of shares wait:
// roll-ups are rows that many repositories change, and one queue for them
// cannot end in a deadlock.
func lockShare(ctx context.Context, tx *store.Tx, repository int64) (share, error) {
	lock := ""
	if tx.Engine() == store.PostgreSQL {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(7110405)`); err != nil {
			return share{}, fmt.Errorf("wait for the roll-ups: %w", err)
		}
		lock = " FOR UPDATE"
	}
	var s share
	var joined int64
	if err := tx.QueryRow(ctx, `SELECT visibility, joined_into FROM repository WHERE id = $1`+lock, repository).Scan(&s.visible, &joined); err != nil {
		return s, fmt.Errorf("read who may see the repository: %w", err)
	}
	if joined != 0 {
		s.visible = ""
	}
	err := tx.QueryRow(ctx, `SELECT digest, counted FROM sbom_repository WHERE repository_id = $1`, repository).Scan(&s.digest, &s.counted)
	if err != nil && !errors.Is(err, store.ErrNoRows) {
		return s, fmt.Errorf("read what is stored: %w", err)
	}
	return s, nil
}

func putShare(ctx context.Context, tx *store.Tx, repository int64, digest, counted string) error {
	_, err := tx.Exec(ctx, `INSERT INTO sbom_repository (repository_id, digest, counted) VALUES ($1, $2, $3)
		ON CONFLICT (repository_id) DO UPDATE SET digest = excluded.digest, counted = excluded.counted`, repository, digest, counted)
	if err != nil {
		return fmt.Errorf("keep what is stored: %w", err)
	}
	return nil
}

// recount moves the share of a repository whose rows stay as they are.
func recount(ctx context.Context, tx *store.Tx, repository int64) error {
	before, err := lockShare(ctx, tx, repository)
	if err != nil {
		return err
	}
	if before.digest == "" || before.counted == before.visible {
		return nil
	}
	c := &change{repository: repository, from: before.counted, to: before.visible}
	if c.old, c.projects, err = storedShare(ctx, tx, repository); err != nil {
		return err
	}
	c.now = c.old
	if err := c.apply(ctx, tx); err != nil {
		return err
	}
	return putShare(ctx, tx, repository, before.digest, before.visible)
}

// storedShare reads what the stored rows of a repository contribute, and the
// projects that it makes.
func storedShare(ctx context.Context, tx *store.Tx, repository int64) (tallies, []string, error) {
	t := tallies{}
	rows, err := tx.Query(ctx, `SELECT package_id, component_id, version, scope, direct FROM package_use WHERE repository_id = $1 AND fixture = 0`, repository)
	if err != nil {
		return nil, nil, fmt.Errorf("read the packages so far: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var pkg, component, direct int64
		var version, scope string
		if err := rows.Scan(&pkg, &component, &version, &scope, &direct); err != nil {
			return nil, nil, fmt.Errorf("read the packages so far: %w", err)
		}
		t.add(pkg, component, version, scope, direct != 0)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, nil, fmt.Errorf("read the packages so far: %w", err)
	}
	projects, err := store.Collect(oneText)(tx.Query(ctx, `SELECT DISTINCT project FROM manifest_read WHERE repository_id = $1 AND fixture = 0 AND project <> ''`, repository))
	if err != nil {
		return nil, nil, fmt.Errorf("read the projects so far: %w", err)
	}
	return t, projects, nil
}

func oneText(row store.Scanner) (string, error) {
	var s string
	err := row.Scan(&s)
	return s, err
}

func shareOf(r *reading, components []int64, ids map[string]int64) tallies {
	t := tallies{}
	for i, m := range r.manifests {
		if m.Fixture {
			continue
		}
		for _, u := range m.Uses {
			t.add(ids[keyOf(u.Package)], components[i], store.Text(u.Package.Version), string(u.Scope), u.Direct)
		}
	}
	return t
}

// keyOf is the text by which a package is known.
func keyOf(p purl.PURL) string { return store.Text(p.Package().String()) }

// packageIDs gives every package of a reading its id, new ones too.
func packageIDs(ctx context.Context, tx *store.Tx, r *reading) (map[string]int64, error) {
	packages := map[string]purl.PURL{}
	for _, m := range r.manifests {
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
	rows, err := tx.Query(ctx, `SELECT id, purl FROM package WHERE purl IN (`+places(1, len(keys))+`)`, anys(keys)...)
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

func insertReading(ctx context.Context, tx *store.Tx, at estate.Target, r *reading, components []int64, ids map[string]int64) error {
	_, err := tx.Insert(ctx, "manifest_read", []string{"repository_id", "seq", "path", "format", "ecosystem", "lock", "unresolved", "project", "component_id", "fixture", "uses", "scan_id"},
		func(yield func([]any) bool) {
			for i, m := range r.manifests {
				if !yield([]any{at.RepositoryID, i + 1, m.Path, m.Format, m.Ecosystem, number(m.Lock), m.Unresolved, m.project(), components[i], number(m.Fixture), len(m.Uses), at.ScanID}) {
					return
				}
			}
		})
	if err != nil {
		return err
	}
	_, err = tx.Insert(ctx, "package_use", []string{"repository_id", "manifest_seq", "seq", "package_id", "component_id", "version", "requirement", "scope", "direct", "via", "through", "alias", "origin", "source", "line", "fixture", "scan_id"},
		func(yield func([]any) bool) {
			for i, m := range r.manifests {
				for j, u := range m.Uses {
					through := int64(0)
					if from := m.ways[j].from; from >= 0 {
						through = ids[keyOf(m.Uses[from].Package)]
					}
					if !yield([]any{at.RepositoryID, i + 1, j + 1, ids[keyOf(u.Package)], components[i], u.Package.Version, u.Requirement, string(u.Scope), number(u.Direct),
						m.ways[j].via + 1, through, u.Alias, string(u.Origin), u.From, u.Line, number(m.Fixture), at.ScanID}) {
						return
					}
				}
			}
		})
	if err != nil {
		return err
	}
	_, err = tx.Insert(ctx, "package_edge", []string{"repository_id", "manifest_seq", "from_seq", "to_seq"}, func(yield func([]any) bool) {
		for i, m := range r.manifests {
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

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// places gives n placeholders from $first on: "$3, $4".
func places(first, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", first+i)
	}
	return b.String()
}

func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i, one := range list {
		out[i] = one
	}
	return out
}
