package people_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/estate"
	"steward/internal/feature/estate/source"
	"steward/internal/feature/people"
	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/config"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/job"
	"steward/internal/platform/mount"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
)

var (
	tester = access.System("test")
	member = access.As("m", "member", access.Member)
	admin  = access.As("a", "admin", access.Admin)
)

// house is an estate with people over a test database, its queue running.
type house struct {
	t        *testing.T
	ctx      context.Context
	db       *store.DB
	queue    *job.Queue
	settings *config.Settings
	estate   *estate.Feature
	people   *people.Feature
	// declare is what the catalogue would say of a repository, in the transaction of its reading.
	declare func(ctx context.Context, tx *store.Tx, at estate.Target) error
}

func migrations() []store.Migrations {
	est := estate.New(mount.Platform{}, estate.Config{}).Mount()
	ppl := people.New(mount.Platform{}, people.Config{}).Mount()
	return []store.Migrations{
		{Feature: "search", FS: search.Migrations},
		{Feature: "config", FS: config.Migrations},
		audit.Migrations(), job.Migrations(),
		{Feature: est.Name, FS: est.Migrations},
		{Feature: ppl.Name, FS: ppl.Migrations},
	}
}

func each(t *testing.T, f func(t *testing.T, h *house)) {
	storetest.Each(t, migrations(), func(t *testing.T, db *store.DB) { f(t, open(t, db)) })
}

func open(t *testing.T, db *store.DB) *house {
	ctx := t.Context()
	h := &house{t: t, ctx: ctx, db: db, queue: job.New(db, job.Config{Workers: 2}), settings: config.New(db, time.Now)}
	p := mount.Platform{DB: db, Queue: h.queue, Settings: h.settings, Log: slog.New(slog.DiscardHandler), Now: time.Now, DataDir: t.TempDir(), Git: gitrepo.Config{Scratch: t.TempDir()}}
	h.people = people.New(p, people.Config{})
	declarer := estate.Analyser{Name: "catalog", Version: 1, Begin: estate.OfContent(func(context.Context, *estate.Snapshot) (estate.Result, error) {
		return estate.Result{Write: func(ctx context.Context, tx *store.Tx, at estate.Target) error {
			if err := people.Redeclare(ctx, tx, at); err != nil || h.declare == nil {
				return err
			}
			return h.declare(ctx, tx, at)
		}}, nil
	})}
	h.estate = estate.New(p, estate.Config{
		Analysers: []estate.Analyser{h.people.Analyser(), declarer}, Panels: []estate.Panel{h.people.Panel()},
		OnVisibility: []estate.VisibilityHook{search.FollowVisibility, people.FollowVisibility},
	})
	h.estate.Mount().Jobs(h.queue)
	h.people.Mount().Jobs(h.queue)
	if err := h.queue.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := h.queue.Stop(stop); err != nil {
			t.Error(err)
		}
	})
	return h
}

// look reads repositories and waits until nothing is left to do.
func (h *house) look(paths ...string) {
	h.t.Helper()
	sources, errs := source.Parse(paths)
	for _, err := range errs {
		h.t.Fatal(err)
	}
	if err := h.estate.AddSources(h.ctx, tester, sources); err != nil {
		h.t.Fatal(err)
	}
	h.idle()
}

