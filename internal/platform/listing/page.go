package listing

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// Row is one row of a list: its values by column key. A value is nil for unknown, else an int64
// (Number, Bytes, Time), a float64 (Share), a bool (YesNo) or a string (all others).
type Row map[string]any

// exactTo is how far counts are exact; beyond it they are Counts with More.
const exactTo = 10_000

// Count is a number of rows, exact up to 10,000.
type Count struct {
	N    int64
	More bool // there are more than N
}

// Result is one page of a list.
type Result struct {
	Rows  []Row
	First int64 // number of the first row, from 1; 0 when there are no rows
	Last  int64
	Total Count  // rows under the query
	Next  string // cursor for the parameter after, "" at the end
	Prev  string // cursor for the parameter before, "" at the start
	Sort  Sort   // the order that was used

	// Choices of the filter that Query.Wants names, most frequent first, at most 30; MoreChoices says
	// that there are others.
	Choices     []Choice
	MoreChoices bool
}

// Page answers one page of the list: rows in order, their number, and the choices of one filter
// when asked for. All of it is read in one state of the database.
func (s Spec) Page(ctx context.Context, db *store.DB, v access.Viewer, q Query) (Result, error) {
	s, err := s.settled(ctx, v)
	if err != nil {
		return Result{}, err
	}
	var result Result
	err = db.Snapshot(ctx, func(r store.Reader) error {
		var err error
		if result, err = s.rows(ctx, r, db.Engine(), v, q); err != nil {
			return err
		}
		if result.Total, err = s.count(ctx, r, db.Engine(), v, q); err != nil {
			return err
		}
		if f, ok := s.filter(q.choices); ok {
			result.Choices, result.MoreChoices, err = s.choices(ctx, r, db.Engine(), v, q, f)
		}
		return err
	})
	if err != nil {
		return Result{}, fmt.Errorf("read list %s: %w", s.Name, err)
	}
	return result, nil
}

// Choices answers only the choices of the filter that the query wants.
func (s Spec) Choices(ctx context.Context, db *store.DB, v access.Viewer, q Query) (Result, error) {
	s, err := s.settled(ctx, v)
	if err != nil {
		return Result{}, err
	}
	f, ok := s.filter(q.choices)
	if !ok {
		return Result{}, nil
	}
	var result Result
	result.Choices, result.MoreChoices, err = s.choices(ctx, db, db.Engine(), v, q, f)
	if err != nil {
		return Result{}, fmt.Errorf("read list %s: %w", s.Name, err)
	}
	return result, nil
}

// Rows answers the rows of one page with the cursors around it, and counts nothing.
func (s Spec) Rows(ctx context.Context, db *store.DB, v access.Viewer, q Query) (Result, error) {
	s, err := s.settled(ctx, v)
	if err != nil {
		return Result{}, err
	}
	result, err := s.rows(ctx, db, db.Engine(), v, q)
	if err != nil {
		return Result{}, fmt.Errorf("read list %s: %w", s.Name, err)
	}
	return result, nil
}

// rows reads one row more than the page has, which says whether there is another page.
func (s Spec) rows(ctx context.Context, r store.Reader, engine store.Engine, v access.Viewer, q Query) (Result, error) {
	o := s.order(q)
	at, back := q.place()
	limit := max(q.Limit, 1)
	text, args := s.pageText(engine, v, q, o, limit+1)
	rows, places, err := s.read(ctx, r, text, args, o)
	if err != nil {
		return Result{}, err
	}
	return pageOf(rows, places, o.sort, at, back, limit), nil
}

// pageText is the statement that reads the first rows of a page.
func (s Spec) pageText(engine store.Engine, v access.Viewer, q Query, o order, rows int) (text string, args []any) {
	b := &statement{engine: engine}
	at, back := q.place()
	text = "SELECT " + b.selected(s, o) + " FROM " + s.From + " WHERE " + b.where(s, v, q, "")
	if at != nil {
		text += " AND " + b.beyond(s, o, *at, back)
	}
	return text + " ORDER BY " + b.orderBy(s, o, back) + " LIMIT " + strconv.Itoa(rows), b.args
}

// Plan says in the engine's words how it reads a page: what tests of Column.Indexed look at.
func (s Spec) Plan(ctx context.Context, db *store.DB, v access.Viewer, q Query) (string, error) {
	s, err := s.settled(ctx, v)
	if err != nil {
		return "", err
	}
	text, args := s.pageText(db.Engine(), v, q, s.order(q), max(q.Limit, 1)+1)
	explain, scan := "EXPLAIN ", func(row store.Scanner) (line string, err error) { return line, row.Scan(&line) }
	if db.Engine() == store.SQLite {
		explain += "QUERY PLAN "
		scan = func(row store.Scanner) (line string, err error) {
			var id, parent, unused int64
			return line, row.Scan(&id, &parent, &unused, &line)
		}
	}
	lines, err := store.Collect(scan)(db.Query(ctx, explain+text, args...))
	return strings.Join(lines, "\n"), err
}

