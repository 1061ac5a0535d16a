// Package api serves Steward to programs under /api/v1 and describes all of it as OpenAPI 3.1.
//
// Who answers what:
//
//	/api/v1/<list>     package web, from the listing.Spec of the list: the same rows, filters, order
//	                   and access as the page; Mount writes its description from the same Spec
//	other /api/v1/…    operations that features register with Get, described by the types of what they
//	                   take and answer
//	/openapi.json      the description, made from both
//	/api               the same as a page, drawn on the server
//
// So a list is declared once, and nothing is described that is not served. Whoever asks is known
// before: web turns away who is not signed in, by session or bearer token, and puts the viewer into
// the context. Every error is a problem document (RFC 9457): a kind of package fault with its
// sentence and status, anything else with the id under which it is logged.
package api

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"steward/internal/format/plain"
	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/web/signed"
	"steward/internal/platform/web/watch"
)

// prefix is where everything for programs lies.
const prefix = "/api/v1/"

// bearer is the name of the security scheme in the description.
const bearer = "token"

// Config says what is served. The zero value works and logs nothing.
type Config struct {
	Version string // of Steward
	Logger  *slog.Logger
}

// API is the interface for programs. Register operations with Get, then Mount it.
type API struct {
	huma   huma.API
	mux    *http.ServeMux
	logger *slog.Logger
}

// New returns an API without operations.
func New(c Config) *API {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	h := huma.DefaultConfig("Steward", c.Version)
	h.Info.Description = description
	h.OpenAPIPath, h.DocsPath, h.SchemasPath = "", "", "" // served here, and without foreign scripts
	h.CreateHooks = nil                                   // no $schema in answers
	h.RejectUnknownQueryParameters = true
	written := huma.Format{Marshal: func(w io.Writer, v any) error { return plain.WriteJSON(w, v, "") }, Unmarshal: json.Unmarshal}
	h.Formats = map[string]huma.Format{"application/json": written, "json": written}
	h.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	h.Components.SecuritySchemes = map[string]*huma.SecurityScheme{bearer: {
		Type: "http", Scheme: "bearer",
		Description: "A personal token, made in the hub under Account. Who is signed in to the hub needs none.",
	}}
	h.Security = []map[string][]string{{bearer: {}}}
	mux := http.NewServeMux()
	return &API{huma: humago.New(mux, h), mux: mux, logger: c.Logger}
}

const description = "Everything that the pages of the hub show, with the same rights. " +
	"Send a personal token as Authorization: Bearer stw_…. Lists answer by pages: next is the address of the next one, and the same query on /NAME.csv and /NAME.json exports all of a list. " +
	"Times are UTC; what is not known is null, never 0 or an empty text. Errors are problem documents (RFC 9457)."

// schemaName names a type in the description with its package: two features may have an Entry.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := huma.DefaultSchemaNamer(t, hint)
	if i := strings.LastIndexByte(t.PkgPath(), '/'); i >= 0 && strings.HasPrefix(t.PkgPath(), "steward/") {
		return strings.ToUpper(t.PkgPath()[i+1:i+2]) + t.PkgPath()[i+2:] + name
	}
	return name
}

// Operations is what features register their operations with.
func (a *API) Operations() huma.API { return a.huma }

// Doc describes one operation that reads.
type Doc struct {
	Path    string        // "/api/v1/jobs/{id}"; what is in braces is a field of the input with `path:"id"`
	Tag     string        // heading under which it is listed: "Jobs"
	Summary string        // what it answers, in a few words: "One job"
	Text    string        // what else must be known; "" for nothing
	Needs   access.Action // "" is all who are signed in
}

// answer is the body of an operation.
type answer[O any] struct{ Body O }

// Get registers GET Doc.Path. The handler gets the viewer, who may do what the operation needs; its
// error becomes a problem document.
func Get[I, O any](a huma.API, d Doc, h func(context.Context, access.Viewer, *I) (O, error)) {
	huma.Register(a, huma.Operation{
		OperationID: operationID(d.Path), Method: http.MethodGet, Path: d.Path, Tags: []string{d.Tag}, Summary: d.Summary,
		Description: d.Text, Errors: []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound},
	}, func(ctx context.Context, in *I) (*answer[O], error) {
		v := signed.Viewer(ctx)
		if d.Needs != "" {
			if err := v.Require(d.Needs); err != nil {
				return nil, problemOf(ctx, err)
			}
		}
		out, err := h(ctx, v, in)
		if err != nil {
			return nil, problemOf(ctx, err)
		}
		return &answer[O]{Body: out}, nil
	})
}

// operationID makes a name from an address: /api/v1/jobs/{id} is get-jobs-id.
func operationID(path string) string {
	words := strings.FieldsFunc(strings.TrimPrefix(path, prefix), func(r rune) bool { return strings.ContainsRune("/{}._", r) })
	return "get-" + strings.Join(words, "-")
}

// problem is a problem document (RFC 9457).
type problem struct {
	Title   string `json:"title"`
	Status  int    `json:"status"`
	Detail  string `json:"detail"`
	ErrorID string `json:"error_id,omitempty"`
}

func (p *problem) Error() string { return p.Detail }

// GetStatus gives the HTTP status to the library.
func (p *problem) GetStatus() int { return p.Status }

// ContentType gives the type of the body to the library.
func (p *problem) ContentType(string) string { return "application/problem+json" }

type loggerKey struct{}

// problemOf turns an error into what is sent. One that is not the sender's is logged under an id.
func problemOf(ctx context.Context, err error) error {
	if ctx.Err() != nil { // whoever asked has gone away: nobody reads it, and it is no failure of Steward's
		return &problem{Title: "Gone away", Status: watch.Gone, Detail: "The request was given up by its sender."}
	}
	p := &problem{Status: fault.HTTPStatus(err), Detail: fault.Sentence(err)}
	p.Title = http.StatusText(p.Status)
	if p.Status >= 500 {
		p.ErrorID = "E-" + rand.Text()[:8]
		if logger, ok := ctx.Value(loggerKey{}).(*slog.Logger); ok {
			logger.ErrorContext(ctx, "request of a program failed", "id", p.ErrorID, "error", err)
		}
	}
	if p.Detail == "" {
		p.Detail = "Something in Steward went wrong; your data is as it was. If you report it, name " + p.ErrorID + "."
	}
	if p.Status == http.StatusServiceUnavailable {
		return huma.ErrorWithHeaders(p, http.Header{"Retry-After": {"5"}})
	}
	return p
}

func (p *problem) send(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = plain.WriteJSON(w, p, "") // whoever asked may have gone away
}

// ServeHTTP answers what features registered. The viewer is in the context already.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, pattern := a.mux.Handler(r)
	switch {
	case pattern != "":
		w.Header().Set("Cache-Control", "private, no-cache")
		a.mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), loggerKey{}, a.logger)))
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		(&problem{Title: "Method Not Allowed", Status: http.StatusMethodNotAllowed, Detail: "Programs read here: send GET. /api lists every address."}).send(w)
	default:
		(&problem{Title: "Not Found", Status: http.StatusNotFound, Detail: "There is nothing at this address. /api lists every address."}).send(w)
	}
}
