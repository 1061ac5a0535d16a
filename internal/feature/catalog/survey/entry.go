package survey

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strings"

	"steward/internal/feature/catalog/ownership"
	"steward/internal/feature/estate"
	"steward/internal/format/descriptor"
	"steward/internal/format/manifest"
	"steward/internal/platform/gitrepo"
)

// Limits of the entries of one repository.
const (
	maxEntryFiles = 2000
	maxEntities   = 20_000
)

// Entry is one document of a descriptor file.
type Entry struct {
	descriptor.Entity
	File string
}

// readEntries reads all descriptors of the tree: those known by their name,
// and what Locations among them name inside the repository.
func (r *Survey) readEntries() {
	var queue []string
	for _, e := range r.snapshot.Entries() {
		if !e.IsFile() || !descriptor.Wants(e.Path) {
			continue
		}
		if manifest.Fixture(e.Path) {
			r.note(estate.NoteLeftOut, e.Path, 0, "an entry in test data, an example or a template")
			continue
		}
		queue = append(queue, e.Path)
	}
	seen := map[string]bool{}
	first := map[descriptor.Ref]string{}
	for read := 0; len(queue) > 0; {
		file := queue[0]
		queue = queue[1:]
		if seen[file] {
			continue
		}
		seen[file] = true
		if read++; read > maxEntryFiles {
			r.note(estate.NoteLeftOut, file, 0, fmt.Sprintf("more than %d files of catalogue entries: the rest is not read", maxEntryFiles))
			return
		}
		for _, e := range r.readEntryFile(file) {
			if other, again := first[e.Ref]; again {
				r.note(estate.NoteUnresolved, file, e.Line, fmt.Sprintf("%s is described in %s already; that one counts", e.Ref, other))
				continue
			}
			if len(r.Entries) >= maxEntities {
				r.note(estate.NoteLeftOut, file, e.Line, fmt.Sprintf("more than %d catalogue entries: the rest is not kept", maxEntities))
				return
			}
			first[e.Ref] = file
			r.Entries = append(r.Entries, Entry{Entity: e, File: file})
			for _, t := range e.Targets {
				queue = append(queue, r.targets(file, t)...)
			}
		}
	}
}

func (r *Survey) readEntryFile(file string) []descriptor.Entity {
	b, err := r.snapshot.Read(file, descriptor.MaxSize)
	if err != nil {
		reason := "the content could not be read"
		if errors.Is(err, fs.ErrNotExist) {
			reason = "it is not a file"
		} else if e, ok := r.snapshot.Entry(file); ok && e.Size > descriptor.MaxSize {
			reason = "it is larger than an entry is read"
		}
		r.note(estate.NoteFailed, file, 0, reason)
		return nil
	}
	entities, problems := descriptor.Parse(b)
	for _, p := range problems {
		kind := estate.NoteUnresolved
		switch {
		case p.Template:
			kind = estate.NoteLeftOut
		case p.Skipped:
			kind = estate.NoteFailed
		}
		r.note(kind, file, p.Line, p.Text)
	}
	return entities
}

// targets finds what one target of a Location means in this tree.
func (r *Survey) targets(file string, t descriptor.Target) []string {
	pattern, ok := descriptor.Resolve(file, t.Text)
	if !ok {
		r.note(estate.NoteUnresolved, file, t.Line, "the target "+Cut(t.Text, 200)+" is outside this repository and not followed")
		return nil
	}
	if e, ok := r.snapshot.Entry(pattern); ok && e.IsFile() {
		return []string{pattern}
	}
	var all []string
	if strings.Contains(pattern, "*") {
		for _, e := range r.snapshot.Entries() {
			if e.IsFile() && descriptor.MatchTarget(pattern, e.Path) {
				all = append(all, e.Path)
			}
		}
	}
	if len(all) == 0 {
		r.note(estate.NoteUnresolved, file, t.Line, "nothing is at the target "+Cut(t.Text, 200))
	}
	return all
}

// rootOf is the folder that an entry of kind Component is about: what it says
// itself, else where it lies; hidden folders speak for the one above.
func (r *Survey) rootOf(e Entry) string {
	if dir, ok := r.sourceLocation(e); ok {
		return dir
	}
	dir := dirOf(e.File)
	for dir != "" && hidden(dir) {
		dir = dirOf(dir)
	}
	return dir
}

