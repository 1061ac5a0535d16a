package gitrepo

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"steward/internal/platform/gitrepo/field"
	"steward/internal/platform/gitrepo/tree"
)

// What a tree lists.
type (
	Mode  = tree.Mode  // how a file is kept
	Entry = tree.Entry // one file, symbolic link or submodule
)

// The modes of files.
const (
	ModeFile       = tree.ModeFile
	ModeExecutable = tree.ModeExecutable
	ModeSymlink    = tree.ModeSymlink
	ModeSubmodule  = tree.ModeSubmodule
)

const maxCommit = 128 << 20 // bytes of one commit whose tree is listed

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
		return nil, nil, fmt.Errorf("list the files of %s: %w", commit, r.damage(ctx, commit, err))
	}
	w := tree.New(root, r.cfg.Limits.Entries, r.cfg.Limits.PathLength)
	for ids := w.Next(); len(ids) > 0; ids = w.Next() {
		err := b.each(len(ids), func(i int) string { return ids[i] }, tree.MaxObject, "tree", func(i int, _ string, data []byte, err error) bool {
			return w.Add(ids[i], data, err)
		})
		if err != nil {
			return nil, nil, fmt.Errorf("list the files of %s: %w", commit, err)
		}
	}
	if err := w.Err(); err != nil {
		return nil, nil, fmt.Errorf("list the files of %s: %w", commit, r.damage(ctx, commit, err))
	}
	entries = w.Entries()
	if err := r.sizes(ctx, entries); err != nil {
		return nil, nil, err
	}
	return entries, w.Left(), nil
}

// damage says what is wrong with a commit or its root that git called missing: of a damaged object git cat-file --batch
// says no more than that, git ls-tree why.
func (r *Repo) damage(ctx context.Context, commit string, err error) error {
	if !errors.Is(err, ErrMissing) {
		return err
	}
	p, failed := r.start(ctx, nil, "look at a commit", "ls-tree", "-z", "--end-of-options", commit)
	if failed != nil {
		return err
	}
	_, failed = io.Copy(io.Discard, p.Out)
	if failed = p.Finish(failed); errors.Is(failed, ErrCorrupt) {
		return failed
	}
	return err
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
	lines := bufio.NewReaderSize(p.Out, 256<<10)
	for _, at := range asked {
		line, err := lines.ReadSlice('\n')
		if err != nil {
			return p.Finish(field.Unexpected(err))
		}
		if size, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 10, 64); err == nil {
			entries[at].Size = size
		}
	}
	for _, pair := range again {
		entries[pair[0]].Size = entries[pair[1]].Size
	}
	return p.Finish(nil)
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
