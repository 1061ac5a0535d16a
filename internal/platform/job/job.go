// Package job runs work in the background: kept in the store's own database, begun with the
// transaction that asked for it, repeated when it fails, given back when its process is killed.
//
// A job has a kind, which names its handler, and a key. Among the waiting and running jobs of a
// kind a key is there once: asking again for one that waits folds into it, and one that runs is run
// again when it has ended. The life of a job:
//
//	waiting  → running   a worker took it
//	running  → done      the handler returned nil, or called Complete in its transaction
//	running  → retrying  the handler returned an error or panicked; waits longer each time
//	retrying → waiting   its time has come
//	running  → failed    the same, at the last attempt
//	running  → waiting   its process stopped or was killed (a kill counts as an attempt)
//	any unfinished → cancelled   somebody cancelled it; a running handler's context ends
//
// Promises. A job runs at least once. What its handler writes in the transaction in which it calls
// Complete is written exactly once, whatever is killed and when. Handlers are therefore idempotent
// outside that transaction, obey their context, and do slow things before they begin it.
//
// Lost jobs come back: on SQLite, where one process works, at its next start; on PostgreSQL when
// the process that held them has not renewed its lease for Config.Lease. A process that was paused
// for longer than its lease may find its job running elsewhere; its Complete then fails.
//
// The tables river_* belong to the queue library (github.com/riverqueue/river); job_progress,
// job_again and job_worker are ours. Decision and measurements: doc/adr/0002-jobs.md.
package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"

	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// Handler does one job. Its error is shown to people when it has a fault kind, else logged with an
// id that is shown instead.
type Handler func(ctx context.Context, j *Job) error

// Config says how a queue works; the zero value works.
type Config struct {
	Workers int              // how many jobs run at once in this process; 0 means 2
	Logger  *slog.Logger     // nil discards
	Clock   func() time.Time // nil means time.Now
	// Lease is after how long without a sign of life a process has lost its jobs (PostgreSQL);
	// 0 means 40 s. A sign of life is given four times per lease.
	Lease time.Duration
	// Grace is how long Stop lets running jobs finish before it ends their contexts; 0 means 20 s.
	Grace time.Duration
	// Backoff is how long to wait after the n-th failed attempt, n from 1; nil means n⁴ seconds, at
	// most an hour.
	Backoff func(attempt int) time.Duration
}

// Defaults.
const (
	defaultWorkers  = 2
	defaultLease    = 40 * time.Second
	defaultGrace    = 20 * time.Second
	defaultAttempts = 10
	longestBackoff  = time.Hour
)

// Queue enqueues jobs and, once started, works them. It is safe for use by many goroutines.
type Queue struct {
	db      *store.DB
	config  Config
	id      string // of this process as a worker
	workers *river.Workers
	backend backend
	kinds   map[string]handling

	mu       sync.Mutex
	progress map[int64]*progress

	stopping atomic.Bool
	endLoop  context.CancelFunc
	loop     sync.WaitGroup
	askedOn  string // day on which daily jobs were asked for last
}

// handling is what Handle was told about a kind.
type handling struct {
	handler  Handler
	attempts int
	timeout  time.Duration
	deaths   int // 0: it has none of its own, and attempts count
	lost     Handler
	daily    bool
	due      func(context.Context) (key string, err error)
}

// Option changes how jobs of a kind are handled.
type Option func(*handling)

// MaxAttempts is after how many attempts a job has failed; 10 unless told.
func MaxAttempts(n int) Option { return func(h *handling) { h.attempts = n } }

// Timeout ends the handler's context after d; unless told there is no limit.
func Timeout(d time.Duration) Option { return func(h *handling) { h.timeout = d } }

// Daily asks for one job of the kind, without args and under the key "", when the queue starts and
// again within an hour after each midnight, UTC.
func Daily() Option { return func(h *handling) { h.daily = true } }

// Lost says after how many ends of its process in the midst of the job it has failed, and what is told
// then, because its handler could not say so. It comes before the job is written down as failed, after a
// further kill once more, and it does not complete the job. What it returns is logged, and the job fails
// all the same. Unless told such an end counts as any other attempt.
func Lost(deaths int, f Handler) Option {
	return func(h *handling) { h.deaths, h.lost = deaths, f }
}

// Due has jobs of the kind begun by themselves: while the queue works, ask says every ten seconds under which
// key one is due; "" is none. It must be cheap, and say so no more once the job is done.
func Due(ask func(context.Context) (key string, err error)) Option {
	return func(h *handling) { h.due = ask }
}

