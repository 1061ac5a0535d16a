// Package gitrepo reads git repositories that may be hostile, and copies them.
//
// A repository's own configuration, hooks, attributes, commit graph and
// promisor remotes can make git run programs, reach the network or tell lies,
// and git has no switch that turns all of them off. So git never gets a foreign
// GIT_DIR here. The package keeps to these rules:
//
//	what                      how
//	HEAD, refs, configuration read by our own code, no process, no include
//	objects                   system git in a bare directory of our own, which
//	                          sees the foreign object files and nothing else
//	environment of git        built from nothing; no system or user configuration
//	network                   none (GIT_ALLOW_PROTOCOL=none), except in Mirror
//	places                    nothing outside the repository is read unless it
//	                          lies under Config.Roots or points back
//	sizes, counts, time       Limits
//	blobs                     hashed again on reading, because git does not and
//	                          results are kept per blob across repositories
//
// What changes while a repository is open is not seen: refs are read once, by
// Open, and a Repo describes that moment. An unchanged repository costs no
// process: compare Fingerprint before anything else.
//
// Object ids are full lower-case hexadecimal (40 or 64 digits) throughout; no
// name that a repository invented ever becomes an argument of git.
package gitrepo

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"steward/internal/platform/fault"
	"steward/internal/platform/gitrepo/address"
	"steward/internal/platform/gitrepo/layout"
	"steward/internal/platform/gitrepo/process"
	"steward/internal/platform/gitrepo/refusal"
)

// Errors of this package, to be tested with errors.Is. Each has a fault kind.
// Messages around them name the place and, where there is one, the remedy.
var (
	ErrNotRepository = layout.ErrNotRepository // there is no git repository at the place
	ErrOutside       = layout.ErrOutside       // it points to a place that it may not make us read; see Config.Roots
	ErrNoHead        = layout.ErrNoHead        // no branch has a commit
	ErrUnsupported   = layout.ErrUnsupported   // git could read it but this package cannot
	ErrCorrupt       = layout.ErrCorrupt       // stored bytes are not what they claim to be
	ErrTooLarge      = layout.ErrTooLarge      // a limit was met
	ErrMissing       = process.ErrMissing      // an object is not there, as in a partial or a broken clone
	// ErrNotBlob says that the object is a tree, a commit or a tag.
	ErrNotBlob     = fault.New(fault.Invalid, "the object is not a file's content; name a blob")
	ErrAccess      = refusal.ErrAccess      // the other side wants other credentials, or none of ours may be sent there
	ErrUnreachable = refusal.ErrUnreachable // the other side did not answer as it should
	ErrServer      = refusal.ErrServer      // the other side answered with an error
	ErrGit         = process.ErrGit         // git could not be started or died
)

// Config says how repositories are read. The zero value works.
type Config struct {
	// Git is the path of the git program; "git" when empty.
	Git string
	// Scratch is the directory in which our own bare directories are made;
	// the system's temporary directory when empty.
	Scratch string
	// Roots are directories that a repository may point into beyond its own:
	// shared objects (alternates), a separate git directory, symbolic links.
	// None when empty. Linked worktrees and submodules need no root: there the
	// other side points back.
	Roots []string
	// Limits bound what one repository can cost.
	Limits Limits
}

// Limits bound what one repository can cost. A zero field means its default.
type Limits struct {
	Refs       int           // refs that are read; default 500,000
	Entries    int           // files and folders of one tree; default 1,000,000
	PathLength int           // bytes of one path; default 4,096
	Changes    int           // changes that are kept of one commit; default 500,000
	History    int           // changes of all commits of one Log; default 20,000,000
	Message    int           // bytes that are kept of a message's start and again of its end; default 16 KiB
	Allocation int64         // bytes that git may ask for at once; default 512 MiB
	Memory     int64         // bytes that a git which reads may have at all, on Linux; default twice Allocation
	Time       time.Duration // life of one git process; default 1 hour
	Silence    time.Duration // how long git may work on a history without a word; default 30 seconds
}

func (l Limits) withDefaults() Limits {
	set := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	set(&l.Refs, 500_000)
	set(&l.Entries, 1_000_000)
	set(&l.PathLength, 4096)
	set(&l.Changes, 500_000)
	set(&l.History, 20_000_000)
	set(&l.Message, 16<<10)
	if l.Allocation <= 0 {
		l.Allocation = 512 << 20
	}
	if l.Memory <= 0 {
		l.Memory = 2 * l.Allocation
	}
	if l.Time <= 0 {
		l.Time = time.Hour
	}
	if l.Silence <= 0 {
		l.Silence = 30 * time.Second
	}
	return l
}

