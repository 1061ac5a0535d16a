package graph

import (
	"cmp"
	"context"
	"slices"

	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/relation"
)

// Bounds of a neighbourhood.
const (
	maxDepth  = 3
	maxOpen   = 6     // steps to which single records may be opened
	maxDrawn  = 60    // records of one step; more are grouped by kind
	maxListed = 1_000 // records of one relation that are counted
	maxWhole  = 10_000
	listShown = 12  // records of one relation before the rest
	listPage  = 100 // records of one relation on its own page
	maxWider  = 600 // edges of one relation beyond the first step
)

// Question asks what is next to a record. The zero value of each field but Of
// narrows nothing down.
type Question struct {
	Of    relation.Ref
	Depth int            // 1 to 3; 0 is 1
	Types []string       // only these relations, by Type.Name
	Kinds []string       // only these kinds of records
	Open  []relation.Ref // followed even when they are Depth away
	Group string         // the whole list of one relation: Way.Key
	Page  int            // of that list, from 1
}

// Neighbour is a record that is next to another, and where that is written.
type Neighbour struct {
	relation.Record
	Place      string `json:"place,omitempty"`      // "package-lock.json:12"
	Repository string `json:"repository,omitempty"` // in which the place lies
}

// Group is the records that are next to the one in the middle by one relation.
type Group struct {
	Key        string      `json:"key"`
	Type       string      `json:"type"`
	Back       bool        `json:"back"` // read against its direction
	Says       string      `json:"says"`
	Count      int         `json:"count"`
	More       bool        `json:"more"` // there are more than Count
	Neighbours []Neighbour `json:"neighbours"`
	First      int         `json:"-"` // place of the first one in the list, from 0
}

// Node is a record of the picture, or many of one kind.
type Node struct {
	relation.Record
	Level int    `json:"level"` // steps from the middle; below 0 against the direction of the relations
	Says  string `json:"says,omitempty"`
	Key   string `json:"relation,omitempty"`
	Many  int    `json:"many,omitempty"` // stands for so many records of Kind, which are not drawn one by one
	More  bool   `json:"more,omitempty"` // and for more
	Open  bool   `json:"open"`           // what is next to it is drawn
}

// Line joins two nodes, by their places in the list of nodes.
type Line struct {
	From int    `json:"from"`
	To   int    `json:"to"`
	Says string `json:"says"` // as read from From
}

// Neighbourhood is a record with what is next to it.
type Neighbourhood struct {
	Of     relation.Record `json:"of"`
	Depth  int             `json:"depth"`
	Groups []Group         `json:"groups"` // all relations of the record itself
	Nodes  []Node          `json:"nodes"`  // the record first
	Lines  []Line          `json:"lines"`
	Cut    bool            `json:"cut"` // beyond the first step not every edge was read
}

// Of answers what is next to a record. One that the viewer may not see is
// fault.NotFound.
func (f *Feature) Of(ctx context.Context, v access.Viewer, q Question) (Neighbourhood, error) {
	if q.Depth == 0 {
		q.Depth = 1
	}
	if q.Depth < 1 || q.Depth > maxDepth {
		return Neighbourhood{}, fault.New(fault.Invalid, "The depth is 1, 2 or 3.")
	}
	l := f.look(v)
	record, err := l.one(ctx, q.Of)
	if err != nil {
		return Neighbourhood{}, err
	}
	n := Neighbourhood{Of: record, Depth: q.Depth, Groups: []Group{}, Nodes: []Node{{Record: record, Open: true}}, Lines: []Line{}}
	var first []bundle
	for _, w := range f.ways() {
		if !q.wants(w) || !slices.Contains(w.begins(), q.Of.Kind) || q.Group != "" && q.Group != w.Key() {
			continue
		}
		limit := maxListed
		if q.Group != "" {
			limit = maxWhole
		}
		steps, more, err := l.steps(ctx, w, []relation.Ref{q.Of}, limit)
		if err != nil {
			return n, err
		}
		steps = slices.DeleteFunc(steps, func(s Step) bool { return len(q.Kinds) > 0 && !slices.Contains(q.Kinds, s.Far.Kind) })
		if len(steps) == 0 {
			continue
		}
		group, err := l.list(ctx, q, w, steps, more)
		if err != nil {
			return n, err
		}
		if group.Count > 0 {
			n.Groups = append(n.Groups, group)
		}
		first = append(first, bundles(steps, more, 0)...)
	}
	if q.Group != "" {
		return n, nil
	}
	return n, l.draw(ctx, q, &n, first)
}

func (q Question) wants(w Way) bool { return len(q.Types) == 0 || slices.Contains(q.Types, w.Name) }

// list gives the part of a relation that the page shows. Records that turn out
// to be hidden are neither shown nor counted.
func (l *look) list(ctx context.Context, q Question, w Way, steps []Step, more bool) (Group, error) {
	g := Group{Key: w.Key(), Type: w.Name, Back: w.Reverse, Says: w.Says(), Count: len(steps), More: more, Neighbours: []Neighbour{}}
	shown := steps[:min(len(steps), listShown)]
	if q.Group != "" {
		g.First = min(max(q.Page-1, 0)*listPage, len(steps))
		shown = steps[g.First:min(g.First+listPage, len(steps))]
	}
	seen, err := l.seen(ctx, slices.Clone(shown))
	if err != nil {
		return g, err
	}
	g.Count -= len(shown) - len(seen)
	for _, s := range seen {
		g.Neighbours = append(g.Neighbours, Neighbour{l.known[s.Far], s.Place, s.Repository})
	}
	return g, nil
}

