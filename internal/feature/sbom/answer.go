package sbom

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"steward/internal/feature/sbom/reach"
	"steward/internal/feature/sbom/reading"
	"steward/internal/feature/sbom/spread"
	"steward/internal/feature/sbom/within"
	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// Answer says who uses a package.
type Answer struct {
	Question Question  `json:"question"`
	Packages []Package `json:"packages"`         // those that the name stands for and the answer is about
	Others   []Package `json:"others,omitempty"` // not asked for, but with that last part
	Left     int       `json:"left_out"`         // packages of that name past those answered for
	Found    Found     `json:"found"`
	Uses     []Use     `json:"uses"` // a page of them, oldest version first
	// MayInclude are uses of which only a range is known, or a version that
	// cannot be compared: asked for a range, they may be within it or not.
	MayInclude Found      `json:"may_include"`
	MayUses    []Use      `json:"may_include_uses"`
	Through    []BringsIn `json:"brought_in_by"`
	Base       Base       `json:"base"`
	BaseText   string     `json:"base_text"`

	versions map[int64]within.Versions
	counts   map[int64][]spread.Count
}

// onlyFixtures says that the packages are known from test data and examples
// alone, and these were not asked for.
func (a Answer) onlyFixtures() bool {
	for _, p := range a.Packages {
		if p.Components > 0 {
			return false
		}
	}
	return len(a.Packages) > 0 && !a.Question.Fixtures
}

// Found counts uses.
type Found struct {
	Components   int64 `json:"components"` // a repository without components counts as one
	Repositories int64 `json:"repositories"`
	Direct       int64 `json:"direct"` // components that name the package themselves
	Uses         int64 `json:"uses"`   // manifests and versions
}

// Through is how many components use it through other packages only.
func (f Found) Through() int64 { return f.Components - f.Direct }

// Use is one package in one manifest.
type Use struct {
	Package     Package   `json:"-"`
	PackageURL  string    `json:"purl"` // with the version when it is known
	Repository  string    `json:"repository"`
	RepositoryU string    `json:"repository_id"`
	Component   string    `json:"component,omitempty"`
	ComponentU  string    `json:"component_id,omitempty"`
	Owner       string    `json:"owner,omitempty"`
	Version     string    `json:"version"`     // empty: not known
	Requirement string    `json:"requirement"` // the range as declared
	Scope       string    `json:"scope"`
	Direct      bool      `json:"direct"`
	Path        []Step    `json:"path,omitempty"` // from a direct use to it, when the lock file says so
	Manifest    string    `json:"manifest"`
	Line        int       `json:"line"`
	Lock        bool      `json:"locked"`
	Unresolved  string    `json:"unresolved,omitempty"`
	Origin      string    `json:"origin,omitempty"` // git, path, url
	Source      string    `json:"source,omitempty"`
	Alias       string    `json:"alias,omitempty"`
	Fixture     bool      `json:"fixture"`
	Changed     time.Time `json:"changed"` // last commit of the repository

	repository, manifest, seq, via int64
}

// Name is the component, or the repository where no component is known.
func (u Use) Name() string {
	if u.Component != "" {
		return u.Component
	}
	return u.Repository
}

// Href is the page of the component, or of the repository.
func (u Use) Href() string {
	if u.ComponentU != "" {
		return "/components/" + u.ComponentU
	}
	return "/repositories/" + u.RepositoryU
}

// Way is the path in words.
func (u Use) Way() string { return pathText(u.Path) }

// Step is one package on the way to a use.
type Step struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Version string `json:"version"`
}

// BringsIn is a direct package through which others come in.
type BringsIn struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Components int64  `json:"components"`
}

// WhoUses answers a question for what the viewer may see. A name that nobody
// uses gives an answer without packages, which stands on its base; a range
// that cannot be read is fault.Invalid.
func (f *Feature) WhoUses(ctx context.Context, v access.Viewer, q Question) (Answer, error) {
	matches, others, err := f.Find(ctx, v, q.Name)
	if err != nil {
		return Answer{}, err
	}
	a := Answer{Question: q, Packages: matches, Others: others}
	if len(matches) > maxMatches {
		a.Left, a.Packages = len(matches)-maxMatches, matches[:maxMatches]
	}
	return a, f.answer(ctx, v, &a)
}

