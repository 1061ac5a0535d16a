//go:build unix

package process

import (
	"io"
	"os/exec"
	"strconv"
	"syscall"
)

// ownGroup puts git and all that it starts into one process group, which ends
// as a whole.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithParent(cmd.SysProcAttr)
	cmd.Cancel = func() error { return killGroup(cmd) }
}

func killGroup(cmd *exec.Cmd) error {
	return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
}

// limited lets a shell set the limit before git begins, so that every program that git starts has
// it too. A limit of the machine that is lower already stays.
func limited(git string, memory int64, args []string) (program string, all []string) {
	const script = `ulimit -d "$1" 2>/dev/null; shift; exec "$@"`
	return shell, append([]string{"-c", script, "sh", strconv.FormatInt(memory>>10, 10), git}, args...)
}

const shell = "/bin/sh"

// guard stays beside a git that starts programs of its own. When this process is gone, however it
// ended, the pipe that the guard reads is closed, and it ends the whole group: the kernel tells
// git alone of the death of its parent.
type guard struct {
	cmd  *exec.Cmd
	pipe io.Closer
}

// watch starts the guard of a running git, as a member of its group.
func watch(git *exec.Cmd) (*guard, error) {
	cmd := exec.Command(shell, "-c", "read -r _; kill -KILL 0")
	cmd.Env = []string{}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pgid: git.Process.Pid}
	pipe, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, err
	}
	return &guard{cmd, pipe}, nil
}

// dismiss ends the guard alone: a program that git leaves behind on purpose, such as the cache of a
// credential helper, goes on.
func (g *guard) dismiss() {
	if g == nil {
		return
	}
	_ = g.cmd.Process.Kill()
	_ = g.cmd.Wait()
	_ = g.pipe.Close()
}
