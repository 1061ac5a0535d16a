package job_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/fault"
	"steward/internal/platform/job"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
)

var (
	admin  = access.As("a-1", "Ann", access.Admin)
	member = access.As("a-2", "Ben", access.Member)
)

func migrations() []store.Migrations {
	return []store.Migrations{job.Migrations(), audit.Migrations(), {Feature: "effect", FS: fstest.MapFS{
		"migration/20260102000001_effect_first.sql": {Data: []byte("-- +goose Up\nCREATE TABLE effect (key text NOT NULL, n bigint NOT NULL);\n")},
	}}}
}

// each runs a test with a queue on both engines.
func each(t *testing.T, c job.Config, f func(t *testing.T, db *store.DB, q *job.Queue)) {
	t.Helper()
	storetest.Each(t, migrations(), func(t *testing.T, db *store.DB) { f(t, db, job.New(db, c)) })
}

func start(t *testing.T, q *job.Queue) {
	t.Helper()
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, q) })
}

func stop(t *testing.T, q *job.Queue) {
	t.Helper()
	if err := q.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

func enqueue(t *testing.T, db *store.DB, q *job.Queue, kind string, keys ...string) {
	t.Helper()
	err := db.Tx(t.Context(), func(tx *store.Tx) error {
		for _, key := range keys {
			if err := q.Enqueue(t.Context(), tx, kind, key, map[string]string{"of": key}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func list(t *testing.T, q *job.Queue, f job.Filter) []job.Status {
	t.Helper()
	all, err := q.List(t.Context(), admin, f)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// patience ends a test that hangs; it is no promise about speed.
const patience = 5 * time.Minute

// await waits until the jobs that a filter chooses are as told.
func await(t *testing.T, q *job.Queue, f job.Filter, what string, ok func([]job.Status) bool) []job.Status {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		all := list(t, q, f)
		if ok(all) {
			return all
		}
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s: %d jobs, such as %+v", what, len(all), all[:min(len(all), 3)])
		}
	}
}

func allAre(state job.State) func([]job.Status) bool {
	return func(all []job.Status) bool {
		for _, s := range all {
			if s.State != state {
				return false
			}
		}
		return len(all) > 0
	}
}

func effects(t *testing.T, db *store.DB) map[string]int {
	t.Helper()
	rows, err := db.Query(t.Context(), "SELECT key, count(*) FROM effect GROUP BY key")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all := map[string]int{}
	for rows.Next() {
		var key string
		var n int
		if err := rows.Scan(&key, &n); err != nil {
			t.Fatal(err)
		}
		all[key] = n
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// write is a handler that writes rows and completes in one transaction.
func write(db *store.DB, rows int) job.Handler {
	return func(ctx context.Context, j *job.Job) error {
		return db.Tx(ctx, func(tx *store.Tx) error {
			_, err := tx.Insert(ctx, "effect", []string{"key", "n"}, func(yield func([]any) bool) {
				for n := range rows {
					if !yield([]any{j.Key, n}) {
						return
					}
				}
			})
			if err != nil {
				return err
			}
			return j.Complete(ctx, tx)
		})
	}
}

func TestTwoThousandJobsInOneTransaction(t *testing.T) {
	each(t, job.Config{Workers: 4}, func(t *testing.T, db *store.DB, q *job.Queue) {
		q.Handle("test.write", write(db, 3))
		want := map[string]int{}
		keys := make([]string, 2000/load)
		for i := range keys {
			keys[i] = fmt.Sprintf("k%d", i)
			want[keys[i]] = 3
		}
		begun := time.Now()
		enqueue(t, db, q, "test.write", keys...)
		t.Logf("%d jobs enqueued in %s", len(keys), time.Since(begun))
		begun = time.Now()
		start(t, q)
		for {
			sums, err := q.Summaries(t.Context(), admin)
			if err != nil {
				t.Fatal(err)
			}
			if len(sums) == 1 && sums[0].Count[job.Done] == int64(len(keys)) {
				break
			}
			if time.Since(begun) > patience {
				t.Fatalf("not done: %+v", sums)
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Logf("%.0f jobs a second", float64(len(keys))/time.Since(begun).Seconds())
		if diff := cmp.Diff(want, effects(t, db)); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
}

func TestEnqueueBelongsToTheTransaction(t *testing.T) {
	each(t, job.Config{}, func(t *testing.T, db *store.DB, q *job.Queue) {
		boom := errors.New("boom")
		err := db.Tx(t.Context(), func(tx *store.Tx) error {
			return errors.Join(q.Enqueue(t.Context(), tx, "test.any", "k", nil), boom)
		})
		if !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if all := list(t, q, job.Filter{}); len(all) != 0 {
			t.Errorf("a job that was rolled back exists: %+v", all)
		}
	})
}

func TestSameKeyFoldsWhileWaiting(t *testing.T) {
	each(t, job.Config{}, func(t *testing.T, db *store.DB, q *job.Queue) {
		running, goOn := make(chan struct{}, 8), make(chan struct{})
		q.Handle("test.hold", func(ctx context.Context, j *job.Job) error {
			running <- struct{}{}
			<-goOn
			return nil
		})
		q.Handle("test.other", func(context.Context, *job.Job) error { return nil })
		enqueue(t, db, q, "test.hold", "a", "a", "b\x00\xff")
		enqueue(t, db, q, "test.hold", "a", "b\x00\xff")
		enqueue(t, db, q, "test.other", "a")
		if n := len(list(t, q, job.Filter{})); n != 3 {
			t.Errorf("%d waiting jobs, want 3", n)
		}
		start(t, q)
		<-running
		<-running
		enqueue(t, db, q, "test.hold", "a")
		close(goOn)
		await(t, q, job.Filter{}, "all done", allAre(job.Done))
		enqueue(t, db, q, "test.hold", "a")
		all := await(t, q, job.Filter{}, "done again", allAre(job.Done))
		if len(all) != 5 {
			t.Errorf("%d jobs, want 5: folded while waiting, one that follows while running, new after done", len(all))
		}
		if n := len(list(t, q, job.Filter{Key: "a", Kinds: []string{"test.hold"}})); n != 3 {
			t.Errorf("%d jobs of the key a, want 3", n)
		}
	})
}

func TestFailuresAreKeptInWordsAndRepeated(t *testing.T) {
	backoff := func(int) time.Duration { return 10 * time.Millisecond }
	each(t, job.Config{Backoff: backoff}, func(t *testing.T, db *store.DB, q *job.Queue) {
		q.Handle("test.fail", func(_ context.Context, j *job.Job) error {
			var args struct{ Of string }
			if err := j.Decode(&args); err != nil || args.Of != j.Key {
				t.Errorf("args %+v, %v", args, err)
			}
			switch j.Attempt {
			case 1:
				return fault.Wrap(fault.Unavailable, errors.New("dial 10.0.0.1: refused"), "The host does not answer. Check its address.")
			case 2:
				panic("s3cret in a panic")
			case 3:
				return errors.New("s3cret in an error")
			}
			return nil
		}, job.MaxAttempts(4))
		q.Handle("test.hopeless", func(context.Context, *job.Job) error {
			return fault.New(fault.Invalid, "It never works.")
		}, job.MaxAttempts(2))
		q.Handle("test.slow", func(ctx context.Context, _ *job.Job) error {
			<-ctx.Done()
			return ctx.Err()
		}, job.MaxAttempts(1), job.Timeout(50*time.Millisecond))
		enqueue(t, db, q, "test.fail", "k")
		enqueue(t, db, q, "test.hopeless", "k")
		enqueue(t, db, q, "test.slow", "k")
		start(t, q)
		all := await(t, q, job.Filter{}, "an end", func(all []job.Status) bool {
			ended := 0
			for _, s := range all {
				if s.State == job.Done || s.State == job.Failed {
					ended++
				}
			}
			return ended == 3
		})
		for i := range all {
			for k := range all[i].Errors {
				if s := &all[i].Errors[k].Sentence; strings.HasPrefix(*s, "Something went wrong inside Steward. The log says more under ") {
					*s = "inside"
				}
			}
		}
		want := []job.Status{
			{Kind: "test.slow", Key: "k", State: job.Failed, Attempt: 1, MaxAttempts: 1, Errors: []job.Failure{
				{Attempt: 1, Sentence: "The job took longer than 50ms and was stopped."},
			}},
			{Kind: "test.hopeless", Key: "k", State: job.Failed, Attempt: 2, MaxAttempts: 2, Errors: []job.Failure{
				{Attempt: 1, Sentence: "It never works."}, {Attempt: 2, Sentence: "It never works."},
			}},
			{Kind: "test.fail", Key: "k", State: job.Done, Attempt: 4, MaxAttempts: 4, Errors: []job.Failure{
				{Attempt: 1, Sentence: "The host does not answer. Check its address."},
				{Attempt: 2, Sentence: "inside"},
				{Attempt: 3, Sentence: "inside"},
			}},
		}
		if diff := cmp.Diff(want, all, cmpopts.IgnoreTypes(time.Time{}), cmpopts.IgnoreFields(job.Status{}, "ID")); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
		if err := q.Retry(t.Context(), admin, all[1].ID); err != nil {
			t.Fatal(err)
		}
		await(t, q, job.Filter{IDs: []int64{all[1].ID}}, "a third failure", func(all []job.Status) bool {
			return len(all) == 1 && all[0].State == job.Failed && len(all[0].Errors) == 3
		})
	})
}

func TestCancel(t *testing.T) {
	each(t, job.Config{Workers: 1}, func(t *testing.T, db *store.DB, q *job.Queue) {
		running := make(chan int64, 1)
		q.Handle("test.hold", func(ctx context.Context, j *job.Job) error {
			running <- j.ID
			<-ctx.Done()
			return ctx.Err()
		})
		enqueue(t, db, q, "test.hold", "runs", "waits")
		start(t, q)
		id := <-running
		waiting := list(t, q, job.Filter{Key: "waits"})[0].ID
		for _, id := range []int64{waiting, id} {
			if err := q.Cancel(t.Context(), admin, id); err != nil {
				t.Fatal(err)
			}
		}
		await(t, q, job.Filter{}, "both cancelled", allAre(job.Cancelled))
		if err := q.Cancel(t.Context(), admin, 987654); !errors.Is(err, fault.NotFound) {
			t.Errorf("an unknown job: %v, want fault.NotFound", err)
		}
		if err := q.Retry(t.Context(), admin, 987654); !errors.Is(err, fault.NotFound) {
			t.Errorf("an unknown job: %v, want fault.NotFound", err)
		}
	})
}

func TestOneThatRunsIsRunAgainWhenAskedFor(t *testing.T) {
	ended := fault.New(fault.Unavailable, "It never works.")
	for name, end := range map[string]func(ctx context.Context, db *store.DB, j *job.Job) error{
		"returns": func(context.Context, *store.DB, *job.Job) error { return nil },
		"completes": func(ctx context.Context, db *store.DB, j *job.Job) error {
			return db.Tx(ctx, func(tx *store.Tx) error { return j.Complete(ctx, tx) })
		},
		"fails": func(context.Context, *store.DB, *job.Job) error { return ended },
	} {
		t.Run(name, func(t *testing.T) {
			each(t, job.Config{Workers: 2}, func(t *testing.T, db *store.DB, q *job.Queue) {
				begun, end1 := make(chan string, 10), make(chan bool)
				q.Handle("test.again", func(ctx context.Context, j *job.Job) error {
					var args map[string]string
					if err := j.Decode(&args); err != nil {
						return err
					}
					begun <- args["of"]
					<-end1
					return end(ctx, db, j)
				}, job.MaxAttempts(1))
				enqueue(t, db, q, "test.again", "k")
				start(t, q)
				<-begun
				enqueue(t, db, q, "test.again", "k", "k") // both fold into one that follows
				if len(list(t, q, job.Filter{States: []job.State{job.Running, job.Waiting}})) != 1 {
					t.Error("the second runs beside the first")
				}
				end1 <- true
				<-begun
				end1 <- true
				await(t, q, job.Filter{}, "all ended", func(all []job.Status) bool {
					for _, s := range all {
						if s.State != job.Done && s.State != job.Failed {
							return false
						}
					}
					return true
				})
				if len(begun) > 0 {
					t.Error("it ran a third time")
				}
			})
		})
	}
}

func TestRetryBesideAnotherOfTheSameKey(t *testing.T) {
	each(t, job.Config{}, func(t *testing.T, db *store.DB, q *job.Queue) {
		enqueue(t, db, q, "test.any", "k")
		first := list(t, q, job.Filter{})[0].ID
		if err := q.Cancel(t.Context(), admin, first); err != nil {
			t.Fatal(err)
		}
		enqueue(t, db, q, "test.any", "k")
		if err := q.Retry(t.Context(), admin, first); !errors.Is(err, fault.Conflict) {
			t.Errorf("got %v, want fault.Conflict", err)
		}
	})
}

func TestRightsAreNeeded(t *testing.T) {
	each(t, job.Config{}, func(t *testing.T, db *store.DB, q *job.Queue) {
		_, listErr := q.List(t.Context(), member, job.Filter{})
		_, sumErr := q.Summaries(t.Context(), access.Viewer{})
		for name, err := range map[string]error{
			"List": listErr, "Summaries": sumErr,
			"Retry": q.Retry(t.Context(), member, 1), "Cancel": q.Cancel(t.Context(), member, 1),
		} {
			if !errors.Is(err, fault.Denied) {
				t.Errorf("%s: %v, want fault.Denied", name, err)
			}
		}
	})
}

func TestProgressAndEstimate(t *testing.T) {
	each(t, job.Config{Workers: 1}, func(t *testing.T, db *store.DB, q *job.Queue) {
		said, goOn := make(chan struct{}), make(chan struct{})
		q.Handle("test.long", func(ctx context.Context, j *job.Job) error {
			for n := range int64(10_000) { // a flood costs nothing
				j.Progress(n, 40_000, "earlier")
			}
			// Inside a transaction it must not wait for the writer either.
			err := db.Tx(ctx, func(*store.Tx) error {
				j.Progress(10_000, 40_000, "reading files")
				return nil
			})
			close(said)
			<-goOn
			return err
		})
		enqueue(t, db, q, "test.long", "k")
		start(t, q)
		<-said
		type row struct {
			Done, Total int64
			What        string
		}
		got := list(t, q, job.Filter{})[0]
		if diff := cmp.Diff(row{10_000, 40_000, "reading files"}, row{got.Done, got.Total, got.What}); diff != "" {
			t.Errorf("in this process; want -, got +:\n%s", diff)
		}
		if got.Left <= 0 {
			t.Errorf("no time left for a job at a quarter: %v", got.Left)
		}
		other := job.New(db, job.Config{}) // another process sees what is stored
		stored := await(t, other, job.Filter{}, "stored progress", func(all []job.Status) bool { return all[0].Done > 0 })[0]
		if diff := cmp.Diff(row{10_000, 40_000, "reading files"}, row{stored.Done, stored.Total, stored.What}); diff != "" {
			t.Errorf("in another process; want -, got +:\n%s", diff)
		}
		close(goOn)
		await(t, q, job.Filter{}, "done", allAre(job.Done))
	})
}

func TestStopDrainsThenInterrupts(t *testing.T) {
	each(t, job.Config{Workers: 2, Grace: 300 * time.Millisecond}, func(t *testing.T, db *store.DB, q *job.Queue) {
		var running sync.WaitGroup
		running.Add(2)
		var interrupted atomic.Bool
		q.Handle("test.short", func(context.Context, *job.Job) error {
			running.Done()
			time.Sleep(50 * time.Millisecond)
			return nil
		})
		q.Handle("test.endless", func(ctx context.Context, _ *job.Job) error {
			running.Done()
			<-ctx.Done()
			interrupted.Store(true)
			return ctx.Err()
		})
		enqueue(t, db, q, "test.short", "k")
		enqueue(t, db, q, "test.endless", "k")
		if err := q.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		running.Wait()
		stop(t, q)
		type row struct {
			Kind    string
			State   job.State
			Attempt int
			Errors  int
		}
		var got []row
		for _, s := range list(t, q, job.Filter{}) {
			got = append(got, row{s.Kind, s.State, s.Attempt, len(s.Errors)})
		}
		want := []row{{"test.endless", job.Waiting, 0, 0}, {"test.short", job.Done, 1, 0}}
		if diff := cmp.Diff(want, got); diff != "" || !interrupted.Load() {
			t.Errorf("interrupted %v; want -, got +:\n%s", interrupted.Load(), diff)
		}
	})
}

func TestFilterAndPages(t *testing.T) {
	each(t, job.Config{}, func(t *testing.T, db *store.DB, q *job.Queue) {
		enqueue(t, db, q, "test.a", "1", "2", "3")
		enqueue(t, db, q, "test.b", "1", "2")
		keys := func(f job.Filter) (all []string) {
			for _, s := range list(t, q, f) {
				all = append(all, s.Kind+"/"+s.Key)
			}
			return all
		}
		page := list(t, q, job.Filter{Limit: 2})
		last := page[len(page)-1].ID
		got := map[string][]string{
			"all":     keys(job.Filter{}),
			"kind":    keys(job.Filter{Kinds: []string{"test.b"}}),
			"states":  keys(job.Filter{States: []job.State{job.Waiting, job.Running}, Limit: 1}),
			"none":    keys(job.Filter{States: []job.State{job.Failed}}),
			"page 1":  keys(job.Filter{Limit: 2}),
			"page 2":  keys(job.Filter{Limit: 2, Before: last}),
			"key":     keys(job.Filter{Key: "2"}),
			"odd key": keys(job.Filter{Key: "' OR 1=1 --"}),
		}
		want := map[string][]string{
			"all":     {"test.b/2", "test.b/1", "test.a/3", "test.a/2", "test.a/1"},
			"kind":    {"test.b/2", "test.b/1"},
			"states":  {"test.b/2"},
			"none":    nil,
			"page 1":  {"test.b/2", "test.b/1"},
			"page 2":  {"test.a/3", "test.a/2"},
			"key":     {"test.b/2", "test.a/2"},
			"odd key": nil,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
}

// TestLaterIsBegunAgainWithoutAnAttempt puts a job off twice; what is asked for meanwhile is met by it.
func TestLaterIsBegunAgainWithoutAnAttempt(t *testing.T) {
	each(t, job.Config{}, func(t *testing.T, db *store.DB, q *job.Queue) {
		var begun atomic.Int64
		put, goOn := make(chan bool), make(chan bool)
		q.Handle("test.later", func(ctx context.Context, j *job.Job) error {
			if begun.Add(1) < 3 {
				return fmt.Errorf("not yet: %w", job.Later(30*time.Millisecond))
			}
			put <- true
			<-goOn
			return nil
		}, job.MaxAttempts(1))
		enqueue(t, db, q, "test.later", "k")
		start(t, q)
		<-put
		goOn <- true
		all := await(t, q, job.Filter{}, "done", allAre(job.Done))
		if len(all) != 1 || all[0].Attempt != 1 || len(all[0].Errors) != 0 {
			t.Errorf("%+v", all)
		}
		begun.Store(-1 << 40) // never again
		enqueue(t, db, q, "test.later", "k")
		await(t, q, job.Filter{States: []job.State{job.Waiting, job.Running}}, "put off", func([]job.Status) bool { return begun.Load() > -1<<40 })
		enqueue(t, db, q, "test.later", "k", "k")
		if all := list(t, q, job.Filter{Key: "k", States: []job.State{job.Waiting, job.Running}}); len(all) != 1 {
			t.Errorf("what was asked for meanwhile did not fold: %+v", all)
		}
	})
}

func TestDailyJobsAreAskedForAtEachStart(t *testing.T) {
	each(t, job.Config{Workers: 1}, func(t *testing.T, db *store.DB, q *job.Queue) {
		done := make(chan string, 2)
		q.Handle("test.daily", func(_ context.Context, j *job.Job) error { done <- j.Key; return nil }, job.Daily())
		q.Handle("test.asked", func(context.Context, *job.Job) error { t.Error("nobody asked for it"); return nil })
		start(t, q)
		if key := <-done; key != "" {
			t.Errorf("key %q", key)
		}
		stop(t, q)
	})
}
