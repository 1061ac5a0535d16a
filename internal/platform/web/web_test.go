package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/access"
	"steward/internal/platform/listing"
	"steward/internal/platform/web"
	"steward/internal/platform/web/webtest"
)

// ask sends a request as somebody ("" is nobody) with further headers as name, value.
func ask(h http.Handler, as, method, address string, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://localhost"+address, strings.NewReader(body))
	if as != "" {
		r.Header.Set("X-Who", as)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestDemoTemplates(t *testing.T) {
	webtest.Templates(t, func(s *web.Server) { s.Templates("demo", os.DirFS("testdata/demo")) }, map[string]any{
		"demo/thing": thing{}, "demo/languages": []web.Part{}, "demo/packages": []web.Bar{}, "demo/commits": []web.Point{},
	})
}

func TestWhoGetsWhat(t *testing.T) {
	h := newDemo(t, io.Discard)
	cases := []struct {
		who, method, address string
		status               int
		holds                string // in body or Location
	}{
		{"", "GET", "/", 303, "/login"},
		{"", "GET", "/things?q=a", 303, "/login?next=%2Fthings%3Fq%3Da"},
		{"", "GET", "/nowhere", 303, "/login?next=%2Fnowhere"},
		{"", "GET", "/api/v1/things", 401, `"status":401`},
		{"", "GET", "/things.csv", 401, "Not signed in"},
		{"", "GET", "/api/v1/me", 401, "Not signed in"},
		{"", "POST", "/things/1/rename", 401, "Not signed in"},
		{"", "GET", "/login", 200, "Press the button"},
		{"", "GET", "/healthz", 200, "ok"},
		{"", "GET", "/readyz", 200, "ready"},
		{"", "GET", "/metrics", 403, "secret for metrics"},
		{"ben", "GET", "/metrics", 403, "secret for metrics"},
		{"ann", "GET", "/metrics", 200, "steward_http_request_seconds"},
		{"ben", "GET", "/", 200, "Needs attention"},
		{"ben", "GET", "/things", 200, "payments-ledger"},
		{"ben", "GET", "/things/none", 404, "There is no such thing."},
		{"ben", "GET", "/nowhere", 404, "There is no page at this address."},
		{"ben", "POST", "/nowhere", 404, "There is no page at this address."},
		{"ben", "GET", "/admin-only", 403, "Ask an administrator"},
		{"ann", "GET", "/admin-only", 200, "Settings"},
		{"cas", "POST", "/things/1/rename", 403, "may not link or correct records"},
		{"ben", "GET", "/api/v1/me", 200, "Ben Baker"},
		{"ben", "GET", "/ours", 500, "If you report it, name E-"},
		{"ben", "GET", "/panics", 500, "If you report it, name E-"},
		{"ben", "POST", "/elsewhere", 500, "If you report it, name E-"},
		{"ben", "GET", "/search", 200, "Type a name"},
		{"ben", "GET", "/search?q=none", 200, "Nothing matches “none”"},
		{"ben", "GET", "/search?q=pay", 200, "&lt;b&gt;log4j&lt;/b&gt;"},
		{"ben", "GET", "/search?q=%ff%00", 200, "Type a name"},
	}
	for _, c := range cases {
		w := ask(h, c.who, c.method, c.address, "")
		if got := w.Body.String() + w.Header().Get("Location"); w.Code != c.status || !strings.Contains(got, c.holds) {
			t.Errorf("%s %s as %q: %d, want %d with %q in\n%.600s", c.method, c.address, c.who, w.Code, c.status, c.holds, got)
		}
	}
}

func TestErrorsStayInside(t *testing.T) {
	var log bytes.Buffer
	h := newDemo(t, &log)
	for _, address := range []string{"/ours?token=stw_secret", "/panics?token=stw_secret"} {
		w := ask(h, "ben", "GET", address, "")
		id := regexp.MustCompile(`E-[A-Z2-7]{8}`).FindString(w.Body.String())
		if id == "" || !strings.Contains(log.String(), id) {
			t.Errorf("%s: id %q is not in the log", address, id)
		}
		if strings.Contains(w.Body.String(), "secret cause") || strings.Contains(w.Body.String(), "secret panic") {
			t.Errorf("%s tells its cause", address)
		}
	}
	if !strings.Contains(log.String(), "secret cause") || !strings.Contains(log.String(), "secret panic") {
		t.Errorf("causes are not in the log:\n%s", log.String())
	}
	if strings.Contains(log.String(), "stw_secret") {
		t.Error("the log holds what stood in a query")
	}
	w := ask(h, "ben", "GET", "/ours", "", "HX-Request", "true")
	if strings.Contains(w.Body.String(), "<html") || !strings.Contains(w.Body.String(), "notice bad") {
		t.Errorf("htmx gets a whole page:\n%s", w.Body)
	}
	w = ask(h, "ben", "GET", "/ours", "", "Accept", "application/json")
	if w.Header().Get("Content-Type") != "application/problem+json" || !json.Valid(w.Body.Bytes()) {
		t.Errorf("a program gets %s:\n%s", w.Header().Get("Content-Type"), w.Body)
	}
}

func TestGuards(t *testing.T) {
	h := newDemo(t, io.Discard)
	cases := []struct {
		name, method, address string
		headers               []string
		status                int
	}{
		{"own name", "GET", "/", []string{"Host", "steward.example"}, 200},
		{"loopback", "GET", "/", []string{"Host", "127.0.0.1:8080"}, 200},
		{"loopback of version 6", "GET", "/", []string{"Host", "[::1]:8080"}, 200},
		{"a name pointed here", "GET", "/", []string{"Host", "evil.example"}, 421},
		{"a name that begins like ours", "GET", "/", []string{"Host", "steward.example.evil"}, 421},
		{"no name", "GET", "/", []string{"Host", ""}, 421},
		{"a probe by number", "GET", "/healthz", []string{"Host", "10.0.0.7:7411"}, 200},
		{"form of another site", "POST", "/things/1/rename", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"form of another origin", "POST", "/things/1/rename", []string{"Origin", "https://evil.example"}, 403},
		{"own form", "POST", "/things/1/rename", []string{"Sec-Fetch-Site", "same-origin"}, 303},
	}
	for _, c := range cases {
		w := ask(h, "ben", c.method, c.address, "name=ledger", c.headers...)
		if w.Code != c.status {
			t.Errorf("%s: %d, want %d", c.name, w.Code, c.status)
		}
		if got := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(got, "default-src 'none'") || strings.Contains(got, "unsafe") {
			t.Errorf("%s: policy %q", c.name, got)
		}
	}
	w := ask(h, "ben", "POST", "/things/1/rename", "name="+strings.Repeat("x", 2<<20))
	if w.Code != 422 {
		t.Errorf("a form of 2 MB: %d, want 422", w.Code)
	}
	w = ask(h, "", "GET", "/metrics", "", "Authorization", "Bearer numbers")
	if w.Code != 200 || strings.Contains(w.Body.String(), "/things/none") {
		t.Errorf("metrics with the secret: %d\n%s", w.Code, w.Body)
	}
}

func TestFormThenPageWithToastOnce(t *testing.T) {
	h := newDemo(t, io.Discard)
	w := ask(h, "ben", "POST", "/things/1/rename", "name=x")
	if w.Code != 422 || !strings.Contains(w.Body.String(), `aria-describedby="problem-name"`) || !strings.Contains(w.Body.String(), `<a href="#name">`) {
		t.Errorf("a bad form: %d\n%.400s", w.Code, w.Body)
	}
	w = ask(h, "ben", "POST", "/things/1/rename", "name="+url.QueryEscape(`<i>ledger`))
	if w.Code != 303 || w.Header().Get("Location") != "/things/1" {
		t.Fatalf("a good form: %d %s", w.Code, w.Header().Get("Location"))
	}
	cookie := w.Result().Cookies()[0]
	w = ask(h, "ben", "GET", "/things/1", "", "Cookie", cookie.Name+"="+cookie.Value)
	if !strings.Contains(w.Body.String(), "It is now called &lt;i&gt;ledger.") || !strings.Contains(w.Body.String(), `action="/things/1/undo"`) {
		t.Error("the next page does not show the toast with its way back")
	}
	if got := w.Result().Cookies(); len(got) != 1 || got[0].MaxAge >= 0 {
		t.Errorf("the toast is not forgotten: %v", got)
	}
	for _, forged := range []string{"%%%", "bm90anNvbg", "eyJUZXh0IjoieCIsIlVuZG8iOiJodHRwczovL2V2aWwuZXhhbXBsZSJ9"} {
		w = ask(h, "ben", "GET", "/things/1", "", "Cookie", cookie.Name+"="+forged)
		if w.Code != 200 || strings.Contains(w.Body.String(), "evil.example") {
			t.Errorf("forged toast %s is shown", forged)
		}
	}
}

func TestPreferences(t *testing.T) {
	h := newDemo(t, io.Discard)
	w := ask(h, "ben", "POST", "/preferences", "theme=dark&to=/things")
	if got := w.Header().Get("Set-Cookie"); w.Code != 303 || w.Header().Get("Location") != "/things" || !strings.HasPrefix(got, "steward-theme=dark;") {
		t.Errorf("%d %s %s", w.Code, w.Header().Get("Location"), got)
	}
	for _, to := range []string{"https://evil.example", "//evil.example", `/\evil.example`, "javascript:alert(1)"} {
		if w := ask(h, "ben", "POST", "/preferences", "theme=dark&to="+url.QueryEscape(to)); w.Header().Get("Location") != "/" {
			t.Errorf("%q leads to %q", to, w.Header().Get("Location"))
		}
	}
	if w := ask(h, "ben", "POST", "/preferences", "theme=pink"); w.Code != 422 {
		t.Errorf("an unknown theme: %d", w.Code)
	}
	w = ask(h, "ben", "GET", "/things", "", "Cookie", "steward-theme=dark; steward-density=compact; steward-keys=off; steward-nav=Health")
	for _, want := range []string{`<html lang="en-GB" data-theme="dark" data-density="compact" data-keys="off">`, `<details open data-area="Estate">`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	w = ask(h, "ben", "GET", "/", "", "Cookie", `steward-theme="><script>`)
	if strings.Contains(w.Body.String(), "data-theme") {
		t.Error("an odd cookie reaches the page")
	}
}

func TestAnswersAreSmallAndKept(t *testing.T) {
	h := newDemo(t, io.Discard)
	for _, address := range []string{"/", "/things?limit=100", "/things/1"} {
		w := ask(h, "ann", "GET", address, "", "Accept-Encoding", "gzip")
		if w.Header().Get("Content-Encoding") != "gzip" || w.Body.Len() > 60_000 {
			t.Errorf("%s: %d bytes, encoding %q", address, w.Body.Len(), w.Header().Get("Content-Encoding"))
		}
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(z)
		if err != nil || !bytes.Contains(body, []byte("Answered in under 1 ms")) || bytes.ContainsRune(body, 0) {
			t.Errorf("%s: %v, or it does not say how long it took", address, err)
		}
		again := ask(h, "ann", "GET", address, "", "If-None-Match", w.Header().Get("ETag"))
		if again.Code != 304 || again.Body.Len() != 0 {
			t.Errorf("%s unchanged: %d with %d bytes", address, again.Code, again.Body.Len())
		}
		other := ask(h, "ben", "GET", address, "", "If-None-Match", w.Header().Get("ETag"))
		if other.Code != 200 {
			t.Errorf("%s for somebody else: %d", address, other.Code)
		}
	}
	page := ask(h, "ann", "GET", "/", "", "Accept-Encoding", "gzip;q=0").Body.String()
	for _, address := range regexp.MustCompile(`/static/[^"#]+`).FindAllString(page, -1) {
		w := ask(h, "", "GET", address, "")
		if w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Header().Get("Content-Type") == "" {
			t.Errorf("%s: %d %v", address, w.Code, w.Header())
		}
	}
	if w := ask(h, "ann", "GET", "/static/steward.css", ""); w.Code != 404 {
		t.Errorf("a static file without its hash: %d", w.Code)
	}
}

func TestHomeWithoutItsBrokenParts(t *testing.T) {
	body := ask(newDemo(t, io.Discard), "ben", "GET", "/", "").Body.String()
	for _, want := range []string{"some of what needs attention", "Slow one", "could not be drawn in time", "4 kinds, 107 records", "payments-ledger", "9 being read", "Commits a month: from"} {
		if !strings.Contains(body, want) {
			t.Errorf("home lacks %q", want)
		}
	}
	order := regexp.MustCompile(`class="st [a-z]+">(Act|Look|Settle|Know)<`).FindAllStringSubmatch(body, -1)
	var words []string
	for _, m := range order {
		words = append(words, m[1])
	}
	if diff := cmp.Diff([]string{"Act", "Look", "Settle", "Know"}, words); diff != "" {
		t.Errorf("order of urgency: want -, got +:\n%s", diff)
	}
	if strings.Contains(body, "Nothing of this kind") {
		t.Error("a row with no records is shown")
	}
}

func TestLists(t *testing.T) {
	h := newDemo(t, io.Discard)
	cases := []struct{ who, address, holds, lacks string }{
		{"ben", "/things", "1–25 of 58", `restricted</`},
		{"cas", "/things", "1–25 of 60", "Assign owner"},
		{"ann", "/things", "Assign owner", ""},
		{"ben", "/things?q=zzz&owner=-", "The text is “zzz” and owner is No owner.", "<table"},
		{"ben", "/things?q=%3Cscript%3E", "&lt;script&gt;", "<script>"},
		{"ben", "/things?bogus=1", "<code>bogus</code>", ""},
		{"ben", "/things", "9 being read. What is shown is true for the others.", ""},
		{"ben", "/things?sort=name", `aria-sort="ascending"><a class="sort" href="/things?sort=-name">`, ""},
		{"ben", "/things?choices=owner", `name="owner" value="-"`, ""},
		{"ben", "/things?owner=-&sort=name", `href="/things.csv?owner=-&amp;sort=name"`, ""},
		{"ben", "/things?packages=100..&lifecycle=production", "Remove the filter on Packages", ""},
	}
	for _, c := range cases {
		body := ask(h, c.who, "GET", c.address, "").Body.String()
		if !strings.Contains(body, c.holds) || c.lacks != "" && strings.Contains(body, c.lacks) {
			t.Errorf("%s as %s: want %q and not %q", c.address, c.who, c.holds, c.lacks)
		}
	}
	body := ask(h, "ben", "GET", "/things?choices=owner", "", "HX-Request", "true").Body.String()
	if !strings.HasPrefix(body, `<div id="choices-owner"`) {
		t.Errorf("htmx gets more than the choices:\n%.200s", body)
	}
}

// TestListByPagesOfTheAPI follows next until the end and compares with the export.
func TestListByPagesOfTheAPI(t *testing.T) {
	h := newDemo(t, io.Discard)
	var export, paged []map[string]any
	if err := json.Unmarshal(ask(h, "ben", "GET", "/things.json?sort=-name", "").Body.Bytes(), &export); err != nil {
		t.Fatal(err)
	}
	for address := "/api/v1/things?sort=-name"; address != ""; {
		var body struct {
			Items []map[string]any
			Total int
			Next  string
		}
		if err := json.Unmarshal(ask(h, "ben", "GET", address, "").Body.Bytes(), &body); err != nil || body.Total != 58 {
			t.Fatalf("%s: %v, total %d", address, err, body.Total)
		}
		paged, address = append(paged, body.Items...), body.Next
	}
	if diff := cmp.Diff(export, paged); diff != "" || len(paged) != 58 {
		t.Errorf("%d rows; export -, pages +:\n%s", len(paged), diff)
	}
	w := ask(h, "ben", "GET", "/things.csv", "")
	if got := w.Header().Get("Content-Disposition"); got != `attachment; filename="things-2026-11-22.csv"` || !strings.HasPrefix(w.Body.String(), "name,path,owner,") {
		t.Errorf("%s\n%.100s", got, w.Body)
	}
}

// TestPlacesThatAreNotUsed: a place for nothing is left out, and its neighbours keep their own numbers.
func TestPlacesThatAreNotUsed(t *testing.T) {
	body := ask(newDemo(t, io.Discard), "ben", "GET", "/things", "").Body.String()
	got := map[string]string{}
	for _, m := range regexp.MustCompile(`(?s)<a href="(/[a-z]+)"[^>]*><svg.*?</svg>[^<]*(?:<span class="n[^"]*"[^>]*>([^<]*)<|</a>)`).FindAllStringSubmatch(body, -1) {
		got[m[1]] = m[2]
	}
	want := map[string]string{"/things": "1,184", "/broken": "", "/unknown": "", "/used": "2", "/vulnerabilities": "17"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("places, want -, got +:\n%s", diff)
	}
}

func TestMistakesInMounting(t *testing.T) {
	base := func() *web.Server { return web.New(web.Config{Auth: who{}}) }
	page := func(*web.Request) (web.Page, error) { return web.Page{}, nil }
	for name, mount := range map[string]func(*web.Server){
		"pattern twice":  func(s *web.Server) { s.Page("/a", "", page); s.Page("/a", "", page) },
		"no slash":       func(s *web.Server) { s.Page("a", "", page) },
		"no method":      func(s *web.Server) { s.Raw("/a", "", nil) },
		"no templates":   func(s *web.Server) { s.Templates("demo", os.DirFS("testdata")) },
		"filled by what": func(s *web.Server) { s.Nav(web.Nav{Label: "A", Path: "/a", Icon: "doc", Filled: true}) },
		"unknown icon":   func(s *web.Server) { s.Nav(web.Nav{Area: web.Estate, Label: "A", Path: "/a", Icon: "nothing"}) },
		"place twice": func(s *web.Server) {
			s.Nav(web.Nav{Label: "A", Path: "/a", Icon: "doc"})
			s.Nav(web.Nav{Label: "B", Path: "/a", Icon: "doc"})
		},
		"broken list": func(s *web.Server) { s.List(listing.Spec{Name: "x"}, nil, web.ListOptions{}) },
		"list twice":  func(s *web.Server) { s.List(things, nil, web.ListOptions{}); s.List(things, nil, web.ListOptions{}) },
		"too many places": func(s *web.Server) {
			for _, p := range "abcdefg" {
				s.Nav(web.Nav{Area: web.Learn, Label: string(p), Path: "/" + string(p), Icon: "doc"})
			}
		},
		"nobody signed in": nil,
	} {
		s := base()
		if mount == nil {
			s = web.New(web.Config{})
		} else {
			mount(s)
		}
		if _, err := s.Handler(); err == nil {
			t.Errorf("%s: passes", name)
		}
	}
	if _, err := base().Handler(); err != nil {
		t.Errorf("a hub with nothing mounted: %v", err)
	}
}

func TestNotReady(t *testing.T) {
	s := web.New(web.Config{Auth: who{}, Ready: func(context.Context) error { return errors.New("postgres://user:password@db") }})
	h, err := s.Handler()
	if err != nil {
		t.Fatal(err)
	}
	if w := ask(h, "", "GET", "/readyz", ""); w.Code != 503 || strings.Contains(w.Body.String(), "password") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestEmptyHubOfAnAuditor(t *testing.T) {
	hub := webtest.New(t, access.As("c", "Cas", access.Auditor), func(*web.Server) {})
	if status, body := hub.Get("/"); status != 200 || !strings.Contains(body, "Nothing that Steward knows of needs you now.") {
		t.Errorf("%d\n%s", status, body)
	}
}

// TestNobodyIsSignedOutByTheDatabase: who cannot be looked up is told to try again, in every form.
func TestNobodyIsSignedOutByTheDatabase(t *testing.T) {
	var log bytes.Buffer
	h := newDemo(t, &log)
	for _, one := range []struct{ method, address, kind string }{
		{"GET", "/things", "text/html"},
		{"GET", "/nowhere", "text/html"},
		{"GET", "/things.json", "application/problem+json"},
		{"GET", "/api/v1/me", "application/problem+json"},
		{"POST", "/preferences", "text/html"},
	} {
		log.Reset()
		w := ask(h, "unlucky", one.method, one.address, "")
		id := regexp.MustCompile(`E-[A-Z2-7]{8}`).FindString(w.Body.String())
		switch {
		case w.Code != 503 || w.Header().Get("Retry-After") == "" || w.Header().Get("Set-Cookie") != "" || !strings.HasPrefix(w.Header().Get("Content-Type"), one.kind):
			t.Errorf("%s %s: %d %v", one.method, one.address, w.Code, w.Header())
		case id == "" || !strings.Contains(log.String(), id) || !strings.Contains(log.String(), "does not answer"):
			t.Errorf("%s %s: the id %q is not in the log with its cause:\n%s", one.method, one.address, id, log.String())
		case strings.Contains(w.Body.String(), "password") || !strings.Contains(w.Body.String(), "You are still signed in"):
			t.Errorf("%s %s:\n%s", one.method, one.address, w.Body)
		}
	}
	if w := ask(h, "unlucky", "GET", "/metrics", ""); w.Code != 403 {
		t.Errorf("metrics for somebody unknown: %d", w.Code)
	}
}

// TestWhoLeftIsNoFailure: a sender that goes away before the answer is counted as gone.
func TestWhoLeftIsNoFailure(t *testing.T) {
	var log bytes.Buffer
	s := web.New(web.Config{Auth: who{"ann": admin}, Logger: slog.New(slog.NewTextHandler(&log, nil)), MetricsSecret: "numbers", Ready: func(ctx context.Context) error { return ctx.Err() }})
	s.Page("/slow", "", func(r *web.Request) (web.Page, error) { return web.Page{}, fmt.Errorf("read: %w", r.Context().Err()) })
	s.Page("/broken", "", func(*web.Request) (web.Page, error) { return web.Page{}, errors.New("the pipe broke") })
	h, err := s.Handler()
	if err != nil {
		t.Fatal(err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	for _, address := range []string{"/slow", "/broken", "/readyz"} {
		r := httptest.NewRequest("GET", "http://localhost"+address, nil).WithContext(gone)
		r.Header.Set("X-Who", "ann")
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	numbers := ask(h, "", "GET", "/metrics", "", "Authorization", "Bearer numbers").Body.String()
	if strings.Contains(numbers, `status="5xx"`) || strings.Count(numbers, `_count{route="GET /slow",status="4xx"} 1`) != 1 {
		t.Errorf("counted as failures:\n%s", numbers)
	}
	if got := log.String(); strings.Contains(got, "level=ERROR") || strings.Count(got, "status=499") != 2 || !strings.Contains(got, "the pipe broke") {
		t.Errorf("the log:\n%s", got)
	}
}

// stuck is a client that takes nothing of an answer until it is let go.
type stuck struct {
	http.ResponseWriter
	begun chan<- struct{}
	gone  <-chan struct{}
}

func (s stuck) Write(p []byte) (int, error) {
	s.begun <- struct{}{}
	<-s.gone
	return 0, io.ErrClosedPipe
}

// TestSlowDownloadsHoldNobodyUp: however many take an export slowly, pages are still answered.
func TestSlowDownloadsHoldNobodyUp(t *testing.T) {
	h := newDemo(t, io.Discard)
	const many = 100 // more than there are connections to the database
	begun, gone := make(chan struct{}, 10*many), make(chan struct{})
	var downloads sync.WaitGroup
	for range many {
		downloads.Go(func() {
			defer func() { _ = recover() }() // the connection is broken off, as nothing was taken
			r := httptest.NewRequest("GET", "http://localhost/things.csv", nil)
			r.Header.Set("X-Who", "ann")
			h.ServeHTTP(stuck{httptest.NewRecorder(), begun, gone}, r)
		})
	}
	answered := make(chan int, 1)
	go func() {
		for range many {
			<-begun // also the last one has its rows
		}
		answered <- ask(h, "ann", "GET", "/things", "").Code
	}()
	select {
	case code := <-answered:
		if code != 200 {
			t.Errorf("a page beside them: %d", code)
		}
	case <-time.After(30 * time.Second):
		t.Error("a page beside them is not answered")
	}
	close(gone)
	downloads.Wait()
}

// TestARefusedFormLeadsBack: only to a page of this hub, and only what was sent.
func TestARefusedFormLeadsBack(t *testing.T) {
	h := newDemo(t, io.Discard)
	for _, c := range []struct{ method, from, want string }{
		{http.MethodPost, "http://localhost/things/1?x=2", `href="/things/1?x=2">Go back`},
		{http.MethodPost, "http://evil.example/things/1", ""},
		{http.MethodPost, "", ""},
		{http.MethodGet, "http://localhost/things/1", ""},
	} {
		w := ask(h, "ben", c.method, "/nowhere", "", "Referer", c.from)
		_, back, _ := strings.Cut(w.Body.String(), `class="btn main" `)
		back, _, _ = strings.Cut(back, "</a>")
		if back != c.want {
			t.Errorf("%s from %q leads back by %q, want %q", c.method, c.from, back, c.want)
		}
	}
}

// TestAPartOfAPageLeadsBackToThePage: who was signed out meanwhile signs in and is on the page again, not on its part.
func TestAPartOfAPageLeadsBackToThePage(t *testing.T) {
	h := newDemo(t, io.Discard)
	for page, want := range map[string]string{
		"http://localhost/things?q=a":    "/login?next=%2Fthings%3Fq%3Da",
		"http://localhost/":              "/login",
		"http://localhost//evil.example": "/login",
		"":                               "/login",
	} {
		w := ask(h, "", "GET", "/search/suggest?q=b", "", "HX-Request", "true", "HX-Current-URL", page)
		if got := w.Header().Get("HX-Redirect"); w.Code != 401 || got != want {
			t.Errorf("on %q: %d, to %q, want %q", page, w.Code, got, want)
		}
	}
}
