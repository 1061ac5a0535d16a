package sbom_test

import (
	"context"
	"errors"
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
	"steward/internal/feature/sbom"
	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/config"
	"steward/internal/platform/fault"
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

// house is an estate with packages over a test database, with its queue running.
type house struct {
	t      *testing.T
	ctx    context.Context
	db     *store.DB
	queue  *job.Queue
	estate *estate.Feature
	sbom   *sbom.Feature
}

func migrations() []store.Migrations {
	est := estate.New(mount.Platform{}, estate.Config{}).Mount()
	packages := sbom.New(mount.Platform{}).Mount()
	return []store.Migrations{
		{Feature: "search", FS: search.Migrations},
		{Feature: "config", FS: config.Migrations},
		audit.Migrations(), job.Migrations(),
		{Feature: est.Name, FS: est.Migrations},
		{Feature: packages.Name, FS: packages.Migrations},
		{Feature: "catalog", FS: os.DirFS("../catalog")},
	}
}

func each(t *testing.T, f func(t *testing.T, h *house)) {
	storetest.Each(t, migrations(), func(t *testing.T, db *store.DB) { f(t, open(t, db)) })
}

func open(t *testing.T, db *store.DB) *house {
	h := &house{t: t, ctx: t.Context(), db: db, queue: job.New(db, job.Config{Workers: 2})}
	p := mount.Platform{
		DB: db, Queue: h.queue, Settings: config.New(db, time.Now), Log: slog.New(slog.DiscardHandler), Now: time.Now,
		DataDir: t.TempDir(), Git: gitrepo.Config{Scratch: t.TempDir()},
	}
	h.sbom = sbom.New(p)
	h.estate = estate.New(p, estate.Config{
		Analysers:    []estate.Analyser{h.sbom.Analyser()},
		Panels:       []estate.Panel{h.sbom.RepositoryPanel()},
		OnVisibility: []estate.VisibilityHook{search.FollowVisibility, h.sbom.FollowVisibility}, OnJoin: []estate.JoinHook{h.sbom.FollowJoin},
	})
	h.estate.Mount().Jobs(h.queue)
	if err := h.queue.Start(h.ctx); err != nil {
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

// look adds sources and waits until nothing is left to do.
func (h *house) look(paths ...string) {
	h.t.Helper()
	sources, errs := source.Parse(paths)
	for _, err := range errs {
		h.t.Fatal(err)
	}
	if err := h.estate.AddSources(h.ctx, tester, sources); err != nil {
		h.t.Fatal(err)
	}
	for range 600 {
		open, err := h.queue.List(h.ctx, tester, job.Filter{States: []job.State{job.Waiting, job.Running}})
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

func (h *house) uid(name string) string {
	h.t.Helper()
	var uid string
	if err := h.db.QueryRow(h.ctx, `SELECT uid FROM repository WHERE name = $1`, name).Scan(&uid); err != nil {
		h.t.Fatalf("repository %q: %v", name, err)
	}
	return uid
}

// who answers a question as one line a use.
func (h *house) who(v access.Viewer, q sbom.Question) (sbom.Answer, string) {
	h.t.Helper()
	a, err := h.sbom.WhoUses(h.ctx, v, q)
	if err != nil {
		h.t.Fatal(err)
	}
	var lines []string
	for i, uses := range [][]sbom.Use{a.Uses, a.MayUses} {
		for _, u := range uses {
			how := "direct"
			if !u.Direct {
				how = "through"
				for _, s := range u.Path {
					how += " " + s.Name + "@" + s.Version
				}
			}
			lines = append(lines, fmt.Sprintf("%s%s %s%s %s %s %s:%d", map[int]string{1: "? "}[i], u.Name(), u.Version, u.Requirement, u.Scope, how, u.Manifest, u.Line))
		}
	}
	return a, strings.Join(lines, "\n")
}

func (h *house) wantWho(v access.Viewer, q sbom.Question, want ...string) sbom.Answer {
	h.t.Helper()
	a, got := h.who(v, q)
	if diff := cmp.Diff(strings.Join(want, "\n"), got); diff != "" {
		h.t.Errorf("%+v (-want +got):\n%s", q, diff)
	}
	return a
}

// rollups compares what is rolled up with what a count over all rows gives.
func (h *house) rollups() {
	h.t.Helper()
	for reach, visible := range map[string]string{"all": "1 = 1", "internal": "r.visibility = 'internal'"} {
		list := func(sql string, args ...any) string {
			rows, err := store.Collect(func(row store.Scanner) (string, error) {
				var name string
				n := make([]int64, 9)
				err := row.Scan(&name, &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6], &n[7], &n[8])
				return fmt.Sprint(name, " ", n), err
			})(h.db.Query(h.ctx, sql, args...))
			if err != nil {
				h.t.Fatal(err)
			}
			return strings.Join(rows, "\n")
		}
		want := list(`WITH u AS (SELECT u.* FROM package_use u JOIN repository r ON r.id = u.repository_id WHERE u.fixture = 0 AND r.joined_into = 0 AND ` + visible + `),
			g AS (SELECT package_id, repository_id, component_id, MAX(direct) AS direct, MAX(CASE WHEN version = '' THEN 1 ELSE 0 END) AS unpinned FROM u GROUP BY package_id, repository_id, component_id),
			s AS (SELECT package_id, repository_id, MIN(CASE scope WHEN 'production' THEN 0 WHEN 'optional' THEN 1 WHEN 'development' THEN 2 ELSE 3 END) AS scope FROM u GROUP BY package_id, repository_id)
			SELECT p.purl, (SELECT COUNT(DISTINCT repository_id) FROM g WHERE g.package_id = p.id), (SELECT COUNT(*) FROM g WHERE g.package_id = p.id), (SELECT CAST(SUM(direct) AS bigint) FROM g WHERE g.package_id = p.id),
			(SELECT CAST(SUM(unpinned) AS bigint) FROM g WHERE g.package_id = p.id), (SELECT COUNT(DISTINCT version) FROM u WHERE u.package_id = p.id AND version <> ''),
			(SELECT COUNT(*) FROM s WHERE s.package_id = p.id AND scope = 0), (SELECT COUNT(*) FROM s WHERE s.package_id = p.id AND scope = 1),
			(SELECT COUNT(*) FROM s WHERE s.package_id = p.id AND scope = 2), (SELECT COUNT(*) FROM s WHERE s.package_id = p.id AND scope = 3)
			FROM package p WHERE p.id IN (SELECT package_id FROM u) ORDER BY p.id`)
		got := list(`SELECT p.purl, s.repositories, s.components, s.direct, s.unpinned, s.versions, s.production, s.optional, s.development, s.test FROM package_reach s JOIN package p ON p.id = s.package_id WHERE s.reach = $1 ORDER BY p.id`, reach)
		if diff := cmp.Diff(want, got); diff != "" {
			h.t.Errorf("roll-ups of reach %s (-counted +kept):\n%s", reach, diff)
		}
		var documents, packages int64
		if err := h.db.QueryRow(h.ctx, `SELECT (SELECT COUNT(*) FROM search_document WHERE kind = 'package' AND ($1 = 'all' OR visibility = 'internal')), (SELECT COUNT(*) FROM package_reach WHERE reach = $1)`, reach).Scan(&documents, &packages); err != nil {
			h.t.Fatal(err)
		}
		if documents != packages {
			h.t.Errorf("%d search documents for %d packages of reach %s", documents, packages, reach)
		}
	}
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=Tester", "GIT_AUTHOR_EMAIL=tester@example.org",
		"GIT_COMMITTER_NAME=Tester", "GIT_COMMITTER_EMAIL=tester@example.org", "GIT_AUTHOR_DATE=2024-03-01T12:00:00Z", "GIT_COMMITTER_DATE=2024-03-01T12:00:00Z")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// repository makes a work tree with one commit of the given files, or adds a commit to it.
func repository(t *testing.T, dir string, files map[string]string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, ".git")); err != nil {
		git(t, dir, "init", "-q", "-b", "main")
		git(t, dir, "commit", "-q", "--allow-empty", "-m", filepath.Base(dir))
	}
	for name, content := range files {
		full := filepath.Join(dir, name)
		if content == "" {
			if err := os.Remove(full); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-q", "--allow-empty", "-m", "change")
	return dir
}

// lock is a package-lock.json whose root needs express, and express debug.
func lock(name, express, debug string) map[string]string {
	return map[string]string{
		"package.json": `{"name": "` + name + `", "version": "1.0.0", "dependencies": {"express": "^4.0.0"}}`,
		"package-lock.json": `{
  "name": "` + name + `", "version": "1.0.0", "lockfileVersion": 3,
  "packages": {
    "": {"name": "` + name + `", "version": "1.0.0", "dependencies": {"express": "^4.0.0"}},
    "node_modules/express": {"version": "` + express + `", "dependencies": {"body-parser": "1.0.0"}},
    "node_modules/body-parser": {"version": "1.0.0", "dependencies": {"debug": "*"}},
    "node_modules/debug": {"version": "` + debug + `"}
  }
}
`,
	}
}

func TestWhoUses(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		repository(t, filepath.Join(root, "ledger"), lock("ledger", "4.18.2", "2.6.9"))
		repository(t, filepath.Join(root, "web"), lock("web", "4.9.0", "4.3.4"))
		repository(t, filepath.Join(root, "tools"), map[string]string{
			"package.json":          `{"name": "tools", "devDependencies": {"debug": "^4.1.0"}}`,
			"testdata/package.json": `{"name": "x", "dependencies": {"debug": "1.0.0", "only-in-tests": "1"}}`,
		})
		h.look(root)
		h.rollups()

		a := h.wantWho(member, sbom.Question{Name: "debug"},
			"ledger 2.6.9 production through express@4.18.2 body-parser@1.0.0 package-lock.json:7",
			"web 4.3.4 production through express@4.9.0 body-parser@1.0.0 package-lock.json:7",
			"tools ^4.1.0 development direct package.json:1")
		if diff := cmp.Diff(sbom.Found{Components: 3, Repositories: 3, Direct: 1, Uses: 3}, a.Found); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if want := "3 of 3 repositories read; 1 with unresolved transitives; default branch main"; a.BaseText != want {
			t.Errorf("base %q, want %q", a.BaseText, want)
		}
		a = h.wantWho(member, sbom.Question{Name: "pkg:npm/debug", Range: "<4"},
			"ledger 2.6.9 production through express@4.18.2 body-parser@1.0.0 package-lock.json:7",
			"? tools ^4.1.0 development direct package.json:1")
		if diff := cmp.Diff([]sbom.BringsIn{{ID: a.Through[0].ID, Name: "express", Components: 1}}, a.Through); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		h.wantWho(member, sbom.Question{Name: "EXPRESS", Range: ">=4.10", Direct: true}, "ledger 4.18.2^4.0.0 production direct package-lock.json:5")
		h.wantWho(member, sbom.Question{Name: "debug", Scope: "development"}, "tools ^4.1.0 development direct package.json:1")
		h.wantWho(member, sbom.Question{Name: "debug", Fixtures: true, Direct: true},
			"tools 1.0.01.0.0 production direct testdata/package.json:1", "tools ^4.1.0 development direct package.json:1")
		h.wantWho(member, sbom.Question{Name: "only-in-tests"})
		h.wantWho(member, sbom.Question{Name: "left-pad"})
		if _, err := h.sbom.WhoUses(h.ctx, member, sbom.Question{Name: "debug", Range: "<<4"}); err == nil || !strings.Contains(err.Error(), "not a range of npm versions") {
			t.Errorf("a range that cannot be read gives %v", err)
		}
		if _, err := h.sbom.WhoUses(h.ctx, access.Viewer{}, sbom.Question{Name: "debug"}); !errors.Is(err, fault.Denied) {
			t.Errorf("who is not signed in gets %v", err)
		}
	})
}

func TestRollupsFollow(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		ledger := repository(t, filepath.Join(root, "ledger"), lock("ledger", "4.18.2", "2.6.9"))
		repository(t, filepath.Join(root, "web"), lock("web", "4.9.0", "2.6.9"))
		repository(t, filepath.Join(root, "secret"), map[string]string{
			"go.mod":       "module example.org/secret\n\ngo 1.24\n\nrequire (\n\tgithub.com/only/here v1.2.3\n)\n",
			"package.json": `{"name": "express-of-ours", "dependencies": {"express": "4.9.0"}}`,
		})
		h.look(root)
		h.rollups()
		secret := h.uid("secret")

		must(t, h.estate.SetVisibility(h.ctx, admin, secret, access.Restricted))
		must(t, h.estate.SetVisibility(h.ctx, admin, secret, access.Restricted)) // twice is once
		h.rollups()
		h.wantWho(member, sbom.Question{Name: "github.com/only/here"})
		h.wantWho(admin, sbom.Question{Name: "here"}, "secret v1.2.3 production direct go.mod:6")
		found, err := search.Find(h.ctx, h.db, member, search.Query{Text: "only/here"})
		must(t, err)
		if len(found.Hits) > 0 {
			t.Errorf("search shows what only a restricted repository uses: %v", found.Hits)
		}
		must(t, h.estate.SetVisibility(h.ctx, admin, secret, access.Internal))
		h.rollups()

		must(t, h.estate.Join(h.ctx, admin, h.uid("ledger"), h.uid("web")))
		h.rollups()
		h.wantWho(member, sbom.Question{Name: "express", Range: "4.9.0"}, "secret 4.9.04.9.0 production direct package.json:1")
		must(t, h.estate.Split(h.ctx, admin, h.uid("web")))
		h.rollups()

		before := h.packageUID("express")
		repository(t, ledger, map[string]string{"package.json": "", "package-lock.json": "", "README.md": "nothing left"})
		h.look(root)
		h.rollups()
		h.wantWho(member, sbom.Question{Name: "express", Range: "4.18.2"})
		repository(t, ledger, lock("ledger", "4.18.2", "2.6.9"))
		h.look(root)
		h.rollups()
		if after := h.packageUID("express"); after != before {
			t.Errorf("the package changed its id from %s to %s", before, after)
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *house) packageUID(name string) string {
	h.t.Helper()
	all, _, err := h.sbom.Find(h.ctx, tester, name)
	if err != nil || len(all) == 0 {
		h.t.Fatalf("package %q: %v", name, err)
	}
	return all[0].UID
}

func TestEqualContentIsNotWrittenAgain(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		dir := repository(t, filepath.Join(t.TempDir(), "ledger"), lock("ledger", "4.18.2", "2.6.9"))
		h.look(dir)
		scan := func() (n int64) {
			must(t, h.db.QueryRow(h.ctx, `SELECT MAX(scan_id) FROM package_use`).Scan(&n))
			return n
		}
		first := scan()
		repository(t, dir, map[string]string{"README.md": "new"})
		h.look(dir)
		if scan() != first {
			t.Error("rows were written again though the manifests are the same")
		}
		repository(t, dir, lock("ledger", "4.18.3", "2.6.9"))
		h.look(dir)
		if scan() == first {
			t.Error("rows were not written though a manifest changed")
		}
		h.rollups()
	})
}

func TestOurOwnPackages(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		repository(t, filepath.Join(root, "app"), map[string]string{"package.json": `{"name": "app", "dependencies": {"@firm/kit": "^1.0.0"}}`})
		h.look(root)
		internal := func(v access.Viewer) bool {
			all, _, err := h.sbom.Find(h.ctx, v, "@firm/kit")
			if err != nil || len(all) != 1 {
				t.Fatalf("%v %v", all, err)
			}
			return all[0].Internal
		}
		if internal(member) {
			t.Error("nobody makes it yet")
		}
		repository(t, filepath.Join(root, "kit"), map[string]string{"package.json": `{"name": "@firm/kit", "version": "1.2.0", "dependencies": {"debug": "1.0.0"}}`})
		h.look(root)
		if !internal(member) {
			t.Error("the package that a repository makes is not marked")
		}
		must(t, h.estate.SetVisibility(h.ctx, admin, h.uid("kit"), access.Restricted))
		if internal(member) || !internal(admin) {
			t.Error("the mark tells of a restricted repository")
		}
	})
}

func TestWhatCannotBeReadIsNoted(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		dir := repository(t, filepath.Join(t.TempDir(), "odd"), map[string]string{
			"package-lock.json": "{ not json", "examples/package-lock.json": "{ not json",
			"package.json": `{"name": "odd", "dependencies": {"` + strings.Repeat("x", 3000) + `": "1", "debug": "` + strings.Repeat(">=1 ", 500) + `"}}`,
		})
		h.look(dir)
		h.rollups()
		rows, err := store.Collect(func(row store.Scanner) (string, error) {
			var kind, path, reason string
			err := row.Scan(&kind, &path, &reason)
			return kind + " " + path + " " + reason, err
		})(h.db.Query(h.ctx, `SELECT kind, path, reason FROM coverage_note WHERE source = 'sbom' ORDER BY seq`))
		must(t, err)
		got := strings.Join(rows, "\n")
		for _, want := range []string{"failed package-lock.json", "write it anew with its package manager", "left out examples/package-lock.json test data or an example", "failed package.json a name longer than", "unresolved package.json"} {
			if !strings.Contains(got, want) {
				t.Errorf("no note says %q:\n%s", want, got)
			}
		}
	})
}
