package layout

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"steward/internal/platform/fault"
)

// maxPointer is the longest .git, commondir or gitdir file that is read, in bytes.
const maxPointer = 8 << 10

// place is where the parts of one repository lie; all paths are absolute and
// free of symbolic links.
type place struct {
	path    string   // work tree, or the bare repository
	gitDir  string   // has HEAD
	common  string   // has config, refs, packed-refs, shallow; equals gitDir except in linked worktrees
	objects string   // the object directory
	bare    bool     // path has no work tree
	linked  bool     // a linked worktree
	sub     bool     // a submodule whose git directory lies in its superproject's
	allowed []string // directories under which files may be read
}

// locate finds the git directory of path and checks that every step stays in
// the repository, under roots, or is confirmed by the other side. Layout:
// gitrepository-layout(5).
func locate(path string, roots []string) (place, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return place{}, err
	}
	if abs, err = filepath.EvalSymlinks(abs); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return place{}, fmt.Errorf("%w: %w", ErrNotRepository, Reason(err))
		}
		return place{}, Reason(err)
	}
	p := place{path: abs, allowed: []string{abs}}
	for _, root := range roots {
		if real, err := filepath.Abs(root); err == nil {
			if real, err = filepath.EvalSymlinks(real); err == nil {
				p.allowed = append(p.allowed, real)
			}
		}
	}
	if err := p.findGitDir(); err != nil {
		return place{}, err
	}
	if err := p.findCommon(); err != nil {
		return place{}, err
	}
	p.allowed = append(p.allowed, p.gitDir, p.common)
	if p.objects, err = p.resolve(filepath.Join(p.common, "objects")); err != nil {
		return place{}, fmt.Errorf("object directory: %w", err)
	}
	return p, nil
}

func (p *place) findGitDir() error {
	dot := filepath.Join(p.path, ".git")
	info, err := os.Lstat(dot)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if !isGitDir(p.path) {
			return ErrNotRepository
		}
		// A .git directory opened by its own path has its work tree beside it.
		p.gitDir, p.bare = p.path, filepath.Base(p.path) != ".git"
		return nil
	case err != nil:
		return Reason(err)
	case info.IsDir():
		p.gitDir = dot
	case info.Mode()&fs.ModeSymlink != 0:
		if p.gitDir, err = filepath.EvalSymlinks(dot); errors.Is(err, fs.ErrPermission) {
			return Reason(err)
		} else if err != nil {
			return fmt.Errorf(".git is a link that leads nowhere: %w", ErrNotRepository)
		}
	default:
		data, err := p.readFile(dot, maxPointer)
		if err != nil {
			return err
		}
		to, ok := strings.CutPrefix(strings.TrimRight(string(data), "\r\n"), "gitdir:")
		if !ok {
			return fmt.Errorf("the file .git names no directory: %w", ErrNotRepository)
		}
		if p.gitDir, err = resolveFrom(p.path, strings.TrimSpace(to)); err != nil {
			return err
		}
	}
	if _, err := os.Lstat(filepath.Join(p.gitDir, "HEAD")); errors.Is(err, fs.ErrPermission) {
		return Reason(err)
	}
	if !isGitDir(p.gitDir) {
		return fmt.Errorf(".git has no HEAD, objects or refs: %w", ErrNotRepository)
	}
	p.linked, p.sub = p.pointsBack()
	if !p.linked && !p.sub && !p.inside(p.gitDir) {
		return fmt.Errorf("git directory %q: %w; open that directory itself or allow its root", p.gitDir, ErrOutside)
	}
	return nil
}

// findCommon follows the commondir file, which only a directory below
// <common>/worktrees may have, or one that stays inside.
func (p *place) findCommon() error {
	p.common = p.gitDir
	q := p.withAllowed(p.gitDir)
	data, err := q.readFile(filepath.Join(p.gitDir, "commondir"), maxPointer)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("commondir: %w", err)
	}
	common, err := resolveFrom(p.gitDir, strings.TrimRight(string(data), "\r\n"))
	if err != nil {
		return fmt.Errorf("commondir: %w", err)
	}
	if filepath.Dir(filepath.Dir(p.gitDir)) != common && !p.inside(common) {
		return fmt.Errorf("commondir %q: %w", common, ErrOutside)
	}
	if !isGitDir(common) {
		return fmt.Errorf("commondir has no HEAD, objects or refs: %w", ErrNotRepository)
	}
	p.common = common
	return nil
}

