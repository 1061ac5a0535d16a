package web

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"steward/internal/platform/fault"
	"steward/internal/platform/web/watch"
)

// maxBody is how large a posted body may be, but for Upload.
const maxBody = 1 << 20

// contentPolicy allows nothing but what this server itself serves.
const contentPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// guard wraps all routes, outermost first: log, panics, headers, host, origin, size.
func (s *Server) guard(next http.Handler) http.Handler {
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, &Request{Request: r, Now: s.config.Now()}, fault.New(fault.Denied, "This form was sent from another site, so Steward refused it. Open the page in Steward and send it from there."))
	}))
	inner := origin.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, s.bodyLimit(r))
		next.ServeHTTP(w, r)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		watched := &watch.Writer{ResponseWriter: w}
		defer s.log(watched, r, begin)
		defer s.recovered(watched, r)
		s.headers(watched.Header(), r)
		if !s.knownHost(r) && !isProbe(r) {
			http.Error(watched, "421: this Steward is not reached under that name. Its operator can allow it in the configuration (hosts).", http.StatusMisdirectedRequest)
			return
		}
		inner.ServeHTTP(watched, r)
	})
}

func (s *Server) headers(h http.Header, r *http.Request) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	if s.config.Secure && nameOf(r.Host) != "localhost" { // on localhost it would cut off every other program's http
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// isProbe reports whether a request asks no more than whether Steward runs, as those who watch over it
// do by its number.
func isProbe(r *http.Request) bool { return r.URL.Path == "/healthz" || r.URL.Path == "/readyz" }

// knownHost refuses names that others have pointed at this machine.
func (s *Server) knownHost(r *http.Request) bool {
	host := strings.ToLower(r.Host)
	for _, known := range s.config.Hosts {
		if known == "*" || host == strings.ToLower(known) {
			return true
		}
	}
	name := nameOf(host)
	loopback := name == "localhost" || name == "127.0.0.1" || name == "::1" || name == "[::1]"
	return loopback && onLoopback(r)
}

// nameOf returns a host without its port.
func nameOf(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

// onLoopback reports whether the request reached a loopback address of this machine.
func onLoopback(r *http.Request) bool {
	address, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return true // not served over a network, as in tests
	}
	host, _, err := net.SplitHostPort(address.String())
	return err == nil && net.ParseIP(host).IsLoopback()
}

func (s *Server) recovered(w *watch.Writer, r *http.Request) {
	cause := recover()
	if cause == nil {
		return
	}
	if cause == http.ErrAbortHandler {
		panic(cause)
	}
	err := fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
	if w.Status != 0 {
		s.config.Logger.ErrorContext(r.Context(), "request failed midway", "path", r.URL.Path, "error", err)
		return
	}
	w.Header().Del("Content-Encoding")
	w.Header().Del("Content-Length")
	request := &Request{Request: r, Now: s.config.Now()}
	defer func() {
		if recover() != nil { // the shell itself is broken
			http.Error(w, "Steward could not answer. The log says why.", http.StatusInternalServerError)
		}
	}()
	if s.config.Auth != nil {
		request.Viewer, _ = s.config.Auth.Viewer(r)
	}
	s.fail(w, request, err)
}

// log writes one line a request; the query is left out, as it may hold secrets.
func (s *Server) log(w *watch.Writer, r *http.Request, begin time.Time) {
	level := slog.LevelInfo
	if strings.HasPrefix(r.URL.Path, "/static/") || isProbe(r) {
		level = slog.LevelDebug
	}
	s.config.Logger.LogAttrs(r.Context(), level, "request", slog.String("method", r.Method), slog.String("path", r.URL.Path),
		slog.Int("status", w.Answered(r)), slog.Int64("bytes", w.Written), slog.Duration("took", time.Since(begin)))
}
