package estate_test

import (
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

const core = "https://git.example.com/pay/core.git"

// claiming makes a repository of its own that says it comes from core.
func claiming(t *testing.T, dir string) string {
	t.Helper()
	repository(t, dir, map[string]string{filepath.Base(dir) + ".go": "package a\n"})
	git(t, dir, "remote", "add", "origin", core)
	return dir
}

// cloned makes a clone of a repository that says it comes from core.
func cloned(t *testing.T, from, dir string, options ...string) string {
	t.Helper()
	git(t, filepath.Dir(from), append(append([]string{"clone", "-q"}, options...), "file://"+from, dir)...)
	git(t, dir, "remote", "set-url", "origin", core)
	return dir
}

// claims are the notes on remotes, each with the repository that has it, without the place of the test.
func (h *house) claims(root string) []string {
	h.t.Helper()
	all, err := store.Collect(func(row store.Scanner) (string, error) {
		var name, reason string
		err := row.Scan(&name, &reason)
		reason, _, _ = strings.Cut(strings.ReplaceAll(reason, root+"/", ""), ", git.example.com/pay/core")
		return name + ": " + reason, err
	})(h.db.Query(h.ctx, `SELECT r.name, n.reason FROM coverage_note n JOIN repository r ON r.id = n.repository_id WHERE n.source = 'claim' ORDER BY r.name`))
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

// served offers the repositories below a folder over http, by git's own server, and returns its address.
func served(t *testing.T, root string) string {
	t.Helper()
	programs, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(&cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(programs)), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*"},
	})
	t.Cleanup(server.Close)
	return server.URL
}

func removed(t *testing.T, dir string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
}

