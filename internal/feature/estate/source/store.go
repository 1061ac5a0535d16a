package source

import (
	"context"
	"errors"
	"fmt"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

const columns = `id, given, kind, address, state, error, found`

func scan(row store.Scanner) (Source, error) {
	var s Source
	err := row.Scan(&s.ID, &s.Given, &s.Kind, &s.Address, &s.State, &s.Error, &s.Found)
	return s, err
}

// put stores a source, or takes up one with the same address again, and returns its id.
func put(ctx context.Context, tx *store.Tx, v access.Viewer, s Source, now time.Time) (string, error) {
	var id string
	err := tx.QueryRow(ctx, `SELECT id FROM source WHERE address = $1`, s.Address).Scan(&id)
	switch {
	case errors.Is(err, store.ErrNoRows):
		id = store.NewID()
		_, err = tx.Exec(ctx, `INSERT INTO source (id, given, kind, address, created_at) VALUES ($1, $2, $3, $4, $5)`,
			id, s.Given, string(s.Kind), s.Address, store.Micros(now))
		if err != nil {
			return "", fmt.Errorf("put source %q: %w", s.Given, err)
		}
		return id, audit.Append(ctx, tx, v, now, "source.add", "source", id, map[string]any{"given": s.Given})
	case err != nil:
		return "", fmt.Errorf("find source %q: %w", s.Given, err)
	}
	_, err = tx.Exec(ctx, `UPDATE source SET removed_at = 0 WHERE id = $1`, id)
	return id, err
}

// Find returns one source for who may manage them, else fault.NotFound.
func Find(ctx context.Context, r store.Reader, v access.Viewer, id string) (Source, error) {
	s, err := scan(r.QueryRow(ctx, `SELECT `+columns+` FROM source WHERE id = $1`, id))
	if errors.Is(err, store.ErrNoRows) || !v.Can(access.ManageSources) {
		return Source{}, fault.New(fault.NotFound, "There is no such source.")
	}
	return s, err
}

// All lists the sources that are still looked at.
func All(ctx context.Context, r store.Reader, v access.Viewer) ([]Source, error) {
	if err := v.Require(access.ManageSources); err != nil {
		return nil, err
	}
	all, err := store.Collect(scan)(r.Query(ctx, `SELECT `+columns+` FROM source WHERE removed_at = 0 ORDER BY given`))
	if err != nil {
		return nil, fmt.Errorf("list sources: %w", err)
	}
	return all, nil
}
