// Package history adds the commits of one repository up: who worked on which
// component root, how many commits and authors each month had, which
// directories move, and what was released.
//
// Commits come newest first and one by one; memory grows with authors, roots
// and months, not with commits. State keeps the sums for the next reading, by
// ids of authors, without their names; Restore refuses it when component
// roots, .mailmap, the list of ignored commits or the depth of the copy have
// changed, so that the history comes whole. Reading on from a state gives the
// same as reading all at once.
//
// Merges count as commits and for no root. Bulk and reformatting commits
// (bulk.go) are counted apart.
package history

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"steward/internal/feature/estate"
	"steward/internal/format/mailmap"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/store"
)

// Limits of one history. What is beyond them is counted under others.
const (
	maxAreas       = 50_000  // directories that are counted while reading
	keptAreas      = 500     // directories that are kept
	maxPlaces      = 300_000 // directories whose root is remembered
	maxAuthors     = 500_000
	maxWides       = 20_000 // commits of 101 to 1,000 paths; further ones count as bulk
	maxAuthorsEach = 300    // authors of one commit; large squashed ones have more than a hundred
	maxIgnored     = 100_000
	ignoredLimit   = 8 << 20 // bytes of .git-blame-ignore-revs
)

// Others stands for all directories beyond the limit. While reading it is
// rest, as no path holds a NUL.
const (
	Others = "*"
	rest   = "\x00"
)

// tally is what one author did to one place.
type tally struct {
	Commits, Bulk int64
	First, Last   int64 // µs, of commits that are not bulk; 0 when none has a date
}

func (t *tally) add(n int64, bulk bool, when int64) {
	if bulk {
		t.Bulk += n
		return
	}
	t.Commits += n
	if when != 0 {
		if t.First == 0 || when < t.First {
			t.First = when
		}
		if t.Last == 0 || when > t.Last {
			t.Last = when
		}
	}
}

// pair packs two small numbers into a key.
func pair(a, b int32) uint64 { return uint64(uint32(a))<<32 | uint64(uint32(b)) }

func unpair(k uint64) (a, b int32) { return int32(k >> 32), int32(uint32(k)) }

// wide is a commit of which the size of the tree decides whether it is bulk.
type wide struct {
	Paths   int
	When    int64
	Authors []int32
	Roots   []int32
}

// Fold is one reading of a history: everything that commits add up to, in
// memory that grows with authors, roots and months, not with commits.
type Fold struct {
	snapshot *estate.Snapshot
	latest   int64  // µs; later dates are mistakes
	inputs   string // digest of what the fold depends on beside the commits
	mailmap  mailmap.Map
	ignored  map[string]bool

	roots     []string
	rootIndex map[string]int32
	areas     []string
	areaIndex map[string]int32
	places    map[string]spot // directory → its root and area
	authors   []Author
	byRaw     map[string]int32
	byID      map[int64]int32

	commits, merges int64
	crowded         int64 // commits with more than maxAuthorsEach authors
	first, last     int64
	work            map[uint64]*tally // root, author; root -1 is the whole repository
	wides           []wide
	months          map[int32]int64
	monthAuthors    map[uint64]struct{}
	rootMonths      map[uint64]int64
	areaMonths      map[uint64]int64

	scratch             []byte
	serial              uint32
	rootSeen, areaSeen  []uint32 // serial of the commit that touched it last
	touched, touchedDir []int32
	wrote               []int32
}

// spot is where a directory lies.
type spot struct{ root, area int32 }

// everywhere is the root that stands for the whole repository.
const everywhere = int32(-1)

