package people

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"steward/internal/feature/estate"
	"steward/internal/feature/people/grouping"
	"steward/internal/format/identity"
	"steward/internal/platform/job"
	"steward/internal/platform/store"
)

// joinJob groups all identities of the estate anew; its one key is "all".
const joinJob = "people.join"

// askJoin enqueues the grouping when something new came, or when the domains
// of the firm are others than those that kinds were worked out with.
func (f *Feature) askJoin(ctx context.Context, tx *store.Tx, fresh bool, stored []string) error {
	if f.p.Queue == nil {
		return nil
	}
	if !fresh {
		v, err := f.p.Settings.Values(ctx)
		if err != nil || slices.Equal(v.Domains, stored) {
			return err
		}
	}
	return f.p.Queue.Enqueue(ctx, tx, joinJob, "all", struct{}{})
}

// FollowSetting enqueues the grouping when the firm's domains have changed.
func (f *Feature) FollowSetting(ctx context.Context, tx *store.Tx, key string) error {
	if key != "firm.domains" || f.p.Queue == nil {
		return nil
	}
	return f.p.Queue.Enqueue(ctx, tx, joinJob, "all", struct{}{})
}

// join is the job. It loads and writes in the transaction that completes it:
// a reading that commits later asks for it again.
func (f *Feature) join(ctx context.Context, j *job.Job) error {
	values, err := f.p.Settings.Values(ctx)
	if err != nil {
		return err
	}
	j.Progress(0, 0, "grouping names and addresses")
	return f.db.Tx(ctx, func(tx *store.Tx) error {
		if err := f.joinAll(ctx, tx, values.Domains); err != nil {
			return err
		}
		if f.joined != nil {
			if err := f.joined(ctx, tx); err != nil {
				return err
			}
		}
		return j.Complete(ctx, tx)
	})
}

func (f *Feature) joinAll(ctx context.Context, tx *store.Tx, domains []string) error {
	now := store.Micros(f.p.Now())
	if err := sweep(ctx, tx, now); err != nil {
		return err
	}
	g, err := load(ctx, tx, "1 = 1", "1 = 1")
	if err != nil {
		return err
	}
	before := slices.Clone(g.Members)
	for i, m := range g.Members {
		if m.Named != (grouping.Named{}) {
			g.Members[i].Kind, _ = identity.Classify(identity.Identity{Name: m.Name, Email: m.Email}, identity.Config{FirmDomains: domains})
		}
	}
	g.Now, g.Domains = now, domains
	if err := settle(ctx, tx, &g, before); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO people_state (key, value) VALUES ('domains', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, strings.Join(domains, " "))
	if err != nil {
		return err
	}
	teams, err := store.Collect(scanID)(tx.Query(ctx, `SELECT id FROM team`))
	if err != nil {
		return fmt.Errorf("list teams: %w", err)
	}
	return refreshTeams(ctx, tx, teams)
}

// sweepAfter is how long an identity that nothing mentions is kept, in µs: a
// reading at the same moment may be about to mention it.
const sweepAfter = 24 * 3600 * 1e6

// sweep forgets identities that no history and no owner file has any more.
func sweep(ctx context.Context, tx *store.Tx, now int64) error {
	const unused = `NOT EXISTS (SELECT 1 FROM contributor c WHERE c.identity_id = identity.id) AND NOT EXISTS (SELECT 1 FROM publication b WHERE b.identity_id = identity.id)
		AND identity.erased_at = 0 AND identity.seen_at < $1`
	if _, err := tx.Exec(ctx, `DELETE FROM person_name WHERE identity_id IN (SELECT identity.id FROM identity WHERE `+unused+`)`, now-int64(sweepAfter)); err != nil {
		return fmt.Errorf("forget unused names: %w", err)
	}
	_, err := tx.Exec(ctx, `DELETE FROM identity WHERE `+unused+` AND NOT EXISTS (SELECT 1 FROM identity o WHERE o.person_id = identity.id AND o.id <> identity.id)`, now-int64(sweepAfter))
	if err == nil {
		_, err = tx.Exec(ctx, `DELETE FROM person WHERE NOT EXISTS (SELECT 1 FROM identity i WHERE i.person_id = person.id) AND NOT EXISTS (SELECT 1 FROM identity i WHERE i.id = person.id)`)
	}
	if err != nil {
		return fmt.Errorf("forget unused identities: %w", err)
	}
	return nil
}

// place finds persons for identities that a reading brought, beside those
// known ones that share an address or an account with them. What is joined
// here is what the job would join; it sees more and has the last word.
func place(ctx context.Context, tx *store.Tx, at estate.Target, fresh []newIdentity, also []int64) error {
	keys := map[string][]any{}
	for _, n := range fresh {
		if n.Email != "" {
			keys["email_key"] = append(keys["email_key"], n.EmailKey())
		}
		if n.Account != "" {
			keys["account"] = append(keys["account"], n.Account)
			keys["local_key"] = append(keys["local_key"], n.Account)
		} else if local := n.LocalKey(); local != "" {
			keys["account"] = append(keys["account"], local)
		}
	}
	persons := map[int64]bool{}
	for _, n := range fresh {
		persons[n.id] = true
	}
	for _, id := range also {
		persons[id] = true
	}
	for column, values := range keys {
		for chunk := range chunks(values, 500) {
			near, err := store.Collect(scanID)(tx.Query(ctx, `SELECT DISTINCT i.person_id FROM person_name n JOIN identity i ON i.id = n.identity_id
				WHERE n.`+column+` IN (`+store.Marks(1, len(chunk))+`)`, chunk...))
			if err != nil {
				return fmt.Errorf("look for the same people: %w", err)
			}
			for _, id := range near {
				persons[id] = true
			}
		}
	}
	return regroup(ctx, tx, sortedKeys(persons), true, store.Micros(at.At))
}

