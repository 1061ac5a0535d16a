package sbom

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"steward/internal/feature/sbom/reading"
	"steward/internal/feature/sbom/spread"
	"steward/internal/feature/sbom/within"
	"steward/internal/format/version"
	"steward/internal/platform/fault"
	"steward/internal/platform/web"
	"steward/internal/platform/web/piece"
)

// usesShown is how many uses a page shows.
const usesShown = 50

// answerPage is the page of a package: the answer to who uses it.
type answerPage struct {
	Package  Package
	Answer   Answer
	Problem  string // what is wrong with the range that was asked for
	Typed    string
	Allowed  string
	Keep     []field // what the form of the range must carry along
	Scopes   []choice
	Direct   toggle
	Fixtures toggle
	Total    int64 // components that use it in any version
	Spread   spread.Picture
	About    []web.Fact
	Pager    pager
}

type field struct{ Name, Value string }

type choice struct {
	Label, Href string
	On          bool
}

// toggle is a condition that is set or not, with the address of the other state.
type toggle struct {
	On   bool
	Href string
}

type pager struct {
	First, Last, Total string
	Next, Prev         string
}

// questionOf reads a question about a package from an address.
func questionOf(r *web.Request, name string) (Question, int) {
	in := r.URL.Query()
	q := Question{Name: name, Range: clean(in.Get("range")), Scope: clean(in.Get("scope")), Direct: in.Get("direct") == "yes", Fixtures: in.Get("fixtures") == "yes", Limit: usesShown}
	if _, ok := scopeWords[q.Scope]; !ok {
		q.Scope = ""
	}
	page, err := strconv.Atoi(in.Get("page"))
	if err != nil || page < 1 || page > 100_000 {
		page = 1
	}
	q.Offset = (page - 1) * usesShown
	return q, page
}

func clean(s string) string {
	s = strings.TrimSpace(strings.ToValidUTF8(s, ""))
	if len(s) > version.MaxRangeLength {
		s = strings.ToValidUTF8(s[:version.MaxRangeLength], "")
	}
	return s
}

// values writes a question back as it stands in an address.
func (q Question) values() url.Values {
	out := url.Values{}
	if q.Range != "" {
		out.Set("range", q.Range)
	}
	if q.Scope != "" {
		out.Set("scope", q.Scope)
	}
	if q.Direct {
		out.Set("direct", "yes")
	}
	if q.Fixtures {
		out.Set("fixtures", "yes")
	}
	return out
}

