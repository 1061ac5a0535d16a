package job

import (
	"context"
	"errors"
	"fmt"

	"github.com/riverqueue/river/rivertype"

	"steward/internal/platform/store"
)

// add inserts a job, or folds it into the one of its kind and key that waits. One that runs has
// read some of what it is about already: it is noted to be run again.
func (q *Queue) add(ctx context.Context, tx *store.Tx, t task, attempts int) error {
	there, err := q.backend.insert(ctx, tx, t, attempts)
	if err != nil || there == nil || there.State != rivertype.JobStateRunning {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO job_again (job_id, args) VALUES ($1, $2) ON CONFLICT (job_id) DO UPDATE SET args = excluded.args`,
		there.ID, string(t.Args))
	return err
}

// again inserts the job that was asked for while this one ran, which is complete in the same transaction.
func (j *Job) again(ctx context.Context, tx *store.Tx) error {
	args, err := j.askedAgain(ctx, tx)
	if err != nil || args == "" {
		return err
	}
	return j.queue.add(ctx, tx, task{kind: j.Kind, Key: j.Key, Args: []byte(args)}, j.MaxAttempts)
}

// askedAgain takes the note that the job was asked for while it ran; "" when there is none.
func (j *Job) askedAgain(ctx context.Context, tx *store.Tx) (args string, err error) {
	err = tx.QueryRow(ctx, `DELETE FROM job_again WHERE job_id = $1 RETURNING args`, j.ID).Scan(&args)
	if errors.Is(err, store.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("find out whether %s %q was asked for again: %w", j.Kind, j.Key, err)
	}
	return args, nil
}
