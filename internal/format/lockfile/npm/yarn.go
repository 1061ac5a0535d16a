package npm

import (
	"bytes"
	"fmt"
	"net/url"
	"path"
	"strconv"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/lockfile/npm/yaml"
	"steward/internal/format/purl"
)

// yarnEntry is one entry of a yarn.lock: the patterns that it answers, and
// what they came to.
type yarnEntry struct {
	patterns   []string // "name@range"
	version    string
	resolution string // Berry: "name@protocol:reference"
	resolved   string // classic: an address
	line       int
	deps       []declared
	optional   map[string]bool // names of deps that Berry marks in dependenciesMeta
}

// yarnLock is a yarn.lock of either form.
type yarnLock struct {
	version string
	berry   bool
	entries []yarnEntry
	index   map[string]int // pattern to entry
	byName  map[string]int // name to its only entry, or -1
}

// yarn reads a yarn.lock with the projects that it serves: the lock does not
// say which packages they name, or for what.
func (t *tree) yarn(file string, b []byte) (lockfile.Manifest, error) {
	b, err := lockfile.Text(b)
	if err != nil {
		return lockfile.Manifest{}, err
	}
	var l *yarnLock
	if bytes.HasPrefix(b, []byte("__metadata:")) || bytes.Contains(b, []byte("\n__metadata:")) {
		l, err = parseBerry(b)
	} else {
		l, err = parseYarnClassic(b)
	}
	if err == nil {
		err = tooMany(len(l.entries))
	}
	if err != nil {
		return lockfile.Manifest{}, err
	}
	l.buildIndex()
	dir := path.Dir(file)
	beside := t.project(path.Join(dir, "package.json"))
	m := lockfile.Manifest{
		Path: file, Format: "yarn.lock v" + l.version, Ecosystem: ecosystem, Lock: true, HasEdges: true, Project: beside.purl(),
	}
	if beside != nil {
		m.ProjectLicence = beside.licence
	}
	g := l.graph()
	if l.berry {
		t.berryRoots(l, g, dir, &m)
	} else {
		t.classicRoots(l, g, beside, &m)
	}
	if len(g.roots) == 0 && len(g.nodes) > 0 && len(m.Covers) == 0 {
		g.directWhereUnneeded()
		m.Notes = append(m.Notes, lockfile.Note{Reason: "no package.json beside the lock: what packages are for is unknown, and those that no other needs are taken for direct"})
	}
	uses, unreached, err := g.uses()
	if m.Uses = uses; unreached > 0 && len(g.roots) > 0 {
		m.Notes = append(m.Notes, unreachedNote(unreached))
	}
	return m, err
}

func (l *yarnLock) buildIndex() {
	l.index = make(map[string]int, 2*len(l.entries))
	l.byName = make(map[string]int, len(l.entries))
	for i := range l.entries {
		seen := ""
		for _, pattern := range l.entries[i].patterns {
			l.index[pattern] = i
			if bare, _, bound := strings.Cut(pattern, "::"); bound {
				if _, taken := l.index[bare]; !taken {
					l.index[bare] = i
				}
			}
			name, _ := splitNameRange(pattern)
			if name == seen {
				continue
			}
			seen = name
			if have, taken := l.byName[name]; taken && have != i {
				l.byName[name] = -1
			} else if !taken {
				l.byName[name] = i
			}
		}
	}
}

// find returns the entry that answers a declaration. A range that no pattern
// repeats was overridden by resolutions: it is answered when the name has one
// entry only.
func (l *yarnLock) find(name, rng string) (int, bool) {
	if i, ok := l.index[name+"@"+rng]; ok {
		return i, true
	}
	if l.berry {
		if i, ok := l.index[name+"@npm:"+rng]; ok {
			return i, true
		}
	} else if i, ok := l.index[name]; ok && rng == "" {
		return i, true
	}
	i, ok := l.byName[name]
	return max(i, 0), ok && i >= 0
}

func (l *yarnLock) graph() *graph {
	g := &graph{nodes: make([]node, len(l.entries))}
	for i := range l.entries {
		e := &l.entries[i]
		if l.berry {
			g.nodes[i] = e.berryNode()
		} else {
			g.nodes[i] = e.classicNode()
		}
		for _, d := range e.deps {
			if to, ok := l.find(d.name, d.spec); ok {
				g.nodes[i].edges = append(g.nodes[i].edges, edge{to: to, optional: d.optional})
			}
		}
		if base, ok := l.patched(e); ok { // both halves are one release: what reaches one reaches the other
			g.nodes[i].edges = append(g.nodes[i].edges, edge{to: base})
			g.nodes[base].edges = append(g.nodes[base].edges, edge{to: i})
		}
	}
	return g
}

// patched returns the entry that a patch of Berry is made on.
func (l *yarnLock) patched(e *yarnEntry) (int, bool) {
	name, reference := splitNameRange(e.patterns[0])
	inner, ok := strings.CutPrefix(reference, "patch:")
	if !ok || !l.berry {
		return 0, false
	}
	inner, _, _ = strings.Cut(inner, "#")
	if decoded, err := url.PathUnescape(inner); err == nil {
		inner = decoded
	}
	if base, rng := splitNameRange(inner); base != "" {
		return l.find(base, rng)
	}
	return l.find(name, inner)
}

