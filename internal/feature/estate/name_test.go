package estate_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/estate/place"
	"steward/internal/platform/access"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
)

func TestBase(t *testing.T) {
	for address, want := range map[string]string{
		"https://git.example.com/acme/tool.git": "tool", "git@git.example.com:tool": "tool", "ssh://git@git.example.com:7999/acme/tool/": "tool",
		"/srv/git/tool.git": "tool", "/srv/tool/.git": "tool", "/srv/my tools/": "my tools", "/": "/", "https://git.example.com/a%20b": "a b",
	} {
		if got := place.Base(address); got != want {
			t.Errorf("%q is called %q, want %q", address, got, want)
		}
	}
}

// called are the names of the repositories at places, by place below root.
func (h *house) called(root string) map[string]string {
	h.t.Helper()
	all := map[string]string{}
	_, err := store.Collect(func(row store.Scanner) (string, error) {
		var at, name string
		err := row.Scan(&at, &name)
		all[strings.TrimPrefix(at, root+"/")] = strings.TrimPrefix(name, root+"/")
		return "", err
	})(h.db.Query(h.ctx, `SELECT place, name FROM repository WHERE joined_into = 0`))
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

func (h *house) wantCalled(root string, want map[string]string) {
	h.t.Helper()
	if diff := cmp.Diff(want, h.called(root)); diff != "" {
		h.t.Fatalf("names by place, want -, got +:\n%s", diff)
	}
	for at, name := range want {
		found, err := search.Find(h.ctx, h.db, admin, search.Query{Text: name, Kinds: []string{"repository"}})
		titles := make([]string, 0, len(found.Hits))
		for _, hit := range found.Hits {
			titles = append(titles, strings.TrimPrefix(hit.Title, root+"/"))
		}
		if err != nil || !slices.Contains(titles, name) {
			h.t.Errorf("%s: search for %q finds %q, %v", at, name, titles, err)
		}
	}
}

// TestTheShortestUnambiguousName adds, moves, removes, joins and restricts repositories of one name.
func TestTheShortestUnambiguousName(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		add := func(at string) {
			t.Helper()
			repository(t, filepath.Join(root, at), map[string]string{strings.ReplaceAll(at, "/", "-") + ".go": "package a\n"})
		}
		// Each team's folder is a source of its own: names hold across sources.
		looked := func() {
			t.Helper()
			all, err := filepath.Glob(filepath.Join(root, "*"))
			if err != nil {
				t.Fatal(err)
			}
			h.look(all...)
		}
		add("acme/tool")
		looked()
		uid := h.uid("tool")
		h.wantCalled(root, map[string]string{"acme/tool": "tool"})
		add("other/tool")
		add("other/web")
		looked()
		h.wantCalled(root, map[string]string{"acme/tool": "acme/tool", "other/tool": "other/tool", "other/web": "web"})
		add("deep/acme/tool")
		looked()
		h.wantCalled(root, map[string]string{
			"acme/tool": filepath.Base(root) + "/acme/tool", "deep/acme/tool": "deep/acme/tool", "other/tool": "other/tool", "other/web": "web",
		})
		if r, err := h.estate.RepositoryByUID(h.ctx, member, uid); err != nil || r.Name != filepath.Base(root)+"/acme/tool" {
			t.Errorf("by its id it is %q, %v", r.Name, err)
		}

		// What vanished gives way.
		removed(t, filepath.Join(root, "deep/acme/tool"))
		if err := os.MkdirAll(filepath.Join(root, "deep/acme/tool"), 0o755); err != nil {
			t.Fatal(err)
		}
		add("deep/rest")
		looked()
		h.wantCalled(root, map[string]string{
			"acme/tool": "acme/tool", "deep/acme/tool": "deep/acme/tool", "deep/rest": "rest", "other/tool": "other/tool", "other/web": "web",
		})
		// What is restricted gives way: its name shows only to who may see it.
		if err := h.estate.SetVisibility(h.ctx, admin, h.uid("other/tool"), access.Restricted); err != nil {
			t.Fatal(err)
		}
		h.wantCalled(root, map[string]string{
			"acme/tool": "tool", "deep/acme/tool": "deep/acme/tool", "deep/rest": "rest", "other/tool": "other/tool", "other/web": "web",
		})
		if err := h.estate.SetVisibility(h.ctx, admin, h.uid("other/tool"), access.Internal); err != nil {
			t.Fatal(err)
		}
		if got := h.called(root)["acme/tool"]; got != "acme/tool" {
			t.Errorf("after it was opened again the other is called %q", got)
		}

		// One that was joined into another has no name of its own until it is split off.
		if err := h.estate.Join(h.ctx, member, h.uid("acme/tool"), h.uid("other/tool")); err != nil {
			t.Fatal(err)
		}
		if got := h.called(root)["acme/tool"]; got != "tool" {
			t.Errorf("after the other was joined it is called %q", got)
		}
		if err := h.estate.Split(h.ctx, member, h.column1(`SELECT uid FROM repository WHERE joined_into > 0`)[0]); err != nil {
			t.Fatal(err)
		}
		if got := h.called(root)["acme/tool"]; got != "acme/tool" {
			t.Errorf("after the other was split off it is called %q", got)
		}

		// It is called by where it lies now.
		renamed(t, filepath.Join(root, "other/tool"), filepath.Join(root, "other/hammer"))
		looked()
		h.wantCalled(root, map[string]string{
			"acme/tool": "tool", "deep/acme/tool": "deep/acme/tool", "deep/rest": "rest", "other/hammer": "hammer", "other/web": "web",
		})
		if h.uid("tool") != uid {
			t.Error("it got another id with its name")
		}
		// And no more of a source that was removed.
		add("third/web")
		looked()
		if err := h.estate.Sources().Remove(h.ctx, admin, h.sourceOf(filepath.Join(root, "other"))); err != nil {
			t.Fatal(err)
		}
		h.wantCalled(root, map[string]string{
			"acme/tool": "tool", "deep/acme/tool": "deep/acme/tool", "deep/rest": "rest", "other/hammer": "hammer", "other/web": "other/web", "third/web": "web",
		})
	})
}

func TestWhoCallsThingsByARepositoryFollowsItsName(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		var told []string
		h.follow = func(_ context.Context, _ *store.Tx, _ int64, was, name string) error {
			told = append(told, was+" → "+name)
			return nil
		}
		repository(t, filepath.Join(root, "a", "tool"), map[string]string{"a.go": "package a\n"})
		h.look(filepath.Join(root, "a"))
		repository(t, filepath.Join(root, "b", "tool"), map[string]string{"b.go": "package b\n"})
		h.look(filepath.Join(root, "b"))
		h.look(filepath.Join(root, "b"))
		if diff := cmp.Diff([]string{"tool → a/tool", "tool → b/tool"}, told); diff != "" {
			t.Errorf("told, want -, got +:\n%s", diff)
		}
	})
}
