package maven

import (
	"path"
	"strings"

	"steward/internal/format/lockfile"
)

// forest is every pom of one tree, found by path and by coordinates.
type forest struct {
	byPath    map[string]*lineage
	byName    map[string][]*lineage // "group:artifact", in the order of paths
	budget    int                   // managed entries that may still be filled in, over all poms
	inherited int                   // dependencies that poms may still take from their parents
}

// maxFilled bounds the work on managed entries with properties in their
// coordinates, which are filled in for each child anew.
const maxFilled = 2_000_000

// maxInherited bounds what all poms of a tree inherit together: a thousand
// modules below a parent with a thousand dependencies.
const maxInherited = 400_000

// maxNamesakes bounds how many poms of one name are compared when a parent or
// a module is looked up.
const maxNamesakes = 64

// lineage is a pom with the parents that this tree has.
type lineage struct {
	pom      *pom
	parent   *lineage
	external *parentRef // the parent that this tree does not have
	cutOff   bool       // the parents never ended (a ring, or too many) and are left out
	profile  *pom       // the profile that is looked at, on top of everything

	managed map[string]dependency // by key, literal coordinates only
	dynamic []dependency          // managed entries whose coordinates hold ${}
}

// plant builds the forest: coordinates first, then parents.
func plant(poms []*pom) *forest {
	f := &forest{byPath: map[string]*lineage{}, byName: map[string][]*lineage{}, budget: maxFilled, inherited: maxInherited}
	var all []*lineage
	for _, p := range poms {
		l := &lineage{pom: p}
		f.byPath[p.path] = l
		all = append(all, l)
	}
	for _, l := range all {
		name := l.group() + ":" + l.pom.artifact
		f.byName[name] = append(f.byName[name], l)
	}
	// Parents are set together at the end: while they are looked for, a chain
	// could still be a ring.
	parents := make([]*lineage, len(all))
	for i, l := range all {
		if l.pom.parent != nil {
			parents[i] = f.parentOf(l)
			if parents[i] == nil {
				l.external = l.pom.parent
			}
		}
	}
	for i, l := range all {
		l.parent = parents[i]
	}
	for _, l := range all {
		l.cut(func(up *lineage, _ int) bool { return up == l })
	}
	for _, l := range all {
		l.cut(func(_ *lineage, generations int) bool { return generations > lockfile.MaxDepth })
	}
	return f
}

// cut takes the parent away where one of the parents is the end.
func (l *lineage) cut(end func(up *lineage, generations int) bool) {
	n := 0
	for up := l.parent; up != nil && n <= lockfile.MaxDepth; up = up.parent {
		if n++; end(up, n) {
			l.parent, l.cutOff = nil, true
			return
		}
	}
}

