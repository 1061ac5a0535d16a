package gitrepo_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/gitrepo"
)

// estate lays out one of each kind of repository below a root.
func estate(t *testing.T) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	at := func(parts ...string) string { return filepath.Join(append([]string{root}, parts...)...) }
	git(t, root, "init", "-q", "-b", "main", at("plain"))
	commit(t, at("plain"), "one", "a", "1", "node_modules/x/HEAD", "")
	git(t, at("plain"), "worktree", "add", "-q", at("a-linked"), "-b", "side")
	git(t, root, "init", "-q", "--bare", at("bare.git"))
	write(t, at("elsewhere", "readme"), "")
	git(t, root, "init", "-q", "-b", "main", "--separate-git-dir", at("elsewhere", "sep.git"), at("sep"))
	git(t, root, "init", "-q", "-b", "main", at("plain", "nested"))
	git(t, root, "init", "-q", at("plain", "node_modules", "dep"))
	git(t, root, "init", "-q", "-b", "main", at("super"))
	git(t, at("super"), "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", at("plain"), "sub")
	write(t, at("broken", ".git"), "gitdir: ../nowhere\n")
	write(t, at("odd", ".git", "HEAD"), "ref: refs/heads/main\n")
	write(t, at("only", "HEAD"), "no repository")
	if err := os.Symlink(root, at("only", "loop")); err != nil {
		t.Fatal(err)
	}
	return root
}

