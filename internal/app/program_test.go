package app

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"steward/internal/platform/access"
)

// answers says where programs get what a page shows when that is not its own address below /api/v1; ""
// where there is nothing to get: a form, a part of another page, or something for browsers alone. A new
// page belongs here, or has an operation at its own address.
var answers = map[string]string{
	"/{$}":                         "/api/v1/home",
	"/api":                         "",
	"/applications/{id}/{panel}":   "/api/v1/applications/{id}",
	"/units/{id}/{panel}":          "/api/v1/units/{id}",
	"/components/assign":           "",
	"/corrections/decide":          "",
	"/components/{id}/{panel}":     "/api/v1/components/{id}",
	"/compare":                     "", // a form; what it sends is answered as JSON with as=json
	"/jobs/now":                    "",
	"/packages/{id}/brought-in-by": "/api/v1/packages/{id}",
	"/packages/{id}/versions":      "/api/v1/packages/{id}",
	"/repositories/{id}/{panel}":   "/api/v1/repositories/{id}",
	"/report.html":                 "/api/v1/report",
	"/report.pdf":                  "/api/v1/report",
	"/report.xlsx":                 "/api/v1/report",
	"/search/suggest":              "/api/v1/search",
	"/settings/accounts":           "/api/v1/accounts",
	"/settings/storage":            "/api/v1/storage",
	"/sources/new":                 "",
	"/sources/{id}":                "/api/v1/sources",
	"/teams/{id}/{panel}":          "/api/v1/teams/{id}",
	"/healthz":                     "",
	"/login":                       "",
	"/metrics":                     "",
	"/readyz":                      "",
	"/static/":                     "",
	"/views/new":                   "",
}

// TestProgramsGetWhatPagesShow walks all pages.
func TestProgramsGetWhatPagesShow(t *testing.T) {
	_, handler, routes, sessions := hubOf(t)
	r := httptest.NewRequest(http.MethodGet, "http://localhost/openapi.json", nil)
	r.Header.Set("Cookie", sessions[access.Admin])
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	var description struct {
		Paths map[string]any `json:"paths"`
	}
	if err := json.NewDecoder(w.Body).Decode(&description); err != nil {
		t.Fatal(err)
	}
	mounted := map[string]bool{}
	for pattern := range routes {
		path, reads := strings.CutPrefix(pattern, "GET ")
		switch {
		case !reads || strings.HasSuffix(path, ".csv") || strings.HasSuffix(path, ".json") || strings.HasSuffix(path, ".jsonl"):
			continue
		case strings.HasPrefix(path, "/api/v1/"):
			if description.Paths[path] == nil {
				t.Errorf("%s is served and not described", path)
			}
			continue
		}
		mounted[path] = true
		to, named := answers[path]
		switch {
		case !named && description.Paths["/api/v1"+path] == nil:
			t.Errorf("%s is a page that programs cannot read: give it an operation, or name the one that has it here", path)
		case to != "" && description.Paths[to] == nil:
			t.Errorf("%s: nothing is described at %s", path, to)
		}
	}
	for path := range answers {
		if !mounted[path] {
			t.Errorf("%s is named here and not mounted", path)
		}
	}
}

// TestProgramsGetHome reads home of an empty estate and of a search.
func TestProgramsGetHome(t *testing.T) {
	_, handler, _, sessions := hubOf(t)
	get := func(path string) (int, string) {
		r := httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)
		r.Header.Set("Cookie", sessions[access.Member])
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	status, body := get("/api/v1/home")
	for _, part := range []string{`{"label":"Repositories","value":"0","note":"0 read","page":"/repositories"}`, `"attention":[]`, `{"title":"Languages","note":"by bytes, without vendored and generated code","rows":[]}`, `"late":[]`} {
		if status != http.StatusOK || !strings.Contains(body, part) {
			t.Errorf("%d: %s lacks %s", status, body, part)
		}
	}
	if _, body = get("/search?q=a+b&kind=package"); !strings.Contains(body, `href="/api/v1/search?kind=package&amp;q=a`) {
		t.Error("the page of a search does not lead to the same as JSON")
	}
}