func (e *yarnEntry) classicNode() node {
	var s spec
	alias := ""
	for i, pattern := range e.patterns {
		name, rng := splitNameRange(pattern)
		one := parseSpec(name, rng)
		switch {
		case one.name == name: // its own name wins: Yarn puts aliases of the same release together
			s, alias = one, ""
		case i == 0 || alias != "" && alias > name:
			s, alias = one, name
		}
	}
	u := lockfile.Use{Package: clonePURL(s.name, e.version), Alias: strings.Clone(alias), Origin: s.origin, From: strings.Clone(s.from), Line: e.line}
	if s.origin == lockfile.Git && e.resolved != "" {
		u.From = lockfile.Address(e.resolved)
	}
	return node{use: u}
}

func (e *yarnEntry) berryNode() node {
	name, reference := splitNameRange(e.resolution)
	s := parseSpec(name, reference)
	u := lockfile.Use{Package: clonePURL(name, e.version), Origin: s.origin, From: strings.Clone(s.from), Line: e.line}
	if strings.HasSuffix(e.version, "-use.local") {
		u.Package.Version = ""
	}
	for i, pattern := range e.patterns {
		declared, _ := splitNameRange(pattern)
		if declared == name {
			u.Alias = ""
			break
		}
		if i == 0 {
			u.Alias = strings.Clone(declared)
		}
	}
	return node{use: u, member: s.member}
}

// clonePURL does not keep the text of the lock in memory.
func clonePURL(name, version string) purl.PURL {
	return purl.NPM(strings.Clone(name), strings.Clone(version))
}

// berryRoots takes the declarations from the workspace entries and what they
// are for from each package.json.
func (t *tree) berryRoots(l *yarnLock, g *graph, dir string, m *lockfile.Manifest) {
	unknown, members := false, 0
	purposes := map[string]map[string]declared{} // by file and name
	for i := range l.entries {
		if !g.nodes[i].member {
			continue
		}
		members++
		_, reference := splitNameRange(l.entries[i].resolution)
		file := path.Join(dir, strings.TrimPrefix(reference, "workspace:"), "package.json")
		p := t.project(file)
		if t.has[file] {
			m.Covers = append(m.Covers, file)
		}
		if purposes[file] == nil {
			purposes[file] = p.purposes()
		}
		unknown = unknown || p == nil
		for _, d := range l.entries[i].deps {
			to, ok := l.find(d.name, d.spec)
			if !ok {
				continue
			}
			r := rootEdge{to: to, rng: requirement(d.name, d.spec), scope: lockfile.Production, member: p != nil && path.Dir(file) != dir}
			if purpose, ok := purposes[file][d.name]; ok {
				r.rng, r.scope = requirement(d.name, purpose.spec), purpose.scope
			}
			g.roots = append(g.roots, r)
		}
	}
	noteMembers(m, members-1)
	if unknown {
		m.Notes = append(m.Notes, lockfile.Note{Reason: "a package.json of the lock is missing or unreadable: its dependencies are counted as production"})
	}
}

// purposes returns the strongest declaration of each name, without peers,
// which Yarn does not install.
func (p *project) purposes() map[string]declared {
	strongest := map[string]declared{}
	if p == nil {
		return strongest
	}
	for _, d := range p.deps {
		if have, ok := strongest[d.name]; !d.peer && (!ok || lockfile.Stronger(have.scope, d.scope) != have.scope) {
			strongest[d.name] = d
		}
	}
	return strongest
}

// classicRoots takes the declarations from the package.json beside the lock
// and from those of its workspace members.
func (t *tree) classicRoots(l *yarnLock, g *graph, beside *project, m *lockfile.Manifest) {
	if beside == nil {
		return
	}
	w := t.workspaceAt(beside.dir)
	own := t.memberNames(w)
	noteMembers(m, len(t.members(w)))
	for _, p := range append([]*project{beside}, t.members(w)...) {
		m.Covers = append(m.Covers, path.Join(p.dir, "package.json"))
		for _, d := range p.deps {
			to, ok := l.find(d.name, d.spec)
			if d.peer { // Yarn does not install the peers of a project
				to, ok = l.index[d.name+"@"+d.spec]
			}
			switch {
			case ok:
				g.roots = append(g.roots, rootEdge{to: to, rng: requirement(d.name, d.spec), scope: d.scope, member: p != beside})
			case d.peer, own[d.name]:
			case parseSpec(d.name, d.spec).origin == lockfile.Path: // Yarn does not lock what it links
				u := parseSpec(d.name, d.spec).use(d.name)
				u.From = path.Join(p.dir, u.From)
				g.roots = append(g.roots, rootEdge{to: len(g.nodes), scope: d.scope, member: p != beside})
				g.nodes = append(g.nodes, node{use: u})
			case d.optional:
			default:
				missing(m, 0, d)
			}
		}
	}
}

