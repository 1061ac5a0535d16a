// Package neighbour tells the graph who uses which package, which package
// brings in which, and who makes them. Test data and examples count nowhere.
package neighbour

import (
	"context"
	"fmt"

	"steward/internal/feature/sbom/reach"
	"steward/internal/feature/sbom/reading"
	"steward/internal/platform/access"
	"steward/internal/platform/relation"
	"steward/internal/platform/store"
)

// maxUses is how many uses of packages one question about what brings in what
// looks at, shared among the packages that it is about. Back are fewer, as the
// whole list of a lock file is read for each.
const (
	maxUses     = 2000
	maxUsesBack = 400
	minUses     = 2
)

// Of is what bills of materials know of the graph.
func Of(db *store.DB) relation.Known {
	g := reader{db}
	users := []string{"component", "repository"}
	return relation.Known{
		Kinds: []relation.Kind{{Name: "package", One: "package", Many: "packages", Icon: "package", Find: g.packages}},
		Types: []relation.Type{
			{Name: "uses", From: users, To: []string{"package"}, Word: "uses", Back: "used by", Rests: true, Edges: g.uses},
			{Name: "brings", From: []string{"package"}, To: []string{"package"}, Word: "brings in", Back: "brought in by", Rests: true, Edges: g.brings},
			{Name: "made", From: []string{"package"}, To: users, Word: "made by", Back: "makes", Rests: true, Edges: g.made},
		},
	}
}

type reader struct{ db *store.DB }

func (g reader) packages(ctx context.Context, v access.Viewer, ids []string) ([]relation.Record, error) {
	list, args := relation.In(2, ids)
	all, err := store.Collect(func(row store.Scanner) (relation.Record, error) {
		one := relation.Record{Ref: relation.Ref{Kind: "package"}}
		var typ string
		err := row.Scan(&one.ID, &one.Name, &typ)
		one.Note, one.Href = reading.EcosystemName(typ), "/packages/"+one.ID
		return one, err
	})(g.db.Query(ctx, `SELECT p.uid, p.full_name, p.type FROM package p LEFT JOIN package_reach s ON s.package_id = p.id AND s.reach = $1 WHERE p.uid IN `+list+`
		AND (s.repositories > 0 OR EXISTS (SELECT 1 FROM package_use u JOIN repository r ON r.id = u.repository_id WHERE u.package_id = p.id AND u.fixture = 1 AND r.joined_into = 0 AND `+v.Where("r.visibility")+`))`, append([]any{reach.Of(v)}, args...)...))
	if err != nil {
		return nil, fmt.Errorf("find packages: %w", err)
	}
	return all, nil
}

// user is the record that a package is used or made in.
func user(component, repository string) relation.Ref {
	if component != "" {
		return relation.Ref{Kind: "component", ID: component}
	}
	return relation.Ref{Kind: "repository", ID: repository}
}

// uses are what a component names itself, and what it is not known how it comes by.
func (g reader) uses(ctx context.Context, v access.Viewer, a relation.Ask) ([]relation.Edge, error) {
	from := `component c JOIN repository r ON r.id = c.repository_id CROSS JOIN package_use u`
	components, args := relation.In(3, a.IDs("component"))
	repositories, more := relation.In(3+len(args), a.IDs("repository"))
	where := `u.repository_id = c.repository_id AND u.component_id = c.id AND c.uid IN ` + components
	other := `repository r CROSS JOIN package_use u`
	otherWhere := `u.repository_id = r.id AND u.component_id = 0 AND r.uid IN ` + repositories
	if a.Back {
		var list string
		list, args = relation.In(3, a.IDs("package"))
		more = nil
		from, where = `package q CROSS JOIN package_use u JOIN repository r ON r.id = u.repository_id JOIN component c ON c.id = u.component_id`, `u.package_id = q.id AND q.uid IN `+list
		other, otherWhere = `package q CROSS JOIN package_use u JOIN repository r ON r.id = u.repository_id`, `u.package_id = q.id AND u.component_id = 0 AND q.uid IN `+list
	}
	const common = ` AND u.fixture = 0 AND (u.direct = 1 OR u.via = 0) AND r.joined_into = 0 AND `
	const columns = `r.uid AS repository, r.name AS name, u.repository_id, u.manifest_seq, u.line, u.package_id`
	all, err := store.Collect(func(row store.Scanner) (relation.Edge, error) {
		e := relation.Edge{To: relation.Ref{Kind: "package"}}
		var component, repository, at string
		err := row.Scan(&component, &repository, &e.To.ID, &at)
		e.From = user(component, repository)
		e.At(at)
		return e, err
	})(g.db.Query(ctx, `SELECT g.component, g.repository, p.uid, MIN(g.name || `+relation.Break+` || m.path || ':' || CAST(g.line AS text)) FROM
		(SELECT c.uid AS component, c.name AS called, `+columns+` FROM `+from+` WHERE `+where+` AND c.gone_at = 0`+common+v.Where("r.visibility")+`
		UNION ALL SELECT '', r.name, `+columns+` FROM `+other+` WHERE `+otherWhere+common+v.Where("r.visibility")+`) g
		JOIN package p ON p.id = g.package_id JOIN manifest_read m ON m.repository_id = g.repository_id AND m.seq = g.manifest_seq
		GROUP BY g.component, g.repository, g.called, p.uid, p.full_key ORDER BY p.full_key, g.called, g.component, p.uid LIMIT $1 OFFSET $2`, append(append([]any{a.Limit, a.Offset}, args...), more...)...))
	if err != nil {
		return nil, fmt.Errorf("list who uses which package: %w", err)
	}
	return all, nil
}

