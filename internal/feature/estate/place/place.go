// Package place keeps which source names which location, and what is missing: a location that no
// source finds, a repository without any location left.
package place

import (
	"context"
	"fmt"

	"steward/internal/platform/store"
)

// PutNamed keeps that a source names a location.
func PutNamed(ctx context.Context, tx *store.Tx, location, source string) error {
	_, err := tx.Exec(ctx, `INSERT INTO location_source (location_id, source_id) VALUES ($1, $2)
		ON CONFLICT (location_id, source_id) DO UPDATE SET missing_since = 0`, location, source)
	if err != nil {
		return fmt.Errorf("put which source names a location: %w", err)
	}
	return nil
}

// MarkUnnamed marks the locations that no source finds any more; now is in µs.
func MarkUnnamed(ctx context.Context, tx *store.Tx, now int64) error {
	_, err := tx.Exec(ctx, `UPDATE location SET missing_since = $1 WHERE missing_since = 0 AND NOT EXISTS (
		SELECT 1 FROM location_source n WHERE n.location_id = location.id AND n.missing_since = 0)`, now)
	if err != nil {
		return fmt.Errorf("mark what no source finds: %w", err)
	}
	return nil
}

// MarkVanished sets and clears the mark of repositories that have no location left; now is in µs.
func MarkVanished(ctx context.Context, tx *store.Tx, now int64) error {
	const present = `EXISTS (SELECT 1 FROM location l WHERE l.repository_id = repository.id AND l.missing_since = 0)`
	if _, err := tx.Exec(ctx, `UPDATE repository SET vanished_at = $1 WHERE vanished_at = 0 AND joined_into = 0 AND NOT `+present, now); err != nil {
		return fmt.Errorf("mark vanished repositories: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE repository SET vanished_at = 0 WHERE vanished_at > 0 AND `+present); err != nil {
		return fmt.Errorf("clear the mark of vanished repositories: %w", err)
	}
	return nil
}
