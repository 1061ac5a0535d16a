package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"steward/internal/format/plain"
	"steward/internal/platform/web/local"
	"steward/internal/platform/web/piece"
	"steward/internal/platform/web/static"
)

//go:embed template/*.tmpl
var templates embed.FS

// shell is what template/shell.tmpl draws around a page.
type shell struct {
	Page
	Content   template.HTML
	Firm      string
	Version   string
	SignedIn  bool
	Name      string // of the viewer
	Role      string
	Nav       navigation
	Theme     string // light, dark or "" for the system's
	Compact   bool
	Keys      bool // keyboard shortcuts are on
	Toast     Toast
	Query     string // what the search field holds
	Here      string // address of this page, to come back to
	Working   []Working
	TookToken template.HTML
	Docs      string
	Account   bool // there is a page of the account
	SignOut   bool // there is a way to sign out
}

// tookToken stands for the time that the answer took until the page has been drawn. No page can
// hold it by chance or by intent: text never has < in HTML.
const tookToken = "<!--took-->"

// Show draws a page in the shell and sends it, for what is mounted with Raw.
func (s *Server) Show(w http.ResponseWriter, r *Request, page Page) error {
	content, err := s.draw(page.Template, page.Data)
	if err != nil {
		return err
	}
	view := shell{
		Page: page, Content: content, Firm: s.config.Firm, Version: s.config.Version,
		Theme: theme(r.Request), Compact: compact(r.Request), Keys: keys(r.Request), Here: here(r.Request), TookToken: tookToken,
		Docs: s.config.Docs, Account: s.has("GET /account"), SignOut: s.has("POST /logout"),
	}
	if s.config.FirmOf != nil {
		view.Firm = s.config.FirmOf(r.Context())
	}
	if r.Viewer.Valid() {
		view.SignedIn, view.Name, view.Role = true, r.Viewer.Name(), string(r.Viewer.Role())
		view.Nav, view.Working = s.navigation(r), s.workingNow(r)
		view.Toast = s.takeToast(w, r.Request)
		if r.URL.Path == "/search" {
			view.Query = r.URL.Query().Get("q")
		}
	}
	var out bytes.Buffer
	if err := s.shell.ExecuteTemplate(&out, "shell.tmpl", view); err != nil {
		return fmt.Errorf("draw the shell of %q: %w", page.Title, err)
	}
	return s.send(w, r, page.Status, out.Bytes())
}

// showPart draws a template alone and sends it.
func (s *Server) showPart(w http.ResponseWriter, r *Request, page Page) error {
	content, err := s.draw(page.Template, page.Data)
	if err != nil {
		return err
	}
	return s.send(w, r, page.Status, []byte(content))
}

// draw executes a template of the shell or of a feature.
func (s *Server) draw(name string, data any) (template.HTML, error) {
	if name == "" {
		return "", nil
	}
	t := s.Template(name)
	if t == nil {
		return "", fmt.Errorf("there is no template %q", name)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, data); err != nil {
		return "", fmt.Errorf("draw %s: %w", name, err)
	}
	return template.HTML(out.String()), nil //nolint:gosec // html/template has escaped it
}

// send answers with a page: not stored by others, compressed, and not sent again while unchanged.
func (s *Server) send(w http.ResponseWriter, r *Request, status int, body []byte) error {
	body = harmless(body)
	sum := sha256.Sum256(body)
	body = bytes.ReplaceAll(body, []byte(tookToken), []byte(took(s.config.Now().Sub(r.Now))))
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "private, no-cache")
	h.Add("Vary", "Accept-Encoding, Cookie, HX-Request")
	if status == 0 {
		status = http.StatusOK
	}
	if status == http.StatusOK && r.Method == http.MethodGet && h.Get("Set-Cookie") == "" {
		tag := `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
		h.Set("ETag", tag)
		if strings.Contains(r.Header.Get("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	if len(body) > 1000 && static.TakesGzip(r.Request) {
		var small bytes.Buffer
		z, err := gzip.NewWriterLevel(&small, gzip.BestSpeed+3)
		if err != nil {
			return fmt.Errorf("compress: %w", err)
		}
		if _, err = z.Write(body); err == nil {
			err = z.Close()
		}
		if err != nil {
			return fmt.Errorf("compress: %w", err)
		}
		body = small.Bytes()
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // whoever asked has gone away; there is nobody to tell
	}
	return nil
}

// value begins what a form sends back. Text never has a quotation mark in HTML.
const value = ` value="`

// harmless makes the text of a page plain, whoever wrote it; see package plain. What a form sends back stays as it is:
// it names a record or a filter, and nobody reads it but who typed it.
func harmless(page []byte) []byte {
	var out []byte
	for {
		before, after, found := bytes.Cut(page, []byte(value))
		shown := plain.Bytes(before)
		if !found {
			if out == nil {
				return shown
			}
			return append(out, shown...)
		}
		sent, rest, _ := bytes.Cut(after, []byte(`"`))
		out = append(append(append(append(out, shown...), value...), sent...), '"')
		page = rest
	}
}

func took(d time.Duration) string {
	if d < time.Millisecond {
		return "under 1 ms"
	}
	return piece.Number(d.Milliseconds()) + " ms"
}

// here is the address of the page that is being shown, for forms that come back to it.
func here(r *http.Request) string {
	if r.Method == http.MethodGet && local.Is(r.URL.RequestURI()) {
		return r.URL.RequestURI()
	}
	return "/"
}
