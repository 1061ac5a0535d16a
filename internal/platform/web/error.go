package web

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"steward/internal/format/plain"
	"steward/internal/platform/fault"
	"steward/internal/platform/web/local"
)

// retryAfter is when programs may try again what is not available now, in seconds.
const retryAfter = "5"

// failure is what template/error.tmpl shows.
type failure struct {
	Title    string
	Sentence string
	ID       string // of the log entry, for errors that are not the sender's
	Search   bool   // offer the search field: something was not found
	Retry    string // address to try again, "" when that would not help
	Back     string // page from which a form was sent, "" when it is not known
}

// fail answers with an error in the form that the client reads: a page, a part of one, or a
// problem document (RFC 9457).
func (s *Server) fail(w http.ResponseWriter, r *Request, err error) {
	if r.Context().Err() != nil { // whoever asked has gone away: there is nobody to tell, and Steward did not fail
		if !errors.Is(err, context.Canceled) {
			s.config.Logger.WarnContext(r.Context(), "request failed after its sender had left", "method", r.Method, "path", r.URL.Path, "error", err)
		}
		return
	}
	status := fault.HTTPStatus(err)
	f := failure{Title: titleOf(status), Sentence: fault.Sentence(err)}
	if status >= 500 {
		f.ID = newErrorID()
		s.config.Logger.ErrorContext(r.Context(), "request failed", "id", f.ID, "method", r.Method, "path", r.URL.Path, "error", err)
	}
	if f.Sentence == "" {
		f.Sentence = "Something in Steward went wrong; your data is as it was. If you report it, name " + f.ID + "."
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", retryAfter)
	}
	f.Search = status == http.StatusNotFound && r.Viewer.Valid()
	if r.Method == http.MethodGet && status >= 500 {
		f.Retry = here(r.Request)
	}
	if from, err := url.Parse(r.Referer()); err == nil && r.Method == http.MethodPost && from.Host == r.Host && local.Is(from.RequestURI()) {
		f.Back = from.RequestURI()
	}
	s.answer(w, r, status, f)
}

func (s *Server) answer(w http.ResponseWriter, r *Request, status int, f failure) {
	var err error
	switch {
	case wantsJSON(r.Request):
		writeProblem(w, status, f)
	case r.Header.Get("HX-Request") == "true":
		err = s.showPart(w, r, Page{Template: "failure.tmpl", Data: f, Status: status})
	default:
		err = s.Show(w, r, Page{Title: f.Title, Template: "error.tmpl", Data: f, Status: status})
	}
	if err != nil {
		s.config.Logger.ErrorContext(r.Context(), "error page failed", "id", f.ID, "error", err)
		http.Error(w, f.Title+"\n"+f.Sentence, status)
	}
}

func titleOf(status int) string {
	switch status {
	case http.StatusNotFound:
		return "Nothing is here"
	case http.StatusForbidden:
		return "You may not do this"
	case http.StatusUnprocessableEntity:
		return "This cannot be done as asked"
	case http.StatusConflict:
		return "This is in the way of something else"
	case http.StatusServiceUnavailable:
		return "Something that Steward needs does not answer"
	case http.StatusMethodNotAllowed:
		return "This address is used differently"
	case http.StatusRequestEntityTooLarge:
		return "That was too much at once"
	}
	return "Steward could not answer"
}

// newErrorID is a name for one error, short enough to be read out: E- and eight letters or digits.
func newErrorID() string { return "E-" + rand.Text()[:8] }

// wantsJSON reports whether a program asks, not a browser.
func wantsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.HasPrefix(r.URL.Path, "/api/") || strings.HasSuffix(r.URL.Path, ".json") ||
		strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

// writeProblem writes a problem document (RFC 9457).
func writeProblem(w http.ResponseWriter, status int, f failure) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	document, _ := plain.Marshal(struct { // words and numbers always marshal
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
		ID     string `json:"error_id,omitempty"`
	}{f.Title, status, f.Sentence, f.ID})
	_, _ = w.Write(append(document, '\n')) // whoever asked may have gone away
}

// signIn sends somebody unknown to sign in: browsers to /login, programs a 401.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if wantsJSON(r) || strings.HasSuffix(r.URL.Path, ".csv") || r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("WWW-Authenticate", `Bearer realm="steward"`)
		writeProblem(w, http.StatusUnauthorized, failure{Title: "Not signed in", Sentence: "Send a token (Authorization: Bearer stw_…) or sign in at /login."})
		return
	}
	to, back, part := "/login", here(r), r.Header.Get("HX-Request") == "true"
	if part { // come back to the page that it is a part of
		back = "/"
		if page, err := url.Parse(r.Header.Get("HX-Current-URL")); err == nil && local.Is(page.RequestURI()) {
			back = page.RequestURI()
		}
	}
	if back != "/" {
		to += "?next=" + url.QueryEscape(back)
	}
	if part {
		w.Header().Set("HX-Redirect", to)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// nowhere answers whatever no pattern matches.
func (s *Server) nowhere(w http.ResponseWriter, r *http.Request) {
	v, ok := s.known(w, r)
	if !ok {
		return
	}
	request := &Request{Request: r, Viewer: v, Now: s.config.Now()}
	s.fail(w, request, fault.New(fault.NotFound, "There is no page at this address. It may have moved, or the record was removed; look for it by name."))
}
