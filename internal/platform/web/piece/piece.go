// Package piece draws what pages are made of: status, badges, facts, bars, charts, notices, states.
//
// Each piece is a value and a function of templates that draws it. Widths and heights are computed
// here and drawn as SVG, because the content security policy of the hub forbids style attributes.
// The look of each is in static/steward.css, its markup in pieces.tmpl, and its rules in the
// design of the hub. Package web gives the values to features under its own name.
package piece

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"time"

	"steward/internal/platform/web/static"
)

// The pieces below are values for templates. Each is drawn by the function of the same name in
// lower case, or as noted. Tones are "good", "warn", "bad", "info" and "none" (unknown); "" is plain.

// Badge is a filled word for kind or lifecycle: {{badge "good" "production"}}.
type Badge struct{ Tone, Word string }

// Part is one part of a whole: {{split .Languages "Languages"}} draws a bar with its legend,
// {{mini .Languages "Languages"}} the bar alone. At most seven are drawn, the rest as others.
type Part struct {
	Name  string
	Value float64
	Tone  string // "": the fixed colour of a known language, else series in order
	Label string // in the legend before the name; "" is the share ("41 %") after it
	Href  string
}

// Bar is one row of {{bars .Rows "components"}}: at most eight, widths relative to the largest.
type Bar struct {
	Name, Href string
	Full       string // on hover; "" is Name
	Value      float64
	Text       string // figure as shown; "" is the value as a whole number
}

// Point is one column of {{chart "Commits a month" "commits" .Points}}: about 12 to 36 of them.
type Point struct {
	Label string // "Dec 2024", in the table and on hover
	Short string // below the axis every third column; "" is the first three letters of Label
	Value float64
}

// Amount is one figure of {{ledger .Figures}}.
type Amount struct {
	Label, Href string
	Value       string    // "1,184"
	Unit        string    // small, behind the value: "of 421"
	Change      string    // "+6 in 30 days"
	Series      []float64 // 12 points or none
	Sentence    string    // what the series shows, for those who do not see it
}

// Action is a button at a heading or in a state: a link, or with Post a form of its own.
type Action struct {
	Label, Href, Icon string
	Main              bool
	Post              bool
}

// Source says where a fact comes from; it gives the mark before the line of origin.
type Source string

// The sources of facts.
const (
	Measured  Source = "measured" // from content
	Written   Source = "written"  // by people
	Inferred  Source = "inferred"
	Corrected Source = "corrected" // by people, in Steward
	Disputed  Source = "disputed"  // sources disagree
	NotKnown  Source = "unknown"
	Assumed   Source = "assumed" // money and hours only
)

// Fact is one row of {{facts .Facts}}.
type Fact struct {
	Label  string
	Value  any // a string, or template.HTML made by a piece; nil or "" is Unknown
	Href   string
	Source Source
	From   string // "CODEOWNERS, line 3"; "" leaves the line of origin out
	Where  string // address of that place
	At     time.Time
}

// Event is one line of {{timeline .Events}}, newest first.
type Event struct {
	Tone  string
	Text  any    // a string, or template.HTML made by pieces
	Label string // linked words before the text
	Href  string
	At    time.Time
}

// Notice is a line about the state of what is shown: {{notice .Notice}}.
type Notice struct {
	Tone   string // info, warn or bad
	Word   string // "Partial"
	Text   any    // a string, or template.HTML made by pieces
	Bar    *Progress
	Action Action
}

// Progress is how far something is: {{progress .Progress}}.
type Progress struct {
	What        string // "Repositories read"
	Done, Total int64
}

// Panel is a part of a record's page that a feature brought: {{panel .}}.
type Panel struct {
	ID, Title string
	Badge     string // beside the title
	More      string // address of its long form; empty for none
	Content   template.HTML
	Failed    string // why it has no content, in words; empty when it has
}

// State stands where something would be that is not: {{state .State}}. It says why and what to do.
type State struct {
	Title, Text string
	Action      Action
}

// Problem is something to be changed in a form: {{problems .Problems}} lists them above it with
// links to the fields, {{problem .Problems "name"}} shows one beside its field, and
// {{invalid .Problems "name"}} gives the field its attributes.
type Problem struct{ Field, Text string }

//go:embed pieces.tmpl
var markup embed.FS

// Set draws pieces. Make one with New.
type Set struct {
	files     *static.Files
	now       func() time.Time
	templates *template.Template
}

// New returns a set that takes icons from files and the time from now.
func New(files *static.Files, now func() time.Time) (*Set, error) {
	s := &Set{files: files, now: now}
	var err error
	if s.templates, err = template.New("").Funcs(s.Functions()).ParseFS(markup, "pieces.tmpl"); err != nil {
		return nil, fmt.Errorf("parse the pieces: %w", err)
	}
	return s, nil
}

// draw executes one of the templates in pieces.tmpl.
func (s *Set) draw(name string, data any) (template.HTML, error) {
	var out bytes.Buffer
	if err := s.templates.ExecuteTemplate(&out, name, data); err != nil {
		return "", fmt.Errorf("draw %s: %w", name, err)
	}
	return template.HTML(out.String()), nil // html/template has escaped it
}

