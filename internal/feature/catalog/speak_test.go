package catalog_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"steward/internal/feature/estate/correction"
	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
	"steward/internal/platform/web/webtest"
)

// TestWhoSpeaksForTheOwnerDecides: only while the owner is confirmed, and only while it lasts.
func TestWhoSpeaksForTheOwnerDecides(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ledger := newTree(t, filepath.Join(t.TempDir(), "ledger"), map[string]string{"catalog-info.yaml": entryOf("payments-ledger", "  owner: payments-core\n"), "main.go": "package main\n"})
		h.look(ledger.dir)
		if err := h.db.Tx(h.ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(h.ctx, `INSERT INTO account (id, name, role, created_at) VALUES ('m', 'Mia', 'member', 1), ('a', 'Ada', 'admin', 1)`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		team := h.strings(`SELECT uid FROM team WHERE handle = 'payments-core'`)[0]
		said := func(what string, want correction.State) {
			t.Helper()
			c := correction.Statement{Kind: "component", Subject: h.uid("payments-ledger"), Name: "lifecycle", Verdict: correction.Outdated, Known: true, Value: what, Reason: "we retire it"}
			got, err := h.said.Say(h.ctx, member, c)
			if err != nil || got.State != want {
				t.Errorf("%s: %s, want %s (%v)", what, got.State, want, err)
			}
			c.Kind, c.Name, c.Subject = "repository", "language.main", h.strings(`SELECT uid FROM repository`)[0]
			if got, err = h.said.Say(h.ctx, member, c); err != nil || got.State != want {
				t.Errorf("%s, of the repository: %s, want %s (%v)", what, got.State, want, err)
			}
		}
		said("nobody speaks", correction.Queued)
		if _, err := h.speakers.Give(h.ctx, member, team, "Mia", "speaker", ""); !errors.Is(err, fault.Denied) {
			t.Errorf("a member gives it: %v", err)
		}
		if _, err := h.speakers.Give(h.ctx, admin, team, "Mia", "deputy", ""); !errors.Is(err, fault.Invalid) {
			t.Errorf("a deputy without an end: %v", err)
		}
		id, err := h.speakers.Give(h.ctx, admin, team, "Mia", "deputy", "2999-01-01")
		if err != nil {
			t.Fatal(err)
		}
		said("declared, not confirmed", correction.Queued)
		if _, err := h.catalog.Assign(h.ctx, admin, []string{h.uid("payments-ledger")}, "payments-core", false); err != nil {
			t.Fatal(err)
		}
		said("confirmed", correction.Binding)
		queue := webtest.New(t, member, h.pages)
		if _, body := queue.Get("/corrections?view=mine"); strings.Count(body, ">lifecycle</a>") != 2 {
			t.Errorf("what waits for who speaks for the owner:\n%s", body)
		}
		if _, body := webtest.New(t, access.As("x", "Xen", access.Member), h.pages).Get("/corrections?view=mine"); strings.Contains(body, ">lifecycle</a>") {
			t.Error("it waits for others as well")
		}
		if _, err := h.speakers.Take(h.ctx, admin, id); err != nil {
			t.Fatal(err)
		}
		said("taken back", correction.Queued)
		if _, err := h.speakers.Return(h.ctx, admin, id); err != nil {
			t.Fatal(err)
		}
		said("given back", correction.Binding)
		if err := h.db.Tx(h.ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(h.ctx, `UPDATE team_speaker SET until_day = '2020-01-01'`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		said("over", correction.Queued)
		if all, err := h.speakers.Of(h.ctx, member, 0); err != nil || len(all) != 0 {
			t.Errorf("%v %v", all, err)
		}
		if _, body := webtest.New(t, admin, h.pages).Get("/teams/" + team); !strings.Contains(body, "Let them speak for") || !strings.Contains(body, `<option value="Mia">`) {
			t.Errorf("the page of the team:\n%s", body)
		}
	})
}
