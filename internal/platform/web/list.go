package web

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/listing"
	"steward/internal/platform/store"
	"steward/internal/platform/view"
	"steward/internal/platform/web/download"
	"steward/internal/platform/web/table"
)

// ListOptions say how a list stands in the hub.
type ListOptions struct {
	Area    Area
	Needs   access.Action // to see it at all
	Lede    string
	Crumbs  []Crumb  // pages above the list, when it stands in no area
	Actions []Action // right of the heading, before Export; shown to those who may ActNeeds
	// ActNeeds is what Actions and Selection need; "" is all who see the list.
	ActNeeds  access.Action
	Selection []Action // what may be done with picked rows: a form is posted to Href that listing.ParsePicked reads
	PickKey   string   // column whose value is posted; needed with Selection
	PickMost  int64    // how many rows may be picked at once
	// Notices are drawn above the list, such as what is missing from it; nil for none.
	Notices func(*Request) ([]Notice, error)
}

// List mounts a list: GET /<name>, /<name>.csv, /<name>.json and, by pages, /api/v1/<name>.
func (s *Server) List(spec listing.Spec, db *store.DB, o ListOptions) {
	if s.config.More != nil {
		spec = spec.With(s.config.More(spec)...)
	}
	if err := spec.Check(); err != nil {
		s.problem(err)
		return
	}
	s.listed = append(s.listed, Listed{Spec: spec, Needs: o.Needs})
	l := &list{server: s, spec: spec, db: db, options: o}
	s.Raw("GET /"+spec.Name, o.Needs, l.show)
	s.Raw("GET /"+spec.Name+".csv", o.Needs, func(w http.ResponseWriter, r *Request) error {
		return l.export(w, r, download.CSV)
	})
	s.Raw("GET /"+spec.Name+".json", o.Needs, func(w http.ResponseWriter, r *Request) error {
		return l.export(w, r, download.JSON)
	})
	s.Raw("GET /api/v1/"+spec.Name, o.Needs, l.api)
}

// Listed is a list that has been mounted.
type Listed struct {
	Spec  listing.Spec
	Needs access.Action
}

// Lists gives the lists that have been mounted, for the description of the API.
func (s *Server) Lists() []Listed { return slices.Clone(s.listed) }

// Patterns gives the patterns of everything that has been mounted ("GET /api/v1/repositories").
func (s *Server) Patterns() (all []string) {
	for _, r := range s.routes {
		all = append(all, r.Pattern)
	}
	return all
}

type list struct {
	server  *Server
	spec    listing.Spec
	db      *store.DB
	options ListOptions
}

// show draws the page, or for htmx the choices of one filter alone.
func (l *list) show(w http.ResponseWriter, r *Request) error {
	q := l.spec.Parse(r.URL.Query(), r.Now)
	if q.Wants() == "" || r.Header.Get("HX-Request") != "true" {
		saved, err := l.saved(r)
		if err != nil {
			l.server.late(r.Context(), "views of list "+l.spec.Name, err)
		}
		if l.openWith(w, r, saved) {
			return nil
		}
		page, err := l.page(r, q, saved)
		if err != nil {
			return err
		}
		return l.server.Show(w, r, page)
	}
	result, err := l.spec.Choices(r.Context(), l.db, r.Viewer, q)
	if err != nil {
		return err
	}
	for _, p := range l.table(r).Pills(q, result) {
		if p.Opened {
			return l.server.showPart(w, r, Page{Template: "choices", Data: p})
		}
	}
	return fmt.Errorf("list %s has no filter %q", l.spec.Name, q.Wants())
}