func (h *house) idle() {
	h.t.Helper()
	for range 600 {
		left, err := h.queue.List(h.ctx, tester, job.Filter{States: []job.State{job.Waiting, job.Running, job.Retrying}})
		if err != nil {
			h.t.Fatal(err)
		}
		if len(left) == 0 {
			failed, err := h.queue.List(h.ctx, tester, job.Filter{States: []job.State{job.Failed}})
			if err != nil || len(failed) > 0 {
				h.t.Fatalf("%v, failed: %+v", err, failed)
			}
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	h.t.Fatal("the queue did not come to rest within 30 s")
}

func (h *house) set(key, value string) {
	h.t.Helper()
	if err := h.settings.Set(h.ctx, tester, key, value); err != nil {
		h.t.Fatal(err)
	}
}

// rows gives the rows of a query, a line each.
func (h *house) rows(sql string, columns int) []string {
	h.t.Helper()
	lines, err := store.Collect(func(row store.Scanner) (string, error) {
		values, dest := make([]any, columns), make([]any, columns)
		for i := range values {
			dest[i] = &values[i]
		}
		err := row.Scan(dest...)
		return strings.TrimSuffix(fmt.Sprintln(values...), "\n"), err
	})(h.db.Query(h.ctx, sql))
	if err != nil {
		h.t.Fatal(err)
	}
	return lines
}

func (h *house) want(what string, got, want any) {
	h.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		h.t.Errorf("%s: %s", what, diff)
	}
}

// repo is a git repository of a test.
type repo struct {
	t   *testing.T
	dir string
	n   int
}

func newRepo(t *testing.T, name string) *repo {
	r := &repo{t: t, dir: filepath.Join(t.TempDir(), name)}
	if err := os.MkdirAll(r.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	r.git(nil, "init", "-q", "-b", "main")
	return r
}

func (r *repo) git(env []string, args ...string) {
	r.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = r.dir
	cmd.Env = append(append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_COMMITTER_NAME=c", "GIT_COMMITTER_EMAIL=c@x.test", "GIT_AUTHOR_NAME=c", "GIT_AUTHOR_EMAIL=c@x.test"), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		r.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// commit writes a file (path and content) and commits it, an hour after the one before.
func (r *repo) commit(name, email, message, path, content string) {
	r.t.Helper()
	file := filepath.Join(r.dir, path)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		r.t.Fatal(err)
	}
	r.n++
	date := fmt.Sprintf("%d +0000", time.Date(2026, 3, 1, r.n, 0, 0, 0, time.UTC).Unix())
	r.git(nil, "add", "-A")
	r.git([]string{"GIT_AUTHOR_NAME=" + name, "GIT_AUTHOR_EMAIL=" + email, "GIT_AUTHOR_DATE=" + date, "GIT_COMMITTER_DATE=" + date}, "commit", "-q", "--allow-empty-message", "-m", message)
}

func (r *repo) tag(name string) {
	r.git([]string{"GIT_COMMITTER_DATE=" + fmt.Sprintf("%d +0000", time.Date(2026, 3, 1+r.n, 0, 0, 0, 0, time.UTC).Unix())}, "tag", "-a", "-m", name, name)
}

const goMod = "module example.test/m\n\ngo 1.26\n"

// bank is a repository on which three people and a bot worked.
func bank(t *testing.T) *repo {
	r := newRepo(t, "ledger")
	r.commit("Ann Example", "ann@bank.example", "start", "pay/go.mod", goMod)
	r.commit("ann", "ANN@bank.example", "more", "pay/a.go", "package pay\n")
	r.commit("Bob Sample", "bob@elsewhere.test", "help\n\nCo-authored-by: Ann Example <12+annex@users.noreply.github.com>", "README.md", "hello\n")
	r.commit("renovate[bot]", "bot@renovateapp.com", "update", "pay/go.sum", "x\n")
	r.tag("v1.0.0")
	r.commit("Cy Third", "cy@bank.example", "gofmt", "pay/a.go", "package pay \n")
	return r
}

func TestHistoryIsKeptByRootAndPerson(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.set("firm.domains", "bank.example")
		h.look(bank(t).dir)
		h.want("persons", h.rows(`SELECT n.label, p.kind, COUNT(*) FROM person p JOIN person_name n ON n.identity_id = p.name_of JOIN identity i ON i.person_id = p.id WHERE p.merged_into = 0 GROUP BY n.label, p.kind ORDER BY n.label`, 3),
			[]string{"Ann Example ours 3", "Bob Sample outside 1", "Cy Third ours 1", "renovate[bot] service 1"})
		h.want("contributions", h.rows(`SELECT n.label, c.root, c.commits, c.bulk_commits FROM contribution c JOIN person_name n ON n.identity_id = c.identity_id ORDER BY n.label, n.email, c.root`, 4),
			[]string{"Ann Example  1 0", "Ann Example pay 1 0", "Bob Sample  1 0", "Cy Third pay 0 1", "ann pay 1 0", "renovate[bot] pay 1 0"})
		h.want("months", h.rows(`SELECT month, commits, contributors FROM commit_month`, 3), []string{"202603 5 5"})
		h.want("directories", h.rows(`SELECT directory, commits FROM directory_month ORDER BY directory`, 2), []string{" 1", "pay 4"})
		h.want("releases", h.rows(`SELECT name, preview FROM release`, 2), []string{"v1.0.0 0"})
		h.want("facts", h.rows(`SELECT name, value FROM fact WHERE source = 'people' ORDER BY name`, 2),
			[]string{
				"history.commits 5", fmt.Sprint("history.first ", time.Date(2026, 3, 1, 1, 0, 0, 0, time.UTC).UnixMicro()), fmt.Sprint("history.last ", time.Date(2026, 3, 1, 5, 0, 0, 0, time.UTC).UnixMicro()),
				"release.count 1", fmt.Sprint("release.last ", time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC).UnixMicro()),
			})
		touches, err := people.Touches(h.ctx, h.db, member, 1)
		if err != nil {
			t.Fatal(err)
		}
		var roots []string
		persons := map[int64]bool{}
		for _, one := range touches {
			roots = append(roots, fmt.Sprint(one.Root, " ", one.Kind, " ", one.Commits))
			persons[one.PersonID] = true
		}
		h.want("touches", roots, []string{" ours 1", "pay ours 1", "pay ours 1"})
		if len(persons) != 1 {
			t.Errorf("touches name %d persons, want Ann alone", len(persons))
		}
		// Nothing of names outside the one place.
		for _, table := range []string{"fact", "coverage_note", "search_document", "identity", "person", "team", "contribution", "contributor", "audit_entry", "people_state"} {
			for _, line := range h.rows(`SELECT CAST(x AS text) FROM (SELECT `+columnsOf[table]+` AS x FROM `+table+`) y`, 1) {
				if strings.Contains(strings.ToLower(line), "ann") || strings.Contains(line, "@") {
					t.Errorf("%s holds %q", table, line)
				}
			}
		}
		var state []byte
		if err := h.db.QueryRow(h.ctx, `SELECT state FROM analyser_state WHERE analyser = 'people'`).Scan(&state); err != nil || len(state) == 0 {
			t.Errorf("no state: %v", err)
		}
	})
}

