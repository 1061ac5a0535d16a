// Package imported keeps owners as files of the firm name them: a spreadsheet of known owners, or what a
// Backstage catalogue exports. They are claims like those of files in repositories:
//
//	spreadsheet        declared by people, after the files of the repository
//	Backstage export   the same, but only where files of the repository say nothing
//
// The same file given again replaces what it said before, and Undo takes the last import of a file
// back. An owner is a team: who is no team that is known is listed and not kept, and names of people
// are not even listed.
package imported

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"steward/internal/feature/catalog/claim"
	"steward/internal/feature/catalog/match"
	"steward/internal/feature/catalog/ownership"
	"steward/internal/feature/estate"
	"steward/internal/feature/people"
	"steward/internal/format/descriptor"
	"steward/internal/format/inventory"
	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// Input is a file that somebody gives.
type Input struct {
	File     string                     `json:"file"` // its name, by which it is known again
	Content  []byte                     `json:"content"`
	Map      map[string]inventory.Field `json:"map,omitempty"` // what people say of columns
	NewTeams bool                       `json:"new_teams"`     // an owner that is no known team becomes one
	DryRun   bool                       `json:"dry_run"`       // nothing is written
	Undo     bool                       `json:"undo"`          // the last import of the file is taken back; Content is not read
}

// Plan is what a file changes, or has changed.
type Plan struct {
	File      string      `json:"file"`
	Applied   bool        `json:"applied"`
	Undone    bool        `json:"undone"`
	Rows      int         `json:"rows"`
	Added     int         `json:"added"`
	Changed   int         `json:"changed"`
	Same      int         `json:"same"`
	Ended     int         `json:"ended"` // said by the file before, and no more
	NoOwner   int         `json:"without_owner"`
	People    int         `json:"people_as_owners"`
	NewTeams  []string    `json:"new_teams"`
	Unmatched []Unmatched `json:"unmatched"`
	Notes     []string    `json:"notes"`
}

// Unmatched is a row of which nothing is kept, and why.
type Unmatched struct {
	Place   string   `json:"place"`
	Named   string   `json:"named"`
	Why     string   `json:"why"`
	Nearest []string `json:"nearest,omitempty"`
}

// takenBack ends rows whose import was taken back.
const takenBack = "taken back"

// place is what an owner is named for: a component, or with 0 all of a repository.
type place struct{ repository, component int64 }

// said is one row of owner_import.
type said struct {
	place
	id           string
	line         int64
	team         int64
	owner, since string
	fills        bool
}

// Importer imports owners.
type Importer struct {
	db  *store.DB
	now func() time.Time
}

// New returns an importer over a database.
func New(db *store.DB, now func() time.Time) *Importer { return &Importer{db, now} }

// Import writes what a file says in one transaction with its line in the audit log, or with DryRun
// says what that would be. It needs access.ManageSources; a file that cannot be read is fault.Invalid.
func (i *Importer) Import(ctx context.Context, v access.Viewer, in Input) (plan Plan, err error) {
	if err := v.Require(access.ManageSources); err != nil {
		return plan, err
	}
	if in.Undo {
		plan = Plan{File: in.File, Undone: true, Applied: true}
		err = i.db.Tx(ctx, func(tx *store.Tx) error { return i.undo(ctx, tx, v, in.File) })
		return plan, err
	}
	list, err := inventory.Read(in.Content, in.Map)
	if err != nil {
		return plan, fault.Wrap(fault.Invalid, err, "The file cannot be read: %s.", err)
	}
	if !list.Owners {
		return plan, fault.New(fault.Invalid, "The %s names no owners. Give a table with a column of owners and one of repositories or components, or what a Backstage catalogue exports.", list.Form)
	}
	if in.DryRun {
		err = i.db.Snapshot(ctx, func(r store.Reader) error {
			p, err := i.plan(ctx, r, v, in, list)
			plan = p.Plan
			return err
		})
		return plan, err
	}
	err = i.db.Tx(ctx, func(tx *store.Tx) error {
		p, err := i.plan(ctx, tx, v, in, list)
		if err == nil {
			p.Applied = true
			err = i.apply(ctx, tx, v, p)
		}
		plan = p.Plan
		return err
	})
	return plan, err
}

// planned is a plan with what makes it true.
type planned struct {
	Plan
	put  []said
	end  []said
	made map[string]string // handles of new teams, with their titles
}

