package web

import (
	"encoding/json"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"

	"steward/internal/platform/listing"
	"steward/internal/platform/web/piece"
)

// newListView turns one page of a list into what its template draws.
func newListView(l *list, r *Request, q listing.Query, result listing.Result) listView {
	path := "/" + l.spec.Name
	at := func(values url.Values) string { return l.address(path, values) }
	view := listView{Spec: l.spec, Unknown: q.Unknown, Text: q.Text, Compact: compact(r.Request) || q.Compact}
	view.First, view.Last, view.Total = piece.Number(result.First), piece.Number(result.Last), counted1(result.Total)
	view.Views = viewTabs(q, result, at)
	view.Hidden = hidden(q.Values(), "q")
	view.Filters = l.pills(q, result, at)
	if q.Filtered() {
		view.Clear = at(q.Without("").Values())
	}
	view.Heads = l.heads(q, result.Sort, at)
	paged := func(name, cursor string) string {
		if cursor == "" {
			return ""
		}
		values := q.Values()
		values.Set(name, cursor)
		return at(values)
	}
	view.Next, view.Prev = paged("after", result.Next), paged("before", result.Prev)
	view.Regular, view.Dense = withDensity(r, at, "regular"), withDensity(r, at, "compact")
	if l.options.ActNeeds == "" || r.Viewer.Can(l.options.ActNeeds) {
		view.Selection = l.options.Selection
	}
	for _, row := range result.Rows {
		view.Rows = append(view.Rows, l.row(row))
	}
	view.Caption = l.caption(result)
	view.Nothing, view.More = l.nothing(q, result, at)
	return view
}

// withDensity is the address of this very page in another density.
func withDensity(r *Request, at func(url.Values) string, density string) string {
	values := r.URL.Query()
	values.Set("density", density)
	return at(values)
}

func counted1(c listing.Count) string {
	if c.More {
		return piece.Number(c.N) + "+"
	}
	return piece.Number(c.N)
}

func viewTabs(q listing.Query, result listing.Result, at func(url.Values) string) []viewTab {
	if len(result.Views) == 0 {
		return nil
	}
	to := func(key string) string {
		values := q.Values()
		values.Del("view")
		values.Del("sort")
		if key != "" {
			values.Set("view", key)
		}
		return at(values)
	}
	tabs := []viewTab{{Label: "All", Href: to(""), Count: counted1(result.All), Current: q.View == ""}}
	for _, v := range result.Views {
		tabs = append(tabs, viewTab{Label: v.Label, Href: to(v.Key), Count: counted1(v.Count), Current: q.View == v.Key})
	}
	return tabs
}

// hidden lists parameters for a form, without those that it sets itself.
func hidden(values url.Values, without ...string) []hiddenField {
	var out []hiddenField
	for name, all := range values {
		for _, value := range all {
			if !slices.Contains(without, name) {
				out = append(out, hiddenField{name, value})
			}
		}
	}
	slices.SortFunc(out, func(a, b hiddenField) int { return strings.Compare(a.Name+"\x00"+a.Value, b.Name+"\x00"+b.Value) })
	return out
}

func (l *list) pills(q listing.Query, result listing.Result, at func(url.Values) string) []filterPill {
	var set, unset []filterPill
	for _, f := range l.spec.Filters {
		chosen := q.Of(f.Key)
		words := make([]string, len(chosen))
		for i, value := range chosen {
			words[i] = f.Word(value)
		}
		opened := q.Values()
		opened.Set("choices", f.Key)
		p := filterPill{
			Key: f.Key, Label: f.Label, Kind: f.Kind, Words: joinWords(words), Remove: at(q.Without(f.Key).Values()),
			Open: at(opened), Opened: q.Wants() == f.Key, Hidden: hidden(q.Values(), f.Key),
		}
		if len(chosen) > 0 {
			p.Typed = chosen[0]
		}
		if p.Opened {
			for _, c := range result.Choices {
				cell := choiceView{Value: c.Value, Label: c.Label, On: c.On}
				if f.Kind == listing.OneOf {
					cell.Count = piece.Number(c.Count)
				}
				p.Choices = append(p.Choices, cell)
			}
			p.Others = result.MoreChoices
		}
		if len(chosen) > 0 {
			set = append(set, p)
		} else {
			unset = append(unset, p)
		}
	}
	return append(set, unset...)
}