// answer fills in what is known of a.Packages.
func (f *Feature) answer(ctx context.Context, v access.Viewer, a *Answer) error {
	q := a.Question
	if q.Scope != "" && !slices.Contains(reading.ScopeOrder, q.Scope) {
		return fault.New(fault.Invalid, "There is no scope %q. The scopes are %s.", q.Scope, strings.Join(reading.ScopeOrder, ", "))
	}
	var ecosystems []string
	for _, p := range a.Packages {
		if !slices.Contains(ecosystems, p.Type) {
			ecosystems = append(ecosystems, p.Type)
		}
	}
	var err error
	if a.Base, err = f.base(ctx, v, ecosystems); err != nil {
		return err
	}
	a.BaseText = a.Base.String()
	a.Uses, a.MayUses, a.Through, a.Packages = []Use{}, []Use{}, []BringsIn{}, append([]Package{}, a.Packages...)
	if len(a.Packages) == 0 {
		return nil
	}
	if err := f.sortPackages(ctx, f.db, v, a); err != nil {
		return err
	}
	in, may := a.wanted()
	limit := q.Limit
	if limit <= 0 {
		limit = 50
	}
	return together(
		func() (err error) { a.Found, err = f.found(ctx, v, q, in); return err },
		func() (err error) { a.Uses, err = f.uses(ctx, v, q, in, limit, q.Offset); return err },
		func() (err error) { a.Through, err = f.through(ctx, v, q, in); return err },
		func() (err error) { a.MayInclude, err = f.found(ctx, v, q, may); return err },
		func() (err error) { a.MayUses, err = f.uses(ctx, v, q, may, limit, 0); return err },
	)
}

