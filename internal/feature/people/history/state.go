package history

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// stored is what is kept of a fold between readings. Authors are there by id
// only: names stand in person_name and nowhere else.
type stored struct {
	Inputs          string
	Commits, Merges int64
	Crowded         int64
	First, Last     int64
	Authors         []int64
	Services        []int32 // numbers of authors that are service accounts
	Areas           []string
	Work            map[uint64]*tally
	Wides           []wide
	Months          map[int32]int64
	MonthAuthors    []uint64
	RootMonths      map[uint64]int64
	AreaMonths      map[uint64]int64
}

// errInputs says that what was added up before no longer holds.
var errInputs = errors.New("component roots, .mailmap, ignored commits or the depth of the copy are others than before")

// State encodes the fold; nil when the history was not read to its end or has
// none before the cut of a shallow copy.
func (f *Fold) State() ([]byte, error) {
	if f.snapshot.HistoryErr != nil || f.snapshot.Shallow {
		return nil, nil
	}
	s := stored{
		Inputs: f.inputs, Commits: f.commits, Merges: f.merges, Crowded: f.crowded, First: f.first, Last: f.last, Areas: f.areas, Work: f.work, Wides: f.wides,
		Months: f.months, RootMonths: f.rootMonths, AreaMonths: f.areaMonths, MonthAuthors: slices.Sorted(maps.Keys(f.monthAuthors)),
	}
	for i, a := range f.authors {
		s.Authors = append(s.Authors, a.ID)
		if a.Service {
			s.Services = append(s.Services, int32(i))
		}
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(s); err != nil {
		return nil, fmt.Errorf("encode the state of a history: %w", err)
	}
	return b.Bytes(), nil
}

// Restore goes on from an earlier state. It refuses one whose sums depend on
// something that is different now; then the history comes whole.
func (f *Fold) Restore(state []byte) error {
	var s stored
	if err := gob.NewDecoder(bytes.NewReader(state)).Decode(&s); err != nil {
		return fmt.Errorf("decode the state of a history: %w", err)
	}
	if s.Inputs != f.inputs {
		return errInputs
	}
	if err := s.check(len(f.roots)); err != nil {
		return err
	}
	f.commits, f.merges, f.crowded, f.first, f.last, f.wides = s.Commits, s.Merges, s.Crowded, s.First, s.Last, s.Wides
	for i, id := range s.Authors {
		f.authors = append(f.authors, Author{ID: id})
		f.byID[id] = int32(i)
	}
	for _, i := range s.Services {
		f.authors[i].Service = true
	}
	for _, name := range s.Areas {
		f.areaOf(name)
	}
	for _, k := range s.MonthAuthors {
		f.monthAuthors[k] = struct{}{}
	}
	if s.Work != nil {
		f.work = s.Work
	}
	if s.Months != nil {
		f.months = s.Months
	}
	if s.RootMonths != nil {
		f.rootMonths = s.RootMonths
	}
	if s.AreaMonths != nil {
		f.areaMonths = s.AreaMonths
	}
	return nil
}

// check refuses numbers that point nowhere, so that a damaged state cannot stop a reading.
func (s *stored) check(roots int) error {
	bad := errors.New("the state of a history is damaged")
	authors := int32(len(s.Authors))
	for k, t := range s.Work {
		if r, a := unpair(k); r < everywhere || r >= int32(roots) || a < 0 || a >= authors || t == nil {
			return bad
		}
	}
	for _, k := range s.MonthAuthors {
		if _, a := unpair(k); a < 0 || a >= authors {
			return bad
		}
	}
	for k := range s.RootMonths {
		if r, _ := unpair(k); r < 0 || r >= int32(roots) {
			return bad
		}
	}
	for k := range s.AreaMonths {
		if d, _ := unpair(k); d < 0 || d >= int32(len(s.Areas)) {
			return bad
		}
	}
	for _, i := range s.Services {
		if i < 0 || i >= authors {
			return bad
		}
	}
	for _, w := range s.Wides {
		for _, a := range w.Authors {
			if a < 0 || a >= authors {
				return bad
			}
		}
		for _, r := range w.Roots {
			if r < 0 || r >= int32(roots) {
				return bad
			}
		}
	}
	return nil
}
