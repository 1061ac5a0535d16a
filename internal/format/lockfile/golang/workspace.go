package golang

import (
	"fmt"
	"path"

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
