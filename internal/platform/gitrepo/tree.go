package gitrepo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"steward/internal/platform/gitrepo/field"
)

// Mode is a file mode of a git tree.
type Mode uint32

// The modes of files. Git shows the others of old trees, such as 0100664, as
// one of these; in a Change they come as they are.
const (
	ModeFile       Mode = 0o100644
	ModeExecutable Mode = 0o100755
	ModeSymlink    Mode = 0o120000
	ModeSubmodule  Mode = 0o160000
	modeType       Mode = 0o170000
)

// IsFile reports whether the entry is a regular file, executable or not.
func (m Mode) IsFile() bool { return m&modeType == 0o100000 }

// IsSymlink reports whether the blob is the target of a symbolic link.
func (m Mode) IsSymlink() bool { return m&modeType == ModeSymlink }

// IsSubmodule reports whether the id is a commit of another repository.
func (m Mode) IsSubmodule() bool { return m&modeType == ModeSubmodule }

// Entry is one file, symbolic link or submodule of a commit's tree.
type Entry struct {
	Path string // from the root, with slashes; raw bytes, not always UTF-8; never with ".", ".." or empty parts
	Blob string // object id; a commit for a submodule
	Size int64  // bytes; -1 when the blob is missing, and for submodules
	Mode Mode
}

// Tree lists all files of a commit in git's order, with one process. Paths that
// differ only in letter case or Unicode form are all there, and a malformed
// tree may list one path twice. Entries with a path over the limit or with
// parts that no file can have are left out, and more entries than the limit are
// cut off; then the error is ErrTooLarge or ErrCorrupt and what could be read is
// returned beside it. Other errors: ErrMissing, ErrCorrupt, ErrGit.
func (r *Repo) Tree(ctx context.Context, commit string) ([]Entry, error) {
	if !r.files.IsID(commit) {
		return nil, r.badID("tree", commit)
	}
	p, err := r.start(ctx, nil, "list the files of "+commit, "ls-tree", "-r", "-z", "--long", "--full-tree", commit, "--")
	if err != nil {
		return nil, err
	}
	s := field.NewReader(p.stdout)
	entries := make([]Entry, 0, 1024)
	long, odd := 0, 0
	for {
		line, err := s.Field(r.cfg.Limits.PathLength + r.files.HexLen() + 64)
		if err == field.ErrTooLong {
			long++
			continue
		}
		if err != nil {
			if err = p.finish(noEOF(err)); err != nil {
				return entries, err
			}
			break
		}
		e, ok := parseEntry(line, r.files.HexLen())
		switch {
		case !ok:
			odd++
			continue
		case len(e.Path) > r.cfg.Limits.PathLength:
			long++
			continue
		}
		if len(entries) >= r.cfg.Limits.Entries {
			p.stop()
			return entries, fmt.Errorf("%s: more than %d files: %w", p.what, r.cfg.Limits.Entries, ErrTooLarge)
		}
		entries = append(entries, e)
		s.Release()
	}
	switch {
	case odd > 0:
		return entries, fmt.Errorf("%s: %d paths that no file can have were left out: %w", p.what, odd, ErrCorrupt)
	case long > 0:
		return entries, fmt.Errorf("%s: %d paths over %d bytes were left out: %w", p.what, long, r.cfg.Limits.PathLength, ErrTooLarge)
	}
	return entries, nil
}

// parseEntry reads "<mode> <type> <id> <size padded with spaces>\t<path>".
func parseEntry(line []byte, hexLen int) (Entry, bool) {
	head, path, ok := bytes.Cut(line, []byte{'\t'})
	if !ok || len(head) < 7+hexLen {
		return Entry{}, false
	}
	mode, ok := parseMode(head[:6])
	kind, rest, found := bytes.Cut(head[7:], []byte{' '})
	if !ok || !found || len(rest) < hexLen+2 || !cleanPath(path) {
		return Entry{}, false
	}
	e := Entry{Mode: mode, Size: -1}
	if size, err := strconv.ParseInt(string(bytes.TrimSpace(rest[hexLen:])), 10, 64); err == nil && string(kind) == "blob" {
		e.Size = size
	}
	// One string for both, because there are many.
	both := string(rest[:hexLen]) + string(path)
	e.Blob, e.Path = both[:hexLen], both[hexLen:]
	return e, true
}

func parseMode(b []byte) (Mode, bool) {
	var m Mode
	for _, c := range b {
		if c < '0' || c > '7' {
			return 0, false
		}
		m = m<<3 | Mode(c-'0')
	}
	return m, len(b) == 6
}

// cleanPath reports whether every part of a path can be the name of a file.
func cleanPath(path []byte) bool {
	if len(path) == 0 {
		return false
	}
	for part := range bytes.SplitSeq(path, []byte{'/'}) {
		if len(part) == 0 || string(part) == "." || string(part) == ".." {
			return false
		}
	}
	return true
}

func (r *Repo) badID(what, id string) error {
	if len(id) > 80 {
		id = id[:80] + "…"
	}
	return fmt.Errorf("%s of %q: %q is not a full object id of %d digits: %w", what, r.files.Path(), strings.ToValidUTF8(id, "?"), r.files.HexLen(), ErrMissing)
}

func noEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}
