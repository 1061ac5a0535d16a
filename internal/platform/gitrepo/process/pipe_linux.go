package process

import (
	"io"
	"os"
	"syscall"

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

// limitMemory bounds what a process may allocate: git keeps all changes of a
// commit before it writes the first. Mapped pack files do not count.
func limitMemory(pid int, bytes uint64) {
	_ = unix.Prlimit(pid, unix.RLIMIT_DATA, &unix.Rlimit{Cur: bytes, Max: bytes}, nil)
}

// dieWithParent has the kernel end git when the thread that started it ends.
func dieWithParent(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGKILL }
