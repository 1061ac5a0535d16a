// Package coverage says how much of what was given could be read: what was found, read, failed and
// left out, and which languages have no reader of their packages.
package coverage

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"steward/internal/format/manifest"
	"steward/internal/platform/access"
	"steward/internal/platform/api"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
	"steward/internal/platform/web/piece"
)

//go:embed page
var pages embed.FS

// Mount adds the page of coverage, the list of notes, and what home says of both, over a database.
func Mount(s *web.Server, db *store.DB) {
	c := &reader{db}
	s.Templates("coverage", pages)
	s.List(notes, db, web.ListOptions{Area: web.Estate, Needs: access.ReadEstate})
	s.Page("/coverage", access.ReadEstate, c.page)
	c.mountHome(s)
}

// Listed is the list of notes, for figures.
func Listed() web.Listed { return web.Listed{Spec: notes, Needs: access.ReadEstate} }

// API adds the operation that gives the same to programs.
func API(a huma.API, db *store.DB) {
	c := &reader{db}
	api.Get(a, api.Doc{Path: "/api/v1/coverage", Tag: "Coverage", Summary: "How much of what was given could be read", Needs: access.ReadEstate},
		func(ctx context.Context, v access.Viewer, _ *struct{}) (summary, error) { return c.summary(ctx, v) })
}

type reader struct{ db *store.DB }

// summary is what the page shows.
type summary struct {
	Sources   int64            `json:"sources,omitempty"` // that were named; given to those who manage them
	Base      Base             `json:"base"`
	Steps     []web.Amount     `json:"-"`
	Start     *web.State       `json:"-"` // instead of the rest while nothing was found
	Reasons   []reason         `json:"notes"`
	Frequent  []frequent       `json:"frequent"` // the most frequent reasons, most first
	Languages []languageReader `json:"languages"`
}

// reason is a kind of note with how often it occurs.
type reason struct {
	Kind         string `json:"kind"`
	Tone         string `json:"-"`
	Word         string `json:"-"`
	Means        string `json:"-"`
	Notes        int64  `json:"notes"`
	Repositories int64  `json:"repositories"`
}

// frequent is a reason for what is not or not wholly known, in its own words, with how often it is given.
type frequent struct {
	Reason       string `json:"reason"`
	Notes        int64  `json:"notes"`
	Repositories int64  `json:"repositories"`
}

// mostFrequent is how many reasons the page names.
const mostFrequent = 8

// languageReader is a language of the estate and whether its packages can be read.
type languageReader struct {
	Language     string `json:"language"`
	Repositories int64  `json:"repositories"`
	Reader       string `json:"reader"`   // names of the ecosystems, with commas; empty when there is none
	Packages     bool   `json:"packages"` // the language has packages, whether or not they can be read
}

func (l languageReader) order() int {
	switch {
	case !l.Packages:
		return 2
	case l.Reader != "":
		return 1
	}
	return 0
}

func (f *reader) page(r *web.Request) (web.Page, error) {
	data, err := f.summary(r.Context(), r.Viewer)
	if err != nil {
		return web.Page{}, err
	}
	fresh, err := f.fresh(r.Context(), r.Viewer)
	if err != nil {
		return web.Page{}, err
	}
	return web.Page{
		Title: "Coverage", Fresh: fresh, Lede: data.Base.String() + ". What is not read is not counted as zero anywhere.",
		Crumbs: []web.Crumb{{Label: "Estate"}}, Template: "coverage/coverage", Data: data, API: "/api/v1/coverage",
	}, nil
}

func (f *reader) summary(ctx context.Context, v access.Viewer) (summary, error) {
	base, err := Of(ctx, f.db, v)
	if err != nil {
		return summary{}, err
	}
	data := summary{Base: base, Reasons: []reason{}, Frequent: []frequent{}, Languages: []languageReader{}}
	if v.Can(access.ManageSources) {
		if err := f.db.QueryRow(ctx, `SELECT COUNT(*) FROM source WHERE removed_at = 0`).Scan(&data.Sources); err != nil {
			return data, fmt.Errorf("count sources: %w", err)
		}
		data.Steps = []web.Amount{{Label: "Sources given", Value: piece.Number(data.Sources), Href: "/sources"}}
	}
	if base.Given == 0 {
		data.Start = nothingFound(data.Sources, v)
		return data, nil
	}
	data.Steps = append(data.Steps, []web.Amount{
		{Label: "Repositories found", Value: piece.Number(base.Given), Href: "/repositories"},
		{Label: "Read", Value: piece.Number(base.Read + base.Empty), Href: "/repositories?state=read&state=empty", Unit: "of " + piece.Number(base.Given)},
		{Label: "Empty", Value: piece.Number(base.Empty), Href: "/repositories?state=empty", Change: "among those read"},
		{Label: "Waiting", Value: piece.Number(base.Waiting), Href: "/repositories?state=waiting"},
		{Label: "Not read", Value: piece.Number(base.Failed), Href: "/repositories?view=failed"},
	}...)
	if base.Gone > 0 {
		data.Steps = append(data.Steps, web.Amount{Label: "Gone", Value: piece.Number(base.Gone), Href: "/repositories?view=vanished"})
	}
	if data.Reasons, err = f.reasons(ctx, v); err != nil {
		return data, err
	}
	if data.Frequent, err = f.frequent(ctx, v); err != nil {
		return data, err
	}
	data.Languages, err = f.languages(ctx, v)
	return data, err
}

