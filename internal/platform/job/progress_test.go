package job

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
)

// TestProgressThatCouldNotBeStoredIsStoredNextTime fails a flush once.
func TestProgressThatCouldNotBeStoredIsStoredNextTime(t *testing.T) {
	storetest.Each(t, []store.Migrations{Migrations()}, func(t *testing.T, db *store.DB) {
		q := New(db, Config{})
		q.note(1, 3, 10, "reading")
		q.note(2, 10, 10, "storing")
		q.finished(2)
		broken, cancel := context.WithCancel(t.Context())
		cancel()
		if err := q.flush(broken); err == nil {
			t.Fatal("stored with a context that had ended")
		}
		if err := q.flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, err := store.Collect(func(row store.Scanner) (one [3]int64, err error) { return one, row.Scan(&one[0], &one[1], &one[2]) })(
			db.Query(t.Context(), "SELECT job_id, done, total FROM job_progress ORDER BY job_id"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([][3]int64{{1, 3, 10}, {2, 10, 10}}, got); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
		if len(q.progress) != 1 || q.progress[1].changed {
			t.Errorf("kept in memory: %+v", q.progress)
		}
	})
}
