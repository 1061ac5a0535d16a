package estate

import (
	"context"
	"time"

	"steward/internal/feature/estate/snapshot"
	"steward/internal/format/lockfile"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/store"
)

// Analyser learns one kind of thing from a repository. App gives the list of
// them to New in the order in which their results are written, so that a later
// one may rely on the rows of an earlier one.
//
// A change of what Analyse finds in unchanged content needs a higher Version:
// then the repositories that an older one has read are read again, by this
// analyser alone.
type Analyser struct {
	Name    string // stable; part of the incremental key and the source of its facts
	Version int
	// History says that the analyser wants every commit through Pass.Commit.
	History bool
	// Config is a digest of the settings that change what it finds; may be nil.
	Config func() string
	// Begin starts the reading of one snapshot.
	Begin func(s *Snapshot) Pass
}

// Pass is one analyser at work on one repository: Restore, when an earlier
// State is still good, then Commit for each commit, then Analyse once.
type Pass interface {
	// Restore hands back the State of the last reading; from then on Commit
	// gets only commits that are new since. After an error the pass is thrown
	// away, and a new one gets the whole history.
	Restore(state []byte) error
	// Commit gets one commit, newest first. It is valid during the call only.
	Commit(c *gitrepo.Commit)
	// Analyse reads the snapshot and returns what was learnt.
	Analyse(ctx context.Context) (Result, error)
	// State is what the next reading needs of the commits seen so far; nil when nothing.
	State() ([]byte, error)
}

// ContentPass is a Pass of an analyser that looks at the tree alone.
type ContentPass func(ctx context.Context) (Result, error)

// Restore has nothing to restore.
func (ContentPass) Restore([]byte) error { return nil }

// Commit is never called: the analyser has History false.
func (ContentPass) Commit(*gitrepo.Commit) {}

// Analyse calls the function.
func (f ContentPass) Analyse(ctx context.Context) (Result, error) { return f(ctx) }

// State is nil.
func (ContentPass) State() ([]byte, error) { return nil, nil }

// OfContent makes the Begin of an analyser that looks at the tree alone.
func OfContent(analyse func(ctx context.Context, s *Snapshot) (Result, error)) func(*Snapshot) Pass {
	return func(s *Snapshot) Pass {
		return ContentPass(func(ctx context.Context) (Result, error) { return analyse(ctx, s) })
	}
}

// Result is what one analyser learnt from one snapshot.
type Result struct {
	Facts []Fact
	// Notes say what was left out, failed or stays unresolved, for coverage.
	Notes []Note
	// Write stores rows of the analyser's own tables, replacing those of the
	// repository. It runs in the transaction that makes the reading visible.
	Write func(ctx context.Context, tx *store.Tx, at Target) error
	// Summary is what `steward scan` shows and prints as JSON; may be nil.
	Summary Summary
}

// Summary is a part of what `steward scan` prints.
type Summary interface {
	// Lines are label and text pairs for people.
	Lines() [][2]string
}

// Target says into which reading rows are written.
type Target struct {
	RepositoryID   int64
	RepositoryUID  string
	RepositoryName string
	Visibility     string
	ScanID         int64
	Commit         string
	At             time.Time
}

// NotesOf turns the failures of manifest readers into notes.
func NotesOf(failures []lockfile.Failure) []Note {
	notes := make([]Note, 0, len(failures))
	for _, f := range failures {
		notes = append(notes, Note{Kind: NoteFailed, Path: f.Path, Line: f.Line, Reason: f.Err.Error()})
	}
	return notes
}

// notesOf turns what a folder would not show into notes.
func notesOf(problems []snapshot.Problem) []Note {
	var notes []Note
	for _, p := range problems {
		kind := NoteLeftOut
		if p.Failed {
			kind = NoteFailed
		}
		notes = append(notes, Note{Kind: kind, Path: p.Path, Reason: p.Reason})
	}
	return notes
}
