package catalog

import (
	"context"

	"steward/internal/feature/catalog/claim"
	"steward/internal/platform/access"
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

// settleAll is the job.
func (f *Feature) settleAll(ctx context.Context, j *job.Job) error {
	if err := claim.SettleAll(ctx, f.db, access.System("working out owners"), func(done, of int64) { j.Progress(done, of, "working out owners") }); err != nil {
		return err
	}
	return f.db.Tx(ctx, func(tx *store.Tx) error { return j.Complete(ctx, tx) })
}
