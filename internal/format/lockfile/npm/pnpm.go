package npm

import (
	"path"
	"strconv"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/lockfile/npm/yaml"
)

// pnpmLock is a pnpm-lock.yaml of version 5, 6 or 9.
// Source: pnpm/spec, lockfile/*.md.
type pnpmLock struct {
	version   string
	importers []pnpmImporter
	catalogs  map[[2]string]string // catalogue and name to range
	packages  []pnpmPackage
	snapshots []pnpmPackage // version 9 keeps what packages need apart from what they are
	byKey     map[string]int
	dirs      map[string]bool // of the importers
}

type pnpmImporter struct {
	dir        string
	member     bool // not the root, and its package.json is read as well
	deps       []pnpmDep
	specifiers map[string]string // version 5 keeps the ranges apart
}

type pnpmDep struct {
	name, block, specifier, ref string
	line                        int
}

type pnpmPackage struct {
	key           string
	name, version string // given where the key does not tell
	tarball, repo string
	commit, dir   string
	line          int
	deps          []declared
}

func (t *tree) pnpm(file string, b []byte) (lockfile.Manifest, error) {
	b, err := lockfile.Text(b)
	if err != nil {
		return lockfile.Manifest{}, err
	}
	l, err := parsePnpm(b)
	if err == nil {
		err = tooMany(max(len(l.packages), len(l.importers)))
	}
	if err != nil {
		return lockfile.Manifest{}, err
	}
	dir := path.Dir(file)
	beside := t.project(path.Join(dir, "package.json"))
	m := lockfile.Manifest{
		Path: file, Format: "pnpm-lock.yaml v" + l.version, Ecosystem: ecosystem, Lock: true, HasEdges: true, Project: beside.purl(),
	}
	if beside != nil {
		m.ProjectLicence = beside.licence
	}
	for i := range l.importers {
		importer := &l.importers[i]
		covered := path.Join(dir, importer.dir, "package.json")
		if t.has[covered] {
			m.Covers = append(m.Covers, covered)
		}
		importer.member = importer.dir != "." && t.project(covered) != nil
	}
	noteMembers(&m, len(l.importers)-1)
	g := l.graph(&m)
	uses, unreached, err := g.uses()
	if m.Uses = uses; unreached > 0 {
		m.Notes = append(m.Notes, unreachedNote(unreached))
	}
	return m, err
}

// parsePnpm reads the lines of the lock into importers and packages.
func parsePnpm(b []byte) (*pnpmLock, error) {
	l := &pnpmLock{catalogs: map[[2]string]string{}}
	y := yaml.New(b)
	var keys [6]string
	for y.Next() {
		if y.Item || y.Level >= len(keys) {
			continue
		}
		keys[y.Level] = y.Key
		switch keys[0] {
		case "lockfileVersion":
			l.version = strings.Clone(y.Value)
		case "importers":
			if y.Level == 1 {
				l.importers = append(l.importers, pnpmImporter{dir: path.Clean(y.Key)})
			}
			if y.Level >= 2 {
				l.importers[len(l.importers)-1].read(y, keys[2:], y.Level-2)
			}
		case "dependencies", "devDependencies", "optionalDependencies", "specifiers":
			if len(l.importers) == 0 {
				l.importers = append(l.importers, pnpmImporter{dir: "."})
			}
			l.importers[0].read(y, keys[:], y.Level)
		case "catalogs":
			if y.Level == 3 && y.Key == "specifier" {
				l.catalogs[[2]string{keys[1], keys[2]}] = y.Value
			}
		case "packages":
			l.packages = readPnpmPackage(l.packages, y, keys[:])
		case "snapshots":
			l.snapshots = readPnpmPackage(l.snapshots, y, keys[:])
		}
	}
	if y.Err != nil {
		return nil, y.Err
	}
	if l.version == "" {
		return nil, &lockfile.LineError{Line: 1, Err: lockfile.ErrSyntax}
	}
	l.mergeSnapshots()
	return l, nil
}

// read takes one line of an importer; keys are those of its blocks.
func (i *pnpmImporter) read(y *yaml.Reader, keys []string, level int) {
	switch block := keys[0]; block {
	case "specifiers":
		if level == 1 {
			if i.specifiers == nil {
				i.specifiers = map[string]string{}
			}
			i.specifiers[y.Key] = y.Value
		}
	case "dependencies", "devDependencies", "optionalDependencies", "configDependencies", "packageManagerDependencies":
		switch {
		case level == 1:
			d := pnpmDep{name: y.Key, block: block, ref: y.Value, line: y.Line}
			yaml.Pairs(y.Value, d.set)
			i.deps = append(i.deps, d)
		case level == 2:
			i.deps[len(i.deps)-1].set(y.Key, y.Value)
		}
	}
}

