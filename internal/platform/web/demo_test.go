package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/fault"
	"steward/internal/platform/listing"
	"steward/internal/platform/store"
	"steward/internal/platform/view"
	"steward/internal/platform/web"
	"steward/internal/platform/web/signed"
)

// The demo is a small feature made for these tests: a list, a record, a form, all hooks of home.

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

var (
	admin   = access.As("a-1", "Ann Archer", access.Admin)
	member  = access.As("a-2", "Ben Baker", access.Member)
	auditor = access.As("a-3", "Cas Cole", access.Auditor)
)

// who signs in whoever the header names.
type who map[string]access.Viewer

func (w who) Viewer(r *http.Request) (access.Viewer, error) {
	name := r.Header.Get("X-Who")
	if c, err := r.Cookie("who"); err == nil && name == "" {
		name = c.Value
	}
	if name == "unlucky" {
		return access.Viewer{}, errors.New("postgres://user:password@db does not answer")
	}
	return w[name], nil
}

var things = listing.Spec{
	Name: "things", Title: "Things", Noun: "thing", Plural: "things",
	From: "demo_thing t", Key: "t.id", KeyKind: listing.Number,
	Where:  func(v access.Viewer) string { return v.Where("t.visibility") },
	Search: []string{"t.name", "t.path"},
	Columns: []listing.Column{
		{Key: "name", Label: "Thing", SQL: "t.name", Sort: true, Link: "/things/{id}"},
		{Key: "path", Label: "Path", SQL: "t.path", Context: true},
		{Key: "owner", Label: "Owner", SQL: "t.owner", Kind: listing.Owner, Sort: true, Priority: 2, Unknown: "No owner"},
		{Key: "languages", Label: "Languages", SQL: "t.languages", Kind: listing.Split, Priority: 3},
		{Key: "licence", Label: "Licence", SQL: "t.licence", Sort: true, Priority: 3, Unknown: "No file"},
		{Key: "packages", Label: "Packages", SQL: "t.packages", Kind: listing.Number, Sort: true, Priority: 3},
		{Key: "size", Label: "Size", SQL: "t.size", Kind: listing.Bytes, Sort: true, Priority: 4},
		{Key: "commits", Label: "12 months", SQL: "t.commits", Kind: listing.Spark, Priority: 4},
		{Key: "lifecycle", Label: "Lifecycle", SQL: "t.lifecycle", Kind: listing.Badge, Tones: map[string]string{"production": "good", "deprecated": "warn", "experimental": "info"}, Sort: true},
		{Key: "changed_at", Label: "Last change", SQL: "t.changed_at", Kind: listing.Time, Sort: true, Priority: 2},
		{Key: "id", SQL: "t.uid", Hidden: true},
	},
	Filters: []listing.Filter{
		{Key: "owner", Label: "Owner", SQL: "t.owner", Unknown: "No owner"},
		{Key: "lifecycle", Label: "Lifecycle", SQL: "t.lifecycle", Choices: []listing.Choice{{Value: "production", Label: "production"}, {Value: "deprecated", Label: "deprecated"}}},
		{Key: "packages", Label: "Packages", SQL: "t.packages", Kind: listing.Range},
		{Key: "changed", Label: "Last change", SQL: "t.changed_at", Kind: listing.When},
		{Key: "restricted", Label: "Restricted", SQL: "t.visibility = 'restricted'", Kind: listing.Yes},
	},
	Views: []listing.View{
		{Key: "no-owner", Label: "No owner", Where: "t.owner IS NULL"},
		{Key: "old", Label: "Unchanged two years", Where: "t.changed_at < 1732276800000000"},
	},
	Default: listing.Sort{Column: "changed_at", Desc: true},
	Empty:   listing.Empty{Title: "No things yet", Text: "Add one and it appears here.", Label: "Add a thing", Href: "/things/new"},
}

type thing struct {
	Name      string
	Notice    web.Notice
	Languages []web.Part
	Commits   []web.Point
	Packages  []web.Bar
	State     web.State
	Facts     []web.Fact
	Events    []web.Event
	Problems  []web.Problem
}

var languages = []web.Part{
	{Name: "Java", Value: 41},
	{Name: "TypeScript", Value: 19},
	{Name: "Python", Value: 12},
	{Name: "Go", Value: 9},
	{Name: "C#", Value: 7},
	{Name: "Kotlin", Value: 5},
	{Name: "SQL", Value: 3},
	{Name: "Zig", Value: 2},
	{Name: "Nim", Value: 2},
}

