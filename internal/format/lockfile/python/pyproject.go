package python

import (
	"fmt"
	"path"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/lockfile/toml"
	"steward/internal/format/purl"
)

// project is one pyproject.toml.
type project struct {
	name, version, licence string
	declared               []declaration
	extras                 map[string]bool // names of optional-dependencies
	dynamic                bool            // dependencies are computed at build time
}

func (p *project) purl() purl.PURL {
	if p.name == "" {
		return purl.PURL{}
	}
	return purl.New("pypi", "", p.name, p.version)
}

// scopeOf is the scope of a group of pdm.lock, which has one list of names for
// groups and extras. P may be nil.
func (p *project) scopeOf(group string) lockfile.Scope {
	switch {
	case group == "default":
		return lockfile.Production
	case p != nil && p.extras[group]:
		return extraScope(group)
	}
	return groupScope(group)
}

func (r *reading) readProject(file string) {
	root, err := r.toml(file)
	if err != nil {
		r.covered[file] = true
		r.fail(file, err)
		return
	}
	poetry := root.Get("tool", "poetry")
	p := &project{extras: map[string]bool{}}
	for _, table := range []*toml.Value{root.Get("project"), poetry} {
		if p.name == "" {
			p.name = table.Get("name").Str()
		}
		if p.version == "" {
			p.version = table.Get("version").Str()
		}
		if p.licence == "" {
			p.licence = table.Get("license").Str()
		}
		if p.licence == "" {
			p.licence = table.Get("license", "text").Str()
		}
	}
	for _, d := range root.Get("project", "dynamic").Items() {
		p.dynamic = p.dynamic || d.Str() == "dependencies"
	}
	p.list(root.Get("project", "dependencies"), lockfile.Production)
	for _, e := range root.Get("project", "optional-dependencies").Entries() {
		p.extras[e.Key] = true
		p.list(e.Value, extraScope(e.Key))
	}
	for _, table := range []*toml.Value{root.Get("dependency-groups"), root.Get("tool", "pdm", "dev-dependencies")} {
		for _, e := range table.Entries() {
			p.list(e.Value, groupScope(e.Key))
		}
	}
	p.list(root.Get("tool", "uv", "dev-dependencies"), lockfile.Development)
	for _, e := range root.Get("tool", "hatch", "envs").Entries() {
		p.list(e.Value.Get("dependencies"), groupScope(e.Key))
		p.list(e.Value.Get("extra-dependencies"), groupScope(e.Key))
	}
	p.poetry(poetry)
	p.sources(root.Get("tool", "uv", "sources"))
	r.projects[path.Dir(file)] = p
}

// list adds a list of requirements (PEP 508). Tables in it include other
// groups, which are read where they are.
func (p *project) list(v *toml.Value, scope lockfile.Scope) {
	for _, item := range v.Items() {
		d, ok := parseRequirement(item.Str())
		if !ok {
			if d, ok = parsePlace(item.Str()); !ok {
				continue
			}
		}
		if d.name != "" && key(d.name) == key(p.name) {
			continue // "project[extra]": an extra that includes others
		}
		d.scope, d.line = scope, item.Line()
		p.declared = append(p.declared, d)
	}
}

// poetry adds the tables of [tool.poetry].
func (p *project) poetry(root *toml.Value) {
	p.poetryTable(root.Get("dependencies"), lockfile.Production)
	p.poetryTable(root.Get("dev-dependencies"), lockfile.Development)
	for _, e := range root.Get("group").Entries() {
		scope := groupScope(e.Key)
		if e.Key == "main" {
			scope = lockfile.Production
		}
		p.poetryTable(e.Value.Get("dependencies"), scope)
	}
}

func (p *project) poetryTable(table *toml.Value, scope lockfile.Scope) {
	for _, e := range table.Entries() {
		if strings.EqualFold(e.Key, "python") {
			continue
		}
		values := []*toml.Value{e.Value}
		if e.Value.Kind() == toml.Array {
			values = e.Value.Items() // one for each platform or Python
		}
		for _, v := range values {
			d := declaration{name: e.Key, scope: scope, line: e.Line, req: v.Str()}
			if v.Kind() == toml.Table {
				d.req = v.Get("version").Str()
				poetryPlace(&d, v)
				if v.Get("optional").True() && scope == lockfile.Production {
					d.scope = lockfile.Optional
				}
			}
			d.version = poetryPinned(d.req)
			p.declared = append(p.declared, d)
		}
	}
}

