package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Reader is what can be read from: a DB, a transaction, a snapshot.
type Reader interface {
	Query(ctx context.Context, sql string, args ...any) (*Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) Row
	// Engine says which database answers, for the few statements that differ.
	Engine() Engine
}

// Scanner is a row to be scanned: Row, or Rows at its current row.
type Scanner interface {
	Scan(dest ...any) error
}

// Query runs a statement that reads. The caller closes the rows; Collect does.
func (db *DB) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	if db.engine == SQLite {
		return querySQLite(ctx, db.reader, query, args)
	}
	return queryPostgres(ctx, db.pool, query, args)
}

// QueryRow runs a statement that reads one row. Errors come from Scan.
func (db *DB) QueryRow(ctx context.Context, query string, args ...any) Row {
	return oneRow(ctx, db, query, args)
}

// Snapshot runs f on one consistent state of the database: what f reads first and last was true at
// the same moment. On SQLite a long snapshot keeps the write-ahead log from shrinking.
func (db *DB) Snapshot(ctx context.Context, f func(r Reader) error) error {
	if db.engine == SQLite {
		return db.snapshotSQLite(ctx, f)
	}
	tx, err := db.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return fmt.Errorf("begin snapshot: %w", translate(ctx, err))
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	// The state is that of the first statement; make it now.
	if _, err := tx.Exec(ctx, "SELECT 1"); err != nil {
		return fmt.Errorf("begin snapshot: %w", translate(ctx, err))
	}
	return f(&Tx{pg: tx})
}

func (db *DB) snapshotSQLite(ctx context.Context, f func(r Reader) error) error {
	tx, err := db.reader.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin snapshot: %w", translate(ctx, err))
	}
	defer func() { _ = tx.Rollback() }()
	// A deferred transaction begins with its first read; read now, so that it begins here.
	var one int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&one); err != nil {
		return fmt.Errorf("begin snapshot: %w", translate(ctx, err))
	}
	return f(&Tx{lite: tx})
}

// Rows is the result of Query: call Next before each Scan, then Err, then Close.
type Rows struct {
	ctx  context.Context // for naming the cause of an interrupted read, never passed on
	lite *sql.Rows
	pg   pgx.Rows
}

// Next moves to the next row and reports whether there is one.
func (r *Rows) Next() bool {
	if r.lite != nil {
		return r.lite.Next()
	}
	return r.pg.Next()
}

// Scan copies the columns of the current row.
func (r *Rows) Scan(dest ...any) error {
	if r.lite != nil {
		return translate(r.ctx, r.lite.Scan(scannable(dest)...))
	}
	return translate(r.ctx, r.pg.Scan(dest...))
}

// Err returns what ended the rows early, or nil.
func (r *Rows) Err() error {
	if r.lite != nil {
		return translate(r.ctx, r.lite.Err())
	}
	return translate(r.ctx, r.pg.Err())
}

// Close lets go of the connection. Closing twice is harmless.
func (r *Rows) Close() error {
	if r.lite != nil {
		return r.lite.Close()
	}
	r.pg.Close()
	return nil
}

// Row is the result of QueryRow.
type Row struct {
	rows *Rows
	err  error
}

// Scan copies the columns of the row, or returns ErrNoRows when there is none. It must be called
// exactly once: it lets go of the connection.
func (r Row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	// A failed Close or a late error (a RETURNING that violates a constraint) belongs to the row.
	return errors.Join(r.rows.Close(), r.rows.Err())
}

// Collect scans all rows with one function per row and closes them. It takes what Query returns:
//
//	store.Collect(scanThing)(db.Query(ctx, "SELECT …"))
//
// The result is never nil without an error.
func Collect[T any](scan func(Scanner) (T, error)) func(*Rows, error) ([]T, error) {
	return func(rows *Rows, err error) ([]T, error) {
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		all := []T{}
		for rows.Next() {
			one, err := scan(rows)
			if err != nil {
				return nil, err
			}
			all = append(all, one)
		}
		return all, rows.Err()
	}
}

type liteQuerier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

type pgQuerier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func querySQLite(ctx context.Context, q liteQuerier, query string, args []any) (*Rows, error) {
	args, err := arguments(args)
	if err != nil {
		return nil, err
	}
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, translate(ctx, err)
	}
	return &Rows{ctx: ctx, lite: rows}, nil
}

func queryPostgres(ctx context.Context, q pgQuerier, query string, args []any) (*Rows, error) {
	args, err := arguments(args)
	if err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, translate(ctx, err)
	}
	return &Rows{ctx: ctx, pg: rows}, nil
}

func oneRow(ctx context.Context, r Reader, query string, args []any) Row {
	rows, err := r.Query(ctx, query, args...)
	return Row{rows: rows, err: err}
}

// scannable lets database/sql scan text into a json.RawMessage, as pgx does.
func scannable(dest []any) []any {
	for i, d := range dest {
		if raw, ok := d.(*json.RawMessage); ok {
			changed := append([]any(nil), dest...)
			changed[i] = (*[]byte)(raw)
			dest = changed
		}
	}
	return dest
}
