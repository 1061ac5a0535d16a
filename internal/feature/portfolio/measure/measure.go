// Package measure tells the report of applications: how many there are, and the important ones that
// nobody owns.
package measure

import (
	"context"

	"steward/internal/platform/access"
	"steward/internal/platform/measure"
)

// shown is how many applications without an owner the report names, the most important first.
const shown = 10

// Applications is the section on applications without an owner, by tier.
func Applications() measure.Section {
	return measure.Section{ID: "applications", Order: 50, Title: "Important applications without owner", Of: applications}
}

func applications(ctx context.Context, v access.Viewer, d measure.Desk) (measure.Part, error) {
	figures, err := d.Figures(
		ctx, v,
		measure.Wanted{Key: "applications", Label: "Applications", List: "applications"},
		measure.Wanted{Key: "applications.production", Label: "In production", List: "applications", Terms: "view=production"},
		measure.Wanted{Key: "applications.no-owner", Label: "In use, no owner", List: "applications", Terms: "view=no-owner-in-use", Care: &measure.Care{
			Urgency: 2, Title: "Applications in use without an owner", Reason: "the firm's register names none", Step: "Name an owner",
		}},
		measure.Wanted{Key: "applications.empty", Label: "Made of nothing that was found", List: "applications", Terms: "view=empty", Care: &measure.Care{
			Urgency: 3, Title: "Applications of which no code is known", Reason: "the register names no repository that is here", Step: "Name the repositories",
		}},
	)
	if err != nil {
		return measure.Part{}, err
	}
	if figures[0].N == 0 && d.Scope().Whole() {
		return measure.Part{Lede: "The firm's applications are not known: steward import context brings its asset register."}, nil
	}
	table := measure.Table{
		Title:   "By tier, as the register writes tiers",
		Columns: []measure.Column{{Label: "Application"}, {Label: "Tier"}, {Label: "Status"}, {Label: "Unit"}},
		Empty:   "Every application in use has an owner.",
	}
	rows, err := d.Rows(ctx, v, "applications", "view=no-owner-in-use&sort=tier", shown)
	if err != nil {
		return measure.Part{}, err
	}
	for _, row := range rows {
		text := func(column string) string { s, _ := row[column].(string); return s }
		unit := measure.Text(text("unit"), "")
		if unit.Text != "" {
			unit.Href = "/units/" + text("unit_id")
		}
		table.Rows = append(table.Rows, measure.Row{Cells: []measure.Cell{
			measure.Text(text("name"), "/applications/"+text("id")), measure.Text(text("tier"), ""), measure.Text(text("status"), ""), unit,
		}})
	}
	if figures[2].N > int64(len(rows)) {
		table.All = figures[2].Number
	}
	return measure.Part{Figures: figures, Table: table}, nil
}
