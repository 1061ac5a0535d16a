package listed

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/catalog"
	"steward/internal/feature/estate"
	"steward/internal/feature/people"
	"steward/internal/format/inventory"
	"steward/internal/platform/access"
	"steward/internal/platform/comparison"
	"steward/internal/platform/job"
	"steward/internal/platform/mount"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
	"steward/internal/platform/store/storetest"
)

var (
	administrator = access.As("a", "admin", access.Admin)
	member        = access.As("m", "member", access.Member)
)

// each runs f on both engines. Everybody sees mono (components ledger and batch, of core), two
// portals (with portal each), broken, which could not be read, and young, which is new; old was joined
// into mono; vault (vault) is restricted.
func each(t *testing.T, f func(t *testing.T, ask func(v access.Viewer, q comparison.Question) comparison.Answer)) {
	p := mount.Platform{}
	who := people.New(p, people.Config{})
	all := []store.Migrations{{Feature: "search", FS: search.Migrations}, job.Migrations()}
	for _, c := range []mount.Capability{estate.New(p, estate.Config{}).Mount(), who.Mount(), catalog.New(p, who, catalog.Config{}).Mount()} {
		all = append(all, store.Migrations{Feature: c.Name, FS: c.Migrations})
	}
	storetest.Each(t, all, func(t *testing.T, db *store.DB) {
		may := store.Micros(time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC))
		if err := db.Tx(t.Context(), func(tx *store.Tx) error {
			for _, statement := range []string{
				`INSERT INTO repository (id, uid, name, visibility, state, error, created_at, read_at, first_commit_at, joined_into) VALUES
					(1, 'mono', 'mono', 'internal', 'read', '', 1, 1, 1, 0), (2, 'web', 'portal', 'internal', 'read', '', 1, 1, 1, 0), (3, 'mobile', 'portal', 'internal', 'read', '', 1, 1, 1, 0),
					(4, 'broken', 'broken', 'internal', 'failed', 'HEAD names no commit', 1, 0, 0, 0), (5, 'young', 'young', 'internal', 'read', '', 1, 1, $1, 0),
					(6, 'old', 'old', 'internal', 'read', '', 1, 1, 1, 1), (7, 'vault', 'vault', 'restricted', 'read', '', 1, 1, 1, 0)`,
				`INSERT INTO location (id, repository_id, address, path, remote, first_seen_at, last_seen_at) VALUES
					('1', 1, '/src/mono', '/src/mono', 'git.bank.example/core/mono', $1, 1), ('2', 2, '/src/web', '/src/web', 'git.bank.example/web/portal', 1, 1), ('3', 3, '/src/mobile', '/src/mobile', 'git.bank.example/mobile/portal', 1, 1)`,
				`INSERT INTO repository_alias (repository_id, kind, value, from_at) VALUES (1, 'remote', 'git.old.example/team/monolith', $1)`,
				`INSERT INTO component (id, uid, repository_id, root, ref, name, owner_state, owner_name, first_seen_at, scan_id) VALUES
					(11, 'ledger', 1, 'ledger', 'component:default/ledger', 'ledger', 'declared', 'core', $1, 1), (12, 'batch', 1, 'batch', '', 'batch', 'declared', 'core', 1, 1),
					(21, 'web', 2, '', '', 'portal', 'none', '', 1, 1), (31, 'mobile', 3, '', '', 'portal', 'none', '', 1, 1), (51, 'young', 5, '', '', 'young', 'none', '', 1, 1), (71, 'vault', 7, '', '', 'vault', 'none', '', 1, 1)`,
				`INSERT INTO coverage_note (repository_id, source, seq, kind, path, reason, scan_id) VALUES (0, 'look s', 0, 'left out', '/src/huge.git', 'permission denied', $1)`,
			} {
				if _, err := tx.Exec(t.Context(), statement, may); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		f(t, func(v access.Viewer, q comparison.Question) (a comparison.Answer) {
			t.Helper()
			if err := db.Snapshot(t.Context(), func(r store.Reader) (err error) {
				a, err = Of(t.Context(), r, v, q)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return a
		})
	})
}

// lines are rows in short: what matters of them.
func lines(all []comparison.Row) []string {
	var out []string
	for _, r := range all {
		line := string(r.Side) + ": " + r.Theirs
		if r.Ours != "" {
			line += " = " + r.Ours + " " + r.Href
		}
		out = append(out, line+": "+r.Kind+": "+r.Reason)
	}
	return out
}

func TestRepositories(t *testing.T) {
	each(t, func(t *testing.T, ask func(access.Viewer, comparison.Question) comparison.Answer) {
		q := comparison.Question{At: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), List: inventory.List{Records: []inventory.Record{
			{Repository: "https://git.bank.example/core/mono.git", Owner: "@bank/Core"},
			{Repository: "mono", Owner: "payments"},
			{Repository: "portal"},
			{Repository: "mobile/portal"},
			{Repository: "broken"},
			{Repository: "https://git.old.example/team/monolith"},
			{Repository: "old"},
			{Repository: "https://git.other.example/x/mno"},
			{Repository: "huge"},
			{Repository: "vault"},
		}}}
		theirs := []string{
			"both: https://git.bank.example/core/mono.git = mono /repositories/mono: : ",
			"both: mono = mono /repositories/mono: another owner: another owner: payments there, core here; they name it more than once",
			"only them: portal: several could be meant: several could be meant: git.bank.example/web/portal, git.bank.example/mobile/portal",
			"both: mobile/portal = portal (/src/mobile) /repositories/mobile: : ",
			"both: broken = broken /repositories/broken: could not be read: it could not be read: HEAD names no commit",
			"both: https://git.old.example/team/monolith = mono /repositories/mono: renamed or joined: it is mono here now; they name it more than once",
			"both: old = mono /repositories/mono: renamed or joined: it is mono here now; they name it more than once",
			"only them: https://git.other.example/x/mno: no source holds it: no source names anything of git.other.example; named alike here: mono",
		}
		ours := []string{
			"only us:  = portal (/src/web) /repositories/web: not named there: not named there",
			"only us:  = young /repositories/young: new since their date: not named there: it began on 2026-05-01, after their list of 2026-04-01",
		}
		a := ask(administrator, q)
		want := append(append(theirs[:8:8], "only them: huge: left out: left out at /src/huge.git: permission denied", "both: vault = vault /repositories/vault: : "), ours...)
		if diff := cmp.Diff(want, lines(a.Rows)); diff != "" {
			t.Errorf("an administrator: want -, got +:\n%s", diff)
		}
		want = append(append(theirs[:8:8], "only them: huge: no source holds it: no source holds it", "only them: vault: no source holds it: no source holds it"), ours...)
		if diff := cmp.Diff(want, lines(ask(member, q).Rows)); diff != "" {
			t.Errorf("a member: want -, got +:\n%s", diff)
		}
		if a.Plural != "repositories" || a.Rows[0].OurOwner != "core" {
			t.Errorf("%+v", a)
		}
	})
}

func TestComponents(t *testing.T) {
	each(t, func(t *testing.T, ask func(access.Viewer, comparison.Question) comparison.Answer) {
		a := ask(member, comparison.Question{List: inventory.List{Records: []inventory.Record{
			{Component: "component:default/ledger", Repository: "https://git.bank.example/core/mono"},
			{Component: "component:ops/batch", Repository: "https://git.bank.example/core/mono"},
			{Component: "component:default/gone", Repository: "https://git.bank.example/core/mono"},
			{Component: "api", Repository: "broken"},
			{Component: "portal"},
			{Repository: "web/portal"},
		}}})
		want := []string{
			"both: component:default/ledger in https://git.bank.example/core/mono = ledger in mono /components/ledger: : ",
			"both: component:ops/batch in https://git.bank.example/core/mono = batch in mono /components/batch: : ",
			"only them: component:default/gone in https://git.bank.example/core/mono: no such component: its repository mono is here, and has no such component; it has: ledger, batch",
			"only them: api in broken: could not be read: its repository broken is known: it could not be read: HEAD names no commit",
			"only them: portal: several could be meant: several could be meant: portal in portal, portal in portal",
			"both: web/portal = portal (/src/web) /repositories/web: : ",
			"only us:  = portal /components/mobile: not named there: not named there",
			"only us:  = young /components/young: not named there: not named there",
			"only us:  = repository broken /repositories/broken: not named there: not named there; no component of it is known",
		}
		if diff := cmp.Diff(want, lines(a.Rows)); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
}

func TestNamesOfEither(t *testing.T) {
	each(t, func(t *testing.T, ask func(access.Viewer, comparison.Question) comparison.Answer) {
		a := ask(member, comparison.Question{List: inventory.List{Records: []inventory.Record{{Name: "ledger"}, {Name: "young"}, {Name: "nothing like it"}}}})
		want := []string{
			"both: ledger = ledger in mono /components/ledger: : ",
			"both: young = young /repositories/young: : ",
			"only them: nothing like it: no source holds it: no source holds it",
			"only us:  = broken /repositories/broken: not named there: not named there",
			"only us:  = portal (/src/web) /repositories/web: not named there: not named there",
			"only us:  = portal (/src/mobile) /repositories/mobile: not named there: not named there",
		}
		if diff := cmp.Diff(want, lines(a.Rows)); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
}
