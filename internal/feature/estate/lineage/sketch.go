package lineage

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"path"
	"slices"
	"strings"

	"steward/internal/format/manifest"
	"steward/internal/platform/gitrepo"
)

// How many files are remembered: of a first commit, and of all that the commits brought.
const (
	maxRootFiles = 64
	maxFiles     = 400
)

// sketch is a sample of files, each the digest of a path and its content with the time in µs of the
// oldest commit that brought it: those with the smallest digests. Of two samples, what lies below the
// end of both can be compared (bottom-k sketches; Cohen and Kaplan, PODC 2007).
type sketch struct {
	most  int
	at    map[int64]int64
	bound int64 // none at or above is of interest; 0: not known yet
}

// put takes a file unless it is one that says nothing.
func (s *sketch) put(digest, at int64, says func() bool) {
	if s.bound > 0 && digest >= s.bound {
		return
	}
	if old, ok := s.at[digest]; ok {
		s.at[digest] = min(old, at)
		return
	}
	if !says() {
		return
	}
	if s.at == nil {
		s.at = map[int64]int64{}
	}
	if s.at[digest] = at; len(s.at) >= 2*s.most {
		s.cut()
	}
}

// cut leaves the smallest.
func (s *sketch) cut() {
	if len(s.at) <= s.most {
		return
	}
	digests := slices.Sorted(maps.Keys(s.at))
	for _, d := range digests[s.most:] {
		delete(s.at, d)
	}
	s.bound = digests[s.most]
}

// rows are the files, smallest first.
func (s *sketch) rows() []file {
	s.cut()
	all := make([]file, 0, len(s.at))
	for d, at := range s.at {
		all = append(all, file{d, at})
	}
	slices.SortFunc(all, func(a, b file) int { return cmp.Compare(a.digest, b.digest) })
	return all
}

// file is one of a sketch.
type file struct{ digest, at int64 }

// digest is 63 bits of SHA-256 over path and content.
func digest(c gitrepo.Change, buf []byte) (int64, []byte) {
	buf = append(append(append(buf[:0], c.Path...), 0), c.NewBlob...)
	sum := sha256.Sum256(buf)
	return int64(binary.BigEndian.Uint64(sum[:8]) >> 1), buf
}

// emptyFiles are the object ids of a file without content, in SHA-1 and SHA-256.
var emptyFiles = []string{"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"}

// tells reports whether a file can show where a repository comes from: many have the same empty
// files, copies of the code of others, and what hosts and build tools lay down.
func tells(c gitrepo.Change) bool {
	p := string(c.Path)
	return !common(p) && !slices.Contains(emptyFiles, string(c.NewBlob)) && !manifest.Fixture(p)
}

// common reports whether a file has a name that hosts and build tools give to what they lay down,
// such as licences and readmes. Names that begin with a dot are all of that kind.
func common(p string) bool {
	name, _, _ := strings.Cut(strings.ToLower(path.Base(p)), ".")
	switch name {
	case "licence", "license", "copying", "notice", "readme", "contributing", "code_of_conduct", "security",
		"gradlew", "gradle-wrapper", "mvnw", "maven-wrapper", "":
		return true
	}
	return false
}
