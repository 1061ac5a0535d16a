package people

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"steward/internal/platform/access"
	"steward/internal/platform/config"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
)

// homeMonths is how many months home shows.
const homeMonths = 24

// commitMonths is the picture of home: commits of the whole estate.
func (f *Feature) commitMonths(ctx context.Context, v access.Viewer) (any, error) {
	now := f.p.Now()
	from := now.AddDate(0, -homeMonths, 0)
	months, err := store.Collect(func(row store.Scanner) (Month, error) {
		var m Month
		err := row.Scan(&m.Month, &m.Commits)
		return m, err
	})(f.db.Query(ctx, `SELECT m.month, CAST(SUM(m.commits) AS bigint) FROM commit_month m JOIN repository r ON r.id = m.repository_id
		WHERE m.month >= $1 AND r.joined_into = 0 AND `+v.Where("r.visibility")+` GROUP BY m.month ORDER BY m.month`, from.Year()*100+int(from.Month())))
	if err != nil {
		return nil, fmt.Errorf("sum commits by month: %w", err)
	}
	return chart(months, now, homeMonths), nil
}

func (f *Feature) teamFigure(ctx context.Context, v access.Viewer) (web.Amount, error) {
	count, err := f.countTeams(ctx, v)
	return web.Amount{Label: "Teams", Href: "/teams", Value: strconv.FormatInt(count.N, 10), Change: "named in owner files"}, err
}

func (f *Feature) countTeams(ctx context.Context, v access.Viewer) (web.Count, error) {
	var n int64
	err := f.db.QueryRow(ctx, `SELECT COUNT(*) FROM team t WHERE `+teamNamed(v)).Scan(&n)
	return web.Count{N: n}, err
}

func (f *Feature) countPeople(ctx context.Context, v access.Viewer) (web.Count, error) {
	s, err := f.sight(ctx, v)
	if err != nil {
		return web.Count{}, err
	}
	var n int64
	err = f.db.QueryRow(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM `+s.from()+` LIMIT 1001) some`).Scan(&n)
	return web.Count{N: min(n, 1000), More: n > 1000}, err
}

// find answers the search field with persons; they have no search documents,
// because how they are shown can change at any moment.
func (f *Feature) find(ctx context.Context, v access.Viewer, typed, kind string, limit int) (web.Found, error) {
	words := strings.Fields(strings.ToLower(strings.TrimPrefix(typed, "@")))
	if len(words) == 0 || len(words) > 8 || kind != "" && kind != "person" || !v.Can(access.ReadEstate) {
		return web.Found{}, nil
	}
	s, err := f.sight(ctx, v)
	if err != nil || s.mode == off {
		return web.Found{}, err
	}
	var args []any
	var where []string
	for _, w := range words {
		args = append(args, "%"+strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(w)+"%")
		where = append(where, fmt.Sprintf(`lower(s.name) LIKE $%d ESCAPE '\'`, len(args)))
	}
	args = append(args, limit+1)
	people, err := store.Collect(scanShown)(f.db.Query(ctx, `SELECT `+shownColumns+` FROM `+s.from()+` WHERE `+strings.Join(where, " AND ")+
		fmt.Sprintf(` ORDER BY s.name, s.id LIMIT $%d`, len(args)), args...))
	if err != nil {
		return web.Found{}, fmt.Errorf("find people: %w", err)
	}
	found := web.Found{Total: web.Count{N: int64(min(len(people), limit)), More: len(people) > limit}}
	for _, p := range people[:min(len(people), limit)] {
		found.Hits = append(found.Hits, web.Hit{Kind: "person", Icon: "person", Title: p.Name, Href: "/people/" + p.UID, Meta: p.Team})
	}
	if found.Total.N > 0 {
		found.Kinds = []web.HitKind{{Key: "person", Label: "People", Count: found.Total}}
	}
	return found, nil
}

// peopleNotices say how people are shown, and when kinds are out of date.
func (f *Feature) peopleNotices(r *web.Request) ([]web.Notice, error) {
	s, err := f.sight(r.Context(), r.Viewer)
	if err != nil {
		return nil, err
	}
	var notices []web.Notice
	switch s.mode {
	case off:
		notices = append(notices, web.Notice{Tone: "info", Word: "Off", Text: "The firm shows no people. An administrator can change it: steward config set people.mode."})
	case team:
		notices = append(notices, web.Notice{Tone: "info", Word: "Owner files", Text: "Only people whom owner files name are shown, by the name that the file has."})
	}
	values, err := f.p.Settings.Values(r.Context())
	if err != nil {
		return notices, err
	}
	if s.mode != off && len(values.Domains) == 0 {
		n := web.Notice{Tone: "info", Word: "Not known", Text: "Who is ours and who is outside the firm cannot be told while no e-mail domain of the firm is set."}
		if r.Viewer.Can(access.ManageSettings) {
			n.Action = web.Action{Label: "Set the domains", Href: "/settings"}
		}
		notices = append(notices, n)
	}
	stored, err := storedDomains(r.Context(), f.db)
	if err == nil && s.mode != off && !slices.Equal(stored, values.Domains) && r.Viewer.Can(access.RunJobs) {
		notices = append(notices, web.Notice{
			Tone: "warn", Word: "Out of date", Text: "The domains of the firm have changed since it was worked out who is ours.",
			Action: web.Action{Label: "Work it out again", Href: "/people/join", Post: true},
		})
	}
	return notices, err
}

// shown reports whether the firm shows people now, in whichever way.
func (f *Feature) shown(ctx context.Context) bool {
	values, err := f.p.Settings.Values(ctx)
	return err == nil && values.People != config.PeopleOff
}
