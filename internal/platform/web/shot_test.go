package web_test

import (
	"net"
	"net/http"
	"os"
	"testing"
	"time"
)

// TestServeDemo serves the demo for looking at it, for as long as STEWARD_DEMO says ("10m"), as an
// administrator; the address is logged. It proves nothing and is skipped otherwise.
func TestServeDemo(t *testing.T) {
	length, err := time.ParseDuration(os.Getenv("STEWARD_DEMO"))
	if err != nil {
		t.Skip("set STEWARD_DEMO=10m to serve the demo for ten minutes")
	}
	l, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("STEWARD_DEMO_PORT"))
	if err != nil {
		t.Fatal(err)
	}
	h := newDemo(t, os.Stderr)
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("X-Who", "ann")
		h.ServeHTTP(w, r)
	})}
	t.Logf("http://%s", l.Addr())
	time.AfterFunc(length, func() { _ = server.Close() })
	_ = server.Serve(l)
}
