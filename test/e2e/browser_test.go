package e2e

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

//go:embed testdata/axe.min.js
var axe string

// browser starts Chromium with an empty profile.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		t.Fatal("Chromium is missing: run make test, or install the package chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(allocator)
	t.Cleanup(end)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return ctx
}

// signInBrowser opens the link as a person does and presses the button.
func signInBrowser(t *testing.T, ctx context.Context, s *steward) {
	t.Helper()
	err := chromedp.Do(ctx, chromedp.EmulateViewport(1440, 1000), chromedp.Navigate(s.address+"/login?link="+s.link), chromedp.Click(chromedp.CSS("form button.main")), chromedp.WaitVisible(chromedp.CSS("nav.side")))
	if err != nil {
		t.Fatalf("sign in: %v", err)
	}
}

// alike is how many pages of one shape are asked for links: not every record has every panel.
const alike = 4

// pages are the addresses that the hub links to, one of each shape, beginning at home.
func pages(t *testing.T, s *steward) []string {
	t.Helper()
	href := regexp.MustCompile(`href="(/[^"#]*)"`)
	id := regexp.MustCompile(`/[0-9a-f]{8}-[0-9a-f-]{27}`)
	asked, shapes, queue, all := map[string]bool{}, map[string]int{}, []string{"/"}, []string{}
	for len(queue) > 0 && len(all) < 120 {
		path := queue[0]
		queue = queue[1:]
		u, err := url.Parse(strings.ReplaceAll(path, "&amp;", "&"))
		if err != nil {
			t.Fatalf("a page links to %q", path)
		}
		shape := id.ReplaceAllString(u.Path, "/{id}")
		if asked[u.RequestURI()] || shapes[shape] == alike || strings.HasPrefix(u.Path, "/static/") || strings.HasPrefix(u.Path, "/api/v1/") || regexp.MustCompile(`\.(csv|json|jsonl|html|pdf|xlsx)$`).MatchString(u.Path) {
			continue
		}
		asked[u.RequestURI()] = true
		shapes[shape]++
		status, body := s.get(u.RequestURI())
		if status != 200 {
			t.Errorf("%s answers %d", path, status)
			continue
		}
		if shapes[shape] == 1 {
			all = append(all, u.RequestURI())
		}
		for _, m := range href.FindAllStringSubmatch(body, -1) {
			queue = append(queue, m[1])
		}
	}
	slices.Sort(all)
	return all
}

// graphPages are the pages of the graph, which lie behind a search.
func graphPages(t *testing.T, s *steward) []string {
	t.Helper()
	found := func(kind, name string) string {
		_, body := s.get("/graph?q=" + name)
		m := regexp.MustCompile(`href="/graph\?of=(` + kind + `%3A[^"&]*)">` + name + `<`).FindStringSubmatch(body)
		if m == nil {
			t.Fatalf("the graph does not find the %s %s", kind, name)
		}
		return m[1]
	}
	portal, pad := found("component", "portal"), found("package", "left-pad")
	return []string{
		"/graph?q=portal", "/graph?of=" + portal + "&depth=2", "/graph?of=" + portal + "&types=made", "/graph?of=" + portal + "&group=uses",
		"/graph/path?from=" + portal, "/graph/path?from=" + portal + "&to=" + pad, "/graph/path?from=" + pad + "&to=" + portal,
	}
}

type violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

const checkPage = `axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(r => JSON.stringify(r.violations))`

// look is how a page is seen.
type look struct {
	theme string
	width int64
}

