package billed

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/catalog"
	"steward/internal/feature/estate"
	"steward/internal/feature/people"
	"steward/internal/feature/sbom"
	"steward/internal/format/inventory"
	"steward/internal/format/purl"
	"steward/internal/platform/access"
	"steward/internal/platform/comparison"
	"steward/internal/platform/fault"
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

// each runs f on both engines, over the repository mono with the components web and batch, and the
// restricted one vault.
func each(t *testing.T, f func(t *testing.T, ask func(v access.Viewer, q comparison.Question) (comparison.Answer, error))) {
	p := mount.Platform{}
	who := people.New(p, people.Config{})
	all := []store.Migrations{{Feature: "search", FS: search.Migrations}, job.Migrations()}
	for _, c := range []mount.Capability{estate.New(p, estate.Config{}).Mount(), who.Mount(), catalog.New(p, who, catalog.Config{}).Mount(), sbom.New(p).Mount()} {
		all = append(all, store.Migrations{Feature: c.Name, FS: c.Migrations})
	}
	const use = `INSERT INTO package_use (repository_id, manifest_seq, seq, package_id, component_id, version, requirement, scope, direct, via, through, alias, origin, source, line, fixture, scan_id) VALUES `
	storetest.Each(t, all, func(t *testing.T, db *store.DB) {
		if err := db.Tx(t.Context(), func(tx *store.Tx) error {
			for _, statement := range []string{
				`INSERT INTO repository (id, uid, name, visibility, state, created_at, read_at, current_scan_id) VALUES (1, 'mono', 'mono', 'internal', 'read', 1, 1, 1), (2, 'vault', 'vault', 'restricted', 'read', 1, 1, 1)`,
				`INSERT INTO component (id, uid, repository_id, root, name, first_seen_at, scan_id) VALUES (11, 'web', 1, 'web', 'web', 1, 1), (12, 'batch', 1, 'batch', 'batch', 1, 1)`,
				`INSERT INTO package (id, uid, purl, type, namespace, name, full_name, full_key, name_key) VALUES
					(1, 'lodash', 'pkg:npm/lodash', 'npm', '', 'lodash', 'lodash', 'lodash', 'lodash'), (2, 'jest', 'pkg:npm/jest', 'npm', '', 'jest', 'jest', 'jest', 'jest'), (3, 'mod', 'pkg:golang/golang.org/x/Mod', 'golang', 'golang.org/x', 'Mod', 'golang.org/x/Mod', 'golang.org/x/mod', 'mod'),
					(4, 'ranged', 'pkg:npm/ranged', 'npm', '', 'ranged', 'ranged', 'ranged', 'ranged'), (5, 'toy', 'pkg:npm/toy', 'npm', '', 'toy', 'toy', 'toy', 'toy'), (6, 'secret', 'pkg:npm/secret', 'npm', '', 'secret', 'secret', 'secret', 'secret'), (7, 'lib', 'pkg:cargo/lib', 'cargo', '', 'lib', 'lib', 'lib', 'lib')`,
				`INSERT INTO manifest_read (repository_id, seq, path, format, ecosystem, lock, unresolved, project, component_id, fixture, uses, scan_id) VALUES
					(1, 1, 'web/package-lock.json', 'npm', 'npm', 1, '', 'pkg:npm/web', 11, 0, 3, 1), (1, 2, 'batch/go.mod', 'go', 'golang', 1, '', '', 12, 0, 1, 1), (1, 3, 'web/test/pom.xml', 'maven', 'maven', 0, 'no lock', '', 11, 0, 0, 1), (1, 4, 'Cargo.lock', 'cargo', 'cargo', 1, '', '', 0, 0, 1, 1), (2, 1, 'package.json', 'npm', 'npm', 0, 'no lock', '', 0, 0, 1, 1)`,
				use + `(1, 1, 1, 1, 11, '4.17.20', '', 'production', 1, 0, 0, '', '', '', 1, 0, 1), (1, 1, 2, 2, 11, '29.0.0', '', 'test', 1, 0, 0, '', '', '', 2, 0, 1), (1, 1, 3, 4, 11, '', '^2.0', 'production', 1, 0, 0, '', '', '', 3, 0, 1), (1, 1, 4, 5, 11, '1.0.0', '', 'production', 1, 0, 0, '', '', '', 3, 1, 1),
					(1, 2, 1, 3, 12, 'v1.2.0', '', 'production', 1, 0, 0, '', '', '', 1, 0, 1), (1, 4, 1, 7, 0, '1.0.0', '', 'production', 1, 0, 0, '', '', '', 1, 0, 1), (2, 1, 1, 6, 0, '6.6.6', '', 'production', 1, 0, 0, '', '', '', 1, 0, 1)`,
				`INSERT INTO coverage_note (repository_id, source, seq, kind, path, reason, scan_id) VALUES (1, 'sbom', 0, 'failed', 'old/composer.lock', 'does not parse', 1)`,
			} {
				if _, err := tx.Exec(t.Context(), statement); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		f(t, func(v access.Viewer, q comparison.Question) (a comparison.Answer, err error) {
			err = db.Snapshot(t.Context(), func(r store.Reader) (err error) {
				a, err = Of(t.Context(), r, v, q)
				return err
			})
			return a, err
		})
	})
}

func bill(addresses ...string) inventory.List {
	l := inventory.List{Form: inventory.CycloneDX, Subject: "@bank/web 1.0"}
	for _, a := range addresses {
		p, err := purl.Parse(a)
		if err != nil {
			l.Packages = append(l.Packages, inventory.Package{Name: a})
			continue
		}
		l.Packages = append(l.Packages, inventory.Package{PURL: p, Version: p.Version})
	}
	return l
}

func lines(all []comparison.Row) []string {
	var out []string
	for _, r := range all {
		line := string(r.Side) + ": " + r.Theirs
		if r.Ours != "" {
			line += " = " + r.Ours
		}
		out = append(out, line+": "+r.Kind+": "+r.Reason)
	}
	return out
}

func TestTheWholeEstate(t *testing.T) {
	each(t, func(t *testing.T, ask func(access.Viewer, comparison.Question) (comparison.Answer, error)) {
		q := comparison.Question{List: bill("pkg:npm/lodash@4.17.20", "pkg:npm/lodash@4.17.21", "pkg:golang/golang.org/x/mod@1.2", "pkg:npm/ranged@2.1.0", "pkg:npm/toy@1.0.0", "pkg:npm/web@1.0", "pkg:npm/secret@6.6.6",
			"pkg:deb/debian/bash@5", "pkg:gem/rails@7", "pkg:maven/a/b@1", "pkg:composer/a/b@1", "pkg:npm/unheard@1", "lodash", "pkg:npm/lodash@4.17.20", "pkg:golang/golang.org/x/mod")}
		want := []string{
			"both: pkg:npm/lodash@4.17.20 = pkg:npm/lodash@4.17.20: : ",
			"only them: pkg:npm/lodash@4.17.21: another version: other version here: 4.17.20",
			"both: pkg:golang/golang.org/x/mod@1.2 = pkg:golang/golang.org/x/Mod@v1.2.0: : ",
			"both: pkg:npm/ranged@2.1.0 = pkg:npm/ranged: only a range is known here: here without a lock file: ^2.0 in mono",
			"only them: pkg:npm/toy@1.0.0: only in test data: only in test data: mono",
			"only them: pkg:npm/web@1.0: made here: it is made here, by mono, and no manifest names it as a use",
			"only them: pkg:npm/secret@6.6.6: no manifest names it: none of 1 manifest of npm names it",
			"only them: pkg:deb/debian/bash@5: ecosystem without a reader: no reader for packages of Debian",
			"only them: pkg:gem/rails@7: no manifest of its ecosystem: no manifest of RubyGems was found",
			"only them: pkg:maven/a/b@1: transitives unresolved: no manifest names it, but 1 manifest of Maven does not say what comes in through others, the first: web/test/pom.xml in mono",
			"only them: pkg:composer/a/b@1: could not be read: 1 manifest of Composer could not be read, the first: old/composer.lock in mono",
			"only them: pkg:npm/unheard@1: no manifest names it: none of 1 manifest of npm names it",
			"only them: lodash: no package URL: it has no package URL, so that it is not known what it is; called so here: pkg:npm/lodash",
			"both: pkg:npm/lodash@4.17.20 = pkg:npm/lodash@4.17.20: named before: they name it more than once",
			"both: pkg:golang/golang.org/x/mod = pkg:golang/golang.org/x/Mod@v1.2.0: : they do not say which version",
			"only us:  = pkg:cargo/lib@1.0.0: none of its ecosystem there: they name no package of Cargo (mono)",
			"only us:  = pkg:npm/jest@29.0.0: not named there; development or test: not named there; here it is for development or tests alone (mono)",
		}
		a, err := ask(member, q)
		if diff := cmp.Diff(want, lines(a.Rows)); err != nil || diff != "" {
			t.Errorf("a member: %v; want -, got +:\n%s", err, diff)
		}
		notes := []string{"The bill says that it is of @bank/web 1.0. It was compared with the whole estate; compare it with web alone to see what either lacks."}
		if diff := cmp.Diff(notes, a.Notes); diff != "" {
			t.Errorf("notes: want -, got +:\n%s", diff)
		}
		want[6] = "both: pkg:npm/secret@6.6.6 = pkg:npm/secret@6.6.6: : "
		want[11] = "only them: pkg:npm/unheard@1: transitives unresolved: no manifest names it, but 1 manifest of npm does not say what comes in through others, the first: package.json in vault"
		a, err = ask(administrator, q)
		if diff := cmp.Diff(want, lines(a.Rows)); err != nil || diff != "" {
			t.Errorf("an administrator: %v; want -, got +:\n%s", err, diff)
		}
	})
}

func TestOneComponent(t *testing.T) {
	each(t, func(t *testing.T, ask func(access.Viewer, comparison.Question) (comparison.Answer, error)) {
		a, err := ask(member, comparison.Question{In: "batch", List: bill("pkg:npm/lodash@4.17.20", "pkg:golang/golang.org/x/mod@v1.3.0")})
		want := []string{
			"only them: pkg:npm/lodash@4.17.20: no manifest of its ecosystem: no manifest of npm was found in it",
			"only them: pkg:golang/golang.org/x/mod@v1.3.0: another version: other version here: v1.2.0",
			"only us:  = pkg:golang/golang.org/x/Mod@v1.2.0: another version: other version there: v1.3.0 (mono)",
		}
		if diff := cmp.Diff(want, lines(a.Rows)); err != nil || diff != "" {
			t.Errorf("%v; want -, got +:\n%s", err, diff)
		}
		for _, name := range []string{"vault", "no such"} {
			if _, err := ask(member, comparison.Question{In: name, List: bill("pkg:npm/a")}); !errors.Is(err, fault.Invalid) {
				t.Errorf("in %q: %v", name, err)
			}
		}
	})
}
