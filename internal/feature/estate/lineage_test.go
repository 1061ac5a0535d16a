package estate_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/estate/lineage"
	"steward/internal/platform/access"
)

// born makes a repository whose commits, one a day, have the given files each; the first day counts from 1.
func born(t *testing.T, dir string, day string, states ...map[string]string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "init", "-q", "-b", "main")
	for i, files := range states {
		for name, content := range files {
			full := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		git(t, dir, "add", "-A")
		gitOn(t, day[:8]+string(day[8])+string(day[9]+byte(i)), dir, "commit", "-q", "-m", "commit")
	}
	return dir
}

// kin are the names of templates, children and relatives of a repository, as a viewer sees them.
func (h *house) kin(v access.Viewer, name string) map[string][]string {
	h.t.Helper()
	one := mustFind(h.t, h, name)
	got := map[string][]string{}
	names := func(kind string, all []lineage.Birth, err error) {
		if err != nil {
			h.t.Fatal(err)
		}
		for _, b := range all {
			got[kind] = append(got[kind], b.Name)
		}
	}
	all, err := h.estate.Templates(h.ctx, v, one)
	names("from", all, err)
	all, err = h.estate.Children(h.ctx, v, one)
	names("made", all, err)
	same, err := h.estate.Relatives(h.ctx, v, one)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, r := range same {
		got["same"] = append(got["same"], r.Name)
	}
	return got
}

func TestTemplateBirths(t *testing.T) {
	service := map[string]string{"README.md": "# Service\n", "main.go": "package main\n", "Makefile": "run:\n"}
	newer := map[string]string{"go.mod": "module service\n"}
	licence := map[string]string{"LICENSE": "Do as you like.\n", ".gitignore": "*.o\n"}
	with := func(all ...map[string]string) map[string]string {
		out := map[string]string{}
		for _, one := range all {
			for name, content := range one {
				out[name] = content
			}
		}
		return out
	}
	cases := []struct {
		name string
		make func(t *testing.T, root string)
		want map[string]map[string][]string
	}{
		{"from a later state", func(t *testing.T, root string) {
			born(t, root+"/template", "2024-01-01", service, newer, map[string]string{"Dockerfile": "FROM scratch\n"})
			born(t, root+"/ledger", "2024-02-01", with(service, newer), map[string]string{"ledger.go": "package main\n"})
			born(t, root+"/cards", "2024-02-03", with(service, newer))
		}, map[string]map[string][]string{
			"template": {"made": {"cards", "ledger"}}, "ledger": {"from": {"template"}}, "cards": {"from": {"template"}},
		}},
		{"files that everybody begins with", func(t *testing.T, root string) {
			born(t, root+"/a", "2024-01-01", licence, service)
			born(t, root+"/b", "2024-02-01", licence, newer)
		}, map[string]map[string][]string{"a": {}, "b": {}}},
		{"a template that came later", func(t *testing.T, root string) {
			born(t, root+"/a", "2024-01-01", service)
			born(t, root+"/b", "2024-02-01", newer, service)
		}, map[string]map[string][]string{"a": {}, "b": {}}},
		{"a fork has the history", func(t *testing.T, root string) {
			born(t, root+"/a", "2024-01-01", service, newer)
			git(t, root, "clone", "-q", root+"/a", root+"/b")
			git(t, root+"/b", "remote", "remove", "origin")
		}, map[string]map[string][]string{"a": {"same": {"b"}}, "b": {"same": {"a"}}}},
		{"children that a program made alike", func(t *testing.T, root string) {
			born(t, root+"/template", "2024-01-01", service, newer)
			born(t, root+"/a", "2024-02-01", with(service, newer), map[string]string{"a.go": "package main\n"})
			born(t, root+"/b", "2024-02-01", with(service, newer), map[string]string{"b.go": "package main\n"})
			git(t, root, "clone", "-q", root+"/a", root+"/copy")
			git(t, root+"/copy", "remote", "remove", "origin")
		}, map[string]map[string][]string{
			"template": {"made": {"a", "b", "copy"}},
			"a":        {"from": {"template"}, "same": {"copy"}}, "b": {"from": {"template"}}, "copy": {"from": {"template"}, "same": {"a"}},
		}},
		{"on one day", func(t *testing.T, root string) {
			born(t, root+"/template", "2024-01-01", newer, service)
			born(t, root+"/a", "2024-01-02", with(service, newer))
		}, map[string]map[string][]string{"template": {"made": {"a"}}, "a": {"from": {"template"}}}},
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
					if diff := cmp.Diff(want, h.kin(tester, name)); diff != "" {
						t.Errorf("%s, want -, got +:\n%s", name, diff)
					}
				}
				h.clear()
			})
		}
	})
}

// clear forgets all repositories, so that the next case begins anew.
func (h *house) clear() {
	h.t.Helper()
	for _, table := range []string{"repository", "repository_alias", "repository_root", "repository_root_file", "repository_tree", "repository_file", "location", "location_source", "source", "analyser_run", "analyser_state", "fact"} {
		if _, err := h.exec(`DELETE FROM ` + table); err != nil {
			h.t.Fatal(err)
		}
	}
}

func TestATemplateBirthIsAFactForWhoSeesTheTemplate(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		files := map[string]string{"main.go": "package main\n"}
		born(t, root+"/ledger", "2024-02-01", files)
		h.look(root)
		born(t, root+"/template", "2024-01-01", map[string]string{"a.go": "package main\n"})
		if err := os.Remove(root + "/template/a.go"); err != nil {
			t.Fatal(err)
		}
		commitOn(t, "2024-01-02", root+"/template", files)
		commitOn(t, "2024-02-02", root+"/template", map[string]string{"b.go": "package main\n"})
		h.look(root)
		facts := func(v access.Viewer) (all []string) {
			t.Helper()
			found, err := h.estate.Facts(h.ctx, v, mustFind(t, h, "ledger"))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range found {
				if f.Name == "origin.template" {
					all = append(all, string(f.Basis)+" "+f.Value)
				}
			}
			return all
		}
		if diff := cmp.Diff([]string{`inferred "template"`}, facts(member)); diff != "" {
			t.Errorf("facts, want -, got +:\n%s", diff)
		}
		if err := h.estate.SetVisibility(h.ctx, admin, h.uid("template"), access.Restricted); err != nil {
			t.Fatal(err)
		}
		if got := facts(member); len(got) != 0 {
			t.Errorf("a member reads %q of a restricted template", got)
		}
		if diff := cmp.Diff(map[string][]string{"from": {"template"}}, h.kin(admin, "ledger")); diff != "" {
			t.Errorf("an administrator, want -, got +:\n%s", diff)
		}
		// The files that it was born from stay known when the template goes on.
		commitOn(t, "2024-03-01", root+"/template", map[string]string{"c.go": "package main\n"})
		h.look(root)
		if diff := cmp.Diff(map[string][]string{"from": {"template"}}, h.kin(admin, "ledger")); diff != "" {
			t.Errorf("after the template went on, want -, got +:\n%s", diff)
		}
	})
}

func commitOn(t *testing.T, day, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git(t, dir, "add", "-A")
	gitOn(t, day, dir, "commit", "-q", "-m", "commit of "+day)
}