func (l *list) heads(q listing.Query, sort listing.Sort, at func(url.Values) string) []head {
	var out []head
	for _, c := range l.shown() {
		h := head{Label: c.Label, Class: classOf(c), Help: c.Help}
		if c.Sort {
			values := q.Values()
			next := listing.Sort{Column: c.Key, Desc: firstDesc(c)}
			if sort.Column == c.Key {
				next.Desc = !sort.Desc
				h.Sorted = map[bool]string{true: "descending", false: "ascending"}[sort.Desc]
			}
			values.Set("sort", next.String())
			h.Href = at(values)
		}
		out = append(out, h)
	}
	return out
}

// firstDesc reports whether the first click sorts downwards: largest and newest are looked for first.
func firstDesc(c listing.Column) bool { return c.Kind.Right() || c.Kind == listing.Time }

// shown are the columns with a place of their own.
func (l *list) shown() []listing.Column {
	var out []listing.Column
	for _, c := range l.spec.Columns {
		if !c.Hidden && !c.Context {
			out = append(out, c)
		}
	}
	return out
}

func classOf(c listing.Column) string {
	var classes []string
	if c.Kind.Right() {
		classes = append(classes, "num")
	}
	if c.Priority > 1 && c.Priority <= 4 {
		classes = append(classes, fmt.Sprintf("p%d", c.Priority))
	}
	return strings.Join(classes, " ")
}

func (l *list) caption(result listing.Result) string {
	words := l.spec.Plural
	if c, ok := l.column(result.Sort.Column); ok {
		words += ", by " + strings.ToLower(c.Label)
		if result.Sort.Desc {
			words += " downwards"
		}
	}
	return fmt.Sprintf("%s; %d of %s shown", strings.ToUpper(words[:1])+words[1:], len(result.Rows), counted1(result.Total))
}

func (l *list) column(key string) (listing.Column, bool) {
	for _, c := range l.spec.Columns {
		if c.Key == key {
			return c, true
		}
	}
	return listing.Column{}, false
}

// row draws the cells of a row. On a phone the second line takes owner and time, whose columns are gone there.
func (l *list) row(row listing.Row) rowView {
	var out rowView
	var narrow []string
	if l.options.PickKey != "" {
		out.Pick = fmt.Sprint(row[l.options.PickKey])
	}
	columns := l.shown()
	for i, c := range columns {
		drawn := l.cell(c, row)
		out.Cells = append(out.Cells, cellView{Class: classOf(c), First: i == 0, HTML: drawn})
		if i > 0 && c.Priority > 1 && (c.Kind == listing.Owner || c.Kind == listing.Time || c.Kind == listing.Date) {
			narrow = append(narrow, l.plain(c, row))
		}
	}
	first := &out.Cells[0]
	out.Name = l.plain(columns[0], row)
	for _, c := range l.spec.Columns {
		if c.Context && row[c.Key] != nil && row[c.Key] != "" {
			first.Context = append(first.Context, l.cell(c, row))
		}
	}
	first.Narrow = template.HTML(template.HTMLEscapeString(strings.Join(narrow, " · ")))
	return out
}

// plain writes a value in words alone.
func (l *list) plain(c listing.Column, row listing.Row) string {
	value := row[c.Key]
	switch v := value.(type) {
	case nil:
		return unknownWord(c)
	case int64:
		if c.Kind == listing.Time {
			t, _, _ := piece.Moment(v)
			return piece.Ago(t, l.server.config.Now())
		}
		if c.Kind == listing.Bytes {
			text, _ := piece.Bytes(v)
			return text
		}
		return piece.Number(v)
	case float64:
		return piece.Share(v)
	case bool:
		return map[bool]string{true: "yes", false: "no"}[v]
	case string:
		switch {
		case c.Words[v] != "":
			return c.Words[v]
		case v == "":
			return unknownWord(c)
		case c.Kind == listing.Date:
			return piece.Day(v)
		}
		return v
	}
	return ""
}

func unknownWord(c listing.Column) string {
	if c.Unknown != "" {
		return c.Unknown
	}
	return "Unknown"
}

// cell draws a value by its kind, linked when the column says to where.
func (l *list) cell(c listing.Column, row listing.Row) template.HTML {
	text, value, href := l.plain(c, row), row[c.Key], linkOf(c.Link, row)
	drawn, err := l.draw(c, text, value, href)
	if err != nil { // a value that its kind cannot draw is shown as it is
		return template.HTML(template.HTMLEscapeString(text))
	}
	return drawn
}