func (l *list) page(r *Request, q listing.Query, saved []view.View) (Page, error) {
	result, err := l.spec.Page(r.Context(), l.db, r.Viewer, q)
	if err != nil {
		return Page{}, err
	}
	t := l.table(r)
	t.Tabs = l.tabs(r, q, result.Total, saved)
	if l.opening(saved) != "" {
		t.All = "/" + l.spec.Name + "?view="
	}
	drawn := t.View(r.URL.Query(), q, result, q.Compact || compact(r.Request))
	drawn.Notices = l.notices(r)
	page := Page{Title: l.spec.Title, Template: "list.tmpl", Data: drawn, API: table.Address("/api/v1/"+l.spec.Name, q.Values())}
	page.Export = []Action{
		{Label: "These " + drawn.Total + " as CSV", Href: table.Address("/"+l.spec.Name+".csv", q.Values())},
		{Label: "These " + drawn.Total + " as JSON", Href: table.Address("/"+l.spec.Name+".json", q.Values())},
	}
	if l.options.Lede != "" {
		page.Lede = l.options.Lede
	}
	page.Crumbs = l.options.Crumbs
	if l.options.Area != Top && l.options.Area != Foot {
		page.Crumbs = []Crumb{{Label: string(l.options.Area)}}
	}
	if l.options.ActNeeds == "" || r.Viewer.Can(l.options.ActNeeds) {
		page.Actions = slices.Clone(l.options.Actions)
	}
	if terms := savable(q, t.Tabs); terms != "" && l.server.config.Views != nil && r.Viewer.AccountID() != "" {
		page.Actions = append(page.Actions, Action{Label: "Save as a view", Href: table.Address("/views/new", url.Values{"list": {l.spec.Name}, "terms": {terms}})})
	}
	return page, nil
}

// notices say what is missing from the list: what its feature says, else that repositories are being read.
func (l *list) notices(r *Request) []Notice {
	if l.options.Notices != nil {
		notices, err := l.options.Notices(r)
		if err != nil {
			l.server.late(r.Context(), "notices of list "+l.spec.Name, err)
		}
		return notices
	}
	if l.options.Area == Top || l.options.Area == Foot {
		return nil
	}
	var out []Notice
	for _, w := range l.server.workingNow(r) {
		out = append(out, Notice{Tone: "info", Word: "Partial", Text: w.Text + ". What is shown is true for the others.", Action: Action{Label: "Follow", Href: w.Href}})
	}
	return out
}

// table is how the list is drawn for one who asks.
func (l *list) table(r *Request) table.Table {
	t := table.Table{Spec: l.spec, Pieces: l.server.pieces, Now: l.server.config.Now, PickKey: l.options.PickKey, PickMost: l.options.PickMost}
	if l.options.ActNeeds == "" || r.Viewer.Can(l.options.ActNeeds) {
		t.Selection = l.options.Selection
	}
	return t
}

// understood parses the query of a program or an export. What the list does not know is refused: without it there would
// be other rows than were asked for, and nobody looks at a note. The page shows the note instead.
func (l *list) understood(r *Request) (listing.Query, error) {
	q := l.spec.Parse(r.URL.Query(), r.Now)
	if len(q.Unknown) > 0 {
		return q, fault.New(fault.Invalid, "The list of %s does not know %s. /api names its parameters and their values.", l.spec.Plural, strings.Join(q.Unknown, ", "))
	}
	return q, nil
}

// export sends everything under the query.
func (l *list) export(w http.ResponseWriter, r *Request, f download.Format) error {
	q, err := l.understood(r)
	if err != nil {
		return err
	}
	write := l.spec.CSV
	if f == download.JSON {
		write = l.spec.JSON
	}
	return download.Send(w, r.Now, l.spec.Name, f, func(out io.Writer) error { return write(r.Context(), l.db, r.Viewer, q, out) })
}

// api answers one page for programs: items, total, and the address of the next page.
func (l *list) api(w http.ResponseWriter, r *Request) error {
	q, err := l.understood(r)
	if err != nil {
		return err
	}
	result, err := l.spec.Page(r.Context(), l.db, r.Viewer, q)
	if err != nil {
		return err
	}
	body := struct {
		Items       []json.RawMessage `json:"items"`
		Total       int64             `json:"total"`
		TotalIsMore bool              `json:"total_is_more"` // there are more than total
		Next        string            `json:"next,omitempty"`
	}{Items: []json.RawMessage{}, Total: result.Total.N, TotalIsMore: result.Total.More}
	for _, row := range result.Rows {
		object, err := l.spec.Object(row)
		if err != nil {
			return err
		}
		body.Items = append(body.Items, object)
	}
	if result.Next != "" {
		values := q.Values()
		values.Set("after", result.Next)
		body.Next = table.Address("/api/v1/"+l.spec.Name, values)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "private, no-cache")
	_ = json.NewEncoder(w).Encode(body) // whoever asked may have gone away
	return nil
}