func (d *pnpmDep) set(key, value string) {
	switch key {
	case "specifier":
		d.specifier = value
	case "version":
		d.ref = value
	}
}

func readPnpmPackage(list []pnpmPackage, y *yaml.Reader, keys []string) []pnpmPackage {
	if y.Level == 1 {
		return append(list, pnpmPackage{key: y.Key, line: y.Line})
	}
	if y.Level < 2 {
		return list
	}
	p := &list[len(list)-1]
	block := keys[2]
	switch {
	case y.Level == 2 && block == "name":
		p.name = y.Value
	case y.Level == 2 && block == "version":
		p.version = y.Value
	case y.Level == 2 && block == "resolution":
		yaml.Pairs(y.Value, p.setResolution)
	case y.Level == 3 && block == "resolution":
		p.setResolution(y.Key, y.Value)
	case y.Level == 3 && (block == "dependencies" || block == "optionalDependencies"):
		p.deps = append(p.deps, declared{name: y.Key, spec: y.Value, optional: block == "optionalDependencies"})
	}
	return list
}

func (p *pnpmPackage) setResolution(key, value string) {
	switch key {
	case "tarball":
		p.tarball = value
	case "repo":
		p.repo = value
	case "commit":
		p.commit = value
	case "directory":
		p.dir = value
	}
}

// mergeSnapshots joins the two halves of version 9: a snapshot for each set of
// peers, a package for what they share.
func (l *pnpmLock) mergeSnapshots() {
	about := make(map[string]int, len(l.packages))
	for i, p := range l.packages {
		about[p.key] = i
	}
	for i := range l.snapshots {
		s := &l.snapshots[i]
		bare, _, _ := strings.Cut(s.key, "(")
		if k, ok := about[bare]; ok {
			deps, key := s.deps, s.key
			*s = l.packages[k]
			s.deps, s.key = deps, key
		}
	}
	if len(l.snapshots) > 0 {
		l.packages = l.snapshots
	}
	l.byKey = make(map[string]int, len(l.packages))
	for i, p := range l.packages {
		l.byKey[p.key] = i
	}
	l.dirs = map[string]bool{}
	for _, importer := range l.importers {
		l.dirs[importer.dir] = true
	}
}

// graph builds the nodes, their edges, and the roots from the importers.
func (l *pnpmLock) graph(m *lockfile.Manifest) *graph {
	g := &graph{nodes: make([]node, len(l.packages))}
	for i := range l.packages {
		g.nodes[i] = l.node(&l.packages[i])
	}
	known := newAliases(len(g.nodes))
	for i := range l.packages {
		for _, d := range l.packages[i].deps {
			if to, ok := l.find(d.name, d.spec); ok {
				known.add(to, d.name, g.nodes[to].use)
				g.nodes[i].edges = append(g.nodes[i].edges, edge{to: to, optional: d.optional})
			}
		}
	}
	for i := range l.importers {
		for _, d := range l.importers[i].deps {
			l.root(g, known, &l.importers[i], d, m)
		}
	}
	known.set(g.nodes)
	return g
}

// root adds what one importer names.
func (l *pnpmLock) root(g *graph, known *aliases, importer *pnpmImporter, d pnpmDep, m *lockfile.Manifest) {
	rng := d.specifier
	if rng == "" {
		rng = importer.specifiers[d.name]
	}
	if name, ok := strings.CutPrefix(rng, "catalog:"); ok {
		if name == "" {
			name = "default"
		}
		if declared, ok := l.catalogs[[2]string{name, d.name}]; ok {
			rng = declared
		}
	}
	scope := lockfile.Production
	switch d.block {
	case "optionalDependencies":
		scope = lockfile.Optional
	case "devDependencies", "configDependencies", "packageManagerDependencies":
		scope = lockfile.Development
	}
	to, ok := l.find(d.name, d.ref)
	if target, linked := strings.CutPrefix(d.ref, "link:"); linked && !ok {
		target = path.Join(importer.dir, target)
		if l.dirs[target] {
			return // another project of the workspace
		}
		to, ok = len(g.nodes), true
		g.nodes = append(g.nodes, node{use: lockfile.Use{Package: clonePURL(d.name, ""), Origin: lockfile.Path, From: target, Line: d.line}})
	} else if ok {
		known.add(to, d.name, g.nodes[to].use)
	}
	if !ok {
		missing(m, d.line, declared{name: strings.Clone(d.name)})
		return
	}
	g.roots = append(g.roots, rootEdge{to: to, rng: requirement(d.name, rng), scope: scope, member: importer.member})
}

