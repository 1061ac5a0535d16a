package python

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/format/lockfile"
)

const setupProgram = `#!/usr/bin/env python
"""setup(install_requires=["no"])"""
from setuptools import find_packages, setup

def read(name):
    install_requires = ["not-this"]
    return open(name).read()

base: list[str] = [
    "alpha>=1.2,<2",  # why
    "beta[x,y] == 2.0; python_version >= '3.8'",
]
tests = ("pytest" ">=7", 'cov')
NEWER = "3.1"
if sys.version_info < (3, 8):
    base.append("backport")
    base += ["typing-extensions"]
else:
    tests = ["tox"]
extras = {"cli": ["click~=8.0"], ":python_version<'3'": ["old"], "tests": tests}
extras["all"] = extras["cli"] + ["extra-more"]
meta = dict(license="MIT", version="1" + ".0")

setup(
    name="shop", **meta,
    packages=find_packages(exclude=["tests*"]),
    install_requires=base + ["gamma @ git+https://example.org/gamma.git"],
    setup_requires="wheel",
    tests_require=tests + [f"computed=={NEWER}"],
    extras_require=extras,
    classifiers=["A :: B"],
)
`

func TestSetupPy(t *testing.T) {
	unresolved := "no lock covers this file: transitive dependencies are unknown, and versions where a range is declared"
	computed := "setup.py is a program and is not run: dependencies that it computes are unknown; declare them in pyproject.toml"
	check(t, map[string]string{"setup.py": setupProgram}, lockfile.Manifest{
		Path: "setup.py", Format: "setup.py", Project: pypi("shop", "1.0"), ProjectLicence: "MIT", Unresolved: unresolved + "; " + computed,
		Uses: []lockfile.Use{
			{Package: pypi("alpha", ""), Requirement: ">=1.2,<2", Scope: production, Direct: true, Line: 10},
			{Package: pypi("beta", "2.0"), Requirement: "==2.0", Scope: production, Direct: true, Line: 11},
			{Package: pypi("backport", ""), Scope: production, Direct: true, Line: 16},
			{Package: pypi("typing-extensions", ""), Scope: production, Direct: true, Line: 17},
			{Package: pypi("gamma", ""), Scope: production, Direct: true, Line: 27, Origin: lockfile.Git, From: "https://example.org/gamma.git"},
			{Package: pypi("wheel", ""), Scope: development, Direct: true, Line: 28},
			{Package: pypi("tox", ""), Scope: test, Direct: true, Line: 19},
			{Package: pypi("pytest", ""), Requirement: ">=7", Scope: test, Direct: true, Line: 13},
			{Package: pypi("cov", ""), Scope: test, Direct: true, Line: 13},
			{Package: pypi("click", ""), Requirement: "~=8.0", Scope: optional, Direct: true, Line: 20},
			{Package: pypi("old", ""), Scope: production, Direct: true, Line: 20},
			{Package: pypi("extra-more", ""), Scope: optional, Direct: true, Line: 21},
		},
	})

	one := func(program string) string {
		manifests, failures := Reader().Read(treeOf(map[string]string{"setup.py": program}))
		var out []string
		for _, f := range failures {
			out = append(out, f.Error())
		}
		for _, m := range manifests {
			for _, u := range m.Uses {
				out = append(out, u.Package.Name+u.Requirement+"|"+string(u.Scope))
			}
			if strings.Contains(m.Unresolved, computed) {
				out = append(out, "computed")
			}
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct{ name, program, want string }{
		{"nothing", "setup()", ""},
		{"another program", "print('setup')", ""},
		{"its own function", "def setup(): pass", ""},
		{"lines", "setup(install_requires=\"\"\"\n a>=1\n # no\n b # why\n\"\"\")", "a>=1|production b|production"},
		{"within a function", "def main():\n  setuptools.setup(install_requires=['a'])", "a|production"},
		{"sum of strings", "setup(install_requires=['a' + '>=1', 'b>=%s' % v, 'c' + v])", "a>=1|production computed"},
		{"condition", "setup(install_requires=['a'] if x else ['b'])", "a|production computed"},
		{"comprehension", "setup(install_requires=[l for l in open('r')], extras_require={'dev': ['a'], k: ['b']})", "a|development computed"},
		{"unknown keywords", "setup(**known)", "computed"},
		{"None", "setup(install_requires=None, tests_require=[])", ""},
		{"variables stay apart", "a = ['x']\nb = a\nb += ['y']\na += ['z']\nsetup(install_requires=a)", "x|production z|production"},
		{"splat", "a = ['x']\nsetup(install_requires=[*a, 'y',])", "x|production y|production"},
		{"brackets that do not match", "({ ) )\nx = ]\nsetup(install_requires=['a'}", "a|production computed"},
		{"strings without an end", "a = 'x\nsetup(install_requires=[\"\"\"b", "b|production computed"},
	} {
		if diff := cmp.Diff(c.want, one(c.program)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// TestSetupPyHostile holds that the work stays in bounds: a doubling variable
// would need 2^60 strings, and deep brackets a stack of their depth.
func TestSetupPyHostile(t *testing.T) {
	for name, program := range map[string]string{
		"doubling": "a = ['x']\n" + strings.Repeat("a += a\n", 60) + "setup(install_requires=a)",
		"deep":     "setup(install_requires=" + strings.Repeat("[", 400_000),
		"long":     "setup(install_requires=['x'])" + strings.Repeat(" ", maxProgram),
	} {
		arguments, ok := readProgram(program, "setup")
		computed := arguments.computed
		for _, a := range arguments.entries {
			computed = computed || a.value.computed
			if len(a.value.items) > maxLiterals {
				t.Errorf("%s: %d literals", name, len(a.value.items))
			}
		}
		if !ok || !computed {
			t.Errorf("%s: ok %t, computed %t, want both", name, ok, computed)
		}
	}
}

func FuzzSetupPy(f *testing.F) {
	f.Add(setupProgram)
	f.Add("({ ) )\nx = ]\nsetup(a={'b': [*c, (d,)]}[1:2]")
	f.Fuzz(func(t *testing.T, program string) {
		if manifests, _ := Reader().Read(treeOf(map[string]string{"setup.py": program})); len(manifests) > 1 {
			t.Errorf("%d manifests of one file", len(manifests))
		}
	})
}

// Declarations are counted while they are read, not after.
func TestTooManyDeclarations(t *testing.T) {
	many := strings.Repeat("  a\n", lockfile.MaxUses+1)
	for name, text := range map[string]string{
		"setup.cfg": "[options]\ninstall_requires =\n" + many + "  no requirement !\n",
		"setup.py":  "setup(name='a', install_requires=\"\"\"" + strings.ReplaceAll(many, " ", "") + "\"\"\")\n",
	} {
		manifests, failures := Reader().Read(treeOf(map[string]string{name: text}))
		if len(manifests) > 0 || len(failures) != 1 || !errors.Is(failures[0].Err, lockfile.ErrTooLarge) {
			t.Errorf("%s: %d manifests, failures %v", name, len(manifests), failures)
		}
	}
	seen := 0
	eachINI("[options]\na =\n"+many, func(_, _, _ string, _ int) bool { seen++; return seen < 3 })
	if seen != 3 {
		t.Errorf("%d lines are read after the end was asked for", seen-3)
	}
}
