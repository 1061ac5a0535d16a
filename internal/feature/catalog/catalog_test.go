package catalog_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"steward/internal/feature/catalog"
	"steward/internal/feature/catalog/value"
	"steward/internal/feature/estate"
	"steward/internal/feature/estate/correction"
	"steward/internal/feature/estate/source"
	"steward/internal/feature/licence"
	"steward/internal/feature/people"
	"steward/internal/feature/people/speaker"
	"steward/internal/feature/sbom"
	"steward/internal/platform/access"
	"steward/internal/platform/account"
	"steward/internal/platform/audit"
	"steward/internal/platform/config"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/job"
	"steward/internal/platform/mount"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
	"steward/internal/platform/web"
)

var (
	tester = access.System("test")
	member = access.As("m", "member", access.Member)
	admin  = access.As("a", "admin", access.Admin)
)

// house is an estate with people and a catalogue over a test database.
type house struct {
	t        *testing.T
	ctx      context.Context
	db       *store.DB
	queue    *job.Queue
	settings *config.Settings
	estate   *estate.Feature
	people   *people.Feature
	catalog  *catalog.Feature
	said     *correction.Desk
	speakers *speaker.Desk
}

func migrations() []store.Migrations {
	all := []store.Migrations{{Feature: "search", FS: search.Migrations}, {Feature: "account", FS: account.Migrations}, {Feature: "config", FS: config.Migrations}, audit.Migrations(), job.Migrations()}
	p := mount.Platform{}
	who := people.New(p, people.Config{})
	for _, c := range []mount.Capability{estate.New(p, estate.Config{}).Mount(), who.Mount(), catalog.New(p, who, catalog.Config{}).Mount(), licence.New(p, licence.Config{}).Mount(), sbom.New(p).Mount(), correction.New(p, correction.Config{}).Mount(), speaker.New(p).Mount()} {
		all = append(all, store.Migrations{Feature: c.Name, FS: c.Migrations})
	}
	return all
}

func each(t *testing.T, f func(t *testing.T, h *house)) {
	storetest.Each(t, migrations(), func(t *testing.T, db *store.DB) { f(t, open(t, db)) })
}

