package web

import (
	"context"
	"net/url"
	"strings"

	"steward/internal/platform/access"
	"steward/internal/platform/web/hook"
)

// Finder answers the search field for one kind of record or for many.
type Finder struct {
	// Find returns at most limit hits for what was typed, best first; kind is "" for all. It is called
	// while people type, so it must be fast.
	Find func(ctx context.Context, v access.Viewer, typed, kind string, limit int) (Found, error)
	// Narrowing are the words that Find takes to narrow down, for the search page to tell.
	Narrowing []Narrowing
}

// Narrowing is a word that narrows a search down when a value follows it after a colon.
type Narrowing struct {
	Word    string // "owner"
	Meaning string // "components of a team"
	Example string // what may follow: "payments-core"
}

// Found is what a search finds.
type Found struct {
	Hits  []Hit
	Total Count
	Kinds []HitKind // kinds with counts, for narrowing down; none is fine
}

// Hit is one record found.
type Hit struct {
	Kind  string // "component", in the words of people
	Icon  string // name of a symbol; "" is a document
	Title string
	Href  string
	Text  any    // where it matches: a string, or template.HTML made by pieces
	Meta  string // at the right: "payments-core"
}

// HitKind is one kind with the number of hits.
type HitKind struct {
	Key, Label string
	Count      Count
	Current    bool
}

// Finder adds a source of hits to search.
func (s *Server) Finder(f Finder) { s.finders = append(s.finders, f) }

const (
	suggestions = 8
	pageHits    = 50
	maxTyped    = 200
)

// searchView is what template/search.tmpl and template/suggest.tmpl show.
type searchView struct {
	Typed   string
	Kind    string
	Hits    []Hit
	Total   Count
	Kinds   []HitKind
	Partial bool
	All     string // address of the search without a kind
	Took    string
	// Narrowing are the words that all finders take.
	Narrowing []Narrowing
}

func (s *Server) search(r *Request, limit int) searchView {
	query := r.URL.Query()
	typed := strings.TrimSpace(strings.ToValidUTF8(query.Get("q"), ""))
	typed = strings.ReplaceAll(typed[:min(len(typed), maxTyped)], "\x00", "")
	view := searchView{Typed: strings.ToValidUTF8(typed, ""), Kind: query.Get("kind")}
	view.All = "/search?q=" + url.QueryEscape(view.Typed)
	if view.Typed == "" {
		return view
	}
	g := hook.NewGroup(r.Context())
	hooks := make([]*hook.Answer[Found], len(s.finders))
	for i, f := range s.finders {
		hooks[i] = hook.Ask(g, func(ctx context.Context) (Found, error) { return f.Find(ctx, r.Viewer, view.Typed, view.Kind, limit) })
	}
	g.Wait()
	for _, w := range hooks {
		found, err := w.Take()
		if err != nil {
			s.late(r.Context(), "search", err)
			view.Partial = true
			continue
		}
		view.Hits = append(view.Hits, found.Hits...)
		view.Total.N += found.Total.N
		view.Total.More = view.Total.More || found.Total.More
		for _, k := range found.Kinds {
			k.Current = k.Key == view.Kind
			view.Kinds = append(view.Kinds, k)
		}
	}
	view.Hits = view.Hits[:min(len(view.Hits), limit)]
	view.Total.N = max(view.Total.N, int64(len(view.Hits)))
	for i, h := range view.Hits {
		if !s.static.Icon(h.Icon) {
			view.Hits[i].Icon = "doc"
		}
	}
	view.Took = took(s.config.Now().Sub(r.Now))
	return view
}

// KindHref is the address of the search within one kind.
func (v searchView) KindHref(kind string) string { return v.All + "&kind=" + url.QueryEscape(kind) }

func (s *Server) searchPage(r *Request) (Page, error) {
	view := s.search(r, pageHits)
	for _, f := range s.finders {
		view.Narrowing = append(view.Narrowing, f.Narrowing...)
	}
	page := Page{Title: "Search", Template: "search.tmpl", Data: view}
	if view.Typed != "" {
		query := url.Values{"q": {view.Typed}}
		if view.Kind != "" {
			query.Set("kind", view.Kind)
		}
		page.API = "/api/v1/search?" + query.Encode()
	}
	return page, nil
}

func (s *Server) suggest(r *Request) (Page, error) {
	return Page{Template: "suggest.tmpl", Data: s.search(r, suggestions)}, nil
}
