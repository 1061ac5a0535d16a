package catalog_test

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/catalog"
	"steward/internal/feature/catalog/confirmation"
	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/mount"
	"steward/internal/platform/search"
)

const ann, bob = "Ann Ale <ann@bank.example>", "Bob Bee <bob@bank.example>"

func TestManifestsAndEntriesMakeComponents(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		newTree(t, filepath.Join(root, "ledger"), map[string]string{
			"catalog-info.yaml":                      entryOf("payments-ledger", "  owner: payments-core\n  system: settlement\n"),
			"go.mod":                                 "module bank.example/ledger\n\ngo 1.24\n",
			"main.go":                                "package main\n",
			"web/package.json":                       `{"name":"@bank/ledger-web","dependencies":{"next":"15.0.0"}}`,
			"web/index.ts":                           "export {}\n",
			"docs/requirements.txt":                  "mkdocs==1.6\n",
			"testdata/a/package.json":                `{"name":"fixture"}`,
			"testdata/b/catalog-info.yaml":           entryOf("not-me", "  owner: x\n"),
			"templates/x/skeleton/catalog-info.yaml": "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: ${{ values.name }}\n",
			"tool/catalog-info.yaml":                 entryOf("ledger-tool", "  owner: group:default/tools\n"),
		})
		newTree(t, filepath.Join(root, "scripts"), map[string]string{"run.py": "print(1)\n", "README.md": "# Scripts\n\nSmall jobs of the night.\n"})
		newTree(t, filepath.Join(root, "notes"), map[string]string{"a.md": "words\n"})
		h.look(root)
		h.want(`
/ payments-ledger component:default/payments-ledger service production | declared team payments-core catalog-info.yaml:8
/ scripts | none
/tool ledger-tool component:default/ledger-tool service production | declared team tools tool/catalog-info.yaml:8
/web @bank/ledger-web website | none`)
		found, err := search.Find(h.ctx, h.db, member, search.Query{Text: "ledger-tool", Kinds: []string{"component"}})
		if err != nil || len(found.Hits) != 1 || found.Hits[0].URL != "/components/"+h.uid("ledger-tool") {
			t.Errorf("search finds %+v %v", found.Hits, err)
		}
		at, err := catalog.ComponentsAt(h.ctx, h.db, tester, repositoryOf(h, "ledger"))
		if err != nil {
			t.Fatal(err)
		}
		web, _ := at.Of("web/src/a/b.ts")
		top, ok := at.Of("cmd/x.go")
		tool, _ := at.Of("tool/x")
		if !ok || web == top || tool == top || web == tool {
			t.Errorf("files belong to components %d %d %d", web, top, tool)
		}
	})
}

func repositoryOf(h *house, name string) int64 {
	h.t.Helper()
	var id int64
	if err := h.db.QueryRow(h.ctx, `SELECT id FROM repository WHERE name = $1`, name).Scan(&id); err != nil {
		h.t.Fatal(err)
	}
	return id
}

