package people

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"steward/internal/format/identity"
	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// Place is a repository that a person or a team has to do with. It holds no counts.
type Place struct {
	UID   string `json:"id"`
	Name  string `json:"name"`
	Years string `json:"years,omitempty"` // "2019 to 2026"; only where names are shown
}

// Person is one person in full, as far as it may be shown.
type Person struct {
	Shown
	Teams        []Team       `json:"teams"`
	Repositories []Place      `json:"repositories"`
	Identities   []Identity   `json:"identities,omitempty"` // only for those who may link records, where names are shown
	Suggestions  []Suggestion `json:"suggestions,omitempty"`
}

// Identity is one name with an address, and why it belongs to the person.
type Identity struct {
	ID       int64    `json:"-"`
	Name     string   `json:"name"`
	Email    string   `json:"email"`
	Account  string   `json:"account,omitempty"`
	Kind     string   `json:"kind"`
	Evidence []string `json:"evidence"` // in words; empty for the only one
}

// Suggestion is another person that may be the same.
type Suggestion struct {
	Shown
	Evidence string `json:"evidence"`
}

// Person reads one person.
func (f *Feature) Person(ctx context.Context, v access.Viewer, uid string) (Person, error) {
	s, err := f.sight(ctx, v)
	if err != nil {
		return Person{}, err
	}
	p := Person{}
	if p.Shown, err = f.person(ctx, s, uid); err != nil {
		return p, err
	}
	if p.Teams, err = f.teams(ctx, v, `t.id IN (SELECT tm.team_id FROM team_member tm JOIN identity mi ON mi.id = tm.identity_id JOIN repository mr ON mr.id = tm.repository_id
		WHERE mi.person_id = $1 AND mr.joined_into = 0 AND `+v.Where("mr.visibility")+`)`, p.ID); err != nil {
		return p, err
	}
	if p.Repositories, err = f.placesOf(ctx, s, p.ID); err != nil {
		return p, err
	}
	if s.mode != all || !v.Can(access.LinkRecords) {
		return p, nil
	}
	if p.Identities, err = f.identities(ctx, p.ID); err != nil {
		return p, err
	}
	p.Suggestions, err = f.suggestions(ctx, s, p.ID)
	return p, err
}

// placesOf are the repositories that a person worked on where names are shown,
// else those whose files name the person.
func (f *Feature) placesOf(ctx context.Context, s sight, person int64) ([]Place, error) {
	sql := `SELECT r.uid, r.name, 0, 0 FROM publication b JOIN identity i ON i.id = b.identity_id JOIN repository r ON r.id = b.repository_id
		WHERE i.person_id = $1 AND r.joined_into = 0 AND ` + s.viewer.Where("r.visibility") + ` GROUP BY r.uid, r.name ORDER BY r.name, r.uid LIMIT 200`
	if s.mode == all {
		sql = `SELECT r.uid, r.name, COALESCE(MIN(NULLIF(c.first_at, 0)), 0), MAX(c.last_at) FROM contributor c JOIN identity i ON i.id = c.identity_id JOIN repository r ON r.id = c.repository_id
			WHERE i.person_id = $1 AND r.joined_into = 0 AND ` + s.viewer.Where("r.visibility") + ` GROUP BY r.uid, r.name ORDER BY r.name, r.uid LIMIT 200`
	}
	places, err := store.Collect(func(row store.Scanner) (Place, error) {
		var p Place
		var first, last int64
		err := row.Scan(&p.UID, &p.Name, &first, &last)
		if first > 0 && last > 0 {
			from, to := store.FromMicros(first).Year(), store.FromMicros(last).Year()
			if p.Years = fmt.Sprint(from); to != from {
				p.Years = fmt.Sprintf("%d to %d", from, to)
			}
		}
		return p, err
	})(f.db.Query(ctx, sql, person))
	if err != nil {
		return nil, fmt.Errorf("list the repositories of a person: %w", err)
	}
	return places, nil
}

// identities lists the names and addresses of a person with the evidence,
// which is worked out from them and stored nowhere.
func (f *Feature) identities(ctx context.Context, person int64) ([]Identity, error) {
	all, err := store.Collect(func(row store.Scanner) (Identity, error) {
		var one Identity
		var byHand int64
		err := row.Scan(&one.ID, &one.Name, &one.Email, &one.Account, &one.Kind, &byHand)
		one.Evidence = []string{}
		if byHand > 0 {
			one.Evidence = append(one.Evidence, "joined by hand")
		}
		return one, err
	})(f.db.Query(ctx, `SELECT i.id, n.name, n.email, n.account, i.kind, (SELECT COUNT(*) FROM identity_join j WHERE j.identity_id = i.id OR j.other_id = i.id)
		FROM identity i JOIN person_name n ON n.identity_id = i.id WHERE i.person_id = $1 ORDER BY n.email_key, n.name, i.id LIMIT 200`, person))
	if err != nil {
		return nil, fmt.Errorf("list identities: %w", err)
	}
	pairs := make([]identity.Identity, 0, len(all))
	for _, one := range all {
		if one.Name != "" || one.Email != "" {
			pairs = append(pairs, identity.Identity{Name: one.Name, Email: one.Email})
		}
	}
	groups, _ := identity.Group(pairs, identity.Config{MaxIdentities: 1000})
	for _, g := range groups {
		for _, j := range g.Joins {
			for i := range all {
				for _, pair := range j.Identities {
					if pair.Name == all[i].Name && pair.Email == all[i].Email {
						all[i].Evidence = append(all[i].Evidence, "same "+string(j.Rule)+" "+j.Value)
					}
				}
			}
		}
	}
	for i := range all {
		if all[i].Account != "" && len(all) > 1 {
			all[i].Evidence = append(all[i].Evidence, "same account "+all[i].Account)
		}
	}
	return all, nil
}

