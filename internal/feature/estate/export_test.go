package estate

import (
	"context"

	"steward/internal/feature/estate/source"
	"steward/internal/platform/store"
)

// Register is the end of a look that found these places.
func (f *Feature) Register(ctx context.Context, tx *store.Tx, s Source, found []source.Found) error {
	return f.register(ctx, tx, s, found, nil, nil)
}

// Plan is what settled repositories were read by.
func (f *Feature) Plan() string { return f.plan() }