// New prepares the reading of a history. Dates after latest count as unknown.
func New(s *estate.Snapshot, latest time.Time) *Fold {
	f := &Fold{
		snapshot: s, latest: store.Micros(latest), roots: s.ComponentRoots(), rootIndex: map[string]int32{}, areaIndex: map[string]int32{}, places: map[string]spot{},
		byRaw: map[string]int32{}, byID: map[int64]int32{}, work: map[uint64]*tally{}, months: map[int32]int64{}, monthAuthors: map[uint64]struct{}{},
		rootMonths: map[uint64]int64{}, areaMonths: map[uint64]int64{}, ignored: map[string]bool{},
	}
	for i, r := range f.roots {
		f.rootIndex[r] = int32(i)
	}
	f.rootSeen = make([]uint32, len(f.roots))
	digest := sha256.New()
	fmt.Fprintf(digest, "%q %v ", f.roots, s.Shallow)
	if b, err := s.Read(".mailmap", mailmap.MaxSize); err == nil {
		f.mailmap, _ = mailmap.Parse(b)
		digest.Write(b)
	}
	digest.Write([]byte{0})
	if b, err := s.Read(".git-blame-ignore-revs", ignoredLimit); err == nil {
		f.ignored = ignoredCommits(b)
		digest.Write(b)
	}
	f.inputs = hex.EncodeToString(digest.Sum(nil)[:16])
	return f
}

// ignoredCommits reads full object ids, one a line, # beginning a comment
// (git-blame(1), --ignore-revs-file).
func ignoredCommits(b []byte) map[string]bool {
	ids := map[string]bool{}
	for line := range bytes.Lines(b) {
		line, _, _ = bytes.Cut(line, []byte{'#'})
		if id := strings.ToLower(string(bytes.TrimSpace(line))); (len(id) == 40 || len(id) == 64) && len(ids) < maxIgnored {
			ids[id] = true
		}
	}
	return ids
}

// Commit adds one commit. Nothing is allocated for a path whose directory is known.
func (f *Fold) Commit(c *gitrepo.Commit) {
	when := f.when(c)
	f.commits++
	if when != 0 {
		if f.first == 0 || when < f.first {
			f.first = when
		}
		f.last = max(f.last, when, f.plausible(c.Committer.Time))
	}
	f.serial++
	f.findAuthors(c)
	month := monthOf(when)
	f.months[month]++
	for _, a := range f.wrote {
		if !f.authors[a].Service {
			f.monthAuthors[pair(month, a)] = struct{}{}
		}
	}
	if c.Merge() {
		f.merges++
		return
	}
	f.findPlaces(c)
	for _, r := range f.touched {
		f.rootMonths[pair(r, month)]++
	}
	for _, d := range f.touchedDir {
		f.areaMonths[pair(d, month)]++
	}
	paths := len(c.Changes) + c.Omitted
	bulk := paths > largePaths || len(f.ignored) > 0 && f.ignored[string(c.ID)]
	if !bulk {
		bulk, f.scratch = namedBulk(c.Message, paths, f.scratch)
	}
	if !bulk && paths > widespreadPaths && len(c.Parents) > 0 {
		if len(f.wides) >= maxWides {
			credit(f.work, f.wrote, f.touched, true, when)
			return
		}
		f.wides = append(f.wides, wide{Paths: paths, When: when, Authors: append([]int32(nil), f.wrote...), Roots: append([]int32(nil), f.touched...)})
		return
	}
	credit(f.work, f.wrote, f.touched, bulk, when)
}

// credit adds a commit to all its authors, for all roots it touched and the whole.
func credit(work map[uint64]*tally, authors, roots []int32, bulk bool, when int64) {
	for _, a := range authors {
		tallyOf(work, everywhere, a).add(1, bulk, when)
		for _, r := range roots {
			tallyOf(work, r, a).add(1, bulk, when)
		}
	}
}

func tallyOf(work map[uint64]*tally, root, author int32) *tally {
	k := pair(root, author)
	t := work[k]
	if t == nil {
		t = &tally{}
		work[k] = t
	}
	return t
}

// when is the author's date, or the committer's when that one cannot be; 0 when neither can.
func (f *Fold) when(c *gitrepo.Commit) int64 {
	if t := f.plausible(c.Author.Time); t != 0 {
		return t
	}
	return f.plausible(c.Committer.Time)
}

// earliest is 2 January 1970 in µs: dates of the first day come from clocks that were never set.
const earliest = int64(24 * 3600 * 1e6)

func (f *Fold) plausible(t int64) int64 {
	if t < earliest || t > f.latest {
		return 0
	}
	return t
}

// monthOf is yyyymm in UTC; 0 when the date is not known.
func monthOf(when int64) int32 {
	if when == 0 {
		return 0
	}
	y, m, _ := time.UnixMicro(when).UTC().Date()
	return int32(y*100 + int(m))
}

