package job_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/job"
	"steward/internal/platform/store"
)

// TestReadingWaitsForNoWriter reads while a transaction writes: what waited for it would wait for ever.
func TestReadingWaitsForNoWriter(t *testing.T) {
	each(t, job.Config{}, func(t *testing.T, db *store.DB, q *job.Queue) {
		enqueue(t, db, q, "test.any", "a", "b")
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		err := db.Tx(t.Context(), func(tx *store.Tx) error {
			if _, err := tx.Exec(t.Context(), "INSERT INTO effect (key, n) VALUES ('held', 1)"); err != nil {
				return err
			}
			all, err := q.List(ctx, admin, job.Filter{})
			if err != nil {
				return err
			}
			sums, err := q.Summaries(ctx, admin)
			if err != nil {
				return err
			}
			open, err := q.Open(ctx, admin)
			if err != nil {
				return err
			}
			var keys []string
			for _, s := range all {
				keys = append(keys, s.Key)
			}
			if diff := cmp.Diff([]string{"b", "a"}, keys); diff != "" {
				t.Errorf("keys want -, got +:\n%s", diff)
			}
			want := []job.Summary{{Kind: "test.any", Count: map[job.State]int64{job.Waiting: 2}}}
			if diff := cmp.Diff(want, sums); diff != "" {
				t.Errorf("summaries want -, got +:\n%s", diff)
			}
			if open != 2 {
				t.Errorf("%d jobs are open, want 2", open)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if _, err := q.Open(t.Context(), member); err == nil {
			t.Error("a member counted the jobs")
		}
	})
}