// Repo is one repository as it was when Open read its refs. Its methods may be
// used from several goroutines at once; Close must come last.
type Repo struct {
	cfg   Config
	files *layout.Layout

	mu     sync.Mutex
	view   *view
	closed bool
}

// What the files of a repository say.
type (
	Ref      = layout.Ref      // one name
	Branch   = layout.Branch   // the main line
	Remote   = layout.Remote   // another place of the repository
	Location = layout.Location // what Discover finds
	Kind     = layout.Kind     // how a repository lies in a directory
)

// The kinds that Discover tells apart.
const (
	WorkTree = layout.WorkTree
	Bare     = layout.Bare
	Linked   = layout.Linked
	Separate = layout.Separate
	Broken   = layout.Broken
)

// Discover finds the repositories below root; see layout.Discover.
func Discover(ctx context.Context, root string, found func(Location) error) error {
	return layout.Discover(ctx, root, found)
}

// NormaliseRemote is address.Normalise: one spelling, host/path.
func NormaliseRemote(text string) (string, error) { return address.Normalise(text) }

// Redact is address.Redact: a text for people without credentials.
func Redact(text string) string { return address.Redact(text) }

// Open reads HEAD, refs and configuration of the repository at path: a work
// tree, a bare repository, a linked worktree, or a git directory. It starts no
// process and writes nothing. An empty repository opens (Head then says so).
// Errors: ErrNotRepository, ErrOutside, ErrUnsupported, ErrTooLarge.
func Open(ctx context.Context, path string, cfg Config) (*Repo, error) {
	cfg.Limits = cfg.Limits.withDefaults()
	if cfg.Git == "" {
		cfg.Git = "git"
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("open repository %q: %w", path, err)
	}
	files, err := layout.Read(ctx, path, cfg.Roots, cfg.Limits.Refs)
	if err != nil {
		return nil, fmt.Errorf("open repository %q: %w", path, err)
	}
	return &Repo{cfg: cfg, files: files}, nil
}

// Close removes what Open's later calls made in the scratch directory. Streams
// and readers of the repository must have ended.
func (r *Repo) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	if r.view == nil {
		return nil
	}
	v := r.view
	r.view = nil
	if err := os.RemoveAll(v.dir); err != nil {
		return fmt.Errorf("remove scratch of repository %q: %w", r.files.Path(), err)
	}
	return nil
}

// Path is the absolute path of the work tree or bare repository.
func (r *Repo) Path() string { return r.files.Path() }

// CommonDir is the absolute path of the git directory that linked worktrees
// share. It is equal for all worktrees of one repository.
func (r *Repo) CommonDir() string { return r.files.CommonDir() }

// Bare reports whether there is no work tree at Path.
func (r *Repo) Bare() bool { return r.files.Bare() }

// Shallow reports whether history is cut off.
func (r *Repo) Shallow() bool { return len(r.files.Shallow()) > 0 }

// Partial reports whether the repository leaves out objects that a promisor
// remote would bring (a partial clone). They are never fetched.
func (r *Repo) Partial() bool { return r.files.Partial() }

// Head is the checked-out branch (empty when detached) and its commit. ok is
// false when there is no commit. No process.
func (r *Repo) Head() (ref, commit string, ok bool) { return r.files.Head() }

// Refs are all refs sorted by name; see layout.Layout.Refs. No process.
func (r *Repo) Refs() []Ref { return r.files.Refs() }

// Ref finds a ref by its full name. No process.
func (r *Repo) Ref(name string) (Ref, bool) { return r.files.Ref(name) }

// Fingerprint is a digest of HEAD, refs and shallowness; see
// layout.Layout.Fingerprint. No process.
func (r *Repo) Fingerprint() string { return r.files.Fingerprint() }

// DefaultBranch finds the branch that people mean when they say nothing; see
// layout.Layout.DefaultBranch. Error: ErrNoHead. No process.
func (r *Repo) DefaultBranch() (Branch, error) { return r.files.DefaultBranch() }

// Remotes are the configured remotes, without credentials. No process.
func (r *Repo) Remotes() []Remote { return r.files.Remotes() }

// Problems lists what was left out of an otherwise readable repository: refs
// that cannot be read, object directories that may not be read. It grows with
// the first call that starts git.
func (r *Repo) Problems() []error { return r.files.Problems() }
