package web

import (
	"context"
	"slices"
	"time"

	"steward/internal/platform/access"
)

// Glance is home for programs: what the page shows.
type Glance struct {
	Figures   []GlanceFigure  `json:"figures"`
	Attention []GlanceItem    `json:"attention" doc:"At most five kinds of things, the most urgent first"`
	Kinds     int             `json:"attention_kinds" doc:"How many kinds there are in all"`
	Records   int64           `json:"attention_records" doc:"How many records they have in all"`
	Pictures  []GlancePicture `json:"pictures"`
	News      []GlanceEvent   `json:"news" doc:"Newest first"`
	Late      []string        `json:"late" doc:"What did not answer in time and is missing here"`
}

// GlanceFigure is one figure of the ledger line, as it is written there.
type GlanceFigure struct {
	Label string `json:"label"`
	Value string `json:"value" doc:"With separators, as people read it"`
	Note  string `json:"note,omitempty"`
	Page  string `json:"page,omitempty" doc:"Address of what is counted"`
}

// GlanceItem is one row of what needs attention.
type GlanceItem struct {
	Urgency string `json:"urgency" enum:"Act,Look,Settle,Know"`
	Count   int64  `json:"count"`
	Title   string `json:"title"`
	Reason  string `json:"reason,omitempty"`
	Page    string `json:"page" doc:"Address of the list of them"`
	Step    string `json:"next_step,omitempty"`
	StepTo  string `json:"next_step_page,omitempty"`
}

// GlancePicture is the figures of one panel.
type GlancePicture struct {
	Title string      `json:"title"`
	Note  string      `json:"note,omitempty"`
	Rows  []GlanceRow `json:"rows"`
}

// GlanceRow is one part, bar or column of a picture.
type GlanceRow struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Page  string  `json:"page,omitempty"`
}

// GlanceEvent is one line of what changed.
type GlanceEvent struct {
	Name string    `json:"name"`
	Text string    `json:"text"`
	Page string    `json:"page,omitempty"`
	At   time.Time `json:"at"`
}

// Glance reads home for a viewer.
func (s *Server) Glance(ctx context.Context, v access.Viewer) Glance {
	view := s.homeOf(ctx, v)
	out := Glance{Figures: []GlanceFigure{}, Attention: []GlanceItem{}, Pictures: []GlancePicture{}, News: []GlanceEvent{}, Late: append([]string{}, view.Late...), Kinds: view.Kinds, Records: view.Records}
	for _, f := range view.Figures {
		out.Figures = append(out.Figures, GlanceFigure{f.Label, f.Value, f.Change, f.Href})
	}
	for _, i := range view.Items {
		out.Attention = append(out.Attention, GlanceItem{i.Urgency.Word(), i.Count, i.Title, i.Reason, i.Href, i.Step, i.StepTo})
	}
	for _, p := range slices.Concat(view.Main, view.Side) {
		if p.Failed {
			out.Late = append(out.Late, p.Title)
			continue
		}
		out.Pictures = append(out.Pictures, GlancePicture{p.Title, p.Note, rowsOf(p.data)})
	}
	for _, e := range view.News {
		text, _ := e.Text.(string) // what a piece drew is for the page alone
		out.News = append(out.News, GlanceEvent{e.Label, text, e.Href, e.At})
	}
	return out
}

// rowsOf are the figures of what pictures are drawn from.
func rowsOf(data any) []GlanceRow {
	rows := []GlanceRow{}
	switch data := data.(type) {
	case []Part:
		for _, p := range data {
			rows = append(rows, GlanceRow{p.Name, p.Value, p.Href})
		}
	case []Bar:
		for _, b := range data {
			rows = append(rows, GlanceRow{b.Name, b.Value, b.Href})
		}
	case []Point:
		for _, p := range data {
			rows = append(rows, GlanceRow{Name: p.Label, Value: p.Value})
		}
	}
	return rows
}
