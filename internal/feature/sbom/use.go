package sbom

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"steward/internal/format/purl"
	"steward/internal/platform/store"
)

const useColumns = `u.repository_id, u.manifest_seq, u.seq, u.via, u.version, u.requirement, u.scope, u.direct, u.origin, u.source, u.alias, u.line, u.fixture,
	m.path, m.lock, m.unresolved, r.uid, r.name, r.last_commit_at, COALESCE(c.uid, ''), COALESCE(c.name, ''), CASE WHEN c.owner_kind = 'team' THEN c.owner_name ELSE '' END,
	p.id, p.uid, p.purl, p.type, p.namespace, p.name, p.full_name`

func scanUse(row store.Scanner) (Use, error) {
	var u Use
	var direct, lock, fixture, line, changed int64
	var owner *string
	err := row.Scan(&u.repository, &u.manifest, &u.seq, &u.via, &u.Version, &u.Requirement, &u.Scope, &direct, &u.Origin, &u.Source, &u.Alias, &line, &fixture,
		&u.Manifest, &lock, &u.Unresolved, &u.RepositoryU, &u.Repository, &changed, &u.ComponentU, &u.Component, &owner,
		&u.Package.ID, &u.Package.UID, &u.Package.PURL, &u.Package.Type, &u.Package.Namespace, &u.Package.Name, &u.Package.FullName)
	u.Direct, u.Lock, u.Fixture, u.Line = direct != 0, lock != 0, fixture != 0, int(line)
	if owner != nil {
		u.Owner = *owner
	}
	if changed != 0 {
		u.Changed = store.FromMicros(changed)
	}
	u.PackageURL = purl.New(u.Package.Type, u.Package.Namespace, u.Package.Name, u.Version).String()
	return u, err
}

// listUses reads uses with all that is shown of them. The caller has made sure
// that the viewer may see them: from names the rows u.
func listUses(ctx context.Context, r store.Reader, with, from, order string, args []any) ([]Use, error) {
	all, err := store.Collect(scanUse)(r.Query(ctx, with+` SELECT `+useColumns+` FROM `+from+` JOIN repository r ON r.id = u.repository_id
		JOIN manifest_read m ON m.repository_id = u.repository_id AND m.seq = u.manifest_seq JOIN package p ON p.id = u.package_id
		LEFT JOIN component c ON c.id = u.component_id `+order, args...))
	if err != nil {
		return nil, fmt.Errorf("list uses: %w", err)
	}
	return all, nil
}

// maxWay is how many steps of a way are followed.
const maxWay = 60

// maxSeeds is how many ways one statement follows; each takes four of its parameters.
const maxSeeds = 1000

// findPaths fills in the ways by which uses come in, many with one statement.
func findPaths(ctx context.Context, r store.Reader, uses []Use) error {
	for some := range slices.Chunk(uses, maxSeeds) {
		if err := findSomePaths(ctx, r, some); err != nil {
			return err
		}
	}
	return nil
}

func findSomePaths(ctx context.Context, r store.Reader, uses []Use) error {
	var seeds []string
	var args []any
	type key struct{ repository, manifest, seq int64 }
	at := map[key]int{}
	for i, u := range uses {
		if u.via > 0 {
			n := len(args)
			seeds = append(seeds, fmt.Sprintf("(CAST($%d AS bigint), CAST($%d AS bigint), CAST($%d AS bigint), CAST($%d AS bigint), CAST(1 AS bigint))", n+1, n+2, n+3, n+4))
			args = append(args, u.repository, u.manifest, u.seq, u.via)
			at[key{u.repository, u.manifest, u.seq}] = i
		}
	}
	if len(seeds) == 0 {
		return nil
	}
	rows, err := r.Query(ctx, `WITH RECURSIVE seed (repository_id, manifest_seq, start, seq, depth) AS (VALUES `+strings.Join(seeds, ", ")+`),
		way (repository_id, manifest_seq, start, seq, depth) AS (SELECT repository_id, manifest_seq, start, seq, depth FROM seed
		UNION ALL SELECT w.repository_id, w.manifest_seq, w.start, u.via, w.depth + 1 FROM way w JOIN package_use u ON u.repository_id = w.repository_id AND u.manifest_seq = w.manifest_seq AND u.seq = w.seq
		WHERE u.via > 0 AND w.depth < `+fmt.Sprint(maxWay)+`)
		SELECT w.repository_id, w.manifest_seq, w.start, p.uid, p.full_name, u.version FROM way w JOIN package_use u ON u.repository_id = w.repository_id AND u.manifest_seq = w.manifest_seq AND u.seq = w.seq
		JOIN package p ON p.id = u.package_id ORDER BY w.repository_id, w.manifest_seq, w.start, w.depth`, args...)
	if err != nil {
		return fmt.Errorf("find how packages come in: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var k key
		var s Step
		if err := rows.Scan(&k.repository, &k.manifest, &k.seq, &s.ID, &s.Name, &s.Version); err != nil {
			return fmt.Errorf("find how packages come in: %w", err)
		}
		i := at[k]
		uses[i].Path = append(uses[i].Path, s)
	}
	for i := range uses {
		slices.Reverse(uses[i].Path)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("find how packages come in: %w", err)
	}
	return nil
}
