package gitrepo

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"steward/internal/platform/gitrepo/field"
)

const fuzzCommit = "0123456789012345678901234567890123456789\x00\x00A\x00a@x\x005 +0000\x00A\x00a@x\x005 +0100\x00message\n\x00"

// FuzzLogReader feeds bytes to the reader of git's output as if git had gone
// mad: no panic, no endless loop, the same result whatever the reads' sizes.
func FuzzLogReader(f *testing.F) {
	id := strings.Repeat("a", 40)
	f.Add([]byte(fuzzCommit))
	f.Add([]byte(fuzzCommit + "\n:000000 100644 " + strings.Repeat("0", 40) + " " + id + " A\x00path\x00" + fuzzCommit))
	f.Add([]byte(fuzzCommit + "\n:000000"))
	f.Add([]byte(fuzzCommit[:60]))
	f.Fuzz(func(t *testing.T, data []byte) {
		read := func(r io.Reader) (commits int, bytesSeen int, err error) {
			d := logReader{s: field.NewReader(r), hexLen: 40, limits: Limits{PathLength: 50, Changes: 3, Message: 20}.withDefaults()}
			for {
				if err := d.next(); err != nil {
					return commits, bytesSeen, err
				}
				commits++
				bytesSeen += len(d.commit.Message) + len(d.commit.Author.Name)
				for _, c := range d.commit.Changes {
					bytesSeen += len(c.Path)
				}
				Trailers(d.commit.Message, func(_, _ []byte) {})
				Subject(d.commit.Message)
			}
		}
		n1, b1, err1 := read(bytes.NewReader(data))
		n2, b2, err2 := read(iotest.OneByteReader(bytes.NewReader(data)))
		if n1 != n2 || b1 != b2 || errors.Is(err1, io.EOF) != errors.Is(err2, io.EOF) {
			t.Errorf("at once %d commits, %d bytes, %v; byte by byte %d, %d, %v", n1, b1, err1, n2, b2, err2)
		}
	})
}
