package catalog_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"steward/internal/feature/estate/correction"
	"steward/internal/platform/fault"
	"steward/internal/platform/web/webtest"
)

// TestNotOurs: a team that is said not to be the owner is none through readings, the next one is, and
// withdrawn it is the owner again.
func TestNotOurs(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		entry := entryOf("payments-ledger", "  owner: payments-core\n")
		ledger := newTree(t, filepath.Join(t.TempDir(), "ledger"), map[string]string{"catalog-info.yaml": entry, "CODEOWNERS": "* @bank/clearing\n", "main.go": "package main\n"})
		h.look(ledger.dir)
		owner := func(what, want string) {
			t.Helper()
			if got := h.strings(`SELECT owner_state || ' ' || owner_name FROM component`)[0]; got != want {
				t.Errorf("%s: %q, want %q", what, got, want)
			}
		}
		owner("before", "disputed payments-core")
		said := correction.Statement{Kind: "component", Subject: h.uid("payments-ledger"), Name: "owner:payments-core", Verdict: correction.NotOurs, Reason: "handed over in spring"}
		c, err := h.said.Say(h.ctx, admin, said)
		if err != nil {
			t.Fatal(err)
		}
		owner("not theirs", "declared bank/clearing")
		ledger.commit(ann, "on", map[string]string{"catalog-info.yaml": "# moved down\n" + entry, "main.go": "package main\n\nfunc main() {}\n"})
		h.look(ledger.dir)
		owner("read again", "declared bank/clearing")
		_, page := webtest.New(t, admin, h.pages).Get("/components/" + h.uid("payments-ledger") + "/owners")
		if !strings.Contains(page, "Said not to be theirs") || !strings.Contains(page, "/why/owner:bank%2Fclearing") {
			t.Errorf("the panel:\n%s", page)
		}
		if status, body := webtest.New(t, admin, h.pages).Get("/components/" + h.uid("payments-ledger") + "/why/owner:bank%2Fclearing"); status != 200 || !strings.Contains(body, "The team is no owner of it then") {
			t.Errorf("why the other one is: %d\n%s", status, body)
		}
		other := said
		other.Name = "owner:bank/clearing"
		if _, err := h.said.Say(h.ctx, admin, other); err != nil {
			t.Fatal(err)
		}
		owner("neither is", "none ")
		if _, err := h.said.Withdraw(h.ctx, admin, c.UID); err != nil {
			t.Fatal(err)
		}
		owner("withdrawn", "declared payments-core")
		other.Name, other.Known, other.Value = "owner:payments-core", true, "tools"
		if _, err := h.said.Say(h.ctx, admin, other); !errors.Is(err, fault.Invalid) {
			t.Errorf("another team is typed: %v", err)
		}
		other.Name = "owner:nobody"
		if _, err := h.said.Say(h.ctx, admin, other); !errors.Is(err, fault.NotFound) {
			t.Errorf("a team that no source names: %v", err)
		}
	})
}
