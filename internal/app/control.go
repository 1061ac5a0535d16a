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
	"strings"
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

// hello is what a running Steward says of itself.
type hello struct {
	Version     string    `json:"version"`
	Address     string    `json:"address"`
	Certificate time.Time `json:"certificate,omitzero"` // until when it is valid; zero without one
}

// controlAnswer is what comes back: a result, or why there is none.
type controlAnswer[O any] struct {
	Result  O          `json:"result"`
	Problem string     `json:"problem,omitempty"`
	Kind    fault.Kind `json:"kind,omitempty"`
}

// handleControl answers one request of the socket with h.
func handleControl[I, O any](mux *http.ServeMux, path string, h func(context.Context, I) (O, error)) {
	mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
		var in I
		var answer controlAnswer[O]
		err := json.NewDecoder(io.LimitReader(r.Body, 64<<10)).Decode(&in)
		if err != nil {
			err = fault.Wrap(fault.Invalid, err, "The request could not be read. Use the same version of steward as the one that runs.")
		} else {
			answer.Result, err = h(r.Context(), in)
		}
		if err != nil {
			answer.Problem = fault.Sentence(err)
			answer.Kind, _ = fault.KindOf(err)
			if answer.Problem == "" {
				answer.Problem = "The running Steward could not do it; its log says why: " + err.Error()
			}
		}
		_ = json.NewEncoder(w).Encode(answer) // whoever asked may have gone away
	})
}

// serveControl answers commands that write while Steward runs. Where the folder's
// path is too long for a socket it does without.
func (o *office) serveControl(data string, e *entrance) (stop func(), err error) {
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
	handleControl(mux, "/hello", func(context.Context, struct{}) (hello, error) {
		h := hello{Version: o.version, Address: e.address}
		if e.certificate != nil {
			h.Certificate = e.certificate.Expires()
		}
		return h, nil
	})
	handleControl(mux, "/config", func(ctx context.Context, in configRequest) (struct{}, error) {
		return struct{}{}, o.platform.Settings.Set(ctx, access.System("steward config"), in.Key, in.Value)
	})
	handleControl(mux, "/link", func(ctx context.Context, in linkRequest) (string, error) {
		secret, err := o.link(ctx, in)
		return e.address + "/login?link=" + secret, err
	})
	server := &http.Server{Handler: mux, ReadTimeout: 5 * time.Second}
	go func() { _ = server.Serve(l) }()
	return func() { _ = server.Close() }, nil
}

// link makes a sign-in link for an account, which is made when it is new.
func (o *office) link(ctx context.Context, in linkRequest) (string, error) {
	v := access.System("steward link")
	id, err := o.linked(ctx, v, in)
	if err != nil {
		return "", err
	}
	return o.accounts.NewLink(ctx, v, id)
}

// linked is the id of the account that a link is for. One that is there keeps
// its role unless another is asked for.
func (o *office) linked(ctx context.Context, v access.Viewer, in linkRequest) (string, error) {
	if in.Account == "" {
		return o.owner(ctx)
	}
	if in.Role == "" {
		all, err := o.accounts.List(ctx, v)
		if err != nil {
			return "", err
		}
		for _, a := range all {
			if a.Name == strings.TrimSpace(in.Account) {
				return a.ID, nil
			}
		}
		in.Role = access.Member
	}
	made, err := o.accounts.Put(ctx, v, in.Account, in.Role)
	return made.ID, err
}

// linkRun is `steward link`.
type linkRun struct {
	Account string      `arg:"" optional:"" help:"Name of the account; it is made when there is none. Without it: the first account."`
	Role    access.Role `help:"Role of the account: admin, member or auditor. Without it a new one is a member, and one that is there keeps its role." enum:"admin,member,auditor," default:""`

	PublicURL string `name:"public-url" help:"Address of the hub, for the link that is made while none runs on this folder." env:"STEWARD_PUBLIC_URL" placeholder:"URL"`

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
	public, err := publicURL(l.PublicURL)
	if err != nil {
		return err
	}
	in := linkRequest{Account: l.Account, Role: l.Role}
	link, running, err := askControl[string](c.Context, c.Data, "/link", in)
	if err != nil {
		return err
	}
	if !running {
		o, err := openOffice(c.Context, officeConfig{version: l.version, data: c.Data, dsn: c.DSN, log: logger(c, false)})
		if err != nil {
			return err
		}
		secret, err := o.link(c.Context, in)
		if err := errors.Join(err, o.platform.DB.Close()); err != nil {
			return err
		}
		link = "/login?link=" + secret
		if public != nil {
			link = public.String() + link
		} else {
			fmt.Fprintln(c.Stderr, "steward: no Steward runs on this folder; put its address before the link, or give it with --public-url")
		}
	}
	if c.JSON {
		return c.PrintJSON(map[string]string{"link": link})
	}
	c.Printf("%s\n", link)
	return nil
}

// askControl asks the Steward that runs on a data folder; running is false when none does. Errors
// are those of the running one, with their kind.
func askControl[O any](ctx context.Context, data, path string, in any) (out O, running bool, err error) {
	socket := filepath.Join(data, controlSocket)
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
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
	if err != nil {
		return out, false, nil //nolint:nilerr // nobody listens: the caller goes to the database
	}
	defer response.Body.Close()
	var answer controlAnswer[O]
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&answer); err != nil {
		return out, true, fault.Wrap(fault.Unavailable, err, "The Steward that runs on %s is of another version. Use that one's steward command, or start it anew.", data)
	}
	if answer.Problem != "" {
		return out, true, fault.New(answer.Kind, "%s", answer.Problem)
	}
	return answer.Result, true, nil
}
