// Package measure is the words in which features tell their figures: sections of numbers and rows, each
// number with the list that it counts.
//
// A feature gives sections (Section) in its folder measure; app hands all of them to the report, which
// draws, prints and keeps them. A section asks a Desk and not the database: Count gives a number and the
// address of the list under the same query, so that a number on the report and the total of the list
// behind it are one thing, with the same rights. In a scope (a unit, an application) the desk adds the
// filter Within to every query; a list that cannot be narrowed down so gives ErrWhole, and the section
// says that it is told of the whole estate only.
package measure

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/listing"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
)

// Within is the key of the filter that narrows a list down to a scope; its value is Scope.Ref.
const Within = "within"

// ErrWhole says that something is known of the whole estate only, and not of a part of it.
var ErrWhole = errors.New("told of the whole estate only")

// Scope is a part of the estate; the zero value is all of it.
type Scope struct {
	Ref  string `json:"ref"`  // "unit:Payments", "application:A-1"; "" is the whole estate
	ID   string `json:"id"`   // which stays, whatever it is called; "" for the whole estate
	Kind string `json:"kind"` // "unit", "application", ""
	Name string `json:"name"` // for people; "" for the whole estate
	Href string `json:"page"` // its page
}

// Whole reports whether it is the whole estate.
func (s Scope) Whole() bool { return s.Ref == "" }

// Section is one part of the report.
type Section struct {
	ID    string // a-z and -, for addresses and programs
	Order int
	Title string
	Of    func(context.Context, access.Viewer, Desk) (Part, error)
	// Kept are numbers that are kept each day besides the figures and rows of Of; nil for none.
	Kept func(context.Context, access.Viewer, Desk) ([]Kept, error)
}

// Part is what a section says: figures, then a table. What it does not have stays zero.
type Part struct {
	Lede    string // one sentence; "" for none
	Figures []Figure
	Table   Table
}

// Number is how many rows a list has, and its address.
type Number struct {
	N    int64
	Href string
}

// Figure is one number with its name.
type Figure struct {
	Key   string // under which it is kept: a-z, - and dots ("components.no-owner")
	Label string
	Number
	Care *Care // it is something to do while it is above zero; nil is not
}

// Care says what is to be done about a figure.
type Care struct {
	Urgency int    // 1 is wrong now, 2 is probably wrong, 3 wants a decision
	Title   string // "Components without an owner"
	Reason  string // why it matters
	Step    string // what to do, in two or three words
}

// Table is rows of one kind; without columns there is none.
type Table struct {
	Title   string
	Columns []Column
	Rows    []Row
	Empty   string // what stands there without rows
	All     Number // all of which the rows are the first; no address: they are all
}

// Column is the head of a column.
type Column struct {
	Label string
	Right bool // holds numbers
}

// Row is one line of a table.
type Row struct {
	Kept  *Kept // the number of it that is kept each day; nil for none
	Cells []Cell
}

// Cell is one value: text, or a number with the list that it counts. A cell without either is unknown.
type Cell struct {
	Text string
	*Number
	Href string // of text
}

// Kept is a number that is kept each day, in the words that people read: "language", "Go".
type Kept struct {
	Group string // "" of a figure
	Name  string // of a figure its Key
	N     int64
}

// Text is a cell of words; empty is unknown.
func Text(text, href string) Cell { return Cell{Text: text, Href: href} }

// Counted is a cell with a number.
func Counted(n Number) Cell { return Cell{Number: &n} }

// Desk counts lists in one scope. Make it with NewDesk.
type Desk struct {
	db    *store.DB
	lists map[string]web.Listed
	scope Scope
	now   time.Time
}

// NewDesk returns a desk over lists.
func NewDesk(db *store.DB, lists []web.Listed, s Scope, now time.Time) Desk {
	d := Desk{db: db, lists: map[string]web.Listed{}, scope: s, now: now}
	for _, l := range lists {
		d.lists[l.Spec.Name] = l
	}
	return d
}

// Scope is what is counted.
func (d Desk) Scope() Scope { return d.scope }

