package compare

import (
	"embed"

	"steward/internal/platform/access"
	"steward/internal/platform/command"
	"steward/internal/platform/mount"
	"steward/internal/platform/web"
)

//go:embed page
var pages embed.FS

// Mount hands over the page and the command.
func (f *Feature) Mount() mount.Capability {
	return mount.Capability{
		Name: "compare",
		Pages: func(s *web.Server) {
			s.Templates("compare", pages)
			s.Page("/compare", access.ReadEstate, f.askPage)
			s.Upload("/compare", access.ReadEstate, maxUpload, f.upload)
		},
		Commands: []command.Command{{Name: "compare", Help: "Say how somebody else's list differs from what Steward knows, and why.", Run: &run{feature: f}, Store: true}},
	}
}
