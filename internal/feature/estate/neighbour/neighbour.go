// Package neighbour tells the graph what repositories are.
package neighbour

import (
	"context"
	"fmt"

	"steward/internal/platform/access"
	"steward/internal/platform/relation"
	"steward/internal/platform/store"
)

// Of is what the estate knows of the graph.
func Of(db *store.DB) relation.Known {
	return relation.Known{Kinds: []relation.Kind{{
		Name: "repository", One: "repository", Many: "repositories", Icon: "repo",
		Find: func(ctx context.Context, v access.Viewer, ids []string) ([]relation.Record, error) {
			list, args := relation.In(1, ids)
			all, err := store.Collect(func(row store.Scanner) (relation.Record, error) {
				one := relation.Record{Ref: relation.Ref{Kind: "repository"}}
				err := row.Scan(&one.ID, &one.Name)
				one.Href = "/repositories/" + one.ID
				return one, err
			})(db.Query(ctx, `SELECT r.uid, r.name FROM repository r WHERE r.uid IN `+list+` AND r.joined_into = 0 AND `+v.Where("r.visibility"), args...))
			if err != nil {
				return nil, fmt.Errorf("find repositories: %w", err)
			}
			return all, nil
		},
	}}}
}