func address(path string, q Question, page int) string {
	values := q.values()
	if page > 1 {
		values.Set("page", strconv.Itoa(page))
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// ask reads a package and answers the question in the address. A range that
// cannot be read is told, and the answer is about any version.
func (f *Feature) ask(r *web.Request) (Answer, int, string, error) {
	p, err := f.PackageByUID(r.Context(), r.Viewer, r.PathValue("id"))
	if err != nil {
		return Answer{}, 0, "", err
	}
	q, page := questionOf(r, p.PURL)
	a := Answer{Question: q, Packages: []Package{p}}
	err = f.answer(r.Context(), r.Viewer, &a)
	if !errors.Is(err, fault.Invalid) {
		return a, page, "", err
	}
	problem := fault.Sentence(err)
	q.Range = ""
	a = Answer{Question: q, Packages: []Package{p}}
	return a, page, problem, f.answer(r.Context(), r.Viewer, &a)
}

func (f *Feature) packagePage(r *web.Request) (web.Page, error) {
	a, page, problem, err := f.ask(r)
	if err != nil {
		return web.Page{}, err
	}
	p, q := a.Packages[0], a.Question
	path := "/packages/" + p.UID
	data := answerPage{
		Package: p, Answer: a, Problem: problem, Typed: clean(r.URL.Query().Get("range")), Allowed: version.Allowed, Total: p.Components,
		Spread: spread.Of(a.counts[p.ID], countedBig(p.Components, "component", "components"), countedBig(p.Versions, "version", "versions"), q.Range), Pager: pagerOf(path, a, page),
	}
	data.Scopes, data.Direct, data.Fixtures = scopeChoices(path, q), toggleOf(path, q, func(q *Question) *bool { return &q.Direct }), toggleOf(path, q, func(q *Question) *bool { return &q.Fixtures })
	for name, value := range q.values() {
		if name != "range" {
			data.Keep = append(data.Keep, field{name, value[0]})
		}
	}
	if data.About, err = f.about(r, a); err != nil {
		return web.Page{}, err
	}
	return f.recordPage(p, a, "", web.Page{Template: "sbom/package", Data: data}), nil
}

// recordPage gives a page of a package its head and tabs.
func (f *Feature) recordPage(p Package, a Answer, current string, page web.Page) web.Page {
	path := "/packages/" + p.UID
	page.Title, page.Badges = p.Title(), []web.Badge{{Word: p.Ecosystem()}}
	if p.Type == "maven" && p.Namespace != "" {
		page.Lede = p.Namespace
	}
	if p.Internal {
		page.Badges = append(page.Badges, web.Badge{Tone: "info", Word: "made here"})
	}
	page.Crumbs = []web.Crumb{{Label: "Estate"}, {Label: "Packages", Href: "/packages"}, {Label: p.Ecosystem(), Href: "/packages?ecosystem=" + url.QueryEscape(p.Type)}}
	page.Tabs = []web.Tab{
		{Label: "Who uses it", Href: address(path, a.Question, 1), Count: piece.Number(p.Components), Current: current == ""},
		{Label: "Versions", Href: address(path+"/versions", a.Question, 1), Count: piece.Number(p.Versions), Current: current == "versions"},
		{Label: "Brought in by", Href: address(path+"/brought-in-by", a.Question, 1), Current: current == "brought-in-by"},
	}
	page.API = address("/api/v1"+path, a.Question, 1)
	page.Actions = []web.Action{{Label: "Graph", Icon: "graph", Href: "/graph?of=package:" + p.UID}}
	n := piece.Number(a.Found.Uses + a.MayInclude.Uses)
	page.Export = []web.Action{{Label: "These " + n + " as CSV", Href: address(path+"/uses.csv", a.Question, 1)}, {Label: "These " + n + " as JSON", Href: address(path+"/uses.json", a.Question, 1)}}
	return page
}

func scopeChoices(path string, q Question) []choice {
	var out []choice
	for _, scope := range append([]string{""}, reading.ScopeOrder...) {
		one := q
		one.Scope = scope
		label := scope
		if scope == "" {
			label = "all"
		}
		out = append(out, choice{Label: label, Href: address(path, one, 1), On: scope == q.Scope})
	}
	return out
}

func toggleOf(path string, q Question, of func(*Question) *bool) toggle {
	other := q
	*of(&other) = !*of(&other)
	return toggle{On: *of(&q), Href: address(path, other, 1)}
}

func pagerOf(path string, a Answer, page int) pager {
	total := a.Found.Uses
	p := pager{Total: piece.Number(total)}
	if len(a.Uses) == 0 {
		return p
	}
	first := int64(a.Question.Offset) + 1
	last := first + int64(len(a.Uses)) - 1
	p.First, p.Last = piece.Number(first), piece.Number(last)
	if last < total {
		p.Next = address(path, a.Question, page+1)
	}
	if page > 1 {
		p.Prev = address(path, a.Question, page-1)
	}
	return p
}

// about is the right column of the page.
func (f *Feature) about(r *web.Request, a Answer) ([]web.Fact, error) {
	p := a.Packages[0]
	facts := []web.Fact{{Label: "Address", Value: p.PURL, Source: web.Measured, From: fmt.Sprintf("read in %s", countedBig(p.Repositories, "repository", "repositories"))}}
	if latest := latestOf(a.versions[p.ID]); latest != "" {
		facts = append(facts, web.Fact{Label: "Latest here", Value: latest, Source: web.Measured, From: fmt.Sprintf("of %s", countedBig(p.Versions, "version", "versions"))})
	}
	if p.Unpinned > 0 {
		facts = append(facts, web.Fact{Label: "Range only", Value: countedBig(p.Unpinned, "component", "components"), Source: web.Measured, From: "no lock file says which version"})
	}
	if p.Internal {
		var name, uid, manifest string
		err := f.db.QueryRow(r.Context(), `SELECT r.name, r.uid, m.path FROM manifest_read m JOIN repository r ON r.id = m.repository_id
			WHERE m.project = $1 AND m.project <> '' AND m.fixture = 0 AND r.joined_into = 0 AND `+r.Viewer.Where("r.visibility")+` ORDER BY r.name, m.path LIMIT 1`, p.PURL).Scan(&name, &uid, &manifest)
		if err != nil {
			return nil, fmt.Errorf("find who makes %s: %w", p.PURL, err)
		}
		facts = append(facts, web.Fact{Label: "Made by", Value: name, Href: "/repositories/" + uid, Source: web.Measured, From: manifest})
	}
	return facts, nil
}

func latestOf(s within.Versions) string {
	latest := ""
	for _, v := range s.All {
		if v != "" && !s.Unclear[v] {
			latest = v
		}
	}
	return latest
}

func countedBig(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return piece.Number(n) + " " + many
}

// versionsPage lists all versions of a package.
func (f *Feature) versionsPage(r *web.Request) (web.Page, error) {
	a, _, _, err := f.ask(r)
	if err != nil {
		return web.Page{}, err
	}
	p := a.Packages[0]
	type row struct {
		Version    string
		Components int64
		Matches    bool
		Href       string
	}
	data := struct {
		Range string
		Name  string
		Rows  []row
	}{Range: a.Question.Range, Name: p.FullName}
	counts := a.counts[p.ID]
	for i := len(counts) - 1; i >= 0; i-- {
		c := counts[i]
		one := row{Version: c.Version, Components: c.Components, Matches: c.Matches && a.Question.Range != ""}
		if _, err := version.ParseRange(p.Type, "="+c.Version); c.Version != "" && err == nil {
			one.Href = "/packages/" + p.UID + "?range=" + url.QueryEscape("="+c.Version)
		}
		data.Rows = append(data.Rows, one)
	}
	return f.recordPage(p, a, "versions", web.Page{Template: "sbom/versions", Data: data}), nil
}

// throughPage lists the direct packages through which a package comes in.
func (f *Feature) throughPage(r *web.Request) (web.Page, error) {
	a, _, _, err := f.ask(r)
	if err != nil {
		return web.Page{}, err
	}
	p := a.Packages[0]
	data := struct {
		Name, Range string
		Found       Found
		Through     []BringsIn
	}{p.FullName, a.Question.Range, a.Found, a.Through}
	return f.recordPage(p, a, "brought-in-by", web.Page{Template: "sbom/through", Data: data}), nil
}

// whoUsesPage asks for a name, and leads to the package or lists those of that name.
func (f *Feature) whoUsesPage(r *web.Request) (web.Page, error) {
	type found struct {
		Package
		Href string
	}
	data := struct {
		Name, Range    string
		Problem        string
		Asked          bool
		Matches        []found
		Others         []found
		Base           string
		MatchesOnePage bool
	}{Name: clean(r.URL.Query().Get("name")), Range: clean(r.URL.Query().Get("range"))}
	if data.Name != "" {
		data.Asked = true
		q, err := ParseQuestion(data.Name)
		if err == nil && q.Range != "" && data.Range == "" {
			data.Range = q.Range
		}
		var matches, others []Package
		if err == nil {
			matches, others, err = f.Find(r.Context(), r.Viewer, q.Name)
		}
		if errors.Is(err, fault.Invalid) {
			data.Problem = fault.Sentence(err)
		} else if err != nil {
			return web.Page{}, err
		}
		link := func(list []Package) (out []found) {
			for _, p := range list {
				out = append(out, found{p, address("/packages/"+p.UID, Question{Range: data.Range}, 1)})
			}
			return out
		}
		data.Matches, data.Others = link(matches), link(others)
		base, err := f.base(r.Context(), r.Viewer, nil)
		if err != nil {
			return web.Page{}, err
		}
		data.Base = base.String()
	}
	page := web.Page{
		Title: "Who uses…", Lede: "A package by name, last part or package URL, and a range of versions.",
		Crumbs: []web.Crumb{{Label: "Estate"}, {Label: "Packages", Href: "/packages"}}, Template: "sbom/who", Data: data,
	}
	if data.Asked && data.Problem == "" {
		page.API = "/api/v1/who-uses?" + url.Values{"name": {data.Name}, "range": {data.Range}}.Encode()
	}
	return page, nil
}
