package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"steward/internal/platform/fault"
	"steward/internal/platform/filelock"
)

// fileLock is the file beside a SQLite database that its one writing process holds locked. The
// operating system lets go of the lock when the process ends, however it ends; the file stays.
type fileLock struct{ file *os.File }

// lockFile takes the lock for the database at path, or says who holds it.
func lockFile(path string) (*fileLock, error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fileFault(path, err)
	}
	if err := filelock.Try(f); err != nil {
		defer f.Close()
		if !errors.Is(err, filelock.ErrHeld) {
			return nil, fault.Wrap(fault.Unavailable, err,
				"The database at %s cannot be locked. Put it on a local disk; network folders often cannot lock files.", path)
		}
		return nil, fault.Wrap(fault.Busy, err,
			"The database at %s is in use by another Steward (%s). Use its hub, stop it, or name another folder with --data.",
			path, holder(f))
	}
	if err := writeHolder(f); err != nil {
		_ = f.Close()
		return nil, fileFault(path, err)
	}
	return &fileLock{file: f}, nil
}

func writeHolder(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// holder reads who holds the lock: "process 123".
func holder(f *os.File) string {
	text, err := io.ReadAll(io.LimitReader(f, 32))
	pid, numErr := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || numErr != nil {
		return "process unknown"
	}
	return fmt.Sprintf("process %d", pid)
}

func (l *fileLock) release() error { return l.file.Close() }
