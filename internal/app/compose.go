package app

import (
	"context"
	"os"

	"steward/internal/app/measured"
	"steward/internal/feature/catalog"
	"steward/internal/feature/catalog/listed"
	catalogneighbour "steward/internal/feature/catalog/neighbour"
	"steward/internal/feature/catalog/value"
	"steward/internal/feature/compare"
	"steward/internal/feature/estate"
	"steward/internal/feature/estate/correction"
	estateneighbour "steward/internal/feature/estate/neighbour"
	"steward/internal/feature/estate/record"
	"steward/internal/feature/graph"
	"steward/internal/feature/jobs"
	"steward/internal/feature/licence"
	licenceneighbour "steward/internal/feature/licence/neighbour"
	"steward/internal/feature/people"
	peopleneighbour "steward/internal/feature/people/neighbour"
	"steward/internal/feature/people/speaker"
	"steward/internal/feature/portfolio"
	"steward/internal/feature/sbom"
	"steward/internal/feature/sbom/billed"
	sbomneighbour "steward/internal/feature/sbom/neighbour"
	"steward/internal/feature/sbom/reach"
	"steward/internal/feature/technology"
	"steward/internal/platform/account"
	"steward/internal/platform/audit"
	"steward/internal/platform/config"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/job"
	"steward/internal/platform/measure"
	"steward/internal/platform/mount"
	"steward/internal/platform/relation"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
	"steward/internal/platform/view"
	"steward/internal/platform/web"
)

// compose makes every feature over a platform and gives each the hooks that
// others fill. Analysers write in the order of this list.
func compose(p mount.Platform) (all []mount.Capability, est *estate.Feature) {
	tech := technology.New(p)
	var cat *catalog.Feature
	speakers := speaker.New(p)
	who := people.New(p, people.Config{
		Panels:   []people.Panel{catalog.OwnsPanel(p), speakers.Panel()},
		Owned:    catalog.OwnedByTeam,
		OnErased: func(ctx context.Context, tx *store.Tx, e people.Erasure) error { return cat.ForgetPerson(ctx, tx, e) },
		OnJoined: func(ctx context.Context, tx *store.Tx) error { return cat.OwnersAgain(ctx, tx) },
	})
	lic := licence.New(p, licence.Config{OnWritten: func(ctx context.Context, tx *store.Tx, repository int64) error {
		return cat.FollowLicences(ctx, tx, repository)
	}})
	bill := sbom.New(p)
	var assets *portfolio.Feature
	sheets := measured.Report(p, func() *portfolio.Feature { return assets }, func() []mount.Capability { return all })
	assets = portfolio.New(p, portfolio.Config{Packages: reach.UsesByComponent, Panels: []web.Panel[measure.Scope]{sheets.Panel()}})
	cat = catalog.New(p, who, catalog.Config{Dependents: bill.Dependents, Used: sbom.UsedByOthers, Licences: licence.OfFolders, Columns: portfolio.ComponentColumns(), Filters: portfolio.ComponentFilters(), Panels: []catalog.Panel{
		bill.ComponentPanel(),
		people.ComponentPanel(who, func(c catalog.Component) (int64, string) { return c.RepositoryID, c.Root }),
		licence.ComponentPanel(lic, func(c catalog.Component) (int64, string) { return c.RepositoryID, c.Root }),
		portfolio.ComponentPanel(assets, func(c catalog.Component) int64 { return c.ID }),
	}})
	said := correction.New(p, correction.Config{Subjects: []correction.Subject{estate.Correctable(), catalog.Correctable()}, Speaks: value.Speaks})
	est = estate.New(p, estate.Config{
		Analysers:    []estate.Analyser{tech.Analyser(), who.Analyser(), cat.Analyser(), lic.Analyser(), bill.Analyser()},
		Panels:       []estate.Panel{cat.RepositoryPanel(), tech.Panel(), who.Panel(), lic.Panel(), bill.RepositoryPanel()},
		OnVisibility: []estate.VisibilityHook{search.FollowVisibility, licence.FollowVisibility, people.FollowVisibility, bill.FollowVisibility},
		OnJoin:       []estate.JoinHook{people.FollowJoin, catalog.FollowJoin, licence.FollowJoin, bill.FollowJoin},
		OnRead:       []estate.ReadHook{said.Follow},
		OnName:       []estate.NameHook{catalog.FollowName},
	})
	// In the order in which relations are shown.
	next := graph.New(p, graph.Config{Known: []relation.Known{
		estateneighbour.Of(p.DB), catalogneighbour.Of(p.DB), sbomneighbour.Of(p.DB), licenceneighbour.Of(p.DB), peopleneighbour.Of(p.DB),
	}})
	if p.Settings != nil {
		p.Settings.Follow(who.FollowSetting)
	}
	all = []mount.Capability{
		est.Mount(), said.Mount(), tech.Mount(), who.Mount(), speakers.Mount(), cat.Mount(), lic.Mount(), bill.Mount(), next.Mount(), assets.Mount(),
		compare.New(p, compare.Config{Records: listed.Of, Packages: billed.Of}).Mount(), jobs.New(p).Mount(), record.Mount(est), sheets.Mount(),
	}
	return all, est
}

// capabilitiesOf is compose for those who need no feature by itself.
func capabilitiesOf(p mount.Platform) []mount.Capability {
	all, _ := compose(p)
	return all
}

// migrations are those of the platform and of every feature.
func migrations(capabilities []mount.Capability) []store.Migrations {
	all := []store.Migrations{
		{Feature: "account", FS: account.Migrations},
		audit.Migrations(),
		{Feature: "config", FS: config.Migrations},
		{Feature: "search", FS: search.Migrations},
		job.Migrations(),
		{Feature: "view", FS: view.Migrations},
	}
	for _, c := range capabilities {
		if c.Migrations != nil {
			all = append(all, store.Migrations{Feature: c.Name, FS: c.Migrations})
		}
	}
	return all
}

// gitConfig says how repositories are read.
func gitConfig() gitrepo.Config {
	return gitrepo.Config{Scratch: os.TempDir()}
}
