package python

import (
	"strings"
	"testing"

	"steward/internal/format/lockfile"
)

func TestUVWorkspace(t *testing.T) {
	check(t, map[string]string{
		"ws/uv.lock": `version = 1
[manifest]
members = ["root", "member_b"]

[[package]]
name = "root"
version = "0.1.0"
source = { editable = "." }
dependencies = [
    { name = "member-b" },
    { name = "numpy", version = "1.26.0", source = { registry = "https://example.org/simple" }, marker = "python_version < '3.12'" },
    { name = "numpy", version = "2.0.0", source = { registry = "https://example.org/simple" }, marker = "python_version >= '3.12'" },
    { name = "forked" },
    { name = "local-dir" },
    { name = "outside" },
]

[package.optional-dependencies]
fast = [{ name = "orjson" }]

[package.dev-dependencies]
test = [{ name = "pytest" }]

[package.metadata]
requires-dist = [
    { name = "numpy", specifier = ">=1.26" },
    { name = "orjson", marker = "extra == 'fast'", specifier = ">=3" },
]

[package.metadata.requires-dev]
test = [{ name = "pytest", specifier = ">=8" }]

[[package]]
name = "member-b"
source = { virtual = "packages/b" }
dependencies = [{ name = "pluggy" }]

[[package]]
name = "local-dir"
source = { directory = "libs/local" }

[[package]]
name = "outside"
version = "1.0"
source = { editable = "../../outside" }

[[package]]
name = "numpy"
version = "1.26.0"
source = { registry = "https://example.org/simple" }

[[package]]
name = "numpy"
version = "2.0.0"
source = { registry = "https://example.org/simple" }

[[package]]
name = "forked"
version = "1.0"
source = { git = "https://user:pw@example.com/forked?rev=main#abc" }

[[package]]
name = "orjson"
version = "3.1"
source = { url = "https://example.com/orjson-3.1.zip" }

[[package]]
name = "pytest"
version = "8.0"
source = { registry = "https://example.org/simple" }
dependencies = [{ name = "pluggy" }, { name = "iniconfig" }]

[[package]]
name = "pluggy"
version = "1.5"
source = { registry = "https://example.org/simple" }
dependencies = [{ name = "pytest" }]

[[package]]
name = "iniconfig"
version = "2.0"
source = { registry = "https://example.org/simple" }

[package.optional-dependencies]
x = [{ name = "orjson" }]
`,
		"ws/pyproject.toml":            "[project]\nname = 'root'\nversion = '0.1.0'\nlicense = 'MIT'\ndependencies = ['numpy>=1.26']\n",
		"ws/packages/b/pyproject.toml": "[project]\nname = 'member_b'\ndependencies = ['pluggy']\n",
		"ws/libs/local/pyproject.toml": "[project]\nname = 'local-dir'\n",
	}, lockfile.Manifest{
		Path: "ws/libs/local/pyproject.toml", Format: "pyproject.toml", Project: pypi("local-dir", ""), ResolvedBy: "ws/uv.lock",
	}, lockfile.Manifest{
		Path: "ws/packages/b/pyproject.toml", Format: "pyproject.toml", Project: pypi("member-b", ""), ResolvedBy: "ws/uv.lock",
		Uses: []lockfile.Use{{Package: pypi("pluggy", "1.5"), Scope: production, Direct: true, Line: 3}},
	}, lockfile.Manifest{
		Path: "ws/uv.lock", Format: "uv.lock", Lock: true, HasEdges: true, Project: pypi("root", "0.1.0"), ProjectLicence: "MIT",
		Covers: []string{"ws/pyproject.toml", "ws/packages/b/pyproject.toml", "ws/libs/local/pyproject.toml"},
		Notes:  []lockfile.Note{{Reason: "packages of this project, not dependencies: 3"}},
		Uses: []lockfile.Use{
			{Package: pypi("outside", "1.0"), Scope: production, Direct: true, Origin: lockfile.Path, From: "../../outside", Line: 42},
			{Package: pypi("numpy", "1.26.0"), Requirement: ">=1.26", Scope: production, Direct: true, Line: 47},
			{Package: pypi("numpy", "2.0.0"), Requirement: ">=1.26", Scope: production, Direct: true, Line: 52},
			{Package: pypi("forked", "1.0"), Scope: production, Direct: true, Origin: lockfile.Git, From: "https://example.com/forked?rev=main#abc", Line: 57},
			// pluggy asks for pytest, and so everything is for production
			{Package: pypi("orjson", "3.1"), Requirement: ">=3", Scope: production, Direct: true, Origin: lockfile.URL, From: "https://example.com/orjson-3.1.zip", Line: 62},
			{Package: pypi("pytest", "8.0"), Requirement: ">=8", Scope: production, Direct: true, Line: 67, DependsOn: []int{6, 7}},
			{Package: pypi("pluggy", "1.5"), Scope: production, ByMember: true, Line: 73, DependsOn: []int{5}},
			{Package: pypi("iniconfig", "2.0"), Scope: production, Line: 79, DependsOn: []int{4}},
		},
	})
}

