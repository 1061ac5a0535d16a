package history_test

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/report/history"
	"steward/internal/platform/access"
	"steward/internal/platform/measure"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
)

var (
	system = access.System("test")
	member = access.As("m", "member", access.Member)
)

func migrations() []store.Migrations {
	return []store.Migrations{{Feature: "report", FS: os.DirFS("..")}}
}

func put(t *testing.T, db *store.DB, v access.Viewer, s measure.Scope, day string, numbers map[string]int64) {
	t.Helper()
	var kept []measure.Kept
	for name, n := range numbers {
		kept = append(kept, measure.Kept{Group: "figure", Name: name, N: n}, measure.Kept{Group: "figure", Name: name, N: n + 100}) // said twice: the first counts
	}
	if err := db.Tx(t.Context(), func(tx *store.Tx) error { return history.Put(t.Context(), tx, v, s, day, kept) }); err != nil {
		t.Fatal(err)
	}
}

func TestChangeIsToldFromTheDaysThatAreKept(t *testing.T) {
	storetest.Each(t, migrations(), func(t *testing.T, db *store.DB) {
		whole, unit := measure.Scope{}, measure.Scope{Ref: "unit:u", Kind: "unit", ID: "u"}
		type answer struct {
			Changes      map[[2]string]int64
			Since, Until string
		}
		ask := func(v access.Viewer, s measure.Scope) answer {
			t.Helper()
			changes, since, until, err := history.Change(t.Context(), db, v, s)
			if err != nil {
				t.Fatal(err)
			}
			return answer{changes, since, until}
		}
		if diff := cmp.Diff(answer{}, ask(system, whole)); diff != "" {
			t.Errorf("nothing is kept: want -, got +:\n%s", diff)
		}
		put(t, db, system, whole, "2026-11-22", map[string]int64{"components": 90})
		if diff := cmp.Diff(answer{}, ask(system, whole)); diff != "" {
			t.Errorf("one day is no change: want -, got +:\n%s", diff)
		}
		put(t, db, system, whole, "2026-10-01", map[string]int64{"components": 10}) // before the window
		put(t, db, system, whole, "2026-10-30", map[string]int64{"components": 70, "gone": 1})
		put(t, db, system, whole, "2026-11-10", map[string]int64{"components": 80})
		put(t, db, system, whole, "2026-11-22", map[string]int64{"components": 60, "new": 4}) // again on the same day
		put(t, db, member, whole, "2026-10-30", map[string]int64{"components": 7})
		put(t, db, member, whole, "2026-11-22", map[string]int64{"components": 9})
		want := answer{map[[2]string]int64{{"figure", "components"}: -10}, "2026-10-30", "2026-11-22"}
		if diff := cmp.Diff(want, ask(system, whole)); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
		want.Changes = map[[2]string]int64{{"figure", "components"}: 2}
		if diff := cmp.Diff(want, ask(member, whole)); diff != "" {
			t.Errorf("a member is told of internal repositories alone: want -, got +:\n%s", diff)
		}
		if diff := cmp.Diff(answer{}, ask(system, unit)); diff != "" {
			t.Errorf("nothing is kept of the unit: want -, got +:\n%s", diff)
		}
		if day, err := history.Last(t.Context(), db, system); day != "2026-11-22" || err != nil {
			t.Errorf("the last day is %q, %v", day, err)
		}
	})
}

func TestCourseByMonthsAndWhatIsThinnedOut(t *testing.T) {
	storetest.Each(t, migrations(), func(t *testing.T, db *store.DB) {
		whole := measure.Scope{}
		for day, n := range map[string]int64{"2025-08-03": 1, "2025-08-31": 2, "2026-09-01": 3, "2026-09-15": 4, "2026-11-22": 6} {
			put(t, db, system, whole, day, map[string]int64{"components": n})
		}
		put(t, db, system, whole, "2026-10-02", map[string]int64{"repositories": 5})
		if err := db.Tx(t.Context(), func(tx *store.Tx) error {
			return history.Thin(t.Context(), tx, system, time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
		}); err != nil {
			t.Fatal(err)
		}
		n := func(n int64) *int64 { return &n }
		got, err := history.Of(t.Context(), db, system, whole)
		if err != nil {
			t.Fatal(err)
		}
		want := history.Course{
			Days: []string{"2025-08-31", "2026-09-15", "2026-10-02", "2026-11-22"}, First: "2025-08-31",
			Lines: []history.Line{
				{Group: "figure", Name: "components", Values: []*int64{n(2), n(4), nil, n(6)}},
				{Group: "figure", Name: "repositories", Values: []*int64{nil, nil, n(5), nil}},
			},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
}
