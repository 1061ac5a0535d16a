package manifest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/format/lockfile"
)

// counting counts what is read of a tree.
type counting struct {
	*lockfile.Tree
	reads int
	each  func()
}

func (c *counting) ReadFile(path string) ([]byte, error) {
	c.reads++
	if c.each != nil {
		c.each()
	}
	return c.Tree.ReadFile(path)
}

func TestReadingEndsWithItsContext(t *testing.T) {
	files := map[string][]byte{}
	for i := range 100 {
		files[fmt.Sprintf("p%02d/package.json", i)] = []byte(`{"dependencies": {"a": "1"}}`)
		files[fmt.Sprintf("p%02d/go.mod", i)] = []byte("module example.com/a\n")
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := &counting{Tree: lockfile.NewTree(files)}
	c.each = func() {
		if c.reads == 10 {
			cancel()
		}
	}
	manifests, failures := Read(ctx, c)
	if len(manifests) != 0 || len(failures) != 1 || !errors.Is(failures[0].Err, context.Canceled) || c.reads != 10 {
		t.Errorf("%d manifests, failures %v, %d reads after the end", len(manifests), failures, c.reads-10)
	}
}

// TestReadingDoesNotWaitForAReader has a reader at work that never comes to its
// end, as in the middle of a large file.
func TestReadingDoesNotWaitForAReader(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	release := make(chan struct{})
	defer close(release)
	old := readers
	defer func() { readers = old }()
	readers = []lockfile.Reader{{Name: "slow", Within: func(files lockfile.Files, _ *lockfile.Room) ([]lockfile.Manifest, []lockfile.Failure) {
		cancel()
		<-release
		_, err := files.ReadFile("a")
		return nil, []lockfile.Failure{{Path: "a", Err: err}}
	}}}
	if _, failures := Read(ctx, lockfile.NewTree(nil)); len(failures) != 1 || !errors.Is(failures[0].Err, context.Canceled) {
		t.Errorf("failures %v", failures)
	}
}

func TestTooManyManifests(t *testing.T) {
	files := map[string][]byte{}
	for _, p := range []string{"a/b/c/go.mod", "a/go.mod", "go.mod", "z/go.mod", "a/b/go.mod"} {
		files[p] = []byte("module example.com/a\n")
	}
	b := bound(context.Background(), lockfile.NewTree(files), 3)
	if diff := cmp.Diff([]string{"a/go.mod", "go.mod", "z/go.mod"}, b.Paths()); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
	failures := b.sum(nil)
	if len(failures) != 1 || !errors.Is(failures[0].Err, lockfile.ErrTooLarge) || !strings.Contains(failures[0].Err.Error(), `more than 3 manifests; those not read, farthest from the root: 2, "a/b/go.mod" first`) {
		t.Errorf("failures %v", failures)
	}
}

func TestManifestsTooLargeTogether(t *testing.T) {
	files := map[string][]byte{}
	big := bytes.Repeat([]byte{' '}, lockfile.MaxBytes) // no JSON
	for i := range 20 {
		files[fmt.Sprintf("p%02d/package.json", i)] = big
	}
	_, failures := Read(context.Background(), lockfile.NewTree(files))
	last := failures[len(failures)-1]
	if len(failures) != 10 || !errors.Is(last.Err, lockfile.ErrTooLarge) || !strings.Contains(last.Err.Error(), `manifests left out for that: 11, "p09/package.json" first`) {
		t.Errorf("%d failures, the last %v", len(failures), last)
	}
}

// TestReadsGrowWithTheTree has trees in which each manifest could make a reader
// look through all others: the files that are read must stay as many as there are.
func TestReadsGrowWithTheTree(t *testing.T) {
	const n = 300
	for name, of := range map[string]func(put func(path, format string, args ...any)){
		"npm workspaces in a workspace": func(put func(path, format string, args ...any)) {
			put("package.json", `{"workspaces": ["**"]}`)
			for i := range n {
				put(fmt.Sprintf("p%d/package.json", i), `{"name": "p%d", "workspaces": ["**"], "dependencies": {"p%d": "1"}}`, i, i+1)
			}
		},
		"yarn locks": func(put func(path, format string, args ...any)) {
			for i := range n {
				put(fmt.Sprintf("p%d/package.json", i), `{"workspaces": ["**"], "dependencies": {"a": "1"}}`)
				put(fmt.Sprintf("p%d/yarn.lock", i), "# yarn lockfile v1\n\n\na@1:\n  version \"1.0.0\"\n")
			}
		},
		"crates of one name, each with a lock": func(put func(path, format string, args ...any)) {
			for i := range n {
				put(fmt.Sprintf("p%d/Cargo.toml", i), "[package]\nname = \"p\"\nversion = \"1.0.0\"\n")
				put(fmt.Sprintf("p%d/Cargo.lock", i), "version = 3\n[[package]]\nname = \"p\"\nversion = \"1.0.0\"\n")
			}
		},
		"poms, each the parent of the next": func(put func(path, format string, args ...any)) {
			for i := range n {
				put(fmt.Sprintf("p%d/pom.xml", i), "<project><parent><groupId>g</groupId><artifactId>p%d</artifactId><version>1</version><relativePath>../p%d</relativePath></parent><artifactId>p%d</artifactId></project>", i+1, i+1, i)
			}
		},
		"Gradle scripts, each applying the next": func(put func(path, format string, args ...any)) {
			for i := range n {
				put(fmt.Sprintf("p%d/build.gradle", i), "apply from: '../p%d/build.gradle'\ndependencies { implementation 'g:a:1' }\n", i+1)
			}
		},
		"requirements, each including the next": func(put func(path, format string, args ...any)) {
			put("constraints.txt", "b==1\n")
			for i := range n {
				put(fmt.Sprintf("requirements-%d.txt", i), "-r requirements-%d.txt\n-c constraints.txt\na==1\n", i+1)
			}
		},
		"projects with central versions": func(put func(path, format string, args ...any)) {
			put("Directory.Packages.props", `<Project><Import Project="more.props"/><ItemGroup><PackageVersion Include="A" Version="1"/></ItemGroup></Project>`)
			put("more.props", `<Project/>`)
			for i := range n {
				put(fmt.Sprintf("p%d/p.csproj", i), `<Project><ItemGroup><PackageReference Include="A"/></ItemGroup></Project>`)
			}
		},
	} {
		files := map[string][]byte{}
		of(func(path, format string, args ...any) { files[path] = fmt.Appendf(nil, format, args...) })
		c := &counting{Tree: lockfile.NewTree(files)}
		manifests, _ := Read(context.Background(), c)
		if c.reads > 3*len(files) || len(manifests) < n {
			t.Errorf("%s: %d files are read %d times, %d manifests", name, len(files), c.reads, len(manifests))
		}
		if !slices.IsSortedFunc(manifests, func(a, b lockfile.Manifest) int { return strings.Compare(a.Path, b.Path) }) {
			t.Errorf("%s: manifests are not sorted", name)
		}
	}
}

// TestPackagesTooManyTogether has locks, each within the limits of a file, when
// little room is left.
func TestPackagesTooManyTogether(t *testing.T) {
	files := map[string][]byte{}
	for i := range 20 {
		files[fmt.Sprintf("p%02d/Gemfile.lock", i)] = []byte("GEM\n  remote: https://rubygems.org/\n  specs:\n    a (1.0)\n    b (1.0)\n")
	}
	c := &counting{Tree: lockfile.NewTree(files)}
	b := bound(context.Background(), c, maxFiles)
	b.room.Keep(nil, lockfile.Manifest{Uses: make([]lockfile.Use, lockfile.MaxKept-11)})
	manifests, failures := b.read()
	if len(manifests) != 5 || manifests[4].Path != "p04/Gemfile.lock" || len(manifests[4].Uses) != 2 {
		t.Errorf("%d manifests are read", len(manifests))
	}
	if c.reads > 6+6 {
		t.Errorf("%d files are read", c.reads)
	}
	want := `larger than Steward reads: the manifests of this repository say more together than Steward keeps: 500000 packages, or 256 MiB of files; manifests left out for that: 15, "p05/Gemfile.lock" first`
	if len(failures) != 1 || !errors.Is(failures[0].Err, lockfile.ErrTooLarge) || failures[0].Err.Error() != want {
		t.Errorf("failures %v", failures)
	}
}

// TestDeclarationsThatWait has files that their reader keeps until all are read.
func TestDeclarationsThatWait(t *testing.T) {
	for name, text := range map[string]string{
		"requirements.txt": "a==1\nb==1\n",
		"Gemfile":          "gem 'a'\ngem 'b'\n",
		"gradle.lockfile":  "g:a:1=runtimeClasspath\ng:b:1=runtimeClasspath\n",
		"build.gradle":     "dependencies {\n  implementation 'g:a:1'\n  implementation 'g:b:1'\n}\n",
		"pom.xml":          "<project><groupId>g</groupId><artifactId>a</artifactId><dependencies><dependency><groupId>g</groupId><artifactId>p</artifactId><version>1</version></dependency></dependencies></project>",
		"package.json":     `{"dependencies": {"a": "1", "b": "1"}}`,
		"composer.json":    `{"require": {"v/a": "1", "v/b": "1"}}`,
		"go.mod":           "module e.com/m\nrequire e.com/a v1.0.0\nrequire e.com/b v1.0.0\n",
		"Cargo.toml":       "[package]\nname = \"a\"\n[dependencies]\nb = \"1\"\n",
	} {
		files := map[string][]byte{}
		for i := range 100 {
			files[fmt.Sprintf("p%02d/%s", i, name)] = []byte(text)
		}
		b := bound(context.Background(), lockfile.NewTree(files), maxFiles)
		if err := b.room.Hold(lockfile.MaxHeld - 25); err != nil {
			t.Fatal(err)
		}
		manifests, failures := b.read()
		if len(manifests) == 0 || len(manifests) > 25 || len(failures) != 1 || !errors.Is(failures[0].Err, lockfile.ErrFull) {
			t.Errorf("%s: %d manifests, failures %v", name, len(manifests), failures)
		}
	}
}
