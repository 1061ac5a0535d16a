package coverage

import (
	"context"
	"fmt"
	"strings"

	"steward/internal/feature/estate/place"
	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// Base says how much of the estate an answer stands on.
type Base struct {
	Given   int64 `json:"given"` // repositories found
	Read    int64 `json:"read"`  // read at least once
	Failed  int64 `json:"failed"`
	Waiting int64 `json:"waiting"` // found, not read yet
	Empty   int64 `json:"empty"`
	Gone    int64 `json:"gone,omitempty"` // no copy is left at the places that are given; counted as they were read last
}

// String says it in words: "186 of 200 repositories read, 3 failed, 1 gone".
func (b Base) String() string {
	parts := []string{fmt.Sprintf("%d of %d repositories read", b.Read+b.Empty, b.Given)}
	if b.Failed > 0 {
		parts = append(parts, fmt.Sprintf("%d failed", b.Failed))
	}
	if b.Waiting > 0 {
		parts = append(parts, fmt.Sprintf("%d waiting", b.Waiting))
	}
	if b.Gone > 0 {
		parts = append(parts, fmt.Sprintf("%d gone", b.Gone))
	}
	return strings.Join(parts, ", ")
}

// Complete reports whether there is something, and all of it has been read or tried once.
func Complete(ctx context.Context, r store.Reader, v access.Viewer) (bool, error) {
	base, err := Of(ctx, r, v)
	return base.Given > 0 && base.Waiting == 0, err
}

// Of counts the repositories that the viewer may see by state.
func Of(ctx context.Context, r store.Reader, v access.Viewer) (Base, error) {
	var b Base
	err := r.QueryRow(ctx, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN current_scan_id > 0 AND state <> 'empty' THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN state = 'failed' AND vanished_at = 0 THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN current_scan_id = 0 AND state NOT IN ('failed', 'empty') AND vanished_at = 0 THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN state = 'empty' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN vanished_at > 0 THEN 1 ELSE 0 END), 0)
		FROM repository r WHERE `+place.Given+` AND `+v.Where("r.visibility")).Scan(&b.Given, &b.Read, &b.Failed, &b.Waiting, &b.Empty, &b.Gone)
	if err != nil {
		return b, fmt.Errorf("count repositories: %w", err)
	}
	return b, nil
}
