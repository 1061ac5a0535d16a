package sbom

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"steward/internal/platform/access"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
	"steward/internal/platform/web/download"
)

// exported is one line of an export: a use, and whether it only declares a range that meets the one asked for.
type exported struct {
	Use
	May bool `json:"may_include"`
}

var exportHead = []any{"package", "name", "version", "requirement", "in_range", "component", "repository", "owner", "how", "path", "scope", "manifest", "line", "fixture", "origin"}

func (e exported) record() []any {
	in, how := "yes", "through others"
	if e.May {
		in = "perhaps"
	}
	if e.Direct {
		how = "direct"
	}
	return []any{e.PackageURL, e.Package.FullName, e.Version, e.Requirement, in, e.Component, e.Repository, e.Owner, how, pathText(e.Path), e.Scope, e.Manifest, e.Line, e.Fixture, e.Origin}
}

func pathText(path []Step) string {
	parts := make([]string, len(path))
	for i, s := range path {
		parts[i] = strings.TrimSpace(s.Name + " " + s.Version)
	}
	return strings.Join(parts, " → ")
}

// lines hands over the lines of an export in their order, read from one state of the database.
type lines func(ctx context.Context, from store.Reader, do func(exported) error) error

// export mounts the CSV and the JSON at path of the lines that an address asks for.
func (f *Feature) export(s *web.Server, path, name string, of func(*web.Request) (lines, error)) {
	for _, format := range []download.Format{download.CSV, download.JSON} {
		s.Raw("GET "+path+"."+string(format), access.ReadEstate, func(w http.ResponseWriter, r *web.Request) error {
			all, err := of(r)
			if err != nil {
				return err
			}
			return download.Send(w, r.Now, name, format, func(out io.Writer) error {
				return f.db.Snapshot(r.Context(), func(from store.Reader) error {
					return download.Rows[exported]{
						Head: exportHead, Cells: exported.record,
						Each: func(do func(exported) error) error { return all(r.Context(), from, do) },
					}.Write(out, format)
				})
			})
		})
	}
}

// usesOfPackage are all uses in the answer of a package's page, those that may be in the range last.
func (f *Feature) usesOfPackage(r *web.Request) (lines, error) {
	p, err := f.PackageByUID(r.Context(), r.Viewer, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	q, _ := questionOf(r, p.PURL)
	return func(ctx context.Context, from store.Reader, do func(exported) error) error {
		a := Answer{Question: q, Packages: []Package{p}}
		if err := f.sortPackages(ctx, from, r.Viewer, &a); err != nil {
			return err
		}
		in, may := a.wanted()
		for i, want := range [][]wanted{in, may} {
			if len(want) == 0 {
				continue
			}
			s := ask(r.Viewer, q, want)
			err := eachUse(ctx, from, `WITH `+s.with+` SELECT u.repository_id, u.manifest_seq, u.seq FROM `+s.from+` ORDER BY `+useOrder, s.args,
				func(u Use) error { return do(exported{u, i == 1}) })
			if err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// usesOfRepository are all uses of a repository, with test data.
func (f *Feature) usesOfRepository(r *web.Request) (lines, error) {
	one, err := f.estate.RepositoryByUID(r.Context(), r.Viewer, r.PathValue("id"))
	return allOf(r.Viewer, one.ID, 0), err
}

// usesOfComponent are all uses of a component, with test data.
func (f *Feature) usesOfComponent(r *web.Request) (lines, error) {
	repository, component, err := f.componentByUID(r.Context(), r.Viewer, r.PathValue("id"))
	return allOf(r.Viewer, repository, component), err
}

// allOf are the uses of a repository, or of one of its components (0: all).
func allOf(v access.Viewer, repository, component int64) lines {
	return func(ctx context.Context, from store.Reader, do func(exported) error) error {
		return eachUse(ctx, from, `SELECT u.repository_id, u.manifest_seq, u.seq FROM package_use u JOIN package p ON p.id = u.package_id JOIN repository r ON r.id = u.repository_id
			WHERE `+usedBy+` AND `+v.Where("r.visibility")+` ORDER BY `+usedOrder, []any{repository, component},
			func(u Use) error { return do(exported{Use: u}) })
	}
}

// readAtOnce is how many uses an export reads with one statement; each takes four of its parameters.
const readAtOnce = 1000

// eachUse hands over the uses whose keys (repository, manifest, number) a statement selects, in its order. The statement
// is run once; what is shown of the uses is read by their keys.
func eachUse(ctx context.Context, from store.Reader, keys string, args []any, do func(Use) error) error {
	type key [3]int64
	all, err := store.Collect(func(row store.Scanner) (k key, err error) {
		err = row.Scan(&k[0], &k[1], &k[2])
		return k, err
	})(from.Query(ctx, keys, args...))
	if err != nil {
		return fmt.Errorf("list uses to export: %w", err)
	}
	for some := range slices.Chunk(all, readAtOnce) {
		rows, args := make([]string, len(some)), make([]any, 0, 4*len(some))
		for i, k := range some {
			n := len(args)
			rows[i] = fmt.Sprintf("(CAST($%d AS bigint), CAST($%d AS bigint), CAST($%d AS bigint), CAST($%d AS bigint))", n+1, n+2, n+3, n+4)
			args = append(args, k[0], k[1], k[2], i)
		}
		uses, err := listUses(ctx, from, `WITH page (repository_id, manifest_seq, seq, place) AS (VALUES `+strings.Join(rows, ", ")+`)`,
			`page g CROSS JOIN package_use u`, `WHERE u.repository_id = g.repository_id AND u.manifest_seq = g.manifest_seq AND u.seq = g.seq ORDER BY g.place`, args)
		if err != nil {
			return err
		}
		if err := findPaths(ctx, from, uses); err != nil {
			return err
		}
		for _, u := range uses {
			if err := do(u); err != nil {
				return err
			}
		}
	}
	return nil
}
