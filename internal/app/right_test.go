package app

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/access"
	"steward/internal/platform/account"
)

// own are the addresses that change what belongs to the sender alone: session, screen, tokens, views; and the one that
// answers to a file and changes nothing.
// An auditor, who changes nothing else, may use them.
var own = []string{
	"POST /login", "POST /logout", "POST /preferences", "POST /account/tokens", "POST /account/tokens/{id}/revoke",
	"POST /compare", "POST /views", "POST /views/{id}/rename", "POST /views/{id}/remove", "POST /views/{id}/restore", "POST /views/{id}/open", "POST /views/{id}/close",
}

// changes are all addresses that change something, with the right that each needs, "" for none but to
// be signed in: a new one belongs here.
var changes = map[string]access.Action{
	"POST /login":                                  "", // nobody is signed in yet
	"POST /logout":                                 "",
	"POST /preferences":                            "",
	"POST /account/tokens":                         "",
	"POST /account/tokens/{id}/revoke":             "",
	"POST /views":                                  access.ReadEstate,
	"POST /views/{id}/rename":                      access.ReadEstate,
	"POST /views/{id}/remove":                      access.ReadEstate,
	"POST /views/{id}/restore":                     access.ReadEstate,
	"POST /views/{id}/open":                        access.ReadEstate,
	"POST /views/{id}/close":                       access.ReadEstate,
	"POST /compare":                                access.ReadEstate, // changes nothing: the answer to a file
	"POST /views/{id}/share":                       access.ManageSettings,
	"POST /views/{id}/unshare":                     access.ManageSettings,
	"POST /components/pick":                        access.LinkRecords,
	"POST /components/assign":                      access.LinkRecords,
	"POST /components/assign/undo/{batch}":         access.LinkRecords,
	"POST /components/{id}/owner/takeback":         access.LinkRecords,
	"POST /components/owner/return/{confirmation}": access.LinkRecords,
	"POST /components/{id}/why/{name}":             access.LinkRecords,
	"POST /repositories/{id}/why/{name}":           access.LinkRecords,
	"POST /corrections/accept":                     access.LinkRecords,
	"POST /corrections/refuse":                     access.LinkRecords,
	"POST /corrections/decide":                     access.LinkRecords,
	"POST /corrections/{id}/withdraw":              access.LinkRecords,
	"POST /corrections/{batch}/undo":               access.LinkRecords,
	"POST /repositories/{id}/join":                 access.LinkRecords,
	"POST /repositories/{id}/split":                access.LinkRecords,
	"POST /people/{id}/split":                      access.LinkRecords,
	"POST /people/{id}/join":                       access.LinkRecords,
	"POST /people/{id}/unjoin/{a}/{b}":             access.LinkRecords,
	"POST /people/identities/{identity}/back":      access.LinkRecords,
	"POST /people/join":                            access.RunJobs,
	"POST /jobs/{id}/retry":                        access.RunJobs,
	"POST /jobs/{id}/cancel":                       access.RunJobs,
	"POST /repositories/{id}/read":                 access.RunJobs,
	"POST /sources/{id}/look":                      access.ManageSources,
	"POST /sources/{id}/remove":                    access.ManageSources,
	"POST /sources/{id}/restore":                   access.ManageSources,
	"POST /sources":                                access.ManageSources,
	"POST /repositories/{id}/visibility":           access.ManageSources,
	"POST /settings":                               access.ManageSettings,
	"POST /people/{id}/erase":                      access.ManageSettings,
	"POST /teams/{id}/speakers":                    access.ManageAccounts,
	"POST /teams/speakers/{speaker}/take":          access.ManageAccounts,
	"POST /teams/speakers/{speaker}/return":        access.ManageAccounts,
	"POST /settings/accounts":                      access.ManageAccounts,
	"POST /settings/accounts/{id}/link":            access.ManageAccounts,
	"POST /settings/accounts/{id}/role":            access.ManageAccounts,
	"POST /settings/accounts/{id}/disable":         access.ManageAccounts,
	"POST /settings/accounts/{id}/enable":          access.ManageAccounts,
}

// public is all that may be asked for without signing in.
var public = []string{"GET /static/", "GET /healthz", "GET /readyz", "GET /login", "POST /login"}

// anyRight are the addresses to read that need no right but to be signed in.
var anyRight = []string{"GET /{$}", "/", "/api/v1/", "GET /openapi.json", "GET /api", "GET /settings", "GET /account"}

// hubOf is a hub over an empty embedded database, and the session of an account of each role.
func hubOf(t *testing.T) (o *office, handler http.Handler, routes map[string]access.Action, sessions map[access.Role]string) {
	t.Helper()
	return hubOver(t, t.TempDir(), "")
}

// hubOver is hubOf over a data folder and the database of a DSN.
func hubOver(t *testing.T, data, dsn string) (o *office, handler http.Handler, routes map[string]access.Action, sessions map[access.Role]string) {
	t.Helper()
	o, err := openOffice(t.Context(), officeConfig{version: "test", data: data, dsn: dsn, seals: true, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.close(); err != nil {
			t.Error(err)
		}
	})
	e, err := front{Listen: "127.0.0.1:0"}.open(o.platform.Log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.listener.Close() })
	s, err := o.hub(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	if handler, err = s.Handler(); err != nil {
		t.Fatal(err)
	}
	routes, sessions = map[string]access.Action{}, map[access.Role]string{}
	for _, r := range s.Routes() {
		routes[r.Pattern] = r.Needs
		if r.Public != slices.Contains(public, r.Pattern) {
			t.Errorf("%s: open to everybody is %v", r.Pattern, r.Public)
		}
		if strings.HasPrefix(r.Pattern, "GET ") && r.Needs == "" && !r.Public && !slices.Contains(anyRight, r.Pattern) {
			t.Errorf("%s is shown to all who are signed in, whatever their role: give it a right, or name it here", r.Pattern)
		}
	}
	_, port, _ := strings.Cut(e.listener.Addr().String(), ":")
	v := access.System("test")
	for _, role := range access.Roles() {
		one, err := o.accounts.Put(t.Context(), v, "an "+string(role), role)
		if err != nil {
			t.Fatal(err)
		}
		link, err := o.accounts.NewLink(t.Context(), v, one.ID)
		if err != nil {
			t.Fatal(err)
		}
		session, err := o.accounts.Redeem(t.Context(), link)
		if err != nil {
			t.Fatal(err)
		}
		sessions[role] = account.CookieName(port, false) + "=" + session
	}
	return o, handler, routes, sessions
}