// TestEveryPageIsAccessible runs axe-core on each page that the hub links to,
// light and dark, wide and narrow, and keeps a screenshot of each.
func TestEveryPageIsAccessible(t *testing.T) {
	root, n := estate(t)
	s := up(t, t.TempDir(), root)
	ctx := browser(t)
	signInBrowser(t, ctx, s)
	signInAgain(t, s)
	s.idle(n)
	settle(t, s)
	all := append(pages(t, s), graphPages(t, s)...)
	kinds := strings.Join(all, "\n")
	for _, panel := range []string{"/relations", "/left-out", "/applications", "/owners", "/brought-in-by"} {
		if !regexp.MustCompile(`(?m)^/[a-z]+/[0-9a-f-]{36}` + panel + `$`).MatchString(kinds) {
			t.Errorf("no panel %s is linked:\n%s", panel, kinds)
		}
	}
	for _, kind := range []string{"/applications/", "/units/", "/people/", "/teams/", "/entities/", "/sources/", "/licences/", "/coverage-notes", "/application-components", "/licence-uses", "/technology-uses"} {
		if !strings.Contains(kinds, "\n"+kind) {
			t.Errorf("no page of the kind %s is linked:\n%s", kind, kinds)
		}
	}
	for _, at := range []look{{"light", 1440}, {"dark", 1440}, {"light", 390}, {"dark", 320}} {
		for _, path := range all {
			t.Run(fmt.Sprintf("%s %d %s", at.theme, at.width, path), func(t *testing.T) {
				checkOne(t, ctx, s, state{path: path}, at)
			})
		}
	}
}

// signInAgain gives the client of the test a session of its own.
func signInAgain(t *testing.T, s *steward) {
	t.Helper()
	text := strings.TrimSpace(link(t, s))
	s.link = text[strings.LastIndex(text, "=")+1:]
	s.signIn()
}

