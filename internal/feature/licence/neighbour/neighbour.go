// Package neighbour tells the graph which component has which licence. That
// none was found, or none that is known, is no licence and joins nobody.
package neighbour

import (
	"context"
	"fmt"
	"net/url"

	"steward/internal/feature/licence"
	"steward/internal/platform/access"
	"steward/internal/platform/relation"
	"steward/internal/platform/store"
)

// seen are components with their licence, as far as the viewer may see them.
func seen(v access.Viewer) string {
	return ` FROM component_licence l JOIN repository r ON r.id = l.repository_id JOIN component c ON c.repository_id = l.repository_id AND c.root = l.root
		WHERE c.gone_at = 0 AND r.joined_into = 0 AND l.licence NOT IN ('` + string(licence.None) + `', '` + string(licence.Unknown) + `') AND ` + v.Where("r.visibility")
}

// Of is what licences know of the graph.
func Of(db *store.DB) relation.Known {
	return relation.Known{
		Kinds: []relation.Kind{{
			Name: "licence", One: "licence", Many: "licences", Icon: "licence",
			Find: func(ctx context.Context, v access.Viewer, ids []string) ([]relation.Record, error) {
				list, args := relation.In(1, ids)
				all, err := store.Collect(func(row store.Scanner) (relation.Record, error) {
					var key licence.Key
					err := row.Scan(&key)
					return relation.Record{Ref: relation.Ref{Kind: "licence", ID: string(key)}, Name: key.Title(), Note: key.Name(), Href: "/licences/" + url.PathEscape(string(key))}, err
				})(db.Query(ctx, `SELECT DISTINCT l.licence`+seen(v)+` AND l.licence IN `+list, args...))
				if err != nil {
					return nil, fmt.Errorf("find licences: %w", err)
				}
				return all, nil
			},
		}},
		Types: []relation.Type{{
			Name: "licensed", From: []string{"component"}, To: []string{"licence"}, Word: "licensed under", Back: "licence of",
			Edges: func(ctx context.Context, v access.Viewer, a relation.Ask) ([]relation.Edge, error) {
				column, kind := "c.uid", "component"
				if a.Back {
					column, kind = "l.licence", "licence"
				}
				list, args := relation.In(3, a.IDs(kind))
				all, err := store.Collect(func(row store.Scanner) (relation.Edge, error) {
					e := relation.Edge{From: relation.Ref{Kind: "component"}, To: relation.Ref{Kind: "licence"}}
					err := row.Scan(&e.From.ID, &e.To.ID, &e.Place, &e.Repository)
					return e, err
				})(db.Query(ctx, `SELECT c.uid, l.licence, CASE WHEN l.line > 0 THEN l.file || ':' || CAST(l.line AS text) ELSE l.file END, r.name`+seen(v)+` AND `+column+` IN `+list+`
					ORDER BY c.name, c.id LIMIT $1 OFFSET $2`, append([]any{a.Limit, a.Offset}, args...)...))
				if err != nil {
					return nil, fmt.Errorf("list who has which licence: %w", err)
				}
				return all, nil
			},
		}},
	}
}
