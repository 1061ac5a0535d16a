// Package store keeps Steward's records in one relational database.
//
// Two engines stand behind one small type: SQLite (a file, the default, nothing to install) and
// PostgreSQL (when a DSN is given, for several replicas). Every statement is written once and runs
// on both: $n placeholders, named columns, jsonb for objects and arrays, bigint microseconds UTC
// for times; no ILIKE, = any, SKIP LOCKED, MERGE, GREATEST. ON CONFLICT and RETURNING are fine.
//
// What the engines do differently is made equal here:
//   - A transaction in which a statement failed is over; return the error. (PostgreSQL insists on
//     it, so SQLite does too.)
//   - Text holds valid UTF-8 without NUL: other bytes in string arguments become U+FFFD, as does an
//     escaped NUL in a json.RawMessage. Pass JSON as json.RawMessage or string, never as []byte.
//   - time.Time is refused as an argument: pass Micros(t).
//
// What stays different: write transactions on SQLite run one after the other; on PostgreSQL they
// run side by side at READ COMMITTED, so read-then-write needs a constraint, ON CONFLICT, or a row
// lock taken by an UPDATE first.
//
// Durability: SQLite runs in WAL mode with synchronous = NORMAL. A killed program (kill -9, out of
// memory) loses nothing that was committed. A power failure or a crash of the operating system may
// lose the last transactions, never the consistency of the file. PostgreSQL loses nothing in either
// case with its own default settings.
//
// This package takes no access.Viewer: it knows no records. Those who write SQL do.
package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"steward/internal/platform/fault"
)

// Engine is the kind of database.
type Engine string

// The engines.
const (
	SQLite     Engine = "sqlite"
	PostgreSQL Engine = "postgres"
)

// ErrNoRows is what Row.Scan returns when the query found nothing. It has no fault kind: the one
// who asked knows what was not found.
var ErrNoRows = sql.ErrNoRows

// Config says where the database is. Exactly one of DSN and Path is given.
type Config struct {
	DSN      string // postgres://…; may hold a password and never appears in an error
	Path     string // SQLite file; made, with its folder, when absent
	ReadOnly bool   // for commands that only look while another process writes; Tx is refused
}

// DB is an open database. It is safe for use by many goroutines.
type DB struct {
	engine   Engine
	readOnly bool

	writer *sql.DB   // SQLite: one connection, BEGIN IMMEDIATE; nil when read-only
	reader *sql.DB   // SQLite: a pool that cannot write
	lock   *fileLock // SQLite: held while open for writing

	pool   *pgxpool.Pool // PostgreSQL
	poolDB *sql.DB       // PostgreSQL: the same pool for libraries that need database/sql

	closeOnce sync.Once
	closeErr  error
}

// Open opens the database and checks that it answers. A SQLite file that another process has open
// for writing gives fault.Busy with that process's id; a database that cannot be reached, read or
// written gives fault.Unavailable.
func Open(ctx context.Context, c Config) (*DB, error) {
	switch {
	case c.DSN != "" && c.Path != "":
		return nil, fault.New(fault.Invalid, "Both a PostgreSQL DSN and a SQLite file are configured. Keep one of them.")
	case c.DSN != "":
		return openPostgres(ctx, c)
	case c.Path != "":
		return openSQLite(ctx, c)
	default:
		return nil, fault.New(fault.Invalid, "No database is configured. Give the path of a SQLite file or a PostgreSQL DSN.")
	}
}

// Engine returns the kind of database.
func (db *DB) Engine() Engine { return db.engine }

// ReadOnly reports whether the database was opened for reading only.
func (db *DB) ReadOnly() bool { return db.readOnly }

// Close waits for what is running and closes the database. Closing twice is harmless.
func (db *DB) Close() error {
	db.closeOnce.Do(func() {
		var errs []error
		if db.poolDB != nil {
			errs = append(errs, db.poolDB.Close())
		}
		if db.pool != nil {
			db.pool.Close()
		}
		if db.reader != nil {
			errs = append(errs, db.reader.Close())
		}
		if db.writer != nil {
			errs = append(errs, db.writer.Close())
		}
		if db.lock != nil {
			errs = append(errs, db.lock.release())
		}
		db.closeErr = errors.Join(errs...)
	})
	return db.closeErr
}

// SQL returns the handle for libraries that speak database/sql: on SQLite the single writer, on
// PostgreSQL the pool; nil on SQLite opened for reading only. It is for platform/job only.
func (db *DB) SQL() *sql.DB {
	if db.engine == SQLite {
		return db.writer
	}
	return db.poolDB
}

// ReadSQL is SQL for what only reads: on SQLite the readers, which wait for no writer. It is for
// platform/job only.
func (db *DB) ReadSQL() *sql.DB {
	if db.engine == SQLite {
		return db.reader
	}
	return db.poolDB
}

// Pool returns the PostgreSQL pool, or nil on SQLite. It is for platform/job only.
func (db *DB) Pool() *pgxpool.Pool { return db.pool }

// NewID returns a new UUIDv7 as text: unique, and ordered by the time at which it was made.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// Micros returns t as stored: microseconds since 1970 UTC, rounded down; 0 for the zero time.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// FromMicros returns the time that was stored as µs, in UTC; the zero time for 0.
func FromMicros(µs int64) time.Time {
	if µs == 0 {
		return time.Time{}
	}
	return time.UnixMicro(µs).UTC()
}
