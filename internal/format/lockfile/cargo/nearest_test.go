package cargo

import "testing"

// TestNearest has a lock mean the crate of its version, then the one beneath it,
// then the shortest path; it looks only where those are.
func TestNearest(t *testing.T) {
	tr := tree{byName: map[string][]*crate{}, byRelease: map[string][]*crate{}}
	for _, c := range []*crate{
		{dir: "a", version: "1.0.0"}, {dir: "a/deep/er", version: "2.0.0"}, {dir: "a0", version: "2.0.0"}, {dir: "b/x", version: "1.0.0"}, {dir: "b/y/z", version: "2.0.0"},
	} {
		c.path, c.name = c.dir+"/Cargo.toml", "p"
		tr.byName["p"] = append(tr.byName["p"], c)
		tr.byRelease["p "+c.version] = append(tr.byRelease["p "+c.version], c)
	}
	for _, c := range []struct{ version, lock, want string }{
		{"1.0.0", "a", "a"},
		{"2.0.0", "a", "a/deep/er"},
		{"2.0.0", "b", "b/y/z"},
		{"2.0.0", "c", "a0"},
		{"3.0.0", "b", "b/x"},
		{"3.0.0", ".", "a"},
	} {
		if got := tr.nearest("p", c.version, c.lock); got.dir != c.want {
			t.Errorf("nearest to %s in %q = %q; want %q", c.version, c.lock, got.dir, c.want)
		}
	}
	if got := tr.nearest("q", "1.0.0", "."); got != nil {
		t.Errorf("nearest of no name = %v", got)
	}
}
