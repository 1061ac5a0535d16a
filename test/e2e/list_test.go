package e2e

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// components is an estate of more components than a page shows.
func components(t *testing.T) (root string, repositories int) {
	t.Helper()
	root = t.TempDir()
	for _, store := range []string{"red", "blue"} {
		files := map[string]string{}
		for j := range 15 {
			files[fmt.Sprintf("part-%02d/package.json", j)] = fmt.Sprintf(`{"name": "%s-%02d", "version": "1.0.0"}`, store, j)
		}
		repository(t, filepath.Join(root, store), files)
	}
	return root, 2
}

// evaluate runs an expression on the page.
func evaluate[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// TestAListByKeyboard picks all pages of a list, names what is done with them, and saves the list as
// a view, with keys alone where the page offers them.
func TestAListByKeyboard(t *testing.T) {
	root, n := components(t)
	s := up(t, t.TempDir(), root)
	ctx := browser(t)
	signInBrowser(t, ctx, s)
	text := strings.TrimSpace(link(t, s))
	s.link = text[strings.LastIndex(text, "=")+1:]
	s.signIn()
	s.idle(n)
	open := func(path string) {
		t.Helper()
		if err := chromedp.Do(ctx, chromedp.Navigate(s.address+path), chromedp.WaitVisible(chromedp.CSS("#list"))); err != nil {
			t.Fatal(err)
		}
	}
	press := func(keys string) {
		t.Helper()
		if err := chromedp.Do(ctx, chromedp.KeyEvent(keys)); err != nil {
			t.Fatal(err)
		}
	}

	open("/components?q=part&sort=name")
	press("jjx")
	if got := evaluate[string](t, ctx, `[document.querySelector("tr.here").rowIndex, document.querySelector("[data-picked]").textContent, document.querySelector("[data-everything]").hidden].join(" ")`); got != "2 1 true" {
		t.Errorf("after j j x: row, picked, all hidden: %s", got)
	}
	if err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS("[data-all]")), chromedp.Click(chromedp.CSS("input[name=all]"))); err != nil {
		t.Fatal(err)
	}
	if got := evaluate[string](t, ctx, `document.querySelector("[data-picked]").textContent`); got != "30" {
		t.Errorf("%s are picked, want all 30", got)
	}
	if err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(".selbar button.btn")), chromedp.WaitVisible(chromedp.CSS("#team"))); err != nil {
		t.Fatal(err)
	}
	if got := evaluate[string](t, ctx, `document.querySelector("main form").innerText`); !strings.Contains(got, "30 components") || !strings.Contains(got, "Assign owner of 30") {
		t.Errorf("the form does not name the number:\n%s", got)
	}

	open("/components?q=blue&sort=-name")
	if err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(`#actions a[href^="/views/new"]`)), chromedp.WaitVisible(chromedp.CSS("#view-name")), chromedp.Focus(chromedp.CSS("#view-name"))); err != nil {
		t.Fatal(err)
	}
	press("Blue parts\r")
	if err := chromedp.Do(ctx, chromedp.WaitVisible(chromedp.CSS(".toast"))); err != nil {
		t.Fatal(err)
	}
	if got := evaluate[string](t, ctx, `document.querySelector(".views [aria-current]").textContent + " " + location.search`); got != "Blue parts 15 ?q=blue&sort=-name" {
		t.Errorf("the view stands as %q", got)
	}
}

// TestAListWithoutScript does the same with forms alone.
func TestAListWithoutScript(t *testing.T) {
	root, n := components(t)
	s := up(t, t.TempDir(), root)
	s.signIn()
	s.idle(n)
	post := func(path string, form url.Values) string {
		t.Helper()
		answer, err := s.client.PostForm(s.address+path, form)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if answer.StatusCode != 200 { // after following where it leads
			t.Fatalf("POST %s answers %s", path, answer.Status)
		}
		return answer.Request.URL.RequestURI()
	}
	_, body := s.get("/components?q=part")
	for _, want := range []string{`name="all" value="30"`, `name="terms" value="q=part"`, `formaction="/components/pick"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the list has no %s", want)
		}
	}
	form := post("/components/pick", url.Values{"all": {"30"}, "terms": {"q=part"}})
	if _, body := s.get(form); !strings.Contains(body, "30 components") {
		t.Errorf("%s does not name the number", form)
	}
	if to := post("/views", url.Values{"list": {"components"}, "terms": {"q=red"}, "name": {"Red parts"}}); to != "/components?q=red" {
		t.Errorf("saving leads to %s", to)
	}
	if _, body := s.get("/components"); !strings.Contains(body, `<a href="/components?q=red">Red parts <span class="n">15</span></a>`) {
		t.Error("the view is no tab")
	}
}
