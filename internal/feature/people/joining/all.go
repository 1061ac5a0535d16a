package joining

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"steward/internal/feature/people/grouping"
	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// Config is what all identities are grouped by.
type Config struct {
	Domains  []string                // of the firm
	Now      int64                   // µs
	Progress func(done, total int64) // of the transactions that write
}

// All groups all identities of the estate anew. It reads them at one moment
// and groups them while others write; what is then different is written in
// small transactions, each of whole persons, so that nobody waits for long and
// one that is killed has left nothing half-done. A transaction writes only if
// its persons are as they were read; stale says how many were not. They are for
// the next call, as is what came since the beginning.
func All(ctx context.Context, db *store.DB, v access.Viewer, how Config) (stale int, err error) {
	if err := v.Require(access.RunJobs); err != nil {
		return 0, err
	}
	var p *plan
	err = db.Snapshot(ctx, func(r store.Reader) error {
		p, err = read(ctx, r)
		return err
	})
	if err != nil {
		return 0, err
	}
	all := p.differences(how)
	for i, d := range all {
		how.Progress(int64(i), int64(len(all)))
		err := db.Tx(ctx, func(tx *store.Tx) error {
			tx.MayRepeat()
			return d.write(ctx, tx)
		})
		if errors.Is(err, errStale) {
			stale += len(d.persons)
		} else if err != nil {
			return stale, err
		}
	}
	return stale, nil
}

// plan is all that was read.
type plan struct {
	members []grouping.Member // in the order of their ids
	persons map[int64]grouping.Person
	ties    [][2]int64
}

func read(ctx context.Context, r store.Reader) (*plan, error) {
	var p plan
	var err error
	if p.members, err = loadMembers(ctx, r, "1 = 1"); err != nil {
		return nil, err
	}
	if p.persons, err = loadPersons(ctx, r, "1 = 1"); err != nil {
		return nil, err
	}
	p.ties, err = ties(ctx, r)
	return &p, err
}

// difference is what is to be written of some persons in one transaction. What
// one of them gives to another one is in it as a whole.
type difference struct {
	persons []int64
	members []grouping.Member         // as they were read, in the order of their ids
	bodies  map[int64]grouping.Person // as they were read
	moved   []move
	changed []grouping.Person
}

// errStale says that persons were changed since they were read.
var errStale = errors.New("persons have changed since they were read")

// together is how many persons are written in one transaction, or a few more.
const together = 100

// differences groups everything and gives what is then different, in portions.
func (p *plan) differences(how Config) []*difference {
	g := grouping.Grouping{Members: slices.Clone(p.members), Persons: p.persons, Ties: p.ties, Now: how.Now, Domains: how.Domains}
	classify(g.Members, how.Domains)
	bodies := g.Assign()
	linked := links{}
	var moved []move
	for i, m := range g.Members {
		if from := p.members[i]; m.Person != from.Person || m.Kind != from.Kind {
			moved = append(moved, move{from, m})
			linked.link(from.Person, m.Person)
		}
	}
	var changed []grouping.Person
	for _, b := range bodies {
		old, ok := p.persons[b.ID]
		if ok && old == b {
			continue
		}
		changed = append(changed, b)
		linked.link(b.ID, b.ID)
		for _, to := range []int64{b.MergedInto, old.MergedInto} {
			if to != 0 {
				linked.link(b.ID, to)
			}
		}
	}
	all, of := linked.portions(together)
	for _, m := range moved {
		d := all[of[m.to.Person]]
		d.moved = append(d.moved, m)
	}
	for _, b := range changed {
		d := all[of[b.ID]]
		d.changed = append(d.changed, b)
	}
	keep := func(d *difference, id int64) {
		if b, ok := p.persons[id]; ok {
			d.bodies[id] = b
		}
	}
	for id, i := range of {
		keep(all[i], id)
	}
	for _, m := range p.members {
		if i, ok := of[m.Person]; ok {
			all[i].members = append(all[i].members, m)
			keep(all[i], m.ID)
		}
	}
	return all
}

