package composer

import (
	"flag"
	"os"
	"testing"

	"steward/internal/format/lockfile"
	"steward/internal/format/lockfile/lockfiletest"
)

var update = flag.Bool("update", false, "renew the golden files")

const koel = "../../../../../shared/data/locks/koel"

func TestCases(t *testing.T) { lockfiletest.Cases(t, Reader(), *update) }

// TestReal compares with the counts of an independent parser.
func TestReal(t *testing.T) {
	tree, err := lockfile.OpenTree(os.DirFS(koel), wants)
	if err != nil {
		t.Fatalf("the real lock is missing, it cannot be checked: %v", err)
	}
	manifests, failures := read(tree, lockfile.NewRoom())
	if len(manifests) != 1 || len(failures) > 0 {
		t.Fatalf("%d manifests, failures %v", len(manifests), failures)
	}
	got := map[lockfile.Scope]int{}
	direct, edges := 0, 0
	for _, u := range manifests[0].Uses {
		got[u.Scope]++
		edges += len(u.DependsOn)
		if u.Direct {
			direct++
		}
	}
	if got[lockfile.Production] != 156 || got[lockfile.Development] != 46 || len(got) != 2 {
		t.Errorf("scopes %v, want 156 production and 46 development", got)
	}
	if direct != 51 || edges != 344 || manifests[0].Unresolved != "" {
		t.Errorf("%d direct, %d edges, want 51 and 344; unresolved: %s", direct, edges, manifests[0].Unresolved)
	}
}

func FuzzRead(f *testing.F) {
	lockfiletest.Seeds(f)
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		manifests, _ := read(lockfile.NewTree(map[string][]byte{
			name:               b,
			"at/composer.json": []byte(`{"name": "n/n", "require": {"a/a": "^1.0.0", "a/b": "*"}}`),
			"at/" + name:       b,
		}), lockfile.NewRoom())
		lockfiletest.Check(t, manifests)
	})
}
