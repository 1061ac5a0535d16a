// Package web is the shell of the hub: navigation, pages, lists, home, search, static files, and
// the guards around them. Features mount what they have and know nothing of HTTP beyond it.
//
// A feature mounts a place in the navigation, a list, a page and something to do:
//
//	//go:embed page/*.tmpl
//	var pages embed.FS // page/repository.tmpl is the template "estate/repository"
//
//	func (f *Feature) pages(s *web.Server) {
//		s.Templates("estate", pages)
//		s.Nav(web.Nav{Area: web.Estate, Order: 10, Label: "Repositories", Icon: "repo", Path: "/repositories", Needs: access.ReadEstate, Count: f.countRepositories})
//
//		// GET /repositories, /repositories.csv, /repositories.json, /api/v1/repositories
//		s.List(repositories, f.db, web.ListOptions{Area: web.Estate, Needs: access.ReadEstate})
//
//		s.Page("/repositories/{id}", access.ReadEstate, func(r *web.Request) (web.Page, error) {
//			repository, err := f.Find(r.Context(), r.Viewer, r.PathValue("id")) // fault.NotFound becomes a page with status 404
//			if err != nil {
//				return web.Page{}, err
//			}
//			return web.Page{
//				Title:    repository.Name,
//				Crumbs:   []web.Crumb{{Label: "Estate"}, {Label: "Repositories", Href: "/repositories"}},
//				Template: "estate/repository", Data: repository,
//				API:      "/api/v1/repositories/" + repository.UID,
//			}, nil
//		})
//
//		s.Post("/repositories/{id}/read", access.RunJobs, func(r *web.Request) (web.Done, error) {
//			if err := f.Read(r.Context(), r.Viewer, r.PathValue("id")); err != nil {
//				return web.Done{}, err
//			}
//			return web.Done{To: "/jobs", Toast: web.Toast{Text: "Reading has been queued."}}, nil
//		})
//	}
//
//	var repositories = listing.Spec{
//		Name: "repositories", Title: "Repositories", Noun: "repository", Plural: "repositories",
//		From: "repository r", Key: "r.id", KeyKind: listing.Number,
//		Where:   func(v access.Viewer) string { return v.Where("r.visibility") },
//		Search:  []string{"r.name"},
//		Columns: []listing.Column{
//			{Key: "name", Label: "Repository", SQL: "r.name", Sort: true, Link: "/repositories/{id}"},
//			{Key: "changed", Label: "Last change", SQL: "r.changed_at", Kind: listing.Time, Sort: true, Priority: 2},
//			{Key: "id", SQL: "r.uid", Hidden: true},
//		},
//		Filters: []listing.Filter{{Key: "owner", Label: "Owner", SQL: "r.owner", Unknown: "No owner"}},
//		Views:   []listing.View{{Key: "no-owner", Label: "No owner", Where: "r.owner IS NULL"}},
//		Default: listing.Sort{Column: "changed", Desc: true},
//		Empty:   listing.Empty{Title: "No repositories yet", Text: "Add a source and Steward reads what it finds there.", Label: "Add repositories", Href: "/sources/new"},
//	}
//
// Further: Fragment (a part of a page for htmx), Raw (downloads), Mount (a whole handler, such as
// the API, with the viewer in the context, see package signed), Public (before sign-in), panels of
// records (Panel, WithPanels), and the hooks of home and search: Home, Figure, Attention, Picture,
// News, Working, Finder. What goes into templates is in package piece; every piece is a function of
// the same name in lower case ({{status "bad" "Act"}}, {{bars .Packages "components"}}). Tests of
// features use package webtest.
//
// Errors: a handler returns one. A kind of package fault becomes a page with its sentence and
// status; any other is logged with an id and shown as that id. Templates hold no style attributes
// and no scripts: the content security policy forbids both.
package web

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"steward/internal/platform/access"
	"steward/internal/platform/listing"
	"steward/internal/platform/view"
	"steward/internal/platform/web/kept"
	"steward/internal/platform/web/piece"
	"steward/internal/platform/web/static"
	"steward/internal/platform/web/watch"
)

// Config is what a Server needs. Its zero value serves nobody, as it has no Authenticator.
type Config struct {
	Firm    string                       // name of the firm, beside the wordmark
	FirmOf  func(context.Context) string // the same where it may change while Steward runs; nil is always Firm
	Version string
	// Hosts are the host names, with port when it is not the scheme's own, under which this Steward is
	// reached ("steward.example:8443"); a * as host accepts any. On loopback addresses localhost,
	// 127.0.0.1 and [::1] are accepted besides. Others get 421, against DNS rebinding.
	Hosts         []string
	Secure        bool // served by https: HSTS, and __Host- before the names of cookies
	Auth          Authenticator
	Logger        *slog.Logger
	Now           func() time.Time
	Ready         func(context.Context) error // for /readyz; nil is always ready
	Metrics       *prometheus.Registry        // for /metrics; nil makes one of its own
	MetricsSecret string                      // bearer token for /metrics; "" leaves it to administrators
	// More are the filters that a list gets beside its own, from other features; nil is none.
	More  func(listing.Spec) []listing.Filter
	Views *view.Views // saved views of lists; nil offers none
	Docs  string      // address of the API's description, in the footer; "" shows none
}

// Authenticator says who sends a request, by session or token: the zero Viewer when nobody is signed
// in, an error when that cannot be found out, such as while the database does not answer.
type Authenticator interface {
	Viewer(r *http.Request) (access.Viewer, error)
}

