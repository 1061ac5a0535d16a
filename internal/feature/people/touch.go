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

// LastSeen says when teams, through the members that files name, and persons
// changed something in a repository last. Whoever is known by commits to other
// repositories alone counts as seen when the history of this one began; whoever
// no history knows is in neither map. As with Touches it is for rules.
func LastSeen(ctx context.Context, r store.Reader, v access.Viewer, repositoryID int64, teams, persons []int64) (byTeam, byPerson map[int64]time.Time, err error) {
	var began int64
	if err := r.QueryRow(ctx, `SELECT COALESCE(MIN(NULLIF(c.first_at, 0)), 0) FROM contributor c JOIN repository r ON r.id = c.repository_id WHERE c.repository_id = $1 AND `+v.Where("r.visibility"), repositoryID).Scan(&began); err != nil {
		return nil, nil, fmt.Errorf("find when a history began: %w", err)
	}
	const last, work = `MAX(CASE WHEN c.repository_id = $1 THEN c.last_at ELSE 0 END)`, ` JOIN contributor c ON c.identity_id = i.id JOIN repository r ON r.id = c.repository_id WHERE `
	if byTeam, err = seen(ctx, r, repositoryID, began, teams, `SELECT m.team_id, `+last+` FROM team_member m JOIN identity mi ON mi.id = m.identity_id JOIN identity i ON i.person_id = mi.person_id`+
		work+v.Where("r.visibility")+` AND m.team_id IN (`, `) GROUP BY m.team_id`); err != nil {
		return nil, nil, err
	}
	byPerson, err = seen(ctx, r, repositoryID, began, persons, `SELECT p.id, `+last+` FROM person p JOIN identity i ON i.person_id = CASE WHEN p.merged_into > 0 THEN p.merged_into ELSE p.id END`+
		work+v.Where("r.visibility")+` AND p.id IN (`, `) GROUP BY p.id`)
	return byTeam, byPerson, err
}

// seen asks for many ids, between the two parts of a statement.
func seen(ctx context.Context, r store.Reader, repository, began int64, ids []int64, before, after string) (map[int64]time.Time, error) {
	out := make(map[int64]time.Time, len(ids))
	for chunk := range chunks(ids, 400) {
		found, err := store.Collect(func(row store.Scanner) (one [2]int64, err error) { return one, row.Scan(&one[0], &one[1]) })(
			r.Query(ctx, before+store.Marks(2, len(chunk))+after, append([]any{repository}, store.Args(chunk)...)...))
		if err != nil {
			return nil, fmt.Errorf("find when owners were seen: %w", err)
		}
		for _, one := range found {
			if at := max(one[1], began); at > 0 {
				out[one[0]] = store.FromMicros(at)
			}
		}
	}
	return out, nil
}
