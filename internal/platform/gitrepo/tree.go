package gitrepo

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"steward/internal/platform/gitrepo/field"
)

// Mode is a file mode of a git tree.
type Mode uint32

// The modes of files. An Entry shows the others of old trees, such as 0100664,
// as one of these; in a Change they come as they are.
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
	Path string // from the root, with slashes; raw bytes, not always UTF-8; no part is ".", "..", ".git" or empty
	Blob string // object id; a commit for a submodule
	Size int64  // bytes; -1 when the blob is missing, and for submodules
	Mode Mode
}

const (
	maxCommit = 64 << 20 // bytes of one commit
	maxTree   = 64 << 20 // bytes of one folder's tree object
	// For each entry that the limit allows, bytes of all paths together and of
	// all tree objects.
	maxPerPath   = 128
	maxPerObject = 256
)

// Tree lists the files of a commit, folder by folder from the root, in no other
// order. Paths that differ only in letter case or Unicode form are all there,
// and a malformed tree may list one path twice. What could not be listed or was
// left out is told in left, and the rest is listed all the same: names that no
// file can have, folders that are missing or damaged (ErrMissing, ErrCorrupt),
// paths over the limit, and what comes after Limits.Entries files and folders
// (ErrTooLarge). A tree object that stands in many folders counts in each, so
// that a small repository cannot make a listing without end. Errors: ErrMissing
// and ErrCorrupt when the commit or its root cannot be read, ErrGit.
func (r *Repo) Tree(ctx context.Context, commit string) (entries []Entry, left []error, err error) {
	if !r.files.IsID(commit) {
		return nil, nil, r.badID("tree", commit)
	}
	b, err := r.Blobs(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer b.Close()
	root, err := b.treeOf(commit)
	if err != nil {
		return nil, nil, fmt.Errorf("list the files of %s: %w", commit, err)
	}
	w := treeWalk{limits: r.cfg.Limits, hexLen: r.files.HexLen(), places: map[string][]string{}}
	for w.ask("", root); len(w.ids) > 0 && !w.full; {
		ids, places := w.ids, w.places
		w.ids, w.places = nil, map[string][]string{}
		err := b.each(len(ids), func(i int) string { return ids[i] }, maxTree, "tree", func(i int, _ string, data []byte, err error) bool {
			for n, path := range places[ids[i]] {
				if w.full {
					w.unread(places[ids[i]][n:])
					break
				}
				w.folder(path, data, err)
			}
			if w.full {
				for _, id := range ids[i+1:] {
					w.unread(places[id])
				}
			}
			return !w.full
		})
		if err != nil {
			return nil, nil, fmt.Errorf("list the files of %s: %w", commit, err)
		}
	}
	for _, id := range w.ids {
		w.unread(w.places[id])
	}
	if w.rootErr != nil {
		return nil, nil, fmt.Errorf("list the files of %s: %w", commit, w.rootErr)
	}
	if err := r.sizes(ctx, w.entries); err != nil {
		return nil, nil, err
	}
	return w.entries, w.left(), nil
}

// treeOf is the id of a commit's root. A tag leads to its commit.
func (b *Blobs) treeOf(commit string) (string, error) {
	id := commit
	for range maxTagDepth {
		kind, data, err := b.object(id, maxCommit, "")
		if err != nil {
			return "", err
		}
		key := "object"
		switch kind {
		case "commit":
			key = "tree"
		case "tag":
		default:
			return "", fmt.Errorf("object %s is a %s, not a commit: %w", id, kind, ErrCorrupt)
		}
		if id = string(header(data, key)); !b.repo.files.IsID(id) {
			return "", fmt.Errorf("the %s names no %s: %w", kind, key, ErrCorrupt)
		}
		if kind == "commit" {
			return id, nil
		}
	}
	return "", fmt.Errorf("a tag of a tag more than %d times: %w", maxTagDepth, ErrTooLarge)
}

// treeWalk collects the entries of a tree, level by level. A tree object that
// stands in many folders of a level is read once for all of them.
type treeWalk struct {
	limits  Limits
	hexLen  int
	entries []Entry
	ids     []string            // tree objects of the next level
	places  map[string][]string // by tree object, the paths of its folders; "" is the root
	seen    int                 // entries looked at
	paths   int                 // bytes of all paths
	objects int                 // bytes of all tree objects
	full    bool                // a limit was met: nothing more is read
	rootErr error

	odd, long, lost, beyond tally
	lostErr                 error // why the first lost folder was
}

// tally counts what was left out, and keeps the first.
type tally struct {
	n     int
	first string
}

func (t *tally) add(folder string, name []byte) {
	if t.n == 0 {
		t.first = folder
		if len(name) > 0 {
			t.first = strings.TrimPrefix(folder+"/"+string(name), "/")
		}
		if len(t.first) > 200 {
			t.first = t.first[:200] + "…"
		}
	}
	t.n++
}

func (w *treeWalk) ask(path, id string) {
	if w.places[id] == nil {
		w.ids = append(w.ids, id)
	}
	w.places[id] = append(w.places[id], path)
}

// folder takes the tree object of one folder, or why there is none.
func (w *treeWalk) folder(folder string, data []byte, err error) {
	if w.objects += len(data); errors.Is(err, ErrTooLarge) {
		w.objects += maxTree
	}
	if err != nil {
		w.lose(folder, err)
		return
	}
	var text strings.Builder // one string for all of a folder, because there are many
	from := len(w.entries)
	var ends []int
	for len(data) > 0 {
		mode, name, id, rest, ok := cutEntry(data, w.hexLen/2)
		if !ok {
			w.lose(folder, fmt.Errorf("its tree does not parse: %w", ErrCorrupt))
			break
		}
		data = rest
		size := len(name)
		if folder != "" {
			size += len(folder) + 1
		}
		if w.full = w.full || w.seen >= w.limits.Entries || w.paths+size > w.limits.Entries*maxPerPath; w.full {
			w.beyond.add(folder, nil)
			break
		}
		w.seen++
		switch {
		case !cleanName(name) || mode == 0:
			w.odd.add(folder, name)
			continue
		case size > w.limits.PathLength:
			w.long.add(folder, nil)
			continue
		}
		w.paths += size
		if folder != "" {
			text.WriteString(folder)
			text.WriteByte('/')
		}
		text.Write(name)
		ends = append(ends, text.Len())
		text.WriteString(hex.EncodeToString(id))
		w.entries = append(w.entries, Entry{Size: -1, Mode: mode})
	}
	w.name(text.String(), ends, from)
	w.full = w.full || w.objects > w.limits.Entries*maxPerObject
}

// name gives what folder has appended their parts of text: path and id in turn.
// Folders leave the entries.
func (w *treeWalk) name(text string, ends []int, from int) {
	kept, start := from, 0
	for i, end := range ends {
		path, id := text[start:end], text[end:end+w.hexLen]
		start = end + w.hexLen
		e := w.entries[from+i]
		if e.Mode == modeFolder {
			w.ask(path, id)
			continue
		}
		e.Path, e.Blob = path, id
		w.entries[kept] = e
		kept++
	}
	w.entries = w.entries[:kept]
}

func (w *treeWalk) lose(folder string, err error) {
	if folder == "" {
		w.rootErr = err
	}
	if w.lost.n == 0 {
		w.lostErr = err
	}
	w.lost.add(folder, nil)
}

func (w *treeWalk) unread(folders []string) {
	for _, folder := range folders {
		w.beyond.add(folder, nil)
	}
}

// left says what is not in the listing.
func (w *treeWalk) left() []error {
	var left []error
	if n := w.beyond.n; n > 0 {
		left = append(left, fmt.Errorf("more than %d files and folders, or paths too long for so many; folders that are not read to their end: %d, %q first: %w", w.limits.Entries, n, w.beyond.first, ErrTooLarge))
	}
	if n := w.lost.n; n > 0 {
		left = append(left, fmt.Errorf("folders that cannot be read: %d, %q first: %w", n, w.lost.first, w.lostErr))
	}
	if n := w.odd.n; n > 0 {
		left = append(left, fmt.Errorf("entries left out, with a name or mode that no file can have: %d, %q first: %w", n, w.odd.first, ErrCorrupt))
	}
	if n := w.long.n; n > 0 {
		left = append(left, fmt.Errorf("paths left out, longer than %d bytes: %d, the first in %q: %w", w.limits.PathLength, n, w.long.first, ErrTooLarge))
	}
	return left
}

// modeFolder is the mode of a tree within a tree.
const modeFolder Mode = 0o040000

// cutEntry takes one entry off a tree object: "<octal mode> <name>\0<id>". Modes
// of files become one of the four that an Entry has; 0 is one that git never wrote.
func cutEntry(data []byte, idLen int) (mode Mode, name, id, rest []byte, ok bool) {
	digits, rest, ok := bytes.Cut(data, []byte{' '})
	if !ok || len(digits) == 0 || len(digits) > 7 {
		return 0, nil, nil, nil, false
	}
	for _, c := range digits {
		if c < '0' || c > '7' {
			return 0, nil, nil, nil, false
		}
		mode = mode<<3 | Mode(c-'0')
	}
	name, rest, ok = bytes.Cut(rest, []byte{0})
	if !ok || len(rest) < idLen {
		return 0, nil, nil, nil, false
	}
	switch {
	case mode.IsFile() && mode&0o100 != 0:
		mode = ModeExecutable
	case mode.IsFile():
		mode = ModeFile
	case mode.IsSymlink(), mode.IsSubmodule(), mode&modeType == modeFolder:
		mode &= modeType
	default:
		mode = 0
	}
	return mode, name, rest[:idLen], rest[idLen:], true
}

// cleanName reports whether git would write a file of this name.
func cleanName(name []byte) bool {
	switch string(name) {
	case "", ".", "..":
		return false
	}
	return bytes.IndexByte(name, '/') < 0 && !bytes.EqualFold(name, []byte(".git"))
}

// knownSizes is how many blobs are remembered so that each is asked for once.
const knownSizes = 1 << 16

// sizes fills in the sizes of entries, with one process; that of a missing or
// damaged blob stays -1.
func (r *Repo) sizes(ctx context.Context, entries []Entry) error {
	var asked []int32           // entries whose blobs are asked for
	first := map[string]int32{} // by blob, the entry for which it is asked
	var again [][2]int32        // entries with the blob of an earlier one, and that one
	for i := range entries {
		blob, at := entries[i].Blob, int32(i)
		if entries[i].Mode.IsSubmodule() {
			continue
		}
		if known, ok := first[blob]; ok {
			again = append(again, [2]int32{at, known})
			continue
		}
		if len(first) < knownSizes {
			first[blob] = at
		}
		asked = append(asked, at)
	}
	if len(asked) == 0 {
		return nil
	}
	p, err := r.start(ctx, &idLines{entries: entries, asked: asked}, "find the sizes of files", "cat-file", "--buffer", "--batch-check=%(objectsize)")
	if err != nil {
		return err
	}
	lines := bufio.NewReaderSize(p.stdout, 256<<10)
	for _, at := range asked {
		line, err := lines.ReadSlice('\n')
		if err != nil {
			return p.finish(field.Unexpected(err))
		}
		if size, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 10, 64); err == nil {
			entries[at].Size = size
		}
	}
	for _, pair := range again {
		entries[pair[0]].Size = entries[pair[1]].Size
	}
	return p.finish(nil)
}

// idLines reads as the blobs of the entries that are asked for, one a line.
type idLines struct {
	entries []Entry
	asked   []int32
	rest    []byte
}

func (l *idLines) Read(b []byte) (int, error) {
	n := 0
	for n < len(b) && len(l.rest)+len(l.asked) > 0 {
		if len(l.rest) == 0 {
			l.rest = append(append(l.rest, l.entries[l.asked[0]].Blob...), '\n')
			l.asked = l.asked[1:]
		}
		c := copy(b[n:], l.rest)
		l.rest = append(l.rest[:0], l.rest[c:]...)
		n += c
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
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
