// Package arch holds the tests of the program's shape: which package may import
// which, what every package says of itself, how large files and functions are,
// and that every read of the store names its viewer. The tests read the files
// themselves, so that no cache hides a violation.
package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	module      = "steward"
	root        = "../.."
	maxFile     = 600  // lines of one file
	maxFunction = 100  // lines of one function outside tables
	maxPackage  = 2500 // lines of one package without tests
)

// layers say what each may import, from the bottom up. Within a layer packages
// may import each other without a cycle; features only along featureEdges.
var layers = []string{"format", "platform", "feature", "connector", "app"}

// featureEdges is the table of imports between features, each with its reason.
// A feature may read, never write, the tables of those it may import.
var featureEdges = map[[2]string]string{
	{"people", "estate"}:     "the history analyser reads the shared snapshot",
	{"technology", "estate"}: "its analyser reads the shared snapshot",
	{"licence", "estate"}:    "its analyser reads the shared snapshot",
	{"catalog", "estate"}:    "components lie in repositories; its analyser reads the shared snapshot",
	{"catalog", "people"}:    "owners are teams, and are inferred from who changed what",
	{"sbom", "estate"}:       "its analyser reads the shared snapshot; answers state the base",
	{"sbom", "catalog"}:      "packages attach to components; the packages panel",
	{"licence", "catalog"}:   "the licence panel of a component",
	{"jobs", "estate"}:       "jobs name the repositories that they read",
	{"portfolio", "estate"}:  "applications are made of repositories",
	{"portfolio", "catalog"}: "applications are made of components",
	{"portfolio", "people"}:  "an owner that is a known team is kept by name",
}

// maxDepth is how long a chain of imports between features may be.
const maxDepth = 4

// refused are names that say nothing about what is inside.
var refused = []string{"util", "utils", "common", "helpers", "helper", "models", "types", "shared", "lib", "core", "pkg", "misc"}

type file struct {
	path  string // from the root, slash-separated
	dir   string
	test  bool
	lines int
	ast   *ast.File
	set   *token.FileSet
}

