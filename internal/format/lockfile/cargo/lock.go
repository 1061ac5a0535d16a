package cargo

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/lockfile/toml"
	"steward/internal/format/purl"
)

// lock is one Cargo.lock while it is being read.
type lock struct {
	path     string
	dir      string
	packages []locked
	byName   map[string][]int // indices of packages, by "name" and by "name version"
}

// maxSame bounds the entries of one name that references are looked up in: a
// lock has a handful of versions of a package, hostile input has all of them.
const maxSame = 500

// locked is one package of a lock.
type locked struct {
	name, version, source string
	line                  int
	dependsOn             []int
	use                   lockfile.Use
	number                int    // in the Collector, -1 for local crates
	crate                 *crate // of a local crate, when its Cargo.toml is there
	local                 bool
}

// readLock reads a parsed Cargo.lock and marks the crates that it covers.
func (t *tree) readLock(p string, root *toml.Value) (lockfile.Manifest, error) {
	entries := root.Get("package").Items()
	if entries == nil && root.Get("root") == nil && root.Get("version") == nil {
		return lockfile.Manifest{}, fmt.Errorf("%w: %w", lockfile.ErrSyntax, errNoPackages)
	}
	l := &lock{path: p, dir: path.Dir(p), byName: map[string][]int{}}
	if old := root.Get("root"); old != nil { // the project itself, until 2017
		entries = append([]*toml.Value{old}, entries...)
	}
	for _, e := range entries {
		k := locked{name: e.Get("name").Str(), version: e.Get("version").Str(), source: e.Get("source").Str(), line: e.Line(), number: -1}
		if k.name == "" {
			return lockfile.Manifest{}, &lockfile.LineError{Line: e.Line(), Err: fmt.Errorf("%w: a package has no name", lockfile.ErrSyntax)}
		}
		for _, key := range []string{k.name, k.name + " " + k.version} {
			if len(l.byName[key]) < maxSame {
				l.byName[key] = append(l.byName[key], len(l.packages))
			}
		}
		l.packages = append(l.packages, k)
	}
	for i, e := range entries {
		for _, d := range e.Get("dependencies").Items() {
			if to := l.find(d.Str()); to >= 0 {
				l.packages[i].dependsOn = append(l.packages[i].dependsOn, to)
			}
		}
	}
	m := lockfile.Manifest{Path: p, Format: format(root), Ecosystem: "cargo", Lock: true, HasEdges: true}
	t.placeLocal(l, &m)
	l.fillUses()
	t.declareDirect(l)
	var err error
	m.Uses, err = l.collect()
	return m, err
}

// format names the version of the lock's format. Versions 1 and 2 do not say
// theirs; only 1 has its checksums in a table of their own.
func format(root *toml.Value) string {
	switch v := root.Get("version").Text(); {
	case v != "":
		return "Cargo.lock v" + v
	case root.Get("metadata") != nil || root.Get("root") != nil:
		return "Cargo.lock v1"
	}
	return "Cargo.lock v2"
}

// find returns the package that "name", "name version" or
// "name version (source)" refers to, or -1.
func (l *lock) find(reference string) int {
	words := strings.SplitN(reference, " ", 3)
	if len(words) == 1 {
		if same := l.byName[words[0]]; len(same) == 1 {
			return same[0]
		}
		return -1
	}
	found := -1
	for _, i := range l.byName[words[0]+" "+words[1]] {
		if len(words) < 3 || sameSource(l.packages[i].source, strings.Trim(words[2], "()")) {
			return i
		}
		if found < 0 {
			found = i
		}
	}
	return found
}

// sameSource compares sources without the commit, which references to git
// sources may leave out.
func sameSource(a, b string) bool {
	a, _, _ = strings.Cut(a, "#")
	b, _, _ = strings.Cut(b, "#")
	return a == b
}

