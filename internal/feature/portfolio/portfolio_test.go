package portfolio

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"steward/internal/feature/catalog"
	"steward/internal/feature/estate"
	"steward/internal/feature/people"
	"steward/internal/feature/portfolio/sheet"
	"steward/internal/platform/access"
	"steward/internal/platform/api"
	"steward/internal/platform/audit"
	"steward/internal/platform/fault"
	"steward/internal/platform/job"
	"steward/internal/platform/listing"
	"steward/internal/platform/mount"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
	"steward/internal/platform/web"
	"steward/internal/platform/web/webtest"
)

var (
	administrator = access.As("a", "admin", access.Admin)
	member        = access.As("m", "member", access.Member)
)

// each runs f on both engines, over an estate of two repositories that everybody sees (mono with the
// components ledger and ledger-web, portal with portal) and one that is restricted (vault with vault).
func each(t *testing.T, f func(t *testing.T, feature *Feature)) {
	all := []store.Migrations{{Feature: "search", FS: search.Migrations}, audit.Migrations(), job.Migrations()}
	p := mount.Platform{}
	who := people.New(p, people.Config{})
	for _, c := range []mount.Capability{estate.New(p, estate.Config{}).Mount(), who.Mount(), catalog.New(p, who, catalog.Config{}).Mount(), New(p, Config{}).Mount()} {
		all = append(all, store.Migrations{Feature: c.Name, FS: c.Migrations})
	}
	storetest.Each(t, all, func(t *testing.T, db *store.DB) {
		run(t, db, `INSERT INTO repository (id, uid, name, visibility, created_at) VALUES (1, 'r-mono', 'mono', 'internal', 1), (2, 'r-portal', 'portal', 'internal', 1), (3, 'r-vault', 'vault', 'restricted', 1)`)
		run(t, db, `INSERT INTO location (id, repository_id, address, path, remote, first_seen_at, last_seen_at) VALUES
			('l1', 1, '/src/mono', '/src/mono', 'git.bank.example/core/mono', 1, 1), ('l2', 2, '/src/portal', '/src/portal', 'git.bank.example/web/portal', 1, 1), ('l3', 3, '/src/vault', '/src/vault', '', 1, 1)`)
		run(t, db, `INSERT INTO component (id, uid, repository_id, root, ref, name, owner_state, licence, first_seen_at, scan_id) VALUES
			(11, 'c-ledger', 1, 'ledger', 'component:default/ledger', 'ledger', 'declared', 'MIT', 1, 1), (12, 'c-web', 1, 'web', '', 'ledger-web', 'none', '', 1, 1),
			(21, 'c-portal', 2, '', '', 'portal', 'none', 'MIT', 1, 1), (31, 'c-vault', 3, '', '', 'vault', 'none', '', 1, 1)`)
		run(t, db, `INSERT INTO team (id, uid, handle, title) VALUES (1, 't', 'bank/payments', 'Payments')`)
		f(t, New(mount.Platform{DB: db, Now: func() time.Time { return webtest.Noon }}, Config{}))
	})
}

