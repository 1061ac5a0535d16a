package python

import "steward/internal/format/lockfile"

// graph is a lock on its way to uses.
type graph struct {
	releases []release
	byName   map[string][]int // by key
	declared bool             // somebody said what is direct
	stated   bool             // the lock itself says the scope of every release
	full     bool             // more than the limits allow
}

// release is one package of a lock in one version.
type release struct {
	use       lockfile.Use
	local     bool // part of the project: it is no use, what it needs is direct
	member    bool // local, in a folder of its own whose pyproject.toml is read as well
	dependsOn []reference
}

// reference names a release of the same lock. Version is empty when the lock
// does not say which; then all of that name are meant.
type reference struct {
	name    string
	version string
}

func newGraph() *graph { return &graph{byName: map[string][]int{}} }

// maxSame bounds the releases of one name that references lead to: real locks
// have a few, for different platforms.
const maxSame = 16

// maxEdges bounds the edges of one lock; the largest real ones have thousands.
const maxEdges = 2_000_000

func (g *graph) add(r release) {
	if len(g.releases) >= lockfile.MaxUses {
		g.full = true
		return
	}
	name := r.use.Package.Name
	if len(g.byName[name]) < maxSame {
		g.byName[name] = append(g.byName[name], len(g.releases))
	}
	g.releases = append(g.releases, r)
}

// find returns the releases that a reference means.
func (g *graph) find(ref reference) []int {
	all := g.byName[ref.name]
	if ref.version == "" || len(all) < 2 {
		return all
	}
	for _, i := range all {
		if g.releases[i].use.Package.Version == ref.version {
			return []int{i}
		}
	}
	return all
}

// declare marks what a declaration of the project asks for.
func (g *graph) declare(d declaration, version string, member bool) {
	g.declared = true
	for _, i := range g.find(reference{name: key(d.name), version: version}) {
		u := &g.releases[i].use
		stronger := !u.Named() || d.scope != u.Scope && lockfile.Stronger(u.Scope, d.scope) == d.scope
		if d.req != "" && (stronger || u.Requirement == "") {
			u.Requirement = d.req
		}
		if stronger && !g.stated {
			u.Scope = d.scope
		}
		u.Direct = u.Direct || !member
		u.ByMember = !u.Direct
	}
}

// declareLocal marks what the local packages of the lock ask for.
func (g *graph) declareLocal() {
	for i := range g.releases {
		if !g.releases[i].local {
			continue
		}
		for _, ref := range g.releases[i].dependsOn {
			g.declare(declaration{name: ref.name, scope: lockfile.Production}, ref.version, g.releases[i].member)
		}
	}
}

// guessDirect takes what nothing else needs for direct: a resolver locks
// nothing without a reason. It is for locks whose project is not there.
func (g *graph) guessDirect() {
	needed := make([]bool, len(g.releases))
	for i := range g.releases {
		for _, ref := range g.releases[i].dependsOn {
			for _, to := range g.find(ref) {
				needed[to] = needed[to] || to != i
			}
		}
	}
	for i := range g.releases {
		if u := &g.releases[i].use; !needed[i] {
			u.Direct = true
			if u.Scope == "" {
				u.Scope = lockfile.Production
			}
		}
	}
}

// collect returns the uses.
func (g *graph) collect() ([]lockfile.Use, error) {
	edges := 0
	for i := range g.releases {
		edges += len(g.releases[i].dependsOn)
	}
	if g.full || edges > maxEdges {
		return nil, lockfile.ErrTooLarge
	}
	if !g.declared {
		g.guessDirect()
	}
	var uses lockfile.Collector
	numbers := make([]int, len(g.releases))
	for i := range g.releases {
		numbers[i] = -1
		if !g.releases[i].local {
			numbers[i] = uses.Add(g.releases[i].use)
		}
	}
	for i := range g.releases {
		for _, ref := range g.releases[i].dependsOn {
			for _, to := range g.find(ref) {
				uses.Edge(numbers[i], numbers[to])
			}
		}
	}
	out, err := uses.Uses()
	if !g.stated {
		lockfile.SpreadScopes(out)
	}
	return out, err
}
