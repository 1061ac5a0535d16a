package imported_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"steward/internal/feature/catalog"
	"steward/internal/feature/catalog/imported"
	"steward/internal/feature/estate"
	"steward/internal/feature/people"
	"steward/internal/platform/access"
	"steward/internal/platform/account"
	"steward/internal/platform/audit"
	"steward/internal/platform/fault"
	"steward/internal/platform/job"
	"steward/internal/platform/mount"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
	"steward/internal/platform/web/webtest"
)

var administrator = access.As("a", "admin", access.Admin)

// each runs f on both engines, over mono with the components ledger, which its CODEOWNERS gives to
// payments, and batch, which nobody owns; and portal with portal. There are the teams payments and core.
func each(t *testing.T, f func(t *testing.T, h *house)) {
	p := mount.Platform{}
	who := people.New(p, people.Config{})
	all := []store.Migrations{{Feature: "search", FS: search.Migrations}, audit.Migrations(), job.Migrations(), {Feature: "account", FS: account.Migrations}}
	for _, c := range []mount.Capability{estate.New(p, estate.Config{}).Mount(), who.Mount(), catalog.New(p, who, catalog.Config{}).Mount()} {
		all = append(all, store.Migrations{Feature: c.Name, FS: c.Migrations})
	}
	storetest.Each(t, all, func(t *testing.T, db *store.DB) {
		h := &house{t, db, imported.New(db, func() time.Time { return webtest.Noon })}
		for _, statement := range []string{
			`INSERT INTO repository (id, uid, name, visibility, state, created_at, read_at) VALUES (1, 'mono', 'mono', 'internal', 'read', 1, 1), (2, 'portal', 'portal', 'internal', 'read', 1, 1)`,
			`INSERT INTO component (id, uid, repository_id, root, ref, name, first_seen_at, scan_id) VALUES (11, 'ledger', 1, 'ledger', 'component:default/ledger', 'ledger', 1, 1), (12, 'batch', 1, 'batch', '', 'batch', 1, 1), (21, 'portal', 2, '', '', 'portal', 1, 1)`,
			`INSERT INTO team (id, uid, handle, title) VALUES (1, 'payments', 'bank/payments', 'Payments'), (2, 'core', 'core', '')`,
			`INSERT INTO component_owner (repository_id, component_id, seq, source, state, kind, team_id, file, line) VALUES (1, 11, 0, 'CODEOWNERS', 'declared', 'team', 1, 'CODEOWNERS', 3)`,
		} {
			if err := db.Tx(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(t.Context(), statement)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		f(t, h)
	})
}

type house struct {
	t        *testing.T
	db       *store.DB
	importer *imported.Importer
}

func (h *house) bring(in imported.Input) imported.Plan {
	h.t.Helper()
	plan, err := h.importer.Import(h.t.Context(), administrator, in)
	if err != nil {
		h.t.Fatal(err)
	}
	return plan
}

// owners are those of all components: "ledger: declared payments CODEOWNERS:3".
func (h *house) owners(want ...string) {
	h.t.Helper()
	all, err := store.Collect(func(row store.Scanner) (string, error) {
		var name, state, owner, from string
		err := row.Scan(&name, &state, &owner, &from)
		return name + ": " + state + " " + owner + " " + from, err
	})(h.db.Query(h.t.Context(), `SELECT name, owner_state, owner_name, owner_from FROM component ORDER BY id`))
	if err != nil {
		h.t.Fatal(err)
	}
	if diff := cmp.Diff(want, all); diff != "" {
		h.t.Errorf("owners: want -, got +:\n%s", diff)
	}
}

func TestASpreadsheet(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		in := imported.Input{File: "owners.csv", DryRun: true, Content: []byte("Component,Repository,Owner,Since\nledger,mono,core,2026-01-01\n,mono,payments,\n,portal,Web Team,\n,nowhere,core,\nbatch,,Jane.Miller@bank.example,\nbatch,,,\n,mono,core,\n")}
		want := imported.Plan{
			File: "owners.csv", Rows: 7, Added: 2, NoOwner: 1, People: 1, Notes: []string{`Columns: "Repository" as repository, "Component" as component, "Owner" as owner, "Since" as since.`},
			Unmatched: []imported.Unmatched{
				{Place: "line 4", Named: "portal", Why: `no team is called "Web Team"`},
				{Place: "line 5", Named: "nowhere", Why: "no repository has this name or address"},
				{Place: "line 8", Named: "mono", Why: "another row before names its owner, which counts"},
			},
		}
		if diff := cmp.Diff(want, h.bring(in), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("dry run: want -, got +:\n%s", diff)
		}
		h.owners("ledger: none  ", "batch: none  ", "portal: none  ")
		in.DryRun, in.NewTeams = false, true
		want.Applied, want.Added, want.NewTeams, want.Unmatched = true, 3, []string{"Web Team"}, want.Unmatched[1:]
		if diff := cmp.Diff(want, h.bring(in), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("written: want -, got +:\n%s", diff)
		}
		written := []string{"ledger: disputed Payments CODEOWNERS:3", "batch: declared Payments owners.csv:3", "portal: declared Web Team owners.csv:4"}
		h.owners(written...)
		want.Added, want.Same, want.NewTeams = 0, 3, nil
		if diff := cmp.Diff(want, h.bring(in), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("again: want -, got +:\n%s", diff)
		}

		in.Content = []byte("Repository,Owner\nmono,core\n")
		if got := h.bring(in); got.Changed != 1 || got.Ended != 2 || got.Added+got.Same != 0 {
			t.Errorf("another version: %+v", got)
		}
		h.owners("ledger: disputed Payments CODEOWNERS:3", "batch: declared core owners.csv:2", "portal: none  ")
		h.bring(imported.Input{File: "owners.csv", Undo: true})
		h.owners(written...)
		h.bring(imported.Input{File: "owners.csv", Undo: true})
		h.owners("ledger: declared Payments CODEOWNERS:3", "batch: none  ", "portal: none  ")
		if _, err := h.importer.Import(t.Context(), administrator, imported.Input{File: "owners.csv", Undo: true}); !errors.Is(err, fault.NotFound) {
			t.Errorf("nothing to undo: %v", err)
		}
		h.bring(in)
		h.owners("ledger: disputed Payments CODEOWNERS:3", "batch: declared core owners.csv:2", "portal: none  ")
	})
}

