package people

import (
	"context"
	"net/url"
	"strconv"

	"steward/internal/feature/estate"
	"steward/internal/feature/people/history"
	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/web"
)

// person is the page of one person.
type person struct {
	Person  Person
	About   []web.Fact
	Erase   bool
	Teams   []web.Action
	InFiles bool // the repositories are those whose files name the person
}

func (f *Feature) personPage(r *web.Request) (web.Page, error) {
	p, err := f.Person(r.Context(), r.Viewer, r.PathValue("id"))
	if err != nil {
		return web.Page{}, err
	}
	s, err := f.sight(r.Context(), r.Viewer)
	if err != nil {
		return web.Page{}, err
	}
	data := person{Person: p, Erase: r.Viewer.Can(access.ManageSettings), InFiles: s.mode != all}
	for _, t := range p.Teams {
		data.Teams = append(data.Teams, web.Action{Label: t.Name(), Href: "/teams/" + t.UID})
	}
	data.About = []web.Fact{{Label: "Whose", Value: kindWords[p.Kind], Source: web.Inferred, From: "by the domain of the addresses"}}
	if data.InFiles {
		data.About[0].Value, data.About[0].Source, data.About[0].From = "named in owner files", web.Written, ""
	}
	return web.Page{
		Title: p.Name, Badges: []web.Badge{{Word: "person"}}, Crumbs: []web.Crumb{{Label: "People"}, {Label: "People", Href: "/people"}},
		Template: "people/person", Data: data, API: "/api/v1/people/" + p.UID,
	}, nil
}

// teamPage is the overview of one team.
type teamPage struct {
	Team   TeamRecord
	About  []web.Fact
	Panels []web.DrawnPanel
	Empty  web.State
}

func (f *Feature) teamPage(r *web.Request) (web.Page, error) {
	t, err := f.Team(r.Context(), r.Viewer, r.PathValue("id"))
	if err != nil {
		return web.Page{}, err
	}
	page := web.Page{
		Title: t.Name(), Badges: []web.Badge{{Word: "team"}}, Crumbs: []web.Crumb{{Label: "People"}, {Label: "Teams", Href: "/teams"}},
		API: "/api/v1/teams/" + t.UID, Actions: []web.Action{{Label: "Graph", Icon: "graph", Href: "/graph?of=team:" + t.UID}},
		About: []web.Fact{{Label: "Handle", Value: t.Handle}, {Label: "Named in", Value: sourceWords(t.Sources), Source: web.Written}},
	}
	return web.WithPanels(f.server, r, page, f.panels, t, "/teams/"+t.UID, func(page web.Page, panels []web.DrawnPanel) (web.Page, error) {
		return f.teamOverview(r, page, t, panels)
	})
}

func (f *Feature) teamOverview(r *web.Request, page web.Page, t Team, panels []web.DrawnPanel) (web.Page, error) {
	record, err := f.teamRecord(r.Context(), r.Viewer, t)
	page.Template, page.Data = "people/team", teamPage{
		Team: record, Panels: panels, About: page.About,
		Empty: web.State{Title: "Nothing is known to be theirs", Text: "What a team owns is worked out from owner files and catalogue entries as repositories are read."},
	}
	page.About = nil // the template draws them, above what names the team
	return page, err
}

// historyView is what page/history.tmpl draws.
type historyView struct {
	Long     bool
	Months   []web.Point
	Years    []web.Point
	Sentence string // who makes half of it; empty where groups are not shown
	Releases []history.Release
	Count    int
	Pace     string // how many releases, since when and how far apart
	Moving   []web.Bar
	Whole    string // address of the list of releases; on the page of the history only
	Empty    web.State
	Nothing  bool
}

// drawHistory gives template and data of a history panel, for the page of a
// repository (no roots) or of a component (its roots).
func (f *Feature) drawHistory(ctx context.Context, v access.Viewer, repository int64, roots []string, long bool) (template string, data any, err error) {
	view, err := f.historyView(ctx, v, repository, roots, long)
	return "people/history", view, err
}

