package catalog_test

import (
	"encoding/json"
	"html"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"steward/internal/feature/catalog"
	"steward/internal/feature/estate"
	"steward/internal/feature/people"
	"steward/internal/platform/access"
	"steward/internal/platform/api"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
	"steward/internal/platform/web/webtest"
)

// hub sees the pages of the house as one viewer.
func (h *house) hub(v access.Viewer) *webtest.Hub {
	return webtest.New(h.t, v, func(s *web.Server) {
		h.pages(s)
		a := api.New(api.Config{})
		h.catalog.Mount().API(a.Operations())
		a.Mount(s)
	})
}

func (h *house) get(v access.Viewer, address string) string {
	h.t.Helper()
	status, body := h.hub(v).Get(address)
	if status != 200 {
		h.t.Fatalf("%s answers %d: %s", address, status, body)
	}
	return body
}

// home is the first page once all of its parts answered in time, which a busy
// machine may need more than one attempt for.
func (h *house) home(v access.Viewer) string {
	h.t.Helper()
	for range 50 {
		if body := h.get(v, "/"); !strings.Contains(body, "Not everything answered in time") {
			return body
		}
	}
	h.t.Fatal("home never came whole")
	return ""
}

func wantAll(t *testing.T, where, body string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(body, p) {
			t.Errorf("%s lacks %q", where, p)
		}
	}
}

func wantNone(t *testing.T, where, body string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if i := strings.Index(body, p); i >= 0 {
			t.Errorf("%s shows %q: …%s…", where, p, body[max(0, i-80):min(len(body), i+80)])
		}
	}
}

func TestPages(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		dir := t.TempDir()
		newTree(t, filepath.Join(dir, "ledger"), map[string]string{
			"CODEOWNERS": "* @bank/edge\n", "go.mod": "module bank.example/ledger\n", "main.go": "package main\n",
			"catalog-info.yaml": entryOf("ledger", "  owner: payments\n  system: settlement\n  dependsOn: [component:rates, resource:db]\n") +
				"---\napiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: {name: settlement, title: Settlement}\nspec: {owner: payments}\n",
		})
		newTree(t, filepath.Join(dir, "rates"), map[string]string{"catalog-info.yaml": entryOf("rates", "  owner: treasury\n"), "go.mod": "module bank.example/rates\n"})
		newTree(t, filepath.Join(dir, "lonely"), map[string]string{"a.py": "print(1)\n"})
		h.look(dir)
		ledger, rates := h.uid("ledger"), h.uid("rates")
		list := h.get(member, "/components")
		wantAll(t, "the list", list, "ledger", "rates", "lonely", "Sources disagree", "Assign owner", "/components/"+ledger, "/teams/")
		for _, view := range []string{"no-owner", "disputed", "inferred", "unchanged"} {
			h.get(member, "/components?view="+view)
		}
		wantAll(t, "the view", h.get(member, "/components?view=disputed"), "/components/"+ledger)
		wantNone(t, "the view", h.get(member, "/components?view=no-owner"), "/components/"+ledger)
		page := h.get(member, "/components/"+ledger)
		wantAll(t, "the page", page, "service", "production", "catalog-info.yaml:8", "CODEOWNERS", "Choose one", "depends on", "/components/"+rates, "not in the catalogue", "Settlement", "Used by", "sources disagree")
		wantAll(t, "the page", h.get(member, "/components/"+rates), "Used by", "/components/"+ledger)
		for _, panel := range []string{"owners", "relations", "facts"} {
			wantAll(t, panel, h.get(member, "/components/"+ledger+"/"+panel), "aria-current=\"page\"", `id="about"`, "payments")
		}
		if status, _ := h.hub(member).Get("/components/" + ledger + "/nothing"); status != 404 {
			t.Errorf("a panel that is not there answers %d", status)
		}
		wantNone(t, "an auditor's page", h.get(access.As("x", "x", access.Auditor), "/components/"+ledger), "Assign owner", "Confirm ")
		entities := h.get(member, "/entities")
		wantAll(t, "entities", entities, "settlement", "System")
		at := strings.Index(entities, "/entities/0")
		wantAll(t, "an entity", h.get(member, entities[at:at+len("/entities/")+36]), "As written", "Relations")
		home := h.home(member)
		wantAll(t, "home", home, "Components", "Components without an owner", "Owners on which sources disagree", "Who owns the components", "written by people", "no owner", "/components?ownership=confirmed&amp;ownership=declared")
		var one struct {
			Name                     string
			Owner                    struct{ Name, State, From string }
			Owners, Relations, Facts []map[string]any
		}
		if err := json.Unmarshal([]byte(h.get(member, "/api/v1/components/"+ledger)), &one); err != nil {
			t.Fatal(err)
		}
		if one.Name != "ledger" || one.Owner.State != "disputed" || len(one.Owners) != 2 || len(one.Relations) != 4 || len(one.Facts) < 8 {
			t.Errorf("JSON says %+v", one)
		}
		wantAll(t, "its history", h.get(member, "/api/v1/components/"+ledger+"/history"), `"commits":1`)
		h.get(member, "/api/v1/components")
		wantAll(t, "CSV", h.get(member, "/components.csv"), "ledger", "disputed")
	})
}