// settle gives the hub what its owner would: names of people, and the applications of the firm.
func settle(t *testing.T, s *steward) {
	t.Helper()
	data := s.cmd.Args[3]
	applications := filepath.Join(t.TempDir(), "applications.csv")
	if err := os.WriteFile(applications, []byte("id,name,tier,status,owner,country,division,unit,repository\nAPP-1,Settlement,1,live,payments-core,DE,Markets,Payments,ledger\nAPP-2,Old books,3,retired,,DE,Markets,Accounts,nowhere\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"config", "set", "people.mode", "named", "--data", data},
		{"config", "set", "firm.domains", "firm.example", "--data", data},
		{"import", "context", applications, "--data", data},
	} {
		if out, errs, code := run(t, args...); code != 0 {
			t.Fatalf("steward %v: exit %d\n%s%s", args, code, out, errs)
		}
	}
	for range 300 { // the numbers beside places are kept for a while, and a place without any is left out
		if _, body := s.get("/"); strings.Contains(body, `href="/applications"`) && strings.Contains(body, `href="/units"`) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("applications and units have no place after half a minute")
}

// state is a page, brought into a state by a script and seen once something is there.
type state struct {
	name, path  string
	script, see string
}

// submitted sends a form of the page with a value that it does not take, past the checks of the browser.
func submitted(action, field, value string) string {
	return fmt.Sprintf(`{ const f = document.querySelector('main form[action=%q]'); f.elements[%q].value = %q; f.submit() }`, action, field, value)
}

// posted sends a form that the page does not have.
func posted(action, field, value string) string {
	return fmt.Sprintf(`{ const f = document.createElement("form"); f.method = "post"; f.action = %q; const i = document.createElement("input"); i.name = %q; i.value = %q; f.append(i); document.body.append(f); f.submit() }`, action, field, value)
}

// TestEveryStateIsAccessible does the same with what no link leads to: what opens on a page, forms
// that were refused, secrets shown once, and errors.
func TestEveryStateIsAccessible(t *testing.T) {
	root, n := estate(t)
	s := up(t, t.TempDir(), root)
	ctx := browser(t)
	signInBrowser(t, ctx, s)
	signInAgain(t, s)
	s.idle(n)
	settle(t, s)
	record := func(kind string) string {
		_, body := s.get("/" + kind)
		path := regexp.MustCompile(`href="(/` + kind + `/[0-9a-f-]{36})"`).FindStringSubmatch(body)
		if path == nil {
			t.Fatalf("the list of %s links to none", kind)
		}
		return path[1]
	}
	component, person, repository := record("components"), record("people"), record("repositories")
	_, id, _ := strings.Cut(component[1:], "/")
	states := []state{
		{"suggestions", "/", `{ const q = document.getElementById("q"); q.value = "led"; q.dispatchEvent(new Event("input", {bubbles: true})) }`, ".suggest li a"},
		{"help", "/", `document.getElementById("help").showPopover()`, "#help .key"},
		{"account menu", "/", `document.querySelector("details.account").open = true`, ".account .who"},
		{"filter", "/components", `document.querySelector(".filterpick").open = true`, ".filterpick[open] .choice"},
		{"export", "/components", `document.getElementById("export").open = true`, "#export a"},
		{"picked", "/components", `document.querySelector("[data-all]").click()`, ".selbar:not([hidden])"},
		{"all that folds", person, `for (const d of document.querySelectorAll("main details")) d.open = true`, "main"},
		{"nothing matches", "/components?q=zzzz&owner=none", "", ".state"},
		{"unknown filter", "/components?nonsense=1", "", ".notice.warn"},
		{"search", "/search?q=ledger", "", ".hits mark"},
		{"search for nothing", "/search?q=zzzz", "", ".state"},
		{"who uses", "/who-uses?name=left-pad&range=%3C%3C", "", "main"},
		{"source refused", "/sources/new", submitted("/sources", "given", "ftp://x/y"), ".problems"},
		{"account refused", "/settings/accounts", submitted("/settings/accounts", "name", ""), ".problems"},
		{"token refused", "/account", submitted("/account/tokens", "name", ""), ".problems"},
		{"settings refused", "/settings", submitted("/settings", "domains", "no domain!"), ".problems"},
		{"view refused", "/views/new?list=components&terms=owner%3Dnone", submitted("/views", "name", ""), ".problems"},
		{"owner refused", "/components/assign?pick=" + id, submitted("/components/assign", "team", ""), ".problems"},
		{"join refused", person, posted(person+"/join", "other", "x"), ".state a[href='" + person + "']"},
		{"split refused", repository, posted(repository+"/split", "x", "x"), ".state a[href='" + repository + "']"},
		{"token", "/account", submitted("/account/tokens", "name", "nightly"), "#secret"},
		{"done", repository, posted(repository+"/read", "x", "x"), ".toast"},
		{"no such page", "/nowhere", "", ".state"},
		{"no such record", "/components/01a205e0-d2cb-75cc-a3ca-71a5ce7f85f8", "", ".state"},
	}
	check := func(ctx context.Context, s *steward, states []state) {
		for _, at := range []look{{"light", 1440}, {"dark", 390}} {
			for _, one := range states {
				t.Run(fmt.Sprintf("%s %d %s", at.theme, at.width, one.name), func(t *testing.T) { checkOne(t, ctx, s, one, at) })
			}
		}
	}
	check(ctx, s, states)

	nothing := up(t, t.TempDir())
	signInBrowser(t, ctx, nothing)
	check(ctx, nothing, []state{
		{"nothing yet: home", "/", "", ".state"},
		{"nothing yet: components", "/components", "", ".state"},
		{"nothing yet: coverage", "/coverage", "", ".state"},
		{"nothing yet: people", "/people", "", ".state"},
		{"nothing yet: sources", "/sources", "", ".state"},
	})

	text, errs, code := run(t, "link", "reader", "--role", "member", "--data", s.cmd.Args[3])
	if code != 0 {
		t.Fatalf("steward link: exit %d\n%s", code, errs)
	}
	text = strings.TrimSpace(text)
	reader := &steward{address: s.address, link: text[strings.LastIndex(text, "=")+1:]}
	signInBrowser(t, ctx, reader)
	check(ctx, reader, []state{{"not allowed", "/settings/accounts", "", ".state"}, {"settings of a member", "/settings", "", "main form"}})
	if err := chromedp.Do(ctx, chromedp.Navigate(s.address+"/"), chromedp.Click(chromedp.CSS("details.account > summary")), chromedp.Click(chromedp.CSS(".account form[action='/logout'] button")), chromedp.WaitVisible(chromedp.CSS(".state"))); err != nil {
		t.Fatal(err)
	}
	check(ctx, s, []state{
		{"signed out", "/login", "", ".state"},
		{"signing in", "/login?link=x", "", "form button.main"},
		{"link of yesterday", "/login?link=x", `document.querySelector("form").submit()`, ".state[role=alert]"},
	})
}

// TestAHubWithoutItsDatabaseIsAccessible takes the database away beneath a page.
func TestAHubWithoutItsDatabaseIsAccessible(t *testing.T) {
	root, n := estate(t)
	database := newServer(t)
	s := up(t, t.TempDir(), "--database", database.dsn, root)
	ctx := browser(t)
	signInBrowser(t, ctx, s)
	for range 300 { // the client of the test has no session here: the link is spent
		body, err := chromedp.Run(ctx, chromedp.Evaluate[string](`fetch("/").then(r => r.text())`, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(body, fmt.Sprintf("%d of %d repositories read", n, n)) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	database.end(syscall.SIGKILL)
	for _, at := range []look{{"light", 1440}, {"dark", 390}} {
		t.Run(fmt.Sprintf("%s %d", at.theme, at.width), func(t *testing.T) {
			checkOne(t, ctx, s, state{name: "database gone", path: "/components", see: ".state code"}, at)
		})
	}
}

func checkOne(t *testing.T, ctx context.Context, s *steward, one state, at look) {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	err := chromedp.Do(ctx, chromedp.EmulateViewport(at.width, 900), chromedp.Navigate(s.address+one.path))
	if err != nil {
		t.Fatal(err)
	}
	if one.script != "" {
		evaluate[any](t, ctx, one.script+"; true")
	}
	if one.see != "" {
		if err := chromedp.Do(ctx, chromedp.WaitVisible(chromedp.CSS(one.see))); err != nil {
			t.Fatalf("%s is not seen: %v", one.see, err)
		}
	}
	evaluate[any](t, ctx, fmt.Sprintf(`document.documentElement.dataset.theme = %q`, at.theme))
	evaluate[any](t, ctx, axe+"; true")
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](checkPage, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	var found []violation
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		for i, n := range v.Nodes {
			if i == 3 {
				t.Errorf("%s: and %d more", v.ID, len(v.Nodes)-i)
				break
			}
			t.Errorf("%s: %s\n  %s\n  %s", v.ID, v.Help, n.HTML, n.Summary)
		}
	}
	if evaluate[bool](t, ctx, `document.documentElement.scrollWidth > document.documentElement.clientWidth`) {
		t.Errorf("the page scrolls sideways at %d px", at.width)
	}
	shot, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("screenshots", 0o755); err != nil {
		t.Fatal(err)
	}
	name := strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(cmp.Or(one.name, one.path)), "-"), "-")
	if err := os.WriteFile(filepath.Join("screenshots", fmt.Sprintf("%.60s-%s-%d.png", cmp.Or(name, "home"), at.theme, at.width)), shot, 0o600); err != nil {
		t.Fatal(err)
	}
}

// link asks the running Steward for another sign-in link.
func link(t *testing.T, s *steward) string {
	t.Helper()
	data := s.cmd.Args[3]
	out, errs, code := run(t, "link", "--data", data)
	if code != 0 {
		t.Fatalf("steward link: exit %d\n%s", code, errs)
	}
	return out
}

// TestASignInLinkWorksOnce spends it twice.
func TestASignInLinkWorksOnce(t *testing.T) {
	root, _ := estate(t)
	s := up(t, t.TempDir(), root)
	s.signIn()
	answer, err := s.client.PostForm(s.address+"/login", url.Values{"link": {s.link}})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != 403 {
		t.Errorf("the second use of a link answers %s, want 403", answer.Status)
	}
}

// TestNothingIsReadableWithoutSigningIn asks for every page as a stranger.
func TestNothingIsReadableWithoutSigningIn(t *testing.T) {
	root, n := estate(t)
	s := up(t, t.TempDir(), root)
	s.signIn()
	s.idle(n)
	all := append(pages(t, s), "/repositories.csv", "/repositories.json", "/api/v1/repositories", "/search/suggest?q=ledger", "/metrics")
	signedIn := s.client
	stranger := *signedIn
	stranger.Jar = nil
	s.client = &stranger
	for _, path := range all {
		if strings.HasPrefix(path, "/login") {
			continue
		}
		if _, body := s.get(path); strings.Contains(strings.ToLower(body), "ledger") || strings.Contains(body, "portal") {
			t.Errorf("%s shows the estate to a stranger", path)
		}
	}
}
