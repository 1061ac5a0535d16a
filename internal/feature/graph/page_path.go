package graph

import (
	"net/url"

	"steward/internal/platform/relation"
	"steward/internal/platform/web"
	"steward/internal/platform/web/piece"
)

// ways is the page of the ways between two records, or of the search for the
// second one.
type ways struct {
	From, To         string // as addresses name them; To is empty until it is chosen
	FromName, ToName string
	Typed            string
	Hits             []hit
	Paths            []told
	Any              bool
	Swap, Wider      string
	Narrow           string
	Same             bool
	More, Cut        bool
	MaxPaths         int
	MaxSteps         int
	Visited          string
}

// told is a path with its text.
type told struct {
	Text string
	Path Path
}

func (b Between) address() string {
	values := url.Values{"from": {b.From.String()}, "to": {b.To.String()}}
	if b.Any {
		values.Set("any", "yes")
	}
	return "/graph/path?" + values.Encode()
}

func (f *Feature) pathPage(r *web.Request) (web.Page, error) {
	from, err := parse(r.URL.Query().Get("from"))
	if err != nil {
		return web.Page{}, err
	}
	if r.URL.Query().Get("to") == "" {
		return f.chooseEnd(r, from)
	}
	q := Between{From: from, Any: r.URL.Query().Get("any") == "yes"}
	if q.To, err = parse(r.URL.Query().Get("to")); err != nil {
		return web.Page{}, err
	}
	p, err := f.Between(r.Context(), r.Viewer, q)
	if err != nil {
		return web.Page{}, err
	}
	data := ways{
		From: q.From.String(), To: q.To.String(), FromName: p.From.Name, ToName: p.To.Name, Any: q.Any, Same: q.From == q.To, More: p.More, Cut: p.Cut,
		Swap: Between{From: q.To, To: q.From, Any: q.Any}.address(), MaxPaths: maxPaths, MaxSteps: maxSteps, Visited: piece.Number(maxVisited),
	}
	if q.Any {
		data.Narrow = Between{From: q.From, To: q.To}.address()
	} else {
		data.Wider = Between{From: q.From, To: q.To, Any: true}.address()
	}
	for i, path := range p.Paths {
		data.Paths = append(data.Paths, told{p.Texts[i], path})
	}
	return web.Page{
		Title: "From " + p.From.Name + " to " + p.To.Name, Crumbs: pathCrumbs(p.From), Template: "graph/path", Data: data, API: "/api/v1" + q.address(),
	}, nil
}

func pathCrumbs(from relation.Record) []web.Crumb {
	return []web.Crumb{{Label: "Estate"}, {Label: "Graph", Href: "/graph"}, {Label: from.Name, Href: Question{Of: from.Ref}.address()}}
}

// chooseEnd looks for the record that a way is to lead to.
func (f *Feature) chooseEnd(r *web.Request, from relation.Ref) (web.Page, error) {
	l := f.look(r.Viewer)
	record, err := l.one(r.Context(), from)
	if err != nil {
		return web.Page{}, err
	}
	data := ways{From: from.String(), FromName: record.Name, Typed: typed(r)}
	if data.Typed != "" {
		data.Hits, err = f.hits(r, data.Typed, func(ref relation.Ref) (string, string) {
			return Between{From: from, To: ref}.address(), Between{From: ref, To: from}.address()
		})
	}
	return web.Page{Title: "How does " + record.Name + " come to depend on…", Crumbs: pathCrumbs(record), Template: "graph/choose", Data: data}, err
}
