package estate_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/job"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
)

// column1 lists what a query finds, as text.
func (h *house) column1(query string, args ...any) []string {
	h.t.Helper()
	all, err := store.Collect(func(row store.Scanner) (s string, err error) { return s, row.Scan(&s) })(h.db.Query(h.ctx, query, args...))
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

// settle waits until no job waits, runs or is to be tried again; those are tried at once.
func (h *house) settle() {
	h.t.Helper()
	for range 600 {
		h.idle()
		again, err := h.queue.List(h.ctx, tester, job.Filter{States: []job.State{job.Retrying}})
		if err != nil {
			h.t.Fatal(err)
		}
		if len(again) == 0 {
			return
		}
		for _, s := range again {
			if err := h.queue.Retry(h.ctx, admin, s.ID); err != nil {
				h.t.Fatal(err)
			}
		}
	}
	h.t.Fatal("jobs are tried again for ever")
}

// TestAReadingThatKillsTheProcessIsNotBegunAgain is about the state that two kills leave behind; that
// a kill leaves it is shown by the tests of package job.
func TestAReadingThatKillsTheProcessIsNotBegunAgain(t *testing.T) {
	db := storetest.Open(t, storetest.Fresh(t, store.SQLite), migrations())
	root := t.TempDir()
	a := repository(t, filepath.Join(root, "a"), map[string]string{"a.go": "package a\n"})
	first := open(t, db, 1)
	first.look(root)
	stop, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := first.queue.Stop(stop); err != nil {
		t.Fatal(err)
	}
	id := mustFind(t, first, "a").ID
	err := db.Tx(t.Context(), func(tx *store.Tx) error {
		if err := first.queue.Enqueue(t.Context(), tx, "estate.read", strconv.FormatInt(id, 10), map[string]int64{"repository": id}); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `UPDATE river_job SET state = 'running', attempt = max_attempts, attempted_at = '2026-01-01 00:00:00.000' WHERE state = 'available'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}

	h := open(t, db, 2) // there is something to read: the analysers are newer
	h.settle()
	h.wantState("a failed")
	said := mustFind(t, h, "a").Error
	if !strings.Contains(said, "Steward ended") || !strings.Contains(said, "Read again") {
		t.Errorf("the repository says %q", said)
	}
	h.look(root)
	h.settle()
	h.wantState("a failed")
	if n := h.scans(); n != 1 {
		t.Fatalf("%d readings, want the first alone", n)
	}
	if err := h.estate.ReadAgain(h.ctx, admin, mustFind(t, h, "a")); err != nil {
		t.Fatal(err)
	}
	h.settle()
	h.wantState("a read")

	if err := db.Tx(h.ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(h.ctx, `UPDATE repository SET state = 'failed', lost_on = 'another fingerprint'`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	commit(t, a, "smaller", map[string]string{"a.go": "package b\n"})
	h.look(root)
	h.settle()
	h.wantState("a read")
	if diff := cmp.Diff([]string{""}, h.column1(`SELECT lost_on FROM repository`)); diff != "" {
		t.Errorf("lost on, want -, got +:\n%s", diff)
	}
}

// TestAHistoryThatEndsEarlyIsReadAgain takes a commit away, and gives it back without changing a ref.
func TestAHistoryThatEndsEarlyIsReadAgain(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		a := repository(t, filepath.Join(root, "a"), map[string]string{"a.go": "package a\n"})
		commit(t, a, "second", map[string]string{"b.go": "package a\n"})
		id := git(t, a, "rev-parse", "HEAD~1")
		object := filepath.Join(a, ".git", "objects", id[:2], id[2:])
		if err := os.Rename(object, object+".away"); err != nil {
			t.Fatal(err)
		}
		h.look(root)
		h.settle()
		const runs = `SELECT analyser || CASE WHEN error = '' THEN ' whole' ELSE ' cut' END FROM analyser_run ORDER BY analyser`
		if diff := cmp.Diff([]string{"history cut", "technology whole"}, h.column1(runs)); diff != "" {
			t.Errorf("analysers, want -, got +:\n%s", diff)
		}
		if err := os.Rename(object+".away", object); err != nil {
			t.Fatal(err)
		}
		h.look(root)
		h.settle()
		if diff := cmp.Diff([]string{"history whole", "technology whole"}, h.column1(runs)); diff != "" {
			t.Errorf("analysers, want -, got +:\n%s", diff)
		}
		if r := mustFind(t, h, "a"); r.Commits != 2 || h.scans() != 2 {
			t.Errorf("%d commits in %d readings, want 2 in 2", r.Commits, h.scans())
		}
	})
}

// TestAMoveTakesTheNotesOfAFailedAttemptAway fails the first reading at the new place.
func TestAMoveTakesTheNotesOfAFailedAttemptAway(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		a := repository(t, filepath.Join(root, "a"), map[string]string{"a.go": "package a\n"})
		h.look(root)
		moved := filepath.Join(root, "moved")
		if err := os.Rename(a, moved); err != nil {
			t.Fatal(err)
		}
		tree := git(t, moved, "rev-parse", "HEAD^{tree}")
		object := filepath.Join(moved, ".git", "objects", tree[:2], tree[2:])
		if err := os.Rename(object, object+".away"); err != nil {
			t.Fatal(err)
		}
		h.look(root)
		h.settle()
		const attempts = `SELECT r.name FROM coverage_note n LEFT JOIN repository r ON r.id = n.repository_id WHERE n.source = 'last attempt'`
		if diff := cmp.Diff([]string{"moved"}, h.column1(attempts)); diff != "" {
			t.Fatalf("failed attempts, want -, got +:\n%s", diff)
		}
		if err := os.Rename(object+".away", object); err != nil {
			t.Fatal(err)
		}
		h.look(root)
		h.settle()
		h.wantState("moved read locations=2 missing=1")
		var left int64
		if err := h.db.QueryRow(h.ctx, `SELECT COUNT(*) FROM coverage_note WHERE repository_id <> 0 AND repository_id NOT IN (SELECT id FROM repository)`).Scan(&left); err != nil || left != 0 {
			t.Errorf("%d notes of a repository that is no more (%v)", left, err)
		}
	})
}
