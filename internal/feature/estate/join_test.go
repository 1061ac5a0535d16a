package estate_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/estate"
	"steward/internal/platform/access"
	"steward/internal/platform/config"
	"steward/internal/platform/fault"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/job"
	"steward/internal/platform/mount"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
)

// found lists the titles that a viewer finds.
func (h *house) found(v access.Viewer, text string) []string {
	h.t.Helper()
	results, err := search.Find(h.ctx, h.db, v, search.Query{Text: text})
	if err != nil {
		h.t.Fatal(err)
	}
	titles := []string{}
	for _, hit := range results.Hits {
		titles = append(titles, hit.Title)
	}
	return titles
}

func TestWhatIsJoinedCanBeSplit(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		for _, name := range []string{"ledger-a", "ledger-b", "ledger-c"} {
			repository(t, filepath.Join(root, name), map[string]string{name + ".go": "package a\n"})
		}
		h.look(root)
		a, b, c := h.uid("ledger-a"), h.uid("ledger-b"), h.uid("ledger-c")
		if err := h.estate.Join(h.ctx, member, a, b); err != nil {
			t.Fatal(err)
		}
		if err := h.estate.Join(h.ctx, member, c, a); !errors.Is(err, fault.Conflict) {
			t.Errorf("a repository with others in it was joined: %v", err)
		}
		if diff := cmp.Diff([]string{"ledger-a", "ledger-c"}, h.found(member, "ledger")); diff != "" {
			t.Errorf("found when joined, want -, got +:\n%s", diff)
		}
		if err := h.estate.SetVisibility(h.ctx, admin, a, access.Restricted); err != nil {
			t.Fatal(err)
		}
		if err := h.estate.Split(h.ctx, member, b); !errors.Is(err, fault.NotFound) {
			t.Errorf("a member split what was joined into a restricted one: %v", err)
		}
		if err := h.estate.Split(h.ctx, admin, b); err != nil {
			t.Fatal(err)
		}
		h.wantState("ledger-a read\nledger-b read\nledger-c read")
		if diff := cmp.Diff([]string{"ledger-c"}, h.found(member, "ledger")); diff != "" {
			t.Errorf("a member finds after the split, want -, got +:\n%s", diff)
		}
		if diff := cmp.Diff([]string{"ledger-a", "ledger-b", "ledger-c"}, h.found(admin, "ledger")); diff != "" {
			t.Errorf("an administrator finds after the split, want -, got +:\n%s", diff)
		}
	})
}

// TestChangesDuringAReadingHold restricts one repository and joins another while they are read.
func TestChangesDuringAReadingHold(t *testing.T) {
	storetest.Each(t, migrations(), func(t *testing.T, db *store.DB) {
		h := &house{t: t, ctx: t.Context(), db: db, queue: job.New(db, job.Config{Workers: 1})}
		meddle := func(ctx context.Context, s *estate.Snapshot) (estate.Result, error) {
			switch s.Repository {
			case "secret":
				return estate.Result{}, h.estate.SetVisibility(ctx, admin, h.uid("secret"), access.Restricted)
			case "second":
				return estate.Result{}, h.estate.Join(ctx, member, h.uid("first"), h.uid("second"))
			}
			return estate.Result{}, nil
		}
		h.estate = estate.New(mount.Platform{
			DB: db, Queue: h.queue, Settings: config.New(db, time.Now), Log: slog.New(slog.DiscardHandler), Now: time.Now,
			DataDir: t.TempDir(), Git: gitrepo.Config{Scratch: t.TempDir()},
		}, estate.Config{
			Analysers:    []estate.Analyser{{Name: "meddler", Version: 1, Begin: estate.OfContent(meddle)}},
			OnVisibility: []estate.VisibilityHook{search.FollowVisibility},
		})
		h.estate.Mount().Jobs(h.queue)
		if err := h.queue.Start(h.ctx); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := h.queue.Stop(context.Background()); err != nil {
				t.Error(err)
			}
		})
		root := t.TempDir()
		for _, name := range []string{"first", "second", "secret"} {
			repository(t, filepath.Join(root, name), map[string]string{name + ".go": "package a\n"})
		}
		h.look(root)
		h.wantState("first read locations=2 missing=0\nsecret read")
		got := map[string][]string{"member": h.found(member, "sec"), "admin": h.found(admin, "sec")}
		if diff := cmp.Diff(map[string][]string{"member": {}, "admin": {"secret"}}, got); diff != "" {
			t.Errorf("found, want -, got +:\n%s", diff)
		}
	})
}

// TestReadAgainDuringAReadingFollowsIt asks for a reading from within one.
func TestReadAgainDuringAReadingFollowsIt(t *testing.T) {
	storetest.Each(t, migrations(), func(t *testing.T, db *store.DB) {
		h := &house{t: t, ctx: t.Context(), db: db, queue: job.New(db, job.Config{Workers: 1})}
		var asked int // times that the analyser ran
		ask := func(ctx context.Context, s *estate.Snapshot) (estate.Result, error) {
			if asked++; asked > 1 {
				return estate.Result{}, nil
			}
			return estate.Result{}, h.estate.ReadAgain(ctx, admin, mustFind(t, h, s.Repository))
		}
		h.estate = estate.New(mount.Platform{
			DB: db, Queue: h.queue, Settings: config.New(db, time.Now), Log: slog.New(slog.DiscardHandler), Now: time.Now,
			DataDir: t.TempDir(), Git: gitrepo.Config{Scratch: t.TempDir()},
		}, estate.Config{Analysers: []estate.Analyser{{Name: "asker", Version: 1, Begin: estate.OfContent(ask)}}})
		h.estate.Mount().Jobs(h.queue)
		if err := h.queue.Start(h.ctx); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := h.queue.Stop(context.Background()); err != nil {
				t.Error(err)
			}
		})
		root := t.TempDir()
		repository(t, filepath.Join(root, "ledger"), map[string]string{"a.go": "package a\n"})
		h.look(root)
		h.wantState("ledger read")
		if asked != 2 || h.scans() != 2 {
			t.Errorf("the analyser ran %d times in %d readings, want twice", asked, h.scans())
		}
		if diff := cmp.Diff([]string{"repository.read"}, h.audited("repository.")); diff != "" {
			t.Errorf("audited, want -, got +:\n%s", diff)
		}
	})
}
