package scratch_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/scratch"
)

func open(t *testing.T, parent string) *scratch.Folder {
	t.Helper()
	f, err := scratch.Open(parent)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(f.Path, "work"), []byte("in progress"), 0o600); err != nil {
		t.Fatal(err)
	}
	return f
}

// folders are those below parent that hold work.
func folders(t *testing.T, parent string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(parent, "*", "work"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		all[i] = filepath.Dir(all[i])
	}
	return all
}

// Two open folders of one process stand for those of two: locks belong to open files.
func TestFoldersOfOthersStayAsLongAsTheyLive(t *testing.T) {
	parent := filepath.Join(t.TempDir(), "scratch")
	one, two := open(t, parent), open(t, parent)
	if got := folders(t, parent); len(got) != 2 {
		t.Fatalf("folders: %q", got)
	}
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	three := open(t, parent)
	want := map[string]bool{two.Path: true, three.Path: true}
	got := map[string]bool{}
	for _, f := range folders(t, parent) {
		got[f] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestWhatAKilledProcessLeftGoes(t *testing.T) {
	parent := filepath.Join(t.TempDir(), "scratch")
	for _, name := range []string{"killed", "without-lock"} {
		if err := os.MkdirAll(filepath.Join(parent, name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(parent, name, "work"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(parent, "killed.lock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f := open(t, parent)
	if diff := cmp.Diff([]string{f.Path}, folders(t, parent)); diff != "" {
		t.Errorf("folders, want -, got +:\n%s", diff)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(parent)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
