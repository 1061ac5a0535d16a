package graph

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"steward/internal/platform/relation"
	"steward/internal/platform/search"
	"steward/internal/platform/web"
	"steward/internal/platform/web/piece"
)

// maxHits is how many records a search on these pages offers.
const maxHits = 25

// maxNamed is how many records, relations or kinds an address may name.
const maxNamed = 50

// questionOf reads what an address asks. What it does not know it leaves out.
func (f *Feature) questionOf(r *web.Request, of relation.Ref) Question {
	in := r.URL.Query()
	q := Question{Of: of, Depth: number(in.Get("depth"), 1, maxDepth), Page: number(in.Get("page"), 1, maxWhole/listPage), Group: in.Get("group")}
	for _, name := range split(in["types"]) {
		if slices.ContainsFunc(f.types, func(t relation.Type) bool { return t.Name == name }) && !slices.Contains(q.Types, name) {
			q.Types = append(q.Types, name)
		}
	}
	for _, name := range split(in["kinds"]) {
		if _, ok := f.kind(name); ok && !slices.Contains(q.Kinds, name) {
			q.Kinds = append(q.Kinds, name)
		}
	}
	for _, text := range in["open"][:min(len(in["open"]), maxNamed)] {
		if ref, ok := relation.Parse(text); ok && !slices.Contains(q.Open, ref) {
			q.Open = append(q.Open, ref)
		}
	}
	if !slices.ContainsFunc(f.ways(), func(w Way) bool { return w.Key() == q.Group }) {
		q.Group = ""
	}
	return q
}

// split reads lists of words, with commas or repeated.
func split(values []string) []string {
	all := strings.Split(strings.Join(values[:min(len(values), maxNamed)], ","), ",")
	return all[:min(len(all), maxNamed)]
}

// number reads a number between 1 and most; anything else is otherwise.
func number(text string, otherwise, most int) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return otherwise
	}
	return n
}

// address is where the question is answered.
func (q Question) address() string { return "/graph?" + q.values().Encode() }

func (q Question) values() url.Values {
	out := url.Values{"of": {q.Of.String()}}
	if q.Depth > 1 {
		out.Set("depth", strconv.Itoa(q.Depth))
	}
	if len(q.Types) > 0 {
		out.Set("types", strings.Join(q.Types, ","))
	}
	if len(q.Kinds) > 0 {
		out.Set("kinds", strings.Join(q.Kinds, ","))
	}
	for _, ref := range q.Open {
		out.Add("open", ref.String())
	}
	if q.Group != "" {
		out.Set("group", q.Group)
	}
	if q.Page > 1 {
		out.Set("page", strconv.Itoa(q.Page))
	}
	return out
}

// opened is the question with one more record opened.
func (q Question) opened(ref relation.Ref) Question {
	q.Open = append(slices.Clone(q.Open), ref)
	return q
}

// choice is one value of a filter, with the address that turns it over.
type choice struct {
	Label, Href string
	On          bool
}

// toggled gives the list without the name, or with it.
func toggled(list []string, name string) []string {
	if i := slices.Index(list, name); i >= 0 {
		return slices.Delete(slices.Clone(list), i, i+1)
	}
	return append(slices.Clone(list), name)
}

// listed is a relation as the page lists it.
type listed struct {
	Group
	Number string // how many there are
	Rows   []row
	Whole  string // address of the whole list; empty when all are shown
}

type row struct {
	Neighbour
	Kind   string
	Middle string // address of the graph around it
	Expand string // address with it opened in the picture; empty when it is
}

// sentence is a line of the picture in words.
type sentence struct {
	From, To Node
	Says     string
}

// neighbours is the page of one record.
type neighbours struct {
	Of        string // as addresses name it
	Name      string
	Kind      string
	Icon      string
	Groups    []listed
	Depths    []choice
	Types     []choice
	Kinds     []choice
	Filtered  int // filters that are set
	All       string
	Picture   picture
	Sentences []sentence
	Alone     bool
	Cut       bool
	Close     string // address with nothing opened; empty when nothing is
}

func (f *Feature) graphPage(r *web.Request) (web.Page, error) {
	if r.URL.Query().Get("of") == "" {
		return f.startPage(r)
	}
	of, err := parse(r.URL.Query().Get("of"))
	if err != nil {
		return web.Page{}, err
	}
	q := f.questionOf(r, of)
	n, err := f.Of(r.Context(), r.Viewer, q)
	if err != nil {
		return web.Page{}, err
	}
	kind, _ := f.kind(of.Kind)
	page := web.Page{
		Title: n.Of.Name, Badges: []web.Badge{{Word: kind.One}}, Crumbs: []web.Crumb{{Label: "Estate"}, {Label: "Graph", Href: "/graph"}},
		Actions: []web.Action{{Label: "Its page", Icon: kind.Icon, Href: n.Of.Href}}, API: "/api/v1" + q.address(),
	}
	if n.Of.Note != "" {
		page.Lede = n.Of.Note
	}
	if q.Group != "" {
		return f.wholeList(page, n, q), nil
	}
	data := neighbours{
		Of: of.String(), Name: n.Of.Name, Kind: kind.One, Icon: kind.Icon, Picture: f.draw(n, q), Alone: len(n.Groups) == 0, Cut: n.Cut,
		Filtered: len(q.Types) + len(q.Kinds), All: Question{Of: of, Depth: q.Depth}.address(),
	}
	f.filters(&data, q)
	for _, g := range n.Groups {
		data.Groups = append(data.Groups, f.listed(g, q))
	}
	for _, line := range n.Lines {
		data.Sentences = append(data.Sentences, sentence{n.Nodes[line.From], n.Nodes[line.To], line.Says})
	}
	if len(q.Open) > 0 {
		closed := q
		closed.Open = nil
		data.Close = closed.address()
	}
	page.Template, page.Data = "graph/neighbours", data
	return page, nil
}

