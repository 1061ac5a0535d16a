package sbom

import (
	"context"
	"errors"
	"fmt"

	"steward/internal/feature/catalog"
	"steward/internal/feature/sbom/reading"
	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
	"steward/internal/platform/web/piece"
)

// componentsOf gives each manifest of a reading the component that it belongs
// to: 0 is the repository as a whole.
func componentsOf(ctx context.Context, tx *store.Tx, repository int64, r *reading.Reading) ([]int64, error) {
	components, err := catalog.ComponentsAt(ctx, tx, writer, repository)
	if err != nil {
		return nil, err
	}
	out := make([]int64, len(r.Manifests))
	for i, m := range r.Manifests {
		out[i], _ = components.Of(m.Path)
	}
	return out, nil
}

// componentByUID gives the numbers of a component and of its repository.
func (f *Feature) componentByUID(ctx context.Context, v access.Viewer, uid string) (repository, component int64, err error) {
	err = f.db.QueryRow(ctx, `SELECT c.repository_id, c.id FROM component c JOIN repository r ON r.id = c.repository_id WHERE c.uid = $1 AND `+v.Where("r.visibility"), uid).Scan(&repository, &component)
	if errors.Is(err, store.ErrNoRows) {
		return 0, 0, fault.New(fault.NotFound, "There is no such component, or you may not see it.")
	}
	if err != nil {
		return 0, 0, fmt.Errorf("find component %s: %w", uid, err)
	}
	return repository, component, nil
}

// ComponentPanel shows the packages of a component on its page.
func (f *Feature) ComponentPanel() catalog.Panel {
	return catalog.Panel{
		ID: "packages", Title: "Packages", Order: 20,
		Show: func(ctx context.Context, v access.Viewer, c catalog.Component) (string, bool) {
			t, err := f.Totals(ctx, v, c.RepositoryID, c.ID)
			return piece.Number(t.Packages), err != nil || t.Manifests > 0
		},
		Render: func(ctx context.Context, v access.Viewer, c catalog.Component, long bool) (string, any, error) {
			p, err := f.panelOf(ctx, v, c.RepositoryID, c.ID, long)
			return "sbom/panel", p, err
		},
		Page: func(r *web.Request, c catalog.Component) (web.Page, error) {
			return f.longPage(r, c.RepositoryID, c.ID, "/components/"+c.UID+"/packages")
		},
	}
}
