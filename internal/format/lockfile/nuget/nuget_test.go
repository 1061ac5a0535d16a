package nuget

import (
	"flag"
	"os"
	"strings"
	"testing"

	"steward/internal/format/lockfile"
	"steward/internal/format/lockfile/lockfiletest"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "renew the golden files")

const real = "../../../../../shared/data/locks/"

func TestCases(t *testing.T) { lockfiletest.Cases(t, Reader(), *update) }

func readReal(t testing.TB, name string) []lockfile.Manifest {
	t.Helper()
	tree, err := lockfile.OpenTree(os.DirFS(real+name), wants)
	if err != nil {
		t.Fatalf("the real manifests are missing, %s cannot be checked: %v", name, err)
	}
	manifests, failures := Reader().Read(tree)
	if len(failures) > 0 {
		t.Errorf("%s: %v", name, failures)
	}
	return manifests
}

// TestCentral checks that every central version of a real repository is found.
func TestCentral(t *testing.T) {
	distinct := map[string]bool{}
	direct := map[string]bool{}
	for _, m := range readReal(t, "jellyfin") {
		for _, u := range m.Uses {
			if u.Requirement == "" || strings.Contains(u.Requirement, "$") {
				t.Errorf("%s:%d: %s has requirement %q", m.Path, u.Line, u.Package, u.Requirement)
			}
			distinct[strings.ToLower(u.Package.Name)] = true
			if u.Direct {
				direct[strings.ToLower(u.Package.Name)] = true
			}
		}
	}
	if got := []int{len(distinct), len(direct)}; !cmp.Equal(got, []int{82, 78}) {
		t.Errorf("%v packages in all and referenced, want 82 and 78", got)
	}
}

// TestReal compares the packages in real locks with an independent count.
func TestReal(t *testing.T) {
	distinct := map[string]bool{}
	edges, direct := 0, 0
	for _, m := range readReal(t, "bicep") {
		if !m.Lock {
			continue
		}
		for _, u := range m.Uses {
			distinct[strings.ToLower(u.Package.String())] = true
			edges += len(u.DependsOn)
			if u.Direct {
				direct++
			}
		}
	}
	if got := []int{len(distinct), edges, direct}; !cmp.Equal(got, []int{206, 2704, 81}) {
		t.Errorf("%v packages, edges and direct uses in the locks, want 206, 2704 and 81", got)
	}
}

func FuzzRead(f *testing.F) {
	lockfiletest.Seeds(f)
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		manifests, _ := Reader().Read(lockfile.NewTree(map[string][]byte{
			name:           b,
			"at/at.csproj": []byte(`<Project><Import Project="at.props"/><ItemGroup><PackageReference Include="A" Version="$(V)"/></ItemGroup></Project>`),
			"at/" + name:   b,
			"at/at.props":  b,
		}))
		lockfiletest.Check(t, manifests)
	})
}

func BenchmarkReal(b *testing.B) {
	for b.Loop() {
		readReal(b, "bicep")
	}
}
