package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"steward/internal/platform/fault"
)

// Settings of SQLite connections.
const (
	// busyTimeout is how long a statement waits for another process, such as a read-only command
	// that recovers the write-ahead log. Within the process the single writer never waits on it.
	busyTimeout = 10 * time.Second
	// writerCache and readerCache are page caches per connection, in KiB.
	writerCache = 64 << 10
	readerCache = 16 << 10
	// walLimit cuts the write-ahead log back to this many bytes after a large transaction.
	walLimit = 64 << 20
)

// sqliteDSN builds the address of a file. temp_store stays at its default (files), so that sorting
// millions of rows spills to disk instead of filling memory; mmap_size stays 0, because mapping the
// file was no faster here and turns a read error into a crash (doc/adr/0001-store.md).
func sqliteDSN(path string, write bool) string {
	q := url.Values{}
	q.Set("_busy_timeout", strconv.FormatInt(busyTimeout.Milliseconds(), 10))
	q.Set("_foreign_keys", "1")
	q.Set("_dqs", "0")
	cache := readerCache
	if write {
		cache = writerCache
		q.Set("mode", "rwc")
		q.Set("_txlock", "immediate")
		q.Set("_journal_mode", "WAL")
		q.Set("_synchronous", "NORMAL")
		q.Add("_pragma", fmt.Sprintf("journal_size_limit(%d)", walLimit))
	} else {
		// Not mode=ro: a reader that comes after a crash must be able to recover the log.
		q.Set("mode", "rw")
		q.Set("_query_only", "1")
	}
	q.Add("_pragma", fmt.Sprintf("cache_size(-%d)", cache))
	return "file:" + (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath() + "?" + q.Encode()
}

func openSQLite(ctx context.Context, c Config) (_ *DB, err error) {
	path, err := filepath.Abs(c.Path)
	if err != nil {
		return nil, fmt.Errorf("open database %q: %w", c.Path, err)
	}
	db := &DB{engine: SQLite, readOnly: c.ReadOnly}
	defer func() {
		if err != nil {
			_ = db.Close()
		}
	}()
	if c.ReadOnly {
		if _, err := os.Stat(path); err != nil {
			return nil, fileFault(path, err)
		}
	} else {
		if err := makeFile(path); err != nil {
			return nil, err
		}
		if db.lock, err = lockFile(path); err != nil {
			return nil, err
		}
		if db.writer, err = sql.Open("sqlite", sqliteDSN(path, true)); err != nil {
			return nil, fmt.Errorf("open database %s: %w", path, err)
		}
		db.writer.SetMaxOpenConns(1)
		if err := db.writer.PingContext(ctx); err != nil {
			return nil, fmt.Errorf("open database %s: %w", path, translate(ctx, err))
		}
	}
	if db.reader, err = sql.Open("sqlite", sqliteDSN(path, false)); err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	readers := max(4, runtime.NumCPU())
	db.reader.SetMaxOpenConns(readers)
	db.reader.SetMaxIdleConns(readers)
	var tables int
	if err := db.reader.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, translate(ctx, err))
	}
	return db, nil
}

// makeFile makes the database's folder and an empty file that only this user can read; SQLite gives
// its side files the same permissions.
func makeFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fileFault(path, err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fileFault(path, err)
	}
	return f.Close()
}

// fileFault says what is wrong with the database's file before SQLite has touched it.
func fileFault(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault.Wrap(fault.NotFound, err, "There is no database at %s. Check the path, or make one with \"steward up\".", path)
	case errors.Is(err, fs.ErrPermission):
		return fault.Wrap(fault.Unavailable, err,
			"The database at %s may not be opened by this user. Check who owns the file and its folder.", path)
	default:
		return fault.Wrap(fault.Unavailable, err, "The database at %s cannot be opened. Check the path and the disk.", path)
	}
}
