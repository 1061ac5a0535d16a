package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Kind is what the values of a column are, alike on both engines.
type Kind string

// The kinds of columns.
const (
	KindText    Kind = "text"    // scans into string
	KindInteger Kind = "integer" // scans into int64
	KindReal    Kind = "real"    // scans into float64
	KindBytes   Kind = "bytes"   // scans into []byte
)

// Column is one of a table.
type Column struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
}

// Table is one as it stands in the database.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"` // in the order of their names
}

const (
	columnsSQLite = `SELECT t.name, c.name, c.type FROM pragma_table_list AS t, pragma_table_info(t.name) AS c
		WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.name`
	columnsPostgres = `SELECT table_name, column_name, data_type FROM information_schema.columns
		WHERE table_schema = current_schema() AND table_name IN (SELECT tablename FROM pg_tables WHERE schemaname = current_schema())
		ORDER BY table_name COLLATE "C", column_name COLLATE "C"`
)

// Tables lists the tables of the database whose names do not begin with one of the prefixes, with their columns, in the
// order of their names. What an engine derives for full-text search is left out. A column of a kind
// that is not listed here is an error.
func Tables(ctx context.Context, r Reader, without ...string) ([]Table, error) {
	query := columnsSQLite
	if r.Engine() == PostgreSQL {
		query = columnsPostgres
	}
	type line struct{ table, column, declared string }
	lines, err := Collect(func(s Scanner) (l line, err error) {
		return l, s.Scan(&l.table, &l.column, &l.declared)
	})(r.Query(ctx, query))
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	var all []Table
	for _, l := range lines {
		if l.declared == "tsvector" || slices.ContainsFunc(without, func(prefix string) bool { return strings.HasPrefix(l.table, prefix) }) {
			continue
		}
		if len(all) == 0 || all[len(all)-1].Name != l.table {
			all = append(all, Table{Name: l.table})
		}
		kind, ok := kindOf(l.declared)
		if !ok {
			return nil, fmt.Errorf("list the tables: column %s of %s is of the kind %q, which package store does not know", l.column, l.table, l.declared)
		}
		t := &all[len(all)-1]
		t.Columns = append(t.Columns, Column{Name: l.column, Kind: kind})
	}
	return all, nil
}

func kindOf(declared string) (Kind, bool) {
	switch strings.ToLower(declared) {
	case "text":
		return KindText, true
	case "bigint", "integer":
		return KindInteger, true
	case "real", "double precision":
		return KindReal, true
	case "blob", "bytea":
		return KindBytes, true
	}
	return "", false
}

// CountOn lets the numbers that the engine itself gives to new rows go on behind those that are there. It is for whoever
// wrote rows with such numbers; SQLite does so anyway.
func CountOn(ctx context.Context, tx *Tx) error {
	if tx.Engine() == SQLite {
		return nil
	}
	type identity struct{ table, column string }
	all, err := Collect(func(s Scanner) (i identity, err error) {
		return i, s.Scan(&i.table, &i.column)
	})(tx.Query(ctx, `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema() AND is_identity = 'YES' AND table_name NOT LIKE 'river%'`))
	if err != nil {
		return fmt.Errorf("list the numbered tables: %w", err)
	}
	for _, i := range all {
		_, err := tx.Exec(ctx, fmt.Sprintf(`SELECT setval(pg_get_serial_sequence($1, $2), (SELECT coalesce(max(%s), 0) + 1 FROM %s), false)`, quote(i.column), quote(i.table)), i.table, i.column)
		if err != nil {
			return fmt.Errorf("count on in table %s: %w", i.table, err)
		}
	}
	return nil
}