func (f *reader) reasons(ctx context.Context, v access.Viewer) ([]reason, error) {
	all, err := store.Collect(func(row store.Scanner) (reason, error) {
		var one reason
		err := row.Scan(&one.Kind, &one.Notes, &one.Repositories)
		one.Tone = map[string]string{"failed": "bad", "unresolved": "warn", "left out": "none"}[one.Kind]
		one.Word = map[string]string{"failed": "Not read", "unresolved": "Incomplete", "left out": "Left out"}[one.Kind]
		one.Means = map[string]string{
			"failed":     "damaged, too large, or not in the form that the name promises",
			"unresolved": "read, but not all versions or all that packages bring in can be known from it",
			"left out":   "on purpose: what is no use of a package, or lies outside the repository",
		}[one.Kind]
		return one, err
	})(f.db.Query(ctx, `SELECT n.kind, COUNT(*), COUNT(DISTINCT r.id) FROM `+noteTables+`
		WHERE COALESCE(r.joined_into, 0) = 0 AND `+notesOfViewer(v)+` GROUP BY n.kind ORDER BY CASE n.kind WHEN 'failed' THEN 0 WHEN 'unresolved' THEN 1 ELSE 2 END, n.kind`))
	if err != nil {
		return nil, fmt.Errorf("count notes: %w", err)
	}
	return all, nil
}

// frequent are the reasons that are given most often, by which one remedy mends most places.
func (f *reader) frequent(ctx context.Context, v access.Viewer) ([]frequent, error) {
	all, err := store.Collect(func(row store.Scanner) (one frequent, err error) {
		return one, row.Scan(&one.Reason, &one.Notes, &one.Repositories)
	})(f.db.Query(ctx, `SELECT n.reason, COUNT(*), COUNT(DISTINCT r.id) FROM `+noteTables+`
		WHERE n.kind <> 'left out' AND COALESCE(r.joined_into, 0) = 0 AND `+notesOfViewer(v)+` GROUP BY n.reason HAVING COUNT(*) > 1 ORDER BY COUNT(*) DESC, n.reason LIMIT $1`, mostFrequent))
	if err != nil {
		return nil, fmt.Errorf("count reasons: %w", err)
	}
	return all, nil
}

// nothingFound says what to do while no repository is known.
func nothingFound(sources int64, v access.Viewer) *web.State {
	switch {
	case !v.Can(access.ManageSources):
		return &web.State{Title: "Nothing to cover yet", Text: "No repository has been found. An administrator names where they lie."}
	case sources == 0:
		return &web.State{Title: "Nothing to cover yet", Text: "Name a folder with git repositories or a git address first.", Action: web.Action{Label: "Add a source", Href: "/sources/new", Main: true}}
	}
	return &web.State{Title: "Nothing found yet", Text: "The sources hold no repository, or have not been looked at.", Action: web.Action{Label: "See the sources", Href: "/sources", Main: true}}
}

// languages lists the main languages with the reader of their packages, those that lack one first,
// those without packages last.
func (f *reader) languages(ctx context.Context, v access.Viewer) ([]languageReader, error) {
	readers := map[string][]string{}
	for _, r := range manifest.Readers() {
		for _, l := range r.Languages {
			if !slices.Contains(readers[l], r.Name) {
				readers[l] = append(readers[l], r.Name)
			}
		}
	}
	all, err := store.Collect(func(row store.Scanner) (languageReader, error) {
		var one languageReader
		err := row.Scan(&one.Language, &one.Repositories)
		one.Reader = strings.Join(readers[one.Language], ", ")
		one.Packages = one.Reader != "" || manifest.Unread(one.Language)
		return one, err
	})(f.db.Query(ctx, `SELECT main_language, COUNT(*) FROM repository WHERE joined_into = 0 AND main_language <> '' AND `+v.Where("visibility")+`
		GROUP BY main_language ORDER BY COUNT(*) DESC, main_language`))
	if err != nil {
		return nil, fmt.Errorf("count languages: %w", err)
	}
	slices.SortStableFunc(all, func(a, b languageReader) int { return a.order() - b.order() })
	return all, nil
}
