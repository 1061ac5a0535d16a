package catalog

import (
	"context"
	"net/url"
	"strconv"

	"steward/internal/feature/estate"
	"steward/internal/platform/access"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
)

// insideView is what a repository's page shows of its components.
type insideView struct {
	Components []ownedRow
	All        string // address of the list of them, on the long form
}

// ownedRow is a component with how its owner is known.
type ownedRow struct {
	Component
	Mark  web.Source
	State string
}

// maxInside is how many components the long form of the panel shows; the list has all.
const maxInside = 200

// RepositoryPanel shows the components of a repository on its page.
func (f *Feature) RepositoryPanel() estate.Panel {
	const of = `c.repository_id = $1 AND ` + here
	return estate.Panel{
		ID: "components", Title: "Components", Order: 10,
		Show: func(ctx context.Context, v access.Viewer, r estate.Repository) (string, bool) {
			var n int
			err := f.db.QueryRow(ctx, `SELECT COUNT(*) FROM component c JOIN repository r ON r.id = c.repository_id WHERE `+of+` AND `+v.Where("r.visibility"), r.ID).Scan(&n)
			return strconv.Itoa(n), err != nil || n > 0
		},
		Render: func(ctx context.Context, v access.Viewer, r estate.Repository, long bool) (string, any, error) {
			limit, view := short, insideView{}
			if long {
				limit, view.All = maxInside, "/components?repository="+url.QueryEscape(r.Name)
			}
			all, err := store.Collect(scanComponent)(f.db.Query(ctx, componentSelect+` WHERE `+of+` AND `+v.Where("r.visibility")+` ORDER BY c.root, c.name, c.id LIMIT $2`, r.ID, limit))
			for _, c := range all {
				view.Components = append(view.Components, ownedRow{c, ownerMark(c.Owner), ownerWords[c.Owner.State]})
			}
			return "catalog/inside", view, err
		},
	}
}