// filters are depth, relations and kinds to choose from.
func (f *Feature) filters(data *neighbours, q Question) {
	for depth := 1; depth <= maxDepth; depth++ {
		other, label := q, "1 step"
		if other.Depth = depth; depth > 1 {
			label = strconv.Itoa(depth) + " steps"
		}
		data.Depths = append(data.Depths, choice{Label: label, Href: other.address(), On: q.Depth == depth})
	}
	for _, t := range f.types {
		other := q
		other.Types = toggled(q.Types, t.Name)
		data.Types = append(data.Types, choice{Label: t.Word + " / " + t.Back, Href: other.address(), On: slices.Contains(q.Types, t.Name)})
	}
	for _, k := range f.kinds {
		other := q
		other.Kinds = toggled(q.Kinds, k.Name)
		data.Kinds = append(data.Kinds, choice{Label: k.Many, Href: other.address(), On: slices.Contains(q.Kinds, k.Name)})
	}
}

func (f *Feature) listed(g Group, q Question) listed {
	out := listed{Group: g, Number: piece.Number(int64(g.Count))}
	if g.More {
		out.Number += "+"
	}
	for _, one := range g.Neighbours {
		kind, _ := f.kind(one.Kind)
		line := row{Neighbour: one, Kind: kind.One, Middle: Question{Of: one.Ref, Depth: q.Depth}.address()}
		if !slices.Contains(q.Open, one.Ref) && q.Depth < 2 {
			line.Expand = q.opened(one.Ref).address()
		}
		out.Rows = append(out.Rows, line)
	}
	if q.Group == "" && (g.Count > len(g.Neighbours) || g.More) {
		whole := q
		whole.Group, whole.Open = g.Key, nil
		out.Whole = whole.address()
	}
	return out
}

// whole is the page of all records that are next to one by one relation.
type whole struct {
	List        listed
	First, Last string
	Prev, Next  string
	Back        string
	Most        string // how many are listed at most, when there are more
}

func (f *Feature) wholeList(page web.Page, n Neighbourhood, q Question) web.Page {
	back := q
	back.Group, back.Page = "", 0
	data := whole{Back: back.address()}
	page.Crumbs = append(page.Crumbs, web.Crumb{Label: n.Of.Name, Href: data.Back})
	for _, g := range n.Groups {
		data.List = f.listed(g, q)
		data.First, data.Last = piece.Number(int64(g.First+1)), piece.Number(int64(g.First+len(g.Neighbours)))
		if page.Title += ": " + g.Says; g.First+listPage < g.Count {
			next := q
			next.Page = q.Page + 1
			data.Next = next.address()
		} else if g.More {
			data.Most = piece.Number(maxWhole)
		}
		if q.Page > 1 {
			prev := q
			prev.Page--
			data.Prev = prev.address()
		}
	}
	page.Template, page.Data = "graph/whole", data
	return page
}

// hit is a record that a search found.
type hit struct {
	Name, Note, Kind, Icon string
	Href                   string
	Other                  string // on the page of paths: the other direction
}

// hits looks for records of the kinds that are in the graph. The address of
// each is made by to.
func (f *Feature) hits(r *web.Request, text string, to func(relation.Ref) (href, other string)) ([]hit, error) {
	kinds := make([]string, len(f.kinds))
	for i, k := range f.kinds {
		kinds[i] = k.Name
	}
	found, err := search.Find(r.Context(), f.db, r.Viewer, search.Query{Text: text, Kinds: kinds, Limit: maxHits})
	if err != nil {
		return nil, err
	}
	l := f.look(r.Viewer)
	refs := make([]relation.Ref, len(found.Hits))
	for i, h := range found.Hits {
		refs[i] = relation.Ref{Kind: h.Kind, ID: h.ID}
	}
	if err := l.find(r.Context(), refs); err != nil {
		return nil, err
	}
	var all []hit
	for _, ref := range refs {
		one, ok := l.known[ref]
		if !ok {
			continue
		}
		kind, _ := f.kind(ref.Kind)
		h := hit{Name: one.Name, Note: one.Note, Kind: kind.One, Icon: kind.Icon}
		h.Href, h.Other = to(ref)
		all = append(all, h)
	}
	return all, nil
}

// start is the page on which one looks for the record to begin with.
type start struct {
	Typed string
	Hits  []hit
}

func (f *Feature) startPage(r *web.Request) (web.Page, error) {
	data := start{Typed: typed(r)}
	var err error
	if data.Typed != "" {
		data.Hits, err = f.hits(r, data.Typed, func(ref relation.Ref) (string, string) { return Question{Of: ref}.address(), "" })
	}
	return web.Page{
		Title: "Graph", Lede: "How a repository, component, package, licence or team hangs together with others.",
		Crumbs: []web.Crumb{{Label: "Estate"}}, Template: "graph/start", Data: data,
	}, err
}

func typed(r *web.Request) string {
	const longest = 200
	text := strings.TrimSpace(strings.ToValidUTF8(r.URL.Query().Get("q"), ""))
	return string([]rune(text)[:min(len([]rune(text)), longest)])
}
