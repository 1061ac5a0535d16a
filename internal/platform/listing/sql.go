package listing

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// sortLength is how many characters of text take part in sorting. What is equal up to there
// follows the key, so that a cursor stays short whatever the text.
const sortLength = 200

// order is a complete order of a list: by one column, then by the key.
type order struct {
	sort    Sort
	sql     string // expression of the column, "" when by the key alone
	kind    Kind
	keyKind Kind
	known   bool // no row is without a value
	bare    bool // value and key are compared as an index on both columns has them
}

// order says by what a query sorts: its own choice, the view's, the list's, the key.
func (s Spec) order(q Query) order {
	sort := q.Sort
	if v, ok := s.view(q.View); ok && sort.Column == "" {
		sort = v.Sort
	}
	if sort.Column == "" {
		sort = s.Default
	}
	c, ok := s.column(sort.Column)
	if !ok {
		return order{keyKind: s.KeyKind}
	}
	return order{sort: sort, sql: c.SQL, kind: c.Kind, keyKind: s.KeyKind, known: c.Indexed, bare: c.Indexed && c.Kind.numeric() && s.KeyKind.numeric()}
}

// statement builds one SQL text with its parameters.
type statement struct {
	engine store.Engine
	args   []any
}

// bind adds a parameter and returns its placeholder.
func (b *statement) bind(v any) string {
	b.args = append(b.args, v)
	return "$" + strconv.Itoa(len(b.args))
}

// text gives an expression as text that compares by bytes on both engines.
func (b *statement) text(sql string) string {
	if b.engine == store.PostgreSQL {
		return `CAST((` + sql + `) AS TEXT) COLLATE "C"`
	}
	return `CAST((` + sql + `) AS TEXT)`
}

// folded gives an expression as text with A to Z lowered; lower() under "C" leaves the rest alone,
// as SQLite's does.
func (b *statement) folded(sql string) string { return "lower(" + b.text(sql) + ")" }

// value gives an expression in the type in which its kind is read.
func (b *statement) value(sql string, k Kind) string {
	switch {
	case k == YesNo:
		return "CAST(CASE WHEN (" + sql + ") THEN 1 WHEN NOT (" + sql + ") THEN 0 END AS BIGINT)"
	case k.numeric():
		return "CAST((" + sql + ") AS BIGINT)"
	case k == Share:
		return "CAST((" + sql + ") AS DOUBLE PRECISION)"
	default:
		return "CAST((" + sql + ") AS TEXT)"
	}
}

// sortValue gives an expression in the form in which it is sorted and compared with cursors.
func (b *statement) sortValue(o order) string {
	if o.bare {
		return o.sql
	}
	if o.kind.numeric() || o.kind == Share {
		return b.value(o.sql, o.kind)
	}
	return "substr(" + b.folded(o.sql) + ", 1, " + strconv.Itoa(sortLength) + ")"
}

func (b *statement) key(s Spec) string {
	if s.KeyKind.numeric() {
		return b.value(s.Key, s.KeyKind)
	}
	return b.text(s.Key)
}

// visible marks an access condition inside the SQL of a list.
var visible = regexp.MustCompile(`\{visible ([a-z_.]+)\}`)

// Visible puts the viewer's access condition where sql marks it by {visible r.visibility}.
func Visible(v access.Viewer, sql string) string {
	return visible.ReplaceAllStringFunc(sql, func(mark string) string {
		return v.Where(visible.FindStringSubmatch(mark)[1])
	})
}

// settled is the list as one viewer reads it: From given, access conditions in their places.
func (s Spec) settled(ctx context.Context, v access.Viewer) (Spec, error) {
	if s.FromOf != nil {
		from, err := s.FromOf(ctx, v)
		if err != nil {
			return s, fmt.Errorf("read list %s: %w", s.Name, err)
		}
		s.From, s.FromOf = from, nil
	}
	s.From = Visible(v, s.From)
	s.Columns, s.Filters, s.Views = slices.Clone(s.Columns), slices.Clone(s.Filters), slices.Clone(s.Views)
	for i := range s.Columns {
		s.Columns[i].SQL = Visible(v, s.Columns[i].SQL)
	}
	for i := range s.Filters {
		s.Filters[i].SQL = Visible(v, s.Filters[i].SQL)
	}
	for i := range s.Views {
		s.Views[i].Where = Visible(v, s.Views[i].Where)
	}
	return s, nil
}

// where gives the condition of access, base, view, text and filters; except names a filter to leave out.
func (b *statement) where(s Spec, v access.Viewer, q Query, except string) string {
	parts := []string{"(" + s.Where(v) + ")"}
	if s.Base != "" {
		parts = append(parts, "("+s.Base+")")
	}
	if view, ok := s.view(q.View); ok {
		parts = append(parts, b.view(view, v))
	}
	for i, word := range strings.Fields(q.Text) {
		if i == maxWords || len(s.Search) == 0 {
			break
		}
		parts = append(parts, b.anyContains(s.Search, word))
	}
	for _, f := range s.Filters {
		if values := q.values[f.Key]; len(values) > 0 && f.Key != except {
			parts = append(parts, b.filter(f, values, q))
		}
	}
	return strings.Join(parts, " AND ")
}