// plan compares a file with what it said before.
func (i *Importer) plan(ctx context.Context, r store.Reader, v access.Viewer, in Input, list inventory.List) (*planned, error) {
	p := &planned{Plan: Plan{File: in.File, Rows: len(list.Records), Notes: list.Notes}, made: map[string]string{}}
	index, err := match.Load(ctx, r, v)
	if err != nil {
		return nil, err
	}
	teams, err := loadTeams(ctx, r)
	if err != nil {
		return nil, err
	}
	before, err := load(ctx, r, in.File)
	if err != nil {
		return nil, err
	}
	met := map[place]bool{}
	for _, record := range list.Records {
		one, ok := p.read(index, teams, in, record)
		if !ok {
			continue
		}
		one.fills = list.Form == inventory.Catalogue
		if met[one.place] {
			p.unmatched(record, "another row before names its owner, which counts", nil)
			continue
		}
		met[one.place] = true
		old, known := before[one.place]
		if one.id = old.id; known && one.team == old.team && one.since == old.since && one.fills == old.fills {
			p.Same++
			continue
		}
		p.put = append(p.put, one)
		if known {
			p.Changed++
			p.end = append(p.end, old)
		} else {
			p.Added++
		}
	}
	for at, old := range before {
		if !met[at] {
			p.Ended++
			p.end = append(p.end, old)
		}
	}
	p.NewTeams = slices.Sorted(maps.Values(p.made))
	return p, nil
}

func (p *planned) unmatched(record inventory.Record, why string, nearest []string) {
	p.Unmatched = append(p.Unmatched, Unmatched{Place: record.Place, Named: record.String(), Why: why, Nearest: nearest})
}

// mailAddress is how people, not teams, are written.
var mailAddress = regexp.MustCompile(`\S@\S+\.\S`)

// read finds what one row is of, and which team it names.
func (p *planned) read(index *match.Index, teams map[string]int64, in Input, record inventory.Record) (one said, ok bool) {
	found := find(index, record)
	switch {
	case record.Owner == "":
		p.NoOwner++
		return one, false
	case !found.OK():
		p.unmatched(record, found.Why, found.Candidates)
		return one, false
	}
	handle, isPerson := teamOf(record.Owner)
	if isPerson {
		p.People++
		return one, false
	}
	one = said{place: place{found.RepositoryID, found.ComponentID}, line: lineOf(record.Place), owner: record.Owner, since: record.Since}
	var known bool
	if one.team, known = teams[handle]; !known {
		one.team, known = teams[strings.ToLower(strings.TrimSpace(record.Owner))]
	}
	switch {
	case known:
	case in.NewTeams && handle != "":
		p.made[handle] = strings.TrimSpace(record.Owner)
	default:
		p.unmatched(record, fmt.Sprintf("no team is called %q", record.Owner), nil)
		return one, false
	}
	return one, true
}

// find finds what a row names; of a catalogue's entity the name in its repository too.
func find(index *match.Index, record inventory.Record) match.Found {
	if record.Name != "" {
		if found := index.Find(record.Name, ""); found.OK() {
			return found
		}
		return index.Find("", record.Name)
	}
	found := index.Find(record.Repository, record.Component)
	if found.OK() || !strings.Contains(record.Component, ":") {
		return found
	}
	if byRef := index.Find("", record.Component); byRef.OK() {
		return byRef
	}
	return index.Find(record.Repository, record.Component[strings.LastIndexByte(record.Component, '/')+1:])
}

// teamOf gives the handle of an owner as people or catalogues write it.
func teamOf(owner string) (handle string, person bool) {
	if mailAddress.MatchString(owner) {
		return "", true
	}
	if ref, err := descriptor.ParseRef(owner, "group", descriptor.DefaultNamespace); err == nil {
		return people.Handle(ownership.Handle(ref)), ref.Kind == "user"
	}
	return people.Handle(owner), false
}

// lineOf is the number in "line 4" and "entry 4".
func lineOf(place string) int64 {
	_, digits, _ := strings.Cut(place, " ")
	n, _ := strconv.ParseInt(digits, 10, 64)
	return n
}

