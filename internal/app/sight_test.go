package app

import (
	"encoding/json"
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
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/estate/source"
	"steward/internal/feature/portfolio"
	"steward/internal/platform/access"
	"steward/internal/platform/job"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
)

// commits makes a repository, or adds a commit to one.
func commits(t *testing.T, dir, author string, files map[string]string) string {
	t.Helper()
	name, email, _ := strings.Cut(strings.TrimSuffix(author, ">"), " <")
	git := func(args ...string) {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_AUTHOR_NAME="+name, "GIT_AUTHOR_EMAIL="+email, "GIT_COMMITTER_NAME="+name, "GIT_COMMITTER_EMAIL="+email)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, ".git")); err != nil {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		git("init", "-q", "-b", "main")
	}
	for name, content := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git("add", "-A")
	git("commit", "-q", "-m", "work")
	return dir
}

// visitor asks a hub for pages as one role.
type visitor struct {
	t       *testing.T
	handler http.Handler
	session string
}

// moving is what differs between two answers to the same question.
var moving = regexp.MustCompile(`<time [^>]*>[^<]*</time>|Answered in [^·<]*|in (under )?[0-9]+ ms<|"(took_ms|generated|as_of|now|request_id)": ?("[^"]*"|[0-9.]+)|error id [0-9a-z-]+`)

// get answers the status and what stands still of a page.
func (v visitor) get(address string) string {
	v.t.Helper()
	r := httptest.NewRequest(http.MethodGet, "http://localhost/", nil)
	parsed, err := url.Parse(address)
	if err != nil {
		v.t.Fatalf("%q: %v", address, err)
	}
	r.URL.Path, r.URL.RawPath, r.URL.RawQuery = parsed.Path, parsed.RawPath, parsed.RawQuery
	r.RequestURI = address
	r.Header.Set("Cookie", v.session)
	w := httptest.NewRecorder()
	v.handler.ServeHTTP(w, r)
	return fmt.Sprintf("%d\n%s", w.Code, moving.ReplaceAllString(w.Body.String(), "…"))
}

var linked = regexp.MustCompile(`(?:href|src|hx-get|action)="(/[^"#]*)"|"(?:page|href|next_step_page)": ?"(/[^"]*)"`)

// order are questions that show the same rows in another way.
var order = regexp.MustCompile(`^(sort|after|before|view|next|then|depth|from)=`)

// walk asks for everything that can be reached, and for all lists and answers for programs, and
// returns it by address.
func (v visitor) walk(routes map[string]access.Action) map[string]string {
	v.t.Helper()
	seen := map[string]string{}
	next := []string{"/"}
	for _, pattern := range slices.Sorted(maps.Keys(routes)) {
		if path, reads := strings.CutPrefix(pattern, "GET "); reads && !strings.ContainsAny(path, "{}") && path != "/metrics" {
			next = append(next, path)
		}
	}
	records := map[string]map[string]bool{} // kind of record → ids that were met
	for len(next) > 0 {
		address := next[0]
		next = next[1:]
		path, query, _ := strings.Cut(address, "?")
		if _, done := seen[address]; done || strings.HasPrefix(path, "/static/") || path == "/logout" || path == "/report.pdf" || path == "/report.xlsx" || // they hold what /report.json does, and the time
			order.MatchString(query) || strings.Contains(query, "&") {
			continue
		}
		if len(seen) > 4000 {
			v.t.Fatalf("the walk does not end: %q", slices.Sorted(maps.Keys(seen))[:400])
		}
		seen[address] = v.get(address)
		for _, m := range linked.FindAllStringSubmatch(seen[address], -1) {
			next = append(next, html.UnescapeString(m[1]+m[2]))
		}
		parts := strings.Split(strings.Trim(path, "/"), "/")
		if len(parts) < 2 || parts[0] == "api" || parts[0] == "settings" {
			continue
		}
		kind := parts[0]
		if records[kind] == nil {
			records[kind] = map[string]bool{}
		}
		if records[kind][parts[1]] {
			continue
		}
		records[kind][parts[1]] = true
		for _, pattern := range slices.Sorted(maps.Keys(routes)) {
			rest, reads := strings.CutPrefix(pattern, "GET /")
			rest = strings.TrimPrefix(rest, "api/v1/")
			if begin := kind + "/{"; reads && strings.HasPrefix(rest, begin) && strings.Count(rest, "{") == 1 {
				next = append(next, inBraces.ReplaceAllString(strings.TrimPrefix(pattern, "GET "), parts[1]))
			}
		}
	}
	return seen
}

// TestRestrictedRepositoriesLeaveNoTrace compares everything that a member can reach before and after
// a restricted repository is read which touches all that the others are made of.
func TestRestrictedRepositoriesLeaveNoTrace(t *testing.T) {
	for _, engine := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(engine), func(t *testing.T) {
			dsn := ""
			if engine == store.PostgreSQL {
				dsn = storetest.Fresh(t, engine).DSN
			}
			leavesNoTrace(t, dsn)
		})
	}
}

