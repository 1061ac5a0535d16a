// Package table turns one page of a list into what template/list.tmpl draws: views as tabs, filters
// as pills, heads that sort, and rows whose cells are drawn by the kinds of their columns. It reads
// nothing: the rows come from package listing, addresses are those of the list.
package table

import (
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"time"

	"steward/internal/platform/listing"
	"steward/internal/platform/web/piece"
)

// Table says how one list is drawn.
type Table struct {
	Spec      listing.Spec
	Pieces    *piece.Set
	Now       func() time.Time
	Selection []piece.Action // what may be done with picked rows; nil draws no boxes
	PickKey   string         // column whose value a picked row posts
	PickMost  int64          // how many rows may be picked by "select all"
	Tabs      []Tab          // views
	All       string         // address of the list without parameters; "" is /<name>
}

// View is what template/list.tmpl shows.
type View struct {
	Spec      listing.Spec
	Notices   []piece.Notice
	Unknown   []string
	Views     []Tab
	Saved     *Saved // of the current view
	Text      string
	Filters   []Pill
	Hidden    []Hidden // what the form of the text field must carry along
	Clear     string   // address without filters, "" when none is set
	Heads     []Head
	Rows      []Row
	First     string
	Last      string
	Total     string
	Caption   string
	Next      string
	Prev      string
	Regular   string
	Dense     string
	Compact   bool
	Selection []piece.Action
	All       *Everything  // nil when the page shows all
	Nothing   *piece.State // instead of the table
	More      []piece.Action
}

// Tab is one view.
type Tab struct {
	Label, Href, Count string
	Current            bool
	Saved              *Saved // nil: the list's own
}

// Saved is what may be done with a view that somebody saved. An address is "" when the viewer may not.
type Saved struct {
	ID, Name string
	Mine     bool // may be renamed and removed
	Shared   bool // everybody sees it
	MayShare bool
	Default  bool // what the list opens with
}

// Everything is what "select all" picks: all rows under the query.
type Everything struct {
	Number int64
	Words  string // "all 212 components"
	Terms  string // see listing.Query.Terms
	Most   string // instead, when that is too many: how many may be picked
}

// Hidden is a parameter that a form carries along.
type Hidden struct{ Name, Value string }

// Pill is one filter.
type Pill struct {
	Key, Label string
	Words      string // chosen values in words, "" when not set
	Remove     string // address without it
	Open       string // address of the page with its choices open
	Opened     bool
	Typed      string // value of a text or range field
	Kind       listing.How
	Choices    []Choice
	Others     bool   // there are more than the choices
	Findable   bool   // there are so many that one is typed rather than looked for
	Find       string // what was typed
	Hidden     []Hidden
}

// Choice is one value that a filter offers.
type Choice struct {
	Value, Label, Count string
	On                  bool
}

// Head is the heading of one column.
type Head struct {
	Label, Class, Href, Sorted, Help string
}

// Row is one row with the value that picking it posts.
type Row struct {
	Pick, Name string
	Cells      []Cell
}

// Cell is one value, drawn.
type Cell struct {
	Class   string
	First   bool
	HTML    template.HTML
	Context []template.HTML // second line of the first cell
	Narrow  template.HTML   // second line on a phone
}

// View draws one page. The parameters are those of its address as they were sent; compact says how
// high its rows are.
func (t Table) View(sent url.Values, q listing.Query, result listing.Result, compact bool) View {
	view := View{Spec: t.Spec, Unknown: q.Unknown, Text: q.Text, Compact: compact, Selection: t.Selection}
	view.First, view.Last, view.Total = piece.Number(result.First), piece.Number(result.Last), inWords(result.Total)
	view.Views = t.Tabs
	for i, tab := range t.Tabs {
		if tab.Current && tab.Saved != nil {
			view.Saved = t.Tabs[i].Saved
		}
	}
	view.Hidden = hidden(q.Values(), "q")
	view.Filters = t.Pills(q, result)
	if q.Filtered() {
		view.Clear = t.at(q.Without("").Values())
	}
	view.Heads = t.heads(q, result.Sort)
	view.Next, view.Prev = t.paged(q, "after", result.Next), t.paged(q, "before", result.Prev)
	view.Regular, view.Dense = t.withDensity(sent, "regular"), t.withDensity(sent, "compact")
	for _, row := range result.Rows {
		view.Rows = append(view.Rows, t.row(row))
	}
	view.All = t.everything(q, result)
	view.Caption = t.caption(result)
	view.Nothing, view.More = t.nothing(q, result)
	return view
}