// query reads terms, such as "view=no-owner&sort=-changed", as a list has them, in the scope of the desk.
// Terms that the list does not know are an error: without them there would be another number.
func (d Desk) query(v access.Viewer, list, terms string) (listing.Spec, listing.Query, error) {
	l, ok := d.lists[list]
	if !ok {
		return l.Spec, listing.Query{}, fmt.Errorf("there is no list %q to count", list)
	}
	spec := l.Spec
	if l.Needs != "" {
		if err := v.Require(l.Needs); err != nil {
			return spec, listing.Query{}, err
		}
	}
	values, err := url.ParseQuery(terms)
	if err != nil {
		return spec, listing.Query{}, fmt.Errorf("list %s: %q: %w", list, terms, err)
	}
	if !d.scope.Whole() {
		if spec.IDs == nil {
			return spec, listing.Query{}, ErrWhole
		}
		values.Set(Within, d.scope.Ref)
	}
	q := spec.Parse(values, d.now)
	if len(q.Unknown) > 0 {
		return spec, q, fmt.Errorf("list %s does not know %v", list, q.Unknown)
	}
	return spec, q, nil
}

func address(spec listing.Spec, q listing.Query) string {
	if values := q.Values(); len(values) > 0 {
		return "/" + spec.Name + "?" + values.Encode()
	}
	return "/" + spec.Name
}

// Count counts a list under terms.
func (d Desk) Count(ctx context.Context, v access.Viewer, list, terms string) (Number, error) {
	spec, q, err := d.query(v, list, terms)
	if err != nil {
		return Number{}, err
	}
	n, err := spec.Total(ctx, d.db, v, q)
	return Number{N: n, Href: address(spec, q)}, err
}

// Figures counts a list under the terms of each figure, in their order.
func (d Desk) Figures(ctx context.Context, v access.Viewer, wanted ...Wanted) ([]Figure, error) {
	all := make([]Figure, 0, len(wanted))
	for _, w := range wanted {
		n, err := d.Count(ctx, v, w.List, w.Terms)
		if err != nil {
			return nil, err
		}
		all = append(all, Figure{Key: w.Key, Label: w.Label, Number: n, Care: w.Care})
	}
	return all, nil
}

// Wanted is a figure to be counted.
type Wanted struct {
	Key, Label  string
	List, Terms string
	Care        *Care
}

// Rows reads the first n rows of a list under terms, at most 100.
func (d Desk) Rows(ctx context.Context, v access.Viewer, list, terms string, n int) ([]listing.Row, error) {
	spec, q, err := d.query(v, list, terms)
	if err != nil {
		return nil, err
	}
	q.Limit = n
	result, err := spec.Rows(ctx, d.db, v, q)
	return result.Rows, err
}

// Each hands over all rows of a list under terms.
func (d Desk) Each(ctx context.Context, v access.Viewer, list, terms string, f func(listing.Row) error) error {
	spec, q, err := d.query(v, list, terms)
	if err != nil {
		return err
	}
	return spec.Each(ctx, d.db, v, q, f)
}

// Value is one value of a filter, and the rows that have it.
type Value struct {
	Value, Label string
	Number
}

// Values counts the rows of a list under terms by the values of a filter, the most frequent first, at most n
// and at most 30; rows without a value are left out.
func (d Desk) Values(ctx context.Context, v access.Viewer, list, terms, filter string, n int) ([]Value, error) {
	spec, q, err := d.query(v, list, terms)
	if err != nil {
		return nil, err
	}
	asked := q.Values()
	asked.Set("choices", filter)
	result, err := spec.Choices(ctx, d.db, v, spec.Parse(asked, d.now))
	if err != nil {
		return nil, err
	}
	var all []Value
	for _, c := range result.Choices {
		if c.Count == 0 || c.Value == listing.None || len(all) == n {
			continue
		}
		to := q.Values()
		to.Set(filter, c.Value)
		one := Value{Value: c.Value, Label: c.Label, Number: Number{N: c.Count}}
		if narrowed := spec.Parse(to, d.now); slices.Equal(narrowed.Of(filter), []string{c.Value}) { // not so when it is too long for an address
			one.Href = address(spec, narrowed)
		}
		all = append(all, one)
	}
	return all, nil
}