// Server is the hub. Mount everything, then call Handler once.
type Server struct {
	config   Config
	static   *static.Files
	pieces   *piece.Set
	shell    *template.Template            // templates of the shell, parsed
	features map[string]*template.Template // by feature: its templates
	routes   []route
	limits   map[string]int64 // by path: how large a posted body may be, where that is more than maxBody
	places   []Nav
	home     home
	finders  []Finder
	working  []func(context.Context, access.Viewer) (Working, error)
	listed   []Listed
	counts   *kept.Numbers[Count] // beside places and views
	metrics  *watch.Metrics
	problems []error
}

// Route is an address that is mounted, and who may ask for it.
type Route struct {
	Pattern string        // of http.ServeMux, with its method when it has one
	Needs   access.Action // "" is all who are signed in
	Public  bool          // everybody, signed in or not
}

type route struct {
	Route
	handler http.Handler
}

// Routes returns all that is mounted, in the order in which it was.
func (s *Server) Routes() []Route {
	all := make([]Route, len(s.routes))
	for i, r := range s.routes {
		all[i] = r.Route
	}
	return all
}

// New returns a server with the pages that are its own: home, search, preferences, health, metrics.
func New(c Config) *Server {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Metrics == nil {
		c.Metrics = prometheus.NewRegistry()
	}
	s := &Server{config: c, features: map[string]*template.Template{}, counts: kept.New[Count](c.Now), metrics: watch.New(c.Metrics)}
	var err error
	if s.static, err = static.Read(); err != nil {
		s.problem(err)
		return s
	}
	if s.pieces, err = piece.New(s.static, c.Now); err != nil {
		s.problem(err)
		return s
	}
	if s.shell, err = template.New("").Funcs(s.pieces.Functions()).ParseFS(templates, "template/*.tmpl"); err != nil {
		s.problem(fmt.Errorf("parse the shell: %w", err))
		return s
	}
	s.own()
	return s
}

// own mounts what belongs to the shell itself.
func (s *Server) own() {
	s.Page("/{$}", "", s.homePage)
	s.Page("/search", access.ReadEstate, s.searchPage)
	s.Fragment("/search/suggest", access.ReadEstate, s.suggest)
	s.Raw("POST /preferences", "", s.preferences)
	s.mountViews()
	s.handle(Route{Pattern: "GET /static/", Public: true}, s.static)
	s.handle(Route{Pattern: "GET /healthz", Public: true}, http.HandlerFunc(healthz))
	s.handle(Route{Pattern: "GET /readyz", Public: true}, http.HandlerFunc(s.readyz))
	s.handle(Route{Pattern: "GET /metrics", Needs: access.ManageSettings}, http.HandlerFunc(s.metricsPage))
	s.handle(Route{Pattern: "/"}, http.HandlerFunc(s.nowhere))
}

// problem keeps a mistake made in mounting until Handler reports all of them.
func (s *Server) problem(err error) { s.problems = append(s.problems, err) }

// Templates gives the templates of a feature: page/name.tmpl becomes "feature/name". They see the
// pieces as functions and call each other by those names.
func (s *Server) Templates(feature string, fsys fs.FS) {
	if s.pieces == nil {
		return
	}
	set := template.New("").Funcs(s.pieces.Functions())
	names, err := fs.Glob(fsys, "page/*.tmpl")
	if err != nil || len(names) == 0 {
		s.problem(fmt.Errorf("templates of %s: nothing matches page/*.tmpl", feature))
		return
	}
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err == nil {
			_, err = set.New(feature + "/" + strings.TrimSuffix(strings.TrimPrefix(name, "page/"), ".tmpl")).Parse(string(text))
		}
		if err != nil {
			s.problem(fmt.Errorf("template %s of %s: %w", name, feature, err))
		}
	}
	s.features[feature] = set
}

// Template returns a parsed template such as "estate/repository", or nil; it is for tests that
// check templates against their data.
func (s *Server) Template(name string) *template.Template {
	feature, _, _ := strings.Cut(name, "/")
	set := s.features[feature]
	if set == nil {
		set = s.shell
	}
	if set == nil {
		return nil
	}
	return set.Lookup(name)
}

// handle registers a handler under a route as it is: it sees to the right by itself.
func (s *Server) handle(r Route, h http.Handler) {
	s.routes = append(s.routes, route{r, s.metrics.Measure(r.Pattern, h)})
}

// has reports whether something is mounted under just this pattern.
func (s *Server) has(pattern string) bool {
	return slices.ContainsFunc(s.routes, func(r route) bool { return r.Pattern == pattern })
}

// Handler returns the whole hub with its guards, or all mistakes made in mounting.
func (s *Server) Handler() (http.Handler, error) {
	mux := http.NewServeMux()
	for _, r := range s.routes {
		if err := register(mux, r); err != nil {
			s.problem(err)
		}
	}
	if s.config.Auth == nil {
		s.problem(errors.New("web: no Authenticator is configured"))
	}
	slices.SortStableFunc(s.places, func(a, b Nav) int { return a.Order - b.Order })
	s.problems = append(s.problems, s.checkPlaces()...)
	if len(s.problems) > 0 {
		return nil, errors.Join(s.problems...)
	}
	return s.guard(mux), nil
}

// register turns the panic of a pattern that is wrong or taken into an error.
func register(mux *http.ServeMux, r route) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("mount %q: %v", r.Pattern, cause)
		}
	}()
	mux.Handle(r.Pattern, r.handler)
	return nil
}
