package app

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

	"steward/internal/platform/access"
	"steward/internal/platform/command"
	"steward/internal/platform/fault"
)

// The control socket lies in the data folder, which only the user who runs
// Steward may enter: whoever can open it may sign in as anybody.
const controlSocket = "control.sock"

// maxSocketPath is what a socket's address may have on Linux, in bytes.
const maxSocketPath = 104

type linkRequest struct {
	Account string      `json:"account"`
	Role    access.Role `json:"role"`
}

type linkAnswer struct {
	Link    string `json:"link,omitempty"`
	Problem string `json:"problem,omitempty"`
}

// serveControl answers `steward link` while Steward runs. Where the folder's
// path is too long for a socket it does without.
func (o *office) serveControl(data, address string) (stop func(), err error) {
	path := filepath.Join(data, controlSocket)
	if len(path) > maxSocketPath {
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
	mux := http.NewServeMux()
	mux.HandleFunc("POST /link", func(w http.ResponseWriter, r *http.Request) {
		var in linkRequest
		answer := linkAnswer{}
		if err := json.NewDecoder(io.LimitReader(r.Body, 4096)).Decode(&in); err != nil {
			answer.Problem = "The request could not be read."
		} else if link, err := o.link(r.Context(), in); err != nil {
			answer.Problem = fault.Sentence(err)
		} else {
			answer.Link = address + "/login?link=" + link
		}
		_ = json.NewEncoder(w).Encode(answer)
	})
	server := &http.Server{Handler: mux, ReadTimeout: 5 * time.Second}
	go func() { _ = server.Serve(l) }()
	return func() { _ = server.Close() }, nil
}

// link makes a sign-in link for an account, which is made when it is new.
func (o *office) link(ctx context.Context, in linkRequest) (string, error) {
	v := access.System("steward link")
	id, err := "", error(nil)
	if in.Account == "" {
		id, err = o.owner(ctx)
	} else {
		role := in.Role
		if role == "" {
			role = access.Member
		}
		made, perr := o.accounts.Put(ctx, v, in.Account, role)
		id, err = made.ID, perr
	}
	if err != nil {
		return "", err
	}
	return o.accounts.NewLink(ctx, v, id)
}

// linkRun is `steward link`.
type linkRun struct {
	Account string      `arg:"" optional:"" help:"Name of the account; it is made when there is none. Without it: the first account."`
	Role    access.Role `help:"Role of a new account: admin, member or auditor." enum:"admin,member,auditor," default:""`

	version string
}

// Help is printed below the flags.
func (*linkRun) Help() string {
	return `Examples:
  steward link                          sign in again as the first account
  steward link dana --role member       an account for somebody else`
}

// Run asks the running Steward for a link, or makes one in the database when none runs.
func (l *linkRun) Run(c *command.Context) error {
	in := linkRequest{Account: l.Account, Role: l.Role}
	answer, err := askControl(c.Context, c.Data, in)
	if err != nil {
		return err
	}
	if answer.Link == "" && answer.Problem == "" {
		o, err := openOffice(c.Context, officeConfig{version: l.version, data: c.Data, dsn: c.DSN, log: logger(c, false)})
		if err != nil {
			return err
		}
		secret, err := o.link(c.Context, in)
		if err := errors.Join(err, o.platform.DB.Close()); err != nil {
			return err
		}
		answer.Link = "/login?link=" + secret
		fmt.Fprintln(c.Stderr, "steward: no Steward runs on this folder; put its address before the link")
	}
	if answer.Problem != "" {
		return fault.New(fault.Invalid, "%s", answer.Problem)
	}
	if c.JSON {
		return c.PrintJSON(answer)
	}
	c.Printf("%s\n", answer.Link)
	return nil
}

// askControl returns an empty answer when no Steward listens in the folder.
func askControl(ctx context.Context, data string, in linkRequest) (linkAnswer, error) {
	var answer linkAnswer
	path := filepath.Join(data, controlSocket)
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		},
	}}
	body, err := json.Marshal(in)
	if err != nil {
		return answer, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://steward/link", bytes.NewReader(body))
	if err != nil {
		return answer, err
	}
	response, err := client.Do(request)
	if err != nil {
		return answer, nil //nolint:nilerr // nobody listens: the caller goes to the database
	}
	defer response.Body.Close()
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<16)).Decode(&answer); err != nil {
		return answer, fmt.Errorf("read the answer of the running Steward: %w", err)
	}
	return answer, nil
}
