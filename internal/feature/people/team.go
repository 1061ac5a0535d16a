package people

import (
	"context"
	"fmt"
	"strings"

	"steward/internal/feature/estate"
	"steward/internal/feature/people/grouping"
	"steward/internal/feature/people/history"
	"steward/internal/feature/people/joining"
	"steward/internal/format/identity"
	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
)

// Team is a group that owns things, as owner files and catalogue entries name it.
type Team struct {
	ID      int64    `json:"-"`
	UID     string   `json:"id"`
	Handle  string   `json:"handle"` // lower case, without a leading @
	Title   string   `json:"title"`
	Sources []string `json:"sources"` // kinds of files that name it
}

// Name is the title, else the handle.
func (t Team) Name() string {
	if t.Title != "" {
		return t.Title
	}
	return t.Handle
}

const maxHandle = 200

// Handle is the canonical form of a team's handle or an account: lower case,
// one line, without a leading @; empty when nothing is left.
func Handle(s string) string {
	return strings.ToLower(history.Clean(strings.TrimLeft(strings.TrimSpace(s), "@"), maxHandle))
}

// Redeclare begins anew what the files of a repository say of teams and
// people. Call it once per reading, before the first PutTeam, Publish and
// PutMember: what the files no longer say is then gone, from search as well.
func Redeclare(ctx context.Context, tx *store.Tx, at estate.Target) error {
	teams, err := store.Collect(scanID)(tx.Query(ctx, `SELECT DISTINCT team_id FROM team_mention WHERE repository_id = $1`, at.RepositoryID))
	if err != nil {
		return fmt.Errorf("list the teams of a repository: %w", err)
	}
	for _, table := range []string{"team_mention", "team_member", "publication"} {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE repository_id = $1`, at.RepositoryID); err != nil {
			return fmt.Errorf("replace what files say of people: %w", err)
		}
	}
	return refreshTeams(ctx, tx, teams)
}

// PutTeam keeps that a file of the repository names a team and returns the
// team's id, which depends on the handle alone. Source is the kind of file
// ("CODEOWNERS"). With the zero Target the team was entered by a person: it
// then stays, whatever files say. An empty handle is fault.Invalid.
func PutTeam(ctx context.Context, tx *store.Tx, at estate.Target, handle, title, source string) (int64, error) {
	handle, title = Handle(handle), history.Clean(title, maxHandle)
	if handle == "" {
		return 0, fault.New(fault.Invalid, "A team needs a handle, such as org/team.")
	}
	id := history.DigestID("team", handle)
	_, err := tx.Exec(ctx, `INSERT INTO team (id, uid, handle, title) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE SET title = CASE WHEN excluded.title = '' THEN team.title ELSE excluded.title END`, id, store.NewID(), handle, title)
	if err == nil {
		_, err = tx.Exec(ctx, `INSERT INTO team_mention (team_id, repository_id, source) VALUES ($1, $2, $3) ON CONFLICT (team_id, repository_id, source) DO NOTHING`,
			id, at.RepositoryID, source)
	}
	if err != nil {
		return 0, fmt.Errorf("put team %q: %w", handle, err)
	}
	return id, refreshTeams(ctx, tx, []int64{id})
}

// DropTeam takes back a PutTeam with the zero Target.
func DropTeam(ctx context.Context, tx *store.Tx, team int64, source string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM team_mention WHERE team_id = $1 AND repository_id = 0 AND source = $2`, team, source); err != nil {
		return fmt.Errorf("drop team: %w", err)
	}
	return refreshTeams(ctx, tx, []int64{team})
}

