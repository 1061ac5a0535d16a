package gitrepo

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// widenPipe gives git room to run ahead of us: with the usual 64 KiB both
// sides switch too often. Where it is refused the pipe stays as it is.
func widenPipe(r io.ReadCloser) {
	f, ok := r.(*os.File)
	if !ok {
		return
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, 1<<20)
	})
}
