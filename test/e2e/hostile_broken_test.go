package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// brokenHazards are repositories in which something is missing or damaged.
func brokenHazards() []hazard {
	return []hazard{
		{name: "empty", state: "empty", make: func(t *testing.T, dir string) {
			folder(t, dir)
			git(t, dir, "init", "-q", "-b", "main")
		}},
		{name: "no-head", state: "failed", says: []string{"HEAD"}, make: func(t *testing.T, dir string) {
			simple(t, dir)
			remove(t, dir, ".git/HEAD")
		}},
		{name: "head-is-noise", state: "failed", says: []string{"HEAD"}, make: func(t *testing.T, dir string) {
			put(t, simple(t, dir), ".git/HEAD", "\x00\xff\x01 not a ref\n")
		}},
		{name: "head-to-another-branch", state: "read", make: func(t *testing.T, dir string) {
			put(t, simple(t, dir), ".git/HEAD", "ref: refs/heads/nowhere\n")
		}},
		{name: "head-to-a-missing-commit", state: "failed", says: []string{"missing", "fetch"}, make: func(t *testing.T, dir string) {
			put(t, simple(t, dir), ".git/HEAD", strings.Repeat("a", 40)+"\n")
			remove(t, dir, ".git/refs/heads/main")
		}},
		{name: "branch-to-a-missing-commit", state: "failed", says: []string{"missing", "fetch"}, make: func(t *testing.T, dir string) {
			put(t, simple(t, dir), ".git/refs/heads/main", strings.Repeat("b", 40)+"\n")
		}},
		{name: "corrupt-commit", state: "failed", says: []string{"git fsck"}, make: func(t *testing.T, dir string) {
			damage(t, simple(t, dir), "HEAD")
		}},
		{name: "corrupt-tree", state: "failed", says: []string{"git fsck"}, make: func(t *testing.T, dir string) {
			damage(t, simple(t, dir), "HEAD^{tree}")
		}},
		{name: "corrupt-content", state: "read", says: []string{"package-lock.json"}, make: func(t *testing.T, dir string) {
			damage(t, simple(t, dir), "HEAD:package-lock.json")
		}},
		{name: "no-objects", state: "failed", says: []string{"missing", "fetch"}, make: func(t *testing.T, dir string) {
			simple(t, dir)
			if err := os.RemoveAll(filepath.Join(dir, ".git/objects")); err != nil {
				t.Fatal(err)
			}
			folder(t, filepath.Join(dir, ".git/objects"))
		}},
		{name: "truncated-pack", state: "failed", says: []string{"git fsck"}, make: func(t *testing.T, dir string) {
			simple(t, dir)
			git(t, dir, "gc", "-q")
			truncate(t, dir, ".git/objects/pack/*.pack")
		}},
		{name: "truncated-index-of-a-pack", state: "failed", make: func(t *testing.T, dir string) {
			simple(t, dir)
			git(t, dir, "gc", "-q")
			truncate(t, dir, ".git/objects/pack/*.idx")
		}},
		{name: "older-commit-missing", state: "read", says: []string{"history"}, make: func(t *testing.T, dir string) {
			simple(t, dir)
			first := output(t, dir, "rev-parse", "HEAD")
			git(t, dir, "commit", "-q", "--allow-empty", "-m", "second")
			remove(t, dir, object(first))
		}},
		{name: "partial-clone", state: "read", says: []string{"content of 3 files", "fetch it"}, make: func(t *testing.T, dir string) {
			origin := simple(t, filepath.Join(t.TempDir(), "origin"))
			git(t, origin, "config", "uploadpack.allowFilter", "true")
			git(t, origin, "clone", "-q", "--no-checkout", "--filter=blob:none", "file://"+origin, dir)
		}},
		{name: "shallow-clone", state: "read", says: []string{"--unshallow"}, make: func(t *testing.T, dir string) {
			origin := simple(t, filepath.Join(t.TempDir(), "origin"))
			git(t, origin, "commit", "-q", "--allow-empty", "-m", "second")
			git(t, origin, "clone", "-q", "--depth=1", "file://"+origin, dir)
		}},
		{name: "config-is-noise", state: "read", make: func(t *testing.T, dir string) {
			put(t, simple(t, dir), ".git/config", "\x00[[[core\n= yes")
		}},
		{name: "unknown-extension", state: "read", make: func(t *testing.T, dir string) {
			put(t, simple(t, dir), ".git/config", "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tfrobnicate = yes\n")
		}},
		{name: "packed-refs-are-noise", state: "read", make: func(t *testing.T, dir string) {
			put(t, simple(t, dir), ".git/packed-refs", "# pack-refs with: peeled\n\x00\xff garbage\nzzzz refs/heads/other\n")
		}},
	}
}

// simple is a repository with three files in one commit.
func simple(t *testing.T, dir string) string {
	t.Helper()
	return repository(t, dir, map[string]string{"README.md": "# Simple\n\nFrom " + filepath.Base(dir) + ".\n", "package-lock.json": portalLock, "a.py": "print(1)\n"})
}

func folder(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, dir, name, content string) {
	t.Helper()
	folder(t, filepath.Dir(filepath.Join(dir, name)))
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

// output runs git and returns what it prints, without the last line end.
func output(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out))
}

// object is where a loose object lies.
func object(id string) string { return ".git/objects/" + id[:2] + "/" + id[2:] }

// damage overwrites the middle of a loose object.
func damage(t *testing.T, dir, name string) {
	t.Helper()
	file := filepath.Join(dir, object(output(t, dir, "rev-parse", name)))
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := 5; i < len(b); i++ {
		b[i] ^= 0x5a
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o444); err != nil {
		t.Fatal(err)
	}
}

// truncate cuts the one file of a pattern to half its size.
func truncate(t *testing.T, dir, pattern string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(files) != 1 {
		t.Fatalf("%s: %v %v", pattern, files, err)
	}
	info, err := os.Stat(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(files[0], 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(files[0], info.Size()/2); err != nil {
		t.Fatal(err)
	}
}