func (f *Feature) historyView(ctx context.Context, v access.Viewer, repository int64, roots []string, long bool) (historyView, error) {
	h, err := f.History(ctx, v, repository, roots...)
	if err != nil {
		return historyView{}, err
	}
	view := historyView{
		Count: len(h.Releases), Pace: history.Pace(h.Releases, h.CadenceDays), Nothing: len(h.Months) == 0,
		Empty: web.State{Title: "No history to show", Text: "Nothing was committed here with a date that can be, or the history has not been read yet."},
	}
	n, releases, moving := 24, 4, 6
	if long {
		n, releases, moving = 36, 20, 8
		if view.Years = years(h.Months); len(view.Years) < 2 {
			view.Years = nil
		}
	}
	view.Months = chart(h.Months, until(h.Months, f.p.Now(), n), n)
	view.Sentence = halfSentence(h.Half)
	view.Releases = h.Releases[:min(len(h.Releases), releases)]
	for _, d := range h.Directories[:min(len(h.Directories), moving)] {
		view.Moving = append(view.Moving, web.Bar{Name: d.Words(), Value: float64(d.Commits)})
	}
	return view, nil
}

// halfSentence says who makes half of the work, in words that fit one person and many.
func halfSentence(group string) string {
	switch group {
	case "":
		return ""
	case "nobody":
		return "All that is known of it are service accounts and bulk changes."
	case "1":
		return "One person made half of the changes."
	case "fewer than five":
		return "Fewer than five people made half of the changes."
	}
	return group + " people made half of the changes."
}

// target finds the repository of an address by its public id.
func (f *Feature) target(ctx context.Context, v access.Viewer, given string) (id int64, uid, name string, err error) {
	err = f.db.QueryRow(ctx, `SELECT id, uid, name FROM repository WHERE id = (SELECT CASE WHEN joined_into > 0 THEN joined_into ELSE id END FROM repository WHERE uid = $1) AND `+
		v.Where("visibility"), given).Scan(&id, &uid, &name)
	if err != nil {
		err = fault.Wrap(fault.NotFound, err, "There is no such repository, or you may not see it.")
	}
	return id, uid, name, err
}

// historyPage is the long form of the panel of a repository.
func (f *Feature) historyPage(r *web.Request, one estate.Repository) (web.Page, error) {
	view, err := f.historyView(r.Context(), r.Viewer, one.ID, nil, true)
	if view.Count > len(view.Releases) {
		view.Whole = "/releases?repository=" + url.QueryEscape(one.Name)
	}
	return web.Page{Template: "people/historypage", Data: view, API: "/api/v1/repositories/" + one.UID + "/history"}, err
}

func done(to, text, undo string, err error) (web.Done, error) {
	return web.Done{To: to, Toast: web.Toast{Text: text, Undo: undo}}, err
}

func number(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, fault.Wrap(fault.Invalid, err, "The form names no identity. Go back to the page and try again.")
}

func (f *Feature) split(r *web.Request) (web.Done, error) {
	id, err := number(r.PostForm.Get("identity"))
	if err != nil {
		return web.Done{}, err
	}
	own, err := f.Split(r.Context(), r.Viewer, r.PathValue("id"), id)
	return done("/people/"+own, "This identity is a person of its own now.", "/people/identities/"+strconv.FormatInt(id, 10)+"/back", err)
}

func (f *Feature) putBack(r *web.Request) (web.Done, error) {
	id, err := number(r.PathValue("identity"))
	if err != nil {
		return web.Done{}, err
	}
	uid, err := f.PutBack(r.Context(), r.Viewer, id)
	return done("/people/"+uid, "The identity is back where the rules put it.", "", err)
}

func (f *Feature) joinByHand(r *web.Request) (web.Done, error) {
	uid, a, b, err := f.Join(r.Context(), r.Viewer, r.PathValue("id"), r.PostForm.Get("other"))
	return done("/people/"+uid, "The two are one person now.", "/people/"+uid+"/unjoin/"+strconv.FormatInt(a, 10)+"/"+strconv.FormatInt(b, 10), err)
}

func (f *Feature) unjoin(r *web.Request) (web.Done, error) {
	a, err := number(r.PathValue("a"))
	if err != nil {
		return web.Done{}, err
	}
	b, err := number(r.PathValue("b"))
	if err != nil {
		return web.Done{}, err
	}
	uid, err := f.Unjoin(r.Context(), r.Viewer, a, b)
	return done("/people/"+uid, "They are two persons again.", "", err)
}

func (f *Feature) erase(r *web.Request) (web.Done, error) {
	err := f.Erase(r.Context(), r.Viewer, r.PathValue("id"))
	return done("/people", "Every name and address of this person is erased.", "", err)
}

func (f *Feature) joinAgain(r *web.Request) (web.Done, error) {
	return done("/people", "Names and addresses are being grouped again.", "", f.JoinAgain(r.Context(), r.Viewer))
}
