package sbom

import (
	"context"
	"embed"

	"steward/internal/platform/access"
	"steward/internal/platform/command"
	"steward/internal/platform/mount"
	"steward/internal/platform/web"
)

//go:embed migration
var migrations embed.FS

//go:embed page
var pages embed.FS

// Mount hands over what packages add to the program. Retention: rows of uses
// are those of the last reading of their repository; packages keep their id.
func (f *Feature) Mount() mount.Capability {
	return mount.Capability{
		Name:       "sbom",
		Migrations: migrations,
		Pages:      f.mountPages,
		Lists:      []web.Listed{{Spec: packageList, Needs: access.ReadEstate}},
		API:        f.mountAPI,
		Commands: []command.Command{
			{Name: "who-uses", Help: "Say who uses a package, in which version, directly or through what.", Run: &whoUsesRun{feature: f}, Store: true},
			{Name: "sbom", Help: "Write the bill of materials of a folder as its files lie.", Run: &sbomRun{feature: f}},
		},
	}
}

func (f *Feature) mountPages(s *web.Server) {
	s.Templates("sbom", pages)
	s.Nav(web.Nav{Area: web.Estate, Order: 30, Label: "Packages", Icon: "package", Path: "/packages", Needs: access.ReadEstate, Count: f.count})
	s.List(packageList, f.db, web.ListOptions{
		Area: web.Estate, Needs: access.ReadEstate, Notices: f.listNotices,
		Actions: []web.Action{{Label: "Who uses…", Href: "/who-uses", Icon: "search"}, {Label: "Compare a bill", Href: "/compare"}},
	})
	s.Page("/packages/{id}", access.ReadEstate, f.packagePage)
	s.Page("/packages/{id}/versions", access.ReadEstate, f.versionsPage)
	s.Page("/packages/{id}/brought-in-by", access.ReadEstate, f.throughPage)
	s.Page("/who-uses", access.ReadEstate, f.whoUsesPage)
	f.export(s, "/packages/{id}/uses", "who-uses", f.usesOfPackage)
	f.export(s, "/repositories/{id}/packages", "packages", f.usesOfRepository)
	f.export(s, "/components/{id}/packages", "packages", f.usesOfComponent)
	s.Figure(web.Figure{Order: 30, Needs: access.ReadEstate, Of: f.figure})
	s.Attention(f.attention)
	s.Picture(web.Picture{
		Order: 40, Title: "Most used packages", Note: "by components that name them", Side: true, Needs: access.ReadEstate, Template: "sbom/most", Of: f.most,
		More: web.Action{Label: "All packages", Href: "/packages"},
	})
}

func (f *Feature) count(ctx context.Context, v access.Viewer) (web.Count, error) {
	n, err := f.packages(ctx, v)
	return web.Count{N: n}, err
}
