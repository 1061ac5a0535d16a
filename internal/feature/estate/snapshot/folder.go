package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/platform/gitrepo"
)

// maxEntries is how many files of one folder or tree are looked at.
const maxEntries = 2_000_000

// folderContent reads files as they lie, never through a symbolic link.
type folderContent struct{ root *os.Root }

func (c folderContent) read(e Entry, limit int64) ([]byte, error) {
	f, err := c.root.Open(filepath.FromSlash(e.Path))
	if err != nil {
		return nil, fmt.Errorf("read %q: %w", e.Path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read %q: %w", e.Path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read %q: not a plain file", e.Path)
	}
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read %q: %w", e.Path, err)
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("read %q: %w: it grew past %d bytes", e.Path, lockfile.ErrTooLarge, limit)
	}
	return b, nil
}

// Problem is a place of a folder that is not in the snapshot, and why.
type Problem struct {
	Path   string
	Reason string // for people, lower case first
	Failed bool   // it could not be looked at; else it was left out on purpose
}

// OpenFolder lists a folder as it lies, without .git and what package managers
// put there; of a git work tree only what git tracks or would track. The
// returned function ends the reading of its content.
func OpenFolder(ctx context.Context, dir, name string, repo *gitrepo.Repo) (*Snapshot, []Problem, func() error, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("open folder %q: %w", dir, err)
	}
	s := &Snapshot{life: ctx, Repository: name, content: folderContent{root}}
	var problems []Problem
	if repo != nil && !repo.Bare() && repo.Path() == dir {
		problems, err = s.listTracked(ctx, root, repo)
	} else {
		problems, err = s.walk(ctx, root)
	}
	if err != nil {
		return nil, nil, nil, errors.Join(fmt.Errorf("list folder %q: %w", dir, err), root.Close())
	}
	sort.Slice(s.entries, func(i, j int) bool { return s.entries[i].Path < s.entries[j].Path })
	s.entries = slices.CompactFunc(s.entries, func(a, b Entry) bool { return a.Path == b.Path })
	return s, problems, root.Close, nil
}

// listTracked takes the entries from git; what was deleted since is no entry.
func (s *Snapshot) listTracked(ctx context.Context, root *os.Root, repo *gitrepo.Repo) ([]Problem, error) {
	paths, err := repo.WorkFiles(ctx)
	if err != nil {
		return nil, err
	}
	var problems []Problem
	for _, p := range paths {
		if strings.HasSuffix(p, "/") { // a repository inside this one
			problems = append(problems, Problem{Path: p, Reason: "a repository of its own; scan it by its own path"})
			continue
		}
		info, err := root.Lstat(filepath.FromSlash(p))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			problems = append(problems, Problem{Path: p, Reason: "could not be looked at: " + Plain(err), Failed: true})
		default:
			s.add(p, info)
		}
	}
	return problems, nil
}

// walk takes the entries from the folder itself.
func (s *Snapshot) walk(ctx context.Context, root *os.Root) ([]Problem, error) {
	var problems []Problem
	err := fs.WalkDir(root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			problems = append(problems, Problem{Path: p, Reason: "could not be listed: " + Plain(err), Failed: true})
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.Name() == ".git" || (d.IsDir() && slices.Contains(installed, d.Name())):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		case len(s.entries) >= maxEntries:
			return fmt.Errorf("more than %d files: name a smaller folder", maxEntries)
		}
		info, err := d.Info()
		if err == nil {
			s.add(p, info)
		}
		return nil
	})
	return problems, err
}

// installed are folders that package managers fill.
var installed = []string{"node_modules", ".venv", "venv", "__pycache__", ".tox", ".gradle"}

// add takes plain files and symbolic links, and nothing else.
func (s *Snapshot) add(p string, info fs.FileInfo) {
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		s.entries = append(s.entries, Entry{Path: p, Mode: Symlink})
	case info.Mode().IsRegular() && info.Mode()&0o111 != 0:
		s.entries = append(s.entries, Entry{Path: p, Mode: Executable, Size: info.Size()})
	case info.Mode().IsRegular():
		s.entries = append(s.entries, Entry{Path: p, Mode: File, Size: info.Size()})
	}
}

// Plain says an operating system error without the path, which the caller has.
func Plain(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
