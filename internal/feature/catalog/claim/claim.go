// Package claim stores what sources say of the owners of components, and works
// out from it who owns each.
package claim

import (
	"context"
	"fmt"
	"slices"

	"steward/internal/feature/catalog/ownership"
	"steward/internal/feature/catalog/survey"
	"steward/internal/platform/store"
)

var columns = []string{"repository_id", "component_id", "seq", "source", "state", "kind", "team_id", "person_id", "name", "share", "decides", "file", "line", "note"}

func row(repository, component, seq int64, c ownership.Claim) []any {
	decides := int64(0)
	if c.Decides {
		decides = 1
	}
	return []any{repository, component, seq, c.Source, c.State, c.Kind, c.TeamID, c.PersonID, survey.Cut(c.Handle, 200), c.Share, decides, c.File, int64(c.Line), c.Note}
}

// Replace stores what the files of a repository say of owners, by component
// id, in place of what they said before.
func Replace(ctx context.Context, tx *store.Tx, repository int64, claims map[int64][]ownership.Claim) error {
	if _, err := tx.Exec(ctx, `DELETE FROM component_owner WHERE repository_id = $1`, repository); err != nil {
		return fmt.Errorf("replace claims on owners: %w", err)
	}
	var rows [][]any
	for component, some := range claims {
		for seq, one := range some {
			rows = append(rows, row(repository, component, int64(seq), one))
		}
	}
	_, err := tx.Insert(ctx, "component_owner", columns, slices.Values(rows))
	return err
}
