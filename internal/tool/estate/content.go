package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// file is one of the first commit.
type file struct{ path, text string }

// fixed is how many files at the head of contents are not source code: later commits leave them alone.
func (r *repository) fixed() int { return min(r.files, len(r.papers())+r.manifests) }

// papers are the files that describe a repository: a README in nine of ten, owners in six, a licence in half of them.
func (r *repository) papers() []file {
	title := r.path[strings.LastIndexByte(r.path, '/')+1:]
	h := len(r.path) + r.commits + r.files // decides alike whenever it is asked
	var all []file
	if h%10 != 0 {
		all = append(all, file{"README.md", fmt.Sprintf("# %s\n\nWhat team %04d keeps for %s, made to be measured.\n", title, r.team, word(uint64(h)))})
	}
	if h%10 < 6 {
		all = append(all, file{"CODEOWNERS", fmt.Sprintf("* @firm/team-%04d\n", r.team)})
	}
	if h%2 == 0 {
		all = append(all, file{"LICENSE", "SPDX-License-Identifier: Apache-2.0\n"})
	}
	if h%3 == 0 {
		all = append(all, file{"catalog-info.yaml", fmt.Sprintf("apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: %s\nspec:\n  type: service\n  lifecycle: production\n  owner: group:team-%04d\n", title, r.team)})
	}
	if h%4 == 0 {
		all = append(all, file{".github/workflows/build.yml", "on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n"})
	}
	return all
}

// contents are the files of the first commit, papers first, then manifests, then source code.
func (r *repository) contents() []file {
	files := r.papers()
	for i := range r.manifests {
		dir := ""
		if i > 0 {
			dir = fmt.Sprintf("part%03d/", i)
		}
		packages := lognormal(r.rng, 73, 1400, 1, 5000)
		f := r.kind.manifest(r.rng, dir, fmt.Sprintf("%s-%d", word(uint64(i)), i), packages)
		r.packages += packages
		files = append(files, f...)
	}
	for i := len(files); i < r.files; i++ {
		dir := fmt.Sprintf("src/%s/%s/", word(uint64(i/400)), word(uint64(i/20)))
		files = append(files, file{fmt.Sprintf("%s%s%d%s", dir, word(uint64(i)), i, r.kind.extension), sourceText(r.rng, 12)})
	}
	r.files = len(files)
	return files
}

// sourceText is a text of lines that differ, as source code does.
func sourceText(rng *rand.Rand, lines int) string {
	var b strings.Builder
	for range lines {
		fmt.Fprintf(&b, "%s = %s(%s, %d)\n", word(rng.Uint64()), word(rng.Uint64()), word(rng.Uint64()), rng.IntN(1000))
	}
	return b.String()
}

// ecosystem writes manifests of one kind.
type ecosystem struct {
	share     int // of 100 repositories
	extension string
	manifest  func(rng *rand.Rand, dir, name string, packages int) []file
}

var ecosystems = []ecosystem{
	{35, ".js", npm}, {20, ".go", golang}, {20, ".java", maven}, {15, ".py", poetry}, {10, ".rs", cargo},
}

func pick(rng *rand.Rand) ecosystem {
	n := rng.IntN(100)
	for _, e := range ecosystems {
		if n -= e.share; n < 0 {
			return e
		}
	}
	return ecosystems[0]
}

// release is one of a package. A few packages are in nearly everything, most are in a handful, as in real estates.
type release struct{ name, version string }

// releases draws n different packages, in a stable order.
func releases(rng *rand.Rand, n int) []release {
	const universe = 60000
	seen := make(map[int]bool, n)
	all := make([]release, 0, n)
	for len(all) < n {
		p := zipf(rng, universe)
		for seen[p] {
			p = rng.IntN(universe)
		}
		seen[p] = true
		all = append(all, release{fmt.Sprintf("%s-%d", word(uint64(p)*40503), p), fmt.Sprintf("%d.%d.%d", 1+rng.IntN(4), rng.IntN(10), rng.IntN(5))})
	}
	return all
}

