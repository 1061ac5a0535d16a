package coverage

import (
	"context"
	"fmt"
	"html/template"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
	"steward/internal/platform/web/piece"
)

// mountHome fills the top of home, its first figure, and what needs attention.
func (f *reader) mountHome(s *web.Server) {
	s.Home(f.front)
	s.Figure(web.Figure{Order: 10, Needs: access.ReadEstate, Of: f.figure})
	s.Attention(f.attention)
	s.News(f.news)
	s.Working(f.working)
}

func (f *reader) front(ctx context.Context, v access.Viewer) (web.Front, error) {
	base, err := Of(ctx, f.db, v)
	if err != nil {
		return web.Front{}, err
	}
	fresh, err := f.fresh(ctx, v)
	if err != nil {
		return web.Front{}, err
	}
	front := web.Front{Title: "The estate", Fresh: fresh, Lede: template.HTML(`<a href="/coverage">` + template.HTMLEscapeString(base.String()) + `</a>.`)}
	if base.Given == 0 {
		front.Lede = "No repositories have been named yet."
		front.Start = &web.State{
			Title: "Nothing to show yet", Text: "Name a folder with git repositories or a git address. Steward reads the default branch of each, changes nothing in them, and the estate appears here while it reads.",
			Action: web.Action{Label: "Add a source", Href: "/sources/new", Main: true},
		}
		return front, nil
	}
	if v.Can(access.ManageSources) {
		front.Actions = []web.Action{{Label: "Add repositories", Href: "/sources/new", Icon: "plus", Main: true}}
	}
	if base.Waiting > 0 {
		front.Notices = []web.Notice{{
			Tone: "info", Word: "Reading", Text: fmt.Sprintf("%d repositories are still to be read. What is shown is true for the others.", base.Waiting),
			Bar: &web.Progress{What: "Repositories read", Done: base.Given - base.Waiting, Total: base.Given}, Action: follow(v),
		}}
	}
	return front, nil
}

// fresh is when a repository that the viewer may see was read last.
func (f *reader) fresh(ctx context.Context, v access.Viewer) (time.Time, error) {
	var at int64
	if err := f.db.QueryRow(ctx, `SELECT COALESCE(MAX(read_at), 0) FROM repository WHERE joined_into = 0 AND `+v.Where("visibility")).Scan(&at); err != nil {
		return time.Time{}, fmt.Errorf("look for the last reading: %w", err)
	}
	return store.FromMicros(at), nil
}

func (f *reader) figure(ctx context.Context, v access.Viewer) (web.Amount, error) {
	base, err := Of(ctx, f.db, v)
	if err != nil {
		return web.Amount{}, err
	}
	return web.Amount{Label: "Repositories", Href: "/repositories", Value: piece.Number(base.Given), Change: piece.Number(base.Read+base.Empty) + " read"}, nil
}

// attention names repositories that could not be read.
func (f *reader) attention(ctx context.Context, v access.Viewer) ([]web.Item, error) {
	base, err := Of(ctx, f.db, v)
	if err != nil || base.Failed == 0 {
		return nil, err
	}
	var name string
	err = f.db.QueryRow(ctx, `SELECT name FROM repository WHERE state = 'failed' AND vanished_at = 0 AND joined_into = 0 AND `+v.Where("visibility")+` ORDER BY name LIMIT 1`).Scan(&name)
	if err != nil {
		return nil, fmt.Errorf("name one that failed: %w", err)
	}
	reason := "such as " + name
	if base.Failed == 1 {
		reason = name
	}
	return []web.Item{{Urgency: web.Act, Count: base.Failed, Title: "Repositories that could not be read", Reason: reason, Href: "/repositories?view=failed", Step: "See the errors"}}, nil
}

// news are the repositories read last.
func (f *reader) news(ctx context.Context, v access.Viewer) ([]web.Event, error) {
	events, err := store.Collect(func(row store.Scanner) (web.Event, error) {
		var e web.Event
		var uid, state, commit string
		var at int64
		err := row.Scan(&uid, &e.Label, &state, &commit, &at)
		e.Href, e.At, e.Tone, e.Text = "/repositories/"+uid, store.FromMicros(at), "good", fmt.Sprintf("read at %.7s", commit)
		switch state {
		case "failed":
			e.Tone, e.Text = "bad", "could not be read"
		case "empty":
			e.Tone, e.Text = "", "is empty"
		}
		return e, err
	})(f.db.Query(ctx, `SELECT uid, name, state, head_commit, read_at FROM repository WHERE read_at > 0 AND joined_into = 0 AND `+v.Where("visibility")+`
		ORDER BY read_at DESC, id DESC LIMIT 6`))
	if err != nil {
		return nil, fmt.Errorf("list the last readings: %w", err)
	}
	return events, nil
}

func (f *reader) working(ctx context.Context, v access.Viewer) (web.Working, error) {
	base, err := Of(ctx, f.db, v)
	if err != nil || base.Waiting == 0 {
		return web.Working{}, err
	}
	return web.Working{Text: fmt.Sprintf("%s being read", piece.Number(base.Waiting)), Href: follow(v).Href}, nil
}

// follow leads to where reading can be followed by this viewer.
func follow(v access.Viewer) web.Action {
	if v.Can(access.ReadJobs) {
		return web.Action{Label: "Follow in Jobs", Href: "/jobs"}
	}
	return web.Action{Label: "What is waiting", Href: "/repositories?state=waiting"}
}
