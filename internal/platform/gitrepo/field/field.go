// Package field cuts the output of a process at NUL bytes, in bounded memory whatever comes.
package field

import (
	"bytes"
	"errors"
	"io"
	"time"
)

const (
	chunk = 1 << 20
	spare = 64 << 10
	// eager is how much is taken as it comes; after that reads smaller than
	// small are spaced out by rest.
	eager = 256 << 10
	small = 128 << 10
	rest  = 2 * time.Millisecond
)

// ErrTooLong says that a field was passed over because of its length.
var ErrTooLong = errors.New("field too long")

// Reader cuts what it reads at NUL bytes into views of large buffers.
// Fields stay valid until Release: a full buffer is replaced, not overwritten.
type Reader struct {
	r        io.Reader
	buf      []byte
	pos, end int
	err      error
	total    int // bytes read so far
	pause    bool
}

// NewReader returns a reader of r, of which it reads ahead.
func NewReader(r io.Reader) *Reader {
	return &Reader{r: r, buf: make([]byte, chunk)}
}

// Release says that no field returned so far is needed any more.
func (s *Reader) Release() {
	if s.pos == s.end {
		s.pos, s.end = 0, 0
	} else if len(s.buf)-s.end < spare {
		s.end = copy(s.buf, s.buf[s.pos:s.end])
		s.pos = 0
	}
}

// fill reads more behind end, into a new buffer when this one is full.
func (s *Reader) fill() error {
	if s.err != nil {
		return s.err
	}
	if s.end == len(s.buf) {
		left := s.end - s.pos
		next := make([]byte, max(chunk, 2*left))
		copy(next, s.buf[s.pos:s.end])
		s.buf, s.pos, s.end = next, 0, left
	}
	if s.pause {
		// Git writes 4 KiB at a time and we are faster: to wake up for each
		// costs both sides more than the parsing.
		time.Sleep(rest)
	}
	n, err := s.r.Read(s.buf[s.end:])
	s.end += n
	s.total += n
	s.pause = s.total > eager && n < min(small, len(s.buf)-s.end)
	if err != nil {
		s.err = err
	}
	if n > 0 {
		return nil
	}
	return err
}

// Peek is the next byte, or io.EOF.
func (s *Reader) Peek() (byte, error) {
	for s.pos == s.end {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	return s.buf[s.pos], nil
}

// Drop passes over the next n bytes, which Peek or Need has made available.
func (s *Reader) Drop(n int) { s.pos += n }

// Need makes n bytes available without consuming them.
func (s *Reader) Need(n int) ([]byte, error) {
	for s.end-s.pos < n {
		if err := s.fill(); err != nil {
			if err == io.EOF && s.end > s.pos {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
	return s.buf[s.pos : s.pos+n : s.pos+n], nil
}

// Field reads up to the next NUL, which it drops. A field of more than limit
// bytes is passed over: ErrTooLong.
func (s *Reader) Field(limit int) ([]byte, error) {
	from := 0
	for {
		if i := bytes.IndexByte(s.buf[s.pos+from:s.end], 0); i >= 0 {
			f := s.buf[s.pos : s.pos+from+i : s.pos+from+i]
			s.pos += from + i + 1
			if len(f) > limit {
				return nil, ErrTooLong
			}
			return f, nil
		}
		from = s.end - s.pos
		if from > limit {
			return nil, s.skip()
		}
		if err := s.fill(); err != nil {
			if err == io.EOF && from > 0 {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
}

// skip drops everything up to and with the next NUL.
func (s *Reader) skip() error {
	_, err := s.HeadAndTail(0)
	if err == nil {
		err = ErrTooLong
	}
	return err
}

// HeadAndTail reads up to the next NUL and returns at most keep bytes of the
// start and, of a longer field, at most keep of the end after a line break.
func (s *Reader) HeadAndTail(keep int) ([]byte, error) {
	var head, tail []byte
	first := true
	for {
		have := s.buf[s.pos:s.end]
		i := bytes.IndexByte(have, 0)
		if i >= 0 {
			have = have[:i]
		}
		if first && i >= 0 && len(have) <= 2*keep {
			s.pos += i + 1
			return have[:i:i], nil
		}
		if i < 0 && first && len(have) <= 2*keep && keep > 0 {
			// Perhaps it is short and only its end has not come yet.
			if err := s.fill(); err != nil {
				return nil, Unexpected(err)
			}
			continue
		}
		first = false
		s.pos += len(have)
		n := min(keep-len(head), len(have))
		head = append(head, have[:n]...)
		if keep > 0 {
			have = have[n:]
			tail = append(tail, have[max(0, len(have)-keep):]...)
			if len(tail) > keep {
				tail = append(tail[:0], tail[len(tail)-keep:]...)
			}
		}
		if i >= 0 {
			s.pos++
			if keep == 0 {
				return nil, nil
			}
			// The line in which the end begins is not whole.
			_, tail, _ = bytes.Cut(tail, []byte{'\n'})
			return append(append(head, '\n'), tail...), nil
		}
		if err := s.fill(); err != nil {
			return nil, Unexpected(err)
		}
	}
}

// Unexpected is err, and io.ErrUnexpectedEOF for io.EOF: the end came in the middle of something.
func Unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