// pageOf cuts the further row off and says where the page lies.
func pageOf(rows []Row, places []cursor, sort Sort, at *cursor, back bool, limit int) Result {
	more := len(rows) > limit
	if more {
		rows, places = rows[:limit], places[:limit]
	}
	before := int64(0)
	if back {
		slices.Reverse(rows)
		slices.Reverse(places)
		if more {
			before = max(at.At-int64(len(rows)), 1)
		}
	} else if at != nil {
		before = at.At
	}
	result := Result{Rows: rows, Sort: sort}
	if len(rows) == 0 {
		return result
	}
	result.First, result.Last = before+1, before+int64(len(rows))
	if more || back {
		last := places[len(places)-1]
		last.At = result.Last
		result.Next = last.String()
	}
	if back && more || !back && at != nil {
		first := places[0]
		first.At = before
		result.Prev = first.String()
	}
	return result
}

// read runs a statement made with selected and returns rows and their places.
func (s Spec) read(ctx context.Context, r store.Reader, text string, args []any, o order) ([]Row, []cursor, error) {
	var out []Row
	var places []cursor
	err := s.scan(ctx, r, text, args, o, func(row Row, place cursor) error {
		out, places = append(out, row), append(places, place)
		return nil
	})
	return out, places, err
}

// scan runs a statement made with selected and hands over row by row.
func (s Spec) scan(ctx context.Context, r store.Reader, text string, args []any, o order, each func(Row, cursor) error) error {
	rows, err := r.Query(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	kinds := []Kind{o.kind, o.keyKind}
	for _, c := range s.Columns {
		kinds = append(kinds, c.Kind)
	}
	cells := make([]cell, len(kinds))
	targets := make([]any, len(kinds))
	for i, k := range kinds {
		targets[i] = cells[i].target(k)
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		row := make(Row, len(s.Columns))
		for i, c := range s.Columns {
			row[c.Key] = cells[i+2].value(c.Kind)
		}
		place := cursor{Order: o.sort.String(), Key: cells[1].bytes(o.keyKind)}
		if o.sql != "" {
			place.Value = cells[0].bytes(o.kind)
			place.Known = place.Value != nil
		}
		if err := each(row, place); err != nil {
			return err
		}
	}
	return rows.Err()
}

// cell is where one value is scanned to; only the part for its kind is used.
type cell struct {
	whole sql.NullInt64
	part  sql.NullFloat64
	text  sql.NullString
}

func (c *cell) target(k Kind) any {
	switch {
	case k.numeric():
		return &c.whole
	case k == Share:
		return &c.part
	default:
		return &c.text
	}
}

func (c *cell) value(k Kind) any {
	switch {
	case k == YesNo && c.whole.Valid:
		return c.whole.Int64 != 0
	case k.numeric() && c.whole.Valid:
		return c.whole.Int64
	case k == Share && c.part.Valid:
		return c.part.Float64
	case c.text.Valid:
		return c.text.String
	}
	return nil
}

// bytes gives the value as a cursor keeps it, nil for unknown.
func (c *cell) bytes(k Kind) []byte {
	switch {
	case k.numeric() && c.whole.Valid:
		return strconv.AppendInt(nil, c.whole.Int64, 10)
	case k == Share && c.part.Valid:
		return strconv.AppendFloat(nil, c.part.Float64, 'g', -1, 64)
	case c.text.Valid:
		return append([]byte{}, c.text.String...)
	}
	return nil
}

// Count answers how many rows there are under a query.
func (s Spec) Count(ctx context.Context, db *store.DB, v access.Viewer, q Query) (Count, error) {
	s, err := s.settled(ctx, v)
	if err != nil {
		return Count{}, err
	}
	return s.count(ctx, db, db.Engine(), v, q)
}

// Total answers exactly how many rows there are under a query, however many: what a page leaves at "more
// than 10,000". It reads all of them.
func (s Spec) Total(ctx context.Context, db *store.DB, v access.Viewer, q Query) (int64, error) {
	s, err := s.settled(ctx, v)
	if err != nil {
		return 0, err
	}
	b := &statement{engine: db.Engine()}
	var n int64
	text := "SELECT COUNT(*) FROM " + s.From + " WHERE " + b.where(s, v, q, "")
	if err := db.QueryRow(ctx, text, b.args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count all of list %s: %w", s.Name, err)
	}
	return n, nil
}

func (s Spec) count(ctx context.Context, r store.Reader, engine store.Engine, v access.Viewer, q Query) (Count, error) {
	b := &statement{engine: engine}
	text := "SELECT COUNT(*) FROM (SELECT 1 AS one FROM " + s.From + " WHERE " + b.where(s, v, q, "") + " LIMIT " + strconv.Itoa(exactTo+1) + ") counted"
	var n int64
	if err := r.QueryRow(ctx, text, b.args...).Scan(&n); err != nil {
		return Count{}, fmt.Errorf("count list %s: %w", s.Name, err)
	}
	return Bounded(n), nil
}

// Bounded gives an exact number as lists give theirs: beyond 10,000 it is more than that.
func Bounded(n int64) Count {
	if n > exactTo {
		return Count{N: exactTo, More: true}
	}
	return Count{N: n}
}