func read(t *testing.T) []file {
	t.Helper()
	var files []file
	for _, top := range []string{"cmd", "internal"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(p string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && (d.Name() == "testdata" || d.Name() == "node_modules") {
				return filepath.SkipDir
			}
			if d.IsDir() || !strings.HasSuffix(p, ".go") {
				return nil
			}
			b, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			set := token.NewFileSet()
			parsed, err := parser.ParseFile(set, p, b, parser.ParseComments)
			if err != nil {
				return err
			}
			rel, _ := filepath.Rel(root, p)
			rel = filepath.ToSlash(rel)
			files = append(files, file{
				path: rel, dir: filepath.ToSlash(filepath.Dir(rel)), test: strings.HasSuffix(p, "_test.go"),
				lines: strings.Count(string(b), "\n") + 1, ast: parsed, set: set,
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(files) < 10 {
		t.Fatalf("read %d files only: the test looks in the wrong place", len(files))
	}
	return files
}

func layerOf(dir string) (int, string) {
	parts := strings.Split(strings.TrimPrefix(dir, "internal/"), "/")
	i := slices.Index(layers, parts[0])
	name := ""
	if len(parts) > 1 {
		name = parts[1]
	}
	return i, name
}

func imports(f file) []string {
	var all []string
	for _, i := range f.ast.Imports {
		if p, ok := strings.CutPrefix(strings.Trim(i.Path.Value, `"`), module+"/"); ok {
			all = append(all, p)
		}
	}
	return all
}

func TestImportsGoDown(t *testing.T) {
	for _, f := range read(t) {
		from, feature := layerOf(f.dir)
		if f.test || from < 0 {
			continue
		}
		for _, p := range imports(f) {
			to, other := layerOf(p)
			switch {
			case to < 0:
				t.Errorf("%s imports %s, which is in no layer", f.path, p)
			case to > from:
				t.Errorf("%s (%s) imports %s (%s): imports go %s", f.path, layers[from], p, layers[to], strings.Join(layers, " ← "))
			case layers[from] == "feature" && layers[to] == "feature" && feature != other && featureEdges[[2]string{feature, other}] == "":
				t.Errorf("%s: feature %s may not import feature %s; use a hook, or add an edge with its reason to the table", f.path, feature, other)
			case layers[from] == "format" && layers[to] != "format":
				t.Errorf("%s imports %s: a format knows only formats", f.path, p)
			}
		}
	}
}

func TestFormatsDoNoInputOrOutput(t *testing.T) {
	forbidden := []string{"os", "net", "net/http", "os/exec", "database/sql", "syscall"}
	for _, f := range read(t) {
		if layer, _ := layerOf(f.dir); f.test || layer != 0 || strings.HasSuffix(f.ast.Name.Name, "test") {
			continue
		}
		for _, i := range f.ast.Imports {
			if p := strings.Trim(i.Path.Value, `"`); slices.Contains(forbidden, p) && f.ast.Name.Name != "main" {
				t.Errorf("%s imports %s: a format gets bytes and gives values", f.path, p)
			}
		}
	}
}

func TestFeatureEdgesHaveNoCycleAndLittleDepth(t *testing.T) {
	var depth func(string, []string) int
	depth = func(name string, path []string) int {
		if slices.Contains(path, name) {
			t.Fatalf("features import each other in a ring: %s", strings.Join(append(path, name), " → "))
		}
		deepest := 0
		for edge := range featureEdges {
			if edge[0] == name {
				deepest = max(deepest, depth(edge[1], append(slices.Clone(path), name)))
			}
		}
		return deepest + 1
	}
	for edge := range featureEdges {
		if d := depth(edge[0], nil); d > maxDepth {
			t.Errorf("imports from feature %s are %d deep, more than %d", edge[0], d, maxDepth)
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	said, dirs := map[string]bool{}, map[string]string{}
	for _, f := range read(t) {
		if f.test && f.dir != "internal/arch" {
			continue
		}
		dirs[f.dir] = f.ast.Name.Name
		said[f.dir] = said[f.dir] || f.ast.Doc != nil
	}
	for dir, name := range dirs {
		if !said[dir] {
			t.Errorf("%s has no package comment", dir)
		}
		if slices.Contains(refused, name) {
			t.Errorf("%s: the name %q says nothing about what is inside", dir, name)
		}
		if group := strings.TrimPrefix(dir, "internal/"); slices.Contains([]string{"feature", "format", "platform", "connector"}, group) {
			t.Errorf("%s is a group folder and holds Go files", dir)
		}
	}
}

func TestExportedNamesAreDocumented(t *testing.T) {
	for _, f := range read(t) {
		if f.test || f.ast.Name.Name == "main" {
			continue
		}
		for _, d := range f.ast.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) && d.Name.Name != "Error" && d.Name.Name != "Unwrap" {
					t.Errorf("%s: %s has no comment", f.set.Position(d.Pos()), d.Name.Name)
				}
			case *ast.GenDecl:
				undocumented(t, f, d)
			}
		}
	}
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	name := ""
	ast.Inspect(d.Recv.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && name == "" {
			name = id.Name
		}
		return true
	})
	return ast.IsExported(name)
}

func undocumented(t *testing.T, f file, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if s.Name.IsExported() && d.Doc == nil && s.Doc == nil {
				t.Errorf("%s: type %s has no comment", f.set.Position(s.Pos()), s.Name.Name)
			}
		case *ast.ValueSpec:
			if s.Names[0].IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
				t.Errorf("%s: %s has no comment", f.set.Position(s.Pos()), s.Names[0].Name)
			}
		}
	}
}

func TestSizes(t *testing.T) {
	packages := map[string]int{}
	for _, f := range read(t) {
		generated := ast.IsGenerated(f.ast)
		if f.lines > maxFile && !generated {
			t.Errorf("%s has %d lines, more than %d: split it by noun", f.path, f.lines, maxFile)
		}
		if f.test || generated {
			continue
		}
		packages[f.dir] += f.lines
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			if n := f.set.Position(fn.End()).Line - f.set.Position(fn.Pos()).Line; n > maxFunction {
				t.Errorf("%s: %s has %d lines, more than %d", f.set.Position(fn.Pos()), fn.Name.Name, n, maxFunction)
			}
		}
	}
	for dir, n := range packages {
		if n > maxPackage {
			t.Errorf("%s has %d lines, more than %d: is there a package inside it?", dir, n, maxPackage)
		}
	}
}

func TestNoGlobalStateAndNoInit(t *testing.T) {
	for _, f := range read(t) {
		if f.test {
			continue
		}
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: no init functions", f.set.Position(fn.Pos()))
			}
		}
	}
}
