package people

import (
	"context"

	"steward/internal/feature/estate"
	"steward/internal/platform/access"
	"steward/internal/platform/web"
)

// Panel shows the history on the repository page.
func (f *Feature) Panel() estate.Panel {
	return estate.Panel{
		ID: "history", Title: "History", Order: 30,
		Show: func(_ context.Context, _ access.Viewer, r estate.Repository) (string, bool) { return "", r.Commits > 0 },
		Render: func(ctx context.Context, v access.Viewer, r estate.Repository, long bool) (string, any, error) {
			return f.drawHistory(ctx, v, r.ID, nil, long)
		},
		Page: f.historyPage,
	}
}

// ComponentPanel shows the history of a part of a repository on the page of
// something that another feature keeps, such as a component: of says in which
// repository it lies and at which root. At the root "" it is the history of
// the whole repository.
func ComponentPanel[T any](f *Feature, of func(T) (repository int64, root string)) web.Panel[T] {
	roots := func(root string) []string {
		if root == "" {
			return nil
		}
		return []string{root}
	}
	return web.Panel[T]{
		ID: "history", Title: "History", Order: 40, API: "history",
		Show: func(ctx context.Context, v access.Viewer, record T) (string, bool) {
			repository, root := of(record)
			s, err := f.sight(ctx, v)
			if err != nil {
				return "", false
			}
			months, err := f.months(ctx, s, repository, roots(root))
			return "", err == nil && len(months) > 0
		},
		Render: func(ctx context.Context, v access.Viewer, record T, long bool) (string, any, error) {
			repository, root := of(record)
			return f.drawHistory(ctx, v, repository, roots(root), long)
		},
	}
}
