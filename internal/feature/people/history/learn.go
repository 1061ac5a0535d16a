package history

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"steward/internal/feature/estate"
	"steward/internal/platform/store"
)

// Whole marks the work on the repository as a whole; no root has that name.
const Whole = "\x00"

// Learnt is what a history adds up to.
type Learnt struct {
	Commits     int64
	First, Last int64 // µs; 0 when no commit has a date that can be
	Authors     []Author
	Work        []Work
	Months      []Month
	RootMonths  []PlaceMonth // commits by root and month
	Directories []PlaceMonth // commits by directory and month
	Releases    []Release    // newest first
}

// Work is what one identity did to one root, or to the whole.
type Work struct {
	Root          string
	Identity      int64
	Commits, Bulk int64
	First, Last   int64 // µs, of commits that are not bulk; 0 when not known
}

// Month is one month of the whole repository.
type Month struct {
	Month   int64 // yyyymm, UTC
	Commits int64
	Authors int64 // different ones, without service accounts
}

// PlaceMonth is one month of one place.
type PlaceMonth struct {
	Place   string
	Month   int64
	Commits int64
}

// Learn reads the sums. It changes none of them: they are stored after it.
func (f *Fold) Learn() *Learnt {
	l := &Learnt{Commits: f.commits, First: f.first, Last: f.last, Authors: f.authors, Releases: releasesOf(f.snapshot.Tags, f.latest)}
	sums := make(map[uint64]*tally, len(f.work))
	for k, t := range f.work {
		copied := *t
		sums[k] = &copied
	}
	tree := len(f.snapshot.Entries())
	for _, w := range f.wides {
		credit(sums, w.Authors, w.Roots, w.Paths*3 > tree, w.When)
	}
	merged := map[Work]*tally{} // roots that are the same once they are valid text are one
	for k, t := range sums {
		r, a := unpair(k)
		key := Work{Root: Whole, Identity: f.authors[a].ID}
		if r != everywhere {
			key.Root = store.Text(f.roots[r])
		}
		if merged[key] == nil {
			merged[key] = &tally{}
		}
		merged[key].merge(t)
	}
	for key, t := range merged {
		key.Commits, key.Bulk, key.First, key.Last = t.Commits, t.Bulk, t.First, t.Last
		l.Work = append(l.Work, key)
	}
	slices.SortFunc(l.Work, func(a, b Work) int {
		return cmp.Or(cmp.Compare(a.Root, b.Root), cmp.Compare(a.Identity, b.Identity))
	})
	authors := map[int32]int64{}
	for k := range f.monthAuthors {
		m, _ := unpair(k)
		authors[m]++
	}
	for _, m := range slices.Sorted(maps.Keys(f.months)) {
		if m != 0 {
			l.Months = append(l.Months, Month{int64(m), f.months[m], authors[m]})
		}
	}
	l.RootMonths = placeMonths(f.rootMonths, f.roots, len(f.roots))
	l.Directories = placeMonths(f.areaMonths, f.areas, keptAreas)
	return l
}

func (t *tally) merge(o *tally) {
	t.add(o.Commits, false, o.First)
	t.add(0, false, o.Last)
	t.Bulk += o.Bulk
}

// placeMonths names places and keeps those with most commits; the rest is others.
func placeMonths(counts map[uint64]int64, names []string, keep int) []PlaceMonth {
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
			name = Others
		}
		if m != 0 {
			sums[key{name, m}] += n
		}
	}
	all := make([]PlaceMonth, 0, len(sums))
	for k, n := range sums {
		all = append(all, PlaceMonth{k.place, int64(k.month), n})
	}
	slices.SortFunc(all, func(a, b PlaceMonth) int {
		return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.Month, b.Month))
	})
	return all
}

// Facts hold nothing of single people.
func (l *Learnt) Facts() []estate.Fact {
	facts := []estate.Fact{{Name: "history.commits", Value: l.Commits, Basis: estate.Measured}, {Name: "release.count", Value: len(l.Releases), Basis: estate.Measured}}
	add := func(name string, value int64) {
		if value != 0 {
			facts = append(facts, estate.Fact{Name: name, Value: value, Basis: estate.Measured})
		}
	}
	add("history.first", l.First)
	add("history.last", l.Last)
	if last := LastRelease(l.Releases); last != nil {
		add("release.last", store.Micros(last.At))
	}
	if days, ok := Cadence(l.Releases); ok {
		facts = append(facts, estate.Fact{Name: "release.cadence_days", Value: days, Basis: estate.Measured})
	}
	return facts
}

// Notes say what was not counted.
func (f *Fold) Notes() []estate.Note {
	var notes []estate.Note
	if n := f.months[0]; n > 0 {
		notes = append(notes, estate.Note{Kind: estate.NoteUnresolved, Reason: fmt.Sprintf("%d commits have a date that cannot be (1 January 1970 or in the future); they count in no month", n)})
	}
	if len(f.authors) >= maxAuthors {
		notes = append(notes, estate.Note{Kind: estate.NoteLeftOut, Reason: fmt.Sprintf("the history has more than %d authors; further ones are not counted", maxAuthors)})
	}
	if f.crowded > 0 {
		notes = append(notes, estate.Note{Kind: estate.NoteLeftOut, Reason: fmt.Sprintf("%d commits name more than %d authors; further ones of a commit are not counted", f.crowded, maxAuthorsEach)})
	}
	if _, ok := f.areaIndex[rest]; ok {
		notes = append(notes, estate.Note{Kind: estate.NoteLeftOut, Reason: fmt.Sprintf("the history has more than %d directories; further ones are counted together", maxAreas)})
	}
	return notes
}

// Half is the fewest people who make half of the commits.
func Half(counts []int64) int64 {
	slices.SortFunc(counts, func(a, b int64) int { return int(min(max(b-a, -1), 1)) })
	total, sum := int64(0), int64(0)
	for _, n := range counts {
		total += n
	}
	for i, n := range counts {
		if sum += n; sum*2 >= total && total > 0 {
			return int64(i + 1)
		}
	}
	return 0
}
