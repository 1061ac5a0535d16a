package report

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/report/history"
	"steward/internal/feature/report/sheet"
	"steward/internal/platform/access"
	"steward/internal/platform/job"
	"steward/internal/platform/listing"
	"steward/internal/platform/measure"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
	"steward/internal/platform/web"
	"steward/internal/platform/web/webtest"
)

var update = flag.Bool("update", false, "renew the golden files")

var (
	member = access.As("m", "member", access.Member)
	admin  = access.As("a", "admin", access.Admin)
)

// things is a list of which a member sees two of three rows.
var things = listing.Spec{
	Name: "things", Title: "Things", Noun: "thing", Plural: "things", From: "thing r", Key: "r.id",
	Where:   func(v access.Viewer) string { return v.Where("r.visibility") },
	Columns: []listing.Column{{Key: "name", Label: "Name", SQL: "r.name", Sort: true}},
	Filters: []listing.Filter{{Key: "name", Label: "Name", SQL: "r.name"}},
}

const hostile = "=1+1 <script>alert(1)</script> \u202eevil"

func sections() []measure.Section {
	return []measure.Section{
		{ID: "late", Order: 30, Title: "Broken", Of: func(context.Context, access.Viewer, measure.Desk) (measure.Part, error) {
			return measure.Part{}, errors.New("secret of the database")
		}},
		{ID: "panics", Order: 40, Title: "Panics", Of: func(context.Context, access.Viewer, measure.Desk) (measure.Part, error) { panic("oops") }},
		{ID: "things", Order: 10, Title: "Things", Of: func(ctx context.Context, v access.Viewer, d measure.Desk) (measure.Part, error) {
			figures, err := d.Figures(ctx, v, measure.Wanted{Key: "things", Label: "Things", List: "things", Care: &measure.Care{Urgency: 2, Title: "Things that are", Reason: "they want care", Step: "Look at them"}})
			if err != nil {
				return measure.Part{}, err
			}
			values, err := d.Values(ctx, v, "things", "", "name", 10)
			part := measure.Part{Lede: "All of them.", Figures: figures, Table: measure.Table{Columns: []measure.Column{{Label: "Name"}, {Label: "Count", Right: true}, {Label: "Owner"}}}}
			for _, one := range values {
				part.Table.Rows = append(part.Table.Rows, measure.Row{Kept: &measure.Kept{Group: "thing", Name: one.Value, N: one.N}, Cells: []measure.Cell{measure.Text(one.Label, ""), measure.Counted(one.Number), measure.Text("", "")}})
			}
			return part, err
		}},
	}
}

