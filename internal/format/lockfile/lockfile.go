// Package lockfile describes what manifests and lock files say: which packages
// a project uses, in which version, for what, and through what, each with its
// line. One folder beneath it reads each ecosystem; this package holds the
// words they share and the limits they keep.
//
// Readers are pure: they get bytes and give values. They read what is written,
// never what a resolver might make of it: a declared range stays a range, and
// what a file cannot say (the transitives of a build file without a lock) is
// named in Manifest.Unresolved instead of being left out silently.
package lockfile

import (
	"errors"
	"fmt"

	"steward/internal/format/purl"
)

// Limits that every reader keeps.
const (
	MaxBytes = 32 << 20 // a larger file is refused with ErrTooLarge
	MaxDepth = 200      // deeper nesting is refused with ErrTooDeep
	MaxUses  = 200_000  // more uses in one manifest are refused with ErrTooLarge
)

// Errors that say why a manifest was not read. Readers wrap them with the
// place ("line 12") and never with the content.
var (
	ErrTooLarge = errors.New("larger than Steward reads")
	ErrTooDeep  = errors.New("nested deeper than Steward reads")
	ErrSyntax   = errors.New("does not parse")
)

// Scope says what a package is used for.
type Scope string

// The scopes, in the order in which a stronger one wins when a package is used
// for several purposes in one manifest.
const (
	Production  Scope = "production"
	Optional    Scope = "optional" // installed where it can be; the program runs without it
	Development Scope = "development"
	Test        Scope = "test"
)

// Origin says where the bytes of a package come from.
type Origin string

// The origins.
const (
	Registry Origin = ""     // the ecosystem's registry, or a mirror of it
	Git      Origin = "git"  // a git address, kept without credentials in Use.From
	Path     Origin = "path" // a folder or file, of this tree or beside it
	URL      Origin = "url"
)

// Use is one package that a manifest uses. The same release appears once per
// manifest: a reader merges places in the tree and keeps the strongest scope,
// direct over transitive, and the first line.
type Use struct {
	Package     purl.PURL // canonical; Version is set only when the file pins exactly one
	Requirement string    // the range as declared ("^4.17.0", ">=2,<3"), when one is declared
	Alias       string    // the name it is known by in this project, when it is not its own
	Scope       Scope
	Direct      bool // named by the project in the folder of the manifest
	ByMember    bool // not Direct, but named by a member of the workspace, whose own manifest is read as well
	Origin      Origin
	From        string // for Git, Path and URL: where from, without credentials
	Line        int    // 1-based line of its entry; 0 when the format has no lines of use
	DependsOn   []int  // indices into Manifest.Uses, sorted, without repeats
}

// Named says that some project of the tree names the package itself.
func (u Use) Named() bool { return u.Direct || u.ByMember }

// Note is something that a reader saw and left out, and why.
type Note struct {
	Line   int
	Reason string // for people, starting in lower case: "workspace member, not a dependency"
}

// Manifest is what one file, with the siblings that it needs, says.
type Manifest struct {
	Path           string    // slash-separated, from the root of the tree
	Format         string    // as people call it: "package-lock.json v3", "go.mod", "uv.lock"
	Ecosystem      string    // package URL type
	Lock           bool      // versions are pinned by a resolver
	Project        purl.PURL // the project that the file belongs to; zero when it does not say
	ProjectLicence string    // the licence the manifest declares, verbatim; empty when it does not say
	Uses           []Use
	HasEdges       bool     // DependsOn is filled where there are dependencies
	Unresolved     string   // why the list is not complete; empty when it is
	Covers         []string // other manifests whose declarations this one resolves ("package.json" beside its lock)
	ResolvedBy     string   // of a workspace's member: the lock that has its releases, and what they need in turn
	Notes          []Note
}

// Files gives the bytes of one tree. Readers ask only for paths that some
// reader's Wants accepted, or for siblings that a manifest names.
type Files interface {
	// Paths lists the wanted files of the tree, sorted, slash-separated: the same
	// list at every call, which is cheap, and not to be changed.
	Paths() []string
	// ReadFile returns the bytes of one file. The error is fs.ErrNotExist when
	// there is none and ErrTooLarge past MaxBytes.
	ReadFile(path string) ([]byte, error)
}

// Reader reads one ecosystem.
type Reader struct {
	Ecosystem string   // package URL type
	Name      string   // for coverage pages: "npm", "Maven"
	Languages []string // go-enry names whose packages it knows
	// Wants says whether a path is a manifest of this ecosystem, or a sibling
	// that its reading needs. It looks at the path alone.
	Wants func(path string) bool
	// Within returns the manifests among files, in the order of their paths, as
	// far as there is room. A file that cannot be read is a Failure and stops
	// nothing else.
	Within func(files Files, room *Room) ([]Manifest, []Failure)
}

// Read is Within with a room of its own.
func (r Reader) Read(files Files) ([]Manifest, []Failure) { return r.Within(files, NewRoom()) }

// Failure is a manifest that could not be read.
type Failure struct {
	Path string
	Line int // 0 when unknown
	Err  error
}

func (f Failure) Error() string {
	if f.Line > 0 {
		return fmt.Sprintf("%s:%d: %v", f.Path, f.Line, f.Err)
	}
	return fmt.Sprintf("%s: %v", f.Path, f.Err)
}

func (f Failure) Unwrap() error { return f.Err }

// Stronger returns the scope that wins when a package has both.
func Stronger(a, b Scope) Scope {
	if rank(b) < rank(a) {
		return b
	}
	return a
}

func rank(s Scope) int {
	switch s {
	case Production:
		return 0
	case Optional:
		return 1
	case Development:
		return 2
	case Test:
		return 3
	}
	return 4
}
