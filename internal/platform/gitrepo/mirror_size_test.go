package gitrepo_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"steward/internal/platform/gitrepo"
)

func TestACopyThatIsTooLargeIsNotTransferredAgain(t *testing.T) {
	root := t.TempDir()
	source := filepath.Join(root, "big.git")
	noise := func(n int) []byte {
		b := make([]byte, n)
		for i, r := 0, rand.New(rand.NewPCG(1, uint64(n))); i < n; i++ {
			b[i] = byte(r.Uint32())
		}
		return b
	}
	work := filepath.Join(root, "work")
	run := func(dir string, args ...string) {
		t.Helper()
		git(t, dir, args...)
	}
	if err := os.MkdirAll(work, 0o755); err != nil {
		t.Fatal(err)
	}
	run(work, "init", "-q", "-b", "main")
	put := func(name string, size int) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(work, name), noise(size), 0o644); err != nil {
			t.Fatal(err)
		}
		run(work, "add", "-A")
		run(work, "commit", "-q", "-m", name)
	}
	put("a", 300_000)
	run(root, "clone", "-q", "--bare", work, source)
	address, requests := serve(t, root, "")
	dir := filepath.Join(t.TempDir(), "copy.git")
	copyIt := func(limit int64) (asked int, err error) {
		t.Helper()
		before := *requests
		err = gitrepo.Mirror(context.Background(), address+"/big.git", dir, gitrepo.MirrorOptions{MaxBytes: limit})
		return *requests - before, err
	}
	const list = 2 // requests that tell what the other side has
	step := func(name string, limit int64, sound, transfer bool) {
		t.Helper()
		asked, err := copyIt(limit)
		if (err == nil) != sound || err != nil && !errors.Is(err, gitrepo.ErrTooLarge) {
			t.Fatalf("%s: %v", name, err)
		}
		if (asked > list) != transfer {
			t.Errorf("%s: %d requests", name, asked)
		}
	}
	step("first", 200_000, false, true)
	step("again", 200_000, false, false)
	step("with a lower limit", 100_000, false, false)
	step("with a higher limit", 400_000, true, true)
	step("unchanged", 400_000, true, false)
	put("b", 300_001)
	run(work, "push", "-q", source, "main")
	step("grown", 400_000, false, true)
	step("grown, again", 400_000, false, false)
	run(work, "reset", "-q", "--hard", "HEAD~1")
	put("c", 10)
	run(work, "push", "-q", "--force", source, "main")
	step("changed, with what it has already", 400_000, false, true)
	step("with a limit that fits", 900_000, true, false)
	step("with one that does not fit any more", 400_000, false, false)
}
