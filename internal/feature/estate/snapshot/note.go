package snapshot

import (
	"cmp"
	"fmt"

	"steward/internal/feature/estate/cause"
)

// Note is something that a reading left out, and why.
type Note struct {
	Kind   NoteKind `json:"kind"`
	Path   string   `json:"path,omitempty"`
	Line   int      `json:"line,omitempty"`
	Reason string   `json:"reason"` // a sentence part for people, lower case first
}

// NoteKind sorts notes on the coverage page.
type NoteKind string

// The kinds of notes.
const (
	NoteFailed     NoteKind = "failed"     // could not be read
	NoteUnresolved NoteKind = "unresolved" // read, but what it says is not complete
	NoteLeftOut    NoteKind = "left out"   // not read, on purpose
)

// Notes say what of the repository the snapshot does not hold, whoever reads it. What the history
// lacks is known when it has been read.
func (s *Snapshot) Notes() []Note {
	var notes []Note
	if s.HistoryErr != nil {
		notes = append(notes, Note{Kind: NoteFailed, Reason: "the history could not be read to its end: " + cause.Line(cause.InWords(s.HistoryErr))})
	}
	for _, err := range s.LeftOut {
		notes = append(notes, Note{Kind: NoteFailed, Reason: cause.Line(cause.InWords(err))})
	}
	if s.Shallow {
		notes = append(notes, Note{Kind: NoteUnresolved, Reason: "a shallow copy: older history is not in it; fetch the rest with git fetch --unshallow"})
	}
	missing, submodules, links, first := 0, 0, 0, ""
	for _, e := range s.Entries() {
		switch {
		case e.Mode == Submodule:
			submodules++
		case e.Mode == Symlink:
			links++
		case e.Size < 0:
			missing++
			first = cmp.Or(first, e.Path)
		}
	}
	if missing > 0 {
		notes = append(notes, Note{Kind: NoteUnresolved, Reason: fmt.Sprintf("the content of %d files is not in this copy or damaged, %q first; fetch it, or give a full copy", missing, first)})
	}
	if submodules > 0 {
		notes = append(notes, Note{Kind: NoteLeftOut, Reason: fmt.Sprintf("%d submodules are repositories of their own; name them as sources to have them read", submodules)})
	}
	if links > 0 {
		notes = append(notes, Note{Kind: NoteLeftOut, Reason: fmt.Sprintf("%d symbolic links are not followed", links)})
	}
	return notes
}