func TestAComponentStaysItselfWhenItMovesOrIsRenamed(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := newTree(t, filepath.Join(t.TempDir(), "mono"), map[string]string{
			"a/package.json":      `{"name":"alpha"}`,
			"b/package.json":      `{"name":"beta"}`,
			"c/catalog-info.yaml": entryOf("gamma", "  owner: g\n"),
			"d/Cargo.toml":        "[package]\nname = \"delta\"\nversion = \"0.1.0\"\n",
		})
		h.look(r.dir)
		before := map[string]string{}
		for _, name := range []string{"alpha", "beta", "gamma", "delta"} {
			before[name] = h.uid(name)
		}
		r.commit(ann, "move", map[string]string{
			"a": "-", "services/one/package.json": `{"name":"alpha"}`, // moved, same name in the manifest
			"b/package.json": `{"name":"beta-two"}`,                                        // renamed in place
			"c":              "-", "x/catalog-info.yaml": entryOf("gamma", "  owner: g\n"), // the entry moved
			"d/catalog-info.yaml": entryOf("delta-service", "  owner: d\n"), // got an entry
		})
		h.look(r.dir)
		after := map[string]string{"alpha": h.uid("alpha"), "beta": h.uid("beta-two"), "gamma": h.uid("gamma"), "delta": h.uid("delta-service")}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Error(diff)
		}
		r.commit(ann, "away", map[string]string{"x": "-", "d": "-"})
		h.look(r.dir)
		h.want("/b beta-two library | none\n/services/one alpha library | none")
		if found, err := search.Find(h.ctx, h.db, tester, search.Query{Text: "gamma"}); err != nil || len(found.Hits) != 0 {
			t.Errorf("what is gone is still found: %+v %v", found.Hits, err)
		}
		gone, err := h.catalog.ComponentByUID(h.ctx, member, before["gamma"])
		if err != nil || gone.Gone.IsZero() {
			t.Errorf("the page of what is gone: %+v %v", gone, err)
		}
		r.commit(ann, "entry away", map[string]string{"b/catalog-info.yaml": entryOf("beta-entry", "  owner: b\n")})
		h.look(r.dir)
		if got := h.uid("beta-entry"); got != before["beta"] {
			t.Error("an entry beside a manifest makes another component")
		}
		r.commit(ann, "entry away", map[string]string{"b/catalog-info.yaml": "-"})
		h.look(r.dir)
		if got := h.uid("beta-two"); got != before["beta"] {
			t.Error("when the entry vanishes the manifest's component is another one")
		}
		r.commit(ann, "back", map[string]string{"y/catalog-info.yaml": entryOf("gamma", "  owner: g\n")})
		h.look(r.dir)
		if got := h.uid("gamma"); got != before["gamma"] {
			t.Error("what comes back is another one")
		}
	})
}

