package estate

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"steward/internal/feature/estate/lineage"
	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
)

// repository is the page of one repository.
type repository struct {
	Repository Repository
	Notices    []web.Notice
	About      []web.Fact
	Panels     []web.DrawnPanel
	Locations  []Location
	Templates  []lineage.Birth
	Children   []lineage.Birth
	Relatives  []Repository
	Joined     []Repository
	Actions    []web.Action
	Manage     bool
}

func (f *Feature) repositoryPage(r *web.Request) (web.Page, error) {
	one, err := f.RepositoryByUID(r.Context(), r.Viewer, r.PathValue("id"))
	if err != nil {
		return web.Page{}, err
	}
	facts, err := f.Facts(r.Context(), r.Viewer, one)
	if err != nil {
		return web.Page{}, err
	}
	page := web.Page{
		Title: one.Name, Lede: one.Description, Badges: badges(one), About: about(one, facts),
		Crumbs: []web.Crumb{{Label: "Estate"}, {Label: "Repositories", Href: "/repositories"}},
		API:    "/api/v1/repositories/" + one.UID, Actions: []web.Action{{Label: "Graph", Icon: "graph", Href: "/graph?of=repository:" + one.UID}},
	}
	if r.Viewer.Can(access.RunJobs) && one.Vanished.IsZero() {
		page.Actions = append(page.Actions, web.Action{Label: "Read again", Href: "/repositories/" + one.UID + "/read", Icon: "job", Post: true})
	}
	return web.WithPanels(f.server, r, page, f.allPanels(), one, "/repositories/"+one.UID, func(page web.Page, panels []web.DrawnPanel) (web.Page, error) {
		return f.overview(r, page, one, panels)
	})
}

// overview is the short forms of the panels, and what only the overview shows.
func (f *Feature) overview(r *web.Request, page web.Page, one Repository, panels []web.DrawnPanel) (web.Page, error) {
	data := repository{Repository: one, Panels: panels, Manage: r.Viewer.Can(access.ManageSources), About: page.About}
	var err error
	if data.Locations, err = f.Locations(r.Context(), r.Viewer, one.ID); err != nil {
		return web.Page{}, err
	}
	if data.Templates, err = f.Templates(r.Context(), r.Viewer, one); err != nil {
		return web.Page{}, err
	}
	if data.Children, err = f.Children(r.Context(), r.Viewer, one); err != nil {
		return web.Page{}, err
	}
	if data.Relatives, err = f.Relatives(r.Context(), r.Viewer, one); err != nil {
		return web.Page{}, err
	}
	if data.Joined, err = f.Joined(r.Context(), r.Viewer, one); err != nil {
		return web.Page{}, err
	}
	data.Notices = notices(one, data.Locations)
	page.Template, page.Data, page.About = "estate/repository", data, nil
	return page, nil
}

func badges(r Repository) []web.Badge {
	all := []web.Badge{{Tone: "", Word: "repository"}}
	if r.Visibility == access.Restricted {
		all = append(all, web.Badge{Tone: "warn", Word: "restricted"})
	}
	if !r.Vanished.IsZero() {
		all = append(all, web.Badge{Tone: "warn", Word: "vanished"})
	}
	return all
}

// notices says what is special about the state of what is shown.
func notices(r Repository, places []Location) []web.Notice {
	var all []web.Notice
	switch {
	case r.State == "failed" && r.CurrentScanID > 0:
		all = append(all, web.Notice{Tone: "bad", Word: "Not read", Text: r.Error + " What is shown is from the last good reading."})
	case r.State == "failed":
		all = append(all, web.Notice{Tone: "bad", Word: "Not read", Text: r.Error})
	case r.State == "waiting":
		all = append(all, web.Notice{Tone: "info", Word: "Waiting", Text: "It has been found and is going to be read.", Action: web.Action{Label: "Follow in Jobs", Href: "/jobs"}})
	case r.State == "empty":
		all = append(all, web.Notice{Tone: "info", Word: "Empty", Text: "It has no commit yet."})
	}
	named := slices.ContainsFunc(places, func(l Location) bool { return l.Named })
	switch {
	case r.Vanished.IsZero():
	case !named:
		all = append(all, web.Notice{Tone: "warn", Word: "Gone", Text: "The sources that named it were removed. What is shown was read before; it is back when one of them is added again."})
	default:
		all = append(all, web.Notice{Tone: "warn", Word: "Vanished", Text: "No copy of it is left at the places that were given. What is shown was read before."})
	}
	if !r.Rewritten.IsZero() {
		all = append(all, web.Notice{Tone: "warn", Word: "Rewritten", Text: "The history that had been read before is no longer part of the branch: it was rewritten, and read anew."})
	}
	if r.Shallow {
		all = append(all, web.Notice{Tone: "warn", Word: "Partial", Text: "It is a shallow copy: figures of its history count only what is in it."})
	}
	return all
}

