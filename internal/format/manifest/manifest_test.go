package manifest

import (
	"cmp"
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-enry/go-enry/v2"
	diff "github.com/google/go-cmp/cmp"

	"steward/internal/format/lockfile"
)

// TestSharedData reads ten public projects. The counts of lock files are those
// of an independent parser (README of the data); where that counted nothing
// they are what the other tests of the readers have established.
func TestSharedData(t *testing.T) {
	tree, err := lockfile.OpenTree(os.DirFS("../../../../shared/data/locks"), Wants)
	if err != nil {
		t.Fatalf("the shared data is needed: %v", err)
	}
	manifests, failures := Read(context.Background(), tree)
	if len(failures) > 0 {
		t.Errorf("failures: %v", failures)
	}
	if !slices.IsSortedFunc(manifests, func(a, b lockfile.Manifest) int { return cmp.Compare(a.Path, b.Path) }) {
		t.Error("manifests are not in the order of their paths")
	}
	packages := map[string]map[string]bool{}
	for _, m := range manifests {
		project, _, _ := strings.Cut(m.Path, "/")
		key := project + " " + m.Ecosystem
		if m.Lock || m.ResolvedBy != "" {
			key += " locked"
		}
		if packages[key] == nil {
			packages[key] = map[string]bool{}
		}
		for _, u := range m.Uses {
			packages[key][u.Package.String()] = true
			if u.Package.Name == "" || u.Package.Name == "unknown" || m.Lock && u.Package.Version == "" && u.Origin == lockfile.Registry {
				t.Errorf("%s: use %s (%q)", m.Path, u.Package, u.Requirement)
			}
			if u.Scope == "" {
				t.Errorf("%s: %s has no scope", m.Path, u.Package)
			}
			for _, to := range u.DependsOn {
				if to < 0 || to >= len(m.Uses) {
					t.Fatalf("%s: %s depends on use %d of %d", m.Path, u.Package, to, len(m.Uses))
				}
			}
		}
		if !m.Lock && m.ResolvedBy == "" && m.Unresolved == "" && len(m.Uses) > 0 {
			t.Errorf("%s: declares packages without a lock and does not say that the rest is unknown", m.Path)
		}
	}
	got := map[string]int{}
	for key, set := range packages {
		got[key] = len(set)
	}
	want := map[string]int{
		"ripgrep cargo locked": 71, "koel composer locked": 202, "git-proxy npm locked": 2900, "saleor pypi locked": 230, "jellyfin nuget": 82,
		"gradle-vuln maven locked": 68, "gradle-vuln maven": 3, "lobsters gem locked": 180, "memos golang locked": 147, "memos npm locked": 549,
		"koel npm locked": 804, "saleor npm locked": 225, "bicep npm locked": 1139, "bicep nuget locked": 206, "bicep nuget": 107,
		"git-proxy npm": 2, "spring-petclinic maven": 43,
	}
	if d := diff.Diff(want, got); d != "" {
		t.Errorf("distinct packages (-want +got):\n%s", d)
	}
}

func TestReaders(t *testing.T) {
	var names []string
	for _, r := range Readers() {
		names = append(names, r.Name+" "+r.Ecosystem)
		if r.Wants == nil || r.Within == nil || len(r.Languages) == 0 {
			t.Errorf("%s is not complete", r.Name)
		}
	}
	want := []string{"npm npm", "Go golang", "Cargo cargo", "Maven maven", "Gradle maven", "Python pypi", "NuGet nuget", "Composer composer", "Bundler gem"}
	if d := diff.Diff(want, names); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	for language := range Languages() {
		// JSX was a language of its own in earlier lists of languages.
		if _, known := enry.GetLanguageID(language); !known && language != "JSX" {
			t.Errorf("go-enry knows no language %q", language)
		}
	}
	if d := diff.Diff([]string{"Maven", "Gradle"}, Languages()["Java"]); d != "" {
		t.Errorf("Java (-want +got):\n%s", d)
	}
}

