package licence_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/estate"
	"steward/internal/feature/licence"
	"steward/internal/platform/access"
	"steward/internal/platform/api"
	"steward/internal/platform/audit"
	"steward/internal/platform/config"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/job"
	"steward/internal/platform/mount"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
	"steward/internal/platform/web"
	"steward/internal/platform/web/webtest"
)

var (
	tester = access.System("test")
	member = access.As("m", "member", access.Member)
	admin  = access.As("a", "admin", access.Admin)
)

const clause = `

"Commons Clause" License Condition v1.0

The Software is provided to you by the Licensor under the License, as defined below, subject to the following condition.
Without limiting other conditions in the License, the grant of rights under the License will not include, and the License
does not grant to you, the right to Sell the Software.
`

func known(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "format", "licencetext", "testdata", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// house is an estate that learns licences, over a test database.
type house struct {
	t       *testing.T
	dir     string
	db      *store.DB
	queue   *job.Queue
	estate  *estate.Feature
	licence *licence.Feature
}

func each(t *testing.T, f func(t *testing.T, h *house)) {
	est, lic := estate.New(mount.Platform{}, estate.Config{}).Mount(), licence.New(mount.Platform{}, licence.Config{}).Mount()
	storetest.Each(t, []store.Migrations{
		{Feature: "search", FS: search.Migrations},
		{Feature: "config", FS: config.Migrations},
		audit.Migrations(), job.Migrations(),
		{Feature: est.Name, FS: est.Migrations},
		{Feature: lic.Name, FS: lic.Migrations},
	}, func(t *testing.T, db *store.DB) {
		h := &house{t: t, dir: t.TempDir(), db: db, queue: job.New(db, job.Config{Workers: 2})}
		p := mount.Platform{
			DB: db, Queue: h.queue, Settings: config.New(db, time.Now), Log: slog.New(slog.DiscardHandler), Now: time.Now,
			DataDir: t.TempDir(), Git: gitrepo.Config{Scratch: t.TempDir()},
		}
		h.licence = licence.New(p, licence.Config{})
		h.estate = estate.New(p, estate.Config{
			Analysers: []estate.Analyser{h.licence.Analyser()}, Panels: []estate.Panel{h.licence.Panel()},
			OnVisibility: []estate.VisibilityHook{search.FollowVisibility, licence.FollowVisibility}, OnJoin: []estate.JoinHook{licence.FollowJoin},
		})
		h.estate.Mount().Jobs(h.queue)
		if err := h.queue.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			stop, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			if err := h.queue.Stop(stop); err != nil {
				t.Error(err)
			}
		})
		f(t, h)
	})
}

// repository commits files as they are given, an empty one removes its file.
// uid is the id of a repository.
func (h *house) uid(name string) string {
	h.t.Helper()
	var uid string
	if err := h.db.QueryRow(h.t.Context(), `SELECT uid FROM repository WHERE name = $1`, name).Scan(&uid); err != nil {
		h.t.Fatal(err)
	}
	return uid
}

