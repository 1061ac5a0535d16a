package joining

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"steward/internal/feature/people/grouping"
	"steward/internal/format/identity"
	"steward/internal/platform/store"
)

// Place finds persons for identities that a reading brought, beside those known
// ones that share an address or an account with them. What is joined here is
// what All would join; that sees more and has the last word. Now is µs.
func Place(ctx context.Context, tx *store.Tx, fresh []Met, domains []string, now int64) error {
	keys := map[string][]any{}
	persons := map[int64]bool{}
	for _, m := range fresh {
		persons[m.ID] = true
		if m.Email != "" {
			keys["email_key"] = append(keys["email_key"], m.EmailKey())
		}
		if m.Account != "" {
			keys["account"] = append(keys["account"], m.Account)
			keys["local_key"] = append(keys["local_key"], m.Account)
		} else if local := m.LocalKey(); local != "" {
			keys["account"] = append(keys["account"], local)
		}
	}
	for column, values := range keys {
		for part := range slices.Chunk(values, portion) {
			near, err := store.Collect(scanID)(tx.Query(ctx, `SELECT DISTINCT i.person_id FROM person_name n JOIN identity i ON i.id = n.identity_id
				WHERE n.`+column+` <> '' AND n.`+column+` IN (`+store.Marks(1, len(part))+`)`, part...))
			if err != nil {
				return fmt.Errorf("look for the same people: %w", err)
			}
			for _, id := range near {
				persons[id] = true
			}
		}
	}
	return Regroup(ctx, tx, slices.Sorted(maps.Keys(persons)), domains, true, now)
}

// Regroup groups the identities of some persons anew; keep lets what is together
// stay together. Domains are those of the firm, now is µs.
func Regroup(ctx context.Context, tx *store.Tx, persons []int64, domains []string, keep bool, now int64) error {
	g := grouping.Grouping{Persons: map[int64]grouping.Person{}, Keep: keep, Now: now, Domains: domains}
	for part := range slices.Chunk(persons, 500) {
		members, bodies, err := of(ctx, tx, part)
		if err != nil {
			return err
		}
		g.Members = append(g.Members, members...)
		maps.Copy(g.Persons, bodies)
	}
	var err error
	if g.Ties, err = ties(ctx, tx); err != nil {
		return err
	}
	before := slices.Clone(g.Members)
	bodies := g.Assign()
	var moved []move
	for i, m := range g.Members {
		if m.Person != before[i].Person || m.Kind != before[i].Kind {
			moved = append(moved, move{before[i], m})
		}
	}
	if _, err := put(ctx, tx, moved); err != nil {
		return err
	}
	return putPersons(ctx, tx, slices.DeleteFunc(bodies, func(b grouping.Person) bool {
		old, ok := g.Persons[b.ID]
		return ok && old == b
	}))
}

// of loads some persons with all their identities, those in the order of their ids,
// and the persons that these were first.
func of(ctx context.Context, r store.Reader, persons []int64) ([]grouping.Member, map[int64]grouping.Person, error) {
	members, err := loadMembers(ctx, r, "i.person_id IN ("+list(persons, itself)+")")
	if err != nil {
		return nil, nil, err
	}
	ids := slices.Clone(persons)
	for _, m := range members {
		ids = append(ids, m.ID)
	}
	slices.Sort(ids)
	bodies, err := loadPersons(ctx, r, "p.id IN ("+list(slices.Compact(ids), itself)+")")
	return members, bodies, err
}

func loadMembers(ctx context.Context, r store.Reader, which string) ([]grouping.Member, error) {
	members, err := store.Collect(func(row store.Scanner) (grouping.Member, error) {
		var m grouping.Member
		var apart int64
		err := row.Scan(&m.ID, &m.Person, &m.Kind, &apart, &m.Name, &m.Email, &m.Account)
		m.Apart = apart > 0
		return m, err
	})(r.Query(ctx, `SELECT i.id, i.person_id, i.kind, CASE WHEN a.identity_id IS NULL THEN 0 ELSE 1 END, COALESCE(n.name, ''), COALESCE(n.email, ''), COALESCE(n.account, '')
		FROM identity i LEFT JOIN person_name n ON n.identity_id = i.id LEFT JOIN identity_apart a ON a.identity_id = i.id WHERE `+which+` ORDER BY i.id`))
	if err != nil {
		return nil, fmt.Errorf("load identities: %w", err)
	}
	return members, nil
}

