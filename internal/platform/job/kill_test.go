package job_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"steward/internal/platform/job"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
)

// childVariable makes this test binary work jobs, as the process that is killed. Its value is a
// store.Config as JSON.
const childVariable = "STEWARD_TEST_JOB_CHILD"

const killLease = time.Second

func TestMain(m *testing.M) {
	if config := os.Getenv(childVariable); config != "" {
		if err := workUntilKilled(config); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

func workUntilKilled(config string) error {
	var c store.Config
	if err := json.Unmarshal([]byte(config), &c); err != nil {
		return err
	}
	db, err := store.Open(context.Background(), c)
	if err != nil {
		return err
	}
	q := killQueue(db)
	if err := q.Start(context.Background()); err != nil {
		return err
	}
	fmt.Println("working")
	select {}
}

// poisonDeaths is how many processes the job that kills them may take with it.
const poisonDeaths = 3

// killQueue works jobs that write five rows each, some of them slowly.
func killQueue(db *store.DB) *job.Queue {
	q := job.New(db, job.Config{Workers: 4, Lease: killLease, Backoff: func(int) time.Duration { return 0 }})
	five := write(db, 5)
	q.Handle("test.write", func(ctx context.Context, j *job.Job) error {
		if rand.IntN(4) == 0 {
			time.Sleep(time.Duration(rand.IntN(40)) * time.Millisecond)
		}
		return five(ctx, j)
	}, job.MaxAttempts(1000))
	q.Handle("test.poison", func(context.Context, *job.Job) error {
		fmt.Println("working") // before the main goroutine can say so
		return syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}, job.MaxAttempts(2), job.Lost(poisonDeaths, func(context.Context, *job.Job) error { return nil }))
	return q
}

// spawn starts this binary as a working process and returns when it works.
func spawn(t *testing.T, c store.Config) *exec.Cmd {
	t.Helper()
	config, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childVariable+"="+string(config))
	child.Stderr = os.Stderr
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "working\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	return child
}

func kill(t *testing.T, child *exec.Cmd) {
	t.Helper()
	if err := child.Process.Kill(); err != nil {
		t.Errorf("the process ended by itself: %v", err)
	}
	var exit *exec.ExitError
	if err := child.Wait(); !errors.As(err, &exit) || exit.Exited() {
		t.Errorf("the process ended by itself: %v", err)
	}
}

func TestKilledAtRandomMomentsEveryJobWritesOnce(t *testing.T) {
	const jobs = 1200 / load
	for _, engine := range storetest.Engines() {
		t.Run(string(engine), func(t *testing.T) {
			c := storetest.Fresh(t, engine)
			want := map[string]int{}
			keys := make([]string, jobs)
			for i := range keys {
				keys[i] = fmt.Sprintf("k%d", i)
				want[keys[i]] = 5
			}
			db := storetest.Open(t, c, migrations())
			enqueue(t, db, job.New(db, job.Config{}), "test.write", keys...)
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			kills := 0
			for ; kills < 12; kills++ {
				child := spawn(t, c)
				var beside *exec.Cmd
				if engine == store.PostgreSQL && kills%3 == 0 { // a replica that lives on for a while
					beside = spawn(t, c)
				}
				time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
				kill(t, child)
				if beside != nil {
					time.Sleep(100 * time.Millisecond)
					kill(t, beside)
				}
			}
			after := storetest.Open(t, c, migrations())
			done := len(effects(t, after))
			q := killQueue(after)
			start(t, q)
			await(t, q, job.Filter{Limit: 1000, States: []job.State{job.Waiting, job.Running, job.Retrying, job.Failed, job.Cancelled}},
				"no job left", func(left []job.Status) bool { return len(left) == 0 })
			if diff := cmp.Diff(want, effects(t, after)); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
			t.Logf("%d kills, after which %d of %d jobs were done", kills, done, jobs)
		})
	}
}

// TestLostJobsComeBackWhileOthersWork is about a replica that dies beside one that lives.
func TestLostJobsComeBackWhileOthersWork(t *testing.T) {
	c := storetest.Fresh(t, store.PostgreSQL)
	db := storetest.Open(t, c, migrations())
	q := killQueue(db)
	enqueue(t, db, q, "test.write", "k")
	held := make(chan struct{})
	dead := job.New(db, job.Config{Workers: 1, Lease: time.Hour}) // gives its sign of life once, then never
	dead.Handle("test.write", func(ctx context.Context, j *job.Job) error {
		close(held)
		<-ctx.Done()
		return ctx.Err()
	})
	if err := dead.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-held
	start(t, q)
	await(t, q, job.Filter{}, "the other to take it over", allAre(job.Done))
	stop(t, dead)
	if diff := cmp.Diff(map[string]int{"k": 5}, effects(t, db)); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	if s := list(t, q, job.Filter{})[0]; s.State != job.Done || s.Attempt != 2 || len(s.Errors) != 1 {
		t.Errorf("got %+v, want it done at the second attempt with one error", s)
	}
}

// TestCompleteFailsForOneWhoLostTheJob is about a process that was paused for too long.
func TestCompleteFailsForOneWhoLostTheJob(t *testing.T) {
	c := storetest.Fresh(t, store.PostgreSQL)
	db := storetest.Open(t, c, migrations())
	q := killQueue(db)
	enqueue(t, db, q, "test.write", "k")
	held, goOn, result := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	paused := job.New(db, job.Config{Workers: 1, Lease: time.Hour})
	paused.Handle("test.write", func(ctx context.Context, j *job.Job) error {
		close(held)
		<-goOn
		err := write(db, 5)(ctx, j)
		result <- err
		return err
	})
	start(t, paused)
	<-held
	start(t, q)
	await(t, q, job.Filter{}, "the other to take it over", allAre(job.Done))
	close(goOn)
	if err := <-result; err == nil {
		t.Error("the one who lost the job completed it too")
	}
	if diff := cmp.Diff(map[string]int{"k": 5}, effects(t, db)); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestAPoisonousJobFailsInTheEnd(t *testing.T) {
	c := storetest.Fresh(t, store.SQLite)
	db := storetest.Open(t, c, migrations())
	q := job.New(db, job.Config{})
	enqueue(t, db, q, "test.any", "k")
	// As a process leaves it that was killed by the job at its last attempt.
	err := db.Tx(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), "UPDATE river_job SET state = 'running', attempt = max_attempts, attempted_at = '2026-01-01 00:00:00.000'")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	q.Handle("test.any", func(context.Context, *job.Job) error { return nil })
	start(t, q)
	all := await(t, q, job.Filter{}, "a failure", allAre(job.Failed))
	if len(all[0].Errors) != 1 || all[0].Errors[0].Sentence != "Steward ended while the job ran." {
		t.Errorf("errors %+v", all[0].Errors)
	}
}

// TestAJobThatKillsItsProcessIsToldAsLost has it killed for good at each attempt.
func TestAJobThatKillsItsProcessIsToldAsLost(t *testing.T) {
	for _, engine := range storetest.Engines() {
		t.Run(string(engine), func(t *testing.T) {
			c := storetest.Fresh(t, engine)
			db := storetest.Open(t, c, migrations())
			enqueue(t, db, killQueue(db), "test.poison", "k")
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			for range poisonDeaths {
				child := spawn(t, c)
				var exit *exec.ExitError
				if err := child.Wait(); !errors.As(err, &exit) || exit.Exited() {
					t.Fatalf("the process ended by itself: %v", err)
				}
			}
			after := storetest.Open(t, c, migrations())
			q := job.New(after, job.Config{Lease: killLease})
			told := make(chan job.Job, 2)
			q.Handle("test.poison", func(context.Context, *job.Job) error { return errors.New("it ran once more") },
				job.MaxAttempts(2), job.Lost(poisonDeaths, func(_ context.Context, j *job.Job) error {
					told <- job.Job{Kind: j.Kind, Key: j.Key, Args: j.Args, Attempt: j.Attempt, MaxAttempts: j.MaxAttempts}
					return nil
				}))
			start(t, q)
			failed := await(t, q, job.Filter{}, "a failure", allAre(job.Failed))
			want := job.Job{Kind: "test.poison", Key: "k", Args: []byte(`{"of":"k"}`), Attempt: poisonDeaths, MaxAttempts: 2}
			got := <-told
			if string(got.Args) != string(want.Args) && string(got.Args) != `{"of": "k"}` {
				t.Errorf("args %s", got.Args)
			}
			got.Args = want.Args
			if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(job.Job{})); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
			if len(told) > 0 || len(failed[0].Errors) != poisonDeaths {
				t.Errorf("told %d times more; errors %+v", len(told), failed[0].Errors)
			}
		})
	}
}
