package coverage_test

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/estate"
	"steward/internal/feature/estate/coverage"
	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/config"
	"steward/internal/platform/job"
	"steward/internal/platform/mount"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
	"steward/internal/platform/web"
	"steward/internal/platform/web/webtest"
)

var (
	admin  = access.As("a", "admin", access.Admin)
	member = access.As("m", "member", access.Member)
)

func migrations() []store.Migrations {
	est := estate.New(mount.Platform{}, estate.Config{}).Mount()
	return []store.Migrations{
		{Feature: "search", FS: search.Migrations},
		{Feature: "config", FS: config.Migrations},
		audit.Migrations(), job.Migrations(),
		{Feature: est.Name, FS: est.Migrations},
	}
}

// words are the words of the page that stand below the heading, one line a piece of text.
func words(body string) []string {
	_, body, _ = strings.Cut(body, "</h1>")
	body, _, _ = strings.Cut(body, `<p class="pagefoot">`)
	var all []string
	for _, text := range strings.Split(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(body, "\n"), "\n") {
		if text = strings.TrimSpace(html.UnescapeString(text)); text != "" {
			all = append(all, text)
		}
	}
	return all
}

func TestWhatIsCovered(t *testing.T) {
	storetest.Each(t, migrations(), func(t *testing.T, db *store.DB) {
		hub := func(v access.Viewer) *webtest.Hub {
			return webtest.New(t, v, func(s *web.Server) { coverage.Mount(s, db) })
		}
		_, body := hub(admin).Get("/coverage")
		if d := cmp.Diff([]string{
			"0 of 0 repositories read. What is not read is not counted as zero anywhere.", "Sources given", "0",
			"Nothing to cover yet", "Name a folder with git repositories or a git address first.", "Add a source",
		}, words(body)); d != "" {
			t.Errorf("before the first source: want -, got +:\n%s", d)
		}
		err := db.Tx(t.Context(), func(tx *store.Tx) error {
			for _, statement := range []string{
				`INSERT INTO source (id, given, kind, address, created_at) VALUES ('s1', 'src', 'folder', '/src', 1)`,
				`INSERT INTO source (id, given, kind, address, created_at, removed_at) VALUES ('s2', 'old', 'folder', '/old', 1, 2)`,
				`INSERT INTO repository (id, uid, name, state, visibility, current_scan_id, main_language, created_at, read_at) VALUES
					(1, 'u1', 'ledger', 'read', 'internal', 1, 'Go', 1, 1792670400000000), (2, 'u2', 'vault', 'read', 'restricted', 1, 'Go', 1, 1792670400000000),
					(3, 'u3', 'new', 'empty', 'internal', 0, '', 1, 1792670400000000), (4, 'u4', 'bad', 'failed', 'internal', 0, '', 1, 0)`,
				`INSERT INTO coverage_note (repository_id, source, seq, kind, path, reason, scan_id) VALUES
					(1, 'sbom', 1, 'unresolved', 'a/go.mod', 'no lock file', 1), (1, 'sbom', 2, 'unresolved', 'b/go.mod', 'no lock file', 1),
					(2, 'sbom', 1, 'unresolved', 'go.mod', 'no lock file', 1), (1, 'sbom', 3, 'left out', 'c', 'test data', 1),
					(1, 'sbom', 4, 'left out', 'd', 'test data', 1), (4, 'reading', 1, 'failed', '', 'it is damaged', 1)`,
			} {
				if _, err := tx.Exec(t.Context(), statement); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		table := func(notes, repositories string) []string {
			return []string{
				"What was left out", "All notes", "Kinds of notes", "Kind", "Places", "Repositories",
				"Not read", "damaged, too large, or not in the form that the name promises", "1", "1",
				"Incomplete", "read, but not all versions or all that packages bring in can be known from it", notes, repositories,
				"Left out", "on purpose: what is no use of a package, or lies outside the repository", "2", "1",
				"Languages and readers of their packages", "Main languages and whether their packages are read", "Language", "Repositories", "Packages read by", "Go", repositories, "Go",
				"Most frequent reasons", "where one remedy helps most", "Reasons that are given for several places, the most frequent first",
				"Reason", "Places", "Repositories", "no lock file", notes, repositories,
			}
		}
		lede := " repositories read, 1 failed. What is not read is not counted as zero anywhere. Last reading"
		_, body = hub(admin).Get("/coverage")
		want := append([]string{"3 of 4" + lede, "22 Oct 2026", ".", "Sources given", "1", "Repositories found", "4", "Read", "3", "of 4", "Empty", "1", "among those read", "Waiting", "0", "Not read", "1"}, table("3", "2")...)
		if d := cmp.Diff(want, words(body)); d != "" {
			t.Errorf("an administrator: want -, got +:\n%s", d)
		}
		_, body = hub(member).Get("/coverage")
		want = append([]string{"2 of 3" + lede, "22 Oct 2026", ".", "Repositories found", "3", "Read", "2", "of 3", "Empty", "1", "among those read", "Waiting", "0", "Not read", "1"}, table("2", "1")...)
		if d := cmp.Diff(want, words(body)); d != "" {
			t.Errorf("a member: want -, got +:\n%s", d)
		}
	})
}
