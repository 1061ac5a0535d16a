package catalog_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const mit = `MIT License

Copyright (c) 2024 Bank

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`

func TestAComponentHasTheLicenceOfItsOwnFolder(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := newTree(t, filepath.Join(t.TempDir(), "mono"), map[string]string{
			"LICENSE": mit, "package.json": `{"name":"top"}`,
			"a/package.json": `{"name":"apache","license":"Apache-2.0"}`, "a/deep/catalog-info.yaml": entryOf("entry", "  owner: x\n"),
			"b/package.json": `{"name":"silent"}`,
		})
		h.look(r.dir)
		licences := func() []string {
			return h.strings(`SELECT name || ' ' || licence || ' ' || licence_basis || ' ' || licence_from FROM component WHERE gone_at = 0 ORDER BY name`)
		}
		if diff := cmp.Diff([]string{"apache Apache-2.0 written a/package.json:1", "entry Apache-2.0 written a/package.json:1", "mono MIT measured LICENSE:5", "silent MIT inferred LICENSE:5"}, licences()); diff != "" {
			t.Error(diff)
		}
		body := h.get(member, "/components.csv?licence=Apache-2.0")
		wantAll(t, "the list of one licence", body, "apache", "entry")
		wantNone(t, "the list of one licence", body, "silent", "mono,MIT")
		wantAll(t, "the page", h.get(member, "/components/"+h.uid("apache")), "Apache-2.0", "a/package.json:1")
		r.commit(ann, "no licence", map[string]string{"LICENSE": "-", "a/package.json": `{"name":"apache"}`})
		h.look(r.dir)
		if diff := cmp.Diff([]string{"apache   ", "entry   ", "mono   ", "silent   "}, licences()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestOwnersNotSeenForAYear(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		dir, day := t.TempDir(), 24*time.Hour
		org := newTree(t, filepath.Join(dir, "org"), map[string]string{"catalog-info.yaml": groups})
		make := func(name, owner string, ago time.Duration) *tree {
			return newTreeAt(t, filepath.Join(dir, name), time.Now().Add(-ago), map[string]string{"catalog-info.yaml": entryOf(name, "  owner: "+owner+"\n")})
		}
		gone := make("gone", "payments-core", 500*day)
		here := make("here", "payments-core", 500*day)
		here.at = time.Now().Add(-20 * day)
		here.commit(ann, "still here", map[string]string{"x": "y"})
		never := make("never", "other", 500*day)     // Bob is known by another repository
		young := make("young", "other", 20*day)      // as above, but too young to tell
		alien := make("alien", "strangers", 500*day) // no member is known
		people := newTreeAt(t, filepath.Join(dir, "people"), time.Now().Add(-500*day), map[string]string{"go.mod": "module a.example/people\n", "MAINTAINERS.md": "# Maintainers\n\n- Ann Ale <ann@bank.example>\n"})
		lone := newTreeAt(t, filepath.Join(dir, "lone"), time.Now().Add(-500*day), map[string]string{"go.mod": "module a.example/lone\n", "MAINTAINERS.md": "# Maintainers\n\n- Eve Fox <eve@else.example>\n"})
		maybe := newTreeAt(t, filepath.Join(dir, "maybe"), time.Now().Add(-500*day), map[string]string{"go.mod": "module a.example/maybe\n", "MAINTAINERS.md": "# Maintainers\n\n- Eve Fox <eve@else.example>\n- @nobody-by-commits\n"})
		for _, r := range []*tree{lone, maybe} {
			r.commit("Eve Fox <eve@else.example>", "work", map[string]string{"x": "y"})
		}
		bobs := make("bobs", "strangers", 30*day)
		bobs.commit(bob, "work", map[string]string{"x": "y"})
		h.look(org.dir, bobs.dir, gone.dir, here.dir, never.dir, young.dir, alien.dir, people.dir, lone.dir, maybe.dir) // of maybe's maintainers one may commit under any address
		h.look(gone.dir)                                                                                                // and the job that settles owners again
		want := []string{"gone", "lone", "never", "people"}
		listed := func(address string) (names []string) {
			for _, line := range strings.Split(strings.TrimSpace(h.get(member, address)), "\n")[1:] {
				name, _, _ := strings.Cut(line, ",")
				names = append(names, name)
			}
			return names
		}
		for _, address := range []string{"/components.csv?view=owner-not-seen&sort=name", "/components.csv?owner_not_seen=yes&sort=name"} {
			if diff := cmp.Diff(want, listed(address)); diff != "" {
				t.Errorf("%s: %s", address, diff)
			}
		}
		wantAll(t, "the page", h.get(member, "/components/"+h.uid("gone")), "not seen for a year", "Not seen for a year")
		wantNone(t, "the page", h.get(member, "/components/"+h.uid("here")), "ot seen for a year")
		wantAll(t, "the API", h.get(member, "/api/v1/components/"+h.uid("gone")), `"owner_not_seen":true`)
		gone.at = time.Now().Add(-10 * day)
		gone.commit(ann, "back", map[string]string{"x": "z"})
		h.look(gone.dir)
		if diff := cmp.Diff([]string{"lone", "never", "people"}, listed("/components.csv?view=owner-not-seen&sort=name")); diff != "" {
			t.Error(diff)
		}
		body := h.get(member, "/teams.csv")
		wantAll(t, "the list of teams", body, "Payments Core,payments-core,3,3,catalog-info,")
	})
}

