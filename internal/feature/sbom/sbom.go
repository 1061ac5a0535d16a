// Package sbom keeps which packages the estate uses, in which versions, for
// what and through what, and answers who uses one.
//
// Its analyser stores what manifests and lock files say. The tables:
//
//	manifest_read    one row a manifest
//	package_use      one row a package in a manifest, with its line
//	package_edge     what brings in what, where the lock says so
//	package          one row a package URL; its id stays when nobody uses it any more
//	package_reach    roll-ups of a package: once over all repositories, once over
//	                 those that everybody with an account sees
//	package_version  the same by version
//	sbom_repository  digest of what is stored of a repository, and where it is counted
//
// Roll-ups follow by difference: what a repository contributed before is taken
// away and what it contributes now is added, in the transaction that changes
// it. So the cost is that of the repository, whatever the size of the estate,
// and a repository that is restricted, opened, joined or split moves its share.
//
// Manifests of test data, examples and templates are stored and counted
// nowhere; who-uses shows them when asked.
package sbom

import (
	"context"
	"time"

	"steward/internal/feature/estate"
	"steward/internal/feature/sbom/reach"
	"steward/internal/feature/sbom/reading"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
)

// Feature keeps the packages of the estate.
type Feature struct {
	db     *store.DB
	estate *estate.Feature // reads the base of answers and folders; knows no analysers
	now    func() time.Time
}

// New returns the feature over the platform's database.
func New(p mount.Platform) *Feature {
	now := p.Now
	if now == nil {
		now = time.Now
	}
	return &Feature{db: p.DB, estate: estate.New(p, estate.Config{}), now: now}
}

// FollowVisibility moves a repository's share of the roll-ups to where it counts now.
func (f *Feature) FollowVisibility(ctx context.Context, tx *store.Tx, repository int64, _ string) error {
	return reach.Recount(ctx, tx, repository)
}

// FollowJoin takes a joined repository out of the roll-ups, and a split one back in.
func (f *Feature) FollowJoin(ctx context.Context, tx *store.Tx, repository int64) error {
	return reach.Recount(ctx, tx, repository)
}

// Analyser learns the packages of a repository.
func (f *Feature) Analyser() estate.Analyser {
	return estate.Analyser{Name: "sbom", Version: 3, Begin: estate.OfContent(func(ctx context.Context, s *estate.Snapshot) (estate.Result, error) {
		r, notes := reading.Read(s)
		if err := ctx.Err(); err != nil {
			return estate.Result{}, err
		}
		result := estate.Result{Notes: notes, Facts: r.Facts(), Summary: r.Summary()}
		result.Write = func(ctx context.Context, tx *store.Tx, at estate.Target) error { return write(ctx, tx, at, r) }
		return result, nil
	})}
}
