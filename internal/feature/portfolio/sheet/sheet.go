// Package sheet reads what a firm's own table says of its applications: which column is what, which
// words mean the same, and which rows are of one application. It knows nothing of what is stored.
package sheet

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"steward/internal/format/table"
	"steward/internal/format/table/spreadsheet"
	"steward/internal/platform/fault"
	"steward/internal/platform/gitrepo"
)

// Application is what the rows of one application say. Values that a file has no column for, or
// leaves empty, are empty.
type Application struct {
	Key        string // its id as the firm writes it, else its name
	Line       int    // of its first row
	Name       string
	Tier       string
	Status     string
	External   string // Yes, No, or as written
	DataClass  string
	Owner      string
	OwnerTeam  bool // the column holds teams: the owner is kept as written
	CostCentre string
	Unit       []Level // from the highest to the lowest; empty when the file names none
	From, To   string  // YYYY-MM-DD
	Parts      []Part
}

// Level is one unit in the path of units.
type Level struct {
	Kind Field
	Name string
}

// Part is a repository, a component, or a component of a repository as a row names it.
type Part struct {
	Line       int
	Repository string
	Component  string
}

// String is the part in words.
func (p Part) String() string {
	switch {
	case p.Component == "":
		return p.Repository
	case p.Repository == "":
		return p.Component
	}
	return p.Component + " in " + p.Repository
}

// Unknown is a value that no table knows, with how many rows have it and the first of them.
type Unknown struct {
	Field Field  `json:"field"`
	Value string `json:"value"`
	Rows  int    `json:"rows"`
	Line  int    `json:"line"`
}

// Sheet is what a file says.
type Sheet struct {
	Columns      []Column
	Rows         int
	Applications []Application // in the order of their first rows
	Unknown      []Unknown     // kept as written; a date that is not one is left out
	Notes        []string
}

// MaxValue is how long a value may be, in bytes.
const MaxValue = 500

// maxNotes is how many rows are spoken of one by one.
const maxNotes = 100

// Read reads a file. What is wrong with it as a whole is fault.Invalid.
func Read(content []byte, said map[string]Field) (Sheet, error) {
	t, err := spreadsheet.Read(content)
	var place *table.Error
	if errors.As(err, &place) {
		return Sheet{}, fault.Wrap(fault.Invalid, err, "The table cannot be read: %s.", place)
	}
	if err != nil {
		return Sheet{}, err
	}
	columns, err := mapped(t.Columns, said)
	if err != nil {
		return Sheet{}, err
	}
	r := reader{sheet: Sheet{Columns: columns, Rows: len(t.Rows), Notes: t.Notes}, at: map[string]int{}, unknown: map[Unknown]int{}, named: map[[2]string]bool{}}
	for _, row := range t.Rows {
		if err := r.add(row); err != nil {
			return Sheet{}, err
		}
	}
	if r.left > 0 {
		r.sheet.Notes = append(r.sheet.Notes, fmt.Sprintf("%d more rows were noted like these.", r.left))
	}
	slices.SortStableFunc(r.sheet.Unknown, func(a, b Unknown) int {
		return cmp.Or(strings.Compare(string(a.Field), string(b.Field)), a.Line-b.Line)
	})
	return r.sheet, nil
}

// reader puts rows together.
type reader struct {
	sheet   Sheet
	at      map[string]int     // by key, folded: place in Applications
	unknown map[Unknown]int    // by field and value: place in Unknown
	named   map[[2]string]bool // by key, folded, and part
	left    int                // notes that were not written
}

func (r *reader) note(line int, format string, args ...any) {
	if len(r.sheet.Notes) >= maxNotes {
		r.left++
		return
	}
	r.sheet.Notes = append(r.sheet.Notes, fmt.Sprintf("Line %d: ", line)+fmt.Sprintf(format, args...))
}

