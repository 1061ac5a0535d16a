package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html/template"
	"slices"

	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/web/hook"
	"steward/internal/platform/web/piece"
)

// Panel is a part of a record's page that a feature brings by hook: a short
// form on the overview and, under an address of its own, the long form.
type Panel[T any] struct {
	ID    string // last part of its address: "packages"
	Title string
	Order int
	API   string // last part of the address of the same for programs, below the record's own; "" is the record's
	// Show says whether the record has something for this panel, and the count on its tab.
	Show func(ctx context.Context, v access.Viewer, record T) (badge string, ok bool)
	// Render gives the template and its data; long asks for everything, else at most six rows.
	Render func(ctx context.Context, v access.Viewer, record T, long bool) (template string, data any, err error)
	// Page draws the long form where the address says more than the record, such as a filter or a
	// place in a list. It fills in Template, Data, Export and API. Nil: Render draws it.
	Page func(r *Request, record T) (Page, error)
}

// WithPanels completes the page of a record whose overview lies at base: a tab for each panel that has something to show
// and, where the address names a panel, its long form. Else overview completes it: it is given the short forms of
// the panels, in their order. Each panel is asked once, side by side with the others, and for so long as a page waits for
// its hooks; one that is slow, fails or panics keeps its tab and says so in its own place.
func WithPanels[T any](s *Server, r *Request, page Page, panels []Panel[T], record T, base string, overview func(Page, []DrawnPanel) (Page, error)) (Page, error) {
	current := r.PathValue("panel")
	asked := askPanels(s, r, ordered(panels), record, current == "")
	page.Tabs = []Tab{{Label: "Overview", Href: base, Current: current == ""}}
	var long Panel[T]
	var short []DrawnPanel
	for _, a := range asked {
		if a.ID == current {
			long = a.Panel
		} else if !a.shown {
			continue
		}
		page.Tabs = append(page.Tabs, Tab{Label: a.Title, Href: base + "/" + a.ID, Count: a.badge, Current: a.ID == current})
		short = append(short, DrawnPanel{ID: a.ID, Title: a.Title, Badge: a.badge, More: base + "/" + a.ID, Content: a.content, Failed: a.failed})
	}
	if len(page.Tabs) == 1 {
		page.Tabs = nil // there is nothing else to go to
	}
	switch {
	case current == "":
		return overview(page, short)
	case long.ID == "":
		return page, fault.New(fault.NotFound, "It has no panel of that name.")
	case long.Page != nil:
		own, err := long.Page(r, record)
		page.Template, page.Data, page.Export, page.API = own.Template, own.Data, own.Export, own.API
		return page, err
	}
	if long.API != "" {
		page.API += "/" + long.API
	}
	content, err := DrawPanel(r.Context(), s, r.Viewer, long, record, true)
	page.Template, page.Data = "panel.tmpl", DrawnPanel{ID: long.ID, Title: long.Title, Content: content}
	return page, err
}

// askedPanel is what a panel answered.
type askedPanel[T any] struct {
	Panel[T]
	shown   bool
	badge   string
	content template.HTML // the short form, where it was asked for
	failed  string        // why there is none, in words
}

// askPanels asks all panels whether they have something to show, and with draw for their short forms.
func askPanels[T any](s *Server, r *Request, panels []Panel[T], record T, draw bool) []askedPanel[T] {
	type tab struct {
		badge string
		shown bool
	}
	g := hook.NewGroup(r.Context())
	tabs, contents := make([]*hook.Answer[tab], len(panels)), make([]*hook.Answer[template.HTML], len(panels))
	for i, p := range panels {
		shown := make(chan bool, 1) // closed without a value when Show panics
		tabs[i] = hook.Ask(g, func(ctx context.Context) (t tab, err error) {
			defer close(shown)
			t.badge, t.shown = p.Show(ctx, r.Viewer, record)
			shown <- t.shown
			return t, nil
		})
		if draw {
			contents[i] = hook.Ask(g, func(ctx context.Context) (template.HTML, error) {
				if !<-shown {
					return "", nil
				}
				return DrawPanel(ctx, s, r.Viewer, p, record, false)
			})
		}
	}
	g.Wait()
	out := make([]askedPanel[T], len(panels))
	for i, p := range panels {
		t, err := tabs[i].Take()
		out[i] = askedPanel[T]{Panel: p, shown: t.shown || err != nil, badge: t.badge}
		if draw && err == nil {
			out[i].content, err = contents[i].Take()
		}
		switch {
		case errors.Is(err, hook.ErrLate) || errors.Is(err, context.DeadlineExceeded):
			s.late(r.Context(), "panel "+p.ID, err)
			out[i].failed = "It takes longer than usual. Its own page waits for it."
		case err != nil:
			out[i].failed = s.report(r.Context(), fmt.Errorf("panel %s: %w", p.ID, err))
		}
	}
	return out
}

// ordered are panels in the order in which they are shown.
func ordered[T any](panels []Panel[T]) []Panel[T] {
	panels = slices.Clone(panels)
	slices.SortStableFunc(panels, func(a, b Panel[T]) int { return cmp.Compare(a.Order, b.Order) })
	return panels
}

// DrawnPanel is a panel as a record's template shows it: {{panel .}}.
type DrawnPanel = piece.Panel

// DrawPanel draws one panel. A panic in it is an error.
func DrawPanel[T any](ctx context.Context, s *Server, v access.Viewer, p Panel[T], record T, long bool) (content template.HTML, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panel %s: %v", p.ID, cause)
		}
	}()
	name, data, err := p.Render(ctx, v, record, long)
	if err != nil {
		return "", err
	}
	return s.draw(name, data)
}

// report logs an error under an id and returns the sentence that names the id.
func (s *Server) report(ctx context.Context, err error) string {
	id := newErrorID()
	s.config.Logger.ErrorContext(ctx, "page part failed", "id", id, "error", err.Error())
	return "This part failed; the rest of the page is right. If you report it, name " + id + "."
}