func loadPersons(ctx context.Context, r store.Reader, which string) (map[int64]grouping.Person, error) {
	all, err := store.Collect(func(row store.Scanner) (grouping.Person, error) {
		var b grouping.Person
		err := row.Scan(&b.ID, &b.Created, &b.MergedInto, &b.NameOf, &b.Kind)
		return b, err
	})(r.Query(ctx, `SELECT p.id, p.created_at, p.merged_into, p.name_of, p.kind FROM person p WHERE `+which))
	if err != nil {
		return nil, fmt.Errorf("load persons: %w", err)
	}
	byID := make(map[int64]grouping.Person, len(all))
	for _, b := range all {
		byID[b.ID] = b
	}
	return byID, nil
}

// ties are the identities that were joined by hand.
func ties(ctx context.Context, r store.Reader) ([][2]int64, error) {
	all, err := store.Collect(func(row store.Scanner) (t [2]int64, err error) { return t, row.Scan(&t[0], &t[1]) })(
		r.Query(ctx, `SELECT identity_id, other_id FROM identity_join ORDER BY identity_id, other_id`))
	if err != nil {
		return nil, fmt.Errorf("load what was joined by hand: %w", err)
	}
	return all, nil
}

// move is an identity that gets another person or kind.
type move struct{ from, to grouping.Member }

// put gives identities their persons and kinds, and says how many were still as
// they are moved from; others are left alone.
func put(ctx context.Context, tx *store.Tx, moved []move) (int64, error) {
	var done int64
	for part := range slices.Chunk(moved, portion) {
		args := make([]any, 0, 5*len(part))
		for _, m := range part {
			args = append(args, m.to.ID, m.to.Person, string(m.to.Kind), m.from.Person, string(m.from.Kind))
		}
		n, err := tx.Exec(ctx, `UPDATE identity SET person_id = v.column2, kind = v.column3 FROM (VALUES `+rows(len(part), func(i int) string {
			return fmt.Sprintf("(CAST($%d AS bigint), CAST($%d AS bigint), CAST($%d AS text), CAST($%d AS bigint), CAST($%d AS text))", i*5+1, i*5+2, i*5+3, i*5+4, i*5+5)
		})+`) AS v WHERE identity.id = v.column1 AND identity.person_id = v.column4 AND identity.kind = v.column5`, args...)
		if err != nil {
			return 0, fmt.Errorf("put persons of identities: %w", err)
		}
		done += n
	}
	return done, nil
}

func putPersons(ctx context.Context, tx *store.Tx, changed []grouping.Person) error {
	slices.SortFunc(changed, func(a, b grouping.Person) int { return cmp.Compare(a.ID, b.ID) })
	for part := range slices.Chunk(changed, portion) {
		args := make([]any, 0, 6*len(part))
		for _, b := range part {
			args = append(args, b.ID, store.NewID(), string(b.Kind), b.NameOf, b.Created, b.MergedInto)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO person (id, uid, kind, name_of, created_at, merged_into) VALUES `+rows(len(part), func(i int) string { return "(" + store.Marks(i*6+1, 6) + ")" })+`
			ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name_of = excluded.name_of, merged_into = excluded.merged_into`, args...); err != nil {
			return fmt.Errorf("put persons: %w", err)
		}
	}
	return nil
}

// classify says whose the identities are that have a name.
func classify(members []grouping.Member, domains []string) {
	for i, m := range members {
		if m.Named != (grouping.Named{}) {
			members[i].Kind, _ = identity.Classify(identity.Identity{Name: m.Name, Email: m.Email}, identity.Config{FirmDomains: domains})
		}
	}
}
