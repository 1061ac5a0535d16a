package survey_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/catalog/survey"
	"steward/internal/feature/estate"
	"steward/internal/feature/estate/snapshot"
)

func tree(files map[string]string) *estate.Snapshot {
	var entries []estate.Entry
	for name, content := range files {
		entries = append(entries, estate.Entry{Path: name, Size: int64(len(content))})
	}
	return snapshot.New(entries, func(e estate.Entry, _ int64) ([]byte, error) {
		content, ok := files[e.Path]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return []byte(content), nil
	})
}

func TestTypesAreGuessedFromWhatIsThere(t *testing.T) {
	for want, files := range map[string]map[string]string{
		"service Dockerfile":     {"Dockerfile": "FROM x", "go.mod": "module a.example/a\n", "main.go": "package main"},
		"service uses express":   {"package.json": `{"name":"a","dependencies":{"express":"1"}}`},
		"website uses next":      {"package.json": `{"name":"a","dependencies":{"next":"1"}}`, "Dockerfile": "FROM x"},
		"website mkdocs.yml":     {"mkdocs.yml": "x", "hook.py": "x = 1\n"},
		"tool cmd/a/main.go":     {"go.mod": "module a.example/a\n", "cmd/a/main.go": "package main"},
		"tool src/main.rs":       {"Cargo.toml": "[package]\nname = \"a\"\nversion = \"1.0.0\"\n", "src/main.rs": "fn main() {}\n"},
		"library README.md:3":    {"README.md": "# A\n\nA is a small web framework for Python applications.\n", "pyproject.toml": "[project]\nname = \"a\"\nversion = \"1\"\n", "src/a/__main__.py": "x = 1\n"},
		"tool src/a/__main__.py": {"README.md": "# A\n\nA is a command-line tool, and a library.\n", "pyproject.toml": "[project]\nname = \"a\"\nversion = \"1\"\n", "src/a/__main__.py": "x = 1\n"},
		"tool b/__main__.py":     {"README.md": "# A\n\nA is a library of nothing that is published.\n", "b/__main__.py": "x = 1\n", "requirements.txt": "x==1\n"},
		"library package.json":   {"package.json": `{"name":"a"}`, "index.js": "x"},
		" ":                      {"a.c": "int x;\n"},
		"service uses flask":     {"requirements.txt": "flask==3.0\n", "a.py": "x"},
	} {
		s, err := survey.Take(t.Context(), tree(files))
		if err != nil || len(s.Components) != 1 {
			t.Fatalf("%s: %+v %v", want, s, err)
		}
		c := s.Components[0]
		if got := c.Type + " " + strings.ToLower(c.TypeFrom); got != strings.ToLower(want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestLanguagesByFolder(t *testing.T) {
	s, err := survey.Take(t.Context(), tree(map[string]string{
		"a/Cargo.toml": "[package]\nname = \"a\"\nversion = \"1.0.0\"\n", "a/src/lib.rs": "use std::fmt;\npub fn x() -> i32 { let y = 1; y }\n",
		"b/package.json": `{"name":"b"}`, "b/x.tsx": "export const x = 1", "b/README.md": strings.Repeat("words ", 1000),
	}))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, c := range s.Components {
		got[c.Root] = c.Language
	}
	if diff := cmp.Diff(map[string]string{"a": "Rust", "b": "TypeScript"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnEntryMayNameAnotherFolder(t *testing.T) {
	entry := func(name, location string) string {
		return "apiVersion: v1\nkind: Component\nmetadata:\n  name: " + name + "\n  annotations:\n    backstage.io/source-location: " + location + "\nspec: {type: x, lifecycle: y, owner: z}\n---\n"
	}
	s, err := survey.Take(t.Context(), tree(map[string]string{
		".backstage/catalog-info.yaml": entry("a", "dir:../a") + entry("b", "dir:../../../b") + entry("c", "url:https://other.example/x/tree/main/a"),
		"a/package.json":               `{"name":"thing"}`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, c := range s.Components {
		got[c.Name] = c.Root + " " + c.Manifest
	}
	if diff := cmp.Diff(map[string]string{"a": "a a/package.json", "b": " ", "c": " "}, got); diff != "" {
		t.Error(diff)
	}
}

// A large monorepo: 200 components, 100,000 files, 400 lines of CODEOWNERS.
func BenchmarkTake(b *testing.B) {
	files := map[string]string{}
	var owners strings.Builder
	owners.WriteString("* @bank/all\n")
	for i := range 200 {
		files[fmt.Sprintf("services/s%d/package.json", i)] = fmt.Sprintf(`{"name":"s%d"}`, i)
		fmt.Fprintf(&owners, "/services/s%d/ @bank/t%d\n/services/s%d/docs/ @bank/d%d\n", i, i, i, i)
		for j := range 500 {
			files[fmt.Sprintf("services/s%d/src/p%d/f%d.ts", i, j%20, j)] = "x"
		}
	}
	files["CODEOWNERS"] = owners.String()
	for b.Loop() {
		s, err := survey.Take(b.Context(), tree(files))
		if err != nil || len(s.Components) != 200 {
			b.Fatal(err)
		}
	}
}
