package catalog_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/estate/correction"
	"steward/internal/platform/search"
	"steward/internal/platform/web/webtest"
)

// values are what the columns of a component say, with what was corrected.
func (h *house) values(name string) []string {
	h.t.Helper()
	return h.strings(`SELECT type || ' ' || lifecycle || ' ' || system || ' [' || title || '] ' || licence || ' ' || licence_basis || ' {' || description || '}' || corrected FROM component WHERE name = $1 AND gone_at = 0`, name)
}

func (h *house) wantValues(what, want string) {
	h.t.Helper()
	if diff := cmp.Diff([]string{want}, h.values("payments-ledger")); diff != "" {
		h.t.Errorf("%s (-want +got)\n%s", what, diff)
	}
}

func (h *house) say(name, value string) correction.Correction {
	h.t.Helper()
	c, err := h.said.Say(h.ctx, admin, correction.Statement{Kind: "component", Subject: h.uid("payments-ledger"), Name: name, Verdict: correction.Outdated, Known: value != "", Value: value, Reason: "we know better"})
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// TestCorrectedValuesSurviveReadings tells what becomes of a component's values while its repository goes on.
func TestCorrectedValuesSurviveReadings(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		entry := entryOf("payments-ledger", "  owner: payments-core\n  system: settlement\n")
		ledger := newTree(t, filepath.Join(t.TempDir(), "ledger"), map[string]string{"catalog-info.yaml": entry, "main.go": "package main\n", "LICENSE": "All rights reserved.\n", "README.md": "# Ledger\n\nKeeps the books of payments.\n"})
		h.look(ledger.dir)
		before := h.values("payments-ledger")[0]
		licence := h.strings(`SELECT licence || ' ' || licence_basis FROM component`)[0]
		said := map[string]correction.Correction{}
		for name, value := range map[string]string{"lifecycle": "deprecated", "system": "Clearing", "title": "The ledger", "licence": "Apache-2.0", "language": "Zig", "type": "library"} {
			said[name] = h.say(name, value)
		}
		const corrected = "library deprecated system:default/clearing [The ledger] Apache-2.0 corrected {} language licence lifecycle system title type "
		h.wantValues("corrected", corrected)
		found, err := search.Find(h.ctx, h.db, member, search.Query{Text: "The ledger", Kinds: []string{"component"}})
		if err != nil || len(found.Hits) != 1 {
			t.Errorf("search finds %+v %v", found.Hits, err)
		}
		hub := webtest.New(t, member, h.pages)
		if _, list := hub.Get("/components.csv"); !strings.Contains(list, "deprecated,Zig,Apache-2.0") {
			t.Errorf("the list has\n%s", list)
		}
		_, page := hub.Get("/components/" + h.uid("payments-ledger"))
		if n := strings.Count(page, "corrected in Steward"); n != 5 || !strings.Contains(page, "/why/lifecycle") {
			t.Errorf("%d values of the page say that they were corrected:\n%s", n, page)
		}

		ledger.commit(ann, "on", map[string]string{"main.go": "package main\n\nfunc main() {}\n", "catalog-info.yaml": "# moved down\n\n" + entry})
		h.look(ledger.dir)
		h.wantValues("read again", corrected)

		ledger.commit(ann, "on", map[string]string{"catalog-info.yaml": strings.Replace(entry, "lifecycle: production", "lifecycle: experimental", 1)})
		h.look(ledger.dir)
		h.wantValues("another lifecycle", "library experimental system:default/clearing [The ledger] Apache-2.0 corrected {} language licence system title type ")
		again, err := h.said.Find(h.ctx, admin, said["lifecycle"].UID)
		if err != nil || again.State != correction.Reopened || again.ClaimedText != "experimental" {
			t.Errorf("reopened: %+v %v", again, err)
		}

		for name, c := range said {
			if _, err := h.said.Withdraw(h.ctx, admin, c.UID); err != nil {
				t.Errorf("withdraw %s: %v", name, err)
			}
		}
		h.wantValues("withdrawn", strings.Replace(before, "production", "experimental", 1))
		if now := h.strings(`SELECT licence || ' ' || licence_basis FROM component`)[0]; now != licence {
			t.Errorf("the licence is %q, it was %q", now, licence)
		}
		places := h.strings(`SELECT type_from || ' ' || lifecycle_from || ' ' || system_from FROM component`)
		h.look(ledger.dir)
		ledger.commit(ann, "on", map[string]string{"main.go": "package main\n\nfunc main() { }\n"})
		h.look(ledger.dir)
		if diff := cmp.Diff(h.strings(`SELECT type_from || ' ' || lifecycle_from || ' ' || system_from FROM component`), places); diff != "" {
			t.Errorf("withdrawn, values come from elsewhere than when they are read (-read +withdrawn)\n%s", diff)
		}
	})
}

// TestALifecycleThatIsNotKnown: what an entry says of it does not stand in for it.
func TestALifecycleThatIsNotKnown(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ledger := newTree(t, filepath.Join(t.TempDir(), "ledger"), map[string]string{"catalog-info.yaml": entryOf("payments-ledger", ""), "README.md": "# Ledger\n\nKeeps the books of payments.\n"})
		h.look(ledger.dir)
		c, err := h.said.Say(h.ctx, admin, correction.Statement{Kind: "component", Subject: h.uid("payments-ledger"), Name: "lifecycle", Verdict: correction.Wrong, Reason: "nobody decided on one"})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := h.catalog.ComponentByUID(h.ctx, member, h.uid("payments-ledger")); err != nil || got.Lifecycle.Value != "" || got.Lifecycle.Basis != "corrected" {
			t.Errorf("%+v %v", got.Lifecycle, err)
		}
		w, err := h.said.Why(h.ctx, member, "component", h.uid("payments-ledger"), "lifecycle")
		if err != nil || w.Counts != nil || len(w.Sources) != 1 || w.Sources[0].Value != "production" || w.Sources[0].File != "catalog-info.yaml" || w.Sources[0].Line == 0 {
			t.Errorf("%+v %v", w, err)
		}
		if _, err := h.said.Withdraw(h.ctx, admin, c.UID); err != nil {
			t.Fatal(err)
		}
		if got, err := h.catalog.ComponentByUID(h.ctx, member, h.uid("payments-ledger")); err != nil || got.Lifecycle.Value != "production" || got.Lifecycle.Basis != "written" {
			t.Errorf("withdrawn: %+v %v", got.Lifecycle, err)
		}
	})
}
