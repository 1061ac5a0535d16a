package portfolio

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"steward/internal/feature/catalog/match"
	"steward/internal/feature/portfolio/sheet"
	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// Input is a file that somebody gives.
type Input struct {
	File     string                 `json:"file"` // its name, for people
	Content  []byte                 `json:"content"`
	Map      map[string]sheet.Field `json:"map,omitempty"` // what people say of columns, see sheet.ParseMap
	Complete bool                   `json:"complete"`      // it names all applications there are
	DryRun   bool                   `json:"dry_run"`       // nothing is written
}

// Plan is what a file changes, or has changed.
type Plan struct {
	File      string          `json:"file"`
	Applied   bool            `json:"applied"`
	Rows      int             `json:"rows"`
	Columns   []sheet.Column  `json:"columns"`
	Added     []Change        `json:"added"`
	Changed   []Change        `json:"changed"`
	Same      int             `json:"same"`
	Missing   []Change        `json:"missing"` // known, and not in the file
	Ended     bool            `json:"ended"`   // the missing ones are no more, as the file is complete
	Units     int             `json:"units_added"`
	Matched   int             `json:"matched"` // names of repositories and components
	Unmatched []Unmatched     `json:"unmatched"`
	Unknown   []sheet.Unknown `json:"unknown_values"`
	People    int             `json:"people_as_owners"` // applications whose owner is no team, and is not kept
	Notes     []string        `json:"notes"`
}

// Change is one application of a plan.
type Change struct {
	ID     string        `json:"id"`
	Key    string        `json:"key"`
	Name   string        `json:"name"`
	Line   int           `json:"line,omitempty"`
	Fields []FieldChange `json:"fields,omitempty"`
}

// FieldChange is one value that changes. Parts are counted: "2 parts".
type FieldChange struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// Unmatched is a name of which nothing, or more than one thing, is known.
type Unmatched struct {
	Line        int      `json:"line"`
	Application string   `json:"application"`
	Named       string   `json:"named"`
	Why         string   `json:"why"`
	Nearest     []string `json:"nearest,omitempty"`
}

// part is a row of application_part.
type part struct {
	Repository, Component     string
	RepositoryID, ComponentID int64
	file                      string
	line                      int64
	stated                    int64
}

// same reports whether two parts are named alike and mean the same.
func (p part) same(q part) bool {
	return p.Repository == q.Repository && p.Component == q.Component && p.RepositoryID == q.RepositoryID && p.ComponentID == q.ComponentID
}

// stored is all that is kept now.
type stored struct {
	applications map[string]Application // by folded key
	parts        map[string][]part      // by id of the application
	units        map[string]Unit        // by place
	teams        map[string]bool        // handles and titles, folded
	index        *match.Index
}

// writes are the rows that make a plan true.
type writes struct {
	units      []Unit // new ones
	unitsBack  []string
	unitsEnded []string
	rows       []Application     // new and changed ones
	ended      []string          // ids of applications
	parts      map[string][]part // by id of the application: all that it has from now on
	left       []membership
}

// membership is a unit that an application has left.
type membership struct{ application, unit, from, to string }

// planner compares a sheet with what is stored.
type planner struct {
	in    Input
	sheet sheet.Sheet
	have  map[sheet.Field]bool
	old   stored
	now   time.Time
	plan  Plan
	w     writes
	named map[string]bool // units that the file names, by id
	byID  map[string]Unit
}

// planOf compares a file with what is stored, as the viewer may see it.
func (f *Feature) planOf(ctx context.Context, r store.Reader, v access.Viewer, in Input, s sheet.Sheet) (Plan, writes, error) {
	old, err := load(ctx, r, v)
	if err != nil {
		return Plan{}, writes{}, err
	}
	p := planner{in: in, sheet: s, old: old, now: f.now().UTC(), have: map[sheet.Field]bool{}, named: map[string]bool{}, byID: map[string]Unit{}}
	for _, u := range old.units {
		p.byID[u.ID] = u
	}
	p.plan = Plan{File: in.File, Rows: s.Rows, Columns: s.Columns, Unknown: s.Unknown, Notes: s.Notes, Ended: in.Complete}
	p.w.parts = map[string][]part{}
	for _, c := range s.Columns {
		p.have[c.Field] = true
	}
	met := map[string]bool{}
	for _, one := range s.Applications {
		met[strings.ToLower(one.Key)] = true
		p.application(one)
	}
	p.missing(met)
	return p.plan, p.w, nil
}

