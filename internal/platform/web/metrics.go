package web

import (
	"crypto/subtle"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"steward/internal/platform/access"
)

// metrics counts requests by pattern, never by address: addresses hold names.
type metrics struct {
	took    *prometheus.HistogramVec
	handler http.Handler
}

func newMetrics(registry *prometheus.Registry) *metrics {
	m := &metrics{
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "steward_http_request_seconds", Help: "Time to answer a request.",
			Buckets: []float64{.005, .01, .025, .06, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route", "status"}),
		handler: promhttp.HandlerFor(registry, promhttp.HandlerOpts{}),
	}
	// A registry that has these numbers already keeps the first ones.
	_ = registry.Register(m.took)
	return m
}

func (m *metrics) measure(pattern string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		defer func() {
			status := http.StatusInternalServerError
			if watched, ok := w.(*watcher); ok && watched.status != 0 {
				status = watched.status
			}
			m.took.WithLabelValues(pattern, strconv.Itoa(status/100)+"xx").Observe(time.Since(begin).Seconds())
		}()
		next.ServeHTTP(w, r)
	})
}

// metricsPage serves the numbers to who has the secret, or to an administrator on this machine.
func (s *Server) metricsPage(w http.ResponseWriter, r *http.Request) {
	secret, given := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	known := given && s.config.MetricsSecret != "" && subtle.ConstantTimeCompare([]byte(secret), []byte(s.config.MetricsSecret)) == 1
	if !known {
		v, ok := s.config.Auth.Viewer(r)
		known = ok && v.Can(access.ManageSettings) && onLoopback(r)
	}
	if !known {
		writeProblem(w, http.StatusForbidden, failure{Title: "Not for everybody", Sentence: "Send the secret for metrics as a bearer token, or open this as an administrator on the machine that Steward runs on."})
		return
	}
	s.metrics.handler.ServeHTTP(w, r)
}

// healthz says that the program runs.
func healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, "ok\n")
}

// readyz says whether it can answer: its database does.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if s.config.Ready != nil {
		if err := s.config.Ready(r.Context()); err != nil {
			s.config.Logger.WarnContext(r.Context(), "not ready", "error", err)
			http.Error(w, "not ready; the log says why", http.StatusServiceUnavailable)
			return
		}
	}
	_, _ = io.WriteString(w, "ready\n")
}