// bundle is the steps from one node on one way to records of one kind.
type bundle struct {
	node  int
	way   Way
	kind  string
	steps []Step
	more  bool
}

func bundles(steps []Step, more bool, node int) []bundle {
	var all []bundle
	for _, s := range steps {
		i := slices.IndexFunc(all, func(b bundle) bool { return b.kind == s.Far.Kind })
		if i < 0 {
			i, all = len(all), append(all, bundle{node: node, way: s.Way, kind: s.Far.Kind, more: more})
		}
		all[i].steps = append(all[i].steps, s)
	}
	return all
}

// draw adds nodes step by step: to the right what the record leads to, to the
// left what leads to it.
func (l *look) draw(ctx context.Context, q Question, n *Neighbourhood, level []bundle) error {
	places := map[relation.Ref]int{q.Of: 0}
	for depth := 1; len(level) > 0 && depth <= maxOpen; depth++ {
		next, err := l.drawLevel(ctx, n, level, places)
		if err != nil {
			return err
		}
		if depth == maxOpen {
			return nil
		}
		wanted := slices.DeleteFunc(next, func(i int) bool { return depth >= q.Depth && !slices.Contains(q.Open, n.Nodes[i].Ref) })
		if level, err = l.wider(ctx, q, n, wanted); err != nil {
			return err
		}
	}
	return nil
}

// drawLevel adds the nodes of one step and returns the places of the new ones.
func (l *look) drawLevel(ctx context.Context, n *Neighbourhood, level []bundle, places map[relation.Ref]int) (fresh []int, err error) {
	grouped := tooMany(level, places)
	for i, b := range level {
		sign := 1
		if b.way.Reverse {
			sign = -1
		}
		at := n.Nodes[b.node].Level + sign
		if grouped[i] {
			kind, _ := l.f.kind(b.kind)
			n.Nodes = append(n.Nodes, Node{
				Record: relation.Record{Ref: relation.Ref{Kind: b.kind}, Name: kind.Many, Href: Question{Of: n.Nodes[b.node].Ref, Group: b.way.Key()}.address()}, Level: at, Says: b.way.Says(), Key: b.way.Key(), Many: len(b.steps), More: b.more,
			})
			n.line(b, b.node, len(n.Nodes)-1)
			continue
		}
		seen, err := l.seen(ctx, slices.Clone(b.steps))
		if err != nil {
			return nil, err
		}
		for _, s := range seen {
			place, ok := places[s.Far]
			if !ok {
				place = len(n.Nodes)
				places[s.Far] = place
				n.Nodes = append(n.Nodes, Node{Record: l.known[s.Far], Level: at, Says: b.way.Says(), Key: b.way.Key()})
				fresh = append(fresh, place)
			}
			n.line(b, b.node, place)
		}
	}
	return fresh, nil
}

// line joins two nodes in the direction of the relation, once for each relation.
func (n *Neighbourhood) line(b bundle, near, far int) {
	one := Line{From: near, To: far, Says: b.way.Word}
	if b.way.Reverse {
		one.From, one.To = far, near
	}
	if near != far && !slices.Contains(n.Lines, one) {
		n.Lines = append(n.Lines, one)
	}
}

// tooMany says which bundles are drawn as one node, the largest first, so that
// one step has no more than maxDrawn records.
func tooMany(level []bundle, places map[relation.Ref]int) map[int]bool {
	total := 0
	fresh := make([]int, len(level))
	order := make([]int, len(level))
	for i, b := range level {
		order[i] = i
		for _, s := range b.steps {
			if _, ok := places[s.Far]; !ok {
				fresh[i]++
			}
		}
		total += fresh[i]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(fresh[b], fresh[a]) })
	grouped := map[int]bool{}
	for _, i := range order {
		if total <= maxDrawn || fresh[i] < 2 {
			break
		}
		grouped[i] = true
		total -= fresh[i] - 1
	}
	return grouped
}

// wider reads the edges of nodes, away from the middle only.
func (l *look) wider(ctx context.Context, q Question, n *Neighbourhood, nodes []int) ([]bundle, error) {
	of := map[relation.Ref]int{}
	sides := map[bool][]relation.Ref{}
	for _, i := range nodes {
		of[n.Nodes[i].Ref], n.Nodes[i].Open = i, true
		back := n.Nodes[i].Level < 0
		sides[back] = append(sides[back], n.Nodes[i].Ref)
	}
	byNode := map[int][]bundle{}
	for _, w := range l.f.ways() {
		if !q.wants(w) || len(sides[w.Reverse]) == 0 {
			continue
		}
		steps, more, err := l.steps(ctx, w, sides[w.Reverse], maxWider)
		if err != nil {
			return nil, err
		}
		n.Cut = n.Cut || more
		near := map[relation.Ref][]Step{}
		for _, s := range steps {
			if len(q.Kinds) == 0 || slices.Contains(q.Kinds, s.Far.Kind) {
				near[s.Near] = append(near[s.Near], s)
			}
		}
		for ref, some := range near {
			byNode[of[ref]] = append(byNode[of[ref]], bundles(some, false, of[ref])...)
		}
	}
	var level []bundle
	for _, i := range nodes { // in the order of the picture
		level = append(level, byNode[i]...)
	}
	return level, nil
}
