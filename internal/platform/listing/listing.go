// Package listing turns one declaration of a list into its page, its pages of JSON for programs,
// and its exports as CSV and JSON.
//
// A feature writes a Spec once: where the rows come from, who may see them, which columns, filters
// and views there are. Parse reads a Query out of an address and Query.Values writes it back, so
// that every state of a list is an address. Page answers one page of it by keyset: no row is
// skipped or shown twice because others came or went in between. Each answers all of it, row by
// row, for exports.
//
// Order is the same on both engines: text compares by its bytes after A to Z became a to z, what is
// unknown (NULL) comes last in either direction, and equal values follow the key. All that comes
// from an address is bound as a parameter; only the program's own declaration is put into SQL.
package listing

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"steward/internal/platform/access"
)

// Spec declares one list. Its SQL is written in the program and must work on both engines.
type Spec struct {
	Name   string // address and API of the list: "repositories" is /repositories and /api/v1/repositories
	Title  string // heading: "Repositories"
	Noun   string // one of them: "repository"
	Plural string // many of them: "repositories"
	From   string // what follows FROM: "repository r LEFT JOIN unit u ON u.id = r.unit_id"
	// A subquery here, in a column, a filter or a view puts {visible r.visibility} where the access
	// condition belongs.
	//
	// FromOf gives it where what is read hangs on more than access, such as on a setting; From is "" then. It is asked
	// before the list takes a connection to the database, so that it may take one of its own.
	FromOf  func(ctx context.Context, v access.Viewer) (string, error)
	Base    string // a further condition that always holds, "" for none
	Key     string // expression that is unique and never NULL: "r.id"
	KeyKind Kind   // Text (zero value) or Number
	Columns []Column
	Filters []Filter
	Search  []string // expressions in which the words of the text field are looked for
	Views   []View   // tabs; "All" comes before them by itself
	Default Sort     // order without a choice; zero value: by the key
	Empty   Empty

	// IDs are the expressions for the ids, as the database has them, of the records that a row is about, by
	// kind ("repository": "r.id"): what filters that other features bring are made of, see With.
	IDs map[string]string

	// Where gives the access condition, such as v.Where("r.visibility"). A list whose rows everybody
	// with an account may see returns "1 = 1" and says so; it is never nil.
	Where func(v access.Viewer) string
}

// Empty is what stands in place of a list that has nothing at all.
type Empty struct {
	Title string // "No repositories yet"
	Text  string // why, and what to do
	Label string // of the one thing to do, "" for none
	Href  string
}

// Kind says what a column holds: how it is read, shown, sorted and exported.
type Kind string

// The kinds. The SQL of a column gives the type in brackets, or NULL for unknown.
const (
	Text   Kind = ""       // words (text)
	Code   Kind = "code"   // an identifier in monospace (text)
	Hash   Kind = "hash"   // shown by its first seven characters (text)
	Owner  Kind = "owner"  // a team's name, shown as a chip (text)
	Person Kind = "person" // a person's name, shown as a round chip (text)
	Badge  Kind = "badge"  // a word of a small set, see Column.Tones (text)
	Status Kind = "status" // the same with a shape before it (text)
	Split  Kind = "split"  // parts of a whole by name: a JSON object of numbers (text or jsonb)
	Spark  Kind = "spark"  // a small series: a JSON array of numbers (text or jsonb)
	JSON   Kind = "json"   // any JSON, shown as it is written (text)
	Number Kind = "number" // a count (bigint)
	Bytes  Kind = "bytes"  // a size in bytes (bigint)
	Time   Kind = "time"   // a moment, µs since 1970 UTC (bigint)
	Date   Kind = "date"   // a civil date YYYY-MM-DD (text)
	Share  Kind = "share"  // a part of one, 0..1 (double precision)
	YesNo  Kind = "yesno"  // a condition (boolean)
)

// Column is one column of a list, its exports and its API.
type Column struct {
	Key      string            // snake_case; name in exports, API and addresses
	Label    string            // heading
	SQL      string            // expression
	Kind     Kind              // what it holds
	Sort     bool              // may be sorted by
	Priority int               // 1 is always shown, 4 only on wide screens; 0 is 1
	Hidden   bool              // in exports, the API and Link only
	Context  bool              // shown in the second line of the first column instead of a column of its own
	Link     string            // address with column keys in braces: "/repositories/{id}"; no link while one of them is unknown
	Unknown  string            // word for NULL; "" is "Unknown"
	Words    map[string]string // stored value → word for people
	Tones    map[string]string // stored value → good, warn, bad, info or none
	Help     string            // one sentence on hover of the heading
	// Indexed says that SQL is a bare column that is never NULL, and that a page is read from an index
	// without sorting the whole. Of a numeric column and a numeric Key that is an index on both; of text one on
	//
	//	substr(lower(CAST((column) AS TEXT)), 1, 200)              in SQLite
	//	substr(lower(CAST((column) AS TEXT) COLLATE "C"), 1, 200)  in PostgreSQL
	Indexed bool
}

// Filter narrows a list down. Its parameter in addresses is its Key.
type Filter struct {
	Key     string
	Label   string
	SQL     string   // expression that is compared; for OneOf and Contains text, Range a number, When µs, Yes a condition
	Kind    How      // how it is compared
	Choices []Choice // of OneOf: fixed ones; empty: those found, with counts
	Unknown string   // of OneOf and When: word for rows without a value, "" offers no such choice ("No owner")
}

// How says how a filter compares.
type How string