func run(t *testing.T, db *store.DB, statement string) {
	t.Helper()
	if err := db.Tx(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), statement)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func (f *Feature) bring(t *testing.T, in Input) Plan {
	t.Helper()
	if in.File == "" {
		in.File = "apps.csv"
	}
	plan, err := f.Import(t.Context(), administrator, in)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

const register = `Application ID,Name,Criticality,Status,Internet facing,Owner,Division,Team,Repository,Component
A-1,Ledger,tier 1,Live,no,payments,Retail,Core,https://git.bank.example/core/mono.git,ledger
A-2,Portal,Silver,prod,yes,Jane Miller,Retail,Web,web/portal,
A-3,Vault,2,retired,perhaps,,Treasury,,vault,
A-1,,,,,,,,,ledgr
`

// whatIsKept leaves out ids and times.
var whatIsKept = cmp.Options{cmpopts.IgnoreFields(Application{}, "ID", "UnitID", "Stated"), cmpopts.IgnoreFields(Change{}, "ID")}

func (f *Feature) all(t *testing.T) []Application {
	t.Helper()
	all, err := store.Collect(scanApplication)(f.db.Query(t.Context(), `SELECT `+applicationColumns+` FROM application a ORDER BY a.key`))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAFileIsPlannedThenWrittenAndThenTheSame(t *testing.T) {
	each(t, func(t *testing.T, f *Feature) {
		in := Input{Content: []byte(register), DryRun: true}
		want := Plan{
			File: "apps.csv", Rows: 4, Units: 4, Matched: 3, People: 1,
			Columns:   []sheet.Column{{Heading: "Application ID", Field: "id"}, {Heading: "Name", Field: "name"}, {Heading: "Criticality", Field: "tier"}, {Heading: "Status", Field: "status"}, {Heading: "Internet facing", Field: "external"}, {Heading: "Owner", Field: "owner"}, {Heading: "Division", Field: "division"}, {Heading: "Team", Field: "team"}, {Heading: "Repository", Field: "repository"}, {Heading: "Component", Field: "component"}},
			Added:     []Change{{Key: "A-1", Name: "Ledger", Line: 2}, {Key: "A-2", Name: "Portal", Line: 3}, {Key: "A-3", Name: "Vault", Line: 4}},
			Unmatched: []Unmatched{{Line: 5, Application: "A-1", Named: "ledgr", Why: "no component has this name", Nearest: []string{"ledger", "ledger-web"}}},
			Unknown:   []sheet.Unknown{{Field: "external", Value: "perhaps", Rows: 1, Line: 4}},
		}
		if diff := cmp.Diff(want, f.bring(t, in), whatIsKept); diff != "" {
			t.Errorf("planned: want -, got +:\n%s", diff)
		}
		if all := f.all(t); len(all) > 0 {
			t.Errorf("a dry run writes %+v", all)
		}
		in.DryRun, want.Applied = false, true
		if diff := cmp.Diff(want, f.bring(t, in), whatIsKept); diff != "" {
			t.Errorf("written: want -, got +:\n%s", diff)
		}
		kept := []Application{
			{Key: "A-1", Name: "Ledger", Tier: "Tier 1", Status: "production", External: "no", Owner: "payments", OwnerKind: "team", File: "apps.csv", Line: 2},
			{Key: "A-2", Name: "Portal", Tier: "Silver", Status: "production", External: "yes", OwnerKind: "person", File: "apps.csv", Line: 3},
			{Key: "A-3", Name: "Vault", Tier: "Tier 2", Status: "retired", External: "perhaps", File: "apps.csv", Line: 4},
		}
		before := f.all(t)
		if diff := cmp.Diff(kept, before, whatIsKept); diff != "" {
			t.Errorf("kept: want -, got +:\n%s", diff)
		}
		lines := auditLines(t, f.db)
		want.Added, want.Units, want.Same = nil, 0, 3
		if diff := cmp.Diff(want, f.bring(t, in), whatIsKept); diff != "" {
			t.Errorf("again: want -, got +:\n%s", diff)
		}
		if diff := cmp.Diff(before, f.all(t)); diff != "" {
			t.Errorf("the same file changes rows: before -, after +:\n%s", diff)
		}
		if diff := cmp.Diff([]string{"context.import"}, lines); diff != "" {
			t.Errorf("audit: %s", diff)
		}
		if diff := cmp.Diff(lines, auditLines(t, f.db)); diff != "" {
			t.Errorf("the same file is audited again: %s", diff)
		}
	})
}

func auditLines(t *testing.T, db *store.DB) []string {
	t.Helper()
	all, err := store.Collect(func(row store.Scanner) (string, error) {
		var action string
		err := row.Scan(&action)
		return action, err
	})(db.Query(t.Context(), `SELECT action FROM audit_entry ORDER BY id`))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestWhatChangesMovesOrIsMissing(t *testing.T) {
	each(t, func(t *testing.T, f *Feature) {
		f.bring(t, Input{Content: []byte(register)})
		next := "id;tier;division;team\nA-1;3;Retail;Web\nA-2;Silver;Retail;Web\n"
		plan := f.bring(t, Input{Content: []byte(next), File: "next.csv"})
		changed := []Change{{Key: "A-1", Name: "Ledger", Line: 2, Fields: []FieldChange{
			{Field: "tier", From: "Tier 1", To: "Tier 3"}, {Field: "unit", From: "Retail / Core", To: "Retail / Web"}, {Field: "from", To: "2026-11-22"},
		}}}
		missing := []Change{{Key: "A-3", Name: "Vault"}}
		if diff := cmp.Diff(Plan{File: "next.csv", Applied: true, Rows: 2, Changed: changed, Same: 1, Missing: missing}, plan, whatIsKept, cmpopts.IgnoreFields(Plan{}, "Columns")); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
		one := f.find(t, administrator, "A-1")
		if diff := cmp.Diff([]Membership{{Unit: "Core", To: "2026-11-22"}}, one.Before, cmpopts.IgnoreFields(Membership{}, "UnitID")); diff != "" || one.Status != "production" || len(one.Parts) != 2 {
			t.Errorf("what the file has no column for is lost, or the unit before: %+v\n%s", one, diff)
		}
		if n, err := f.Count(t.Context(), member); err != nil || n != 3 {
			t.Errorf("after a file that is not complete there are %d applications, %v", n, err)
		}
		plan = f.bring(t, Input{Content: []byte(next), File: "next.csv", Complete: true})
		if diff := cmp.Diff(missing, plan.Missing, whatIsKept); diff != "" || !plan.Ended {
			t.Errorf("complete: %+v\n%s", plan, diff)
		}
		if found, err := search.Find(t.Context(), f.db, administrator, search.Query{Text: "Vault", Kinds: []string{"application"}}); err != nil || len(found.Hits) > 0 {
			t.Errorf("what is gone is found: %+v, %v", found.Hits, err)
		}
		id := f.find(t, administrator, "A-3").ID
		plan = f.bring(t, Input{Content: []byte(register)})
		if diff := cmp.Diff([]Change{{Key: "A-3", Name: "Vault", Line: 4}}, plan.Added, whatIsKept); diff != "" {
			t.Errorf("what comes back: want -, got +:\n%s", diff)
		}
		if back := f.find(t, administrator, "A-3"); back.ID != id || !back.Gone.IsZero() {
			t.Errorf("what comes back is another one: %+v", back.Application)
		}
	})
}

func (f *Feature) find(t *testing.T, v access.Viewer, key string) ApplicationRecord {
	t.Helper()
	var id string
	if err := f.db.QueryRow(t.Context(), `SELECT id FROM application WHERE key = $1`, key).Scan(&id); err != nil {
		t.Fatal(err)
	}
	one, err := f.Find(t.Context(), v, id)
	if err != nil {
		t.Fatal(err)
	}
	return one
}

func TestWhatIsRestrictedShowsNoNameAndNoCount(t *testing.T) {
	each(t, func(t *testing.T, f *Feature) {
		f.bring(t, Input{Content: []byte(register)})
		if got, want := f.find(t, administrator, "A-3").Figures, (Figures{Repositories: 1, Components: 1, NoOwner: 1, NoLicence: 1}); got != want {
			t.Errorf("an administrator counts %+v, want %+v", got, want)
		}
		got := f.find(t, member, "A-3")
		if got.Figures != (Figures{}) || len(got.Parts) > 0 {
			t.Errorf("a member sees %+v %+v", got.Figures, got.Parts)
		}
		if parts := f.find(t, member, "A-1").Parts; len(parts) != 1 || !parts[0].Found {
			t.Errorf("a member sees what was not found, which may be a restricted name: %+v", parts)
		}
		pages := func(s *web.Server) {
			programs := api.New(api.Config{})
			f.mountPages(s)
			f.mountAPI(programs.Operations())
			programs.Mount(s)
		}
		hub, all := webtest.New(t, member, pages), webtest.New(t, administrator, pages)
		id := got.ID
		for _, address := range []string{"/applications", "/applications.csv", "/applications.json", "/api/v1/applications", "/applications/" + id, "/api/v1/applications/" + id, "/units", "/units.csv", "/units/" + unitOf(t, f, "Treasury"), "/api/v1/units/" + unitOf(t, f, "Treasury"), "/application-components", "/application-components.json", "/application-components?key=A-3"} {
			status, body := hub.Get(address)
			if status != http.StatusOK || strings.Contains(body, "r-vault") || strings.Contains(body, "c-vault") || strings.Contains(body, ">vault<") || strings.Contains(body, "\"vault\"") {
				t.Errorf("%s: status %d, or shows what is restricted:\n%s", address, status, body)
			}
			if status, _ := all.Get(address); status != http.StatusOK {
				t.Errorf("%s: status %d for an administrator", address, status)
			}
		}
		_, body := hub.Get("/units.csv")
		if want := "Treasury,,division,1,0,,,,,,"; !strings.Contains(body, want) {
			t.Errorf("a member's units have no line %q:\n%s", want, body)
		}
		if _, body = all.Get("/units.csv"); !strings.Contains(body, "Treasury,,division,1,0,1,1,1,1,,") || !strings.Contains(body, "Retail,,division,2,2,2,1,0,2,,") {
			t.Errorf("an administrator's units:\n%s", body)
		}
	})
}

func TestThereIsNoPlaceForNothing(t *testing.T) {
	each(t, func(t *testing.T, f *Feature) {
		place := func() bool {
			_, body := webtest.New(t, member, f.mountPages).Get("/units")
			return strings.Contains(body, `href="/applications"`)
		}
		if place() {
			t.Error("the navigation leads to applications, and there are none")
		}
		f.bring(t, Input{Content: []byte(register)})
		if !place() {
			t.Error("the navigation does not lead to the applications")
		}
	})
}

func unitOf(t *testing.T, f *Feature, name string) string {
	t.Helper()
	var id string
	if err := f.db.QueryRow(t.Context(), `SELECT id FROM unit WHERE name = $1`, name).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestComponentsNameTheirApplications(t *testing.T) {
	each(t, func(t *testing.T, f *Feature) {
		f.bring(t, Input{Content: []byte("id,name,repository,component\n1,Books,mono,\n2,Ledgers,,ledger\n3,Gone,portal,\n")})
		f.bring(t, Input{Content: []byte("id\n1\n2\n"), Complete: true})
		components := listing.Spec{
			Name: "components", Title: "Components", Noun: "component", Plural: "components", From: "component c JOIN repository r ON r.id = c.repository_id", Key: "c.uid",
			Where:   func(v access.Viewer) string { return v.Where("r.visibility") },
			Columns: append([]listing.Column{{Key: "name", Label: "Name", SQL: "c.name"}}, ComponentColumns()...), Filters: ComponentFilters(),
		}
		hub := webtest.New(t, member, func(s *web.Server) { s.List(components, f.db, web.ListOptions{Needs: access.ReadEstate}) })
		for address, want := range map[string]string{
			"/components.csv":                    "name,application\nledger,\"Books, Ledgers\"\nportal,\nledger-web,Books\n",
			"/components.csv?application=ledger": "name,application\nledger,\"Books, Ledgers\"\n",
			"/components.csv?in_application=no":  "name,application\nportal,\n",
		} {
			if _, body := hub.Get(address); strings.ReplaceAll(strings.TrimPrefix(body, "\ufeff"), "\r", "") != want {
				t.Errorf("%s: %q, want %q", address, body, want)
			}
		}
	})
}

func TestThePanelShowsTheApplicationsOfAComponent(t *testing.T) {
	each(t, func(t *testing.T, f *Feature) {
		var content strings.Builder
		content.WriteString("id,repository,component\n")
		for i := range 8 {
			fmt.Fprintf(&content, "A-%d,mono,\nB-%d,,portal\nC-%d,vault,\n", i, i, i)
		}
		f.bring(t, Input{Content: []byte(content.String())})
		p := ComponentPanel(f, func(id int64) int64 { return id })
		for _, c := range []struct {
			viewer    access.Viewer
			component int64
			badge     string
			long      bool
			first     string
			shown     int
			more      int64
		}{
			{member, 11, "8", false, "A-0", 6, 2},
			{member, 11, "8", true, "A-0", 8, 0},
			{member, 21, "8", true, "B-0", 8, 0},
			{administrator, 31, "8", true, "C-0", 8, 0},
			{member, 31, "0", true, "", 0, 0},
		} {
			badge, show := p.Show(t.Context(), c.viewer, c.component)
			_, data, err := p.Render(t.Context(), c.viewer, c.component, c.long)
			got, _ := data.(panel)
			if err != nil || badge != c.badge || show != (c.badge != "0") || len(got.Applications) != c.shown || got.More != c.more || c.shown > 0 && got.Applications[0].Key != c.first {
				t.Errorf("%+v: badge %s, %+v, %v", c, badge, got, err)
			}
		}
		run(t, f.db, `UPDATE repository SET joined_into = 2 WHERE id = 1`)
		if n, err := f.countOfComponent(t.Context(), member, 21); err != nil || n != 16 {
			t.Errorf("after its repository was joined with that of others a component is in %d applications, %v", n, err)
		}
	})
}

func TestWhoMayImportAndWhatIsRefused(t *testing.T) {
	each(t, func(t *testing.T, f *Feature) {
		for _, v := range []access.Viewer{{}, member, access.As("u", "auditor", access.Auditor)} {
			if _, err := f.Import(t.Context(), v, Input{Content: []byte(register), DryRun: true}); !errors.Is(err, fault.Denied) {
				t.Errorf("%q imports: %v", v.Name(), err)
			}
		}
		for _, content := range []string{"", "colour,size\nred,1\n", "id,app id\n1,2\n", "id,name\n1,\"a\n", "PK\x03\x04"} {
			if _, err := f.Import(t.Context(), administrator, Input{Content: []byte(content)}); !errors.Is(err, fault.Invalid) {
				t.Errorf("%q is taken: %v", content, err)
			}
		}
		if all := f.all(t); len(all) > 0 {
			t.Errorf("what was refused is written: %+v", all)
		}
	})
}

func TestTemplates(t *testing.T) {
	webtest.Templates(t, New(mount.Platform{}, Config{}).mountPages, map[string]any{"portfolio/record": recordPage{}, "portfolio/panel": panel{}})
}
