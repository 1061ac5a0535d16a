package gitrepo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"steward/internal/platform/gitrepo/field"
	"steward/internal/platform/gitrepo/tree"
)

// Signature is who did something and when.
type Signature struct {
	Name      []byte // as written, in UTF-8 where the commit says its encoding; a view
	Email     []byte // as written, without the angle brackets; a view
	Time      int64  // µs since 1970 UTC; 0 when unreadable or after the year 9999
	OffsetMin int    // minutes east of UTC as written; 0 when unreadable
}

// Change is one path that a commit changed against its first parent.
type Change struct {
	Path    []byte // from the root; raw bytes; a view
	OldBlob []byte // object id before; nil when the path is new; a view
	NewBlob []byte // object id after; nil when the path is gone; a view
	OldMode Mode   // 0 when the path is new
	NewMode Mode   // 0 when the path is gone
	Status  byte   // A added, M modified, D deleted, T type changed
}

// Commit is one commit of a history. Every byte slice is a view that is valid
// only until visit returns: copy what is kept, or use an Interner.
type Commit struct {
	ID        []byte    // object id
	Parents   []byte    // object ids, each of the id's length, separated by one space
	Tree      []byte    // object id of the files as they were
	Author    Signature // who wrote the change
	Committer Signature // who put it into the history
	Message   []byte    // see Limits.Message; a longer one lacks its middle
	Changes   []Change  // none for merges; the slice is used again
	Omitted   int       // changes over Limits.Changes or with paths over Limits.PathLength
}

// Merge reports whether the commit has more than one parent.
func (c *Commit) Merge() bool { return len(c.Parents) > len(c.ID) }

// EachParent calls visit with every parent's object id, in order.
func (c *Commit) EachParent(visit func(id []byte)) {
	for rest := c.Parents; len(rest) > 0; {
		var id []byte
		id, rest, _ = bytes.Cut(rest, []byte{' '})
		visit(id)
	}
}

// logFormat has its fields in the order in which readCommit takes them.
const logFormat = "--format=tformat:%H%x00%P%x00%T%x00%an%x00%ae%x00%ad%x00%cn%x00%ce%x00%cd%x00%B"

const (
	maxName    = 1 << 10 // bytes of a name, an address or a date; a longer one is left out
	maxParents = 4 << 20 // bytes of all parents' ids
)

// Log streams the history of the commit from without what is reachable from
// exclude, newest first as git orders it, with one process and in bounded
// memory. Merges come without changes; renames are a deletion and an addition.
// The error of visit ends the stream and is returned as it is. When an object
// is missing (a partial or broken clone, an excluded commit that was thrown
// away), the commits before it have been visited and the error is ErrMissing.
// Others: ErrCorrupt, ErrTooLarge (time, Limits.History, Limits.Silence), ErrGit.
func (r *Repo) Log(ctx context.Context, from string, exclude []string, visit func(*Commit) error) error {
	var in strings.Builder
	for i, id := range append([]string{from}, exclude...) {
		if !r.files.IsID(id) {
			return r.badID("history", id)
		}
		if i > 0 {
			in.WriteByte('^')
		}
		in.WriteString(id)
		in.WriteByte('\n')
	}
	p, err := r.start(ctx, strings.NewReader(in.String()), "read the history",
		"log", "--stdin", "--raw", "-z", "--no-renames", "--no-abbrev", "--date=raw", "--encoding=UTF-8", logFormat,
		"--diff-merges=off", "--root", "--no-color", "--no-show-signature", "--no-notes", "--no-mailmap", "--no-decorate",
		"--no-ext-diff", "--no-textconv", "--ignore-submodules=none", "--no-relative", "--diff-algorithm=default")
	if err != nil {
		return err
	}
	d := logReader{s: field.NewReader(p.Spoken(r.cfg.Limits.Silence)), hexLen: r.files.HexLen(), limits: r.cfg.Limits}
	for n := 0; ; n++ {
		err := d.next()
		if err != nil {
			return p.Finish(noEOF(err))
		}
		if err := visit(&d.commit); err != nil {
			p.Stop()
			return err
		}
		// Git may be far ahead; what it has sent is not read after the end.
		if n%64 == 0 && ctx.Err() != nil {
			return p.Finish(ctx.Err())
		}
	}
}

