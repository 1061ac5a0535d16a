package sbom_test

import (
	"flag"
	"fmt"
	"iter"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"steward/internal/feature/sbom"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
)

// benchUses is how many uses the estate of the benchmark has: 500 a repository.
var benchUses = flag.Int("uses", 100_000, "rows of package_use in the benchmark's estate")

// BenchmarkWhoUses asks who uses packages of an estate with -uses rows: the
// most used one, one in the middle and one that few use.
func BenchmarkWhoUses(b *testing.B) {
	db := storetest.Open(b, storetest.Fresh(b, store.SQLite), migrations())
	begun := time.Now()
	if err := fill(b, db, *benchUses); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d uses written in %s", *benchUses, time.Since(begun).Round(time.Second))
	f := sbom.New(mount.Platform{DB: db, Log: slog.New(slog.DiscardHandler), Now: time.Now, Git: gitrepo.Config{}})
	for _, c := range []struct{ name, rangeText string }{{"package-0", ""}, {"package-0", "<1.3"}, {"package-200", "<1.5"}, {"package-20000", ""}, {"nobody", ""}} {
		b.Run(c.name+c.rangeText, func(b *testing.B) {
			components := int64(0)
			for b.Loop() {
				a, err := f.WhoUses(b.Context(), tester, sbom.Question{Name: c.name, Range: c.rangeText})
				if err != nil {
					b.Fatal(err)
				}
				components = a.Found.Components
			}
			b.ReportMetric(float64(components), "components")
		})
	}
}

const (
	benchPackages = 60_000
	benchEach     = 500 // uses of one repository
)

// fill writes an estate whose packages are used as often as their place says.
func fill(b *testing.B, db *store.DB, uses int) error {
	random := rand.New(rand.NewPCG(1, 2))
	often := rand.NewZipf(random, 1.05, 20, benchPackages-1)
	repositories := max(uses/benchEach, 1)
	rows := func(n int, row func(i int) []any) iter.Seq[[]any] {
		return func(yield func([]any) bool) {
			for i := range n {
				if !yield(row(i)) {
					return
				}
			}
		}
	}
	type version struct {
		pkg  int
		text string
	}
	counts, used := map[version]int{}, map[int]int{}
	here := map[int]int{} // packages of the repository that is being written: seldom more than one version each
	pick := func(seq int) int {
		if seq == 1 {
			clear(here)
		}
		pkg := int(often.Uint64())
		for here[pkg] > 0 && random.IntN(8) > 0 {
			pkg = int(often.Uint64())
		}
		here[pkg]++
		return pkg
	}
	steps := []struct {
		table   string
		columns []string
		rows    iter.Seq[[]any]
	}{
		{"repository", []string{"id", "uid", "name", "state", "default_branch", "current_scan_id", "created_at", "main_language"}, rows(repositories, func(i int) []any {
			return []any{i + 1, fmt.Sprintf("r%d", i), fmt.Sprintf("repository-%d", i), "read", "main", 1, 1, "Go"}
		})},
		{"manifest_read", []string{"repository_id", "seq", "path", "format", "ecosystem", "lock", "uses", "scan_id"}, rows(repositories, func(i int) []any {
			return []any{i + 1, 1, "package-lock.json", "package-lock.json v3", "npm", 1, benchEach, 1}
		})},
		{"package", []string{"id", "uid", "purl", "type", "namespace", "name", "full_name", "full_key", "name_key"}, rows(benchPackages, func(i int) []any {
			name := fmt.Sprintf("package-%d", i)
			return []any{i + 1, "p" + name, "pkg:npm/" + name, "npm", "", name, name, name, name}
		})},
		{"package_use", []string{"repository_id", "manifest_seq", "seq", "package_id", "component_id", "version", "requirement", "scope", "direct", "via", "through", "alias", "origin", "source", "line", "fixture", "scan_id"}, rows(repositories*benchEach, func(i int) []any {
			seq := i%benchEach + 1
			v := version{pick(seq), fmt.Sprintf("1.%d.%d", random.IntN(8), random.IntN(4))}
			counts[v]++
			used[v.pkg]++
			direct, via := 0, seq/2
			if seq < 40 {
				direct, via = 1, 0
			}
			return []any{i/benchEach + 1, 1, seq, v.pkg + 1, 0, v.text, "^1.0.0", "production", direct, via, via, "", "", "", seq, 0, 1}
		})},
		{"package_version", []string{"package_id", "reach", "version", "components"}, func(yield func([]any) bool) {
			for v, n := range counts {
				if !yield([]any{v.pkg + 1, "all", v.text, n}) {
					return
				}
			}
		}},
		{"package_reach", []string{"reach", "package_id", "repositories", "components", "direct", "unpinned", "versions", "production", "optional", "development", "test"}, func(yield func([]any) bool) {
			for pkg, n := range used {
				if !yield([]any{"all", pkg + 1, n, n, n / 2, 0, 1, n, 0, 0, 0}) {
					return
				}
			}
		}},
	}
	for _, s := range steps {
		if err := db.Tx(b.Context(), func(tx *store.Tx) error {
			_, err := tx.Insert(b.Context(), s.table, s.columns, s.rows)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}
