package cargo

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"steward/internal/format/lockfile"
	"steward/internal/format/purl"
)

func treeOf(files map[string]string) *lockfile.Tree {
	m := map[string][]byte{}
	for p, s := range files {
		m[p] = []byte(s)
	}
	return lockfile.NewTree(m)
}

func crateURL(name, version string) purl.PURL { return purl.New("cargo", "", name, version) }

const index = "registry+https://github.com/rust-lang/crates.io-index"

// entry writes one package of a lock, on the lines that a reader counts.
func entry(name, version, source string, deps ...string) string {
	s := fmt.Sprintf("[[package]]\nname = %q\nversion = %q\n", name, version)
	if source != "" {
		s += fmt.Sprintf("source = %q\n", source)
	}
	if len(deps) > 0 {
		s += "dependencies = [\n"
		for _, d := range deps {
			s += fmt.Sprintf(" %q,\n", d)
		}
		s += "]\n"
	}
	return s
}

func TestLock(t *testing.T) {
	lock := "version = 4\n" +
		entry("app", "0.1.0", "", "cc", "forked", "lib", "log", "old-rand 0.7.3", "old-rand 0.8.5", "opt", "opt-on", "outside", "tempfile", "winapi") + // 2..17
		entry("cc", "1.0.0", index, "both") + // 18..24 : 7 lines
		entry("lib", "0.2.0", "", "log", "serde") +
		entry("log", "0.4.20", index, "both") +
		entry("both", "1.0.0", index) +
		entry("old-rand", "0.7.3", index) +
		entry("old-rand", "0.8.5", index) +
		entry("opt", "1.1.0", index, "opt-dep") +
		entry("opt-dep", "1.0.0", index) +
		entry("opt-on", "1.0.0", index) +
		entry("outside", "0.9.0", "") +
		entry("tempfile", "3.0.0", index, "dev-dep 1.0.0 ("+index+")", "log") +
		entry("dev-dep", "1.0.0", index, "tempfile") +
		entry("dev-dep", "1.0.0", "git+https://example.com/dev-dep#0123456789") +
		entry("forked", "0.3.0", "git+https://user:secret@example.com/forked?branch=main#abcdef", "dev-dep 1.0.0 (git+https://example.com/dev-dep)") +
		entry("serde", "1.0.200", "sparse+https://crates.example.org/index/") +
		entry("winapi", "0.3.9", index)
	got, failures := Reader().Read(treeOf(map[string]string{
		"Cargo.lock": lock,
		"Cargo.toml": `
[package]
name = "app"
version = "0.1.0"
license.workspace = true
[workspace]
members = ["lib"]
[workspace.package]
license = "MIT"
[workspace.dependencies]
log = "0.4"
serde = { version = "1", features = ["derive"] }
[features]
default = ["turn"]
turn = ["dep:opt-on", "opt?/x", "lib/more"]
[dependencies]
log.workspace = true
lib = { path = "lib", version = "0.2" }
forked = { git = "https://user:secret@example.com/forked", branch = "main" }
opt = { version = "1.1", optional = true }
opt-on = { version = "1", optional = true }
outside = { path = "../outside" }
rand07 = { package = "old-rand", version = "0.7" }
old-rand = "0.8"
[dev-dependencies]
tempfile = "3"
[build-dependencies]
cc = "1.0"
[target.'cfg(windows)'.dependencies.winapi]
version = "0.3"
package = "winapi"
`,
		"lib/Cargo.toml": "[package]\nname = \"lib\"\nversion = \"0.2.0\"\n[features]\nmore = [\"serde\"]\n[dependencies]\nlog = \"0.4.5\"\nserde = { workspace = true, optional = true }\n",
	}))
	if len(failures) > 0 {
		t.Fatal(failures)
	}
	line := func(name, version string) int {
		at := strings.Index(lock, fmt.Sprintf("name = %q\nversion = %q\n", name, version))
		return strings.Count(lock[:at], "\n")
	}
	use := func(name, version, req string, scope lockfile.Scope, deps ...int) lockfile.Use {
		return lockfile.Use{Package: crateURL(name, version), Requirement: req, Scope: scope, Direct: req != "", Line: line(name, version), DependsOn: deps}
	}
	want := lockfile.Manifest{
		Path: "Cargo.lock", Format: "Cargo.lock v4", Ecosystem: "cargo", Lock: true, HasEdges: true,
		Project: crateURL("app", "0.1.0"), ProjectLicence: "MIT",
		Covers: []string{"Cargo.toml", "lib/Cargo.toml"},
		Notes:  []lockfile.Note{{Reason: "crates of this project, not dependencies: 2"}},
		Uses: []lockfile.Use{
			use("cc", "1.0.0", "1.0", lockfile.Development, 2),
			use("log", "0.4.20", "0.4", lockfile.Production, 2),
			use("both", "1.0.0", "", lockfile.Production),
			use("old-rand", "0.7.3", "0.7", lockfile.Production),
			use("old-rand", "0.8.5", "0.8", lockfile.Production),
			use("opt", "1.1.0", "1.1", lockfile.Optional, 6),
			use("opt-dep", "1.0.0", "", lockfile.Optional),
			use("opt-on", "1.0.0", "1", lockfile.Production),
			use("outside", "0.9.0", "", lockfile.Production),
			use("tempfile", "3.0.0", "3", lockfile.Development, 1, 10),
			use("dev-dep", "1.0.0", "", lockfile.Development, 9),
			{Package: crateURL("dev-dep", "1.0.0"), Scope: lockfile.Production, Origin: lockfile.Git, From: "https://example.com/dev-dep#0123456789", Line: line("dev-dep", "1.0.0") + 7},
			{Package: crateURL("forked", "0.3.0"), Scope: lockfile.Production, Direct: true, Origin: lockfile.Git, From: "https://example.com/forked?branch=main#abcdef", Line: line("forked", "0.3.0"), DependsOn: []int{11}},
			use("serde", "1.0.200", "1", lockfile.Production),
			use("winapi", "0.3.9", "0.3", lockfile.Production),
		},
	}
	want.Uses[13].Direct, want.Uses[13].ByMember = false, true // lib alone names serde
	want.Uses[3].Alias = "rand07"
	want.Uses[8].Direct, want.Uses[8].Origin, want.Uses[8].From = true, lockfile.Path, "../outside"
	member := lockfile.Manifest{
		Path: "lib/Cargo.toml", Format: "Cargo.toml", Ecosystem: "cargo", Project: crateURL("lib", "0.2.0"), ResolvedBy: "Cargo.lock",
		Uses: []lockfile.Use{
			{Package: crateURL("log", "0.4.20"), Requirement: "0.4.5", Scope: lockfile.Production, Direct: true, Line: 7},
			{Package: crateURL("serde", "1.0.200"), Requirement: "1", Scope: lockfile.Production, Direct: true, Line: 8},
		},
	}
	if diff := cmp.Diff([]lockfile.Manifest{want, member}, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

func TestOldLock(t *testing.T) {
	got, failures := Reader().Read(treeOf(map[string]string{
		"Cargo.lock": "[root]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"log 0.3.0 (" + index + ")\",\n]\n\n" +
			entry("log", "0.3.0", index) + "\n[metadata]\n\"checksum log 0.3.0 (" + index + ")\" = \"abc\"\n",
	}))
	want := []lockfile.Manifest{{
		Path: "Cargo.lock", Format: "Cargo.lock v1", Ecosystem: "cargo", Lock: true, HasEdges: true,
		Uses: []lockfile.Use{{Package: crateURL("log", "0.3.0"), Scope: lockfile.Production, Direct: true, Line: 8}},
		Notes: []lockfile.Note{
			{Reason: "crates of this project, not dependencies: 1"},
			{Reason: "crates of them without a Cargo.toml that is read, whose packages are all taken for production: 1"},
		},
	}}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || len(failures) > 0 {
		t.Error(diff, failures)
	}
}

func TestWithoutLock(t *testing.T) {
	got, failures := Reader().Read(treeOf(map[string]string{
		"a/Cargo.toml": "[package]\nname = \"a\"\nversion = \"1.0.0\"\nlicense = \"MIT OR Apache-2.0\"\n[dependencies]\nmin = \"1.2.3\"\nexact = \"=1.2.3\"\nnearly = \"=1.2\"\nb = { path = \"../b\" }\n" +
			"g = { git = \"ssh://git@example.com/g\", rev = \"abc\" }\n[dev-dependencies]\nmin = \"1.2.3\"\n",
		"b/Cargo.toml": "[package]\nname = \"b\"\n",
		"c/Cargo.toml": "[workspace]\nmembers = [\"x\"]\n[workspace.dependencies]\nunused = \"1\"\n",
	}))
	want := []lockfile.Manifest{
		{
			Path: "a/Cargo.toml", Format: "Cargo.toml", Ecosystem: "cargo", Project: crateURL("a", "1.0.0"), ProjectLicence: "MIT OR Apache-2.0",
			Uses: []lockfile.Use{
				{Package: crateURL("min", ""), Requirement: "1.2.3", Scope: lockfile.Production, Direct: true, Line: 6},
				{Package: crateURL("exact", "1.2.3"), Requirement: "=1.2.3", Scope: lockfile.Production, Direct: true, Line: 7},
				{Package: crateURL("nearly", ""), Requirement: "=1.2", Scope: lockfile.Production, Direct: true, Line: 8},
				{Package: crateURL("g", ""), Scope: lockfile.Production, Direct: true, Origin: lockfile.Git, From: "ssh://git@example.com/g#abc", Line: 10},
			},
			Notes:      []lockfile.Note{{Reason: "crates of this project, not dependencies: 1"}},
			Unresolved: "no Cargo.lock covers this file: versions and transitive dependencies are unknown; commit the lock that \"cargo generate-lockfile\" writes",
		},
		{Path: "b/Cargo.toml", Format: "Cargo.toml", Ecosystem: "cargo", Project: crateURL("b", "")},
		{Path: "c/Cargo.toml", Format: "Cargo.toml", Ecosystem: "cargo"},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || len(failures) > 0 {
		t.Error(diff, failures)
	}
}

func TestFailures(t *testing.T) {
	got, failures := Reader().Read(treeOf(map[string]string{
		"a/Cargo.lock": "version = 4\n[[package]]\nname = \"x\"\n<<<<<<< HEAD\n",
		"b/Cargo.lock": "a = " + strings.Repeat("[", 10_000),
		"c/Cargo.lock": "# nothing\n",
		"d/Cargo.lock": "version = 4\n[[package]]\nversion = \"1\"\n",
		"e/Cargo.lock": "version = 4\n[[package]]\nname = \"\xff\"\n",
		"f/Cargo.toml": "[package]\nname = 1\ndependencies = 3\n[features]\nfeatures = {}\n",
	}))
	if len(got) != 1 || len(got[0].Uses) != 0 {
		t.Errorf("got %v", got)
	}
	want := []struct {
		line int
		err  error
	}{{4, lockfile.ErrSyntax}, {1, lockfile.ErrTooDeep}, {0, lockfile.ErrSyntax}, {2, lockfile.ErrSyntax}, {3, lockfile.ErrSyntax}}
	if len(failures) != len(want) {
		t.Fatal(failures)
	}
	for i, f := range failures {
		if f.Line != want[i].line || !errors.Is(f, want[i].err) {
			t.Errorf("%v, want line %d and %v", f, want[i].line, want[i].err)
		}
	}
}

// ripgrep's two locks have 84 entries, 13 of them members of the workspace.
func TestRipgrep(t *testing.T) {
	files, err := lockfile.OpenTree(os.DirFS("../../../../../shared/data/locks/ripgrep"), Reader().Wants)
	if err != nil {
		t.Fatal(err)
	}
	got, failures := Reader().Read(files)
	if len(failures) > 0 {
		t.Fatal(failures)
	}
	distinct := map[string]bool{}
	covered := 0
	for _, m := range got {
		if !m.Lock && m.ResolvedBy == "" {
			t.Errorf("%s is read without its lock", m.Path)
		}
		covered += len(m.Covers)
		for _, u := range m.Uses {
			distinct[u.Package.String()] = true
		}
		for _, n := range m.Notes {
			t.Log(m.Path, n.Reason)
		}
	}
	if len(distinct) != 71 || covered != 12 {
		t.Errorf("%d packages, want 71; %d Cargo.toml covered, want 12", len(distinct), covered)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("version = 4\n"+entry("a", "1.0.0", "", "b", "b 2.0.0", "c 1.0.0 (x)")+entry("b", "1.0.0", index, "a", "b"), "[package]\nname = \"a\"\n[dependencies]\nb = \"1\"\n")
	f.Add("[root]\nname = \"a\"\n", "[workspace]\n[patch.x]\ny = { path = \"/\" }\n[features]\ndefault = [\"default\", \"x/y\"]\n")
	f.Fuzz(func(t *testing.T, lock, manifest string) {
		Reader().Read(treeOf(map[string]string{"a/Cargo.lock": lock, "a/Cargo.toml": manifest, "Cargo.toml": manifest}))
	})
}
