package lockfile

import (
	"bytes"
	"fmt"
	"sort"
	"unicode/utf16"
	"unicode/utf8"
)

// Lines answers on which line of a text a byte stands.
type Lines struct {
	breaks []int // offsets of the line feeds, ascending
}

// NewLines indexes b. It costs one pass; readers that only move forward count
// lines themselves.
func NewLines(b []byte) Lines {
	breaks := make([]int, 0, bytes.Count(b, []byte{'\n'}))
	for from := 0; ; {
		i := bytes.IndexByte(b[from:], '\n')
		if i < 0 {
			return Lines{breaks: breaks}
		}
		breaks = append(breaks, from+i)
		from += i + 1
	}
}

// At returns the 1-based line of the byte at offset. A line feed belongs to
// the line that it ends; an offset past the end is on the last line.
func (l Lines) At(offset int) int {
	return sort.SearchInts(l.breaks, offset) + 1
}

// Text prepares the bytes of a text file for a reader: it refuses files beyond
// MaxBytes, drops a byte order mark, turns UTF-16 with a mark into UTF-8, and
// refuses what is no UTF-8 or carries the marks of an unfinished merge. Lines
// keep their numbers. The error is a LineError where the line is known.
func Text(b []byte) ([]byte, error) {
	if len(b) > MaxBytes {
		return nil, ErrTooLarge
	}
	switch {
	case bytes.HasPrefix(b, []byte("\xEF\xBB\xBF")):
		b = b[3:]
	case bytes.HasPrefix(b, []byte("\xFF\xFE")):
		b = fromUTF16(b[2:], 1, 0)
	case bytes.HasPrefix(b, []byte("\xFE\xFF")):
		b = fromUTF16(b[2:], 0, 1)
	}
	if !utf8.Valid(b) {
		return nil, &LineError{Line: lineOf(b, invalidAt(b)), Err: fmt.Errorf("%w: not UTF-8", ErrSyntax)}
	}
	if i := conflictAt(b); i >= 0 {
		return nil, &LineError{Line: lineOf(b, i), Err: fmt.Errorf("%w: unfinished merge, resolve it and commit again", ErrSyntax)}
	}
	return b, nil
}

// LineError is an error with the place where it arose.
type LineError struct {
	Line int // 1-based
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

func (e *LineError) Unwrap() error { return e.Err }

// Fail makes a Failure of err, with the line when err is a LineError.
func Fail(path string, err error) Failure {
	if at, ok := err.(*LineError); ok {
		return Failure{Path: path, Line: at.Line, Err: at.Err}
	}
	return Failure{Path: path, Err: err}
}

func lineOf(b []byte, offset int) int {
	return bytes.Count(b[:offset], []byte{'\n'}) + 1
}

func invalidAt(b []byte) int {
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(b)
}

func conflictAt(b []byte) int {
	mark := []byte("<<<<<<< ")
	if bytes.HasPrefix(b, mark) {
		return 0
	}
	if i := bytes.Index(b, []byte("\n<<<<<<< ")); i >= 0 {
		return i + 1
	}
	return -1
}

func fromUTF16(b []byte, high, low int) []byte {
	units := make([]uint16, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		units = append(units, uint16(b[high])<<8|uint16(b[low]))
	}
	return []byte(string(utf16.Decode(units)))
}
