// Package gitrepo reads git repositories that may be hostile.
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
)

// Errors of this package, to be tested with errors.Is. Each has a fault kind.
// Messages around them name the place and, where there is one, the remedy.
var (
	// ErrNotRepository says that there is no git repository at the place.
	ErrNotRepository = fault.New(fault.NotFound, "there is no git repository here; name a work tree or a bare repository")
	// ErrOutside says that the repository points to a place that it may not
	// make us read; see Config.Roots.
	ErrOutside = fault.New(fault.Invalid, "the repository points outside of the places that may be read; allow that directory if it is right")
	// ErrNoHead says that the repository has no commit on any branch.
	ErrNoHead = fault.New(fault.NotFound, "the repository has no commits yet; commit something first")
	// ErrUnsupported says that git could read the repository but this package
	// cannot.
	ErrUnsupported = fault.New(fault.Invalid, "this form of repository or address is not supported; use another one")
	// ErrMissing says that an object is not there, as in a partial or a broken
	// clone.
	ErrMissing = fault.New(fault.NotFound, "an object of the repository is missing; clone it whole or fetch what is missing")
	// ErrNotBlob says that the object is a tree, a commit or a tag.
	ErrNotBlob = fault.New(fault.Invalid, "the object is not a file's content; name a blob")
	// ErrCorrupt says that stored bytes are not what they claim to be.
	ErrCorrupt = fault.New(fault.Unavailable, "the repository is damaged; run git fsck in it or clone it anew")
	// ErrTooLarge says that a limit was met.
	ErrTooLarge = fault.New(fault.Invalid, "a limit was met; allow more if that is right")
	// ErrAccess says that the other side wants other credentials, or none of
	// ours may be sent there.
	ErrAccess = fault.New(fault.Unavailable, "access is denied; check the credentials for this address")
	// ErrUnreachable says that the other side did not answer as it should.
	ErrUnreachable = fault.New(fault.Unavailable, "the address cannot be reached; check it and the network")
	// ErrGit says that git could not be started or died.
	ErrGit = fault.New(fault.Unavailable, "git failed; check that it is installed and try again")
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
	Refs       int           // refs that are read; default 1,000,000
	Entries    int           // entries of one tree; default 2,000,000
	PathLength int           // bytes of one path; default 4,096
	Changes    int           // changes that are kept of one commit; default 500,000
	Message    int           // bytes that are kept of a message's start and again of its end; default 16 KiB
	Allocation int64         // bytes that git may ask for at once; default 2 GiB
	Time       time.Duration // life of one git process; default 1 hour
}

func (l Limits) withDefaults() Limits {
	set := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	set(&l.Refs, 1_000_000)
	set(&l.Entries, 2_000_000)
	set(&l.PathLength, 4096)
	set(&l.Changes, 500_000)
	set(&l.Message, 16<<10)
	if l.Allocation <= 0 {
		l.Allocation = 2 << 30
	}
	if l.Time <= 0 {
		l.Time = time.Hour
	}
	return l
}

// Repo is one repository as it was when Open read its refs. Its methods may be
// used from several goroutines at once; Close must come last.
type Repo struct {
	cfg      Config
	place    place
	settings settings
	hexLen   int // digits of an object id: 40 (SHA-1) or 64 (SHA-256)
	head     head
	refs     []Ref
	index    map[string]int // ref name → place in refs
	shallow  []string
	problems []error

	mu     sync.Mutex
	view   *view
	closed bool
}

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
	r := &Repo{cfg: cfg}
	if err := r.read(ctx, path); err != nil {
		return nil, fmt.Errorf("open repository %q: %w", path, err)
	}
	return r, nil
}

func (r *Repo) read(ctx context.Context, path string) error {
	var err error
	if r.place, err = locate(path, r.cfg.Roots); err != nil {
		return err
	}
	if r.settings, err = readSettings(r.place); err != nil {
		return err
	}
	if r.hexLen, err = r.settings.hexLen(); err != nil {
		return err
	}
	if err := r.readRefs(ctx); err != nil {
		return err
	}
	return r.readShallow()
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
		return fmt.Errorf("remove scratch of repository %q: %w", r.place.path, err)
	}
	return nil
}

// Path is the absolute path of the work tree or bare repository.
func (r *Repo) Path() string { return r.place.path }

// CommonDir is the absolute path of the git directory that linked worktrees
// share. It is equal for all worktrees of one repository.
func (r *Repo) CommonDir() string { return r.place.common }

// Bare reports whether there is no work tree at Path.
func (r *Repo) Bare() bool { return r.place.bare }

// Shallow reports whether history is cut off.
func (r *Repo) Shallow() bool { return len(r.shallow) > 0 }

// Partial reports whether the repository leaves out objects that a promisor
// remote would bring (a partial clone). They are never fetched.
func (r *Repo) Partial() bool { return r.settings.partial }

// Problems lists what was left out of an otherwise readable repository: refs
// that cannot be read, object directories that may not be read. It grows with
// the first call that starts git.
func (r *Repo) Problems() []error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]error(nil), r.problems...)
}

func (r *Repo) problem(err error) {
	if len(r.problems) < 100 {
		r.problems = append(r.problems, err)
	}
}
