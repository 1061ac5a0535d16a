// Package identity joins the (name, e-mail) pairs of version control into
// persons by simple rules with evidence, and says whose they are.
//
//	rule     joins pairs with                            not for
//	e-mail   the same address without letter case        placeholders (you@example.com, root@localhost),
//	                                                     noreply addresses that many share
//	login    the same login or number in a host's        –
//	         noreply address (NNN+login@users.noreply.github.com,
//	         NNN-login@users.noreply.gitlab.example, login@noreply.forge.example)
//	name     the same full name: two words of letters    service accounts, generic names ("root admin",
//	         or more, without letter case, order of      "Your Name"), pairs without any address
//	         "Last, First" and trailing (...) undone
//
// There is no fuzzy match and no score. The name rule is the weakest: two
// people may share a name, so its joins should be shown and be undoable.
// A rule whose value is shared by more than Config.MaxIdentities pairs is
// refused; a person that would still grow beyond that loses first the name
// joins, then the login joins. Refusals are reported, never silent.
//
// The result does not depend on the order of the input. The rules follow the
// strict mode of GrimoireLab's SortingHat; kinds follow the e-mail domain.
package identity

import (
	"cmp"
	"slices"
	"strings"
)

// DefaultMaxIdentities is the largest number of pairs that become one person.
const DefaultMaxIdentities = 20

// Identity is one pair as a commit has it.
type Identity struct {
	Name, Email string
}

// Rule names why pairs were joined.
type Rule string

// The rules, strongest first.
const (
	ByEmail Rule = "e-mail"
	ByLogin Rule = "login"
	ByName  Rule = "name"
)

// Join is the evidence for a join: all these pairs share one value.
type Join struct {
	Rule       Rule
	Value      string // the address, host/login or host/#number, or name that they share, normalised
	Identities []Identity
}

// Person is a set of pairs that belong together.
type Person struct {
	Identities []Identity // sorted by e-mail, then name
	Joins      []Join     // empty for a single pair
	Kind       Kind
	Evidence   string // for the kind: the mark or the domain
}

// Refusal is a value that was not used for joining because it would have joined too much.
type Refusal struct {
	Rule       Rule
	Value      string
	Identities int // pairs that share the value
	Reason     string
}

// Config says what is known of the firm. The zero value works: then every
// person who is no service is Unknown.
type Config struct {
	FirmDomains   []string // "bank.example"; sub-domains are included
	MaxIdentities int      // 0 means DefaultMaxIdentities
}

// Group joins identities into persons, sorted by their first identity. Pairs
// that occur more than once count once.
func Group(identities []Identity, c Config) ([]Person, []Refusal) {
	limit := c.MaxIdentities
	if limit <= 0 {
		limit = DefaultMaxIdentities
	}
	ids := sorted(identities)
	firm := firmDomains(c.FirmDomains)
	joins, refusals := shared(ids, firm, limit)
	sets := newSets(len(ids))
	for i := range joins {
		sets.unite(joins[i].members)
	}
	// What is too large is taken apart by its weakest rule, until e-mail alone is left.
	for _, weakest := range []Rule{ByName, ByLogin} {
		size := map[int]int{}
		for i := range ids {
			size[sets.find(i)]++
		}
		again := newSets(len(ids))
		kept := joins[:0]
		for _, j := range joins {
			if j.rule == weakest && size[sets.find(j.members[0])] > limit {
				refusals = append(refusals, Refusal{j.rule, j.value, len(j.members), "the person would have too many identities"})
				continue
			}
			again.unite(j.members)
			kept = append(kept, j)
		}
		joins, sets = kept, again
	}
	slices.SortFunc(refusals, func(a, b Refusal) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Value, b.Value))
	})
	return persons(ids, joins, sets, firm), refusals
}