func TestABackstageExportFillsGaps(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		in := imported.Input{File: "entities.json", Content: []byte(`[{"kind":"Component","metadata":{"name":"ledger"},"spec":{"owner":"core"}},{"kind":"Component","metadata":{"name":"portal"},"spec":{"owner":"group:bank/payments"}},{"kind":"Component","metadata":{"name":"batch"},"spec":{"owner":"user:jane"}}]`)}
		if got := h.bring(in); got.Added != 2 || got.People != 1 || len(got.Unmatched) != 0 {
			t.Errorf("%+v", got)
		}
		h.owners("ledger: declared Payments CODEOWNERS:3", "batch: none  ", "portal: declared Payments entities.json:2")
	})
}

func TestWhoMayImport(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		in := imported.Input{File: "a.csv", Content: []byte("Repository,Owner\nmono,core\n")}
		for _, v := range []access.Viewer{access.As("m", "m", access.Member), access.As("u", "u", access.Auditor)} {
			if _, err := h.importer.Import(t.Context(), v, in); !errors.Is(err, fault.Denied) {
				t.Errorf("%s: %v", v.Role(), err)
			}
		}
		for _, wrong := range []string{"", "Repository\nmono\n", `[{"uuid":"1","name":"a"}]`} {
			if _, err := h.importer.Import(t.Context(), administrator, imported.Input{File: "a", Content: []byte(wrong)}); !errors.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", wrong, err)
			}
		}
	})
}