// write writes a difference, or nothing and errStale.
func (d *difference) write(ctx context.Context, tx *store.Tx) error {
	members, bodies, err := of(ctx, tx, d.persons)
	if err != nil {
		return err
	}
	if !slices.Equal(members, d.members) || !maps.Equal(bodies, d.bodies) {
		return errStale
	}
	n, err := put(ctx, tx, d.moved)
	if err != nil {
		return err
	}
	if n != int64(len(d.moved)) { // moved by somebody since the look above
		return errStale
	}
	return putPersons(ctx, tx, d.changed)
}

// links are persons that hang together: each with another one, or itself, of its set.
type links map[int64]int64

func (l links) root(id int64) int64 {
	if _, ok := l[id]; !ok {
		l[id] = id
	}
	for l[id] != id {
		l[id] = l[l[id]]
		id = l[id]
	}
	return id
}

func (l links) link(a, b int64) {
	a, b = l.root(a), l.root(b)
	l[max(a, b)] = min(a, b)
}

// portions cuts all persons into portions of about size, sets whole, and says
// for each in which it is.
func (l links) portions(size int) (all []*difference, of map[int64]int) {
	sets := map[int64][]int64{}
	for _, id := range slices.Sorted(maps.Keys(l)) {
		sets[l.root(id)] = append(sets[l.root(id)], id)
	}
	of = make(map[int64]int, len(l))
	for _, root := range slices.Sorted(maps.Keys(sets)) {
		if n := len(all); n == 0 || len(all[n-1].persons) >= size {
			all = append(all, &difference{bodies: map[int64]grouping.Person{}})
		}
		d := all[len(all)-1]
		d.persons = append(d.persons, sets[root]...)
		for _, id := range sets[root] {
			of[id] = len(all) - 1
		}
	}
	for _, d := range all {
		slices.Sort(d.persons)
	}
	return all, of
}

// sweepAfter is how long an identity that nothing mentions is kept, in µs: a
// reading at the same moment may be about to mention it.
const sweepAfter = int64(24 * 3600 * 1e6)

// Sweep forgets identities that no history and no owner file has any more, a few at a time. Now is µs.
func Sweep(ctx context.Context, db *store.DB, v access.Viewer, now int64) error {
	if err := v.Require(access.RunJobs); err != nil {
		return err
	}
	const unused = `NOT EXISTS (SELECT 1 FROM contributor c WHERE c.identity_id = identity.id) AND NOT EXISTS (SELECT 1 FROM publication b WHERE b.identity_id = identity.id)
		AND identity.erased_at = 0 AND identity.seen_at < $1`
	const alone = `NOT EXISTS (SELECT 1 FROM identity i WHERE i.person_id = person.id) AND NOT EXISTS (SELECT 1 FROM identity i WHERE i.id = person.id)`
	for _, kind := range []struct {
		find string
		drop []string // with the ids that were found in between
		args []any
	}{
		{`SELECT id FROM identity WHERE ` + unused, []string{
			`DELETE FROM person_name WHERE identity_id IN (SELECT identity.id FROM identity WHERE ` + unused + ` AND identity.id IN (%s))`,
			`DELETE FROM identity WHERE ` + unused + ` AND NOT EXISTS (SELECT 1 FROM identity o WHERE o.person_id = identity.id AND o.id <> identity.id) AND identity.id IN (%s)`,
		}, []any{now - sweepAfter}},
		{`SELECT id FROM person WHERE ` + alone, []string{`DELETE FROM person WHERE ` + alone + ` AND person.id IN (%s)`}, nil},
	} {
		ids, err := store.Collect(scanID)(db.Query(ctx, kind.find, kind.args...))
		if err != nil {
			return fmt.Errorf("look for what is forgotten: %w", err)
		}
		for part := range slices.Chunk(ids, 500) {
			err := db.Tx(ctx, func(tx *store.Tx) error {
				for _, drop := range kind.drop {
					if _, err := tx.Exec(ctx, fmt.Sprintf(drop, list(part, itself)), kind.args...); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return fmt.Errorf("forget identities that nothing mentions: %w", err)
			}
		}
	}
	return nil
}