func hidden(dir string) bool {
	return strings.HasPrefix(dir[strings.LastIndexByte(dir, '/')+1:], ".")
}

// sourceLocation reads backstage.io/source-location when it names a folder of
// this very repository.
func (r *Survey) sourceLocation(e Entry) (string, bool) {
	kind, target, ok := strings.Cut(e.Metadata.Annotations["backstage.io/source-location"], ":")
	if !ok {
		return "", false
	}
	dir := ""
	switch kind {
	case "dir":
		if strings.Trim(target, "./") == "" {
			return "", false
		}
		if dir, ok = descriptor.Resolve(e.File, target); !ok {
			return "", false
		}
	case "url":
		if dir, ok = r.ownFolder(target); !ok {
			return "", false
		}
	default:
		return "", false
	}
	dir = strings.Trim(dir, "/")
	return dir, dir == "" || r.hasFolder(dir)
}

// ownFolder takes the folder out of an address of a host's page of this repository.
func (r *Survey) ownFolder(address string) (string, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "", false
	}
	for _, mark := range []string{"/-/tree/", "/-/blob/", "/tree/", "/blob/", "/src/branch/"} {
		before, after, found := strings.Cut(u.Path, mark)
		if !found {
			continue
		}
		own, err := gitrepo.NormaliseRemote(u.Scheme + "://" + u.Host + before)
		if err != nil || !slices.ContainsFunc(r.snapshot.Remotes, func(remote gitrepo.Remote) bool {
			normal, err := gitrepo.NormaliseRemote(remote.URL)
			return err == nil && normal == own
		}) {
			return "", false
		}
		if rest, ok := strings.CutPrefix(after+"/", r.snapshot.Branch+"/"); ok && r.snapshot.Branch != "" {
			return rest, true
		}
		_, rest, _ := strings.Cut(after, "/")
		return rest, true
	}
	return "", false
}

func (r *Survey) hasFolder(dir string) bool {
	entries := r.snapshot.Entries()
	i, _ := slices.BinarySearchFunc(entries, dir+"/", func(e estate.Entry, p string) int { return strings.Compare(e.Path, p) })
	return i < len(entries) && strings.HasPrefix(entries[i].Path, dir+"/")
}

// take gives a component what its entry says.
func (c *Component) take(e Entry) {
	m := e.Metadata
	c.Ref, c.Entry = e.Ref.String(), ownership.Place(e.File, e.Line)
	c.Name, c.Title = m.Name, Cut(m.Title, 300)
	c.Tags = Cut(strings.Join(m.Tags, " "), 500)
	if m.Description != "" {
		c.Description, c.DescriptionFrom = Cut(m.Description, MaxDescription), ownership.Place(e.File, e.Lines["metadata"])
		if line := e.Lines["metadata.description"]; line > 0 {
			c.DescriptionFrom = ownership.Place(e.File, line)
		}
	}
	if text := e.SpecText("type"); text != "" {
		c.Type, c.TypeBasis, c.TypeFrom = Cut(text, 100), string(estate.Written), ownership.Place(e.File, e.Lines["spec.type"])
	}
	if text := e.SpecText("lifecycle"); text != "" {
		c.Lifecycle, c.LifecycleFrom = Cut(text, 100), ownership.Place(e.File, e.Lines["spec.lifecycle"])
	}
	for _, rel := range e.Relations {
		switch {
		case rel.Type == "partOf" && rel.TargetRef.Kind == "system" && c.System == "":
			c.System, c.SystemFrom = rel.TargetRef.String(), ownership.Place(e.File, rel.Line)
		case rel.Type == "ownedBy":
			c.Claims = append(c.Claims, ownership.OfEntry(e.File, rel))
		}
	}
}

// SpecText is a field of spec that holds text; empty when it holds something else.
func (e Entry) SpecText(field string) string {
	var spec map[string]json.RawMessage
	if json.Unmarshal(e.Spec, &spec) != nil {
		return ""
	}
	var text string
	if json.Unmarshal(spec[field], &text) != nil {
		return ""
	}
	return strings.TrimSpace(text)
}