// Functions are what templates can call. They are listed here and nowhere else.
func (s *Set) Functions() template.FuncMap {
	return template.FuncMap{
		"static": s.files.Address, "icon": s.Icon, "number": numberOf, "bytes": Bytes, "share": Share, "plural": Plural, "count": count,
		"time": s.Time, "day": Day, "hash": s.Hash, "place": s.Place, "middle": Middle, "status": s.Status, "badge": s.Badge,
		"owner": s.Owner, "person": s.Person, "initials": Initials, "invalid": invalid, "marked": Marked,
		"split": s.Split, "mini": s.Mini, "spark": s.Spark,
		"source": func(source Source) (template.HTML, error) { return s.draw("source", source) },
		"bars":   func(rows []Bar, unit string) (template.HTML, error) { return s.draw("bars", newBars(rows, unit)) },
		"chart": func(title, unit string, points []Point) (template.HTML, error) {
			return s.draw("chart", newChart(title, unit, points))
		},
		"ledger":   func(figures []Amount) (template.HTML, error) { return s.draw("ledger", figures) },
		"facts":    func(facts []Fact) (template.HTML, error) { return s.draw("facts", facts) },
		"timeline": func(events []Event) (template.HTML, error) { return s.draw("timeline", events) },
		"notice":   func(n Notice) (template.HTML, error) { return s.draw("notice", n) },
		"progress": func(p Progress) (template.HTML, error) { return s.draw("progress", p) },
		"state":    func(state State) (template.HTML, error) { return s.draw("state", state) },
		"action":   func(a Action) (template.HTML, error) { return s.draw("action", a) },
		"problems": func(p []Problem) (template.HTML, error) { return s.draw("problems", p) },
		"problem":  func(p []Problem, field string) (template.HTML, error) { return s.draw("problem", ofField(p, field)) },
		"panel":    func(p Panel) (template.HTML, error) { return s.draw("panel", p) },
		"skeleton": func(lines int) (template.HTML, error) { return s.draw("skeleton", skeleton(lines)) },
	}
}

// Icon draws a symbol of static/icons.svg; a name that it does not hold is an error.
func (s *Set) Icon(name string) (template.HTML, error) {
	address, err := s.files.Address("icons.svg")
	if err != nil || !s.files.Icon(name) {
		return "", fmt.Errorf("static/icons.svg holds no icon %q", name)
	}
	return template.HTML(`<svg class="i" aria-hidden="true"><use href="` + address + "#" + name + `"/></svg>`), nil
}

// Status draws a state as shape, word and colour.
func (s *Set) Status(tone, word string) (template.HTML, error) {
	return s.draw("status", Badge{tone, word})
}

// Badge draws a filled word.
func (s *Set) Badge(tone, word string) (template.HTML, error) {
	return s.draw("badge", Badge{tone, word})
}

// Owner draws a team's chip, linked unless href is empty.
func (s *Set) Owner(name, href string) (template.HTML, error) {
	return s.draw("owner", chip{name, href, true})
}

// Person draws a person's chip.
func (s *Set) Person(name, href string) (template.HTML, error) {
	return s.draw("owner", chip{name, href, false})
}

// Hash draws the first seven characters of a hash, with all of it on hover.
func (s *Set) Hash(hash, href string) (template.HTML, error) {
	return s.draw("hash", linkedCode(hash, href))
}

// Code draws an identifier in monospace, cut in the middle when long.
func (s *Set) Code(text, href string) (template.HTML, error) {
	return s.draw("hash", code{Middle(text), text, href})
}

// Place draws a place in code: file and, when above zero, line.
func (s *Set) Place(file string, line int, href string) (template.HTML, error) {
	return s.draw("codeplace", codePlace(file, line, href))
}

// Counted draws a number that leads to the list of what it counts.
func (s *Set) Counted(number, href string) (template.HTML, error) {
	return s.draw("counted", chip{Name: number, Href: href})
}

// Split draws parts of a whole with their legend.
func (s *Set) Split(parts []Part, of string) (template.HTML, error) {
	return s.draw("split", newSplit(parts, of))
}

// Mini draws parts of a whole as a small bar alone.
func (s *Set) Mini(parts []Part, of string) (template.HTML, error) {
	return s.draw("mini", newSplit(parts, of))
}

// MiniNamed draws parts of a whole as a small bar with the name of the first below.
func (s *Set) MiniNamed(parts []Part, of string) (template.HTML, error) {
	return s.draw("minicell", newSplit(parts, of))
}

// Spark draws a small series as a line.
func (s *Set) Spark(series []float64, sentence string) (template.HTML, error) {
	return s.draw("spark", newSpark(series, sentence))
}

// Columns draws a small series as columns; its sentence is what it is and the sum.
func (s *Set) Columns(series []float64, of string) (template.HTML, error) {
	total := 0.0
	for _, v := range series {
		total += v
	}
	return s.draw("sparkcolumns", newSpark(series, of+": "+figure(total)+" in all"))
}

// clockTime is what the template "time" draws.
type clockTime struct{ Machine, Exact, Words string }

// Time draws a moment (time.Time, or µs since 1970 UTC) in words, with the exact one on hover; none is Unknown.
func (s *Set) Time(at any) (template.HTML, error) {
	t, ok, err := Moment(at)
	if err != nil {
		return "", err
	}
	if !ok {
		return s.draw("status", Badge{"none", "Unknown"})
	}
	return s.draw("time", clockTime{t.Format(time.RFC3339), t.Format("2006-01-02 15:04:05") + " UTC", Ago(t, s.now())})
}
