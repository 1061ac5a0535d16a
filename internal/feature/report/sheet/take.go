package sheet

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/measure"
)

// Take asks all sections side by side and waits for each at most so long. Failed gets the error of a
// section that failed, and returns what is said instead of it.
func Take(ctx context.Context, v access.Viewer, sections []measure.Section, d measure.Desk, wait time.Duration, failed func(section string, err error) string) []Section {
	all := make([]Section, len(sections))
	var running sync.WaitGroup
	for i, s := range sections {
		running.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, wait)
			defer cancel()
			var err error
			if all[i], err = Ask(ctx, v, s, d); err != nil {
				why := failed(s.ID, err)
				if errors.Is(err, context.DeadlineExceeded) {
					why = fmt.Sprintf("It was not counted within %s.", wait)
				}
				all[i] = Lost(s, why)
			}
		})
	}
	running.Wait()
	return all
}

// Lost is a section of which there is nothing, and why.
func Lost(s measure.Section, why string) Section {
	return Section{ID: s.ID, Title: s.Title, Missing: why, Figures: []Figure{}, order: s.Order}
}

// Ask asks one section. One that is told of the whole estate only says so; a panic is an error.
func Ask(ctx context.Context, v access.Viewer, s measure.Section, d measure.Desk) (one Section, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	part, err := s.Of(ctx, v, d)
	switch {
	case errors.Is(err, measure.ErrWhole), errors.Is(err, fault.Denied):
		why := "It is told of the whole estate only."
		if sentence := fault.Sentence(err); sentence != "" {
			why = sentence
		}
		return Lost(s, why), nil
	case err != nil:
		return one, err
	}
	return sectionOf(s, part), nil
}

func sectionOf(s measure.Section, part measure.Part) Section {
	one := Section{ID: s.ID, Title: s.Title, Lede: part.Lede, Figures: []Figure{}, order: s.Order}
	for _, f := range part.Figures {
		n := Number{N: f.N, Href: f.Href}
		one.Figures = append(one.Figures, Figure{Key: f.Key, Label: f.Label, Number: n})
		if f.Care != nil && f.N > 0 {
			one.cares = append(one.cares, Todo{Urgency: f.Care.Urgency, Count: n, Title: f.Care.Title, Reason: f.Care.Reason, Step: f.Care.Step})
		}
	}
	if len(part.Table.Columns) == 0 {
		return one
	}
	one.Table = &Table{Title: part.Table.Title, Columns: part.Table.Columns, Rows: []Row{}, Empty: part.Table.Empty}
	if part.Table.All.Href != "" {
		one.Table.All = &Number{N: part.Table.All.N, Href: part.Table.All.Href}
	}
	for _, row := range part.Table.Rows {
		line := Row{kept: row.Kept}
		for _, c := range row.Cells {
			cell := Cell{Text: c.Text, Href: c.Href}
			if c.Number != nil {
				cell = Cell{Number: &Number{N: c.Number.N, Href: c.Number.Href}}
			}
			line.Cells = append(line.Cells, cell)
		}
		one.Table.Rows = append(one.Table.Rows, line)
	}
	return one
}

// New puts sections together to a sheet.
func New(firm string, at time.Time, scope measure.Scope, all bool, sections []Section) *Sheet {
	s := &Sheet{Firm: firm, At: at.UTC(), Scope: scope, All: all, Sections: sections}
	s.finish()
	return s
}
