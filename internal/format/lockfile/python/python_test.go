package python

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

const (
	production  = lockfile.Production
	optional    = lockfile.Optional
	development = lockfile.Development
	test        = lockfile.Test
)

func treeOf(files map[string]string) *lockfile.Tree {
	m := map[string][]byte{}
	for p, s := range files {
		m[p] = []byte(s)
	}
	return lockfile.NewTree(m)
}

func pypi(name, version string) purl.PURL { return purl.New("pypi", "", name, version) }

// check reads files and compares the manifests.
func check(t *testing.T, files map[string]string, want ...lockfile.Manifest) {
	t.Helper()
	got, failures := Reader().Read(treeOf(files))
	for _, f := range failures {
		t.Error(f)
	}
	for i := range want {
		want[i].Ecosystem = "pypi"
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

// saleor's uv.lock has 231 entries with the project itself.
func TestSaleor(t *testing.T) {
	files, err := lockfile.OpenTree(os.DirFS("../../../../../shared/data/locks/saleor"), Reader().Wants)
	if err != nil {
		t.Fatal(err)
	}
	got, failures := Reader().Read(files)
	if len(failures) > 0 || len(got) != 1 {
		t.Fatalf("%d manifests, failures %v", len(got), failures)
	}
	m := got[0]
	count := map[string]int{}
	for _, u := range m.Uses {
		count[string(u.Scope)]++
		if u.Direct {
			count["direct"]++
			if u.Requirement != "" {
				count["ranges"]++
			}
		}
	}
	// 69 names under dependencies and 32 under dev-dependencies of the project.
	if len(m.Uses) != 230 || count["direct"] != 69+32 || count["ranges"] != count["direct"] || !cmp.Equal(m.Covers, []string{"pyproject.toml"}) {
		t.Errorf("%d uses, %v, covers %v", len(m.Uses), count, m.Covers)
	}
	if m.Project.String() != "pkg:pypi/saleor@3.24.0-a.0" || m.ProjectLicence != "BSD-3-Clause" {
		t.Errorf("project %s, licence %q", m.Project, m.ProjectLicence)
	}
}

func TestRequirement(t *testing.T) {
	tests := []struct {
		in   string
		want declaration
		ok   bool
	}{
		{"Django[bcrypt, argon2] ~= 5.2.17 ; python_version < '3'", declaration{name: "Django", req: "~=5.2.17"}, true},
		{"x==1.0", declaration{name: "x", req: "==1.0", version: "1.0"}, true},
		{"x===1.0-odd", declaration{name: "x", req: "===1.0-odd", version: "1.0-odd"}, true},
		{"x==1.*", declaration{name: "x", req: "==1.*"}, true},
		{"x (>=1.0, <2)", declaration{name: "x", req: ">=1.0,<2"}, true},
		{"x>=1,==1.5", declaration{name: "x", req: ">=1,==1.5", version: "1.5"}, true},
		{"x", declaration{name: "x"}, true},
		{"x @ https://user:pw@example.com/x-1.0.zip ; os_name == 'nt'", declaration{name: "x", origin: lockfile.URL, from: "https://example.com/x-1.0.zip"}, true},
		{"x@git+ssh://git@example.com/x.git@v1#subdirectory=a", declaration{name: "x", origin: lockfile.Git, from: "ssh://git@example.com/x.git@v1#subdirectory=a"}, true},
		{"x @ file:///opt/x", declaration{name: "x", origin: lockfile.Path, from: "/opt/x", local: true}, true},
		{"x @ file:///${PROJECT_ROOT}/../x", declaration{name: "x", origin: lockfile.Path, from: "./../x", local: true}, true},
		{"", declaration{}, false},
		{"x y", declaration{}, false},
		{"x[", declaration{}, false},
		{"./x", declaration{}, false},
		{"-x", declaration{}, false},
	}
	for _, tt := range tests {
		got, ok := parseRequirement(tt.in)
		if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(declaration{})); diff != "" || ok != tt.ok {
			t.Errorf("%q: %v %s", tt.in, ok, diff)
		}
	}
}

const noListLock = "a list without a lock: transitive dependencies are unknown, unless somebody listed them by hand; compile it with pip-compile or \"uv pip compile\""

func TestRequirementsFiles(t *testing.T) {
	check(t, map[string]string{
		"requirements.txt": "\xef\xbb\xbf# comment\r\n--index-url https://user:pw@example.com/simple\r\n-r requirements/base.txt\r\n-c constraints.txt\r\n" +
			"Flask_Login == 0.6.3 \\\r\n  ; python_version > \"3\"  # why\r\nsix\r\n-e git+https://tok@example.com/o/tool.git@main#egg=my_tool\r\n" +
			"./lib\r\n-e .\r\n../outside/pkg-1.0.tar.gz\r\nhttps://example.com/wheels/wheel_pkg-2.1-py3-none-any.whl\r\n" +
			"named @ https://example.com/named.zip\r\nwhat is this\r\n-e lib2\r\nranged>=1,<2\r\n",
		"requirements/base.txt":     "celery\n-r ../requirements.txt\n",
		"requirements/test.txt":     "-r base.txt\npytest\n-r gone.txt\n",
		"dev-requirements.txt":      "black==24.1\n",
		"constraints.txt":           "six==1.16.0\nunused==1\n",
		"docs/requirements.txt":     "sphinx\n",
		"src/notes.txt":             "nothing==1\n",
		"hashed/requirements.txt":   "a==1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nb==2 --hash=sha256:cc\n",
		"requirements/elsewhere.in": "",
	},
		lockfile.Manifest{
			Path: "dev-requirements.txt", Format: "dev-requirements.txt", Unresolved: noListLock,
			Uses: []lockfile.Use{{Package: pypi("black", "24.1"), Requirement: "==24.1", Scope: development, Direct: true, Line: 1}},
		},
		lockfile.Manifest{
			Path: "docs/requirements.txt", Format: "requirements.txt", Unresolved: noListLock,
			Uses: []lockfile.Use{{Package: pypi("sphinx", ""), Scope: development, Direct: true, Line: 1}},
		},
		lockfile.Manifest{
			Path: "hashed/requirements.txt", Format: "requirements.txt", Lock: true,
			Uses: []lockfile.Use{
				{Package: pypi("a", "1"), Requirement: "==1", Scope: production, Direct: true, Line: 1},
				{Package: pypi("b", "2"), Requirement: "==2", Scope: production, Direct: true, Line: 4},
			},
		},
		lockfile.Manifest{
			Path: "requirements.txt", Format: "requirements.txt", Unresolved: noListLock + "; line 14 was not understood and is left out",
			Uses: []lockfile.Use{
				{Package: pypi("flask-login", "0.6.3"), Requirement: "==0.6.3", Scope: production, Direct: true, Line: 5},
				{Package: pypi("six", "1.16.0"), Scope: production, Direct: true, Line: 7},
				{Package: pypi("my-tool", ""), Scope: production, Direct: true, Origin: lockfile.Git, From: "https://example.com/o/tool.git@main#egg=my_tool", Line: 8},
				{Package: pypi("pkg", "1.0"), Scope: production, Direct: true, Origin: lockfile.Path, From: "../outside/pkg-1.0.tar.gz", Line: 11},
				{Package: pypi("wheel-pkg", "2.1"), Scope: production, Direct: true, Origin: lockfile.URL, From: "https://example.com/wheels/wheel_pkg-2.1-py3-none-any.whl", Line: 12},
				{Package: pypi("named", ""), Scope: production, Direct: true, Origin: lockfile.URL, From: "https://example.com/named.zip", Line: 13},
				{Package: pypi("ranged", ""), Requirement: ">=1,<2", Scope: production, Direct: true, Line: 16},
			},
			Notes: []lockfile.Note{
				{Line: 14, Reason: "not a requirement that pip would read"},
				{Reason: "packages of this project, not dependencies: 3"},
			},
		},
		lockfile.Manifest{
			Path: "requirements/base.txt", Format: "base.txt", Unresolved: noListLock,
			Uses: []lockfile.Use{{Package: pypi("celery", ""), Scope: production, Direct: true, Line: 1}},
		},
		lockfile.Manifest{Path: "requirements/elsewhere.in", Format: "elsewhere.in"},
		lockfile.Manifest{
			Path: "requirements/test.txt", Format: "test.txt", Unresolved: noListLock + "; line 3 includes requirements/gone.txt, which was not read",
			Uses: []lockfile.Use{{Package: pypi("pytest", ""), Scope: test, Direct: true, Line: 2}},
		},
	)
}

func TestCompiledRequirements(t *testing.T) {
	check(t, map[string]string{
		"requirements.in": "requests>=2\nlocal-only\n",
		"requirements.txt": `#
# This file is autogenerated by pip-compile with Python 3.11
# by the following command:
#
#    pip-compile requirements.in
#
certifi==2023.7.22
    # via requests
idna==3.4 \
    --hash=sha256:aa
    # via
    #   -r requirements.in
    #   requests
requests==2.31.0  # via -r requirements.in
`,
	}, lockfile.Manifest{
		Path: "requirements.txt", Format: "requirements.txt", Lock: true, HasEdges: true, Covers: []string{"requirements.in"},
		Uses: []lockfile.Use{
			{Package: pypi("certifi", "2023.7.22"), Scope: production, Line: 7},
			{Package: pypi("idna", "3.4"), Scope: production, Direct: true, Line: 9},
			{Package: pypi("requests", "2.31.0"), Requirement: ">=2", Scope: production, Direct: true, Line: 14, DependsOn: []int{0, 1}},
		},
	})
}

func TestPyproject(t *testing.T) {
	noLock := "no lock covers this file: transitive dependencies are unknown, and versions where a range is declared; commit a lock (uv.lock, poetry.lock, pdm.lock or pylock.toml)"
	check(t, map[string]string{
		"a/pyproject.toml": `
[project]
name = "Proj_A"
version = "1.0"
license = { text = "MIT" }
dynamic = ["version"]
dependencies = [
  "requests>=2",
  "lib",
  "forked",
]
[project.optional-dependencies]
fast = ["orjson>=3"]
test = ["pytest"]
all = ["proj-a[fast,test]"]
[dependency-groups]
lint = ["ruff", {include-group = "unit-tests"}]
unit-tests = ["coverage~=7.1"]
[tool.uv.sources]
lib = { workspace = true }
forked = { git = "https://tok:en@example.com/forked", rev = "abc" }
`,
		"b/pyproject.toml": `
[tool.poetry]
name = "b"
license = "Apache-2.0"
[tool.poetry.dependencies]
python = "^3.9"
exact = "1.2.3"
caret = "^1.2"
opt = { version = "*", optional = true }
many = [ { version = "^1", python = "<3" }, { version = "^2" } ]
near = { path = "../a" }
[tool.poetry.group.test.dependencies]
pytest = "^7"
[tool.poetry.dev-dependencies]
black = "*"
`,
		"c/pyproject.toml": "[tool.black]\nline-length = 100\n",
		"c/setup.py":       "from setuptools import setup\nsetup(install_requires=wanted())\n",
		"d/setup.cfg":      "[metadata]\nname = d\nlicense = MIT\n[options]\ninstall_requires =\n    requests>=2 ; python_version>'3'\n    # no\n    six\n[options.extras_require]\ndev = tox\n[flake8]\nignore = E1\n",
		"d/setup.py":       "setup()",
		"e/setup.cfg":      "[flake8]\nignore = E1\n",
	},
		lockfile.Manifest{
			Path: "a/pyproject.toml", Format: "pyproject.toml", Project: pypi("proj-a", "1.0"), ProjectLicence: "MIT", Unresolved: noLock,
			Uses: []lockfile.Use{
				{Package: pypi("requests", ""), Requirement: ">=2", Scope: production, Direct: true, Line: 8},
				{Package: pypi("forked", ""), Scope: production, Direct: true, Origin: lockfile.Git, From: "https://example.com/forked#abc", Line: 10},
				{Package: pypi("orjson", ""), Requirement: ">=3", Scope: optional, Direct: true, Line: 13},
				{Package: pypi("pytest", ""), Scope: test, Direct: true, Line: 14},
				{Package: pypi("ruff", ""), Scope: development, Direct: true, Line: 17},
				{Package: pypi("coverage", ""), Requirement: "~=7.1", Scope: test, Direct: true, Line: 18},
			},
			Notes: []lockfile.Note{{Reason: "packages of this project, not dependencies: 1"}},
		},
		lockfile.Manifest{
			Path: "b/pyproject.toml", Format: "pyproject.toml", Project: pypi("b", ""), ProjectLicence: "Apache-2.0", Unresolved: noLock,
			Uses: []lockfile.Use{
				{Package: pypi("exact", "1.2.3"), Requirement: "1.2.3", Scope: production, Direct: true, Line: 7},
				{Package: pypi("caret", ""), Requirement: "^1.2", Scope: production, Direct: true, Line: 8},
				{Package: pypi("opt", ""), Requirement: "*", Scope: optional, Direct: true, Line: 9},
				{Package: pypi("many", ""), Requirement: "^1", Scope: production, Direct: true, Line: 10},
				{Package: pypi("many", ""), Requirement: "^2", Scope: production, Direct: true, Line: 10},
				{Package: pypi("black", ""), Requirement: "*", Scope: development, Direct: true, Line: 15},
				{Package: pypi("pytest", ""), Requirement: "^7", Scope: test, Direct: true, Line: 13},
			},
			Notes: []lockfile.Note{{Reason: "packages of this project, not dependencies: 1"}},
		},
		lockfile.Manifest{
			Path: "c/setup.py", Format: "setup.py",
			Unresolved: "setup.py is a program and is not run: dependencies that it computes are unknown; declare them in pyproject.toml",
		},
		lockfile.Manifest{
			Path: "d/setup.cfg", Format: "setup.cfg", Project: pypi("d", ""), ProjectLicence: "MIT",
			Unresolved: "no lock covers this file: transitive dependencies are unknown, and versions where a range is declared",
			Uses: []lockfile.Use{
				{Package: pypi("requests", ""), Requirement: ">=2", Scope: production, Direct: true, Line: 6},
				{Package: pypi("six", ""), Scope: production, Direct: true, Line: 8},
				{Package: pypi("tox", ""), Scope: development, Direct: true, Line: 10},
			},
		},
	)
}

func TestFailures(t *testing.T) {
	got, failures := Reader().Read(treeOf(map[string]string{
		"a/uv.lock":        "version = 1\n[[package]]\nversion = \"1\"\n",
		"b/poetry.lock":    "package = 3\n",
		"c/pdm.lock":       "[[package]]\nname = \"x\"\n>>>>>>> x\n",
		"d/Pipfile.lock":   "{\n\"default\": {\"a\": [}}",
		"e/Pipfile":        "[packages\n",
		"f/pyproject.toml": "x = " + strings.Repeat("[", 20_000),
		"g/pylock.toml":    "packages = [{}]\n",
		"h/Pipfile.lock":   "{\"default\": null, \"develop\": {\"b\": null, \"c\": {\"version\": null}}}",
		"requirements.txt": "\xff",
	}))
	if len(got) != 1 || len(got[0].Uses) != 2 {
		t.Errorf("%+v", got)
	}
	var paths []string
	for _, f := range failures {
		paths = append(paths, f.Path)
		if f.Line == 0 || !errors.Is(f, lockfile.ErrSyntax) && !errors.Is(f, lockfile.ErrTooDeep) {
			t.Error(f)
		}
	}
	if diff := cmp.Diff([]string{"a/uv.lock", "b/poetry.lock", "c/pdm.lock", "d/Pipfile.lock", "e/Pipfile", "f/pyproject.toml", "g/pylock.toml", "requirements.txt"}, paths); diff != "" {
		t.Error(diff)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("a==1 \\\n --hash=x # via b\n-r a.txt\n-e .\n", "[project]\nname='a'\ndependencies=['b>1']\n", "[[package]]\nname='a'\nsource={editable='.'}\ndependencies=[{name='a'}]\n", `{"default":{"a":{"version":"==1"}}}`)
	f.Add("# autogenerated by pip-compile\na==1\n# via\n#  b\nb==2\n", "[tool.poetry.dependencies]\na=[{path='.'}]\n", "[[packages]]\nname='a'\nvcs={url='x'}\n", "{}")
	f.Fuzz(func(t *testing.T, list, project, lock, pipfile string) {
		Reader().Read(treeOf(map[string]string{
			"requirements.txt": list, "requirements.in": list, "setup.cfg": list, "c/setup.py": list, "a/pyproject.toml": project, "b/Pipfile": project,
			"a/uv.lock": lock, "b/poetry.lock": lock, "b/pyproject.toml": project, "c/pdm.lock": lock, "d/pylock.toml": lock, "b/Pipfile.lock": pipfile,
		}))
	})
}
