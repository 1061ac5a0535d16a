// Package place keeps where repositories lie: which source names which location, what is missing (a
// location that no source finds, a repository without any location left), and what repositories
// are called after the places that they lie at.
//
// A look or a deed notes in a Change what it changed; what follows from it is worked out for that
// alone, so that it costs the same in a large estate as in a small one.
package place

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"steward/internal/platform/store"
)

// Given is SQL for the repositories r that were given: not joined into another one, and not gone
// before they were ever read, for then nothing is known of them.
const Given = `r.joined_into = 0 AND NOT (r.vanished_at > 0 AND r.read_at = 0)`

// batch is how many keys one statement names.
const batch = 500

// Change is what a transaction changed of places; the zero value is nothing.
type Change struct {
	repositories map[int64]bool
	remotes      map[string]bool
	bases        map[string]bool
}

// Repository notes that something about the places of a repository changed.
func (c *Change) Repository(id int64) { note(&c.repositories, id) }

// Remote notes that a remote has come to a place or gone from it; "" is none.
func (c *Change) Remote(remote string) {
	if remote != "" {
		note(&c.remotes, remote)
	}
}

// Gone notes that the repository that was called by an address is no more.
func (c *Change) Gone(address string) { note(&c.bases, Base(address)) }

// Repositories are those noted, in the order of their ids.
func (c *Change) Repositories() []int64 { return sorted(c.repositories) }

// Remotes are those noted, in their order.
func (c *Change) Remotes() []string { return sorted(c.remotes) }

func sorted[K cmp.Ordered](in map[K]bool) []K { return slices.Sorted(maps.Keys(in)) }

func note[K comparable](in *map[K]bool, key K) {
	if *in == nil {
		*in = map[K]bool{}
	}
	(*in)[key] = true
}

// Known is what is known of one place, and of the repository that lies there.
type Known struct {
	Location   string // id
	Repository int64
	Remote     string
	Missing    bool // from every source
	Named      bool // by the source that is looked at
	Lost       bool // a look at that source did not find it
	Reading    Reading
}

// Reading is how a repository was read last.
type Reading struct {
	State       string
	Fingerprint string
	Plan        string
}

// Settled reports whether there is nothing to read where content and analysers are still those.
func (r Reading) Settled() bool { return r.State == "read" || r.State == "empty" }

