package npm

import (
	"fmt"
	"path"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/lockfile/npm/glob"
	"steward/internal/format/purl"
)

// maxPlace is the longest path inside a lock that is followed, in bytes.
const maxPlace = 2048

// packageLock is a package-lock.json or npm-shrinkwrap.json.
// Source: docs.npmjs.com, "package-lock.json".
type packageLock struct {
	version       string
	name, release string
	packages      []place // of versions 2 and 3: flat, by path
	dependencies  []place // of version 1: nested; version 2 repeats it for old clients
	byPath        map[string]int
	work          work
}

// place is one folder in which the lock puts something.
type place struct {
	path     string // "node_modules/a/node_modules/b", "packages/x", or "" for the root
	name     string // as declared; an alias differs from what the path ends in
	version  string
	resolved string
	licence  string
	line     int
	link     bool // a symbolic link to the place named by resolved
	dev      bool
	optional bool
	deps     []declared
	globs    []string
}

func parsePackageLock(b []byte) (*packageLock, error) {
	b, err := lockfile.Text(b)
	if err != nil {
		return nil, err
	}
	l := &packageLock{}
	j := lockfile.NewJSON(b)
	j.Object(func(key string) {
		switch key {
		case "lockfileVersion":
			l.version = j.String()
		case "name":
			l.name = j.String()
		case "version":
			l.release = j.String()
		case "packages":
			l.packages = nil
			j.Object(func(path string) {
				line := j.Line()
				if p := readPlace(j, path); p != nil && len(l.packages) <= maxNodes {
					p.line = line
					l.packages = append(l.packages, *p)
				}
			})
		case "dependencies":
			if l.packages == nil {
				l.dependencies = nil
				l.readNested(j, "")
			}
		}
	})
	if err := j.End(); err != nil {
		return nil, err
	}
	if l.packages == nil {
		l.packages = l.dependencies
	}
	if err := tooMany(len(l.packages)); err != nil {
		return nil, err
	}
	l.byPath = make(map[string]int, len(l.packages))
	for i, p := range l.packages {
		l.byPath[p.path] = i
	}
	return l, nil
}

// readPlace reads one entry of packages.
func readPlace(j *lockfile.JSON, at string) *place {
	if len(at) > maxPlace || j.Kind() != '{' {
		j.Skip()
		return nil
	}
	p := &place{path: at}
	optionalPeers := map[string]bool(nil)
	j.Object(func(key string) {
		switch key {
		case "name":
			p.name = j.String()
		case "version":
			p.version = j.String()
		case "resolved":
			p.resolved = j.String()
		case "license":
			p.licence = readLicence(j)
		case "link":
			p.link = j.Bool()
		case "dev":
			p.dev = j.Bool()
		case "optional", "devOptional":
			p.optional = j.Bool() || p.optional
		case "workspaces":
			var w project
			w.readWorkspaces(j)
			p.globs = w.workspaces
		case "peerDependenciesMeta":
			if optionalPeers == nil {
				optionalPeers = map[string]bool{}
			}
			readOptionalPeers(j, optionalPeers)
		default:
			p.deps = readDeclared(j, key, p.deps)
		}
	})
	p.deps = settleDeclared(p.deps, optionalPeers)
	return p
}

// readNested reads the dependencies of version 1, where a package holds those
// that only it sees.
func (l *packageLock) readNested(j *lockfile.JSON, parent string) {
	j.Object(func(name string) {
		at := strings.TrimPrefix(parent+"/node_modules/"+name, "/")
		if len(at) > maxPlace || j.Kind() != '{' || len(l.dependencies) > maxNodes {
			return
		}
		i := len(l.dependencies)
		l.dependencies = append(l.dependencies, place{path: at, line: j.Line()})
		p := place{path: at, line: l.dependencies[i].line}
		j.Object(func(key string) {
			switch key {
			case "version":
				p.version = j.String()
			case "resolved":
				p.resolved = j.String()
			case "dev":
				p.dev = j.Bool()
			case "optional":
				p.optional = j.Bool()
			case "requires":
				if j.Kind() == '{' {
					p.deps = readDeclared(j, "dependencies", p.deps)
				}
			case "dependencies":
				l.readNested(j, at)
			}
		})
		p.settleV1(name)
		l.dependencies[i] = p
	})
}

