package job

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// worker adapts a Handler to the library.
type worker struct {
	river.WorkerDefaults[task]
	queue *Queue
	how   handling
}

// Timeout returns how long the job may run; negative means without limit.
func (w *worker) Timeout(*river.Job[task]) time.Duration {
	if w.how.timeout > 0 {
		return w.how.timeout
	}
	return -1
}

// NextRetry returns when a failed job is tried again.
func (w *worker) NextRetry(r *river.Job[task]) time.Time {
	return w.queue.config.Clock().Add(w.queue.config.Backoff(r.Attempt))
}

// Work runs the handler and turns what went wrong into words: the text of the error it returns is
// kept with the job and shown to people.
func (w *worker) Work(ctx context.Context, r *river.Job[task]) error {
	q := w.queue
	j := &Job{
		ID: r.ID, Kind: r.JobRow.Kind, Key: r.Args.Key, Args: r.Args.Args, Attempt: r.Attempt, MaxAttempts: r.MaxAttempts,
		queue: q, work: r, ctx: ctx,
	}
	defer q.finished(j.ID)
	err := w.run(ctx, j)
	var until later
	switch {
	case err == nil:
		return nil
	case errors.As(err, &until):
		return river.JobSnooze(time.Duration(until))
	case ctx.Err() == nil:
		said := sentence(q.words(ctx, j, err))
		if j.Attempt >= j.MaxAttempts && q.wanted(ctx, j) {
			return river.JobSnooze(0) // somebody asked for another one: it is this one, begun again
		}
		return said
	case errors.Is(context.Cause(ctx), rivertype.ErrJobCancelledRemotely):
		return sentence("The job was cancelled.")
	case q.stopping.Load() || !errors.Is(ctx.Err(), context.DeadlineExceeded):
		return river.JobSnooze(0) // stopped: it comes back as if it had not begun
	default:
		return sentence(fmt.Sprintf("The job took longer than %s and was stopped.", w.how.timeout))
	}
}

// later is the error of a job that is put off.
type later time.Duration

func (l later) Error() string { return fmt.Sprintf("put off for %s", time.Duration(l)) }

// Later is what a handler returns that has done nothing yet and is to be begun again after d. It counts
// as no attempt; what is asked for meanwhile folds into the job.
func Later(d time.Duration) error { return later(max(d, 0)) }

// run does one attempt. What was asked for before it began is met by it.
func (w *worker) run(ctx context.Context, j *Job) error {
	if j.Attempt > 1 {
		w.queue.wanted(ctx, j)
	}
	if err := w.call(ctx, j); err != nil || j.completed {
		return err
	}
	return w.queue.db.Tx(ctx, func(tx *store.Tx) error { return j.Complete(ctx, tx) })
}

// wanted takes the note that a job was asked for while it ran. Where that cannot be found out it
// was not, and the database's fault comes up with the job's own end.
func (q *Queue) wanted(ctx context.Context, j *Job) bool {
	var args string
	err := q.db.Tx(ctx, func(tx *store.Tx) (err error) {
		args, err = j.askedAgain(ctx, tx)
		return err
	})
	return err == nil && args != ""
}

// sentence is an error that is nothing but words for people: the library keeps its text.
type sentence string

func (s sentence) Error() string { return string(s) }

// panicked is the error made of a panic.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v\n%s", p.value, p.stack) }

func (w *worker) call(ctx context.Context, j *Job) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicked{value, debug.Stack()}
		}
	}()
	return w.how.handler(ctx, j)
}

// words returns the sentence of an error that has one; another is logged under an id, and the
// sentence names the id.
func (q *Queue) words(ctx context.Context, j *Job, err error) string {
	if s := fault.Sentence(err); s != "" {
		q.config.Logger.InfoContext(ctx, "job attempt ended", "kind", j.Kind, "job", j.ID, "attempt", j.Attempt, "error", err)
		return s
	}
	id := store.NewID()
	q.config.Logger.ErrorContext(ctx, "job attempt broke", "kind", j.Kind, "job", j.ID, "attempt", j.Attempt, "error_id", id, "error", err)
	return fmt.Sprintf("Something went wrong inside Steward. The log says more under %s.", id)
}
