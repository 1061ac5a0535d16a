// Package neighbour tells the graph what teams are. Persons are not in the
// graph: nobody is shown by what they are next to.
package neighbour

import (
	"context"
	"fmt"

	"steward/internal/platform/access"
	"steward/internal/platform/relation"
	"steward/internal/platform/store"
)

// Seen is the condition that something which the viewer may see names team t.
func Seen(v access.Viewer) string {
	return `EXISTS (SELECT 1 FROM team_mention tm LEFT JOIN repository tr ON tr.id = tm.repository_id
		WHERE tm.team_id = t.id AND (tm.repository_id = 0 OR (tr.joined_into = 0 AND ` + v.Where("tr.visibility") + `)))`
}

// Of is what people know of the graph.
func Of(db *store.DB) relation.Known {
	return relation.Known{Kinds: []relation.Kind{{
		Name: "team", One: "team", Many: "teams", Icon: "team",
		Find: func(ctx context.Context, v access.Viewer, ids []string) ([]relation.Record, error) {
			if !v.Can(access.ReadEstate) {
				return nil, nil
			}
			list, args := relation.In(1, ids)
			all, err := store.Collect(func(row store.Scanner) (relation.Record, error) {
				one := relation.Record{Ref: relation.Ref{Kind: "team"}}
				err := row.Scan(&one.ID, &one.Name, &one.Note)
				one.Href = "/teams/" + one.ID
				return one, err
			})(db.Query(ctx, `SELECT t.uid, COALESCE(NULLIF(t.title, ''), t.handle), CASE WHEN t.title = '' THEN '' ELSE t.handle END FROM team t WHERE t.uid IN `+list+` AND `+Seen(v), args...))
			if err != nil {
				return nil, fmt.Errorf("find teams: %w", err)
			}
			return all, nil
		},
	}}}
}
