package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const repository = "../../.."

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// copied is the program's source in a folder of its own.
func copied(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, top := range []string{"cmd", "internal"} {
		if err := os.CopyFS(filepath.Join(root, top), os.DirFS(filepath.Join(repository, top))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		b, err := os.ReadFile(filepath.Join(repository, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// lines are the lines of every file below root, by name.
func lines(t *testing.T, root string) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		name, _ := filepath.Rel(root, p)
		all[filepath.ToSlash(name)] = strings.Split(string(b), "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// command runs a program in root and returns what it printed.
func command(t *testing.T, root, name string, args ...string) (string, error) {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, args...)
	c.Dir, c.Env = root, append(os.Environ(), "GOFLAGS=-trimpath", "GOWORK=off")
	out, err := c.CombinedOutput()
	return string(out), err
}

// complaints are what the tests of the program's shape say, without times.
func complaints(t *testing.T, root string) []string {
	t.Helper()
	out, _ := command(t, root, "go", "test", "-count=1", "./internal/arch")
	if !strings.Contains(out, "steward/internal/arch") {
		t.Fatalf("internal/arch did not run:\n%s", out)
	}
	found := []string{}
	for l := range strings.Lines(out) {
		if _, said, ok := strings.Cut(l, "arch_test.go:"); ok {
			_, said, _ = strings.Cut(said, ": ")
			found = append(found, said)
		}
	}
	slices.Sort(found)
	return found
}

// TestOneFolderAndAFewLines adds a capability to a copy of the program: it is one folder, two lines
// in app and a row in the table of imports, and all of it works.
func TestOneFolderAndAFewLines(t *testing.T) {
	root := copied(t)
	before, shape := lines(t, root), complaints(t, root)
	var out, problems bytes.Buffer
	if code := run([]string{"-reads", "estate", "award"}, root, noon, &out, &problems); code != 0 {
		t.Fatalf("exit %d: %s", code, problems.String())
	}
	added, changed := map[string]bool{}, map[string]int{}
	for name, now := range lines(t, root) {
		was, there := before[name]
		if !there {
			folder, rest, _ := strings.Cut(strings.TrimPrefix(name, "internal/feature/"), "/")
			if rest == "" || !strings.HasPrefix(name, "internal/feature/") {
				folder = name
			}
			added[folder] = true
			continue
		}
		for _, l := range now {
			if !slices.Contains(was, l) {
				changed[name]++
			}
		}
	}
	if diff := cmp.Diff(map[string]bool{"award": true}, added); diff != "" {
		t.Errorf("folders: want -, got +:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{composeFile: 2, archFile: 1}, changed); diff != "" {
		t.Errorf("lines changed outside: want -, got +:\n%s", diff)
	}
	if text, err := command(t, root, "go", "vet", "./internal/feature/award"); err != nil {
		t.Errorf("vet: %v\n%s", err, text)
	}
	if text, err := command(t, root, "go", "test", "-count=1", "./internal/feature/award"); err != nil {
		t.Errorf("its own tests: %v\n%s", err, text)
	}
	if diff := cmp.Diff(shape, complaints(t, root)); diff != "" {
		t.Errorf("the shape of the program: before -, after +:\n%s", diff)
	}
	worksInTheProgram(t, root)
}

// worksInTheProgram builds the program with the new feature and runs it on an empty estate.
func worksInTheProgram(t *testing.T, root string) {
	t.Helper()
	data := filepath.Join(root, "data")
	for _, step := range [][]string{
		{"go", "build", "-o", "steward", "./cmd/steward"},
		{"./steward", "up", "--once", "--data", data},
	} {
		if text, err := command(t, root, step[0], step[1:]...); err != nil {
			t.Fatalf("%s: %v\n%s", strings.Join(step, " "), err, text)
		}
	}
	text, err := command(t, root, "./steward", "award", "--data", data)
	if want := "There are no awards yet.\n"; err != nil || text != want {
		t.Errorf("steward award: %v, printed %q, want %q", err, text, want)
	}
}

func TestRefusals(t *testing.T) {
	root := copied(t)
	before := lines(t, root)
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "give one name"},
		{[]string{"one", "two"}, "give one name"},
		{[]string{"Award"}, "is no name for a feature"},
		{[]string{"aw"}, "is no name for a feature"},
		{[]string{"my-award"}, "is no name for a feature"},
		{[]string{"../award"}, "is no name for a feature"},
		{[]string{"award\n"}, "is no name for a feature"},
		{[]string{strings.Repeat("x", 25)}, "is no name for a feature"},
		{[]string{"util"}, "says nothing about what is inside"},
		{[]string{"func"}, "is a word of Go"},
		{[]string{"string"}, "is a word of Go"},
		{[]string{"order"}, "is a word of SQL"},
		{[]string{"estate"}, "exists already"},
		{[]string{"store"}, "is a package already"},
		{[]string{"version"}, "is a package already"},
		{[]string{"location"}, "the table location is made by"},
		{[]string{"link"}, "has Name: link already"},
		{[]string{"source"}, "take another noun"},
		{[]string{"form"}, "uses the name form for something else"},
		{[]string{"feature"}, "uses the name feature for something else"},
		{[]string{"est"}, "uses the name est for something else"},
		{[]string{"-reads", "nothing", "award"}, `there is no feature "nothing"`},
		{[]string{"-migration", "award"}, "is no name for a migration"},
		{[]string{"-migration", "award_colour"}, `there is no feature "award"`},
		{[]string{"-migration", "estate_x", "award"}, "give one name"},
	} {
		var out, problems bytes.Buffer
		code := run(c.args, root, noon, &out, &problems)
		said := problems.String()
		if code != 2 || !strings.Contains(said, c.want) || strings.Count(said, "\n") != 1 || out.Len() > 0 {
			t.Errorf("%q: exit %d, said %q; want one sentence with %q", c.args, code, said, c.want)
		}
	}
	if diff := cmp.Diff(before, lines(t, root)); diff != "" {
		t.Errorf("a refusal changed files:\n%s", diff)
	}
}

func TestMigration(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"internal/feature/award/migration/20261122120000_award_create.sql", "internal/platform/account/migration/20300101000000_account_later.sql"} {
		if err := write(root, name, nil); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		var problems bytes.Buffer
		if code := run([]string{"-migration", "award_colour"}, root, noon, &bytes.Buffer{}, &problems); code != 0 {
			t.Fatalf("exit %d: %s", code, problems.String())
		}
	}
	got := lines(t, root)
	for _, name := range []string{"20300101000001_award_colour.sql", "20300101000002_award_colour.sql"} {
		if diff := cmp.Diff([]string{"-- +goose Up", ""}, got["internal/feature/award/migration/"+name]); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", name, diff)
		}
	}
}

func TestComposeOfOtherShapes(t *testing.T) {
	const head = "package app\n\nimport (\n\t\"steward/internal/feature/estate\"\n\t\"steward/internal/platform/mount\"\n)\n\n"
	const wired = "package app\n\nimport (\n\t\"steward/internal/feature/award\"\n\t\"steward/internal/feature/estate\"\n\t\"steward/internal/platform/mount\"\n)\n\n"
	for name, c := range map[string]struct{ in, want string }{
		"one line": {
			"func compose(q mount.Platform) []mount.Capability {\n\treturn []mount.Capability{estate.New(q).Mount()}\n}\n",
			"func compose(q mount.Platform) []mount.Capability {\n\treturn []mount.Capability{estate.New(q).Mount(), award.New(q).Mount()}\n}\n",
		},
		"a line each": {
			"func compose(p mount.Platform) []mount.Capability {\n\tall := []mount.Capability{\n\t\testate.New(p).Mount(), // first\n\t}\n\treturn all\n}\n",
			"func compose(p mount.Platform) []mount.Capability {\n\tall := []mount.Capability{\n\t\testate.New(p).Mount(),\n\t\taward.New(p).Mount(), // first\n\t}\n\treturn all\n}\n",
		},
		"empty": {
			"func compose(p mount.Platform) []mount.Capability {\n\treturn []mount.Capability{}\n}\n",
			"func compose(p mount.Platform) []mount.Capability {\n\treturn []mount.Capability{award.New(p).Mount()}\n}\n",
		},
	} {
		got, err := compose([]byte(head+c.in), "award")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(wired+c.want, string(got)); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", name, diff)
		}
	}
	if _, err := compose([]byte(head+"func compose(p mount.Platform) {}\n"), "award"); err == nil || !strings.Contains(err.Error(), "by hand") {
		t.Errorf("nothing to add to: %v", err)
	}
}

func TestNames(t *testing.T) {
	got := map[string]names{}
	for _, w := range []string{"award", "policy", "survey", "patch", "box"} {
		got[w] = namesOf(w)
	}
	want := map[string]names{
		"award":  {"award", "Award", "awards", "Awards", "an award", "An award"},
		"policy": {"policy", "Policy", "policies", "Policies", "a policy", "A policy"},
		"survey": {"survey", "Survey", "surveys", "Surveys", "a survey", "A survey"},
		"patch":  {"patch", "Patch", "patches", "Patches", "a patch", "A patch"},
		"box":    {"box", "Box", "boxes", "Boxes", "a box", "A box"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}