// application plans one application of the file.
func (p *planner) application(one sheet.Application) {
	before, known := p.old.applications[strings.ToLower(one.Key)]
	after := before
	after.Key = cmp.Or(before.Key, one.Key)
	if !known {
		after.ID = store.NewID()
	}
	p.say(&after, one)
	parts := p.old.parts[after.ID]
	if p.have[sheet.Repository] || p.have[sheet.Component] {
		parts = p.partsOf(one)
	}
	change := Change{ID: after.ID, Key: after.Key, Name: after.Name, Line: one.Line, Fields: p.differences(before, after)}
	otherParts := !slices.EqualFunc(p.old.parts[after.ID], parts, part.same)
	if otherParts {
		change.Fields = append(change.Fields, FieldChange{Field: "parts", From: partsWord(p.old.parts[after.ID]), To: partsWord(parts)})
	}
	fresh := !known || !before.Gone.IsZero()
	if !fresh && len(change.Fields) == 0 {
		p.plan.Same++
		return
	}
	after.Gone, after.File, after.Line, after.Stated = time.Time{}, p.in.File, one.Line, p.now
	if otherParts {
		p.w.parts[after.ID] = parts
	}
	if known && before.UnitID != "" && before.UnitID != after.UnitID {
		p.w.left = append(p.w.left, membership{after.ID, before.UnitID, before.From, cmp.Or(before.To, after.From, p.now.Format(time.DateOnly))})
	}
	p.w.rows = append(p.w.rows, after)
	if fresh {
		change.Fields = nil
		p.plan.Added = append(p.plan.Added, change)
		return
	}
	p.plan.Changed = append(p.plan.Changed, change)
}

// say takes over what the columns of the file say.
func (p *planner) say(a *Application, one sheet.Application) {
	for _, f := range []struct {
		field sheet.Field
		into  *string
		said  string
	}{
		{sheet.Tier, &a.Tier, one.Tier},
		{sheet.Status, &a.Status, one.Status},
		{sheet.External, &a.External, one.External},
		{sheet.DataClass, &a.DataClass, one.DataClass},
		{sheet.CostCentre, &a.CostCentre, one.CostCentre},
		{sheet.From, &a.From, one.From},
		{sheet.To, &a.To, one.To},
	} {
		if p.have[f.field] {
			*f.into = f.said
		}
	}
	if p.have[sheet.Name] || a.Name == "" {
		a.Name = one.Name
	}
	if p.have[sheet.Owner] || p.have[sheet.OwningTeam] {
		a.Owner, a.OwnerKind = p.owner(one)
	}
	if p.hasUnits() {
		unit := p.unit(one)
		if unit != a.UnitID && a.UnitID != "" && !p.have[sheet.From] {
			a.From = p.now.Format(time.DateOnly) // it moved since the file before
		}
		if unit != a.UnitID && !p.have[sheet.To] {
			a.To = ""
		}
		a.UnitID = unit
	}
}

// hasUnits reports whether the file has a column of units.
func (p *planner) hasUnits() bool {
	return slices.ContainsFunc(sheet.Levels(), func(f sheet.Field) bool { return p.have[f] })
}

// owner gives an owner that is a team; of others only that there is one.
func (p *planner) owner(one sheet.Application) (name, kind string) {
	folded := strings.ToLower(strings.TrimPrefix(one.Owner, "@"))
	isUnit := slices.ContainsFunc(one.Unit, func(l sheet.Level) bool { return strings.EqualFold(l.Name, one.Owner) })
	switch {
	case one.Owner == "":
		return "", ""
	case one.OwnerTeam, p.old.teams[folded], isUnit:
		return one.Owner, ofTeam
	}
	p.plan.People++
	return "", ofPerson
}

