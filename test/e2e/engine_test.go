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
	bins, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(bins) == 0 {
		t.Fatal("PostgreSQL is missing: run make test, or install the package postgresql")
	}
	bin := bins[len(bins)-1]
	dir, err := os.MkdirTemp("", "steward-e2e-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	as := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(bin, name), args...)
		cmd.Dir = dir
		if os.Getuid() == 0 {
			u, err := user.Lookup("postgres")
			if err != nil {
				t.Fatalf("tests that run as root need the user postgres: %v", err)
			}
			uid, _ := strconv.Atoi(u.Uid)
			gid, _ := strconv.Atoi(u.Gid)
			if err := os.Chown(dir, uid, gid); err != nil {
				t.Fatal(err)
			}
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
		}
		return cmd
	}
	data := filepath.Join(dir, "data")
	if out, err := as("initdb", "-D", data, "-U", "steward", "-A", "trust", "--no-sync").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	server := as("postgres", "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off")
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGINT)
		_ = server.Wait()
	})
	for range 200 {
		if out, err := as("psql", "-h", dir, "-U", "steward", "-d", "postgres", "-Atc", "SELECT 1").Output(); err == nil && strings.TrimSpace(string(out)) == "1" {
			return fmt.Sprintf("postgres://steward@/postgres?host=%s", dir)
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("PostgreSQL did not start within 20 s")
	return ""
}
