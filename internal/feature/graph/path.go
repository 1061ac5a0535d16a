package graph

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"steward/internal/platform/access"
	"steward/internal/platform/relation"
)

// Bounds of the search for ways.
const (
	maxPaths   = 5
	maxSteps   = 6
	maxVisited = 20_000 // records, from both ends together
	maxRead    = 5_000  // edges of one relation in one step
)

// Between asks how one record comes to depend on another.
type Between struct {
	From, To relation.Ref
	Any      bool // follow every relation in either direction, not only what one rests on
}

// Stretch is one step of a path.
type Stretch struct {
	From       relation.Record `json:"from"`
	Says       string          `json:"says"`
	To         relation.Record `json:"to"`
	Place      string          `json:"place,omitempty"`
	Repository string          `json:"repository,omitempty"`
}

// Path is a way from one record to another.
type Path []Stretch

// Paths are the shortest ways, all of one length.
type Paths struct {
	From  relation.Record `json:"from"`
	To    relation.Record `json:"to"`
	Any   bool            `json:"any"`
	Paths []Path          `json:"paths"`
	Texts []string        `json:"texts"` // the same in words
	More  bool            `json:"more"`  // there are more of this length
	Cut   bool            `json:"cut"`   // not all was looked at: there may be others, shorter ones too
	Steps int             `json:"steps"` // how far was looked
}

// side is the search from one end.
type side struct {
	ways    []Way
	level   map[relation.Ref]int    // steps from this end
	by      map[relation.Ref][]Step // the steps that reached it at that level; Near is closer to this end
	edge    []relation.Ref          // those reached last
	reached int                     // steps gone
}

func newSide(ref relation.Ref, ways []Way) *side {
	return &side{ways: ways, level: map[relation.Ref]int{ref: 0}, by: map[relation.Ref][]Step{}, edge: []relation.Ref{ref}}
}

// Between answers with the shortest ways between two records. A record that the
// viewer may not see is fault.NotFound, and no way leads through one.
func (f *Feature) Between(ctx context.Context, v access.Viewer, q Between) (Paths, error) {
	l := f.look(v)
	p := Paths{Any: q.Any, Paths: []Path{}, Texts: []string{}}
	var err error
	if p.From, err = l.one(ctx, q.From); err != nil {
		return p, err
	}
	if p.To, err = l.one(ctx, q.To); err != nil {
		return p, err
	}
	if q.From == q.To {
		return p, nil
	}
	var there, back []Way
	for _, w := range f.ways() {
		if q.Any || w.Rests && !w.Reverse {
			there = append(there, w)
		}
		if q.Any || w.Rests && w.Reverse {
			back = append(back, w)
		}
	}
	a, b := newSide(q.From, there), newSide(q.To, back)
	for p.Steps = 0; p.Steps < maxSteps && len(a.edge) > 0 && len(b.edge) > 0; p.Steps++ {
		near, far := a, b
		if len(b.edge) < len(a.edge) {
			near, far = b, a
		}
		cut, err := l.advance(ctx, near, maxVisited-len(a.level)-len(b.level))
		if err != nil {
			return p, fmt.Errorf("look for ways from %s to %s: %w", q.From, q.To, err)
		}
		p.Cut = p.Cut || cut
		if met := meeting(near, far); len(met) > 0 {
			p.Steps++
			p.Paths, p.More = join(l, a, b, met)
			break
		}
	}
	for _, path := range p.Paths {
		p.Texts = append(p.Texts, path.Text(q.Any))
	}
	return p, nil
}

// advance goes one step further from an end, to room records at most, and says
// whether something was left out.
func (l *look) advance(ctx context.Context, s *side, room int) (cut bool, err error) {
	var steps []Step
	for _, w := range s.ways {
		some, more, err := l.steps(ctx, w, s.edge, maxRead)
		if err != nil {
			return cut, err
		}
		cut = cut || more
		for _, one := range some {
			if _, ok := s.level[one.Far]; !ok {
				steps = append(steps, one)
			}
		}
	}
	if steps, err = l.seen(ctx, steps); err != nil {
		return cut, err
	}
	s.reached++
	s.edge = nil
	for _, one := range steps {
		if _, ok := s.level[one.Far]; !ok {
			if len(s.edge) >= room {
				cut = true
				continue
			}
			s.level[one.Far] = s.reached
			s.edge = append(s.edge, one.Far)
		}
		before := s.by[one.Far]
		if !slices.ContainsFunc(before, func(b Step) bool { return b.Near == one.Near }) {
			s.by[one.Far] = append(before, one)
		}
	}
	return cut, nil
}

// meeting are the records just reached from one end that the other end knows, as near to it as any.
func meeting(near, far *side) []relation.Ref {
	var met []relation.Ref
	best := -1
	for _, ref := range near.edge {
		level, ok := far.level[ref]
		switch {
		case !ok || best >= 0 && level > best:
		case best < 0 || level < best:
			best, met = level, []relation.Ref{ref}
		default:
			met = append(met, ref)
		}
	}
	return met
}

// join puts the halves of the ways together.
func join(l *look, a, b *side, met []relation.Ref) (paths []Path, more bool) {
	for _, middle := range met {
		for _, first := range halves(a, middle) {
			for _, second := range halves(b, middle) {
				if len(paths) == maxPaths {
					return paths, true
				}
				var path Path
				for _, s := range slices.Backward(first) {
					path = append(path, l.stretch(s.Near, s.Far, s))
				}
				for _, s := range second {
					path = append(path, l.stretch(s.Far, s.Near, s))
				}
				paths = append(paths, path)
			}
		}
	}
	return paths, false
}

// halves are the ways from an end to a record, from the record on, one more than are shown at most.
func halves(s *side, ref relation.Ref) [][]Step {
	if s.level[ref] == 0 {
		return [][]Step{nil}
	}
	var all [][]Step
	for _, one := range s.by[ref] {
		for _, rest := range halves(s, one.Near) {
			if all = append(all, append([]Step{one}, rest...)); len(all) > maxPaths {
				return all
			}
		}
	}
	return all
}

// stretch reads a step from one of its ends to the other.
func (l *look) stretch(from, to relation.Ref, s Step) Stretch {
	says := s.Way.Word
	if from != s.From {
		says = s.Way.Back
	}
	return Stretch{From: l.known[from], Says: says, To: l.known[to], Place: s.Place, Repository: s.Repository}
}

// Text says a path of dependence in words: "A depends on B (pom.xml:40) through
// C (pom.xml:12)". With any each step is told as it is.
func (p Path) Text(any bool) string {
	far := make([]string, len(p))
	for i, s := range p {
		far[i] = s.To.Name
		if s.Place != "" {
			far[i] += " (" + s.Place + ")"
		}
	}
	from, last := p[0].From.Name, len(p)-1
	switch {
	case any:
		for i, s := range p {
			far[i] = s.Says + " " + far[i]
		}
		return from + " " + strings.Join(far, ", ")
	case last == 0:
		return from + " depends on " + far[0]
	}
	return from + " depends on " + far[last] + " through " + strings.Join(far[:last], ", ")
}
