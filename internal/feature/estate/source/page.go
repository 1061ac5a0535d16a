package source

import (
	"embed"
	"strings"

	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/web"
	"steward/internal/platform/web/piece"
)

//go:embed page
var pages embed.FS

// Mount adds the list of sources, the page of one, and the form that adds one.
func (d *Desk) Mount(s *web.Server) {
	s.Templates("source", pages)
	s.List(list, d.p.DB, web.ListOptions{
		Area: web.Foot, Needs: access.ManageSources, Crumbs: above[:1], Lede: "Where repositories come from.",
		Actions: []web.Action{{Label: "Add a source", Href: "/sources/new", Icon: "plus", Main: true}},
	})
	s.Page("/sources/new", access.ManageSources, newPage)
	s.Post("/sources", access.ManageSources, d.add)
	s.Page("/sources/{id}", access.ManageSources, d.page)
	s.Post("/sources/{id}/look", access.ManageSources, d.postLook)
	s.Post("/sources/{id}/remove", access.ManageSources, d.postRemove)
	s.Post("/sources/{id}/restore", access.ManageSources, d.postRestore)
}

// above are the pages above that of a source; the first of them is above the list too.
var above = []web.Crumb{{Label: "Settings", Href: "/settings"}, {Label: "Sources", Href: "/sources"}}

// newSource is the form that adds a source.
type newSource struct {
	Given    string
	Problems []web.Problem
}

func newPage(*web.Request) (web.Page, error) { return newForm(newSource{}), nil }

func newForm(data newSource) web.Page {
	return web.Page{
		Title: "Add a source", Lede: "Where are the repositories? Steward reads the default branch of each and changes nothing in them.",
		Crumbs: above, Template: "source/new", Data: data,
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

// source is the page of one source.
type source struct {
	Source       Source
	Notices      []web.Notice
	About        []web.Fact
	Repositories []Repository
	Count, More  int64
}

// shown is how many repositories the page names.
const shown = 50

func (d *Desk) page(r *web.Request) (web.Page, error) {
	one, err := Find(r.Context(), d.p.DB, r.Viewer, r.PathValue("id"))
	if err != nil {
		return web.Page{}, err
	}
	data := source{Source: one}
	if data.Repositories, data.Count, err = Repositories(r.Context(), d.p.DB, r.Viewer, one, shown); err != nil {
		return web.Page{}, err
	}
	data.More = data.Count - int64(len(data.Repositories))
	page := web.Page{
		Title: one.Given, Lede: "Where repositories come from.",
		Crumbs: above, Template: "source/source", Data: &data,
	}
	data.About = []web.Fact{{Label: "Kind", Value: kindWords[string(one.Kind)]}, {Label: "State", Value: stateWords[one.State]}}
	if !one.Looked.IsZero() {
		data.About = append(data.About, web.Fact{Label: "Repositories found", Value: piece.Number(one.Found), Source: web.Measured, From: "the last look", At: one.Looked})
	}
	switch {
	case one.Removed:
		data.Notices = []web.Notice{{Tone: "warn", Word: "Removed", Text: "Steward does not look at it any more."}}
		return page, nil
	case one.Error != "":
		data.Notices = []web.Notice{{Tone: "bad", Word: "Failed", Text: one.Error}}
	}
	page.Actions = []web.Action{{Label: "Look again", Href: "/sources/" + one.ID + "/look", Icon: "job", Post: true}}
	return page, nil
}

func (d *Desk) postLook(r *web.Request) (web.Done, error) {
	one, err := Find(r.Context(), d.p.DB, r.Viewer, r.PathValue("id"))
	if err == nil && one.Removed {
		err = errNone
	}
	if err == nil {
		err = d.LookAgain(r.Context(), r.Viewer, one)
	}
	if err != nil {
		return web.Done{}, err
	}
	return web.Done{To: "/sources/" + one.ID, Toast: web.Toast{Text: one.Given + " is looked at again."}}, nil
}

func (d *Desk) postRemove(r *web.Request) (web.Done, error) {
	id := r.PathValue("id")
	one, err := Find(r.Context(), d.p.DB, r.Viewer, id)
	if err == nil {
		err = d.Remove(r.Context(), r.Viewer, id)
	}
	if err != nil {
		return web.Done{}, err
	}
	return web.Done{To: "/sources", Toast: web.Toast{Text: one.Given + " is no source any more.", Undo: "/sources/" + id + "/restore"}}, nil
}

func (d *Desk) postRestore(r *web.Request) (web.Done, error) {
	id := r.PathValue("id")
	if err := d.Restore(r.Context(), r.Viewer, id); err != nil {
		return web.Done{}, err
	}
	return web.Done{To: "/sources/" + id, Toast: web.Toast{Text: "It is a source again, and Steward is looking at it."}}, nil
}
