package web

import (
	"cmp"
	"context"
	"fmt"
	"html/template"
	"slices"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/web/hook"
)

// home holds the hooks from which the first page is drawn.
type home struct {
	front    func(context.Context, access.Viewer) (Front, error)
	figures  []Figure
	items    []func(context.Context, access.Viewer) ([]Item, error)
	pictures []Picture
	news     []func(context.Context, access.Viewer) ([]Event, error)
}

// Front is what stands at the top of home.
type Front struct {
	Title   string    // "The estate"
	Lede    any       // freshness in a sentence: a string, or template.HTML made by pieces
	Fresh   time.Time // when the newest of the estate was read; zero before the first
	Actions []Action
	Notices []Notice // such as what is being read now
	Start   *State   // instead of everything else while there is nothing at all
}

// Home sets what stands at the top of home.
func (s *Server) Home(h func(context.Context, access.Viewer) (Front, error)) { s.home.front = h }

// Figure is one figure of home's ledger line. An Amount without a label is left out.
type Figure struct {
	Order int
	Needs access.Action
	Of    func(context.Context, access.Viewer) (Amount, error)
}

// Figure adds a figure; six are shown.
func (s *Server) Figure(f Figure) { s.home.figures = append(s.home.figures, f) }

// Urgency says how soon something wants to be looked at.
type Urgency int

// The urgencies, most urgent first.
const (
	Act    Urgency = iota + 1 // wrong or dangerous now
	Look                      // probably wrong
	Settle                    // needs a decision
	Know                      // good to know
)

// Word is the urgency's word, Tone its tone.
func (u Urgency) Word() string {
	return [...]string{"Know", "Act", "Look", "Settle", "Know"}[u.valid()]
}

// Tone is the tone in which the urgency is drawn.
func (u Urgency) Tone() string { return [...]string{"none", "bad", "warn", "info", "none"}[u.valid()] }

func (u Urgency) valid() Urgency {
	if u < Act || u > Know {
		return 0
	}
	return u
}

// Item is one row of "Needs attention": a kind of thing with the number of records that have it.
type Item struct {
	Urgency Urgency
	Count   int64
	Title   string // "Components without an owner"
	Reason  string // "no CODEOWNERS, no catalogue entry"
	Href    string // the list of them
	Whose   string // "7 teams"
	Change  string // in 30 days: "−11"
	Step    string // next step in two words: "Suggest owners"
	StepTo  string // its address, "" is Href
}

// Attention adds a source of rows; the five most urgent of all are shown. Rows with a Count of 0 are left out.
func (s *Server) Attention(h func(context.Context, access.Viewer) ([]Item, error)) {
	s.home.items = append(s.home.items, h)
}

// Picture is one panel of home with a chart or a short list.
type Picture struct {
	Order    int
	Title    string
	Note     string // beside the title
	More     Action // "All 9,642"; zero for none
	Side     bool   // in the narrow column
	Wide     bool   // over the whole width of the wide column
	Needs    access.Action
	Template string // "feature/name", drawn with what Of returns
	Of       func(context.Context, access.Viewer) (any, error)
}

// Picture adds a panel to home.
func (s *Server) Picture(p Picture) { s.home.pictures = append(s.home.pictures, p) }

// News adds a source of lines to "What changed"; the newest six of all are shown.
func (s *Server) News(h func(context.Context, access.Viewer) ([]Event, error)) {
	s.home.news = append(s.home.news, h)
}

// Working is work in progress, shown in the bar on top: "9 being read", leading to Jobs.
type Working struct{ Text, Href string }

// Working adds a source of work in progress; an empty Text shows nothing.
func (s *Server) Working(h func(context.Context, access.Viewer) (Working, error)) {
	s.working = append(s.working, h)
}

const (
	homeFigures = 6
	homeItems   = 5
	homeNews    = 6
)

// homeView is what template/home.tmpl shows.
type homeView struct {
	Front      Front
	Figures    []Amount
	Items      []Item
	Kinds      int // of items in all
	Records    int64
	Main, Side []panelView
	News       []Event
	Late       []string // what could not be shown in time, in words
	Unasked    bool     // a source of items was late, so none does not mean nothing
	Owned      bool     // an item says whose it is
	Moved      bool     // an item says how it changed
}

type panelView struct {
	ID, Title, Note string
	More            Action
	Content         template.HTML
	Failed, Wide    bool
	data            any
}

// homePage draws home.
func (s *Server) homePage(r *Request) (Page, error) {
	view := s.homeOf(r.Context(), r.Viewer)
	return Page{Title: view.Front.Title, Lede: view.Front.Lede, Fresh: view.Front.Fresh, Actions: view.Front.Actions, Template: "home.tmpl", Data: view, API: "/api/v1/home"}, nil
}

