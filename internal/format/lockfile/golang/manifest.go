package golang

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	gomodule "golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"steward/internal/format/lockfile"
	"steward/internal/format/purl"
)

// maxNotes bounds the notes of one manifest.
const maxNotes = 20

// manifest says what one module uses. Others are the modules that go.mod alone
// does not name.
func (m *module) manifest(others transitive) (lockfile.Manifest, error) {
	out := lockfile.Manifest{
		Path: m.path, Format: "go.mod", Ecosystem: "golang",
		Lock: m.complete() || others.vendored,
	}
	if name := m.name(); name != "" {
		out.Project = purl.Golang(name, "")
	}
	tools := m.toolModules()
	seen := map[string]bool{}
	var uses lockfile.Collector
	for _, r := range m.required() {
		seen[r.Mod.Path] = true
		if v := others.versions[r.Mod.Path]; v != "" && others.vendored {
			r.Mod.Version = v
		}
		use, note := m.use(r)
		if note != "" {
			out.Notes = append(out.Notes, lockfile.Note{Line: r.Syntax.Start.Line, Reason: note})
			continue
		}
		if tools[r.Mod.Path] && r.Indirect {
			use.Scope, use.Direct = lockfile.Development, true
		}
		uses.Add(use)
	}
	for _, name := range slices.Sorted(maps.Keys(others.versions)) {
		if !seen[name] && name != m.name() {
			use, note := m.use(&modfile.Require{Mod: gomodule.Version{Path: name, Version: others.versions[name]}, Indirect: true})
			if note == "" {
				uses.Add(use)
			}
		}
	}
	var err error
	if out.Uses, err = uses.Uses(); err != nil {
		return out, err
	}
	out.Unresolved = m.unresolved(others)
	if len(out.Notes) > maxNotes {
		left := len(out.Notes) - maxNotes
		out.Notes = append(out.Notes[:maxNotes], lockfile.Note{Reason: fmt.Sprintf("%d more local modules, not dependencies", left)})
	}
	return out, nil
}

// unresolved says why the list is not complete.
func (m *module) unresolved(others transitive) string {
	var why []string
	if len(m.skipped) > 0 {
		why = append(why, fmt.Sprintf("line %d was not understood and is left out", m.skipped[0]))
	}
	switch {
	case m.complete() || others.vendored || len(m.file.Require) == 0:
	case others.versions != nil:
		why = append(why, "go.mod lists all transitive modules only since go 1.17; the others are those of go.sum, which may have some that are not built; run \"go mod tidy -go=1.17\" or later to see which")
	default:
		why = append(why, "go.mod lists all transitive modules only since go 1.17; run \"go mod tidy -go=1.17\" or later, or vendor them, to see the rest")
	}
	return strings.Join(why, "; ")
}

// required returns the requirements, of several of one module the highest
// version, as the go command chooses.
func (m *module) required() []*modfile.Require {
	byPath := map[string]*modfile.Require{}
	var out []*modfile.Require
	for _, r := range m.file.Require {
		had := byPath[r.Mod.Path]
		if had == nil {
			c := *r
			byPath[r.Mod.Path] = &c
			out = append(out, &c)
			continue
		}
		had.Indirect = had.Indirect && r.Indirect
		if semver.Compare(r.Mod.Version, had.Mod.Version) > 0 {
			had.Mod.Version, had.Syntax = r.Mod.Version, r.Syntax
		}
	}
	return out
}

// toolModules returns the required modules that hold the packages of tool
// directives: the longest module path that is a prefix of the package's.
func (m *module) toolModules() map[string]bool {
	if len(m.file.Tool) == 0 {
		return nil
	}
	required := map[string]bool{}
	for _, r := range m.file.Require {
		required[r.Mod.Path] = true
	}
	tools := map[string]bool{}
	for _, t := range m.file.Tool {
		for p := t.Path; p != "." && p != "/" && p != ""; p = path.Dir(p) {
			if p == m.name() {
				break
			}
			if required[p] {
				tools[p] = true
				break
			}
		}
	}
	return tools
}

// use turns one requirement into a use, or into a note why it is none.
func (m *module) use(r *modfile.Require) (lockfile.Use, string) {
	use := lockfile.Use{Scope: lockfile.Production, Direct: !r.Indirect}
	if r.Syntax != nil {
		use.Line = r.Syntax.Start.Line
	}
	if dir, ok := m.siblings[r.Mod.Path]; ok {
		return use, fmt.Sprintf("%s is the workspace module in %s, not a dependency", r.Mod.Path, dir)
	}
	target := r.Mod
	if rep, dir := m.replacement(r.Mod); rep != nil {
		target = rep.New
		if rep.New.Path != r.Mod.Path {
			use.Alias = r.Mod.Path
		}
		if rep.New.Version == "" {
			local, inside := resolve(dir, rep.New.Path)
			if inside {
				return use, fmt.Sprintf("%s is replaced by the local directory %s, not a dependency", r.Mod.Path, local)
			}
			use.Package, use.Alias = purl.Golang(r.Mod.Path, ""), ""
			use.Origin, use.From, use.Requirement = lockfile.Path, local, m.asWritten(r.Mod)
			return use, ""
		}
	}
	use.Package = purl.Golang(target.Path, "")
	if version := m.asWritten(target); pinned(version) && !m.excludes[target] {
		use.Package.Version = version
	} else {
		use.Requirement = version
	}
	return use, ""
}

// asWritten returns the version of a requirement as the file has it.
func (m *module) asWritten(v gomodule.Version) string {
	if strings.HasSuffix(v.Version, unpinned) {
		return m.written[v.Path]
	}
	return v.Version
}

// pinned says whether a version names exactly one release: v1.2.3, a
// pseudo-version, or either with +incompatible; not "v1", "latest" or a branch.
func pinned(version string) bool {
	return gomodule.CanonicalVersion(version) == version
}

// resolve returns the replacement directory from the root of the tree, and
// whether it lies in the tree. Paths outside are returned as written.
func resolve(dir, target string) (string, bool) {
	clean := strings.ReplaceAll(target, `\`, "/")
	if strings.HasPrefix(clean, "/") || len(clean) > 1 && clean[1] == ':' {
		return target, false
	}
	joined := path.Join(dir, clean)
	if joined == ".." || strings.HasPrefix(joined, "../") {
		return target, false
	}
	return joined, true
}