// regroup groups the identities of some persons anew.
func regroup(ctx context.Context, tx *store.Tx, persons []int64, keep bool, now int64) error {
	var g grouping.Grouping
	for chunk := range chunks(persons, 500) {
		in := idList(chunk)
		part, err := load(ctx, tx, "i.person_id IN ("+in+")", "p.id IN ("+in+") OR p.id IN (SELECT i.id FROM identity i WHERE i.person_id IN ("+in+"))")
		if err != nil {
			return err
		}
		g.Members = append(g.Members, part.Members...)
		g.Ties = append(g.Ties, part.Ties...)
		if g.Persons == nil {
			g.Persons = part.Persons
		}
		for id, b := range part.Persons {
			g.Persons[id] = b
		}
	}
	g.Keep, g.Now = keep, now
	var err error
	if g.Domains, err = storedDomains(ctx, tx); err != nil {
		return err
	}
	return settle(ctx, tx, &g, slices.Clone(g.Members))
}

// idList writes numbers of our own into a statement; nothing of it comes from outside.
func idList(ids []int64) string {
	return repeat(len(ids), func(i int) string { return fmt.Sprint(ids[i]) })
}

func load(ctx context.Context, tx *store.Tx, ofIdentity, ofPerson string) (grouping.Grouping, error) {
	g := grouping.Grouping{Persons: map[int64]grouping.Person{}}
	var err error
	g.Members, err = store.Collect(func(row store.Scanner) (grouping.Member, error) {
		var m grouping.Member
		var apart int64
		err := row.Scan(&m.ID, &m.Person, &m.Kind, &apart, &m.Name, &m.Email, &m.Account)
		m.Apart = apart > 0
		return m, err
	})(tx.Query(ctx, `SELECT i.id, i.person_id, i.kind, CASE WHEN a.identity_id IS NULL THEN 0 ELSE 1 END, COALESCE(n.Name, ''), COALESCE(n.Email, ''), COALESCE(n.Account, '')
		FROM identity i LEFT JOIN person_name n ON n.identity_id = i.id LEFT JOIN identity_apart a ON a.identity_id = i.id WHERE `+ofIdentity+` ORDER BY i.id`))
	if err != nil {
		return g, fmt.Errorf("load identities: %w", err)
	}
	bodies, err := store.Collect(func(row store.Scanner) (grouping.Person, error) {
		var b grouping.Person
		err := row.Scan(&b.ID, &b.Created, &b.MergedInto, &b.NameOf, &b.Kind)
		return b, err
	})(tx.Query(ctx, `SELECT p.id, p.created_at, p.merged_into, p.name_of, p.kind FROM person p WHERE `+ofPerson))
	if err != nil {
		return g, fmt.Errorf("load persons: %w", err)
	}
	for _, b := range bodies {
		g.Persons[b.ID] = b
	}
	g.Ties, err = store.Collect(func(row store.Scanner) (t [2]int64, err error) { return t, row.Scan(&t[0], &t[1]) })(
		tx.Query(ctx, `SELECT identity_id, other_id FROM identity_join ORDER BY identity_id, other_id`))
	if err != nil {
		return g, fmt.Errorf("load what was joined by hand: %w", err)
	}
	return g, nil
}

// settle works out the persons and writes what is different from before.
func settle(ctx context.Context, tx *store.Tx, g *grouping.Grouping, before []grouping.Member) error {
	bodies := g.Assign()
	var moved []grouping.Member
	for i, m := range g.Members {
		if m.Person != before[i].Person || m.Kind != before[i].Kind {
			moved = append(moved, m)
		}
	}
	for chunk := range chunks(moved, 300) {
		args := make([]any, 0, 3*len(chunk))
		for _, m := range chunk {
			args = append(args, m.ID, m.Person, string(m.Kind))
		}
		if _, err := tx.Exec(ctx, `UPDATE identity SET person_id = v.column2, kind = v.column3 FROM (VALUES `+repeat(len(chunk), func(i int) string {
			return fmt.Sprintf("(CAST($%d AS bigint), CAST($%d AS bigint), CAST($%d AS text))", i*3+1, i*3+2, i*3+3)
		})+`) AS v WHERE identity.id = v.column1`, args...); err != nil {
			return fmt.Errorf("put persons of identities: %w", err)
		}
	}
	var changed []grouping.Person
	for _, b := range bodies {
		if old, ok := g.Persons[b.ID]; !ok || old != b {
			changed = append(changed, b)
		}
	}
	slices.SortFunc(changed, func(a, b grouping.Person) int { return cmp.Compare(a.ID, b.ID) })
	for chunk := range chunks(changed, 200) {
		args := make([]any, 0, 6*len(chunk))
		for _, b := range chunk {
			args = append(args, b.ID, store.NewID(), string(b.Kind), b.NameOf, b.Created, b.MergedInto)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO person (id, uid, kind, name_of, created_at, merged_into) VALUES `+repeat(len(chunk), func(i int) string { return "(" + store.Marks(i*6+1, 6) + ")" })+`
			ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name_of = excluded.name_of, merged_into = excluded.merged_into`, args...); err != nil {
			return fmt.Errorf("put persons: %w", err)
		}
	}
	return nil
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
