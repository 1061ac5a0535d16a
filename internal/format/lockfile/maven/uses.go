package maven

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/purl"
)

func manifests(poms []*pom, room *lockfile.Room) []lockfile.Manifest {
	slices.SortFunc(poms, func(a, b *pom) int { return cmp.Compare(a.path, b.path) })
	f := plant(poms)
	out := make([]lockfile.Manifest, 0, len(poms))
	for _, p := range poms {
		out = room.Keep(out, f.manifest(f.byPath[p.path]))
	}
	return out
}

// tally is what one manifest collects beside its uses.
type tally struct {
	forest  *forest
	uses    lockfile.Collector
	notes   []lockfile.Note
	modules map[string]int    // name of a module of the tree that is depended on → first line
	managed map[string]plugin // pluginManagement by name, made when first asked for

	unmanagedDeps    int // dependencies that name no version
	unmanagedPlugins int
	unknown          []string // properties or versions that are not known, as written
	unknownUses      int
	cut              bool // what is inherited is more than maxInherited
}

func (f *forest) manifest(l *lineage) lockfile.Manifest {
	p := l.pom
	t := &tally{forest: f, modules: map[string]int{}}
	m := lockfile.Manifest{Path: p.path, Format: "pom.xml", Ecosystem: "maven"}
	if isExtensions(p.path) {
		m.Format = "Maven extensions.xml"
	}
	if p.artifact != "" && !holdsProperty(l.fill(p.artifact)) && l.group() != "" {
		m.Project = purl.New("maven", l.group(), l.fill(p.artifact), literal(l.version()))
	}
	for up := l; up != nil && m.ProjectLicence == ""; up = up.parent {
		m.ProjectLicence = strings.Join(up.pom.licences, "; ")
	}
	if l.cutOff {
		t.note(p.parent.line, "the parents never end: they return to this file or are more than %d, and are left out", lockfile.MaxDepth)
	}

	of := f.managerOf(l, map[*lineage]bool{})
	missing := of.missing
	seen := map[string]bool{}
	t.dependencies(l, of, p.deps, seen, "", 0)
	for up := l.parent; up != nil; up = up.parent {
		t.dependencies(l, of, up.pom.deps, seen, "", p.parent.line)
	}
	t.plugins(l, p.plugins)
	for i := range p.profiles {
		missing = t.profile(l, &p.profiles[i], missing)
	}
	t.noteModules()
	if f.budget < 0 {
		t.note(0, "more managed dependencies than Steward fills in; some versions may be missing")
	}

	uses, err := t.uses.Uses()
	if err != nil {
		uses = nil
		t.note(0, "left out: %v", err)
	}
	m.Uses = uses
	m.Notes = t.notes
	m.Unresolved = t.unresolved(missing, len(uses) > 0)
	return m
}

func (t *tally) note(line int, format string, args ...any) {
	if len(t.notes) < maxNotes {
		t.notes = append(t.notes, lockfile.Note{Line: line, Reason: fmt.Sprintf(format, args...)})
	}
}

// maxNotes bounds the notes of one manifest.
const maxNotes = 50

// profile adds what a profile that a plain build does not use would add.
func (t *tally) profile(l *lineage, pr *profile, missing source) source {
	body := &pr.body
	if len(body.deps) == 0 && len(body.plugins) == 0 {
		return missing
	}
	with := *l
	with.profile = body
	of := t.forest.managerOf(&with, map[*lineage]bool{})
	for _, bom := range of.missing.boms {
		missing.add(&missing.boms, bom)
	}
	t.dependencies(&with, of, body.deps, map[string]bool{}, lockfile.Optional, 0)
	t.plugins(&with, body.plugins)
	if len(body.deps) > 0 {
		t.note(pr.line, "profile %q is not active in a plain build: its dependencies count as optional", l.fill(pr.id))
	}
	return missing
}