func leavesNoTrace(t *testing.T, dsn string) {
	o, handler, routes, sessions := hubOver(t, t.TempDir(), dsn)
	system := access.System("test")
	if err := o.platform.Settings.Set(t.Context(), system, "people.mode", "named"); err != nil {
		t.Fatal(err)
	}
	if err := o.platform.Queue.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	look := func(dirs ...string) {
		t.Helper()
		sources, errs := source.Parse(dirs)
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		if err := o.estate.AddSources(t.Context(), system, sources); err != nil {
			t.Fatal(err)
		}
		for range 1200 {
			open, err := o.platform.Queue.List(t.Context(), system, job.Filter{States: []job.State{job.Waiting, job.Running}})
			if err != nil {
				t.Fatal(err)
			}
			if len(open) == 0 {
				return
			}
			time.Sleep(25 * time.Millisecond)
		}
		t.Fatal("it is still being read")
	}
	const ann, bob = "Ann Ale <ann@bank.example>", "Bob Bay <bob@bank.example>"
	base := t.TempDir()
	ledger := commits(t, filepath.Join(base, "ledger"), ann, map[string]string{
		"go.mod": "module x.example/ledger\n\nrequire (\n\tx.example/secretlib v1.2.0\n\tx.example/plain v1.0.0\n)\n", "main.go": "package main\n",
		"CODEOWNERS": "* @bank/payments\n", "README.md": "# Ledger\n\nKeeps the books of the bank.\n", "LICENSE": "all rights reserved\n",
		"catalog-info.yaml": "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: ledger\nspec:\n  type: service\n  lifecycle: production\n  owner: payments\n",
	})
	portal := commits(t, filepath.Join(base, "portal"), bob, map[string]string{
		"package.json": `{"name":"portal","version":"1.0.0","dependencies":{"left-pad":"^1.3.0"}}`, "index.js": "console.log(1)\n", "OWNERS": "approvers:\n  - bob\n",
	})
	look(ledger, portal)
	if err := o.platform.DB.Tx(t.Context(), func(tx *store.Tx) error {
		return o.platform.Queue.Enqueue(t.Context(), tx, "report.keep", "now", struct{}{}) // else it comes by itself between two walks
	}); err != nil {
		t.Fatal(err)
	}
	look(ledger)
	member := visitor{t, handler, sessions[access.Member]}
	before := member.walk(routes)
	if len(before) < 100 {
		t.Fatalf("only %d addresses were walked", len(before))
	}

	comparedBefore := member.compared()

	// The restricted one descends from the first, makes what it uses, says that it is the same
	// component, names the same team, and brings things of every kind that are its own.
	hidden := filepath.Join(base, "zqxvault")
	if out, err := exec.Command("git", "clone", "-q", ledger, hidden).CombinedOutput(); err != nil {
		t.Fatalf("git clone: %v %s", err, out)
	}
	commits(t, hidden, "Zqx Person <zqx@bank.example>", map[string]string{
		"go.mod":  "module x.example/secretlib\n\nrequire (\n\tx.example/ledger v1.0.0\n\tx.example/plain v1.0.0\n\tx.example/zqxdep v2.0.0\n)\n",
		"zqx.zig": "pub fn main() void {}\n", "CODEOWNERS": "* @bank/payments @bank/zqxteam\n", "README.md": "# Zqxvault\n\nZqxwords about the vault.\n",
		"LICENSE": "Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted.\n", "sub/package.json": `{"name":"zqxpackage","dependencies":{"left-pad":"^1.3.0","zqxjs":"1.0.0"}}`,
		"broken/package.json": `{"zqxbroken`, "OWNERS": "approvers:\n  - zqxperson\n", "Dockerfile": "FROM scratch\n", ".github/workflows/zqx.yml": "on: push\n",
		"catalog-info.yaml": "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: ledger\n  title: Zqx title\nspec:\n  type: library\n  lifecycle: deprecated\n  owner: zqxteam\n  dependsOn: ['component:ledger']\n---\napiVersion: backstage.io/v1alpha1\nkind: API\nmetadata:\n  name: zqxapi\nspec:\n  owner: payments\n",
	})
	if out, err := exec.Command("git", "-C", hidden, "remote", "set-url", "origin", "https://git.zqx.example/team/zqxvault").CombinedOutput(); err != nil {
		t.Fatalf("git remote: %v %s", err, out)
	}
	commits(t, hidden, ann, map[string]string{"more.go": "package main\n"})
	look(hidden)
	var uid string
	if err := o.platform.DB.QueryRow(t.Context(), `SELECT uid FROM repository WHERE name = 'zqxvault'`).Scan(&uid); err != nil {
		t.Fatal(err)
	}
	if err := o.estate.SetVisibility(t.Context(), system, uid, access.Restricted); err != nil {
		t.Fatal(err)
	}
	if err := o.platform.DB.Tx(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO repository_alias (repository_id, kind, value, from_at) SELECT id, 'remote', 'git.former.example/zqx/former', 1 FROM repository WHERE uid = $1`, uid)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	look(ledger)                                                // what follows from it is settled
	send(handler, "POST /preferences", sessions[access.Member]) // kept numbers are counted again

	admin := visitor{t, handler, sessions[access.Admin]}
	all := admin.walk(routes)
	for _, name := range []string{"zqxvault", "zqxdep", "zqxjs", "zqxteam", "zqxpackage", "zqxbroken", "Zqx title", "zqxapi", "Zqx Person", "Zig", "Zqxwords"} {
		if !slices.ContainsFunc(slices.Collect(maps.Values(all)), func(body string) bool { return strings.Contains(body, name) }) && name != "zqxbroken" {
			t.Errorf("an administrator does not find %s: the test would prove nothing", name)
		}
	}

	if got := member.compared(); got != comparedBefore {
		t.Errorf("a list that a member compares changed:\n%s", changed(comparedBefore, got))
	}
	if admin.compared() == comparedBefore {
		t.Error("an administrator is told the same of a list: the test would prove nothing")
	}
	after := member.walk(routes)
	for _, address := range slices.Sorted(maps.Keys(after)) {
		if strings.Contains(strings.ToLower(after[address]), "zqx") {
			t.Errorf("%s names what is restricted", address)
		}
		was, known := before[address]
		switch {
		case !known:
			t.Errorf("%s can be reached since the restricted one was read", address)
		case was != after[address]:
			t.Errorf("%s changed:\n%s", address, changed(was, after[address]))
		}
	}
	for address := range before {
		if _, still := after[address]; !still {
			t.Errorf("%s can be reached no more", address)
		}
	}
	// What only an administrator reaches is for a member as if it were not there.
	for address := range all {
		if _, open := after[address]; open {
			continue
		}
		path, query, _ := strings.Cut(address, "?")
		parts := strings.Split(path, "/")
		at := 2
		if strings.HasPrefix(path, "/api/v1/") {
			at = 4
		}
		if len(parts) <= at || parts[1] == "settings" || parts[1] == "jobs" || parts[1] == "sources" || query != "" {
			continue
		}
		parts[at] = "00000000-0000-7000-8000-000000000000"
		got, none := member.get(address), member.get(strings.Join(parts, "/"))
		told := strings.ReplaceAll(got, parts[len(parts)-1], "") // an answer may repeat what was asked
		if got[:3] != none[:3] || strings.Contains(strings.ToLower(told), "zqx") {
			t.Errorf("%s differs for a member from what is not there:\n%s", address, changed(none, got))
		}
	}
	for _, words := range []string{"zqx", "zqxvault", "vault", "secretlib", "Zig", "zqxteam", "ledger", "left-pad", "ISC"} {
		for _, address := range []string{"/search?q=", "/search/suggest?q=", "/api/v1/search?q=", "/packages?q=", "/components.csv?q=", "/people?q=", "/teams?q=", "/repositories.json?q="} {
			got := member.get(address + url.QueryEscape(words))
			if rest := strings.ReplaceAll(strings.ToLower(got), strings.ToLower(words), ""); strings.Contains(rest, "zqx") || strings.Contains(got, uid) {
				t.Errorf("%s%s tells of what is restricted", address, words)
			}
		}
	}

	// Every number of a report is the total of the list behind it, for whoever reads it.
	plan, err := portfolio.New(o.platform, portfolio.Config{}).Import(t.Context(), system, portfolio.Input{File: "apps.csv", Content: []byte("Name,Unit,Repository,Component\nBooks,Retail,ledger,\nVault,Retail,zqxvault,\nShop,Web,portal,portal\n")})
	if err != nil || plan.Units != 2 {
		t.Fatalf("imported %+v, %v", plan, err)
	}
	counts := map[string]int{}
	for _, scope := range []string{"", "?scope=unit:Retail", "?scope=application:Shop"} {
		counts["admin"] += admin.countsAreTotals(scope)
		counts["member"] += member.countsAreTotals(scope)
	}
	if counts["admin"] < 80 || counts["member"] < 80 {
		t.Errorf("only %v numbers of reports were compared with their lists", counts)
	}
}

// changed is the first place at which two answers part.
func changed(was, is string) string {
	a, b := strings.Split(was, "\n"), strings.Split(is, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return cmp.Diff(strings.Split(a[i], "<"), strings.Split(b[i], "<"))
		}
	}
	rest, err := json.Marshal([]string{strings.Join(a[min(len(a), len(b)):], "\n"), strings.Join(b[min(len(a), len(b)):], "\n")})
	if err != nil {
		return err.Error()
	}
	return string(rest)
}
