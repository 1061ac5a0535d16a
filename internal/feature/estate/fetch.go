package estate

import (
	"context"

	"steward/internal/feature/estate/remote"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/gitrepo/address"
)

// fetch brings a remote repository here. Only the place that the source names
// is contacted: addresses found in content never come to it.
func (f *Feature) fetch(ctx context.Context, l Location) error {
	a, err := address.Parse(l.Address)
	if err != nil {
		return err
	}
	options := f.p.Mirror
	options.Git, options.Read = f.git.Git, f.git
	if options, err = remote.Options(a, options); err != nil {
		return err
	}
	return gitrepo.Mirror(ctx, l.Address, l.Path, options)
}
