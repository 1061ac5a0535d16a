// Package snapshot shows one pinned state of a repository to those who read it:
// a commit through git, or a folder as its files lie. Nothing outside the tree
// is read, symbolic links are not followed, and nothing is read past its limit.
package snapshot

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"
	"sync"

	"steward/internal/format/lockfile"
	"steward/internal/format/manifest"
	"steward/internal/platform/gitrepo"
)

// Entry is one file of a snapshot.
type Entry struct {
	Path string // slash-separated from the root; raw bytes, perhaps not UTF-8
	Mode Mode
	Blob string // object id; empty when the snapshot is a folder
	Size int64  // bytes; -1 when the content is missing
}

// Mode is what kind of entry it is.
type Mode int

// The modes that a tree has.
const (
	File Mode = iota
	Executable
	Symlink
	Submodule
)

// IsFile says whether the entry has content of its own.
func (e Entry) IsFile() bool { return e.Mode == File || e.Mode == Executable }

// content is where a snapshot's bytes come from: a commit or a folder.
type content interface {
	read(e Entry, limit int64) ([]byte, error)
}

// Snapshot is one pinned state of a repository, shared by all analysers: its
// entries are listed once, and each content is read at most once per wish. The
// zero value is an empty tree. It is safe for use by one goroutine.
type Snapshot struct {
	Repository string // name, for messages
	Commit     string // empty for a folder as it lies and for an empty repository
	Branch     string // short name of the branch read; empty when there is none
	Shallow    bool   // history is cut off
	Partial    bool   // some content is missing on purpose
	Tags       []gitrepo.Tag
	Remotes    []gitrepo.Remote
	HistoryErr error   // why the history could not be read to its end; nil when it could
	LeftOut    []error // what of the tree, the refs and the objects could not be read, and why

	life    context.Context // that of the opening: reading ends with it; may be nil
	entries []Entry         // sorted by path
	content content

	manifests sync.Once
	read      []lockfile.Manifest
	failed    []lockfile.Failure
}

// New returns a snapshot over entries whose content read gives; it
// serves tests and callers that hold a tree in memory.
func New(entries []Entry, read func(e Entry, limit int64) ([]byte, error)) *Snapshot {
	sort.Slice(entries, func(i, j int) bool { return entries[i].Path < entries[j].Path })
	return &Snapshot{entries: entries, content: readFunc(read)}
}

type readFunc func(e Entry, limit int64) ([]byte, error)

func (f readFunc) read(e Entry, limit int64) ([]byte, error) { return f(e, limit) }

// Entries lists the tree, sorted by path. The slice is shared: do not change it.
func (s *Snapshot) Entries() []Entry { return s.entries }

// Entry finds one entry by its path.
func (s *Snapshot) Entry(p string) (Entry, bool) {
	i := sort.Search(len(s.entries), func(i int) bool { return s.entries[i].Path >= p })
	if i < len(s.entries) && s.entries[i].Path == p {
		return s.entries[i], true
	}
	return Entry{}, false
}

// Read returns the content of one file. It refuses more than limit bytes with
// lockfile.ErrTooLarge before it reads them, and answers fs.ErrNotExist for
// what is not a file of the tree, ErrPointer for what Git LFS keeps. Symbolic links are not followed.
func (s *Snapshot) Read(p string, limit int64) ([]byte, error) {
	e, ok := s.Entry(p)
	if !ok || !e.IsFile() {
		return nil, fmt.Errorf("read %q: %w", p, fs.ErrNotExist)
	}
	if e.Size > limit {
		return nil, fmt.Errorf("read %q: %w: %d bytes, the limit is %d", p, lockfile.ErrTooLarge, e.Size, limit)
	}
	b, err := s.content.read(e, limit)
	if err == nil && bytes.HasPrefix(b, []byte(pointer)) {
		return nil, fmt.Errorf("read %q: %w", p, ErrPointer)
	}
	return b, err
}

// pointer is how a file begins that stands for one in Git LFS (the Git LFS
// specification, "The Pointer").
const pointer = "version https://git-lfs.github.com/spec/"

// ErrPointer says that the content of a file is not in git.
var ErrPointer = errors.New("it is kept in Git LFS, and only a pointer to it in the repository")