func npm(rng *rand.Rand, dir, name string, n int) []file {
	all := releases(rng, n)
	var direct, lock strings.Builder
	for i, p := range all {
		if i < 1+n/8 {
			fmt.Fprintf(&direct, "%s\n    %q: \"^%s\"", comma(i), p.name, p.version)
		}
		fmt.Fprintf(&lock, ",\n    \"node_modules/%s\": {\"version\": %q", p.name, p.version)
		if next := 2*i + 1; next < n {
			fmt.Fprintf(&lock, ", \"dependencies\": {%q: \"*\"}", all[next].name)
		}
		lock.WriteString("}")
	}
	return []file{
		{dir + "package.json", fmt.Sprintf("{\"name\": %q, \"version\": \"1.0.0\", \"license\": \"MIT\", \"dependencies\": {%s}}\n", name, direct.String())},
		{dir + "package-lock.json", fmt.Sprintf("{\"name\": %q, \"version\": \"1.0.0\", \"lockfileVersion\": 3, \"packages\": {\n    \"\": {\"name\": %q, \"dependencies\": {%s}}%s\n}}\n", name, name, direct.String(), lock.String())},
	}
}

func golang(rng *rand.Rand, dir, name string, n int) []file {
	var b strings.Builder
	fmt.Fprintf(&b, "module firm.example/%s\n\ngo 1.26\n\nrequire (\n", name)
	for i, p := range releases(rng, n) {
		indirect := ""
		if i > n/8 {
			indirect = " // indirect"
		}
		fmt.Fprintf(&b, "\tmodules.example/%s v0.%s%s\n", p.name, p.version[2:], indirect)
	}
	b.WriteString(")\n")
	return []file{{dir + "go.mod", b.String()}}
}

func maven(rng *rand.Rand, dir, name string, n int) []file {
	var b strings.Builder
	fmt.Fprintf(&b, "<project><modelVersion>4.0.0</modelVersion><groupId>example.firm</groupId><artifactId>%s</artifactId><version>1.0.0</version>\n<dependencies>\n", name)
	for _, p := range releases(rng, n) {
		fmt.Fprintf(&b, "<dependency><groupId>example.maven</groupId><artifactId>%s</artifactId><version>%s</version></dependency>\n", p.name, p.version)
	}
	b.WriteString("</dependencies></project>\n")
	return []file{{dir + "pom.xml", b.String()}}
}

func poetry(rng *rand.Rand, dir, name string, n int) []file {
	all := releases(rng, n)
	var direct, lock strings.Builder
	for i, p := range all {
		if i < 1+n/8 {
			fmt.Fprintf(&direct, "%s = \"^%s\"\n", p.name, p.version)
		}
		fmt.Fprintf(&lock, "[[package]]\nname = %q\nversion = %q\noptional = false\npython-versions = \"*\"\n", p.name, p.version)
		if next := 2*i + 1; next < n {
			fmt.Fprintf(&lock, "\n[package.dependencies]\n%s = \"*\"\n", all[next].name)
		}
		lock.WriteString("\n")
	}
	return []file{
		{dir + "pyproject.toml", fmt.Sprintf("[tool.poetry]\nname = %q\nversion = \"1.0.0\"\n\n[tool.poetry.dependencies]\n%s", name, direct.String())},
		{dir + "poetry.lock", lock.String() + "[metadata]\nlock-version = \"2.0\"\n"},
	}
}

func cargo(rng *rand.Rand, dir, name string, n int) []file {
	all := releases(rng, n)
	var direct, roots, lock strings.Builder
	for i, p := range all {
		if i < 1+n/8 {
			fmt.Fprintf(&direct, "%s = %q\n", p.name, p.version)
			fmt.Fprintf(&roots, "%s %q", comma(i), p.name)
		}
		fmt.Fprintf(&lock, "\n[[package]]\nname = %q\nversion = %q\nsource = \"registry+https://registry.example/index\"\n", p.name, p.version)
		if next := 2*i + 1; next < n {
			fmt.Fprintf(&lock, "dependencies = [%q]\n", all[next].name)
		}
	}
	return []file{
		{dir + "Cargo.toml", fmt.Sprintf("[package]\nname = %q\nversion = \"1.0.0\"\n\n[dependencies]\n%s", name, direct.String())},
		{dir + "Cargo.lock", fmt.Sprintf("version = 4\n\n[[package]]\nname = %q\nversion = \"1.0.0\"\ndependencies = [%s]\n%s", name, roots.String(), lock.String())},
	}
}

func comma(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}
