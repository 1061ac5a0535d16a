package app

import (
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/access"
)

// TestSignInLeadsWhereOneWantedToGo asks for a page as nobody, signs in with a link that comes from elsewhere, as a
// browser does it, and looks where that ends.
func TestSignInLeadsWhereOneWantedToGo(t *testing.T) {
	o, handler, _, _ := hubOf(t)
	server := httptest.NewServer(handler)
	defer server.Close()
	id, err := o.owner(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, want := map[string]string{}, map[string]string{}
	for first, end := range map[string]string{
		"/repositories?q=a%26b&sort=-name":                      "/repositories?q=a%26b&sort=-name",
		"/":                                                     "/",
		"/login":                                                "/",
		"/login?next=%2Fjobs":                                   "/jobs",
		"/login?next=%2F%2Fevil.example":                        "/",
		"/login?next=%2F%5Cevil.example":                        "/",
		"/login?next=https:%2F%2Fevil.example":                  "/",
		"/login?next=%2F%252fevil.example":                      "/",
		"/login?next=%2Fa%0d%0aSet-Cookie:+b=c":                 "/",
		"/login?next=%2F" + strings.Repeat("a", 3000):           "/",
		"/login?next=%2Fjobs&next=%2F%2Fevil.example":           "/jobs",
		"/login?next=%2Flicences%3Fq%3D%E2%80%AEe&link=unknown": "/licences?q=%e2%80%aee",
	} {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		browser := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if r.Method == http.MethodGet && via[0].Method == http.MethodPost {
				return http.ErrUseLastResponse
			}
			return nil
		}}
		link, err := o.accounts.NewLink(t.Context(), access.System("test"), id)
		if err != nil {
			t.Fatal(err)
		}
		for _, address := range []string{first, "/login?link=" + link} {
			answer, err := browser.Get(server.URL + address)
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
		}
		answer, err := browser.PostForm(server.URL+"/login", url.Values{"link": {link}})
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		got[first], want[first] = answer.Header.Get("Location"), end
		for _, c := range jar.Cookies(answer.Request.URL) {
			if c.Name == "steward-next" {
				t.Errorf("%s: still kept after sign-in: %s", first, c.Value)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("signed in, want -, got +:\n%s", diff)
	}
}
