package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"steward/internal/platform/fault"
)

// versionTable is where goose keeps which migrations were applied.
const versionTable = "schema_migration"

// migrateWait is how many seconds a replica waits for another one that migrates.
const migrateWait = 600

// Migrations are the changes to the schema that one feature brings, forward only.
//
// FS holds migration/YYYYMMDDHHMMSS_feature_word.sql for both engines, and where the engines need
// different statements the same name under migration/sqlite/ and migration/postgres/. A file is in
// goose's format: "-- +goose Up" and statements; it is applied in one transaction.
type Migrations struct {
	Feature string
	FS      fs.FS
	// After, when given, runs after all files on every Migrate and must be harmless when repeated.
	// It is for a library that keeps its own tables in the same database.
	After func(ctx context.Context, db *DB) error
}

var migrationName = regexp.MustCompile(`^([0-9]{14})_([a-z0-9_]+)\.sql$`)

// Migrate brings the schema up to date, out of order where a feature was late. It is called once
// with the migrations of all features: a database that knows one that is not among them was written
// by a newer program and is refused with fault.TooNew. On PostgreSQL replicas that start together
// migrate one after the other. A database opened for reading only is checked and not changed.
func Migrate(ctx context.Context, db *DB, all []Migrations) error {
	files, err := migrationFiles(db.engine, all)
	if err != nil {
		return err
	}
	applied, err := Versions(ctx, db)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	known := map[int64]bool{0: true}
	for name := range files {
		known[versionOf(name)] = true
	}
	for _, v := range applied {
		if !known[v] {
			return fault.New(fault.TooNew,
				"The database was changed by a newer Steward (schema %d). Install that version or a later one; this one would damage it.", v)
		}
	}
	if db.readOnly {
		if len(applied) < len(known) {
			return fault.New(fault.Unavailable,
				"The database is from an older Steward and must be brought up to date first. Start \"steward up\" once, then run this again.")
		}
		return nil
	}
	if len(files) > 0 {
		if err := applyFiles(ctx, db, files); err != nil {
			return err
		}
	}
	for _, m := range all {
		if m.After == nil {
			continue
		}
		if err := m.After(ctx, db); err != nil {
			return fmt.Errorf("migrate %s: %w", m.Feature, translate(ctx, err))
		}
	}
	return nil
}

// MigrateTo gives an empty database the schema that another one had: the migrations of the given
// versions, as Versions lists them there. One that this program does not know is refused with fault.TooNew.
func MigrateTo(ctx context.Context, db *DB, all []Migrations, versions []int64) error {
	files, err := migrationFiles(db.engine, all)
	if err != nil {
		return err
	}
	wanted := memFS{}
	for name, text := range files {
		if slices.Contains(versions, versionOf(name)) {
			wanted[name] = text
		}
	}
	known := map[int64]bool{0: true}
	for name := range wanted {
		known[versionOf(name)] = true
	}
	for _, v := range versions {
		if !known[v] {
			return fault.New(fault.TooNew, "It was written by a newer Steward (schema %d). Use that version or a later one.", v)
		}
	}
	return applyFiles(ctx, db, wanted)
}

// Versions lists the migrations that were applied, in their order; none for a database without tables of ours.
func Versions(ctx context.Context, r Reader) ([]int64, error) {
	there := "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = $1"
	if r.Engine() == PostgreSQL {
		there = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = $1"
	}
	var n int
	if err := r.QueryRow(ctx, there, versionTable).Scan(&n); err != nil || n == 0 {
		return nil, err
	}
	return Collect(func(s Scanner) (v int64, err error) {
		return v, s.Scan(&v)
	})(r.Query(ctx, "SELECT DISTINCT version_id FROM "+versionTable+" ORDER BY version_id"))
}

func applyFiles(ctx context.Context, db *DB, files memFS) error {
	options := []goose.ProviderOption{
		goose.WithTableName(versionTable),
		goose.WithAllowOutofOrder(true),
		goose.WithDisableGlobalRegistry(true),
		goose.WithLogger(goose.NopLogger()),
	}
	dialect := goose.DialectSQLite3
	if db.engine == PostgreSQL {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, migrateWait))
		if err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(dialect, db.SQL(), files, options...)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		var partial *goose.PartialError
		if errors.As(err, &partial) && partial.Failed != nil {
			return fmt.Errorf("migrate %s: %w", partial.Failed.Source.Path, translate(ctx, partial.Err))
		}
		return fmt.Errorf("migrate: %w", translate(ctx, err))
	}
	return nil
}

// migrationFiles gathers the files of all features that the engine runs, by name.
func migrationFiles(engine Engine, all []Migrations) (memFS, error) {
	files := memFS{}
	owners := map[int64]string{}
	for _, m := range all {
		if m.FS == nil {
			continue
		}
		for _, dir := range []string{"migration", "migration/" + string(engine)} {
			entries, err := fs.ReadDir(m.FS, dir)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("migrations of %s: %w", m.Feature, err)
			}
			for _, e := range entries {
				if e.IsDir() {
					continue
				}
				name := e.Name()
				if match := migrationName.FindStringSubmatch(name); match == nil || !strings.HasPrefix(match[2], m.Feature+"_") {
					return nil, fmt.Errorf("migration %s of %s: its name must be YYYYMMDDHHMMSS_%s_word.sql", name, m.Feature, m.Feature)
				}
				if other, ok := owners[versionOf(name)]; ok {
					return nil, fmt.Errorf("migrations %s and %s have the same time; give one of them another", other, name)
				}
				owners[versionOf(name)] = name
				if files[name], err = fs.ReadFile(m.FS, path.Join(dir, name)); err != nil {
					return nil, fmt.Errorf("migrations of %s: %w", m.Feature, err)
				}
			}
		}
	}
	return files, nil
}

// versionOf returns the time in a name that migrationName matched, as a number.
func versionOf(name string) int64 {
	v, _ := strconv.ParseInt(name[:14], 10, 64)
	return v
}

// memFS is one flat folder of files in memory, as goose wants to read it.
type memFS map[string][]byte

func (m memFS) Open(name string) (fs.File, error) {
	data, ok := m[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &memFile{Reader: bytes.NewReader(data), name: name}, nil
}

func (m memFS) Glob(pattern string) ([]string, error) {
	var names []string
	for name := range m {
		if ok, err := path.Match(pattern, name); err != nil {
			return nil, err
		} else if ok {
			names = append(names, name)
		}
	}
	return names, nil
}

// memFile is an open file of memFS.
type memFile struct {
	*bytes.Reader
	name string
}

func (f *memFile) Stat() (fs.FileInfo, error) { return f, nil }
func (f *memFile) Close() error               { return nil }
func (f *memFile) Name() string               { return f.name }
func (f *memFile) Mode() fs.FileMode          { return 0o444 }
func (f *memFile) ModTime() time.Time         { return time.Time{} }
func (f *memFile) IsDir() bool                { return false }
func (f *memFile) Sys() any                   { return nil }
