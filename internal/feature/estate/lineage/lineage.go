// Package lineage keeps by what a repository is known again wherever it lies, and where it comes
// from: its names and places over time, its first commits, and the trees of its main line.
//
// Two repositories with a first commit in common are copies, forks, or the same one. One whose
// first commit has the files that another one had by then, all or nearly all, without history in
// common, was made from that one as a template; see Birth. A first commit that several children of a template
// share, because a program made it, does not make them copies of each other.
//
//	table                 holds
//	repository_alias      remotes and paths at which it was found, dated
//	repository_root       first commits; tree, files and time of the one that the main line began with
//	repository_tree       trees of the newest 1,000 commits of the main line, each with its oldest commit
//	repository_root_file  a sample of at most 64 files of that first commit
//	repository_file       a sample of at most 400 files that any commit brought, each with its oldest
//
// The main line is the chain of first parents from the commit that is read. Trees are kept by their
// first 8 bytes and files by 8 bytes of a digest, so that a repository costs at most some 80 KB.
package lineage

import (
	"encoding/binary"
	"encoding/hex"
	"slices"

	"steward/internal/platform/gitrepo"
)

// maxTrees is how many commits of a main line are remembered by their trees.
const maxTrees = 1000

// Line follows the history of one commit as it streams by, newest first.
type Line struct {
	next  string // the commit that comes next on the main line
	roots []root // nil: not known
	trees []tree // of the main line, newest first
	files sketch // that any commit brought
	newer bool   // it saw only what came since the last reading
	buf   []byte
}

// Extent says how much of a history a stream had.
type Extent int

// The extents.
const (
	Newer Extent = iota // what came since the last reading
	Part                // all that a shallow copy has
	Whole
)

// root is one commit without parents.
type root struct {
	commit string
	tree   int64 // 0: not known, not on the main line, or of files that say nothing
	files  int64
	at     int64 // µs

	telling int64  // files that can show where they come from; 0: none, or not known
	sample  []file // of those
}

// tree is what the repository was at one commit.
type tree struct {
	id     int64 // the first 8 bytes
	commit string
	at     int64 // µs
}

// Follow begins at the commit that is read.
func Follow(head string) *Line { return &Line{next: head, files: sketch{most: maxFiles}} }

// Commit takes the next commit of the stream.
func (l *Line) Commit(c *gitrepo.Commit) {
	onLine := string(c.ID) == l.next
	if len(c.Parents) == 0 {
		r := root{commit: string(c.ID), at: c.Committer.Time}
		if onLine && telling(c) {
			r.tree, r.files = short(c.Tree), int64(len(c.Changes)+c.Omitted)
			l.sample(c, &r)
		}
		l.roots = append(l.roots, r)
	}
	l.bring(c)
	if !onLine {
		return
	}
	l.next = ""
	if len(c.Parents) > 0 {
		l.next = string(c.Parents[:len(c.ID)])
	}
	if len(l.trees) < maxTrees {
		l.trees = append(l.trees, tree{short(c.Tree), string(c.ID), c.Committer.Time})
	}
}

// End says that the stream came to its end. Only a whole one shows which commits are the first.
func (l *Line) End(seen Extent) {
	l.newer = seen == Newer
	if seen != Whole {
		l.roots = nil
	}
}

// Rooted reports whether the first commits are known.
func (l *Line) Rooted() bool { return len(l.roots) > 0 }

// Found takes first commits that the stream did not show. Of their files nothing is known.
func (l *Line) Found(commits []string) {
	for _, c := range commits {
		l.roots = append(l.roots, root{commit: c})
	}
}

// sample takes the files of a first commit, unless some are missing.
func (l *Line) sample(c *gitrepo.Commit, r *root) {
	if c.Omitted > 0 {
		return
	}
	all := sketch{most: maxRootFiles}
	for _, change := range c.Changes {
		if !tells(change) {
			continue
		}
		var d int64
		d, l.buf = digest(change, l.buf)
		all.put(d, r.at, func() bool { return true })
		r.telling++
	}
	r.sample = all.rows()
}

// bring takes the files that a commit brought.
func (l *Line) bring(c *gitrepo.Commit) {
	for _, change := range c.Changes {
		if len(change.NewBlob) == 0 {
			continue
		}
		var d int64
		d, l.buf = digest(change, l.buf)
		l.files.put(d, c.Committer.Time, func() bool { return tells(change) })
	}
}

// telling reports whether the files of a first commit can show where they come from. Hosts begin
// new repositories with a licence, a readme and the like, which many have alike.
func telling(c *gitrepo.Commit) bool {
	return slices.ContainsFunc(c.Changes, func(change gitrepo.Change) bool { return !common(string(change.Path)) })
}

// short is the first 8 bytes of an object id; 0 when there is none.
func short(id []byte) int64 {
	var first [8]byte
	if len(id) < 16 {
		return 0
	}
	if _, err := hex.Decode(first[:], id[:16]); err != nil {
		return 0
	}
	return int64(binary.BigEndian.Uint64(first[:]))
}
