package lockfile

import (
	"fmt"
	"path"

	"steward/internal/format/purl"
	"steward/internal/format/version"
)

// Resolver gives what members of a workspace ask for the releases that the one
// lock of the workspace has for them.
type Resolver struct {
	lock   string // path
	uses   []Use
	byName map[purl.PURL][]int // named ones, by package
}

// maxReleases is how many releases of one package are compared for one use.
const maxReleases = 50

// newResolver returns the resolver of a lock. Uses of it that the project or a
// member names itself answer; what only comes in through others does not.
func newResolver(lock Manifest) *Resolver {
	r := &Resolver{lock: lock.Path, uses: lock.Uses, byName: map[purl.PURL][]int{}}
	for i, u := range lock.Uses {
		if name := u.Package.Package(); u.Named() && len(r.byName[name]) < maxReleases {
			r.byName[name] = append(r.byName[name], i)
		}
	}
	return r
}

// owns says whether a covered manifest is that of the lock's own folder, and
// so no member.
func (r *Resolver) owns(covered string) bool { return path.Dir(covered) == path.Dir(r.lock) }

// Covered has for each manifest that some lock covers the resolver of that
// lock; where there are several, the one in its own folder.
type Covered map[string]*Resolver

// Add takes what a lock covers.
func (c Covered) Add(lock Manifest) {
	if len(lock.Covers) == 0 {
		return
	}
	r := newResolver(lock)
	for _, p := range lock.Covers {
		if c[p] == nil || r.owns(p) {
			c[p] = r
		}
	}
}

// Member returns the resolver of a member of a workspace: of a manifest that a
// lock in another folder covers. It is nil for every other manifest.
func (c Covered) Member(p string) *Resolver {
	if r := c[p]; r != nil && !r.owns(p) {
		return r
	}
	return nil
}

// Member returns a manifest that was read on its own as a member of the
// workspace: its uses in the releases of the lock, which also has what these
// need. What the lock does not have is not installed, and is left out with a note.
func (r *Resolver) Member(m Manifest) Manifest {
	var kept Collector
	left := 0
	for _, u := range m.Uses {
		i := r.release(u)
		if i < 0 {
			left++
			continue
		}
		u.Package, u.Origin, u.From = r.uses[i].Package, r.uses[i].Origin, r.uses[i].From
		kept.Add(u)
	}
	m.Uses, _ = kept.Uses()                               // no more than there were
	m.ResolvedBy, m.Unresolved, m.Notes = r.lock, "", nil // the lock speaks of what is local
	if left > 0 {
		m.Notes = append(m.Notes, Note{Reason: fmt.Sprintf("packages that %s does not have, so that they are not installed: %d", r.lock, left)})
	}
	return m
}

// release finds the use of the lock that answers what a member asks for, -1
// when none does: the one with the very range, else the highest version in it.
func (r *Resolver) release(asked Use) int {
	candidates := r.byName[asked.Package.Package()]
	if len(candidates) == 1 {
		return candidates[0]
	}
	for _, i := range candidates {
		if u := r.uses[i]; asked.Requirement != "" && u.Requirement == asked.Requirement && u.Alias == asked.Alias {
			return i
		}
	}
	best, within := -1, false
	wanted, err := version.ParseRange(asked.Package.Type, asked.Requirement)
	for _, i := range candidates {
		fits := false
		if err == nil {
			fits, _ = wanted.Contains(r.uses[i].Package.Version) // a version that does not parse is in no range
		}
		if best < 0 || fits && !within || fits == within && higher(r.uses[i].Package, r.uses[best].Package) {
			best, within = i, fits
		}
	}
	return best
}

func higher(a, b purl.PURL) bool {
	order, err := version.Compare(a.Type, a.Version, b.Version)
	return err == nil && order > 0
}
