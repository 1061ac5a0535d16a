package match

import (
	"cmp"
	"slices"
	"strings"
)

// most is how many names are offered.
const most = 3

// alike is how much of two names must be the same for one to be offered: the share of their pairs of
// letters that both have (Dice's coefficient), 0..1.
const alike = 0.5

// nearest finds names that look alike.
type nearest struct {
	names  []string
	pairs  []int            // by name: how many pairs it has
	having map[string][]int // by pair: names with it
}

func (n *nearest) add(name string) {
	if n.having == nil {
		n.having = map[string][]int{}
	}
	at := len(n.names)
	all := pairsOf(name)
	n.names, n.pairs = append(n.names, name), append(n.pairs, len(all))
	for _, p := range all {
		n.having[p] = append(n.having[p], at)
	}
}

// pairsOf are the different pairs of neighbouring letters of a name, folded, with its beginning.
func pairsOf(name string) []string {
	letters := []rune("^" + strings.ToLower(name))
	var all []string
	for i := 1; i < min(len(letters), 100); i++ {
		all = append(all, string(letters[i-1:i+1]))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// to gives the names most like one, the nearest first.
func (n *nearest) to(name string) []string {
	both := map[int]int{}
	mine := pairsOf(name)
	for _, p := range mine {
		for _, at := range n.having[p] {
			both[at]++
		}
	}
	type near struct {
		name  string
		share float64
	}
	var all []near
	for at, same := range both {
		if share := 2 * float64(same) / float64(len(mine)+n.pairs[at]); share >= alike {
			all = append(all, near{n.names[at], share})
		}
	}
	slices.SortFunc(all, func(a, b near) int { return cmp.Or(cmp.Compare(b.share, a.share), strings.Compare(a.name, b.name)) })
	var names []string
	for _, one := range all {
		if !slices.Contains(names, one.name) && len(names) < most {
			names = append(names, one.name)
		}
	}
	return names
}
