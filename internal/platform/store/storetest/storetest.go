// Package storetest gives tests real databases: every test that touches the store runs on SQLite
// and on PostgreSQL.
//
// SQLite is a file in the test's own folder. PostgreSQL is the server that the environment variable
// STEWARD_TEST_POSTGRES names (a DSN whose user may create databases), else one that is started
// from the installed binaries: one server per test process, in a temporary folder, reached through
// a socket in it, ended and removed when the process ends, however it ends. Each test has a
// database of its own. Without either the test fails and says what to install.
package storetest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"steward/internal/platform/store"
)

// Engines lists the engines on which Each runs.
func Engines() []store.Engine { return []store.Engine{store.SQLite, store.PostgreSQL} }

// Each runs f as a subtest on a fresh, migrated database of each engine.
func Each(t *testing.T, migrations []store.Migrations, f func(t *testing.T, db *store.DB)) {
	t.Helper()
	for _, engine := range Engines() {
		t.Run(string(engine), func(t *testing.T) {
			f(t, Open(t, Fresh(t, engine), migrations))
		})
	}
}

// Open opens and migrates a database and closes it at the end of the test.
func Open(t testing.TB, c store.Config, migrations []store.Migrations) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), c)
	if err != nil {
		t.Fatalf("open the test's database: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close the test's database: %v", err)
		}
	})
	if err := store.Migrate(context.Background(), db, migrations); err != nil {
		t.Fatalf("migrate the test's database: %v", err)
	}
	return db
}

// databases numbers the databases of this process.
var databases atomic.Int64

// Fresh makes an empty database that is removed at the end of the test, for tests that open it
// themselves, more than once or from another process.
func Fresh(t testing.TB, engine store.Engine) store.Config {
	t.Helper()
	if engine == store.SQLite {
		return store.Config{Path: filepath.Join(t.TempDir(), "steward.db")}
	}
	ctx := context.Background()
	admin := serverDSN(t)
	name := fmt.Sprintf("steward_test_%d_%d", os.Getpid(), databases.Add(1))
	execute := func(statement string) error {
		conn, err := pgx.Connect(ctx, admin)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		_, err = conn.Exec(ctx, statement)
		return err
	}
	if err := execute("CREATE DATABASE " + name + " ENCODING 'UTF8' TEMPLATE template0"); err != nil {
		t.Fatalf("make a database on the test's PostgreSQL: %v", err)
	}
	t.Cleanup(func() {
		if err := execute("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("remove the test's database: %v", err)
		}
	})
	u, err := url.Parse(admin)
	if err != nil {
		t.Fatalf("STEWARD_TEST_POSTGRES must be a URL, postgres://…")
	}
	u.Path = "/" + name
	return store.Config{DSN: u.String()}
}
