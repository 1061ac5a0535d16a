package estate_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/estate"
	"steward/internal/platform/access"
)

// facet is what of a repository may change when it does.
type facet struct {
	Branch    string
	Commits   int64
	Shallow   bool
	Rewritten bool
}

func facetOf(r estate.Repository) facet {
	return facet{r.DefaultBranch, r.Commits, r.Shallow, !r.Rewritten.IsZero()}
}

// TestTheSameRepositoryAfterAChange changes one between two looks.
func TestTheSameRepositoryAfterAChange(t *testing.T) {
	cases := []struct {
		name   string
		change func(t *testing.T, root, dir string)
		state  string // of the estate afterwards
		want   facet
	}{
		{"default branch renamed", func(t *testing.T, _, dir string) {
			git(t, dir, "branch", "-m", "main", "trunk")
		}, "ledger read", facet{Branch: "trunk", Commits: 2}},
		{"last commit amended and pushed by force", func(t *testing.T, _, dir string) {
			git(t, dir, "commit", "-q", "--amend", "-m", "amended")
		}, "ledger read", facet{Branch: "main", Commits: 2, Rewritten: true}},
		{"all of the history written anew", func(t *testing.T, _, dir string) {
			git(t, dir, "checkout", "-q", "--orphan", "fresh")
			git(t, dir, "commit", "-q", "-m", "squashed")
			git(t, dir, "branch", "-M", "main")
		}, "ledger read", facet{Branch: "main", Commits: 1, Rewritten: true}},
		{"made shallow", func(t *testing.T, root, dir string) {
			renamed(t, dir, filepath.Join(root, "..", "whole"))
			git(t, root, "clone", "-q", "--depth", "1", "file://"+filepath.Join(root, "..", "whole"), dir)
			git(t, dir, "remote", "remove", "origin")
		}, "ledger read", facet{Branch: "main", Commits: 1, Shallow: true}},
		{"moved to another folder", func(t *testing.T, root, dir string) {
			renamed(t, dir, filepath.Join(root, "team", "books"))
		}, "books read locations=2 missing=1", facet{Branch: "main", Commits: 2}},
		{"made bare", func(t *testing.T, root, dir string) {
			renamed(t, filepath.Join(dir, ".git"), filepath.Join(root, "ledger.git"))
			git(t, filepath.Join(root, "ledger.git"), "config", "core.bare", "true")
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}, "ledger read locations=2 missing=1", facet{Branch: "main", Commits: 2}},
		{"a copy beside it stays another one", func(t *testing.T, root, dir string) {
			git(t, root, "clone", "-q", dir, "copy")
			git(t, filepath.Join(root, "copy"), "remote", "remove", "origin")
		}, "copy read\nledger read", facet{Branch: "main", Commits: 2}},
		{"several copies beside it stay others", func(t *testing.T, root, dir string) {
			for _, name := range []string{"one", "two"} {
				git(t, root, "clone", "-q", dir, name)
				git(t, filepath.Join(root, name), "remote", "remove", "origin")
			}
		}, "ledger read\none read\ntwo read", facet{Branch: "main", Commits: 2}},
	}
	each(t, func(t *testing.T, h *house) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				h := *h
				h.t = t
				root := filepath.Join(t.TempDir(), "src")
				dir := repository(t, filepath.Join(root, "ledger"), map[string]string{"a.go": "package a\n"})
				commit(t, dir, "second", map[string]string{"b.go": "package a\n"})
				h.look(root)
				uid := h.uid("ledger")
				c.change(t, root, dir)
				h.look(root)
				h.wantState(c.state)
				one, err := h.estate.RepositoryByUID(h.ctx, tester, uid)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.want, facetOf(one)); diff != "" {
					t.Errorf("want -, got +:\n%s", diff)
				}
				h.clear()
			})
		}
	})
}

func TestAnUnrelatedRepositoryInTheSameFolderIsAnotherOne(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		dir := repository(t, filepath.Join(root, "ledger"), map[string]string{"a.go": "package a\n"})
		h.look(root)
		if err := h.estate.SetVisibility(h.ctx, admin, h.uid("ledger"), access.Restricted); err != nil {
			t.Fatal(err)
		}
		uid := h.uid("ledger")
		renamed(t, dir, filepath.Join(t.TempDir(), "away"))
		repository(t, dir, map[string]string{"b.py": "print(1)\n"})
		h.look(root)
		h.wantState("/…/ledger read locations=0 missing=0 vanished\nledger read")
		old, err := h.estate.RepositoryByUID(h.ctx, tester, uid)
		if err != nil || old.MainLanguage != "Go" || !old.Rewritten.IsZero() {
			t.Errorf("what was there before is %+v (%v)", old, err)
		}
		if b, err := h.estate.Base(h.ctx, member); err != nil || b.Given != 0 {
			t.Errorf("a member sees what lies where a restricted one was: %+v, %v", b, err)
		}
		h.look(root)
		h.wantState("/…/ledger read locations=0 missing=0 vanished\nledger read")
	})
}

func renamed(t *testing.T, from, to string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func TestAShallowCopyThatIsDeepened(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		whole := repository(t, filepath.Join(t.TempDir(), "whole"), map[string]string{"a.go": "package a\n"})
		for _, message := range []string{"second", "third"} {
			commit(t, whole, message, map[string]string{message + ".go": "package a\n"})
		}
		git(t, root, "clone", "-q", "--depth", "1", "file://"+whole, "ledger")
		h.look(root)
		if diff := cmp.Diff(facet{Branch: "main", Commits: 1, Shallow: true}, facetOf(mustFind(t, h, "ledger"))); diff != "" {
			t.Fatalf("shallow, want -, got +:\n%s", diff)
		}
		git(t, filepath.Join(root, "ledger"), "fetch", "-q", "--unshallow")
		h.look(root)
		if diff := cmp.Diff(facet{Branch: "main", Commits: 3}, facetOf(mustFind(t, h, "ledger"))); diff != "" {
			t.Errorf("deepened, want -, got +:\n%s", diff)
		}
	})
}

// TestOneRemoteHasManySpellings makes a clone for each.
func TestOneRemoteHasManySpellings(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		spellings := []string{
			"https://git.example.com/pay/ledger.git", "https://git.example.com/pay/ledger", "https://Git.Example.COM:443/pay/ledger.git/",
			"git@git.example.com:pay/ledger.git", "ssh://git@git.example.com/pay/ledger", "ssh://git@GIT.example.com:22/pay/ledger.git", "https://token@git.example.com/pay/ledger",
		}
		for i, spelling := range spellings {
			dir := repository(t, filepath.Join(root, "clone"+digits(int64(i))), map[string]string{"a.go": "package a\n"})
			git(t, dir, "remote", "add", "origin", spelling)
		}
		other := repository(t, filepath.Join(root, "other"), map[string]string{"a.go": "package a\n"})
		git(t, other, "remote", "add", "origin", "https://git.example.com/pay/Ledger.git") // the path is as written
		h.look(root)
		h.wantState("clone0 read locations=" + digits(int64(len(spellings))) + " missing=0\nother read")
		places, err := h.estate.Locations(h.ctx, member, mustFind(t, h, "clone0").ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range places {
			if p.Remote != "git.example.com/pay/ledger" || strings.Contains(p.Remote, "token") {
				t.Errorf("%s comes from %q", p.Address, p.Remote)
			}
		}
	})
}