func (b *statement) view(view View, v access.Viewer) string {
	before, after, found := strings.Cut(view.Where, "{account}")
	if !found {
		return "(" + view.Where + ")"
	}
	return "(" + before + b.bind(v.AccountID()) + after + ")"
}

func (b *statement) anyContains(expressions []string, word string) string {
	word = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(fold(word))
	pattern := b.bind("%" + word + "%")
	var parts []string
	for _, sql := range expressions {
		parts = append(parts, b.folded(sql)+" LIKE "+pattern+` ESCAPE '\'`)
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

func (b *statement) filter(f Filter, values []string, q Query) string {
	var parts []string
	for _, value := range values {
		switch f.Kind {
		case Yes:
			parts = append(parts, fmt.Sprintf("CASE WHEN (%s) THEN 1 ELSE 0 END = %d", f.SQL, map[bool]int{true: 1}[value == "yes"]))
		case Contains:
			parts = append(parts, b.anyContains([]string{f.SQL}, value))
		case Holds:
			parts = append(parts, "("+strings.ReplaceAll(f.SQL, "{value}", b.bind(value))+")")
		case Range:
			low, high, _ := parseRange(value)
			parts = append(parts, b.between(f.SQL, low, high, "<="))
		case When:
			from, to, _ := parseWhen(value, q.now)
			if value == None {
				parts = append(parts, "("+f.SQL+") IS NULL")
			} else {
				parts = append(parts, b.between(f.SQL, from, to, "<"))
			}
		default:
			if value == None && f.Unknown != "" {
				parts = append(parts, "COALESCE("+b.text(f.SQL)+", '') = ''")
			}
		}
	}
	if f.Kind == OneOf {
		if chosen := b.in(f, values); chosen != "" {
			parts = append(parts, chosen)
		}
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

// in gives the values of a OneOf filter other than None.
func (b *statement) in(f Filter, values []string) string {
	var places []string
	for _, value := range values {
		if value != None || f.Unknown == "" {
			places = append(places, b.bind(value))
		}
	}
	if len(places) == 0 {
		return ""
	}
	return b.text(f.SQL) + " IN (" + strings.Join(places, ", ") + ")"
}

func (b *statement) between(sql string, low, high *int64, upper string) string {
	value, parts := b.value(sql, Number), []string{}
	if low != nil {
		parts = append(parts, value+" >= "+b.bind(*low))
	}
	if high != nil {
		parts = append(parts, value+" "+upper+" "+b.bind(*high))
	}
	return "(" + strings.Join(parts, " AND ") + ")"
}

// beyond gives the condition of lying after a cursor, or before it when back.
func (b *statement) beyond(s Spec, o order, c cursor, back bool) string {
	operator := ">"
	if o.sort.Desc != back {
		operator = "<"
	}
	keyValue, _ := bindable(c.Key, o.keyKind)
	key := b.orderKey(s, o) + " " + operator + " " + b.bind(keyValue)
	if o.sql == "" {
		return "(" + key + ")"
	}
	value := b.sortValue(o)
	if !c.Known {
		if back {
			return "(" + value + " IS NOT NULL OR " + key + ")"
		}
		return "(" + value + " IS NULL AND " + key + ")"
	}
	at, _ := bindable(c.Value, o.kind)
	place := b.bind(at)
	if o.known { // an index is entered at the place
		return fmt.Sprintf("(%s %s= %s AND (%s %s %s OR %s))", value, operator, place, value, operator, place, key)
	}
	condition := fmt.Sprintf("%s %s %s OR (%s = %s AND %s)", value, operator, place, value, place, key)
	if !back {
		condition += " OR " + value + " IS NULL"
	}
	return "(" + condition + ")"
}

// orderKey is the key as an order compares it: bare where an index is to serve it.
func (b *statement) orderKey(s Spec, o order) string {
	if o.bare {
		return s.Key
	}
	return b.key(s)
}

// orderBy gives the order, turned round when back.
func (b *statement) orderBy(s Spec, o order, back bool) string {
	direction := func(desc bool) string {
		if desc != back {
			return " DESC"
		}
		return " ASC"
	}
	by := []string{}
	if o.sql != "" {
		value := b.sortValue(o)
		if !o.known {
			by = append(by, "CASE WHEN "+value+" IS NULL THEN 1 ELSE 0 END"+direction(false))
		}
		by = append(by, value+direction(o.sort.Desc))
	}
	return strings.Join(append(by, b.orderKey(s, o)+direction(o.sort.Desc)), ", ")
}

// selected gives what a row is read from: sort value, key, then the columns.
func (b *statement) selected(s Spec, o order) string {
	sortValue := "NULL"
	if o.sql != "" {
		sortValue = b.sortValue(o)
	}
	parts := []string{sortValue, b.key(s)}
	for _, c := range s.Columns {
		parts = append(parts, b.value(c.SQL, c.Kind))
	}
	return strings.Join(parts, ", ")
}
