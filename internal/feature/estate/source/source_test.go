package source_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/estate/source"
	"steward/internal/platform/fault"
)

func TestAPlaceIsNeverAList(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "my sources")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "secret")
	if err := os.WriteFile(file, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for given, want := range map[string]source.Source{
		" " + dir + " ":                    {Given: dir, Kind: source.Folder, Address: dir},
		"https://u:p@git.example.com/a/b/": {},
		"git@git.example.com:a/b.git":      {Given: "git@git.example.com:a/b.git", Kind: source.URL, Address: "git@git.example.com:a/b.git"},
	} {
		got, err := source.ParsePlace(given)
		if diff := cmp.Diff(want, got); diff != "" || (err != nil) != (want.Kind == "") {
			t.Errorf("%q: %v, want -, got +:\n%s", given, err, diff)
		}
	}
	_, err := source.ParsePlace(file)
	if !errors.Is(err, fault.Invalid) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a list: %v", err)
	}
}

// TestAPlaceOfThisMachineHasOneAddress however it is given.
func TestAPlaceOfThisMachineHasOneAddress(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	work, bare := filepath.Join(root, "my work"), filepath.Join(root, "core.git")
	for _, dir := range []string{work, bare} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(root, filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	spellings := map[string][]string{
		work: {work, work + "/", root + "/./my work", root + "/link/my work/.", "file://" + work, "file://" + root + "/link//my%20work/", "file://localhost" + work},
		bare: {bare, root + "/core", "file://" + bare + "/", "file://" + root + "/core", "file://" + root + "/link/core/"},
	}
	for want, all := range spellings {
		found, errs := source.Parse(all)
		if diff := cmp.Diff([]source.Source{{Given: all[0], Kind: source.Folder, Address: want}}, found); diff != "" || len(errs) > 0 {
			t.Errorf("%s: %v, want -, got +:\n%s", want, errs, diff)
		}
		for _, given := range all {
			if got, err := source.ParsePlace(given); err != nil || got.Address != want || got.Kind != source.Folder {
				t.Errorf("%q: %+v, %v; want %q", given, got, err, want)
			}
		}
	}
	for _, given := range []string{"file://" + root + "/none", "file://", "file://elsewhere" + work, work + ".git"} {
		if got, err := source.ParsePlace(given); err == nil {
			t.Errorf("%q is %+v, want an error", given, got)
		}
	}
}

func TestAFileThatIsNoListIsOneError(t *testing.T) {
	dir := t.TempDir()
	prose, list := filepath.Join(dir, "README"), filepath.Join(dir, "list")
	for name, text := range map[string]string{prose: strings.Repeat("Words of a page\n", 40), list: dir + "\nnone-1\nnone-2\nnone-3\nnone-4\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, errs := source.Parse([]string{prose}); len(errs) != 1 || !strings.Contains(errs[0].Error(), "none of its 40 lines") {
		t.Errorf("prose: %v", errs)
	}
	if found, errs := source.Parse([]string{list}); len(found) != 1 || len(errs) != 4 {
		t.Errorf("a list with bad lines: %v %v", found, errs)
	}
}
