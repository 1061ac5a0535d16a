package tree_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"steward/internal/platform/gitrepo/layout"
	"steward/internal/platform/gitrepo/tree"
)

const (
	root = "1111111111111111111111111111111111111111"
	sub  = "2222222222222222222222222222222222222222"
	blob = "3333333333333333333333333333333333333333"
)

// object writes a tree object of mode, name and first digit of an id, each.
func object(parts ...string) []byte {
	var b strings.Builder
	for i := 0; i < len(parts); i += 3 {
		b.WriteString(parts[i] + " " + parts[i+1] + "\x00" + strings.Repeat(string(rune(0x11*(parts[i+2][0]-'0'))), 20))
	}
	return []byte(b.String())
}

// walk lists what objects hold, and counts how many were asked for.
func walk(w *tree.Walk, objects map[string][]byte) (asked int) {
	for ids := w.Next(); len(ids) > 0; ids = w.Next() {
		for _, id := range ids {
			asked++
			data, ok := objects[id]
			var err error
			if !ok {
				err = layout.ErrCorrupt
			}
			if !w.Add(id, data, err) {
				break
			}
		}
	}
	return asked
}

func TestWalk(t *testing.T) {
	objects := map[string][]byte{
		root: object("100644", "a", "3", "40000", "d", "2", "40000", "e", "2", "100755", "run", "3"),
		sub:  object("100644", "b", "3"),
	}
	w := tree.New(root, 100, 100)
	if asked := walk(w, objects); asked != 2 {
		t.Errorf("%d objects were asked for; want each once", asked)
	}
	want := []tree.Entry{
		{Path: "a", Blob: blob, Size: -1, Mode: tree.ModeFile},
		{Path: "run", Blob: blob, Size: -1, Mode: tree.ModeExecutable},
		{Path: "d/b", Blob: blob, Size: -1, Mode: tree.ModeFile},
		{Path: "e/b", Blob: blob, Size: -1, Mode: tree.ModeFile},
	}
	if diff := cmp.Diff(want, w.Entries()); diff != "" || w.Left() != nil || w.Err() != nil {
		t.Errorf("left %v, %v, entries (-want +got):\n%s", w.Left(), w.Err(), diff)
	}
}

func TestWalkStopsAtItsLimits(t *testing.T) {
	wide := map[string][]byte{}
	id := func(i int) string { return fmt.Sprintf("%040x", i) }
	for depth := range 30 { // each folder holds the next one ten times
		var parts strings.Builder
		for n := range 10 {
			fmt.Fprintf(&parts, "40000 %s%d\x00%s", strings.Repeat("n", 20), n, strings.Repeat("\x00", 18)+string([]byte{0, byte(depth + 1)}))
		}
		wide[id(depth)] = []byte(parts.String())
	}
	for _, c := range []struct {
		name             string
		entries, longest int
	}{{"entries", 1000, 4096}, {"bytes of paths", 10, 1 << 20}} {
		w := tree.New(id(0), c.entries, c.longest)
		asked := walk(w, wide)
		if left := w.Left(); asked > 30 || len(left) != 1 || !errors.Is(left[0], layout.ErrTooLarge) {
			t.Errorf("%s: %d objects were asked for, left %q", c.name, asked, left)
		}
	}
	deep := map[string][]byte{root: object("40000", strings.Repeat("d", 50), "1")}
	w := tree.New(root, 100_000, 4096)
	if asked := walk(w, deep); asked != 4096/51+1 || len(w.Left()) != 1 {
		t.Errorf("a folder inside itself: %d objects were asked for, left %q", asked, w.Left())
	}
}

// A repository may have as many files as the limit allows with the paths that
// large ones have.
func TestWalkOfLongPaths(t *testing.T) {
	const files = 500
	var parts []string
	for n := range files - 1 { // and the folder
		parts = append(parts, "100644", fmt.Sprintf("%030d", n), "3")
	}
	w := tree.New(root, files, 4096)
	walk(w, map[string][]byte{root: object("40000", strings.Repeat("d", 59), "2"), sub: object(parts...)})
	if len(w.Entries()) != files-1 || w.Left() != nil {
		t.Errorf("%d of %d entries, left %q", len(w.Entries()), files-1, w.Left())
	}
}

func TestWalkWithoutRoot(t *testing.T) {
	w := tree.New(root, 100, 100)
	walk(w, nil)
	if !errors.Is(w.Err(), layout.ErrCorrupt) || len(w.Entries()) != 0 {
		t.Errorf("%v, %v", w.Err(), w.Entries())
	}
}

// FuzzWalk lists a tree object that stands inside itself as well: the walk ends,
// and every path is one that a file can have.
func FuzzWalk(f *testing.F) {
	f.Add(object("100644", "a", "3", "40000", "d", "1"))
	f.Add(object("40000", "..", "1", "160000", "s", "3", "120000", "l", "3", "7", "x", "3"))
	f.Add([]byte("100644 a\x00short"))
	f.Fuzz(func(t *testing.T, data []byte) {
		w := tree.New(root, 200, 60)
		walk(w, map[string][]byte{root: data, sub: data})
		if len(w.Entries()) > 200 {
			t.Fatalf("%d entries", len(w.Entries()))
		}
		for _, e := range w.Entries() {
			if len(e.Path) > 60 || len(e.Blob) != 40 || e.Mode == 0 {
				t.Errorf("entry %+v", e)
			}
			for _, part := range strings.Split(e.Path, "/") {
				if part == "" || part == "." || part == ".." || strings.EqualFold(part, ".git") {
					t.Errorf("path %q", e.Path)
				}
			}
		}
	})
}
