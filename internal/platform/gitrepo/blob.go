package gitrepo

import (
	"bufio"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"strconv"
	"strings"

	"steward/internal/platform/gitrepo/field"
	"steward/internal/platform/gitrepo/process"
)

// skipLimit is how many bytes of an unwanted object are read and dropped; for
// more it is cheaper to start git anew (3 ms).
const skipLimit = 1 << 20

// Blobs reads objects by id with one git process kept open. Not for concurrent
// use. After an error the next Read works again.
type Blobs struct {
	repo   *Repo
	ctx    context.Context
	p      *process.Process
	in     *os.File
	out    *bufio.Reader
	hash   hash.Hash
	sum    []byte
	closed bool
}

// Blobs prepares to read objects; git starts with the first Read and ends with
// Close or with ctx.
func (r *Repo) Blobs(ctx context.Context) (*Blobs, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("read blobs of %q: %w", r.files.Path(), err)
	}
	b := &Blobs{repo: r, ctx: ctx, hash: sha1.New()}
	if r.files.HexLen() == 64 {
		b.hash = sha256.New()
	}
	return b, nil
}

// Read returns a blob's content, whose hash is checked: equal ids mean equal
// bytes also across repositories. A blob of more than limit bytes is not taken
// into memory. Errors: ErrTooLarge, ErrMissing, ErrNotBlob, ErrCorrupt, ErrGit.
func (b *Blobs) Read(oid string, limit int64) ([]byte, error) {
	kind, data, err := b.object(oid, limit, "blob")
	if err != nil {
		return nil, err
	}
	if kind != "blob" {
		return nil, fmt.Errorf("object %s of %q is a %s: %w", oid, b.repo.files.Path(), kind, ErrNotBlob)
	}
	return data, nil
}

// object reads one object. The content of another kind than want is dropped,
// unless want is empty.
func (b *Blobs) object(oid string, limit int64, want string) (string, []byte, error) {
	if !b.repo.files.IsID(oid) {
		return "", nil, b.repo.badID("object", oid)
	}
	if b.closed {
		return "", nil, fmt.Errorf("object %s of %q: %w", oid, b.repo.files.Path(), os.ErrClosed)
	}
	if err := b.run(); err != nil {
		return "", nil, err
	}
	kind, data, err := b.exchange(oid, limit, want)
	switch {
	case err == nil:
		return kind, data, nil
	case errors.Is(err, ErrTooLarge), errors.Is(err, ErrMissing), errors.Is(err, ErrCorrupt):
		return "", nil, fmt.Errorf("object %s of %q: %w", oid, b.repo.files.Path(), err)
	}
	// Git died or was killed; what it said is the better explanation.
	err = b.end(err)
	return "", nil, fmt.Errorf("object %s: %w", oid, err)
}

func (b *Blobs) run() error {
	if b.p != nil {
		return nil
	}
	r, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("read blobs of %q: %w", b.repo.files.Path(), err)
	}
	b.p, err = b.repo.start(b.ctx, r, "read an object", "cat-file", "--batch")
	r.Close()
	if err != nil {
		w.Close()
		return err
	}
	b.in = w
	if b.out == nil {
		b.out = bufio.NewReaderSize(b.p.Out, 256<<10)
	} else {
		b.out.Reset(b.p.Out)
	}
	return nil
}

func (b *Blobs) exchange(oid string, limit int64, want string) (string, []byte, error) {
	if _, err := b.in.WriteString(oid + "\n"); err != nil {
		return "", nil, err
	}
	return b.answer(oid, limit, want, b.drop)
}

// answer reads what git says of one object: "<id> <type> <size>\n", the content,
// "\n"; or "<id> missing\n" (git-cat-file(1), "Batch output"). Content that is
// not wanted is handed to drop by its size.
func (b *Blobs) answer(oid string, limit int64, want string, drop func(size int64) error) (string, []byte, error) {
	line, err := b.out.ReadSlice('\n')
	if err != nil {
		return "", nil, field.Unexpected(err)
	}
	fields := strings.Fields(string(line))
	if len(fields) == 2 && fields[1] == "missing" {
		return "", nil, ErrMissing
	}
	if len(fields) != 3 || fields[0] != oid {
		return "", nil, fmt.Errorf("git's answer is not what was asked for: %w", ErrGit)
	}
	kind := fields[1]
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil || size < 0 {
		return "", nil, fmt.Errorf("git's answer has no size: %w", ErrGit)
	}
	if want != "" && kind != want {
		return kind, nil, drop(size)
	}
	if size > limit {
		if err := drop(size); err != nil {
			return "", nil, err
		}
		return "", nil, fmt.Errorf("%d bytes, limit %d: %w", size, limit, ErrTooLarge)
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(b.out, data); err != nil {
		return "", nil, field.Unexpected(err)
	}
	if _, err := b.out.Discard(1); err != nil {
		return "", nil, field.Unexpected(err)
	}
	return kind, data, b.verify(oid, kind, data)
}

// verify hashes what was read: a pack index can name any bytes by any id, and
// git believes it.
func (b *Blobs) verify(oid, kind string, data []byte) error {
	b.hash.Reset()
	fmt.Fprintf(b.hash, "%s %d\x00", kind, len(data))
	b.hash.Write(data)
	b.sum = b.hash.Sum(b.sum[:0])
	if hex.EncodeToString(b.sum) != oid {
		return fmt.Errorf("its content has another hash: %w", ErrCorrupt)
	}
	return nil
}

// drop passes over an answer's content and line end.
func (b *Blobs) drop(size int64) error {
	if size > skipLimit {
		b.shut()
		return nil
	}
	return b.pass(size)
}

// pass reads over an answer's content and line end, whatever its size.
func (b *Blobs) pass(size int64) error {
	if _, err := io.CopyN(io.Discard, b.out, size+1); err != nil {
		return field.Unexpected(err)
	}
	return nil
}

// shut kills git; the next object starts another one.
func (b *Blobs) shut() {
	if b.p == nil {
		return
	}
	b.in.Close()
	b.p.Stop()
	b.p, b.in = nil, nil
}

// end reaps a git that broke the conversation and explains why.
func (b *Blobs) end(err error) error {
	b.in.Close()
	p := b.p
	b.p, b.in = nil, nil
	if errors.Is(err, ErrGit) {
		p.Stop()
		return err
	}
	// A closed pipe comes before the exit status; finish waits for that.
	if fin := p.Finish(nil); fin != nil {
		return fin
	}
	return fmt.Errorf("%s: git stopped in the middle: %w: %w", p.What, ErrGit, err)
}

// Close ends git. It is safe to call it twice.
func (b *Blobs) Close() error {
	b.shut()
	b.closed = true
	return nil
}
