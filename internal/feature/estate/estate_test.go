package estate_test

import (
	"context"
	"encoding/json"
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
	"steward/internal/feature/technology"
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

// house is an estate over a test database, with its queue running.
type house struct {
	t      *testing.T
	ctx    context.Context
	db     *store.DB
	queue  *job.Queue
	estate *estate.Feature
	follow estate.NameHook // told of new names; may be nil
}

func migrations() []store.Migrations {
	est := estate.New(mount.Platform{}, estate.Config{}).Mount()
	tech := technology.New(mount.Platform{}).Mount()
	return []store.Migrations{
		{Feature: "search", FS: search.Migrations},
		{Feature: "config", FS: config.Migrations},
		audit.Migrations(), job.Migrations(),
		{Feature: est.Name, FS: est.Migrations},
		{Feature: tech.Name, FS: tech.Migrations},
	}
}

func each(t *testing.T, f func(t *testing.T, h *house)) {
	storetest.Each(t, migrations(), func(t *testing.T, db *store.DB) { f(t, open(t, db, 1)) })
}

func open(t *testing.T, db *store.DB, version int) *house {
	ctx := t.Context()
	h := &house{t: t, ctx: ctx, db: db, queue: job.New(db, job.Config{Workers: 2})}
	p := mount.Platform{
		DB: db, Queue: h.queue, Settings: config.New(db, time.Now), Log: slog.New(slog.DiscardHandler), Now: time.Now,
		DataDir: t.TempDir(), Git: gitrepo.Config{Scratch: t.TempDir()},
	}
	tech := technology.New(p)
	analyser := tech.Analyser()
	analyser.Version = version
	history := estate.Analyser{Name: "history", Version: 1, History: true, Begin: func(*estate.Snapshot) estate.Pass { return &counter{} }}
	h.estate = estate.New(p, estate.Config{
		Analysers: []estate.Analyser{analyser, history}, OnVisibility: []estate.VisibilityHook{search.FollowVisibility},
		OnName: []estate.NameHook{func(ctx context.Context, tx *store.Tx, repository int64, was, name string) error {
			if h.follow == nil {
				return nil
			}
			return h.follow(ctx, tx, repository, was, name)
		}},
	})
	h.estate.Mount().Jobs(h.queue)
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

// counter counts commits and goes on where the last reading ended.
type counter struct{ Commits int64 }

func (c *counter) Restore(state []byte) error { return json.Unmarshal(state, c) }
func (c *counter) Commit(*gitrepo.Commit)     { c.Commits++ }
func (c *counter) State() ([]byte, error)     { return json.Marshal(c) }
func (c *counter) Analyse(context.Context) (estate.Result, error) {
	return estate.Result{Facts: []estate.Fact{{Name: "history.commits", Value: c.Commits, Basis: estate.Measured}}}, nil
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
	h.idle()
}

func (h *house) idle() {
	h.t.Helper()
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

// state lists what the estate knows, a line a repository.
func (h *house) state() string {
	h.t.Helper()
	rows, err := store.Collect(func(row store.Scanner) (string, error) {
		var name, state string
		var locations, missing, vanished int64
		err := row.Scan(&name, &state, &locations, &missing, &vanished)
		if filepath.IsAbs(name) {
			name = "/…/" + filepath.Base(name) // called by its whole address
		}
		line := name + " " + state
		if locations != 1 || missing > 0 {
			line += " locations=" + digits(locations) + " missing=" + digits(missing)
		}
		if vanished > 0 {
			line += " vanished"
		}
		return line, err
	})(h.db.Query(h.ctx, `SELECT r.name, r.state, (SELECT COUNT(*) FROM location l WHERE l.repository_id = r.id),
		(SELECT COUNT(*) FROM location l WHERE l.repository_id = r.id AND l.missing_since > 0), r.vanished_at
		FROM repository r WHERE r.joined_into = 0 ORDER BY r.name, r.id`))
	if err != nil {
		h.t.Fatal(err)
	}
	return strings.Join(rows, "\n")
}

func digits(n int64) string { return string(rune('0' + n)) }

func (h *house) wantState(want string) {
	h.t.Helper()
	if got := h.state(); got != want {
		h.t.Fatalf("the estate is\n%s\nwant\n%s", got, want)
	}
}

func (h *house) uid(name string) string {
	h.t.Helper()
	var uid string
	if err := h.db.QueryRow(h.ctx, `SELECT uid FROM repository WHERE name = $1 AND joined_into = 0`, name).Scan(&uid); err != nil {
		h.t.Fatalf("repository %q: %v", name, err)
	}
	return uid
}

func (h *house) scans() int64 {
	h.t.Helper()
	var n int64
	if err := h.db.QueryRow(h.ctx, `SELECT COUNT(*) FROM scan`).Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

// git runs git in a folder with a fixed identity and time.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	return gitOn(t, "2024-03-01", dir, args...)
}

// gitOn runs git on a day.
func gitOn(t *testing.T, day, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=Tester", "GIT_AUTHOR_EMAIL=tester@example.org",
		"GIT_COMMITTER_NAME=Tester", "GIT_COMMITTER_EMAIL=tester@example.org", "GIT_AUTHOR_DATE="+day+"T12:00:00Z", "GIT_COMMITTER_DATE="+day+"T12:00:00Z")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// repository makes a work tree with one commit of the given files.
func repository(t *testing.T, dir string, files map[string]string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "init", "-q", "-b", "main")
	commit(t, dir, "first", files)
	return dir
}

func commit(t *testing.T, dir, message string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-q", "--allow-empty", "-m", message)
}

func TestReadsWhatAFolderHolds(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		repository(t, filepath.Join(root, "ledger"), map[string]string{"README.md": "# Ledger\n\nKeeps the books of the payments department.\n", "main.go": "package main\n\nfunc main() {}\n"})
		repository(t, filepath.Join(root, "web"), map[string]string{"index.js": "console.log(1)\n"})
		git(t, root, "clone", "-q", "--bare", filepath.Join(root, "web"), filepath.Join(root, "mirror.git"))
		git(t, filepath.Join(root, "mirror.git"), "remote", "remove", "origin")
		git(t, root, "init", "-q", "empty")
		h.look(root)
		h.wantState("empty empty\nledger read\nmirror read\nweb read")
		r, err := h.estate.RepositoryByUID(h.ctx, member, h.uid("ledger"))
		if err != nil {
			t.Fatal(err)
		}
		if r.Description != "Keeps the books of the payments department." || r.MainLanguage != "Go" || r.DefaultBranch != "main" || r.Files != 2 {
			t.Errorf("ledger is %+v", r)
		}
		kin, err := h.estate.Relatives(h.ctx, member, mustFind(t, h, "web"))
		if err != nil || len(kin) != 1 || kin[0].Name != "mirror" {
			t.Errorf("web shares its first commit with %v (%v), want mirror", kin, err)
		}
	})
}