func TestOwnersFromAllFiles(t *testing.T) {
	codeowners := "# owners\n*            @bank/Payments-Core~\n/docs/       @bank/writers~\n/legacy/     @jdoe old@bank.example\n/empty/\n"
	cases := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{
			"the owner of most files",
			map[string]string{".github/CODEOWNERS": codeowners, "go.mod": "module a.example/a\n", "a.go": "package a\n", "docs/x.md": "x", "b.go": "package a\n"},
			"declared team bank/payments-core~ .github/CODEOWNERS:2",
		},
		{
			"people when no team is named",
			map[string]string{"CODEOWNERS": "* @jdoe @ann\n", "go.mod": "module a.example/a\n"},
			"declared person People in CODEOWNERS CODEOWNERS:1",
		},
		{
			"a team before people in one line",
			map[string]string{"CODEOWNERS": "* @jdoe @bank/core~\n", "go.mod": "module a.example/a\n"},
			"declared team bank/core~ CODEOWNERS:1",
		},
		{
			"a part of the files makes no owner",
			map[string]string{"CODEOWNERS": "/docs/ @bank/writers~\n", "go.mod": "module a.example/a\n", "a.go": "package a\n", "docs/x.md": "x"},
			"none",
		},
		{
			"the first place counts",
			map[string]string{".github/CODEOWNERS": "* @bank/one~\n", "CODEOWNERS": "* @bank/two~\n", "go.mod": "module a.example/a\n"},
			"declared team bank/one~ .github/CODEOWNERS:1",
		},
		{
			"GitLab's sections",
			map[string]string{".gitlab/CODEOWNERS": "[Backend][2] @bank/core/backend~\n*.go\n*.mod\n^[Docs] @bank/docs~\n*.md\n", "go.mod": "module a.example/a\n", "a.go": "package a\n"},
			"declared team bank/core/backend~ .gitlab/CODEOWNERS:1",
		},
		{
			"both agree",
			map[string]string{"CODEOWNERS": "* @bank/core~\n", "catalog-info.yaml": entryOf("thing", "  owner: core~\n")},
			"declared team bank/core~ catalog-info.yaml:8",
		},
		{
			"both name others",
			map[string]string{"CODEOWNERS": "* @bank/core~\n", "catalog-info.yaml": entryOf("thing", "  owner: group:default/edge~\n")},
			"disputed team edge~ catalog-info.yaml:8",
		},
		{"a placeholder is no owner", map[string]string{"catalog-info.yaml": entryOf("thing", "  owner: guests\n")}, "none"},
		{"a user as owner", map[string]string{"catalog-info.yaml": entryOf("thing", "  owner: user:jdoe\n")}, "declared person Person in catalog-info.yaml catalog-info.yaml:8"},
		{
			"MAINTAINERS",
			map[string]string{"MAINTAINERS.md": "# Maintainers\n\n- Ann Ale <ann@bank.example>\n- Bob Bee (@bob)\n", "go.mod": "module a.example/a\n"},
			"declared person People in MAINTAINERS.md MAINTAINERS.md:3",
		},
		{
			"Kubernetes OWNERS",
			map[string]string{"OWNERS": "approvers:\n- ann\nreviewers:\n- bob\n", "go.mod": "module a.example/a\n"},
			"declared person Person in OWNERS OWNERS:2",
		},
		{"nothing", map[string]string{"go.mod": "module a.example/a\n"}, "none"},
	}
	each(t, func(t *testing.T, h *house) {
		dir := t.TempDir()
		for i, c := range cases { // the teams of a case are its own: ~ stands for its number
			files := map[string]string{}
			for name, content := range c.files {
				files[name] = strings.ReplaceAll(content, "~", strconv.Itoa(i))
			}
			newTree(t, filepath.Join(dir, "case"+strconv.Itoa(i)), files)
		}
		h.look(dir)
		for i, c := range cases {
			got := h.strings(`SELECT c.owner_state || ' ' || c.owner_kind || ' ' || c.owner_name || ' ' || c.owner_from FROM component c JOIN repository r ON r.id = c.repository_id WHERE r.name = $1`, "case"+strconv.Itoa(i))
			if want := strings.ReplaceAll(c.want, "~", strconv.Itoa(i)); len(got) != 1 || strings.TrimSpace(got[0]) != want {
				t.Errorf("%s: got %q, want %q", c.name, got, want)
			}
		}
		if t.Failed() {
			t.Log(h.notes())
		}
	})
}

const groups = `apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: payments-core, description: Ledgers}
spec: {type: team, children: [], profile: {displayName: Payments Core}, members: [ann]}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: ann}
spec: {profile: {displayName: Ann Ale, email: ann@bank.example}, memberOf: [payments-core]}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: bob}
spec: {profile: {displayName: Bob Bee, email: bob@bank.example}, memberOf: [other]}
`

