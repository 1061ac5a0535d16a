package source

import (
	"context"
	"errors"
	"fmt"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/store"
)

const columns = `id, given, kind, address, state, error, found, looked_at, removed_at`

func scan(row store.Scanner) (Source, error) {
	var s Source
	var looked, removed int64
	err := row.Scan(&s.ID, &s.Given, &s.Kind, &s.Address, &s.State, &s.Error, &s.Found, &looked, &removed)
	if looked > 0 {
		s.Looked = store.FromMicros(looked)
	}
	s.Removed = removed > 0
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
	n, err := tx.Exec(ctx, `UPDATE source SET removed_at = 0 WHERE id = $1 AND removed_at > 0`, id)
	if err != nil || n == 0 {
		return id, err
	}
	return id, audit.Append(ctx, tx, v, now, "source.restore", "source", id, map[string]any{"given": s.Given})
}

// Find returns one source for who may manage them, else fault.NotFound.
func Find(ctx context.Context, r store.Reader, v access.Viewer, id string) (Source, error) {
	s, err := scan(r.QueryRow(ctx, `SELECT `+columns+` FROM source WHERE id = $1`, id))
	if errors.Is(err, store.ErrNoRows) || !v.Can(access.ManageSources) {
		return Source{}, errNone
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

// Repository is one that a source names.
type Repository struct {
	UID, Name string
	Alone     bool // no other source names it: without this one it is gone
}

// Repositories lists what a source names and the viewer may see, at most limit, and how many there are.
func Repositories(ctx context.Context, r store.Reader, v access.Viewer, s Source, limit int) ([]Repository, int64, error) {
	where := ` FROM repository r WHERE ` + v.Where("r.visibility") + ` AND r.joined_into = 0 AND EXISTS (SELECT 1 FROM location l
		JOIN location_source n ON n.location_id = l.id WHERE l.repository_id = r.id AND n.source_id = $1 AND n.missing_since = 0)`
	var count int64
	if err := r.QueryRow(ctx, `SELECT COUNT(*)`+where, s.ID).Scan(&count); err != nil {
		return nil, 0, fmt.Errorf("count what %q names: %w", s.Given, err)
	}
	all, err := store.Collect(func(row store.Scanner) (one Repository, err error) {
		return one, row.Scan(&one.UID, &one.Name, &one.Alone)
	})(r.Query(ctx, `SELECT r.uid, r.name, NOT EXISTS (SELECT 1 FROM location l JOIN location_source n ON n.location_id = l.id
		WHERE l.repository_id = r.id AND n.source_id <> $1 AND n.missing_since = 0)`+where+` ORDER BY r.name, r.id LIMIT $2`, s.ID, limit))
	if err != nil {
		return nil, 0, fmt.Errorf("list what %q names: %w", s.Given, err)
	}
	return all, count, nil
}
