package estate_test

import (
	"fmt"
	"maps"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/estate/lineage"
	"steward/internal/platform/access"
)

// numbered are n files below a folder, each with content of its own kind.
func numbered(dir, kind string, n int) map[string]string {
	all := map[string]string{}
	for i := range n {
		all[fmt.Sprintf("%s/f%03d.go", dir, i)] = fmt.Sprintf("package %s // %d\n", kind, i)
	}
	return all
}

func together(all ...map[string]string) map[string]string {
	out := map[string]string{}
	for _, one := range all {
		maps.Copy(out, one)
	}
	return out
}

// said is what the page of a repository says of its births, as a member sees them.
func (h *house) said(name string) []string {
	h.t.Helper()
	one := mustFind(h.t, h, name)
	var got []string
	add := func(kind string, all []lineage.Birth, err error) {
		if err != nil {
			h.t.Fatal(err)
		}
		for _, b := range all {
			got = append(got, fmt.Sprintf("%s %s %d/%d/%d first=%v", kind, b.Name, b.Files, b.Compared, b.Telling, b.First))
		}
	}
	all, err := h.estate.Templates(h.ctx, member, one)
	add("from", all, err)
	all, err = h.estate.Children(h.ctx, member, one)
	add("made", all, err)
	return got
}

func TestNearlyEqualFirstCommits(t *testing.T) {
	service := numbered("src", "service", 20)
	newer := numbered("src", "newer", 4) // over the first four of service
	own := func(n int) map[string]string { return numbered("src", "own", n) }
	boilerplate := map[string]string{
		"LICENSE": "Do as you like.\n", ".gitignore": "*.o\n", "README.md": "# It\n", ".github/dependabot.yml": "version: 2\n", "gradlew": "#!/bin/sh\n", "CODE_OF_CONDUCT.md": "Be kind.\n",
		"a/__init__.py": "", "b/__init__.py": "", "c/__init__.py": "", "d/__init__.py": "", "e/__init__.py": "", "f/__init__.py": "",
	}
	cases := []struct {
		name string
		make func(t *testing.T, root string)
		want map[string][]string
	}{
		{"two of its files differ, from a later state", func(t *testing.T, root string) {
			born(t, root+"/template", "2024-01-01", together(boilerplate, service), newer)
			born(t, root+"/ledger", "2024-02-01", together(boilerplate, service, newer, own(2)), numbered("more", "ledger", 9))
			born(t, root+"/cards", "2024-02-03", together(service, newer, numbered("cards", "cards", 1)))
		}, map[string][]string{
			"template": {"made cards 20/21/21 first=false", "made ledger 19/21/21 first=false"},
			"ledger":   {"from template 19/21/21 first=false"}, "cards": {"from template 20/21/21 first=false"},
		}},
		{"more than a tenth differs", func(t *testing.T, root string) {
			born(t, root+"/a", "2024-01-01", service, newer)
			born(t, root+"/b", "2024-02-01", together(service, own(3)))
		}, map[string][]string{"a": nil, "b": nil}},
		{"the template's own first commit", func(t *testing.T, root string) {
			born(t, root+"/a", "2024-01-01", service)
			born(t, root+"/b", "2024-02-01", together(service, own(1)))
		}, map[string][]string{"a": {"made b 19/20/20 first=true"}, "b": {"from a 19/20/20 first=true"}}},
		{"files that everybody begins with", func(t *testing.T, root string) {
			born(t, root+"/a", "2024-01-01", together(boilerplate, map[string]string{"a.go": "package a\n"}))
			born(t, root+"/b", "2024-02-01", together(boilerplate, map[string]string{"b.go": "package b\n"}))
			born(t, root+"/c", "2024-03-01", together(boilerplate, map[string]string{"Makefile": "run:\n"}))
		}, map[string][]string{"a": nil, "b": nil, "c": nil}},
		{"an empty first commit", func(t *testing.T, root string) {
			born(t, root+"/a", "2024-01-01", service)
			if err := os.MkdirAll(root+"/b", 0o755); err != nil {
				t.Fatal(err)
			}
			git(t, root+"/b", "init", "-q", "-b", "main")
			gitOn(t, "2024-02-01", root+"/b", "commit", "-q", "--allow-empty", "-m", "begin")
			born(t, root+"/b", "2024-02-02", together(service, own(1)))
		}, map[string][]string{"a": nil, "b": nil}},
		{"a copy of the code of others", func(t *testing.T, root string) {
			born(t, root+"/library", "2023-01-01", service)
			born(t, root+"/a", "2024-01-01", together(numbered("vendor/x", "x", 60), numbered("a", "a", 6)))
			born(t, root+"/b", "2024-02-01", together(numbered("vendor/x", "x", 60), numbered("b", "b", 6)))
			born(t, root+"/c", "2024-03-01", together(numbered("lib/src", "service", 20), numbered("c", "c", 1)))
		}, map[string][]string{"library": nil, "a": nil, "b": nil, "c": nil}},
		{"few files", func(t *testing.T, root string) {
			few := numbered("src", "few", 4)
			born(t, root+"/a", "2024-01-01", few)
			born(t, root+"/b", "2024-02-01", together(few, numbered("b", "b", 1)))
		}, map[string][]string{"a": nil, "b": nil}},
		{"a template that came later", func(t *testing.T, root string) {
			born(t, root+"/a", "2024-02-01", together(service, own(1)))
			born(t, root+"/b", "2024-01-01", numbered("b", "b", 1))
			commitOn(t, "2024-03-01", root+"/b", map[string]string{"late.go": "package b\n"})
			born(t, root+"/c", "2024-04-01", together(service, own(1), numbered("c", "c", 1)))
		}, map[string][]string{"a": {"made c 20/21/21 first=true"}, "b": nil, "c": {"from a 20/21/21 first=true"}}},
		{"a template of a template", func(t *testing.T, root string) {
			born(t, root+"/old", "2023-01-01", service, newer)
			born(t, root+"/new", "2024-01-01", together(service, newer, own(2)), numbered("web", "web", 10))
			born(t, root+"/ledger", "2024-02-01", together(service, newer, own(2), numbered("web", "web", 10), numbered("ledger", "ledger", 1)))
		}, map[string][]string{
			"old": {"made new 18/20/20 first=false"}, "new": {"from old 18/20/20 first=false", "made ledger 30/31/31 first=false"}, "ledger": {"from new 30/31/31 first=false"},
		}},
		{"a fork has the history", func(t *testing.T, root string) {
			born(t, root+"/a", "2024-01-01", service, newer)
			git(t, root, "clone", "-q", root+"/a", root+"/b")
			git(t, root+"/b", "remote", "remove", "origin")
			commitOn(t, "2024-03-01", root+"/b", map[string]string{"b.go": "package b\n"})
		}, map[string][]string{"a": nil, "b": nil}},
	}
	each(t, func(t *testing.T, h *house) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				h := *h
				h.t = t
				root := t.TempDir()
				c.make(t, root)
				h.look(root)
				for name, want := range c.want {
					if diff := cmp.Diff(want, h.said(name)); diff != "" {
						t.Errorf("%s, want -, got +:\n%s", name, diff)
					}
				}
				h.clear()
			})
		}
	})
}