func (l *list) draw(c listing.Column, text string, value any, href string) (template.HTML, error) {
	s := l.server
	words, _ := value.(string)
	if value == nil || value == "" {
		return s.pieces.Status("none", text)
	}
	switch c.Kind {
	case listing.Owner:
		return s.pieces.Owner(text, href)
	case listing.Person:
		return s.pieces.Person(text, href)
	case listing.Badge:
		return s.pieces.Badge(c.Tones[words], text)
	case listing.Status:
		return s.pieces.Status(c.Tones[words], text)
	case listing.Hash:
		return s.pieces.Hash(words, href)
	case listing.Code:
		return s.pieces.Code(words, href)
	case listing.Time:
		drawn, err := s.pieces.Time(value)
		return linked(drawn, href), err
	case listing.Split:
		return s.splitCell(c.Label, words)
	case listing.Spark:
		var series []float64
		if err := json.Unmarshal([]byte(words), &series); err != nil || len(series) > 1000 {
			return "", fmt.Errorf("not a series")
		}
		return s.pieces.Columns(series, c.Label)
	}
	return linked(template.HTML(template.HTMLEscapeString(text)), href), nil
}

// splitCell draws parts, the largest first and by name.
func (s *Server) splitCell(label, text string) (template.HTML, error) {
	var values map[string]float64
	if err := json.Unmarshal([]byte(text), &values); err != nil || len(values) > 1000 {
		return "", fmt.Errorf("not an object of numbers")
	}
	if len(values) == 0 {
		return s.pieces.Status("none", "Unknown")
	}
	parts := make([]Part, 0, len(values))
	for name, value := range values {
		parts = append(parts, Part{Name: name, Value: value})
	}
	slices.SortFunc(parts, func(a, b Part) int {
		if a.Value != b.Value {
			return map[bool]int{true: -1, false: 1}[a.Value > b.Value]
		}
		return strings.Compare(a.Name, b.Name)
	})
	return s.pieces.MiniNamed(parts, label)
}

func linked(inner template.HTML, href string) template.HTML {
	if href == "" {
		return inner
	}
	return template.HTML(`<a href="`+template.HTMLEscapeString(href)+`">`) + inner + "</a>"
}

// linkOf fills the keys in braces with the row's values; "" when one is unknown.
func linkOf(pattern string, row listing.Row) string {
	if pattern == "" {
		return ""
	}
	out, rest := "", pattern
	for {
		before, after, found := strings.Cut(rest, "{")
		key, end, closed := strings.Cut(after, "}")
		if !found || !closed {
			return out + rest
		}
		value := row[key]
		if value == nil || value == "" {
			return ""
		}
		out, rest = out+before+url.PathEscape(fmt.Sprint(value)), end
		if strings.Contains(out, "?") {
			out = out[:len(out)-len(url.PathEscape(fmt.Sprint(value)))] + url.QueryEscape(fmt.Sprint(value))
		}
	}
}

// nothing says why there are no rows and what to do about it.
func (l *list) nothing(q listing.Query, result listing.Result, at func(url.Values) string) (*State, []Action) {
	if len(result.Rows) > 0 {
		return nil, nil
	}
	empty := l.spec.Empty
	if result.All.N == 0 && !q.Filtered() && q.View == "" {
		if empty.Title == "" {
			empty.Title = "No " + l.spec.Plural + " yet"
		}
		return &State{Title: empty.Title, Text: empty.Text, Action: Action{Label: empty.Label, Href: empty.Href, Main: true}}, nil
	}
	if !q.Filtered() {
		return &State{
			Title: "Nothing here", Text: "No " + l.spec.Noun + " is in this view. All of them are under All.",
			Action: Action{Label: "Show all", Href: at(url.Values{})},
		}, nil
	}
	var words []string
	var actions []Action
	if q.Text != "" {
		words = append(words, "the text is “"+q.Text+"”")
		actions = append(actions, Action{Label: "Remove the text", Href: at(q.Without("q").Values())})
	}
	for _, p := range l.pills(q, result, at) {
		if p.Words != "" {
			words = append(words, strings.ToLower(p.Label)+" is "+p.Words)
			actions = append(actions, Action{Label: "Remove " + strings.ToLower(p.Label), Href: p.Remove})
		}
	}
	state := &State{Title: "Nothing matches these filters", Text: strings.ToUpper(words[0][:1]) + strings.Join(words, " and ")[1:] + "."}
	if len(actions) > 1 {
		actions = append(actions, Action{Label: "Clear all", Href: at(q.Without("").Values())})
	}
	return state, actions
}
