// Package claim stores what sources say of the owners of components, and works
// out from it who owns each.
package claim

import (
	"context"
	"fmt"
	"slices"

	"steward/internal/feature/catalog/ownership"
	"steward/internal/feature/catalog/survey"
	"steward/internal/platform/access"
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

// ImportedOf selects what files of the firm say of the owner of the component whose id is the first
// parameter, in the columns in which Claims of package catalog reads claims.
func ImportedOf(v access.Viewer) string {
	return `SELECT 'declared', '` + ownership.Imported + `', 'team', i.team_id, 0, 0.0,
			CASE WHEN i.fills = 1 AND EXISTS (SELECT 1 FROM component_owner d WHERE d.component_id = c.id AND d.state = 'declared' AND d.decides = 1) THEN 0 ELSE 1 END,
			i.file, i.line, CASE WHEN i.since <> '' THEN 'since ' || i.since WHEN i.fills = 1 THEN 'counts where files of the repository say nothing' ELSE '' END,
			i.owner, COALESCE(t.handle, ''), COALESCE(t.title, ''), COALESCE(t.uid, ''), 4, i.line
		FROM component c JOIN repository r ON r.id = c.repository_id JOIN repository o ON o.id = r.id OR o.joined_into = r.id
			JOIN owner_import i ON i.repository_id = o.id AND (i.component_id = 0 OR i.component_id = c.id) LEFT JOIN team t ON t.id = i.team_id
		WHERE c.id = $1 AND i.ended_at = 0 AND ` + v.Where("r.visibility")
}