func TestAssigningThroughPages(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		dir := t.TempDir()
		newTree(t, filepath.Join(dir, "one"), map[string]string{"CODEOWNERS": "* @bank/core\n", "a.go": "package a\n"})
		newTree(t, filepath.Join(dir, "two"), map[string]string{"b.go": "package b\n"})
		h.look(dir)
		hub := h.hub(member)
		picks := url.Values{"pick": {h.uid("one"), h.uid("two")}}
		_, to, _ := hub.Post("/components/pick", picks)
		status, body := hub.Get(to)
		if status != 200 {
			t.Fatalf("the form answers %d", status)
		}
		wantAll(t, "the form", body, "bank/core", "two", "2 components")
		status, _, body = hub.Post("/components/assign", url.Values{"pick": picks["pick"], "team": {"unheard-of"}})
		wantAll(t, "the form again", body, "No team is called", "It is a new team")
		if status != 422 {
			t.Errorf("an unknown team answers %d", status)
		}
		if status, _, _ = hub.Post("/components/assign", url.Values{"pick": picks["pick"], "team": {"bank/core"}}); status != 303 {
			t.Errorf("assigning answers %d", status)
		}
		h.want("/ one | confirmed team bank/core\n/ two | confirmed team bank/core")
		batch := h.strings(`SELECT MAX(batch) FROM owner_confirmation`)[0]
		if status, _, _ = hub.Post("/components/assign/undo/"+batch, nil); status != 303 {
			t.Errorf("undo answers %d", status)
		}
		h.want("/ one | declared team bank/core CODEOWNERS:1\n/ two | none")
		one := "/components/" + h.uid("one")
		hub.Post("/components/assign", url.Values{"pick": {h.uid("one")}, "team": {"bank/core"}})
		_, body = hub.Get(one)
		wantAll(t, "the page of one that was confirmed", body, "Confirmed", "Take back", `action="`+one+`/owner/takeback"`)
		if status, to, _ := hub.Post(one+"/owner/takeback", nil); status != 303 || to != one {
			t.Errorf("taking back answers %d, %s", status, to)
		}
		h.want("/ one | declared team bank/core CODEOWNERS:1\n/ two | none")
		ended := h.strings(`SELECT id FROM owner_confirmation ORDER BY ended_at DESC, made_at DESC LIMIT 1`)[0]
		if status, to, _ := hub.Post("/components/owner/return/"+ended, nil); status != 303 || to != one {
			t.Errorf("bringing it back answers %d, %s", status, to)
		}
		batch = h.strings(`SELECT batch FROM owner_confirmation WHERE ended_at = 0`)[0]
		if status, to, _ := hub.Post("/components/assign/undo/"+batch, nil); status != 303 || to != one {
			t.Errorf("undo of one answers %d, %s", status, to)
		}
		if status, _, _ := h.hub(access.As("x", "x", access.Auditor)).Post("/components/assign", url.Values{"pick": picks["pick"], "team": {"bank/core"}}); status != 403 {
			t.Errorf("an auditor assigning answers %d", status)
		}
	})
}

