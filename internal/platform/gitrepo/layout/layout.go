// Package layout reads what the files of a git repository say without starting
// git: where its parts lie, HEAD and refs, remotes, where a shallow history
// ends; and it finds repositories below a directory. The repositories may be
// hostile: nothing outside of them is read unless it lies under an allowed root
// or points back, no pipe or device is opened, and every size is bounded.
package layout

import (
	"context"
	"sync"

	"steward/internal/platform/fault"
)

// Errors of this package; package gitrepo passes them on under the same names.
var (
	// ErrNotRepository says that there is no git repository at the place.
	ErrNotRepository = fault.New(fault.NotFound, "there is no git repository here; name a work tree or a bare repository")
	// ErrOutside says that the repository points to a place that it may not
	// make us read; see Config.Roots.
	ErrOutside = fault.New(fault.Invalid, "the repository points to a place outside of what was given; give a folder that holds both, or a full copy")
	// ErrNoHead says that the repository has no commit on any branch.
	ErrNoHead = fault.New(fault.NotFound, "the repository has no commits yet; commit something first")
	// ErrUnsupported says that git could read the repository but this package
	// cannot.
	ErrUnsupported = fault.New(fault.Invalid, "this form of repository or address is not supported; use another one")
	// ErrCorrupt says that stored bytes are not what they claim to be.
	ErrCorrupt = fault.New(fault.Unavailable, "the repository is damaged; run git fsck in it or clone it anew")
	// ErrTooLarge says that a limit was met.
	ErrTooLarge = fault.New(fault.Invalid, "a limit was met; allow more if that is right")
)

// Layout is one repository as its files were when Read read them. Its methods
// may be used from several goroutines at once.
type Layout struct {
	place    place
	settings settings
	hexLen   int // digits of an object id: 40 (SHA-1) or 64 (SHA-256)
	maxRefs  int
	head     head
	refs     []Ref
	index    map[string]int // ref name → place in refs
	shallow  []string

	mu       sync.Mutex
	problems []error
}

// Read reads the repository at path: a work tree, a bare repository, a linked
// worktree, or a git directory. roots are directories that it may point into.
// Errors: ErrNotRepository, ErrOutside, ErrUnsupported, ErrCorrupt, and
// ErrTooLarge beyond maxRefs refs.
func Read(ctx context.Context, path string, roots []string, maxRefs int) (*Layout, error) {
	r := &Layout{maxRefs: maxRefs}
	var err error
	if r.place, err = locate(path, roots); err != nil {
		return nil, err
	}
	if r.settings, err = readSettings(r.place); err != nil {
		return nil, err
	}
	if r.hexLen, err = r.settings.hexLen(); err != nil {
		return nil, err
	}
	if err := r.readRefs(ctx); err != nil {
		return nil, err
	}
	return r, r.readShallow()
}

// Path is the absolute path of the work tree or bare repository.
func (r *Layout) Path() string { return r.place.path }

// CommonDir is the git directory that linked worktrees share.
func (r *Layout) CommonDir() string { return r.place.common }

// GitDir is the absolute path of the git directory of this work tree: where its
// HEAD and its index lie. It is CommonDir but for linked worktrees.
func (r *Layout) GitDir() string { return r.place.gitDir }

// Objects is the object directory.
func (r *Layout) Objects() string { return r.place.objects }

// Bare reports whether there is no work tree at Path.
func (r *Layout) Bare() bool { return r.place.bare }

// Partial reports whether a promisor remote holds objects that are left out.
func (r *Layout) Partial() bool { return r.settings.partial }

// Shallow lists the commits, sorted, at which a shallow history ends.
func (r *Layout) Shallow() []string { return r.shallow }

// HexLen is the number of digits of an object id: 40 (SHA-1) or 64 (SHA-256).
func (r *Layout) HexLen() int { return r.hexLen }

// Resolve follows symbolic links and refuses what ends outside: ErrOutside.
func (r *Layout) Resolve(path string) (string, error) { return r.place.resolve(path) }

// Problems lists what was left out so far, at most 100.
func (r *Layout) Problems() []error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]error(nil), r.problems...)
}

// Report adds to Problems.
func (r *Layout) Report(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.problems) < 100 {
		r.problems = append(r.problems, err)
	}
}

// Remote is another place of the repository as its configuration names it.
type Remote struct {
	Name    string // as in origin
	URL     string // where git fetches from, without credentials; empty when not given
	PushURL string // where git pushes to when that is elsewhere, without credentials
}

// Remotes are the configured remotes in the order of the file, at most 1,000.
func (r *Layout) Remotes() []Remote { return r.settings.remotes }