// find returns the package that a reference means: a version of the name, or
// for aliases, files and addresses the key itself.
func (l *pnpmLock) find(name, ref string) (int, bool) {
	for _, key := range []string{name + "@" + ref, "/" + name + "@" + ref, "/" + name + "/" + ref, ref} {
		if i, ok := l.byKey[key]; ok {
			return i, true
		}
	}
	return 0, false
}

func (l *pnpmLock) node(p *pnpmPackage) node {
	name, version := l.splitKey(p.key)
	s := parseSpec(name, version)
	u := lockfile.Use{Origin: s.origin, From: s.from, Line: p.line}
	if s.origin != lockfile.Registry {
		version = ""
	}
	if p.name != "" {
		name = p.name
		if !strings.HasPrefix(p.key, "/") && s.origin == lockfile.Registry && !strings.HasPrefix(p.key, name+"@") {
			u.Origin, u.From = lockfile.URL, p.key
		}
	}
	if p.version != "" {
		version = p.version
	}
	switch {
	case p.dir != "" || strings.HasPrefix(p.key, "file:"):
		u.Origin, u.From = lockfile.Path, p.dir
		if p.dir == "" {
			u.From, _, _ = strings.Cut(strings.TrimPrefix(p.key, "file:"), "(")
		}
	case p.repo != "":
		u.Origin, u.From = lockfile.Git, lockfile.Address(p.repo+"#"+p.commit)
	case p.tarball != "" && hostedTarball(p.tarball):
		u.Origin, u.From = lockfile.Git, lockfile.Address(p.tarball)
	case p.tarball != "" && u.Origin == lockfile.URL:
		u.From = lockfile.Address(p.tarball)
	}
	u.From = strings.Clone(u.From)
	u.Package = clonePURL(name, version)
	return node{use: u, member: p.dir != "" && l.dirs[path.Clean(p.dir)]}
}

// hostedTarball tells the archives that hosts make of a commit.
func hostedTarball(address string) bool {
	return strings.Contains(address, "://codeload.github.com/") ||
		strings.Contains(address, "gitlab.com/") && strings.Contains(address, "/archive") ||
		strings.Contains(address, "://bitbucket.org/") && strings.Contains(address, "/get/")
}

// splitKey takes a key apart: /name/1.0.0_peers in version 5,
// /name@1.0.0(peers) in 6, name@1.0.0(peers) in 9, with the host of another
// registry before it in 5 and 6.
func (l *pnpmLock) splitKey(key string) (name, version string) {
	key, _, _ = strings.Cut(key, "(")
	if strings.HasPrefix(key, "file:") {
		return path.Base(key), ""
	}
	rooted := strings.HasPrefix(key, "/")
	key = strings.TrimPrefix(key, "/")
	major, _, _ := strings.Cut(l.version, ".")
	if n, err := strconv.Atoi(major); err != nil || n > 5 {
		if host, rest, ok := strings.Cut(key, "/"); ok && !rooted && major == "6" && strings.Contains(host, ".") && !strings.Contains(host, "@") {
			key = rest
		}
		return splitNameRange(key)
	}
	parts := strings.Split(key, "/")
	if !rooted && len(parts) > 2 && strings.Contains(parts[0], ".") {
		parts = parts[1:]
	}
	if strings.HasPrefix(parts[0], "@") && len(parts) > 2 {
		name, version = parts[0]+"/"+parts[1], parts[2]
	} else if len(parts) > 1 {
		name, version = parts[0], parts[1]
	}
	version, _, _ = strings.Cut(version, "_")
	return name, version
}

// aliases collects under which names nodes are declared: a node has an alias
// when nobody calls it by its own name.
type aliases struct {
	own   []bool
	other []string
}

func newAliases(n int) *aliases { return &aliases{own: make([]bool, n), other: make([]string, n)} }

func (a *aliases) add(i int, name string, u lockfile.Use) {
	if name == u.Package.FullName() {
		a.own[i] = true
	} else if a.other[i] == "" || name < a.other[i] {
		a.other[i] = name
	}
}

func (a *aliases) set(nodes []node) {
	for i, name := range a.other {
		if name != "" && !a.own[i] {
			nodes[i].use.Alias = strings.Clone(name)
		}
	}
}
