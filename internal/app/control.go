package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"steward/internal/feature/catalog/imported"
	"steward/internal/feature/portfolio"
	"steward/internal/platform/access"
	"steward/internal/platform/command"
	"steward/internal/platform/command/control"
	"steward/internal/platform/fault"
)

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

// serveControl answers commands that write while Steward runs.
func (o *office) serveControl(data string, e *entrance) (stop func(), err error) {
	mux := http.NewServeMux()
	control.Handle(mux, "/hello", func(context.Context, struct{}) (hello, error) {
		h := hello{Version: o.version, Address: e.address}
		if e.certificate != nil {
			h.Certificate = e.certificate.Expires()
		}
		return h, nil
	})
	control.Handle(mux, "/config", func(ctx context.Context, in configRequest) (struct{}, error) {
		return struct{}{}, o.platform.Settings.Set(ctx, access.System("steward config"), in.Key, in.Value)
	})
	control.Handle(mux, "/import", func(ctx context.Context, in portfolio.Input) (portfolio.Plan, error) {
		return portfolio.New(o.platform, portfolio.Config{}).Import(ctx, access.System("steward import context"), in)
	})
	control.Handle(mux, "/import-owners", func(ctx context.Context, in imported.Input) (imported.Plan, error) {
		return imported.New(o.platform.DB, o.platform.Now).Import(ctx, access.System("steward import owners"), in)
	})
	control.Handle(mux, "/link", func(ctx context.Context, in linkRequest) (string, error) {
		secret, err := o.link(ctx, in)
		return e.address + "/login?link=" + secret, err
	})
	return control.Serve(data, mux)
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
	Account *string     `arg:"" optional:"" help:"Name of the account; it is made when there is none. Without it: the first account."`
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
	in := linkRequest{Role: l.Role}
	switch {
	case l.Account != nil && strings.TrimSpace(*l.Account) == "":
		return fault.New(fault.Invalid, "The name of the account is empty. Name one, or leave it out for the first account.")
	case l.Account != nil:
		in.Account = *l.Account
	case l.Role != "":
		return fault.New(fault.Invalid, "Name the account that is to have the role %s: steward link NAME --role %s.", l.Role, l.Role)
	}
	link, running, err := control.Ask[string](c.Context, c.Data, "/link", in)
	if err != nil {
		return err
	}
	if !running {
		o, err := openOffice(c.Context, officeConfig{version: l.version, data: c.Data, dsn: c.DSN, log: logger(c, false)})
		if err != nil {
			return err
		}
		secret, err := o.link(c.Context, in)
		if err := errors.Join(err, o.close()); err != nil {
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