// TestAssigningAllOfAList picks every row under a filter, and says when those are not the same any more.
func TestAssigningAllOfAList(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		dir := t.TempDir()
		for _, name := range []string{"one", "two", "three"} {
			newTree(t, filepath.Join(dir, name), map[string]string{"a.go": "package a\n"})
		}
		h.look(dir)
		hub := h.hub(member)
		hidden := func(body, name string) string {
			_, after, _ := strings.Cut(body, `<input type="hidden" name="`+name+`" value="`)
			value, _, _ := strings.Cut(after, `"`)
			return html.UnescapeString(value)
		}
		_, to, _ := hub.Post("/components/pick", url.Values{"pick": {h.uid("one")}, "all": {"2"}, "terms": {"view=no-owner&q=o"}})
		_, body := hub.Get(to)
		wantAll(t, "the form", body, "2 components", "Assign owner of 2", "one", "two")
		if strings.Contains(body, "three") || strings.Contains(body, "has changed") {
			t.Error("the form shows what was not picked, or a change that there was not")
		}
		_, body = hub.Get("/components/assign?all=3&terms=q%3Do")
		wantAll(t, "the form", body, "it had 3 components and has 2 now")

		form := url.Values{"all": {hidden(body, "all")}, "terms": {hidden(body, "terms")}, "state": {hidden(body, "state")}, "team": {"core"}, "new": {"yes"}}
		if status, _, _ := hub.Post("/components/assign", url.Values{"all": {"2"}, "terms": {"q=o&bogus=1"}, "team": {"core"}, "new": {"yes"}}); status != 422 {
			t.Errorf("a filter that is not understood answers %d", status)
		}
		err := h.db.Tx(t.Context(), func(tx *store.Tx) error {
			for _, table := range []string{"component", "repository"} {
				if _, err := tx.Exec(t.Context(), `UPDATE `+table+` SET name = CASE name WHEN 'one' THEN 'uno' WHEN 'two' THEN 'dve' ELSE 'tono' END`); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		status, _, body := hub.Post("/components/assign", form)
		wantAll(t, "the form again", body, "its 2 components are not the same ones", "uno", "tono")
		if got := h.strings(`SELECT batch FROM owner_confirmation`); status != 422 || len(got) > 0 {
			t.Errorf("what was not confirmed is assigned: %d, %v", status, got)
		}
		form.Set("state", hidden(body, "state"))
		if status, to, _ := hub.Post("/components/assign", form); status != 303 || to != "/components?q=o" {
			t.Errorf("assigning answers %d, %s", status, to)
		}
		if got := h.strings(`SELECT name FROM component WHERE owner_state = 'confirmed' ORDER BY name`); !slices.Equal(got, []string{"tono", "uno"}) {
			t.Errorf("assigned are %v", got)
		}
	})
}

func TestARestrictedRepositoryGivesNothingAway(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		dir := t.TempDir()
		newTree(t, filepath.Join(dir, "open"), map[string]string{"catalog-info.yaml": entryOf("open", "  owner: core\n"), "a.go": "package a\n"})
		newTree(t, filepath.Join(dir, "hushhush"), map[string]string{
			"CODEOWNERS": "* @bank/hushteam\n", "a.go": "package a\n",
			"catalog-info.yaml": entryOf("hushcomponent", "  owner: hushteam\n  dependsOn: [component:open]\n") + "---\napiVersion: v1\nkind: System\nmetadata: {name: hushsystem}\nspec: {owner: hushteam}\n",
		})
		h.look(dir)
		if err := h.estate.SetVisibility(h.ctx, admin, h.strings(`SELECT uid FROM repository WHERE name = 'hushhush'`)[0], access.Restricted); err != nil {
			t.Fatal(err)
		}
		secret, entity := h.uid("hushcomponent"), h.strings(`SELECT uid FROM entity WHERE name = 'hushsystem'`)[0]
		wantAll(t, "what an administrator sees", h.get(admin, "/components"), "hushcomponent")
		for _, address := range []string{
			"/components", "/components.csv", "/components.json", "/api/v1/components", "/components?choices=owner", "/components?choices=repository", "/entities", "/entities.csv", "/api/v1/entities",
			"/entities?choices=repository", "/", "/search?q=hush", "/search/suggest?q=hush", "/components/" + h.uid("open"), "/components/" + h.uid("open") + "/relations", "/api/v1/components/" + h.uid("open"), "/components/assign?pick=" + h.uid("open"),
		} {
			_, body := h.hub(member).Get(address)
			wantNone(t, address, strings.ReplaceAll(strings.ReplaceAll(body, `value="hush"`, ""), "“hush”", ""), "hushhush", "hushcomponent", "hushteam", "hushsystem", secret)
		}
		for _, address := range []string{"/components/" + secret, "/api/v1/components/" + secret, "/entities/" + entity, "/api/v1/entities/" + entity, "/components/assign?pick=" + secret} {
			if status, _ := h.hub(member).Get(address); status != 404 {
				t.Errorf("%s answers %d", address, status)
			}
		}
		if _, err := h.catalog.Assign(h.ctx, member, []string{secret}, "core", false); err == nil {
			t.Error("a member assigns an owner to what is hidden")
		}
	})
}

