// Package technology learns what a repository is built with: languages by
// bytes, documentation and tests, continuous integration, build tools and
// containers, its size and what its README says it is.
//
// Vendored, generated and documentation files count for no language. The name
// of a file decides; only where a name fits several languages are the first
// 16 KB of its content looked at. Technologies are rows of their own, so that
// one page says who uses what.
package technology

import (
	"context"
	"embed"
	"fmt"
	"net/url"
	"slices"

	"steward/internal/feature/estate"
	"steward/internal/platform/access"
	"steward/internal/platform/mount"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
)

//go:embed migration
var migrations embed.FS

//go:embed page
var pages embed.FS

// Kind sorts technologies.
type Kind string

// The kinds of technologies.
const (
	Language  Kind = "language"
	CI        Kind = "ci"
	Build     Kind = "build"
	Container Kind = "container"
	Practice  Kind = "practice" // documentation, tests
)

// Use is one technology as one repository uses it.
type Use struct {
	Kind  Kind   `json:"kind"`
	Name  string `json:"name"`
	Files int64  `json:"files"`
	Bytes int64  `json:"bytes"` // of languages; 0 for others
	File  string `json:"file"`  // the first file that shows it
}

// Feature keeps the technologies of the estate.
type Feature struct {
	db *store.DB
}

// New returns the feature over the platform's database.
func New(p mount.Platform) *Feature { return &Feature{db: p.DB} }

// Mount hands over what technologies add to the program. Rows are replaced
// with each reading of their repository.
func (f *Feature) Mount() mount.Capability {
	lists := []web.Listed{{Spec: technologyList, Needs: access.ReadEstate}, {Spec: useList, Needs: access.ReadEstate}}
	return mount.Capability{Name: "technology", Migrations: migrations, Lists: lists, Pages: func(s *web.Server) {
		s.Templates("technology", pages)
		s.Nav(web.Nav{Area: web.Estate, Order: 50, Label: "Technologies", Icon: "tech", Path: "/technologies", Needs: access.ReadEstate, Count: f.count})
		s.List(technologyList, f.db, web.ListOptions{Area: web.Estate, Needs: access.ReadEstate})
		s.List(useList, f.db, web.ListOptions{Area: web.Estate, Needs: access.ReadEstate})
		s.Picture(web.Picture{
			Order: 10, Title: "Languages", Note: "by bytes, without vendored and generated code", Needs: access.ReadEstate, Template: "technology/languages", Of: f.languages,
			More: web.Action{Label: "All technologies", Href: "/technologies"},
		})
	}}
}

func (f *Feature) count(ctx context.Context, v access.Viewer) (web.Count, error) {
	var n int64
	err := f.db.QueryRow(ctx, `SELECT COUNT(*) FROM (SELECT DISTINCT t.kind, t.name FROM technology_use t JOIN repository r ON r.id = t.repository_id
		WHERE r.joined_into = 0 AND `+v.Where("r.visibility")+`) names`).Scan(&n)
	return web.Count{N: n}, err
}

// Uses lists the technologies of one repository, languages by size first.
func (f *Feature) Uses(ctx context.Context, v access.Viewer, repository int64) ([]Use, error) {
	all, err := store.Collect(scanUse)(f.db.Query(ctx, `SELECT t.kind, t.name, t.files, t.bytes, t.file FROM technology_use t JOIN repository r ON r.id = t.repository_id
		WHERE t.repository_id = $1 AND `+v.Where("r.visibility")+` ORDER BY CASE t.kind WHEN 'language' THEN 0 ELSE 1 END, t.bytes DESC, t.kind, t.name`, repository))
	if err != nil {
		return nil, fmt.Errorf("list technologies: %w", err)
	}
	return all, nil
}

func scanUse(row store.Scanner) (Use, error) {
	var u Use
	err := row.Scan(&u.Kind, &u.Name, &u.Files, &u.Bytes, &u.File)
	return u, err
}

// languages is the picture of home: the estate by language.
func (f *Feature) languages(ctx context.Context, v access.Viewer) (any, error) {
	parts, err := store.Collect(func(row store.Scanner) (web.Part, error) {
		var p web.Part
		err := row.Scan(&p.Name, &p.Value)
		p.Href = "/technology-uses?kind=language&name=" + url.QueryEscape(p.Name)
		return p, err
	})(f.db.Query(ctx, `SELECT t.name, CAST(SUM(t.bytes) AS double precision) FROM technology_use t JOIN repository r ON r.id = t.repository_id
		WHERE t.kind = 'language' AND r.joined_into = 0 AND `+v.Where("r.visibility")+` GROUP BY t.name ORDER BY SUM(t.bytes) DESC`))
	if err != nil {
		return nil, fmt.Errorf("sum languages: %w", err)
	}
	return parts, nil
}

// Panel shows languages and technologies on the repository page.
func (f *Feature) Panel() estate.Panel {
	return estate.Panel{
		ID: "technologies", Title: "Technologies", Order: 20,
		Show: func(ctx context.Context, v access.Viewer, r estate.Repository) (string, bool) {
			return "", r.MainLanguage != ""
		},
		Render: func(ctx context.Context, v access.Viewer, r estate.Repository, _ bool) (string, any, error) {
			uses, err := f.Uses(ctx, v, r.ID)
			return "technology/panel", panelOf(uses), err
		},
	}
}

type panel struct {
	Languages []web.Part
	Others    []Use
}

func panelOf(uses []Use) panel {
	var p panel
	for _, u := range uses {
		if u.Kind == Language {
			p.Languages = append(p.Languages, web.Part{Name: u.Name, Value: float64(u.Bytes)})
		} else {
			p.Others = append(p.Others, u)
		}
	}
	return p
}

// write replaces the technologies of a repository, in the transaction of its reading.
func write(ctx context.Context, tx *store.Tx, at estate.Target, uses []Use) error {
	if _, err := tx.Exec(ctx, `DELETE FROM technology_use WHERE repository_id = $1`, at.RepositoryID); err != nil {
		return fmt.Errorf("replace technologies: %w", err)
	}
	rows := make([][]any, 0, len(uses))
	docs := make([]search.Document, 0, len(uses))
	for _, u := range uses {
		rows = append(rows, []any{at.RepositoryID, string(u.Kind), u.Name, u.Files, u.Bytes, u.File, at.ScanID})
		docs = append(docs, search.Document{
			Kind: "technology", ID: string(u.Kind) + " " + u.Name, URL: "/technology-uses?kind=" + string(u.Kind) + "&name=" + url.QueryEscape(u.Name),
			Visibility: access.Internal, Title: u.Name, Body: kindWords[u.Kind], Weight: 40,
		})
	}
	if _, err := tx.Insert(ctx, "technology_use", []string{"repository_id", "kind", "name", "files", "bytes", "file", "scan_id"}, slices.Values(rows)); err != nil {
		return err
	}
	if at.Visibility != access.Internal {
		return nil // the name of a technology must not betray a restricted repository
	}
	return search.Put(ctx, tx, docs)
}
