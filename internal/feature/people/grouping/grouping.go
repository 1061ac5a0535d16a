// Package grouping puts identities together into persons: by the rules of
// package identity, by accounts that owner files name, and by what people
// decided by hand. Persons keep their ids, however often they are grouped anew.
package grouping

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"steward/internal/format/identity"
)

// Member is an identity.
type Member struct {
	ID, Person int64
	Kind       identity.Kind
	Apart      bool // somebody took it out of all rules
	Named           // empty when it was erased
}

// Person is a set of members. Its id is that of the identity it was first known by.
type Person struct {
	ID, Created int64
	MergedInto  int64 // the person that its first identity is part of now; 0 when it is itself
	NameOf      int64 // the identity whose name is the person's
	Kind        identity.Kind
}

// Grouping is the work on some identities: persons in it are there with all of theirs.
type Grouping struct {
	Members []Member
	Persons map[int64]Person // as they are
	Ties    [][2]int64       // identities joined by hand
	Keep    bool             // what is together stays together
	Now     int64            // µs; when new persons are made
	Domains []string         // of the firm: addresses there are never placeholders
}

// Assign gives every member its person and returns the persons as they are to be.
//
// A person has the id of the identity it was first known by, and stays with
// it: of a group the oldest such person is the group's, so that ids and page
// addresses outlive joining, splitting and rereading.
func (g *Grouping) Assign() []Person {
	groups := g.groups()
	at := make(map[int64]int64, len(g.Members)) // identity → person
	out := map[int64]Person{}
	for _, group := range groups {
		b := g.bodyOf(group)
		for _, i := range group {
			g.Members[i].Person = b.ID
			at[g.Members[i].ID] = b.ID
		}
		out[b.ID] = b
	}
	for id, b := range g.Persons {
		if _, ok := out[id]; ok {
			continue
		}
		if to, ok := at[id]; ok { // its first identity went over to another person
			b.MergedInto = to
			out[id] = b
		}
	}
	return slices.SortedFunc(maps.Values(out), func(a, b Person) int { return cmp.Compare(a.ID, b.ID) })
}

// bodyOf picks the person of a group, or makes one.
func (g *Grouping) bodyOf(group []int) Person {
	inGroup := map[int64]bool{}
	for _, i := range group {
		inGroup[g.Members[i].ID] = true
	}
	var best *Person
	better := func(id int64) {
		b, ok := g.Persons[id]
		if ok && (best == nil || cmp.Or(cmp.Compare(b.Created, best.Created), cmp.Compare(b.ID, best.ID)) < 0) {
			best = &b
		}
	}
	for _, i := range group { // the person that one of them is in now, before one that it once was
		if inGroup[g.Members[i].Person] {
			better(g.Members[i].Person)
		}
	}
	if best == nil {
		for _, i := range group {
			better(g.Members[i].ID)
		}
	}
	if best == nil {
		best = &Person{ID: g.Members[group[0]].ID, Created: g.Now}
	}
	b := *best
	b.MergedInto = 0
	b.Kind, b.NameOf = g.kindOf(group), g.nameOf(group)
	return b
}

// kindOf weighs as package identity does: one address of the firm makes a
// person ours, a service is one only when nothing else is there.
func (g *Grouping) kindOf(group []int) identity.Kind {
	for _, kind := range []identity.Kind{identity.Ours, identity.Outside, identity.Service} {
		for _, i := range group {
			if g.Members[i].Kind == kind {
				return kind
			}
		}
	}
	return identity.Unknown
}

// nameOf is the identity with the best name: a full name, at an address of the
// firm, else any name, account or address; the first by the alphabet among equals.
func (g *Grouping) nameOf(group []int) int64 {
	rank := func(m Member) int {
		switch {
		case m.Named == Named{}:
			return 5
		case m.NameKey() != "" && m.Kind == identity.Ours:
			return 0
		case m.NameKey() != "":
			return 1
		case m.Name != "":
			return 2
		case m.Account != "":
			return 3
		}
		return 4
	}
	best := slices.MinFunc(group, func(a, b int) int {
		x, y := g.Members[a], g.Members[b]
		return cmp.Or(cmp.Compare(rank(x), rank(y)), cmp.Compare(x.Label(), y.Label()), cmp.Compare(x.ID, y.ID))
	})
	return g.Members[best].ID
}

// groups are the members that belong together, as indices.
func (g *Grouping) groups() [][]int {
	u := make(union, len(g.Members))
	byID := make(map[int64]int, len(g.Members))
	byPair := map[identity.Identity][]int{}
	var pairs []identity.Identity
	for i, m := range g.Members {
		u[i] = i
		byID[m.ID] = i
		if m.Apart || m.Named == (Named{}) || m.Name == "" && m.Email == "" {
			continue
		}
		pair := identity.Identity{Name: strings.TrimSpace(m.Name), Email: strings.TrimSpace(m.Email)}
		byPair[pair] = append(byPair[pair], i)
		pairs = append(pairs, pair)
	}
	persons, _ := identity.Group(pairs, identity.Config{FirmDomains: g.Domains})
	for _, p := range persons {
		first := byPair[p.Identities[0]][0]
		for _, pair := range p.Identities {
			for _, i := range byPair[pair] {
				u.unite(first, i)
			}
		}
	}
	if g.Keep {
		first := map[int64]int{}
		for i, m := range g.Members {
			if m.Apart {
				continue
			}
			if j, ok := first[m.Person]; ok {
				u.unite(j, i)
			} else {
				first[m.Person] = i
			}
		}
	}
	g.uniteAccounts(u)
	for _, t := range g.Ties {
		a, hasA := byID[t[0]]
		b, hasB := byID[t[1]]
		if hasA && hasB {
			u.unite(a, b)
		}
	}
	bySet := map[int][]int{}
	for i := range g.Members {
		bySet[u.find(i)] = append(bySet[u.find(i)], i)
	}
	return slices.SortedFunc(maps.Values(bySet), func(a, b []int) int { return cmp.Compare(a[0], b[0]) })
}

// uniteAccounts joins an account that an owner file names with the one person
// whose noreply address has that login; with none when several persons do.
func (g *Grouping) uniteAccounts(u union) {
	accounts, logins := map[string][]int{}, map[string]map[int]bool{}
	for i, m := range g.Members {
		if m.Apart {
			continue
		}
		if m.Account != "" {
			accounts[m.Account] = append(accounts[m.Account], i)
		}
		if p, ok := identity.ParseNoreply(m.Email); ok && p.Login != "" {
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
