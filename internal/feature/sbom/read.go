package sbom

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"steward/internal/feature/estate"
	"steward/internal/format/lockfile"
	"steward/internal/format/manifest"
	"steward/internal/format/version"
	"steward/internal/platform/store"
)

// Limits on what is stored of one use.
const (
	maxPURL  = 1000 // bytes; a longer package URL is left out with a note
	maxText  = 500  // bytes of a requirement, alias or place; the rest is cut
	maxNotes = 1000 // notes of one repository
)

// Analyser learns the packages of a repository.
func (f *Feature) Analyser() estate.Analyser {
	return estate.Analyser{Name: "sbom", Version: 1, Begin: estate.OfContent(func(ctx context.Context, s *estate.Snapshot) (estate.Result, error) {
		r, notes := read(s)
		if err := ctx.Err(); err != nil {
			return estate.Result{}, err
		}
		result := estate.Result{Notes: notes, Facts: r.facts(), Summary: r.summary()}
		result.Write = func(ctx context.Context, tx *store.Tx, at estate.Target) error { return f.write(ctx, tx, at, r) }
		return result, nil
	})}
}

// reading is what the manifests of one repository say, as it is stored.
type reading struct {
	manifests []manifestRead
}

// manifestRead is one manifest with what the store adds to it.
type manifestRead struct {
	lockfile.Manifest
	Fixture bool
	// ways gives for each use the way by which it comes in.
	ways []way
}

// read collects what can be stored, and notes what cannot.
func read(s *estate.Snapshot) (*reading, []estate.Note) {
	manifests, failures := s.Manifests()
	r := &reading{}
	notes := notesOfFailures(failures)
	for _, m := range manifests {
		one := manifestRead{Manifest: m, Fixture: manifest.Fixture(m.Path)}
		var tooLong []estate.Note
		one.Uses, tooLong = storable(m)
		one.ways = waysOf(one.Uses)
		r.manifests = append(r.manifests, one)
		notes = append(notes, tooLong...)
		if one.Fixture {
			continue
		}
		if m.Unresolved != "" {
			notes = append(notes, estate.Note{Kind: estate.NoteUnresolved, Path: m.Path, Reason: m.Unresolved})
		}
		for _, n := range m.Notes {
			notes = append(notes, estate.Note{Kind: estate.NoteLeftOut, Path: m.Path, Line: n.Line, Reason: n.Reason})
		}
	}
	if more := len(notes) - maxNotes; more > 0 {
		notes = append(notes[:maxNotes:maxNotes], estate.Note{Kind: estate.NoteLeftOut, Reason: fmt.Sprintf("%d more notes on manifests; steward scan --json lists all that one reading gives", more)})
	}
	return r, notes
}

// notesOfFailures adds what to do. Broken test data is left out on purpose.
func notesOfFailures(failures []lockfile.Failure) []estate.Note {
	notes := estate.NotesOf(failures)
	for i, f := range failures {
		if manifest.Fixture(f.Path) {
			notes[i].Kind = estate.NoteLeftOut
			notes[i].Reason = "test data or an example: " + notes[i].Reason
			continue
		}
		if remedy := remedyOf(f.Err); remedy != "" {
			notes[i].Reason += "; " + remedy
		}
	}
	return notes
}

func remedyOf(err error) string {
	switch {
	case errors.Is(err, lockfile.ErrTooLarge), errors.Is(err, lockfile.ErrTooDeep):
		return "its packages are not counted: split the file, or exclude what is not part of the product"
	case errors.Is(err, lockfile.ErrSyntax):
		return "write it anew with its package manager, and commit that"
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return "check that the file is part of this copy and can be read"
	}
	return ""
}

// storable drops uses that no table can hold and mends the edges. What is cut
// only loses its end.
func storable(m lockfile.Manifest) ([]lockfile.Use, []estate.Note) {
	number := make([]int, len(m.Uses)) // of each use among those kept, from 1
	kept := make([]lockfile.Use, 0, len(m.Uses))
	var notes []estate.Note
	for i, u := range m.Uses {
		switch {
		case u.Package.Type == "" || u.Package.Name == "":
			notes = append(notes, estate.Note{Kind: estate.NoteFailed, Path: m.Path, Line: u.Line, Reason: "an entry has no package name; name the package, or remove the entry"})
			continue
		case len(u.Package.Package().String()) > maxPURL || len(u.Package.Version) > version.MaxLength:
			notes = append(notes, estate.Note{Kind: estate.NoteFailed, Path: m.Path, Line: u.Line,
				Reason: fmt.Sprintf("a name longer than %d bytes or a version longer than %d; no package has such a one: check the entry", maxPURL, version.MaxLength)})
			continue
		}
		u.Requirement, u.Alias, u.From = cut(u.Requirement), cut(u.Alias), cut(u.From)
		kept = append(kept, u)
		number[i] = len(kept)
	}
	if len(kept) == len(m.Uses) {
		return kept, notes
	}
	for i := range kept {
		var edges []int
		for _, to := range kept[i].DependsOn {
			if number[to] > 0 {
				edges = append(edges, number[to]-1)
			}
		}
		kept[i].DependsOn = edges
	}
	return kept, notes
}

func cut(s string) string {
	if len(s) <= maxText {
		return s
	}
	return strings.ToValidUTF8(s[:maxText], "") + "…"
}

// way is how a use comes into a project: the use before it on the shortest way
// from one that the project names, and that one; -1 when direct or not known.
type way struct{ via, from int }

// waysOf walks from all direct uses at once, so that the first way to reach a
// use is a shortest one.
func waysOf(uses []lockfile.Use) []way {
	ways := make([]way, len(uses))
	var queue []int
	for i, u := range uses {
		ways[i] = way{-1, -1}
		if u.Direct {
			queue = append(queue, i)
		}
	}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		first := ways[at].from
		if first < 0 {
			first = at
		}
		for _, to := range uses[at].DependsOn {
			if !uses[to].Direct && ways[to].via < 0 {
				ways[to] = way{at, first}
				queue = append(queue, to)
			}
		}
	}
	return ways
}

// digest is equal for readings that store equal rows. Components are those of
// the manifests, in their order.
func (r *reading) digest(components []int64) string {
	h := sha256.New()
	for i, m := range r.manifests {
		fmt.Fprintf(h, "%q %q %q %t %q %q %t %d %d\n", m.Path, m.Format, m.Ecosystem, m.Lock, m.Unresolved, m.project(), m.Fixture, components[i], len(m.Uses))
		for _, u := range m.Uses {
			fmt.Fprintf(h, "%q %q %q %s %t %s %q %d %v\n", u.Package.String(), u.Requirement, u.Alias, u.Scope, u.Direct, u.Origin, u.From, u.Line, u.DependsOn)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// project is the package URL of what the manifest builds, without version.
func (m manifestRead) project() string {
	if m.Project.Name == "" {
		return ""
	}
	if p := store.Text(m.Project.Package().String()); len(p) <= maxPURL {
		return p
	}
	return ""
}

func (r *reading) facts() []estate.Fact {
	s := r.summary()
	if s.Manifests == 0 {
		return nil
	}
	return []estate.Fact{
		{Name: "packages", Value: s.Packages, Basis: estate.Measured},
		{Name: "packages.direct", Value: s.Direct, Basis: estate.Measured},
		{Name: "packages.manifests", Value: s.Manifests, Basis: estate.Measured},
		{Name: "packages.unresolved", Value: s.Unresolved, Basis: estate.Measured},
	}
}