// Manifests returns what the manifests and lock files of the tree say; they
// are parsed once for all analysers. When the context with which the snapshot
// was opened ends, there are none.
func (s *Snapshot) Manifests() ([]lockfile.Manifest, []lockfile.Failure) {
	s.manifests.Do(func() {
		s.read, s.failed = manifest.Read(cmp.Or(s.life, context.Background()), newManifestFiles(s))
	})
	return s.read, s.failed
}

// manifestFiles shows a snapshot to the manifest readers. The paths are listed
// once: every reader walks them, some several times.
type manifestFiles struct {
	s     *Snapshot
	paths []string
}

func newManifestFiles(s *Snapshot) manifestFiles {
	m := manifestFiles{s: s}
	for _, e := range s.entries {
		if e.IsFile() && manifest.Wants(e.Path) {
			m.paths = append(m.paths, e.Path)
		}
	}
	return m
}

func (m manifestFiles) Paths() []string { return m.paths }

func (m manifestFiles) ReadFile(p string) ([]byte, error) {
	return m.s.Read(path.Clean(p), lockfile.MaxBytes)
}

// gitContent reads blobs through the one batch process of a repository.
type gitContent struct{ blobs *gitrepo.Blobs }

func (c gitContent) read(e Entry, limit int64) ([]byte, error) {
	b, err := c.blobs.Read(e.Blob, limit)
	switch {
	case errors.Is(err, gitrepo.ErrMissing):
		return nil, fmt.Errorf("read %q: its content is not in this copy of the repository: %w", e.Path, err)
	case errors.Is(err, gitrepo.ErrTooLarge):
		return nil, fmt.Errorf("read %q: %w", e.Path, lockfile.ErrTooLarge)
	case err != nil:
		return nil, fmt.Errorf("read %q: %w", e.Path, err)
	}
	return b, nil
}

// OpenCommit lists the tree of a commit and prepares the reading of its
// content; close ends it. An empty commit gives an empty tree.
func OpenCommit(ctx context.Context, repo *gitrepo.Repo, name, branch, commit string) (*Snapshot, func() error, error) {
	s := &Snapshot{life: ctx, Repository: name, Commit: commit, Branch: branch, Shallow: repo.Shallow(), Partial: repo.Partial(), Remotes: repo.Remotes()}
	if commit == "" {
		return s, func() error { return nil }, nil
	}
	tree, left, err := repo.Tree(ctx, commit)
	if err != nil {
		return nil, nil, err
	}
	s.entries = make([]Entry, 0, len(tree))
	for _, e := range tree {
		s.entries = append(s.entries, Entry{Path: e.Path, Mode: modeOf(e), Blob: e.Blob, Size: e.Size})
	}
	sort.Slice(s.entries, func(i, j int) bool { return s.entries[i].Path < s.entries[j].Path })
	blobs, err := repo.Blobs(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("open the content of %.7s: %w", commit, err)
	}
	s.content = gitContent{blobs}
	if s.Tags, err = repo.Tags(ctx); err != nil {
		s.HistoryErr = fmt.Errorf("read the tags: %w", err)
	}
	s.LeftOut = append(left, repo.Problems()...)
	return s, blobs.Close, nil
}

func modeOf(e gitrepo.Entry) Mode {
	switch {
	case e.Mode.IsSubmodule():
		return Submodule
	case e.Mode.IsSymlink():
		return Symlink
	case e.Mode&0o111 != 0:
		return Executable
	}
	return File
}

// ComponentRoots are the folders that hold a manifest and so a component, the
// root "" always among them; test data, examples and templates are left out.
func (s *Snapshot) ComponentRoots() []string {
	manifests, _ := s.Manifests()
	seen := map[string]bool{"": true}
	for _, m := range manifests {
		for _, p := range append([]string{m.Path}, m.Covers...) { // a workspace's one lock covers its members
			if !manifest.Fixture(p) {
				seen[dirOf(p)] = true
			}
		}
	}
	roots := make([]string, 0, len(seen))
	for r := range seen {
		roots = append(roots, r)
	}
	sort.Strings(roots)
	return roots
}

func dirOf(p string) string {
	if i := strings.LastIndexByte(p, '/'); i >= 0 {
		return p[:i]
	}
	return ""
}
