package download

import (
	"bytes"
	"fmt"
	"io"
	"os"
)

// inMemory is how much is kept in memory, in bytes; more goes into a file.
const inMemory = 1 << 20

// spool takes what is written and hands it on once. The zero value is empty; Close it after use.
type spool struct {
	small bytes.Buffer
	file  *os.File
	size  int64
}

// Write keeps p. The file that more than a megabyte needs lies in the system's folder for temporary
// files, can be read by this user only, and has no name where the system allows that.
func (s *spool) Write(p []byte) (int, error) {
	if s.file == nil && s.small.Len()+len(p) > inMemory {
		f, err := os.CreateTemp("", "steward-answer-*")
		if err != nil {
			return 0, fmt.Errorf("keep an answer: %w", err)
		}
		_ = os.Remove(f.Name()) // where open files cannot be removed, Close does it
		s.file = f
		if _, err := s.small.WriteTo(f); err != nil {
			return 0, fmt.Errorf("keep an answer: %w", err)
		}
	}
	var n int
	var err error
	if s.file != nil {
		n, err = s.file.Write(p)
	} else {
		n, err = s.small.Write(p)
	}
	s.size += int64(n)
	return n, err
}

// WriteTo hands on what was written.
func (s *spool) WriteTo(w io.Writer) (int64, error) {
	if s.file == nil {
		return s.small.WriteTo(w)
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return 0, fmt.Errorf("hand an answer on: %w", err)
	}
	return io.Copy(w, s.file)
}

// Close forgets what was kept.
func (s *spool) Close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	_ = os.Remove(s.file.Name()) // mostly gone already
	return err
}
