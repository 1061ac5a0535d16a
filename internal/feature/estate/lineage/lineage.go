// Package lineage keeps by what a repository is known again wherever it lies, and where it comes
// from: its names and places over time, its first commits, and the trees of its main line.
//
// Two repositories with a first commit in common are copies, forks, or the same one. One whose
// first commit has the files that another one had at some commit, without history in common, was
// made from that one as a template; see Birth. A first commit that several children of a template
// share, because a program made it, does not make them copies of each other.
//
//	table             holds
//	repository_alias  remotes and paths at which it was found, dated
//	repository_root   first commits; tree, files and time of the one that the main line began with
//	repository_tree   trees of the newest 1,000 commits of the main line, each with its oldest commit
//
// The main line is the chain of first parents from the commit that is read. Trees are kept by their
// first 8 bytes, so that a repository costs at most some 50 KB.
package lineage

import (
	"encoding/binary"
	"encoding/hex"
	"path"
	"slices"
	"strings"

	"steward/internal/platform/gitrepo"
)

// maxTrees is how many commits of a main line are remembered by their trees.
const maxTrees = 1000

// Line follows the history of one commit as it streams by, newest first.
type Line struct {
	next  string // the commit that comes next on the main line
	roots []root // nil: not known
	trees []tree // of the main line, newest first
	newer bool   // it saw only what came since the last reading
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
}

// tree is what the repository was at one commit.
type tree struct {
	id     int64 // the first 8 bytes
	commit string
	at     int64 // µs
}

// Follow begins at the commit that is read.
func Follow(head string) *Line { return &Line{next: head} }

// Commit takes the next commit of the stream.
func (l *Line) Commit(c *gitrepo.Commit) {
	onLine := string(c.ID) == l.next
	if len(c.Parents) == 0 {
		r := root{commit: string(c.ID), at: c.Committer.Time}
		if onLine && telling(c) {
			r.tree, r.files = short(c.Tree), int64(len(c.Changes)+c.Omitted)
		}
		l.roots = append(l.roots, r)
	}
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

// telling reports whether the files of a first commit can show where they come from. Hosts begin
// new repositories with a licence, a readme and the like, which many have alike.
func telling(c *gitrepo.Commit) bool {
	return slices.ContainsFunc(c.Changes, func(change gitrepo.Change) bool {
		name := strings.ToLower(path.Base(string(change.Path)))
		switch name, _, _ := strings.Cut(name, "."); name {
		case "licence", "license", "copying", "notice", "readme", "":
			return false
		}
		return true
	})
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
