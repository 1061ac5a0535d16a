//go:build unix

package layout

import "syscall"

// openSafely keeps the opening of a named pipe from waiting for a writer and
// refuses a symbolic link that came in between.
const openSafely = syscall.O_NONBLOCK | syscall.O_NOFOLLOW
