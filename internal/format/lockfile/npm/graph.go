package npm

import (
	"fmt"

	"steward/internal/format/lockfile"
)

// graph is what a lock file says before scopes, edges and directness are
// settled: nodes are installed packages, members the project's own.
type graph struct {
	nodes []node
	roots []rootEdge
	// flagged says that the file gives each node its scope; otherwise the
	// scope follows from how the project reaches the node.
	flagged bool
}

type node struct {
	use    lockfile.Use
	member bool // the root project or a workspace member: never a use
	edges  []edge
}

type edge struct {
	to       int
	optional bool
	weak     bool // an optional peer: counts only where nothing else brings the node in
}

// rootEdge is a dependency that the project itself, or a member, names.
type rootEdge struct {
	to     int
	rng    string
	scope  lockfile.Scope
	member bool // a member names it, whose package.json is read as well
}

// uses settles the graph. The number counts nodes that nothing leads to.
func (g *graph) uses() (uses []lockfile.Use, unreached int, err error) {
	if !g.flagged {
		unreached = g.reach()
	}
	var c lockfile.Collector
	ids := make([]int, len(g.nodes))
	for i := range g.nodes {
		if ids[i] = -1; !g.nodes[i].member {
			ids[i] = c.Add(g.nodes[i].use)
		}
	}
	for i := range g.nodes {
		if g.nodes[i].member {
			continue
		}
		for _, e := range g.nodes[i].edges {
			if !e.weak {
				c.Edge(ids[i], ids[e.to])
			}
		}
	}
	for _, r := range g.roots {
		if r.member {
			c.DeclareByMember(ids[r.to], r.rng, r.scope)
		} else {
			c.Declare(ids[r.to], r.rng, r.scope)
		}
	}
	uses, err = c.Uses()
	return uses, unreached, err
}

// maxWeakRounds is how many optional peers in a row are followed.
const maxWeakRounds = 10

// levels are the scopes in the order in which the project reaches nodes.
var levels = [...]lockfile.Scope{lockfile.Production, lockfile.Optional, lockfile.Development}

// reach gives every node the strongest scope in which the project reaches it:
// first along production, then optional, then development dependencies. Nodes
// that nothing reaches count as production, the cautious reading.
func (g *graph) reach() (unreached int) {
	var queues [len(levels)][]int
	for _, r := range g.roots {
		for level, scope := range levels {
			if r.scope == scope {
				queues[level] = append(queues[level], r.to)
			}
		}
	}
	g.follow(&queues)
	for round := 0; round < maxWeakRounds && g.followWeak(&queues); round++ {
		g.follow(&queues)
	}
	for i := range g.nodes {
		if n := &g.nodes[i]; !n.member && n.use.Scope == "" {
			n.use.Scope = lockfile.Production
			unreached++
		}
	}
	return unreached
}

// follow empties the queues, the strongest first.
func (g *graph) follow(queues *[len(levels)][]int) {
	for level, scope := range levels {
		for len(queues[level]) > 0 {
			last := len(queues[level]) - 1
			n := &g.nodes[queues[level][last]]
			queues[level] = queues[level][:last]
			if n.member || n.use.Scope != "" {
				continue // a member's own dependencies are roots already
			}
			n.use.Scope = scope
			for _, e := range n.edges {
				to := level
				if e.optional {
					to = max(level, 1)
				}
				if !e.weak {
					queues[to] = append(queues[to], e.to)
				}
			}
		}
	}
}

// followWeak takes the weak edges from nodes that are reached to nodes that are
// not, and makes them edges like others; true when it found any.
func (g *graph) followWeak(queues *[len(levels)][]int) (found bool) {
	for i := range g.nodes {
		for k := range g.nodes[i].edges {
			e := &g.nodes[i].edges[k]
			if from, to := &g.nodes[i], &g.nodes[e.to]; e.weak && from.use.Scope != "" && to.use.Scope == "" && !to.member {
				e.weak, found = false, true
				level := 1
				if from.use.Scope == lockfile.Development {
					level = 2
				}
				queues[level] = append(queues[level], e.to)
			}
		}
	}
	return found
}

// directWhereUnneeded marks the nodes that no other node needs as direct. It
// stands in for the project's own declarations where they are missing.
func (g *graph) directWhereUnneeded() {
	needed := make([]bool, len(g.nodes))
	for i := range g.nodes {
		for _, e := range g.nodes[i].edges {
			needed[e.to] = needed[e.to] || e.to != i
		}
	}
	for i := range g.nodes {
		if !needed[i] {
			g.nodes[i].use.Direct = true
		}
	}
}

// noteMembers says that n workspace members were left out.
func noteMembers(m *lockfile.Manifest, n int) {
	if n > 0 {
		m.Notes = append(m.Notes, lockfile.Note{Reason: fmt.Sprintf("workspace members, the project's own and no dependencies: %d", n)})
	}
}

func unreachedNote(n int) lockfile.Note {
	return lockfile.Note{Reason: fmt.Sprintf("packages in the lock that no declaration leads to, counted as production: %d", n)}
}

// maxNodes is how many installed places a lock may name: packages repeat in a
// tree, so there are more of them than uses.
const maxNodes = 2 * lockfile.MaxUses

// tooMany is the error of a lock with n places, nil when it has not too many.
func tooMany(n int) error {
	if n > maxNodes {
		return fmt.Errorf("more than %d places: %w", maxNodes, lockfile.ErrTooLarge)
	}
	return nil
}

// work counts the bytes that looking names up has cost. A lock of a real
// project costs a few bytes for each of its own; one that is made to cost more
// is refused.
type work int

const maxWork = 256 << 20

func (w *work) spend(n int) bool {
	*w += work(n)
	return *w <= maxWork
}

func (w work) err() error {
	if w > maxWork {
		return fmt.Errorf("nested places with many dependencies: %w", lockfile.ErrTooLarge)
	}
	return nil
}
