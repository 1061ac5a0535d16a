package app

import (
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"steward/internal/platform/access"
)

// TestNumbersAreThoseOfTheListsTheyOpen follows the links of every page over a
// varied estate. A link with a number promises the list that it opens: so many
// rows must be there.
func TestNumbersAreThoseOfTheListsTheyOpen(t *testing.T) {
	data := t.TempDir()
	if code, out, messages := call(t, append([]string{"up", "--once", "--data", data}, variedEstate(t)...)...); code != 0 {
		t.Fatalf("%d %s%s", code, out, messages)
	}
	_, handler, _, sessions := hubOver(t, data, "")
	c := crawl{handler: handler, session: sessions[access.Admin], read: map[string]string{}}
	c.from("/")
	compared := map[string]bool{}
	for _, page := range c.pages {
		for _, l := range linksOf(c.read[page]) {
			if l.count < 0 {
				continue
			}
			rows, isList := rowsOf(c.get(l.href))
			if !isList {
				continue
			}
			if rows != l.count {
				t.Errorf("%s says %d (%s), and %s has %d", page, l.count, l.text, l.href, rows)
			}
			compared[kindOfPage(page)+" leads to "+kindOfPage(l.href)] = true
		}
	}
	for _, way := range []string{
		"/ leads to /components", "/ leads to /coverage-notes", "/ leads to /licence-uses", "/ leads to /licences", "/coverage leads to /repositories",
		"/licences leads to /licence-uses", "/licences/ leads to /licence-uses", "/technologies leads to /technology-uses", "/teams leads to /components",
	} {
		if !compared[way] {
			t.Errorf("no number of %s: %v", way, slices.Sorted(maps.Keys(compared)))
		}
	}
	if len(c.pages) < 150 {
		t.Errorf("only %d pages were reached", len(c.pages))
	}
}

// kindOfPage is "/licences/" for the page of one licence, and "/licences" for their list.
func kindOfPage(address string) string {
	path, _, _ := strings.Cut(address, "?")
	if first, _, found := strings.Cut(path[1:], "/"); found {
		return "/" + first + "/"
	}
	return path
}

// variedEstate makes repositories that differ in what a page counts: with and
// without a manifest at the root, with members, owners, licences of all sorts.
func variedEstate(t *testing.T) []string {
	t.Helper()
	const mit = "MIT License\n\nCopyright (c) 2024 The Bank\n\nPermission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the \"Software\"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:\n\nThe above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.\n\nTHE SOFTWARE IS PROVIDED \"AS IS\", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.\n"
	lock := func(names ...string) string {
		var b strings.Builder
		b.WriteString(`{"lockfileVersion":3,"packages":{"":{"name":"x","dependencies":{"` + names[0] + `":"^1.0.0"}}`)
		for _, name := range names {
			fmt.Fprintf(&b, `,"node_modules/%s":{"version":"1.0.0"}`, name)
		}
		return b.String() + "}}"
	}
	commons := "\"Commons Clause\" License Condition v1.0\n\nThe Software is provided to you by the Licensor under the License, as defined below, subject to the following condition. Without limiting other conditions in the License, the grant of rights under the License will not include, and the License does not grant to you, the right to Sell the Software.\n\n"
	trees := map[string]map[string]string{
		"ledger":   {"go.mod": "module ledger\n\ngo 1.26\n\nrequire example.org/a v1.0.0\n", "main.go": "package main\n\nfunc main() {}\n", "LICENSE": mit, "CODEOWNERS": "* @bank/core\n", "Dockerfile": "FROM scratch\n", ".github/workflows/ci.yml": "on: push\n"},
		"shop":     {"package.json": `{"name":"shop","license":"Apache-2.0","dependencies":{"left":"^1.0.0"}}`, "package-lock.json": lock("left", "right"), "LICENSE": mit, "index.js": "let a = 1\n", "CODEOWNERS": "* @bank/web\n"},
		"many":     {"a/package.json": `{"name":"a","dependencies":{"left":"^1.0.0"}}`, "a/package-lock.json": lock("left"), "b/pyproject.toml": "[project]\nname = \"b\"\nversion = \"1\"\ndependencies = [\"requests\"]\n", "b/b.py": "x = 1\n", "LICENSE": mit, ".github/CODEOWNERS": "/a @bank/web\n/b @bank/data\n"},
		"notes":    {"README.md": "# Notes\n\nWhat we have learnt in ten years.\n"},
		"changed":  {"package.json": `{"name":"changed"}`, "LICENSE": commons + mit, "index.ts": "let a = 1\n", "c/package.json": `{"name":"c","license":"UNLICENSED"}`, "c/LICENSE": commons + mit},
		"scripts":  {"run.sh": "echo 1\n", "OWNERS": "approvers:\n- ann\n", "Cargo.toml": "[workspace]\nmembers = [\"x\"]\n", "x/Cargo.toml": "[package]\nname = \"x\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\n[dependencies]\nserde = \"1\"\n", "x/src/lib.rs": "fn a() {}\n"},
		"disputed": {"pom.xml": "<project><groupId>g</groupId><artifactId>d</artifactId><version>1</version></project>", "CODEOWNERS": "* @bank/core\n", "catalog-info.yaml": "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: d\nspec:\n  type: service\n  lifecycle: production\n  owner: data\n", "A.java": "class A {}\n"},
		"broken":   {"package.json": "{", "vendor/x/a.go": "package x\n", "go.sum": ""},
		"empty":    {},
	}
	root, all := t.TempDir(), []string(nil)
	for name, files := range trees {
		dir := filepath.Join(root, name)
		for file, text := range files {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		commands := [][]string{{"init", "-q", dir}}
		if len(files) > 0 {
			commands = append(commands, []string{"-C", dir, "add", "-A", "-f"})
			for _, who := range []string{"Ann Lee", "Bob Ray"} {
				commands = append(commands, []string{"-C", dir, "-c", "user.name=" + who, "-c", "user.email=" + strings.ReplaceAll(who, " ", ".") + "@example.com", "commit", "-qm", "by " + who, "--allow-empty"})
			}
			commands = append(commands, []string{"-C", dir, "tag", "v1.0.0"})
		}
		for _, args := range commands {
			if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
				t.Fatalf("git %v: %v\n%s", args, err, out)
			}
		}
		all = append(all, dir)
	}
	slices.Sort(all)
	return all
}

