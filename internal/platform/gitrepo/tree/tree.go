// Package tree makes the list of files of a commit out of its tree objects,
// which may be hostile: malformed, or so nested that a few small objects have
// paths without end. It starts nothing and reads nothing by itself: who walks
// asks for the objects that Next names and hands each to Add.
package tree

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"steward/internal/platform/gitrepo/layout"
)

// MaxObject is the largest tree object that a walk takes, in bytes.
const MaxObject = 64 << 20

// For each entry that the limit allows, bytes of all paths together and of all
// tree objects.
const (
	maxPerPath   = 96 // large repositories have 60 to 90; a million of these take 200 MiB
	maxPerObject = 256
)

// Walk collects the entries of a tree, level by level from the root. A tree
// object that stands in many folders of a level is asked for once for all of
// them, and counts in each.
type Walk struct {
	maxEntries, maxPath int
	hexLen              int
	entries             []Entry
	now, next           level
	seen                int   // entries looked at
	paths               int   // bytes of all paths
	objects             int   // bytes of all tree objects
	full                bool  // a limit was met: nothing more is read
	rootErr             error // why there is no list at all

	odd, long, lost tally
	lostErr         error // why the first lost folder was
}

// level is the folders of one depth.
type level struct {
	ids    []string            // tree objects, each once
	places map[string][]string // by tree object, the paths of its folders; "" is the root
}

func (l *level) add(path, id string) {
	if l.places == nil {
		l.places = map[string][]string{}
	}
	if l.places[id] == nil {
		l.ids = append(l.ids, id)
	}
	l.places[id] = append(l.places[id], path)
}

// New starts at the tree object root. It takes at most maxEntries files and
// folders, and paths of at most maxPath bytes.
func New(root string, maxEntries, maxPath int) *Walk {
	w := &Walk{maxEntries: maxEntries, maxPath: maxPath, hexLen: len(root)}
	w.next.add("", root)
	return w
}

// Next returns the tree objects to hand to Add now, in any order; none when the
// walk has come to its end or to a limit.
func (w *Walk) Next() []string {
	if w.full {
		return nil
	}
	w.now, w.next = w.next, level{}
	return w.now.ids
}

// Add takes the content of a tree object, or why there is none. It returns false
// when a limit is met and nothing more is wanted.
func (w *Walk) Add(id string, data []byte, err error) bool {
	places := w.now.places[id]
	for len(places) > 0 && !w.full {
		w.folder(places[0], data, err)
		if !w.full {
			places = places[1:]
		}
	}
	if w.now.places[id] = places; len(places) == 0 {
		delete(w.now.places, id)
	}
	return !w.full
}

// Entries lists what was found, folder by folder, those of a level one after another.
func (w *Walk) Entries() []Entry { return w.entries }

// Err is why the root could not be read; then there is no entry.
func (w *Walk) Err() error { return w.rootErr }

// folder takes the tree object of one folder, or why there is none.
func (w *Walk) folder(folder string, data []byte, err error) {
	if w.objects += len(data); errors.Is(err, layout.ErrTooLarge) {
		w.objects += MaxObject
	}
	if err != nil {
		w.lose(folder, err)
		return
	}
	var text strings.Builder // one string for all of a folder, because there are many
	from := len(w.entries)
	var ends []int
	for len(data) > 0 {
		mode, name, id, rest, ok := cutEntry(data, w.hexLen/2)
		if !ok {
			w.lose(folder, fmt.Errorf("its tree does not parse: %w", layout.ErrCorrupt))
			break
		}
		data = rest
		size := len(name)
		if folder != "" {
			size += len(folder) + 1
		}
		if w.full = w.full || w.seen >= w.maxEntries || w.paths+size > w.maxEntries*maxPerPath; w.full {
			break
		}
		w.seen++
		switch {
		case !cleanName(name) || mode == 0:
			w.odd.add(folder, name)
			continue
		case size > w.maxPath:
			w.long.add(folder, nil)
			continue
		}
		w.paths += size
		if folder != "" {
			text.WriteString(folder)
			text.WriteByte('/')
		}
		text.Write(name)
		ends = append(ends, text.Len())
		text.WriteString(hex.EncodeToString(id))
		w.entries = append(w.entries, Entry{Size: -1, Mode: mode})
	}
	w.name(text.String(), ends, from)
	w.full = w.full || w.objects > w.maxEntries*maxPerObject
}

// name gives what folder has appended their parts of text: path and id in turn.
// Folders leave the entries.
func (w *Walk) name(text string, ends []int, from int) {
	kept, start := from, 0
	for i, end := range ends {
		path, id := text[start:end], text[end:end+w.hexLen]
		start = end + w.hexLen
		e := w.entries[from+i]
		if e.Mode == modeFolder {
			w.next.add(path, id)
			continue
		}
		e.Path, e.Blob = path, id
		w.entries[kept] = e
		kept++
	}
	w.entries = w.entries[:kept]
}

func (w *Walk) lose(folder string, err error) {
	if folder == "" {
		w.rootErr = err
	}
	if w.lost.n == 0 {
		w.lostErr = err
	}
	w.lost.add(folder, nil)
}

// Left says what of the tree is not in Entries, and why.
func (w *Walk) Left() []error {
	var left []error
	var unread tally
	for _, l := range []level{w.now, w.next} {
		for _, id := range l.ids {
			for _, folder := range l.places[id] {
				unread.add(folder, nil)
			}
		}
	}
	if n := unread.n; n > 0 {
		left = append(left, fmt.Errorf("more than %d files and folders, or paths too long for so many; folders that are not read to their end: %d, %q first: %w", w.maxEntries, n, unread.first, layout.ErrTooLarge))
	}
	if n := w.lost.n; n > 0 {
		left = append(left, fmt.Errorf("folders that cannot be read: %d, %q first: %w", n, w.lost.first, w.lostErr))
	}
	if n := w.odd.n; n > 0 {
		left = append(left, fmt.Errorf("entries left out, with a name or mode that no file can have: %d, %q first: %w", n, w.odd.first, layout.ErrCorrupt))
	}
	if n := w.long.n; n > 0 {
		left = append(left, fmt.Errorf("paths left out, longer than %d bytes: %d, the first in %q: %w", w.maxPath, n, w.long.first, layout.ErrTooLarge))
	}
	return left
}

// tally counts what was left out, and keeps the first.
type tally struct {
	n     int
	first string
}

func (t *tally) add(folder string, name []byte) {
	if t.n == 0 {
		t.first = folder
		if len(name) > 0 {
			t.first = strings.TrimPrefix(folder+"/"+string(name), "/")
		}
		if len(t.first) > 200 {
			t.first = t.first[:200] + "…"
		}
	}
	t.n++
}
