// Package measure tells the report of components and who owns them.
package measure

import (
	"context"

	"steward/internal/platform/access"
	"steward/internal/platform/measure"
)

// Components is the section on components and their owners.
func Components() measure.Section {
	return measure.Section{ID: "components", Order: 20, Title: "Components and owners", Of: func(ctx context.Context, v access.Viewer, d measure.Desk) (measure.Part, error) {
		figures, err := d.Figures(
			ctx, v,
			measure.Wanted{Key: "components", Label: "Components", List: "components"},
			measure.Wanted{Key: "components.written-owner", Label: "Owner written by people", List: "components", Terms: "ownership=confirmed&ownership=declared"},
			measure.Wanted{Key: "components.inferred-owner", Label: "Owner inferred from changes", List: "components", Terms: "ownership=inferred"},
			measure.Wanted{Key: "components.disputed-owner", Label: "Sources disagree on the owner", List: "components", Terms: "ownership=disputed", Care: &measure.Care{
				Urgency: 3, Title: "Owners on which sources disagree", Reason: "two files name different teams", Step: "Choose one",
			}},
			measure.Wanted{Key: "components.no-owner", Label: "No owner", List: "components", Terms: "ownership=none", Care: &measure.Care{
				Urgency: 2, Title: "Components without an owner", Reason: "no file names one, and no team changed them clearly most", Step: "Assign owners",
			}},
			measure.Wanted{Key: "components.stale", Label: "Unchanged for two years, in use", List: "components", Terms: "view=stale", Care: &measure.Care{
				Urgency: 2, Title: "Components that others use, unchanged for two years", Reason: "somebody depends on each of them", Step: "See them",
			}},
		)
		return measure.Part{Figures: figures}, err
	}}
}
