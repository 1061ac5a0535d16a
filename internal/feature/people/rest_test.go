package people_test

import (
	"testing"
	"time"

	"steward/internal/platform/job"
	"steward/internal/platform/store"
)

// TestGroupingRests puts the grouping off while it rests, and not for a time that cannot be.
func TestGroupingRests(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		until := func(at string) []job.State {
			t.Helper()
			err := h.db.Tx(h.ctx, func(tx *store.Tx) error {
				_, err := tx.Exec(h.ctx, `INSERT INTO people_state (key, value) VALUES ('rest', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, at)
				return err
			})
			if err == nil {
				err = h.people.JoinAgain(h.ctx, admin)
			}
			if err != nil {
				t.Fatal(err)
			}
			for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
				var put int
				if err := h.db.QueryRow(h.ctx, `SELECT COUNT(*) FROM river_job WHERE kind = 'people.join' AND state = 'scheduled'`).Scan(&put); err != nil {
					t.Fatal(err)
				}
				all, err := h.queue.List(h.ctx, tester, job.Filter{Kinds: []string{"people.join"}})
				if err != nil {
					t.Fatal(err)
				}
				if len(all) > 0 && (put == 1 || all[0].State == job.Done) {
					var states []job.State
					for _, one := range all {
						states = append(states, one.State)
					}
					return states
				}
			}
			t.Fatal("waited in vain")
			return nil
		}
		now := time.Now()
		h.want("no time", until("soon"), []job.State{job.Done})
		h.want("a wrong clock", until(now.AddDate(1, 0, 0).Format(time.RFC3339)), []job.State{job.Done, job.Done})
		h.want("over", until(now.Add(-time.Second).Format(time.RFC3339)), []job.State{job.Done, job.Done, job.Done})
		h.want("resting", until(now.Add(5*time.Minute).Format(time.RFC3339)), []job.State{job.Waiting, job.Done, job.Done, job.Done})
	})
}