// brings reads what lock files say of packages and their packages.
func (g reader) brings(ctx context.Context, v access.Viewer, a relation.Ask) ([]relation.Edge, error) {
	ids := a.IDs("package")
	own, other, most := "from_seq", "to_seq", maxUses
	from, to, line := "own.uid", "q.uid", "w.line" // where what is brought in stands
	if a.Back {
		own, other, most = other, own, maxUsesBack
		from, to, line = to, from, "own.line"
	}
	list, args := relation.In(4, ids)
	args = append([]any{a.Limit, a.Offset, max(most/max(len(ids), 1), minUses)}, args...)
	all, err := store.Collect(func(row store.Scanner) (relation.Edge, error) {
		e := relation.Edge{From: relation.Ref{Kind: "package"}, To: relation.Ref{Kind: "package"}}
		var at string
		err := row.Scan(&e.From.ID, &e.To.ID, &at)
		e.At(at)
		return e, err
	})(g.db.Query(ctx, `WITH own AS (SELECT * FROM (SELECT p.uid, u.repository_id, u.manifest_seq, u.seq, u.line, r.name, ROW_NUMBER() OVER (PARTITION BY p.id ORDER BY u.repository_id, u.manifest_seq, u.seq) AS place
			FROM package p CROSS JOIN package_use u JOIN repository r ON r.id = u.repository_id
			WHERE u.package_id = p.id AND p.uid IN `+list+` AND u.fixture = 0 AND r.joined_into = 0 AND `+v.Where("r.visibility")+`) numbered WHERE place <= $3)
		SELECT `+from+`, `+to+`, MIN(own.name || `+relation.Break+` || m.path || ':' || CAST(`+line+` AS text)) FROM own CROSS JOIN package_edge e CROSS JOIN package_use w JOIN package q ON q.id = w.package_id
			JOIN manifest_read m ON m.repository_id = own.repository_id AND m.seq = own.manifest_seq
		WHERE e.repository_id = own.repository_id AND e.manifest_seq = own.manifest_seq AND e.`+own+` = own.seq AND w.repository_id = own.repository_id AND w.manifest_seq = own.manifest_seq AND w.seq = e.`+other+`
			AND q.uid <> own.uid
		GROUP BY own.uid, q.uid, q.full_key ORDER BY q.full_key, own.uid, q.uid LIMIT $1 OFFSET $2`, args...))
	if err != nil {
		return nil, fmt.Errorf("list which package brings in which: %w", err)
	}
	return all, nil
}

// made are packages that projects of the estate publish under their own name.
func (g reader) made(ctx context.Context, v access.Viewer, a relation.Ask) ([]relation.Edge, error) {
	condition, args := relation.In(3, a.IDs("package"))
	condition = "p.uid IN " + condition
	if a.Back {
		components, of := relation.In(3, a.IDs("component"))
		repositories, more := relation.In(3+len(of), a.IDs("repository"))
		condition, args = `m.component_id IN (SELECT id FROM component WHERE uid IN `+components+`) OR m.component_id = 0 AND m.repository_id IN (SELECT id FROM repository WHERE uid IN `+repositories+`)`, append(of, more...)
	}
	all, err := store.Collect(func(row store.Scanner) (relation.Edge, error) {
		e := relation.Edge{From: relation.Ref{Kind: "package"}}
		var component, repository string
		err := row.Scan(&e.From.ID, &component, &repository, &e.Place, &e.Repository)
		e.To = user(component, repository)
		return e, err
	})(g.db.Query(ctx, `SELECT p.uid, COALESCE(c.uid, ''), r.uid, MIN(m.path), r.name FROM manifest_read m JOIN package p ON p.purl = m.project
		JOIN repository r ON r.id = m.repository_id LEFT JOIN component c ON c.id = m.component_id
		WHERE m.project <> '' AND m.fixture = 0 AND (m.component_id = 0 OR c.gone_at = 0) AND (`+condition+`) AND r.joined_into = 0 AND `+v.Where("r.visibility")+`
		GROUP BY p.uid, c.uid, c.name, r.uid, r.name, p.full_key ORDER BY p.full_key, c.name, r.name, p.uid LIMIT $1 OFFSET $2`, append([]any{a.Limit, a.Offset}, args...)...))
	if err != nil {
		return nil, fmt.Errorf("list who makes which package: %w", err)
	}
	return all, nil
}
