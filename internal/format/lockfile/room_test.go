package lockfile

import (
	"errors"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"steward/internal/format/purl"
)

func TestRoomEndsWithItsUses(t *testing.T) {
	r := NewRoom()
	r.uses = 3
	var kept []Manifest
	for _, m := range []Manifest{{Path: "a", Uses: make([]Use, 2)}, {Path: "b", Uses: make([]Use, 2)}, {Path: "c", Uses: make([]Use, 1)}} {
		kept = r.Keep(kept, m)
	}
	var paths []string
	for _, m := range kept {
		paths = append(paths, m.Path)
	}
	n, first := r.Left()
	if diff := cmp.Diff([]string{"a"}, paths); diff != "" || n != 2 || first != "b" || !r.Full() {
		t.Errorf("kept (-want +got):\n%s%d left out, %q first, full %t", diff, n, first, r.Full())
	}
}

func TestRoomEndsWithItsBytes(t *testing.T) {
	for name, m := range map[string]Manifest{
		"edges": {Uses: []Use{{DependsOn: make([]int, 100)}}},
		"texts": {Uses: []Use{{Requirement: strings.Repeat("x", 800)}}},
		"notes": {Notes: []Note{{Reason: strings.Repeat("x", 800)}}},
	} {
		r := NewRoom()
		r.bytes = 1000
		r.Keep(nil, m)
		if r.Full() {
			t.Errorf("%s: full after the first", name)
		}
		for i := range m.Uses {
			m.Uses[i].Requirement += "y" // another text
		}
		for i := range m.Notes {
			m.Notes[i].Reason += "y"
		}
		if r.Keep(nil, m); !r.Full() {
			t.Errorf("%s: not full after the second", name)
		}
	}
}

// TestRoomKeepsNoFile has uses whose texts are parts of a large file.
func TestRoomKeepsNoFile(t *testing.T) {
	file := strings.Repeat("left-pad 1.3.0\n", 1000)
	r := NewRoom()
	var kept []Manifest
	for i := range 2 {
		at := i * len("left-pad 1.3.0\n")
		kept = r.Keep(kept, Manifest{Uses: []Use{{Package: purl.PURL{Type: "npm", Name: file[at : at+8], Version: file[at+9 : at+14]}}}})
	}
	one, two := kept[0].Uses[0].Package, kept[1].Uses[0].Package
	if want := (purl.PURL{Type: "npm", Name: "left-pad", Version: "1.3.0"}); one != want || two != want {
		t.Errorf("kept %v and %v", one, two)
	}
	if unsafe.StringData(one.Name) != unsafe.StringData(two.Name) || unsafe.StringData(one.Name) == unsafe.StringData(file) {
		t.Error("equal texts are not one, or are the file's")
	}
}

func TestRoomHolds(t *testing.T) {
	r := NewRoom()
	if err := r.Hold(MaxHeld); err != nil {
		t.Fatal(err)
	}
	if err := r.Hold(1); !errors.Is(err, ErrFull) || !r.Full() {
		t.Errorf("one more: %v", err)
	}
}