var packages = []web.Bar{{Name: "slf4j-api", Href: "/packages/1", Value: 412}, {Name: "jackson-databind", Href: "/packages/2", Value: 388}, {Name: "react", Href: "/packages/3", Value: 171}, {Name: "golang.org/x/net", Value: 61}}

func commits() []web.Point {
	var out []web.Point
	for i := range 24 {
		at := noon.AddDate(0, i-23, 0)
		out = append(out, web.Point{Label: at.Format("Jan 2006"), Value: float64(1500 + (i*397)%1300)})
	}
	return out
}

func demoThing() thing {
	return thing{
		Name:      "payments-ledger",
		Notice:    web.Notice{Tone: "info", Word: "Reading", Text: "2 repositories, about 3 minutes left.", Bar: &web.Progress{What: "Repositories read", Done: 412, Total: 421}, Action: web.Action{Label: "Follow in Jobs", Href: "/jobs"}},
		Languages: languages, Commits: commits(), Packages: packages,
		State: web.State{Title: "No forks found yet", Text: "Steward compares your code with the public projects that your packages name.", Action: web.Action{Label: "Follow in Jobs", Href: "/jobs", Main: true}},
		Facts: []web.Fact{
			{Label: "Owner", Value: "payments-core", Href: "/teams/1", Source: web.Written, From: "CODEOWNERS, line 3", Where: "/x", At: noon.Add(-time.Hour)},
			{Label: "Licence", Value: "Apache-2.0", Source: web.Measured, From: "LICENSE", At: noon.Add(-time.Hour)},
			{Label: "Application"},
		},
		Events:   []web.Event{{Tone: "good", Label: "payments-ledger", Href: "/things/1", Text: "was read", At: noon.Add(-4 * time.Minute)}, {Tone: "bad", Label: "trade-archive", Text: "could not be read", At: noon.AddDate(0, -4, 0)}},
		Problems: []web.Problem{{Field: "name", Text: "A name is at least three letters long."}},
	}
}

// mountDemo mounts the feature as any other would.
func mountDemo(s *web.Server, db *store.DB) {
	s.Templates("demo", os.DirFS("testdata/demo"))
	s.Nav(web.Nav{Area: web.Estate, Order: 10, Label: "Things", Icon: "component", Path: "/things", Needs: access.ReadEstate, Count: func(context.Context, access.Viewer) (web.Count, error) { return web.Count{N: 1184}, nil }})
	s.Nav(web.Nav{Area: web.Health, Order: 10, Label: "Vulnerabilities", Icon: "vuln", Path: "/vulnerabilities", Count: func(context.Context, access.Viewer) (web.Count, error) { return web.Count{N: 17, Due: true}, nil }})
	s.Nav(web.Nav{Area: web.Estate, Order: 20, Label: "Broken", Icon: "graph", Path: "/broken", Count: func(context.Context, access.Viewer) (web.Count, error) { panic("hook") }})
	s.Nav(web.Nav{Area: web.Estate, Order: 30, Label: "Empty", Icon: "path", Path: "/empty", Filled: true, Count: func(context.Context, access.Viewer) (web.Count, error) { return web.Count{}, nil }})
	s.Nav(web.Nav{Area: web.Estate, Order: 40, Label: "Not known", Icon: "path", Path: "/unknown", Filled: true, Count: func(context.Context, access.Viewer) (web.Count, error) { return web.Count{}, errors.New("late") }})
	s.Nav(web.Nav{Area: web.Estate, Order: 50, Label: "Used", Icon: "path", Path: "/used", Filled: true, Count: func(context.Context, access.Viewer) (web.Count, error) { return web.Count{N: 2}, nil }})
	s.Nav(web.Nav{Area: web.Foot, Order: 10, Label: "Jobs", Icon: "job", Path: "/jobs", Needs: access.ReadJobs})
	s.List(things, db, web.ListOptions{
		Area: web.Estate, Needs: access.ReadEstate, ActNeeds: access.LinkRecords, PickKey: "id",
		Actions: []web.Action{{Label: "Add a thing", Href: "/things/new", Icon: "plus", Main: true}}, Selection: []web.Action{{Label: "Assign owner", Href: "/things/assign"}},
	})
	s.Page("/things/{id}", access.ReadEstate, func(r *web.Request) (web.Page, error) {
		if r.PathValue("id") == "none" {
			return web.Page{}, fault.New(fault.NotFound, "There is no such thing. Look for it in the list.")
		}
		return web.Page{
			Title: "payments-ledger", Lede: "Keeps every posting of the retail bank.", Badges: []web.Badge{{Word: "service"}, {Tone: "good", Word: "production"}},
			Crumbs: []web.Crumb{{Label: "Estate"}, {Label: "Things", Href: "/things"}}, Actions: []web.Action{{Label: "Read again", Href: "/things/1/read", Post: true, Main: true}},
			Tabs: []web.Tab{{Label: "Overview", Href: "/things/1", Current: true}, {Label: "Packages", Href: "/things/1/packages", Count: "214"}}, Template: "demo/thing", Data: demoThing(), API: "/api/v1/things/1",
		}, nil
	})
	s.Post("/things/{id}/rename", access.LinkRecords, func(r *web.Request) (web.Done, error) {
		if name := r.PostForm.Get("name"); len(name) < 3 {
			return web.Done{Again: &web.Page{Title: "Rename", Template: "demo/thing", Data: demoThing()}}, nil
		}
		return web.Done{To: "/things/1", Toast: web.Toast{Text: "It is now called " + r.PostForm.Get("name") + ".", Undo: "/things/1/undo"}}, nil
	})
	s.Post("/elsewhere", "", func(*web.Request) (web.Done, error) { return web.Done{To: "//evil.example/"}, nil })
	s.Page("/ours", "", func(*web.Request) (web.Page, error) { return web.Page{}, errors.New("secret cause") })
	s.Page("/panics", "", func(*web.Request) (web.Page, error) { panic("secret panic") })
	s.Page("/admin-only", access.ManageSettings, func(*web.Request) (web.Page, error) { return web.Page{Title: "Settings"}, nil })
	s.Mount("/api/v1/me", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, signed.Viewer(r.Context()).Name()) }))
	s.Public("GET /login", func(w http.ResponseWriter, r *http.Request) error {
		return s.Bare(w, r, web.Page{Title: "Sign in", Template: "demo/login"})
	})
	mountHome(s)
}