func TestDiscover(t *testing.T) {
	root := estate(t)
	discover := func(from string) []string {
		var got []string
		err := gitrepo.Discover(context.Background(), from, func(l gitrepo.Location) error {
			rel := func(p string) string { return strings.TrimPrefix(p, root+"/") }
			line := rel(l.Path) + " | " + string(l.Kind) + " | " + rel(l.CommonDir) + " | " + rel(l.Inside)
			if l.Err != nil {
				line += "error"
			}
			got = append(got, line)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	want := []string{
		"bare.git | bare | bare.git | ",
		"broken | broken |  | error",
		"elsewhere/sep.git | bare | elsewhere/sep.git | ",
		"odd | broken |  | error",
		"plain | work tree | plain/.git | ",
		"plain/nested | work tree | plain/nested/.git | plain",
		"super | work tree | super/.git | ",
	}
	if diff := cmp.Diff(want, discover(root)); diff != "" {
		t.Errorf("Discover (-want +got):\n%s", diff)
	}
	// Where the repository itself is elsewhere, its worktree stands for it.
	if diff := cmp.Diff([]string{"a-linked | linked | plain/.git | "}, discover(filepath.Join(root, "a-linked"))); diff != "" {
		t.Errorf("Discover of a worktree (-want +got):\n%s", diff)
	}
	// A .git file may not lead out of the root to a repository that knows nothing of it.
	if diff := cmp.Diff([]string{"sep | broken |  | error"}, discover(filepath.Join(root, "sep"))); diff != "" {
		t.Errorf("Discover of a pointer to the outside (-want +got):\n%s", diff)
	}
	stop := errors.New("stop")
	if err := gitrepo.Discover(context.Background(), root, func(gitrepo.Location) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("Discover with an error = %v", err)
	}
	if err := gitrepo.Discover(context.Background(), filepath.Join(root, "none"), func(gitrepo.Location) error { return nil }); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Discover of nothing = %v", err)
	}
}

func TestOpenPlaces(t *testing.T) {
	root := estate(t)
	for _, c := range []struct {
		path  string
		roots []string
		want  error
		head  string
	}{
		{path: "plain", head: "refs/heads/main"},
		{path: "plain/.git", head: "refs/heads/main"},
		{path: "a-linked", head: "refs/heads/side"},
		{path: "super/sub", head: "refs/heads/main"},
		{path: "bare.git", head: "refs/heads/master"},
		{path: "sep", want: gitrepo.ErrOutside},
		{path: "sep", roots: []string{root}, head: "refs/heads/main"},
		{path: "broken", want: gitrepo.ErrNotRepository},
		{path: "odd", want: gitrepo.ErrNotRepository},
		{path: "only", want: gitrepo.ErrNotRepository},
		{path: "missing", want: os.ErrNotExist},
	} {
		r, err := gitrepo.Open(context.Background(), filepath.Join(root, c.path), gitrepo.Config{Roots: c.roots})
		if !errors.Is(err, c.want) {
			t.Errorf("Open(%s) = %v; want %v", c.path, err, c.want)
		}
		if err != nil {
			continue
		}
		if ref, _, _ := r.Head(); ref != c.head {
			t.Errorf("Head of %s = %q; want %q", c.path, ref, c.head)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestPointersToSecrets tries every file that can make a repository point to
// another one that its owner may not read.
func TestPointersToSecrets(t *testing.T) {
	secret := newRepo(t)
	head := commit(t, secret, "secret", "key", "very secret\n")
	blob := git(t, secret, "rev-parse", "HEAD:key")
	for name, trick := range map[string]func(dir string){
		"git file":   func(dir string) { os.RemoveAll(dir + "/.git"); write(t, dir+"/.git", "gitdir: "+secret+"/.git\n") },
		"git link":   func(dir string) { os.RemoveAll(dir + "/.git"); os.Symlink(secret+"/.git", dir+"/.git") },
		"commondir":  func(dir string) { write(t, dir+"/.git/commondir", secret+"/.git\n") },
		"alternates": func(dir string) { write(t, dir+"/.git/objects/info/alternates", "# x\n"+secret+"/.git/objects\n") },
		"quoted":     func(dir string) { write(t, dir+"/.git/objects/info/alternates", `"`+secret+`/.git/objects"`+"\n") },
		"objects": func(dir string) {
			os.RemoveAll(dir + "/.git/objects")
			os.Symlink(secret+"/.git/objects", dir+"/.git/objects")
		},
		"loose": func(dir string) {
			os.RemoveAll(dir + "/.git/objects/" + blob[:2])
			os.Symlink(secret+"/.git/objects/"+blob[:2], dir+"/.git/objects/"+blob[:2])
		},
		"one object": func(dir string) {
			os.MkdirAll(dir+"/.git/objects/"+blob[:2], 0o755)
			os.Symlink(secret+"/.git/objects/"+blob[:2]+"/"+blob[2:], dir+"/.git/objects/"+blob[:2]+"/"+blob[2:])
		},
		"packed-refs": func(dir string) { os.Symlink(secret+"/.git/HEAD", dir+"/.git/packed-refs") },
		"refs":        func(dir string) { os.RemoveAll(dir + "/.git/refs"); os.Symlink(secret+"/.git/refs", dir+"/.git/refs") },
	} {
		t.Run(name, func(t *testing.T) {
			dir := newRepo(t)
			commit(t, dir, "own", "own", "own\n")
			trick(dir)
			r, err := gitrepo.Open(context.Background(), dir, gitrepo.Config{Scratch: t.TempDir()})
			if err != nil {
				if !errors.Is(err, gitrepo.ErrOutside) {
					t.Errorf("Open = %v; want ErrOutside", err)
				}
				return
			}
			defer r.Close()
			b, err := r.Blobs(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			if data, err := b.Read(blob, 100); !errors.Is(err, gitrepo.ErrMissing) {
				t.Errorf("Read = %q, %v; want ErrMissing", data, err)
			}
			if _, _, err := r.Tree(context.Background(), head); err == nil {
				t.Error("the other repository's tree was read")
			}
			if len(r.Problems()) == 0 || !errors.Is(r.Problems()[0], gitrepo.ErrOutside) {
				t.Errorf("Problems = %v", r.Problems())
			}
		})
	}
}

func TestAlternates(t *testing.T) {
	root := t.TempDir()
	base, shared := filepath.Join(root, `ba"se: x`), filepath.Join(root, "shared")
	git(t, root, "init", "-q", "-b", "main", base)
	head := commit(t, base, "one", "a", "1")
	git(t, root, "-c", "protocol.file.allow=always", "clone", "-q", "--shared", "--", base, shared)
	// A loop and a place that is gone must not disturb.
	write(t, filepath.Join(base, ".git/objects/info/alternates"), "../../../shared/.git/objects\n/nowhere\n")
	r := openWith(t, shared, gitrepo.Config{Roots: []string{root}})
	if entries, _, err := r.Tree(context.Background(), head); err != nil || len(entries) != 1 {
		t.Errorf("Tree through alternates = %v, %v", entries, err)
	}
	if _, _, err := open(t, shared).Tree(context.Background(), head); !errors.Is(err, gitrepo.ErrMissing) {
		t.Errorf("Tree without the root = %v; want ErrMissing", err)
	}
}

func TestPipesDoNotBlock(t *testing.T) {
	for _, name := range []string{"HEAD", "config", "packed-refs", "shallow", "refs/heads/pipe", "objects/info/alternates", "objects/pack/pack-1.idx", "objects/aa/" + strings.Repeat("a", 38)} {
		dir := newRepo(t)
		head := commit(t, dir, "one", "a", "1")
		path := filepath.Join(dir, ".git", name)
		os.Remove(path)
		os.MkdirAll(filepath.Dir(path), 0o755)
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Skip(err)
		}
		r, err := gitrepo.Open(context.Background(), dir, gitrepo.Config{Scratch: t.TempDir()})
		if err != nil {
			if !errors.Is(err, gitrepo.ErrCorrupt) {
				t.Errorf("%s: Open = %v", name, err)
			}
			continue
		}
		if _, _, err := r.Tree(context.Background(), head); err != nil {
			t.Errorf("%s: Tree = %v", name, err)
		}
		b, err := r.Blobs(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Read(strings.Repeat("a", 40), 10); !errors.Is(err, gitrepo.ErrMissing) {
			t.Errorf("%s: Read = %v", name, err)
		}
		if len(r.Problems()) == 0 {
			t.Errorf("%s: no problem is told", name)
		}
		b.Close()
		r.Close()
	}
}

func TestUnreadablePlaces(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("the superuser may read everything")
	}
	root := t.TempDir()
	write(t, filepath.Join(root, "closed", "x"), "")
	git(t, root, "init", "-q", "open")
	if err := os.Chmod(filepath.Join(root, "closed"), 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(root, "closed"), 0o755) })
	var kinds []string
	err := gitrepo.Discover(context.Background(), root, func(l gitrepo.Location) error {
		kinds = append(kinds, string(l.Kind))
		return nil
	})
	if diff := cmp.Diff([]string{"", "work tree"}, kinds); diff != "" || err != nil {
		t.Errorf("Discover, %v (-want +got):\n%s", err, diff)
	}
}