// homeOf asks all hooks of home. Each has 200 ms; what is late or fails is named and the rest is shown.
func (s *Server) homeOf(ctx context.Context, v access.Viewer) homeView {
	view := homeView{Front: Front{Title: "Home"}}
	pictures := slices.Clone(s.home.pictures)
	pictures = slices.DeleteFunc(pictures, func(p Picture) bool { return p.Needs != "" && !v.Can(p.Needs) })
	slices.SortStableFunc(pictures, func(a, b Picture) int { return cmp.Compare(a.Order, b.Order) })
	figures := slices.DeleteFunc(slices.Clone(s.home.figures), func(f Figure) bool { return f.Needs != "" && !v.Can(f.Needs) })
	slices.SortStableFunc(figures, func(a, b Figure) int { return cmp.Compare(a.Order, b.Order) })

	g := hook.NewGroup(ctx)
	var front *hook.Answer[Front]
	if s.home.front != nil {
		front = hook.Ask(g, func(ctx context.Context) (Front, error) { return s.home.front(ctx, v) })
	}
	amounts := make([]*hook.Answer[Amount], len(figures))
	for i, f := range figures {
		amounts[i] = hook.Ask(g, func(ctx context.Context) (Amount, error) { return f.Of(ctx, v) })
	}
	panels := make([]*hook.Answer[any], len(pictures))
	for i, p := range pictures {
		panels[i] = hook.Ask(g, func(ctx context.Context) (any, error) { return p.Of(ctx, v) })
	}
	items := askAll(g, v, s.home.items)
	news := askAll(g, v, s.home.news)
	g.Wait()

	s.takeFront(ctx, front, &view)
	for _, w := range amounts {
		amount, err := w.Take()
		switch {
		case err != nil:
			s.late(ctx, "a figure of home", err)
			view.late("a figure")
		case amount.Label != "" && len(view.Figures) < homeFigures:
			view.Figures = append(view.Figures, amount)
		}
	}
	s.takeItems(ctx, items, &view)
	for _, w := range news {
		events, err := w.Take()
		if err != nil {
			s.late(ctx, "what changed", err)
			view.late("some of what changed")
		}
		view.News = append(view.News, events...)
	}
	slices.SortStableFunc(view.News, func(a, b Event) int { return b.At.Compare(a.At) })
	view.News = view.News[:min(len(view.News), homeNews)]
	for i, w := range panels {
		data, err := w.Take()
		panel := s.panel(ctx, i, pictures[i], data, err)
		if pictures[i].Side {
			view.Side = append(view.Side, panel)
		} else {
			view.Main = append(view.Main, panel)
		}
	}
	return view
}

// late notes once what could not be shown in time, however many parts of it were late.
func (v *homeView) late(what string) {
	if !slices.Contains(v.Late, what) {
		v.Late = append(v.Late, what)
	}
}

func (s *Server) takeFront(ctx context.Context, w *hook.Answer[Front], view *homeView) {
	if w == nil {
		return
	}
	front, err := w.Take()
	if err != nil {
		s.late(ctx, "the top of home", err)
		view.late("how fresh this is")
		return
	}
	view.Front = front
}

func (s *Server) takeItems(ctx context.Context, items []*hook.Answer[[]Item], view *homeView) {
	for _, w := range items {
		rows, err := w.Take()
		if err != nil {
			s.late(ctx, "what needs attention", err)
			view.late("some of what needs attention")
			view.Unasked = true
		}
		for _, row := range rows {
			if row.Count > 0 {
				if row.StepTo == "" {
					row.StepTo = row.Href
				}
				view.Items, view.Records = append(view.Items, row), view.Records+row.Count
			}
		}
	}
	slices.SortStableFunc(view.Items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.Urgency.order(), b.Urgency.order()), cmp.Compare(b.Count, a.Count))
	})
	view.Kinds = len(view.Items)
	view.Items = view.Items[:min(len(view.Items), homeItems)]
	for _, item := range view.Items {
		view.Owned, view.Moved = view.Owned || item.Whose != "", view.Moved || item.Change != ""
	}
}

// order puts an urgency that is none of ours last.
func (u Urgency) order() int {
	if u.valid() == 0 {
		return int(Know)
	}
	return int(u)
}

func (s *Server) panel(ctx context.Context, i int, p Picture, data any, err error) panelView {
	out := panelView{ID: fmt.Sprintf("picture-%d", i), Title: p.Title, Note: p.Note, More: p.More, Wide: p.Wide, data: data}
	if err == nil {
		out.Content, err = s.draw(p.Template, data)
	}
	if err != nil {
		s.late(ctx, "panel "+p.Title, err)
		out.Failed = true
	}
	return out
}

// late notes a hook that failed or took too long.
func (s *Server) late(ctx context.Context, what string, err error) {
	s.config.Logger.WarnContext(ctx, "part of a page is missing", "what", what, "error", err)
}

func (s *Server) workingNow(r *Request) []Working {
	g := hook.NewGroup(r.Context())
	var out []Working
	hooks := make([]*hook.Answer[Working], len(s.working))
	for i, h := range s.working {
		hooks[i] = hook.Ask(g, func(ctx context.Context) (Working, error) { return h(ctx, r.Viewer) })
	}
	g.Wait()
	for _, w := range hooks {
		if work, err := w.Take(); err == nil && work.Text != "" {
			out = append(out, work)
		}
	}
	return out
}

func askAll[T any](g *hook.Group, v access.Viewer, hooks []func(context.Context, access.Viewer) ([]T, error)) []*hook.Answer[[]T] {
	out := make([]*hook.Answer[[]T], len(hooks))
	for i, h := range hooks {
		out[i] = hook.Ask(g, func(ctx context.Context) ([]T, error) { return h(ctx, v) })
	}
	return out
}