func TestNamesOfPeopleObeyTheSetting(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := newTree(t, filepath.Join(t.TempDir(), "thing"), map[string]string{
			"MAINTAINERS.md": "# Maintainers\n\n- Zora Zebra <zora@bank.example>\n", "CODEOWNERS": "* @zzlogin\n", "a.go": "package a\n",
			"catalog-info.yaml": entryOf("thing", "  owner: user:zzentry\n") + "---\n" + strings.ReplaceAll(groups, "bob", "zzbob"),
		})
		h.look(r.dir)
		uid := h.uid("thing")
		group := h.strings(`SELECT uid FROM entity WHERE kind = 'Group'`)[0]
		addresses := []string{
			"/components", "/components.csv", "/components.json", "/api/v1/components", "/components/" + uid, "/components/" + uid + "/owners", "/components/" + uid + "/facts", "/api/v1/components/" + uid,
			"/components/" + uid + "/relations", "/entities", "/entities.csv", "/entities.json", "/api/v1/entities", "/entities/" + group, "/api/v1/entities/" + group, "/", "/search?q=zzbob", "/search?q=Zebra", "/components?choices=owner",
		}
		for _, mode := range []string{"off", "team", "named"} {
			if err := h.settings.Set(h.ctx, admin, "people.mode", mode); err != nil {
				t.Fatal(err)
			}
			all := ""
			for _, address := range addresses {
				_, body := h.hub(member).Get(address)
				body = strings.NewReplacer(`value="zzbob"`, "", `value="Zebra"`, "", "“zzbob”", "", "“Zebra”", "", "/search?q=zzbob", "", "/search?q=Zebra", "").Replace(body)
				all += body
				if mode == "off" {
					wantNone(t, mode+" "+address, body, "Zora", "Zebra", "zora@", "zzlogin", "zzentry", "zzbob", "Bob Bee", "ann@", "Ann Ale")
				}
			}
			if mode == "team" {
				wantAll(t, mode, all, "Zora Zebra", "zzlogin", "zzentry")
			}
		}
		for _, u := range h.strings(`SELECT uid FROM entity WHERE kind = 'User'`) {
			if status, _ := h.hub(admin).Get("/entities/" + u); status != 404 {
				t.Errorf("the entry of a person answers %d", status)
			}
		}
	})
}

func TestHostileContentIsShownAsText(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		long := strings.Repeat("x", 500)
		bad := `"<script>alert(1)</script>"`
		r := newTree(t, filepath.Join(t.TempDir(), "<b>evil"), map[string]string{
			"catalog-info.yaml": "apiVersion: v1\nkind: Component\nmetadata:\n  name: " + bad + "\n  title: '" + long + "'\n  description: " + bad + "\n  tags: [" + bad + "]\nspec:\n  type: " + bad + "\n  lifecycle: " + bad +
				"\n  owner: " + bad + "\n  system: " + bad + "\n  dependsOn: ['component:" + long + "']\n",
			"a\xff\xfe/package.json": `{"name":"` + long + `"}`, "a\xff\xfe/README.md": "# x\n\nFine \xff words here.\n",
			"CODEOWNERS": "* @<script>/<img> @" + long + "/" + long + "\n\xff\xfe @x\n[ a b\n", "MAINTAINERS": "\x00\xff", "OWNERS": "approvers: [[[[[[" + long,
			"b/catalog-info.yaml": "a: &a [*a]\n", "b/go.mod": "module x.example/b\n", "b/OWNERS": strings.Repeat("ann@bank.example\n", 3000),
			"c/catalog-info.yml": strings.Repeat("- ", 50_000),
		})
		h.look(r.dir)
		if n := len(strings.Split(h.state(), "\n")); n != 3 {
			t.Errorf("%d components:\n%s", n, h.state())
		}
		for _, uid := range h.strings(`SELECT uid FROM component`) {
			for _, address := range []string{"/components/" + uid, "/components/" + uid + "/facts", "/components/" + uid + "/owners", "/components", "/entities"} {
				wantNone(t, address, h.get(member, address), "<script>alert", "<img>", "<b>evil")
			}
		}
	})
}

