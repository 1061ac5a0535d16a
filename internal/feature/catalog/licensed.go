package catalog

import (
	"context"

	"steward/internal/feature/catalog/value"
	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// FollowLicences gives the components of a repository the licences of their
// folders, after either was read.
func (f *Feature) FollowLicences(ctx context.Context, tx *store.Tx, repository int64) error {
	if f.licences == nil {
		return nil
	}
	folders, err := f.licences(ctx, tx, access.System("giving components the licences of their folders"), repository)
	if err != nil {
		return err
	}
	return value.PutLicences(ctx, tx, repository, folders)
}
