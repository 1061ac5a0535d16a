package claim

import (
	"context"
	"fmt"
	"slices"

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
// only claims it, and it is not known which.
func PutNotes(ctx context.Context, tx *store.Tx) error {
	if _, err := tx.Exec(ctx, `DELETE FROM coverage_note WHERE source = 'claim'`); err != nil {
		return fmt.Errorf("replace notes on remotes: %w", err)
	}
	// What is fetched and was never read may turn out to be the same.
	const counts = `l.remote <> '' AND l.missing_since = 0 AND (l.address = l.path OR r.current_scan_id > 0)`
	all, err := store.Collect(func(row store.Scanner) (c claimant, err error) {
		return c, row.Scan(&c.repository, &c.remote, &c.address, &c.visibility, &c.root, &c.scan)
	})(tx.Query(ctx, `SELECT l.repository_id, l.remote, l.address, r.visibility, COALESCE((SELECT MIN(commit_id) FROM repository_root o WHERE o.repository_id = r.id), ''), r.current_scan_id
		FROM location l JOIN repository r ON r.id = l.repository_id WHERE `+counts+` AND l.remote IN (
			SELECT l.remote FROM location l JOIN repository r ON r.id = l.repository_id WHERE `+counts+` GROUP BY l.remote HAVING COUNT(DISTINCT l.repository_id) > 1)
		ORDER BY l.remote, l.repository_id, l.role, l.first_seen_at, l.id`))
	if err != nil {
		return fmt.Errorf("find repositories that name one remote: %w", err)
	}
	_, err = tx.Insert(ctx, "coverage_note", []string{"repository_id", "source", "seq", "kind", "path", "line", "reason", "scan_id"}, slices.Values(notes(all)))
	return err
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