func mountHome(s *web.Server) {
	s.Home(func(context.Context, access.Viewer) (web.Front, error) {
		return web.Front{
			Title: "The estate", Lede: "412 of 421 repositories read.", Actions: []web.Action{{Label: "Add repositories", Href: "/sources/new", Icon: "plus", Main: true}},
			Notices: []web.Notice{{Tone: "info", Word: "Reading", Text: "9 repositories, about 3 minutes left. What is shown is true of the 412 already read.", Bar: &web.Progress{What: "Repositories read", Done: 412, Total: 421}, Action: web.Action{Label: "Follow in Jobs", Href: "/jobs"}}},
		}, nil
	})
	for i, label := range []string{"Repositories", "Components", "Packages", "Licences", "Teams", "Forks"} {
		s.Figure(web.Figure{Order: i, Of: func(context.Context, access.Viewer) (web.Amount, error) {
			return web.Amount{Label: label, Href: "/things", Value: fmt.Sprint(421 - i*60), Change: "+6 in 30 days", Series: []float64{3, 4, 5, 5, 6, 7, 8, 9, 9, 10, 11, 12}, Sentence: label + " over 12 months, rising"}, nil
		}})
	}
	s.Attention(func(context.Context, access.Viewer) ([]web.Item, error) {
		return []web.Item{
			{Urgency: web.Look, Count: 38, Title: "Components without an owner", Reason: "no CODEOWNERS, no catalogue entry, no change by one team", Href: "/things?view=no-owner", Whose: "nobody", Change: "−11", Step: "Suggest owners"},
			{Urgency: web.Act, Count: 3, Title: "Repositories that could not be read", Reason: "bad object in trade-archive, and 2 more", Href: "/things", Whose: "infra-git", Change: "−1", Step: "See the errors"},
			{Urgency: web.Settle, Count: 9, Title: "Owners on which sources disagree", Href: "/things", Whose: "6 teams", Step: "Settle"},
			{Urgency: web.Know, Count: 57, Title: "Components unchanged for two years", Href: "/things?view=old", Step: "Show"},
			{Urgency: web.Know, Count: 0, Title: "Nothing of this kind", Href: "/things"},
		}, nil
	})
	s.Attention(func(context.Context, access.Viewer) ([]web.Item, error) { return nil, errors.New("cannot say") })
	s.Picture(web.Picture{Order: 1, Title: "Languages", Note: "by bytes", Template: "demo/languages", Of: func(context.Context, access.Viewer) (any, error) { return languages, nil }})
	s.Picture(web.Picture{Order: 2, Title: "Commits a month", Wide: true, Template: "demo/commits", Of: func(context.Context, access.Viewer) (any, error) { return commits(), nil }})
	s.Picture(web.Picture{Order: 3, Title: "Most used packages", Side: true, More: web.Action{Label: "All 9,642", Href: "/packages"}, Template: "demo/packages", Of: func(context.Context, access.Viewer) (any, error) { return packages, nil }})
	s.Picture(web.Picture{Order: 4, Title: "Slow one", Side: true, Template: "demo/packages", Of: func(ctx context.Context, _ access.Viewer) (any, error) { <-ctx.Done(); return nil, ctx.Err() }})
	s.News(func(context.Context, access.Viewer) ([]web.Event, error) { return demoThing().Events, nil })
	s.Working(func(context.Context, access.Viewer) (web.Working, error) {
		return web.Working{Text: "9 being read", Href: "/jobs"}, nil
	})
	s.Finder(web.Finder{Find: func(_ context.Context, _ access.Viewer, typed, kind string, limit int) (web.Found, error) {
		if typed == "none" {
			return web.Found{}, nil
		}
		return web.Found{
			Total: web.Count{N: 2}, Kinds: []web.HitKind{{Key: "component", Label: "Components", Count: web.Count{N: 2}}},
			Hits: []web.Hit{{Kind: "component", Icon: "component", Title: "payments-ledger", Href: "/things/1", Text: "payments/ledger-core", Meta: "payments-core"}, {Kind: "package", Icon: "no such", Title: "<b>log4j</b>", Href: "/packages/9"}},
		}, nil
	}})
}

