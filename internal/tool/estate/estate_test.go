package main

import (
	"bytes"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestSameEstateTwice makes an estate twice and one of another seed, and looks at it with git.
func TestSameEstateTwice(t *testing.T) {
	heads := func(seed uint64) (all []string, sizes []size) {
		dir := t.TempDir()
		sizes, err := build(t.Context(), dir, 4, seed, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		for i := range sizes {
			at := filepath.Join(dir, draw(seed, i, 4).path)
			all = append(all, git(t, at, "rev-parse", "main"))
			if commits := git(t, at, "rev-list", "--count", "main"); commits != strconv.Itoa(sizes[i].commits) {
				t.Errorf("repository %d has %s commits, the table says %d", i, commits, sizes[i].commits)
			}
			if files := git(t, at, "ls-tree", "-r", "--name-only", "main"); strings.Count(files, "\n")+1 != sizes[i].files {
				t.Errorf("repository %d has %d files, the table says %d", i, strings.Count(files, "\n")+1, sizes[i].files)
			}
			git(t, at, "fsck", "--strict")
		}
		return all, sizes
	}
	one, _ := heads(7)
	two, _ := heads(7)
	other, _ := heads(8)
	if strings.Join(one, " ") != strings.Join(two, " ") {
		t.Errorf("the same seed made %v and %v", one, two)
	}
	if one[0] == other[0] {
		t.Error("another seed made the same repository")
	}
}

func TestRefusals(t *testing.T) {
	for _, args := range [][]string{{}, {"-n", "0", "x"}, {t.TempDir()}} {
		var said bytes.Buffer
		if code := run(t.Context(), args, io.Discard, &said); code != 2 || said.Len() == 0 {
			t.Errorf("run(%q) = %d, %q; want 2 and a sentence", args, code, said.String())
		}
	}
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v: %s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}