// TestARemoteIsAClaim looks at places that say they come from one remote, changes them, and looks again.
func TestARemoteIsAClaim(t *testing.T) {
	type outcome struct {
		state string
		notes []string
	}
	of := func(state string, notes ...string) outcome { return outcome{state, append([]string{}, notes...)} }
	both := []string{"fake: fake claims the same remote as real", "real: real claims the same remote as fake"}
	cases := []struct {
		name   string
		make   func(t *testing.T, root string)
		first  outcome
		change func(t *testing.T, root string)
		second outcome
	}{
		{
			"a fake beside the real one, then the real one vanishes",
			func(t *testing.T, root string) {
				claiming(t, filepath.Join(root, "fake"))
				claiming(t, filepath.Join(root, "real"))
			},
			of("fake read\nreal read", both...),
			func(t *testing.T, root string) { removed(t, filepath.Join(root, "real")) },
			of("fake read\nreal read locations=1 missing=1 vanished"),
		},
		{
			"the real one first, then a fake",
			func(t *testing.T, root string) { claiming(t, filepath.Join(root, "real")) },
			of("real read"),
			func(t *testing.T, root string) { claiming(t, filepath.Join(root, "fake")) },
			of("fake read\nreal read", both...),
		},
		{
			"a fake first, then the real one",
			func(t *testing.T, root string) { claiming(t, filepath.Join(root, "fake")) },
			of("fake read"),
			func(t *testing.T, root string) { claiming(t, filepath.Join(root, "real")) },
			of("fake read\nreal read", both...),
		},
		{
			"four of them, one corrects its remote",
			func(t *testing.T, root string) {
				for _, name := range []string{"a", "b", "c", "d"} {
					claiming(t, filepath.Join(root, name))
				}
			},
			of("a read\nb read\nc read\nd read", "a: a claims the same remote as b and 2 more", "b: b claims the same remote as a and 2 more",
				"c: c claims the same remote as a and 2 more", "d: d claims the same remote as a and 2 more"),
			func(t *testing.T, root string) {
				git(t, filepath.Join(root, "b"), "remote", "set-url", "origin", "https://git.example.com/pay/b.git")
			},
			of("a read\nb read\nc read\nd read", "a: a claims the same remote as c and 1 more", "c: c claims the same remote as a and 1 more", "d: d claims the same remote as a and 1 more"),
		},
		{
			"a clone that moves",
			func(t *testing.T, root string) { claiming(t, filepath.Join(root, "real")) },
			of("real read"),
			func(t *testing.T, root string) {
				renamed(t, filepath.Join(root, "real"), filepath.Join(root, "elsewhere"))
			},
			of("real read locations=2 missing=1"),
		},
		{
			"clones, one of them ahead, then one gets another history and another remote",
			func(t *testing.T, root string) {
				from := claiming(t, filepath.Join(root, "a"))
				commit(t, cloned(t, from, filepath.Join(root, "b")), "ahead", map[string]string{"b.go": "package b\n"})
			},
			of("a read locations=2 missing=0"),
			func(t *testing.T, root string) {
				removed(t, filepath.Join(root, "b"))
				repository(t, filepath.Join(root, "b"), map[string]string{"other.go": "package b\n"})
			},
			of("a read\nb read"),
		},
		{
			"a shallow clone of the same, which changes",
			func(t *testing.T, root string) {
				from := claiming(t, filepath.Join(root, "a"))
				commit(t, from, "second", map[string]string{"b.go": "package a\n"})
				cloned(t, from, filepath.Join(root, "b"), "--depth", "1")
				commit(t, from, "third", map[string]string{"c.go": "package a\n"})
			},
			of("a read locations=2 missing=0"),
			func(t *testing.T, root string) {
				commit(t, filepath.Join(root, "b"), "other", map[string]string{"d.go": "package a\n"})
			},
			of("a read locations=2 missing=0"),
		},
		{
			"a shallow clone, then the whole",
			func(t *testing.T, root string) {
				whole := claiming(t, filepath.Join(root, "..", filepath.Base(root)+"-whole"))
				commit(t, whole, "second", map[string]string{"b.go": "package a\n"})
				cloned(t, whole, filepath.Join(root, "a"), "--depth", "1")
				commit(t, whole, "third", map[string]string{"c.go": "package a\n"})
			},
			of("a read"),
			func(t *testing.T, root string) {
				cloned(t, filepath.Join(root, "..", filepath.Base(root)+"-whole"), filepath.Join(root, "b"))
			},
			of("a read locations=2 missing=0"),
		},
		{
			"one that borrows the objects of the real one",
			func(t *testing.T, root string) {
				claiming(t, filepath.Join(root, "real"))
				fake := claiming(t, filepath.Join(root, "fake"))
				file := filepath.Join(fake, ".git", "objects", "info", "alternates")
				if err := os.WriteFile(file, []byte(filepath.Join(root, "real", ".git", "objects")+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			},
			of("fake read\nreal read", both...),
			func(*testing.T, string) {},
			of("fake read\nreal read", both...),
		},
		{
			"one without a commit",
			func(t *testing.T, root string) {
				git(t, root, "init", "-q", "fake")
				git(t, filepath.Join(root, "fake"), "remote", "add", "origin", core)
				claiming(t, filepath.Join(root, "real"))
			},
			of("fake empty\nreal read", both...),
			func(*testing.T, string) {},
			of("fake empty\nreal read", both...),
		},
		{
			"another one with the same claim in the folder of the real one",
			func(t *testing.T, root string) { claiming(t, filepath.Join(root, "real")) },
			of("real read"),
			func(t *testing.T, root string) {
				removed(t, filepath.Join(root, "real"))
				repository(t, filepath.Join(root, "real"), map[string]string{"x.py": "print(1)\n"})
				git(t, filepath.Join(root, "real"), "remote", "add", "origin", core)
			},
			of("/…/real read locations=0 missing=0 vanished\nreal read"),
		},
	}
	each(t, func(t *testing.T, h *house) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				h := *h
				h.t = t
				root, err := filepath.EvalSymlinks(t.TempDir())
				if err != nil {
					t.Fatal(err)
				}
				c.make(t, root)
				h.look(root)
				got := []outcome{{h.state(), h.claims(root)}}
				c.change(t, root)
				h.look(root)
				got = append(got, outcome{h.state(), h.claims(root)})
				if diff := cmp.Diff([]outcome{c.first, c.second}, got, cmp.AllowUnexported(outcome{})); diff != "" {
					t.Errorf("want -, got +:\n%s", diff)
				}
				scans := h.scans()
				h.look(root)
				if n := h.scans() - scans; n != 0 || h.state() != got[1].state {
					t.Errorf("looking again read %d of what has not changed, and the estate is\n%s", n, h.state())
				}
				h.clear()
			})
		}
	})
}