func each(t *testing.T, f func(t *testing.T, feature *Feature, db *store.DB)) {
	all := []store.Migrations{{Feature: "report", FS: migrations}, job.Migrations()}
	storetest.Each(t, all, func(t *testing.T, db *store.DB) {
		if err := db.Tx(t.Context(), func(tx *store.Tx) error {
			for _, text := range []string{
				`CREATE TABLE thing (id text PRIMARY KEY, name text NOT NULL, visibility text NOT NULL)`,
				`INSERT INTO thing VALUES ('1', 'alpha', 'internal'), ('3', 'vault', 'restricted')`,
			} {
				if _, err := tx.Exec(t.Context(), text); err != nil {
					return err
				}
			}
			_, err := tx.Exec(t.Context(), `INSERT INTO thing VALUES ('2', $1, 'internal')`, hostile)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		p := mount.Platform{DB: db, Now: func() time.Time { return webtest.Noon }}
		f(t, New(p, Config{Sections: sections(), Lists: func() []web.Listed { return []web.Listed{{Spec: things, Needs: access.ReadEstate}} }}), db)
	})
}

func TestSheetAsAFileHoldsWhatEachReaderMaySee(t *testing.T) {
	each(t, func(t *testing.T, f *Feature, _ *store.DB) {
		for name, v := range map[string]access.Viewer{"member": member, "admin": admin} {
			s, err := f.Take(t.Context(), v, "")
			if err != nil {
				t.Fatal(err)
			}
			s.Base = "https://steward.example.com"
			var out strings.Builder
			if err := writeHTML(&out, s); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", name+".html")
			if *update {
				if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatalf("%v: renew it with -update", err)
			}
			if diff := cmp.Diff(string(want), out.String()); diff != "" {
				t.Errorf("%s: want -, got +:\n%s", golden, diff)
			}
			for _, never := range []string{"<script", "secret of the database", "oops"} {
				if strings.Contains(out.String(), never) {
					t.Errorf("%s holds %q", golden, never)
				}
			}
			if holds := strings.Contains(out.String(), "vault"); holds != (name == "admin") {
				t.Errorf("%s tells of what is restricted: %v", golden, holds)
			}
		}
	})
}

func TestPageNamesWhatIsMissingAndShowsTheRest(t *testing.T) {
	each(t, func(t *testing.T, f *Feature, _ *store.DB) {
		hub := webtest.New(t, member, func(s *web.Server) {
			f.mountPages(s)
			s.List(things, f.db, web.ListOptions{Needs: access.ReadEstate})
		})
		status, body := hub.Get("/report")
		for _, want := range []string{"Nothing is here of: Broken, Panics.", `<a href="/things">2</a>`, "Things that are", "It could not be counted; the log of Steward says why.", "Restricted repositories are not counted", `href="/report.html"`} {
			if status != http.StatusOK || !strings.Contains(body, want) {
				t.Errorf("%d: the page lacks %q", status, want)
			}
		}
		status, body = hub.Get("/report.json")
		var got sheet.Sheet
		if err := json.Unmarshal([]byte(body), &got); status != http.StatusOK || err != nil {
			t.Fatalf("%d, %v", status, err)
		}
		want := []sheet.Todo{{Urgency: 2, Count: sheet.Number{N: 2, Href: "/things"}, Title: "Things that are", Reason: "they want care", Step: "Look at them"}}
		if diff := cmp.Diff(want, got.First); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
		if status, _ = hub.Get("/report?scope=unit:Nowhere"); status != http.StatusNotFound {
			t.Errorf("a scope that is not there answers %d", status)
		}
		if status, body = hub.Get("/report/over-time"); status != http.StatusOK || !strings.Contains(body, "Nothing is kept yet") {
			t.Errorf("%d: the page over time does not say that nothing is kept", status)
		}
	})
}

func TestFiguresAreKeptOnceADay(t *testing.T) {
	each(t, func(t *testing.T, f *Feature, db *store.DB) {
		day := webtest.Noon.AddDate(0, 0, -9)
		f.now = func() time.Time { return day }
		ready := false
		f.config.Read = func(context.Context, access.Viewer) (bool, error) { return ready, nil }
		due := func() string {
			t.Helper()
			key, err := f.due(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return key
		}
		if got := due(); got != "" {
			t.Errorf("figures of %q are due before everything has been read", got)
		}
		ready = true
		put := func() {
			t.Helper()
			for _, v := range readers() {
				kept, err := f.count(t.Context(), v, measure.Scope{})
				if err != nil {
					t.Fatal(err)
				}
				if err := db.Tx(t.Context(), func(tx *store.Tx) error {
					return history.Put(t.Context(), tx, v, measure.Scope{}, f.today(), kept)
				}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if got := due(); got != "2026-11-13" {
			t.Errorf("due is %q", got)
		}
		put()
		if got := due(); got != "" {
			t.Errorf("figures of %q are due again", got)
		}
		day = webtest.Noon
		if err := db.Tx(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO thing VALUES ('4', 'alpha', 'restricted'), ('5', 'alpha', 'internal')`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		put()
		got := map[string]string{}
		for name, v := range map[string]access.Viewer{"member": member, "admin": admin} {
			s, err := f.Take(t.Context(), v, "")
			if err != nil {
				t.Fatal(err)
			}
			got[name] = s.Since + " " + s.Until + " " + s.Sections[0].Figures[0].Changed() + " " + s.Sections[0].Table.Rows[0].Changed()
		}
		want := map[string]string{"member": "2026-11-13 2026-11-22 +1 +1", "admin": "2026-11-13 2026-11-22 +2 +2"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
}

func TestTemplates(t *testing.T) {
	f := New(mount.Platform{Now: time.Now}, Config{})
	webtest.Templates(t, f.mountPages, map[string]any{"report/report": shown{}, "report/document": shown{}, "report/panel": &sheet.Sheet{}, "report/course": course{}})
}
