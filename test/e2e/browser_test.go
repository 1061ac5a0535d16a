package e2e

import (
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

// pages are the addresses that the hub links to, one of each shape, beginning at home.
func pages(t *testing.T, s *steward) []string {
	t.Helper()
	href := regexp.MustCompile(`href="(/[^"#]*)"`)
	id := regexp.MustCompile(`/[0-9a-f]{8}-[0-9a-f-]{27}`)
	seen, queue, all := map[string]bool{}, []string{"/"}, []string{}
	for len(queue) > 0 && len(all) < 120 {
		path := queue[0]
		queue = queue[1:]
		u, err := url.Parse(strings.ReplaceAll(path, "&amp;", "&"))
		if err != nil {
			t.Fatalf("a page links to %q", path)
		}
		shape := id.ReplaceAllString(u.Path, "/{id}")
		if seen[shape] || strings.HasPrefix(u.Path, "/static/") || strings.HasPrefix(u.Path, "/api/v1/") || regexp.MustCompile(`\.(csv|json|jsonl)$`).MatchString(u.Path) {
			continue
		}
		seen[shape] = true
		status, body := s.get(u.RequestURI())
		if status != 200 {
			t.Errorf("%s answers %d", path, status)
			continue
		}
		all = append(all, u.RequestURI())
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

// TestEveryPageIsAccessible runs axe-core on each page that the hub links to,
// light and dark, wide and narrow, and keeps a screenshot of each.
func TestEveryPageIsAccessible(t *testing.T) {
	root, n := estate(t)
	s := up(t, t.TempDir(), root)
	ctx := browser(t)
	signInBrowser(t, ctx, s)
	s2 := strings.TrimSpace(link(t, s))
	s.link = s2[strings.LastIndex(s2, "=")+1:]
	s.signIn()
	s.idle(n)
	all := append(pages(t, s), graphPages(t, s)...)
	if len(all) < 5 {
		t.Fatalf("only %d pages are linked: %v", len(all), all)
	}
	if err := os.MkdirAll("screenshots", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, look := range []struct {
		theme string
		width int64
	}{{"light", 1440}, {"dark", 1440}, {"light", 390}, {"dark", 320}} {
		for _, path := range all {
			t.Run(fmt.Sprintf("%s %d %s", look.theme, look.width, path), func(t *testing.T) { checkOne(t, ctx, s, path, look.theme, look.width) })
		}
	}
}

func checkOne(t *testing.T, ctx context.Context, s *steward, path, theme string, width int64) {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate(s.address+path))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[any](fmt.Sprintf(`document.documentElement.dataset.theme = %q`, theme))); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[any](axe+"; true")); err != nil {
		t.Fatal(err)
	}
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
	wide, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > document.documentElement.clientWidth`))
	if err != nil {
		t.Fatal(err)
	}
	if wide {
		t.Errorf("the page scrolls sideways at %d px", width)
	}
	shot, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	name := strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(path), "-"), "-")
	if name == "" {
		name = "home"
	}
	if err := os.WriteFile(filepath.Join("screenshots", fmt.Sprintf("%.60s-%s-%d.png", name, theme, width)), shot, 0o600); err != nil {
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