// aboutNames are the facts that people ask for first.
var aboutNames = []string{"language.main", "licence", "history.commits", "history.first", "history.last", "size.files", "size.bytes", "release.last"}

// about is the right column: the winners of the facts that people ask for first.
func about(r Repository, facts []StoredFact) []web.Fact {
	winners := map[string]StoredFact{}
	for _, one := range facts {
		if one.Wins {
			winners[one.Name] = one
		}
	}
	all := []web.Fact{{Label: "Branch", Value: r.DefaultBranch, Source: web.Measured, From: "HEAD", At: r.Read}}
	for _, name := range aboutNames {
		one, ok := winners[name]
		if !ok {
			continue
		}
		all = append(all, web.Fact{Label: one.Label(), Value: one.Text(), Source: one.Mark(), From: one.Origin(), Where: "/repositories/" + r.UID + "/why/" + name, At: one.Observed})
	}
	return all
}

// done leads to a page with a toast; undo may be empty.
func done(to, text, undo string) (web.Done, error) {
	return web.Done{To: to, Toast: web.Toast{Text: text, Undo: undo}}, nil
}

func (f *Feature) readAgain(r *web.Request) (web.Done, error) {
	one, err := f.RepositoryByUID(r.Context(), r.Viewer, r.PathValue("id"))
	if err != nil {
		return web.Done{}, err
	}
	if err := f.ReadAgain(r.Context(), r.Viewer, one); err != nil {
		return web.Done{}, err
	}
	return done("/repositories/"+one.UID, one.Name+" is going to be read again.", "")
}

// ReadAgain forgets what analysers have seen of a repository and enqueues its reading; one that
// runs already is followed by another. Error: fault.Conflict when there is nothing to read it from.
func (f *Feature) ReadAgain(ctx context.Context, v access.Viewer, one Repository) error {
	if err := v.Require(access.RunJobs); err != nil {
		return err
	}
	if !one.Vanished.IsZero() {
		return errGone
	}
	return f.db.Tx(ctx, func(tx *store.Tx) error {
		for _, table := range []string{"analyser_run", "analyser_state"} {
			if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE repository_id = $1`, one.ID); err != nil {
				return fmt.Errorf("forget the readings of %s: %w", one.UID, err)
			}
		}
		if err := audit.Append(ctx, tx, v, f.p.Now(), "repository.read", "repository", one.UID, nil); err != nil {
			return err
		}
		return f.p.Queue.Enqueue(ctx, tx, readJob, strconv.FormatInt(one.ID, 10), readArgs{Repository: one.ID, Again: true})
	})
}

func (f *Feature) join(r *web.Request) (web.Done, error) {
	into, from := r.PathValue("id"), r.PostForm.Get("other")
	if err := f.Join(r.Context(), r.Viewer, into, from); err != nil {
		return web.Done{}, err
	}
	return done("/repositories/"+into, "The two repositories are one now.", "/repositories/"+from+"/split")
}

func (f *Feature) split(r *web.Request) (web.Done, error) {
	uid := r.PathValue("id")
	if err := f.Split(r.Context(), r.Viewer, uid); err != nil {
		return web.Done{}, err
	}
	return done("/repositories/"+uid, "The repository is on its own again.", "")
}

func (f *Feature) visibility(r *web.Request) (web.Done, error) {
	uid, to := r.PathValue("id"), r.PostForm.Get("visibility")
	if err := f.SetVisibility(r.Context(), r.Viewer, uid, to); err != nil {
		return web.Done{}, err
	}
	return done("/repositories/"+uid, "The repository is "+to+" now.", "")
}
