package estate_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/estate/source"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

func (h *house) exec(sql string, args ...any) (n int64, err error) {
	err = h.db.Tx(h.ctx, func(tx *store.Tx) error {
		n, err = tx.Exec(h.ctx, sql, args...)
		return err
	})
	return n, err
}

// sourceOf is the id of the source at a place.
func (h *house) sourceOf(place string) string {
	h.t.Helper()
	var id string
	if err := h.db.QueryRow(h.ctx, `SELECT id FROM source WHERE address = $1`, place).Scan(&id); err != nil {
		h.t.Fatalf("source %q: %v", place, err)
	}
	return id
}

func TestRemovedSources(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		repository(t, filepath.Join(root, "team", "ledger"), map[string]string{"a.go": "package a\n"})
		repository(t, filepath.Join(root, "web"), map[string]string{"b.go": "package b\n"})
		team := filepath.Join(root, "team")
		h.look(root, team)
		uid := h.uid("web")
		all, count, err := source.Repositories(h.ctx, h.db, admin, source.Source{ID: h.sourceOf(root)}, 10)
		want := []source.Repository{{UID: h.uid("ledger"), Name: "ledger"}, {UID: uid, Name: "web", Alone: true}}
		if diff := cmp.Diff(want, all); diff != "" || count != 2 || err != nil {
			t.Fatalf("what the source names (%d, %v), want -, got +:\n%s", count, err, diff)
		}
		desk := h.estate.Sources()
		if err := desk.Remove(h.ctx, member, h.sourceOf(root)); !errors.Is(err, fault.Denied) {
			t.Fatalf("a member removed a source: %v", err)
		}
		if err := desk.Remove(h.ctx, admin, h.sourceOf(root)); err != nil {
			t.Fatal(err)
		}
		h.wantState("ledger read\nweb read locations=1 missing=1 vanished")
		if err := h.estate.ReadAgain(h.ctx, admin, mustFind(t, h, "web")); !errors.Is(err, fault.Conflict) {
			t.Errorf("one that is gone is read again: %v", err)
		}
		if err := desk.Remove(h.ctx, admin, h.sourceOf(root)); !errors.Is(err, fault.NotFound) {
			t.Errorf("removed twice: %v", err)
		}
		if sources, err := source.All(h.ctx, h.db, admin); err != nil || len(sources) != 1 || sources[0].Address != team {
			t.Errorf("sources that are left: %+v, %v", sources, err)
		}

		h.look(team)
		h.wantState("ledger read\nweb read locations=1 missing=1 vanished")
		if err := desk.Restore(h.ctx, admin, h.sourceOf(root)); err != nil {
			t.Fatal(err)
		}
		h.idle()
		h.wantState("ledger read\nweb read")

		for _, place := range []string{root, team} {
			if err := desk.Remove(h.ctx, admin, h.sourceOf(place)); err != nil {
				t.Fatal(err)
			}
		}
		h.wantState("ledger read locations=1 missing=1 vanished\nweb read locations=1 missing=1 vanished")
		if b, err := h.estate.Base(h.ctx, member); err != nil || b.String() != "2 of 2 repositories read, 2 gone" {
			t.Errorf("the base of answers is %q (%v)", b, err)
		}
		h.look(root)
		h.wantState("ledger read\nweb read")
		if h.uid("web") != uid {
			t.Error("it is another repository after its source was added again")
		}
		if got := h.audited("source."); !cmp.Equal(got, []string{
			"source.add", "source.add", "source.remove", "source.restore", "source.remove", "source.remove", "source.restore",
		}) {
			t.Errorf("the audit says %q", got)
		}
	})
}

// TestOnePlaceIsOneLocation names one work tree and one bare repository in many ways, at once and one after the other.
func TestOnePlaceIsOneLocation(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		work := repository(t, filepath.Join(root, "ledger"), map[string]string{"a.go": "package a\n"})
		repository(t, filepath.Join(root, "tmp"), map[string]string{"b.go": "package b\n"})
		bare := filepath.Join(root, "core.git")
		git(t, root, "clone", "-q", "--bare", filepath.Join(root, "tmp"), bare)
		removed(t, filepath.Join(root, "tmp"))
		h.look("file://" + work)
		h.look(work+"/.git", work, "file://"+work+"/.git/", bare, "file://"+filepath.Join(root, "core"))
		h.look(root)
		h.wantState("core read\nledger read")
		if diff := cmp.Diff([]string{bare, work}, h.column1(`SELECT address FROM location ORDER BY address`)); diff != "" {
			t.Errorf("locations, want -, got +:\n%s", diff)
		}
		if n := h.scans(); n != 2 {
			t.Errorf("%d readings, want one for each repository", n)
		}
	})
}

// TestARemovedSourceLeavesNoAlarm removes sources whose repositories could not be read: one never, one any more.
func TestARemovedSourceLeavesNoAlarm(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		read, never := filepath.Join(root, "ledger"), filepath.Join(root, "web")
		repository(t, read, map[string]string{"a.go": "package a\n"})
		repository(t, never, map[string]string{"b.go": "package b\n"})
		h.look(read, never)
		if _, err := h.exec(`UPDATE repository SET state = 'failed'`); err != nil {
			t.Fatal(err)
		}
		if _, err := h.exec(`UPDATE repository SET current_scan_id = 0, read_at = 0 WHERE name = 'web'`); err != nil {
			t.Fatal(err)
		}
		if _, err := h.exec(`DELETE FROM analyser_run WHERE repository_id IN (SELECT id FROM repository WHERE name = 'web')`); err != nil {
			t.Fatal(err)
		}
		base := func(want string) {
			t.Helper()
			if b, err := h.estate.Base(h.ctx, member); err != nil || b.String() != want {
				t.Errorf("the base is %q (%v), want %q", b, err, want)
			}
		}
		base("1 of 2 repositories read, 2 failed")
		for _, place := range []string{read, never} {
			if err := h.estate.Sources().Remove(h.ctx, admin, h.sourceOf(place)); err != nil {
				t.Fatal(err)
			}
		}
		base("1 of 1 repositories read, 1 gone")
		for _, place := range []string{read, never} {
			if err := h.estate.Sources().Restore(h.ctx, admin, h.sourceOf(place)); err != nil {
				t.Fatal(err)
			}
		}
		h.idle()
		base("2 of 2 repositories read")
	})
}

// audited are the actions that begin so, in their order.
func (h *house) audited(prefix string) []string {
	h.t.Helper()
	all, err := store.Collect(func(row store.Scanner) (action string, err error) { return action, row.Scan(&action) })(
		h.db.Query(h.ctx, `SELECT action FROM audit_entry WHERE action LIKE $1 ORDER BY at, id`, prefix+"%"))
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

// TestASourceRemovedWhileItIsLookedAt gives nothing: its look comes to nothing.
func TestASourceRemovedBeforeItIsLookedAt(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		repository(t, filepath.Join(root, "ledger"), map[string]string{"a.go": "package a\n"})
		h.look(root)
		id := h.sourceOf(root)
		if err := h.estate.Sources().Remove(h.ctx, admin, id); err != nil {
			t.Fatal(err)
		}
		err := h.db.Tx(h.ctx, func(tx *store.Tx) error {
			return h.queue.Enqueue(h.ctx, tx, source.LookJob, id, source.Look{Source: id})
		})
		if err != nil {
			t.Fatal(err)
		}
		h.idle()
		h.wantState("ledger read locations=1 missing=1 vanished")
	})
}
