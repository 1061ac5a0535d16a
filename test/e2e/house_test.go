package e2e

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary is what `make build` made, or what STEWARD_BINARY names.
func binary(t testing.TB) string {
	t.Helper()
	path, err := filepath.Abs(cmp.Or(os.Getenv("STEWARD_BINARY"), "../../bin/steward"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s is missing: run make build first", path)
	}
	return path
}

// steward is a running `steward up`.
type steward struct {
	t       testing.TB
	cmd     *exec.Cmd
	address string
	link    string
	client  *http.Client
	trust   *x509.CertPool // of its certificate, when it serves https
	out     *lockedBuffer
}

// lockedBuffer collects output while a process writes it.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

var linkLine = regexp.MustCompile(`(https?://[a-z0-9.]+:\d+)/login\?link=(\S+)`)

// up starts Steward over a data folder and waits for its sign-in link.
func up(t testing.TB, data string, args ...string) *steward {
	t.Helper()
	return start(t, exec.Command(binary(t), append([]string{"up", "--data", data, "--listen", "127.0.0.1:0"}, args...)...))
}

// start is up for a command that was made already.
func start(t testing.TB, cmd *exec.Cmd) *steward {
	t.Helper()
	s := &steward{t: t, cmd: cmd, out: &lockedBuffer{}}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	s.cmd.Stderr = s.out
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.kill() })
	found := make(chan []string, 1)
	go func() {
		lines := bufio.NewScanner(io.TeeReader(stdout, s.out))
		for lines.Scan() {
			if m := linkLine.FindStringSubmatch(lines.Text()); m != nil {
				found <- m
			}
		}
		close(found)
	}()
	select {
	case m, ok := <-found:
		if !ok {
			t.Fatalf("steward up ended before it printed a link:\n%s", s.out)
		}
		s.address, s.link = m[1], m[2]
	case <-time.After(60 * time.Second):
		t.Fatalf("steward up printed no link within a minute:\n%s", s.out)
	}
	go func() {
		for range found {
		}
	}()
	return s
}

// kill ends the process at once, as a crash would.
func (s *steward) kill() {
	if s.cmd.ProcessState == nil {
		_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
		_ = s.cmd.Wait()
	}
}

// signIn spends the link and keeps the session.
func (s *steward) signIn() {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.client = &http.Client{Jar: jar, Timeout: 60 * time.Second}
	if s.trust != nil {
		s.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: s.trust}}
	}
	answer, err := s.client.PostForm(s.address+"/login", url.Values{"link": {s.link}})
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK || answer.Request.URL.Path != "/" {
		s.t.Fatalf("signing in led to %s with %s", answer.Request.URL, answer.Status)
	}
}

// get returns status and body of an address.
func (s *steward) get(path string) (int, string) {
	s.t.Helper()
	answer, err := s.client.Get(s.address + path)
	if err != nil {
		s.t.Fatalf("GET %s: %v", path, err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatalf("GET %s: %v", path, err)
	}
	return answer.StatusCode, string(b)
}

// idle waits until all repositories are read.
func (s *steward) idle(repositories int) {
	s.t.Helper()
	want := regexp.MustCompile(fmt.Sprintf(`\b%d of %d repositories read`, repositories, repositories))
	for range 600 {
		if _, body := s.get("/"); want.MatchString(body) && !strings.Contains(body, "still to be read") {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	_, body := s.get("/repositories.json")
	s.t.Fatalf("%d repositories were not read within a minute:\n%s\n%s", repositories, body, s.out)
}

// run runs a command to its end.
func run(t testing.TB, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary(t), args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if ctx.Err() != nil {
		t.Fatalf("steward %s did not end within two minutes:\n%s", strings.Join(args, " "), errs.String())
	}
	if _, ok := err.(*exec.ExitError); err != nil && !ok {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// repository makes a git repository with one commit of the given files.
func repository(t testing.TB, dir string, files map[string]string) string {
	t.Helper()
	for name, content := range files {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "init", "-q", "-b", "main")
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-q", "--allow-empty", "-m", "first")
	return dir
}

func git(t testing.TB, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=Sample Author", "GIT_AUTHOR_EMAIL=author@firm.example",
		"GIT_COMMITTER_NAME=Sample Author", "GIT_COMMITTER_EMAIL=author@firm.example")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// estate makes a folder with a few repositories that show what Steward knows.
func estate(t testing.TB) (root string, repositories int) {
	t.Helper()
	root = t.TempDir()
	repository(t, filepath.Join(root, "ledger"), map[string]string{
		"README.md": "# Ledger\n\nKeeps the books of the payments department.\n", "LICENSE": mit, "CODEOWNERS": "* @payments/core\n",
		"go.mod":                      "module example.com/ledger\n\ngo 1.22\n\nrequire golang.org/x/text v0.14.0\n",
		"main.go":                     "package main\n\nfunc main() {}\n",
		"Dockerfile":                  "FROM scratch\n",
		"web/app.css":                 "body { color: red; }\n",
		".github/workflows/build.yml": "on: push\n",
		"catalog-info.yaml":           "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: ledger\n  description: The books.\nspec:\n  type: service\n  lifecycle: production\n  owner: group:payments-core\n",
	})
	repository(t, filepath.Join(root, "portal"), map[string]string{
		"README.md":         "# Portal\n\nWhat customers see of their accounts.\n",
		"package.json":      `{"name": "portal", "version": "1.0.0", "dependencies": {"left-pad": "^1.3.0"}, "devDependencies": {"is-odd": "3.0.1"}}`,
		"package-lock.json": portalLock,
		"src/index.ts":      "export const a: number = 1\n",
	})
	repository(t, filepath.Join(root, "broken-manifest"), map[string]string{"package-lock.json": `{"name": "x", "lockfileVersion": 3, "packages": {`, "a.py": "print(1)\n"})
	if err := os.MkdirAll(filepath.Join(root, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	git(t, filepath.Join(root, "empty"), "init", "-q", "-b", "main")
	return root, 4
}

const mit = `MIT License

Copyright (c) 2024 Firm

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
`

const portalLock = `{
  "name": "portal", "version": "1.0.0", "lockfileVersion": 3, "requires": true,
  "packages": {
    "": {"name": "portal", "version": "1.0.0", "dependencies": {"left-pad": "^1.3.0"}, "devDependencies": {"is-odd": "3.0.1"}},
    "node_modules/left-pad": {"version": "1.3.0", "resolved": "https://packages.example.org/left-pad-1.3.0.tgz", "license": "WTFPL"},
    "node_modules/is-odd": {"version": "3.0.1", "resolved": "https://packages.example.org/is-odd-3.0.1.tgz", "dev": true, "dependencies": {"is-number": "^6.0.0"}},
    "node_modules/is-number": {"version": "6.0.0", "resolved": "https://packages.example.org/is-number-6.0.0.tgz", "dev": true}
  }
}
`