// logReader parses the output of git log in logFormat with --raw -z.
type logReader struct {
	s      *field.Reader
	hexLen int
	limits Limits
	seen   int // changes of all commits
	commit Commit
}

// next reads one commit, or io.EOF.
func (d *logReader) next() error {
	d.s.Release()
	if _, err := d.s.Peek(); err != nil {
		return err
	}
	c := &d.commit
	*c = Commit{Changes: c.Changes[:0]}
	id, err := d.s.Field(d.hexLen)
	if err != nil || len(id) != d.hexLen {
		return d.broken("a commit id", err)
	}
	c.ID = id
	if c.Parents, err = d.s.Field(maxParents); err != nil {
		return d.broken("parents", err)
	}
	if c.Tree, err = d.s.Field(d.hexLen); err != nil || len(c.Tree) != d.hexLen {
		return d.broken("a tree", err)
	}
	for _, sig := range []*Signature{&c.Author, &c.Committer} {
		if err := d.signature(sig); err != nil {
			return err
		}
	}
	if c.Message, err = d.s.HeadAndTail(d.limits.Message); err != nil {
		return d.broken("a message", err)
	}
	b, err := d.s.Peek()
	if err == io.EOF {
		return nil
	}
	if err != nil {
		return err
	}
	if b != '\n' {
		return nil
	}
	d.s.Drop(1)
	return d.changes(c)
}

func (d *logReader) signature(sig *Signature) error {
	for _, part := range []*[]byte{&sig.Name, &sig.Email} {
		v, err := d.s.Field(maxName)
		if err != nil && err != field.ErrTooLong {
			return d.broken("a name", err)
		}
		*part = v
	}
	date, err := d.s.Field(maxName)
	if err != nil && err != field.ErrTooLong {
		return d.broken("a date", err)
	}
	sig.Time, sig.OffsetMin = field.Date(date)
	return nil
}

// changes reads ":<mode> <mode> <id> <id> <status>\0<path>\0" as long as they
// come (git-diff(1), "Raw output format").
func (d *logReader) changes(c *Commit) error {
	h := d.hexLen
	size := 18 + 2*h
	for {
		b, err := d.s.Peek()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if b != ':' {
			return nil
		}
		raw, err := d.s.Need(size + 1)
		if err != nil || raw[size] != 0 {
			return d.broken("a change", err)
		}
		d.s.Drop(size + 1)
		if d.seen++; d.seen > d.limits.History {
			return fmt.Errorf("commit %s is the first after %d changes: %w", c.ID, d.limits.History, ErrTooLarge)
		}
		path, err := d.s.Field(d.limits.PathLength)
		if err == field.ErrTooLong || err == nil && len(c.Changes) >= d.limits.Changes {
			c.Omitted++
			continue
		}
		if err != nil {
			return d.broken("a path", err)
		}
		ch := Change{Path: path, Status: raw[size-1]}
		ch.OldMode, _ = tree.ParseMode(raw[1:7])
		ch.NewMode, _ = tree.ParseMode(raw[8:14])
		if ch.OldMode != 0 {
			ch.OldBlob = raw[15 : 15+h : 15+h]
		}
		if ch.NewMode != 0 {
			ch.NewBlob = raw[16+h : 16+2*h : 16+2*h]
		}
		c.Changes = append(c.Changes, ch)
	}
}

// broken says that git's output ended or changed in the middle of something.
func (d *logReader) broken(what string, err error) error {
	if err == nil || err == field.ErrTooLong {
		return fmt.Errorf("git's output is not what was asked for at %s: %w", what, ErrGit)
	}
	return field.Unexpected(err)
}

// Interner gives equal bytes one string, so that a history of few names and
// paths costs few allocations. The zero value works; not for concurrent use.
type Interner struct{ known map[string]string }

// String is b as a string.
func (in *Interner) String(b []byte) string {
	if s, ok := in.known[string(b)]; ok {
		return s
	}
	if in.known == nil {
		in.known = map[string]string{}
	}
	s := string(b)
	in.known[s] = s
	return s
}
