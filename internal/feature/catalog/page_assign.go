package catalog

import (
	"context"
	"net/url"
	"strings"

	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/listing"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
	"steward/internal/platform/web/piece"
)

// assignView is the form in which picked components get an owner.
type assignView struct {
	Picked     listing.Picked // State is of what the form shows
	Components []Component    // those picked one by one, or the first of all
	More       int            // further ones, when all were picked
	Number     int
	Back       string // address of the list that they were picked in
	Changed    string // what is different since they were picked, "" for nothing
	Team       string
	Teams      []string // handles that are offered
	New        bool
	Problems   []web.Problem
}

const (
	maxOffered = 500 // teams that the form offers
	maxNamed   = 10  // components that the form names when all of a list were picked
)

func (f *Feature) assignForm(ctx context.Context, v access.Viewer, view assignView) (web.Page, error) {
	uids, state, err := f.components.Resolve(ctx, f.db, v, view.Picked, "id", maxPicked, f.p.Now())
	if err != nil {
		return web.Page{}, err
	}
	view.Number, view.Back = len(uids), "/components"
	if view.Picked.All {
		view.Back += "?" + view.Picked.Terms
		view.Changed = changed(view.Picked, len(uids), state)
		view.Picked.Seen, view.Picked.State = int64(len(uids)), state
		view.More = max(0, len(uids)-maxNamed)
		uids = uids[:min(len(uids), maxNamed)]
	}
	if view.Components, err = f.componentsByUID(ctx, v, uids); err != nil {
		return web.Page{}, err
	}
	if len(view.Components) == 0 {
		return web.Page{}, fault.New(fault.NotFound, "Pick the components in the list first.")
	}
	if !view.Picked.All {
		view.Number = len(view.Components)
	}
	view.Teams, err = store.Collect(func(row store.Scanner) (handle string, err error) { return handle, row.Scan(&handle) })(
		f.db.Query(ctx, `SELECT t.handle FROM team t WHERE `+visibleTeam(v)+` ORDER BY t.handle LIMIT $1`, maxOffered))
	if err != nil {
		return web.Page{}, err
	}
	return web.Page{
		Title: "Assign an owner", Lede: "The team stays the owner through every reading, whatever files say, until somebody takes it back on the page of the component.", Template: "catalog/assign", Data: view,
		Crumbs: []web.Crumb{{Label: "Estate"}, {Label: "Components", Href: view.Back}},
	}, nil
}

// changed says in words that all rows of a list are not those any more that somebody picked.
func changed(p listing.Picked, now int, state string) string {
	words := "it had " + count(p.Seen) + " and has " + piece.Number(int64(now)) + " now."
	switch {
	case p.State == "" && p.Seen != int64(now):
		return "The list has changed since they were selected: " + words
	case p.State != "" && p.State != state && p.Seen == int64(now):
		return "Nothing was assigned, because the list has changed since this page was opened: its " + count(p.Seen) + " are not the same ones."
	case p.State != "" && p.State != state:
		return "Nothing was assigned, because the list has changed since this page was opened: " + words
	}
	return ""
}

// count writes a number of components.
func count(n int64) string {
	if n == 1 {
		return "1 component"
	}
	return piece.Number(n) + " components"
}

func (f *Feature) assignPage(r *web.Request) (web.Page, error) {
	in := r.URL.Query()
	return f.assignForm(r.Context(), r.Viewer, assignView{Team: in.Get("team"), Picked: listing.ParsePicked(in)})
}

// pick turns what was selected in the list into the address of the form.
func (f *Feature) pick(r *web.Request) (web.Done, error) {
	picked := listing.ParsePicked(r.PostForm)
	if !picked.All && len(picked.Rows) == 0 {
		return web.Done{To: "/components", Toast: web.Toast{Text: "Nothing was selected."}}, nil
	}
	picked.Rows = picked.Rows[:min(len(picked.Rows), maxPicked)]
	return web.Done{To: "/components/assign?" + picked.Values().Encode()}, nil
}

func (f *Feature) assign(r *web.Request) (web.Done, error) {
	view := assignView{Picked: listing.ParsePicked(r.PostForm), Team: r.PostForm.Get("team")}
	uids, state, err := f.components.Resolve(r.Context(), f.db, r.Viewer, view.Picked, "id", maxPicked, f.p.Now())
	if err != nil {
		return web.Done{}, err
	}
	if view.Picked.All && view.Picked.State != state {
		page, err := f.assignForm(r.Context(), r.Viewer, view)
		return web.Done{Again: &page}, err
	}
	batch, err := f.Assign(r.Context(), r.Viewer, uids, view.Team, r.PostForm.Get("new") == "yes")
	if kind, ok := fault.KindOf(err); ok && (kind == fault.Invalid || kind == fault.NotFound) {
		view.New, view.Problems = kind == fault.NotFound, []web.Problem{{Field: "team", Text: fault.Sentence(err)}}
		page, err := f.assignForm(r.Context(), r.Viewer, view)
		return web.Done{Again: &page}, err
	}
	if err != nil {
		return web.Done{}, err
	}
	done := web.Done{To: "/components", Toast: web.Toast{Text: strings.TrimSpace(view.Team) + " owns " + count(int64(len(uids))) + " now.", Undo: "/components/assign/undo/" + batch}}
	switch {
	case view.Picked.All:
		done.To += "?" + view.Picked.Terms
	case len(uids) == 1:
		done.To, done.Toast.Text = "/components/"+url.PathEscape(uids[0]), strings.TrimSpace(view.Team)+" is the owner now."
	}
	return done, nil
}

func (f *Feature) undo(r *web.Request) (web.Done, error) {
	uids, err := f.Undo(r.Context(), r.Viewer, r.PathValue("batch"))
	if err != nil {
		return web.Done{}, err
	}
	done := web.Done{To: "/components", Toast: web.Toast{Text: "The owner is what it was before."}}
	if len(uids) == 1 {
		done.To = "/components/" + url.PathEscape(uids[0])
	}
	return done, nil
}
