package people

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"steward/internal/format/identity"
)

// assign gives every member its person and returns the persons as they are to be.
//
// A person has the id of the identity it was first known by, and stays with
// it: of a group the oldest such person is the group's, so that ids and page
// addresses outlive joining, splitting and rereading.
func (g *grouping) assign() []body {
	groups := g.groups()
	at := make(map[int64]int64, len(g.members)) // identity → person
	out := map[int64]body{}
	for _, group := range groups {
		b := g.bodyOf(group)
		for _, i := range group {
			g.members[i].person = b.id
			at[g.members[i].id] = b.id
		}
		out[b.id] = b
	}
	for id, b := range g.bodies {
		if _, ok := out[id]; ok {
			continue
		}
		if to, ok := at[id]; ok { // its first identity went over to another person
			b.mergedInto = to
			out[id] = b
		}
	}
	return slices.SortedFunc(maps.Values(out), func(a, b body) int { return cmp.Compare(a.id, b.id) })
}

// bodyOf picks the person of a group, or makes one.
func (g *grouping) bodyOf(group []int) body {
	inGroup := map[int64]bool{}
	for _, i := range group {
		inGroup[g.members[i].id] = true
	}
	var best *body
	better := func(id int64) {
		b, ok := g.bodies[id]
		if ok && (best == nil || cmp.Or(cmp.Compare(b.created, best.created), cmp.Compare(b.id, best.id)) < 0) {
			best = &b
		}
	}
	for _, i := range group { // the person that one of them is in now, before one that it once was
		if inGroup[g.members[i].person] {
			better(g.members[i].person)
		}
	}
	if best == nil {
		for _, i := range group {
			better(g.members[i].id)
		}
	}
	if best == nil {
		best = &body{id: g.members[group[0]].id, created: g.now}
	}
	b := *best
	b.mergedInto = 0
	b.kind, b.nameOf = g.kindOf(group), g.nameOf(group)
	return b
}

// kindOf weighs as package identity does: one address of the firm makes a
// person ours, a service is one only when nothing else is there.
func (g *grouping) kindOf(group []int) identity.Kind {
	for _, kind := range []identity.Kind{identity.Ours, identity.Outside, identity.Service} {
		for _, i := range group {
			if g.members[i].kind == kind {
				return kind
			}
		}
	}
	return identity.Unknown
}

// nameOf is the identity with the best name: a full name, at an address of the
// firm, else any name, account or address; the first by the alphabet among equals.
func (g *grouping) nameOf(group []int) int64 {
	rank := func(m member) int {
		switch {
		case m.named == named{}:
			return 5
		case m.nameKey() != "" && m.kind == identity.Ours:
			return 0
		case m.nameKey() != "":
			return 1
		case m.name != "":
			return 2
		case m.account != "":
			return 3
		}
		return 4
	}
	best := slices.MinFunc(group, func(a, b int) int {
		x, y := g.members[a], g.members[b]
		return cmp.Or(cmp.Compare(rank(x), rank(y)), cmp.Compare(x.label(), y.label()), cmp.Compare(x.id, y.id))
	})
	return g.members[best].id
}

// groups are the members that belong together, as indices.
func (g *grouping) groups() [][]int {
	u := make(union, len(g.members))
	byID := make(map[int64]int, len(g.members))
	byPair := map[identity.Identity][]int{}
	var pairs []identity.Identity
	for i, m := range g.members {
		u[i] = i
		byID[m.id] = i
		if m.apart || m.named == (named{}) || m.name == "" && m.email == "" {
			continue
		}
		pair := identity.Identity{Name: strings.TrimSpace(m.name), Email: strings.TrimSpace(m.email)}
		byPair[pair] = append(byPair[pair], i)
		pairs = append(pairs, pair)
	}
	persons, _ := identity.Group(pairs, identity.Config{})
	for _, p := range persons {
		first := byPair[p.Identities[0]][0]
		for _, pair := range p.Identities {
			for _, i := range byPair[pair] {
				u.unite(first, i)
			}
		}
	}
	if g.keep {
		first := map[int64]int{}
		for i, m := range g.members {
			if m.apart {
				continue
			}
			if j, ok := first[m.person]; ok {
				u.unite(j, i)
			} else {
				first[m.person] = i
			}
		}
	}
	g.uniteAccounts(u)
	for _, t := range g.ties {
		a, hasA := byID[t[0]]
		b, hasB := byID[t[1]]
		if hasA && hasB {
			u.unite(a, b)
		}
	}
	bySet := map[int][]int{}
	for i := range g.members {
		bySet[u.find(i)] = append(bySet[u.find(i)], i)
	}
	return slices.SortedFunc(maps.Values(bySet), func(a, b []int) int { return cmp.Compare(a[0], b[0]) })
}

// uniteAccounts joins an account that an owner file names with the one person
// whose noreply address has that login; with none when several persons do.
func (g *grouping) uniteAccounts(u union) {
	accounts, logins := map[string][]int{}, map[string]map[int]bool{}
	for i, m := range g.members {
		if m.apart {
			continue
		}
		if m.account != "" {
			accounts[m.account] = append(accounts[m.account], i)
		}
		if p, ok := identity.ParseNoreply(m.email); ok && p.Login != "" {
			if logins[p.Login] == nil {
				logins[p.Login] = map[int]bool{}
			}
			logins[p.Login][u.find(i)] = true
		}
	}
	for account, members := range accounts {
		for _, i := range members {
			u.unite(members[0], i)
		}
		if len(logins[account]) == 1 {
			for i := range logins[account] {
				u.unite(members[0], i)
			}
		}
	}
}

// union is a union-find over indices.
type union []int

func (u union) find(i int) int {
	for u[i] != i {
		u[i] = u[u[i]]
		i = u[i]
	}
	return i
}

func (u union) unite(a, b int) {
	a, b = u.find(a), u.find(b)
	u[max(a, b)] = min(a, b)
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
