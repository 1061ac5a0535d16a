package catalog

import (
	"context"
	"fmt"

	"steward/internal/feature/catalog/ownership"
	"steward/internal/feature/catalog/value"
	"steward/internal/platform/access"
	"steward/internal/platform/listing"
	"steward/internal/platform/web"
	"steward/internal/platform/web/hook"
	"steward/internal/platform/web/piece"
)

// counted is what home says of components.
type counted struct{ all, none, disputed, inferred, liveNone, liveDisputed int64 }

// countedKey shares it between the hooks of one page.
type countedKey struct{ viewer access.Viewer }

func (f *Feature) counted(ctx context.Context, v access.Viewer) (counted, error) {
	return hook.Once(ctx, countedKey{v}, func(ctx context.Context) (n counted, err error) {
		err = f.db.QueryRow(ctx, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN c.owner_state = 'none' THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN c.owner_state = 'disputed' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN c.owner_state = 'inferred' THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN c.owner_state = 'none' AND `+value.Live+` THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN c.owner_state = 'disputed' AND `+value.Live+` THEN 1 ELSE 0 END), 0)
		FROM component c JOIN repository r ON r.id = c.repository_id WHERE `+here+` AND `+v.Where("r.visibility")).Scan(&n.all, &n.none, &n.disputed, &n.inferred, &n.liveNone, &n.liveDisputed)
		if err != nil {
			err = fmt.Errorf("count components: %w", err)
		}
		return n, err
	})
}

func (f *Feature) count(ctx context.Context, v access.Viewer) (web.Count, error) {
	n, err := f.counted(ctx, v)
	return web.Count{N: n.all}, err
}

func (f *Feature) figure(ctx context.Context, v access.Viewer) (web.Amount, error) {
	n, err := f.counted(ctx, v)
	amount := web.Amount{Label: "Components", Href: "/components", Value: piece.Number(n.all)}
	if n.all > 0 {
		amount.Change = piece.Number(n.all-n.none) + " with an owner"
	}
	return amount, err
}

// attention names what is missing or contradictory about owners, and what lies
// still while others depend on it.
func (f *Feature) attention(ctx context.Context, v access.Viewer) ([]web.Item, error) {
	n, err := f.counted(ctx, v)
	if err != nil {
		return nil, err
	}
	items := []web.Item{
		{Urgency: web.Look, Count: n.liveNone, Title: "Components without an owner", Reason: "no file names one, and no team changed them clearly most", Href: "/components?view=no-owner", Step: "Assign owners"},
		{Urgency: web.Settle, Count: n.liveDisputed, Title: "Owners on which sources disagree", Reason: "two files name different teams", Href: "/components?view=disputed", Step: "Choose one"},
	}
	still, err := f.stillUsed(ctx, v)
	if err != nil {
		return nil, err
	}
	return append(items, web.Item{Urgency: web.Look, Count: still, Title: "Components that others use, unchanged for two years", Reason: "somebody depends on each of them", Href: "/components?view=stale", Step: "See them"}), nil
}

// stillUsed counts components that lie still while others depend on them.
func (f *Feature) stillUsed(ctx context.Context, v access.Viewer) (int64, error) {
	if f.stale == "" {
		return 0, nil
	}
	var n int64
	err := f.db.QueryRow(ctx, `SELECT COUNT(*) FROM component c JOIN repository r ON r.id = c.repository_id WHERE `+here+` AND `+v.Where("r.visibility")+` AND `+listing.Visible(v, f.stale)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count stale components: %w", err)
	}
	return n, nil
}

// owned is the picture of home: components by what says who owns them.
func (f *Feature) owned(ctx context.Context, v access.Viewer) (any, error) {
	n, err := f.counted(ctx, v)
	if err != nil || n.all == 0 {
		return []web.Part(nil), err
	}
	part := func(count int64, name, query, tone string) web.Part {
		return web.Part{Name: name, Value: float64(count), Label: piece.Number(count), Href: "/components?" + query, Tone: tone}
	}
	return []web.Part{
		part(n.all-n.inferred-n.disputed-n.none, "written by people", "ownership="+ownership.Confirmed+"&ownership="+ownership.Declared, ""),
		part(n.inferred, "inferred from changes", "ownership="+ownership.Inferred, ""),
		part(n.disputed, "sources disagree", "ownership="+ownership.Disputed, "warn"),
		part(n.none, "no owner", "ownership="+ownership.NoOwner, "none"),
	}, nil
}
