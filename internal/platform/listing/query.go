package listing

import (
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Limits on what an address may ask for.
const (
	maxText   = 200 // bytes of the text field and of one value
	maxWords  = 8   // words of the text field that are looked for
	maxValues = 50  // values of one filter
	maxCursor = 4096
)

// Query is what an address asks of a list. Make one with Spec.Parse.
type Query struct {
	Text    string // what was typed into the text field
	View    string // key of a view, "" for all
	Sort    Sort   // zero value: as the view or the list has it
	Limit   int    // rows a page: 25, 50 or 100
	Compact bool   // density=compact

	// Unknown lists, sorted, what was asked for and is not offered: names of parameters, or
	// name=value when the value is not understood. They are left out of account.
	Unknown []string

	values  map[string][]string // values by key of filter
	after   *cursor
	before  *cursor
	choices string // key of the filter whose choices are wanted
	find    string // what those choices must contain
	now     time.Time
}

// place is where a page begins, nil for the start, and whether it ends there instead.
func (q Query) place() (at *cursor, back bool) {
	if q.after == nil && q.before != nil {
		return q.before, true
	}
	return q.after, false
}

// Parse reads what an address asks for. It never fails: what it does not understand is named in
// Unknown and otherwise ignored. The time is what "within the last 30 days" counts from.
func (s Spec) Parse(in url.Values, now time.Time) Query {
	q := Query{Limit: sizes[0], values: map[string][]string{}, now: now}
	for name, given := range in {
		value := ""
		if len(given) > 0 {
			value = clean(given[0])
		}
		ok := true
		switch name {
		case "q":
			q.Text = strings.TrimSpace(value)
		case "view":
			if _, ok = s.view(value); ok {
				q.View = value
			}
			ok = ok || value == ""
		case "sort":
			q.Sort, ok = s.parseSort(value)
		case "limit":
			q.Limit, ok = parseLimit(value)
		case "density":
			q.Compact = value == "compact"
			ok = q.Compact || value == "regular" || value == ""
		case "choices":
			if _, ok = s.filter(value); ok {
				q.choices = value
			}
		case "find":
			q.find = strings.TrimSpace(value)
		case "after", "before": // read below: they belong to an order
		default:
			ok = q.parseFilter(s, name, given)
		}
		if !ok && value != "" {
			q.Unknown = append(q.Unknown, unknown(name, value))
		}
	}
	q.parseCursors(s, in)
	sort.Strings(q.Unknown)
	return q
}

func unknown(name, value string) string {
	if reserved[name] {
		return name + "=" + value
	}
	return clean(name)
}

func (s Spec) parseSort(value string) (Sort, bool) {
	name, desc := strings.CutPrefix(value, "-")
	if c, ok := s.column(name); ok && c.Sort {
		return Sort{Column: name, Desc: desc}, true
	}
	return Sort{}, value == ""
}

func parseLimit(value string) (int, bool) {
	n, err := strconv.Atoi(value)
	if err != nil || !slices.Contains(sizes[:], n) {
		return sizes[0], value == ""
	}
	return n, true
}

func (q *Query) parseFilter(s Spec, name string, given []string) bool {
	f, ok := s.filter(name)
	if !ok {
		return false
	}
	all := true
	for _, value := range given {
		value = strings.TrimSpace(clean(value))
		switch {
		case value == "" || slices.Contains(q.values[name], value):
		case len(q.values[name]) >= maxValues, !f.understands(value, q.now):
			all = false
		case f.Kind != OneOf && len(q.values[name]) > 0:
			q.values[name] = []string{value}
		default:
			q.values[name] = append(q.values[name], value)
		}
	}
	return all
}

func (q *Query) parseCursors(s Spec, in url.Values) {
	order := s.order(*q)
	for _, name := range []string{"after", "before"} {
		text := in.Get(name)
		if text == "" {
			continue
		}
		c, ok := parseCursor(text, order)
		switch {
		case !ok:
			q.Unknown = append(q.Unknown, name)
		case name == "after":
			q.after = &c
		default:
			q.before = &c
		}
	}
	if q.after != nil {
		q.before = nil
	}
}

// clean makes text from outside fit to be a parameter of a query: valid UTF-8 without NUL, and short.
func clean(s string) string {
	if len(s) > maxText {
		s = s[:maxText]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
}

// Values gives the query back as it stands in an address, without the place in the list.
func (q Query) Values() url.Values {
	out := url.Values{}
	for key, values := range q.values {
		if len(values) > 0 {
			out[key] = slices.Clone(values)
		}
	}
	set := func(name, value string) {
		if value != "" {
			out.Set(name, value)
		}
	}
	set("q", q.Text)
	set("view", q.View)
	set("sort", q.Sort.String())
	if q.Compact {
		out.Set("density", "compact")
	}
	if q.Limit != sizes[0] && q.Limit != 0 {
		out.Set("limit", strconv.Itoa(q.Limit))
	}
	return out
}

// Terms gives what rows and order the query asks for as the parameters of an address, without size,
// density and place of the page: "owner=core&sort=-changed".
func (q Query) Terms() string {
	values := q.Values()
	values.Del("density")
	values.Del("limit")
	return values.Encode()
}

// Filtered reports whether something narrows the list down, views left aside.
func (q Query) Filtered() bool { return q.Text != "" || len(q.values) > 0 }

// Of returns the chosen values of a filter.
func (q Query) Of(filter string) []string { return slices.Clone(q.values[filter]) }

// Wants returns the key of the filter whose choices are asked for, or "".
func (q Query) Wants() string { return q.choices }

// Find returns what was typed to find choices of the filter that Wants names, or "".
func (q Query) Find() string { return q.find }

// Without returns the query without one filter, or without the text for "q", or without all of
// them for "", from the first page.
func (q Query) Without(filter string) Query {
	values := map[string][]string{}
	for key, v := range q.values {
		if key != filter && filter != "" {
			values[key] = v
		}
	}
	q.values = values
	if filter == "q" || filter == "" {
		q.Text = ""
	}
	q.after, q.before, q.choices, q.find = nil, nil, "", ""
	return q
}

// understands reports whether a value has the form that the filter needs.
func (f Filter) understands(value string, now time.Time) bool {
	switch f.Kind {
	case Yes:
		return value == "yes" || value == "no"
	case Range:
		_, _, ok := parseRange(value)
		return ok
	case When:
		if value == None {
			return f.Unknown != ""
		}
		_, _, ok := parseWhen(value, now)
		return ok
	case OneOf:
		if value == None {
			return f.Unknown != ""
		}
		return len(f.Choices) == 0 || slices.ContainsFunc(f.Choices, func(c Choice) bool { return c.Value == value })
	default:
		return true
	}
}

// parseRange reads 10..20, 10.., ..20 and 10; a missing end is nil.
func parseRange(value string) (low, high *int64, ok bool) {
	from, to, ranged := strings.Cut(value, "..")
	if !ranged {
		to = from
	}
	number := func(s string) (*int64, bool) {
		if s == "" {
			return nil, true
		}
		n, err := strconv.ParseInt(s, 10, 64)
		return &n, err == nil
	}
	low, okLow := number(strings.TrimSpace(from))
	high, okHigh := number(strings.TrimSpace(to))
	return low, high, okLow && okHigh && (low != nil || high != nil)
}

// parseWhen reads 30d (since then), older-365d (before then) and dates A..B (both days included),
// and gives the first µs that fits and the first that does not any more; nil is open.
func parseWhen(value string, now time.Time) (from, to *int64, ok bool) {
	days := func(s string) (*int64, bool) {
		n, err := strconv.Atoi(strings.TrimSuffix(s, "d"))
		if err != nil || !strings.HasSuffix(s, "d") || n < 0 || n > 36500 {
			return nil, false
		}
		at := now.AddDate(0, 0, -n).UnixMicro()
		return &at, true
	}
	if older, found := strings.CutPrefix(value, "older-"); found {
		to, ok = days(older)
		return nil, to, ok
	}
	first, last, ranged := strings.Cut(value, "..")
	if !ranged {
		from, ok = days(value)
		return from, nil, ok
	}
	day := func(s string, add int) (*int64, bool) {
		if s == "" {
			return nil, true
		}
		t, err := time.Parse(time.DateOnly, s)
		at := t.AddDate(0, 0, add).UnixMicro()
		return &at, err == nil
	}
	from, okFrom := day(first, 0)
	to, okTo := day(last, 1)
	return from, to, okFrom && okTo && (from != nil || to != nil)
}