// dependencies adds deps. A dependency named by the pom hides the same one of a
// parent; seen holds what was named so far. line replaces the lines of what is
// inherited; weakest is the scope that production becomes.
func (t *tally) dependencies(l *lineage, of *manager, deps []dependency, seen map[string]bool, weakest lockfile.Scope, line int) {
	for _, d := range deps {
		if line > 0 {
			if t.forest.inherited <= 0 {
				t.cut = true
				return
			}
			t.forest.inherited--
			d.line = line
		}
		c, ok := l.coordinates(d)
		if !ok {
			t.note(d.line, "dependency without a known name (%s:%s), left out", shown(d.group), shown(d.artifact))
			continue
		}
		if seen[c.key()] {
			continue
		}
		seen[c.key()] = true
		version, complete := l.interpolate(d.version)
		scope := l.fill(d.scope)
		if managed, managedScope, found, known := of.lookup(c); found {
			if d.version == "" {
				version, complete = managed, known
			}
			if scope == "" {
				scope = managedScope
			}
		}
		if t.forest.isModule(l, c.group, c.artifact, version) {
			t.module(c.group+":"+c.artifact, d.line)
			continue
		}
		use := lockfile.Use{Direct: true, Line: d.line, Scope: scopeOf(scope, l.fill(d.optional))}
		if weakest != "" && use.Scope == lockfile.Production {
			use.Scope = weakest
		}
		if scope == "system" {
			use.Origin, use.From = lockfile.Path, l.fill(d.systemPath)
		}
		t.add(use, c.group, c.artifact, version, complete, &t.unmanagedDeps)
	}
}

// plugins adds build plugins and their libraries as development uses.
func (t *tally) plugins(l *lineage, plugins []plugin) {
	for _, g := range plugins {
		group, ok := l.interpolate(g.group)
		artifact, known := l.interpolate(g.artifact)
		if !ok || !known || group == "" || artifact == "" {
			t.note(g.line, "plugin without a known name (%s:%s), left out", shown(g.group), shown(g.artifact))
			continue
		}
		declared, deps := g.version, g.deps
		if managed, found := t.managedPlugin(l, group, artifact); found {
			if declared == "" {
				declared = managed.version
			}
			for _, d := range managed.deps {
				d.line = g.line
				deps = append(deps[:len(deps):len(deps)], d)
			}
		}
		version, complete := l.interpolate(declared)
		if t.forest.isModule(l, group, artifact, version) {
			t.module(group+":"+artifact, g.line)
		} else {
			t.add(lockfile.Use{Direct: true, Line: g.line, Scope: lockfile.Development}, group, artifact, version, complete, &t.unmanagedPlugins)
		}
		t.pluginLibraries(l, deps)
	}
}

func (t *tally) pluginLibraries(l *lineage, deps []dependency) {
	for _, d := range deps {
		c, ok := l.coordinates(d)
		if !ok {
			t.note(d.line, "dependency of a plugin without a known name (%s:%s), left out", shown(d.group), shown(d.artifact))
			continue
		}
		version, complete := l.interpolate(d.version)
		if t.forest.isModule(l, c.group, c.artifact, version) {
			t.module(c.group+":"+c.artifact, d.line)
			continue
		}
		t.add(lockfile.Use{Direct: true, Line: d.line, Scope: lockfile.Development}, c.group, c.artifact, version, complete, &t.unmanagedPlugins)
	}
}

// managedPlugin finds the nearest pluginManagement entry.
func (t *tally) managedPlugin(l *lineage, group, artifact string) (plugin, bool) {
	name := group + ":" + artifact
	if l.profile != nil {
		if g, ok := t.indexPlugins(l, l.profile.managedPlugins, map[string]plugin{})[name]; ok {
			return g, true
		}
	}
	if t.managed == nil {
		t.managed = map[string]plugin{}
		for up := l; up != nil; up = up.parent {
			t.indexPlugins(l, up.pom.managedPlugins, t.managed)
		}
	}
	g, ok := t.managed[name]
	return g, ok
}

func (t *tally) indexPlugins(l *lineage, plugins []plugin, to map[string]plugin) map[string]plugin {
	for _, g := range plugins {
		if t.forest.budget--; t.forest.budget < 0 {
			break
		}
		name := l.fill(g.group) + ":" + l.fill(g.artifact)
		if _, again := to[name]; !again {
			to[name] = g
		}
	}
	return to
}

// add records one use; counter counts those that name no version.
func (t *tally) add(use lockfile.Use, group, artifact, version string, complete bool, counter *int) {
	switch {
	case version == "":
		*counter++
	case !complete:
		use.Requirement = version
		t.unknownUses++
		if len(t.unknown) < maxNotes && !slices.Contains(t.unknown, version) {
			t.unknown = append(t.unknown, version)
		}
	case isRange(version) || version == "LATEST" || version == "RELEASE":
		use.Requirement = version
	}
	use.Package = purl.New("maven", group, artifact, literal(version))
	t.uses.Add(use)
}