// settleV1 takes apart the version of a version 1 entry, which may be an
// alias, an address or a path.
func (p *place) settleV1(name string) {
	if exactVersion.MatchString(p.version) {
		return
	}
	s := parseSpec(name, p.version)
	p.name, p.version = s.name, s.rng
	if s.origin != lockfile.Registry {
		p.version = ""
		if p.resolved == "" || s.origin == lockfile.Git {
			p.resolved = s.from
		}
		if s.origin == lockfile.Path {
			p.resolved = "file:" + s.from
		}
	}
}

// manifest turns the lock into uses. beside is the package.json beside it, nil
// when there is none; exists says whether a file is in the tree.
func (l *packageLock) manifest(file string, beside *project, exists func(string) bool) (lockfile.Manifest, error) {
	dir := path.Dir(file)
	m := lockfile.Manifest{Path: file, Format: path.Base(file) + " v" + l.formatVersion(), Ecosystem: ecosystem, Lock: true, HasEdges: true}
	members := l.members()
	enclosing := false
	g := graph{flagged: true, nodes: make([]node, len(l.packages))}
	for i := range l.packages {
		p := &l.packages[i]
		target, linked := l.byPath[p.resolved]
		linked = linked && p.link
		if linked && l.packages[target].name == "" {
			l.packages[target].name = p.installed()
		}
		outer := strings.Trim(p.path, "./") == "" && p.path != ""
		enclosing = enclosing || outer
		g.nodes[i].member = members[i] || linked || outer
	}
	for i := range l.packages {
		g.nodes[i].use = l.packages[i].use()
	}
	own := 0
	for i, member := range members {
		if member && l.packages[i].path != "" && !l.packages[i].link {
			own++
		}
	}
	noteMembers(&m, own)
	if enclosing {
		m.Notes = append(m.Notes, lockfile.Note{Reason: "the project that encloses this folder is no dependency of it"})
	}
	place := func(i int) string { return path.Join(dir, l.packages[i].path) }
	for i := range l.packages {
		l.connect(&g, i, members[i], members[i] && place(i) != dir && exists(path.Join(place(i), "package.json")), &m)
	}
	l.describe(&m, beside)
	if root, ok := l.byPath[""]; !ok || len(l.packages[root].deps) == 0 {
		l.connectRoot(&g, beside, &m)
	} else if beside != nil {
		for _, d := range beside.deps {
			if _, ok := l.find("", d.name); !ok && !d.optional && !d.peer {
				missing(&m, l.packages[root].line, d)
			}
		}
	}
	for i, member := range members {
		place := l.packages[i].path
		if covered := path.Join(dir, place, "package.json"); (member || !inModules(place) && !strings.HasPrefix(place, "..")) &&
			exists(covered) {
			m.Covers = append(m.Covers, covered)
		}
	}
	if beside := path.Join(dir, "package.json"); exists(beside) {
		m.Covers = append(m.Covers, beside)
	}
	if err := l.work.err(); err != nil {
		return m, err
	}
	var err error
	m.Uses, _, err = g.uses()
	return m, err
}

func (l *packageLock) formatVersion() string {
	if len(l.version) == 1 {
		return l.version
	}
	return "1" // npm 5 and earlier shrinkwraps do not say
}

// members tells the root and the workspace members from packages that are
// used: targets of links that a workspace pattern of the root names.
func (l *packageLock) members() []bool {
	members := make([]bool, len(l.packages))
	root, ok := l.byPath[""]
	if !ok {
		return members
	}
	members[root] = true
	match := glob.Matcher(l.packages[root].globs)
	for i, p := range l.packages {
		switch {
		case p.link && match(path.Clean(p.resolved)):
			members[i] = true
			if target, ok := l.byPath[p.resolved]; ok {
				members[target] = true
			}
		case !inModules(p.path) && match(p.path):
			members[i] = true
		}
	}
	return members
}

func inModules(place string) bool {
	return strings.HasPrefix(place, "node_modules/") || strings.Contains(place, "/node_modules/")
}

// installed is the name under which the place is found.
func (p *place) installed() string {
	if i := strings.LastIndex(p.path, "node_modules/"); i >= 0 {
		return p.path[i+len("node_modules/"):]
	}
	return path.Base(p.path)
}

