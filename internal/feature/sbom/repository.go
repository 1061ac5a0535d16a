package sbom

import (
	"context"
	"fmt"

	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// ManifestRead is one manifest of a repository as it was read.
type ManifestRead struct {
	Path       string `json:"path"`
	Format     string `json:"format"`
	Ecosystem  string `json:"ecosystem"`
	Lock       bool   `json:"locked"`
	Unresolved string `json:"unresolved,omitempty"`
	Fixture    bool   `json:"fixture"`
	Uses       int64  `json:"uses"`
}

// Manifests lists the manifests of a repository, or of one of its components
// (0: all), by path, at most limit.
func (f *Feature) Manifests(ctx context.Context, v access.Viewer, repository, component int64, limit int) ([]ManifestRead, error) {
	all, err := store.Collect(func(row store.Scanner) (ManifestRead, error) {
		var m ManifestRead
		var lock, fixture int64
		err := row.Scan(&m.Path, &m.Format, &m.Ecosystem, &lock, &m.Unresolved, &fixture, &m.Uses)
		m.Lock, m.Fixture = lock != 0, fixture != 0
		return m, err
	})(f.db.Query(ctx, `SELECT m.path, m.format, m.ecosystem, m.lock, m.unresolved, m.fixture, m.uses FROM manifest_read m JOIN repository r ON r.id = m.repository_id
		WHERE m.repository_id = $1 AND (CAST($2 AS bigint) = 0 OR m.component_id = $2) AND `+v.Where("r.visibility")+` ORDER BY m.fixture, m.path, m.seq LIMIT $3`, repository, component, limit))
	if err != nil {
		return nil, fmt.Errorf("list manifests: %w", err)
	}
	return all, nil
}

// Totals count the packages of a repository or component, test data left out.
type Totals struct {
	Packages   int64 `json:"packages"` // distinct
	Direct     int64 `json:"direct"`   // that a manifest names itself
	Unpinned   int64 `json:"unpinned"` // of which somewhere only a range is known
	Manifests  int64 `json:"manifests"`
	Unresolved int64 `json:"unresolved"` // manifests whose list is not complete
}

// Through is how many packages come in through others only.
func (t Totals) Through() int64 { return t.Packages - t.Direct }

// Totals counts what a repository uses, or one of its components (0: all).
func (f *Feature) Totals(ctx context.Context, v access.Viewer, repository, component int64) (Totals, error) {
	var t Totals
	err := f.db.QueryRow(ctx, `SELECT COUNT(*), CAST(COALESCE(SUM(g.direct), 0) AS bigint), CAST(COALESCE(SUM(g.unpinned), 0) AS bigint) FROM
		(SELECT u.package_id, MAX(u.direct) AS direct, MAX(CASE WHEN u.version = '' THEN 1 ELSE 0 END) AS unpinned FROM package_use u JOIN repository r ON r.id = u.repository_id
		WHERE u.repository_id = $1 AND (CAST($2 AS bigint) = 0 OR u.component_id = $2) AND u.fixture = 0 AND `+v.Where("r.visibility")+` GROUP BY u.package_id) g`, repository, component).
		Scan(&t.Packages, &t.Direct, &t.Unpinned)
	if err != nil {
		return t, fmt.Errorf("count packages: %w", err)
	}
	err = f.db.QueryRow(ctx, `SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN m.unresolved <> '' THEN 1 ELSE 0 END), 0) AS bigint) FROM manifest_read m JOIN repository r ON r.id = m.repository_id
		WHERE m.repository_id = $1 AND (CAST($2 AS bigint) = 0 OR m.component_id = $2) AND m.fixture = 0 AND `+v.Where("r.visibility"), repository, component).Scan(&t.Manifests, &t.Unresolved)
	if err != nil {
		return t, fmt.Errorf("count manifests: %w", err)
	}
	return t, nil
}

// usedBy is the condition that a use u is one of repository $1, or of its component $2 (0: all).
const usedBy = `u.repository_id = $1 AND (CAST($2 AS bigint) = 0 OR u.component_id = $2)`

// usedOrder is the order of what one uses: direct ones first, then by name.
const usedOrder = `u.direct DESC, p.full_name, u.version, u.manifest_seq, u.seq`

// UsesOf lists what a repository uses, or one of its components (0: all),
// direct ones first, then by name; test data only with fixtures.
func (f *Feature) UsesOf(ctx context.Context, v access.Viewer, repository, component int64, fixtures bool, limit, offset int) ([]Use, error) {
	left := ` AND u.fixture = 0`
	if fixtures {
		left = ""
	}
	all, err := listUses(ctx, f.db, "", `package_use u`, `WHERE `+usedBy+left+` AND `+v.Where("r.visibility")+`
		ORDER BY `+usedOrder+` LIMIT $3 OFFSET $4`, []any{repository, component, limit, offset})
	if err != nil {
		return nil, err
	}
	return all, findPaths(ctx, f.db, all)
}

// UsedByOthers is the condition that a component c makes a package which another one uses. The users'
// repositories are marked as listing.Spec wants it.
const UsedByOthers = `EXISTS (SELECT 1 FROM manifest_read um JOIN package up ON up.purl = um.project JOIN package_use uu ON uu.package_id = up.id
	JOIN repository ur ON ur.id = uu.repository_id WHERE um.component_id = c.id AND um.project <> '' AND um.fixture = 0
	AND uu.fixture = 0 AND uu.component_id > 0 AND uu.component_id <> c.id AND ur.joined_into = 0 AND {visible ur.visibility})`

// Dependents answers which components use packages that the given ones make:
// by id of the maker the ids of its users, without itself.
func (f *Feature) Dependents(ctx context.Context, v access.Viewer, of []int64) (map[int64][]int64, error) {
	out := map[int64][]int64{}
	if len(of) == 0 {
		return out, nil
	}
	rows, err := f.db.Query(ctx, `SELECT DISTINCT m.component_id, u.component_id FROM manifest_read m JOIN package p ON p.purl = m.project
		JOIN package_use u ON u.package_id = p.id JOIN repository r ON r.id = u.repository_id
		WHERE m.component_id IN (`+store.Marks(1, len(of))+`) AND m.project <> '' AND m.fixture = 0 AND u.fixture = 0 AND u.component_id > 0 AND u.component_id <> m.component_id
		AND r.joined_into = 0 AND `+v.Where("r.visibility")+` ORDER BY m.component_id, u.component_id`, store.Args(of)...)
	if err != nil {
		return nil, fmt.Errorf("list who depends on components: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var maker, user int64
		if err := rows.Scan(&maker, &user); err != nil {
			return nil, fmt.Errorf("list who depends on components: %w", err)
		}
		out[maker] = append(out[maker], user)
	}
	return out, rows.Err()
}
