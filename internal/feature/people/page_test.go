package people

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"steward/internal/feature/people/history"
	"steward/internal/platform/config"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
	"steward/internal/platform/web"
	"steward/internal/platform/web/webtest"
)

// pagesOf mounts the pages over a database that has settings only.
func pagesOf(t *testing.T) func(*web.Server) {
	db := storetest.Open(t, storetest.Fresh(t, store.SQLite), []store.Migrations{{Feature: "config", FS: config.Migrations}})
	f := New(mount.Platform{DB: db, Settings: config.New(db, time.Now), Log: slog.New(slog.DiscardHandler), Now: time.Now}, Config{})
	return f.mountPages
}

func TestTemplatesFitTheirData(t *testing.T) {
	webtest.Templates(t, pagesOf(t), map[string]any{"people/person": person{}, "people/team": teamPage{}, "people/history": historyView{}, "people/historypage": historyView{}, "people/months": []web.Point{}})
}

func TestTemplatesDrawAnything(t *testing.T) {
	s := web.New(web.Config{})
	pagesOf(t)(s)
	evil := `<script>alert(1)</script>"'>` + "\xff\x00" + strings.Repeat("long", 125)
	at := time.Date(2020, 2, 29, 0, 0, 0, 0, time.UTC)
	shown := Shown{UID: "u", Name: evil, Kind: "ours", Team: evil}
	views := map[string][]any{
		"people/person": {person{}, person{Person: Person{
			Shown: shown, Repositories: []Place{{"r", evil, "2019"}, {"r", evil, ""}}, Identities: []Identity{{1, evil, evil, evil, "ours", []string{evil}}, {}},
			Suggestions: []Suggestion{{shown, evil}},
		}, About: []web.Fact{{Label: "a", Value: evil}}, Erase: true, Teams: []web.Action{{Label: evil, Href: "/x"}}}},
		"people/team": {teamPage{}, teamPage{Team: TeamRecord{Team{UID: "t", Handle: evil, Title: evil}, []Shown{shown}, []Place{{"r", evil, ""}}}, Panels: []web.DrawnPanel{{ID: "x", Title: evil, Failed: evil}}}},
		"people/history": {historyView{Nothing: true}, historyView{}, historyView{
			Sentence: evil, Months: []web.Point{{Label: evil, Value: 1}}, Years: []web.Point{{Label: "2020", Value: -1}}, Count: 1,
			Releases: []history.Release{{Name: evil, At: at}, {Name: "v1"}}, Moving: []web.Bar{{Name: evil, Value: 3}},
		}},
		"people/historypage": {historyView{Nothing: true}, historyView{Count: 1, Releases: []history.Release{{Name: evil}}, Moving: []web.Bar{{Name: evil}}, Years: []web.Point{{Label: evil}, {Label: "b"}}}},
		"people/months":      {[]web.Point(nil), []web.Point{{Label: evil, Value: 5}}},
	}
	for name, all := range views {
		for _, data := range all {
			var out strings.Builder
			if err := s.Template(name).Execute(&out, data); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if strings.Contains(out.String(), "<script>") {
				t.Errorf("%s lets a script through", name)
			}
		}
	}
}

func TestChartEndsWhereTheHistoryDoes(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	months := []Month{{Month: 201801, Commits: 3}, {Month: 201902, Commits: 7}}
	points := chart(months, until(months, now, 24), 24)
	if len(points) != 24 || points[23].Label != "Feb 2019" || points[23].Short != "Feb ’19" || points[1].Short != "Apr ’17" || points[3].Short != "Jun" || points[23].Value != 7 || points[10].Label != "Jan 2018" || points[10].Value != 3 {
		t.Errorf("an old history: %+v", points)
	}
	months = append(months, Month{Month: 202609, Commits: 1})
	points = chart(months, until(months, now, 24), 24)
	if points[23].Label != "Nov 2026" || points[21].Value != 1 || points[0].Label != "Dec 2024" {
		t.Errorf("a living history: %+v", points)
	}
	if got := years(months); len(got) != 3 || got[2].Value != 1 {
		t.Errorf("years: %+v", got)
	}
}
