package claim

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"steward/internal/feature/estate/place"
	"steward/internal/feature/estate/snapshot"
	"steward/internal/platform/store"
)

// claimant is one place of a repository, as notes name it.
type claimant struct {
	repository                        int64
	remote, address, visibility, root string
	scan                              int64
}

// PutNotes renews what coverage says of different repositories that name one remote: one of them
// only claims it, and it is not known which. It does so for the repositories that changed, and for
// those that name a remote with them or named one that changed.
func PutNotes(ctx context.Context, tx *store.Tx, c *place.Change) error {
	remotes, err := gather(ctx, tx, `SELECT DISTINCT remote FROM location WHERE remote <> '' AND repository_id IN (%s)`, c.Repositories(), c.Remotes())
	if err != nil {
		return err
	}
	concerned, err := gather(ctx, tx, `SELECT DISTINCT repository_id FROM location WHERE remote IN (%s)`, remotes, c.Repositories())
	if err != nil {
		return err
	}
	if remotes, err = gather(ctx, tx, `SELECT DISTINCT remote FROM location WHERE remote <> '' AND repository_id IN (%s)`, concerned, []string(nil)); err != nil {
		return err
	}
	var all []claimant
	for part := range slices.Chunk(remotes, batch) {
		some, err := claimants(ctx, tx, part)
		if err != nil {
			return err
		}
		all = append(all, some...)
	}
	for part := range slices.Chunk(concerned, batch) {
		if _, err := tx.Exec(ctx, `DELETE FROM coverage_note WHERE source = 'claim' AND repository_id IN (`+store.Marks(1, len(part))+`)`, store.Args(part)...); err != nil {
			return fmt.Errorf("replace notes on remotes: %w", err)
		}
	}
	rows := slices.DeleteFunc(notes(all), func(row []any) bool {
		_, ours := slices.BinarySearch(concerned, row[0].(int64))
		return !ours
	})
	_, err = tx.Insert(ctx, "coverage_note", []string{"repository_id", "source", "seq", "kind", "path", "line", "reason", "scan_id"}, slices.Values(rows))
	return err
}

// gather adds to some values those that a query finds by keys.
func gather[K, V cmp.Ordered](ctx context.Context, tx *store.Tx, query string, keys []K, to []V) ([]V, error) {
	for part := range slices.Chunk(keys, batch) {
		some, err := store.Collect(func(row store.Scanner) (one V, err error) { return one, row.Scan(&one) })(
			tx.Query(ctx, fmt.Sprintf(query, store.Marks(1, len(part))), store.Args(part)...))
		if err != nil {
			return nil, fmt.Errorf("find who names a remote: %w", err)
		}
		to = append(to, some...)
	}
	slices.Sort(to)
	return slices.Compact(to), nil
}

// claimants are the places that name those of the remotes that several repositories name.
func claimants(ctx context.Context, tx *store.Tx, remotes []string) ([]claimant, error) {
	// What is fetched and was never read may turn out to be the same.
	const counts = `l.missing_since = 0 AND (l.address = l.path OR r.current_scan_id > 0)`
	all, err := store.Collect(func(row store.Scanner) (c claimant, err error) {
		return c, row.Scan(&c.repository, &c.remote, &c.address, &c.visibility, &c.root, &c.scan)
	})(tx.Query(ctx, `SELECT l.repository_id, l.remote, l.address, r.visibility, COALESCE((SELECT MIN(commit_id) FROM repository_root o WHERE o.repository_id = r.id), ''), r.current_scan_id
		FROM location l JOIN repository r ON r.id = l.repository_id WHERE `+counts+` AND l.remote IN (
			SELECT l.remote FROM location l JOIN repository r ON r.id = l.repository_id WHERE `+counts+` AND l.remote IN (`+store.Marks(1, len(remotes))+`)
			GROUP BY l.remote HAVING COUNT(DISTINCT l.repository_id) > 1)
		ORDER BY l.remote, l.repository_id, l.role, l.first_seen_at, l.id`, store.Args(remotes)...))
	if err != nil {
		return nil, fmt.Errorf("find repositories that name one remote: %w", err)
	}
	return all, nil
}

// notes makes a row for each repository that shares a remote with another one. Claimants come by
// remote and repository.
func notes(all []claimant) [][]any {
	var rows [][]any
	seq := map[int64]int{}
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].remote == all[0].remote {
			n++
		}
		group := slices.CompactFunc(all[:n:n], func(a, b claimant) bool { return a.repository == b.repository })
		for i, c := range group {
			other := group[0]
			if i == 0 && len(group) > 1 {
				other = group[1]
			}
			if other.repository == c.repository || (c.root != "" && c.root == other.root) {
				continue
			}
			rows = append(rows, []any{c.repository, "claim", seq[c.repository], string(snapshot.NoteUnresolved), "", 0, reason(c, other, len(group)-2), c.scan})
			seq[c.repository]++
		}
		all = all[n:]
	}
	return rows
}

func reason(c, other claimant, more int) string {
	place := other.address
	if other.visibility != c.visibility {
		place = "another repository"
	}
	if more > 0 {
		place += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("%s claims the same remote as %s, %s, but shares no commit that is known: both are kept. Correct the remote of the wrong one, or join them if they are one", c.address, place, c.remote)
}
