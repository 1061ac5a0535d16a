// Package measured says what the report is made of: the sections of all features, the lists that they
// count, and the files that it is written as. A capability with a figure adds its section here.
package measured

import (
	"context"

	catalog "steward/internal/feature/catalog/measure"
	"steward/internal/feature/estate/coverage"
	estate "steward/internal/feature/estate/measure"
	licence "steward/internal/feature/licence/measure"
	"steward/internal/feature/portfolio"
	applications "steward/internal/feature/portfolio/measure"
	"steward/internal/feature/report"
	"steward/internal/feature/report/pdf"
	"steward/internal/feature/report/spreadsheet"
	sbom "steward/internal/feature/sbom/measure"
	"steward/internal/feature/sbom/reach"
	technology "steward/internal/feature/technology/measure"
	"steward/internal/platform/access"
	"steward/internal/platform/listing"
	"steward/internal/platform/measure"
	"steward/internal/platform/mount"
	"steward/internal/platform/web"
)

// Report makes the report. What the firm's units and applications are, and what capabilities there are, is
// asked when a report is taken.
func Report(p mount.Platform, assets func() *portfolio.Feature, all func() []mount.Capability) *report.Feature {
	return report.New(p, report.Config{
		Sections: []measure.Section{
			estate.Coverage(), catalog.Components(), technology.Technologies(), sbom.Packages(p.DB), applications.Applications(), licence.Licences(),
		},
		Lists: func() []web.Listed { return Lists(all()) },
		Scope: func(ctx context.Context, v access.Viewer, ref string) (measure.Scope, error) {
			return assets().Scope(ctx, v, ref)
		},
		Scopes: func(ctx context.Context, v access.Viewer) ([]measure.Scope, error) { return assets().Scopes(ctx, v) },
		Read:   func(ctx context.Context, v access.Viewer) (bool, error) { return coverage.Complete(ctx, p.DB, v) },
		Formats: []report.Format{
			{Name: "pdf", Type: pdf.Type, Write: pdf.Write},
			{Name: "xlsx", Type: spreadsheet.Type, Write: spreadsheet.Write},
		},
	})
}

// Within are the filters that a list gets beside its own: the unit or the application that it is narrowed down to.
func Within(spec listing.Spec) []listing.Filter {
	return portfolio.Within(spec, reach.UsesByComponent)
}

// Lists are the lists that figures may count, narrowed down as those of the hub.
func Lists(capabilities []mount.Capability) (all []web.Listed) {
	for _, c := range capabilities {
		for _, l := range c.Lists {
			l.Spec = l.Spec.With(Within(l.Spec)...)
			all = append(all, l)
		}
	}
	return all
}
