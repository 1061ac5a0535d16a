// Package scratch gives each process a folder for its work in progress, in a place that several may
// share, and removes those of processes that have ended.
//
//	scratch/<id>       the folder of one process
//	scratch/<id>.lock  which it holds locked as long as it lives
//
// Process ids tell nothing there: in two containers on one volume both may be 1.
package scratch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"steward/internal/platform/filelock"
)

const suffix = ".lock"

// Folder is the folder of this process.
type Folder struct {
	Path string
	lock *os.File
}

// Open makes a folder of our own below parent and removes what ended processes left there.
func Open(parent string) (*Folder, error) {
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return nil, fmt.Errorf("make the place for work in progress: %w", err)
	}
	if err := sweep(parent); err != nil {
		return nil, fmt.Errorf("remove work of processes that have ended: %w", err)
	}
	for {
		lock, err := os.CreateTemp(parent, "*"+suffix)
		if err != nil {
			return nil, fmt.Errorf("make a folder for work in progress: %w", err)
		}
		mine, err := hold(lock)
		if err == nil && mine {
			f := &Folder{Path: strings.TrimSuffix(lock.Name(), suffix), lock: lock}
			if err = os.Mkdir(f.Path, 0o700); err == nil {
				return f, nil
			}
		}
		if closed := lock.Close(); err != nil {
			return nil, fmt.Errorf("lock a folder for work in progress: %w", errors.Join(err, closed, os.Remove(lock.Name())))
		}
	}
}

// hold locks a new file. False: a process that removes what others left took it for such.
func hold(lock *os.File) (bool, error) {
	if err := filelock.Try(lock); errors.Is(err, filelock.ErrHeld) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	held, err := lock.Stat()
	if err != nil {
		return false, err
	}
	there, err := os.Stat(lock.Name())
	return err == nil && os.SameFile(held, there), nil
}

// sweep removes the folders that nobody holds. A folder is made after its lock and removed before it.
func sweep(parent string) error {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return err
	}
	locked := map[string]bool{}
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), suffix); ok && e.Type().IsRegular() {
			locked[id] = true
			if err := sweepOne(filepath.Join(parent, id)); err != nil {
				return err
			}
		}
	}
	for _, e := range entries {
		if e.IsDir() && !locked[e.Name()] {
			if err := os.RemoveAll(filepath.Join(parent, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func sweepOne(path string) error {
	lock, err := os.OpenFile(path+suffix, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil // its process ended just now
	}
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := filelock.Try(lock); errors.Is(err, filelock.ErrHeld) {
		return nil
	} else if err != nil {
		return err
	}
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	if err := os.Remove(path + suffix); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// Close removes the folder and lets go of it.
func (f *Folder) Close() error {
	err := os.RemoveAll(f.Path)
	return errors.Join(err, os.Remove(f.lock.Name()), f.lock.Close())
}
