package web_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/access"
	"steward/internal/platform/web"
	"steward/internal/platform/web/webtest"
)

// record has panels that behave in all ways; asked counts how often Show of each was called.
func record(asked map[string]*atomic.Int64) func(*web.Server) {
	forever := make(chan struct{}) // never closed: what ignores its time goes on
	panel := func(order int, id string, show func(context.Context) (string, bool), render func(context.Context) error) web.Panel[string] {
		asked[id] = &atomic.Int64{}
		return web.Panel[string]{
			ID: id, Title: "The " + id, Order: order,
			Show: func(ctx context.Context, _ access.Viewer, _ string) (string, bool) {
				asked[id].Add(1)
				return show(ctx)
			},
			Render: func(ctx context.Context, _ access.Viewer, record string, long bool) (string, any, error) {
				return "demo/login", nil, render(ctx)
			},
		}
	}
	yes := func(context.Context) (string, bool) { return "7", true }
	fine := func(context.Context) error { return nil }
	panels := []web.Panel[string]{
		panel(80, "last", yes, fine),
		panel(10, "first", yes, fine),
		panel(20, "nothing", func(context.Context) (string, bool) { return "0", false }, func(context.Context) error { panic("it has nothing to show") }),
		panel(30, "broken", yes, func(context.Context) error { return errors.New("secret cause") }),
		panel(40, "panics", yes, func(context.Context) error { panic("secret cause") }),
		panel(50, "slow", yes, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }),
		panel(60, "stuck", yes, func(context.Context) error { <-forever; return nil }),
		panel(70, "undecided", func(context.Context) (string, bool) { panic("secret cause") }, fine),
		panel(75, "pondering", func(context.Context) (string, bool) { <-forever; return "", true }, fine),
	}
	return func(s *web.Server) {
		mountDemo(s, nil)
		for _, pattern := range []string{"/records/{id}", "/records/{id}/{panel}"} {
			s.Page(pattern, "", func(r *web.Request) (web.Page, error) {
				page := web.Page{Title: r.PathValue("id"), API: "/api/v1/records"}
				return web.WithPanels(s, r, page, panels, page.Title, "/records/a", func(page web.Page, short []web.DrawnPanel) (web.Page, error) {
					var words []string
					for _, p := range short {
						how := "drawn"
						if p.Failed != "" {
							how = regexp.MustCompile(`E-[A-Z2-7]{8}`).ReplaceAllString(p.Failed, "E-")
						} else if p.Content == "" {
							how = "empty"
						}
						words = append(words, fmt.Sprintf("%s %s %s: %s", p.ID, p.Badge, p.More, how))
					}
					page.Lede = strings.Join(words, " | ")
					return page, nil
				})
			})
		}
	}
}

func TestPanelsAreAskedOnceAndFailAlone(t *testing.T) {
	asked := map[string]*atomic.Int64{}
	h := webtest.New(t, access.As("b", "Ben", access.Member), record(asked))
	status, body := h.Get("/records/a")
	if status != 200 {
		t.Fatalf("%d\n%s", status, body)
	}
	const broken, late = "This part failed; the rest of the page is right. If you report it, name E-.", "It takes longer than usual. Its own page waits for it."
	want := []string{
		"first 7 /records/a/first: drawn", "broken 7 /records/a/broken: " + broken, "panics 7 /records/a/panics: " + broken, "slow 7 /records/a/slow: " + late,
		"stuck 7 /records/a/stuck: " + late, "undecided  /records/a/undecided: " + broken, "pondering  /records/a/pondering: " + late, "last 7 /records/a/last: drawn",
	}
	lede := regexp.MustCompile(`first 7 [^<]*`).FindString(body)
	if diff := cmp.Diff(want, strings.Split(lede, " | ")); diff != "" {
		t.Errorf("short forms, want -, got +:\n%s", diff)
	}
	tabs := regexp.MustCompile(`href="/records/a(/[a-z]+)?"`).FindAllStringSubmatch(body, -1)
	var places []string
	for _, tab := range tabs {
		places = append(places, tab[1])
	}
	if diff := cmp.Diff([]string{"", "/first", "/broken", "/panics", "/slow", "/stuck", "/undecided", "/pondering", "/last"}, places); diff != "" {
		t.Errorf("tabs, want -, got +:\n%s", diff)
	}
	if strings.Contains(body, "secret cause") {
		t.Error("the page tells a cause")
	}
	for id, n := range asked {
		if n.Load() != 1 {
			t.Errorf("%s was asked %d times", id, n.Load())
		}
	}
	if status, body := h.Get("/records/a/last"); status != 200 || !strings.Contains(body, "Press the button") || strings.Contains(body, "drawn") {
		t.Errorf("the long form: %d\n%s", status, body)
	}
	for address, status := range map[string]int{"/records/a/broken": 500, "/records/a/panics": 500, "/records/a/none": 404} {
		if got, _ := h.Get(address); got != status {
			t.Errorf("%s: %d, want %d", address, got, status)
		}
	}
}
