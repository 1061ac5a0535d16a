package gitrepo

import (
	"bytes"
	"errors"
	"io"
	"time"
)

const (
	streamChunk = 1 << 20
	streamSpare = 64 << 10
	// streamEager is how much of a stream is taken as it comes; after that
	// reads smaller than streamSmall are spaced out.
	streamEager = 256 << 10
	streamSmall = 128 << 10
	streamPause = 2 * time.Millisecond
)

// errFieldTooLong says that a field was passed over because of its length.
var errFieldTooLong = errors.New("field too long")

// stream cuts a process's output at NUL bytes into views of large buffers.
// Fields stay valid until release: a full buffer is replaced, not overwritten.
type stream struct {
	r        io.Reader
	buf      []byte
	pos, end int
	err      error
	total    int // bytes read so far
	pause    bool
}

func newStream(r io.Reader) *stream {
	return &stream{r: r, buf: make([]byte, streamChunk)}
}

// release says that no field returned so far is needed any more.
func (s *stream) release() {
	if s.pos == s.end {
		s.pos, s.end = 0, 0
	} else if len(s.buf)-s.end < streamSpare {
		s.end = copy(s.buf, s.buf[s.pos:s.end])
		s.pos = 0
	}
}

// fill reads more behind end, into a new buffer when this one is full.
func (s *stream) fill() error {
	if s.err != nil {
		return s.err
	}
	if s.end == len(s.buf) {
		rest := s.end - s.pos
		next := make([]byte, max(streamChunk, 2*rest))
		copy(next, s.buf[s.pos:s.end])
		s.buf, s.pos, s.end = next, 0, rest
	}
	if s.pause {
		// Git writes 4 KiB at a time and we are faster: to wake up for each
		// costs both sides more than the parsing.
		time.Sleep(streamPause)
	}
	n, err := s.r.Read(s.buf[s.end:])
	s.end += n
	s.total += n
	s.pause = s.total > streamEager && n < min(streamSmall, len(s.buf)-s.end)
	if err != nil {
		s.err = err
	}
	if n > 0 {
		return nil
	}
	return err
}

// peek is the next byte, or io.EOF.
func (s *stream) peek() (byte, error) {
	for s.pos == s.end {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	return s.buf[s.pos], nil
}

// need makes n bytes available without consuming them.
func (s *stream) need(n int) ([]byte, error) {
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

// field reads up to the next NUL, which it drops. A field of more than limit
// bytes is passed over: errFieldTooLong.
func (s *stream) field(limit int) ([]byte, error) {
	from := 0
	for {
		if i := bytes.IndexByte(s.buf[s.pos+from:s.end], 0); i >= 0 {
			f := s.buf[s.pos : s.pos+from+i : s.pos+from+i]
			s.pos += from + i + 1
			if len(f) > limit {
				return nil, errFieldTooLong
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
func (s *stream) skip() error {
	_, err := s.headAndTail(0)
	if err == nil {
		err = errFieldTooLong
	}
	return err
}

// headAndTail reads up to the next NUL and returns at most keep bytes of the
// start and, of a longer field, at most keep of the end after a line break.
func (s *stream) headAndTail(keep int) ([]byte, error) {
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
				return nil, unexpected(err)
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
			return nil, unexpected(err)
		}
	}
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
