package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/listing"
	"steward/internal/platform/view"
	"steward/internal/platform/web/kept"
	"steward/internal/platform/web/table"
)

// saved are the views of a list that a viewer saved or that are shared.
func (l *list) saved(r *Request) ([]view.View, error) {
	if l.server.config.Views == nil {
		return nil, nil
	}
	return l.server.config.Views.Of(r.Context(), r.Viewer, l.spec.Name)
}

// opening is the address of the view that the list opens with, "" for none.
func (l *list) opening(all []view.View) string {
	for _, one := range all {
		if one.Default {
			return "/" + l.spec.Name + "?" + one.Terms
		}
	}
	return ""
}

// tabs are the list's own views and the saved ones. Their numbers are kept, see package kept; the
// current one has that of the page.
func (l *list) tabs(r *Request, q listing.Query, total listing.Count, saved []view.View) []table.Tab {
	if len(l.spec.Views)+len(saved) == 0 {
		return nil
	}
	path, current := "/"+l.spec.Name, q.Terms()
	out := []table.Tab{{Label: "All", Href: path}}
	terms := []string{""}
	if l.opening(saved) != "" {
		out[0].Href = path + "?view="
	}
	for _, own := range l.spec.Views {
		terms = append(terms, url.Values{"view": {own.Key}}.Encode())
		out = append(out, table.Tab{Label: own.Label, Href: path + "?" + terms[len(terms)-1], Current: own.Key == q.View})
	}
	for _, one := range saved {
		terms = append(terms, one.Terms)
		out = append(out, table.Tab{Label: one.Name, Href: path + "?" + one.Terms, Saved: &table.Saved{
			ID: one.ID, Name: one.Name, Mine: one.Mine, Shared: one.Shared, Default: one.Default, MayShare: r.Viewer.Can(access.ManageSettings),
		}})
	}
	out[0].Current = q.View == ""
	if at := slices.Index(terms[1+len(l.spec.Views):], current); at >= 0 {
		for i := range out {
			out[i].Current = i == 1+len(l.spec.Views)+at
		}
	}
	for i, number := range l.server.counts.Of(r.Context(), l.asks(r, terms)) {
		switch {
		case terms[i] == current || out[i].Current && !q.Filtered():
			out[i].Count = table.Counted(total)
		case number != nil:
			out[i].Count = table.Counted(listing.Count{N: number.N, More: number.More})
		}
	}
	return out
}

// asks wants the number of rows under each of some parameters of the list's address.
func (l *list) asks(r *Request, terms []string) []kept.Ask[Count] {
	var asks []kept.Ask[Count]
	for _, one := range terms {
		values, err := url.ParseQuery(one)
		if err != nil {
			values = nil // as the page itself does
		}
		query := l.spec.Parse(values, r.Now)
		asks = append(asks, kept.Ask[Count]{
			Key: "list\x00" + l.spec.Name + "\x00" + one + "\x00" + who(r.Viewer),
			Read: func(ctx context.Context) (Count, error) {
				n, err := l.spec.Count(ctx, l.db, r.Viewer, query)
				return Count{N: n.N, More: n.More}, err
			},
		})
	}
	return asks
}

// savable are the parameters that "Save as a view" saves, "" where a view shows the same.
func savable(q listing.Query, tabs []table.Tab) string {
	terms := q.Terms()
	if !q.Filtered() && q.Sort.Column == "" || slices.ContainsFunc(tabs, func(t table.Tab) bool { return t.Current && t.Saved != nil }) {
		return ""
	}
	return terms
}

// nameForm is what template/view.tmpl shows: the form in which a view gets its name.
type nameForm struct {
	Do       string // address that is posted to
	Verb     string
	List     string
	Title    string // of the list
	Terms    string
	Name     string
	Back     string
	Problems []Problem
}

