package golang

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	gomodule "golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"steward/internal/format/lockfile"
)

// module is one go.mod of the tree.
type module struct {
	path      string // of the go.mod
	file      *modfile.File
	skipped   []int             // lines that were not understood
	written   map[string]string // module path → version as written, where that is no version
	workspace *modfile.WorkFile // the go.work that uses it, if any
	workDir   string            // where that go.work is
	siblings  map[string]string // module path → directory, of the same workspace

	replaces, workReplaces map[string][]*modfile.Replace // by the path they replace
	excludes               map[gomodule.Version]bool
}

// name is the module path, empty when the file does not say.
func (m *module) name() string {
	if m.file.Module == nil {
		return ""
	}
	return m.file.Module.Mod.Path
}

// complete says whether go.mod lists the transitive modules too, which the go
// command does since "go 1.17". A file without a go line is read as go 1.16.
func (m *module) complete() bool {
	return m.file.Go != nil && semver.Compare("v"+goRelease(m.file.Go.Version), "v1.17") >= 0
}

// goRelease cuts "1.21rc1" down to "1.21", which compares as a version.
func goRelease(v string) string {
	return strings.TrimRight(strings.FieldsFunc(v, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })[0], ".")
}

// parseModule reads one go.mod. Lines that do not parse are blanked out and
// named in a Failure; the rest is read. The module is nil when nothing is left.
func parseModule(files lockfile.Files, p string) (*module, []lockfile.Failure) {
	b, failure := load(files, p)
	if failure != nil {
		return nil, []lockfile.Failure{*failure}
	}
	m := &module{path: p, written: map[string]string{}}
	var failures []lockfile.Failure
	for range maxRepairs {
		f, err := modfile.Parse(p, b, m.fixVersion)
		if err == nil {
			m.file = f
			m.index()
			return m, failures
		}
		lines := append(badLines(err), 0)
		failures = append(failures, lockfile.Failure{Path: p, Line: lines[0], Err: fmt.Errorf("%w: %w", lockfile.ErrSyntax, cause(err))})
		if !blank(b, lines) {
			return nil, failures
		}
		m.skipped = append(m.skipped, lines...)
	}
	return nil, failures
}

// index prepares the look-ups of replacements and exclusions.
func (m *module) index() {
	m.replaces = byPath(m.file.Replace)
	m.excludes = map[gomodule.Version]bool{}
	for _, x := range m.file.Exclude {
		m.excludes[x.Mod] = true
	}
}

// maxBytes bounds a go.mod or go.work: the parser needs up to 200 times as
// much memory, and real files have a tenth of it at most.
const maxBytes = 4 << 20

// maxRepairs bounds the attempts to read round bad lines: one finds errors of
// grammar, one those of meaning, and a third shows that none is left.
const maxRepairs = 8

// unpinned ends the version that stands in for a branch, a commit or "v1".
const unpinned = ".0.0-unpinned"

// fixVersion gives the parser a version that it accepts for what the go
// command would look up: a branch, a commit, or a version cut short. It also
// adds the +incompatible that older go commands did not write.
func (m *module) fixVersion(modulePath, version string) (string, error) {
	if version == "" {
		return "", errors.New("version is missing")
	}
	_, major, _ := gomodule.SplitPathVersion(modulePath)
	if pinned(version) {
		if major == "" && gomodule.CheckPathMajor(version, major) != nil {
			version += "+incompatible"
		}
		return version, nil
	}
	m.written[modulePath] = version
	if prefix := gomodule.PathMajorPrefix(major); prefix != "" {
		return prefix + unpinned, nil
	}
	return "v0" + unpinned, nil
}

// load reads the file as text of its own, which parseModule may change.
func load(files lockfile.Files, p string) ([]byte, *lockfile.Failure) {
	b, err := files.ReadFile(p)
	if err == nil && len(b) > maxBytes {
		err = lockfile.ErrTooLarge
	}
	if err == nil {
		b, err = lockfile.Text(b)
	}
	if err != nil {
		f := lockfile.Fail(p, err)
		return nil, &f
	}
	return bytes.Clone(b), nil
}

// cause is the first error of a list, without the file and line that the
// Failure names already.
func cause(err error) error {
	var list modfile.ErrorList
	if errors.As(err, &list) && len(list) > 0 {
		return list[0].Err
	}
	return err
}

func badLines(err error) []int {
	var list modfile.ErrorList
	if !errors.As(err, &list) {
		return nil
	}
	var lines []int
	for _, e := range list {
		if e.Pos.Line > 0 && (len(lines) == 0 || lines[len(lines)-1] != e.Pos.Line) {
			lines = append(lines, e.Pos.Line)
		}
	}
	return lines
}

// blocks are those that a file is worth nothing without.
var blocks = []string{"require", "replace", "exclude", "use"}

// blank overwrites the lines with spaces, a whole block when its first line is
// named, and says whether that left something to read.
func blank(b []byte, lines []int) bool {
	bad := map[int]bool{}
	for _, l := range lines {
		bad[l] = true
	}
	changed, inBlock := false, false
	for n, rest := 1, b; len(rest) > 0; n++ {
		line := rest
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			line, rest = rest[:i], rest[i+1:]
		} else {
			rest = nil
		}
		text := bytes.TrimSpace(line)
		if bad[n] || inBlock {
			if bad[n] && bytes.HasSuffix(text, []byte("(")) {
				if verb, _, _ := bytes.Cut(text, []byte(" ")); slices.Contains(blocks, string(verb)) {
					return false
				}
				inBlock = true
			}
			if len(text) > 0 && text[0] == ')' {
				inBlock = false
			}
			changed = changed || len(text) > 0
			for i := range line {
				line[i] = ' '
			}
		}
	}
	return changed
}

// replacement returns what the go command puts in the place of a module: the
// workspace's replacement wins over the module's own, one for the exact
// version over one for all. Dir is where a relative path starts.
func (m *module) replacement(v gomodule.Version) (r *modfile.Replace, dir string) {
	if m.workspace != nil {
		if r := match(m.workReplaces[v.Path], v); r != nil {
			return r, m.workDir
		}
	}
	return match(m.replaces[v.Path], v), path.Dir(m.path)
}

// byPath sorts replacements by the module that they replace.
func byPath(all []*modfile.Replace) map[string][]*modfile.Replace {
	out := map[string][]*modfile.Replace{}
	for _, r := range all {
		if len(out[r.Old.Path]) < maxReplaces {
			out[r.Old.Path] = append(out[r.Old.Path], r)
		}
	}
	return out
}

// maxReplaces bounds the replacements of one module, one for each version.
const maxReplaces = 100

// match finds the replacement of v among those of its path.
func match(all []*modfile.Replace, v gomodule.Version) *modfile.Replace {
	var found *modfile.Replace
	for _, r := range all {
		if r.Old.Version == v.Version {
			return r
		}
		if r.Old.Version == "" {
			found = r
		}
	}
	return found
}