// crawl follows links from page to page.
type crawl struct {
	handler http.Handler
	session string
	read    map[string]string // bodies by address
	pages   []string
}

// from reads every page that can be reached: of lists the first page as they are
// opened, and of addresses that differ in their query only a few.
func (c *crawl) from(address string) {
	const most, variants = 1000, 12
	seen, perPath := map[string]bool{address: true}, map[string]int{}
	for queue := []string{address}; len(queue) > 0 && len(c.pages) < most; queue = queue[1:] {
		body := c.get(queue[0])
		if body == "" {
			continue
		}
		c.pages = append(c.pages, queue[0])
		for _, l := range linksOf(body) {
			path, _, asked := strings.Cut(l.href, "?")
			if seen[l.href] || asked && perPath[path] >= variants || strings.HasPrefix(path, "/api") || strings.HasPrefix(path, "/static") || filepath.Ext(path) != "" {
				continue
			}
			if asked {
				perPath[path]++
			}
			seen[l.href] = true
			queue = append(queue, l.href)
		}
	}
}

// get returns the body of a page; "" when it is none.
func (c *crawl) get(address string) string {
	if body, known := c.read[address]; known {
		return body
	}
	r := httptest.NewRequest(http.MethodGet, "http://localhost"+address, nil)
	r.Header.Set("Cookie", c.session)
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	body := ""
	if w.Code == http.StatusOK && strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		body = w.Body.String()
	}
	c.read[address] = body
	return body
}

// link is a link to another page of the hub; count is the number that it
// carries or shows, -1 for none.
type link struct {
	href, text string
	count      int
}

var (
	anchor   = regexp.MustCompile(`(?s)<a\b([^>]*)>(.*?)</a>`)
	hrefOf   = regexp.MustCompile(`\bhref="(/[^"]*)`)
	marked   = regexp.MustCompile(`\bdata-count="(\d+)"`)
	counted  = regexp.MustCompile(`<span class="n">([\d,]+)</span>`)
	markup   = regexp.MustCompile(`(?s)<[^>]*>`)
	numbered = regexp.MustCompile(`^(?:All )?([\d,]*\d)(?: \D|$)`)
	pager    = regexp.MustCompile(`<div class="pager"><span role="status">[^<]* of ([\d,]+)`)
)

func linksOf(body string) []link {
	var all []link
	for _, m := range anchor.FindAllStringSubmatch(body, -1) {
		href := hrefOf.FindStringSubmatch(m[1])
		if href == nil {
			continue
		}
		address, err := url.Parse(html.UnescapeString(href[1]))
		if err != nil {
			continue
		}
		address.Fragment = ""
		l := link{href: address.String(), text: strings.TrimSpace(html.UnescapeString(markup.ReplaceAllString(m[2], " "))), count: -1}
		number := marked.FindStringSubmatch(m[1])
		if number == nil {
			number = counted.FindStringSubmatch(m[2])
		}
		if number == nil && !strings.Contains(m[1], "rel=") {
			number = numbered.FindStringSubmatch(l.text)
		}
		if number != nil {
			l.count, _ = strconv.Atoi(strings.ReplaceAll(number[1], ",", ""))
		}
		all = append(all, l)
	}
	return all
}

// rowsOf returns how many rows a list has in all; false when the page is no list.
func rowsOf(body string) (rows int, isList bool) {
	if !strings.Contains(body, `<div id="list">`) {
		return 0, false
	}
	if m := pager.FindStringSubmatch(body); m != nil {
		rows, _ = strconv.Atoi(strings.ReplaceAll(m[1], ",", ""))
	}
	return rows, true
}
