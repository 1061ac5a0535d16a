package lockfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
)

// Tree is a Files over a file system, or over a map of path to bytes.
type Tree struct {
	fsys   fs.FS
	memory map[string][]byte
	paths  []string
}

// NewTree returns a Tree of files in memory.
func NewTree(files map[string][]byte) *Tree {
	t := &Tree{memory: files}
	for path := range files {
		t.paths = append(t.paths, path)
	}
	slices.Sort(t.paths)
	return t
}

// OpenTree walks fsys for regular files that wants accepts. It does not follow
// symbolic links and does not enter .git. A folder that cannot be listed stays
// out and is named in the error; the Tree is usable all the same.
func OpenTree(fsys fs.FS, wants func(path string) bool) (*Tree, error) {
	t := &Tree{fsys: fsys}
	var unread []error
	err := fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			unread = append(unread, fmt.Errorf("list %q: %w", path, err))
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
		case d.IsDir() && d.Name() == ".git":
			return fs.SkipDir
		case d.Type().IsRegular() && wants(path):
			t.paths = append(t.paths, path)
		}
		return nil
	})
	slices.Sort(t.paths)
	return t, errors.Join(append(unread, err)...)
}

// Paths lists the files, sorted.
func (t *Tree) Paths() []string { return t.paths }

// ReadFile returns the bytes of one file, of Paths or beside them. The error is
// fs.ErrNotExist when there is no regular file at path, or only one behind a
// symbolic link, and ErrTooLarge past MaxBytes.
func (t *Tree) ReadFile(path string) ([]byte, error) {
	_, listed := slices.BinarySearch(t.paths, path)
	if t.fsys == nil {
		if !listed {
			return nil, fmt.Errorf("read %q: %w", path, fs.ErrNotExist)
		}
		if len(t.memory[path]) > MaxBytes {
			return nil, ErrTooLarge
		}
		return t.memory[path], nil
	}
	if !listed && !t.regular(path) {
		return nil, fmt.Errorf("read %q: %w", path, fs.ErrNotExist)
	}
	f, err := t.fsys.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	size := int64(0)
	if info, err := f.Stat(); err == nil {
		size = info.Size()
	}
	if size > MaxBytes {
		return nil, ErrTooLarge
	}
	buf := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	if _, err := buf.ReadFrom(io.LimitReader(f, MaxBytes+1)); err != nil {
		return nil, err
	}
	if buf.Len() > MaxBytes {
		return nil, ErrTooLarge
	}
	return buf.Bytes(), nil
}

// regular says whether path is a regular file with no symbolic link on the
// way: a link may lead out of the tree.
func (t *Tree) regular(path string) bool {
	if !fs.ValidPath(path) {
		return false
	}
	for i := 0; i < len(path); i++ {
		if path[i] != '/' {
			continue
		}
		if info, err := fs.Lstat(t.fsys, path[:i]); err != nil || !info.IsDir() {
			return false
		}
	}
	info, err := fs.Lstat(t.fsys, path)
	return err == nil && info.Mode().IsRegular()
}
