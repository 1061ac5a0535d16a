// Package measure tells the report which packages the estate uses most, and over how many versions their
// users are spread.
package measure

import (
	"context"
	"fmt"
	"strings"

	"steward/internal/feature/sbom/reach"
	"steward/internal/feature/sbom/reading"
	"steward/internal/platform/access"
	"steward/internal/platform/listing"
	"steward/internal/platform/measure"
	"steward/internal/platform/store"
	"steward/internal/platform/web/piece"
)

// shown is how many packages are named, and how many versions of each.
const (
	shown         = 10
	shownVersions = 3
)

// Packages is the section on the packages that most components name themselves.
func Packages(db *store.DB) measure.Section {
	return measure.Section{ID: "packages", Order: 40, Title: "Ten most used packages", Of: func(ctx context.Context, v access.Viewer, d measure.Desk) (measure.Part, error) {
		return packages(ctx, v, db, d)
	}}
}

func packages(ctx context.Context, v access.Viewer, db *store.DB, d measure.Desk) (measure.Part, error) {
	figures, err := d.Figures(
		ctx, v,
		measure.Wanted{Key: "packages", Label: "Packages in use", List: "packages"},
		measure.Wanted{Key: "packages.direct", Label: "Named by a component", List: "packages", Terms: "view=direct"},
		measure.Wanted{Key: "packages.several", Label: "In several versions", List: "packages", Terms: "view=several"},
		measure.Wanted{Key: "packages.unresolved", Label: "With users of which only a range is known", List: "packages", Terms: "view=unresolved"},
	)
	if err != nil {
		return measure.Part{}, err
	}
	rows, err := d.Rows(ctx, v, "packages", "view=direct&sort=-direct", shown)
	if err != nil {
		return measure.Part{}, err
	}
	part := measure.Part{Figures: figures, Lede: "By the components that name them; what comes in through others is nobody's choice. The spread is over all components that have it.", Table: measure.Table{
		Columns: []measure.Column{{Label: "Package"}, {Label: "Ecosystem"}, {Label: "Components that name it", Right: true}, {Label: "Versions", Right: true}, {Label: "Spread"}},
		Empty:   "No package has been seen.",
	}}
	if !d.Scope().Whole() {
		part.Lede += " Those that are used here; the numbers of each are of the whole estate."
	}
	spread, err := spreadOf(ctx, v, db, rows)
	if err != nil {
		return part, err
	}
	for _, row := range rows {
		id, _ := row["id"].(string)
		name, _ := row["name"].(string)
		ecosystem, _ := row["ecosystem"].(string)
		if word := reading.EcosystemNames[ecosystem]; word != "" {
			ecosystem = word
		}
		direct, _ := row["direct"].(int64)
		versions, _ := row["versions"].(int64)
		part.Table.Rows = append(part.Table.Rows, measure.Row{
			Kept: &measure.Kept{Group: "package", Name: fmt.Sprint(row["purl"]), N: direct},
			Cells: []measure.Cell{
				measure.Text(name, "/packages/"+id), measure.Text(ecosystem, ""),
				measure.Counted(measure.Number{N: direct, Href: "/packages/" + id + "?direct=yes"}),
				measure.Counted(measure.Number{N: versions, Href: "/packages/" + id + "/versions"}),
				measure.Text(spread[id], ""),
			},
		})
	}
	if figures[1].N > int64(len(rows)) {
		part.Table.All = figures[1].Number
	}
	return part, nil
}

// spreadOf says of each package in which versions most of its components have it.
func spreadOf(ctx context.Context, v access.Viewer, db *store.DB, rows []listing.Row) (map[string]string, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	args := []any{reach.Of(v)}
	for _, row := range rows {
		args = append(args, row["id"])
	}
	type count struct {
		id, version string
		components  int64
	}
	all, err := store.Collect(func(row store.Scanner) (c count, err error) {
		return c, row.Scan(&c.id, &c.version, &c.components)
	})(db.Query(ctx, `SELECT p.uid, s.version, s.components FROM package_version s JOIN package p ON p.id = s.package_id
		WHERE s.reach = $1 AND p.uid IN (`+store.Marks(2, len(rows))+`) ORDER BY p.uid, s.components DESC, s.version DESC`, args...))
	if err != nil {
		return nil, fmt.Errorf("count components by version: %w", err)
	}
	words, left := map[string][]string{}, map[string]int64{}
	for _, one := range all {
		version := one.version
		if version == "" {
			version = "only a range known"
		}
		if len(words[one.id]) < shownVersions {
			words[one.id] = append(words[one.id], version+" in "+piece.Number(one.components))
		} else {
			left[one.id]++
		}
	}
	spread := map[string]string{}
	for id, some := range words {
		spread[id] = strings.Join(some, ", ")
		if n := left[id]; n > 0 {
			spread[id] += ", " + piece.Number(n) + " more"
		}
	}
	return spread, nil
}
