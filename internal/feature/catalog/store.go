package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"steward/internal/feature/catalog/claim"
	"steward/internal/feature/catalog/ownership"
	"steward/internal/feature/catalog/roster"
	"steward/internal/feature/catalog/survey"
	"steward/internal/feature/estate"
	"steward/internal/feature/people"
	"steward/internal/format/descriptor"
	"steward/internal/platform/store"
)

// write replaces what is known of a repository's components.
func (f *Feature) write(ctx context.Context, tx *store.Tx, at estate.Target, r *survey.Survey, firstID int64) error {
	stored, err := store.Collect(func(row store.Scanner) (survey.Known, error) {
		var k survey.Known
		var gone int64
		err := row.Scan(&k.ID, &k.UID, &k.Root, &k.Ref, &k.Project, &k.First, &gone)
		k.Gone = gone > 0
		return k, err
	})(tx.Query(ctx, `SELECT id, uid, root, ref, project, first_seen_at, gone_at FROM component WHERE repository_id = $1 ORDER BY gone_at, id`, at.RepositoryID))
	if err != nil {
		return fmt.Errorf("list the components of a repository: %w", err)
	}
	ids := make([]survey.Known, len(r.Components))
	var matched []int64
	for i, old := range survey.Match(stored, r.Components) {
		if old >= 0 {
			ids[i] = stored[old]
			matched = append(matched, stored[old].ID)
		} else {
			ids[i] = survey.Known{ID: firstID + int64(i), UID: store.NewID(), First: store.Micros(at.At)}
		}
	}
	if err := f.writeComponents(ctx, tx, at, r, ids, matched); err != nil {
		return err
	}
	if err := f.writeClaims(ctx, tx, at, r, ids); err != nil {
		return err
	}
	if err := writeEntries(ctx, tx, at, r, ids); err != nil {
		return err
	}
	if err := keepForgotten(ctx, tx, at.RepositoryID, r); err != nil {
		return err
	}
	if err := f.FollowLicences(ctx, tx, at.RepositoryID); err != nil {
		return err
	}
	if err := claim.Settle(ctx, tx, at.RepositoryID); err != nil {
		return err
	}
	if err := writeDocuments(ctx, tx, at.RepositoryID); err != nil {
		return err
	}
	if slices.ContainsFunc(r.Entries, func(e survey.Entry) bool { return e.Ref.Kind == "group" || e.Ref.Kind == "user" }) {
		return f.OwnersAgain(ctx, tx) // memberships speak for owners elsewhere
	}
	return nil
}

var componentColumns = []string{
	"id", "uid", "repository_id", "root", "ref", "project", "name", "title", "description", "description_from", "type", "type_basis", "type_from",
	"lifecycle", "lifecycle_from", "system", "system_from", "tags", "language", "manifest", "entry", "has_manifest", "files", "last_changed_at", "last_changed_day", "first_seen_at", "scan_id",
}

// writeComponents stores the rows; those that the repository has no more stay
// as gone, so that they are themselves when they come back.
func (f *Feature) writeComponents(ctx context.Context, tx *store.Tx, at estate.Target, r *survey.Survey, ids []survey.Known, matched []int64) error {
	if _, err := tx.Exec(ctx, `UPDATE component SET gone_at = $2 WHERE repository_id = $1 AND gone_at = 0`, at.RepositoryID, store.Micros(at.At)); err != nil {
		return fmt.Errorf("set the components of a repository aside: %w", err)
	}
	for chunk := range slices.Chunk(matched, 400) {
		if _, err := tx.Exec(ctx, `DELETE FROM component WHERE id IN (`+store.Marks(1, len(chunk))+`)`, store.Args(chunk)...); err != nil {
			return fmt.Errorf("replace components: %w", err)
		}
	}
	changed, err := lastChanges(ctx, tx, at, r)
	if err != nil {
		return err
	}
	rows := make([][]any, 0, len(r.Components))
	for i, c := range r.Components {
		name := c.Name
		if name == "" {
			name = at.RepositoryName
		}
		last, day := changed[c], ""
		if last > 0 {
			day = store.FromMicros(last).Format(time.DateOnly)
		}
		hasManifest := int64(0)
		if c.Manifest != "" {
			hasManifest = 1
		}
		rows = append(rows, []any{
			ids[i].ID, ids[i].UID, at.RepositoryID, c.Root, c.Ref, c.Project, name, c.Title, c.Description, c.DescriptionFrom, c.Type, c.TypeBasis, c.TypeFrom,
			c.Lifecycle, c.LifecycleFrom, c.System, c.SystemFrom, c.Tags, c.Language, c.Manifest, c.Entry, hasManifest, c.Files, last, day, ids[i].First, at.ScanID,
		})
	}
	_, err = tx.Insert(ctx, "component", componentColumns, slices.Values(rows))
	return err
}

