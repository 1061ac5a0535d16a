package catalog

import (
	"context"
	"encoding/json"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"steward/internal/feature/people"
	"steward/internal/platform/access"
	"steward/internal/platform/api"
)

// record is one component as programs read it: what its page shows.
type record struct {
	ID           string       `json:"id"`
	Name         string       `json:"name"`
	Title        string       `json:"title,omitempty"`
	RepositoryID string       `json:"repository_id"`
	Repository   string       `json:"repository"`
	Visibility   string       `json:"visibility" enum:"internal,restricted"`
	Branch       string       `json:"branch"`
	Commit       string       `json:"commit" doc:"At which it was read"`
	Root         string       `json:"root" doc:"Its folder in the repository; empty for the top"`
	Ref          string       `json:"ref,omitempty" doc:"Entity reference, when a catalogue entry describes it"`
	Entry        string       `json:"entry,omitempty" doc:"File and line of that entry"`
	Project      string       `json:"project,omitempty" doc:"Package URL that its manifest gives it"`
	Manifest     string       `json:"manifest,omitempty"`
	Description  *Stated      `json:"description"`
	Type         *Stated      `json:"type"`
	Lifecycle    *Stated      `json:"lifecycle"`
	System       *Stated      `json:"system" doc:"Entity reference"`
	Tags         []string     `json:"tags"`
	Language     string       `json:"language,omitempty"`
	Licence      string       `json:"licence,omitempty" doc:"Of its own folder, else of the nearest above that has one"`
	Files        int64        `json:"files"`
	Owner        Owner        `json:"owner"`
	NotSeen      bool         `json:"owner_not_seen" doc:"Those known of the owner have changed nothing in the repository for twelve months"`
	Owners       []Claim      `json:"owners" doc:"What each source says of the owner, the strongest first"`
	Relations    []Related    `json:"relations"`
	UsedBy       []recordUser `json:"used_by" doc:"Components that use its packages, at most 200"`
	UsedByTotal  int          `json:"used_by_total"`
	Facts        []recordFact `json:"facts"`
	Changed      *time.Time   `json:"last_changed"`
	FirstSeen    *time.Time   `json:"first_seen"`
	Gone         *time.Time   `json:"gone" doc:"Since when the repository has it no more"`
	Read         *time.Time   `json:"read"`
}

type recordUser struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type recordFact struct {
	Name     string `json:"name"`
	Value    string `json:"value"`
	Basis    string `json:"basis,omitempty" doc:"measured, written, inferred, disputed or unknown"`
	Place    string `json:"place,omitempty" doc:"File and line"`
	Evidence string `json:"evidence,omitempty"`
}

// entityRecord is one catalogue entry as programs read it.
type entityRecord struct {
	Entity
	Relations []Related `json:"relations"`
}

type byID struct {
	ID string `path:"id" doc:"Id of the record"`
}

func (f *Feature) mountAPI(a huma.API) {
	api.Get(a, api.Doc{Path: "/api/v1/components/{id}", Tag: "Components", Summary: "One component with its owners, relations and facts", Needs: access.ReadEstate}, f.recordOf)
	api.Get(a, api.Doc{
		Path: "/api/v1/components/{id}/history", Tag: "Components", Summary: "What the commits to a component add up to", Needs: access.ReadEstate,
		Text: "Months are yyyymm in UTC. Releases and directories are those of a whole repository, so only a component at its top has them.",
	}, f.historyOf)
	api.Get(a, api.Doc{Path: "/api/v1/entities/{id}", Tag: "Catalogue entries", Summary: "One catalogue entry, word for word", Needs: access.ReadEstate}, f.entityOf)
}

func (f *Feature) recordOf(ctx context.Context, v access.Viewer, in *byID) (record, error) {
	c, err := f.ComponentByUID(ctx, v, in.ID)
	if err != nil {
		return record{}, err
	}
	out := record{
		ID: c.UID, Name: c.Name, Title: c.Title, RepositoryID: c.RepositoryUID, Repository: c.RepositoryName, Visibility: c.Visibility, Branch: c.Branch, Commit: c.Commit,
		Root: c.Root, Ref: c.Ref, Entry: c.Entry, Project: c.Project, Manifest: c.Manifest, Description: orNil(c.Description), Type: orNil(c.Type), Lifecycle: orNil(c.Lifecycle),
		System: orNil(c.System), Tags: c.Tags, Language: c.Language, Licence: c.Licence.Value, Files: c.Files, Owner: c.Owner, NotSeen: c.Owner.Stale(f.p.Now()), Relations: []Related{}, UsedBy: []recordUser{}, Facts: []recordFact{},
		Changed: moment(c.Changed), FirstSeen: moment(c.FirstSeen), Gone: moment(c.Gone), Read: moment(c.Read),
	}
	if out.Owners, err = f.Claims(ctx, v, c); err != nil {
		return out, err
	}
	all, err := f.relations(ctx, v, c.Ref)
	if err != nil {
		return out, err
	}
	out.Relations = append(out.Relations, all...)
	const most = 200
	users, total, err := f.users(ctx, v, c, most)
	if err != nil {
		return out, err
	}
	for _, u := range users {
		out.UsedBy = append(out.UsedBy, recordUser{u.UID, u.Name})
	}
	out.UsedByTotal = total
	for _, row := range factRows(c) {
		out.Facts = append(out.Facts, recordFact{Name: row.Name, Value: row.Value, Basis: string(row.Mark), Place: row.File, Evidence: row.Evidence})
	}
	return out, nil
}

func (f *Feature) historyOf(ctx context.Context, v access.Viewer, in *byID) (people.History, error) {
	c, err := f.ComponentByUID(ctx, v, in.ID)
	if err != nil {
		return people.History{}, err
	}
	if c.Root == "" {
		return f.people.History(ctx, v, c.RepositoryID)
	}
	return f.people.History(ctx, v, c.RepositoryID, c.Root)
}

func (f *Feature) entityOf(ctx context.Context, v access.Viewer, in *byID) (entityRecord, error) {
	e, err := f.EntityByUID(ctx, v, in.ID)
	if err != nil {
		return entityRecord{}, err
	}
	if e.Body == nil {
		e.Body = json.RawMessage("null")
	}
	all, err := f.relations(ctx, v, e.Ref)
	return entityRecord{e, append([]Related{}, all...)}, err
}

// orNil is nil for what is not known.
func orNil(s Stated) *Stated {
	if s.Value == "" {
		return nil
	}
	return &s
}

// moment is nil for the zero time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
