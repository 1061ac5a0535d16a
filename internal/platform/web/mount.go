package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/web/local"
	"steward/internal/platform/web/signed"
)

// Request is a request of somebody who is signed in and may do what was asked for.
type Request struct {
	*http.Request
	Viewer access.Viewer
	Now    time.Time
}

// Page is what a page shows. The shell draws navigation, breadcrumb, heading, tabs and footer; the
// template draws what lies between, with Data as its dot.
type Page struct {
	Title    string    // document and heading
	Lede     any       // below the heading: a string, or template.HTML made by a piece; nil for none
	Fresh    time.Time // behind the lede: when the newest of what is shown was read; zero says nothing
	Badges   []Badge   // beside the heading
	Crumbs   []Crumb   // places above this page; the page itself is added
	Actions  []Action  // right of the heading; at most one of them Main
	Export   []Action  // choices of the Export menu
	Tabs     []Tab     // panels of a record
	About    []Fact    // facts of the record, in a column beside what Template draws; none where it draws them itself
	Template string    // "feature/name" for page/name.tmpl
	Data     any
	API      string // address of the same as JSON, "" when there is none
	Status   int    // HTTP status, 0 is 200
}

// Crumb is one step of the breadcrumb. Without an address it is words only.
type Crumb struct{ Label, Href string }

// Tab is one panel of a record, with an address of its own.
type Tab struct {
	Label, Href string
	Count       string // "" for none
	Current     bool
}

// Done is what follows a posted form: another page with a toast, or the form again.
type Done struct {
	To    string // local address to go to
	Toast Toast
	Again *Page // the form again, with status 422, because what was typed must change
}

// Toast is a line at the top of the next page, shown once.
type Toast struct {
	Text string
	Undo string // local address that is posted to undo; "" when it cannot be undone
}

// Page mounts GET pattern. It is shown to those who may do what it needs; "" is all who are signed in.
func (s *Server) Page(pattern string, needs access.Action, h func(*Request) (Page, error)) {
	s.Raw("GET "+pattern, needs, func(w http.ResponseWriter, r *Request) error {
		page, err := h(r)
		if err != nil {
			return err
		}
		return s.Show(w, r, page)
	})
}

// Fragment mounts GET pattern for htmx: only the template is drawn, without the shell.
func (s *Server) Fragment(pattern string, needs access.Action, h func(*Request) (Page, error)) {
	s.Raw("GET "+pattern, needs, func(w http.ResponseWriter, r *Request) error {
		page, err := h(r)
		if err != nil {
			return err
		}
		return s.showPart(w, r, page)
	})
}

// Post mounts POST pattern. Forms are read (at most 1 MB) before the handler runs. After Done.To
// the browser asks for that page with GET, so that reloading repeats nothing.
func (s *Server) Post(pattern string, needs access.Action, h func(*Request) (Done, error)) {
	s.Raw("POST "+pattern, needs, func(w http.ResponseWriter, r *Request) error {
		if err := r.ParseForm(); err != nil {
			return fault.Wrap(fault.Invalid, err, "The form could not be read. Go back and send it again.")
		}
		done, err := h(r)
		if err != nil {
			return err
		}
		s.counts.Forget() // what was posted may have changed any of them
		if done.Again != nil {
			page := *done.Again
			page.Status = http.StatusUnprocessableEntity
			return s.Show(w, r, page)
		}
		if !local.Is(done.To) {
			return fmt.Errorf("form %s leads to %q, which is not a local address", pattern, done.To)
		}
		s.setToast(w, r.Request, done.Toast)
		http.Redirect(w, r.Request, done.To, http.StatusSeeOther)
		return nil
	})
}

// Raw mounts a handler that writes its own answer, such as a download, under a pattern with its
// method ("GET /sbom/{id}"). An error returned before anything was written becomes an error page.
func (s *Server) Raw(pattern string, needs access.Action, h func(http.ResponseWriter, *Request) error) {
	if !strings.Contains(pattern, " /") {
		s.problem(fmt.Errorf("web: pattern %q has no method or does not begin with a slash", pattern))
		return
	}
	s.handle(Route{Pattern: pattern, Needs: needs}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, ok := s.known(w, r)
		if !ok {
			return
		}
		request := &Request{Request: r.WithContext(signed.In(r.Context(), v)), Viewer: v, Now: s.config.Now()}
		if err := s.allowed(request, needs, h, w); err != nil {
			s.fail(w, request, err)
		}
	}))
}

// known finds who sends a request. It answers by itself, and returns false, when that is nobody or
// cannot be found out: nobody is signed out because the database does not answer for a moment.
func (s *Server) known(w http.ResponseWriter, r *http.Request) (access.Viewer, bool) {
	v, err := s.config.Auth.Viewer(r)
	switch {
	case err != nil:
		s.fail(w, &Request{Request: r, Now: s.config.Now()}, fault.Wrap(fault.Unavailable, err,
			"Steward cannot look up who you are, as its database does not answer. You are still signed in: try again in a moment."))
	case !v.Valid():
		s.signIn(w, r)
	}
	return v, err == nil && v.Valid()
}

func (s *Server) allowed(r *Request, needs access.Action, h func(http.ResponseWriter, *Request) error, w http.ResponseWriter) error {
	if needs != "" {
		if err := r.Viewer.Require(needs); err != nil {
			return err
		}
	}
	return h(w, r)
}

// Mount gives a whole handler all requests under a pattern, such as "/api/v1/". Who is not signed
// in is turned away before; the viewer is in the context, see signed.Viewer.
func (s *Server) Mount(pattern string, h http.Handler) {
	s.handle(Route{Pattern: pattern}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, ok := s.known(w, r)
		if !ok {
			return
		}
		h.ServeHTTP(w, r.WithContext(signed.In(r.Context(), v)))
	}))
}

// Public mounts a handler for everybody, signed in or not: sign-in itself and nothing else. Bare
// draws a page for it. An error becomes a bare error page.
func (s *Server) Public(pattern string, h func(http.ResponseWriter, *http.Request) error) {
	s.handle(Route{Pattern: pattern, Public: true}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.fail(w, &Request{Request: r, Now: s.config.Now()}, err)
		}
	}))
}

// Bare draws a page without navigation, for those who are not signed in.
func (s *Server) Bare(w http.ResponseWriter, r *http.Request, page Page) error {
	return s.Show(w, &Request{Request: r, Now: s.config.Now()}, page)
}
