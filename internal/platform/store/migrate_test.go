package store_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/fault"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
)

func TestMigrateOutOfOrderAndAgain(t *testing.T) {
	for _, engine := range storetest.Engines() {
		t.Run(string(engine), func(t *testing.T) {
			ctx := t.Context()
			c := storetest.Fresh(t, engine)
			db := storetest.Open(t, c, things("20260301000000_thing_c.sql"))
			before := storetest.Schema(t, db)
			if err := store.Migrate(ctx, db, things("20260301000000_thing_c.sql")); err != nil {
				t.Fatalf("again: %v", err)
			}
			if diff := cmp.Diff(before, storetest.Schema(t, db)); diff != "" {
				t.Errorf("migrating again changed the schema:\n%s", diff)
			}
			newer := things("20260301000000_thing_c.sql", "20260201000000_thing_b.sql")
			if err := store.Migrate(ctx, db, newer); err != nil {
				t.Fatalf("out of order: %v", err)
			}
			if s := storetest.Schema(t, db); !strings.Contains(s, "thing_b") || !strings.Contains(s, "only_"+string(engine)) {
				t.Errorf("tables are missing in:\n%s", s)
			}
			if s := storetest.Schema(t, db, "thing", "schema_"); strings.Contains(s, "thing_b") || strings.Contains(s, "schema_") || !strings.Contains(s, "part") {
				t.Errorf("tables that were to be left out, or too few, in:\n%s", s)
			}
			if err := store.Migrate(ctx, db, things()); !errors.Is(err, fault.TooNew) {
				t.Errorf("an older program: %v, want fault.TooNew", err)
			}
			look, err := store.Open(ctx, store.Config{Path: c.Path, DSN: c.DSN, ReadOnly: true})
			if err != nil {
				t.Fatal(err)
			}
			defer look.Close()
			if err := store.Migrate(ctx, look, newer); err != nil {
				t.Errorf("a reader of the same version: %v", err)
			}
			if err := store.Migrate(ctx, look, things()); !errors.Is(err, fault.TooNew) {
				t.Errorf("an older reader: %v, want fault.TooNew", err)
			}
			newest := things("20260301000000_thing_c.sql", "20260201000000_thing_b.sql", "20260401000000_thing_d.sql")
			if err := store.Migrate(ctx, look, newest); !errors.Is(err, fault.Unavailable) {
				t.Errorf("a newer reader: %v, want fault.Unavailable", err)
			}
		})
	}
}

func TestMigrateKeepsNothingOfAFailedFile(t *testing.T) {
	bad := []store.Migrations{{Feature: "bad", FS: fstest.MapFS{
		"migration/20260101000000_bad_one.sql": {Data: []byte("-- +goose Up\nCREATE TABLE half (a bigint);\nCREATE TABLE (;\n")},
	}}}
	for _, engine := range storetest.Engines() {
		db := storetest.Open(t, storetest.Fresh(t, engine), nil)
		err := store.Migrate(t.Context(), db, bad)
		if err == nil || !strings.Contains(err.Error(), "20260101000000_bad_one.sql") {
			t.Errorf("%s: %v, want an error that names the file", engine, err)
		}
		if s := storetest.Schema(t, db); strings.Contains(s, "half") {
			t.Errorf("%s: half of the file stayed:\n%s", engine, s)
		}
	}
}

func TestMigrateRefusesNames(t *testing.T) {
	db := storetest.Open(t, storetest.Fresh(t, store.SQLite), nil)
	sql := &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE x (a bigint);\n")}
	cases := map[string][]store.Migrations{
		"no feature": {{Feature: "thing", FS: fstest.MapFS{"migration/20260101000000_other_x.sql": sql}}},
		"no time":    {{Feature: "thing", FS: fstest.MapFS{"migration/1_thing_x.sql": sql}}},
		"no sql":     {{Feature: "thing", FS: fstest.MapFS{"migration/readme.txt": sql}}},
		"same time": {
			{Feature: "thing", FS: fstest.MapFS{"migration/20260101000000_thing_x.sql": sql}},
			{Feature: "other", FS: fstest.MapFS{"migration/20260101000000_other_x.sql": sql}},
		},
	}
	for name, m := range cases {
		if err := store.Migrate(t.Context(), db, m); err == nil {
			t.Errorf("%s: passed", name)
		}
	}
}

func TestReplicasMigrateOneAfterTheOther(t *testing.T) {
	c := storetest.Fresh(t, store.PostgreSQL)
	var wait sync.WaitGroup
	for range 3 {
		wait.Go(func() {
			db, err := store.Open(context.Background(), c)
			if err != nil {
				t.Error(err)
				return
			}
			defer db.Close()
			if err := store.Migrate(context.Background(), db, things()); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
}

func TestAfterRunsAfterTheFiles(t *testing.T) {
	storetest.Each(t, nil, func(t *testing.T, db *store.DB) {
		m := things()
		m[0].After = func(ctx context.Context, db *store.DB) error {
			return exec1(ctx, db, "INSERT INTO thing (id, name) VALUES (1, 'a') ON CONFLICT (id) DO NOTHING")
		}
		for range 2 {
			if err := store.Migrate(t.Context(), db, m); err != nil {
				t.Fatal(err)
			}
		}
	})
}