// demoDB holds 60 things: every third without an owner, the last two restricted.
func demoDB(t testing.TB) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), store.Config{Path: filepath.Join(t.TempDir(), "demo.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := store.Migrate(t.Context(), db, []store.Migrations{{Feature: "demo", FS: os.DirFS("testdata/demo")}, {Feature: "view", FS: view.Migrations}, audit.Migrations()}); err != nil {
		t.Fatal(err)
	}
	var rows [][]any
	owners := []any{"payments-core", nil, "treasury-rates", "cards-digital"}
	lifecycles := []any{"production", "production", "deprecated", "experimental", nil}
	names := []string{"payments-ledger", "fx-gateway", "rates-curve-lib", "cards-portal", "onboarding-flow", "trade-archive"}
	for i := range 60 {
		visibility, changed := "internal", any(noon.Add(-time.Duration(i*i)*time.Hour).UnixMicro())
		if i >= 58 {
			visibility = "restricted"
		}
		if i%7 == 6 {
			changed = nil
		}
		name := names[i%len(names)]
		if i >= len(names) {
			name += fmt.Sprintf("-%d", i)
		}
		rows = append(rows, []any{
			int64(i + 1), fmt.Sprintf("t%02d", i+1), name, "payments/" + name, owners[i%4], []any{"Apache-2.0", "MIT", nil}[i%3],
			lifecycles[i%5], `{"Java":73,"Kotlin":27}`, int64(i * 37), int64(i) * 1_234_567, "[1,3,2,5,8,2,4,5,6,7,3,9]", changed, visibility,
		})
	}
	columns := []string{"id", "uid", "name", "path", "owner", "licence", "lifecycle", "languages", "packages", "size", "commits", "changed_at", "visibility"}
	err = db.Tx(t.Context(), func(tx *store.Tx) error {
		for _, row := range rows {
			marks := make([]string, len(row))
			for i := range row {
				marks[i] = fmt.Sprintf("$%d", i+1)
			}
			if _, err := tx.Exec(t.Context(), "INSERT INTO demo_thing ("+strings.Join(columns, ", ")+") VALUES ("+strings.Join(marks, ", ")+")", row...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// newDemo returns the whole hub with the demo mounted and what it logs.
func newDemo(t testing.TB, log io.Writer) http.Handler {
	t.Helper()
	db := demoDB(t)
	now := func() time.Time { return noon }
	s := web.New(web.Config{
		Views: view.New(db, now), Firm: "Northwind Bank", Version: "0.1", Hosts: []string{"steward.example"}, Auth: who{"ann": admin, "ben": member, "cas": auditor},
		Logger: slog.New(slog.NewTextHandler(log, nil)), Now: now, MetricsSecret: "numbers",
	})
	mountDemo(s, db)
	h, err := s.Handler()
	if err != nil {
		t.Fatal(err)
	}
	return h
}
