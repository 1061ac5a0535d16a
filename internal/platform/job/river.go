package job

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// Settings of the library.
const (
	// never stands for "not by the library": its own rescue would begin a job that runs for hours a
	// second time; leases do that here.
	never = 100 * 365 * 24 * time.Hour
	// cooldown is the shortest time between two looks for jobs; the library's default of 100 ms
	// would allow each worker ten jobs a second.
	cooldown = 5 * time.Millisecond
	// lookSQLite and lookPostgres are how often to look for jobs without having been told.
	// PostgreSQL tells (LISTEN); SQLite does not, and a look costs it 0.1 ms.
	lookSQLite   = 200 * time.Millisecond
	lookPostgres = time.Second

	keepDone      = 24 * time.Hour
	keepCancelled = 7 * 24 * time.Hour
	keepFailed    = 30 * 24 * time.Hour
)

// task is a job's row for the library. Its key alone makes it unique.
type task struct {
	kind string
	Key  string          `json:"key" river:"unique"`
	Args json.RawMessage `json:"args"`
}

// Kind returns the job's kind.
func (t task) Kind() string { return t.kind }

// backend is the library on one of the two engines.
type backend interface {
	start(ctx context.Context) error
	stop(ctx context.Context) error
	// insert adds a job, or returns the one of its kind and key that waits or runs.
	insert(ctx context.Context, tx *store.Tx, t task, attempts int) (*rivertype.JobRow, error)
	complete(ctx context.Context, tx *store.Tx, j *river.Job[task]) error
	list(ctx context.Context, p *river.JobListParams) ([]*rivertype.JobRow, error)
	cancel(ctx context.Context, tx *store.Tx, id int64) error
	retry(ctx context.Context, tx *store.Tx, id int64) error
	giveBack(ctx context.Context, ids []int64, before time.Time, over func(*rivertype.JobRow) bool) error
}

// client is the backend on an engine whose transactions are T.
type client[T any] struct {
	*river.Client[T]
	reads  *river.Client[T] // lists jobs without waiting for writers
	driver riverdriver.Driver[T]
	tx     func(*store.Tx) T
	done   func(ctx context.Context, tx T, j *river.Job[task]) error
	clock  func() time.Time
}

func newBackend(db *store.DB, q *Queue) backend {
	if db.Engine() == store.SQLite {
		return newClient(riversqlite.New(db.SQL()), riversqlite.New(db.ReadSQL()), q, lookSQLite, true, (*store.Tx).SQL,
			func(ctx context.Context, tx *sql.Tx, j *river.Job[task]) error {
				_, err := river.JobCompleteTx[*riversqlite.Driver](ctx, tx, j)
				return err
			})
	}
	return newClient(riverpgxv5.New(db.Pool()), riverpgxv5.New(db.Pool()), q, lookPostgres, false, (*store.Tx).Pgx,
		func(ctx context.Context, tx pgx.Tx, j *river.Job[task]) error {
			_, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, j)
			return err
		})
}

func newClient[T any](driver, reading riverdriver.Driver[T], q *Queue, look time.Duration, poll bool,
	tx func(*store.Tx) T, done func(context.Context, T, *river.Job[task]) error,
) *client[T] {
	log := slog.New(libraryLog{q.config.Logger.Handler()})
	c, err := river.NewClient(driver, &river.Config{
		ID:                          q.id,
		Queues:                      map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: q.config.Workers}},
		Workers:                     q.workers,
		Logger:                      log,
		FetchCooldown:               cooldown,
		FetchPollInterval:           look,
		FetchOnlyKnownKinds:         true, // an older replica leaves alone what it does not know
		SkipUnknownJobCheck:         true, // a replica that only serves pages enqueues for others
		PollOnly:                    poll,
		JobTimeout:                  -1,
		RescueStuckJobsAfter:        never,
		SoftStopTimeout:             q.config.Grace,
		CompletedJobRetentionPeriod: keepDone,
		CancelledJobRetentionPeriod: keepCancelled,
		DiscardedJobRetentionPeriod: keepFailed,
	})
	reads, readsErr := river.NewClient(reading, &river.Config{Logger: log})
	if err := errors.Join(err, readsErr); err != nil {
		panic(fmt.Sprintf("job: settings of the queue library: %v", err)) // all of them are constants
	}
	return &client[T]{Client: c, reads: reads, driver: driver, tx: tx, done: done, clock: q.config.Clock}
}

