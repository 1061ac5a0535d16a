// Package neighbour tells the graph what components and catalogue entries have
// to do with each other, with their repositories and with the teams that own
// them. Entries about people are not in the graph.
package neighbour

import (
	"context"
	"fmt"

	people "steward/internal/feature/people/neighbour"
	"steward/internal/platform/access"
	"steward/internal/platform/relation"
	"steward/internal/platform/store"
)

const here = "c.gone_at = 0 AND r.joined_into = 0"

// entries is the condition that e is an entry of its own: no person, and no component under another name.
const entries = `LOWER(e.kind) <> 'user' AND NOT EXISTS (SELECT 1 FROM component ec WHERE ec.id = e.component_id AND ec.gone_at = 0)`

// Of is what the catalogue knows of the graph.
func Of(db *store.DB) relation.Known {
	g := reader{db}
	known := relation.Known{
		Kinds: []relation.Kind{
			{Name: "component", One: "component", Many: "components", Icon: "component", Find: g.components},
			{Name: "entity", One: "catalogue entry", Many: "catalogue entries", Icon: "doc", Find: g.entities},
		},
		Types: []relation.Type{
			{Name: "holds", From: []string{"repository"}, To: []string{"component"}, Word: "holds", Back: "lies in", Rests: true, Edges: g.holds},
			{Name: "describes", From: []string{"repository"}, To: []string{"entity"}, Word: "describes", Back: "described in", Edges: g.describes},
			{Name: "owned", From: []string{"component"}, To: []string{"team"}, Word: "owned by", Back: "owns", Edges: g.owned},
		},
	}
	both := []string{"component", "entity"}
	for _, t := range []relation.Type{
		{Name: "dependsOn", Word: "depends on", Back: "needed by", Rests: true},
		{Name: "consumesApi", Word: "consumes", Back: "consumed by", Rests: true},
		{Name: "providesApi", Word: "provides", Back: "provided by"},
		{Name: "partOf", Word: "part of", Back: "has part"},
		{Name: "childOf", Word: "child of", Back: "parent of"},
	} {
		t.From, t.To, t.Edges = both, both, g.stated(t.Name)
		known.Types = append(known.Types, t)
	}
	return known
}

type reader struct{ db *store.DB }

func (g reader) components(ctx context.Context, v access.Viewer, ids []string) ([]relation.Record, error) {
	list, args := relation.In(1, ids)
	all, err := store.Collect(func(row store.Scanner) (relation.Record, error) {
		one := relation.Record{Ref: relation.Ref{Kind: "component"}}
		err := row.Scan(&one.ID, &one.Name, &one.Note)
		one.Href = "/components/" + one.ID
		return one, err
	})(g.db.Query(ctx, `SELECT c.uid, c.name, 'in ' || r.name || CASE WHEN c.root = '' THEN '' ELSE '/' || c.root END FROM component c JOIN repository r ON r.id = c.repository_id
		WHERE c.uid IN `+list+` AND `+here+` AND `+v.Where("r.visibility"), args...))
	if err != nil {
		return nil, fmt.Errorf("find components: %w", err)
	}
	return all, nil
}

func (g reader) entities(ctx context.Context, v access.Viewer, ids []string) ([]relation.Record, error) {
	list, args := relation.In(1, ids)
	all, err := store.Collect(func(row store.Scanner) (relation.Record, error) {
		one := relation.Record{Ref: relation.Ref{Kind: "entity"}}
		err := row.Scan(&one.ID, &one.Name, &one.Note)
		one.Href = "/entities/" + one.ID
		return one, err
	})(g.db.Query(ctx, `SELECT e.uid, COALESCE(NULLIF(e.title, ''), e.name), LOWER(e.kind) FROM entity e JOIN repository r ON r.id = e.repository_id
		WHERE e.uid IN `+list+` AND `+entries+` AND r.joined_into = 0 AND `+v.Where("r.visibility"), args...))
	if err != nil {
		return nil, fmt.Errorf("find catalogue entries: %w", err)
	}
	return all, nil
}

// edges reads rows of from, to, place and repository; sql ends where its limits follow.
func (g reader) edges(ctx context.Context, from, to string, a relation.Ask, sql string, args []any) ([]relation.Edge, error) {
	all, err := store.Collect(func(row store.Scanner) (relation.Edge, error) {
		e := relation.Edge{From: relation.Ref{Kind: from}, To: relation.Ref{Kind: to}}
		err := row.Scan(&e.From.ID, &e.To.ID, &e.Place, &e.Repository)
		return e, err
	})(g.db.Query(ctx, sql+` LIMIT $1 OFFSET $2`, append([]any{a.Limit, a.Offset}, args...)...))
	if err != nil {
		return nil, fmt.Errorf("list relations of a %s to a %s: %w", from, to, err)
	}
	return all, nil
}

