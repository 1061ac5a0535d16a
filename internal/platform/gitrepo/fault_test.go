package gitrepo_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/gitrepo"
)

// children are the ids of this process's child processes, dead ones too.
func children(t *testing.T) []int {
	t.Helper()
	tasks, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil || len(tasks) == 0 {
		t.Skip("this system does not list child processes")
	}
	var pids []int
	for _, task := range tasks {
		data, err := os.ReadFile(task)
		if err != nil {
			continue // the thread has ended
		}
		for _, f := range strings.Fields(string(data)) {
			if pid, err := strconv.Atoi(f); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

func bigRepo(t *testing.T) (*gitrepo.Repo, string) {
	dir := newRepo(t)
	gitInput(t, dir, synthetic(1500, 400), "fast-import", "--quiet")
	r := open(t, dir)
	_, head, _ := r.Head()
	return r, head
}

func TestGitIsKilledInMidStream(t *testing.T) {
	r, head := bigRepo(t)
	visited := 0
	err := r.Log(context.Background(), head, nil, func(*gitrepo.Commit) error {
		visited++
		if visited == 1 {
			for _, pid := range children(t) {
				if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
					t.Error(err)
				}
			}
		}
		return nil
	})
	if !errors.Is(err, gitrepo.ErrGit) || visited == 0 || visited >= 1500 {
		t.Errorf("Log after %d commits = %v; want ErrGit", visited, err)
	}

	b, err := r.Blobs(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	entries, _, err := r.Tree(context.Background(), head)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Read(entries[0].Blob, 100); err != nil {
		t.Fatal(err)
	}
	for _, pid := range children(t) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Error(err)
		}
	}
	if _, err := b.Read(entries[1].Blob, 100); !errors.Is(err, gitrepo.ErrGit) {
		t.Errorf("Read from a dead git = %v; want ErrGit", err)
	}
	if _, err := b.Read(entries[1].Blob, 100); err != nil {
		t.Errorf("Read after that = %v; want a new git", err)
	}
}

func TestCancelEndsGit(t *testing.T) {
	r, head := bigRepo(t)
	stop := errors.New("enough")
	for name, run := range map[string]func(context.Context, context.CancelFunc) error{
		"cancelled": func(ctx context.Context, cancel context.CancelFunc) error {
			return r.Log(ctx, head, nil, func(*gitrepo.Commit) error { cancel(); return nil })
		},
		"stopped": func(ctx context.Context, _ context.CancelFunc) error {
			return r.Log(ctx, head, nil, func(*gitrepo.Commit) error { return stop })
		},
		"before the start": func(ctx context.Context, cancel context.CancelFunc) error {
			cancel()
			_, _, err := r.Tree(ctx, head)
			return err
		},
		"reader": func(ctx context.Context, cancel context.CancelFunc) error {
			b, err := r.Blobs(ctx)
			if err != nil {
				return err
			}
			defer b.Close()
			if _, err := b.Read(head, 1000); !errors.Is(err, gitrepo.ErrNotBlob) {
				t.Errorf("Read = %v", err)
			}
			cancel()
			for {
				if _, err := b.Read(head, 1000); !errors.Is(err, gitrepo.ErrNotBlob) {
					return err
				}
			}
		},
	} {
		ctx, cancel := context.WithCancel(context.Background())
		err := run(ctx, cancel)
		cancel()
		if !errors.Is(err, context.Canceled) && !errors.Is(err, stop) {
			t.Errorf("%s: %v", name, err)
		}
		if left := children(t); len(left) > 0 {
			t.Errorf("%s: processes %v are left", name, left)
		}
	}
	limited := openWith(t, r.Path(), gitrepo.Config{Limits: gitrepo.Limits{Time: time.Nanosecond}})
	if err := limited.Log(context.Background(), head, nil, func(*gitrepo.Commit) error { return nil }); !errors.Is(err, gitrepo.ErrTooLarge) {
		t.Errorf("Log beyond its time = %v", err)
	}
	if _, _, err := openWith(t, r.Path(), gitrepo.Config{Git: "/nowhere/git"}).Tree(context.Background(), head); !errors.Is(err, gitrepo.ErrGit) {
		t.Errorf("Tree without git = %v", err)
	}
}

func TestHostileCommits(t *testing.T) {
	dir := newRepo(t)
	tree := gitInput(t, dir, "", "mktree")
	blob := gitInput(t, dir, "x", "hash-object", "-w", "--stdin")
	long := strings.Repeat("long line of a message\n", 500_000) // 11 MB
	write := func(raw string) string {
		return gitInput(t, dir, raw, "hash-object", "-t", "commit", "-w", "--stdin", "--literally")
	}
	base := write("tree " + tree + "\nauthor A <a@x> 5 +0000\ncommitter A <a@x> 5 +0000\n\nbase")
	var paths []string
	files := ""
	for _, name := range []string{":100644 100644 x", "\nnew\n", "\x01\xff\xfe", "a", "A", "u\u0308", "ü", strings.Repeat("p", 4096), strings.Repeat("q", 4097)} {
		files += "100644 blob " + blob + "\t" + name + "\x00"
		paths = append(paths, name)
	}
	full := gitInput(t, dir, files, "mktree", "-z")
	for _, c := range []struct {
		name, raw string
		want      string // of the first line after the parents
	}{
		{"odd names", "author \x01\xff<>\tX <a<b@c d> 1700000000 -1130\ncommitter  <> 1700000000 +0530\n\n\n\nsubject\x7f\n", "| \x01\xff <> 1700000000000000 -690 |  <> 1700000000000000 330 |"},
		{"date too large", "author A <a@x> 99999999999999999999999 +0000\ncommitter A <a@x> 253402300800 +0000\n\nm", "A <a@x> 0 0 | A <a@x> 0 0 |"},
		{"no date", "author A <a@x>\ncommitter A <a@x> x +0000\n\nm", "A <a@x> 0 0 | A <a@x> 0 0 |"},
		{"odd zone", "author A <a@x> 7 +999999999\ncommitter A <a@x> 7 -9999\n\nm", "A <a@x> 7000000 0 | A <a@x> 7000000 0 |"},
		{"no author", "committer A <a@x> 7 +0000\n\nm", " <> 0 0 | A <a@x> 7000000 0 |"},
		{"nothing", "\n", " <> 0 0 |  <> 0 0 |"},
		{"no message", "author A <a@x> 7 +0000\ncommitter A <a@x> 7 +0000\n", "A <a@x> 7000000 0 |"},
		{"NUL", "author A <a@x> 7 +0000\ncommitter A <a@x> 7 +0000\n\nbefore\x00after", "| before"},
		{"latin 1", "author J\xfcrg <a@x> 7 +0000\ncommitter A <a@x> 7 +0000\nencoding ISO-8859-1\n\n\xe4", "Jürg <a@x>"},
		{"unknown encoding", "author J\xfcrg <a@x> 7 +0000\ncommitter A <a@x> 7 +0000\nencoding \x02nonsense\n\nm", "J\xfcrg <a@x>"},
		{"UTF-16", "author A <a@x> 7 +0000\ncommitter A <a@x> 7 +0000\nencoding UTF-16\n\nm", ""},
		{"long name", "author " + strings.Repeat("n", 1<<20) + " <a@x> 7 +0000\ncommitter A <a@x> 7 +0000\n\nm", " <a@x> 7000000 0"},
		{"long message", "author A <a@x> 7 +0000\ncommitter A <a@x> 7 +0000\n\nstart\n\n" + long + "\nCo-authored-by: B <b@x>\n", "| start"},
	} {
		t.Run(c.name, func(t *testing.T) {
			id := write("tree " + full + "\nparent " + base + "\n" + c.raw)
			// Another commit after it shows that the stream is still in step.
			after := write("tree " + tree + "\nparent " + id + "\nauthor Z <z@x> 9 +0000\ncommitter Z <z@x> 9 +0000\n\nlast")
			r := open(t, dir)
			var got []string
			var changed []string
			err := r.Log(context.Background(), after, nil, func(k *gitrepo.Commit) error {
				got = append(got, string(k.ID))
				if string(k.ID) != id {
					return nil
				}
				if d := describe(k)[0]; !strings.Contains(d, c.want) {
					t.Errorf("got %.300q; want %q in it", d, c.want)
				}
				if len(k.Message) > 40<<10 {
					t.Errorf("message of %d bytes was kept", len(k.Message))
				}
				if c.name == "long message" {
					people := 0
					gitrepo.Trailers(k.Message, func(_, value []byte) { people += bytes.Count(value, []byte("B <b@x>")) })
					if people != 1 {
						t.Errorf("the trailer at the end of a long message was found %d times", people)
					}
				}
				for _, ch := range k.Changes {
					changed = append(changed, string(ch.Path))
				}
				if k.Omitted != 1 {
					t.Errorf("Omitted = %d; want the path that is too long", k.Omitted)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{after, id, base}, got); diff != "" {
				t.Errorf("commits (-want +got):\n%s", diff)
			}
			if len(changed) != len(paths)-1 {
				t.Errorf("paths = %.200q", changed)
			}
			entries, left, err := r.Tree(context.Background(), id)
			if err != nil || !errors.Is(errors.Join(left...), gitrepo.ErrTooLarge) || len(entries) != len(paths)-1 {
				t.Errorf("Tree: %d entries, %v, %v", len(entries), left, err)
			}
		})
	}
}

func TestHostileTree(t *testing.T) {
	dir := newRepo(t)
	blob := gitInput(t, dir, "x", "hash-object", "-w", "--stdin")
	raw := func(id string) string {
		b, err := hex.DecodeString(id)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	put := func(object string) string {
		return gitInput(t, dir, object, "hash-object", "-t", "tree", "-w", "--stdin", "--literally")
	}
	in := put("100644 in\x00" + raw(blob))
	var object strings.Builder
	for _, name := range []string{"", ".", "..", ".Git", "../up", "/abs", "a//b", "ok", "ok"} {
		object.WriteString("100644 " + name + "\x00" + raw(blob))
	}
	for _, folder := range []string{"..", ".git", "dir"} {
		object.WriteString("40000 " + folder + "\x00" + raw(in))
	}
	object.WriteString("40000 gone\x00" + raw(strings.Repeat("1", 40)) + "40000 file\x00" + raw(blob) + "40000 cut\x00" + raw(put("100644 x\x00abc")))
	object.WriteString("160000 sub\x00" + raw(blob) + "120000 link\x00" + raw(blob) + "100664 old\x00" + raw(blob) + "100775 run\x00" + raw(blob))
	object.WriteString("7 odd\x00" + raw(blob) + "100644 lost\x00" + raw(strings.Repeat("2", 40)))
	id := gitInput(t, dir, "m", "commit-tree", put(object.String()))
	entries, left, err := open(t, dir).Tree(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	want := []gitrepo.Entry{
		{Path: "ok", Blob: blob, Size: 1, Mode: gitrepo.ModeFile},
		{Path: "ok", Blob: blob, Size: 1, Mode: gitrepo.ModeFile},
		{Path: "sub", Blob: blob, Size: -1, Mode: gitrepo.ModeSubmodule},
		{Path: "link", Blob: blob, Size: 1, Mode: gitrepo.ModeSymlink},
		{Path: "old", Blob: blob, Size: 1, Mode: gitrepo.ModeFile},
		{Path: "run", Blob: blob, Size: 1, Mode: gitrepo.ModeExecutable},
		{Path: "lost", Blob: strings.Repeat("2", 40), Size: -1, Mode: gitrepo.ModeFile},
		{Path: "dir/in", Blob: blob, Size: 1, Mode: gitrepo.ModeFile},
	}
	if diff := cmp.Diff(want, entries); diff != "" {
		t.Errorf("Tree (-want +got):\n%s", diff)
	}
	if len(left) != 2 || !errors.Is(left[0], gitrepo.ErrMissing) || !strings.HasPrefix(left[0].Error(), `folders that cannot be read: 3, "gone" first`) ||
		!errors.Is(left[1], gitrepo.ErrCorrupt) || !strings.HasPrefix(left[1].Error(), "entries left out, with a name or mode that no file can have: 10,") {
		t.Errorf("left = %q", left)
	}
}

// TestTreeBombs has small repositories whose trees have paths without end: one
// folder that stands in ten places of the next, ten levels deep.
func TestTreeBombs(t *testing.T) {
	for _, c := range []struct{ name, leaf string }{{"files", "one"}, {"empty folders", ""}} {
		t.Run(c.name, func(t *testing.T) {
			dir := newRepo(t)
			lines := ""
			if c.leaf != "" {
				lines = "100644 blob " + gitInput(t, dir, c.leaf, "hash-object", "-w", "--stdin") + "\tfile\n"
			}
			bomb := gitInput(t, dir, lines, "mktree")
			for range 10 {
				var lines strings.Builder
				for i := range 10 {
					fmt.Fprintf(&lines, "040000 tree %s\td%d\n", bomb, i)
				}
				bomb = gitInput(t, dir, lines.String(), "mktree")
			}
			id := gitInput(t, dir, "m", "commit-tree", bomb)
			r := openWith(t, dir, gitrepo.Config{Limits: gitrepo.Limits{Entries: 5000}})
			entries, left, err := r.Tree(context.Background(), id)
			if err != nil || len(entries) > 5000 || len(left) != 1 || !errors.Is(left[0], gitrepo.ErrTooLarge) {
				t.Errorf("Tree: %d entries, left %q, %v", len(entries), left, err)
			}
			// Its history names each path as well, or git is silent for years.
			r = openWith(t, dir, gitrepo.Config{Limits: gitrepo.Limits{Memory: 32 << 20, Silence: 2 * time.Second}})
			after := gitInput(t, dir, "m", "commit-tree", "-p", id, bomb)
			err = r.Log(context.Background(), after, nil, func(*gitrepo.Commit) error { return nil })
			if !errors.Is(err, gitrepo.ErrTooLarge) {
				t.Errorf("Log = %v; want ErrTooLarge", err)
			}
			if left := children(t); len(left) > 0 {
				t.Errorf("processes %v are left", left)
			}
		})
	}
}

// TestLongHistory ends where the limit of all changes is met.
func TestLongHistory(t *testing.T) {
	r, head := bigRepo(t)
	few := openWith(t, r.Path(), gitrepo.Config{Limits: gitrepo.Limits{History: 100}})
	visited := 0
	err := few.Log(context.Background(), head, nil, func(*gitrepo.Commit) error { visited++; return nil })
	if !errors.Is(err, gitrepo.ErrTooLarge) || visited != 20 {
		t.Errorf("Log of 1,500 commits with five changes each: %d commits, %v; want the first 20", visited, err)
	}
}

// TestDamagedTrees has what can be read read, however much cannot.
func TestDamagedTrees(t *testing.T) {
	dir := newRepo(t)
	var files []string
	for i := range 30 {
		files = append(files, fmt.Sprintf("d%02d/f", i), strconv.Itoa(i))
	}
	head := commit(t, dir, "one", files...)
	for i := range 30 {
		if i%2 == 0 {
			id := git(t, dir, "rev-parse", fmt.Sprintf("HEAD:d%02d", i))
			file := filepath.Join(dir, ".git/objects", id[:2], id[2:])
			if err := os.Chmod(file, 0o644); err != nil {
				t.Fatal(err)
			}
			write(t, file, "not an object")
		}
	}
	entries, left, err := open(t, dir).Tree(context.Background(), head)
	if err != nil || len(entries) != 15 || len(left) != 1 || !strings.HasPrefix(left[0].Error(), `folders that cannot be read: 15, "d00" first`) {
		t.Errorf("Tree: %d entries, left %q, %v", len(entries), left, err)
	}
}

func TestLyingObjects(t *testing.T) {
	dir := newRepo(t)
	head := commit(t, dir, "one", "good", "good\n", "bad", "bad\n", "cut", "cut\n")
	r := open(t, dir)
	file := func(id string) string { return filepath.Join(dir, ".git/objects", id[:2], id[2:]) }
	ids := map[string]string{}
	for _, name := range []string{"good", "bad", "cut"} {
		ids[name] = git(t, dir, "rev-parse", "HEAD:"+name)
		if err := os.Chmod(file(ids[name]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	good, err := os.ReadFile(file(ids["good"]))
	if err != nil {
		t.Fatal(err)
	}
	write(t, file(ids["bad"]), string(good))      // another object under this name
	write(t, file(ids["cut"]), string(good[:10])) // a damaged one
	b, err := r.Blobs(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for _, c := range []struct {
		name string
		want error
	}{{"bad", gitrepo.ErrCorrupt}, {"cut", gitrepo.ErrCorrupt}, {"good", nil}} {
		if _, err := b.Read(ids[c.name], 1000); !errors.Is(err, c.want) {
			t.Errorf("Read(%s) = %v; want %v", c.name, err, c.want)
		}
	}
	// A missing tree ends the history with a clear error.
	tree := git(t, dir, "rev-parse", "HEAD^{tree}")
	if err := os.Remove(file(tree)); err != nil {
		t.Fatal(err)
	}
	if err := r.Log(context.Background(), head, nil, func(*gitrepo.Commit) error { return nil }); !errors.Is(err, gitrepo.ErrMissing) {
		t.Errorf("Log without a tree = %v", err)
	}
	if _, _, err := r.Tree(context.Background(), head); !errors.Is(err, gitrepo.ErrMissing) && !errors.Is(err, gitrepo.ErrCorrupt) {
		t.Errorf("Tree without a tree = %v", err)
	}
	if err := r.Log(context.Background(), strings.Repeat("1", 40), nil, func(*gitrepo.Commit) error { return nil }); !errors.Is(err, gitrepo.ErrMissing) {
		t.Errorf("Log from a missing commit = %v", err)
	}
	if err := r.Log(context.Background(), head, []string{strings.Repeat("1", 40)}, func(*gitrepo.Commit) error { return nil }); !errors.Is(err, gitrepo.ErrMissing) {
		t.Errorf("Log without a missing commit = %v", err)
	}
}

func TestLargeBlob(t *testing.T) {
	dir := newRepo(t)
	commit(t, dir, "big", "big", strings.Repeat("0123456789abcdef", 4<<20), "small", "s") // 64 MiB
	r := open(t, dir)
	b, err := r.Blobs(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	big, small := git(t, dir, "rev-parse", "HEAD:big"), git(t, dir, "rev-parse", "HEAD:small")
	for range 3 {
		if _, err := b.Read(big, 1<<20); !errors.Is(err, gitrepo.ErrTooLarge) {
			t.Errorf("Read = %v", err)
		}
		if data, err := b.Read(small, 1<<20); string(data) != "s" || err != nil {
			t.Errorf("Read after a large blob = %q, %v", data, err)
		}
	}
}
