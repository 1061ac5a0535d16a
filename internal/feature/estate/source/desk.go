package source

import (
	"context"
	"errors"
	"fmt"

	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/fault"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
)

// LookJob is the kind of job that looks at a source and finds its repositories.
const LookJob = "estate.look"

// Look are the arguments of a LookJob.
type Look struct {
	Source string `json:"source"` // id
}

// Desk takes sources on, has them looked at again, and lets go of them.
type Desk struct {
	p       mount.Platform
	release Release
}

// Release lets go of the locations that a source named, in the transaction that removes it.
type Release func(ctx context.Context, tx *store.Tx, source string) error

// NewDesk returns the desk over the platform's database and queue.
func NewDesk(p mount.Platform, release Release) *Desk { return &Desk{p, release} }

// Add stores sources and enqueues a look at each of them. Sources that are known already are
// looked at again, and those that were removed are back.
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

// LookAgain enqueues a look at a source.
func (d *Desk) LookAgain(ctx context.Context, v access.Viewer, s Source) error {
	if err := v.Require(access.ManageSources); err != nil {
		return err
	}
	return d.p.DB.Tx(ctx, func(tx *store.Tx) error {
		if err := audit.Append(ctx, tx, v, d.p.Now(), "source.look", "source", s.ID, nil); err != nil {
			return err
		}
		return d.look(ctx, tx, s.ID)
	})
}

// Remove lets go of a source. What it alone named is gone from then on, as it was read last; Add
// with the same place, or Restore, brings it back. Error: fault.NotFound.
func (d *Desk) Remove(ctx context.Context, v access.Viewer, id string) error {
	return d.turn(ctx, v, id, "source.remove", `UPDATE source SET removed_at = $2, state = 'waiting', error = '' WHERE id = $1 AND removed_at = 0 RETURNING given`,
		store.Micros(d.p.Now()), d.release)
}

// Restore undoes Remove: the source is looked at again. Error: fault.NotFound.
func (d *Desk) Restore(ctx context.Context, v access.Viewer, id string) error {
	return d.turn(ctx, v, id, "source.restore", `UPDATE source SET removed_at = $2 WHERE id = $1 AND removed_at > 0 RETURNING given`, 0, d.look)
}

func (d *Desk) turn(ctx context.Context, v access.Viewer, id, action, sql string, removed int64, then Release) error {
	if err := v.Require(access.ManageSources); err != nil {
		return err
	}
	return d.p.DB.Tx(ctx, func(tx *store.Tx) error {
		var given string
		err := tx.QueryRow(ctx, sql, id, removed).Scan(&given)
		if errors.Is(err, store.ErrNoRows) {
			return errNone
		}
		if err == nil {
			err = then(ctx, tx, id)
		}
		if err != nil {
			return fmt.Errorf("%s %q: %w", action, given, err)
		}
		return audit.Append(ctx, tx, v, d.p.Now(), action, "source", id, map[string]any{"given": given})
	})
}

var errNone = fault.New(fault.NotFound, "There is no such source. Open Sources for those there are.")

func (d *Desk) look(ctx context.Context, tx *store.Tx, id string) error {
	return d.p.Queue.Enqueue(ctx, tx, LookJob, id, Look{Source: id})
}
