package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"steward/internal/app/measured"
	"steward/internal/app/secret"
	"steward/internal/feature/estate"
	"steward/internal/feature/estate/source"
	"steward/internal/platform/access"
	"steward/internal/platform/account"
	"steward/internal/platform/account/signin"
	"steward/internal/platform/api"
	"steward/internal/platform/command"
	"steward/internal/platform/fault"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/view"
	"steward/internal/platform/web"
	"steward/internal/platform/web/door"
)

// upRun is `steward up`.
type upRun struct {
	Sources []string `arg:"" optional:"" name:"source" help:"Folders with git repositories, git addresses, or text files that list them. Without any, those given before are looked at again."`
	Workers int      `help:"Repositories read at once; 0 is one a core." default:"0"`
	Once    bool     `help:"Read everything and stop, without serving the hub."`
	Verbose bool     `help:"Print the log." short:"v"`
	front
	remote
	signing

	version string
}

// remote says how private repositories are reached.
type remote struct {
	TokenFile string   `help:"File with an access token for https sources, on its first line." type:"path" env:"STEWARD_TOKEN_FILE" placeholder:"FILE"`
	TokenHost []string `help:"Host that the token is for, such as git.example.com; no other is offered it." env:"STEWARD_TOKEN_HOST" placeholder:"HOST"`
	TokenUser string   `help:"User name that goes with the token." default:"oauth2" env:"STEWARD_TOKEN_USER" placeholder:"NAME"`
	CAFile    string   `name:"ca-file" help:"PEM file with the firm's certificate authorities." type:"path" env:"STEWARD_CA_FILE" placeholder:"FILE"`
}

// Validate refuses a token that is not said to be for somebody: any host that asks for a password would get it.
func (r *remote) Validate() error {
	if r.TokenFile != "" && len(r.TokenHost) == 0 {
		return errors.New("--token-file needs --token-host: say which host the token is for, so that no other is offered it")
	}
	return nil
}

// options are how repositories are copied. The token file is looked at now, so that a wrong one is said once and at
// the start; its token is read anew for each copy.
func (r remote) options() (gitrepo.MirrorOptions, error) {
	if r.TokenFile != "" {
		f, err := secret.Open("the token for sources", r.TokenFile)
		if err != nil {
			return gitrepo.MirrorOptions{}, err
		}
		if err := f.Close(); err != nil {
			return gitrepo.MirrorOptions{}, fmt.Errorf("look at the token file: %w", err)
		}
	}
	hosts := make([]string, len(r.TokenHost))
	for i, host := range r.TokenHost {
		hosts[i] = strings.ToLower(strings.TrimSpace(host))
	}
	return gitrepo.MirrorOptions{TokenFile: r.TokenFile, TokenHosts: hosts, Username: r.TokenUser, CAFile: r.CAFile, UserConfig: true}, nil
}

// serveRun is `steward serve`: the hub alone, as one of several processes.
type serveRun struct {
	front
	signing

	version string
}

// workRun is `steward work`: reading alone, as one of several processes.
type workRun struct {
	Workers int `help:"Repositories read at once; 0 is one a core." default:"0"`
	remote
	signing

	version string
}

// Help is printed below the flags of `steward up --help`.
func (*upRun) Help() string {
	return `Examples:
  steward up ~/src                          every repository below a folder
  steward up https://git.example.com/a/b    a remote one, mirrored
  steward up repositories.txt               a list, one source a line
  steward up                                look again at what was given before
  steward up --tls-cert hub.pem --tls-key hub.key --listen 0.0.0.0:8443 ~/src`
}

// Run reads the sources and serves the hub until it is stopped.
func (u *upRun) Run(c *command.Context) error {
	sources, errs := source.Parse(u.Sources)
	for _, err := range errs {
		fmt.Fprintf(c.Stderr, "steward: %s\n", fault.Sentence(err))
	}
	if len(sources) == 0 && len(errs) > 0 {
		return exitCode(exitUsage)
	}
	mirror, err := u.options()
	if err != nil {
		return err
	}
	log := logger(c, u.Verbose)
	var e *entrance
	if !u.Once {
		if e, err = u.front.open(log); err != nil {
			return err
		}
		defer e.listener.Close()
	}
	o, err := openOffice(c.Context, officeConfig{version: u.version, data: c.Data, dsn: c.DSN, workers: workers(u.Workers), mirror: mirror, log: log, seals: true, signing: u.signing})
	if err != nil {
		return err
	}
	return errors.Join(u.run(c, o, e, sources), o.close())
}

func (u *upRun) run(c *command.Context, o *office, e *entrance, sources []estate.Source) error {
	if err := o.begin(c.Context, sources); err != nil {
		return err
	}
	progress := newProgress(c, o)
	if u.Once {
		return progress.untilIdle()
	}
	id, err := o.owner(c.Context)
	if err != nil {
		return err
	}
	link, err := o.accounts.NewLink(c.Context, access.System("steward up"), id)
	if err != nil {
		return err
	}
	stopControl, err := o.serveControl(c.Data, e)
	if err != nil {
		return err
	}
	defer stopControl()
	c.Printf("Steward %s is at %s\n", u.version, e.address)
	c.Printf("Sign in once, within ten minutes: %s/login?link=%s\n", e.address, link)
	c.Printf("Another link: steward link --data %s\nStop with Ctrl-C; what was read stays.\n\n", c.Data)
	go progress.follow()
	return o.serve(c.Context, e)
}