func poetryPlace(d *declaration, v *toml.Value) {
	switch {
	case v.Get("git").Str() != "":
		d.origin, d.from = lockfile.Git, lockfile.Address(v.Get("git").Str())
		for _, k := range []string{"rev", "tag", "branch"} {
			if ref := v.Get(k).Str(); ref != "" {
				d.from += "#" + ref
				break
			}
		}
	case v.Get("path").Str() != "":
		d.origin, d.from = lockfile.Path, v.Get("path").Str()
		d.local = !isArchive(d.from)
	case v.Get("url").Str() != "":
		d.origin, d.from = lockfile.URL, lockfile.Address(v.Get("url").Str())
	}
}

// poetryPinned is pinned, with poetry's rule that a version alone is exact.
func poetryPinned(req string) string {
	req = strings.Join(strings.Fields(req), "")
	if req != "" && req[0] >= '0' && req[0] <= '9' && !strings.ContainsAny(req, "*,|<>~^=") {
		return req
	}
	if strings.Contains(req, "|") {
		return ""
	}
	return pinned(req)
}

// sources applies [tool.uv.sources], which says where declared packages come
// from.
func (p *project) sources(table *toml.Value) {
	places := map[string]declaration{}
	for _, e := range table.Entries() {
		v := e.Value
		if items := v.Items(); len(items) > 0 {
			v = items[0]
		}
		d := declaration{}
		poetryPlace(&d, v)
		if v.Get("workspace").True() {
			d.origin, d.from, d.local = lockfile.Path, ".", true
		}
		if d.origin != "" {
			places[key(e.Key)] = d
		}
	}
	if len(places) == 0 {
		return
	}
	for i := range p.declared {
		d := &p.declared[i]
		if at, ok := places[key(d.name)]; ok && d.origin == lockfile.Registry {
			d.origin, d.from, d.local = at.origin, at.from, at.local
		}
	}
}

// declaredProject is the manifest of a pyproject.toml that no lock covers.
func (r *reading) declaredProject(file string) {
	p := r.projects[path.Dir(file)]
	if p == nil || p.name == "" && len(p.declared) == 0 && !p.dynamic {
		return // it holds the settings of tools alone
	}
	m := lockfile.Manifest{Path: file, Format: "pyproject.toml", Ecosystem: "pypi", Project: p.purl(), ProjectLicence: p.licence}
	if err := fillDeclared(&m, p.declared); err != nil {
		r.fail(file, err)
		return
	}
	if len(m.Uses) > 0 {
		m.Unresolved = "no lock covers this file: transitive dependencies are unknown, and versions where a range is declared; commit a lock (uv.lock, poetry.lock, pdm.lock or pylock.toml)"
	}
	if p.dynamic {
		m.Unresolved = strings.TrimPrefix(m.Unresolved+"; its dependencies are computed at build time, by code or from another file", "; ")
	}
	if by := r.resolved.Member(file); by != nil {
		m = by.Member(m)
	}
	r.manifests = r.room.Keep(r.manifests, m)
}

// fillDeclared fills in the uses of a manifest without a lock. Directories of
// the tree are part of the project.
func fillDeclared(m *lockfile.Manifest, declared []declaration) error {
	if len(declared) > lockfile.MaxUses {
		return fmt.Errorf("more than %d declarations: %w", lockfile.MaxUses, lockfile.ErrTooLarge)
	}
	var uses lockfile.Collector
	local := 0
	for _, d := range declared {
		if d.local && inTree(path.Dir(m.Path), d.from) {
			local++
			continue
		}
		if d.name == "" {
			if len(m.Notes) < maxNotes {
				m.Notes = append(m.Notes, lockfile.Note{Line: d.line, Reason: "an address that names no package: " + d.from})
			}
			continue
		}
		uses.Add(d.use())
	}
	noteLocal(m, local)
	var err error
	m.Uses, err = uses.Uses()
	return err
}

// maxNotes bounds the notes of one manifest.
const maxNotes = 20