const poetryProject = `
[tool.poetry]
name = "app"
version = "2.0"
[tool.poetry.dependencies]
python = "^3.9"
Requests = "^2.0"
lib = { path = "lib", develop = true }
extra = { version = "*", optional = true }
[tool.poetry.group.dev.dependencies]
black = "*"
`

const poetryPackages = `
[[package]]
name = "requests"
version = "2.31.0"
optional = false
GROUP_MAIN
[package.dependencies]
Idna = ">=2.5,<4"
win = {version = "*", markers = "sys_platform == 'win32'"}

[[package]]
name = "idna"
version = "3.4"
GROUP_MAIN

[[package]]
name = "black"
version = "24.1"
GROUP_DEV
[package.dependencies]
click = [
    {version = ">=8", markers = "a"},
    {version = ">=9", markers = "b"},
]

[[package]]
name = "click"
version = "8.1"
GROUP_DEV

[[package]]
name = "extra"
version = "1.0"
optional = true
GROUP_MAIN
[package.source]
type = "git"
url = "https://tok@example.com/extra.git"
reference = "main"
resolved_reference = "abcdef"

[[package]]
name = "lib"
version = "0.1"
GROUP_MAIN
[package.dependencies]
six = "*"
[package.source]
type = "directory"
url = "lib"

[[package]]
name = "six"
version = "1.16"
GROUP_MAIN
`

func TestPoetry(t *testing.T) {
	styles := map[string][2]string{
		"category": {`category = "main"`, `category = "dev"`},
		"groups":   {`groups = ["main", "dev"]`, `groups = ["dev"]`},
		"nothing":  {"", ""},
	}
	for name, style := range styles {
		t.Run(name, func(t *testing.T) {
			check(t, map[string]string{
				"pyproject.toml": poetryProject,
				"poetry.lock":    strings.NewReplacer("GROUP_MAIN", style[0], "GROUP_DEV", style[1]).Replace(poetryPackages),
			}, lockfile.Manifest{
				Path: "poetry.lock", Format: "poetry.lock", Lock: true, HasEdges: true, Project: pypi("app", "2.0"), Covers: []string{"pyproject.toml"},
				Notes: []lockfile.Note{{Reason: "packages of this project, not dependencies: 1"}},
				Uses: []lockfile.Use{
					{Package: pypi("requests", "2.31.0"), Requirement: "^2.0", Scope: production, Direct: true, Line: 2, DependsOn: []int{1}},
					{Package: pypi("idna", "3.4"), Scope: production, Line: 11},
					{Package: pypi("black", "24.1"), Requirement: "*", Scope: development, Direct: true, Line: 16, DependsOn: []int{3}},
					{Package: pypi("click", "8.1"), Scope: development, Line: 26},
					{Package: pypi("extra", "1.0"), Requirement: "*", Scope: optional, Direct: true, Origin: lockfile.Git, From: "https://example.com/extra.git#abcdef", Line: 31},
					{Package: pypi("six", "1.16"), Scope: production, Direct: true, Line: 52},
				},
			})
		})
	}
}

func TestPoetryWithoutProject(t *testing.T) {
	check(t, map[string]string{
		"poetry.lock": "[[package]]\nname = \"a\"\nversion = \"1\"\n[package.dependencies]\nb = \"*\"\n\n[[package]]\nname = \"b\"\nversion = \"2\"\n",
	}, lockfile.Manifest{
		Path: "poetry.lock", Format: "poetry.lock", Lock: true, HasEdges: true,
		Notes: []lockfile.Note{{Reason: "no pyproject.toml is read with this lock: packages that no other needs are taken for direct ones"}},
		Uses: []lockfile.Use{
			{Package: pypi("a", "1"), Scope: production, Direct: true, Line: 1, DependsOn: []int{1}},
			{Package: pypi("b", "2"), Scope: production, Line: 7},
		},
	})
}

func TestPDM(t *testing.T) {
	check(t, map[string]string{
		"pyproject.toml": "[project]\nname = 'app'\ndependencies = ['uvicorn[standard]>=0.2']\noptional-dependencies.speed = ['orjson']\n[dependency-groups]\ntest = ['pytest']\n",
		"pdm.lock": `[metadata]
groups = ["default", "test", "speed"]

[[package]]
name = "uvicorn"
version = "0.20"
groups = ["default"]
dependencies = ["click>=7", "h11>=0.8; python_version > '3'"]

[[package]]
name = "uvicorn"
version = "0.20"
extras = ["standard"]
groups = ["default"]
dependencies = ["uvicorn==0.20", "httptools>=0.5"]

[[package]]
name = "click"
version = "8.1"
groups = ["default", "test"]

[[package]]
name = "httptools"
version = "0.6"
groups = ["default"]

[[package]]
name = "orjson"
version = "3.0"
git = "https://example.com/orjson.git"
ref = "main"
revision = "abc"
groups = ["speed"]

[[package]]
name = "pytest"
version = "8.0"
groups = ["test"]
`,
	}, lockfile.Manifest{
		Path: "pdm.lock", Format: "pdm.lock", Lock: true, HasEdges: true, Project: pypi("app", ""), Covers: []string{"pyproject.toml"},
		Uses: []lockfile.Use{
			{Package: pypi("uvicorn", "0.20"), Requirement: ">=0.2", Scope: production, Direct: true, Line: 4, DependsOn: []int{1, 2}},
			{Package: pypi("click", "8.1"), Scope: production, Line: 17},
			{Package: pypi("httptools", "0.6"), Scope: production, Line: 22},
			{Package: pypi("orjson", "3.0"), Scope: optional, Direct: true, Origin: lockfile.Git, From: "https://example.com/orjson.git#abc", Line: 27},
			{Package: pypi("pytest", "8.0"), Scope: test, Direct: true, Line: 35},
		},
	})
}