// placeLocal finds the crates of the tree among the packages: those without a
// source, unless a Cargo.toml takes them by a path that leads out of the tree.
// It marks the Cargo.toml files that the lock covers.
func (t *tree) placeLocal(l *lock, m *lockfile.Manifest) {
	members, bare := 0, 0
	for i := range l.packages {
		k := &l.packages[i]
		if k.source != "" {
			continue
		}
		if k.crate = t.nearest(k.name, k.version, l.dir); k.crate != nil {
			t.cover(k.crate, m)
		} else if from, ok := t.outside[k.name]; ok {
			k.use.From = from
			continue
		} else {
			bare++
		}
		k.local = true
		members++
	}
	if root := t.crates[l.dir]; root != nil {
		t.cover(root, m)
		m.ProjectLicence = root.licence
		if root.name != "" {
			m.Project = purl.New("cargo", "", root.name, root.version)
		}
	}
	if members > 0 {
		m.Notes = append(m.Notes, lockfile.Note{Reason: fmt.Sprintf("crates of this project, not dependencies: %d", members)})
	}
	if bare > 0 {
		m.Notes = append(m.Notes, lockfile.Note{Reason: fmt.Sprintf("crates of them without a Cargo.toml that is read, whose packages are all taken for production: %d", bare)})
	}
}

// cover marks a crate as read through this lock, unless another was first.
func (t *tree) cover(c *crate, m *lockfile.Manifest) {
	if c.covered {
		return
	}
	c.covered = true
	m.Covers = append(m.Covers, c.path)
}

// nearest returns the crate of that name that a lock in dir most likely means:
// of the same version, below dir, with the shortest path.
func (t *tree) nearest(name, version, dir string) *crate {
	release, named := t.byRelease[name+" "+version], t.byName[name]
	for _, among := range [][]*crate{within(release, dir), release, within(named, dir), named} {
		if c := shallowest(among); c != nil {
			return c
		}
	}
	return nil
}

// within returns those crates, which are sorted by path, that lie in dir or beneath it.
func within(crates []*crate, dir string) []*crate {
	if dir == "." {
		return crates
	}
	byPath := func(c *crate, p string) int { return strings.Compare(c.path, p) }
	from, _ := slices.BinarySearchFunc(crates, dir+"/", byPath)
	to, _ := slices.BinarySearchFunc(crates, dir+"0", byPath) // what sorts behind the slash
	return crates[from:to]
}

// shallowest returns the crate with the shortest path among the first maxSame.
func shallowest(crates []*crate) *crate {
	var best *crate
	for _, c := range crates[:min(len(crates), maxSame)] {
		if best == nil || len(c.dir) < len(best.dir) {
			best = c
		}
	}
	return best
}

// fillUses writes what each entry says by itself.
func (l *lock) fillUses() {
	for i := range l.packages {
		k := &l.packages[i]
		k.use.Package, k.use.Line = purl.New("cargo", "", k.name, k.version), k.line
		kind, address, _ := strings.Cut(k.source, "+")
		switch {
		case k.source == "":
			k.use.Origin = lockfile.Path
		case kind == "git":
			k.use.Origin, k.use.From = lockfile.Git, lockfile.Address(address)
		case kind == "path":
			k.use.Origin, k.use.From = lockfile.Path, strings.TrimPrefix(address, "file://")
		}
	}
}

// collect turns the packages that are dependencies into uses.
func (l *lock) collect() ([]lockfile.Use, error) {
	var uses lockfile.Collector
	for i := range l.packages {
		if k := &l.packages[i]; !k.local {
			k.use.ByMember = k.use.ByMember && !k.use.Direct
			k.number = uses.Add(k.use)
		}
	}
	for i := range l.packages {
		for _, to := range l.packages[i].dependsOn {
			uses.Edge(l.packages[i].number, l.packages[to].number)
		}
	}
	out, err := uses.Uses()
	lockfile.SpreadScopes(out)
	return out, err
}
