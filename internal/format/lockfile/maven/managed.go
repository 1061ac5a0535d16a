package maven

import "strings"

// source names what a version could come from and this tree does not have.
type source struct {
	parents, boms []string // coordinates, without repeats, in the order of meeting
}

func (s *source) add(to *[]string, coordinates string) {
	if len(*to) >= maxImports {
		return
	}
	for _, have := range *to {
		if have == coordinates {
			return
		}
	}
	*to = append(*to, coordinates)
}

// coordinates are what dependency management is keyed by.
type coordinates struct{ group, artifact, kind, classifier string }

func (c coordinates) key() string {
	return c.group + ":" + c.artifact + ":" + c.kind + ":" + c.classifier
}

// coordinates returns the interpolated identity of d; ok is false when it is
// not known.
func (l *lineage) coordinates(d dependency) (c coordinates, ok bool) {
	c = coordinates{d.group, d.artifact, d.kind, d.classifier}
	ok = true
	for _, part := range []*string{&c.group, &c.artifact, &c.kind, &c.classifier} {
		known := true
		if *part, known = l.interpolate(*part); !known {
			ok = false
		}
	}
	if c.kind == "" {
		c.kind = "jar"
	}
	return c, ok && c.group != "" && c.artifact != ""
}

// manager answers what dependency management says to one pom: written entries
// from the pom up to its oldest parent, then imported poms in their order.
// Source: Maven, Introduction to the Dependency Mechanism.
type manager struct {
	forest  *forest
	pom     *lineage
	written map[string]managedEntry // entries whose coordinates hold ${}, filled in for this pom
	imports []*manager
	missing source // parents and imports that this tree does not have
}

type managedEntry struct {
	dependency
	generation int // how many parents up
}

// maxImports is how many imported poms one pom may lead to, as in deps.dev's
// reading of Maven.
const maxImports = 300

// managerOf prepares the management of l. seen holds the poms being imported
// and those already imported: each counts once.
func (f *forest) managerOf(l *lineage, seen map[*lineage]bool) *manager {
	m := &manager{forest: f, pom: l, written: map[string]managedEntry{}}
	seen[l] = true
	generation := 0
	if l.profile != nil {
		m.take(l.profile.managed, -1, seen)
	}
	for up := l; up != nil; up = up.parent {
		up.index()
		m.take(up.dynamic, generation, seen)
		if up.external != nil {
			m.missing.add(&m.missing.parents, l.fill(up.external.String()))
		}
		generation++
	}
	return m
}

// index splits the managed entries of one pom: those with literal coordinates
// serve every child alike, the others are filled in for each.
func (l *lineage) index() {
	if l.managed != nil {
		return
	}
	l.managed = map[string]dependency{}
	for _, d := range l.pom.managed {
		if d.scope == "import" || holdsProperty(d.group) || holdsProperty(d.artifact) || holdsProperty(d.kind) || holdsProperty(d.classifier) || holdsProperty(d.scope) {
			l.dynamic = append(l.dynamic, d)
			continue
		}
		if c, ok := l.coordinates(d); ok {
			if _, again := l.managed[c.key()]; !again {
				l.managed[c.key()] = d
			}
		}
	}
}

func (m *manager) take(entries []dependency, generation int, seen map[*lineage]bool) {
	for _, d := range entries {
		if m.forest.budget--; m.forest.budget < 0 {
			return
		}
		c, ok := m.pom.coordinates(d)
		if !ok {
			continue
		}
		if m.pom.fill(d.scope) == "import" {
			m.load(c, m.pom.fill(d.version), seen)
			continue
		}
		if _, again := m.written[c.key()]; !again {
			m.written[c.key()] = managedEntry{d, generation}
		}
	}
}

func (m *manager) load(c coordinates, version string, seen map[*lineage]bool) {
	bom := m.forest.find(m.pom, c.group, c.artifact, version)
	switch {
	case bom == nil:
		m.missing.add(&m.missing.boms, strings.TrimSuffix(c.group+":"+c.artifact+":"+version, ":"))
	case seen[bom] || len(seen) >= maxImports:
	default:
		of := m.forest.managerOf(bom, seen)
		m.imports = append(m.imports, of)
		for _, parent := range of.missing.parents {
			m.missing.add(&m.missing.parents, parent)
		}
		for _, missing := range of.missing.boms {
			m.missing.add(&m.missing.boms, missing)
		}
	}
}

// lookup returns the managed version and scope of c, with properties filled in
// by the pom that the entry was written for. complete is false when a property
// of the version is unknown.
func (m *manager) lookup(c coordinates) (version, scope string, found, complete bool) {
	key := c.key()
	entry, have := m.written[key]
	generation := 0
	for up := m.pom; up != nil; up = up.parent {
		if have && entry.generation <= generation {
			break
		}
		if d, ok := up.managed[key]; ok {
			entry, have = managedEntry{d, generation}, true
			break
		}
		generation++
	}
	if have {
		version, complete = m.pom.interpolate(entry.version)
		return version, m.pom.fill(entry.scope), true, complete
	}
	for _, i := range m.imports {
		if version, scope, found, complete = i.lookup(c); found {
			return version, scope, true, complete
		}
	}
	return "", "", false, false
}
