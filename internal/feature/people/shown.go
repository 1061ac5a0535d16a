package people

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"steward/internal/platform/access"
	"steward/internal/platform/config"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// The modes of the setting people.mode.
const (
	off  = config.PeopleOff
	team = config.PeopleTeam
	all  = config.PeopleNamed
)

// sight is what one viewer may see of people now. Everything that shows people
// or groups of them asks it; nothing else looks at the setting.
type sight struct {
	viewer access.Viewer
	mode   config.PeopleMode
}

// sight reads the setting.
func (f *Feature) sight(ctx context.Context, v access.Viewer) (sight, error) {
	values, err := f.p.Settings.Values(ctx)
	if err != nil {
		return sight{viewer: v, mode: off}, fmt.Errorf("read how people are shown: %w", err)
	}
	s := sight{viewer: v, mode: values.People}
	if s.mode != team && s.mode != all {
		s.mode = off
	}
	return s, nil
}

// Persons as a mode shows them; {visible …} is the access condition. With team
// a name is what the file has, never the name or address of commits.
const (
	namedPersons = `(SELECT p.id, p.uid, n.label AS name, p.kind, ` + oneTeam + ` AS team
		FROM ` + oneByOne + ` AND p.merged_into = 0 AND (EXISTS (SELECT 1 FROM identity i JOIN contributor c ON c.identity_id = i.id JOIN repository r ON r.id = c.repository_id
			WHERE i.person_id = p.id AND r.joined_into = 0 AND {visible r.visibility})
			OR EXISTS (SELECT 1 FROM identity i JOIN publication b ON b.identity_id = i.id JOIN repository r ON r.id = b.repository_id
			WHERE i.person_id = p.id AND r.joined_into = 0 AND {visible r.visibility}))) s`
	publishedPersons = `(SELECT p.id, p.uid, MIN(n.label) AS name, MIN(i.kind) AS kind, ` + oneTeam + ` AS team
		FROM publication b JOIN repository r ON r.id = b.repository_id JOIN identity i ON i.id = b.identity_id JOIN person p ON p.id = i.person_id
			JOIN person_name n ON n.identity_id = b.identity_id
		WHERE p.merged_into = 0 AND r.joined_into = 0 AND {visible r.visibility} GROUP BY p.id, p.uid) s`
	noPersons = `(SELECT p.id, p.uid, '' AS name, p.kind, '' AS team FROM person p WHERE 1 = 0) s`
)

// How persons find their names: from the person on, and in the list from the
// names on, whose order is then read from their index. SQLite goes through a
// CROSS JOIN as it is written.
const (
	oneByOne = `person p JOIN person_name n ON n.identity_id = p.name_of WHERE true`
	byName   = `person_name n CROSS JOIN person p WHERE p.name_of = n.identity_id`
)

// oneTeam is the first team by the alphabet that files name a person a member of.
const oneTeam = `(SELECT MIN(COALESCE(NULLIF(t.title, ''), t.handle)) FROM team_member tm JOIN identity mi ON mi.id = tm.identity_id JOIN team t ON t.id = tm.team_id
	JOIN repository r ON r.id = tm.repository_id WHERE mi.person_id = p.id AND r.joined_into = 0 AND {visible r.visibility})`

// from is what persons s are read from: those that may be shown to this viewer.
func (s sight) from() string {
	persons := noPersons
	switch s.mode {
	case all:
		persons = namedPersons
	case team:
		persons = publishedPersons
	}
	return strings.ReplaceAll(persons, "{visible r.visibility}", s.viewer.Where("r.visibility"))
}

// list is from for reading many in the order of their names.
func (s sight) list() string { return strings.Replace(s.from(), oneByOne, byName, 1) }

// few is the size under which a group is not told apart: one could know who it is.
const few = 5

// group says how many people something is about; empty where groups are not shown.
func (s sight) group(n int64) string {
	switch {
	case s.mode == off:
		return ""
	case n <= 0:
		return "nobody"
	case s.mode == team && n < few:
		return "fewer than five"
	}
	return strconv.FormatInt(n, 10)
}

// Shown is a person as this viewer may see it.
type Shown struct {
	ID   int64  `json:"-"`
	UID  string `json:"id"`
	Name string `json:"name"`
	Kind string `json:"kind"` // ours, outside, service, unknown
	Team string `json:"team,omitempty"`
}

func scanShown(row store.Scanner) (Shown, error) {
	var p Shown
	var team *string
	err := row.Scan(&p.ID, &p.UID, &p.Name, &p.Kind, &team)
	if team != nil {
		p.Team = *team
	}
	return p, err
}

const shownColumns = "s.id, s.uid, s.name, s.kind, s.team"

// Names gives the names of persons that may be shown to this viewer, by id; a
// person that must not be shown is not in it. Ids that were led on to another
// person by a join are answered under the id that was asked for.
func (f *Feature) Names(ctx context.Context, v access.Viewer, persons []int64) (map[int64]Shown, error) {
	s, err := f.sight(ctx, v)
	if err != nil || s.mode == off {
		return nil, err
	}
	out := map[int64]Shown{}
	for chunk := range chunks(persons, 400) {
		rows, err := f.db.Query(ctx, `SELECT asked.id, `+shownColumns+` FROM `+s.from()+` JOIN person asked ON s.id = CASE WHEN asked.merged_into > 0 THEN asked.merged_into ELSE asked.id END
			WHERE asked.id IN (`+store.Marks(1, len(chunk))+`)`, store.Args(chunk)...)
		if err != nil {
			return nil, fmt.Errorf("look up names: %w", err)
		}
		for rows.Next() {
			var asked int64
			p, err := scanShown(prefixed{rows, &asked})
			if err != nil {
				rows.Close()
				return nil, fmt.Errorf("look up names: %w", err)
			}
			out[asked] = p
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, fmt.Errorf("look up names: %w", err)
		}
	}
	return out, nil
}

// prefixed scans one more column before the others.
type prefixed struct {
	row   store.Scanner
	first any
}

// Scan copies the columns of the row.
func (p prefixed) Scan(dest ...any) error { return p.row.Scan(append([]any{p.first}, dest...)...) }

// person finds one person that may be shown; anything else is fault.NotFound.
func (f *Feature) person(ctx context.Context, s sight, uid string) (Shown, error) {
	p, err := scanShown(f.db.QueryRow(ctx, `SELECT `+shownColumns+` FROM `+s.from()+` WHERE s.id =
		(SELECT CASE WHEN merged_into > 0 THEN merged_into ELSE id END FROM person WHERE uid = $1)`, uid))
	if errors.Is(err, store.ErrNoRows) {
		return p, fault.New(fault.NotFound, "There is no such person here, or the firm does not show people like this.")
	}
	if err != nil {
		return p, fmt.Errorf("find a person: %w", err)
	}
	return p, nil
}
