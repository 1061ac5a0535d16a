package storetest

import (
	"context"
	"strings"
	"testing"

	"steward/internal/platform/store"
)

const (
	schemaSQLite = `SELECT sql || ';' FROM sqlite_schema
		WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY tbl_name, type DESC, name`

	schemaPostgres = `SELECT line FROM (
		SELECT c.relname AS t, 1 AS part, a.attnum::int AS n,
			'table ' || c.relname || ': ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
			|| CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
			|| coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') AS line
		FROM pg_class c
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
		WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
		UNION ALL
		SELECT c.relname, 2, 0, 'table ' || c.relname || ': constraint ' || k.conname || ' ' || pg_get_constraintdef(k.oid)
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
		WHERE k.connamespace = current_schema()::regnamespace
		UNION ALL
		SELECT tablename, 3, 0, indexdef FROM pg_indexes WHERE schemaname = current_schema()
	) AS s ORDER BY t, part, n, line`
)

// Schema returns the schema of a database as text, in a fixed order, for golden files named
// schema.sqlite.sql and schema.postgres.sql. Tables whose names begin with one of the prefixes in
// without are left out.
func Schema(t testing.TB, db *store.DB, without ...string) string {
	t.Helper()
	query := schemaSQLite
	if db.Engine() == store.PostgreSQL {
		query = schemaPostgres
	}
	lines, err := store.Collect(func(s store.Scanner) (line string, err error) {
		return line, s.Scan(&line)
	})(db.Query(context.Background(), query))
	if err != nil {
		t.Fatalf("read the schema: %v", err)
	}
	var b strings.Builder
	for _, line := range lines {
		if !mentionsAny(line, without) {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// mentionsAny reports whether a line of a schema belongs to a table whose name begins with one of
// the prefixes.
func mentionsAny(line string, prefixes []string) bool {
	words := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\n(:\"'.", r) })
	for i, w := range words {
		if i == 0 || !isBeforeTable(words[i-1]) {
			continue
		}
		for _, p := range prefixes {
			if strings.HasPrefix(w, p) {
				return true
			}
		}
	}
	return false
}

func isBeforeTable(word string) bool {
	switch strings.ToLower(word) {
	case "table", "exists", "on", "public":
		return true
	}
	return false
}
