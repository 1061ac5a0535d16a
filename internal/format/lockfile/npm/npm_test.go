package npm

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"steward/internal/format/lockfile"
	"steward/internal/format/lockfile/lockfiletest"
	"steward/internal/format/purl"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "renew the golden files")

const real = "../../../../../shared/data/locks"

// openReal opens one project of the collection of real locks.
func openReal(t testing.TB, name string) *lockfile.Tree {
	t.Helper()
	dir := filepath.Join(real, name)
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("the real locks are missing, %s cannot be checked: %v", name, err)
	}
	tree, err := lockfile.OpenTree(os.DirFS(dir), wants)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// TestReal compares the packages in the locks with counts of an independent
// parser.
func TestReal(t *testing.T) {
	tests := []struct {
		name     string
		packages int
	}{
		{"git-proxy", 2900}, {"saleor", 225}, {"koel", 804}, {"memos", 549}, {"bicep", 1139},
	}
	for _, test := range tests {
		manifests, failures := Reader().Read(openReal(t, test.name))
		if len(failures) > 0 {
			t.Errorf("%s: %v", test.name, failures)
		}
		distinct := map[purl.PURL]bool{}
		for _, m := range manifests {
			if !m.Lock {
				continue
			}
			for _, u := range m.Uses {
				distinct[u.Package] = true
			}
		}
		if len(distinct) != test.packages {
			t.Errorf("%s: %d packages in its locks, want %d", test.name, len(distinct), test.packages)
		}
	}
}

// shape is what an independent reading of a lock counted.
type shape struct {
	Production, Optional, Development int
	Direct, Edges                     int
}

func TestRealShape(t *testing.T) {
	tests := map[string]shape{
		"git-proxy/package-lock.json": {Production: 469, Optional: 16, Development: 741, Direct: 103, Edges: 2296},
		"koel/pnpm-lock.yaml":         {Production: 108, Optional: 2, Development: 694, Direct: 64, Edges: 1221},
		"memos/web/pnpm-lock.yaml":    {Production: 347, Optional: 69, Development: 133, Direct: 77, Edges: 1029},
	}
	got := map[string]shape{}
	for _, name := range []string{"git-proxy", "koel", "memos"} {
		manifests, _ := Reader().Read(openReal(t, name))
		for _, m := range manifests {
			at := name + "/" + m.Path
			if _, asked := tests[at]; !asked {
				continue
			}
			var s shape
			for _, u := range m.Uses {
				s.Edges += len(u.DependsOn)
				if u.Direct {
					s.Direct++
				}
				switch u.Scope {
				case lockfile.Production:
					s.Production++
				case lockfile.Optional:
					s.Optional++
				case lockfile.Development:
					s.Development++
				}
			}
			got[at] = s
		}
	}
	if diff := cmp.Diff(tests, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCases(t *testing.T) { lockfiletest.Cases(t, Reader(), *update) }

func FuzzRead(f *testing.F) {
	lockfiletest.Seeds(f)
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		manifests, _ := Reader().Read(lockfile.NewTree(map[string][]byte{
			name:              b,
			"at/package.json": []byte(`{"name": "n", "workspaces": ["*"], "dependencies": {"a": "^1.0.0", "b": "*"}}`),
			"at/" + name:      b,
		}))
		lockfiletest.Check(t, manifests)
	})
}

func BenchmarkReal(b *testing.B) {
	for _, name := range []string{"git-proxy", "koel", "memos"} {
		b.Run(name, func(b *testing.B) {
			tree := openReal(b, name)
			for b.Loop() {
				Reader().Read(tree)
			}
		})
	}
}
