// Package watch notes what is answered to requests: for the log, and as numbers for Prometheus.
package watch

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics counts requests by pattern, never by address: addresses hold names.
type Metrics struct {
	took    *prometheus.HistogramVec
	Handler http.Handler // serves the numbers
}

// New returns metrics that a registry keeps.
func New(registry *prometheus.Registry) *Metrics {
	m := &Metrics{
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "steward_http_request_seconds", Help: "Time to answer a request.",
			Buckets: []float64{.005, .01, .025, .06, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route", "status"}),
		Handler: promhttp.HandlerFor(registry, promhttp.HandlerOpts{}),
	}
	// A registry that has these numbers already keeps the first ones.
	_ = registry.Register(m.took)
	return m
}

// Measure counts what next answers under a pattern.
func (m *Metrics) Measure(pattern string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin, returned := time.Now(), false
		defer func() {
			status := http.StatusInternalServerError // a panic, which is answered further out
			if watched, ok := w.(*Writer); ok && (returned || watched.Status != 0) {
				status = watched.Answered(r)
			}
			m.took.WithLabelValues(pattern, strconv.Itoa(status/100)+"xx").Observe(time.Since(begin).Seconds())
		}()
		next.ServeHTTP(w, r)
		returned = true
	})
}

// Writer notes what was answered.
type Writer struct {
	http.ResponseWriter
	Status  int   // 0 until something was answered
	Written int64 // bytes of the body
}

// WriteHeader notes the status.
func (w *Writer) WriteHeader(status int) {
	if w.Status == 0 {
		w.Status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write notes how much is written.
func (w *Writer) Write(p []byte) (int, error) {
	if w.Status == 0 {
		w.Status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.Written += int64(n)
	return n, err
}

// Gone is the status that is noted, and never sent, when whoever asked left before the answer.
const Gone = 499

// Answered returns the status that was sent, or Gone.
func (w *Writer) Answered(r *http.Request) int {
	switch {
	case w.Status != 0:
		return w.Status
	case r.Context().Err() != nil:
		return Gone
	}
	return http.StatusOK // what net/http sends for a handler that wrote nothing
}

// Unwrap lets http.ResponseController reach the writer below.
func (w *Writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
