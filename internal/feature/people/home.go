package people

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"steward/internal/platform/access"
	"steward/internal/platform/config"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
	"steward/internal/platform/web/piece"
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

// peopleFigure counts whom the firm shows; it is none where it shows nobody.
func (f *Feature) peopleFigure(ctx context.Context, v access.Viewer) (web.Amount, error) {
	s, err := f.sight(ctx, v)
	if err != nil || s.mode == off {
		return web.Amount{}, err
	}
	count, err := f.countPeople(ctx, v)
	amount := web.Amount{Label: "People", Href: "/people", Value: piece.Number(count.N), Change: "who made changes"}
	if count.More {
		amount.Value += "+"
	}
	if s.mode == team {
		amount.Change = "named in owner files"
	}
	return amount, err
}

func (f *Feature) teamFigure(ctx context.Context, v access.Viewer) (web.Amount, error) {
	count, err := f.countTeams(ctx, v)
	return web.Amount{Label: "Teams", Href: "/teams", Value: piece.Number(count.N), Change: "named in owner files"}, err
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
	err = f.db.QueryRow(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM `+s.from()+` LIMIT 1001) shown`).Scan(&n)
	return web.Count{N: min(n, 1000), More: n > 1000}, err
}

// Find answers a query with persons; they have no search documents, because how they are shown can
// change at any moment.
func (f *Feature) Find(ctx context.Context, v access.Viewer, q search.Query) (search.Results, error) {
	found := search.Results{Hits: []search.Hit{}, Kinds: map[string]int{}}
	words := strings.Fields(strings.ToLower(strings.TrimPrefix(q.Text, "@")))
	if len(words) == 0 || len(words) > 8 || len(q.Kinds) > 0 && !slices.Contains(q.Kinds, "person") || !v.Can(access.ReadEstate) {
		return found, nil
	}
	s, err := f.sight(ctx, v)
	if err != nil || s.mode == off {
		return found, err
	}
	var args []any
	var where []string
	for _, w := range words {
		args = append(args, "%"+strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(w)+"%")
		where = append(where, fmt.Sprintf(`lower(s.name) LIKE $%d ESCAPE '\'`, len(args)))
	}
	args = append(args, q.Limit+1)
	people, err := store.Collect(scanShown)(f.db.Query(ctx, `SELECT `+shownColumns+` FROM `+s.from()+` WHERE `+strings.Join(where, " AND ")+
		fmt.Sprintf(` ORDER BY s.name, s.id LIMIT $%d`, len(args)), args...))
	if err != nil {
		return found, fmt.Errorf("find people: %w", err)
	}
	found.Capped = len(people) > q.Limit
	for _, p := range people[:min(len(people), q.Limit)] {
		found.Hits = append(found.Hits, search.Hit{Kind: "person", ID: p.UID, URL: "/people/" + p.UID, Title: p.Name, Body: p.Team})
	}
	if len(found.Hits) > 0 {
		found.Kinds["person"] = len(found.Hits)
	}
	return found, nil
}

// finder answers the search field.
func (f *Feature) finder(ctx context.Context, v access.Viewer, typed, kind string, limit int) (web.Found, error) {
	q := search.Query{Text: typed, Limit: limit}
	if kind != "" {
		q.Kinds = []string{kind}
	}
	people, err := f.Find(ctx, v, q)
	if err != nil || len(people.Hits) == 0 {
		return web.Found{}, err
	}
	found := web.Found{Total: web.Count{N: int64(len(people.Hits)), More: people.Capped}}
	for _, p := range people.Hits {
		found.Hits = append(found.Hits, web.Hit{Kind: p.Kind, Icon: "person", Title: p.Title, Href: p.URL, Meta: p.Body})
	}
	found.Kinds = []web.HitKind{{Key: "person", Label: "People", Count: found.Total}}
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