func TestWhatClaimsTheRemoteOfARestrictedRepositoryIsRestricted(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		claiming(t, filepath.Join(root, "real"))
		h.look(root)
		if err := h.estate.SetVisibility(h.ctx, admin, h.uid("real"), access.Restricted); err != nil {
			t.Fatal(err)
		}
		claiming(t, filepath.Join(root, "fake"))
		h.look(root)
		h.wantState("fake read\nreal read")
		if b, err := h.estate.Base(h.ctx, member); err != nil || b.Given != 0 {
			t.Errorf("a member sees %+v (%v)", b, err)
		}
		kin, err := h.estate.Relatives(h.ctx, admin, mustFind(t, h, "real"))
		if err != nil || len(kin) != 1 || kin[0].Name != "fake" {
			t.Errorf("real could be joined with %v (%v), want fake", kin, err)
		}
	})
}

// TestWhatAPersonJoinedStays joins two that have no commit in common and changes the second.
func TestWhatAPersonJoinedStays(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		claiming(t, filepath.Join(root, "a"))
		b := claiming(t, filepath.Join(root, "b"))
		h.look(root)
		if err := h.estate.Join(h.ctx, member, h.uid("a"), h.uid("b")); err != nil {
			t.Fatal(err)
		}
		commit(t, b, "second", map[string]string{"c.go": "package a\n"})
		git(t, b, "remote", "remove", "origin")
		h.look(root)
		h.wantState("a read locations=2 missing=0")
	})
}

// TestWhatIsFetchedIsProofOfItsAddress names an address, and in a folder a clone of it and a fake.
func TestWhatIsFetchedIsProofOfItsAddress(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		given := filepath.Join(root, "given")
		repository(t, filepath.Join(root, "served", "core"), map[string]string{"a.go": "package a\n"})
		origin := served(t, filepath.Join(root, "served")) + "/core/.git"
		git(t, repository(t, filepath.Join(given, "fake"), map[string]string{"b.go": "package b\n"}), "remote", "add", "origin", origin)
		git(t, root, "clone", "-q", origin, filepath.Join(given, "core"))
		h.look(given) // the address is not fetched yet
		h.look(origin)
		h.wantState("core read locations=2 missing=0\nfake read")
		if got := len(h.claims(root)); got != 2 {
			t.Errorf("%d notes say that a remote is only claimed, want one for each of two repositories", got)
		}
		h.clear()
		h.look(origin)
		h.look(given)
		h.wantState("core read locations=2 missing=0\nfake read")
		if got := len(h.claims(root)); got != 2 {
			t.Errorf("%d notes say that a remote is only claimed, want one for each of two repositories", got)
		}
	})
}

// TestWhatWasJoinedWronglyComesApart begins with two that were taken for copies by their remote alone.
func TestWhatWasJoinedWronglyComesApart(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		from := claiming(t, filepath.Join(root, "a"))
		cloned(t, from, filepath.Join(root, "b"))
		fake := repository(t, filepath.Join(root, "c"), map[string]string{"c.go": "package c\n"})
		h.look(root)
		h.wantState("a read locations=2 missing=0\nc read")
		_, err := h.exec(`UPDATE location SET role = 'copy', proved = '', repository_id = (SELECT id FROM repository WHERE name = 'a')`)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.exec(`UPDATE location SET role = 'canonical' WHERE address LIKE '%/a'`); err != nil {
			t.Fatal(err)
		}
		if _, err := h.exec(`DELETE FROM repository WHERE name = 'c'`); err != nil {
			t.Fatal(err)
		}
		git(t, fake, "remote", "add", "origin", "https://git.example.com/pay/c.git")
		h.look(root)
		h.wantState("a read locations=2 missing=0\nc read")
		if diff := cmp.Diff([]string{"repository.part"}, h.audited("repository.part")); diff != "" {
			t.Errorf("audited, want -, got +:\n%s", diff)
		}
	})
}
