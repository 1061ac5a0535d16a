package sbom

import (
	"steward/internal/feature/sbom/reach"
	"steward/internal/feature/sbom/reading"
	"steward/internal/platform/access"
	"steward/internal/platform/listing"
	"steward/internal/platform/web"
)

var scopeWords = map[string]string{"production": "production", "optional": "optional", "development": "development", "test": "test"}

// strongest is the strongest scope in which some repository uses a package.
const strongest = `CASE WHEN s.production > 0 THEN 'production' WHEN s.optional > 0 THEN 'optional' WHEN s.development > 0 THEN 'development' ELSE 'test' END`

var packageList = listing.Spec{
	Name: "packages", Title: "Packages", Noun: "package", Plural: "packages",
	From: "package_reach s JOIN package p ON p.id = s.package_id",
	Base: "s.repositories > 0",
	Key:  "s.package_id", KeyKind: listing.Number, IDs: map[string]string{"package": "s.package_id"},
	Where: func(v access.Viewer) string { // figures over restricted repositories are rows of their own
		switch reach.Of(v) {
		case reach.All:
			return "s.reach = 'all'"
		case reach.Internal:
			return "s.reach = 'internal'"
		}
		return "1 = 0"
	},
	Columns: []listing.Column{
		{Key: "name", Label: "Package", SQL: "p.full_name", Sort: true, Link: "/packages/{id}"},
		{Key: "ecosystem", Label: "Ecosystem", SQL: "p.type", Sort: true, Words: reading.EcosystemNames, Priority: 2},
		{Key: "repositories", Label: "Repositories", SQL: "s.repositories", Kind: listing.Number, Sort: true, Indexed: true, Help: "Repositories that use it, in any version"},
		{Key: "components", Label: "Components", SQL: "s.components", Kind: listing.Number, Sort: true, Priority: 4},
		{Key: "direct", Label: "Direct", SQL: "s.direct", Kind: listing.Number, Sort: true, Indexed: true, Priority: 3, Help: "Components that name it themselves"},
		{Key: "through", Label: "Through others", SQL: "s.components - s.direct", Kind: listing.Number, Sort: true, Priority: 4},
		{Key: "versions", Label: "Versions", SQL: "s.versions", Kind: listing.Number, Sort: true, Indexed: true, Priority: 2, Help: "Different versions in use"},
		{Key: "scope", Label: "Scope", SQL: strongest, Words: scopeWords, Priority: 3, Help: "The strongest for which some repository uses it"},
		{Key: "unpinned", Label: "Range only", SQL: "s.unpinned", Kind: listing.Number, Sort: true, Priority: 4, Help: "Components of which only a declared range is known"},
		{Key: "internal", Label: "Our own", SQL: "s.ours = 1", Kind: listing.YesNo, Hidden: true},
		{Key: "purl", Label: "Package URL", SQL: "p.purl", Kind: listing.Code, Hidden: true},
		{Key: "id", Label: "Id", SQL: "p.uid", Hidden: true},
	},
	Filters: []listing.Filter{
		{Key: "ecosystem", Label: "Ecosystem", SQL: "p.type"},
		{Key: "scope", Label: "Scope", SQL: strongest, Choices: []listing.Choice{{Value: "production", Label: "Production"}, {Value: "optional", Label: "Optional"}, {Value: "development", Label: "Development"}, {Value: "test", Label: "Test"}}},
		{Key: "direct", Label: "Direct", SQL: "s.direct > 0", Kind: listing.Yes},
		{Key: "several", Label: "Several versions", SQL: "s.versions > 1", Kind: listing.Yes},
		{Key: "unresolved", Label: "Range only", SQL: "s.unpinned > 0", Kind: listing.Yes},
		{Key: "used", Label: "Repositories", SQL: "s.repositories", Kind: listing.Range},
	},
	Search: []string{"p.full_name"},
	Views: []listing.View{
		{Key: "direct", Label: "Direct", Where: "s.direct > 0"},
		{Key: "several", Label: "Several versions", Where: "s.versions > 1", Sort: listing.Sort{Column: "versions", Desc: true}},
		{Key: "unresolved", Label: "Range only", Where: "s.unpinned > 0"},
		{Key: "ours", Label: "Our own", Where: "s.ours = 1"},
	},
	Default: listing.Sort{Column: "repositories", Desc: true},
	Empty:   listing.Empty{Title: "No packages yet", Text: "They appear as repositories with manifests or lock files are read.", Label: "What was read", Href: "/coverage"},
}

// listNotices says what is missing from the list.
func (f *Feature) listNotices(r *web.Request) ([]web.Notice, error) {
	base, err := f.base(r.Context(), r.Viewer, nil)
	if err != nil {
		return nil, err
	}
	if base.Waiting == 0 && base.Failed == 0 && base.Unread == 0 && base.Unresolved == 0 && len(base.Uncovered) == 0 {
		return nil, nil
	}
	where := "/coverage"
	if base.Unread > 0 || base.Unresolved > 0 {
		where = "/coverage-notes?source=sbom"
	}
	return []web.Notice{{Tone: "info", Word: "Partial", Text: base.String() + ".", Action: web.Action{Label: "What was left out", Href: where}}}, nil
}
