package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html/template"
	"slices"
	"sync"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/web/piece"
)

// panelTime is how long a panel may take on an overview; a slower one says so
// and leaves its neighbours alone.
const panelTime = 200 * time.Millisecond

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

// WithPanels completes the page of a record whose overview lies at base: a tab for each panel that has
// something to show and, where the address names a panel, its long form instead of the overview.
func WithPanels[T any](s *Server, r *Request, page Page, panels []Panel[T], record T, base string) (Page, error) {
	current := r.PathValue("panel")
	page.Tabs = []Tab{{Label: "Overview", Href: base, Current: current == ""}}
	var long Panel[T]
	for _, p := range ordered(panels) {
		badge, ok := p.Show(r.Context(), r.Viewer, record)
		if p.ID == current {
			long = p
		} else if !ok {
			continue
		}
		page.Tabs = append(page.Tabs, Tab{Label: p.Title, Href: base + "/" + p.ID, Count: badge, Current: p.ID == current})
	}
	switch {
	case current == "":
		return page, nil
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

// ordered are panels in the order in which they are shown.
func ordered[T any](panels []Panel[T]) []Panel[T] {
	panels = slices.Clone(panels)
	slices.SortStableFunc(panels, func(a, b Panel[T]) int { return cmp.Compare(a.Order, b.Order) })
	return panels
}

// DrawnPanel is a panel as a record's template shows it: {{panel .}}.
type DrawnPanel = piece.Panel

// DrawPanels draws the short forms of those panels that have something to
// show, side by side, in their order. The long forms lie under base; "" is none.
func DrawPanels[T any](ctx context.Context, s *Server, v access.Viewer, panels []Panel[T], record T, base string) []DrawnPanel {
	panels = ordered(panels)
	drawn := make([]DrawnPanel, len(panels))
	var wait sync.WaitGroup
	for i, p := range panels {
		wait.Go(func() {
			badge, ok := p.Show(ctx, v, record)
			if !ok {
				return
			}
			drawn[i] = DrawnPanel{ID: p.ID, Title: p.Title, Badge: badge}
			if base != "" {
				drawn[i].More = base + "/" + p.ID
			}
			drawn[i].Content, drawn[i].Failed = drawWithin(ctx, s, v, p, record)
		})
	}
	wait.Wait()
	return slices.DeleteFunc(drawn, func(d DrawnPanel) bool { return d.ID == "" })
}

func drawWithin[T any](ctx context.Context, s *Server, v access.Viewer, p Panel[T], record T) (content template.HTML, failed string) {
	ctx, cancel := context.WithTimeout(ctx, panelTime)
	defer cancel()
	content, err := DrawPanel(ctx, s, v, p, record, false)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "", "It takes longer than usual. Its own page waits for it."
	case err != nil:
		return "", s.report(ctx, fmt.Errorf("panel %s: %w", p.ID, err))
	}
	return content, ""
}

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
