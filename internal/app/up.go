package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"steward/internal/feature/estate"
	"steward/internal/feature/estate/source"
	"steward/internal/platform/access"
	"steward/internal/platform/account"
	"steward/internal/platform/api"
	"steward/internal/platform/command"
	"steward/internal/platform/fault"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/web"
)

// upRun is `steward up`.
type upRun struct {
	Sources []string `arg:"" optional:"" name:"source" help:"Folders with git repositories, git addresses, or text files that list them. Without any, those given before are looked at again."`
	Listen  string   `help:"Address of the hub." default:"127.0.0.1:7411" env:"STEWARD_LISTEN" placeholder:"HOST:PORT"`
	Workers int      `help:"Repositories read at once; 0 is one a core." default:"0"`
	Once    bool     `help:"Read everything and stop, without serving the hub."`
	Verbose bool     `help:"Print the log." short:"v"`
	remote

	version string
}

// remote says how private repositories are reached.
type remote struct {
	TokenFile string `help:"File with an access token for https sources, on its first line." type:"path" env:"STEWARD_TOKEN_FILE" placeholder:"FILE"`
	TokenUser string `help:"User name that goes with the token." default:"oauth2" env:"STEWARD_TOKEN_USER" placeholder:"NAME"`
	CAFile    string `name:"ca-file" help:"PEM file with the firm's certificate authorities." type:"path" env:"STEWARD_CA_FILE" placeholder:"FILE"`
}

func (r remote) options() gitrepo.MirrorOptions {
	return gitrepo.MirrorOptions{TokenFile: r.TokenFile, Username: r.TokenUser, CAFile: r.CAFile, UserConfig: true}
}

// serveRun is `steward serve`: the hub alone, as one of several processes.
type serveRun struct {
	Listen  string   `help:"Address of the hub." default:"127.0.0.1:7411" env:"STEWARD_LISTEN" placeholder:"HOST:PORT"`
	Host    []string `help:"Name under which the hub is reached, with its port; may be repeated." env:"STEWARD_HOST"`
	version string
}

// workRun is `steward work`: reading alone, as one of several processes.
type workRun struct {
	Workers int `help:"Repositories read at once; 0 is one a core." default:"0"`
	remote

	version string
}

// Help is printed below the flags of `steward up --help`.
func (*upRun) Help() string {
	return `Examples:
  steward up ~/src                          every repository below a folder
  steward up https://git.example.com/a/b    a remote one, mirrored
  steward up repositories.txt               a list, one source a line
  steward up                                look again at what was given before`
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
	var listener net.Listener
	if !u.Once {
		var err error
		if listener, err = listen(u.Listen); err != nil {
			return err
		}
		defer listener.Close()
	}
	o, err := openOffice(c.Context, officeConfig{version: u.version, data: c.Data, dsn: c.DSN, workers: workers(u.Workers), mirror: u.options(), log: logger(c, u.Verbose)})
	if err != nil {
		return err
	}
	return errors.Join(u.run(c, o, listener, sources), o.close())
}

func (u *upRun) run(c *command.Context, o *office, listener net.Listener, sources []estate.Source) error {
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
	address := "http://" + listener.Addr().String()
	stopControl, err := o.serveControl(c.Data, address)
	if err != nil {
		return err
	}
	defer stopControl()
	c.Printf("Steward %s is at %s\n", u.version, address)
	c.Printf("Sign in once, within ten minutes: %s/login?link=%s\n", address, link)
	c.Printf("Another link: steward link --data %s\nStop with Ctrl-C; what was read stays.\n\n", c.Data)
	go progress.follow()
	return o.serve(c.Context, listener, []string{listener.Addr().String()})
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
	go o.audit.Run(ctx, o.platform.Log)
	return nil
}

// serve answers requests until ctx ends.
func (o *office) serve(ctx context.Context, listener net.Listener, hosts []string) error {
	handler, err := o.hub(ctx, listener, hosts)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 5 * time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(o.platform.Log.Handler(), slog.LevelWarn),
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		return server.Shutdown(end)
	}
}

// hub mounts all pages and the API.
func (o *office) hub(ctx context.Context, listener net.Listener, hosts []string) (http.Handler, error) {
	values, err := o.platform.Settings.Values(ctx)
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return nil, fmt.Errorf("address of the hub: %w", err)
	}
	cookie := account.CookieName(port, false)
	s := web.New(web.Config{
		Firm: values.FirmName, FirmOf: o.firm, Docs: "/api", Version: o.version, Hosts: hosts, Logger: o.platform.Log,
		Auth: account.Authenticator{Accounts: o.accounts, Cookie: cookie}, Ready: o.ready,
	})
	o.mountSignIn(s, cookie)
	s.Finder(finder(o.platform))
	programs := api.New(api.Config{Version: o.version, Logger: o.platform.Log})
	describeSearch(programs.Operations(), o.platform)
	for _, c := range o.capabilities {
		if c.Pages != nil {
			c.Pages(s)
		}
		if c.API != nil {
			c.API(programs.Operations())
		}
	}
	programs.Mount(s)
	return s.Handler()
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
  steward serve --listen 0.0.0.0:7411 --host steward.example.com

It shows what steward work reads; both use the same database. Without PostgreSQL
run steward up, which does both.`
}

// Help is printed below the flags of `steward work --help`.
func (*workRun) Help() string {
	return `Examples:
  steward work --database postgres://steward@db.example.com/steward
  steward work --workers 8 --token-file /etc/steward/token

Any number of them may run beside each other on one database.`
}

// Run serves the hub; reading is done by `steward work`.
func (s *serveRun) Run(c *command.Context) error {
	if c.DSN == "" {
		return fault.New(fault.Invalid, "steward serve is one of several processes and needs PostgreSQL: give --database postgres://…, or run steward up, which needs nothing else.")
	}
	listener, err := listen(s.Listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	o, err := openOffice(c.Context, officeConfig{version: s.version, data: c.Data, dsn: c.DSN, log: logger(c, true)})
	if err != nil {
		return err
	}
	go o.audit.Run(c.Context, o.platform.Log)
	c.Printf("Steward %s is at http://%s\nA sign-in link: steward link --database …\n", s.version, listener.Addr())
	return errors.Join(o.serve(c.Context, listener, append(s.Host, listener.Addr().String())), o.platform.DB.Close())
}

// Run reads repositories until it is stopped.
func (w *workRun) Run(c *command.Context) error {
	if c.DSN == "" {
		return fault.New(fault.Invalid, "steward work is one of several processes and needs PostgreSQL: give --database postgres://…, or run steward up, which needs nothing else.")
	}
	o, err := openOffice(c.Context, officeConfig{version: w.version, data: c.Data, dsn: c.DSN, workers: workers(w.Workers), mirror: w.options(), log: logger(c, true)})
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

func listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fault.New(fault.Busy, "The address %s is in use: is Steward running already? Stop it, or give another with --listen 127.0.0.1:7412.", address)
	case errors.Is(err, os.ErrPermission):
		return nil, fault.New(fault.Denied, "This user may not listen on %s. Give a port above 1024 with --listen.", address)
	case err != nil:
		return nil, fault.Wrap(fault.Invalid, err, "Steward cannot listen on %s. Give an address such as 127.0.0.1:7411 with --listen.", address)
	}
	return l, nil
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

// oneLine keeps a name from breaking the terminal.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, s)
}