func TestStaleIsWhatLiesStillWhileOthersUseIt(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		old := func(name, manifest string) string {
			return newTreeAt(t, filepath.Join(t.TempDir(), name), time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC), map[string]string{"go.mod": manifest}).dir
		}
		h.look(old("used", "module x.example/used\n"), old("unused", "module x.example/unused\nrequire x.example/unused v1.0.0\n"))
		const title = "Components that others use, unchanged for two years"
		stale := func(v access.Viewer, home bool, components ...string) {
			t.Helper()
			if body := h.home(v); strings.Contains(body, title) != home {
				t.Errorf("home of %s says %q: %v", v.Role(), title, !home)
			}
			page := h.get(v, "/components?view=stale")
			for _, name := range []string{"used", "unused", "user"} {
				if got := strings.Contains(page, h.uid(name)); got != slices.Contains(components, name) {
					t.Errorf("the view of %s lists %s: %v", v.Role(), name, got)
				}
			}
		}
		user := newTree(t, filepath.Join(t.TempDir(), "user"), map[string]string{"go.mod": "module x.example/user\n"})
		h.look(user.dir)
		stale(member, false)
		wantAll(t, "unchanged", h.get(member, "/components?view=unchanged"), h.uid("used"), h.uid("unused"))
		user.commit(ann, "use it", map[string]string{"go.mod": "module x.example/user\nrequire x.example/used v1.0.0\n"})
		h.look(user.dir)
		stale(member, true, "used")
		if err := h.estate.SetVisibility(h.ctx, admin, h.strings(`SELECT uid FROM repository WHERE name = 'user'`)[0], access.Restricted); err != nil {
			t.Fatal(err)
		}
		stale(member, false)
		stale(admin, true, "used")
	})
}

func TestJoinedRepositoriesDoNotCount(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		dir := t.TempDir()
		newTree(t, filepath.Join(dir, "one"), map[string]string{"a.go": "package a\n"})
		newTree(t, filepath.Join(dir, "two"), map[string]string{"b.go": "package b\n"})
		h.look(dir)
		uid := func(name string) string { return h.strings(`SELECT uid FROM repository WHERE name = $1`, name)[0] }
		if err := h.estate.Join(h.ctx, admin, uid("one"), uid("two")); err != nil {
			t.Fatal(err)
		}
		two := h.uid("two")
		for _, address := range []string{"/components", "/search?q=two"} {
			wantNone(t, address, h.get(member, address), two)
		}
		if err := h.estate.Split(h.ctx, admin, uid("two")); err != nil {
			t.Fatal(err)
		}
		if found := h.strings(`SELECT id FROM search_document WHERE kind = 'component' ORDER BY title`); !slices.Contains(found, two) {
			t.Errorf("after the split is found: %v", found)
		}
	})
}

func TestTemplatesFitTheirData(t *testing.T) {
	p := mount.Platform{}
	who := people.New(p, people.Config{})
	webtest.Templates(t, func(s *web.Server) {
		estate.New(p, estate.Config{}).Mount().Pages(s)
		catalog.New(p, who, catalog.Config{}).Mount().Pages(s)
	}, catalog.TemplateData())
}

// TestWhatIsArchivedAsksForNothing: it leaves what needs attention, and nothing else.
func TestWhatIsArchivedAsksForNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		dir := t.TempDir()
		for _, name := range []string{"oldest", "newest"} {
			newTree(t, filepath.Join(dir, name), map[string]string{"a.py": "print(1)\n"})
		}
		h.look(dir)
		oldest, newest := "/components/"+h.uid("oldest"), "/components/"+h.uid("newest")
		wantAll(t, "before", h.get(member, "/components?view=no-owner"), oldest, newest)
		if err := h.db.Tx(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE component SET lifecycle = 'Archived' WHERE name = 'oldest'`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		view := h.get(member, "/components?view=no-owner")
		wantAll(t, "the view", view, newest)
		wantNone(t, "the view", view, oldest)
		wantAll(t, "the list", h.get(member, "/components?ownership=none"), oldest, newest, "Archived")
		wantAll(t, "home", h.home(member), `href="/components?view=no-owner" data-count="1"`)
	})
}
