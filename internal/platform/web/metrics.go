package web

import (
	"crypto/subtle"
	"io"
	"net/http"
	"strings"

	"steward/internal/platform/access"
)

// metricsPage serves the numbers to who has the secret, or to an administrator on this machine.
func (s *Server) metricsPage(w http.ResponseWriter, r *http.Request) {
	secret, given := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	known := given && s.config.MetricsSecret != "" && subtle.ConstantTimeCompare([]byte(secret), []byte(s.config.MetricsSecret)) == 1
	if !known {
		v, err := s.config.Auth.Viewer(r)
		known = err == nil && v.Can(access.ManageSettings) && onLoopback(r)
	}
	if !known {
		writeProblem(w, http.StatusForbidden, failure{Title: "Not for everybody", Sentence: "Send the secret for metrics as a bearer token, or open this as an administrator on the machine that Steward runs on."})
		return
	}
	s.metrics.Handler.ServeHTTP(w, r)
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
		if err := s.config.Ready(r.Context()); err != nil && r.Context().Err() == nil {
			s.config.Logger.WarnContext(r.Context(), "not ready", "error", err)
			http.Error(w, "not ready; the log says why", http.StatusServiceUnavailable)
			return
		}
	}
	_, _ = io.WriteString(w, "ready\n")
}
