// Package estate keeps what the firm's repositories are and where they lie,
// reads them, and remembers what was learnt, from where, and what could not
// be read.
//
// A Source is what a user named. Looking at it finds locations; a location
// belongs to a Repository, which is the same one wherever it moves:
//
//	found at a known address          the repository that was there
//	found with a known remote         one more location of that repository when it shares a commit, see claim
//	same first commit as one vanished that repository, moved
//	anything else                     a new repository
//	another one in a known folder     a new repository; the one before has vanished
//
// People can join two repositories and split them again; both leave a trace.
//
// Reading pins one commit of the default branch as a Snapshot, runs every
// Analyser that has not seen it yet, and stores all results in one
// transaction: a page never sees half a repository. States of a repository:
//
//	waiting → read | empty | failed, and again when it changed; what was read stays when a later reading fails
//
// Estate knows no other feature: app hands their analysers to New.
package estate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"sync"

	"steward/internal/feature/estate/source"
	"steward/internal/platform/access"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
)

// Feature is the estate of one firm.
type Feature struct {
	p         mount.Platform
	db        *store.DB
	git       gitrepo.Config
	analysers []Analyser
	sources   *source.Desk

	onVisibility []VisibilityHook
	onJoin       []JoinHook
	onRead       []ReadHook
	onName       []NameHook
	panels       []Panel
	server       *web.Server // draws panels; set when pages are mounted

	reads sync.RWMutex // held while a repository is read, for writing by one that is read alone
}

// VisibilityHook lets a feature that keeps visibility beside its own rows
// follow a change, in the transaction that makes it.
type VisibilityHook func(ctx context.Context, tx *store.Tx, repository int64, visibility string) error

// JoinHook lets a feature that keeps counts over repositories follow that one
// was joined into another, or split off again, in the transaction that does it.
type JoinHook func(ctx context.Context, tx *store.Tx, repository int64) error

// ReadHook lets a feature follow what a reading wrote of a repository, in its transaction and
// before it becomes what pages show.
type ReadHook func(ctx context.Context, tx *store.Tx, repository int64) error

// NameHook lets a feature that calls its own records after a repository follow
// that it has another name now, in the transaction that gives it.
type NameHook func(ctx context.Context, tx *store.Tx, repository int64, was, name string) error

// Config is what New needs beside the platform; the zero value reads nothing
// but names and branches.
type Config struct {
	Analysers []Analyser
	// OnVisibility are the followers of a changed visibility.
	OnVisibility []VisibilityHook
	// OnJoin are the followers of repositories joined and split.
	OnJoin []JoinHook
	// OnRead are the followers of readings.
	OnRead []ReadHook
	// OnName are the followers of repositories that are called otherwise now.
	OnName []NameHook
	// Panels are parts of the repository page.
	Panels []Panel
}

// New returns the estate over the platform's database.
func New(p mount.Platform, c Config) *Feature {
	f := &Feature{p: p, db: p.DB, git: p.Git, analysers: c.Analysers, onVisibility: c.OnVisibility, onJoin: c.OnJoin, onRead: c.OnRead, onName: c.OnName, panels: c.Panels}
	f.sources = source.NewDesk(p, f.release)
	return f
}

// Sources is where sources are taken on and let go.
func (f *Feature) Sources() *source.Desk { return f.sources }

// plan is the digest of what would read a repository: when it is the one
// stored with a repository whose fingerprint is unchanged, there is nothing to do.
func (f *Feature) plan() string {
	h := sha256.New()
	for _, a := range f.analysers {
		fmt.Fprintf(h, "%s %d %s\n", a.Name, a.Version, a.config())
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func (a Analyser) config() string {
	if a.Config == nil {
		return ""
	}
	return a.Config()
}

// mirrorDir is where a remote repository is mirrored.
func (f *Feature) mirrorDir(address string) string {
	sum := sha256.Sum256([]byte(address))
	return filepath.Join(f.p.DataDir, "mirror", hex.EncodeToString(sum[:8])+".git")
}

// nextID gives out the next id of a kind. It commits on its own, so that long
// writers do not wait for each other; ids may have gaps.
func (f *Feature) nextID(ctx context.Context, kind string) (last int64, err error) {
	err = f.db.Tx(ctx, func(tx *store.Tx) error {
		last, err = takeID(ctx, tx, kind)
		return err
	})
	return last, err
}

// takeID gives out the next id of a kind in the caller's transaction.
func takeID(ctx context.Context, tx *store.Tx, kind string) (last int64, err error) {
	err = tx.QueryRow(ctx, `INSERT INTO estate_sequence (kind, last) VALUES ($1, 1)
		ON CONFLICT (kind) DO UPDATE SET last = estate_sequence.last + 1 RETURNING last`, kind).Scan(&last)
	if err != nil {
		return 0, fmt.Errorf("take an id of %s: %w", kind, err)
	}
	return last, nil
}

var reader = access.System("reading the estate")
