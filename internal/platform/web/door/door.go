// Package door lets connections in: over http or https, so many at once, each within its time, and
// lets them finish when Steward stops.
//
//	headers, and the handshake of https   10 seconds
//	a whole request, with its body        1 minute
//	its answer                            5 minutes
//	a connection that waits for more      2 minutes, or less when others want in
//	what runs when Steward stops          5 seconds
//
// A Certificate is read again when its files change, so that renewing it needs no restart.
package door

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

const (
	headerTime = 10 * time.Second
	readTime   = time.Minute
	writeTime  = 5 * time.Minute
	idleTime   = 2 * time.Minute
	drainTime  = 5 * time.Second
	maxHeader  = 64 << 10 // bytes of a request's header
	mostAtOnce = 4096     // connections, unless the Config says otherwise
)

// Config says what is served. Only the Handler is needed.
type Config struct {
	Handler     http.Handler
	Certificate *Certificate // nil serves http
	Connections int          // at once; 0 is 4096
	Logger      *slog.Logger // nil drops what is logged
}

// Serve answers on a listener, which it closes, until ctx ends; then it lets running requests finish
// for five seconds and cuts off the rest.
func Serve(ctx context.Context, listener net.Listener, c Config) error {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Connections <= 0 {
		c.Connections = mostAtOnce
	}
	room := newRoom(listener, c.Connections)
	server := &http.Server{
		Handler: c.Handler, ConnState: room.state, MaxHeaderBytes: maxHeader,
		ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
		ErrorLog: slog.NewLogLogger(c.Logger.Handler(), slog.LevelWarn),
	}
	done := make(chan error, 1)
	go func() {
		if c.Certificate == nil {
			done <- server.Serve(room)
			return
		}
		server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.Certificate.get}
		done <- server.ServeTLS(room, "", "")
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	err := server.Shutdown(end)
	if errors.Is(err, context.DeadlineExceeded) {
		c.Logger.WarnContext(ctx, "requests that still ran were cut off")
		err = server.Close()
	}
	<-done
	return err
}
