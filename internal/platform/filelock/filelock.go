// Package filelock locks open files among processes. The operating system lets go of a lock when its
// process ends, however it ends; so a lock that can be taken says that whoever held it is gone.
package filelock

import "errors"

// ErrHeld says that another process, or another open file of this one, holds the lock.
var ErrHeld = errors.New("locked by another process")
