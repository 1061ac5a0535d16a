package people

import (
	"embed"

	"steward/internal/platform/access"
	"steward/internal/platform/job"
	"steward/internal/platform/mount"
	"steward/internal/platform/web"
)

//go:embed migration
var migrations embed.FS

//go:embed page
var pages embed.FS

// Mount hands over what people add to the program. Retention: the history of a
// repository is replaced with each reading; an identity that nothing mentions
// any more is forgotten a day later, by the next grouping; what people decided
// by hand is kept.
func (f *Feature) Mount() mount.Capability {
	return mount.Capability{
		Name:       "people",
		Migrations: migrations,
		Jobs:       func(q *job.Queue) { q.Handle(joinJob, f.join, job.MaxAttempts(3)) },
		Pages:      f.mountPages,
		API:        f.mountAPI,
		Find:       f.Find,
	}
}

func (f *Feature) mountPages(s *web.Server) {
	f.server = s
	s.Templates("people", pages)
	s.Nav(web.Nav{Area: web.People, Order: 10, Label: "People", Icon: "person", Path: "/people", Needs: access.ReadEstate, Shown: f.shown, Count: f.countPeople})
	s.Nav(web.Nav{Area: web.People, Order: 20, Label: "Teams", Icon: "team", Path: "/teams", Needs: access.ReadEstate, Count: f.countTeams})
	s.List(f.personList(), f.db, web.ListOptions{Area: web.People, Needs: access.ReadEstate, Notices: f.peopleNotices})
	s.List(f.teamList(), f.db, web.ListOptions{Area: web.People, Needs: access.ReadEstate})
	s.List(releaseList, f.db, web.ListOptions{Area: web.Estate, Needs: access.ReadEstate})
	s.Page("/people/{id}", access.ReadEstate, f.personPage)
	s.Page("/teams/{id}", access.ReadEstate, f.teamPage)
	s.Page("/teams/{id}/{panel}", access.ReadEstate, f.teamPage)
	s.Post("/people/join", access.RunJobs, f.joinAgain)
	s.Post("/people/{id}/split", access.LinkRecords, f.split)
	s.Post("/people/{id}/join", access.LinkRecords, f.joinByHand)
	s.Post("/people/{id}/unjoin/{a}/{b}", access.LinkRecords, f.unjoin)
	s.Post("/people/identities/{identity}/back", access.LinkRecords, f.putBack)
	s.Post("/people/{id}/erase", access.ManageSettings, f.erase)
	s.Finder(web.Finder{Find: f.finder})
	s.Figure(web.Figure{Order: 40, Needs: access.ReadEstate, Of: f.peopleFigure})
	s.Figure(web.Figure{Order: 50, Needs: access.ReadEstate, Of: f.teamFigure})
	s.Picture(web.Picture{Order: 30, Title: "Commits a month", Note: "all repositories, two years", Wide: true, Needs: access.ReadEstate, Template: "people/months", Of: f.commitMonths})
}
