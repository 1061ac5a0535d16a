// Package control is the socket in the data folder by which commands ask the Steward that runs on it
// to do what only one process may, such as writing to the embedded database.
//
// The folder may be entered by the user alone who runs Steward: whoever can open the socket may do
// what the commands do, and sign in as anybody.
package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"steward/internal/platform/fault"
)

// Socket is its name in the data folder.
const Socket = "control.sock"

// maxPath is what a socket's address may have on Linux, in bytes.
const maxPath = 104

// maxBody is how large a request or an answer may be, in bytes: a whole file that is imported.
const maxBody = 128 << 20

// defaultTime is how long an answer may take when the caller sets no deadline.
const defaultTime = 10 * time.Second

// answer is what comes back: a result, or why there is none.
type answer[O any] struct {
	Result  O          `json:"result"`
	Problem string     `json:"problem,omitempty"`
	Kind    fault.Kind `json:"kind,omitempty"`
}

// Handle answers requests of a path with h.
func Handle[I, O any](mux *http.ServeMux, path string, h func(context.Context, I) (O, error)) {
	mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
		var in I
		var out answer[O]
		err := json.NewDecoder(io.LimitReader(r.Body, maxBody)).Decode(&in)
		if err != nil {
			err = fault.Wrap(fault.Invalid, err, "The request could not be read. Use the same version of steward as the one that runs.")
		} else {
			out.Result, err = h(r.Context(), in)
		}
		if err != nil {
			out.Problem = fault.Sentence(err)
			out.Kind, _ = fault.KindOf(err)
			if out.Problem == "" {
				out.Problem = "The running Steward could not do it; its log says why: " + err.Error()
			}
		}
		_ = json.NewEncoder(w).Encode(out) // whoever asked may have gone away
	})
}

// Serve answers what mux handles on the socket of a data folder until stop is called. Where the
// folder's path is too long for a socket nothing is served.
func Serve(data string, mux *http.ServeMux) (stop func(), err error) {
	path := filepath.Join(data, Socket)
	if len(path) > maxPath {
		return func() {}, nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fault.Wrap(fault.Unavailable, err, "The socket %s cannot be replaced. Remove it and start again.", path)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "The socket %s cannot be made. Name a data folder on a local disk with --data.", path)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("protect %s: %w", path, err), l.Close())
	}
	server := &http.Server{Handler: mux, ReadTimeout: 30 * time.Second}
	go func() { _ = server.Serve(l) }()
	return func() { _ = server.Close() }, nil
}

// Ask asks the Steward that runs on a data folder; running is false when none does. Errors are those
// of the running one, with their kind. An answer may take 10 s, or as long as ctx says.
func Ask[O any](ctx context.Context, data, path string, in any) (out O, running bool, err error) {
	socket := filepath.Join(data, Socket)
	if _, limited := ctx.Deadline(); !limited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, defaultTime)
		defer cancel()
	}
	client := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}}
	body, err := json.Marshal(in)
	if err != nil {
		return out, false, fmt.Errorf("ask the running Steward: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://steward"+path, bytes.NewReader(body))
	if err != nil {
		return out, false, fmt.Errorf("ask the running Steward: %w", err)
	}
	response, err := client.Do(request)
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return out, false, nil // nobody listens: the caller goes to the database
	}
	if err != nil {
		return out, true, fault.Wrap(fault.Unavailable, err, "The Steward that runs on %s does not answer in time. It may be busy; try again.", data)
	}
	defer response.Body.Close()
	var back answer[O]
	if err := json.NewDecoder(io.LimitReader(response.Body, maxBody)).Decode(&back); err != nil {
		return out, true, fault.Wrap(fault.Unavailable, err, "The Steward that runs on %s is of another version. Use that one's steward command, or start it anew.", data)
	}
	if back.Problem != "" {
		return out, true, fault.New(back.Kind, "%s", back.Problem)
	}
	return back.Result, true, nil
}
