// Package reach keeps the roll-ups of packages: how many repositories,
// components and versions, over all repositories and over those that everybody
// with an account sees; and with them the marks of the estate's own packages
// and the search documents.
//
// Roll-ups follow by difference: a Change takes away what a repository
// contributed before and adds what it contributes now.
package reach

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strings"

	"steward/internal/feature/sbom/reading"
	"steward/internal/format/lockfile"
	"steward/internal/platform/access"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
)

// The reaches that roll-ups are kept for.
const (
	All      = "all"      // every repository
	Internal = "internal" // those that everybody with an account sees
)

// tally is what one repository contributes to the roll-up of one package.
type tally struct {
	components map[int64]*componentUse
	versions   map[string]map[int64]bool // components by version
	scope      lockfile.Scope
}

type componentUse struct{ direct, unpinned bool }

// Tallies are those of one repository, by package.
type Tallies map[int64]*tally

// Add counts one use of a package by a component.
func (t Tallies) Add(pkg, component int64, version, scope string, direct bool) {
	one := t[pkg]
	if one == nil {
		one = &tally{components: map[int64]*componentUse{}, versions: map[string]map[int64]bool{}, scope: lockfile.Scope(scope)}
		t[pkg] = one
	}
	use := one.components[component]
	if use == nil {
		use = &componentUse{}
		one.components[component] = use
	}
	use.direct = use.direct || direct
	use.unpinned = use.unpinned || version == ""
	one.scope = lockfile.Stronger(one.scope, lockfile.Scope(scope))
	if one.versions[version] == nil {
		one.versions[version] = map[int64]bool{}
	}
	one.versions[version][component] = true
}

// counts are the figures of package_reach, in the order of figures.
type counts [9]int64

// chunk is how many rows or values one statement carries at most.
const chunk = 400

const figures = "repositories, components, direct, unpinned, versions, production, optional, development, test"

func (t *tally) counts() counts {
	c := counts{0: 1, 1: int64(len(t.components))}
	for _, use := range t.components {
		c[2] += number(use.direct)
		c[3] += number(use.unpinned)
	}
	switch t.scope {
	case lockfile.Optional:
		c[6] = 1
	case lockfile.Development:
		c[7] = 1
	case lockfile.Test:
		c[8] = 1
	default:
		c[5] = 1
	}
	return c
}

// Change is what a repository contributed and contributes now.
type Change struct {
	From, To string // visibility under which it was and is counted; empty: nowhere
	Old, Now Tallies
	Projects []string // package URLs that it made or makes
}

// in says whether a repository of this visibility counts in a reach.
func in(reach, visibility string) bool {
	return visibility != "" && (reach == All || visibility == access.Internal)
}

// Apply brings roll-ups, marks and search documents up to date.
func (c *Change) Apply(ctx context.Context, tx *store.Tx) error {
	seen := map[int64]bool{} // packages whose document may have changed
	for _, reach := range []string{All, Internal} {
		d := &difference{reach: reach, counts: map[int64]counts{}, versions: map[versionKey]int64{}}
		if in(reach, c.From) {
			d.add(c.Old, -1)
		}
		if in(reach, c.To) {
			d.add(c.Now, 1)
		}
		if err := d.apply(ctx, tx, seen); err != nil {
			return fmt.Errorf("count packages (%s): %w", reach, err)
		}
		if err := markOurs(ctx, tx, reach, c.Projects, slices.Collect(maps.Keys(d.fresh))); err != nil {
			return err
		}
	}
	return putDocuments(ctx, tx, slices.Sorted(maps.Keys(seen)))
}

type versionKey struct {
	pkg     int64
	version string
}

// difference is what is added to the roll-ups of one reach.
type difference struct {
	reach    string
	counts   map[int64]counts
	versions map[versionKey]int64
	fresh    map[int64]bool // packages that come into the reach
}

func (d *difference) add(t Tallies, sign int64) {
	for pkg, one := range t {
		sum := d.counts[pkg]
		for i, n := range one.counts() {
			sum[i] += sign * n
		}
		d.counts[pkg] = sum
		for v, components := range one.versions {
			d.versions[versionKey{pkg, v}] += sign * int64(len(components))
		}
	}
}

func (d *difference) apply(ctx context.Context, tx *store.Tx, seen map[int64]bool) error {
	d.fresh = map[int64]bool{}
	keys := slices.SortedFunc(maps.Keys(d.versions), func(a, b versionKey) int {
		return cmp.Or(cmp.Compare(a.pkg, b.pkg), strings.Compare(a.version, b.version))
	})
	keys = slices.DeleteFunc(keys, func(k versionKey) bool { return d.versions[k] == 0 })
	for part := range slices.Chunk(keys, chunk) {
		if err := d.putVersions(ctx, tx, part); err != nil {
			return err
		}
	}
	packages := slices.Sorted(maps.Keys(d.counts))
	packages = slices.DeleteFunc(packages, func(pkg int64) bool { return d.counts[pkg] == counts{} })
	for part := range slices.Chunk(packages, chunk) {
		if err := d.putCounts(ctx, tx, part, seen); err != nil {
			return err
		}
	}
	return nil
}

