package value

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"steward/internal/feature/catalog/claim"
	"steward/internal/feature/estate/correction"
	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// ownerPrefix begins the names of claims on owners: "owner:" and the handle of a team.
const ownerPrefix = "owner:"

// OwnedBy is the name of the claim that a team owns a component.
func OwnedBy(handle string) string { return ownerPrefix + handle }

// ownerClaims lists what sources say of one team as the owner. That it was confirmed is not among
// them: that is taken back, not corrected.
func ownerClaims(ctx context.Context, r store.Reader, v access.Viewer, of correction.Record, handle string) ([]correction.Claim, error) {
	return store.Collect(func(row store.Scanner) (correction.Claim, error) {
		c := correction.Claim{Basis: "written", Source: "catalog"}
		var name, source, state, note string
		var at int64
		err := row.Scan(&name, &source, &state, &c.File, &c.Line, &note, &at)
		if state == "inferred" {
			c.Basis, c.Source = "inferred", "people"
		}
		if c.Observed = store.FromMicros(at); c.File == "" {
			c.Words = strings.TrimSpace("who changed it " + note)
		}
		value, encoding := json.Marshal(name)
		c.Value = string(value)
		return c, errors.Join(err, encoding)
	})(r.Query(ctx, `SELECT CASE WHEN t.title <> '' THEN t.title ELSE t.handle END, o.source, o.state, o.file, o.line, o.note, r.read_at
		FROM component_owner o JOIN repository r ON r.id = o.repository_id JOIN team t ON t.id = o.team_id
		WHERE o.component_id = $1 AND o.kind = 'team' AND o.decides = 1 AND t.handle = $2 AND `+v.Where("r.visibility")+`
		ORDER BY CASE o.source WHEN 'catalog-info' THEN 1 WHEN 'CODEOWNERS' THEN 2 WHEN 'OWNERS' THEN 3 ELSE 4 END, o.seq`, of.Key, handle))
}

// ownerField is how a claim on the owner is put right: the team can be struck, and nothing be typed.
func ownerField(handle string) correction.Field {
	return correction.Field{
		Label: "Owner " + handle, Input: correction.Nothing,
		Instead: "The team is no owner of it then. The next team that a source names is, or nobody; Assign owner on its page names another.",
	}
}

// applyOwner strikes a team from the owners of a component, or lets it be one again.
func applyOwner(ctx context.Context, tx *store.Tx, of correction.Record, handle string, c correction.Change) error {
	var team int64
	if err := tx.QueryRow(ctx, `SELECT id FROM team WHERE handle = $1`, handle).Scan(&team); errors.Is(err, store.ErrNoRows) {
		return nil // no source names it any more
	} else if err != nil {
		return fmt.Errorf("find team %s: %w", handle, err)
	}
	return claim.Strike(ctx, tx, of.RepositoryID, of.Key, team, c.Value == "")
}
