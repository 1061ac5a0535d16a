package claim

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"steward/internal/feature/catalog/folder"
	"steward/internal/feature/catalog/ownership"
	"steward/internal/feature/people"
	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// owned is a component as settling sees it.
type owned struct {
	id        int64
	root      string
	owner     ownership.Owner // as stored
	claims    []ownership.Claim
	confirmed int64 // team
	touches   []people.Touch
}

var reader = access.System("working out owners")

// SettleAll settles the owners in all repositories that the viewer may see, in a transaction for each, so that readings go on
// in between. One that fails keeps none of the others waiting.
func SettleAll(ctx context.Context, db *store.DB, v access.Viewer, progress func(done, of int64)) error {
	all, err := store.Collect(func(row store.Scanner) (id int64, err error) { return id, row.Scan(&id) })(
		db.Query(ctx, `SELECT DISTINCT c.repository_id FROM component c JOIN repository r ON r.id = c.repository_id
			WHERE c.gone_at = 0 AND `+v.Where("r.visibility")+` ORDER BY c.repository_id`))
	if err != nil {
		return fmt.Errorf("list repositories with components: %w", err)
	}
	var errs []error
	for i, id := range all {
		if err := ctx.Err(); err != nil {
			return errors.Join(append(errs, err)...)
		}
		progress(int64(i), int64(len(all)))
		if err := db.Tx(ctx, func(tx *store.Tx) error { return Settle(ctx, tx, id) }); err != nil {
			errs = append(errs, fmt.Errorf("work out the owners in repository %d: %w", id, err))
		}
	}
	return errors.Join(errs...)
}

