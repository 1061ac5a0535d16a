package golang

import (
	"errors"
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

func mod(p, v string) purl.PURL { return purl.Golang(p, v) }

func TestRead(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  []lockfile.Manifest
	}{
		{
			name: "direct, transitive, case kept, no go or toolchain",
			files: map[string]string{"go.mod": "\xef\xbb\xbfmodule example.com/App\r\n\r\ngo 1.22.0\r\ntoolchain go1.23.1\r\n" +
				"require github.com/BurntSushi/toml v1.3.2 // pinned\r\nrequire (\r\n\tgithub.com/Azure/x v1.0.0+incompatible // indirect; why\r\n)\r\n"},
			want: []lockfile.Manifest{{
				Path: "go.mod", Format: "go.mod", Ecosystem: "golang", Lock: true, Project: mod("example.com/App", ""),
				Uses: []lockfile.Use{
					{Package: mod("github.com/BurntSushi/toml", "v1.3.2"), Scope: lockfile.Production, Direct: true, Line: 5},
					{Package: mod("github.com/Azure/x", "v1.0.0+incompatible"), Scope: lockfile.Production, Line: 7},
				},
			}},
		},
		{
			name: "replacements, exclusions and tools",
			files: map[string]string{"app/go.mod": `module example.com/app
go 1.24
require (
	example.com/fork v1.0.0
	example.com/local v0.0.0
	example.com/outside v1.2.0
	example.com/absolute v1.2.0
	example.com/other v1.1.0
	example.com/same v1.0.0
	example.com/branch main
	example.com/out v1.0.0
	example.com/tools v1.0.0 // indirect
	example.com/tools/deep v1.5.0 // indirect
	example.com/both v1.0.0
	gopkg.in/yaml.v3 8e9f1c2d3b4a
	example.com/old v3.1.0 // indirect
)
replace example.com/fork => github.com/Us/fork v1.0.1
replace example.com/local => ../lib
replace example.com/outside => ../../elsewhere
replace example.com/absolute => C:/src/absolute
replace example.com/other v1.0.0 => example.com/never v1.0.0
replace example.com/same => example.com/same v1.0.9
replace example.com/unused => example.com/unused2 v1.0.9
exclude example.com/out v1.0.0
tool (
	example.com/tools/cmd/gen
	example.com/tools/deep/cmd/gen
	example.com/both/cmd
	example.com/app/cmd/own
)
`, "lib/go.mod": "module example.com/local\ngo 1.24\n"},
			want: []lockfile.Manifest{{
				Path: "app/go.mod", Format: "go.mod", Ecosystem: "golang", Lock: true, Project: mod("example.com/app", ""),
				Uses: []lockfile.Use{
					{Package: mod("github.com/Us/fork", "v1.0.1"), Alias: "example.com/fork", Scope: lockfile.Production, Direct: true, Line: 4},
					{Package: mod("example.com/outside", ""), Requirement: "v1.2.0", Origin: lockfile.Path, From: "../../elsewhere", Scope: lockfile.Production, Direct: true, Line: 6},
					{Package: mod("example.com/absolute", ""), Requirement: "v1.2.0", Origin: lockfile.Path, From: "C:/src/absolute", Scope: lockfile.Production, Direct: true, Line: 7},
					{Package: mod("example.com/other", "v1.1.0"), Scope: lockfile.Production, Direct: true, Line: 8},
					{Package: mod("example.com/same", "v1.0.9"), Scope: lockfile.Production, Direct: true, Line: 9},
					{Package: mod("example.com/branch", ""), Requirement: "main", Scope: lockfile.Production, Direct: true, Line: 10},
					{Package: mod("example.com/out", ""), Requirement: "v1.0.0", Scope: lockfile.Production, Direct: true, Line: 11},
					{Package: mod("example.com/tools", "v1.0.0"), Scope: lockfile.Development, Direct: true, Line: 12},
					{Package: mod("example.com/tools/deep", "v1.5.0"), Scope: lockfile.Development, Direct: true, Line: 13},
					{Package: mod("example.com/both", "v1.0.0"), Scope: lockfile.Production, Direct: true, Line: 14},
					{Package: mod("gopkg.in/yaml.v3", ""), Requirement: "8e9f1c2d3b4a", Scope: lockfile.Production, Direct: true, Line: 15},
					{Package: mod("example.com/old", "v3.1.0+incompatible"), Scope: lockfile.Production, Line: 16},
				},
				Notes: []lockfile.Note{{Line: 5, Reason: "example.com/local is replaced by the local directory lib, not a dependency"}},
			}, {
				Path: "lib/go.mod", Format: "go.mod", Ecosystem: "golang", Lock: true, Project: mod("example.com/local", ""),
			}},
		},
		{
			name: "workspace members are not dependencies, its replacements win",
			files: map[string]string{
				"go.work":  "go 1.22\nuse (\n\t./a\n\tb\n\t./gone\n)\nreplace example.com/x => example.com/y v2.0.0+incompatible\n",
				"a/go.mod": "module example.com/a\ngo 1.22\nrequire (\n\texample.com/b v0.0.0\n\texample.com/x v1.0.0\n)\nreplace example.com/x => example.com/z v1.0.0\n",
				"b/go.mod": "module example.com/b\ngo 1.22\n",
			},
			want: []lockfile.Manifest{{
				Path: "a/go.mod", Format: "go.mod", Ecosystem: "golang", Lock: true, Project: mod("example.com/a", ""),
				Uses:  []lockfile.Use{{Package: mod("example.com/y", "v2.0.0+incompatible"), Alias: "example.com/x", Scope: lockfile.Production, Direct: true, Line: 5}},
				Notes: []lockfile.Note{{Line: 4, Reason: "example.com/b is the workspace module in b, not a dependency"}},
			}, {
				Path: "b/go.mod", Format: "go.mod", Ecosystem: "golang", Lock: true, Project: mod("example.com/b", ""),
			}, {
				Path: "go.work", Format: "go.work", Ecosystem: "golang",
				Notes: []lockfile.Note{
					{Line: 5, Reason: "no module is read from ./gone"},
					{Reason: "a workspace of 2 modules; its dependencies are those of their go.mod files"},
				},
			}},
		},
		{
			name:  "before 1.17 the list is not complete",
			files: map[string]string{"go.mod": "module example.com/a\nrequire example.com/b v1.0.0\nrequire example.com/b v1.2.0\n"},
			want: []lockfile.Manifest{{
				Path: "go.mod", Format: "go.mod", Ecosystem: "golang", Project: mod("example.com/a", ""),
				Uses:       []lockfile.Use{{Package: mod("example.com/b", "v1.2.0"), Scope: lockfile.Production, Direct: true, Line: 3}},
				Unresolved: "go.mod lists all transitive modules only since go 1.17; run \"go mod tidy -go=1.17\" or later, or vendor them, to see the rest",
			}},
		},
		{
			name: "before 1.17 with a vendor folder",
			files: map[string]string{
				"go.mod":                "module example.com/a\ngo 1.16\nrequire example.com/b v1.0.0\nreplace example.com/d => example.com/e v1.0.0\n",
				"vendor/modules.txt":    "# example.com/b v1.0.0\n## explicit\nexample.com/b\n# example.com/c v1.1.0\nexample.com/c/x\n# example.com/d v1.0.0 => example.com/e v1.0.0\n# example.com/d => example.com/e v1.0.0\n",
				"a/vendor/modules.txt":  "# example.com/never v1.0.0\n",
				"vendored/modules.txt2": "",
			},
			want: []lockfile.Manifest{{
				Path: "go.mod", Format: "go.mod", Ecosystem: "golang", Lock: true, Project: mod("example.com/a", ""),
				Uses: []lockfile.Use{
					{Package: mod("example.com/b", "v1.0.0"), Scope: lockfile.Production, Direct: true, Line: 3},
					{Package: mod("example.com/c", "v1.1.0"), Scope: lockfile.Production},
					{Package: mod("example.com/e", "v1.0.0"), Alias: "example.com/d", Scope: lockfile.Production},
				},
			}},
		},
		{
			name: "before 1.17 with go.sum, which later ones do not need",
			files: map[string]string{
				"go.mod":   "module example.com/a\ngo 1.16\nrequire example.com/b v1.0.0\n",
				"go.sum":   "example.com/b v1.9.0 h1:x=\nexample.com/c v1.9.0/go.mod h1:x=\nexample.com/c v1.2.0 h1:x=\nexample.com/c v1.10.0 h1:x=\nexample.com/c v1.8.0 h1:x=\nexample.com/d v1.0.0/go.mod h1:x=\nexample.com/a v1.0.0 h1:x=\nno sum\n",
				"x/go.mod": "module example.com/x\ngo 1.17\nrequire example.com/b v1.0.0\n",
				"x/go.sum": "example.com/c v1.2.0 h1:x=\n",
			},
			want: []lockfile.Manifest{
				{
					Path: "go.mod", Format: "go.mod", Ecosystem: "golang", Project: mod("example.com/a", ""),
					Uses: []lockfile.Use{
						{Package: mod("example.com/b", "v1.0.0"), Scope: lockfile.Production, Direct: true, Line: 3},
						{Package: mod("example.com/c", "v1.10.0"), Scope: lockfile.Production},
					},
					Unresolved: "go.mod lists all transitive modules only since go 1.17; the others are those of go.sum, which may have some that are not built; run \"go mod tidy -go=1.17\" or later to see which",
				},
				{
					Path: "x/go.mod", Format: "go.mod", Ecosystem: "golang", Lock: true, Project: mod("example.com/x", ""),
					Uses: []lockfile.Use{{Package: mod("example.com/b", "v1.0.0"), Scope: lockfile.Production, Direct: true, Line: 3}},
				},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, failures := Reader().Read(treeOf(tt.files))
			if len(failures) > 0 {
				t.Errorf("failures: %v", failures)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadRoundBadLines(t *testing.T) {
	got, failures := Reader().Read(treeOf(map[string]string{
		"go.mod":   "module example.com/a\ngo 1.22\nfuture (\n\tx y\n)\nrequire (\n\texample.com/b v1.0.0\n\texample.com/c\n)\n",
		"b/go.mod": "module example.com/b\nrequire (\n<<<<<<< HEAD\n\texample.com/b v1.0.0\n",
		"c/go.mod": "module example.com/c\nrequire (",
	}))
	want := []lockfile.Manifest{{
		Path: "go.mod", Format: "go.mod", Ecosystem: "golang", Lock: true, Project: mod("example.com/a", ""),
		Uses:       []lockfile.Use{{Package: mod("example.com/b", "v1.0.0"), Scope: lockfile.Production, Direct: true, Line: 7}},
		Unresolved: "line 3 was not understood and is left out",
	}}
	var errs []string
	for _, f := range failures {
		errs = append(errs, f.Error())
	}
	wantErrs := []string{
		"b/go.mod:3: does not parse: unfinished merge, resolve it and commit again",
		"c/go.mod:2: does not parse: syntax error (unterminated block started at c/go.mod:2:1)",
		"go.mod:3: does not parse: unknown block type: future",
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(wantErrs, errs); diff != "" {
		t.Error(diff)
	}
}

// The counts are those of an independent reading of the file: 148 requirements.
func TestMemos(t *testing.T) {
	fsys := os.DirFS("../../../../../shared/data/locks/memos")
	files, err := lockfile.OpenTree(fsys, Reader().Wants)
	if err != nil {
		t.Fatal(err)
	}
	got, failures := Reader().Read(files)
	if len(failures) > 0 || len(got) != 1 {
		t.Fatalf("%d manifests, failures %v", len(got), failures)
	}
	direct := 0
	for _, u := range got[0].Uses {
		if u.Direct {
			direct++
		}
		if u.Package.Version == "" {
			t.Errorf("%s has no version", u.Package)
		}
	}
	text, err := files.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	indirect := strings.Count(string(text), "// indirect")
	if len(got[0].Uses) != direct+indirect || len(got[0].Uses) < 140 {
		t.Errorf("%d uses, %d direct, %d indirect in the file", len(got[0].Uses), direct, indirect)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("module a\ngo 1.20\nrequire (\n\tb v1.0.0 // indirect\n)\nreplace b => ../c\ntool b/cmd\n", "go 1.20\nuse ./a\nreplace b => c v1.0.0\n")
	f.Add("module \"a\"\ngo 1.x\nrequire b v2\nexclude b v2.0.0\n", "use (\n")
	f.Add("future (\n)\n(\n)", "")
	f.Fuzz(func(t *testing.T, gomod, gowork string) {
		Reader().Read(treeOf(map[string]string{"a/go.mod": gomod, "go.work": gowork, "a/vendor/modules.txt": gomod, "b/go.mod": gomod, "b/go.sum": gowork}))
	})
}

func TestTooLarge(t *testing.T) {
	got, failures := Reader().Read(treeOf(map[string]string{"go.mod": "module a\n" + strings.Repeat("// x\n", maxBytes/5)}))
	if len(got) != 0 || len(failures) != 1 || !errors.Is(failures[0], lockfile.ErrTooLarge) {
		t.Errorf("%v, %v", got, failures)
	}
}
