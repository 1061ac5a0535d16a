package people

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"steward/internal/feature/estate"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/store"
)

// Analyser learns from the history of a repository who worked on what, when,
// and what was released.
func (f *Feature) Analyser() estate.Analyser {
	return estate.Analyser{Name: "people", Version: 1, History: true, Begin: func(s *estate.Snapshot) estate.Pass {
		return &pass{feature: f, fold: newFold(s, f.p.Now().Add(24*time.Hour))}
	}}
}

// pass is one reading of one repository.
type pass struct {
	feature *Feature
	fold    *fold
}

// Restore goes on from the sums of the last reading.
func (p *pass) Restore(state []byte) error { return p.fold.restore(state) }

// Commit adds one commit.
func (p *pass) Commit(c *gitrepo.Commit) { p.fold.Commit(c) }

// State keeps the sums for the next reading.
func (p *pass) State() ([]byte, error) { return p.fold.state() }

// Analyse gives facts and rows.
func (p *pass) Analyse(context.Context) (estate.Result, error) {
	l := p.fold.learn()
	return estate.Result{Facts: l.facts(), Notes: p.fold.notes(), Summary: l.summary(), Write: func(ctx context.Context, tx *store.Tx, at estate.Target) error {
		return p.feature.write(ctx, tx, at, l)
	}}, nil
}

// whole marks the work on the repository as a whole; no root has that name.
const whole = "\x00"

// learnt is what a history adds up to.
type learnt struct {
	commits, merges int64
	first, last     int64 // µs; 0 when no commit has a date that can be
	authors         []author
	work            []work
	months          []month
	rootMonths      []placeMonth
	directories     []placeMonth
	releases        []Release
}

// work is what one identity did to one root, or to the whole.
type work struct {
	root          string
	identity      int64
	commits, bulk int64
	first, last   int64
}

type month struct{ month, commits, authors int64 }

type placeMonth struct {
	place          string
	month, commits int64
}

// learn reads the sums. It changes none of them: they are stored after it.
func (f *fold) learn() *learnt {
	l := &learnt{commits: f.commits, merges: f.merges, first: f.first, last: f.last, authors: f.authors, releases: releasesOf(f.snapshot.Tags, f.latest)}
	sums := make(map[uint64]*tally, len(f.work))
	for k, t := range f.work {
		copied := *t
		sums[k] = &copied
	}
	tree := len(f.snapshot.Entries())
	for _, w := range f.wides {
		credit(sums, w.Authors, w.Roots, w.Paths*3 > tree, w.When)
	}
	merged := map[work]*tally{} // roots that are the same once they are valid text are one
	for k, t := range sums {
		r, a := unpair(k)
		key := work{root: whole, identity: f.authors[a].id}
		if r != everywhere {
			key.root = store.Text(f.roots[r])
		}
		if merged[key] == nil {
			merged[key] = &tally{}
		}
		merged[key].merge(t)
	}
	for key, t := range merged {
		key.commits, key.bulk, key.first, key.last = t.Commits, t.Bulk, t.First, t.Last
		l.work = append(l.work, key)
	}
	slices.SortFunc(l.work, func(a, b work) int {
		return cmp.Or(cmp.Compare(a.root, b.root), cmp.Compare(a.identity, b.identity))
	})
	authors := map[int32]int64{}
	for k := range f.monthAuthors {
		m, _ := unpair(k)
		authors[m]++
	}
	for _, m := range sortedKeys(f.months) {
		if m != 0 {
			l.months = append(l.months, month{int64(m), f.months[m], authors[m]})
		}
	}
	l.rootMonths = placeMonths(f.rootMonths, f.roots, len(f.roots))
	l.directories = placeMonths(f.areaMonths, f.areas, keptAreas)
	return l
}

func (t *tally) merge(o *tally) {
	t.add(o.Commits, false, o.First)
	t.add(0, false, o.Last)
	t.Bulk += o.Bulk
}

// placeMonths names places and keeps those with most commits; the rest is others.
func placeMonths(counts map[uint64]int64, names []string, keep int) []placeMonth {
	totals := map[string]int64{}
	for k, n := range counts {
		p, _ := unpair(k)
		if names[p] != rest {
			totals[store.Text(names[p])] += n
		}
	}
	order := slices.SortedFunc(maps.Keys(totals), func(a, b string) int {
		return cmp.Or(cmp.Compare(totals[b], totals[a]), cmp.Compare(a, b))
	})
	kept := map[string]bool{}
	for _, name := range order[:min(keep, len(order))] {
		kept[name] = true
	}
	type key struct {
		place string
		month int32
	}
	sums := map[key]int64{}
	for k, n := range counts {
		p, m := unpair(k)
		name := store.Text(names[p])
		if !kept[name] || names[p] == rest {
			name = others
		}
		if m != 0 {
			sums[key{name, m}] += n
		}
	}
	all := make([]placeMonth, 0, len(sums))
	for k, n := range sums {
		all = append(all, placeMonth{k.place, int64(k.month), n})
	}
	slices.SortFunc(all, func(a, b placeMonth) int {
		return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.month, b.month))
	})
	return all
}

// facts hold nothing of single people.
func (l *learnt) facts() []estate.Fact {
	facts := []estate.Fact{{Name: "history.commits", Value: l.commits, Basis: estate.Measured}, {Name: "release.count", Value: len(l.releases), Basis: estate.Measured}}
	add := func(name string, value int64) {
		if value != 0 {
			facts = append(facts, estate.Fact{Name: name, Value: value, Basis: estate.Measured})
		}
	}
	add("history.first", l.first)
	add("history.last", l.last)
	if last := lastRelease(l.releases); last != nil {
		add("release.last", store.Micros(last.At))
	}
	if days, ok := cadence(l.releases); ok {
		facts = append(facts, estate.Fact{Name: "release.cadence_days", Value: days, Basis: estate.Measured})
	}
	return facts
}

// notes say what was not counted.
func (f *fold) notes() []estate.Note {
	var notes []estate.Note
	if n := f.months[0]; n > 0 {
		notes = append(notes, estate.Note{Kind: estate.NoteUnresolved, Reason: fmt.Sprintf("%d commits have a date that cannot be (1 January 1970 or in the future); they count in no month", n)})
	}
	if len(f.authors) >= maxAuthors {
		notes = append(notes, estate.Note{Kind: estate.NoteLeftOut, Reason: fmt.Sprintf("the history has more than %d authors; further ones are not counted", maxAuthors)})
	}
	if _, ok := f.areaIndex[rest]; ok {
		notes = append(notes, estate.Note{Kind: estate.NoteLeftOut, Reason: fmt.Sprintf("the history has more than %d directories; further ones are counted together", maxAreas)})
	}
	return notes
}
