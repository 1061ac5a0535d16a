package catalog

import (
	"embed"

	"steward/internal/feature/catalog/confirmation"
	"steward/internal/feature/catalog/value"
	"steward/internal/feature/estate/correction"
	"steward/internal/platform/access"
	"steward/internal/platform/job"
	"steward/internal/platform/mount"
	"steward/internal/platform/web"
)

//go:embed migration
var migrations embed.FS

//go:embed page
var pages embed.FS

// Mount hands over what the catalogue adds to the program. Retention:
// components stay as gone when their repository has them no more; claims,
// entities and relations are those of the last reading; confirmations are kept.
func (f *Feature) Mount() mount.Capability {
	return mount.Capability{
		Name:       "catalog",
		Migrations: migrations,
		Jobs:       func(q *job.Queue) { q.Handle(ownersJob, f.settleAll, job.MaxAttempts(3)) },
		Pages:      f.mountPages,
		Lists:      []web.Listed{{Spec: f.components, Needs: access.ReadEstate}},
		API:        f.mountAPI,
	}
}

// Correctable are components as records whose values can be corrected.
func Correctable() correction.Subject { return value.Correctable(writeDocuments) }

func (f *Feature) mountPages(s *web.Server) {
	f.server = s
	s.Templates("catalog", pages)
	s.Nav(web.Nav{Area: web.Estate, Order: 20, Label: "Components", Icon: "component", Path: "/components", Needs: access.ReadEstate, Count: f.count})
	s.List(f.components, f.db, web.ListOptions{
		Area: web.Estate, Needs: access.ReadEstate,
		Actions:   []web.Action{{Label: "Corrections", Icon: "question", Href: "/corrections?kind=component"}, {Label: "Catalogue entries", Icon: "doc", Href: "/entities"}},
		Selection: []web.Action{{Label: "Assign owner", Href: "/components/pick", Post: true}}, PickKey: "id", PickMost: maxPicked,
	})
	s.List(entityList, f.db, web.ListOptions{Area: web.Estate, Needs: access.ReadEstate})
	s.Page("/components/{id}", access.ReadEstate, f.componentPage)
	s.Page("/components/{id}/{panel}", access.ReadEstate, f.componentPage)
	s.Page("/components/assign", access.LinkRecords, f.assignPage)
	s.Post("/components/pick", access.LinkRecords, f.pick)
	s.Post("/components/assign", access.LinkRecords, f.assign)
	s.Post("/components/assign/undo/{batch}", access.LinkRecords, f.undo)
	confirmation.NewDesk(f.p).Mount(s)
	s.Page("/entities/{id}", access.ReadEstate, f.entityPage)
	s.Figure(web.Figure{Order: 20, Needs: access.ReadEstate, Of: f.figure})
	s.Attention(f.attention)
	s.Picture(web.Picture{
		Order: 20, Title: "Who owns the components", Needs: access.ReadEstate, Template: "catalog/owned", Of: f.owned,
		More: web.Action{Label: "All components", Href: "/components"},
	})
}
