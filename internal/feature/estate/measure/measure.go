// Package measure tells the report how much of the estate was given, read, left out and failed.
package measure

import (
	"context"
	"fmt"

	"steward/internal/platform/access"
	"steward/internal/platform/measure"
	"steward/internal/platform/store"
)

// Coverage is the section on what the rest of the report stands on.
func Coverage() measure.Section {
	return measure.Section{ID: "coverage", Order: 10, Title: "What this stands on", Of: coverage}
}

func coverage(ctx context.Context, v access.Viewer, d measure.Desk) (measure.Part, error) {
	figures, err := d.Figures(
		ctx, v,
		measure.Wanted{Key: "repositories", Label: "Repositories given", List: "repositories"},
		measure.Wanted{Key: "repositories.read", Label: "Read", List: "repositories", Terms: "state=read"},
		measure.Wanted{Key: "repositories.empty", Label: "Empty", List: "repositories", Terms: "state=empty"},
		measure.Wanted{Key: "repositories.waiting", Label: "Waiting", List: "repositories", Terms: "state=waiting"},
		measure.Wanted{Key: "repositories.failed", Label: "Not read", List: "repositories", Terms: "view=failed", Care: &measure.Care{
			Urgency: 1, Title: "Repositories that could not be read", Reason: "nothing of them is in any answer", Step: "See the errors",
		}},
		measure.Wanted{Key: "repositories.vanished", Label: "Gone from their place", List: "repositories", Terms: "view=vanished"},
		measure.Wanted{Key: "notes.left-out", Label: "Notes on what was left out", List: "coverage-notes", Terms: "kind=left+out"},
		measure.Wanted{Key: "notes.unresolved", Label: "Notes on what is incomplete", List: "coverage-notes", Terms: "kind=unresolved"},
		measure.Wanted{Key: "notes.failed", Label: "Notes on what failed", List: "coverage-notes", Terms: "kind=failed", Care: &measure.Care{
			Urgency: 2, Title: "Places that could not be read", Reason: "what they say is missing in the answers", Step: "See the errors",
		}},
	)
	if err != nil {
		return measure.Part{}, err
	}
	part := measure.Part{Figures: figures}
	part.Lede, err = freshness(ctx, v, d)
	return part, err
}

// freshness says when the repositories that were read were read.
func freshness(ctx context.Context, v access.Viewer, d measure.Desk) (string, error) {
	days := [2]string{}
	for i, order := range []string{"read", "-read"} {
		rows, err := d.Rows(ctx, v, "repositories", "state=read&sort="+order, 1)
		if err != nil {
			return "", err
		}
		if len(rows) == 0 {
			return "Nothing has been read yet.", nil
		}
		at, ok := rows[0]["read"].(int64)
		if !ok {
			return "It is not known when it was read.", nil
		}
		days[i] = store.FromMicros(at).Format("2 Jan 2006")
	}
	if days[0] == days[1] {
		return fmt.Sprintf("Read on %s, the default branch of each.", days[0]), nil
	}
	return fmt.Sprintf("Read between %s and %s, the default branch of each.", days[0], days[1]), nil
}
