package golang

import (
	"bufio"
	"bytes"
	"fmt"
	"path"
	"strings"

	"golang.org/x/mod/modfile"

	"steward/internal/format/lockfile"
)

// readWorkspace reads one go.work and tells its modules about each other. The
// manifest has no uses of its own: they are those of the modules.
func (t *tree) readWorkspace(files lockfile.Files, p string) (*lockfile.Manifest, []lockfile.Failure) {
	b, failure := load(files, p)
	if failure != nil {
		return nil, []lockfile.Failure{*failure}
	}
	w, err := modfile.ParseWork(p, b, (&module{written: map[string]string{}}).fixVersion)
	if err != nil {
		f := lockfile.Failure{Path: p, Err: fmt.Errorf("%w: %w", lockfile.ErrSyntax, cause(err))}
		if lines := badLines(err); len(lines) > 0 {
			f.Line = lines[0]
		}
		return nil, []lockfile.Failure{f}
	}
	out := &lockfile.Manifest{Path: p, Format: "go.work", Ecosystem: "golang"}
	siblings := map[string]string{}
	var members []*module
	for _, u := range w.Use {
		dir, inside := resolve(path.Dir(p), u.Path)
		m := t.modules[dir]
		if !inside || m == nil {
			if len(out.Notes) < maxNotes {
				out.Notes = append(out.Notes, lockfile.Note{Line: u.Syntax.Start.Line, Reason: fmt.Sprintf("no module is read from %s", u.Path)})
			}
			continue
		}
		members = append(members, m)
		siblings[m.name()] = dir
	}
	replaces := byPath(w.Replace)
	for _, m := range members {
		if m.workspace == nil {
			m.workReplaces = replaces
			m.workspace, m.workDir, m.siblings = w, path.Dir(p), siblings
		}
	}
	out.Notes = append(out.Notes, lockfile.Note{Reason: fmt.Sprintf("a workspace of %d modules; its dependencies are those of their go.mod files", len(members))})
	return out, nil
}

// readVendored reads vendor/modules.txt: "# path version", or with a
// replacement "# path version => path [version]". It returns the required
// version of each module; replacements are in go.mod as well.
func readVendored(files lockfile.Files, p string) (map[string]string, error) {
	b, err := files.ReadFile(p)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		line, ok := strings.CutPrefix(lines.Text(), "# ")
		if !ok {
			continue
		}
		words := strings.Fields(line)
		if len(words) >= 2 && words[1] != "=>" && pinned(words[1]) {
			out[words[0]] = words[1]
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", lockfile.ErrSyntax, err)
	}
	return out, nil
}