// mountViews mounts what is done with views. They belong to the one who saves them, so that all
// who see a list may.
func (s *Server) mountViews() {
	if s.config.Views == nil {
		return
	}
	s.Page("/views/new", access.ReadEstate, s.newView)
	s.Post("/views", access.ReadEstate, s.saveView)
	s.Post("/views/{id}/rename", access.ReadEstate, s.renameView)
	for _, act := range []struct {
		path, said, undo string
		needs            access.Action
		do               func(context.Context, access.Viewer, string) (view.View, error)
	}{
		{"remove", " has been removed.", "restore", access.ReadEstate, s.config.Views.Remove},
		{"restore", " is back.", "", access.ReadEstate, s.config.Views.Restore},
		{"share", " is shown to everybody.", "unshare", access.ManageSettings, func(ctx context.Context, v access.Viewer, id string) (view.View, error) {
			return s.config.Views.Share(ctx, v, id, true)
		}},
		{"unshare", " is shown to its owner alone.", "share", access.ManageSettings, func(ctx context.Context, v access.Viewer, id string) (view.View, error) {
			return s.config.Views.Share(ctx, v, id, false)
		}},
		{"open", " is what the list opens with.", "close", access.ReadEstate, func(ctx context.Context, v access.Viewer, id string) (view.View, error) {
			return s.config.Views.Open(ctx, v, id, true)
		}},
		{"close", " is no longer what the list opens with.", "open", access.ReadEstate, func(ctx context.Context, v access.Viewer, id string) (view.View, error) {
			return s.config.Views.Open(ctx, v, id, false)
		}},
	} {
		s.Post("/views/{id}/"+act.path, act.needs, func(r *Request) (Done, error) {
			one, err := act.do(r.Context(), r.Viewer, r.PathValue("id"))
			if err != nil {
				return Done{}, err
			}
			done := Done{To: "/" + one.List + "?" + one.Terms, Toast: Toast{Text: "The view “" + one.Name + "”" + act.said}}
			if act.undo != "" {
				done.Toast.Undo = "/views/" + one.ID + "/" + act.undo
			}
			if act.path == "remove" {
				done.To = "/" + one.List + "?view="
			}
			return done, nil
		})
	}
}

// newView is the form for a name, by what a list's page asks to save.
func (s *Server) newView(r *Request) (Page, error) {
	form, err := s.viewForm(r, r.URL.Query())
	return Page{Title: form.Verb, Template: "view.tmpl", Data: form, Crumbs: []Crumb{{Label: form.Title, Href: form.Back}}}, err
}

func (s *Server) saveView(r *Request) (Done, error) {
	form, err := s.viewForm(r, r.PostForm)
	if err != nil {
		return Done{}, err
	}
	one, err := s.config.Views.Put(r.Context(), r.Viewer, form.List, form.Name, form.Terms)
	if again := againWithName(form, err); again != nil {
		return Done{Again: again}, nil
	}
	return Done{To: form.Back, Toast: Toast{Text: "The view “" + one.Name + "” has been saved."}}, err
}

// viewForm reads which list is to be saved and how it is filtered and sorted.
func (s *Server) viewForm(r *Request, in url.Values) (nameForm, error) {
	form := nameForm{Do: "/views", Verb: "Save as a view", List: in.Get("list"), Name: in.Get("name")}
	i := slices.IndexFunc(s.listed, func(l Listed) bool { return l.Spec.Name == form.List && (l.Needs == "" || r.Viewer.Can(l.Needs)) })
	values, err := url.ParseQuery(in.Get("terms"))
	if i < 0 || err != nil {
		return form, fault.New(fault.Invalid, "There is no such list to save a view of. Open the list and save it there.")
	}
	form.Title = s.listed[i].Spec.Title
	form.Terms = s.listed[i].Spec.Parse(values, r.Now).Terms()
	form.Back = "/" + form.List + "?" + form.Terms
	return form, nil
}

func (s *Server) renameView(r *Request) (Done, error) {
	id, name := r.PathValue("id"), r.PostForm.Get("name")
	was, err := s.config.Views.Find(r.Context(), r.Viewer, id)
	if err != nil {
		return Done{}, err
	}
	form := nameForm{Title: "The list", Do: "/views/" + id + "/rename", Verb: "Rename view", Name: name, Back: "/" + was.List + "?" + was.Terms}
	one, err := s.config.Views.Rename(r.Context(), r.Viewer, id, name)
	if again := againWithName(form, err); again != nil {
		return Done{Again: again}, nil
	}
	return Done{To: form.Back, Toast: Toast{Text: "The view is called “" + one.Name + "” now."}}, err
}

// againWithName gives the form again when the name is what must change.
func againWithName(form nameForm, err error) *Page {
	if kind, ok := fault.KindOf(err); !ok || kind != fault.Invalid && kind != fault.Conflict {
		return nil
	}
	form.Problems = []Problem{{Field: "view-name", Text: fault.Sentence(err)}}
	return &Page{Title: form.Verb, Template: "view.tmpl", Data: form, Crumbs: []Crumb{{Label: form.Title, Href: form.Back}}}
}

// openWith leads an address without parameters to the view that the viewer chose to open the list with.
func (l *list) openWith(w http.ResponseWriter, r *Request, saved []view.View) bool {
	to := l.opening(saved)
	if to == "" || r.URL.RawQuery != "" {
		return false
	}
	w.Header().Set("Cache-Control", "private, no-store")
	http.Redirect(w, r.Request, to, http.StatusSeeOther)
	return true
}
