package npm

import (
	"path"
	"strings"

	"steward/internal/format/lockfile"
)

// bunLock is a bun.lock, the text form that Bun writes since 1.2.
// Source: bun.sh/docs/install/lockfile.
type bunLock struct {
	version    string
	workspaces []bunWorkspace
	packages   []bunPackage
	catalogs   map[string]map[string]string
	byKey      map[string]int
	work       work
}

type bunWorkspace struct {
	dir, name string
	deps      []declared
}

type bunPackage struct {
	key, resolution string // "parent/name" where two versions exist; "name@1.0.0"
	line            int
	deps            []declared
}

func (t *tree) bun(file string, b []byte) (lockfile.Manifest, error) {
	b, err := lockfile.Text(b)
	if err != nil {
		return lockfile.Manifest{}, err
	}
	l, err := parseBun(b)
	if err == nil {
		err = tooMany(len(l.packages))
	}
	if err != nil {
		return lockfile.Manifest{}, err
	}
	dir := path.Dir(file)
	beside := t.project(path.Join(dir, "package.json"))
	m := lockfile.Manifest{
		Path: file, Format: "bun.lock v" + l.version, Ecosystem: ecosystem, Lock: true, HasEdges: true, Project: beside.purl(),
	}
	if beside != nil {
		m.ProjectLicence = beside.licence
	}
	noteMembers(&m, len(l.workspaces)-1)
	g := &graph{nodes: make([]node, len(l.packages))}
	for i := range l.packages {
		g.nodes[i] = l.packages[i].node()
	}
	for i, p := range l.packages {
		for _, d := range p.deps {
			if to, ok := l.find(p.key, d.name); ok {
				g.nodes[i].edges = append(g.nodes[i].edges, edge{to: to, optional: d.optional, weak: d.peer && d.optional})
			}
		}
	}
	for _, w := range l.workspaces {
		covered := path.Join(dir, w.dir, "package.json")
		if t.has[covered] {
			m.Covers = append(m.Covers, covered)
		}
		member := path.Dir(covered) != dir && t.project(covered) != nil
		for _, d := range w.deps {
			to, ok := l.find(w.name, d.name)
			switch {
			case ok:
				g.roots = append(g.roots, rootEdge{to: to, rng: l.requirement(d), scope: d.scope, member: member})
			case !d.optional && !d.peer:
				missing(&m, 0, d)
			}
		}
	}
	if err := l.work.err(); err != nil {
		return m, err
	}
	uses, unreached, err := g.uses()
	if m.Uses = uses; unreached > 0 {
		m.Notes = append(m.Notes, unreachedNote(unreached))
	}
	return m, err
}

func (l *bunLock) requirement(d declared) string {
	if s := parseSpec(d.name, d.spec); s.catalog != "" {
		if rng, ok := l.catalogs[s.catalog][d.name]; ok {
			return requirement(d.name, rng)
		}
	}
	return requirement(d.name, d.spec)
}

func parseBun(b []byte) (*bunLock, error) {
	l := &bunLock{version: "0"}
	var root project
	j := lockfile.NewJSON(b)
	j.Relaxed = true
	j.Object(func(key string) {
		switch key {
		case "lockfileVersion":
			l.version = j.String()
		case "workspaces":
			j.Object(func(dir string) {
				w := bunWorkspace{dir: dir}
				w.deps = readBunDeps(j, func(key string) {
					if key == "name" {
						w.name = j.String()
					}
				})
				l.workspaces = append(l.workspaces, w)
			})
		case "catalog", "catalogs":
			root.readCatalogs(j, key)
		case "packages":
			j.Object(func(key string) {
				p := bunPackage{key: key, line: j.Line()}
				first := true
				j.Array(func() {
					switch {
					case first:
						p.resolution = j.String()
					case j.Kind() == '{':
						p.deps = readBunDeps(j, func(string) {})
					}
					first = false
				})
				l.packages = append(l.packages, p)
			})
		}
	})
	l.catalogs = root.catalogs
	l.byKey = make(map[string]int, len(l.packages))
	for i, p := range l.packages {
		l.byKey[p.key] = i
	}
	return l, j.End()
}

// readBunDeps reads the dependency blocks of an object; other sees the rest.
func readBunDeps(j *lockfile.JSON, other func(key string)) []declared {
	var deps []declared
	optionalPeers := map[string]bool{}
	j.Object(func(key string) {
		switch key {
		case "optionalPeers":
			if j.Kind() == '[' {
				j.Array(func() { optionalPeers[j.String()] = true })
			}
		case "dependencies", "devDependencies", "optionalDependencies", "peerDependencies":
			deps = readDeclared(j, key, deps)
		default:
			other(key)
		}
	})
	return settleDeclared(deps, optionalPeers)
}

// find looks a name up from a key upwards: "a/b/c" is c as b beneath a sees it.
func (l *bunLock) find(from, name string) (int, bool) {
	for range lockfile.MaxDepth {
		key := name
		if from != "" {
			key = from + "/" + name
		}
		if i, ok := l.byKey[key]; ok {
			return i, true
		}
		if from == "" || len(from) > maxPlace || !l.work.spend(len(key)) {
			break
		}
		cut := max(strings.LastIndexByte(from, '/'), 0)
		if k := strings.LastIndexByte(from[:cut], '/'); strings.HasPrefix(from[k+1:cut], "@") {
			cut = max(k, 0)
		}
		from = from[:cut]
	}
	i, ok := l.byKey[name]
	return i, ok
}

func (p *bunPackage) node() node {
	name, reference := splitNameRange(p.resolution)
	s := parseSpec(name, reference)
	u := lockfile.Use{Origin: s.origin, From: s.from, Line: p.line}
	version := ""
	if s.origin == lockfile.Registry {
		version = s.rng
	}
	u.Package = clonePURL(name, version)
	known := p.key
	if i := strings.LastIndexByte(known, '/'); i >= 0 {
		if k := strings.LastIndexByte(known[:i], '/'); strings.HasPrefix(known[k+1:], "@") {
			i = k
		}
		known = known[i+1:]
	}
	if known != name {
		u.Alias = known
	}
	return node{use: u, member: s.member || strings.HasPrefix(reference, "root:")}
}
