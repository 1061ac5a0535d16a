package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"steward/internal/platform/fault"
)

const (
	// writerWait is how long a write transaction waits for the one before it on SQLite. A longer
	// wait means that a transaction does something slow inside, or was begun inside another one.
	writerWait = 2 * time.Minute
	// repeats is how often a transaction that MayRepeat is run in all.
	repeats = 4
)

// Tx is a write transaction, valid until the function given to DB.Tx returns. It is used by one
// goroutine at a time. Inside it nothing waits for a person, a network or another transaction.
type Tx struct {
	lite   *sql.Tx
	pg     pgx.Tx
	failed error // SQLite: the statement that ended the transaction
	repeat bool
}

// Engine returns the kind of database.
func (tx *Tx) Engine() Engine {
	if tx.pg != nil {
		return PostgreSQL
	}
	return SQLite
}

var errReadOnly = fault.New(fault.Unavailable,
	"The database is open for reading only, so nothing can be changed. Use the hub of the Steward that runs, or stop it and run this again.")

// Tx runs f in a write transaction: committed when f returns nil, otherwise rolled back, also when
// f panics. On SQLite write transactions run one after the other. Begin none inside f: it would
// wait for itself, and gives up with fault.Busy after two minutes.
func (db *DB) Tx(ctx context.Context, f func(tx *Tx) error) error {
	if db.readOnly {
		return errReadOnly
	}
	if db.engine == SQLite {
		return db.txSQLite(ctx, f)
	}
	for n := 1; ; n++ {
		tx, err := db.txPostgres(ctx, f)
		if err == nil || n == repeats || !tx.repeat || !isSerialization(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(n*n) * 10 * time.Millisecond):
		}
	}
}

// Probe reports whether the database takes writes, by writing a row of its own back as it is. A
// full disk is fault.Unavailable.
func (db *DB) Probe(ctx context.Context) error {
	return db.Tx(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, "UPDATE "+versionTable+" SET version_id = version_id WHERE id = (SELECT MIN(id) FROM "+versionTable+")")
		return err
	})
}

func (db *DB) txSQLite(ctx context.Context, f func(tx *Tx) error) error {
	wait, stop := context.WithTimeout(ctx, writerWait)
	conn, err := db.writer.Conn(wait)
	stop()
	if err != nil {
		if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			return fault.Wrap(fault.Busy, err, "Another change has been running for %s. Try again when it is done.", writerWait)
		}
		return fmt.Errorf("begin transaction: %w", translate(ctx, err))
	}
	defer conn.Close()
	lite, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", translate(ctx, err))
	}
	defer func() { _ = lite.Rollback() }()
	tx := &Tx{lite: lite}
	if err := f(tx); err != nil {
		return err
	}
	if tx.failed != nil {
		return fmt.Errorf("commit after a failed statement: %w", tx.failed)
	}
	if err := lite.Commit(); err != nil {
		return fmt.Errorf("commit: %w", translate(ctx, err))
	}
	return nil
}

func (db *DB) txPostgres(ctx context.Context, f func(tx *Tx) error) (*Tx, error) {
	tx := &Tx{}
	pg, err := db.pool.Begin(ctx)
	if err != nil {
		return tx, fmt.Errorf("begin transaction: %w", translate(ctx, err))
	}
	tx.pg = pg
	defer func() { _ = pg.Rollback(context.WithoutCancel(ctx)) }()
	if err := f(tx); err != nil {
		return tx, err
	}
	if err := pg.Commit(ctx); err != nil {
		return tx, fmt.Errorf("commit: %w", translate(ctx, err))
	}
	return tx, nil
}

// MayRepeat says that the function has no effect outside the transaction, so that PostgreSQL may
// run it again (at most four times in all) when it lost against another one: a serialisation
// failure or a deadlock.
func (tx *Tx) MayRepeat() { tx.repeat = true }

// Query runs a statement that reads, or writes with RETURNING. The caller closes the rows before
// the next statement of the transaction.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	if tx.failed != nil {
		return nil, tx.over()
	}
	if tx.lite == nil {
		return queryPostgres(ctx, tx.pg, query, args)
	}
	rows, err := querySQLite(ctx, tx.lite, query, args)
	return rows, tx.fail(err)
}

// QueryRow runs a statement that returns one row. Errors come from Scan.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) Row {
	return oneRow(ctx, tx, query, args)
}

// Exec runs a statement and returns how many rows it changed.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if tx.failed != nil {
		return 0, tx.over()
	}
	args, err := arguments(args)
	if err != nil {
		return 0, tx.fail(err)
	}
	if tx.lite == nil {
		tag, err := tx.pg.Exec(ctx, query, args...)
		return tag.RowsAffected(), translate(ctx, err)
	}
	result, err := tx.lite.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, tx.fail(translate(ctx, err))
	}
	return result.RowsAffected()
}

// SQL returns the SQLite transaction, or nil on PostgreSQL. It is for platform/job only.
func (tx *Tx) SQL() *sql.Tx { return tx.lite }

// Pgx returns the PostgreSQL transaction, or nil on SQLite. It is for platform/job only.
func (tx *Tx) Pgx() pgx.Tx { return tx.pg }

// fail remembers the error that ends a SQLite transaction.
func (tx *Tx) fail(err error) error {
	if err != nil && tx.lite != nil && tx.failed == nil {
		tx.failed = err
	}
	return err
}

func (tx *Tx) over() error {
	return fmt.Errorf("the transaction is over since a statement failed: %w", tx.failed)
}