// sorted returns the distinct pairs without surrounding white space, in order.
func sorted(identities []Identity) []Identity {
	ids := make([]Identity, 0, len(identities))
	for _, id := range identities {
		ids = append(ids, Identity{strings.TrimSpace(id.Name), strings.TrimSpace(id.Email)})
	}
	slices.SortFunc(ids, func(a, b Identity) int {
		return cmp.Or(cmp.Compare(foldEmail(a.Email), foldEmail(b.Email)), cmp.Compare(a.Email, b.Email), cmp.Compare(a.Name, b.Name))
	})
	return slices.Compact(ids)
}

// sharedKey is a value of a rule and the pairs that have it, ascending.
type sharedKey struct {
	rule    Rule
	value   string
	members []int
}

// shared returns the keys that two pairs or more have, strongest rule first.
func shared(ids []Identity, firm []string, limit int) ([]sharedKey, []Refusal) {
	type key struct {
		rule  Rule
		value string
	}
	found := map[key][]int{}
	for i, id := range ids {
		for _, k := range keysOf(id, firm) {
			k := key(k)
			found[k] = append(found[k], i)
		}
	}
	var joins []sharedKey
	var refusals []Refusal
	for k, members := range found {
		switch {
		case len(members) < 2:
		case len(members) > limit:
			refusals = append(refusals, Refusal{k.rule, k.value, len(members), "too many identities share it"})
		default:
			joins = append(joins, sharedKey{k.rule, k.value, members})
		}
	}
	slices.SortFunc(joins, func(a, b sharedKey) int {
		return cmp.Or(cmp.Compare(strength[a.rule], strength[b.rule]), cmp.Compare(a.value, b.value))
	})
	return joins, refusals
}

var strength = map[Rule]int{ByEmail: 0, ByLogin: 1, ByName: 2}

type ruleValue struct {
	rule  Rule
	value string
}

// keysOf returns what a pair may be joined by.
func keysOf(id Identity, firm []string) []ruleValue {
	var keys []ruleValue
	email := foldEmail(id.Email)
	if n, ok := ParseNoreply(id.Email); ok {
		if n.Login != "" {
			keys = append(keys, ruleValue{ByLogin, n.Host + "/" + n.Login})
		}
		if n.ID != "" {
			keys = append(keys, ruleValue{ByLogin, n.Host + "/#" + n.ID})
		}
	}
	valid := isEmail(email)
	if valid && !isPlaceholder(email, firm) && !isSharedNoreply(email) {
		keys = append(keys, ruleValue{ByEmail, email})
	}
	if _, service := serviceMark(id); valid && !service {
		if name, ok := FullName(id.Name); ok {
			keys = append(keys, ruleValue{ByName, name})
		}
	}
	return keys
}

// persons collects the sets, each with its evidence and kind.
func persons(ids []Identity, joins []sharedKey, sets *sets, firm []string) []Person {
	position := map[int]int{}
	var out []Person
	for i, id := range ids {
		root := sets.find(i)
		at, ok := position[root]
		if !ok {
			at = len(out)
			position[root] = at
			out = append(out, Person{})
		}
		out[at].Identities = append(out[at].Identities, id)
	}
	for _, j := range joins {
		p := &out[position[sets.find(j.members[0])]]
		evidence := Join{Rule: j.rule, Value: j.value}
		for _, i := range j.members {
			evidence.Identities = append(evidence.Identities, ids[i])
		}
		p.Joins = append(p.Joins, evidence)
	}
	for i := range out {
		out[i].Kind, out[i].Evidence = kindOfAll(out[i].Identities, firm)
	}
	return out
}

// sets is a union-find over the numbers below n; a set is named by its least member.
type sets struct{ parent []int }

func newSets(n int) *sets {
	s := &sets{parent: make([]int, n)}
	for i := range s.parent {
		s.parent[i] = i
	}
	return s
}

func (s *sets) find(i int) int {
	for s.parent[i] != i {
		s.parent[i] = s.parent[s.parent[i]]
		i = s.parent[i]
	}
	return i
}

func (s *sets) unite(members []int) {
	for _, m := range members[1:] {
		a, b := s.find(members[0]), s.find(m)
		s.parent[max(a, b)] = min(a, b)
	}
}
