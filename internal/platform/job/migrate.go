package job

import (
	"context"
	"embed"
	"fmt"
	"log/slog"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"steward/internal/platform/store"
)

//go:embed migration
var migrations embed.FS

// migrateLock is the key of the advisory lock under which replicas bring the library's tables up to
// date one after the other.
const migrateLock = 0x73746577_6a6f62 // "stewjob"

// Migrations returns the schema of jobs, ours and the library's.
func Migrations() store.Migrations {
	return store.Migrations{Feature: "job", FS: migrations, After: migrateLibrary}
}

func migrateLibrary(ctx context.Context, db *store.DB) error {
	if db.Engine() == store.SQLite {
		return migrate(ctx, riversqlite.New(db.SQL()))
	}
	return db.Tx(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(migrateLock)); err != nil {
			return err
		}
		return migrate(ctx, riverpgxv5.New(db.Pool()))
	})
}

func migrate[T any](ctx context.Context, driver riverdriver.Driver[T]) error {
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("tables of the queue library: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("tables of the queue library: %w", err)
	}
	return nil
}
