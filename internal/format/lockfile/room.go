package lockfile

import (
	"errors"
	"fmt"
	"unsafe"
)

// Limits on what readers may keep of one tree together.
const (
	MaxKept     = 500_000  // uses of all manifests
	maxKeptText = 96 << 20 // bytes of their distinct texts, edges and notes
	MaxHeld     = 500_000  // declarations that wait until all files are read
)

// ErrFull says that what was read before took all that may be kept of a tree.
var ErrFull = errors.New("the manifests of this repository say more together than Steward keeps")

// Room is what the readers of one tree may keep together, so that many files,
// each within its limits, do not fill the memory. It also lets equal texts of
// all manifests be one, and none hold the file that it comes from. Not for
// concurrent use.
type Room struct {
	uses  int // that may still be kept
	bytes int
	held  int
	full  bool
	out   int    // manifests left out
	first string // the first of them
	texts map[string]string
}

// NewRoom returns the room for one tree.
func NewRoom() *Room {
	return &Room{uses: MaxKept, bytes: maxKeptText, held: MaxHeld, texts: map[string]string{}}
}

// Full says that something did not fit: nothing more is worth reading. What was
// read may still be kept.
func (r *Room) Full() bool { return r.full }

// Left counts the manifests that were read and did not fit, and names the first
// one: where it lies.
func (r *Room) Left() (n int, first string) { return r.out, r.first }

// Keep adds m to manifests while there is room for it, and else counts it as
// left out.
func (r *Room) Keep(manifests []Manifest, m Manifest) []Manifest {
	bytes := 0
	for i := range m.Uses {
		bytes += len(m.Uses[i].DependsOn) * int(unsafe.Sizeof(int(0)))
	}
	if r.out > 0 || len(m.Uses) > r.uses || bytes > r.bytes {
		r.leave(m.Path)
		return manifests
	}
	r.uses -= len(m.Uses)
	r.bytes -= bytes
	r.own(&m)
	return append(manifests, m)
}

// Hold counts n declarations of one file that its reader keeps until all files
// are read. The error is ErrFull when they are too many.
func (r *Room) Hold(n int) error {
	if n > r.held {
		r.full = true
		return fmt.Errorf("more than %d declarations in all files: %w", MaxHeld, ErrFull)
	}
	r.held -= n
	return nil
}

func (r *Room) leave(path string) {
	r.full = true
	if r.out++; r.out == 1 {
		r.first = path
	}
}

// own puts texts of the room in the place of those of m.
func (r *Room) own(m *Manifest) {
	for i := range m.Uses {
		u := &m.Uses[i]
		p := &u.Package
		for _, text := range []*string{&p.Type, &p.Namespace, &p.Name, &p.Version, &p.Subpath, &u.Requirement, &u.Alias, &u.From} {
			*text = r.text(*text)
		}
	}
	for i := range m.Notes {
		m.Notes[i].Reason = r.text(m.Notes[i].Reason)
	}
	if r.bytes < 0 {
		r.full = true // by this one manifest, which is bounded itself
	}
}

// perText is about what a text costs beside its bytes, in the index.
const perText = 64

func (r *Room) text(s string) string {
	if s == "" {
		return ""
	}
	have, ok := r.texts[s]
	if !ok {
		have = string([]byte(s))
		r.texts[have] = have
		r.bytes -= len(have) + perText
	}
	return have
}
