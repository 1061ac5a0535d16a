package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
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

// TestPermissionDenied reads, as a user who is not root, repositories of which
// parts may not be read.
func TestPermissionDenied(t *testing.T) {
	root := openFolder(t)
	goodRepository(t, filepath.Join(root, "good"))
	closed := map[string]string{ // what may not be read, by repository
		"no-git": ".git", "no-head": ".git/HEAD", "no-objects": ".git/objects", "no-refs": ".git/refs", "no-config": ".git/config", "no-entry": ".",
	}
	for name, part := range closed {
		dir := simple(t, filepath.Join(root, name))
		if err := os.Chmod(filepath.Join(dir, part), 0); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(filepath.Join(dir, part), 0o700) })
	}
	data := filepath.Join(openFolder(t), "data")
	out, code := asNobody(t, "up", "--once", "--json", "--data", data, root)
	if code != 0 {
		t.Fatalf("up --once ends with %d:\n%s", code, out)
	}
	clean(t, out)
	a := answers{lists: map[string][]map[string]any{}}
	a.collect(t, start(t, nobodys(context.Background(), t, "up", "--data", data, "--listen", "127.0.0.1:0")))
	if good := a.of("good"); good.state != "read" {
		t.Errorf("the good repository is %s", good)
	}
	for name := range closed {
		got := a.of(name)
		if name == "no-config" || name == "no-refs" {
			if got.state != "read" && got.state != "failed" && got.state != "empty" {
				t.Errorf("%s is %s", name, got)
			}
		} else if name != "no-entry" && (got.state != "failed" || !strings.Contains(got.said, "read access") && !strings.Contains(got.said, "missing")) {
			t.Errorf("%s is %s", name, got)
		}
	}
	// A folder that cannot even be listed is a note of the source.
	if said := fmt.Sprint(a.lists["coverage-notes"]); !strings.Contains(said, "/no-entry ") || !strings.Contains(said, "read access") {
		t.Errorf("no note says that no-entry may not be listed:\n%s", said)
	}
	for _, args := range [][]string{
		{"scan", filepath.Join(root, "no-entry")},
		{"scan", filepath.Join(root, "no-git")},
		{"up", "--once", "--data", data, filepath.Join(root, "no-entry")},
		{"up", "--once", "--data", "/root-of-nobody", root},
		{"who-uses", "--data", "/proc/1/root", "x"},
	} {
		out, code := asNobody(t, args...)
		clean(t, out)
		if code == 1 || strings.TrimSpace(out) == "" {
			t.Errorf("%s ends with %d: %s", strings.Join(args, " "), code, out)
		}
	}
}

// openFolder is a folder that every user may enter.
func openFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "steward-e2e-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

// nobodys is a command of the binary that runs as the user nobody when the
// tests run as root, who may read everything.
func nobodys(ctx context.Context, t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	path := filepath.Join(openFolder(t), "steward")
	copyFile(t, binary(t), path)
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "HOME=/nonexistent", "GIT_CONFIG_GLOBAL=/dev/null")
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: nobody(t)}
	}
	return cmd
}

// asNobody runs the binary as the user nobody to its end.
func asNobody(t *testing.T, args ...string) (output string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := nobodys(ctx, t, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if _, ok := err.(*exec.ExitError); err != nil && !ok {
		t.Fatal(err)
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

func nobody(t *testing.T) *syscall.Credential {
	t.Helper()
	u, err := user.Lookup("nobody")
	if err != nil {
		t.Fatalf("tests that run as root need the user nobody: %v", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestDiskFull fills the disk of the data folder while Steward reads: it says
// so, what was read stays whole, and with room again it goes on.
func TestDiskFull(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: a disk can be filled only on a file system of its own, which only root may mount; run the tests as root once")
	}
	disk := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk).CombinedOutput(); err != nil {
		t.Fatalf("a file system of 24 MB cannot be mounted: %v\n%s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", disk).Run() })
	data, root := filepath.Join(disk, "data"), t.TempDir()
	goodRepository(t, filepath.Join(root, "good"))
	if out, errs, code := run(t, "up", "--once", "--data", data, root); code != 0 {
		t.Fatalf("up --once on an empty disk ends with %d: %s%s", code, out, errs)
	}
	const n = 30
	for i := range n {
		repository(t, filepath.Join(root, fmt.Sprintf("later-%02d", i)), map[string]string{"README.md": fmt.Sprintf("# Later\n\nThe sample repository with number %d.\n", i), "main.go": "package main\n", "package-lock.json": portalLock})
	}
	for _, left := range []int64{0, 64 << 10, 512 << 10, 2 << 20} {
		t.Run(fmt.Sprintf("%d KiB left", left>>10), func(t *testing.T) {
			filler := fill(t, disk, left)
			out, errs, code := run(t, "up", "--once", "--data", data, root)
			clean(t, out+errs)
			if said := out + errs; code != 0 && !strings.Contains(strings.ToLower(said), "disk") && !strings.Contains(said, "space") {
				t.Errorf("it ends with %d and does not say that the disk is full:\n%s", code, said)
			}
			if code != 0 && code != 3 {
				t.Errorf("it ends with %d, want 3:\n%s%s", code, out, errs)
			}
			if left == 0 && code == 0 {
				t.Errorf("it ends with 0 on a full disk:\n%s%s", out, errs)
			}
			if err := os.Remove(filler); err != nil {
				t.Fatal(err)
			}
		})
	}
	if out, errs, code := run(t, "up", "--once", "--data", data, root); code != 0 || !strings.Contains(out, fmt.Sprintf("%d of %d repositories read", n+1, n+1)) {
		t.Errorf("with room again it ends with %d: %s%s", code, out, errs)
	}
	s := up(t, data)
	s.signIn()
	_, body := s.get("/repositories.csv")
	if strings.Count(body, ",internal,") != n+1 || strings.Count(body, ",main,") != n+1 || strings.Count(body, "The sample repository with number") != n {
		t.Errorf("not all %d repositories are there and whole:\n%s", n+1, body)
	}
	s.kill()
}

// fill leaves so many bytes of a file system free.
func fill(t *testing.T, dir string, left int64) string {
	t.Helper()
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "filler")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for free := int64(s.Bavail)*s.Bsize - left; free > 0; free -= 4096 {
		if _, err := f.Write(make([]byte, min(free, 4096))); err != nil {
			break
		}
	}
	return name
}
