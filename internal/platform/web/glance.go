package web

import (
	"context"
	"slices"

	"steward/internal/platform/access"
	"steward/internal/platform/web/glance"
)

// Glance reads home for a viewer.
func (s *Server) Glance(ctx context.Context, v access.Viewer) glance.Home {
	view := s.homeOf(ctx, v)
	out := glance.Home{Figures: []glance.Figure{}, Attention: []glance.Item{}, Pictures: []glance.Picture{}, News: []glance.Event{}, Late: append([]string{}, view.Late...), Kinds: view.Kinds, Records: view.Records}
	for _, f := range view.Figures {
		out.Figures = append(out.Figures, glance.Figure{Label: f.Label, Value: f.Value, Note: f.Change, Page: f.Href})
	}
	for _, i := range view.Items {
		out.Attention = append(out.Attention, glance.Item{Urgency: i.Urgency.Word(), Count: i.Count, Title: i.Title, Reason: i.Reason, Page: i.Href, Step: i.Step, StepTo: i.StepTo})
	}
	for _, p := range slices.Concat(view.Main, view.Side) {
		if p.Failed {
			out.Late = append(out.Late, p.Title)
			continue
		}
		out.Pictures = append(out.Pictures, glance.Picture{Title: p.Title, Note: p.Note, Rows: rowsOf(p.data)})
	}
	for _, e := range view.News {
		text, _ := e.Text.(string) // what a piece drew is for the page alone
		out.News = append(out.News, glance.Event{Name: e.Label, Text: text, Page: e.Href, At: e.At})
	}
	return out
}

// rowsOf are the figures of what pictures are drawn from.
func rowsOf(data any) []glance.Row {
	rows := []glance.Row{}
	switch data := data.(type) {
	case []Part:
		for _, p := range data {
			rows = append(rows, glance.Row{Name: p.Name, Value: p.Value, Page: p.Href})
		}
	case []Bar:
		for _, b := range data {
			rows = append(rows, glance.Row{Name: b.Name, Value: b.Value, Page: b.Href})
		}
	case []Point:
		for _, p := range data {
			rows = append(rows, glance.Row{Name: p.Label, Value: p.Value})
		}
	}
	return rows
}