func TestPylock(t *testing.T) {
	check(t, map[string]string{
		"pylock.prod.toml": `lock-version = "1.0"
[[packages]]
name = "attrs"
version = "25.1.0"
wheels = [{ name = "attrs-25.1.0-py3-none-any.whl", url = "https://example.com/a.whl", hashes = { sha256 = "aa" } }]
[[packages]]
name = "cattrs"
version = "24.1.2"
dependencies = [{ name = "attrs" }]
[[packages]]
name = "forked"
vcs = { type = "git", url = "https://tok@example.com/forked", commit-id = "abc" }
[[packages]]
name = "app"
directory = { path = ".", editable = true }
`,
	}, lockfile.Manifest{
		Path: "pylock.prod.toml", Format: "pylock.toml", Lock: true, HasEdges: true,
		Notes: []lockfile.Note{
			{Reason: "no pyproject.toml is read with this lock: packages that no other needs are taken for direct ones"},
			{Reason: "packages of this project, not dependencies: 1"},
		},
		Uses: []lockfile.Use{
			{Package: pypi("attrs", "25.1.0"), Scope: production, Line: 2},
			{Package: pypi("cattrs", "24.1.2"), Scope: production, Direct: true, Line: 6, DependsOn: []int{0}},
			{Package: pypi("forked", ""), Scope: production, Direct: true, Origin: lockfile.Git, From: "https://example.com/forked#abc", Line: 10},
		},
	})
}

func TestPipfile(t *testing.T) {
	pipfile := `[[source]]
url = "https://user:pw@example.com/simple"
[packages]
requests = ">=2"
Django = {version = "==5.0", extras = ["bcrypt"]}
forked = {git = "https://tok@example.com/forked.git", ref = "main"}
me = {editable = true, path = "."}
[dev-packages]
pytest = "*"
[requires]
python_version = "3.12"
`
	check(t, map[string]string{
		"a/Pipfile": pipfile,
		"a/Pipfile.lock": `{
  "_meta": {"hash": {"sha256": "x"}, "sources": [{"name": "pypi"}]},
  "default": {
    "django": {
      "hashes": ["sha256:aa"],
      "version": "==5.0"
    },
    "forked": {"git": "https://tok@example.com/forked.git", "ref": "abcdef"},
    "idna": {"version": "==3.4"},
    "me": {"editable": true, "path": "."},
    "requests": {"version": "==2.31.0"}
  },
  "develop": {
    "idna": {"version": "==3.4"},
    "pytest": {"version": "==8.0"}
  }
}`,
		"b/Pipfile": pipfile,
	}, lockfile.Manifest{
		Path: "a/Pipfile.lock", Format: "Pipfile.lock", Lock: true, Covers: []string{"a/Pipfile"},
		Notes: []lockfile.Note{{Reason: "packages of this project, not dependencies: 1"}},
		Uses: []lockfile.Use{
			{Package: pypi("django", "5.0"), Requirement: "==5.0", Scope: production, Direct: true, Line: 4},
			{Package: pypi("forked", ""), Scope: production, Direct: true, Origin: lockfile.Git, From: "https://example.com/forked.git#abcdef", Line: 8},
			{Package: pypi("idna", "3.4"), Scope: production, Line: 9},
			{Package: pypi("requests", "2.31.0"), Requirement: ">=2", Scope: production, Direct: true, Line: 11},
			{Package: pypi("pytest", "8.0"), Requirement: "*", Scope: development, Direct: true, Line: 15},
		},
	}, lockfile.Manifest{
		Path: "b/Pipfile", Format: "Pipfile",
		Unresolved: "no Pipfile.lock covers this file: transitive dependencies are unknown; commit what \"pipenv lock\" writes",
		Notes:      []lockfile.Note{{Reason: "packages of this project, not dependencies: 1"}},
		Uses: []lockfile.Use{
			{Package: pypi("requests", ""), Requirement: ">=2", Scope: production, Direct: true, Line: 4},
			{Package: pypi("django", "5.0"), Requirement: "==5.0", Scope: production, Direct: true, Line: 5},
			{Package: pypi("forked", ""), Scope: production, Direct: true, Origin: lockfile.Git, From: "https://example.com/forked.git#main", Line: 6},
			{Package: pypi("pytest", ""), Requirement: "*", Scope: development, Direct: true, Line: 9},
		},
	})
}