// TestBirthsOfLargeRepositoriesAreSampled has more files than are kept, and a template that goes on after it was read.
func TestBirthsOfLargeRepositoriesAreSampled(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		base := numbered("src", "service", 300)
		template := born(t, root+"/template", "2024-01-01", numbered("old", "old", 3))
		h.look(root)
		commitOn(t, "2024-01-05", template, map[string]string{"x.go": "package x\n"})
		born(t, template, "2024-01-08", base, numbered("more", "more", 300))
		h.look(root)
		born(t, root+"/ledger", "2024-02-01", together(numbered("old", "old", 3), map[string]string{"x.go": "package x\n"}, base, numbered("ledger", "ledger", 3)))
		h.look(root)
		for name, kept := range map[string]string{"template": "0 400", "ledger": "64 307"} {
			id := mustFind(t, h, name).ID
			rows := h.column1(`SELECT (CASE WHEN telling > 64 THEN '64' ELSE '0' END) || ' ' || (SELECT COUNT(*) FROM repository_file f WHERE f.repository_id = r.repository_id)
				FROM repository_root r WHERE repository_id = $1`, id)
			if diff := cmp.Diff([]string{kept}, rows); diff != "" {
				t.Errorf("%s keeps, want -, got +:\n%s", name, diff)
			}
		}
		births, err := h.estate.Templates(h.ctx, member, mustFind(t, h, "ledger"))
		if err != nil || len(births) != 1 {
			t.Fatalf("%+v, %v, want one", births, err)
		}
		got := births[0]
		if got.Name != "template" || got.Telling != 307 || got.Compared < 30 || got.Compared > 64 || got.Compared-got.Files > 6 || got.First {
			t.Errorf("got %+v", got)
		}
		head := git(t, template, "rev-parse", "HEAD")
		want := fmt.Sprintf("%d of %d files of the first commit %.7s, a sample of 307, are the same as in the template by then, when it was at %.7s; files that many have alike are left out",
			got.Files, got.Compared, got.Root, head)
		if diff := cmp.Diff(want, got.Evidence()); diff != "" {
			t.Errorf("evidence, want -, got +:\n%s", diff)
		}
		if err := h.estate.SetVisibility(h.ctx, admin, h.uid("template"), access.Restricted); err != nil {
			t.Fatal(err)
		}
		if got := h.said("ledger"); len(got) != 0 {
			t.Errorf("a member reads %q of a restricted template", got)
		}
	})
}
