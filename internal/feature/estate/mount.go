package estate

import (
	"context"
	"embed"

	"github.com/danielgtaylor/huma/v2"

	"steward/internal/feature/estate/coverage"
	"steward/internal/feature/estate/source"
	"steward/internal/platform/access"
	"steward/internal/platform/command"
	"steward/internal/platform/job"
	"steward/internal/platform/mount"
	"steward/internal/platform/web"
)

//go:embed migration
var migrations embed.FS

//go:embed page
var pages embed.FS

// Mount hands over what the estate adds to the program. Retention: sources,
// repositories, aliases and locations are kept as tombstones; scans are kept;
// facts and notes are those of the last reading.
func (f *Feature) Mount() mount.Capability {
	return mount.Capability{
		Name:       "estate",
		Migrations: migrations,
		Jobs: func(q *job.Queue) {
			q.Handle(source.LookJob, f.look, job.MaxAttempts(2))
			q.Handle(readJob, f.read, job.MaxAttempts(readAttempts), job.Lost(readDeaths, f.readLost))
		},
		Pages:    f.mountPages,
		Lists:    []web.Listed{{Spec: repositoryList, Needs: access.ReadEstate}, coverage.Listed()},
		API:      func(a huma.API) { coverage.API(a, f.db) },
		Commands: []command.Command{f.scanCommand()},
	}
}

func (f *Feature) mountPages(s *web.Server) {
	f.server = s
	s.Templates("estate", pages)
	s.Nav(web.Nav{Area: web.Estate, Order: 10, Label: "Repositories", Icon: "repo", Path: "/repositories", Needs: access.ReadEstate, Count: f.countRepositories})
	s.List(repositoryList, f.db, web.ListOptions{Area: web.Estate, Needs: access.ReadEstate, Actions: []web.Action{
		{Label: "Compare a list", Href: "/compare"}, {Label: "Corrections", Icon: "question", Href: "/corrections?kind=repository"},
	}})
	s.Page("/repositories/{id}", access.ReadEstate, f.repositoryPage)
	s.Page("/repositories/{id}/{panel}", access.ReadEstate, f.repositoryPage)
	coverage.Mount(s, f.db)
	f.sources.Mount(s)
	s.Post("/repositories/{id}/read", access.RunJobs, f.readAgain)
	s.Post("/repositories/{id}/join", access.LinkRecords, f.join)
	s.Post("/repositories/{id}/split", access.LinkRecords, f.split)
	s.Post("/repositories/{id}/visibility", access.ManageSources, f.visibility)
}

func (f *Feature) countRepositories(ctx context.Context, v access.Viewer) (web.Count, error) {
	base, err := f.Base(ctx, v)
	return web.Count{N: base.Given}, err
}
