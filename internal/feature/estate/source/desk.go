package source

import (
	"context"
	"fmt"

	"steward/internal/platform/access"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
)

// LookJob is the kind of job that looks at a source and finds its repositories.
const LookJob = "estate.look"

// Look are the arguments of a LookJob.
type Look struct {
	Source string `json:"source"` // id
}

// Desk takes sources on.
type Desk struct{ p mount.Platform }

// NewDesk returns the desk over the platform's database and queue.
func NewDesk(p mount.Platform) *Desk { return &Desk{p} }

// Add stores sources and enqueues a look at each of them. Sources that are known already are
// looked at again.
func (d *Desk) Add(ctx context.Context, v access.Viewer, sources []Source) error {
	if err := v.Require(access.ManageSources); err != nil {
		return err
	}
	return d.p.DB.Tx(ctx, func(tx *store.Tx) error {
		for _, s := range sources {
			id, err := put(ctx, tx, v, s, d.p.Now())
			if err != nil {
				return err
			}
			if err := d.look(ctx, tx, id); err != nil {
				return fmt.Errorf("look at %s: %w", s.Given, err)
			}
		}
		return nil
	})
}

func (d *Desk) look(ctx context.Context, tx *store.Tx, id string) error {
	return d.p.Queue.Enqueue(ctx, tx, LookJob, id, Look{Source: id})
}
