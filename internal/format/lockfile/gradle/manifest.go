package gradle

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/lockfile/gradle/script"
	"steward/internal/format/purl"
)

// lockManifest joins a lock file with what the scripts beside it declare.
func (b *build) lockManifest(p string, rows []locked, readings map[string]*reading, covered map[string]map[string]bool) lockfile.Manifest {
	m := lockfile.Manifest{Path: p, Format: path.Base(p), Ecosystem: "maven", Lock: true}
	dir := path.Dir(p)
	if isLegacyLock(p) {
		m.Format = "Gradle dependency lock of one configuration"
		dir = path.Dir(path.Dir(dir)) // gradle/dependency-locks
	}
	declared := map[string]wish{}
	take := func(r *reading, sharedOnly bool) {
		for _, w := range r.wishes {
			if sharedOnly && !w.shared || w.build != isBuildLock(p) {
				continue
			}
			if _, have := declared[w.group+":"+w.name]; !have {
				declared[w.group+":"+w.name] = w
			}
		}
	}
	for _, s := range b.byFolder[dir] {
		if isSettings(s.Path) != strings.HasPrefix(path.Base(p), "settings-") {
			continue
		}
		m.Covers = append(m.Covers, s.Path)
		take(readings[s.Path], false)
	}
	for f := b.folderOf(dir).up; f != nil; f = f.up {
		for _, s := range f.scripts {
			if r := readings[s.Path]; r != nil {
				take(r, true)
			}
		}
	}
	if covered[dir] == nil {
		covered[dir] = map[string]bool{}
	}
	var c lockfile.Collector
	for _, row := range rows {
		name := row.group + ":" + row.name
		covered[dir][name] = true
		u := lockfile.Use{Package: row.purl(), Scope: row.scope, Line: row.line}
		if w, ok := declared[name]; ok {
			u.Direct = true
			if u.Requirement = w.version.asked; u.Requirement == "" && w.version.exact != row.version {
				u.Requirement = w.version.exact
			}
		}
		c.Add(u)
	}
	m.Uses, _ = c.Uses() // readLock keeps MaxUses
	if len(m.Covers) == 0 {
		m.Unresolved = "which packages the project names itself is unknown: there is no build script beside the lock"
	}
	m.Project = b.project(dir)
	return m
}

// project returns the coordinates of the project in dir, as far as they are
// written.
func (b *build) project(dir string) purl.PURL {
	var home *script.Script
	for _, s := range b.byFolder[dir] {
		if isBuildScript(s.Path) {
			home = s
		}
	}
	if home == nil {
		return purl.PURL{}
	}
	e := b.evaluator(home)
	name := path.Base(dir)
	for _, s := range b.byFolder[dir] {
		if text, ok := b.evaluator(s).text(s, s.Vars["name"]); ok && isSettings(s.Path) {
			name = text
		}
	}
	group, ok := e.lookup("group", 0)
	if !ok || !validPart(group) || !validPart(name) || name == "." {
		return purl.PURL{}
	}
	v, _ := e.lookup("version", 0)
	return purl.New("maven", group, name, plainVersion(v).exact)
}

