package jobs

import (
	"context"
	"embed"

	"github.com/danielgtaylor/huma/v2"

	"steward/internal/platform/access"
	"steward/internal/platform/api"
	"steward/internal/platform/job"
	"steward/internal/platform/mount"
	"steward/internal/platform/web"
	"steward/internal/platform/web/download"
)

//go:embed page
var pages embed.FS

// Mount hands over the page of jobs and what programs read of them.
func (f *Feature) Mount() mount.Capability {
	return mount.Capability{Name: "jobs", Pages: f.mountPages, API: f.mountAPI}
}

func (f *Feature) mountPages(s *web.Server) {
	s.Templates("jobs", pages)
	s.Nav(web.Nav{Area: web.Foot, Order: 10, Label: "Jobs", Icon: "job", Path: "/jobs", Needs: access.ReadJobs, Count: f.count})
	s.Page("/jobs", access.ReadJobs, f.page)
	for _, format := range []download.Format{download.CSV, download.JSON} {
		s.Raw("GET /jobs."+string(format), access.ReadJobs, f.export(format))
	}
	s.Fragment("/jobs/now", access.ReadJobs, f.fragment)
	s.Post("/jobs/{id}/retry", access.RunJobs, f.retry)
	s.Post("/jobs/{id}/cancel", access.RunJobs, f.cancel)
}

// count is how many jobs are open.
func (f *Feature) count(ctx context.Context, v access.Viewer) (web.Count, error) {
	all, err := f.queue.Summaries(ctx, v)
	if err != nil {
		return web.Count{}, err
	}
	t := totalsOf(all)
	return web.Count{N: t.open()}, nil
}

// query is what programs may ask of the list of jobs.
type query struct {
	State  []job.State `query:"state" enum:"waiting,running,retrying,done,failed,cancelled" doc:"Only jobs in one of these states"`
	Kind   []string    `query:"kind" doc:"Only jobs of one of these kinds"`
	Before int64       `query:"before" minimum:"0" doc:"Only jobs older than this id: next_before of the page before"`
	Limit  int         `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

// listed is one page of jobs.
type listed struct {
	Items      []Entry `json:"items"`
	NextBefore int64   `json:"next_before,omitempty" doc:"Ask with before= this for the next page; absent at the end"`
}

type byID struct {
	ID int64 `path:"id" minimum:"1"`
}

func (f *Feature) mountAPI(a huma.API) {
	api.Get(a, api.Doc{
		Path: "/api/v1/jobs", Tag: "Jobs", Summary: "Jobs, newest first", Needs: access.ReadJobs,
		Text: "Done jobs are kept for a day, cancelled ones for a week, failed ones for a month.",
	},
		func(ctx context.Context, v access.Viewer, q *query) (listed, error) {
			entries, err := f.List(ctx, v, job.Filter{States: q.State, Kinds: q.Kind, Before: q.Before, Limit: q.Limit})
			out := listed{Items: entries}
			if len(entries) == q.Limit {
				out.NextBefore = entries[len(entries)-1].ID
			}
			return out, err
		})
	api.Get(a, api.Doc{Path: "/api/v1/jobs/{id}", Tag: "Jobs", Summary: "One job", Needs: access.ReadJobs},
		func(ctx context.Context, v access.Viewer, q *byID) (Entry, error) { return f.Find(ctx, v, q.ID) })
}
