package jobs_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/estate"
	"steward/internal/feature/jobs"
	"steward/internal/platform/access"
	"steward/internal/platform/api"
	"steward/internal/platform/audit"
	"steward/internal/platform/config"
	"steward/internal/platform/fault"
	"steward/internal/platform/job"
	"steward/internal/platform/mount"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
	"steward/internal/platform/web"
	"steward/internal/platform/web/webtest"
)

var (
	tester  = access.System("test")
	admin   = access.As("a", "admin", access.Admin)
	auditor = access.As("c", "auditor", access.Auditor)
	member  = access.As("m", "member", access.Member)
)

const hostile = `<script>alert(1)</script>`

func migrations() []store.Migrations {
	est := estate.New(mount.Platform{}, estate.Config{}).Mount()
	return []store.Migrations{
		{Feature: "search", FS: search.Migrations},
		{Feature: "config", FS: config.Migrations},
		audit.Migrations(), job.Migrations(),
		{Feature: est.Name, FS: est.Migrations},
	}
}

// office has two repositories that cannot be read and one that can.
func office(t *testing.T, db *store.DB) (*jobs.Feature, *job.Queue) {
	t.Helper()
	q := job.New(db, job.Config{Workers: 1, Backoff: func(int) time.Duration { return time.Millisecond }})
	q.Handle("estate.read", func(_ context.Context, j *job.Job) error {
		j.Progress(3, 9, "reading "+hostile)
		if j.Key == "3" {
			return nil
		}
		return fault.New(fault.Unavailable, "the disk says "+hostile+strings.Repeat(" long", 200))
	}, job.MaxAttempts(1))
	err := db.Tx(t.Context(), func(tx *store.Tx) error {
		for i, name := range []string{hostile, "ledger", "gateway"} {
			id := int64(i + 1)
			visibility := "internal"
			if id == 2 {
				visibility = "restricted"
			}
			if _, err := tx.Exec(t.Context(), `INSERT INTO repository (id, uid, name, visibility, created_at, state) VALUES ($1, $2, $3, $4, 1, 'waiting')`,
				id, "u"+string(rune('0'+id)), name, visibility); err != nil {
				return err
			}
			if err := q.Enqueue(t.Context(), tx, "estate.read", string(rune('0'+id)), nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return jobs.New(mount.Platform{DB: db, Queue: q}), q
}

func run(t *testing.T, q *job.Queue) {
	t.Helper()
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := q.Stop(stop); err != nil {
			t.Error(err)
		}
	})
	for range 600 {
		open, err := q.List(t.Context(), tester, job.Filter{States: []job.State{job.Waiting, job.Running, job.Retrying}})
		if err != nil {
			t.Fatal(err)
		}
		if len(open) == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the queue did not come to rest within 12 s")
}

func TestJobsAreNamedAfterWhatTheyAreAbout(t *testing.T) {
	storetest.Each(t, migrations(), func(t *testing.T, db *store.DB) {
		f, q := office(t, db)
		run(t, q)
		entries, err := f.List(t.Context(), auditor, job.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, e := range entries {
			reason, _, _ := strings.Cut(e.Error, " long")
			got = append(got, strings.Join([]string{e.About, e.Href, string(e.State), e.What(), reason}, "|"))
		}
		want := []string{
			"gateway|/repositories/u3|done|Read a repository|",
			"ledger|/repositories/u2|failed|Read a repository|the disk says " + hostile,
			hostile + "|/repositories/u1|failed|Read a repository|the disk says " + hostile,
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		if _, err := f.List(t.Context(), member, job.Filter{}); !isDenied(err) {
			t.Errorf("a member lists jobs: %v", err)
		}
		if _, err := f.Find(t.Context(), admin, 999); fault.HTTPStatus(err) != http.StatusNotFound {
			t.Errorf("a job that is not there: %v", err)
		}
	})
}

func isDenied(err error) bool { return fault.HTTPStatus(err) == http.StatusForbidden }

func TestPageShowsWaitingFailedAndDone(t *testing.T) {
	storetest.Each(t, migrations(), func(t *testing.T, db *store.DB) {
		f, q := office(t, db)
		hub := func(v access.Viewer) *webtest.Hub { return webtest.New(t, v, f.Mount().Pages) }
		_, body := hub(admin).Get("/jobs")
		mustHold(t, body, `hx-trigger="every 2s"`, "3 waiting", "ledger", "Cancel")
		if status, _ := hub(member).Get("/jobs"); status != http.StatusForbidden {
			t.Errorf("a member gets %d", status)
		}
		run(t, q)
		_, body = hub(admin).Get("/jobs")
		mustHold(t, body, "2 failed", "/repositories/u2", "gateway", "&lt;script&gt;", "failed while reading", `action="/jobs/2/retry"`)
		mustNotHold(t, body, "every 2s", hostile)
		_, body = hub(auditor).Get("/jobs/now")
		mustHold(t, body, `id="jobs"`, "ledger")
		mustNotHold(t, body, "/retry", "<html")
		_, body = hub(admin).Get("/jobs?state=failed&before=2")
		mustHold(t, body, "1 job on this page", "Newest")
		if status, _ := hub(admin).Get("/jobs?state=" + url.QueryEscape(hostile)); status != http.StatusNotFound {
			t.Errorf("a state that is none: %d", status)
		}
		status, to, _ := hub(admin).Post("/jobs/2/retry", nil)
		if status != http.StatusSeeOther || to != "/jobs" {
			t.Errorf("retry: %d %s", status, to)
		}
		if status, _, _ = hub(auditor).Post("/jobs/2/retry", nil); status != http.StatusForbidden {
			t.Errorf("an auditor retries: %d", status)
		}
		for _, id := range []string{"77", "x", "-1"} {
			if status, _, _ = hub(admin).Post("/jobs/"+id+"/cancel", nil); status != http.StatusNotFound {
				t.Errorf("cancel %s: %d", id, status)
			}
		}
	})
}

// TestJobsAreExported: all that the address asks for, with the same rights and names as on the page.
func TestJobsAreExported(t *testing.T) {
	storetest.Each(t, migrations(), func(t *testing.T, db *store.DB) {
		f, q := office(t, db)
		run(t, q)
		ids := func(v access.Viewer, address string) (out []int64) {
			_, body := webtest.New(t, v, f.Mount().Pages).Get(address)
			var all []jobs.Entry
			if err := json.Unmarshal([]byte(body), &all); err != nil {
				t.Fatalf("%s: %v\n%s", address, err, body)
			}
			for _, e := range all {
				out = append(out, e.ID)
			}
			return out
		}
		got := map[string][]int64{}
		for _, query := range []string{"", "?state=failed", "?state=failed&state=done", "?kind=estate.read&state=done", "?kind=estate.look", "?before=2"} {
			got[query] = ids(admin, "/jobs.json"+query)
		}
		want := map[string][]int64{"": {3, 2, 1}, "?state=failed": {2, 1}, "?state=failed&state=done": {3, 2, 1}, "?kind=estate.read&state=done": {3}, "?kind=estate.look": nil, "?before=2": {3, 2, 1}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("exported, want -, got +:\n%s", diff)
		}
		_, body := webtest.New(t, auditor, f.Mount().Pages).Get("/jobs.csv?state=failed")
		rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
		if err != nil || len(rows) != 3 || rows[0][0] != "id" || rows[1][2] != "ledger" || rows[2][2] != hostile || !strings.Contains(rows[1][14], "the disk says") {
			t.Errorf("as CSV: %v, %q", err, rows)
		}
		for address, status := range map[string]int{"/jobs.csv": 403, "/jobs.json": 403} {
			if got, _ := webtest.New(t, member, f.Mount().Pages).Get(address); got != status {
				t.Errorf("a member gets %d at %s", got, address)
			}
		}
		if got, _ := webtest.New(t, admin, f.Mount().Pages).Get("/jobs.csv?state=odd"); got != http.StatusNotFound {
			t.Errorf("a state that is none: %d", got)
		}
		_, body = webtest.New(t, admin, f.Mount().Pages).Get("/jobs?kind=estate.read&state=done")
		mustHold(t, body, "1 job on this page", "/jobs.csv?kind=estate.read&amp;state=done", "Read a repository", "/jobs?state=done", "/jobs?kind=estate.read&amp;state=failed")
	})
}

func TestEmptyPageSaysWhatToDo(t *testing.T) {
	storetest.Each(t, migrations(), func(t *testing.T, db *store.DB) {
		f := jobs.New(mount.Platform{DB: db, Queue: job.New(db, job.Config{})})
		h := webtest.New(t, admin, f.Mount().Pages)
		_, body := h.Get("/jobs")
		mustHold(t, body, "No jobs yet", "Add a source")
		_, body = h.Get("/jobs?state=done")
		mustHold(t, body, "No job is like this")
	})
}

func TestProgramsReadJobs(t *testing.T) {
	storetest.Each(t, migrations(), func(t *testing.T, db *store.DB) {
		f, q := office(t, db)
		run(t, q)
		mounted := func(v access.Viewer) *webtest.Hub {
			return webtest.New(t, v, func(s *web.Server) {
				a := api.New(api.Config{})
				f.Mount().API(a.Operations())
				s.Mount("/api/v1/", a)
			})
		}
		status, body := mounted(admin).Get("/api/v1/jobs?state=failed&limit=1")
		if status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
		mustHold(t, body, `"about":"ledger"`, `"next_before":2`, `"state":"failed"`)
		for address, want := range map[string]int{"/api/v1/jobs/2": 200, "/api/v1/jobs/99": 404, "/api/v1/jobs/x": 422, "/api/v1/jobs?limit=0": 422, "/api/v1/jobs?state=odd": 422, "/api/v1/jobs?nothing=1": 422, "/api/v1/none": 404} {
			if status, body := mounted(admin).Get(address); status != want {
				t.Errorf("%s: %d, want %d\n%s", address, status, want, body)
			}
		}
		if status, body := mounted(member).Get("/api/v1/jobs"); status != http.StatusForbidden {
			t.Errorf("a member gets %d %s", status, body)
		}
	})
}

func mustHold(t *testing.T, body string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(body, text) {
			t.Errorf("%q is missing from\n%s", text, body)
		}
	}
}

func mustNotHold(t *testing.T, body string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(body, text) {
			t.Errorf("%q is in\n%s", text, body)
		}
	}
}
