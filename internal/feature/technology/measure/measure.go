// Package measure tells the report what the estate is built with.
package measure

import (
	"context"

	"steward/internal/platform/access"
	"steward/internal/platform/listing"
	"steward/internal/platform/measure"
)

// most is how many technologies of a kind the report names.
var most = []struct {
	kind, word string
	n          int
}{
	{"language", "Language", 8},
	{"build", "Build tool", 4},
	{"ci", "Continuous integration", 3},
	{"container", "Containers", 2},
	{"practice", "Practice", 2},
}

// Technologies is the section on what most repositories are built with. Of the whole estate every
// technology is kept each day.
func Technologies() measure.Section {
	return measure.Section{ID: "technologies", Order: 30, Title: "Top technologies", Of: technologies, Kept: kept}
}

func technologies(ctx context.Context, v access.Viewer, d measure.Desk) (measure.Part, error) {
	table := measure.Table{
		Columns: []measure.Column{{Label: "Kind"}, {Label: "Technology"}, {Label: "Repositories", Right: true}},
		Empty:   "No technology has been seen.",
	}
	for _, m := range most {
		values, err := d.Values(ctx, v, "technology-uses", "kind="+m.kind, "name", m.n)
		if err != nil {
			return measure.Part{}, err
		}
		for _, one := range values {
			table.Rows = append(table.Rows, measure.Row{
				Kept:  &measure.Kept{Group: m.kind, Name: one.Value, N: one.N},
				Cells: []measure.Cell{measure.Text(m.word, ""), measure.Text(one.Label, ""), measure.Counted(one.Number)},
			})
		}
	}
	if d.Scope().Whole() {
		var err error
		if table.All, err = d.Count(ctx, v, "technologies", ""); err != nil {
			return measure.Part{}, err
		}
	}
	return measure.Part{Lede: "By the repositories that have them; languages without vendored and generated code.", Table: table}, nil
}

func kept(ctx context.Context, v access.Viewer, d measure.Desk) ([]measure.Kept, error) {
	var all []measure.Kept
	if !d.Scope().Whole() {
		return nil, nil
	}
	err := d.Each(ctx, v, "technologies", "", func(row listing.Row) error {
		kind, _ := row["kind"].(string)
		name, _ := row["name"].(string)
		n, _ := row["repositories"].(int64)
		all = append(all, measure.Kept{Group: kind, Name: name, N: n})
		return nil
	})
	return all, err
}
