package layout

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Kind is the way in which a repository lies in a directory.
type Kind string

// The kinds that Discover tells apart.
const (
	WorkTree Kind = "work tree" // with its own .git directory
	Bare     Kind = "bare"      // without a work tree
	Linked   Kind = "linked"    // a linked worktree whose repository lies elsewhere
	Separate Kind = "separate"  // its .git is a file or link that points to the git directory
	Broken   Kind = "broken"    // it calls itself a repository and cannot be opened
)

// Location is a repository that Discover found, or a place that it could not
// look into.
type Location struct {
	Path      string // absolute; symbolic links in the root are resolved
	Kind      Kind
	CommonDir string // the git directory that all worktrees of the repository share
	Inside    string // the work tree that Path lies in; empty for most
	Err       error  // why Path could not be read; then CommonDir is empty, and Kind too where nothing calls itself a repository
}

// maxDepth is how many directories deep Discover goes.
const maxDepth = 128

// Discover walks root and calls found with every repository: work trees, bare
// repositories, and repositories of which only a linked worktree lies under
// root. Each repository comes once, whatever the number of its worktrees.
// Submodules belong to their superproject unless they have a .git directory of
// their own. Symbolic links below root are not followed; .git, node_modules and
// bare repositories are not entered. A place that cannot be read comes as a
// Location with Err and the walk goes on. The error of found ends the walk and
// is returned as it is; otherwise only a root that cannot be read and the end
// of ctx are errors.
func Discover(ctx context.Context, root string, found func(Location) error) error {
	abs, err := filepath.Abs(root)
	if err == nil {
		abs, err = filepath.EvalSymlinks(abs)
	}
	if err != nil {
		return fmt.Errorf("look for repositories in %q: %w", root, Reason(err))
	}
	w := walker{ctx: ctx, root: abs, found: found, seen: map[string]bool{}}
	entries, err := os.ReadDir(abs)
	if err != nil {
		return fmt.Errorf("look for repositories in %q: %w", root, Reason(err))
	}
	if err := w.walk(abs, entries, "", 0); err != nil {
		return err
	}
	// Worktrees count only where their repository was not met itself.
	for _, l := range w.linked {
		if err := w.report(l); err != nil {
			return err
		}
	}
	return nil
}

type walker struct {
	ctx    context.Context
	root   string
	found  func(Location) error
	seen   map[string]bool // common directories that were reported
	linked []Location
}

func (w *walker) report(l Location) error {
	if l.Err == nil {
		if w.seen[l.CommonDir] {
			return nil
		}
		w.seen[l.CommonDir] = true
	}
	return w.found(l)
}

// walk looks at one directory and goes down. inside is the work tree around it.
func (w *walker) walk(dir string, entries []os.DirEntry, inside string, depth int) error {
	if err := w.ctx.Err(); err != nil {
		return fmt.Errorf("look for repositories in %q: %w", w.root, err)
	}
	l, descend := w.look(dir, entries, inside)
	switch {
	case l == nil:
	case l.Kind == Linked:
		w.linked = append(w.linked, *l)
	default:
		if err := w.report(*l); err != nil {
			return err
		}
	}
	if !descend {
		return nil
	}
	if l != nil && l.Err == nil {
		inside = dir
	}
	for _, e := range entries {
		if !e.IsDir() || e.Name() == ".git" || e.Name() == "node_modules" {
			continue
		}
		sub := filepath.Join(dir, e.Name())
		below, err := []os.DirEntry(nil), error(nil)
		if depth >= maxDepth {
			err = fmt.Errorf("deeper than %d directories: %w", maxDepth, ErrTooLarge)
		} else {
			below, err = os.ReadDir(sub)
		}
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				continue // deleted meanwhile
			}
			if err := w.report(Location{Path: sub, Inside: inside, Err: Reason(err)}); err != nil {
				return err
			}
		}
		if err := w.walk(sub, below, inside, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// look decides what a directory is; nil when it is nothing special.
func (w *walker) look(dir string, entries []os.DirEntry, inside string) (l *Location, descend bool) {
	var dot fs.DirEntry
	marks := 0
	for _, e := range entries {
		switch e.Name() {
		case ".git":
			dot = e
		case "HEAD", "objects", "refs":
			marks++
		}
	}
	if dot == nil && marks < 3 {
		return nil, true
	}
	p, err := locate(dir, []string{w.root})
	switch {
	case errors.Is(err, ErrNotRepository):
		// Something that is only called so, or a .git that was cut short.
		if dot != nil && !(dot.IsDir() && emptyDir(filepath.Join(dir, ".git"))) {
			return &Location{Path: dir, Kind: Broken, Inside: inside, Err: err}, true
		}
		return nil, true
	case err != nil:
		return &Location{Path: dir, Kind: Broken, Inside: inside, Err: err}, true
	case p.sub && dir != w.root && strings.Contains(p.gitDir, string(filepath.Separator)+"modules"+string(filepath.Separator)):
		return nil, true
	}
	l = &Location{Path: dir, Kind: WorkTree, CommonDir: p.common, Inside: inside}
	switch {
	case dot == nil:
		l.Kind = Bare
	case p.linked:
		l.Kind = Linked
	case !dot.IsDir():
		l.Kind = Separate
	}
	return l, l.Kind != Bare
}

func emptyDir(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && len(entries) == 0
}
