package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestKilledAtAnyMoment kills Steward while it reads and starts it again, until
// everything is read: each repository then is there once and whole.
func TestKilledAtAnyMoment(t *testing.T) {
	for _, engine := range engines(t) {
		t.Run(engine.name, func(t *testing.T) {
			root, data := t.TempDir(), t.TempDir()
			const n = 40
			for i := range n {
				repository(t, filepath.Join(root, fmt.Sprintf("repo-%02d", i)), map[string]string{
					"README.md": fmt.Sprintf("# Repo %d\n\nThe sample repository with number %d.\n", i, i), "main.go": "package main\n\nfunc main() {}\n",
					"package-lock.json": portalLock, "LICENSE": mit,
				})
			}
			args := append([]string{}, engine.args...)
			wait := 150 * time.Millisecond
			for range 8 {
				s := up(t, data, append(args, root)...)
				time.Sleep(wait)
				s.signIn()
				wholeOrAbsent(t, s)
				s.kill()
				wait += 90 * time.Millisecond
			}
			s := up(t, data, append(args, root)...)
			s.signIn()
			s.idle(n)
			wholeOrAbsent(t, s)
			if _, body := s.get("/repositories.csv"); strings.Count(body, "\n") != n+1 {
				t.Errorf("the list has %d lines, want a head and %d repositories:\n%s", strings.Count(body, "\n"), n, body)
			}
		})
	}
}

// wholeOrAbsent: a repository that is shown as read has all that belongs to it.
func wholeOrAbsent(t *testing.T, s *steward) {
	t.Helper()
	_, body := s.get("/repositories.csv")
	for _, line := range strings.Split(strings.TrimSpace(body), "\n")[1:] {
		if strings.Contains(line, ",read,") && (!strings.Contains(line, "The sample repository with number") || !strings.Contains(line, ",Go,")) {
			t.Errorf("a repository is shown as read and is not whole: %s", line)
		}
	}
}

func TestErrorsAreOneSentenceWithWhatToDo(t *testing.T) {
	root, _ := estate(t)
	data := t.TempDir()
	notARepository := t.TempDir()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte{0, 1, 2}, 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"a folder that is not there", []string{"up", "--data", data, "/nowhere/at/all"}, 2, "no such folder or file"},
		{"a file that is no list", []string{"up", "--data", data, file}, 2, "not a text file"},
		{"a port in use", []string{"up", "--data", data, "--listen", taken.Addr().String(), root}, 3, "is in use"},
		{"an address with a password", []string{"up", "--data", data, "https://me:hunter2@git.example.com/a.git"}, 2, "has credentials in it"},
		{"a folder without repositories", []string{"up", "--once", "--data", data, notARepository}, 0, "0 of 0"},
		{"no estate yet", []string{"who-uses", "--data", t.TempDir(), "left-pad"}, 3, "no estate"},
		{"an unknown command", []string{"frobnicate"}, 2, "steward --help"},
		{"serve without PostgreSQL", []string{"serve", "--data", data}, 2, "needs PostgreSQL"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			out, errs, code := run(t, c.args...)
			if code != c.code || !strings.Contains(out+errs, c.want) {
				t.Errorf("exit %d, want %d, with %q in:\n%s%s", code, c.code, c.want, out, errs)
			}
			if strings.Contains(out+errs, "hunter2") || strings.Contains(out+errs, "goroutine ") {
				t.Errorf("it repeats a secret or shows its inside:\n%s%s", out, errs)
			}
		})
	}
}

func TestASecondProcessIsToldWhoHoldsTheFile(t *testing.T) {
	root, _ := estate(t)
	data := t.TempDir()
	s := up(t, data, root)
	_, errs, code := run(t, "up", "--data", data, "--listen", "127.0.0.1:0", root)
	if code != 3 || !strings.Contains(errs, fmt.Sprint(s.cmd.Process.Pid)) {
		t.Errorf("exit %d, want 3 and the process id %d:\n%s", code, s.cmd.Process.Pid, errs)
	}
}

func TestSourcesOfEveryKind(t *testing.T) {
	root, _ := estate(t)
	data := t.TempDir()
	list := filepath.Join(t.TempDir(), "list.txt")
	if err := os.WriteFile(list, []byte("# two\n"+filepath.Join(root, "ledger")+"\nfile://"+filepath.Join(root, "portal")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := up(t, data, list)
	s.signIn()
	s.idle(2)
	if _, body := s.get("/repositories.csv"); !strings.Contains(body, "ledger,") || !strings.Contains(body, "portal,") {
		t.Errorf("ledger and portal are not both there:\n%s", body)
	}
}
