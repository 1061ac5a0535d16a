package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// engine is a database to run over: the flags that name it.
type engine struct {
	name string
	args []string
}

// engines are the embedded database and a PostgreSQL server of this test's own.
func engines(t *testing.T) []engine {
	t.Helper()
	return []engine{{"sqlite", nil}, {"postgres", []string{"--database", postgres(t)}}}
}

// postgres starts a server in a folder of its own and returns its DSN.
func postgres(t *testing.T) string {
	t.Helper()
	return newServer(t).dsn
}

// server is a PostgreSQL of this test's own, which can die and come back.
type server struct {
	t        *testing.T
	dir, dsn string
	cmd      *exec.Cmd // nil while it is down
}

func newServer(t *testing.T) *server {
	t.Helper()
	dir, err := os.MkdirTemp("", "steward-e2e-pg-")
	if err != nil {
		t.Fatal(err)
	}
	p := &server{t: t, dir: dir, dsn: fmt.Sprintf("postgres://steward@/postgres?host=%s", dir)}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if out, err := p.program("initdb", "-D", p.data(), "-U", "steward", "-A", "trust", "--no-sync").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	t.Cleanup(func() { p.end(syscall.SIGINT) })
	p.start()
	return p
}

func (p *server) data() string { return filepath.Join(p.dir, "data") }

// program is a command of PostgreSQL, run by a user that it accepts.
func (p *server) program(name string, args ...string) *exec.Cmd {
	p.t.Helper()
	bins, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(bins) == 0 {
		p.t.Fatal("PostgreSQL is missing: run make test, or install the package postgresql")
	}
	cmd := exec.Command(filepath.Join(bins[len(bins)-1], name), args...)
	cmd.Dir, cmd.SysProcAttr = p.dir, &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() == 0 {
		u, err := user.Lookup("postgres")
		if err != nil {
			p.t.Fatalf("tests that run as root need the user postgres: %v", err)
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		if err := os.Chown(p.dir, uid, gid); err != nil {
			p.t.Fatal(err)
		}
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	return cmd
}

// start runs the server and waits until it answers.
func (p *server) start() {
	p.t.Helper()
	p.cmd = p.program("postgres", "-D", p.data(), "-k", p.dir, "-c", "listen_addresses=", "-c", "fsync=off")
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	for range 200 {
		if out, err := p.program("psql", "-h", p.dir, "-U", "steward", "-d", "postgres", "-Atc", "SELECT 1").Output(); err == nil && strings.TrimSpace(string(out)) == "1" {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	p.t.Fatal("PostgreSQL did not start within 20 s")
}

// end sends a signal to the server and waits for its end; SIGKILL is a crash with all its processes.
func (p *server) end(signal syscall.Signal) {
	if p.cmd == nil {
		return
	}
	pid := p.cmd.Process.Pid
	if signal == syscall.SIGKILL {
		// Its processes would notice in a while only.
		out, _ := exec.Command("ps", "-o", "pid=", "--ppid", strconv.Itoa(pid)).Output()
		_ = syscall.Kill(pid, syscall.SIGKILL)
		for _, child := range strings.Fields(string(out)) {
			if n, err := strconv.Atoi(child); err == nil {
				_ = syscall.Kill(n, syscall.SIGKILL)
			}
		}
	} else {
		_ = syscall.Kill(pid, signal)
	}
	_ = p.cmd.Wait()
	p.cmd = nil
}
