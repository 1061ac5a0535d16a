// Package sheet is the report on the estate, or on a part of it, as values: what sections said at one
// moment for one reader, in the order in which it is drawn. Whoever draws it (a page, a file) adds nothing.
//
//	take.go   asks the sections; one that is slow or fails is named
//	sheet.go  what they said, with what is to be done first
//
// Numbers are never without the list that they count. What could not be counted is Missing, in words, and
// what is not known is a Cell that is Unknown: nothing is left out and nothing is zero by mistake.
package sheet

import (
	"cmp"
	"slices"
	"time"

	"steward/internal/platform/measure"
	"steward/internal/platform/web/piece"
)

// Sheet is the report.
type Sheet struct {
	Firm     string        `json:"firm"`
	At       time.Time     `json:"as_of"` // when it was counted
	Scope    measure.Scope `json:"scope"`
	All      bool          `json:"all"`      // restricted repositories are counted too
	Since    string        `json:"since"`    // YYYY-MM-DD from which on changes are told; "" while none are
	Until    string        `json:"until"`    // the day to which
	First    []Todo        `json:"first"`    // most urgent first, at most 8
	More     int64         `json:"more"`     // things to do that are not in First
	Sections []Section     `json:"sections"` // in the order in which they are shown
	Base     string        `json:"-"`        // address of the hub before each page's, without a slash at its end
	Unlinked bool          `json:"-"`        // the address of the hub is not known, so that there are no links
}

// Todo is one thing to do: how many records want it, and where they are.
type Todo struct {
	Urgency int    `json:"urgency"` // 1 now, 2 soon, 3 wants a decision
	Count   Number `json:"count"`
	Title   string `json:"title"`
	Reason  string `json:"reason"`
	Step    string `json:"step"`
}

// Word says how urgent it is.
func (t Todo) Word() string {
	return map[int]string{1: "Act", 2: "Look", 3: "Settle"}[t.Urgency]
}

// Tone is how the urgency is drawn.
func (t Todo) Tone() string { return map[int]string{1: "bad", 2: "warn", 3: "info"}[t.Urgency] }

// Section is what one section said.
type Section struct {
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	Lede    string   `json:"text,omitempty"`
	Missing string   `json:"missing,omitempty"` // why there is nothing of it, in words; "" when there is
	Figures []Figure `json:"figures"`
	Table   *Table   `json:"table,omitempty"`

	cares []Todo
	order int
}

// Number is a count with the page that lists what it counts.
type Number struct {
	N    int64  `json:"value"`
	Href string `json:"page"`
}

// Figure is one number with its name.
type Figure struct {
	Key    string `json:"key"`
	Label  string `json:"label"`
	Number Number `json:"count"`
	Change *int64 `json:"change"` // from Sheet.Since to Sheet.Until; nil while it is not known
}

// Table is rows of one kind.
type Table struct {
	Title   string           `json:"title,omitempty"`
	Columns []measure.Column `json:"columns"`
	Rows    []Row            `json:"rows"`
	Empty   string           `json:"-"`
	All     *Number          `json:"all,omitempty"` // all of which the rows are the first; nil: they are all
	Moved   bool             `json:"-"`             // a row has a change
}

// Row is one line of a table.
type Row struct {
	Cells  []Cell `json:"cells"`
	Change *int64 `json:"change,omitempty"`

	kept *measure.Kept
}

// Cell is text, a number, or unknown.
type Cell struct {
	Text   string  `json:"text,omitempty"`
	Href   string  `json:"page,omitempty"` // of text
	Number *Number `json:"count,omitempty"`
}

// Unknown reports whether nothing is known for the cell.
func (c Cell) Unknown() bool { return c.Text == "" && c.Number == nil }

// longest is how many letters of a text are shown on a sheet.
const longest = 100

// Shown is the text, cut in the middle when it is long.
func (c Cell) Shown() string {
	letters := []rune(c.Text)
	if len(letters) <= longest {
		return c.Text
	}
	return string(letters[:longest/2]) + "…" + string(letters[len(letters)-longest/2:])
}

// Wide reports whether a section wants the whole width of the sheet.
func (s Section) Wide() bool { return s.Table != nil && len(s.Table.Columns) > 3 }

// Changed writes a change with its sign; empty while it is not known.
func Changed(change *int64) string {
	switch {
	case change == nil:
		return ""
	case *change > 0:
		return "+" + piece.Number(*change)
	case *change < 0:
		return "−" + piece.Number(-*change)
	}
	return "0"
}

// Changed is the figure's change as it is shown.
func (f Figure) Changed() string { return Changed(f.Change) }

// Changed is the row's change as it is shown.
func (r Row) Changed() string { return Changed(r.Change) }

// Link is the address of a page from where the sheet lies; "" when it has none there.
func (s *Sheet) Link(page string) string {
	if page == "" || s.Unlinked {
		return ""
	}
	return s.Base + page
}

// mostFirst is how many things to do are named.
const mostFirst = 8

// finish puts sections into their order and gathers what is to be done first.
func (s *Sheet) finish() {
	slices.SortStableFunc(s.Sections, func(a, b Section) int { return cmp.Compare(a.order, b.order) })
	s.First = []Todo{}
	for _, one := range s.Sections {
		s.First = append(s.First, one.cares...)
	}
	slices.SortStableFunc(s.First, func(a, b Todo) int {
		return cmp.Or(cmp.Compare(a.Urgency, b.Urgency), cmp.Compare(b.Count.N, a.Count.N))
	})
	s.More = int64(max(len(s.First)-mostFirst, 0))
	s.First = s.First[:min(len(s.First), mostFirst)]
}

// Missing are the sections of which there is nothing.
func (s *Sheet) Missing() (all []Section) {
	for _, one := range s.Sections {
		if one.Missing != "" {
			all = append(all, one)
		}
	}
	return all
}

// Of says what the sheet is about.
func (s *Sheet) Of() string {
	if s.Scope.Whole() {
		return "The whole estate"
	}
	return map[string]string{"unit": "Unit ", "application": "Application "}[s.Scope.Kind] + s.Scope.Name
}

// Kept are all numbers of the sheet that are kept each day.
func (s *Sheet) Kept() (all []measure.Kept) {
	for _, section := range s.Sections {
		for _, f := range section.Figures {
			all = append(all, measure.Kept{Group: Figures, Name: f.Key, N: f.Number.N})
		}
		if section.Table == nil {
			continue
		}
		for _, row := range section.Table.Rows {
			if row.kept != nil {
				all = append(all, *row.kept)
			}
		}
	}
	return all
}

// Figures is the group under which figures are kept.
const Figures = "figure"

// Changes are how numbers changed, by group and name.
type Changes map[[2]string]int64

// Compare fills in how numbers changed from one day to another.
func (s *Sheet) Compare(changes Changes, since, until string) {
	if since == "" {
		return
	}
	s.Since, s.Until = since, until
	of := func(group, name string) *int64 {
		if n, ok := changes[[2]string{group, name}]; ok {
			return &n
		}
		return nil
	}
	for i := range s.Sections {
		one := &s.Sections[i]
		one.Figures = slices.Clone(one.Figures)
		for j := range one.Figures {
			one.Figures[j].Change = of(Figures, one.Figures[j].Key)
		}
		if one.Table == nil {
			continue
		}
		table := *one.Table
		table.Rows = slices.Clone(table.Rows)
		for j := range table.Rows {
			if k := table.Rows[j].kept; k != nil {
				table.Rows[j].Change = of(k.Group, k.Name)
				table.Moved = table.Moved || table.Rows[j].Change != nil
			}
		}
		one.Table = &table
	}
}