// begin starts the queue and looks at sources: those given, or all that are known.
func (o *office) begin(ctx context.Context, sources []estate.Source) error {
	v := access.System("steward up")
	if len(sources) == 0 {
		var err error
		if sources, err = source.All(ctx, o.platform.DB, v); err != nil {
			return err
		}
	}
	if err := o.estate.AddSources(ctx, v, sources); err != nil {
		return err
	}
	if err := o.platform.Queue.Start(ctx); err != nil {
		return err
	}
	o.startSealing(ctx)
	return nil
}

// serve answers requests until ctx ends.
func (o *office) serve(ctx context.Context, e *entrance) error {
	hub, err := o.hub(ctx, e)
	if err != nil {
		return err
	}
	handler, err := hub.Handler()
	if err != nil {
		return err
	}
	return door.Serve(ctx, e.listener, door.Config{Handler: handler, Certificate: e.certificate, Logger: o.platform.Log})
}

// hub mounts all pages and the API.
func (o *office) hub(ctx context.Context, e *entrance) (*web.Server, error) {
	values, err := o.platform.Settings.Values(ctx)
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(e.listener.Addr().String())
	if err != nil {
		return nil, fmt.Errorf("address of the hub: %w", err)
	}
	registry, err := metrics(e)
	if err != nil {
		return nil, err
	}
	cookie := account.CookieName(port, e.secure)
	s := web.New(web.Config{
		Firm: values.FirmName, FirmOf: o.firm, Docs: "/api", Version: o.version, Hosts: e.hosts, Secure: e.secure, Metrics: registry, MetricsSecret: e.metrics, Logger: o.platform.Log,
		Auth: account.Authenticator{Accounts: o.accounts, Cookie: cookie}, Ready: o.ready,
		Views: view.New(o.platform.DB, o.platform.Now), More: measured.Within,
	})
	signin.Mount(s, o.accounts, cookie, e.secure)
	s.Finder(finder(o.platform))
	programs := api.New(api.Config{Version: o.version, Logger: o.platform.Log})
	describeSearch(programs.Operations(), o.platform, o.capabilities)
	describeHome(programs.Operations(), s)
	for _, c := range o.capabilities {
		if c.Pages != nil {
			c.Pages(s)
		}
		if c.API != nil {
			c.API(programs.Operations())
		}
	}
	programs.Mount(s)
	return s, nil
}

// firm is the firm's name as it is set now.
func (o *office) firm(ctx context.Context) string {
	values, err := o.platform.Settings.Values(ctx)
	if err != nil {
		return "" // the page says by itself that the database does not answer
	}
	return values.FirmName
}

func (o *office) ready(ctx context.Context) error {
	var one int
	return o.platform.DB.QueryRow(ctx, `SELECT 1`).Scan(&one)
}

// Help is printed below the flags of `steward serve --help`.
func (*serveRun) Help() string {
	return `Examples:
  steward serve --database postgres://steward@db.example.com/steward
  steward serve --listen 0.0.0.0:443 --tls-cert hub.pem --tls-key hub.key
  steward serve --public-url https://steward.example.com     behind a proxy that does https

It shows what steward work reads; both use the same database. Without PostgreSQL
run steward up, which does both.`
}

// Help is printed below the flags of `steward work --help`.
func (*workRun) Help() string {
	return `Examples:
  steward work --database postgres://steward@db.example.com/steward
  steward work --workers 8 --token-file /etc/steward/token --token-host git.example.com

Any number of them may run beside each other on one database.`
}

// Run serves the hub; reading is done by `steward work`.
func (s *serveRun) Run(c *command.Context) error {
	if c.DSN == "" {
		return fault.New(fault.Invalid, "steward serve is one of several processes and needs PostgreSQL: give --database postgres://…, or run steward up, which needs nothing else.")
	}
	log := logger(c, true)
	e, err := s.front.open(log)
	if err != nil {
		return err
	}
	defer e.listener.Close()
	o, err := openOffice(c.Context, officeConfig{version: s.version, data: c.Data, dsn: c.DSN, log: log, seals: true, signing: s.signing})
	if err != nil {
		return err
	}
	o.startSealing(c.Context)
	c.Printf("Steward %s is at %s\nA sign-in link: steward link --public-url %s --database …\n", s.version, e.address, e.address)
	return errors.Join(o.serve(c.Context, e), o.close())
}

// Run reads repositories until it is stopped.
func (w *workRun) Run(c *command.Context) error {
	if c.DSN == "" {
		return fault.New(fault.Invalid, "steward work is one of several processes and needs PostgreSQL: give --database postgres://…, or run steward up, which needs nothing else.")
	}
	mirror, err := w.options()
	if err != nil {
		return err
	}
	o, err := openOffice(c.Context, officeConfig{version: w.version, data: c.Data, dsn: c.DSN, workers: workers(w.Workers), mirror: mirror, log: logger(c, true), seals: true, signing: w.signing})
	if err != nil {
		return err
	}
	if err := o.platform.Queue.Start(c.Context); err != nil {
		return errors.Join(err, o.close())
	}
	c.Printf("Steward %s reads. Stop with Ctrl-C.\n", w.version)
	<-c.Done()
	return o.close()
}

func workers(n int) int {
	if n > 0 {
		return n
	}
	return max(runtime.NumCPU(), 1)
}

func logger(c *command.Context, verbose bool) *slog.Logger {
	var out io.Writer = c.Stderr
	level := slog.LevelInfo
	if !verbose {
		level = slog.LevelError
		_ = os.MkdirAll(c.Data, 0o700) // opening the database says what is wrong with it
		file, err := os.OpenFile(filepath.Join(c.Data, "steward.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err == nil {
			out, level = file, slog.LevelInfo
		}
	}
	return slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: level}))
}
