package web_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var tabPattern = regexp.MustCompile(`<a href="([^"]*)"( aria-current="page")?>([^<]*?)(?: <span class="sr">\(shared\)</span>)? <span class="n">([^<]*)</span></a>`)

// tabs gives the views that a list shows: label, number, address, and * for the current one.
func tabs(t *testing.T, h http.Handler, who, address string) (all []string) {
	t.Helper()
	w := ask(h, who, "GET", address, "")
	if w.Code != 200 {
		t.Fatalf("%s answers %d", address, w.Code)
	}
	_, after, _ := strings.Cut(w.Body.String(), `aria-label="Views">`)
	nav, _, _ := strings.Cut(after, "</nav>")
	for _, m := range tabPattern.FindAllStringSubmatch(nav, -1) {
		mark := ""
		if m[2] != "" {
			mark = " *"
		}
		all = append(all, m[3]+" "+m[4]+" "+m[1]+mark)
	}
	return all
}

func wantTabs(t *testing.T, h http.Handler, who, address string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, tabs(t, h, who, address)); diff != "" {
		t.Errorf("%s as %s: want -, got +:\n%s", address, who, diff)
	}
}

// act posts a form of the list's page and follows where it leads.
func act(t *testing.T, h http.Handler, who, address string, form url.Values) string {
	t.Helper()
	w := ask(h, who, "POST", address, form.Encode())
	if w.Code != 303 {
		t.Fatalf("POST %s answers %d\n%.300s", address, w.Code, w.Body)
	}
	return w.Header().Get("Location")
}

func TestSavedViews(t *testing.T) {
	h := newDemo(t, io.Discard)
	own := []string{"No owner 15 /things?view=no-owner", "Unchanged two years 0 /things?view=old"}
	at := func(first string, more ...string) []string { return append(append([]string{first}, own...), more...) }
	wantTabs(t, h, "ben", "/things", at("All 58 /things *")...)

	// An auditor saves the address of a list; what it does not know, density and page are left out.
	to := act(t, h, "cas", "/views", url.Values{"list": {"things"}, "name": {"Ledgers"}, "terms": {"q=ledger&sort=-name&density=compact&limit=50&bogus=1"}})
	if to != "/things?q=ledger&sort=-name" {
		t.Errorf("saving leads to %s", to)
	}
	wantTabs(t, h, "cas", to, at("All 60 /things", "Ledgers 10 /things?q=ledger&amp;sort=-name *")...)
	wantTabs(t, h, "cas", "/things", at("All 60 /things *", "Ledgers 10 /things?q=ledger&amp;sort=-name")...)
	wantTabs(t, h, "ben", "/things", at("All 58 /things *")...)

	page := ask(h, "cas", "GET", to, "").Body.String()
	id := regexp.MustCompile(`/views/([^/"]*)/open`).FindStringSubmatch(page)
	if id == nil || strings.Contains(page, "Save as a view") || strings.Contains(page, "Share with everybody") {
		t.Fatalf("the page of a saved view offers the wrong acts")
	}
	act(t, h, "cas", "/views/"+id[1]+"/open", nil)
	w := ask(h, "cas", "GET", "/things", "")
	if w.Code != 303 || w.Header().Get("Location") != to {
		t.Errorf("the list opens with %d %s", w.Code, w.Header().Get("Location"))
	}
	wantTabs(t, h, "cas", "/things?view=", at("All 60 /things?view= *", "Ledgers 10 /things?q=ledger&amp;sort=-name")...)
	if w := ask(h, "cas", "GET", "/things.csv", ""); w.Code != 200 || strings.Count(w.Body.String(), "\r\n") != 61 {
		t.Errorf("the export follows the view that the page opens with: %d", w.Code)
	}
	// A filter that is cleared shows all, not the view again.
	if page := ask(h, "cas", "GET", "/things?owner=-", "").Body.String(); !strings.Contains(page, `href="/things?view=">Clear<`) {
		t.Error("Clear leads back to the view that the list opens with")
	}

	if to := act(t, h, "cas", "/views/"+id[1]+"/remove", nil); to != "/things?view=" {
		t.Errorf("removing leads to %s", to)
	}
	wantTabs(t, h, "cas", "/things", at("All 60 /things *")...)
	act(t, h, "cas", "/views/"+id[1]+"/restore", nil)
	act(t, h, "cas", "/views/"+id[1]+"/close", nil)
	wantTabs(t, h, "cas", "/things", at("All 60 /things *", "Ledgers 10 /things?q=ledger&amp;sort=-name")...)
}

func TestViewsThatCannotBeSaved(t *testing.T) {
	h := newDemo(t, io.Discard)
	form := url.Values{"list": {"things"}, "name": {"Mine"}, "terms": {"q=x"}}
	act(t, h, "ben", "/views", form)
	cases := []struct {
		change url.Values
		code   int
		holds  string
	}{
		{nil, 422, "There is a view called &#34;Mine&#34; already."},
		{url.Values{"name": {" "}}, 422, "A view needs a name"},
		{url.Values{"name": {"<b>"}, "terms": {"bogus=1"}}, 422, "There is nothing to save"},
		{url.Values{"list": {"nothing"}}, 422, "There is no such list"},
		{url.Values{"name": {"<b>"}, "terms": {"%zz"}}, 422, "There is no such list"},
	}
	for _, c := range cases {
		sent := url.Values{}
		for _, from := range []url.Values{form, c.change} {
			for k, v := range from {
				sent[k] = v
			}
		}
		w := ask(h, "ben", "POST", "/views", sent.Encode())
		if w.Code != c.code || !strings.Contains(w.Body.String(), c.holds) || strings.Contains(w.Body.String(), "<b>\"") {
			t.Errorf("%v answers %d, want %d with %q", c.change, w.Code, c.code, c.holds)
		}
	}
	if w := ask(h, "", "POST", "/views", form.Encode()); w.Code != 401 {
		t.Errorf("nobody saves a view: %d", w.Code)
	}
	for _, path := range []string{"/views/x/share", "/views/x/unshare"} {
		if w := ask(h, "ben", "POST", path, ""); w.Code != 403 {
			t.Errorf("%s by a member answers %d", path, w.Code)
		}
	}
	if w := ask(h, "ann", "POST", "/views/x/share", ""); w.Code != 404 {
		t.Errorf("sharing what is not there answers %d", w.Code)
	}
}