// Publish keeps that an owner file of the repository names a person, and
// returns the person's id. Such a name may be shown where the firm shows names
// of owner files only. Any two of name, email and account (a login, with or
// without @) may be empty; all empty is fault.Invalid. The id is that of the
// person now; a later join may lead it on to another (person.merged_into).
func Publish(ctx context.Context, tx *store.Tx, at estate.Target, name, email, account string) (int64, error) {
	n := grouping.Named{Name: history.Clean(name, history.MaxName), Email: history.Clean(email, history.MaxEmail), Account: Handle(account)}
	if n == (grouping.Named{}) {
		return 0, fault.New(fault.Invalid, "A person needs a name, an address or an account.")
	}
	id := n.ID()
	domains, err := storedDomains(ctx, tx)
	if err != nil {
		return 0, err
	}
	kind, _ := identity.Classify(identity.Identity{Name: n.Name, Email: n.Email}, identity.Config{FirmDomains: domains})
	fresh, err := joining.Put(ctx, tx, at, []joining.Met{{ID: id, Named: n, Kind: kind}})
	if err == nil && len(fresh) > 0 {
		err = joining.Place(ctx, tx, fresh, domains, store.Micros(at.At))
	}
	if err == nil {
		_, err = tx.Exec(ctx, `INSERT INTO publication (identity_id, repository_id) VALUES ($1, $2) ON CONFLICT (identity_id, repository_id) DO NOTHING`, id, at.RepositoryID)
	}
	var now int64
	if err == nil {
		err = tx.QueryRow(ctx, `SELECT person_id FROM identity WHERE id = $1`, id).Scan(&now)
	}
	if err != nil {
		return 0, fmt.Errorf("publish a person of %s: %w", at.RepositoryUID, err)
	}
	return now, nil
}

// PutMember keeps that a file of the repository names a person as a member of
// a team. The person is what Publish returned in the same transaction.
func PutMember(ctx context.Context, tx *store.Tx, at estate.Target, team, person int64, source string) error {
	_, err := tx.Exec(ctx, `INSERT INTO team_member (team_id, identity_id, repository_id, source)
		SELECT CAST($1 AS bigint), i.id, CAST($3 AS bigint), CAST($4 AS text) FROM identity i JOIN publication b ON b.identity_id = i.id AND b.repository_id = $3 WHERE i.person_id = $2
		ON CONFLICT (team_id, identity_id, repository_id, source) DO NOTHING`, team, person, at.RepositoryID, source)
	if err != nil {
		return fmt.Errorf("put a member of a team: %w", err)
	}
	return nil
}

// FollowVisibility is the estate's hook: teams that only restricted
// repositories name are restricted too.
func FollowVisibility(ctx context.Context, tx *store.Tx, repository int64, _ string) error {
	teams, err := store.Collect(scanID)(tx.Query(ctx, `SELECT DISTINCT team_id FROM team_mention WHERE repository_id = $1`, repository))
	if err != nil {
		return fmt.Errorf("list the teams of a repository: %w", err)
	}
	return refreshTeams(ctx, tx, teams)
}

// refreshTeams writes the search documents of teams anew: with the widest
// visibility of what names them, or none when nothing does any more.
func refreshTeams(ctx context.Context, tx *store.Tx, teams []int64) error {
	type state struct {
		Team
		level int64 // 0 nothing names it, 1 restricted, 2 internal
	}
	for chunk := range chunks(teams, 400) {
		all, err := store.Collect(func(row store.Scanner) (state, error) {
			var s state
			err := row.Scan(&s.ID, &s.UID, &s.Handle, &s.Title, &s.level)
			return s, err
		})(tx.Query(ctx, `SELECT t.id, t.uid, t.handle, t.title, COALESCE(MAX(CASE WHEN m.repository_id = 0 OR r.visibility = 'internal' THEN 2 WHEN r.id IS NOT NULL THEN 1 ELSE 0 END), 0)
			FROM team t LEFT JOIN team_mention m ON m.team_id = t.id LEFT JOIN repository r ON r.id = m.repository_id AND r.joined_into = 0
			WHERE t.id IN (`+store.Marks(1, len(chunk))+`) GROUP BY t.id, t.uid, t.handle, t.title`, store.Args(chunk)...))
		if err != nil {
			return fmt.Errorf("look at teams: %w", err)
		}
		var docs []search.Document
		for _, s := range all {
			if s.level == 0 {
				if err := search.Remove(ctx, tx, "team", s.UID); err != nil {
					return err
				}
				continue
			}
			visibility := access.Restricted
			if s.level == 2 {
				visibility = access.Internal
			}
			docs = append(docs, search.Document{Kind: "team", ID: s.UID, URL: "/teams/" + s.UID, Visibility: visibility, Title: s.Name(), Body: s.Handle, Weight: 45})
		}
		if err := search.Put(ctx, tx, docs); err != nil {
			return err
		}
	}
	return nil
}

// FollowJoin is the estate's hook: a repository that was joined into another
// names no teams any more, one that was split off again does.
func FollowJoin(ctx context.Context, tx *store.Tx, repository int64) error {
	return FollowVisibility(ctx, tx, repository, "")
}