// findAuthors sets f.wrote to the author and the co-authors of a commit.
func (f *Fold) findAuthors(c *gitrepo.Commit) {
	f.wrote = f.wrote[:0]
	f.addAuthor(c.Author.Name, c.Author.Email)
	if !bytes.Contains(c.Message, []byte("uthored-")) && !bytes.Contains(c.Message, []byte("UTHORED-")) {
		return
	}
	crowded := false
	gitrepo.Trailers(c.Message, func(key, value []byte) {
		if !bytes.EqualFold(key, []byte("co-authored-by")) {
			return
		}
		if crowded = len(f.wrote) >= maxAuthorsEach; !crowded {
			f.addAuthor(gitrepo.SplitPerson(value))
		}
	})
	if crowded {
		f.crowded++
	}
}

func (f *Fold) addAuthor(name, email []byte) {
	f.scratch = append(append(append(f.scratch[:0], name...), 0), email...)
	i, ok := f.byRaw[string(f.scratch)]
	if !ok {
		if i, ok = f.meet(string(name), string(email)); !ok {
			return
		}
		if len(f.scratch) < 2*MaxEmail {
			f.byRaw[string(f.scratch)] = i
		}
	}
	for _, w := range f.wrote {
		if w == i {
			return
		}
	}
	f.wrote = append(f.wrote, i)
}

// meet gives an author that was not seen in this form yet its number.
func (f *Fold) meet(name, email string) (int32, bool) {
	a := newAuthor(f.mailmap.Resolve(name, email))
	if a.Name == "" && a.Email == "" {
		return 0, false
	}
	i, ok := f.byID[a.ID]
	if ok {
		f.authors[i] = a // known by its id only until now
		return i, true
	}
	if len(f.authors) >= maxAuthors {
		return 0, false
	}
	i = int32(len(f.authors))
	f.authors, f.byID[a.ID] = append(f.authors, a), i
	return i, true
}

// findPlaces sets f.touched and f.touchedDir to the roots and directories of a commit's paths.
func (f *Fold) findPlaces(c *gitrepo.Commit) {
	f.touched, f.touchedDir = f.touched[:0], f.touchedDir[:0]
	var last []byte
	known := false
	for i := range c.Changes {
		path := c.Changes[i].Path
		dir := path[:max(bytes.LastIndexByte(path, '/'), 0)]
		if known && bytes.Equal(dir, last) {
			continue
		}
		last, known = dir, true
		s, ok := f.places[string(dir)]
		if !ok {
			s = f.settle(string(dir))
		}
		if f.rootSeen[s.root] != f.serial {
			f.rootSeen[s.root] = f.serial
			f.touched = append(f.touched, s.root)
		}
		if f.areaSeen[s.area] != f.serial {
			f.areaSeen[s.area] = f.serial
			f.touchedDir = append(f.touchedDir, s.area)
		}
	}
}

// settle finds root and area of a directory not met before.
func (f *Fold) settle(dir string) spot {
	if len(f.places) >= maxPlaces {
		clear(f.places)
	}
	s := spot{area: f.areaOf(area(dir))}
	for at := dir; ; {
		if i, ok := f.rootIndex[at]; ok {
			s.root = i
			break
		}
		at = at[:max(strings.LastIndexByte(at, '/'), 0)]
	}
	f.places[dir] = s
	return s
}

func (f *Fold) areaOf(name string) int32 {
	if i, ok := f.areaIndex[name]; ok {
		return i
	}
	if len(f.areas) >= maxAreas && name != rest {
		return f.areaOf(rest)
	}
	i := int32(len(f.areas))
	f.areas, f.areaSeen = append(f.areas, name), append(f.areaSeen, 0)
	f.areaIndex[name] = i
	return i
}

// area is the first two parts of a directory.
func area(dir string) string {
	first := strings.IndexByte(dir, '/')
	if first < 0 {
		return dir
	}
	if second := strings.IndexByte(dir[first+1:], '/'); second >= 0 {
		return dir[:first+1+second]
	}
	return dir
}

// MonthText is "Dec 2024" of 202412.
func MonthText(month int64) string {
	names := [...]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}
	if m := month % 100; m >= 1 && m <= 12 {
		return names[m-1] + " " + strconv.FormatInt(month/100, 10)
	}
	return "Unknown"
}