// unit finds the lowest unit that a row names, and makes those that are not known.
func (p *planner) unit(one sheet.Application) string {
	place, parent := "", ""
	var above []string
	for _, level := range one.Unit {
		place += string(level.Kind) + "\t" + strings.ToLower(level.Name) + "\n"
		u, known := p.old.units[place]
		if !known {
			u = Unit{ID: store.NewID(), Kind: string(level.Kind), Name: level.Name, ParentID: parent, File: p.in.File, Line: one.Line, Stated: p.now, place: place}
			u.above = append(slices.Clone(above), u.ID)
			p.w.units = append(p.w.units, u)
			p.plan.Units++
		} else if !u.Gone.IsZero() {
			u.Gone = time.Time{}
			p.w.unitsBack = append(p.w.unitsBack, u.ID)
			p.plan.Units++
		}
		p.old.units[place], p.byID[u.ID] = u, u
		p.named[u.ID] = true
		above, parent = append(above, u.ID), u.ID
	}
	return parent
}

// partsOf finds what a row names.
func (p *planner) partsOf(one sheet.Application) []part {
	var all []part
	for _, named := range one.Parts {
		found := p.old.index.Find(named.Repository, named.Component)
		if found.OK() {
			p.plan.Matched++
		} else {
			p.plan.Unmatched = append(p.plan.Unmatched, Unmatched{Line: named.Line, Application: one.Key, Named: named.String(), Why: found.Why, Nearest: found.Candidates})
		}
		all = append(all, part{
			Repository: named.Repository, Component: named.Component, RepositoryID: found.RepositoryID, ComponentID: found.ComponentID,
			file: p.in.File, line: int64(named.Line), stated: store.Micros(p.now),
		})
	}
	return all
}

// missing plans what the file does not name: it is said, and ended when the file is complete.
func (p *planner) missing(met map[string]bool) {
	for _, folded := range slices.Sorted(maps.Keys(p.old.applications)) {
		a := p.old.applications[folded]
		if met[folded] || !a.Gone.IsZero() {
			continue
		}
		p.plan.Missing = append(p.plan.Missing, Change{ID: a.ID, Key: a.Key, Name: a.Name})
		if p.in.Complete {
			p.w.ended = append(p.w.ended, a.ID)
		}
	}
	if !p.in.Complete || !p.hasUnits() {
		return
	}
	for _, place := range slices.Sorted(maps.Keys(p.old.units)) {
		if u := p.old.units[place]; u.Gone.IsZero() && !p.named[u.ID] {
			p.w.unitsEnded = append(p.w.unitsEnded, u.ID)
		}
	}
}

// differences are the values that change, in words.
func (p *planner) differences(before, after Application) []FieldChange {
	var all []FieldChange
	for _, f := range []struct {
		field    sheet.Field
		from, to string
	}{
		{sheet.Name, before.Name, after.Name},
		{sheet.Tier, before.Tier, after.Tier},
		{sheet.Status, before.Status, after.Status},
		{sheet.External, before.External, after.External},
		{sheet.DataClass, before.DataClass, after.DataClass},
		{sheet.Owner, ownerWord(before), ownerWord(after)},
		{sheet.CostCentre, before.CostCentre, after.CostCentre},
		{sheet.Unit, p.unitWord(before.UnitID), p.unitWord(after.UnitID)},
		{sheet.From, before.From, after.From},
		{sheet.To, before.To, after.To},
	} {
		if f.from != f.to {
			all = append(all, FieldChange{Field: string(f.field), From: f.from, To: f.to})
		}
	}
	return all
}

// ownerWord is an owner as people read it.
func ownerWord(a Application) string {
	if a.OwnerKind == ofPerson {
		return "a person"
	}
	return a.Owner
}

// unitWord is a unit with those above it.
func (p *planner) unitWord(id string) string {
	var names []string
	for id != "" {
		u := p.byID[id]
		names, id = append(names, u.Name), u.ParentID
	}
	slices.Reverse(names)
	return strings.Join(names, " / ")
}

// partsWord counts parts and those that were found.
func partsWord(all []part) string {
	if len(all) == 0 {
		return ""
	}
	found := 0
	for _, one := range all {
		if one.RepositoryID > 0 {
			found++
		}
	}
	return fmt.Sprintf("%d named, %d found", len(all), found)
}
