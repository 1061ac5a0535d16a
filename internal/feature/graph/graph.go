// Package graph shows how records hang together: the neighbourhood of one, and
// the shortest ways from one to another.
//
// It keeps nothing and imports no other feature. What relations there are, and
// what their ends are called, is told by the relation.Known that app gives it.
// Every answer obeys the viewer twice: each relation reads only what the viewer
// may see, and a record whose kind does not find it for this viewer is left out
// with all that leads to it.
//
// Reads are bounded: each step asks every relation about all its records at
// once, never about one after the other, and for no more than so many edges.
// Where a bound was met, the answer says so.
package graph

import (
	"context"
	"embed"
	"fmt"
	"slices"

	"steward/internal/platform/access"
	"steward/internal/platform/command"
	"steward/internal/platform/fault"
	"steward/internal/platform/mount"
	"steward/internal/platform/relation"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
)

//go:embed page
var pages embed.FS

// Config says what there is to show.
type Config struct {
	Known []relation.Known
}

// Feature answers how records hang together.
type Feature struct {
	db    *store.DB
	kinds []relation.Kind
	types []relation.Type
}

// New returns the feature over what the others know.
func New(p mount.Platform, c Config) *Feature {
	f := &Feature{db: p.DB}
	for _, k := range c.Known {
		f.kinds, f.types = append(f.kinds, k.Kinds...), append(f.types, k.Types...)
	}
	return f
}

// Mount hands over what the graph adds to the program.
func (f *Feature) Mount() mount.Capability {
	return mount.Capability{
		Name: "graph", API: f.mountAPI,
		Pages: func(s *web.Server) {
			s.Templates("graph", pages)
			s.Nav(web.Nav{Area: web.Estate, Order: 60, Label: "Graph", Icon: "graph", Path: "/graph", Needs: access.ReadEstate})
			s.Page("/graph", access.ReadEstate, f.graphPage)
			s.Page("/graph/path", access.ReadEstate, f.pathPage)
		},
		Commands: []command.Command{{Name: "graph", Help: "Show what a record is next to, and how it comes to depend on another.", Run: &graphRun{feature: f}, Store: true}},
	}
}

// Way is a relation read in one direction.
type Way struct {
	relation.Type
	Reverse bool
}

// Key names the way in addresses: "uses", and "uses-" against its direction.
func (w Way) Key() string {
	if w.Reverse {
		return w.Name + "-"
	}
	return w.Name
}

// Says is how people read the way.
func (w Way) Says() string {
	if w.Reverse {
		return w.Back
	}
	return w.Word
}

// begins are the kinds of records that the way begins at.
func (w Way) begins() []string {
	if w.Reverse {
		return w.To
	}
	return w.From
}

// ways are all relations, both ways.
func (f *Feature) ways() []Way {
	all := make([]Way, 0, 2*len(f.types))
	for _, t := range f.types {
		all = append(all, Way{Type: t}, Way{Type: t, Reverse: true})
	}
	return all
}

func (f *Feature) kind(name string) (relation.Kind, bool) {
	i := slices.IndexFunc(f.kinds, func(k relation.Kind) bool { return k.Name == name })
	if i < 0 {
		return relation.Kind{}, false
	}
	return f.kinds[i], true
}

// look is what one answer has read so far.
type look struct {
	f      *Feature
	viewer access.Viewer
	known  map[relation.Ref]relation.Record // found for the viewer
	hidden map[relation.Ref]bool            // not there, or not for the viewer
}

func (f *Feature) look(v access.Viewer) *look {
	return &look{f: f, viewer: v, known: map[relation.Ref]relation.Record{}, hidden: map[relation.Ref]bool{}}
}

// find reads the records that are not known yet, a batch for each kind.
func (l *look) find(ctx context.Context, refs []relation.Ref) error {
	missing := map[string][]string{}
	for _, r := range refs {
		if _, ok := l.known[r]; !ok && !l.hidden[r] {
			l.hidden[r] = true // until it is found
			missing[r.Kind] = append(missing[r.Kind], r.ID)
		}
	}
	for name, ids := range missing {
		kind, ok := l.f.kind(name)
		if !ok {
			continue
		}
		for chunk := range slices.Chunk(ids, relation.MaxAsked) {
			found, err := kind.Find(ctx, l.viewer, chunk)
			if err != nil {
				return err
			}
			for _, one := range found {
				l.known[one.Ref] = one
				delete(l.hidden, one.Ref)
			}
		}
	}
	return nil
}

// one finds a record, or says that there is none for this viewer.
func (l *look) one(ctx context.Context, ref relation.Ref) (relation.Record, error) {
	if err := l.find(ctx, []relation.Ref{ref}); err != nil {
		return relation.Record{}, fmt.Errorf("find %s: %w", ref, err)
	}
	if record, ok := l.known[ref]; ok {
		return record, nil
	}
	return relation.Record{}, fault.New(fault.NotFound, "There is no such record in the graph, or you may not see it. Look for it by its name on the page Graph.")
}

// Step is an edge as it was walked.
type Step struct {
	Way           Way
	Near, Far     relation.Ref // Near is where the walk came from
	relation.Edge              // as it is stated
}

// steps reads the edges of records on one way, at most limit of them, and
// whether there are more.
func (l *look) steps(ctx context.Context, w Way, of []relation.Ref, limit int) (all []Step, more bool, err error) {
	own := map[relation.Ref]bool{}
	var fits []relation.Ref
	for _, r := range of {
		if slices.Contains(w.begins(), r.Kind) && !own[r] {
			own[r] = true
			fits = append(fits, r)
		}
	}
	for chunk := range slices.Chunk(fits, relation.MaxAsked) {
		if len(all) > limit {
			break
		}
		edges, err := w.Edges(ctx, l.viewer, relation.Ask{Of: chunk, Back: w.Reverse, Limit: limit + 1 - len(all)})
		if err != nil {
			return nil, false, err
		}
		for _, e := range edges {
			s := Step{Way: w, Near: e.From, Far: e.To, Edge: e}
			if w.Reverse {
				s.Near, s.Far = e.To, e.From
			}
			if own[s.Near] {
				all = append(all, s)
			}
		}
	}
	if len(all) > limit {
		return all[:limit], true, nil
	}
	return all, false, nil
}

// seen leaves out steps to what the viewer may not see, and finds the others.
func (l *look) seen(ctx context.Context, steps []Step) ([]Step, error) {
	refs := make([]relation.Ref, len(steps))
	for i, s := range steps {
		refs[i] = s.Far
	}
	if err := l.find(ctx, refs); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(steps, func(s Step) bool { return l.hidden[s.Far] }), nil
}