// putVersions adds to package_version; versions that come or go change the
// number of versions of their package.
func (d *difference) putVersions(ctx context.Context, tx *store.Tx, keys []versionKey) error {
	var text strings.Builder
	text.WriteString(`INSERT INTO package_version (package_id, reach, version, components) VALUES `)
	args := make([]any, 0, 4*len(keys))
	for i, k := range keys {
		if i > 0 {
			text.WriteString(", ")
		}
		text.WriteString("(" + store.Marks(len(args)+1, 4) + ")")
		args = append(args, k.pkg, d.reach, k.version, d.versions[k])
	}
	text.WriteString(` ON CONFLICT (package_id, reach, version) DO UPDATE SET components = package_version.components + excluded.components RETURNING package_id, version, components`)
	rows, err := tx.Query(ctx, text.String(), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	gone := map[int64]bool{}
	for rows.Next() {
		var k versionKey
		var after int64
		if err := rows.Scan(&k.pkg, &k.version, &after); err != nil {
			return err
		}
		before := after - d.versions[k]
		if after <= 0 {
			gone[k.pkg] = true
		}
		if k.version != "" && (before > 0) != (after > 0) {
			sum := d.counts[k.pkg]
			sum[4] += map[bool]int64{true: 1, false: -1}[after > 0]
			d.counts[k.pkg] = sum
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || len(gone) == 0 {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM package_version WHERE reach = $1 AND components <= 0 AND package_id IN (`+store.Marks(2, len(gone))+`)`,
		append([]any{d.reach}, store.Args(slices.Sorted(maps.Keys(gone)))...)...)
	return err
}

// putCounts adds to package_reach and drops what nobody uses any more.
func (d *difference) putCounts(ctx context.Context, tx *store.Tx, packages []int64, seen map[int64]bool) error {
	names := strings.Split(figures, ", ")
	sums := make([]string, len(names))
	for i, name := range names {
		sums[i] = name + " = package_reach." + name + " + excluded." + name
	}
	var text strings.Builder
	text.WriteString(`INSERT INTO package_reach (reach, package_id, ` + figures + `) VALUES `)
	args := make([]any, 0, (2+len(names))*len(packages))
	for i, pkg := range packages {
		if i > 0 {
			text.WriteString(", ")
		}
		text.WriteString("(" + store.Marks(len(args)+1, 2+len(names)) + ")")
		args = append(args, d.reach, pkg)
		for _, n := range d.counts[pkg] {
			args = append(args, n)
		}
	}
	text.WriteString(` ON CONFLICT (reach, package_id) DO UPDATE SET ` + strings.Join(sums, ", ") + ` RETURNING package_id, repositories`)
	rows, err := tx.Query(ctx, text.String(), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	gone := false
	for rows.Next() {
		var pkg, after int64
		if err := rows.Scan(&pkg, &after); err != nil {
			return err
		}
		before := after - d.counts[pkg][0]
		gone = gone || after <= 0
		if before <= 0 && after > 0 {
			d.fresh[pkg] = true
		}
		if (before > 0) != (after > 0) || weight(before) != weight(after) {
			seen[pkg] = true
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || !gone {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM package_reach WHERE reach = $1 AND repositories <= 0 AND package_id IN (`+store.Marks(2, len(packages))+`)`, append([]any{d.reach}, store.Args(packages)...)...)
	return err
}

// markOurs sets which packages the estate makes itself: those named by a
// project of this repository, before or now, and those that are new in the reach.
func markOurs(ctx context.Context, tx *store.Tx, reach string, projects []string, fresh []int64) error {
	visible := ""
	if reach == Internal {
		visible = ` AND r.visibility = 'internal'`
	}
	update := `UPDATE package_reach SET ours = CASE WHEN EXISTS (SELECT 1 FROM package p JOIN manifest_read m ON m.project = p.purl JOIN repository r ON r.id = m.repository_id
		WHERE p.id = package_reach.package_id AND m.project <> '' AND m.fixture = 0 AND r.joined_into = 0` + visible + `) THEN 1 ELSE 0 END WHERE reach = $1 AND package_id IN (`
	slices.Sort(projects)
	for part := range slices.Chunk(slices.Compact(projects), chunk) {
		if _, err := tx.Exec(ctx, update+`SELECT id FROM package WHERE purl IN (`+store.Marks(2, len(part))+`))`, append([]any{reach}, store.Args(part)...)...); err != nil {
			return fmt.Errorf("mark the estate's own packages: %w", err)
		}
	}
	slices.Sort(fresh)
	for part := range slices.Chunk(fresh, chunk) {
		if _, err := tx.Exec(ctx, update+store.Marks(2, len(part))+`)`, append([]any{reach}, store.Args(part)...)...); err != nil {
			return fmt.Errorf("mark the estate's own packages: %w", err)
		}
	}
	return nil
}

// weight is how much a package that n repositories use counts in search; it
// changes with the order of magnitude only, so that documents seldom do.
func weight(n int64) int { return 20 + min(2*bits.Len64(uint64(max(n, 0))), 25) }

// putDocuments writes or drops the search documents of packages. One that only
// restricted repositories use is restricted.
func putDocuments(ctx context.Context, tx *store.Tx, packages []int64) error {
	for part := range slices.Chunk(packages, chunk) {
		type found struct {
			uid, name, typ string
			all, internal  int64
		}
		docs, err := store.Collect(func(row store.Scanner) (found, error) {
			var one found
			err := row.Scan(&one.uid, &one.name, &one.typ, &one.all, &one.internal)
			return one, err
		})(tx.Query(ctx, `SELECT p.uid, p.full_name, p.type, COALESCE(a.repositories, 0), COALESCE(i.repositories, 0) FROM package p
			LEFT JOIN package_reach a ON a.package_id = p.id AND a.reach = 'all' LEFT JOIN package_reach i ON i.package_id = p.id AND i.reach = 'internal'
			WHERE p.id IN (`+store.Marks(1, len(part))+`) ORDER BY p.id`, store.Args(part)...))
		if err != nil {
			return fmt.Errorf("list packages for search: %w", err)
		}
		for _, one := range docs {
			if one.all <= 0 {
				err = search.Remove(ctx, tx, "package", one.uid)
			} else {
				// The weight of what everybody sees must not tell of repositories that only some see.
				visibility, users := access.Internal, one.internal
				if one.internal <= 0 {
					visibility, users = access.Restricted, one.all
				}
				err = search.Put(ctx, tx, []search.Document{{
					Kind: "package", ID: one.uid, URL: "/packages/" + one.uid, Visibility: visibility,
					Title: one.name, Body: reading.EcosystemName(one.typ) + " package", Weight: weight(users),
				}})
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// Share is what is known of how a repository is counted.
type Share struct {
	Digest  string
	Counted string // visibility under which it is counted now; empty: nowhere
	Visible string // under which it must be counted: its visibility, or empty when it was joined into another
}

// Lock reads a repository's share and makes other changes of shares wait:
// roll-ups are rows that many repositories change, and one queue for them
// cannot end in a deadlock.
func Lock(ctx context.Context, tx *store.Tx, repository int64) (Share, error) {
	lock := ""
	if tx.Engine() == store.PostgreSQL {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(7110405)`); err != nil {
			return Share{}, fmt.Errorf("wait for the roll-ups: %w", err)
		}
		lock = " FOR UPDATE"
	}
	var s Share
	var joined int64
	if err := tx.QueryRow(ctx, `SELECT visibility, joined_into FROM repository WHERE id = $1`+lock, repository).Scan(&s.Visible, &joined); err != nil {
		return s, fmt.Errorf("read who may see the repository: %w", err)
	}
	if joined != 0 {
		s.Visible = ""
	}
	err := tx.QueryRow(ctx, `SELECT digest, counted FROM sbom_repository WHERE repository_id = $1`, repository).Scan(&s.Digest, &s.Counted)
	if err != nil && !errors.Is(err, store.ErrNoRows) {
		return s, fmt.Errorf("read what is stored: %w", err)
	}
	return s, nil
}

// Keep remembers what is stored of a repository and under which visibility it is counted.
func Keep(ctx context.Context, tx *store.Tx, repository int64, digest, counted string) error {
	_, err := tx.Exec(ctx, `INSERT INTO sbom_repository (repository_id, digest, counted) VALUES ($1, $2, $3)
		ON CONFLICT (repository_id) DO UPDATE SET digest = excluded.digest, counted = excluded.counted`, repository, digest, counted)
	if err != nil {
		return fmt.Errorf("keep what is stored: %w", err)
	}
	return nil
}

// Recount moves the share of a repository whose rows stay as they are.
func Recount(ctx context.Context, tx *store.Tx, repository int64) error {
	before, err := Lock(ctx, tx, repository)
	if err != nil {
		return err
	}
	if before.Digest == "" || before.Counted == before.Visible {
		return nil
	}
	c := &Change{From: before.Counted, To: before.Visible}
	if c.Old, c.Projects, err = Stored(ctx, tx, repository); err != nil {
		return err
	}
	c.Now = c.Old
	if err := c.Apply(ctx, tx); err != nil {
		return err
	}
	return Keep(ctx, tx, repository, before.Digest, before.Visible)
}

// Stored reads what the stored rows of a repository contribute, and the
// projects that it makes.
func Stored(ctx context.Context, tx *store.Tx, repository int64) (Tallies, []string, error) {
	t := Tallies{}
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
		t.Add(pkg, component, version, scope, direct != 0)
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

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Of names the roll-ups that a viewer reads; empty when none.
func Of(v access.Viewer) string {
	switch {
	case v.Can(access.ReadRestricted):
		return All
	case v.Can(access.ReadEstate):
		return Internal
	}
	return ""
}

// UsesByComponent is the table of which component uses which package, test data left out, for
// features that count over components.
const UsesByComponent = `(SELECT repository_id, component_id, package_id FROM package_use WHERE fixture = 0)`
