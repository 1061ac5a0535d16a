package estate_test

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"steward/internal/feature/estate"
	"steward/internal/feature/estate/source"
	"steward/internal/platform/job"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
)

// BenchmarkRegister takes what a look found, of which nothing changed, in an estate of 20,000
// repositories: by a source that names all of them, and by one that names one of them.
func BenchmarkRegister(b *testing.B) {
	const n = 20_000
	for _, engine := range storetest.Engines() {
		db := storetest.Open(b, storetest.Fresh(b, engine), migrations())
		f := estate.New(mount.Platform{DB: db, Queue: job.New(db, job.Config{}), Log: slog.New(slog.DiscardHandler), Now: time.Now, DataDir: b.TempDir()}, estate.Config{})
		all := make([]source.Found, n)
		for i := range all {
			at := fmt.Sprintf("/src/team%d/ledger%d", i%200, i)
			all[i] = source.Found{Path: at, Address: at, Remote: "git.example.com" + at[4:], Fingerprint: "same"}
		}
		look := func(id string, found []source.Found) {
			b.Helper()
			if err := db.Tx(b.Context(), func(tx *store.Tx) error { return f.Register(b.Context(), tx, estate.Source{ID: id, Given: id}, found) }); err != nil {
				b.Fatal(err)
			}
		}
		for part := range slices.Chunk(all, n) {
			look("folder", part)
		}
		look("address", all[:1])
		if err := db.Tx(b.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(b.Context(), `UPDATE repository SET state = 'read', fingerprint = 'same', plan = $1`, f.Plan())
			return err
		}); err != nil {
			b.Fatal(err)
		}
		for name, found := range map[string][]source.Found{"folder": all, "address": all[:1]} {
			b.Run(string(engine)+"/"+name, func(b *testing.B) {
				for b.Loop() {
					look(name, found)
				}
			})
		}
	}
}