// columnsOf are the columns of tables that hold text.
var columnsOf = map[string]string{
	"fact": "name || value || file", "coverage_note": "path || reason", "search_document": "title || body", "identity": "kind || id", "person": "kind || uid", "team": "handle || title",
	"contribution": "root || identity_id", "contributor": "identity_id", "audit_entry": "action || detail", "people_state": "key",
}

func TestNewCommitsAndRewrittenHistory(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := bank(t)
		h.look(r.dir)
		before := h.rows(`SELECT uid FROM person WHERE merged_into = 0 ORDER BY uid`, 1)
		r.commit("Bob Sample", "bob@elsewhere.test", "again", "README.md", "hello you\n")
		h.look(r.dir)
		h.want("months after one more", h.rows(`SELECT month, commits, contributors FROM commit_month`, 3), []string{"202603 6 5"})
		h.want("Bob", h.rows(`SELECT c.commits FROM contributor c JOIN person_name n ON n.identity_id = c.identity_id WHERE n.name = 'Bob Sample'`, 1), []string{"2"})
		h.want("persons keep their ids", h.rows(`SELECT uid FROM person WHERE merged_into = 0 ORDER BY uid`, 1), before)
		r.git(nil, "reset", "-q", "--hard", "HEAD~5")
		r.commit("Dee New", "dee@bank.example", "rewritten", "README.md", "other\n")
		h.look(r.dir)
		h.want("months after a rewrite", h.rows(`SELECT month, commits, contributors FROM commit_month`, 3), []string{"202603 2 2"})
		h.want("contributors after a rewrite", h.rows(`SELECT n.name FROM contributor c JOIN person_name n ON n.identity_id = c.identity_id ORDER BY n.name`, 1), []string{"Ann Example", "Dee New"})
	})
}

func TestDomainsDecideWhoIsOurs(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.look(bank(t).dir)
		kinds := `SELECT kind, COUNT(*) FROM person WHERE merged_into = 0 GROUP BY kind ORDER BY kind`
		h.want("without domains", h.rows(kinds, 2), []string{"service 1", "unknown 3"})
		h.set("firm.domains", "bank.example")
		if err := h.people.JoinAgain(h.ctx, member); err == nil {
			t.Error("a member may not run jobs")
		}
		if err := h.people.JoinAgain(h.ctx, admin); err != nil {
			t.Fatal(err)
		}
		h.idle()
		h.want("with domains", h.rows(kinds, 2), []string{"ours 2", "outside 1", "service 1"})
	})
}

// personNamed gives the public id of a person by the best name.
func (h *house) personNamed(name string) string {
	h.t.Helper()
	for _, line := range h.rows(`SELECT p.uid, n.label FROM person p JOIN person_name n ON n.identity_id = p.name_of WHERE p.merged_into = 0`, 2) {
		if uid, label, _ := strings.Cut(line, " "); label == name {
			return uid
		}
	}
	h.t.Fatalf("nobody is named %s", name)
	return ""
}

func (h *house) identitiesOf(uid string) map[string]int64 {
	h.t.Helper()
	p, err := h.people.Person(h.ctx, admin, uid)
	if err != nil {
		h.t.Fatal(err)
	}
	out := map[string]int64{}
	for _, one := range p.Identities {
		out[one.Email] = one.ID
	}
	return out
}

