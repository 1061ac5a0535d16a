package people

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"steward/internal/feature/estate"
	"steward/internal/format/identity"
	"steward/internal/platform/job"
	"steward/internal/platform/store"
)

// joinJob groups all identities of the estate anew; its one key is "all".
const joinJob = "people.join"

// member is an identity as grouping sees it.
type member struct {
	id, person int64
	kind       identity.Kind
	apart      bool // a person took it out of all rules
	named           // empty when it was erased
}

// body is a person as grouping sees it.
type body struct {
	id, created, mergedInto, nameOf int64
	kind                            identity.Kind
}

// grouping is the work on some identities; persons in it are there with all of theirs.
type grouping struct {
	members []member
	bodies  map[int64]body
	ties    [][2]int64 // joined by hand
	keep    bool       // what is together stays together
	now     int64
}

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
	before := slices.Clone(g.members)
	for i, m := range g.members {
		if m.named != (named{}) {
			g.members[i].kind, _ = identity.Classify(identity.Identity{Name: m.name, Email: m.email}, identity.Config{FirmDomains: domains})
		}
	}
	g.now = now
	if err := g.settle(ctx, tx, before); err != nil {
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
		if n.email != "" {
			keys["email_key"] = append(keys["email_key"], n.emailKey())
		}
		if n.account != "" {
			keys["account"] = append(keys["account"], n.account)
			keys["local_key"] = append(keys["local_key"], n.account)
		} else if local := n.localKey(); local != "" {
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
				WHERE n.`+column+` IN (`+marks(1, len(chunk))+`)`, chunk...))
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
	var g grouping
	for chunk := range chunks(persons, 500) {
		in := idList(chunk)
		part, err := load(ctx, tx, "i.person_id IN ("+in+")", "p.id IN ("+in+") OR p.id IN (SELECT i.id FROM identity i WHERE i.person_id IN ("+in+"))")
		if err != nil {
			return err
		}
		g.members = append(g.members, part.members...)
		g.ties = append(g.ties, part.ties...)
		if g.bodies == nil {
			g.bodies = part.bodies
		}
		for id, b := range part.bodies {
			g.bodies[id] = b
		}
	}
	g.keep, g.now = keep, now
	return g.settle(ctx, tx, slices.Clone(g.members))
}

// idList writes numbers of our own into a statement; nothing of it comes from outside.
func idList(ids []int64) string {
	return repeat(len(ids), func(i int) string { return fmt.Sprint(ids[i]) })
}

func load(ctx context.Context, tx *store.Tx, ofIdentity, ofPerson string) (grouping, error) {
	g := grouping{bodies: map[int64]body{}}
	var err error
	g.members, err = store.Collect(func(row store.Scanner) (member, error) {
		var m member
		var apart int64
		err := row.Scan(&m.id, &m.person, &m.kind, &apart, &m.name, &m.email, &m.account)
		m.apart = apart > 0
		return m, err
	})(tx.Query(ctx, `SELECT i.id, i.person_id, i.kind, CASE WHEN a.identity_id IS NULL THEN 0 ELSE 1 END, COALESCE(n.name, ''), COALESCE(n.email, ''), COALESCE(n.account, '')
		FROM identity i LEFT JOIN person_name n ON n.identity_id = i.id LEFT JOIN identity_apart a ON a.identity_id = i.id WHERE `+ofIdentity+` ORDER BY i.id`))
	if err != nil {
		return g, fmt.Errorf("load identities: %w", err)
	}
	bodies, err := store.Collect(func(row store.Scanner) (body, error) {
		var b body
		err := row.Scan(&b.id, &b.created, &b.mergedInto, &b.nameOf, &b.kind)
		return b, err
	})(tx.Query(ctx, `SELECT p.id, p.created_at, p.merged_into, p.name_of, p.kind FROM person p WHERE `+ofPerson))
	if err != nil {
		return g, fmt.Errorf("load persons: %w", err)
	}
	for _, b := range bodies {
		g.bodies[b.id] = b
	}
	g.ties, err = store.Collect(func(row store.Scanner) (t [2]int64, err error) { return t, row.Scan(&t[0], &t[1]) })(
		tx.Query(ctx, `SELECT identity_id, other_id FROM identity_join ORDER BY identity_id, other_id`))
	if err != nil {
		return g, fmt.Errorf("load what was joined by hand: %w", err)
	}
	return g, nil
}

// settle works out the persons and writes what is different from before.
func (g *grouping) settle(ctx context.Context, tx *store.Tx, before []member) error {
	bodies := g.assign()
	var moved []member
	for i, m := range g.members {
		if m.person != before[i].person || m.kind != before[i].kind {
			moved = append(moved, m)
		}
	}
	for chunk := range chunks(moved, 300) {
		args := make([]any, 0, 3*len(chunk))
		for _, m := range chunk {
			args = append(args, m.id, m.person, string(m.kind))
		}
		if _, err := tx.Exec(ctx, `UPDATE identity SET person_id = v.column2, kind = v.column3 FROM (VALUES `+repeat(len(chunk), func(i int) string {
			return fmt.Sprintf("(CAST($%d AS bigint), CAST($%d AS bigint), CAST($%d AS text))", i*3+1, i*3+2, i*3+3)
		})+`) AS v WHERE identity.id = v.column1`, args...); err != nil {
			return fmt.Errorf("put persons of identities: %w", err)
		}
	}
	var changed []body
	for _, b := range bodies {
		if old, ok := g.bodies[b.id]; !ok || old != b {
			changed = append(changed, b)
		}
	}
	slices.SortFunc(changed, func(a, b body) int { return cmp.Compare(a.id, b.id) })
	for chunk := range chunks(changed, 200) {
		args := make([]any, 0, 6*len(chunk))
		for _, b := range chunk {
			args = append(args, b.id, store.NewID(), string(b.kind), b.nameOf, b.created, b.mergedInto)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO person (id, uid, kind, name_of, created_at, merged_into) VALUES `+repeat(len(chunk), func(i int) string { return "(" + marks(i*6+1, 6) + ")" })+`
			ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name_of = excluded.name_of, merged_into = excluded.merged_into`, args...); err != nil {
			return fmt.Errorf("put persons: %w", err)
		}
	}
	return nil
}
