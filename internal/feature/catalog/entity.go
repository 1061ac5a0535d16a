package catalog

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"steward/internal/feature/catalog/survey"
	"steward/internal/platform/access"
	"steward/internal/platform/config"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// Entity is one catalogue entry, kept word for word.
type Entity struct {
	UID            string          `json:"id"`
	RepositoryUID  string          `json:"repository_id"`
	RepositoryName string          `json:"repository"`
	Ref            string          `json:"ref"`
	Kind           string          `json:"kind"`
	Name           string          `json:"name"`
	Title          string          `json:"title,omitempty"`
	Description    string          `json:"description,omitempty"`
	Type           string          `json:"type,omitempty"`
	Lifecycle      string          `json:"lifecycle,omitempty"`
	Owner          string          `json:"owner,omitempty"` // entity ref
	File           string          `json:"file"`
	Line           int             `json:"line"`
	ComponentUID   string          `json:"component_id,omitempty"`
	Body           json.RawMessage `json:"entity"`
}

// isPerson says that the entry is about a person: it is kept, and shown nowhere.
func (e Entity) isPerson() bool { return strings.EqualFold(e.Kind, "user") }

// EntityByUID finds an entry by its public id. One that the viewer may not see
// is fault.NotFound, and so is a User: people have pages of their own. Where
// the firm shows no people the text is left out, as it may name some.
func (f *Feature) EntityByUID(ctx context.Context, v access.Viewer, uid string) (Entity, error) {
	var e Entity
	var line int64
	var body string
	err := f.db.QueryRow(ctx, `SELECT e.uid, r.uid, r.name, e.ref, e.kind, e.name, e.title, e.description, e.type, e.lifecycle, e.owner, e.file, e.line, COALESCE(c.uid, ''), e.body
		FROM entity e JOIN repository r ON r.id = e.repository_id LEFT JOIN component c ON c.id = e.component_id
		WHERE e.uid = $1 AND r.joined_into = 0 AND `+v.Where("r.visibility"), uid).
		Scan(&e.UID, &e.RepositoryUID, &e.RepositoryName, &e.Ref, &e.Kind, &e.Name, &e.Title, &e.Description, &e.Type, &e.Lifecycle, &e.Owner, &e.File, &line, &e.ComponentUID, &body)
	e.Line, e.Body = int(line), json.RawMessage(body)
	if errors.Is(err, store.ErrNoRows) || err == nil && e.isPerson() {
		return Entity{}, fault.New(fault.NotFound, "There is no such catalogue entry, or you may not see it.")
	}
	if err != nil {
		return e, fmt.Errorf("find entity: %w", err)
	}
	shown, err := f.showsPeople(ctx)
	if err != nil {
		return e, err
	}
	if !shown {
		e.Body = nil
		if strings.HasPrefix(e.Owner, "user:") {
			e.Owner = "a user"
		}
	}
	return e, nil
}

// showsPeople says whether text that may name people is shown at all.
func (f *Feature) showsPeople(ctx context.Context) (bool, error) {
	values, err := f.p.Settings.Values(ctx)
	if err != nil {
		return false, fmt.Errorf("read how people are shown: %w", err)
	}
	return values.People == config.PeopleTeam || values.People == config.PeopleNamed, nil
}

// Indented is the document as people read it.
func (e Entity) Indented() string {
	var out bytes.Buffer
	if err := json.Indent(&out, e.Body, "", "  "); err != nil {
		return string(e.Body)
	}
	const most = 100_000
	return survey.Cut(out.String(), most)
}