func mustFind(t *testing.T, h *house, name string) estate.Repository {
	t.Helper()
	r, err := h.estate.RepositoryByUID(h.ctx, tester, h.uid(name))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestOnlyWhatChangedIsReadAgain(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		a := repository(t, filepath.Join(root, "a"), map[string]string{"a.go": "package a\n"})
		repository(t, filepath.Join(root, "b"), map[string]string{"b.go": "package b\n"})
		h.look(root)
		if n := h.scans(); n != 2 {
			t.Fatalf("%d readings, want 2", n)
		}
		h.look(root)
		if n := h.scans(); n != 2 {
			t.Fatalf("%d readings after looking again, want 2: nothing changed", n)
		}
		commit(t, a, "second", map[string]string{"b.py": "print(1)\n" + strings.Repeat("x = 1\n", 100)})
		h.look(root)
		if n := h.scans(); n != 3 {
			t.Fatalf("%d readings after a change in one, want 3", n)
		}
		if r := mustFind(t, h, "a"); r.MainLanguage != "Python" {
			t.Errorf("the main language of a is %q, want Python", r.MainLanguage)
		}
	})
}

func TestANewerAnalyserReadsAgain(t *testing.T) {
	storetest.Each(t, migrations(), func(t *testing.T, db *store.DB) {
		root := t.TempDir()
		repository(t, filepath.Join(root, "a"), map[string]string{"a.go": "package a\n"})
		first := open(t, db, 1)
		first.look(root)
		stop, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if err := first.queue.Stop(stop); err != nil {
			t.Fatal(err)
		}
		second := open(t, db, 2)
		second.look(root)
		if n := second.scans(); n != 2 {
			t.Fatalf("%d readings, want 2: the analyser is newer", n)
		}
	})
}

