package portfolio

import (
	"context"
	"embed"

	"github.com/danielgtaylor/huma/v2"

	"steward/internal/platform/access"
	"steward/internal/platform/api"
	"steward/internal/platform/mount"
	"steward/internal/platform/web"
)

//go:embed migration
var migrations embed.FS

//go:embed page
var pages embed.FS

// Mount hands over what applications and units add to the program. Retention: those that a complete
// file no longer names stay as gone, with the units that they belonged to.
func (f *Feature) Mount() mount.Capability {
	return mount.Capability{Name: "portfolio", Migrations: migrations, Lists: []web.Listed{{Spec: applicationList, Needs: access.ReadEstate}}, Pages: f.mountPages, API: f.mountAPI}
}

func (f *Feature) mountPages(s *web.Server) {
	f.server = s
	s.Templates("portfolio", pages)
	s.Nav(web.Nav{Area: web.Programme, Order: 10, Label: "Applications", Icon: "path", Path: "/applications", Needs: access.ReadEstate, Count: badge(f.Count), Filled: true})
	s.Nav(web.Nav{Area: web.People, Order: 30, Label: "Units", Icon: "guild", Path: "/units", Needs: access.ReadEstate, Count: badge(f.CountUnits), Filled: true})
	s.List(applicationList, f.db, web.ListOptions{Area: web.Programme, Needs: access.ReadEstate, Actions: []web.Action{{Label: "What they are made of", Icon: "component", Href: "/application-components"}}})
	s.List(unitList, f.db, web.ListOptions{Area: web.People, Needs: access.ReadEstate})
	s.List(partList, f.db, web.ListOptions{Area: web.Programme, Needs: access.ReadEstate})
	s.Page("/applications/{id}", access.ReadEstate, f.applicationPage)
	s.Page("/applications/{id}/{panel}", access.ReadEstate, f.applicationPage)
	s.Page("/units/{id}", access.ReadEstate, f.unitPage)
	s.Page("/units/{id}/{panel}", access.ReadEstate, f.unitPage)
}

// badge gives a count beside a place.
func badge(count func(context.Context, access.Viewer) (int64, error)) func(context.Context, access.Viewer) (web.Count, error) {
	return func(ctx context.Context, v access.Viewer) (web.Count, error) {
		n, err := count(ctx, v)
		return web.Count{N: n}, err
	}
}

type byID struct {
	ID string `path:"id"`
}

func (f *Feature) mountAPI(a huma.API) {
	api.Get(a, api.Doc{Path: "/api/v1/applications/{id}", Tag: "Applications", Summary: "An application: the firm's words, its units, what it is made of", Needs: access.ReadEstate},
		func(ctx context.Context, v access.Viewer, in *byID) (ApplicationRecord, error) {
			return f.Find(ctx, v, in.ID)
		})
	api.Get(a, api.Doc{Path: "/api/v1/units/{id}", Tag: "Applications", Summary: "A unit of the firm with its figures", Needs: access.ReadEstate},
		func(ctx context.Context, v access.Viewer, in *byID) (UnitRecord, error) { return f.Unit(ctx, v, in.ID) })
}