// lastChanges is when each component changed last, µs: by what people's
// analyser knows of its folder, else that of the repository.
func lastChanges(ctx context.Context, tx *store.Tx, at estate.Target, r *survey.Survey) (map[*survey.Component]int64, error) {
	rows, err := tx.Query(ctx, `SELECT root, MAX(last_at) FROM contribution WHERE repository_id = $1 GROUP BY root`, at.RepositoryID)
	if err != nil {
		return nil, fmt.Errorf("load when components changed: %w", err)
	}
	defer rows.Close()
	changed := map[*survey.Component]int64{}
	for rows.Next() {
		var root string
		var last int64
		if err := rows.Scan(&root, &last); err != nil {
			return nil, fmt.Errorf("load when components changed: %w", err)
		}
		if c := r.Of(root + "/x"); c != nil {
			changed[c] = max(changed[c], last)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("load when components changed: %w", err)
	}
	if err := rows.Close(); err != nil {
		return nil, err
	}
	whole, err := lastOfRepository(ctx, tx, at)
	if err != nil {
		return nil, err
	}
	for _, c := range r.Components {
		if same := r.Of(c.Root + "/"); changed[c] == 0 && same != nil {
			changed[c] = changed[same]
		}
		if changed[c] == 0 {
			changed[c] = whole
		}
	}
	return changed, nil
}

// lastOfRepository is the last commit of the repository as its facts say, µs; 0 when they do not.
func lastOfRepository(ctx context.Context, tx *store.Tx, at estate.Target) (int64, error) {
	var value string
	err := tx.QueryRow(ctx, `SELECT MAX(value) FROM fact WHERE subject_kind = 'repository' AND subject_id = $1 AND name = 'history.last' HAVING COUNT(*) > 0`, at.RepositoryUID).Scan(&value)
	if errors.Is(err, store.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("load when the repository changed: %w", err)
	}
	var last int64
	if json.Unmarshal([]byte(value), &last) != nil {
		return 0, nil
	}
	return last, nil
}

// writeClaims stores what files say of owners, with the teams and people that
// they name.
func (f *Feature) writeClaims(ctx context.Context, tx *store.Tx, at estate.Target, r *survey.Survey, ids []survey.Known) error {
	if err := people.Redeclare(ctx, tx, at); err != nil {
		return err
	}
	teams, err := roster.New(ctx, tx, at, r)
	if err != nil {
		return err
	}
	if err := teams.AddEntries(ctx, tx, r.Entries); err != nil {
		return err
	}
	claims := map[int64][]ownership.Claim{}
	for i, c := range r.Components {
		for _, one := range c.Claims {
			if err := teams.Resolve(ctx, tx, &one); err != nil {
				return err
			}
			claims[ids[i].ID] = append(claims[ids[i].ID], one)
		}
	}
	return claim.Replace(ctx, tx, at.RepositoryID, claims)
}

// writeEntries stores entities and relations of the repository.
func writeEntries(ctx context.Context, tx *store.Tx, at estate.Target, r *survey.Survey, ids []survey.Known) error {
	uids := map[string]string{}
	rows, err := tx.Query(ctx, `SELECT ref, uid FROM entity WHERE repository_id = $1`, at.RepositoryID)
	if err != nil {
		return fmt.Errorf("list entities: %w", err)
	}
	for rows.Next() {
		var ref, uid string
		if err := rows.Scan(&ref, &uid); err != nil {
			return errors.Join(fmt.Errorf("list entities: %w", err), rows.Close())
		}
		uids[ref] = uid
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return fmt.Errorf("list entities: %w", err)
	}
	for _, table := range []string{"entity", "relation"} {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE repository_id = $1`, at.RepositoryID); err != nil {
			return fmt.Errorf("replace %s rows: %w", table, err)
		}
	}
	components := map[string]int64{}
	for i, c := range r.Components {
		if c.Ref != "" {
			components[c.Ref] = ids[i].ID
		}
	}
	entities, relations := entityRows(at, r.Entries, uids, components)
	if _, err := tx.Insert(ctx, "entity", []string{"repository_id", "seq", "uid", "ref", "kind", "name", "title", "description", "type", "lifecycle", "owner", "file", "line", "component_id", "body", "scan_id"}, slices.Values(entities)); err != nil {
		return err
	}
	_, err = tx.Insert(ctx, "relation", []string{"repository_id", "seq", "from_kind", "from_id", "type", "to_kind", "to_id", "source", "file", "line"}, slices.Values(relations))
	return err
}

func entityRows(at estate.Target, entries []survey.Entry, uids map[string]string, components map[string]int64) (entities, relations [][]any) {
	seen := map[string]bool{}
	for i, e := range entries {
		ref, owner := e.Ref.String(), ""
		uid := uids[ref]
		if uid == "" {
			uid = store.NewID()
		}
		for _, rel := range e.Relations {
			if rel.Type == "ownedBy" {
				owner = rel.TargetRef.String()
			}
			from, typ, to := forward(e.Ref, rel)
			key := from.String() + " " + typ + " " + to.String()
			if seen[key] {
				continue
			}
			seen[key] = true
			relations = append(relations, []any{at.RepositoryID, int64(len(relations)), from.Kind, from.String(), typ, to.Kind, to.String(), ownership.Entry, e.File, int64(rel.Line)})
		}
		entities = append(entities, []any{
			at.RepositoryID, int64(i), uid, ref, e.Kind, e.Metadata.Name, survey.Cut(e.Metadata.Title, 300), survey.Cut(e.Metadata.Description, survey.MaxDescription),
			survey.Cut(e.SpecText("type"), 100), survey.Cut(e.SpecText("lifecycle"), 100), owner, e.File, int64(e.Line), components[ref], string(e.JSON), at.ScanID,
		})
	}
	return entities, relations
}

// backward are the relations that are kept as seen from the other side, so
// that each is stored once whichever file states it.
var backward = map[string]bool{"dependencyOf": true, "parentOf": true, "hasMember": true, "hasPart": true, "ownerOf": true, "apiProvidedBy": true, "apiConsumedBy": true}

func forward(from descriptor.Ref, rel descriptor.Relation) (descriptor.Ref, string, descriptor.Ref) {
	if backward[rel.Type] {
		return rel.TargetRef, descriptor.Reverse(rel.Type), from
	}
	return from, rel.Type, rel.TargetRef
}
