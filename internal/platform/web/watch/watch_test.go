package watch_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"steward/internal/platform/web/watch"
)

func TestAnswersAreNotedAndCounted(t *testing.T) {
	m := watch.New(prometheus.NewRegistry())
	handlers := map[string]http.HandlerFunc{
		"GET /found":   func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "four") },
		"GET /missing": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404); w.WriteHeader(500) },
	}
	got := map[string][2]int64{}
	for pattern, h := range handlers {
		w := &watch.Writer{ResponseWriter: httptest.NewRecorder()}
		m.Measure(pattern, h).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		got[pattern] = [2]int64{int64(w.Status), w.Written}
	}
	if diff := cmp.Diff(map[string][2]int64{"GET /found": {200, 4}, "GET /missing": {404, 0}}, got); diff != "" {
		t.Errorf("noted, want -, got +:\n%s", diff)
	}
}

func TestNumbersAreServedByPattern(t *testing.T) {
	registry := prometheus.NewRegistry()
	m := watch.New(registry)
	again := watch.New(registry) // a registry that has the numbers keeps the first ones
	for _, one := range []*watch.Metrics{m, again} {
		one.Measure("GET /found", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })).
			ServeHTTP(&watch.Writer{ResponseWriter: httptest.NewRecorder()}, httptest.NewRequest("GET", "/a/name", nil))
	}
	out := httptest.NewRecorder()
	m.Handler.ServeHTTP(out, httptest.NewRequest("GET", "/metrics", nil))
	if text := out.Body.String(); !strings.Contains(text, `steward_http_request_seconds_count{route="GET /found",status="2xx"} 1`) || strings.Contains(text, "/a/name") {
		t.Errorf("numbers:\n%s", text)
	}
}
