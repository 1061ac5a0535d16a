package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"strings"

	"github.com/jackc/pgx/v5"
)

// insertParams is how many parameters one INSERT on SQLite carries at most: more are no faster
// (BenchmarkInsert, doc/adr/0001-store.md).
const insertParams = 256

// Insert adds rows to a table and returns how many; one row is one value per column. It uses
// multi-row VALUES on SQLite and COPY on PostgreSQL, so there is no ON CONFLICT: an existing key
// ends the transaction with fault.Conflict. Rows are taken one by one and never held all at once.
func (tx *Tx) Insert(ctx context.Context, table string, columns []string, rows iter.Seq[[]any]) (int64, error) {
	if tx.failed != nil {
		return 0, tx.over()
	}
	if len(columns) == 0 {
		return 0, tx.fail(fmt.Errorf("insert into %s: no columns", table))
	}
	insert := tx.insertPostgres
	if tx.lite != nil {
		insert = tx.insertSQLite
	}
	n, err := insert(ctx, table, columns, rows)
	if err != nil {
		return 0, tx.fail(fmt.Errorf("insert into %s: %w", table, translate(ctx, err)))
	}
	return n, nil
}

func (tx *Tx) insertSQLite(ctx context.Context, table string, columns []string, rows iter.Seq[[]any]) (int64, error) {
	perChunk := max(1, insertParams/len(columns))
	var full *sql.Stmt
	defer func() {
		if full != nil {
			_ = full.Close()
		}
	}()
	var n int64
	chunk := make([]any, 0, perChunk*len(columns))
	for row := range rows {
		if err := checkRow(n, row, columns); err != nil {
			return 0, err
		}
		row, err := arguments(row)
		if err != nil {
			return 0, fmt.Errorf("row %d: %w", n, err)
		}
		chunk = append(chunk, row...)
		n++
		if len(chunk) < cap(chunk) {
			continue
		}
		if full == nil {
			if full, err = tx.lite.PrepareContext(ctx, insertText(table, columns, perChunk)); err != nil {
				return 0, err
			}
		}
		if _, err := full.ExecContext(ctx, chunk...); err != nil {
			return 0, fmt.Errorf("rows %d to %d: %w", n-int64(perChunk), n-1, err)
		}
		chunk = chunk[:0]
	}
	if rest := len(chunk) / len(columns); rest > 0 {
		if _, err := tx.lite.ExecContext(ctx, insertText(table, columns, rest), chunk...); err != nil {
			return 0, fmt.Errorf("rows %d to %d: %w", n-int64(rest), n-1, err)
		}
	}
	return n, nil
}

// insertText uses bare ? because SQLite looks up $n by walking the list of names for every one.
func insertText(table string, columns []string, rows int) string {
	one := "(" + strings.Repeat("?,", len(columns)-1) + "?)"
	var b strings.Builder
	b.WriteString("INSERT INTO " + quote(table) + " (")
	for i, c := range columns {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quote(c))
	}
	b.WriteString(") VALUES ")
	b.WriteString(strings.Repeat(one+",", rows-1))
	b.WriteString(one)
	return b.String()
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func (tx *Tx) insertPostgres(ctx context.Context, table string, columns []string, rows iter.Seq[[]any]) (int64, error) {
	next, stop := iter.Pull(rows)
	defer stop()
	var n int64
	return tx.pg.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromFunc(func() ([]any, error) {
		row, ok := next()
		if !ok {
			return nil, nil
		}
		if err := checkRow(n, row, columns); err != nil {
			return nil, err
		}
		row, err := arguments(row)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", n, err)
		}
		n++
		return row, nil
	}))
}

func checkRow(n int64, row []any, columns []string) error {
	if len(row) != len(columns) {
		return fmt.Errorf("row %d has %d values for %d columns", n, len(row), len(columns))
	}
	return nil
}