// Settle works out who owns the components of a repository: from the claims of
// files, confirmations, and who changed them.
func Settle(ctx context.Context, tx *store.Tx, repository int64) error {
	all, err := loadOwned(ctx, tx, repository)
	if err != nil || len(all) == 0 {
		return err
	}
	var rows [][]any
	teams := map[int64]bool{}
	for _, c := range all {
		inferred := ownership.Infer(c.touches)
		for i, one := range inferred {
			rows = append(rows, row(repository, c.id, inferredSeq+int64(i), one))
		}
		c.claims = append(c.claims, inferred...)
		for _, one := range c.claims {
			teams[one.TeamID] = true
		}
		teams[c.confirmed] = true
	}
	if err := dropStruck(ctx, tx, repository, all); err != nil {
		return err
	}
	delete(teams, 0)
	names, err := teamNames(ctx, tx, slices.Sorted(maps.Keys(teams)))
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM component_owner WHERE repository_id = $1 AND source = $2`, repository, ownership.Changes); err != nil {
		return fmt.Errorf("replace inferred owners: %w", err)
	}
	if _, err := tx.Insert(ctx, "component_owner", columns, slices.Values(rows)); err != nil {
		return err
	}
	days, err := lastSeen(ctx, tx, repository, all)
	if err != nil {
		return err
	}
	var changed []owned
	for _, c := range all {
		owner := ownership.Settle(c.claims, c.confirmed, names)
		owner.Seen = days.of(owner, c.claims)
		if owner != c.owner {
			c.owner = owner
			changed = append(changed, *c)
		}
	}
	return putOwners(ctx, tx, changed)
}

// sightings are the days on which teams and persons were seen last.
type sightings struct{ teams, persons map[int64]time.Time }

func lastSeen(ctx context.Context, tx *store.Tx, repository int64, all []*owned) (s sightings, err error) {
	teams, persons := map[int64]bool{}, map[int64]bool{}
	for _, c := range all {
		teams[c.confirmed] = true
		for _, one := range c.claims {
			teams[one.TeamID], persons[one.PersonID] = true, true
		}
	}
	delete(teams, 0)
	delete(persons, 0)
	s.teams, s.persons, err = people.LastSeen(ctx, tx, reader, repository, slices.Sorted(maps.Keys(teams)), slices.Sorted(maps.Keys(persons)))
	return s, err
}

// of is the day on which an owner was seen last. Of several people any counts;
// when one of them is known by no history the day is not known, as that one may
// well be at work under an address that nothing ties to the account named.
func (s sightings) of(o ownership.Owner, claims []ownership.Claim) string {
	last := s.teams[o.TeamID]
	if o.Kind == ownership.Person {
		for _, c := range claims {
			if c.Source != o.Source || !c.Decides {
				continue
			}
			at, known := s.persons[c.PersonID]
			if !known {
				return ""
			}
			if at.After(last) {
				last = at
			}
		}
	}
	if last.IsZero() {
		return ""
	}
	return last.Format(time.DateOnly)
}

// inferredSeq keeps inferred claims behind those of files.
const inferredSeq = 1000

// loadOwned loads the components of a repository with all that speaks for an owner.
func loadOwned(ctx context.Context, tx *store.Tx, repository int64) ([]*owned, error) {
	all, err := store.Collect(func(row store.Scanner) (*owned, error) {
		var c owned
		err := row.Scan(&c.id, &c.root, &c.owner.Kind, &c.owner.TeamID, &c.owner.Name, &c.owner.State, &c.owner.Source, &c.owner.From, &c.owner.Seen)
		return &c, err
	})(tx.Query(ctx, `SELECT id, root, owner_kind, owner_team_id, owner_name, owner_state, owner_source, owner_from, owner_seen_day FROM component
		WHERE repository_id = $1 AND gone_at = 0 ORDER BY has_manifest DESC, id`, repository))
	if err != nil {
		return nil, fmt.Errorf("load components: %w", err)
	}
	byID, byRoot := map[int64]*owned{}, folder.Components{}
	for _, c := range all {
		byID[c.id] = c
		byRoot.Add(c.root, c.id)
	}
	if err := loadClaims(ctx, tx, repository, byID); err != nil {
		return nil, err
	}
	touches, err := people.Touches(ctx, tx, reader, repository)
	if err != nil {
		return nil, err
	}
	touched := map[string][]people.Touch{}
	for _, t := range touches {
		if id, ok := byRoot.Of(t.Root + "/"); ok {
			root := byID[id].root
			touched[root] = append(touched[root], t)
		}
	}
	for _, c := range all {
		c.touches = touched[c.root]
	}
	return all, nil
}

// loadClaims adds what files and people in the hub said; a person's team is
// the one that the person is a member of, when it is one.
func loadClaims(ctx context.Context, tx *store.Tx, repository int64, byID map[int64]*owned) error {
	rows, err := tx.Query(ctx, `SELECT o.component_id, o.source, o.state, o.kind, CASE WHEN o.kind = 'person' THEN COALESCE(m.team_id, 0) ELSE o.team_id END, o.person_id, o.decides, o.file, o.line
		FROM component_owner o LEFT JOIN person p ON p.id = o.person_id
		LEFT JOIN (SELECT mi.person_id, MIN(tm.team_id) AS team_id FROM team_member tm JOIN identity mi ON mi.id = tm.identity_id
			GROUP BY mi.person_id HAVING COUNT(DISTINCT tm.team_id) = 1) m ON m.person_id = CASE WHEN p.merged_into > 0 THEN p.merged_into ELSE p.id END
		WHERE o.repository_id = $1 AND o.source <> $2 ORDER BY o.component_id, o.seq`, repository, ownership.Changes)
	if err != nil {
		return fmt.Errorf("load claims on owners: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, decides, line int64
		var c ownership.Claim
		if err := rows.Scan(&id, &c.Source, &c.State, &c.Kind, &c.TeamID, &c.PersonID, &decides, &c.File, &line); err != nil {
			return fmt.Errorf("load claims on owners: %w", err)
		}
		c.Decides, c.Line = decides != 0, int(line)
		if one := byID[id]; one != nil {
			one.claims = append(one.claims, c)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("load claims on owners: %w", err)
	}
	if err := rows.Close(); err != nil {
		return err
	}
	if err := loadImported(ctx, tx, repository, byID); err != nil {
		return err
	}
	confirmed, err := tx.Query(ctx, `SELECT o.component_id, o.team_id FROM owner_confirmation o JOIN component c ON c.id = o.component_id WHERE c.repository_id = $1 AND o.ended_at = 0`, repository)
	if err != nil {
		return fmt.Errorf("load confirmed owners: %w", err)
	}
	defer confirmed.Close()
	for confirmed.Next() {
		var id, team int64
		if err := confirmed.Scan(&id, &team); err != nil {
			return fmt.Errorf("load confirmed owners: %w", err)
		}
		if one := byID[id]; one != nil {
			one.confirmed = team
		}
	}
	return confirmed.Err()
}

// loadImported adds what files of the firm say; what is said of one component comes before what is
// said of its whole repository, and an export counts only where nothing else is declared.
func loadImported(ctx context.Context, tx *store.Tx, repository int64, byID map[int64]*owned) error {
	rows, err := tx.Query(ctx, `SELECT component_id, team_id, fills, file, line FROM owner_import
		WHERE ended_at = 0 AND repository_id IN (SELECT id FROM repository WHERE id = $1 OR joined_into = $1) ORDER BY fills, component_id DESC, batch DESC, line`, repository)
	if err != nil {
		return fmt.Errorf("load imported owners: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var component, fills, line int64
		c := ownership.Claim{Source: ownership.Imported, State: ownership.Declared, Kind: ownership.Team}
		if err := rows.Scan(&component, &c.TeamID, &fills, &c.File, &line); err != nil {
			return fmt.Errorf("load imported owners: %w", err)
		}
		c.Line = int(line)
		for id, one := range byID {
			if component != 0 && component != id {
				continue
			}
			c.Decides = !slices.ContainsFunc(one.claims, func(other ownership.Claim) bool {
				return other.State == ownership.Declared && other.Decides && (fills != 0 || other.Source == ownership.Imported)
			})
			one.claims = append(one.claims, c)
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// teamNames gives the titles, else handles, of teams by id.
func teamNames(ctx context.Context, r store.Reader, ids []int64) (map[int64]string, error) {
	names := make(map[int64]string, len(ids))
	for chunk := range slices.Chunk(ids, 400) {
		rows, err := r.Query(ctx, `SELECT id, CASE WHEN title <> '' THEN title ELSE handle END FROM team WHERE id IN (`+store.Marks(1, len(chunk))+`)`, store.Args(chunk)...)
		if err != nil {
			return nil, fmt.Errorf("name teams: %w", err)
		}
		for rows.Next() {
			var id int64
			var name string
			if err := rows.Scan(&id, &name); err != nil {
				return nil, fmt.Errorf("name teams: %w", err)
			}
			names[id] = name
		}
		if err := rows.Err(); err != nil {
			return nil, fmt.Errorf("name teams: %w", err)
		}
		if err := rows.Close(); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// putOwners writes the owners that changed, many in one statement.
func putOwners(ctx context.Context, tx *store.Tx, changed []owned) error {
	const width = 8
	for chunk := range slices.Chunk(changed, 100) {
		var values []string
		var args []any
		for i, c := range chunk {
			n := i * width
			values = append(values, fmt.Sprintf("(CAST($%d AS bigint), CAST($%d AS text), CAST($%d AS bigint), CAST($%d AS text), CAST($%d AS text), CAST($%d AS text), CAST($%d AS text), CAST($%d AS text))", n+1, n+2, n+3, n+4, n+5, n+6, n+7, n+8))
			o := c.owner
			args = append(args, c.id, o.Kind, o.TeamID, o.Name, o.State, o.Source, o.From, o.Seen)
		}
		_, err := tx.Exec(ctx, `WITH v (id, kind, team, name, state, source, place, seen) AS (VALUES `+strings.Join(values, ", ")+`)
			UPDATE component SET owner_kind = v.kind, owner_team_id = v.team, owner_name = v.name, owner_state = v.state, owner_source = v.source, owner_from = v.place, owner_seen_day = v.seen
			FROM v WHERE component.id = v.id`, args...)
		if err != nil {
			return fmt.Errorf("put owners: %w", err)
		}
	}
	return nil
}