// parseBerry reads the locks of Yarn 2 and later.
// Source: yarnpkg/berry, packages/yarnpkg-core/sources/Project.ts.
func parseBerry(b []byte) (*yarnLock, error) {
	l := &yarnLock{berry: true}
	y := yaml.New(b)
	var keys [3]string
	for y.Next() {
		if y.Item || y.Level > 3 {
			continue
		}
		if y.Level < len(keys) {
			keys[y.Level] = y.Key
		}
		if keys[0] == "__metadata" {
			if y.Level == 1 && y.Key == "version" {
				l.version = strings.Clone(y.Value)
			}
			continue
		}
		if y.Level == 0 {
			l.entries = append(l.entries, yarnEntry{patterns: strings.Split(y.Key, ", "), line: y.Line})
			continue
		}
		e := &l.entries[len(l.entries)-1]
		switch {
		case y.Level == 1 && y.Key == "version":
			e.version = y.Value
		case y.Level == 1 && y.Key == "resolution":
			e.resolution = y.Value
		case y.Level == 2 && keys[1] == "dependencies":
			e.deps = append(e.deps, declared{name: y.Key, spec: y.Value})
		case y.Level == 3 && keys[1] == "dependenciesMeta" && y.Key == "optional" && y.Value == "true":
			if e.optional == nil {
				e.optional = map[string]bool{}
			}
			e.optional[keys[2]] = true
		}
	}
	if y.Err != nil {
		return nil, y.Err
	}
	kept := l.entries[:0]
	for _, e := range l.entries {
		for i := range e.deps {
			e.deps[i].optional = e.optional[e.deps[i].name]
		}
		if e.resolution != "" {
			kept = append(kept, e)
		}
	}
	l.entries = kept
	return l, nil
}

// parseYarnClassic reads the locks of Yarn 1: lines of two words, quoted as in
// JSON where needed, nested by two spaces.
// Source: yarnpkg/yarn, src/lockfile/parse.js.
func parseYarnClassic(b []byte) (*yarnLock, error) {
	l := &yarnLock{version: "1"}
	text := string(b)
	block := ""
	for line := 1; text != ""; line++ {
		var raw string
		raw, text, _ = strings.Cut(text, "\n")
		raw = strings.TrimRight(raw, " \t\r")
		content := strings.TrimLeft(raw, " ")
		indent := len(raw) - len(content)
		if content == "" || content[0] == '#' {
			continue
		}
		bad := ""
		switch {
		case indent == 0:
			patterns, ok := classicPatterns(content)
			if !ok {
				bad = "an entry was expected"
			}
			l.entries = append(l.entries, yarnEntry{patterns: patterns, line: line})
			block = ""
		case len(l.entries) == 0:
			bad = "an entry was expected"
		case indent <= 2 && strings.HasSuffix(content, ":"):
			block = classicText(strings.TrimSuffix(content, ":"))
		default:
			bad = l.entries[len(l.entries)-1].classicLine(content, indent, block)
		}
		if bad != "" {
			return nil, &lockfile.LineError{Line: line, Err: fmt.Errorf("%w as a yarn.lock: %s", lockfile.ErrSyntax, bad)}
		}
	}
	return l, nil
}

func (e *yarnEntry) classicLine(content string, indent int, block string) (bad string) {
	key, value, ok := classicPair(content)
	if !ok {
		return "a name and a value were expected"
	}
	switch {
	case indent > 2:
		if block == "dependencies" || block == "optionalDependencies" {
			e.deps = append(e.deps, declared{name: key, spec: value, optional: block == "optionalDependencies"})
		}
	case key == "version":
		e.version = value
	case key == "resolved":
		e.resolved = value
	}
	return ""
}

// classicPatterns splits the line that opens an entry.
func classicPatterns(content string) ([]string, bool) {
	var patterns []string
	for content != "" {
		end := 0
		if content[0] == '"' {
			if end = yaml.QuoteEnd(content); end < 0 {
				return nil, false
			}
		} else if end = strings.IndexAny(content, ",:"); end < 0 {
			return nil, false
		} else if content[end] == ':' && end+1 < len(content) {
			// an unquoted colon inside a pattern: it ends at the comma or at the last colon
			if end = strings.IndexByte(content, ','); end < 0 {
				end = len(content) - 1
			}
		}
		patterns = append(patterns, classicText(content[:end]))
		switch content = content[end:]; {
		case content == ":":
			return patterns, true
		case strings.HasPrefix(content, ","):
			content = strings.TrimLeft(content[1:], " ")
		default:
			return nil, false
		}
	}
	return nil, false
}

func classicPair(content string) (key, value string, ok bool) {
	end := strings.IndexByte(content, ' ')
	if content[0] == '"' {
		end = yaml.QuoteEnd(content)
	}
	if end < 0 || end >= len(content) {
		return "", "", false
	}
	return strings.TrimSuffix(classicText(content[:end]), ":"), classicText(strings.TrimSpace(content[end:])), true
}

func classicText(s string) string {
	if len(s) > 1 && s[0] == '"' && strings.Contains(s, `\`) {
		if text, err := strconv.Unquote(s); err == nil {
			return text
		}
	}
	return yaml.Unquote(s)
}