func TestWhoChangedItMostIsTheInferredOwner(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		dir := t.TempDir()
		org := newTree(t, filepath.Join(dir, "org"), map[string]string{"catalog-info.yaml": groups})
		r := newTree(t, filepath.Join(dir, "thing"), map[string]string{"go.mod": "module a.example/a\n", "a.go": "package a\n"})
		for i := range 7 {
			r.commit(ann, "work", map[string]string{"a.go": "package a // " + strings.Repeat("x", i)})
		}
		r.commit(bob, "help", map[string]string{"b.go": "package a\n"})
		bot := "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>"
		for i := range 20 {
			r.commit(bot, "bump", map[string]string{"go.sum": strings.Repeat("x\n", i)})
		}
		weak := newTree(t, filepath.Join(dir, "weak"), map[string]string{"go.mod": "module a.example/b\n", "a.go": "package a\n"})
		h.look(org.dir, r.dir, weak.dir)
		h.look(r.dir)
		h.want("/ thing library | inferred team Payments Core\n/ weak library | none")
		// A file that names another team wins, and the inferred one stays visible.
		r.commit(bob, "own", map[string]string{"CODEOWNERS": "* @bank/edge\n"})
		h.look(r.dir)
		h.want("/ thing library | declared team bank/edge CODEOWNERS:1\n/ weak library | none")
		c, err := h.catalog.ComponentByUID(h.ctx, member, h.uid("thing"))
		if err != nil {
			t.Fatal(err)
		}
		claims, err := h.catalog.Claims(h.ctx, member, c)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, one := range claims {
			got = append(got, one.State+" "+one.Source+" "+one.Name)
		}
		if diff := cmp.Diff([]string{"declared CODEOWNERS bank/edge", "inferred changes Payments Core"}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAConfirmedOwnerIsTakenBack(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := newTree(t, filepath.Join(t.TempDir(), "thing"), map[string]string{"CODEOWNERS": "* @bank/core\n", "go.mod": "module example.com/thing\n"})
		h.look(r.dir)
		desk := confirmation.NewDesk(mount.Platform{DB: h.db, Now: time.Now})
		uid, declared, confirmed := h.uid("thing"), "/ thing library | declared team bank/core CODEOWNERS:1", "/ thing library | confirmed team edge"
		refused := func(what string, err error, want fault.Kind) {
			t.Helper()
			if kind, _ := fault.KindOf(err); kind != want {
				t.Errorf("%s: %v, want %v", what, err, want)
			}
		}
		_, err := desk.TakeBack(h.ctx, member, uid)
		refused("nothing to take back", err, fault.NotFound)
		if _, err := h.catalog.Assign(h.ctx, member, []string{uid}, "edge", true); err != nil {
			t.Fatal(err)
		}
		h.want(confirmed)
		_, err = desk.TakeBack(h.ctx, access.As("x", "x", access.Auditor), uid)
		refused("an auditor takes it back", err, fault.Denied)
		ended, err := desk.TakeBack(h.ctx, member, uid)
		if err != nil {
			t.Fatal(err)
		}
		h.want(declared)
		r.commit(ann, "change", map[string]string{"a.go": "package a\n"})
		h.look(r.dir)
		h.want(declared)
		_, err = desk.Return(h.ctx, access.As("x", "x", access.Auditor), ended)
		refused("an auditor brings it back", err, fault.Denied)
		if component, err := desk.Return(h.ctx, member, ended); err != nil || component != uid {
			t.Fatalf("brought back is %q, %v", component, err)
		}
		h.want(confirmed)
		_, err = desk.Return(h.ctx, member, ended)
		refused("brought back twice", err, fault.NotFound)
		if got := h.strings(`SELECT action FROM audit_entry WHERE subject_kind = 'component' ORDER BY id`); strings.Join(got, " ") != "component.own component.disown component.own" {
			t.Errorf("audit holds %v", got)
		}
	})
}

func TestConfirmedOwnersSurviveReadings(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := newTree(t, filepath.Join(t.TempDir(), "thing"), map[string]string{"CODEOWNERS": "* @bank/core\n", "catalog-info.yaml": entryOf("thing", "  owner: edge\n")})
		h.look(r.dir)
		uid := h.uid("thing")
		disputed := "/ thing component:default/thing service production | disputed team edge catalog-info.yaml:8"
		h.want(disputed)
		if _, err := h.catalog.Assign(h.ctx, access.As("x", "x", access.Auditor), []string{uid}, "bank/core", false); err == nil {
			t.Error("an auditor may assign owners")
		}
		if _, err := h.catalog.Assign(h.ctx, member, []string{uid}, "nobody-knows", false); err == nil {
			t.Error("a team that nobody knows was taken")
		}
		first, err := h.catalog.Assign(h.ctx, member, []string{uid}, "@Bank/Core", false)
		if err != nil {
			t.Fatal(err)
		}
		confirmed := "/ thing component:default/thing service production | confirmed team bank/core"
		h.want(confirmed)
		r.commit(ann, "change", map[string]string{"a.go": "package a\n"})
		h.look(r.dir)
		h.want(confirmed)
		second, err := h.catalog.Assign(h.ctx, member, []string{uid}, "New Team", true)
		if err != nil {
			t.Fatal(err)
		}
		h.want("/ thing component:default/thing service production | confirmed team new team")
		if _, err := h.catalog.Undo(h.ctx, member, second); err != nil {
			t.Fatal(err)
		}
		h.want(confirmed)
		if _, err := h.catalog.Undo(h.ctx, member, first); err != nil {
			t.Fatal(err)
		}
		h.want(disputed)
		if _, err := h.catalog.Undo(h.ctx, member, first); err == nil {
			t.Error("undone twice")
		}
		if got := h.strings(`SELECT action FROM audit_entry WHERE subject_kind = 'component' ORDER BY id`); strings.Join(got, " ") != "component.own component.own component.disown component.disown" {
			t.Errorf("audit holds %v", got)
		}
	})
}