// New returns a queue in db, which has been migrated with Migrations. It does not work until Start.
func New(db *store.DB, c Config) *Queue {
	if c.Workers <= 0 {
		c.Workers = defaultWorkers
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Lease <= 0 {
		c.Lease = defaultLease
	}
	if c.Grace <= 0 {
		c.Grace = defaultGrace
	}
	if c.Backoff == nil {
		c.Backoff = backoff
	}
	q := &Queue{
		db: db, config: c, id: "steward-" + store.NewID(),
		workers: river.NewWorkers(), kinds: map[string]handling{}, progress: map[int64]*progress{},
	}
	q.backend = newBackend(db, q)
	return q
}

func backoff(attempt int) time.Duration {
	n := time.Duration(min(attempt, 8)) // 8⁴ s is more than an hour
	return min(n*n*n*n*time.Second, longestBackoff)
}

// Handle says who does the jobs of a kind; it is called before Start, once per kind. A kind has
// letters, digits, '_', '-' and '.', such as "estate.scan"; another one panics.
func (q *Queue) Handle(kind string, h Handler, opts ...Option) {
	how := handling{handler: h, attempts: defaultAttempts}
	for _, o := range opts {
		o(&how)
	}
	q.kinds[kind] = how
	river.AddWorkerArgs(q.workers, task{kind: kind}, &worker{queue: q, how: how})
}

// Enqueue asks for a job in the caller's transaction: it exists when that commits. When a job of
// the same kind and key waits already, nothing is added and that one stands for both; when one runs,
// another one follows it. The args are stored as JSON; they hold ids, never secrets.
func (q *Queue) Enqueue(ctx context.Context, tx *store.Tx, kind, key string, args any) error {
	raw, err := json.Marshal(args)
	if err != nil {
		return fmt.Errorf("enqueue %s %q: %w", kind, key, err)
	}
	attempts := defaultAttempts
	if how, ok := q.kinds[kind]; ok {
		attempts = how.attempts
	}
	t := task{kind: kind, Key: strings.ReplaceAll(key, "\x00", "\uFFFD"), Args: raw}
	if err := q.add(ctx, tx, t, attempts); err != nil {
		return fmt.Errorf("enqueue %s %q: %w", kind, key, err)
	}
	return nil
}

// Start gives back what a killed process held and begins to work. It ends with Stop, or when ctx
// ends; call Stop in either case. Without any Handle it fails.
func (q *Queue) Start(ctx context.Context) error {
	if err := q.begin(ctx); err != nil {
		return fmt.Errorf("start jobs: %w", err)
	}
	if err := q.backend.start(ctx); err != nil {
		return fmt.Errorf("start jobs: %w", err)
	}
	if err := q.daily(ctx, q.config.Clock()); err != nil {
		return fmt.Errorf("start jobs: %w", err)
	}
	loop, end := context.WithCancel(context.WithoutCancel(ctx))
	q.endLoop = end
	q.loop.Go(func() { q.run(loop) })
	return nil
}

// Stop takes no further jobs, lets the running ones finish for Config.Grace, then ends their
// contexts; those come back at once at the next start, without an attempt counted. It returns when
// all have returned, or with an error when ctx ends first.
func (q *Queue) Stop(ctx context.Context) error {
	q.stopping.Store(true)
	err := q.backend.stop(ctx)
	if q.endLoop != nil {
		q.endLoop()
		q.loop.Wait()
	}
	if err != nil {
		return fault.Wrap(fault.Busy, err, "Some jobs did not stop in time. They are begun again at the next start.")
	}
	if err := q.leave(ctx); err != nil {
		return fmt.Errorf("stop jobs: %w", err)
	}
	return nil
}

// Job is a job that is being done.
type Job struct {
	ID      int64
	Kind    string
	Key     string
	Args    json.RawMessage
	Attempt int // from 1
	// MaxAttempts is the attempt after which it has failed.
	MaxAttempts int

	queue *Queue
	work  *river.Job[task]
	ctx   context.Context // of the handler; the library finds its client in it

	completed bool // Complete was called
}

// Died says how many attempts before this one ended with their process: the job may have been the cause.
func (j *Job) Died() int { return died(j.work.JobRow) }

// Decode reads the args into v. Args that do not fit give a fault.Invalid.
func (j *Job) Decode(v any) error {
	if err := json.Unmarshal(j.Args, v); err != nil {
		return fault.Wrap(fault.Invalid, err, "The job was asked for with arguments that do not fit. Cancel it and ask again.")
	}
	return nil
}

// Progress says how far the job is: done of total (0 when not known) and what it is doing now, a
// few words for people. It costs nothing and never waits; once a second the last word is stored.
func (j *Job) Progress(done, total int64, what string) {
	j.queue.note(j.ID, done, total, what)
}

// errTaken is what Complete returns to one who no longer holds the job.
var errTaken = errors.New("the job was given to another process meanwhile")

// Complete marks the job as done in the caller's transaction: what else the transaction writes is
// written exactly once. It fails when the job is no longer this process's, and the transaction
// must then be rolled back by returning the error. After it the handler returns nil.
func (j *Job) Complete(ctx context.Context, tx *store.Tx) error {
	n, err := tx.Exec(ctx, "UPDATE river_job SET attempt = attempt WHERE id = $1 AND state = 'running' AND attempt = $2",
		j.ID, j.Attempt)
	if err == nil && n == 0 {
		err = errTaken
	}
	if err == nil {
		err = j.queue.backend.complete(j.ctx, tx, j.work)
	}
	if err == nil {
		err = j.again(ctx, tx)
	}
	j.completed = err == nil
	if err != nil {
		return fmt.Errorf("complete %s %q: %w", j.Kind, j.Key, err)
	}
	return nil
}
