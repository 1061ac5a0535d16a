package lockfile

import (
	"fmt"
	"slices"

	"steward/internal/format/purl"
)

// Collector gathers the uses of one manifest. It merges places that use the
// same release under the same name: the strongest scope wins, direct wins over
// transitive, the lowest line stays, and the requirement is that of the
// strongest place that declares one. Uses without a version merge only when
// they ask for the same range. The zero value is ready to use.
type Collector struct {
	uses  []Use
	edges [][]int
	index map[useKey]int
	full  bool
}

type useKey struct {
	pkg         purl.PURL
	alias, from string
	requirement string // only where the version is unknown
}

// Add records a use and returns its number for Edge. DependsOn is ignored.
// Past MaxUses it returns -1, and Uses will return ErrTooLarge.
func (c *Collector) Add(u Use) int {
	key := useKey{pkg: u.Package, alias: u.Alias, from: u.From}
	if u.Package.Version == "" {
		key.requirement = u.Requirement
	}
	if i, ok := c.index[key]; ok {
		c.merge(i, u)
		return i
	}
	if len(c.uses) >= MaxUses {
		c.full = true
		return -1
	}
	if c.index == nil {
		c.index = map[useKey]int{}
	}
	i := len(c.uses)
	u.DependsOn = nil
	c.uses = append(c.uses, u)
	c.edges = append(c.edges, nil)
	c.index[key] = i
	return i
}

func (c *Collector) merge(i int, u Use) {
	have := &c.uses[i]
	stronger := u.Direct && !have.Direct || u.Named() && !have.Named() ||
		u.Direct == have.Direct && u.Named() == have.Named() && rank(u.Scope) < rank(have.Scope)
	if u.Requirement != "" && (have.Requirement == "" || stronger) {
		have.Requirement = u.Requirement
	}
	have.Scope = Stronger(have.Scope, u.Scope)
	have.Direct, have.ByMember = have.Direct || u.Direct, have.ByMember || u.ByMember
	have.ByMember = have.ByMember && !have.Direct
	if have.Line == 0 || u.Line > 0 && u.Line < have.Line {
		have.Line = u.Line
	}
}

// Edge records that use from depends on use to, both numbers from Add.
// Negative numbers and a use that depends on itself are ignored.
func (c *Collector) Edge(from, to int) {
	if from < 0 || to < 0 || from == to {
		return
	}
	c.edges[from] = append(c.edges[from], to)
}

// Declare marks a use as named by the project itself, with the range it asks
// for. A negative number is ignored.
func (c *Collector) Declare(use int, requirement string, scope Scope) {
	if use >= 0 {
		c.merge(use, Use{Requirement: requirement, Scope: scope, Direct: true})
	}
}

// DeclareByMember is Declare for what a member of the workspace names, whose own
// manifest is read as well.
func (c *Collector) DeclareByMember(use int, requirement string, scope Scope) {
	if use >= 0 {
		c.merge(use, Use{Requirement: requirement, Scope: scope, ByMember: true})
	}
}

// Uses returns what was collected, in the order of Add, with the edges sorted
// and without repeats. The error is ErrTooLarge when there was more.
func (c *Collector) Uses() ([]Use, error) {
	if c.full {
		return nil, fmt.Errorf("more than %d packages: %w", MaxUses, ErrTooLarge)
	}
	for i, edges := range c.edges {
		if len(edges) > 0 {
			slices.Sort(edges)
			c.uses[i].DependsOn = slices.Clip(slices.Compact(edges))
		}
	}
	return c.uses, nil
}