func TestEntriesAreKeptWordForWord(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := newTree(t, filepath.Join(t.TempDir(), "org"), map[string]string{
			"catalog-info.yaml": `apiVersion: backstage.io/v1alpha1
kind: Location
metadata: {name: all}
spec:
  targets: [./more/*.yaml, ./gone.yaml, ../../etc/passwd, https://example.test/x.yaml]
---
apiVersion: bank.example/v7
kind: Spaceship
metadata: {name: one}
spec:
  dependsOn: [component:alpha]
  crew: [1, {b: 2, a: 1}]
`,
			"more/system.yaml":   "apiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: {name: settlement, title: Settlement}\nspec: {owner: core, domain: money}\n---\nkind: ''\nmetadata: {}\n",
			"more/alpha.yaml":    entryOf("Alpha", "  owner: core\n  system: settlement\n  dependsOn: [resource:default/db, component:unknown]\n  providesApis: [pay]\n"),
			"more/template.yaml": "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {name: new}\nspec: {type: service, owner: core, steps: [{id: a, action: fetch, input: {url: '${{ parameters.x }}'}}]}\n",
			"more/broken.yaml":   "a: [b\n",
			"more/skeleton.yaml": "apiVersion: v1\nkind: Component\nmetadata:\n  name: ${{ values.x }}\n",
		})
		h.look(r.dir)
		if diff := cmp.Diff([]string{"component:default/alpha", "location:default/all", "spaceship:default/one", "system:default/settlement", "template:default/new"}, h.strings(`SELECT ref FROM entity ORDER BY ref`)); diff != "" {
			t.Error(diff, h.notes())
		}
		if got := h.strings(`SELECT body FROM entity WHERE ref = 'spaceship:default/one'`)[0]; !strings.Contains(got, `"crew":[1,{"b":2,"a":1}]`) {
			t.Errorf("the entity is %s", got)
		}
		want := []string{
			"component:default/alpha dependsOn component:default/unknown", "component:default/alpha dependsOn resource:default/db", "component:default/alpha ownedBy group:default/core",
			"component:default/alpha partOf system:default/settlement", "component:default/alpha providesApi api:default/pay",
			"spaceship:default/one dependsOn component:default/alpha", "system:default/settlement ownedBy group:default/core", "system:default/settlement partOf domain:default/money", "template:default/new ownedBy group:default/core",
		}
		if diff := cmp.Diff(want, h.strings(`SELECT from_id || ' ' || type || ' ' || to_id FROM relation ORDER BY from_id, type, to_id`)); diff != "" {
			t.Error(diff)
		}
		for _, part := range []string{"outside this repository", "nothing is at the target ./gone.yaml", "a template to be filled in", "not YAML", "is missing or empty"} {
			if !strings.Contains(h.notes(), part) {
				t.Errorf("no note says %q:\n%s", part, h.notes())
			}
		}
		r.commit(ann, "less", map[string]string{"more": "-"})
		h.look(r.dir)
		if n := h.strings(`SELECT ref FROM entity ORDER BY ref`); len(n) != 2 {
			t.Errorf("entities that vanished are still there: %v", n)
		}
	})
}
