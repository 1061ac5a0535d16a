// Package record gives what the page of a repository shows to programs: its facts with their basis,
// where it lies, what was left out of it, and its relatives.
package record

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"steward/internal/feature/estate"
	"steward/internal/feature/estate/lineage"
	"steward/internal/platform/access"
	"steward/internal/platform/api"
	"steward/internal/platform/mount"
)

// recordNotes is how many notes the answer for one repository holds; the list of notes has all.
const recordNotes = 1000

// record is one repository as programs read it: what its page shows.
type record struct {
	ID            string        `json:"id"`
	Name          string        `json:"name"`
	Visibility    string        `json:"visibility" enum:"internal,restricted"`
	State         string        `json:"state" enum:"waiting,read,empty,failed"`
	Error         string        `json:"error,omitempty" doc:"Why it could not be read"`
	DefaultBranch string        `json:"default_branch"`
	HeadCommit    string        `json:"head_commit"`
	Shallow       bool          `json:"shallow" doc:"Figures of its history count only what is in the copy"`
	Created       *time.Time    `json:"created" doc:"When Steward met it first"`
	Read          *time.Time    `json:"read"`
	Vanished      *time.Time    `json:"vanished" doc:"Since when no copy of it is left"`
	Rewritten     *time.Time    `json:"rewritten" doc:"When its history was found rewritten"`
	Facts         []recordFact  `json:"facts"`
	Locations     []recordPlace `json:"locations"`
	Notes         []recordNote  `json:"notes" doc:"What was left out, at most 1,000; /api/v1/coverage-notes has all"`
	Relatives     []recordKin   `json:"relatives" doc:"Repositories with the same first commit"`
	Templates     []recordBirth `json:"templates" doc:"What it was made from without history in common, inferred: one or none"`
	Children      []recordBirth `json:"children" doc:"What was made from it as a template, inferred; at most 100, newest first"`
}

type recordFact struct {
	Name     string       `json:"name"`
	Value    any          `json:"value"`
	Basis    estate.Basis `json:"basis" enum:"corrected,written,measured,inferred"`
	Source   string       `json:"source" doc:"The analyser that found it"`
	File     string       `json:"file,omitempty"`
	Line     int          `json:"line,omitempty"`
	Observed *time.Time   `json:"observed"`
	Wins     bool         `json:"wins" doc:"It counts where several say something else"`
}

type recordPlace struct {
	Role    string     `json:"role"`
	Address string     `json:"address"`
	Remote  string     `json:"remote,omitempty"`
	Missing *time.Time `json:"missing" doc:"Since when it is not there any more"`
}

type recordNote struct {
	Kind   estate.NoteKind `json:"kind"`
	Path   string          `json:"path,omitempty"`
	Line   int             `json:"line,omitempty"`
	Reason string          `json:"reason"`
}

type recordKin struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type recordBirth struct {
	ID       string     `json:"id" doc:"Of the other repository"`
	Name     string     `json:"name"`
	Made     *time.Time `json:"made" doc:"When the first commit was made"`
	Files    int64      `json:"files" doc:"How many of that commit the template had"`
	Of       int64      `json:"of" doc:"How many of that commit were looked for, without those that many repositories have alike; a sample of a large one"`
	Evidence string     `json:"evidence"`
}

func births(all []lineage.Birth) []recordBirth {
	out := []recordBirth{}
	for _, b := range all {
		out = append(out, recordBirth{b.UID, b.Name, timeOrNil(b.Made), b.Files, cmp.Or(b.Compared, b.Files), b.Evidence()})
	}
	return out
}

type byUID struct {
	ID string `path:"id" doc:"Id of the repository"`
}

// Mount hands over the answer for one repository, read through est.
func Mount(est *estate.Feature) mount.Capability {
	f := &reader{est}
	return mount.Capability{Name: "estate record", API: func(a huma.API) {
		api.Get(a, api.Doc{Path: "/api/v1/repositories/{id}", Tag: "Repositories", Summary: "One repository with its facts", Needs: access.ReadEstate}, f.find)
	}}
}

type reader struct{ *estate.Feature }

func (f *reader) find(ctx context.Context, v access.Viewer, in *byUID) (record, error) {
	one, err := f.RepositoryByUID(ctx, v, in.ID)
	if err != nil {
		return record{}, err
	}
	out := record{
		ID: one.UID, Name: one.Name, Visibility: one.Visibility, State: one.State, Error: one.Error, DefaultBranch: one.DefaultBranch,
		HeadCommit: one.HeadCommit, Shallow: one.Shallow, Created: timeOrNil(one.Created), Read: timeOrNil(one.Read), Vanished: timeOrNil(one.Vanished), Rewritten: timeOrNil(one.Rewritten),
		Facts: []recordFact{}, Locations: []recordPlace{}, Notes: []recordNote{}, Relatives: []recordKin{},
	}
	facts, err := f.Facts(ctx, v, one)
	if err != nil {
		return record{}, err
	}
	for _, s := range facts {
		var value any
		if json.Unmarshal([]byte(s.Value), &value) != nil {
			value = s.Value
		}
		out.Facts = append(out.Facts, recordFact{s.Name, value, s.Basis, s.Source, s.File, s.Line, timeOrNil(s.Observed), s.Wins})
	}
	places, err := f.Locations(ctx, v, one.ID)
	if err != nil {
		return record{}, err
	}
	for _, p := range places {
		out.Locations = append(out.Locations, recordPlace{p.Role, p.Address, p.Remote, timeOrNil(p.Missing)})
	}
	notes, err := f.Notes(ctx, v, one, recordNotes)
	if err != nil {
		return record{}, err
	}
	for _, n := range notes {
		out.Notes = append(out.Notes, recordNote{n.Kind, n.Path, n.Line, n.Reason})
	}
	kin, err := f.Relatives(ctx, v, one)
	for _, k := range kin {
		out.Relatives = append(out.Relatives, recordKin{k.UID, k.Name})
	}
	if err != nil {
		return record{}, err
	}
	templates, err := f.Templates(ctx, v, one)
	if err != nil {
		return record{}, err
	}
	children, err := f.Children(ctx, v, one)
	out.Templates, out.Children = births(templates), births(children)
	return out, err
}

// timeOrNil is a time for programs: nil when there is none.
func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
