package lockfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
)

// Tree is a Files over a file system, or over a map of path to bytes.
type Tree struct {
	fsys  fs.FS
	bytes map[string][]byte
	paths []string
}

// NewTree returns a Tree of files in memory.
func NewTree(files map[string][]byte) *Tree {
	t := &Tree{bytes: files}
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

// ReadFile returns the bytes of one file that Paths lists; for any other path
// the error is fs.ErrNotExist, and ErrTooLarge past MaxBytes.
func (t *Tree) ReadFile(path string) ([]byte, error) {
	if _, ok := slices.BinarySearch(t.paths, path); !ok {
		return nil, fmt.Errorf("read %q: %w", path, fs.ErrNotExist)
	}
	if t.fsys == nil {
		if len(t.bytes[path]) > MaxBytes {
			return nil, ErrTooLarge
		}
		return t.bytes[path], nil
	}
	f, err := t.fsys.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, MaxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(b) > MaxBytes {
		return nil, ErrTooLarge
	}
	return b, nil
}