// apply makes a plan true.
func (i *Importer) apply(ctx context.Context, tx *store.Tx, v access.Viewer, p *planned) error {
	if len(p.put)+len(p.end) == 0 {
		return nil
	}
	ids := map[string]int64{}
	for _, handle := range slices.Sorted(maps.Keys(p.made)) {
		title := p.made[handle]
		if title == handle || strings.ContainsAny(title, ":@") {
			title = "" // it is written as catalogues and owner files do, not as people speak
		}
		id, err := people.PutTeam(ctx, tx, estate.Target{}, handle, title, ownership.Imported)
		if err != nil {
			return err
		}
		ids[handle] = id
	}
	batch, now := store.NewID(), store.Micros(i.now())
	var ended []string
	touched := map[int64]bool{}
	for _, one := range p.end {
		ended = append(ended, one.id)
		touched[one.repository] = true
	}
	for chunk := range slices.Chunk(ended, 400) {
		if _, err := tx.Exec(ctx, `UPDATE owner_import SET ended_at = $1, ended_by = $2 WHERE id IN (`+store.Marks(3, len(chunk))+`)`, append([]any{now, batch}, store.Args(chunk)...)...); err != nil {
			return fmt.Errorf("end imported owners: %w", err)
		}
	}
	var rows [][]any
	for _, one := range p.put {
		handle, _ := teamOf(one.owner)
		touched[one.repository] = true
		rows = append(rows, []any{store.NewID(), batch, p.File, one.line, one.repository, one.component, cmp.Or(one.team, ids[handle]), one.owner, one.since, number(one.fills), now})
	}
	if _, err := tx.Insert(ctx, "owner_import", []string{"id", "batch", "file", "line", "repository_id", "component_id", "team_id", "owner", "since", "fills", "made_at"}, slices.Values(rows)); err != nil {
		return err
	}
	if err := settle(ctx, tx, touched); err != nil {
		return err
	}
	return audit.Append(ctx, tx, v, i.now(), "owners.import", "import", batch, map[string]any{"file": p.File, "added": p.Added, "changed": p.Changed, "ended": p.Ended, "teams": len(p.made)})
}

func number(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// undo takes the last import of a file back that was not taken back yet.
func (i *Importer) undo(ctx context.Context, tx *store.Tx, v access.Viewer, file string) error {
	var batch string
	if err := tx.QueryRow(ctx, `SELECT COALESCE(MAX(b), '') FROM (SELECT batch AS b FROM owner_import WHERE file = $1 AND ended_by <> '`+takenBack+`'
		UNION ALL SELECT ended_by FROM owner_import WHERE file = $1 AND ended_by NOT IN ('', '`+takenBack+`')) imports`, file).Scan(&batch); err != nil {
		return fmt.Errorf("find the last import: %w", err)
	}
	if batch == "" {
		return fault.New(fault.NotFound, "No owners are kept from a file called %q, or its imports were taken back already.", file)
	}
	touched := map[int64]bool{}
	repositories, err := store.Collect(func(row store.Scanner) (id int64, err error) { return id, row.Scan(&id) })(
		tx.Query(ctx, `SELECT DISTINCT repository_id FROM owner_import WHERE batch = $1 OR ended_by = $1`, batch))
	if err != nil {
		return fmt.Errorf("find what was imported: %w", err)
	}
	for _, id := range repositories {
		touched[id] = true
	}
	if _, err := tx.Exec(ctx, `UPDATE owner_import SET ended_at = 0, ended_by = '' WHERE ended_by = $1`, batch); err != nil {
		return fmt.Errorf("bring back imported owners: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE owner_import SET ended_at = $2, ended_by = '`+takenBack+`' WHERE batch = $1 AND ended_at = 0`, batch, store.Micros(i.now())); err != nil {
		return fmt.Errorf("take back imported owners: %w", err)
	}
	if err := settle(ctx, tx, touched); err != nil {
		return err
	}
	return audit.Append(ctx, tx, v, i.now(), "owners.import.undo", "import", batch, map[string]any{"file": file})
}

// settle works out who owns what in repositories now.
func settle(ctx context.Context, tx *store.Tx, repositories map[int64]bool) error {
	for _, id := range slices.Sorted(maps.Keys(repositories)) {
		if err := claim.Settle(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}

// load reads what a file says now.
func load(ctx context.Context, r store.Reader, file string) (map[place]said, error) {
	all, err := store.Collect(func(row store.Scanner) (one said, err error) {
		var fills int64
		err = row.Scan(&one.id, &one.repository, &one.component, &one.team, &one.owner, &one.since, &fills)
		one.fills = fills != 0
		return one, err
	})(r.Query(ctx, `SELECT id, repository_id, component_id, team_id, owner, since, fills FROM owner_import WHERE file = $1 AND ended_at = 0`, file))
	if err != nil {
		return nil, fmt.Errorf("load imported owners: %w", err)
	}
	before := map[place]said{}
	for _, one := range all {
		before[one.place] = one
	}
	return before, nil
}

// loadTeams gives the ids of teams by handle and by title, folded.
func loadTeams(ctx context.Context, r store.Reader) (map[string]int64, error) {
	teams := map[string]int64{}
	_, err := store.Collect(func(row store.Scanner) (struct{}, error) {
		var id int64
		var handle, title string
		err := row.Scan(&id, &handle, &title)
		if title = strings.ToLower(title); title != "" && teams[title] == 0 {
			teams[title] = id
		}
		teams[handle] = id
		return struct{}{}, err
	})(r.Query(ctx, `SELECT id, handle, title FROM team ORDER BY handle`))
	if err != nil {
		return nil, fmt.Errorf("load teams: %w", err)
	}
	return teams, nil
}