func TestAMovedRepositoryStaysTheSame(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		a := repository(t, filepath.Join(root, "a"), map[string]string{"a.go": "package a\n"})
		h.look(root)
		uid := h.uid("a")
		if err := os.Rename(a, filepath.Join(root, "renamed")); err != nil {
			t.Fatal(err)
		}
		h.look(root)
		h.wantState("renamed read locations=2 missing=1")
		if h.uid("renamed") != uid {
			t.Error("it got another id when it moved")
		}
		if err := os.RemoveAll(filepath.Join(root, "renamed")); err != nil {
			t.Fatal(err)
		}
		repository(t, filepath.Join(root, "other"), map[string]string{"o.go": "package o\n"})
		h.look(root)
		h.wantState("other read\nrenamed read locations=2 missing=2 vanished")
	})
}

func TestClonesOfOneRemoteAreOneRepository(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		for _, name := range []string{"one", "two"} {
			git(t, repository(t, filepath.Join(root, name), map[string]string{"a.go": "package a\n"}), "remote", "add", "origin", "git@git.example.com:pay/ledger.git")
		}
		h.look(root)
		h.wantState("one read locations=2 missing=0")
		if err := os.RemoveAll(filepath.Join(root, "one")); err != nil {
			t.Fatal(err)
		}
		commit(t, filepath.Join(root, "two"), "more", map[string]string{"b.go": "package a\n"})
		h.look(root)
		if r := mustFind(t, h, "one"); r.Files != 2 {
			t.Errorf("after the first copy is gone %d files are read, want the 2 of the other copy", r.Files)
		}
	})
}

func TestJoinAndSplit(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		repository(t, filepath.Join(root, "a"), map[string]string{"a.go": "package a\n"})
		repository(t, filepath.Join(root, "b"), map[string]string{"b.go": "package b\n"})
		h.look(root)
		a, b := h.uid("a"), h.uid("b")
		if err := h.estate.Join(h.ctx, access.As("x", "x", access.Auditor), a, b); err == nil {
			t.Fatal("an auditor joined two repositories")
		}
		if err := h.estate.Join(h.ctx, member, a, b); err != nil {
			t.Fatal(err)
		}
		h.wantState("a read locations=2 missing=0")
		if r, err := h.estate.RepositoryByUID(h.ctx, member, b); err != nil || r.UID != a {
			t.Errorf("the address of b leads to %v (%v), want a", r.UID, err)
		}
		if err := h.estate.Split(h.ctx, member, b); err != nil {
			t.Fatal(err)
		}
		h.wantState("a read\nb read")
		h.look(root)
		h.wantState("a read\nb read")
	})
}

func TestWhatCannotBeReadIsSaidAndStopsNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		repository(t, filepath.Join(root, "good"), map[string]string{"a.go": "package a\n"})
		bad := repository(t, filepath.Join(root, "bad"), map[string]string{"a.go": "package a\n"})
		tree := git(t, bad, "rev-parse", "HEAD^{tree}")
		if err := os.Remove(filepath.Join(bad, ".git", "objects", tree[:2], tree[2:])); err != nil {
			t.Fatal(err)
		}
		shallow := filepath.Join(root, "shallow")
		commit(t, filepath.Join(root, "good"), "second", map[string]string{"b.go": "package a\n"})
		git(t, root, "clone", "-q", "--depth", "1", "file://"+filepath.Join(root, "good"), shallow)
		git(t, shallow, "remote", "remove", "origin")
		h.look(root)
		h.wantState("bad failed\ngood read\nshallow read")
		r := mustFind(t, h, "bad")
		if !strings.Contains(r.Error, "missing") && !strings.Contains(r.Error, "corrupt") {
			t.Errorf("the error of bad is %q: it should say what is wrong with it", r.Error)
		}
		want := []estate.Note{{Kind: estate.NoteFailed, Reason: r.Error}}
		if notes, err := h.estate.Notes(h.ctx, member, r, 10); err != nil || !cmp.Equal(want, notes) {
			t.Errorf("coverage says %+v of bad (%v), want %+v", notes, err, want)
		}
		if err := os.RemoveAll(bad); err != nil {
			t.Fatal(err)
		}
		repository(t, bad, map[string]string{"a.go": "package a\n"})
		h.look(root)
		r = mustFind(t, h, "bad")
		if notes, err := h.estate.Notes(h.ctx, member, r, 10); err != nil || len(notes) != 0 {
			t.Errorf("coverage says %+v of it when it is sound again (%v)", notes, err)
		}
		if !mustFind(t, h, "shallow").Shallow {
			t.Error("the shallow copy is not marked as one")
		}
	})
}

