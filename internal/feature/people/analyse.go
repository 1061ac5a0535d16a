package people

import (
	"context"
	"time"

	"steward/internal/feature/estate"
	"steward/internal/feature/people/history"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/store"
)

// Analyser learns from the history of a repository who worked on what, when,
// and what was released.
func (f *Feature) Analyser() estate.Analyser {
	return estate.Analyser{Name: "people", Version: 3, History: true, Begin: func(s *estate.Snapshot) estate.Pass {
		return &pass{feature: f, fold: history.New(s, f.p.Now().Add(24*time.Hour))}
	}}
}

// pass is one reading of one repository.
type pass struct {
	feature *Feature
	fold    *history.Fold
}

// Restore goes on from the sums of the last reading.
func (p *pass) Restore(state []byte) error { return p.fold.Restore(state) }

// Commit adds one commit.
func (p *pass) Commit(c *gitrepo.Commit) { p.fold.Commit(c) }

// State keeps the sums for the next reading.
func (p *pass) State() ([]byte, error) { return p.fold.State() }

// Analyse gives facts and rows.
func (p *pass) Analyse(context.Context) (estate.Result, error) {
	l := p.fold.Learn()
	return estate.Result{Facts: l.Facts(), Notes: p.fold.Notes(), Summary: summaryOf(l), Write: func(ctx context.Context, tx *store.Tx, at estate.Target) error {
		return p.feature.write(ctx, tx, at, l)
	}}, nil
}
