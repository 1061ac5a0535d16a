package portfolio

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"steward/internal/feature/portfolio/sheet"
	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/store"
)

// Import reads a file of applications and writes what it changes in one transaction, or with DryRun
// says what that would be. The same file again changes nothing. It needs access.ManageSources; a
// file that cannot be read is fault.Invalid, with line and column.
func (f *Feature) Import(ctx context.Context, v access.Viewer, in Input) (Plan, error) {
	if err := v.Require(access.ManageSources); err != nil {
		return Plan{}, err
	}
	said, err := sheet.Read(in.Content, in.Map)
	if err != nil {
		return Plan{}, err
	}
	var plan Plan
	if in.DryRun {
		err = f.db.Snapshot(ctx, func(r store.Reader) error {
			plan, _, err = f.planOf(ctx, r, v, in, said)
			return err
		})
	} else {
		err = f.db.Tx(ctx, func(tx *store.Tx) error {
			var w writes
			if plan, w, err = f.planOf(ctx, tx, v, in, said); err != nil {
				return err
			}
			plan.Applied = true
			if err := w.apply(ctx, tx, store.Micros(f.now())); err != nil {
				return err
			}
			return f.record(ctx, tx, v, in, plan, w)
		})
	}
	if err != nil {
		return Plan{}, fmt.Errorf("import context %q: %w", in.File, err)
	}
	return plan, nil
}

// record writes down who changed what, unless nothing changed: one line for the file, and one for
// each application that had other values before.
func (f *Feature) record(ctx context.Context, tx *store.Tx, v access.Viewer, in Input, plan Plan, w writes) error {
	if len(w.rows)+len(w.ended)+len(w.units)+len(w.unitsBack)+len(w.unitsEnded) == 0 {
		return nil
	}
	digest := sha256.Sum256(in.Content)
	err := audit.Append(ctx, tx, v, f.now(), "context.import", "import", store.NewID(), map[string]any{
		"file": in.File, "sha256": hex.EncodeToString(digest[:]), "rows": plan.Rows, "added": len(plan.Added), "changed": len(plan.Changed),
		"ended": len(w.ended), "units_added": plan.Units, "units_ended": len(w.unitsEnded),
	})
	for _, c := range plan.Changed {
		if err == nil {
			err = audit.Append(ctx, tx, v, f.now(), "application.change", "application", c.ID, map[string]any{"fields": c.Fields})
		}
	}
	for _, id := range w.ended {
		if err == nil {
			err = audit.Append(ctx, tx, v, f.now(), "application.end", "application", id, nil)
		}
	}
	return err
}
