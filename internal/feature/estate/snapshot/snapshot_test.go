package snapshot

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestManifestPathsAreListedOnce holds that a reader may ask for the paths as
// often as it likes, also in a tree of 200,000 files.
func TestManifestPathsAreListedOnce(t *testing.T) {
	s := New([]Entry{
		{Path: "README.md"},
		{Path: "a/package.json"},
		{Path: "b/go.mod", Mode: Symlink},
		{Path: "c/pom.xml", Mode: Executable},
	}, nil)
	files := newManifestFiles(s)
	if diff := cmp.Diff([]string{"a/package.json", "c/pom.xml"}, files.Paths()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := testing.AllocsPerRun(10, func() { files.Paths() }); n > 0 {
		t.Errorf("asked again, %v allocations: the tree is walked again", n)
	}
}
