package source

import (
	"embed"
	"strings"

	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/web"
)

//go:embed page
var pages embed.FS

// Mount adds the list of sources and the form that adds one.
func (d *Desk) Mount(s *web.Server) {
	s.Templates("source", pages)
	s.List(list, d.p.DB, web.ListOptions{Area: web.Foot, Needs: access.ManageSources})
	s.Page("/sources/new", access.ManageSources, newPage)
	s.Post("/sources", access.ManageSources, d.add)
}

// newSource is the form that adds a source.
type newSource struct {
	Given    string
	Problems []web.Problem
}

func newPage(*web.Request) (web.Page, error) { return newForm(newSource{}), nil }

func newForm(data newSource) web.Page {
	return web.Page{
		Title: "Add a source", Lede: "Where are the repositories? Steward reads the default branch of each and changes nothing in them.",
		Crumbs: []web.Crumb{{Label: "Sources", Href: "/sources"}}, Template: "source/new", Data: data,
	}
}

func (d *Desk) add(r *web.Request) (web.Done, error) {
	given := strings.TrimSpace(r.PostForm.Get("given"))
	found, err := ParsePlace(given)
	if given == "" {
		err = fault.New(fault.Invalid, "Name a folder or a git address.")
	}
	if err != nil {
		page := newForm(newSource{Given: given, Problems: []web.Problem{{Field: "given", Text: fault.Sentence(err)}}})
		return web.Done{Again: &page}, nil
	}
	if err := d.Add(r.Context(), r.Viewer, []Source{found}); err != nil {
		return web.Done{}, err
	}
	return web.Done{To: "/sources", Toast: web.Toast{Text: "Steward is looking at it."}}, nil
}
