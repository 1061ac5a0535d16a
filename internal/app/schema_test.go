package app

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/mount"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
)

var update = flag.Bool("update", false, "renew the golden files")

// TestSchema holds the whole schema that all migrations together make. A new
// migration shows in the golden file as what it changes: renew it with
// go test ./internal/app -run TestSchema -update.
func TestSchema(t *testing.T) {
	storetest.Each(t, migrations(capabilitiesOf(mount.Platform{Git: gitConfig()})), func(t *testing.T, db *store.DB) {
		got := storetest.Schema(t, db, "river_") // those of the job library are its own
		golden := filepath.Join("testdata", "schema."+string(db.Engine())+".sql")
		if *update {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatalf("%v: renew it with -update", err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", golden, diff)
		}
	})
}