// Load returns what is known of the addresses that a look at a source found, and of those that the source named
// before, by address.
func Load(ctx context.Context, tx *store.Tx, source string, found []string) (map[string]Known, error) {
	all := make(map[string]Known, len(found))
	load := func(where string, args ...any) error {
		_, err := store.Collect(func(row store.Scanner) (address string, err error) {
			var k Known
			var missing, lost int64
			err = row.Scan(&address, &k.Location, &k.Repository, &k.Remote, &missing, &lost, &k.Reading.State, &k.Reading.Fingerprint, &k.Reading.Plan)
			k.Missing, k.Named, k.Lost = missing > 0, lost >= 0, lost > 0
			all[address] = k
			return address, err
		})(tx.Query(ctx, `SELECT l.address, l.id, l.repository_id, l.remote, l.missing_since, COALESCE(n.missing_since, -1), r.state, r.fingerprint, r.plan
			FROM location l JOIN repository r ON r.id = l.repository_id LEFT JOIN location_source n ON n.location_id = l.id AND n.source_id = $1 `+where, args...))
		if err != nil {
			return fmt.Errorf("load what is known of places: %w", err)
		}
		return nil
	}
	if err := load(`WHERE n.source_id = $1`, source); err != nil {
		return nil, err
	}
	others := slices.DeleteFunc(slices.Clone(found), func(address string) bool { return all[address].Named })
	for part := range slices.Chunk(others, batch) {
		if err := load(`WHERE l.address IN (`+store.Marks(2, len(part))+`)`, append([]any{source}, store.Args(part)...)...); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// ReadingOf is how a repository was read last.
func ReadingOf(ctx context.Context, tx *store.Tx, repository int64) (one Reading, err error) {
	err = tx.QueryRow(ctx, `SELECT state, fingerprint, plan FROM repository WHERE id = $1`, repository).Scan(&one.State, &one.Fingerprint, &one.Plan)
	if err != nil {
		return one, fmt.Errorf("find how a repository was read last: %w", err)
	}
	return one, nil
}

// PutNamed keeps that a source names a location.
func PutNamed(ctx context.Context, tx *store.Tx, location, source string) error {
	_, err := tx.Exec(ctx, `INSERT INTO location_source (location_id, source_id) VALUES ($1, $2)
		ON CONFLICT (location_id, source_id) DO UPDATE SET missing_since = 0`, location, source)
	if err != nil {
		return fmt.Errorf("put which source names a location: %w", err)
	}
	return nil
}

// MarkMissing marks those of the known locations that a source named and for which there says no; now is in µs.
func MarkMissing(ctx context.Context, tx *store.Tx, source string, known map[string]Known, there func(address string) bool, now int64, c *Change) error {
	var lost []string
	for address, k := range known {
		if k.Named && !k.Lost && !there(address) {
			lost = append(lost, k.Location)
		}
	}
	slices.Sort(lost)
	for part := range slices.Chunk(lost, batch) {
		_, err := tx.Exec(ctx, `UPDATE location_source SET missing_since = $1 WHERE source_id = $2 AND location_id IN (`+store.Marks(3, len(part))+`)`,
			append([]any{now, source}, store.Args(part)...)...)
		if err != nil {
			return fmt.Errorf("mark what a source does not find: %w", err)
		}
	}
	return markUnnamed(ctx, tx, lost, now, c)
}

// Release lets go of the locations that a source named; now is in µs.
func Release(ctx context.Context, tx *store.Tx, source string, now int64, c *Change) error {
	named, err := store.Collect(func(row store.Scanner) (id string, err error) { return id, row.Scan(&id) })(
		tx.Query(ctx, `DELETE FROM location_source WHERE source_id = $1 RETURNING location_id`, source))
	if err != nil {
		return fmt.Errorf("let go of what a source named: %w", err)
	}
	return markUnnamed(ctx, tx, named, now, c)
}

// markUnnamed marks those of some locations that no source finds any more.
func markUnnamed(ctx context.Context, tx *store.Tx, locations []string, now int64, c *Change) error {
	for part := range slices.Chunk(locations, batch) {
		_, err := store.Collect(func(row store.Scanner) (remote string, err error) {
			var repository int64
			err = row.Scan(&repository, &remote)
			c.Repository(repository)
			c.Remote(remote)
			return remote, err
		})(tx.Query(ctx, `UPDATE location SET missing_since = $1 WHERE missing_since = 0 AND id IN (`+store.Marks(2, len(part))+`) AND NOT EXISTS (
			SELECT 1 FROM location_source n WHERE n.location_id = location.id AND n.missing_since = 0) RETURNING repository_id, remote`, append([]any{now}, store.Args(part)...)...))
		if err != nil {
			return fmt.Errorf("mark what no source finds: %w", err)
		}
	}
	return nil
}

// MarkVanished sets and clears the mark of those repositories that have no location left; now is in µs.
func MarkVanished(ctx context.Context, tx *store.Tx, now int64, c *Change) error {
	const present = `EXISTS (SELECT 1 FROM location l WHERE l.repository_id = repository.id AND l.missing_since = 0)`
	for part := range slices.Chunk(c.Repositories(), batch) {
		if _, err := tx.Exec(ctx, `UPDATE repository SET vanished_at = $1 WHERE id IN (`+store.Marks(2, len(part))+`) AND vanished_at = 0 AND joined_into = 0 AND NOT `+present,
			append([]any{now}, store.Args(part)...)...); err != nil {
			return fmt.Errorf("mark vanished repositories: %w", err)
		}
		if _, err := tx.Exec(ctx, `UPDATE repository SET vanished_at = 0 WHERE id IN (`+store.Marks(1, len(part))+`) AND vanished_at > 0 AND `+present, store.Args(part)...); err != nil {
			return fmt.Errorf("clear the mark of vanished repositories: %w", err)
		}
	}
	return nil
}
