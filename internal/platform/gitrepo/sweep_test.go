package gitrepo

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSweepLeavesBranchesAlone(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"HEAD", "HEAD.lock", "refs/heads/tmp_x", "refs/heads/main.lock", "objects/pack/tmp_pack_1", "objects/pack/pack-1.pack", "objects/ab/tmp_obj_1"} {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	(&mirroring{temp: filepath.Join(t.TempDir(), "new")}).sweep(dir)
	var left []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(p string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			left = append(left, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"HEAD", "objects/pack/pack-1.pack", "refs/heads/tmp_x"}, left); diff != "" {
		t.Errorf("left, want -, got +:\n%s", diff)
	}
}
