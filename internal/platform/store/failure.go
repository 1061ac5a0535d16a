package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"steward/internal/platform/fault"
)

// Sentences for what goes wrong with a database.
const (
	sayExists      = "A record with the same key exists already. Look at that one and change it instead."
	sayReferenced  = "The record is used by another one, or refers to one that is gone. Reload and try again."
	sayFull        = "The disk of the database is full. Free some space; nothing was changed."
	sayNotWritable = "The database may not be written. Check who owns the file and its folder, and whether the disk is read-only."
	sayDisk        = "The database's disk does not answer properly. Check the disk and the system's log."
	sayDamaged     = "The database file is damaged or is none. Restore it from a backup."
	sayBusy        = "The database is busy with another change. Try again in a moment."
	sayUnreachable = "PostgreSQL cannot be reached. Check the address, that it runs, and the network between."
	saySignIn      = "PostgreSQL refuses the user, the password or the database's name. Check the DSN."
	sayRights      = "PostgreSQL's user lacks rights on Steward's tables. Make it the owner of the database."
	sayStandby     = "This PostgreSQL server accepts no changes; it may be a standby. Point the DSN at the primary."
	sayOverloaded  = "PostgreSQL is out of connections, memory or disk. Free some, or lower pool_max_conns in the DSN."
	sayStopping    = "PostgreSQL is starting or stopping. Try again in a moment."
)

// translate gives an engine's error the kind and the sentence that it has for people. Errors that
// are ours (bad SQL, a wrong type) and those that have a kind already stay as they are. When ctx
// ended, the error says so whatever the engine called it.
func translate(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := fault.KindOf(err); ok || errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if cause := ctx.Err(); cause != nil {
		if errors.Is(err, cause) {
			return err
		}
		return fmt.Errorf("%w: %w", cause, err)
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNoRows
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return translateSQLite(lite.Code(), err)
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return translatePostgres(pg.Code, err)
	}
	var connect *pgconn.ConnectError
	var network net.Error
	if errors.As(err, &connect) || errors.As(err, &network) {
		return fault.Wrap(fault.Unavailable, err, sayUnreachable)
	}
	return err
}

// translateSQLite reads result codes, https://sqlite.org/rescode.html; the low byte is the primary one.
func translateSQLite(code int, err error) error {
	switch code {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return fault.Wrap(fault.Conflict, err, sayExists)
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return fault.Wrap(fault.Conflict, err, sayReferenced)
	}
	switch code & 0xff {
	case sqlite3.SQLITE_FULL:
		return fault.Wrap(fault.Unavailable, err, sayFull)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN:
		return fault.Wrap(fault.Unavailable, err, sayNotWritable)
	case sqlite3.SQLITE_IOERR:
		return fault.Wrap(fault.Unavailable, err, sayDisk)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fault.Wrap(fault.Unavailable, err, sayDamaged)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fault.Wrap(fault.Busy, err, sayBusy)
	}
	return err
}

// translatePostgres reads SQLSTATE codes, PostgreSQL manual, appendix A.
func translatePostgres(code string, err error) error {
	switch {
	case code == "23505":
		return fault.Wrap(fault.Conflict, err, sayExists)
	case code == "23503":
		return fault.Wrap(fault.Conflict, err, sayReferenced)
	case code == "40001", code == "40P01", code == "55P03":
		return fault.Wrap(fault.Busy, err, sayBusy)
	case code == "42501":
		return fault.Wrap(fault.Unavailable, err, sayRights)
	case code == "25006":
		return fault.Wrap(fault.Unavailable, err, sayStandby)
	case code == "53100":
		return fault.Wrap(fault.Unavailable, err, sayFull)
	case code == "3D000", strings.HasPrefix(code, "28"):
		return fault.Wrap(fault.Unavailable, err, saySignIn)
	case strings.HasPrefix(code, "53"):
		return fault.Wrap(fault.Unavailable, err, sayOverloaded)
	case strings.HasPrefix(code, "57P"):
		return fault.Wrap(fault.Unavailable, err, sayStopping)
	case strings.HasPrefix(code, "08"):
		return fault.Wrap(fault.Unavailable, err, sayUnreachable)
	case strings.HasPrefix(code, "58"):
		return fault.Wrap(fault.Unavailable, err, sayDisk)
	}
	return err
}

// isSerialization reports whether a transaction lost against another one and can be run again.
func isSerialization(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// Explain gives an error that a library got from the database the kind and the sentence that it
// has for people, as the methods of this package do themselves.
func Explain(ctx context.Context, err error) error { return translate(ctx, err) }