func (c *client[T]) start(ctx context.Context) error { return c.Start(ctx) }
func (c *client[T]) stop(ctx context.Context) error  { return c.Stop(ctx) }

func (c *client[T]) insert(ctx context.Context, tx *store.Tx, t task, attempts int) (*rivertype.JobRow, error) {
	t.Args = store.CleanJSON(t.Args)
	done, err := c.InsertTx(ctx, c.tx(tx), t, &river.InsertOpts{
		MaxAttempts: attempts,
		UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
			rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
			rivertype.JobStateRunning, rivertype.JobStateScheduled,
		}},
	})
	if err != nil || !done.UniqueSkippedAsDuplicate {
		return nil, err
	}
	return done.Job, nil
}

func (c *client[T]) complete(ctx context.Context, tx *store.Tx, j *river.Job[task]) error {
	return c.done(ctx, c.tx(tx), j)
}

func (c *client[T]) list(ctx context.Context, p *river.JobListParams) ([]*rivertype.JobRow, error) {
	res, err := c.reads.JobList(ctx, p)
	if err != nil {
		return nil, err
	}
	return res.Jobs, nil
}

func (c *client[T]) cancel(ctx context.Context, tx *store.Tx, id int64) error {
	_, err := c.JobCancelTx(ctx, c.tx(tx), id)
	return absent(id, err)
}

func (c *client[T]) retry(ctx context.Context, tx *store.Tx, id int64) error {
	_, err := c.JobRetryTx(ctx, c.tx(tx), id)
	return absent(id, err)
}

func absent(id int64, err error) error {
	if errors.Is(err, rivertype.ErrNotFound) {
		return fault.Wrap(fault.NotFound, err, "There is no job %d any more. Finished ones are kept for a day; ask for it again.", id)
	}
	return err
}

// ended is kept as the error of an attempt that ended with its process.
const ended = "Steward ended while the job ran."

// died counts the attempts of a job that ended with their process.
func died(row *rivertype.JobRow) int {
	n := 0
	for _, e := range row.Errors {
		if e.Error == ended {
			n++
		}
	}
	return n
}

// giveBack makes jobs of a lost process wait again, fail when it is over with them, or stay cancelled.
// Jobs that were taken again since before are left alone.
func (c *client[T]) giveBack(ctx context.Context, ids []int64, before time.Time, over func(*rivertype.JobRow) bool) error {
	exec := c.driver.GetExecutor()
	rows, err := exec.JobGetByIDMany(ctx, &riverdriver.JobGetByIDManyParams{ID: ids})
	if err != nil {
		return err
	}
	now := c.clock().UTC()
	p := &riverdriver.JobRescueManyParams{StuckHorizon: before}
	for _, row := range rows {
		state, finalized := rivertype.JobStateAvailable, &now
		var meta struct {
			Cancelled *json.RawMessage `json:"cancel_attempted_at"`
		}
		switch err := json.Unmarshal(row.Metadata, &meta); {
		case err == nil && meta.Cancelled != nil:
			state = rivertype.JobStateCancelled
		case over(row):
			state = rivertype.JobStateDiscarded
		default:
			finalized = nil
		}
		text, err := json.Marshal(rivertype.AttemptError{At: now, Attempt: max(row.Attempt, 0), Error: ended})
		if err != nil {
			return err
		}
		p.ID = append(p.ID, row.ID)
		p.Error = append(p.Error, text)
		p.FinalizedAt = append(p.FinalizedAt, finalized)
		p.ScheduledAt = append(p.ScheduledAt, now)
		p.State = append(p.State, string(state))
	}
	if len(p.ID) == 0 {
		return nil
	}
	_, err = exec.JobRescueMany(ctx, p)
	return err
}

// libraryLog passes on what the library says when it matters: warnings and errors. What handlers
// return is logged by us.
type libraryLog struct{ slog.Handler }

func (l libraryLog) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && l.Handler.Enabled(ctx, level)
}