var inBraces = regexp.MustCompile(`\{[^}]*\}`)

// send posts an empty form and returns the status.
func send(h http.Handler, pattern, session string, headers ...string) int {
	method, path, _ := strings.Cut(pattern, " ")
	r := httptest.NewRequest(method, "http://localhost"+inBraces.ReplaceAllString(path, "0"), strings.NewReader(""))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if session != "" {
		r.Header.Set("Cookie", session)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

// TestWhoMayChangeWhat walks all addresses that change something, with every role.
func TestWhoMayChangeWhat(t *testing.T) {
	o, handler, routes, sessions := hubOf(t)
	got := map[string]access.Action{}
	for pattern, needs := range routes {
		if !strings.HasPrefix(pattern, "GET ") && !slices.Contains(anyRight, pattern) {
			got[pattern] = needs
		}
	}
	if diff := cmp.Diff(changes, got); diff != "" {
		t.Errorf("addresses that change something and their rights; the table -, mounted +:\n%s", diff)
	}

	entries := func() (n int) {
		if err := o.platform.DB.QueryRow(t.Context(), "SELECT count(*) FROM audit_entry").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := entries()
	for pattern, needs := range got {
		if slices.Contains(public, pattern) || pattern == "POST /logout" {
			continue
		}
		if status := send(handler, pattern, ""); status != http.StatusUnauthorized {
			t.Errorf("%s by nobody: %d", pattern, status)
		}
		if status := send(handler, pattern, sessions[access.Admin], "Sec-Fetch-Site", "cross-site"); status != http.StatusForbidden {
			t.Errorf("%s from another site: %d", pattern, status)
		}
		if status := send(handler, pattern, sessions[access.Admin], "Origin", "https://elsewhere.example"); status != http.StatusForbidden {
			t.Errorf("%s from another origin: %d", pattern, status)
		}
		for role, session := range sessions {
			may := needs == "" || access.As("x", "x", role).Can(needs)
			if may && role == access.Auditor && !slices.Contains(own, pattern) {
				t.Errorf("%s: an auditor may do it (%s)", pattern, needs)
			}
			if may {
				continue
			}
			if status := send(handler, pattern, session); status != http.StatusForbidden {
				t.Errorf("%s by %s: %d, want 403", pattern, role, status)
			}
		}
	}
	if after := entries(); after != before {
		t.Errorf("what was refused left %d entries in the audit log", after-before)
	}
	for role, session := range sessions { // refused is not signed out
		if status := send(handler, "GET /", session); status != http.StatusOK {
			t.Errorf("%s afterwards: %d", role, status)
		}
	}
}

// TestProgramsOnlyRead: the API describes nothing that changes something.
func TestProgramsOnlyRead(t *testing.T) {
	_, handler, _, sessions := hubOf(t)
	r := httptest.NewRequest(http.MethodGet, "http://localhost/openapi.json", nil)
	r.Header.Set("Cookie", sessions[access.Auditor])
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	var description struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	if err := json.NewDecoder(io.LimitReader(w.Body, 16<<20)).Decode(&description); err != nil || len(description.Paths) < 20 {
		t.Fatalf("%v, %d paths", err, len(description.Paths))
	}
	for path, methods := range description.Paths {
		for method := range methods {
			if method != "get" && method != "parameters" {
				t.Errorf("%s %s", method, path)
			}
		}
	}
}

// TestWhereAFormLeads: no address that a visitor can choose leads off this Steward.
func TestWhereAFormLeads(t *testing.T) {
	_, handler, _, sessions := hubOf(t)
	for _, to := range []string{"//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", "\\\\elsewhere.example", "/\t/elsewhere.example", "javascript:alert(1)", "/%0d%0aSet-Cookie:x", " //elsewhere.example", "/ok?x=//elsewhere.example"} {
		for _, address := range []string{"/login?next=" + to, "/preferences"} {
			method, body := http.MethodGet, ""
			if address == "/preferences" {
				method, body = http.MethodPost, "theme=dark&to="+strings.NewReplacer("%", "%25", "&", "%26", "+", "%2B", "\t", "%09").Replace(to)
			}
			r := httptest.NewRequest(method, "http://localhost/", strings.NewReader(body))
			path, query, _ := strings.Cut(address, "?")
			r.URL.Path, r.URL.RawQuery = path, query
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Cookie", sessions[access.Member])
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			leads := w.Header().Get("Location")
			at, err := (&url.URL{Scheme: "http", Host: "localhost", Path: "/"}).Parse(leads)
			if err != nil || at.Host != "localhost" || at.Scheme != "http" || strings.HasPrefix(leads, "//") || strings.ContainsAny(leads, "\\\r\n\t") {
				t.Errorf("%s with %q leads to %q", address, to, leads)
			}
		}
	}
}
