package catalog

import (
	"context"
	"errors"
	"fmt"

	"steward/internal/feature/catalog/claim"
	"steward/internal/platform/job"
	"steward/internal/platform/store"
)

// ownersJob works out all owners anew; its one key is "all".
const ownersJob = "catalog.owners"

// OwnersAgain asks for all owners to be worked out anew, because who is who or
// who belongs to which team has changed.
func (f *Feature) OwnersAgain(ctx context.Context, tx *store.Tx) error {
	if f.p.Queue == nil {
		return nil
	}
	return f.p.Queue.Enqueue(ctx, tx, ownersJob, "all", struct{}{})
}

// settleAll is the job: a transaction for each repository, so that readings
// go on in between. One that fails keeps none of the others waiting.
func (f *Feature) settleAll(ctx context.Context, j *job.Job) error {
	all, err := store.Collect(scanInt)(f.db.Query(ctx, `SELECT DISTINCT repository_id FROM component WHERE gone_at = 0 ORDER BY repository_id`))
	if err != nil {
		return fmt.Errorf("list repositories with components: %w", err)
	}
	var errs []error
	for i, id := range all {
		if err := ctx.Err(); err != nil {
			return errors.Join(append(errs, err)...)
		}
		j.Progress(int64(i), int64(len(all)), "working out owners")
		if err := f.db.Tx(ctx, func(tx *store.Tx) error { return claim.Settle(ctx, tx, id) }); err != nil {
			errs = append(errs, fmt.Errorf("work out the owners in repository %d: %w", id, err))
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	return f.db.Tx(ctx, func(tx *store.Tx) error { return j.Complete(ctx, tx) })
}

func scanInt(row store.Scanner) (n int64, err error) { return n, row.Scan(&n) }
