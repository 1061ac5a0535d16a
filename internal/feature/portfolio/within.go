package portfolio

import (
	"context"
	"fmt"
	"strings"

	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/listing"
	"steward/internal/platform/measure"
	"steward/internal/platform/store"
)

// named holds for the application a, or for the unit u, that {value} names: "application:" and the firm's
// own id, "unit:" and the name, or either with the id that Steward gave.
const (
	namedApplication = `('application:' || a.key = {value} OR 'application:' || a.id = {value})`
	namedUnit        = `('unit:' || u.name = {value} OR 'unit:' || u.id = {value})`
)

// applicationsWithin are the ids of the applications within what {value} names.
const applicationsWithin = `SELECT a.id FROM application a WHERE a.gone_at = 0 AND ` + namedApplication + `
	UNION SELECT a.id FROM ` + within + ` JOIN unit u ON u.id = n.above_id WHERE u.gone_at = 0 AND ` + namedUnit

// partsWithin are what those applications are made of: repository by repository, component_id 0 for all of it.
const partsWithin = `SELECT CASE WHEN o.joined_into > 0 THEN o.joined_into ELSE o.id END AS repository_id, p.component_id
	FROM application_part p JOIN repository o ON o.id = p.repository_id WHERE p.application_id IN (` + applicationsWithin + `)`

// Within is the filter that narrows a list down to a unit or an application, for a list that says what its
// rows are about (listing.Spec.IDs); none for another. Packages is as in Config.
func Within(spec listing.Spec, packages string) []listing.Filter {
	condition := ""
	application, component, repository, pkg := spec.IDs["application"], spec.IDs["component"], spec.IDs["repository"], spec.IDs["package"]
	switch {
	case application != "":
		condition = application + ` IN (` + applicationsWithin + `)`
	case component != "":
		condition = repository + ` IN (SELECT w.repository_id FROM (` + partsWithin + `) w WHERE w.component_id = 0)
			OR ` + component + ` IN (SELECT w.component_id FROM (` + partsWithin + `) w WHERE w.component_id > 0)`
	case repository != "":
		condition = repository + ` IN (SELECT w.repository_id FROM (` + partsWithin + `) w)`
	case pkg != "" && packages != "":
		condition = pkg + ` IN (SELECT k.package_id FROM (` + partsWithin + `) w JOIN repository v ON v.id = w.repository_id
			JOIN ` + packages + ` k ON k.repository_id = w.repository_id AND (w.component_id = 0 OR w.component_id = k.component_id) WHERE {visible v.visibility})`
	default:
		return nil
	}
	return []listing.Filter{{Key: measure.Within, Label: "Within", SQL: condition, Kind: listing.Holds}}
}

// Scope finds what "unit:NAME" or "application:KEY" names, or an id in their place. Several units of one
// name are fault.Invalid, which lists them; none is fault.NotFound.
func (f *Feature) Scope(ctx context.Context, v access.Viewer, ref string) (measure.Scope, error) {
	kind, name, _ := strings.Cut(ref, ":")
	text := ""
	switch {
	case ref == "":
		return measure.Scope{}, nil
	case kind == "unit" && name != "":
		text = `SELECT u.id, u.name, u.place FROM unit u WHERE u.gone_at = 0 AND ` + namedUnit
	case kind == "application" && name != "":
		text = `SELECT a.id, a.name, a.key FROM application a WHERE a.gone_at = 0 AND ` + namedApplication
	default:
		return measure.Scope{}, fault.New(fault.Invalid, "A part of the estate is named unit:NAME or application:KEY.")
	}
	all, err := store.Collect(func(row store.Scanner) (one [3]string, err error) {
		return one, row.Scan(&one[0], &one[1], &one[2])
	})(f.db.Query(ctx, strings.ReplaceAll(text, "{value}", "$1")+` AND `+signedIn(v)+` ORDER BY 3, 1 LIMIT 10`, ref))
	switch {
	case err != nil:
		return measure.Scope{}, fmt.Errorf("find %q: %w", ref, err)
	case len(all) == 0:
		return measure.Scope{}, fault.New(fault.NotFound, "There is no %s of this name or id. The page of %ss lists those that there are.", kind, kind)
	case len(all) > 1:
		ids := make([]string, len(all))
		for i, one := range all {
			ids[i] = kind + ":" + one[0]
		}
		return measure.Scope{}, fault.New(fault.Invalid, "Several %ss have this name. Name one by its id: %s.", kind, strings.Join(ids, ", "))
	}
	one := scopeOf(kind, all[0][0], all[0][1])
	one.Ref = ref
	return one, nil
}

// scopeOf names a part of the estate by its id, which is one whatever others are called.
func scopeOf(kind, id, name string) measure.Scope {
	return measure.Scope{Ref: kind + ":" + id, ID: id, Kind: kind, Name: name, Href: "/" + kind + "s/" + id}
}

// Scopes lists the units, for figures that are kept of each.
func (f *Feature) Scopes(ctx context.Context, v access.Viewer) ([]measure.Scope, error) {
	all, err := store.Collect(func(row store.Scanner) (measure.Scope, error) {
		var id, name string
		err := row.Scan(&id, &name)
		return scopeOf("unit", id, name), err
	})(f.db.Query(ctx, `SELECT u.id, u.name FROM unit u WHERE u.gone_at = 0 AND `+signedIn(v)+` ORDER BY u.id`))
	if err != nil {
		return nil, fmt.Errorf("list units: %w", err)
	}
	return all, nil
}