func (h *house) repository(name, remote string, files map[string]string) {
	h.t.Helper()
	dir := filepath.Join(h.dir, name)
	for p, body := range files {
		at := filepath.Join(dir, filepath.FromSlash(p))
		if body == "" {
			if err := os.Remove(at); err != nil {
				h.t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			h.t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(body), 0o644); err != nil {
			h.t.Fatal(err)
		}
	}
	steps := [][]string{{"init", "-q", "-b", "main"}, {"add", "-A"}, {"-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "-q", "-m", name}}
	if remote != "" {
		steps = append(steps, []string{"config", "remote.origin.url", remote})
	}
	for _, args := range steps {
		c := exec.Command("git", append([]string{"-C", dir}, args...)...)
		c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
		if out, err := c.CombinedOutput(); err != nil {
			h.t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
}

// look reads all repositories and waits until nothing is left to do.
func (h *house) look() {
	h.t.Helper()
	if err := h.estate.AddSources(h.t.Context(), tester, []estate.Source{{Given: h.dir, Kind: "folder", Address: h.dir}}); err != nil {
		h.t.Fatal(err)
	}
	for range 600 {
		open, err := h.queue.List(h.t.Context(), tester, job.Filter{States: []job.State{job.Waiting, job.Running}})
		if err != nil {
			h.t.Fatal(err)
		}
		if len(open) == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	h.t.Fatal("the queue did not come to rest within 30 s")
}

// answers gives what is stored, a line a component.
func (h *house) answers() map[string]string {
	h.t.Helper()
	got := map[string]string{}
	rows, err := h.db.Query(h.t.Context(), `SELECT r.name, c.root, c.licence, c.basis, c.certainty, c.file, c.line, r.licence FROM component_licence c JOIN repository r ON r.id = c.repository_id`)
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name, root, key, basis, certainty, file, line, column string
		if err := rows.Scan(&name, &root, &key, &basis, &certainty, &file, &line, &column); err != nil {
			h.t.Fatal(err)
		}
		if root == "" {
			root = "(" + column + ")"
		}
		got[name+" "+root] = strings.TrimSpace(strings.Join([]string{key, basis, certainty, file + ":" + line}, " "))
	}
	if err := rows.Err(); err != nil {
		h.t.Fatal(err)
	}
	return got
}

func (h *house) want(want map[string]string) {
	h.t.Helper()
	if diff := cmp.Diff(want, h.answers()); diff != "" {
		h.t.Errorf("licences: -want +got\n%s", diff)
	}
}

func (h *house) hits(v access.Viewer, text string) string {
	h.t.Helper()
	r, err := search.Find(h.t.Context(), h.db, v, search.Query{Text: text, Kinds: []string{"licence"}})
	if err != nil {
		h.t.Fatal(err)
	}
	var titles []string
	for _, hit := range r.Hits {
		titles = append(titles, hit.Title)
	}
	return strings.Join(titles, ", ")
}

func (h *house) restrict(name string) {
	h.t.Helper()
	var uid string
	if err := h.db.QueryRow(h.t.Context(), `SELECT uid FROM repository WHERE name = $1`, name).Scan(&uid); err != nil {
		h.t.Fatal(err)
	}
	if err := h.estate.SetVisibility(h.t.Context(), admin, uid, access.Restricted); err != nil {
		h.t.Fatal(err)
	}
}

func TestAnalyser(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		mit, isc, bsd := known(t, "mit"), known(t, "isc"), known(t, "bsd3")
		h.repository("plain", "", map[string]string{"LICENSE": mit, "main.go": "package main\n"})
		h.repository("clause", "", map[string]string{"LICENSE": mit + clause, "package.json": `{"name":"c","license":"MIT"}`})
		h.repository("mono", "", map[string]string{
			"LICENSE": mit, "package.json": `{"name":"m","private":true,"license":"MIT"}`,
			"services/a/package.json": `{"name":"a"}`, "services/b/package.json": "{\"name\":\"b\",\n\"license\":\"BSD-3-Clause\"}", "services/b/LICENSE": bsd,
			"testdata/x/LICENSE": isc, "vendor/y/LICENSE": isc,
		})
		h.repository("none", "git@github.com:northwind/none.git", map[string]string{"main.go": "package main\n"})
		h.repository("own", "", map[string]string{"LICENSE": "All of this belongs to Northwind. Ask the desk on the fourth floor.\n"})
		h.look()
		h.want(map[string]string{
			"plain (MIT)":                          "MIT measured exact LICENSE:5",
			"clause (MIT with added restrictions)": "changed:MIT measured suspected LICENSE:5",
			"mono (MIT)":                           "MIT written written package.json:1",
			"mono services/a":                      "MIT inferred written package.json:1",
			"mono services/b":                      "BSD-3-Clause written written services/b/package.json:2",
			"none ()":                              "none  none :0",
			"own (Unknown)":                        "unknown measured unknown LICENSE:0",
		})
		if got := h.hits(member, "BSD"); got != "BSD-3-Clause" {
			t.Errorf("search finds %q", got)
		}

		var mono int64
		if err := h.db.QueryRow(t.Context(), `SELECT id FROM repository WHERE name = 'mono'`).Scan(&mono); err != nil {
			t.Fatal(err)
		}
		for root, want := range map[string]string{"": "MIT", "services/b": "BSD-3-Clause", "services/b/docs": "BSD-3-Clause", "other": "MIT"} {
			if a, err := h.licence.AnswerAt(t.Context(), member, mono, root); err != nil || string(a.Licence) != want {
				t.Errorf("the licence at %q is %q, %v; want %s", root, a.Licence, err, want)
			}
		}
		panel := licence.ComponentPanel(h.licence, func(root string) (int64, string) { return mono, root })
		var drawn string
		webtest.New(t, member, func(s *web.Server) {
			h.licence.Mount().Pages(s)
			if badge, ok := panel.Show(t.Context(), member, "services/b"); !ok || badge != "BSD-3-Clause" {
				t.Errorf("the badge of the panel is %q, %v", badge, ok)
			}
			html, err := web.DrawPanel(t.Context(), s, member, panel, "services/b", false)
			if err != nil {
				t.Error(err)
			}
			drawn = string(html)
		})
		if !strings.Contains(drawn, "services/b/package.json") || strings.Contains(drawn, ">MIT<") {
			t.Errorf("the panel of a component:\n%s", drawn)
		}

		// What a repository has no more is forgotten, in lists and in search.
		h.repository("mono", "", map[string]string{"services/b/package.json": "", "services/b/LICENSE": ""})
		h.repository("none", "", map[string]string{"LICENSE": isc})
		h.look()
		h.want(map[string]string{
			"plain (MIT)":                          "MIT measured exact LICENSE:5",
			"clause (MIT with added restrictions)": "changed:MIT measured suspected LICENSE:5",
			"mono (MIT)":                           "MIT written written package.json:1",
			"mono services/a":                      "MIT inferred written package.json:1",
			"none (ISC)":                           "ISC measured exact LICENSE:3",
			"own (Unknown)":                        "unknown measured unknown LICENSE:0",
		})
		if got := h.hits(member, "BSD"); got != "" {
			t.Errorf("search still finds %q", got)
		}
		if got := h.hits(member, "ISC"); got != "ISC" {
			t.Errorf("search finds %q", got)
		}
		uids := map[string]string{}
		for _, name := range []string{"none", "plain"} {
			var uid string
			if err := h.db.QueryRow(t.Context(), `SELECT uid FROM repository WHERE name = $1`, name).Scan(&uid); err != nil {
				t.Fatal(err)
			}
			uids[name] = uid
		}
		if err := h.estate.Join(t.Context(), tester, uids["plain"], uids["none"]); err != nil {
			t.Fatal(err)
		}
		if got := h.hits(member, "ISC"); got != "" {
			t.Errorf("search finds %q of a joined repository", got)
		}
		if err := h.estate.Split(t.Context(), tester, uids["none"]); err != nil {
			t.Fatal(err)
		}
		if got := h.hits(member, "ISC"); got != "ISC" {
			t.Errorf("search finds %q after the split", got)
		}
		h.restrict("none")
		if got := h.hits(member, "ISC"); got != "" {
			t.Errorf("search shows a member %q of a restricted repository", got)
		}
		if got := h.hits(admin, "ISC"); got != "ISC" {
			t.Errorf("search hides %q from an administrator", got)
		}
	})
}

// beside is the number beside a place of the navigation, which a page leaves
// out when it was not counted in time.
func beside(t *testing.T, mount func(*web.Server), label string) string {
	t.Helper()
	number := regexp.MustCompile(`</svg>` + label + `<span class="n">([0-9]+)</span>`)
	for range 50 {
		_, body := webtest.New(t, member, mount).Get("/licence-files")
		if m := number.FindStringSubmatch(body); m != nil {
			return m[1]
		}
	}
	t.Fatalf("no number beside %s", label)
	return ""
}

func TestPages(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		mount := func(s *web.Server) {
			h.estate.Mount().Pages(s)
			h.licence.Mount().Pages(s)
			a := api.New(api.Config{})
			h.licence.Mount().API(a.Operations())
			s.Mount("/api/v1/", a)
		}
		hub := webtest.New(t, member, mount)
		if status, body := hub.Get("/licences"); status != 200 || !strings.Contains(body, "No licences yet") {
			t.Errorf("the empty list: %d\n%s", status, body)
		}
		mit, isc := known(t, "mit"), known(t, "isc")
		long := strings.Repeat("n", 200)
		h.repository("<b>bold", "", map[string]string{"LICENSE": mit + clause, long + "/package.json": `{"name":"<script>alert(1)</script>","license":"<script>alert(2)</script>"}`})
		h.repository("latin", "", map[string]string{"caf\xe9/LICENSE": mit, "caf\xe9/package.json": `{"name":"x"}`, "LICENSE": isc})
		h.repository("open", "https://github.com/northwind/open.git", map[string]string{"main.go": "package main\n"})
		h.repository("quiet", "https://git.northwind.example/quiet.git", map[string]string{"main.go": "package main\n"})
		h.repository("copies", "", map[string]string{"vendor/lib/lib.go": "package lib\n"})
		h.repository("either", "", map[string]string{"package.json": `{"name":"either","license":"MIT OR Apache-2.0"}`, "LICENSE-MIT": mit, "LICENSE-APACHE": known(t, "apache-header")})
		h.repository("secret", "", map[string]string{"LICENSE": known(t, "bsd3")})
		h.look()
		h.restrict("secret")

		key := url.PathEscape("changed:MIT")
		for _, address := range []string{
			"/licences", "/licences?kind=none", "/licence-uses", "/licence-uses?licence=none&matters=public&matters=third&whole=yes", "/licence-files", "/licence-files?restricted=yes",
			"/licences/MIT", "/licences/Apache-2.0", "/licences/" + key, "/licences/none", "/licences/unknown", "/licences.csv", "/licence-uses.csv", "/licence-files.json", "/api/v1/licences/MIT", "/api/v1/licence-uses", "/", "/api/v1/repositories/" + h.uid("either") + "/licences",
		} {
			status, body := hub.Get(address)
			html := !strings.HasPrefix(address, "/api") && !strings.HasSuffix(address, ".csv") && !strings.HasSuffix(address, ".json")
			if status != 200 || html && (strings.Contains(body, "<script>alert") || strings.Contains(body, "<b>bold")) {
				t.Errorf("%s: %d\n%s", address, status, body)
			}
			if strings.Contains(body, "secret") || strings.Contains(body, "BSD-3-Clause") {
				t.Errorf("%s shows a member a restricted repository", address)
			}
		}
		if status, _ := hub.Get("/api/v1/repositories/" + h.uid("secret") + "/licences"); status != 404 {
			t.Errorf("the licences of a restricted repository: %d", status)
		}
		if _, body := hub.Get("/api/v1/repositories/" + h.uid("either") + "/licences"); !strings.Contains(body, `"licence":"MIT OR Apache-2.0","basis":"written"`) || strings.Count(body, `"path":"LICENSE-`) != 2 {
			t.Errorf("the licences of a repository: %s", body)
		}
		if status, _ := hub.Get("/licences/BSD-3-Clause"); status != 404 {
			t.Errorf("the licence of a restricted repository: %d", status)
		}
		if status, _ := webtest.New(t, admin, mount).Get("/licences/BSD-3-Clause"); status != 200 {
			t.Errorf("the same for an administrator: %d", status)
		}
		_, table := hub.Get("/licences.csv")
		rows := strconv.Itoa(strings.Count(strings.TrimSpace(table), "\n"))
		if number := beside(t, mount, "Licences"); number != rows {
			t.Errorf("the navigation counts %q licences, the list has %s", number, rows)
		}
		if _, home := hub.Get("/"); strings.Contains(home, "on a public host") {
			t.Error("a folder whose configuration names a public host is called public")
		}
		err := h.db.Tx(t.Context(), func(tx *store.Tx) error { // as when it was copied from there
			_, err := tx.Exec(t.Context(), `UPDATE location SET address = 'https://github.com/northwind/open.git' WHERE remote = 'github.com/northwind/open'`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		_, home := hub.Get("/")
		for _, want := range []string{"Repositories without a licence where one is needed", "1 on a public host, 1 with third-party code", "Licences with added restrictions"} {
			if !strings.Contains(home, want) {
				t.Errorf("home does not say %q", want)
			}
		}
		_, body := hub.Get("/api/v1/licences/none")
		var got licence.Licence
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatal(err)
		}
		want := licence.Licence{Key: "none", Title: "None found", Repositories: 3, Components: 3, Certainties: map[string]int64{"none": 3}, Uses: "/api/v1/licence-uses?licence=none"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		var uid string
		if err := h.db.QueryRow(t.Context(), `SELECT uid FROM repository WHERE name = '<b>bold'`).Scan(&uid); err != nil {
			t.Fatal(err)
		}
		if status, body := hub.Get("/repositories/" + uid); status != 200 || !strings.Contains(body, "MIT with added restrictions") || strings.Contains(body, "<script>alert") {
			t.Errorf("the repository page: %d\n%s", status, body)
		}
	})
}
