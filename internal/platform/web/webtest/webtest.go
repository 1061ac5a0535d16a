// Package webtest mounts a feature's pages on a whole hub in tests, asks for them as somebody, and
// checks templates against the values that they are drawn with.
package webtest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"steward/internal/platform/access"
	"steward/internal/platform/web"
)

// Noon is the time in the hub of tests.
var Noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// only signs everybody in as one viewer; the zero viewer is signed in as nobody.
type only struct{ viewer access.Viewer }

func (o only) Viewer(*http.Request) (access.Viewer, error) { return o.viewer, nil }

// Hub is a hub with what was mounted, seen by one viewer.
type Hub struct {
	t       testing.TB
	handler http.Handler
}

// New returns a hub with what mount mounts. It fails the test when something was mounted wrongly.
func New(t testing.TB, v access.Viewer, mount func(*web.Server)) *Hub {
	t.Helper()
	s := web.New(web.Config{Firm: "Northwind Bank", Version: "test", Auth: only{v}, Now: func() time.Time { return Noon }})
	mount(s)
	h, err := s.Handler()
	if err != nil {
		t.Fatal(err)
	}
	return &Hub{t: t, handler: h}
}

// Get asks for a page and returns status and body.
func (h *Hub) Get(address string) (status int, body string) {
	h.t.Helper()
	r := h.Do(httptest.NewRequest(http.MethodGet, "http://localhost"+address, nil))
	return r.StatusCode, read(h.t, r)
}

// Post sends a form and returns status, where it leads to, and body.
func (h *Hub) Post(address string, form url.Values) (status int, to, body string) {
	h.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://localhost"+address, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := h.Do(r)
	return answer.StatusCode, answer.Header.Get("Location"), read(h.t, answer)
}

// Do sends any request.
func (h *Hub) Do(r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w.Result()
}

func read(t testing.TB, r *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// Templates checks that each template named ("estate/repository") can be drawn with values of the
// type given, whatever they hold: fields and functions exist and their arguments fit.
func Templates(t testing.TB, mount func(*web.Server), data map[string]any) {
	t.Helper()
	s := web.New(web.Config{Auth: only{}})
	mount(s)
	for name, dot := range data {
		template := s.Template(name)
		if template == nil {
			t.Errorf("there is no template %q", name)
			continue
		}
		if err := templatecheck.CheckHTML(template, dot); err != nil {
			t.Errorf("template %s: %v", name, err)
		}
	}
}
