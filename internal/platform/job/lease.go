package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river/rivertype"

	"steward/internal/platform/store"
)

// begin prepares for work: on SQLite, where no other process can hold jobs, all running ones come
// back; on PostgreSQL the first sign of life is given, so that nobody takes ours for lost.
func (q *Queue) begin(ctx context.Context) error {
	if err := q.tidy(ctx); err != nil {
		return err
	}
	if q.db.Engine() == store.PostgreSQL {
		return q.beat(ctx)
	}
	// A killed process is still written down as the leader for some seconds; nobody else can be it.
	err := q.db.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM river_leader")
		return err
	})
	if err != nil {
		return err
	}
	return q.giveBack(ctx, "SELECT id FROM river_job WHERE state = 'running'")
}

// tidy removes what is noted of jobs that are gone.
func (q *Queue) tidy(ctx context.Context) error {
	return q.db.Tx(ctx, func(tx *store.Tx) error {
		for _, table := range []string{"job_progress", "job_again"} {
			if _, err := tx.Exec(ctx, "DELETE FROM "+table+" WHERE job_id NOT IN (SELECT id FROM river_job)"); err != nil {
				return err
			}
		}
		return nil
	})
}

// daily asks for the jobs of each day that this queue has not asked for on this one.
func (q *Queue) daily(ctx context.Context, now time.Time) error {
	day := now.UTC().Format(time.DateOnly)
	if day == q.askedOn {
		return nil
	}
	err := q.db.Tx(ctx, func(tx *store.Tx) error {
		for kind, how := range q.kinds {
			if how.daily {
				if err := q.Enqueue(ctx, tx, kind, "", nil); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err == nil {
		q.askedOn = day
	}
	return err
}

// run stores progress each second and keeps the lease until ctx ends.
func (q *Queue) run(ctx context.Context) {
	second := time.NewTicker(time.Second)
	defer second.Stop()
	beat := time.NewTicker(q.config.Lease / 4)
	defer beat.Stop()
	hour := time.NewTicker(time.Hour)
	defer hour.Stop()
	ask := time.NewTicker(askEvery)
	defer ask.Stop()
	for {
		var err error
		what := ""
		select {
		case <-ctx.Done():
			return
		case <-second.C:
			what, err = "store progress", q.flush(ctx)
		case <-beat.C:
			what, err = "keep the lease", q.lease(ctx)
		case <-hour.C:
			what, err = "tidy progress", errors.Join(q.tidy(ctx), q.daily(ctx, q.config.Clock()))
		case <-ask.C:
			what, err = "begin what is due", q.begins(ctx)
		}
		if err != nil && ctx.Err() == nil {
			q.config.Logger.WarnContext(ctx, "jobs: "+what, "error", err)
		}
	}
}

// askEvery is how often kinds are asked what is due.
const askEvery = 10 * time.Second

// begins enqueues the jobs that are due by themselves.
func (q *Queue) begins(ctx context.Context) error {
	var all error
	for kind, how := range q.kinds {
		if how.due == nil {
			continue
		}
		key, err := how.due(ctx)
		if err == nil && key != "" {
			err = q.db.Tx(ctx, func(tx *store.Tx) error { return q.Enqueue(ctx, tx, kind, key, struct{}{}) })
		}
		if err != nil {
			all = errors.Join(all, fmt.Errorf("%s: %w", kind, err))
		}
	}
	return all
}

// lease gives a sign of life and takes back the jobs of those who have given none.
func (q *Queue) lease(ctx context.Context) error {
	if q.db.Engine() == store.SQLite {
		return nil
	}
	if err := q.beat(ctx); err != nil {
		return err
	}
	return q.giveBack(ctx, `SELECT id FROM river_job j WHERE j.state = 'running' AND NOT EXISTS (
			SELECT 1 FROM job_worker w
			WHERE w.id = j.attempted_by[array_upper(j.attempted_by, 1)] AND w.seen_at > `+microsNow+` - $1)`,
		q.config.Lease.Microseconds())
}

// microsNow is the database's own clock, because the clocks of replicas differ.
const microsNow = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"

// beat writes the sign of life and forgets those who have given none for a long time.
func (q *Queue) beat(ctx context.Context) error {
	return q.db.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO job_worker (id, seen_at) VALUES ($1, "+microsNow+
			") ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at", q.id)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "DELETE FROM job_worker WHERE seen_at < "+microsNow+" - $1", 10*q.config.Lease.Microseconds())
		return err
	})
}

// leave stores the last progress and withdraws the lease.
func (q *Queue) leave(ctx context.Context) error {
	if err := q.flush(ctx); err != nil {
		return err
	}
	return q.db.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM job_worker WHERE id = $1", q.id)
		return err
	})
}

// giveBack returns to waiting the jobs that a query finds.
func (q *Queue) giveBack(ctx context.Context, query string, args ...any) error {
	before := q.config.Clock()
	ids, err := store.Collect(func(s store.Scanner) (id int64, err error) { return id, s.Scan(&id) })(q.db.Query(ctx, query, args...))
	if err != nil || len(ids) == 0 {
		return err
	}
	if err := q.backend.giveBack(ctx, ids, before, func(row *rivertype.JobRow) bool { return q.over(ctx, row) }); err != nil {
		return fmt.Errorf("give back %d jobs: %w", len(ids), err)
	}
	q.config.Logger.InfoContext(ctx, "jobs of an ended process wait again", "jobs", len(ids))
	return nil
}

// over says whether a job fails with its process, and tells whoever handles its kind.
func (q *Queue) over(ctx context.Context, row *rivertype.JobRow) bool {
	how := q.kinds[row.Kind]
	if how.deaths == 0 {
		return row.Attempt >= row.MaxAttempts
	}
	if died(row)+1 < how.deaths {
		return false
	}
	var t task
	err := json.Unmarshal(row.EncodedArgs, &t)
	if err == nil {
		err = how.lost(ctx, &Job{ID: row.ID, Kind: row.Kind, Key: t.Key, Args: t.Args, Attempt: row.Attempt, MaxAttempts: row.MaxAttempts, queue: q})
	}
	if err != nil {
		q.config.Logger.ErrorContext(ctx, "nobody could be told of a lost job", "kind", row.Kind, "job", row.ID, "error", err)
	}
	return true
}
