package npm

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAWorkspaceLooksBelowItsFolderAlone: with thousands of workspaces, each
// looking through the whole tree would take hours.
func TestAWorkspaceLooksBelowItsFolderAlone(t *testing.T) {
	tr := &tree{paths: []string{"a-b/package.json", "a.b/package.json", "a/b/package.json", "a/package.json", "a0/package.json", "package.json"}}
	if diff := cmp.Diff([]string{"a/b/package.json", "a/package.json"}, tr.below("a")); diff != "" {
		t.Errorf("below a (-want +got):\n%s", diff)
	}
	if got := tr.below("c"); len(got) != 0 {
		t.Errorf("below c: %v", got)
	}
	if got := tr.below("."); len(got) != len(tr.paths) {
		t.Errorf("below the root: %v", got)
	}
}
