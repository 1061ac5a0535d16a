package catalog

import (
	"context"
	"fmt"
	"strings"

	"steward/internal/feature/catalog/survey"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
)

// FollowJoin is the estate's hook: what was joined into another repository is
// found under that one alone, until it is split off again.
func FollowJoin(ctx context.Context, tx *store.Tx, repository int64) error {
	return writeDocuments(ctx, tx, repository)
}

// FollowName is the estate's hook: a component that has no name of its own is called as its repository
// is now, and all are found by that.
func FollowName(ctx context.Context, tx *store.Tx, repository int64, was, name string) error {
	if _, err := tx.Exec(ctx, `UPDATE component SET name = $3 WHERE repository_id = $1 AND root = '' AND ref = '' AND name = $2`, repository, was, name); err != nil {
		return fmt.Errorf("rename the component of %q: %w", name, err)
	}
	return writeDocuments(ctx, tx, repository)
}

// writeDocuments keeps what is found of the components of a repository, and of
// its entries that are no component and no person.
func writeDocuments(ctx context.Context, tx *store.Tx, repository int64) error {
	const of = ` JOIN repository r ON r.id = x.repository_id WHERE x.repository_id = $1 AND r.joined_into = 0 AND `
	components, err := store.Collect(func(row store.Scanner) (search.Document, error) {
		d := search.Document{Weight: 60}
		var title, typ, name, root, project, tags, description string
		err := row.Scan(&d.ID, &d.Title, &d.Visibility, &title, &typ, &name, &root, &project, &tags, &description)
		d.URL = "/components/" + d.ID
		d.Body = sentence(d.Title, title, typ+" in "+strings.Trim(name+"/"+root, "/"), survey.ShortName(project), tags, description)
		return d, err
	})(tx.Query(ctx, `SELECT x.uid, x.name, r.visibility, x.title, x.type, r.name, x.root, x.project, x.tags, x.description FROM component x`+of+`x.gone_at = 0 ORDER BY x.id`, repository))
	if err != nil {
		return fmt.Errorf("list components to be found: %w", err)
	}
	entities, err := store.Collect(func(row store.Scanner) (search.Document, error) {
		d := search.Document{Weight: 35}
		var kind, title, description string
		err := row.Scan(&d.ID, &d.Title, &d.Visibility, &kind, &title, &description)
		d.URL, d.Body = "/entities/"+d.ID, sentence(d.Title, strings.ToLower(kind), title, description)
		return d, err
	})(tx.Query(ctx, `SELECT x.uid, x.name, r.visibility, x.kind, x.title, x.description FROM entity x`+of+`x.component_id = 0 AND lower(x.kind) NOT IN ('user', 'location') ORDER BY x.seq`, repository))
	if err != nil {
		return fmt.Errorf("list entries to be found: %w", err)
	}
	if err := search.Replace(ctx, tx, "component", repository, components); err != nil {
		return err
	}
	return search.Replace(ctx, tx, "entity", repository, entities)
}

// sentence is what is said of a record beneath its name: the parts that there are and that the name does not say.
func sentence(name string, parts ...string) string {
	said := make([]string, 0, len(parts))
	for _, part := range parts {
		if part = strings.Join(strings.Fields(part), " "); part != "" && part != name {
			said = append(said, part)
		}
	}
	return strings.Join(said, " · ")
}