// parentOf finds a parent by relativePath (Maven's default is ../pom.xml) and
// then by coordinates among the poms of the tree.
func (f *forest) parentOf(l *lineage) *lineage {
	ref := l.pom.parent
	rel := ref.relativePath
	if !ref.located {
		rel = "../pom.xml"
	}
	if rel != "" {
		at := path.Join(path.Dir(l.pom.path), strings.ReplaceAll(rel, `\`, "/"))
		for _, candidate := range []string{at, path.Join(at, "pom.xml")} {
			if up := f.byPath[candidate]; up != nil && up != l && up.is(ref.group, ref.artifact, ref.version) {
				return up
			}
		}
	}
	return f.find(l, ref.group, ref.artifact, ref.version)
}

// find returns the pom of the tree with these coordinates, the nearest to l
// when there are copies, and nil when there is none.
func (f *forest) find(l *lineage, group, artifact, version string) *lineage {
	var best *lineage
	nearest := -1
	namesakes := f.byName[group+":"+artifact]
	for _, candidate := range namesakes[:min(len(namesakes), maxNamesakes)] {
		if candidate == l || !candidate.is(group, artifact, version) {
			continue
		}
		if n := sharedFolders(l.pom.path, candidate.pom.path); n > nearest {
			best, nearest = candidate, n
		}
	}
	return best
}

// is says whether l has these coordinates. A range or an unresolved version
// matches any: Maven would take the one of the tree.
func (l *lineage) is(group, artifact, version string) bool {
	if l.group() != group || l.pom.artifact != artifact {
		return false
	}
	own := l.version()
	return own == version || version == "" || isRange(version) || holdsProperty(version) || holdsProperty(own)
}

func sharedFolders(a, b string) int {
	n := 0
	for i := 0; i < len(a) && i < len(b) && a[i] == b[i]; i++ {
		if a[i] == '/' {
			n++
		}
	}
	return n
}

// group and version are the project's own coordinates: written, or the
// parent's as the reference to it says, with properties filled in as far as the
// pom and the parents known so far can.
func (l *lineage) group() string {
	if l.pom.group != "" {
		return l.fill(l.pom.group)
	}
	if l.pom.parent != nil {
		return l.pom.parent.group
	}
	return ""
}

func (l *lineage) version() string {
	if l.pom.version != "" {
		return l.fill(l.pom.version)
	}
	if l.pom.parent != nil {
		return l.fill(l.pom.parent.version)
	}
	return ""
}

// fill puts properties in where they are known and leaves the rest as written.
func (l *lineage) fill(s string) string {
	out, _ := l.interpolate(s)
	return out
}

// Bounds of interpolation: a value that grows past them counts as unresolved.
const (
	maxValue   = 4096 // bytes
	maxLookups = 200  // properties for one value
)

// interpolate replaces ${name}. ok is false when a property is unknown or goes
// in circles, and s is then returned as it was, so that a report shows what the
// file says.
func (l *lineage) interpolate(s string) (string, bool) {
	if !holdsProperty(s) {
		return s, true
	}
	lookups := maxLookups
	out, ok := l.expand(s, nil, &lookups)
	if !ok {
		return s, false
	}
	return out, true
}

func (l *lineage) expand(s string, open []string, lookups *int) (string, bool) {
	var b strings.Builder
	for {
		i := strings.Index(s, "${")
		if i < 0 {
			break
		}
		end := strings.IndexByte(s[i:], '}')
		if end < 0 {
			break
		}
		b.WriteString(s[:i])
		name := s[i+2 : i+end]
		s = s[i+end+1:]
		if *lookups--; *lookups < 0 || len(open) > 20 {
			return "", false
		}
		for _, o := range open {
			if o == name {
				return "", false
			}
		}
		value, ok := l.property(name)
		if !ok {
			return "", false
		}
		if holdsProperty(value) {
			if value, ok = l.expand(value, append(open, name), lookups); !ok {
				return "", false
			}
		}
		b.WriteString(value)
		if b.Len()+len(s) > maxValue {
			return "", false
		}
	}
	b.WriteString(s)
	return b.String(), true
}

// property looks a name up: fields of the model, then <properties> from the
// profile down to the oldest parent, then the fields without their prefix.
// Source: Maven Model Builder, "Model Interpolation".
func (l *lineage) property(name string) (string, bool) {
	field, prefixed := strings.CutPrefix(name, "project.")
	if !prefixed {
		field, prefixed = strings.CutPrefix(name, "pom.")
	}
	if prefixed {
		if value, ok := l.field(field); ok {
			return value, true
		}
	}
	if l.profile != nil {
		if value, ok := l.profile.props[name]; ok {
			return value, true
		}
	}
	for up := l; up != nil; up = up.parent {
		if value, ok := up.pom.props[name]; ok {
			return value, true
		}
	}
	if !prefixed {
		return l.field(name)
	}
	return "", false
}

func (l *lineage) field(name string) (string, bool) {
	value := ""
	p := l.pom
	switch name {
	case "groupId":
		if value = p.group; value == "" && p.parent != nil {
			value = p.parent.group
		}
	case "artifactId":
		value = p.artifact
	case "version":
		if value = p.version; value == "" && p.parent != nil {
			value = p.parent.version
		}
	case "packaging":
		if value = p.packaging; value == "" {
			value = "jar"
		}
	case "parent.groupId", "parent.artifactId", "parent.version":
		if p.parent == nil {
			return "", false
		}
		switch name {
		case "parent.groupId":
			value = p.parent.group
		case "parent.artifactId":
			value = p.parent.artifact
		default:
			value = p.parent.version
		}
	}
	return value, value != ""
}

func holdsProperty(s string) bool {
	i := strings.Index(s, "${")
	return i >= 0 && strings.IndexByte(s[i:], '}') > 0
}

func isRange(version string) bool {
	return version != "" && (version[0] == '[' || version[0] == '(')
}