// literal returns the one version that a declaration names, or "". The range
// [1.0] names one.
func literal(version string) string {
	if isRange(version) {
		inner, ok := strings.CutSuffix(version[1:], "]")
		if version[0] == '[' && ok && inner != "" && !strings.ContainsAny(inner, ",[]()") {
			return strings.TrimSpace(inner)
		}
		return ""
	}
	if holdsProperty(version) || version == "LATEST" || version == "RELEASE" || strings.ContainsAny(version, " \t\r\n${}") {
		return ""
	}
	return version
}

func scopeOf(scope, optional string) lockfile.Scope {
	switch {
	case scope == "test":
		return lockfile.Test
	case optional == "true":
		return lockfile.Optional
	}
	return lockfile.Production
}

// isModule says whether a dependency is on a pom of the tree. A release that
// differs from the one in the tree comes from a repository.
func (f *forest) isModule(l *lineage, group, artifact, version string) bool {
	if l.group() == group && l.pom.artifact == artifact {
		return l.is(group, artifact, version)
	}
	return f.find(l, group, artifact, version) != nil
}

func (t *tally) module(name string, line int) {
	if have, ok := t.modules[name]; !ok || line < have {
		t.modules[name] = line
	}
}

func (t *tally) noteModules() {
	if len(t.modules) == 0 {
		return
	}
	first := 0
	for _, line := range t.modules {
		if first == 0 || line < first {
			first = line
		}
	}
	t.note(first, "%s of this tree, not %s", count(len(t.modules), "module"), plural(len(t.modules), "a dependency", "dependencies"))
}

// unresolved says in sentences what the list lacks.
func (t *tally) unresolved(missing source, any bool) string {
	var parts []string
	var what []string
	if t.unmanagedDeps > 0 {
		what = append(what, count(t.unmanagedDeps, "dependency"))
	}
	// A BOM manages no plugins, so without a parent Maven takes what it likes.
	if t.unmanagedPlugins > 0 && len(missing.parents) > 0 {
		what = append(what, count(t.unmanagedPlugins, "plugin"))
	}
	outside := append(slices.Clone(missing.parents), missing.boms...)
	switch {
	case len(what) == 0:
	case len(outside) == 0:
		parts = append(parts, fmt.Sprintf("%s no version and nothing in this tree manages one", count(t.unmanagedDeps, "dependency")+plural(t.unmanagedDeps, " names", " name")))
	default:
		parts = append(parts, fmt.Sprintf("versions of %s come from %s, which %s not in this tree", strings.Join(what, " and "), oneOf(outside), plural(len(outside), "is", "are")))
	}
	if t.unmanagedPlugins > 0 && len(missing.parents) == 0 {
		parts = append(parts, fmt.Sprintf("%s no version, so each build takes the newest or Maven's own", count(t.unmanagedPlugins, "plugin")+plural(t.unmanagedPlugins, " names", " name")))
	}
	if t.cut {
		parts = append(parts, fmt.Sprintf("not all inherited dependencies are listed: the poms of this tree inherit more than %d", maxInherited))
	}
	if t.unknownUses > 0 {
		shownVersions := make([]string, 0, len(t.unknown))
		for _, u := range t.unknown {
			shownVersions = append(shownVersions, shown(u))
		}
		part := fmt.Sprintf("versions of %s use properties that this tree does not define (%s)", count(t.unknownUses, "package"), listed(shownVersions, ", "))
		if len(what) == 0 && len(missing.parents) > 0 {
			part += fmt.Sprintf("; %s may", oneOf(missing.parents))
		}
		parts = append(parts, part)
	}
	if any || len(missing.parents) > 0 {
		transitive := "transitive dependencies are unknown: Maven writes no lock file"
		if len(missing.parents) > 0 && len(what) == 0 {
			transitive = fmt.Sprintf("what %s adds is unknown, as it is not in this tree; ", oneOf(missing.parents)) + transitive
		}
		parts = append(parts, transitive)
	}
	return strings.Join(parts, "; ")
}

func oneOf(names []string) string { return listed(names, " or ") }

// listed joins at most five names.
func listed(names []string, with string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, with)
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

func count(n int, noun string) string {
	if n != 1 {
		if stem, ok := strings.CutSuffix(noun, "y"); ok {
			noun = stem + "ies"
		} else {
			noun += "s"
		}
	}
	return fmt.Sprintf("%d %s", n, noun)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// shown cuts what a file says to a length for people.
func shown(s string) string {
	if s == "" {
		return "?"
	}
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "..."
	}
	return s
}
