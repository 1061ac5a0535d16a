package speaker

import (
	"context"
	"embed"
	"strconv"

	"steward/internal/feature/people"
	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
)

//go:embed migration
var migrations embed.FS

//go:embed page
var pages embed.FS

// Mount hands over what speakers add to the program. Retention: what is over is kept.
func (d *Desk) Mount() mount.Capability {
	return mount.Capability{Name: "speaker", Migrations: migrations, Pages: func(s *web.Server) {
		s.Templates("speaker", pages)
		s.Post("/teams/{id}/speakers", access.ManageAccounts, d.give)
		s.Post("/teams/speakers/{speaker}/take", access.ManageAccounts, d.take)
		s.Post("/teams/speakers/{speaker}/return", access.ManageAccounts, d.giveBack)
	}}
}

// view is what the panel of a team's page draws.
type view struct {
	Team     people.Team
	All      []Speaker
	Manage   bool
	Accounts []string
	Today    string
}

// Panel shows on a team's page who speaks for it, and lets administrators say so.
func (d *Desk) Panel() people.Panel {
	return people.Panel{
		ID: "speakers", Title: "Who speaks for it", Order: 40,
		Show: func(ctx context.Context, v access.Viewer, t people.Team) (string, bool) {
			all, err := d.Of(ctx, v, t.ID)
			return strconv.Itoa(len(all)), err == nil && (len(all) > 0 || v.Can(access.ManageAccounts))
		},
		Render: func(ctx context.Context, v access.Viewer, t people.Team, _ bool) (string, any, error) {
			all, err := d.Of(ctx, v, t.ID)
			if err == nil && len(all) == 0 && !v.Can(access.ManageAccounts) {
				err = fault.New(fault.NotFound, "Nobody speaks for this team yet.")
			}
			if err != nil {
				return "", nil, err
			}
			view := view{Team: t, All: all, Manage: v.Can(access.ManageAccounts), Today: d.p.Now().UTC().Format("2006-01-02")}
			if view.Manage {
				view.Accounts, err = store.Collect(func(row store.Scanner) (name string, err error) { return name, row.Scan(&name) })(
					d.p.DB.Query(ctx, `SELECT name FROM account WHERE disabled_at = 0 AND role IN ('admin', 'member') ORDER BY name LIMIT 500`))
			}
			return "speaker/panel", view, err
		},
	}
}

func (d *Desk) give(r *web.Request) (web.Done, error) {
	in, team := r.PostForm, r.PathValue("id")
	uid, err := d.Give(r.Context(), r.Viewer, team, in.Get("account"), in.Get("kind"), in.Get("until"))
	if kind, ok := fault.KindOf(err); ok && kind == fault.Invalid {
		return web.Done{To: "/teams/" + team, Toast: web.Toast{Text: "Not saved. " + fault.Sentence(err)}}, nil
	}
	if err != nil {
		return web.Done{}, err
	}
	return web.Done{To: "/teams/" + team, Toast: web.Toast{Text: in.Get("account") + " speaks for the team now.", Undo: "/teams/speakers/" + uid + "/take"}}, nil
}

func (d *Desk) take(r *web.Request) (web.Done, error) {
	team, err := d.Take(r.Context(), r.Viewer, r.PathValue("speaker"))
	if err != nil {
		return web.Done{}, err
	}
	return web.Done{To: "/teams/" + team, Toast: web.Toast{Text: "It is taken back.", Undo: "/teams/speakers/" + r.PathValue("speaker") + "/return"}}, nil
}

func (d *Desk) giveBack(r *web.Request) (web.Done, error) {
	team, err := d.Return(r.Context(), r.Viewer, r.PathValue("speaker"))
	if err != nil {
		return web.Done{}, err
	}
	return web.Done{To: "/teams/" + team, Toast: web.Toast{Text: "It is as it was before."}}, nil
}
