package correction

import (
	"context"
	"embed"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"steward/internal/platform/access"
	"steward/internal/platform/api"
	"steward/internal/platform/job"
	"steward/internal/platform/mount"
	"steward/internal/platform/web"
)

//go:embed migration
var migrations embed.FS

//go:embed page
var pages embed.FS

// endJob is the job that ends corrections whose last day is over.
const endJob = "correction.end"

// Mount hands over what corrections add to the program. Retention: they are kept, also settled ones.
func (d *Desk) Mount() mount.Capability {
	return mount.Capability{
		Name: "correction", Migrations: migrations, Pages: d.mountPages, API: d.mountAPI,
		Jobs: func(q *job.Queue) { q.Handle(endJob, d.endOver, job.MaxAttempts(3), job.Daily()) },
	}
}

func (d *Desk) endOver(ctx context.Context, _ *job.Job) error {
	return d.End(ctx, access.System("ending corrections whose last day is over"))
}

func (d *Desk) mountPages(s *web.Server) {
	d.server = s
	s.Templates("correction", pages)
	s.List(d.list(), d.p.DB, web.ListOptions{
		Area: web.Estate, Needs: access.ReadEstate, ActNeeds: access.LinkRecords, Lede: "What people say against what Steward found. A binding one counts until it is withdrawn, its day is over, or its evidence changes.",
		Selection: []web.Action{{Label: "Accept", Href: "/corrections/accept", Post: true}, {Label: "Refuse", Href: "/corrections/refuse", Post: true}}, PickKey: "id", PickMost: maxDecided,
	})
	s.Page("/corrections/{id}", access.ReadEstate, d.recordPage)
	s.Page("/corrections/decide", access.LinkRecords, d.decidePage)
	s.Post("/corrections/accept", access.LinkRecords, d.pick("accept"))
	s.Post("/corrections/refuse", access.LinkRecords, d.pick("refuse"))
	s.Post("/corrections/decide", access.LinkRecords, d.decide)
	s.Post("/corrections/{id}/withdraw", access.LinkRecords, d.withdraw)
	s.Post("/corrections/{batch}/undo", access.LinkRecords, d.undone)
	for _, one := range d.subjects {
		s.Page(one.Path+"/{id}/why/{name}", access.ReadEstate, d.whyPage(one.Kind))
		s.Post(one.Path+"/{id}/why/{name}", access.LinkRecords, d.say(one.Kind))
	}
	s.Attention(d.attention)
}

type byID struct {
	ID string `path:"id"`
}

type byName struct {
	ID   string `path:"id" doc:"Id of the record"`
	Name string `path:"name" doc:"Name of the value"`
}

// recordJSON is one correction as programs read it.
type recordJSON struct {
	Said
	Kind    string `json:"kind"`
	Subject string `json:"record_id"`
	Record  string `json:"record"`
	Name    string `json:"name"`
}

func (d *Desk) mountAPI(a huma.API) {
	api.Get(a, api.Doc{Path: "/api/v1/corrections/{id}", Tag: "Corrections", Summary: "One correction", Needs: access.ReadEstate},
		func(ctx context.Context, v access.Viewer, in *byID) (recordJSON, error) {
			c, err := d.Find(ctx, v, in.ID)
			return recordJSON{said(c), c.Kind, c.Subject, c.Record, c.Name}, err
		})
	for _, s := range d.subjects {
		api.Get(a, api.Doc{Path: "/api/v1" + s.Path + "/{id}/why/{name}", Tag: s.Plural, Summary: "Why a value is what it is: sources, confidence, corrections", Needs: access.ReadEstate},
			func(ctx context.Context, v access.Viewer, in *byName) (Why, error) {
				name, err := url.PathUnescape(in.Name)
				if err != nil {
					name = in.Name
				}
				return d.Why(ctx, v, s.Kind, in.ID, name)
			})
	}
}
