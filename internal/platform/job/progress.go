package job

import (
	"context"

	"steward/internal/platform/store"
)

// progress is the last word of a running job; written by its handler, stored by run.
type progress struct {
	done, total int64
	what        string
	changed     bool // since it was stored
	finished    bool // the handler has returned
}

func (q *Queue) note(id, done, total int64, what string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.progress[id] = &progress{done: done, total: total, what: what, changed: true}
}

func (q *Queue) finished(id int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if p := q.progress[id]; p != nil {
		p.finished = true
	}
}

// flush stores what has changed. What cannot be stored now is stored next time.
func (q *Queue) flush(ctx context.Context) error {
	changed := map[int64]*progress{}
	q.mu.Lock()
	for id, p := range q.progress {
		switch {
		case p.changed:
			changed[id] = p
		case p.finished:
			delete(q.progress, id)
		}
	}
	q.mu.Unlock()
	if len(changed) == 0 {
		return nil
	}
	if err := q.putProgress(ctx, changed); err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for id, p := range changed {
		p.changed = false
		if p.finished && q.progress[id] == p { // else there is a newer word
			delete(q.progress, id)
		}
	}
	return nil
}

// putProgress stores last words by job, of which note changes none once it has made it.
func (q *Queue) putProgress(ctx context.Context, changed map[int64]*progress) error {
	now := store.Micros(q.config.Clock())
	return q.db.Tx(ctx, func(tx *store.Tx) error {
		for id, p := range changed { // at most one per worker
			_, err := tx.Exec(ctx, `INSERT INTO job_progress (job_id, done, total, what, updated_at) VALUES ($1, $2, $3, $4, $5)
				ON CONFLICT (job_id) DO UPDATE SET done = excluded.done, total = excluded.total, what = excluded.what,
					updated_at = excluded.updated_at`, id, p.done, p.total, p.what, now)
			if err != nil {
				return err
			}
		}
		return nil
	})
}