func open(t *testing.T, db *store.DB) *house {
	h := &house{t: t, ctx: t.Context(), db: db, queue: job.New(db, job.Config{Workers: 2}), settings: config.New(db, time.Now)}
	p := mount.Platform{
		DB: db, Queue: h.queue, Settings: h.settings, Log: slog.New(slog.DiscardHandler), Now: time.Now,
		DataDir: t.TempDir(), Git: gitrepo.Config{Scratch: t.TempDir()},
	}
	h.speakers = speaker.New(p)
	h.people = people.New(p, people.Config{
		Panels: []people.Panel{catalog.OwnsPanel(p), h.speakers.Panel()}, Owned: catalog.OwnedByTeam,
		OnErased: func(ctx context.Context, tx *store.Tx, e people.Erasure) error {
			return h.catalog.ForgetPerson(ctx, tx, e)
		},
	})
	licences := licence.New(p, licence.Config{OnWritten: func(ctx context.Context, tx *store.Tx, repository int64) error {
		return h.catalog.FollowLicences(ctx, tx, repository)
	}})
	packages := sbom.New(p)
	h.catalog = catalog.New(p, h.people, catalog.Config{Licences: licence.OfFolders, Dependents: packages.Dependents, Used: sbom.UsedByOthers})
	h.said = correction.New(p, correction.Config{Subjects: []correction.Subject{estate.Correctable(), catalog.Correctable()}, Speaks: value.Speaks})
	h.estate = estate.New(p, estate.Config{
		OnRead:       []estate.ReadHook{h.said.Follow},
		Analysers:    []estate.Analyser{h.people.Analyser(), h.catalog.Analyser(), licences.Analyser(), packages.Analyser()},
		OnVisibility: []estate.VisibilityHook{search.FollowVisibility, people.FollowVisibility, packages.FollowVisibility}, OnJoin: []estate.JoinHook{catalog.FollowJoin, packages.FollowJoin},
	})
	for _, c := range []mount.Capability{h.estate.Mount(), h.people.Mount(), h.catalog.Mount()} {
		if c.Jobs != nil {
			c.Jobs(h.queue)
		}
	}
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

func (h *house) pages(s *web.Server) {
	for _, c := range []mount.Capability{h.estate.Mount(), h.people.Mount(), h.catalog.Mount(), h.said.Mount(), h.speakers.Mount()} {
		c.Pages(s)
	}
}

// look adds sources, or looks at them again, and waits until all is read.
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
	for range 1200 {
		open, err := h.queue.List(h.ctx, tester, job.Filter{States: []job.State{job.Waiting, job.Running}})
		if err != nil {
			h.t.Fatal(err)
		}
		if len(open) == 0 {
			failed, err := h.queue.List(h.ctx, tester, job.Filter{States: []job.State{job.Failed}})
			if err != nil || len(failed) > 0 {
				h.t.Fatalf("failed jobs: %+v %v", failed, err)
			}
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	h.t.Fatal("the queue did not come to rest within 30 s")
}

// state lists the components that are there, a line each.
func (h *house) state() string {
	h.t.Helper()
	lines, err := store.Collect(func(row store.Scanner) (string, error) {
		var root, name, ref, typ, lifecycle, kind, owner, state, from string
		err := row.Scan(&root, &name, &ref, &typ, &lifecycle, &kind, &owner, &state, &from)
		return strings.Join(strings.Fields(fmt.Sprintf("/%s %s %s %s %s | %s %s %s %s", root, name, ref, typ, lifecycle, state, kind, owner, from)), " "), err
	})(h.db.Query(h.ctx, `SELECT root, name, ref, type, lifecycle, owner_kind, owner_name, owner_state, owner_from FROM component WHERE gone_at = 0 ORDER BY root, name`))
	if err != nil {
		h.t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

func (h *house) want(want string) {
	h.t.Helper()
	want = strings.TrimSpace(want)
	if got := h.state(); got != want {
		h.t.Fatalf("the components are\n%s\nwant\n%s\nnotes: %s", got, want, h.notes())
	}
}

func (h *house) strings(sql string, args ...any) []string {
	h.t.Helper()
	all, err := store.Collect(func(row store.Scanner) (s string, err error) { return s, row.Scan(&s) })(h.db.Query(h.ctx, sql, args...))
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

func (h *house) notes() string {
	return strings.Join(h.strings(`SELECT path || ' ' || reason FROM coverage_note WHERE source = 'catalog' ORDER BY seq`), "\n")
}

func (h *house) uid(name string) string {
	h.t.Helper()
	all := h.strings(`SELECT uid FROM component WHERE name = $1 AND gone_at = 0`, name)
	if len(all) != 1 {
		h.t.Fatalf("%d components are called %s", len(all), name)
	}
	return all[0]
}

// tree is a repository made for a test.
type tree struct {
	t   *testing.T
	dir string
	at  time.Time
}

func newTree(t *testing.T, dir string, files map[string]string) *tree {
	t.Helper()
	return newTreeAt(t, dir, time.Now().Add(-300*24*time.Hour), files)
}

// newTreeAt is newTree with the time of its first commit; each later one comes an hour after that before.
func newTreeAt(t *testing.T, dir string, at time.Time, files map[string]string) *tree {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	r := &tree{t: t, dir: dir, at: at}
	r.git("Ann Ale <ann@bank.example>", "init", "-q", "-b", "main")
	r.commit("Ann Ale <ann@bank.example>", "begin", files)
	return r
}

func (r *tree) git(author string, args ...string) {
	r.t.Helper()
	name, email, _ := strings.Cut(strings.TrimSuffix(author, ">"), " <")
	cmd := exec.Command("git", args...)
	cmd.Dir = r.dir
	r.at = r.at.Add(time.Hour)
	date := r.at.UTC().Format(time.RFC3339)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME="+name, "GIT_AUTHOR_EMAIL="+email,
		"GIT_COMMITTER_NAME="+name, "GIT_COMMITTER_EMAIL="+email, "GIT_AUTHOR_DATE="+date, "GIT_COMMITTER_DATE="+date)
	if out, err := cmd.CombinedOutput(); err != nil {
		r.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

// commit writes files, removes those whose content is "-", and commits.
func (r *tree) commit(author, message string, files map[string]string) {
	r.t.Helper()
	for name, content := range files {
		path := filepath.Join(r.dir, filepath.FromSlash(name))
		if content == "-" {
			if err := os.RemoveAll(path); err != nil {
				r.t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			r.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			r.t.Fatal(err)
		}
	}
	r.git(author, "add", "-A")
	r.git(author, "commit", "-q", "--allow-empty", "-m", message)
}

func entryOf(name, rest string) string {
	return "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: " + name + "\nspec:\n  type: service\n  lifecycle: production\n" + rest
}