// add takes one row: a new application, or more of one that is known.
func (r *reader) add(row table.Row) error {
	one := Application{Line: row.Line}
	var repositories, components []string
	for i, value := range row.Cells {
		if value == "" {
			continue
		}
		c := r.sheet.Columns[i]
		if c.Field != Repository && c.Field != Component && c.Field != Ignored && len(value) > MaxValue {
			return fault.New(fault.Invalid, "The table cannot be read: line %d, column %q: the value has more than %d characters. Shorten it, or leave the column out with --map %q.", row.Line, c.Heading, MaxValue, c.Heading+"=ignore")
		}
		said, known := normal(c.Field, value)
		if !known {
			r.count(c.Field, value, row.Line)
		}
		switch c.Field {
		case Repository:
			repositories = append(repositories, several(value)...)
		case Component:
			components = append(components, several(value)...)
		default:
			one.set(c.Field, said)
		}
	}
	if one.Key = cmp.Or(one.Key, one.Name); one.Key == "" {
		r.note(row.Line, "it has neither id nor name, and was left out.")
		return nil
	}
	one.Name = cmp.Or(one.Name, one.Key)
	folded := strings.ToLower(one.Key)
	for _, p := range parts(row.Line, repositories, components) {
		if part := [2]string{folded, p.String()}; !r.named[part] {
			r.named[part] = true
			one.Parts = append(one.Parts, p)
		}
	}
	at, again := r.at[folded]
	if !again {
		r.at[folded] = len(r.sheet.Applications)
		r.sheet.Applications = append(r.sheet.Applications, one)
		return nil
	}
	r.merge(&r.sheet.Applications[at], one)
	return nil
}

// several are the names in one cell, addresses without credentials.
func several(cell string) []string {
	var all []string
	for _, one := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune("\n\r;,|", r) }) {
		if one = strings.TrimSpace(one); one != "" {
			all = append(all, gitrepo.Redact(one))
		}
	}
	return all
}

// parts joins the two columns: components lie in the repository when the row names just one.
func parts(line int, repositories, components []string) []Part {
	var all []Part
	in := ""
	if len(repositories) == 1 && len(components) > 0 {
		in, repositories = repositories[0], nil
	}
	for _, c := range components {
		all = append(all, Part{Line: line, Repository: in, Component: c})
	}
	for _, one := range repositories {
		all = append(all, Part{Line: line, Repository: one})
	}
	return all
}

func (r *reader) count(f Field, value string, line int) {
	key := Unknown{Field: f, Value: value}
	at, ok := r.unknown[key]
	if !ok {
		at = len(r.sheet.Unknown)
		r.unknown[key] = at
		r.sheet.Unknown = append(r.sheet.Unknown, Unknown{Field: f, Value: value, Line: line})
	}
	r.sheet.Unknown[at].Rows++
}

func (a *Application) set(f Field, value string) {
	switch f {
	case ID:
		a.Key = value
	case Owner, OwningTeam:
		if a.Owner == "" || f == OwningTeam { // a team says more than a person
			a.Owner, a.OwnerTeam = value, f == OwningTeam
		}
	case Country, LegalEntity, Division, Unit, Team:
		a.Unit = append(a.Unit, Level{Kind: f, Name: value})
		slices.SortFunc(a.Unit, func(x, y Level) int { return slices.Index(levels[:], x.Kind) - slices.Index(levels[:], y.Kind) })
	default:
		if into := a.value(f); into != nil {
			*into = value
		}
	}
}

// value is where a field of text lies; nil for those that are kept in another form.
func (a *Application) value(f Field) *string {
	switch f {
	case Name:
		return &a.Name
	case Tier:
		return &a.Tier
	case Status:
		return &a.Status
	case External:
		return &a.External
	case DataClass:
		return &a.DataClass
	case CostCentre:
		return &a.CostCentre
	case From:
		return &a.From
	case To:
		return &a.To
	}
	return nil
}

// merge adds what a further row of the same application says. What the first row said stays.
func (r *reader) merge(into *Application, one Application) {
	for _, f := range []Field{Name, Tier, Status, External, DataClass, CostCentre, From, To} {
		have, more := into.value(f), one.value(f)
		if f == Name && *more == one.Key && !strings.EqualFold(*have, *more) {
			continue // a row without a name was given its id
		}
		r.agree(into.Line, one.Line, string(f), have, *more)
	}
	if into.Owner == "" {
		into.OwnerTeam = one.OwnerTeam
	}
	r.agree(into.Line, one.Line, "owner", &into.Owner, one.Owner)
	switch {
	case len(into.Unit) == 0:
		into.Unit = one.Unit
	case len(one.Unit) > 0 && !slices.Equal(into.Unit, one.Unit):
		r.note(one.Line, "it names another unit than line %d, which counts.", into.Line)
	}
	into.Parts = append(into.Parts, one.Parts...)
}

func (r *reader) agree(first, line int, name string, have *string, more string) {
	switch {
	case *have == "":
		*have = more
	case more != "" && more != *have:
		r.note(line, "it has another %s than line %d, which counts.", name, first)
	}
}
