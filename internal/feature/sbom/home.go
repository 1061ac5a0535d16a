package sbom

import (
	"context"
	"fmt"

	"steward/internal/feature/sbom/reach"
	"steward/internal/platform/access"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
	"steward/internal/platform/web/piece"
)

// packages counts those that some repository uses.
func (f *Feature) packages(ctx context.Context, v access.Viewer) (int64, error) {
	var n int64
	if err := f.db.QueryRow(ctx, `SELECT COUNT(*) FROM package_reach WHERE reach = $1 AND repositories > 0`, reach.Of(v)).Scan(&n); err != nil {
		return 0, fmt.Errorf("count packages: %w", err)
	}
	return n, nil
}

func (f *Feature) figure(ctx context.Context, v access.Viewer) (web.Amount, error) {
	amount := web.Amount{Label: "Packages", Href: "/packages"}
	var all, direct int64
	err := f.db.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM package_reach WHERE reach = $1 AND repositories > 0), (SELECT COUNT(*) FROM package_reach WHERE reach = $1 AND direct > 0)`, reach.Of(v)).Scan(&all, &direct)
	if err != nil {
		return amount, fmt.Errorf("count packages: %w", err)
	}
	amount.Value, amount.Change = piece.Number(all), piece.Number(direct)+" direct"
	return amount, nil
}

// mostUsed is how many packages the picture of home shows.
const mostUsed = 8

// most are the packages that most components name themselves: what comes in
// through others is nobody's choice.
func (f *Feature) most(ctx context.Context, v access.Viewer) (any, error) {
	bars, err := store.Collect(func(row store.Scanner) (web.Bar, error) {
		var b web.Bar
		var uid string
		var n int64
		err := row.Scan(&uid, &b.Name, &b.Full, &n)
		b.Href, b.Value = "/packages/"+uid, float64(n)
		return b, err
	})(f.db.Query(ctx, `SELECT p.uid, CASE WHEN p.type = 'maven' THEN p.name ELSE p.full_name END, p.full_name, s.direct FROM package_reach s JOIN package p ON p.id = s.package_id
		WHERE s.reach = $1 AND s.direct > 0 AND s.ours = 0 ORDER BY s.direct DESC, s.package_id LIMIT $2`, reach.Of(v), mostUsed))
	if err != nil {
		return nil, fmt.Errorf("list the most used packages: %w", err)
	}
	return bars, nil
}

// attention names manifests that could not be read: their packages are missing
// from every answer.
func (f *Feature) attention(ctx context.Context, v access.Viewer) ([]web.Item, error) {
	var unread int64
	var some *string
	err := f.db.QueryRow(ctx, `SELECT COUNT(*), MIN(r.name || ': ' || n.path) FROM coverage_note n JOIN repository r ON r.id = n.repository_id
		WHERE n.kind = 'failed' AND n.source = 'sbom' AND r.joined_into = 0 AND `+v.Where("r.visibility")).Scan(&unread, &some)
	if err != nil {
		return nil, fmt.Errorf("count manifests that could not be read: %w", err)
	}
	if unread == 0 {
		return nil, nil
	}
	reason := "their packages are in no answer"
	if some != nil {
		reason += ", such as " + piece.Middle(*some)
	}
	return []web.Item{{Urgency: web.Look, Count: unread, Title: "Manifests that could not be read", Reason: reason, Href: "/coverage-notes?kind=failed&source=sbom", Step: "See the errors"}}, nil
}