func (g reader) holds(ctx context.Context, v access.Viewer, a relation.Ask) ([]relation.Edge, error) {
	column, kind := "r.uid", "repository"
	if a.Back {
		column, kind = "c.uid", "component"
	}
	list, args := relation.In(3, a.IDs(kind))
	return g.edges(ctx, "repository", "component", a, `SELECT r.uid, c.uid, c.manifest, r.name FROM component c JOIN repository r ON r.id = c.repository_id
		WHERE `+column+` IN `+list+` AND `+here+` AND `+v.Where("r.visibility")+` ORDER BY c.name, c.id`, args)
}

func (g reader) describes(ctx context.Context, v access.Viewer, a relation.Ask) ([]relation.Edge, error) {
	column, kind := "r.uid", "repository"
	if a.Back {
		column, kind = "e.uid", "entity"
	}
	list, args := relation.In(3, a.IDs(kind))
	return g.edges(ctx, "repository", "entity", a, `SELECT r.uid, e.uid, e.file || ':' || CAST(e.line AS text), r.name FROM entity e JOIN repository r ON r.id = e.repository_id
		WHERE `+column+` IN `+list+` AND `+entries+` AND r.joined_into = 0 AND `+v.Where("r.visibility")+` ORDER BY e.name, e.uid`, args)
}

func (g reader) owned(ctx context.Context, v access.Viewer, a relation.Ask) ([]relation.Edge, error) {
	column, kind := "c.uid", "component"
	if a.Back {
		column, kind = "t.uid", "team"
	}
	list, args := relation.In(3, a.IDs(kind))
	return g.edges(ctx, "component", "team", a, `SELECT c.uid, t.uid, CASE WHEN c.owner_state = 'declared' THEN c.owner_from ELSE '' END, r.name
		FROM component c JOIN repository r ON r.id = c.repository_id JOIN team t ON t.id = c.owner_team_id
		WHERE `+column+` IN `+list+` AND c.owner_team_id <> 0 AND `+here+` AND `+v.Where("r.visibility")+` AND `+people.Seen(v)+` ORDER BY c.name, c.id`, args)
}

// stated reads relations of one type that catalogue entries state. An end is
// the component that its entry describes, else the entry itself; of several
// entries of one name it is the first.
func (g reader) stated(typ string) func(context.Context, access.Viewer, relation.Ask) ([]relation.Edge, error) {
	return func(ctx context.Context, v access.Viewer, a relation.Ask) ([]relation.Edge, error) {
		own, other := "from_id", "to_id"
		if a.Back {
			own, other = other, own
		}
		components, args := relation.In(4, a.IDs("component"))
		entities, more := relation.In(4+len(args), a.IDs("entity"))
		args = append(append([]any{a.Limit, a.Offset, typ}, args...), more...)
		all, err := store.Collect(func(row store.Scanner) (relation.Edge, error) {
			var e relation.Edge
			var at string
			err := row.Scan(&e.From.Kind, &e.From.ID, &e.To.Kind, &e.To.ID, &at)
			e.At(at)
			if a.Back {
				e.From, e.To = e.To, e.From
			}
			return e, err
		})(g.db.Query(ctx, `SELECT own.kind, own.uid, CASE WHEN c.uid IS NULL THEN 'entity' ELSE 'component' END, COALESCE(c.uid, e.uid), MIN(r.name || `+relation.Break+` || n.file || ':' || CAST(n.line AS text))
			FROM (SELECT 'component' AS kind, uid, ref FROM component WHERE uid IN `+components+` AND ref <> '' UNION ALL SELECT 'entity', uid, ref FROM entity WHERE uid IN `+entities+`) own
			JOIN relation n ON n.`+own+` = own.ref AND n.type = $3 JOIN repository r ON r.id = n.repository_id
			JOIN entity e ON e.uid = (SELECT MIN(x.uid) FROM entity x JOIN repository xr ON xr.id = x.repository_id WHERE x.ref = n.`+other+` AND LOWER(x.kind) <> 'user' AND xr.joined_into = 0 AND `+v.Where("xr.visibility")+`)
			LEFT JOIN component c ON c.id = e.component_id AND c.gone_at = 0
			WHERE r.joined_into = 0 AND `+v.Where("r.visibility")+`
			GROUP BY own.kind, own.uid, c.uid, e.uid ORDER BY MIN(n.`+other+`), own.uid LIMIT $1 OFFSET $2`, args...))
		if err != nil {
			return nil, fmt.Errorf("list relations of type %s: %w", typ, err)
		}
		return all, nil
	}
}