// at is the address of the list with parameters.
func (t Table) at(values url.Values) string {
	if len(values) == 0 && t.All != "" {
		return t.All
	}
	return Address("/"+t.Spec.Name, values)
}

// everything offers to pick all rows under the query, where they are more than the page shows.
func (t Table) everything(q listing.Query, result listing.Result) *Everything {
	if len(t.Selection) == 0 || int64(len(result.Rows)) >= result.Total.N {
		return nil
	}
	if result.Total.More || result.Total.N > t.PickMost {
		return &Everything{Most: piece.Number(t.PickMost)}
	}
	return &Everything{Number: result.Total.N, Words: piece.Number(result.Total.N) + " " + t.Spec.Plural, Terms: q.Terms()}
}

// Address puts parameters behind a path.
func Address(path string, values url.Values) string {
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// paged is the address of the page at a cursor, "" for none.
func (t Table) paged(q listing.Query, name, cursor string) string {
	if cursor == "" {
		return ""
	}
	values := q.Values()
	values.Set(name, cursor)
	return t.at(values)
}

// withDensity is the address of this very page in another density.
func (t Table) withDensity(sent url.Values, density string) string {
	values := url.Values{}
	for name, all := range sent {
		values[name] = all
	}
	values.Set("density", density)
	return t.at(values)
}

// inWords writes a number of rows for a sentence.
func inWords(c listing.Count) string {
	if c.More {
		return "more than " + piece.Number(c.N)
	}
	return piece.Number(c.N)
}

// Counted writes a number of rows as shortly as can be.
func Counted(c listing.Count) string {
	if c.More {
		return piece.Number(c.N) + "+"
	}
	return piece.Number(c.N)
}

func (t Table) heads(q listing.Query, sort listing.Sort) []Head {
	var out []Head
	for _, c := range t.shown() {
		h := Head{Label: c.Label, Class: classOf(c), Help: c.Help}
		if c.Sort {
			values := q.Values()
			next := listing.Sort{Column: c.Key, Desc: firstDesc(c)}
			if sort.Column == c.Key {
				next.Desc = !sort.Desc
				h.Sorted = map[bool]string{true: "descending", false: "ascending"}[sort.Desc]
			}
			values.Set("sort", next.String())
			h.Href = t.at(values)
		}
		out = append(out, h)
	}
	return out
}

// firstDesc reports whether the first click sorts downwards: largest and newest are looked for first.
func firstDesc(c listing.Column) bool { return c.Kind.Right() || c.Kind == listing.Time }

// shown are the columns with a place of their own.
func (t Table) shown() []listing.Column {
	var out []listing.Column
	for _, c := range t.Spec.Columns {
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

func (t Table) caption(result listing.Result) string {
	words := t.Spec.Plural
	if c, ok := t.column(result.Sort.Column); ok {
		words += ", by " + strings.ToLower(c.Label)
		if result.Sort.Desc {
			words += " downwards"
		}
	}
	return fmt.Sprintf("%s; %d of %s shown", strings.ToUpper(words[:1])+words[1:], len(result.Rows), inWords(result.Total))
}

func (t Table) column(key string) (listing.Column, bool) {
	for _, c := range t.Spec.Columns {
		if c.Key == key {
			return c, true
		}
	}
	return listing.Column{}, false
}

// row draws the cells of a row. On a phone the second line takes owner and time, whose columns are gone there.
func (t Table) row(row listing.Row) Row {
	var out Row
	var narrow []string
	if t.PickKey != "" {
		out.Pick = fmt.Sprint(row[t.PickKey])
	}
	columns := t.shown()
	for i, c := range columns {
		drawn := t.cell(c, row)
		out.Cells = append(out.Cells, Cell{Class: classOf(c), First: i == 0, HTML: drawn})
		if i > 0 && c.Priority > 1 && (c.Kind == listing.Owner || c.Kind == listing.Time || c.Kind == listing.Date) {
			narrow = append(narrow, t.plain(c, row))
		}
	}
	first := &out.Cells[0]
	out.Name = t.plain(columns[0], row)
	for _, c := range t.Spec.Columns {
		if c.Context && row[c.Key] != nil && row[c.Key] != "" {
			first.Context = append(first.Context, t.cell(c, row))
		}
	}
	first.Narrow = template.HTML(template.HTMLEscapeString(strings.Join(narrow, " · ")))
	return out
}