// use makes the use of one place.
func (p *place) use() lockfile.Use {
	installed := p.installed()
	u := lockfile.Use{Scope: lockfile.Production, Line: p.line}
	name := installed
	if p.name != "" && p.name != installed {
		if name = p.name; inModules(p.path) {
			u.Alias = installed
		}
	}
	u.Package = purl.NPM(name, p.version)
	switch {
	case p.dev:
		u.Scope = lockfile.Development
	case p.optional:
		u.Scope = lockfile.Optional
	}
	switch s := parseSpec(name, p.resolved); {
	case p.link, !inModules(p.path):
		u.Origin, u.From = lockfile.Path, p.resolved
		if !p.link {
			u.From = p.path
		}
	case s.origin == lockfile.Git, s.origin == lockfile.Path:
		u.Origin, u.From = s.origin, s.from
	}
	return u
}

// connect adds the edges of one place, or the roots when it is a member.
func (l *packageLock) connect(g *graph, i int, own, member bool, m *lockfile.Manifest) {
	p := &l.packages[i]
	for _, d := range p.deps {
		to, ok := l.find(p.path, d.name)
		if !ok {
			if own && !d.optional && !d.peer {
				missing(m, p.line, d)
			}
			continue
		}
		l.markURL(g, to, d)
		switch {
		case own:
			g.roots = append(g.roots, rootEdge{to: to, rng: requirement(d.name, d.spec), scope: d.scope, member: member})
		case d.scope == lockfile.Development || d.peer && d.optional:
		default:
			g.nodes[i].edges = append(g.nodes[i].edges, edge{to: to, optional: d.optional})
		}
	}
}

// connectRoot takes the declarations from the package.json beside the lock,
// which version 1 does not repeat.
func (l *packageLock) connectRoot(g *graph, beside *project, m *lockfile.Manifest) {
	if beside == nil {
		if len(l.packages) > 1 {
			g.directWhereUnneeded()
			m.Notes = append(m.Notes, lockfile.Note{Reason: "no package.json beside the lock: packages that no other needs are taken for direct"})
		}
		return
	}
	for _, d := range beside.deps {
		to, ok := l.find("", d.name)
		if !ok {
			if !d.optional && !d.peer {
				missing(m, 0, d)
			}
			continue
		}
		l.markURL(g, to, d)
		g.roots = append(g.roots, rootEdge{to: to, rng: requirement(d.name, d.spec), scope: d.scope})
	}
}

// markURL records that a place holds a tarball from outside the registry:
// only the declaration tells, the address alone may be a mirror.
func (l *packageLock) markURL(g *graph, to int, d declared) {
	if u := &g.nodes[to].use; u.Origin == lockfile.Registry && strings.HasPrefix(d.spec, "http") {
		if s := parseSpec(d.name, d.spec); s.origin == lockfile.URL {
			u.Origin, u.From = lockfile.URL, s.from
		}
	}
}

// find looks a name up as Node.js does, from a place upwards, and follows a
// link to what it points at.
func (l *packageLock) find(from, name string) (int, bool) {
	for range lockfile.MaxDepth {
		if !l.work.spend(len(from) + len(name)) {
			return 0, false
		}
		candidate := "node_modules/" + name
		if from != "" {
			candidate = from + "/" + candidate
		}
		if i, ok := l.byPath[candidate]; ok {
			if l.packages[i].link {
				if target, ok := l.byPath[l.packages[i].resolved]; ok {
					return target, true
				}
			}
			return i, true
		}
		switch i := strings.LastIndex(from, "node_modules/"); {
		case from == "" || from == "..":
			return 0, false
		case i < 0:
			from = from[:max(strings.LastIndexByte(from, '/'), 0)]
		default:
			from = strings.TrimSuffix(from[:i], "/")
		}
	}
	return 0, false
}

// describe fills what the lock, or else the package.json, says of the project.
func (l *packageLock) describe(m *lockfile.Manifest, beside *project) {
	p := project{name: l.name, version: l.release}
	if root, ok := l.byPath[""]; ok {
		r := l.packages[root]
		p.licence = r.licence
		if r.name != "" {
			p.name, p.version = r.name, r.version
		}
	}
	if beside != nil {
		p.licence = beside.licence
		if beside.name != "" {
			p.name, p.version = beside.name, beside.version
		}
	}
	m.Project, m.ProjectLicence = p.purl(), p.licence
}

// missing says once that the lock does not resolve what is declared.
func missing(m *lockfile.Manifest, line int, d declared) {
	if m.Unresolved != "" {
		return
	}
	m.Unresolved = "the lock does not hold every declared dependency, renew it with the package manager"
	m.Notes = append(m.Notes, lockfile.Note{Line: line, Reason: fmt.Sprintf("%q and perhaps others are declared, but not in the lock", d.name)})
}
