package npm

import (
	"path"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/purl"
)

// project is what a package.json says about itself.
type project struct {
	dir           string // slash-separated; "." for the root of the tree
	name, version string
	licence       string
	workspaces    []string
	deps          []declared
	catalogs      map[string]map[string]string // of bun, which keeps them here
}

// declared is one line of a dependency block.
type declared struct {
	name, spec string
	scope      lockfile.Scope
	optional   bool // may be missing: optionalDependencies and optional peers
	peer       bool
	line       int
}

// parseProject reads a package.json. Source: docs.npmjs.com, "package.json".
func parseProject(file string, b []byte) (*project, error) {
	b, err := lockfile.Text(b)
	if err != nil {
		return nil, err
	}
	p := &project{dir: path.Dir(file)}
	j := lockfile.NewJSON(b)
	optionalPeers := map[string]bool{}
	j.Object(func(key string) {
		switch key {
		case "name":
			p.name = j.String()
		case "version":
			p.version = j.String()
		case "license", "licenses", "licence":
			if licence := readLicence(j); licence != "" {
				p.licence = licence
			}
		case "workspaces":
			p.readWorkspaces(j)
		case "catalog", "catalogs":
			p.readCatalogs(j, key)
		case "peerDependenciesMeta":
			readOptionalPeers(j, optionalPeers)
		default:
			p.deps = readDeclared(j, key, p.deps)
		}
	})
	p.deps = settleDeclared(p.deps, optionalPeers)
	return p, j.End()
}

// readDeclared reads a dependency block when key names one.
func readDeclared(j *lockfile.JSON, key string, deps []declared) []declared {
	d := declared{scope: lockfile.Production}
	switch key {
	case "dependencies":
	case "devDependencies":
		d.scope = lockfile.Development
	case "optionalDependencies":
		d.scope, d.optional = lockfile.Optional, true
	case "peerDependencies":
		d.peer = true
	default:
		return deps
	}
	if j.Kind() != '{' {
		j.Skip() // npm takes anything else for no dependencies
		return deps
	}
	j.Object(func(name string) {
		d.name, d.line = name, j.Line()
		if d.spec = j.String(); name != "" {
			deps = append(deps, d)
		}
	})
	return deps
}

// settleDeclared drops what npm drops: a name among optionalDependencies is
// not a plain dependency as well.
func settleDeclared(deps []declared, optionalPeers map[string]bool) []declared {
	optional := map[string]bool{}
	for _, d := range deps {
		if d.optional {
			optional[d.name] = true
		}
	}
	kept := deps[:0]
	for _, d := range deps {
		if d.peer && optionalPeers[d.name] {
			d.optional, d.scope = true, lockfile.Optional
		}
		if d.optional || d.peer || d.scope != lockfile.Production || !optional[d.name] {
			kept = append(kept, d)
		}
	}
	return kept
}

func readOptionalPeers(j *lockfile.JSON, optional map[string]bool) {
	j.Object(func(name string) {
		if j.Kind() != '{' {
			return
		}
		j.Object(func(key string) {
			if key == "optional" && j.Bool() {
				optional[name] = true
			}
		})
	})
}

// readLicence reads the forms that package.json has had: an expression, an
// object with a type, and an array of either, of which one may be chosen.
func readLicence(j *lockfile.JSON) string {
	switch j.Kind() {
	case '"':
		return j.String()
	case '{':
		licence := ""
		j.Object(func(key string) {
			if key == "type" {
				licence = j.String()
			}
		})
		return licence
	case '[':
		var all []string
		j.Array(func() {
			if j.Kind() == '[' {
				return
			}
			if licence := readLicence(j); licence != "" {
				all = append(all, licence)
			}
		})
		return strings.Join(all, " OR ")
	}
	return ""
}

func (p *project) readWorkspaces(j *lockfile.JSON) {
	list := func() {
		j.Array(func() {
			if j.Kind() == '"' {
				p.workspaces = append(p.workspaces, j.String())
			}
		})
	}
	switch j.Kind() {
	case '[':
		list()
	case '{':
		j.Object(func(key string) {
			switch {
			case key == "packages" && j.Kind() == '[':
				list()
			case key == "catalog" || key == "catalogs":
				p.readCatalogs(j, key)
			}
		})
	}
}

func (p *project) readCatalogs(j *lockfile.JSON, key string) {
	if j.Kind() != '{' {
		return
	}
	if p.catalogs == nil {
		p.catalogs = map[string]map[string]string{}
	}
	read := func(catalog string) {
		if p.catalogs[catalog] == nil {
			p.catalogs[catalog] = map[string]string{}
		}
		j.Object(func(name string) { p.catalogs[catalog][name] = j.String() })
	}
	if key == "catalog" {
		read("default")
		return
	}
	j.Object(func(name string) {
		if j.Kind() == '{' {
			read(name)
		}
	})
}

// purl names the project; zero when it has no name.
func (p *project) purl() purl.PURL {
	if p == nil || p.name == "" {
		return purl.PURL{}
	}
	return purl.NPM(p.name, p.version)
}

// manifest returns the project read on its own, without a lock. Names that
// belong to the tree are no dependencies.
func (p *project) manifest(file string, own map[string]bool, catalogs map[string]map[string]string, why string) (lockfile.Manifest, error) {
	m := lockfile.Manifest{
		Path: file, Format: "package.json", Ecosystem: ecosystem,
		Project: p.purl(), ProjectLicence: p.licence, Unresolved: why,
	}
	var c lockfile.Collector
	members := 0
	for _, d := range p.deps {
		s := parseSpec(d.name, d.spec)
		if s.catalog != "" {
			if rng, ok := catalogs[s.catalog][d.name]; ok {
				s = parseSpec(d.name, rng)
			} else {
				s.rng = d.spec
			}
		}
		if s.member || own[d.name] && s.origin != lockfile.Git && s.origin != lockfile.URL {
			members++
			continue
		}
		u := s.use(d.name)
		u.Scope, u.Direct, u.Line = d.scope, true, d.line
		c.Add(u)
	}
	if members > 0 {
		m.Notes = append(m.Notes, lockfile.Note{Reason: "dependencies on workspace members are left out: they are this tree's own projects"})
	}
	if len(p.deps) == 0 {
		m.Unresolved = ""
	}
	var err error
	m.Uses, err = c.Uses()
	return m, err
}