func TestAFailedReadingKeepsWhatWasRead(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		a := repository(t, filepath.Join(root, "a"), map[string]string{"a.go": "package a\n"})
		h.look(root)
		commit(t, a, "second", map[string]string{"b.py": strings.Repeat("x = 1\n", 100)})
		tree := git(t, a, "rev-parse", "HEAD^{tree}")
		if err := os.Remove(filepath.Join(a, ".git", "objects", tree[:2], tree[2:])); err != nil {
			t.Fatal(err)
		}
		h.look(root)
		if r := mustFind(t, h, "a"); r.State != "failed" || r.MainLanguage != "Go" || r.Files != 1 {
			t.Errorf("after a failed reading it is %s, %s, %d files; want failed, and Go with 1 file from before", r.State, r.MainLanguage, r.Files)
		}
	})
}

func TestRewrittenHistoryIsNoticed(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		a := repository(t, filepath.Join(root, "a"), map[string]string{"a.go": "package a\n"})
		commit(t, a, "second", map[string]string{"b.go": "package a\n"})
		h.look(root)
		git(t, a, "reset", "-q", "--hard", "HEAD~1")
		commit(t, a, "another second", map[string]string{"c.go": "package a\n"})
		h.look(root)
		if mustFind(t, h, "a").Rewritten.IsZero() {
			t.Error("a history that was rewritten is not marked")
		}
	})
}

func TestARestrictedRepositoryIsNotThereForMembers(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		root := t.TempDir()
		repository(t, filepath.Join(root, "secret"), map[string]string{"README.md": "# Secret\n\nMergers and acquisitions of the next year.\n", "a.go": "package a\n"})
		repository(t, filepath.Join(root, "open"), map[string]string{"a.go": "package a\n"})
		h.look(root)
		uid := h.uid("secret")
		if err := h.estate.SetVisibility(h.ctx, member, uid, access.Restricted); err == nil {
			t.Fatal("a member restricted a repository")
		}
		if err := h.estate.SetVisibility(h.ctx, admin, uid, access.Restricted); err != nil {
			t.Fatal(err)
		}
		if _, err := h.estate.RepositoryByUID(h.ctx, member, uid); err == nil {
			t.Error("a member finds it by its id")
		}
		if b, err := h.estate.Base(h.ctx, member); err != nil || b.Given != 1 {
			t.Errorf("a member counts %d repositories (%v), want 1", b.Given, err)
		}
		for text, want := range map[string]int{"secret": 0, "mergers": 0, "open": 1} {
			found, err := search.Find(h.ctx, h.db, member, search.Query{Text: text})
			if err != nil || len(found.Hits) != want {
				t.Errorf("a member finds %d records for %q (%v), want %d", len(found.Hits), text, err, want)
			}
		}
		h.look(root)
		if found, err := search.Find(h.ctx, h.db, member, search.Query{Text: "mergers"}); err != nil || len(found.Hits) != 0 {
			t.Errorf("after looking again a member finds %v (%v)", found.Hits, err)
		}
	})
}

func TestParseSources(t *testing.T) {
	dir := t.TempDir()
	list := filepath.Join(dir, "list.txt")
	if err := os.WriteFile(list, []byte("# ours\n.\n\nhttps://git.example.com/a/b.git\nmissing\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	sources, errs := source.Parse([]string{list, dir, "git@git.example.com:c/d", "https://user:hunter2@git.example.com/e"})
	var got []string
	for _, s := range sources {
		got = append(got, string(s.Kind)+" "+s.Address)
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := "folder " + real + "\nurl https://git.example.com/a/b.git\nurl git@git.example.com:c/d"
	if strings.Join(got, "\n") != want {
		t.Errorf("sources are\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	if len(errs) != 2 {
		t.Fatalf("%d errors, want 2 (the missing folder, the address with a password): %v", len(errs), errs)
	}
	for _, err := range errs {
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("an error repeats the password: %v", err)
		}
	}
}
