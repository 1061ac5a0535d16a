package estate

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"

	"steward/internal/format/lockfile"
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

// openFolder lists a folder as it lies. Its .git folders are left out, and so
// is what a .gitignore would leave out only when keep says so.
func openFolder(dir, name string, keep func(path string) bool) (*Snapshot, []Note, func() error, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("open folder %q: %w", dir, err)
	}
	s := &Snapshot{Repository: name, content: folderContent{root}}
	var notes []Note
	err = fs.WalkDir(root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			notes = append(notes, Note{Kind: NoteFailed, Path: p, Reason: "could not be listed: " + plain(err)})
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			if d.Name() == ".git" || (p != "." && !keep(p+"/")) {
				return fs.SkipDir
			}
			return nil
		}
		if len(s.entries) >= maxEntries {
			return fmt.Errorf("more than %d files: name a smaller folder", maxEntries)
		}
		if !keep(p) || d.Name() == ".git" {
			return nil
		}
		e, ok := folderEntry(p, d)
		if ok {
			s.entries = append(s.entries, e)
		}
		return nil
	})
	if err != nil {
		root.Close()
		return nil, nil, nil, fmt.Errorf("list folder %q: %w", dir, err)
	}
	sort.Slice(s.entries, func(i, j int) bool { return s.entries[i].Path < s.entries[j].Path })
	return s, notes, root.Close, nil
}

func folderEntry(p string, d fs.DirEntry) (Entry, bool) {
	if d.Type()&fs.ModeSymlink != 0 {
		return Entry{Path: p, Mode: Symlink}, true
	}
	info, err := d.Info()
	if err != nil || !info.Mode().IsRegular() {
		return Entry{}, false
	}
	mode := File
	if info.Mode()&0o111 != 0 {
		mode = Executable
	}
	return Entry{Path: p, Mode: mode, Size: info.Size()}, true
}

// plain says an operating system error without the path, which the caller has.
func plain(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
