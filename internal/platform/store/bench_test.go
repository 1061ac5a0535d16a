package store_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
)

// BenchmarkInsert adds 20,000 rows of six columns in one transaction.
func BenchmarkInsert(b *testing.B) {
	const rows = 20_000
	for _, engine := range storetest.Engines() {
		b.Run(string(engine), func(b *testing.B) {
			db := storetest.Open(b, storetest.Fresh(b, engine), things())
			next := int64(0)
			for b.Loop() {
				err := db.Tx(b.Context(), func(tx *store.Tx) error {
					_, err := tx.Insert(b.Context(), "thing", []string{"id", "name", "detail", "made_at", "weight", "good"}, func(yield func([]any) bool) {
						for range rows {
							next++
							if !yield([]any{next, fmt.Sprintf("pkg:npm/some-name-%d@1.2.3", next), `{"file":"package-lock.json"}`, next, 0.5, true}) {
								return
							}
						}
					})
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkRead reads single rows by key, and counts by a scan, in a table of 200,000 rows.
func BenchmarkRead(b *testing.B) {
	const rows = 200_000
	for _, engine := range storetest.Engines() {
		db := storetest.Open(b, storetest.Fresh(b, engine), things())
		err := db.Tx(b.Context(), func(tx *store.Tx) error {
			_, err := tx.Insert(b.Context(), "thing", []string{"id", "name", "detail"}, func(yield func([]any) bool) {
				for i := range rows {
					if !yield([]any{i, fmt.Sprintf("name-%d", i), `{"file":"package-lock.json"}`}) {
						return
					}
				}
			})
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(string(engine)+"/key", func(b *testing.B) {
			for b.Loop() {
				var name string
				if err := db.QueryRow(b.Context(), "SELECT name FROM thing WHERE id = $1", rand.IntN(rows)).Scan(&name); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(string(engine)+"/scan", func(b *testing.B) {
			for b.Loop() {
				var n int
				if err := db.QueryRow(b.Context(), "SELECT count(*) FROM thing WHERE name LIKE '%99%'").Scan(&n); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