func TestErasedPeopleAreTakenOutOfEntries(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		if err := h.settings.Set(h.ctx, admin, "people.mode", "named"); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		org := newTree(t, filepath.Join(dir, "org"), map[string]string{"catalog-info.yaml": groups})
		r := newTree(t, filepath.Join(dir, "thing"), map[string]string{
			"catalog-info.yaml": entryOf("thing", "  owner: user:ann\n") + "---\n" + strings.ReplaceAll(entryOf("other", "  owner: payments-core\n"), "name: other", "name: other\n  description: Ask Ann Ale first, else annabel"),
			"CODEOWNERS":        "* ann@bank.example\n", "MAINTAINERS.md": "# Maintainers\n\n- Ann Ale <ann@bank.example>\n",
		})
		h.look(org.dir, r.dir)
		persons := h.strings(`SELECT DISTINCT p.uid FROM person p JOIN identity i ON i.person_id = p.id JOIN person_name n ON n.identity_id = i.id WHERE n.email = 'ann@bank.example'`)
		if len(persons) != 1 {
			t.Fatalf("Ann is %d persons", len(persons))
		}
		left := func() string {
			return strings.ToLower(strings.Join(h.strings(`SELECT ref || ' ' || title || ' ' || description || ' ' || owner || ' ' || body FROM entity UNION ALL SELECT from_id || ' ' || to_id FROM relation
				UNION ALL SELECT name || ' ' || note FROM component_owner UNION ALL SELECT owner_name FROM component UNION ALL SELECT title || ' ' || body FROM search_document
				UNION ALL SELECT label || ' ' || name || ' ' || email || ' ' || account FROM person_name`), "\n"))
		}
		names := []string{"ann ale", "ann@bank", `"ann"`, "user:ann", "default/ann\n", "@ann"}
		wantAll(t, "before", left(), "ann ale", "ann@bank", `"ann"`)
		if err := h.people.Erase(h.ctx, admin, persons[0]); err != nil {
			t.Fatal(err)
		}
		wantNone(t, "after erasing", left(), names...)
		wantAll(t, "after erasing", left(), "annabel", "bob@bank.example", "erased")
		org.commit(bob, "again", map[string]string{"catalog-info.yaml": groups + "# changed\n"})
		r.commit(bob, "again", map[string]string{"README.md": "x\n"})
		h.look(org.dir, r.dir)
		wantNone(t, "after reading again", left(), names...)
		if got := h.strings(`SELECT detail FROM audit_entry WHERE action = 'person.erase'`); len(got) != 1 || strings.Contains(strings.ToLower(got[0]), "ann") {
			t.Errorf("audit holds %q", got)
		}
	})
}