// scriptManifest lists what a script declares and no lock beside it has. ok is
// false when there is nothing to say.
func (b *build) scriptManifest(r *reading, locked map[string]bool) (lockfile.Manifest, bool) {
	p := r.script.Path
	m := lockfile.Manifest{Path: p, Format: path.Base(p), Ecosystem: "maven", Notes: r.notes}
	if !isBuildScript(p) && !isSettings(p) {
		m.Format = "Gradle script"
	}
	var c lockfile.Collector
	rest, nameless, unknown := 0, 0, 0
	for _, w := range r.wishes {
		if locked[w.group+":"+w.name] {
			continue
		}
		switch {
		case w.version == (version{}):
			nameless++
		case strings.Contains(w.version.asked, "$") || w.version.exact == "" && !looksLikeRange(w.version.asked):
			unknown++
		}
		if !w.plugin {
			rest++
		}
		c.Add(w.use())
	}
	m.Uses, _ = c.Uses() // reading.wish keeps MaxUses
	if len(r.members) > 0 {
		first := 0
		for _, line := range r.members {
			if first == 0 || line < first {
				first = line
			}
		}
		m.Notes = append(m.Notes, lockfile.Note{Line: first, Reason: plural(len(r.members), "project of this build, not a dependency", "projects of this build, not dependencies")})
	}
	if r.dropped > 0 {
		m.Notes = append(m.Notes, lockfile.Note{Reason: fmt.Sprintf("%d more dependencies left out", r.dropped)})
	}
	slices.SortStableFunc(m.Notes, func(a, b lockfile.Note) int { return a.Line - b.Line })
	if locked != nil && len(m.Uses) == 0 && len(r.notes) == 0 || !isBuildScript(p) && len(m.Uses) == 0 && len(m.Notes) == 0 {
		return m, false
	}
	if isBuildScript(p) {
		m.Project = b.project(path.Dir(p))
	}
	m.Unresolved = r.unresolved(locked != nil, len(m.Uses), rest, nameless, unknown)
	return m, true
}

func looksLikeRange(asked string) bool {
	return strings.ContainsAny(asked, "[](),+") || strings.HasPrefix(asked, "latest.")
}

// unresolved says in sentences what the list of a script lacks.
func (r *reading) unresolved(locked bool, uses, rest, nameless, unknown int) string {
	var parts []string
	if nameless > 0 {
		if len(r.boms) > 0 {
			is := "is"
			if len(r.boms) > 1 {
				is = "are"
			}
			parts = append(parts, fmt.Sprintf("versions of %s come from %s, which %s not in this tree", plural(nameless, "dependency", "dependencies"), listed(r.boms), is))
		} else {
			parts = append(parts, plural(nameless, "dependency names", "dependencies name")+" no version and nothing in this tree gives one")
		}
	}
	if unknown > 0 {
		parts = append(parts, "versions of "+plural(unknown, "dependency", "dependencies")+" are computed by the script")
	}
	if n := r.unread; n > 0 {
		parts = append(parts, plural(n, "declaration", "declarations")+" could not be read, see the notes")
	}
	if r.tooMany {
		parts = append(parts, fmt.Sprintf("only the first %d declared packages are listed: a script may have %d and all scripts together %d", len(r.wishes), lockfile.MaxUses, maxWishes))
	}
	switch {
	case locked && rest > 0:
		parts = append(parts, "these packages are declared here and the lock file beside has none of them, so what they need is unknown")
	case !locked && uses > 0:
		parts = append(parts, "transitive dependencies are unknown: there is no gradle.lockfile beside the script")
	}
	return strings.Join(parts, "; ")
}

// listed joins at most five names.
func listed(names []string) string {
	const most = 5
	if n := len(names); n <= most {
		return strings.Join(names[:max(1, n-1)], ", ") + strings.Join(append([]string{""}, names[max(1, n-1):]...), " or ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// manifest lists the entries of a catalogue that no script refers to: code of
// plugins may, which is not read. Locked has what locks list, as group:name.
func (c *catalogue) manifest(locked map[string]bool) (lockfile.Manifest, bool) {
	m := lockfile.Manifest{Path: c.path, Format: path.Base(c.path), Ecosystem: "maven"}
	var uses lockfile.Collector
	for _, alias := range c.idle() {
		lib := c.libraries[alias]
		if locked[lib.group+":"+lib.name] {
			continue
		}
		uses.Add(lockfile.Use{Package: purl.New("maven", lib.group, lib.name, lib.version.exact), Requirement: lib.version.asked, Scope: lockfile.Production, Direct: true, Line: lib.line})
	}
	m.Uses, _ = uses.Uses()
	if len(m.Uses) == 0 {
		return m, false
	}
	m.Unresolved = "no build script that could be read refers to these entries of the catalogue, so what they are used for is unknown; transitive dependencies are unknown"
	return m, true
}