// suggestions are other persons that share something which the rules do not
// join by: the part of an address before the @, or a full name that was refused.
func (f *Feature) suggestions(ctx context.Context, s sight, person int64) ([]Suggestion, error) {
	found, err := store.Collect(func(row store.Scanner) (Suggestion, error) {
		var one Suggestion
		var local, name string
		var err error
		one.Shown, err = scanShown(suffixed{row, []any{&local, &name}})
		one.Evidence = "same name " + name
		if local != "" {
			one.Evidence = "same address before the @: " + local
		}
		return one, err
	})(f.db.Query(ctx, `SELECT `+shownColumns+`, alike.local_key, alike.name_key FROM `+s.from()+` JOIN (
			SELECT i.person_id, MAX(CASE WHEN o.local_key = n.local_key THEN n.local_key ELSE '' END) AS local_key, MAX(CASE WHEN o.name_key = n.name_key THEN n.name_key ELSE '' END) AS name_key
			FROM identity oi JOIN person_name o ON o.identity_id = oi.id
			JOIN person_name n ON (n.local_key = o.local_key AND o.local_key <> '') OR (n.name_key = o.name_key AND o.name_key <> '')
			JOIN identity i ON i.id = n.identity_id AND i.person_id <> oi.person_id
			WHERE oi.person_id = $1 GROUP BY i.person_id) alike ON alike.person_id = s.id
		WHERE s.kind <> 'service' ORDER BY s.name, s.id LIMIT 6`, person))
	if err != nil {
		return nil, fmt.Errorf("look for the same person: %w", err)
	}
	return found, nil
}

// suffixed scans more columns after the others.
type suffixed struct {
	row  store.Scanner
	last []any
}

// Scan copies the columns of the row.
func (p suffixed) Scan(dest ...any) error { return p.row.Scan(append(dest, p.last...)...) }

// Team reads one team that some repository which the viewer may see names.
func (f *Feature) Team(ctx context.Context, v access.Viewer, uid string) (Team, error) {
	found, err := f.teams(ctx, v, `t.uid = $1`, uid)
	if err != nil {
		return Team{}, err
	}
	if len(found) == 0 {
		return Team{}, fault.New(fault.NotFound, "There is no such team, or you may not see what names it.")
	}
	return found[0], nil
}

// teamNamed is the condition that something which the viewer may see names the team t.
func teamNamed(v access.Viewer) string {
	return `EXISTS (SELECT 1 FROM team_mention m LEFT JOIN repository r ON r.id = m.repository_id
		WHERE m.team_id = t.id AND (m.repository_id = 0 OR (r.joined_into = 0 AND ` + v.Where("r.visibility") + `)))`
}

func (f *Feature) teams(ctx context.Context, v access.Viewer, where string, args ...any) ([]Team, error) {
	rows, err := f.db.Query(ctx, `SELECT t.id, t.uid, t.handle, t.title, m.source FROM team t JOIN team_mention m ON m.team_id = t.id LEFT JOIN repository r ON r.id = m.repository_id
		WHERE (m.repository_id = 0 OR (r.joined_into = 0 AND `+v.Where("r.visibility")+`)) AND `+where+` GROUP BY t.id, t.uid, t.handle, t.title, m.source ORDER BY t.handle, m.source`, args...)
	if err != nil {
		return nil, fmt.Errorf("list teams: %w", err)
	}
	defer rows.Close()
	found := []Team{}
	for rows.Next() {
		var t Team
		var source string
		if err := rows.Scan(&t.ID, &t.UID, &t.Handle, &t.Title, &source); err != nil {
			return nil, fmt.Errorf("list teams: %w", err)
		}
		if n := len(found); n == 0 || found[n-1].ID != t.ID {
			found = append(found, t)
		}
		last := &found[len(found)-1]
		last.Sources = append(last.Sources, source)
	}
	return found, errors.Join(rows.Err())
}

// Members lists the members of a team that files name and that may be shown.
func (f *Feature) Members(ctx context.Context, v access.Viewer, t Team) ([]Shown, error) {
	s, err := f.sight(ctx, v)
	if err != nil {
		return nil, err
	}
	members, err := store.Collect(scanShown)(f.db.Query(ctx, `SELECT `+shownColumns+` FROM `+s.from()+` WHERE s.id IN (
		SELECT i.person_id FROM team_member tm JOIN identity i ON i.id = tm.identity_id JOIN repository r ON r.id = tm.repository_id
		WHERE tm.team_id = $1 AND r.joined_into = 0 AND `+v.Where("r.visibility")+`) ORDER BY s.name, s.id LIMIT 500`, t.ID))
	if err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	return members, nil
}

// namedBy lists the repositories whose files name a team.
func (f *Feature) namedBy(ctx context.Context, v access.Viewer, t Team) ([]Place, error) {
	places, err := store.Collect(func(row store.Scanner) (Place, error) {
		var p Place
		err := row.Scan(&p.UID, &p.Name)
		return p, err
	})(f.db.Query(ctx, `SELECT r.uid, r.name FROM team_mention m JOIN repository r ON r.id = m.repository_id
		WHERE m.team_id = $1 AND r.joined_into = 0 AND `+v.Where("r.visibility")+` GROUP BY r.uid, r.name ORDER BY r.name, r.uid LIMIT 200`, t.ID))
	if err != nil {
		return nil, fmt.Errorf("list what names a team: %w", err)
	}
	return places, nil
}

// sourceWords writes kinds of files as people read them.
func sourceWords(sources []string) string { return strings.Join(sources, ", ") }
