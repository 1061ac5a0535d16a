// Package measure tells the report of licences that want to be looked at.
package measure

import (
	"context"
	"net/url"

	"steward/internal/feature/licence"
	"steward/internal/platform/access"
	"steward/internal/platform/measure"
)

// mostChanged is how many licences with added restrictions the report names.
const mostChanged = 10

// Licences is the section on licences with added restrictions, and on what is not known of licences.
func Licences() measure.Section {
	return measure.Section{ID: "licences", Order: 60, Title: "Licences with added restrictions", Of: licences}
}

func licences(ctx context.Context, v access.Viewer, d measure.Desk) (measure.Part, error) {
	figures, err := d.Figures(
		ctx, v,
		measure.Wanted{Key: "licences.changed", Label: "Components under added restrictions", List: "licence-uses", Terms: "changed=yes", Care: &measure.Care{
			Urgency: 2, Title: "Components under licences with added restrictions", Reason: "the text is not the plain licence", Step: "Read the text",
		}},
		measure.Wanted{Key: "licences.unknown", Label: "Licence unknown", List: "licence-uses", Terms: "licence=unknown"},
		measure.Wanted{Key: "licences.none", Label: "No licence found", List: "licence-uses", Terms: "licence=none"},
		measure.Wanted{Key: "licences.needed", Label: "Repositories without one where it matters", List: "licence-uses", Terms: "licence=none&matters=public&matters=shared&matters=third&whole=yes", Care: &measure.Care{
			Urgency: 2, Title: "Repositories without a licence where one is needed", Reason: "on a public host, used by others, or with third-party code", Step: "Add a licence",
		}},
		measure.Wanted{Key: "licences.disputed", Label: "Disputed", List: "licence-uses", Terms: "disputed=yes", Care: &measure.Care{
			Urgency: 3, Title: "Components with disputed licences", Reason: "manifest and licence file differ", Step: "Settle which",
		}},
	)
	if err != nil {
		return measure.Part{}, err
	}
	table := measure.Table{
		Columns: []measure.Column{{Label: "Licence"}, {Label: "Components", Right: true}},
		Empty:   "No licence text with added restrictions was found.",
		All:     figures[0].Number,
	}
	values, err := d.Values(ctx, v, "licence-uses", "changed=yes", "licence", mostChanged)
	if err != nil {
		return measure.Part{}, err
	}
	shown := int64(0)
	for _, one := range values {
		shown += one.N
		table.Rows = append(table.Rows, measure.Row{Cells: []measure.Cell{measure.Text(licence.Key(one.Value).Title(), "/licences/"+url.PathEscape(one.Value)), measure.Counted(one.Number)}})
	}
	if shown == table.All.N {
		table.All = measure.Number{}
	}
	return measure.Part{Figures: figures, Table: table}, nil
}
