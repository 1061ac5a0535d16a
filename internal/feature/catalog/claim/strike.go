package claim

import (
	"context"
	"fmt"
	"slices"

	"steward/internal/feature/catalog/ownership"
	"steward/internal/platform/store"
)

// Strike makes that a component is not a team's, whatever sources say, or with off that it may be
// again, and settles the owners in its repository.
func Strike(ctx context.Context, tx *store.Tx, repository, component, team int64, off bool) error {
	_, err := tx.Exec(ctx, `DELETE FROM owner_strike WHERE component_id = $1 AND team_id = $2`, component, team)
	if err == nil && !off {
		_, err = tx.Insert(ctx, "owner_strike", []string{"component_id", "team_id"}, slices.Values([][]any{{component, team}}))
	}
	if err != nil {
		return fmt.Errorf("strike a team from the owners of component %d: %w", component, err)
	}
	return Settle(ctx, tx, repository)
}

// dropStruck leaves out the claims of teams that a component is said not to be of.
func dropStruck(ctx context.Context, tx *store.Tx, repository int64, all []*owned) error {
	rows, err := store.Collect(func(row store.Scanner) (one [2]int64, err error) { return one, row.Scan(&one[0], &one[1]) })(
		tx.Query(ctx, `SELECT k.component_id, k.team_id FROM owner_strike k JOIN component c ON c.id = k.component_id WHERE c.repository_id = $1`, repository))
	if err != nil {
		return fmt.Errorf("load who is struck from the owners: %w", err)
	}
	struck := map[[2]int64]bool{}
	for _, one := range rows {
		struck[one] = true
	}
	for _, c := range all {
		c.claims = slices.DeleteFunc(c.claims, func(o ownership.Claim) bool { return struck[[2]int64{c.id, o.TeamID}] })
	}
	return nil
}