// The ways of comparing. Several values of OneOf mean any of them.
const (
	OneOf    How = ""         // equal to one of the chosen values
	Yes      How = "yesno"    // a condition holds (yes) or does not (no)
	Contains How = "contains" // text contains what was typed, in either case
	Range    How = "range"    // a number within 10..20, 10.. or ..20
	When     How = "when"     // a moment: 30d is within the last 30 days, older-365d before, 2026-01-01..2026-02-01 between
	Holds    How = "holds"    // SQL is a condition on what was typed, which {value} stands for in it
)

// Choice is one value that a filter offers.
type Choice struct {
	Value, Label string
	Count        int64 // rows with it under the other filters; 0 when not counted
	On           bool  // chosen now
}

// View is a fixed part of a list, shown as a tab with its count.
type View struct {
	Key, Label string
	Where      string // condition; "{account}" in it stands for the account id of the viewer
	Sort       Sort   // order of this view; zero value: the list's own
}

// Sort is an order by one column.
type Sort struct {
	Column string
	Desc   bool
}

// String gives the order as it stands in an address: "name" or "-commits".
func (s Sort) String() string {
	if s.Desc {
		return "-" + s.Column
	}
	return s.Column
}

// Sizes are the numbers of rows that a page may have; the first is the default.
var sizes = [...]int{25, 50, 100}

// None is the value of a OneOf or When filter that stands for rows without a value.
const None = "-"

// reserved are parameters with a meaning of their own; no filter may take their names.
var reserved = map[string]bool{"q": true, "sort": true, "after": true, "before": true, "limit": true, "view": true, "density": true, "choices": true, "find": true, "format": true}

var keyPattern = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// Check reports what is wrong with a declaration. The web server calls it when a list is mounted.
func (s Spec) Check() error {
	if !regexp.MustCompile(`^[a-z][a-z0-9-]*$`).MatchString(s.Name) || s.Title == "" || s.Noun == "" || s.Plural == "" || (s.From == "") == (s.FromOf == nil) || s.Key == "" {
		return fmt.Errorf("list %q: Name (a-z, -), Title, Noun, Plural, From and Key are needed", s.Name)
	}
	if s.Where == nil {
		return fmt.Errorf("list %q has no access condition", s.Name)
	}
	if len(s.Columns) == 0 || s.Columns[0].Hidden || s.Columns[0].Context {
		return fmt.Errorf("list %q: the first column names the row and must be shown", s.Name)
	}
	seen := map[string]bool{}
	for _, c := range s.Columns {
		if !keyPattern.MatchString(c.Key) || seen[c.Key] || c.SQL == "" {
			return fmt.Errorf("list %q: column %q needs a key of its own (a-z, 0-9, _) and SQL", s.Name, c.Key)
		}
		seen[c.Key] = true
	}
	for _, c := range s.Columns {
		for _, key := range linkKeys(c.Link) {
			if !seen[key] {
				return fmt.Errorf("list %q: the link of column %q names %q, which is no column", s.Name, c.Key, key)
			}
		}
	}
	return s.checkRest()
}

func (s Spec) checkRest() error {
	seen := map[string]bool{}
	for _, f := range s.Filters {
		if !keyPattern.MatchString(f.Key) || reserved[f.Key] || seen[f.Key] || f.SQL == "" || f.Label == "" {
			return fmt.Errorf("list %q: filter %q needs a key of its own (a-z, 0-9, _), a label and SQL", s.Name, f.Key)
		}
		seen[f.Key] = true
	}
	for _, v := range s.Views {
		if v.Key == "" || v.Label == "" || v.Where == "" || seen["view "+v.Key] {
			return fmt.Errorf("list %q: view %q needs a key of its own, a label and a condition", s.Name, v.Key)
		}
		seen["view "+v.Key] = true
	}
	sorts := []Sort{s.Default}
	for _, v := range s.Views {
		sorts = append(sorts, v.Sort)
	}
	for _, sort := range sorts {
		if _, ok := s.column(sort.Column); sort.Column != "" && !ok {
			return fmt.Errorf("list %q is sorted by %q, which is no column", s.Name, sort.Column)
		}
	}
	return nil
}

// With returns the list with further filters.
func (s Spec) With(filters ...Filter) Spec {
	s.Filters = append(slices.Clone(s.Filters), filters...)
	return s
}

func (s Spec) column(key string) (Column, bool) {
	for _, c := range s.Columns {
		if c.Key == key {
			return c, true
		}
	}
	return Column{}, false
}

func (s Spec) filter(key string) (Filter, bool) {
	for _, f := range s.Filters {
		if f.Key == key {
			return f, true
		}
	}
	return Filter{}, false
}

func (s Spec) view(key string) (View, bool) {
	for _, v := range s.Views {
		if v.Key == key {
			return v, true
		}
	}
	return View{}, false
}

var braces = regexp.MustCompile(`\{([a-z][a-z0-9_]*)\}`)

func linkKeys(link string) []string {
	var keys []string
	for _, m := range braces.FindAllStringSubmatch(link, -1) {
		keys = append(keys, m[1])
	}
	return keys
}

// numeric reports whether values of the kind are read as whole numbers.
func (k Kind) numeric() bool { return k == Number || k == Bytes || k == Time || k == YesNo }

// Right reports whether values of the kind are set flush right.
func (k Kind) Right() bool { return k == Number || k == Bytes || k == Share }

// fold lowers A to Z and nothing else, as lower() does on both engines.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
