// Package reading prepares what the manifests of one repository say for the
// store: limits, the way by which each package comes in, a digest, a summary,
// and notes on what could not be read.
package reading

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"steward/internal/feature/estate"
	"steward/internal/format/lockfile"
	"steward/internal/format/manifest"
	"steward/internal/format/version"
	"steward/internal/platform/store"
)

// Limits on what is stored of one use.
const (
	MaxPURL  = 1000 // bytes; a longer package URL is left out with a note
	maxText  = 500  // bytes of a requirement, alias or place; the rest is cut
	maxNotes = 1000 // notes of one repository
)

// Reading is what the manifests of one repository say, as it is stored.
type Reading struct {
	Manifests []Manifest
}

// Manifest is one manifest with what the store adds to it.
type Manifest struct {
	lockfile.Manifest
	Fixture bool  // test data, example or template
	Ways    []Way // for each use the way by which it comes in
}

// Read collects what can be stored of a snapshot, and notes what cannot.
func Read(s *estate.Snapshot) (*Reading, []estate.Note) {
	manifests, failures := s.Manifests()
	r := &Reading{}
	notes := notesOfFailures(failures)
	for _, m := range manifests {
		one := Manifest{Manifest: m, Fixture: manifest.Fixture(m.Path)}
		var unfit []estate.Note
		one.Uses, unfit = storable(m)
		one.Ways = waysOf(one.Uses)
		r.Manifests = append(r.Manifests, one)
		notes = append(notes, unfit...)
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
// only loses its end. Where there is nothing to do, which is nearly always, the
// uses are those of m and take no memory of their own.
func storable(m lockfile.Manifest) ([]lockfile.Use, []estate.Note) {
	if !slices.ContainsFunc(m.Uses, needsMending) {
		return m.Uses, nil
	}
	number := make([]int, len(m.Uses)) // of each use among those kept, from 1
	kept := make([]lockfile.Use, 0, len(m.Uses))
	var notes []estate.Note
	for i, u := range m.Uses {
		switch {
		case u.Package.Type == "" || u.Package.Name == "":
			notes = append(notes, estate.Note{Kind: estate.NoteFailed, Path: m.Path, Line: u.Line, Reason: "an entry has no package name; name the package, or remove the entry"})
			continue
		case tooLong(u):
			notes = append(notes, estate.Note{
				Kind: estate.NoteFailed, Path: m.Path, Line: u.Line,
				Reason: fmt.Sprintf("a name longer than %d bytes or a version longer than %d; no package has such a one: check the entry", MaxPURL, version.MaxLength),
			})
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

func needsMending(u lockfile.Use) bool {
	return u.Package.Type == "" || u.Package.Name == "" || tooLong(u) || max(len(u.Requirement), len(u.Alias), len(u.From)) > maxText
}

func tooLong(u lockfile.Use) bool {
	return len(u.Package.Version) > version.MaxLength || len(u.Package.Package().String()) > MaxPURL
}

func cut(s string) string {
	if len(s) <= maxText {
		return s
	}
	return strings.ToValidUTF8(s[:maxText], "") + "…"
}

// Way is how a use comes into a project: the use before it on the shortest way
// from one that the project or a member of its workspace names, and that one; -1
// when it is named itself or the way is not known.
type Way struct{ Via, From int }

// waysOf walks from all named uses at once, so that the first way to reach a
// use is a shortest one.
func waysOf(uses []lockfile.Use) []Way {
	ways := make([]Way, len(uses))
	var queue []int
	for i, u := range uses {
		ways[i] = Way{-1, -1}
		if u.Named() {
			queue = append(queue, i)
		}
	}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		first := ways[at].From
		if first < 0 {
			first = at
		}
		for _, to := range uses[at].DependsOn {
			if !uses[to].Named() && ways[to].Via < 0 {
				ways[to] = Way{at, first}
				queue = append(queue, to)
			}
		}
	}
	return ways
}

// Digest is equal for readings that store equal rows. Components are those of
// the manifests, in their order.
func (r *Reading) Digest(components []int64) string {
	h := sha256.New()
	for i, m := range r.Manifests {
		fmt.Fprintf(h, "%q %q %q %t %q %q %t %d %d\n", m.Path, m.Format, m.Ecosystem, m.Lock, m.Unresolved, m.Makes(), m.Fixture, components[i], len(m.Uses))
		for _, u := range m.Uses {
			fmt.Fprintf(h, "%q %q %q %s %t %t %s %q %d %v\n", u.Package.String(), u.Requirement, u.Alias, u.Scope, u.Direct, u.ByMember, u.Origin, u.From, u.Line, u.DependsOn)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Makes is the package URL of what the manifest builds, without version.
func (m Manifest) Makes() string {
	if m.Project.Name == "" {
		return ""
	}
	if p := store.Text(m.Project.Package().String()); len(p) <= MaxPURL {
		return p
	}
	return ""
}

// Facts are the figures of the repository page.
func (r *Reading) Facts() []estate.Fact {
	s := r.Summary()
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
