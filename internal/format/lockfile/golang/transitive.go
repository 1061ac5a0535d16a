package golang

import (
	"bufio"
	"bytes"
	"fmt"
	"path"
	"strings"

	"golang.org/x/mod/semver"

	"steward/internal/format/lockfile"
)

// transitive is what other files say of the modules that a go.mod below Go
// 1.17 does not name.
type transitive struct {
	versions map[string]string // by module path
	vendored bool              // the versions are those that build, of required modules too
}

// transitive reads vendor/modules.txt, else go.sum, of a module whose go.mod
// is not complete. List names the file that failed.
func (t *tree) transitive(files lockfile.Files, dir string, m *module) (found transitive, list string, err error) {
	if m.complete() {
		return found, "", nil
	}
	if list = path.Join(dir, "vendor/modules.txt"); t.lists[list] {
		found.versions, err = readList(files, list, vendoredModule)
		found.vendored = found.versions != nil
		return found, list, err
	}
	if list = path.Join(dir, "go.sum"); t.lists[list] {
		found.versions, err = readList(files, list, summedModule)
	}
	return found, list, err
}

// readList returns the highest version of each module that a file lists.
func readList(files lockfile.Files, p string, module func(line string) (name, version string)) (map[string]string, error) {
	b, err := files.ReadFile(p)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		name, version := module(lines.Text())
		if name != "" && pinned(version) && (out[name] == "" || semver.Compare(version, out[name]) > 0) {
			out[name] = version
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", lockfile.ErrSyntax, err)
	}
	return out, nil
}

// vendoredModule reads "# module version" of vendor/modules.txt.
func vendoredModule(line string) (name, version string) {
	rest, ok := strings.CutPrefix(line, "# ")
	if words := strings.Fields(rest); ok && len(words) >= 2 && words[1] != "=>" {
		return words[0], words[1]
	}
	return "", ""
}

// summedModule reads "module version h1:..." of go.sum; the version of a
// go.mod alone ends in "/go.mod" and is none.
func summedModule(line string) (name, version string) {
	if words := strings.Fields(line); len(words) == 3 && strings.HasPrefix(words[2], "h1:") {
		return words[0], words[1]
	}
	return "", ""
}