// pointsBack reports whether the git directory confirms that path belongs to
// it: a linked worktree by its gitdir file, a submodule by core.worktree.
func (p *place) pointsBack() (linked, submodule bool) {
	q := p.withAllowed(p.gitDir)
	if data, err := q.readFile(filepath.Join(p.gitDir, "gitdir"), maxPointer); err == nil {
		back, err := resolveFrom(p.gitDir, strings.TrimRight(string(data), "\r\n"))
		if err == nil && back == filepath.Join(p.path, ".git") && filepath.Base(filepath.Dir(p.gitDir)) == "worktrees" {
			return true, false
		}
	}
	q.gitDir, q.common = p.gitDir, p.gitDir
	s, err := readSettings(q)
	if err != nil || s.worktree == "" {
		return false, false
	}
	back, err := resolveFrom(p.gitDir, s.worktree)
	return false, err == nil && back == p.path && p.gitDir != filepath.Join(p.path, ".git")
}

func (p place) withAllowed(dir string) place {
	p.allowed = append(append([]string(nil), p.allowed...), dir)
	return p
}

// inside reports whether the real path is at or below an allowed directory.
func (p *place) inside(path string) bool {
	for _, dir := range p.allowed {
		if path == dir || dir == string(filepath.Separator) || strings.HasPrefix(path, dir+string(filepath.Separator)) {
			return true
		}
	}
	return false
}

// resolve follows symbolic links and refuses what ends outside.
func (p *place) resolve(path string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", Reason(err)
	}
	if !p.inside(real) {
		return "", fmt.Errorf("%q: %w", path, ErrOutside)
	}
	return real, nil
}

// readFile reads a regular file of at most limit bytes, following symbolic
// links only to allowed places. It never waits on a pipe or a device.
func (p *place) readFile(path string, limit int64) ([]byte, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, Reason(err)
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		if path, err = p.resolve(path); err != nil {
			return nil, err
		}
	}
	return readRegular(path, limit)
}

// readRegular is readFile for a path without symbolic links in its last part.
func readRegular(path string, limit int64) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|openSafely, 0)
	if err != nil {
		return nil, Reason(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, Reason(err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%q is not a regular file: %w", path, ErrCorrupt)
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%q has %d bytes, limit %d: %w", path, info.Size(), limit, ErrTooLarge)
	}
	// A file that grows meanwhile is read as far as it was known.
	data := make([]byte, info.Size())
	n, err := io.ReadFull(f, data)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, Reason(err)
	}
	return data[:n], nil
}

func resolveFrom(dir, path string) (string, error) {
	if path == "" || strings.ContainsRune(path, 0) {
		return "", fmt.Errorf("%w: empty pointer", ErrNotRepository)
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", fmt.Errorf("%w: it points to %q: %w", ErrNotRepository, path, Reason(err))
	}
	return real, nil
}

// isGitDir applies git's own test: HEAD, and refs and objects either here or
// in the directory that commondir names.
func isGitDir(dir string) bool {
	if _, err := os.Lstat(filepath.Join(dir, "HEAD")); err != nil {
		return false
	}
	if info, err := os.Lstat(filepath.Join(dir, "commondir")); err == nil && info.Mode().IsRegular() {
		return true
	}
	for _, name := range []string{"objects", "refs"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || !info.IsDir() {
			return false
		}
	}
	return true
}

// Reason keeps path and cause of a file error and drops the system call's name.
func Reason(err error) error {
	denied := errors.Is(err, fs.ErrPermission)
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = fmt.Errorf("%q: %w", pe.Path, pe.Err)
	}
	if denied {
		return fault.Wrap(fault.Unavailable, err, "a place may not be read by this account; grant it read access")
	}
	return err
}
