package estate_test

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/estate"
	"steward/internal/platform/config"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/job"
	"steward/internal/platform/mount"
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

// cutOff makes waiting readings of repositories as they are when some processes were killed while they
// were read, and one more was just now; that kills leave this is shown by the tests of package job.
func cutOff(ctx context.Context, tx *store.Tx, before int, key string) error {
	one := `{"at":"2026-01-01T00:00:00Z","attempt":1,"error":"Steward ended while the job ran.","trace":""}`
	errors := "[" + strings.Join(slices.Repeat([]string{one}, before), ",") + "]"
	_, err := tx.Exec(ctx, `UPDATE river_job SET state = 'running', attempt = max_attempts, attempted_at = '2026-01-01 00:00:00.000', errors = json($1)
		WHERE state = 'available' AND json_extract(args, '$.key') LIKE $2`, errors, key)
	return err
}

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
		return cutOff(t.Context(), tx, 3, "%")
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
// TestOneThatMayHaveEndedAProcessIsReadAlone has half of the readings cut off by the end of a process.
func TestOneThatMayHaveEndedAProcessIsReadAlone(t *testing.T) {
	db := storetest.Open(t, storetest.Fresh(t, store.SQLite), migrations())
	root := t.TempDir()
	for i := range 8 {
		repository(t, filepath.Join(root, strconv.Itoa(i)), map[string]string{"a.go": "package a\n"})
	}
	first := open(t, db, 1)
	first.look(root)
	stop, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := first.queue.Stop(stop); err != nil {
		t.Fatal(err)
	}
	suspect := map[string]bool{}
	err := db.Tx(t.Context(), func(tx *store.Tx) error {
		for i := range 8 {
			name := strconv.Itoa(i)
			id := mustFind(t, first, name).ID
			key := strconv.FormatInt(id, 10)
			if err := first.queue.Enqueue(t.Context(), tx, "estate.read", key, map[string]any{"repository": id, "again": true}); err != nil {
				return err
			}
			if i%2 == 0 {
				suspect[name] = true
				if err := cutOff(t.Context(), tx, 0, key); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}

	var mu sync.Mutex
	active, together, read := map[string]bool{}, 0, []string{}
	watch := estate.Analyser{Name: "watch", Version: 1, Begin: estate.OfContent(func(_ context.Context, s *estate.Snapshot) (estate.Result, error) {
		mu.Lock()
		active[s.Repository] = true
		read = append(read, s.Repository)
		alone := len(active) == 1
		for name := range active {
			if suspect[name] && !alone {
				t.Errorf("%s was read beside others: %v", name, active)
			}
		}
		together = max(together, len(active))
		mu.Unlock()
		time.Sleep(50 * time.Millisecond)
		mu.Lock()
		delete(active, s.Repository)
		mu.Unlock()
		return estate.Result{}, nil
	})}
	queue := job.New(db, job.Config{Workers: 4})
	p := mount.Platform{DB: db, Queue: queue, Settings: config.New(db, time.Now), Log: slog.New(slog.DiscardHandler), Now: time.Now, DataDir: t.TempDir(), Git: gitrepo.Config{Scratch: t.TempDir()}}
	estate.New(p, estate.Config{Analysers: []estate.Analyser{watch}}).Mount().Jobs(queue)
	if err := queue.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	first.queue = queue
	first.settle()
	if err := queue.Stop(stop); err != nil {
		t.Fatal(err)
	}
	slices.Sort(read)
	if diff := cmp.Diff([]string{"0", "1", "2", "3", "4", "5", "6", "7"}, read); diff != "" {
		t.Errorf("read, want -, got +:\n%s", diff)
	}
	if together < 2 {
		t.Error("nothing was read side by side: the test proves nothing")
	}
}

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

// TestObjectsOfAnotherRepositoryAreNamedAsMissing has a copy as git clone --shared makes it.
func TestObjectsOfAnotherRepositoryAreNamedAsMissing(t *testing.T) {
	h := open(t, storetest.Open(t, storetest.Fresh(t, store.SQLite), migrations()), 1)
	whole := repository(t, filepath.Join(t.TempDir(), "whole"), map[string]string{"a.go": "package a\n"})
	root := t.TempDir()
	if out, err := exec.Command("git", "clone", "-q", "--shared", whole, filepath.Join(root, "copy")).CombinedOutput(); err != nil {
		t.Fatalf("git clone: %v %s", err, out)
	}
	h.look(root)
	h.settle()
	const want = "Some of its objects lie in another repository, outside of what was given. Give a folder that holds both, or make it whole with git repack -a -d."
	if got := mustFind(t, h, "copy").Error; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
}
