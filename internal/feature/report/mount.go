package report

import (
	"context"
	"embed"

	"github.com/danielgtaylor/huma/v2"

	"steward/internal/feature/report/history"
	"steward/internal/feature/report/sheet"
	"steward/internal/platform/access"
	"steward/internal/platform/api"
	"steward/internal/platform/command"
	"steward/internal/platform/job"
	"steward/internal/platform/mount"
	"steward/internal/platform/web"
)

//go:embed migration
var migrations embed.FS

//go:embed page
var pages embed.FS

// Mount hands over what the report adds to the program. Retention: figures of each day are kept for 400
// days, of those before the last day of each month for good.
func (f *Feature) Mount() mount.Capability {
	return mount.Capability{
		Name: "report", Migrations: migrations, Pages: f.mountPages, API: f.mountAPI,
		Jobs:     func(q *job.Queue) { q.Handle(keepJob, f.keep, job.MaxAttempts(3), job.Due(f.due)) },
		Commands: []command.Command{{Name: "report", Help: "Write the sheet of the estate, or of a unit or an application.", Run: &reportRun{Estate: estateRun{feature: f}}, Store: true}},
	}
}

func (f *Feature) mountPages(s *web.Server) {
	s.Templates("report", pages)
	s.Nav(web.Nav{Area: web.Programme, Order: 5, Label: "Measures", Icon: "sun", Path: "/report", Needs: access.ReadEstate})
	s.Page("/report", access.ReadEstate, f.page)
	s.Page("/report/over-time", access.ReadEstate, f.coursePage)
	s.Raw("GET /report.json", access.ReadEstate, f.sendJSON)
	for _, format := range f.formats() {
		s.Raw("GET /report."+format.Name, access.ReadEstate, f.send(format))
	}
}

type inScope struct {
	Scope string `query:"scope" doc:"unit:NAME or application:KEY, or either with an id; nothing is the whole estate"`
}

func (f *Feature) mountAPI(a huma.API) {
	api.Get(a, api.Doc{
		Path: "/api/v1/report", Tag: "Report", Summary: "The estate, or a part of it, on one sheet", Needs: access.ReadEstate,
		Text: "Each count has the page of the list that it counts. A section of which there is nothing says why in missing.",
	}, func(ctx context.Context, v access.Viewer, in *inScope) (*sheet.Sheet, error) {
		return f.Take(ctx, v, in.Scope)
	})
	api.Get(a, api.Doc{
		Path: "/api/v1/report/over-time", Tag: "Report", Summary: "What the numbers of the report were at the end of each month", Needs: access.ReadEstate,
		Text: "Numbers are kept each day from the first day on, of the whole estate and of its units; none is worked out for days before.",
	}, func(ctx context.Context, v access.Viewer, in *inScope) (history.Course, error) {
		scope, err := f.scope(ctx, v, in.Scope)
		if err != nil {
			return history.Course{}, err
		}
		return history.Of(ctx, f.db, v, scope)
	})
}