// together runs parts of an answer side by side.
func together(parts ...func() error) error {
	errs := make([]error, len(parts))
	var wait sync.WaitGroup
	for i, part := range parts {
		wait.Go(func() {
			defer func() {
				if cause := recover(); cause != nil { // it costs this answer, not the program
					errs[i] = fmt.Errorf("answer a part: %v", cause)
				}
			}()
			errs[i] = part()
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

// sortPackages reads the versions of the packages and compares them with the range.
func (f *Feature) sortPackages(ctx context.Context, from store.Reader, v access.Viewer, a *Answer) error {
	ids := make([]int64, len(a.Packages))
	for i, p := range a.Packages {
		ids[i] = p.ID
	}
	sql := `SELECT package_id, version, components FROM package_version WHERE reach = $1 AND package_id IN (` + store.Marks(2, len(ids)) + `)`
	args := append([]any{reach.Of(v)}, store.Args(ids)...)
	if a.Question.Fixtures {
		sql = `SELECT u.package_id, u.version, COUNT(DISTINCT u.repository_id) FROM package_use u JOIN repository r ON r.id = u.repository_id
			WHERE r.joined_into = 0 AND ` + v.Where("r.visibility") + ` AND u.package_id IN (` + store.Marks(1, len(ids)) + `) GROUP BY u.package_id, u.version`
		args = args[1:]
	}
	rows, err := from.Query(ctx, sql, args...)
	if err != nil {
		return fmt.Errorf("list versions: %w", err)
	}
	defer rows.Close()
	a.counts = map[int64][]spread.Count{}
	for rows.Next() {
		var id int64
		var c spread.Count
		if err := rows.Scan(&id, &c.Version, &c.Components); err != nil {
			return fmt.Errorf("list versions: %w", err)
		}
		a.counts[id] = append(a.counts[id], c)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("list versions: %w", err)
	}
	a.versions = map[int64]within.Versions{}
	for _, p := range a.Packages {
		texts := make([]string, len(a.counts[p.ID]))
		for i, c := range a.counts[p.ID] {
			texts[i] = c.Version
		}
		s, err := within.Sort(p.Type, a.Question.Range, texts)
		if err != nil {
			return err
		}
		a.versions[p.ID] = s
		counts := a.counts[p.ID]
		for i := range counts {
			counts[i].Matches = s.Matches[counts[i].Version]
		}
		slices.SortFunc(counts, func(x, y spread.Count) int { return s.Rank[x.Version] - s.Rank[y.Version] })
	}
	return nil
}

// wanted is a version of a package that is asked for, with its place in the
// order and the number of components that are known to use it.
type wanted struct {
	pkg        int64
	version    string
	place      int
	components int64
}

// maxWanted is how many versions one question looks for.
const maxWanted = 8000

func (a *Answer) wanted() (in, may []wanted) {
	for _, p := range a.Packages {
		s := a.versions[p.ID]
		for _, c := range a.counts[p.ID] { // in the order of versions
			switch {
			case s.Matches[c.Version] && len(in) < maxWanted:
				in = append(in, wanted{p.ID, c.Version, len(in), c.Components})
			case s.Unclear[c.Version] && len(may) < maxWanted:
				may = append(may, wanted{p.ID, c.Version, len(may), c.Components})
			}
		}
	}
	return in, may
}

// asked is the part of a statement that is the same in all of them: the
// versions asked for, and the conditions of the question and of access.
type asked struct {
	with, from string
	args       []any
}

func ask(v access.Viewer, q Question, want []wanted) asked {
	var b strings.Builder
	var s asked
	for i, w := range want {
		if i > 0 {
			b.WriteString(", ")
		}
		n := len(s.args)
		fmt.Fprintf(&b, "(CAST($%d AS bigint), CAST($%d AS text), CAST($%d AS bigint))", n+1, n+2, n+3)
		s.args = append(s.args, w.pkg, w.version, w.place)
	}
	s.with = `wanted (package_id, version, place) AS (VALUES ` + b.String() + `)`
	// CROSS JOIN keeps SQLite from reading all uses first.
	s.from = `wanted w CROSS JOIN package_use u JOIN repository r ON r.id = u.repository_id
		WHERE u.package_id = w.package_id AND u.version = w.version AND r.joined_into = 0 AND ` + v.Where("r.visibility")
	if !q.Fixtures {
		s.from += ` AND u.fixture = 0`
	}
	if q.Direct {
		s.from += ` AND u.direct = 1`
	}
	if q.Scope != "" {
		s.args = append(s.args, q.Scope)
		s.from += fmt.Sprintf(` AND u.scope = $%d`, len(s.args))
	}
	return s
}

func (f *Feature) found(ctx context.Context, v access.Viewer, q Question, want []wanted) (Found, error) {
	var n Found
	if len(want) == 0 {
		return n, nil
	}
	s := ask(v, q, want)
	err := f.db.QueryRow(ctx, `WITH `+s.with+` SELECT COUNT(*), COUNT(DISTINCT g.repository_id), CAST(COALESCE(SUM(g.direct), 0) AS bigint), CAST(COALESCE(SUM(g.uses), 0) AS bigint)
		FROM (SELECT u.repository_id, u.component_id, MAX(u.direct) AS direct, COUNT(*) AS uses FROM `+s.from+` GROUP BY u.repository_id, u.component_id) g`, s.args...).
		Scan(&n.Components, &n.Repositories, &n.Direct, &n.Uses)
	if err != nil {
		return n, fmt.Errorf("count who uses it: %w", err)
	}
	return n, nil
}

// useOrder is the order of uses in an answer.
const useOrder = `w.place, r.name, u.repository_id, u.manifest_seq, u.seq`

func (f *Feature) uses(ctx context.Context, v access.Viewer, q Question, want []wanted, limit, offset int) ([]Use, error) {
	if len(want) == 0 {
		return []Use{}, nil
	}
	if q.Scope == "" && !q.Direct && !q.Fixtures {
		want = enough(want, int64(limit)+int64(offset))
	}
	s := ask(v, q, want)
	s.args = append(s.args, limit, offset)
	all, err := listUses(ctx, f.db, `WITH `+s.with+`, page AS (SELECT u.repository_id, u.manifest_seq, u.seq, w.place FROM `+s.from+
		fmt.Sprintf(` ORDER BY `+useOrder+` LIMIT $%d OFFSET $%d)`, len(s.args)-1, len(s.args)),
		`page g CROSS JOIN package_use u`, `WHERE u.repository_id = g.repository_id AND u.manifest_seq = g.manifest_seq AND u.seq = g.seq ORDER BY g.place, r.name, u.repository_id, u.manifest_seq, u.seq`, s.args)
	if err != nil {
		return nil, err
	}
	return all, findPaths(ctx, f.db, all)
}

// enough are the first versions that n uses are in for certain: what comes
// after them in the order need not be read.
func enough(want []wanted, n int64) []wanted {
	for i, w := range want {
		if n -= w.components; n <= 0 {
			return want[:i+1]
		}
	}
	return want
}

// through are the direct packages that bring in what was asked for, by the
// number of components.
func (f *Feature) through(ctx context.Context, v access.Viewer, q Question, want []wanted) ([]BringsIn, error) {
	if len(want) == 0 {
		return []BringsIn{}, nil
	}
	s := ask(v, q, want)
	all, err := store.Collect(func(row store.Scanner) (BringsIn, error) {
		var b BringsIn
		err := row.Scan(&b.ID, &b.Name, &b.Components)
		return b, err
	})(f.db.Query(ctx, `WITH `+s.with+` SELECT p.uid, p.full_name, g.n FROM (SELECT d.through, COUNT(*) AS n FROM
		(SELECT DISTINCT u.through, u.repository_id, u.component_id FROM `+s.from+` AND u.through > 0) d GROUP BY d.through) g
		JOIN package p ON p.id = g.through ORDER BY g.n DESC, p.full_name LIMIT 12`, s.args...))
	if err != nil {
		return nil, fmt.Errorf("list what brings it in: %w", err)
	}
	return all, nil
}
