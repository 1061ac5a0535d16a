package sbom

import (
	"context"

	"steward/internal/feature/estate"
	"steward/internal/platform/access"
	"steward/internal/platform/web"
	"steward/internal/platform/web/piece"
)

// panelRows is how many packages the short form of a panel shows.
const panelRows = 6

// longRows is how many uses the long form shows; the export has all.
const longRows = 100

// panel is what a repository or a component uses.
type panel struct {
	Totals    Totals
	Uses      []Use
	Manifests []ManifestRead
	Long      bool
	Shown     string
	Fixtures  toggle
	Next      string
	Prev      string
}

// RepositoryPanel shows the packages of a repository on its page.
func (f *Feature) RepositoryPanel() estate.Panel {
	return estate.Panel{
		ID: "packages", Title: "Packages", Order: 30,
		Show: func(ctx context.Context, v access.Viewer, r estate.Repository) (string, bool) {
			t, err := f.Totals(ctx, v, r.ID, 0)
			return piece.Number(t.Packages), err != nil || t.Manifests > 0
		},
		Page: func(r *web.Request, one estate.Repository) (web.Page, error) {
			return f.longPage(r, one.ID, 0, "/repositories/"+one.UID+"/packages")
		},
		Render: func(ctx context.Context, v access.Viewer, r estate.Repository, long bool) (string, any, error) {
			p, err := f.panelOf(ctx, v, r.ID, 0, long)
			return "sbom/panel", p, err
		},
	}
}

// panelOf reads a panel of a repository, or of one of its components (0: all).
func (f *Feature) panelOf(ctx context.Context, v access.Viewer, repository, component int64, long bool) (panel, error) {
	p := panel{Long: long}
	rows := panelRows
	if long {
		rows = longRows
	}
	var err error
	if p.Totals, err = f.Totals(ctx, v, repository, component); err != nil {
		return p, err
	}
	if p.Manifests, err = f.Manifests(ctx, v, repository, component, rows); err != nil {
		return p, err
	}
	p.Uses, err = f.UsesOf(ctx, v, repository, component, false, rows, 0)
	return p, err
}

// longPage is the long form of the panel of a repository, or of one of its components (0: all), at path.
func (f *Feature) longPage(r *web.Request, repository, component int64, path string) (web.Page, error) {
	data, err := f.panelOf(r.Context(), r.Viewer, repository, component, true)
	if err != nil {
		return web.Page{}, err
	}
	q, page := questionOf(r, "")
	q = Question{Fixtures: q.Fixtures}
	data.Fixtures = toggleOf(path, q, func(q *Question) *bool { return &q.Fixtures })
	offset := (page - 1) * longRows
	if data.Uses, err = f.UsesOf(r.Context(), r.Viewer, repository, component, q.Fixtures, longRows+1, offset); err != nil {
		return web.Page{}, err
	}
	if len(data.Uses) > longRows {
		data.Uses, data.Next = data.Uses[:longRows], address(path, q, page+1)
	}
	if page > 1 {
		data.Prev = address(path, q, page-1)
	}
	if len(data.Uses) > 0 {
		data.Shown = piece.Number(int64(offset+1)) + "–" + piece.Number(int64(offset+len(data.Uses)))
	}
	return web.Page{
		Template: "sbom/panel", Data: data, API: address("/api/v1"+path, q, 1),
		Export: []web.Action{{Label: "All as CSV", Href: path + ".csv"}, {Label: "All as JSON", Href: path + ".json"}},
	}, nil
}