func TestWants(t *testing.T) {
	for path, want := range map[string]bool{
		"package-lock.json": true, "a/go.mod": true, "Cargo.lock": true, "x/pom.xml": true, "x/build.gradle.kts": true, "uv.lock": true,
		"a/b.csproj": true, "composer.lock": true, "Gemfile": true, "main.go": false, "README.md": false, "": false, "pom.xml.bak": false,
	} {
		if got := Wants(path); got != want {
			t.Errorf("Wants(%q) = %v, want %v", path, got, want)
		}
	}
}

// One broken manifest of each kind stops nothing else.
func TestFailures(t *testing.T) {
	files := map[string][]byte{
		"bad/package-lock.json": []byte("{"), "bad/go.mod": []byte("module (\n"), "bad/Cargo.lock": []byte("[["), "bad/pom.xml": []byte("<a>"), "bad/gradle.lockfile": []byte("x"),
		"bad/uv.lock": []byte("=\n"), "bad/packages.lock.json": []byte("["), "bad/composer.lock": []byte("nope"), "good/go.mod": []byte("module example.org/x\n\nrequire example.org/y v1.0.0\n"),
	}
	manifests, failures := Read(context.Background(), lockfile.NewTree(files))
	found := false
	for _, m := range manifests {
		found = found || m.Path == "good/go.mod" && len(m.Uses) == 1
	}
	if !found {
		t.Errorf("the good manifest is missing: %v", manifests)
	}
	failed := map[string]bool{}
	for _, f := range failures {
		failed[f.Path] = true
	}
	for path := range files {
		if strings.HasPrefix(path, "bad/") && !failed[path] {
			t.Errorf("%s is no failure", path)
		}
	}
}

func TestFixture(t *testing.T) {
	for path, want := range map[string]bool{
		"pom.xml": false, "src/main/pom.xml": false, "test/package.json": false, "tests/go.mod": false, "e2e/package.json": false, "": false, "templates.txt": false,
		"services/contest/pom.xml": false, "testdata.json": false, "packages/exampled/package.json": false, "__tests__/package.json": false, "resources/pom.xml": false,
		"a/testdata/go.mod": true, "Testdata/go.mod": true, "x/fixtures/y/package.json": true, "web/__fixtures__/package.json": true, "src/test/resources/it/pom.xml": true,
		"examples/web/go.mod": true, "sample/pom.xml": true, "Templates/app/App.csproj": true, "node_modules/x/package.json": true, "vendor/a/b/go.mod": true,
		"third_party/x/Cargo.toml": true, "{{cookiecutter.name}}/setup.py": true, "__project_name__/package.json": true, "src/it/simple/pom.xml": true, "tests/data/uv.lock": true,
		"pkg/demo/Cargo.toml": true, "lib/site-packages/x/setup.py": true,
	} {
		if got := Fixture(path); got != want {
			t.Errorf("Fixture(%q) = %v, want %v", path, got, want)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	fsys := os.DirFS("../../../../shared/data/locks")
	for b.Loop() {
		tree, err := lockfile.OpenTree(fsys, Wants)
		if err != nil {
			b.Fatal(err)
		}
		if manifests, _ := Read(context.Background(), tree); len(manifests) == 0 {
			b.Fatal("nothing read")
		}
	}
}

func TestUnread(t *testing.T) {
	for language, want := range map[string]bool{
		"Swift": true, "Elixir": true, "Haskell": true, "Dart": true, "C": true, "C++": true,
		"Go": false, "Java": false, "Scala": false, "CSS": false, "HTML": false, "Markdown": false, "Shell": false, "Makefile": false, "Dockerfile": false, "SQL": false, "TeX": false, "Go Template": false, "": false,
	} {
		if got := Unread(language); got != want {
			t.Errorf("Unread(%q) is %v", language, got)
		}
	}
	for language := range unread {
		if !Unread(language) {
			t.Errorf("a reader knows the packages of %s: it is no longer unread", language)
		}
		if _, known := enry.GetLanguageID(language); !known {
			t.Errorf("%s is no language of go-enry", language)
		}
	}
}
