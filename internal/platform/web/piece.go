package web

import (
	"html/template"
	"time"
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

// Source says where a fact comes from; it gives the mark before the line of origin.
type Source string

// The sources of facts.
const (
	Measured Source = "measured" // from content
	Written  Source = "written"  // by people
	Inferred Source = "inferred"
	Disputed Source = "disputed" // sources disagree
	NotKnown Source = "unknown"
	Assumed  Source = "assumed" // money and hours only
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

// State stands where something would be that is not: {{state .State}}. It says why and what to do.
type State struct {
	Title, Text string
	Action      Action
}

// Problem is something to be changed in a form: {{problems .Problems}} lists them above it with
// links to the fields, {{problem .Problems "name"}} shows one beside its field, and
// {{invalid .Problems "name"}} gives the field its attributes.
type Problem struct{ Field, Text string }

// piece draws one of the templates in template/pieces.tmpl.
func (s *Server) piece(name string, data any) (template.HTML, error) { return s.draw(name, data) }

// functions are what templates can call. They are listed here and nowhere else.
func (s *Server) functions() template.FuncMap {
	return template.FuncMap{
		"static": func(name string) (string, error) { return s.static.of(name) },
		"icon":   s.icon,
		"number": numberOf,
		"bytes":  bytesOf,
		"share":  share,
		"plural": plural,
		"time":   func(at any) (template.HTML, error) { return s.timePiece(at) },
		"day":    day,
		"hash":   func(hash, href string) (template.HTML, error) { return s.piece("hash", linkedCode(hash, href)) },
		"place": func(file string, line int, href string) (template.HTML, error) {
			return s.piece("codeplace", codePlace(file, line, href))
		},
		"middle":   middle,
		"status":   func(tone, word string) (template.HTML, error) { return s.piece("status", Badge{tone, word}) },
		"badge":    func(tone, word string) (template.HTML, error) { return s.piece("badge", Badge{tone, word}) },
		"owner":    func(name, href string) (template.HTML, error) { return s.piece("owner", chip{name, href, true}) },
		"person":   func(name, href string) (template.HTML, error) { return s.piece("owner", chip{name, href, false}) },
		"initials": initials,
		"source":   func(source Source) (template.HTML, error) { return s.piece("source", source) },
		"split":    func(parts []Part, of string) (template.HTML, error) { return s.piece("split", newSplit(parts, of)) },
		"mini":     func(parts []Part, of string) (template.HTML, error) { return s.piece("mini", newSplit(parts, of)) },
		"bars":     func(rows []Bar, unit string) (template.HTML, error) { return s.piece("bars", newBars(rows, unit)) },
		"spark": func(series []float64, sentence string) (template.HTML, error) {
			return s.piece("spark", newSpark(series, sentence))
		},
		"chart": func(title, unit string, points []Point) (template.HTML, error) {
			return s.piece("chart", newChart(title, unit, points))
		},
		"ledger":   func(figures []Amount) (template.HTML, error) { return s.piece("ledger", figures) },
		"facts":    func(facts []Fact) (template.HTML, error) { return s.piece("facts", facts) },
		"timeline": func(events []Event) (template.HTML, error) { return s.piece("timeline", events) },
		"notice":   func(n Notice) (template.HTML, error) { return s.piece("notice", n) },
		"progress": func(p Progress) (template.HTML, error) { return s.piece("progress", p) },
		"state":    func(state State) (template.HTML, error) { return s.piece("state", state) },
		"action":   func(a Action) (template.HTML, error) { return s.piece("action", a) },
		"problems": func(p []Problem) (template.HTML, error) { return s.piece("problems", p) },
		"problem":  func(p []Problem, field string) (template.HTML, error) { return s.piece("problem", ofField(p, field)) },
		"invalid":  invalid,
		"skeleton": func(lines int) (template.HTML, error) { return s.piece("skeleton", skeleton(lines)) },
	}
}
