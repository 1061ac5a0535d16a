package gitrepo_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"steward/internal/platform/fault"
	"steward/internal/platform/gitrepo"
)

func packet(text string) string { return fmt.Sprintf("%04x%s", len(text)+4, text) }

// advertise serves the beginning of an advertisement of refs, and then what rest writes.
func advertise(t *testing.T, rest func(r *http.Request, out io.Writer)) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-git-upload-pack-advertisement")
		fmt.Fprint(w, packet("# service=git-upload-pack\n")+"0000")
		rest(r, w)
	}))
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	return server.URL + "/x"
}

// endless writes refs with long names for as long as somebody reads, or until max bytes.
func endless(max int64) func(*http.Request, io.Writer) {
	return func(_ *http.Request, out io.Writer) {
		pad := strings.Repeat("y", 40_000)
		for i, sent := 1, int64(0); sent < max; i++ {
			n, err := io.WriteString(out, packet(fmt.Sprintf("%040x refs/heads/%s%d\n", i, pad, i)))
			if err != nil {
				return
			}
			sent += int64(n)
		}
	}
}

func TestAServerThatListsRefsWithoutEnd(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the kernel of this system does not bound the memory of a process")
	}
	const most = 2 << 30
	var sent atomic.Int64
	address := advertise(t, func(r *http.Request, out io.Writer) {
		endless(most)(r, writerFunc(func(b []byte) (int, error) {
			n, err := out.Write(b)
			sent.Add(int64(n))
			return n, err
		}))
	})
	opts := gitrepo.MirrorOptions{Memory: 256 << 20}
	err := gitrepo.Mirror(t.Context(), address, filepath.Join(t.TempDir(), "copy"), opts)
	if !errors.Is(err, gitrepo.ErrTooLarge) {
		t.Errorf("Mirror = %v; want ErrTooLarge", err)
	}
	if n := sent.Load(); n > 256<<20 {
		t.Errorf("%d bytes were taken before git ended", n)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func TestAServerThatDrips(t *testing.T) {
	address := advertise(t, func(r *http.Request, out io.Writer) {
		for i := 1; ; i++ {
			_, _ = io.WriteString(out, packet(fmt.Sprintf("%040x refs/heads/b%d\n", i, i)))
			out.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	})
	err := gitrepo.Mirror(t.Context(), address, filepath.Join(t.TempDir(), "copy"), gitrepo.MirrorOptions{ListTime: 300 * time.Millisecond})
	if !errors.Is(err, gitrepo.ErrUnreachable) || !strings.Contains(err.Error(), "not listed within 300ms") {
		t.Errorf("Mirror = %v", err)
	}
}

// A repository is listed at once; what comes of it after that drips, over any protocol.
func TestATransferThatDrips(t *testing.T) {
	root := t.TempDir()
	git(t, root, "init", "-q", "src")
	commit(t, filepath.Join(root, "src"), "one", "a", "1")
	real, _ := backend(t, root, "")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !strings.Contains(string(body), "command=fetch") {
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			real.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/x-git-upload-pack-result")
		fmt.Fprint(w, packet("packfile\n"))
		for r.Context().Err() == nil {
			fmt.Fprint(w, packet("\x02wait"))
			w.(http.Flusher).Flush()
			time.Sleep(20 * time.Millisecond)
		}
	}))
	t.Cleanup(server.Close)
	err := gitrepo.Mirror(t.Context(), server.URL+"/src/.git", filepath.Join(t.TempDir(), "copy"), gitrepo.MirrorOptions{Slow: 500 * time.Millisecond})
	if !errors.Is(err, gitrepo.ErrUnreachable) || !strings.Contains(err.Error(), "less than 1000 bytes a second") {
		t.Errorf("Mirror = %v", err)
	}
}

func TestAServerThatAnswersWithAnError(t *testing.T) {
	for name, c := range map[string]struct {
		rest string
		want string
	}{
		"an ERR packet":    {packet("ERR closed for \x1b[31mthe\u202e weekend."), "the server answered with an error: closed for ?[31mthe weekend; try again later, or ask who runs it"},
		"breaks off":       {"0099", "the server answered with an error; try again later, or ask who runs it"},
		"another protocol": {"zzzz hello", "the server answered with an error; try again later, or ask who runs it"},
	} {
		t.Run(name, func(t *testing.T) {
			address := advertise(t, func(_ *http.Request, out io.Writer) { _, _ = io.WriteString(out, c.rest) })
			err := gitrepo.Mirror(t.Context(), address, filepath.Join(t.TempDir(), "copy"), gitrepo.MirrorOptions{})
			if got := fault.Sentence(err); !errors.Is(err, gitrepo.ErrServer) || got != c.want {
				t.Errorf("it says %q of %v, want %q", got, err, c.want)
			}
		})
	}
}

// mirrorVariable makes this binary copy the address that it holds, and nothing else.
const mirrorVariable = "STEWARD_TEST_MIRROR"

// child is the other process of TestKilledWhileCopying.
func child(address string) {
	fmt.Println("copying")
	_ = gitrepo.Mirror(context.Background(), address, filepath.Join(os.Getenv("STEWARD_TEST_DIR"), "copy"), gitrepo.MirrorOptions{})
}

func TestKilledWhileCopyingLeavesNoGit(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc")
	}
	reached := make(chan bool, 1)
	address := advertise(t, func(r *http.Request, out io.Writer) {
		out.(http.Flusher).Flush()
		reached <- true
		for r.Context().Err() == nil {
			_, _ = io.WriteString(out, packet("0123456789012345678901234567890123456789 refs/heads/x\n"))
			out.(http.Flusher).Flush()
			time.Sleep(10 * time.Millisecond)
		}
	})
	dir := t.TempDir()
	other := exec.Command(os.Args[0])
	other.Env = append(os.Environ(), mirrorVariable+"="+address, "STEWARD_TEST_DIR="+dir)
	stdout, err := other.StdoutPipe()
	if err == nil {
		err = other.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "copying\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	<-reached
	if got := running(t, dir); len(got) < 2 {
		t.Fatalf("running while copying: %q; want git and its helper", got)
	}
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait()
	var left []string
	for range 100 {
		if left = running(t, dir); len(left) == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("still running: %q", left)
}

// running are the programs whose working directory lies below dir.
func running(t *testing.T, dir string) []string {
	t.Helper()
	all, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, e := range all {
		if _, err := strconv.Atoi(e.Name()); err != nil {
			continue
		}
		if at, _ := os.Readlink(filepath.Join("/proc", e.Name(), "cwd")); strings.HasPrefix(at, dir) {
			args, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
			found = append(found, strings.ReplaceAll(string(args), "\x00", " "))
		}
	}
	return found
}
