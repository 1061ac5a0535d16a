package people

import (
	"context"
	"fmt"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// Touch is how often one identity changed one part of a repository.
type Touch struct {
	Root       string // component root; "" is the whole rest
	IdentityID int64
	PersonID   int64
	TeamID     int64  // the team that the person is a member of; 0 when none or several
	Kind       string // of the person: ours or unknown
	Commits    int64  // without bulk and reformatting ones
	First      time.Time
	Last       time.Time
}

// Touches lists who changed what in a repository, for working out owners: no
// bots, no bulk and reformatting commits, nobody from outside the firm. It
// holds ids only and is for rules, not for showing: pages show people through
// Feature.Names.
func Touches(ctx context.Context, r store.Reader, v access.Viewer, repositoryID int64) ([]Touch, error) {
	all, err := store.Collect(func(row store.Scanner) (Touch, error) {
		var t Touch
		var first, last int64
		err := row.Scan(&t.Root, &t.IdentityID, &t.PersonID, &t.TeamID, &t.Kind, &t.Commits, &first, &last)
		t.First, t.Last = store.FromMicros(first), store.FromMicros(last)
		return t, err
	})(r.Query(ctx, `SELECT c.root, c.identity_id, i.person_id, COALESCE(m.team_id, 0), p.kind, c.commits, c.first_at, c.last_at
		FROM contribution c JOIN repository r ON r.id = c.repository_id JOIN identity i ON i.id = c.identity_id JOIN person p ON p.id = i.person_id
		LEFT JOIN (SELECT mi.person_id, MIN(tm.team_id) AS team_id FROM team_member tm JOIN identity mi ON mi.id = tm.identity_id
			GROUP BY mi.person_id HAVING COUNT(DISTINCT tm.team_id) = 1) m ON m.person_id = i.person_id
		WHERE c.repository_id = $1 AND c.commits > 0 AND i.kind <> 'service' AND p.kind NOT IN ('service', 'outside') AND `+v.Where("r.visibility")+`
		ORDER BY c.root, c.commits DESC, c.identity_id`, repositoryID))
	if err != nil {
		return nil, fmt.Errorf("list who changed what: %w", err)
	}
	return all, nil
}