func TestSplitAndJoinByHandCanBeUndoneAndSurviveRereading(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.set("people.mode", "named")
		r := bank(t)
		h.look(r.dir)
		ann := h.personNamed("Ann Example")
		ids := h.identitiesOf(ann)
		h.want("identities of Ann", len(ids), 3)
		private := ids["12+annex@users.noreply.github.com"]
		own, err := h.people.Split(h.ctx, member, ann, private)
		if err != nil {
			t.Fatal(err)
		}
		r.commit("Ann Example", "ann@bank.example", "again", "pay/b.go", "package pay\n")
		h.look(r.dir)
		if err := h.people.JoinAgain(h.ctx, admin); err != nil {
			t.Fatal(err)
		}
		h.idle()
		p, err := h.people.Person(h.ctx, admin, own)
		if err != nil || len(p.Identities) != 1 || p.Identities[0].ID != private || own == ann && len(h.identitiesOf(ann)) != 2 {
			t.Fatalf("the split did not survive: %+v %v", p, err)
		}
		back, err := h.people.PutBack(h.ctx, member, private)
		if err != nil {
			t.Fatal(err)
		}
		h.want("identities after it was put back", len(h.identitiesOf(back)), 3)
		h.idle()

		bob := h.personNamed("Bob Sample")
		joined, a, b, err := h.people.Join(h.ctx, member, back, bob)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.people.JoinAgain(h.ctx, admin); err != nil {
			t.Fatal(err)
		}
		h.idle()
		h.want("identities of both", len(h.identitiesOf(joined)), 4)
		if old, err := h.people.Person(h.ctx, admin, bob); err != nil || old.UID != joined {
			t.Errorf("the old address leads to %q: %v", old.UID, err)
		}
		if _, err := h.people.Unjoin(h.ctx, member, a, b); err != nil {
			t.Fatal(err)
		}
		h.idle()
		if again, err := h.people.Person(h.ctx, admin, bob); err != nil || again.UID != bob || again.Name != "Bob Sample" {
			t.Errorf("Bob is not back at his address: %+v %v", again.Shown, err)
		}
		for what, err := range map[string]error{
			"put back twice": second(h.people.PutBack(h.ctx, member, private)), "unjoin twice": second(h.people.Unjoin(h.ctx, member, a, b)),
			"split the last": second(h.people.Split(h.ctx, member, bob, h.identitiesOf(bob)["bob@elsewhere.test"])), "a foreign identity": second(h.people.Split(h.ctx, member, back, 42)),
			"nobody": second(h.people.Split(h.ctx, member, "no such", 42)), "an auditor": second(h.people.Split(h.ctx, access.As("x", "x", access.Auditor), back, private)),
		} {
			if err == nil {
				t.Errorf("%s is no error", what)
			}
		}
		if n := len(h.rows(`SELECT action FROM audit_entry WHERE action LIKE 'person.%'`, 1)); n != 4 {
			t.Errorf("%d lines in the audit log, want 4", n)
		}
	})
}

func second(_ string, err error) error { return err }

func TestErasedNamesStayAway(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.set("people.mode", "named")
		r := bank(t)
		h.look(r.dir)
		bob := h.personNamed("Bob Sample")
		key, err := audit.NewKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		log := audit.New(h.db, key, nil)
		if n, err := log.Seal(h.ctx); err != nil || n == 0 {
			t.Fatalf("%d entries sealed before, %v", n, err)
		}
		if err := h.people.Erase(h.ctx, member, bob); err == nil {
			t.Error("a member may not erase")
		}
		if err := h.people.Erase(h.ctx, admin, bob); err != nil {
			t.Fatal(err)
		}
		if n, err := log.Seal(h.ctx); err != nil || n == 0 {
			t.Fatalf("%d entries sealed after, %v", n, err)
		}
		if report, err := log.Verify(h.ctx, admin); err != nil || !report.OK() || report.Pending != 0 {
			t.Errorf("the audit log after erasing: %+v, %v", report, err)
		}
		h.want("the audit log names nobody", h.rows(`SELECT COUNT(*) FROM audit_entry WHERE lower(detail || subject_id) LIKE '%bob%'`, 1), []string{"0"})
		r.commit("Bob Sample", "bob@elsewhere.test", "again", "README.md", "hello you\n")
		h.look(r.dir)
		if err := h.people.JoinAgain(h.ctx, admin); err != nil {
			t.Fatal(err)
		}
		h.idle()
		if names := h.rows(`SELECT name FROM person_name WHERE name LIKE 'Bob%' OR email LIKE 'bob%'`, 1); len(names) != 0 {
			t.Errorf("still there: %v", names)
		}
		if _, err := h.people.Person(h.ctx, admin, bob); err == nil {
			t.Error("the page is still there")
		}
		h.want("what was done stays counted", h.rows(`SELECT COUNT(*) FROM contributor WHERE commits = 2`, 1), []string{"1"})
	})
}
