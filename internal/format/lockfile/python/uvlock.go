package python

import (
	"fmt"
	"path"

	"steward/internal/format/lockfile"
	"steward/internal/format/lockfile/toml"
	"steward/internal/format/purl"
)

// packages returns the [[package]] tables of a lock, or an error when there is
// a table without a name.
func packages(root *toml.Value, name string) ([]*toml.Value, error) {
	all := root.Get(name)
	if all != nil && all.Kind() != toml.Array {
		return nil, &lockfile.LineError{Line: all.Line(), Err: fmt.Errorf("%w: %q is not a list of packages", lockfile.ErrSyntax, name)}
	}
	for _, e := range all.Items() {
		if e.Get("name").Str() == "" {
			return nil, &lockfile.LineError{Line: e.Line(), Err: fmt.Errorf("%w: a package has no name", lockfile.ErrSyntax)}
		}
	}
	return all.Items(), nil
}

// uv reads uv.lock: it names the project and its members too, with what they
// ask for, so that pyproject.toml is not needed.
func (r *reading) uv(root *toml.Value, g *graph, m *lockfile.Manifest) error {
	all, err := packages(root, "package")
	if err != nil {
		return err
	}
	dir := path.Dir(m.Path)
	members := map[string]bool{}
	for _, name := range root.Get("manifest", "members").Items() {
		members[key(name.Str())] = true
	}
	type project struct {
		entry  *toml.Value
		member bool
	}
	var own []project
	for _, e := range all {
		rel := release{use: lockfile.Use{
			Package: purl.New("pypi", "", e.Get("name").Str(), e.Get("version").Str()), Line: e.Line(),
		}}
		at := uvSource(e.Get("source"), &rel.use)
		rel.local = members[rel.use.Package.Name] || at != "" && inTree(dir, at)
		rel.dependsOn = uvReferences(e.Get("dependencies"))
		if rel.local {
			rel.dependsOn = nil
			own = append(own, project{e, r.isMember(dir, at)})
			r.cover(m, path.Join(dir, at, "pyproject.toml"))
			if path.Join(dir, at) == dir {
				m.Project = rel.use.Package
				r.describe(m, dir)
			}
		}
		for _, extra := range e.Get("optional-dependencies").Entries() {
			if !rel.local {
				rel.dependsOn = append(rel.dependsOn, uvReferences(extra.Value)...)
			}
		}
		g.add(rel)
	}
	r.cover(m, path.Join(dir, "pyproject.toml"))
	for _, o := range own {
		uvDeclare(g, o.entry, o.member)
	}
	for _, d := range root.Get("manifest", "requirements").Items() {
		g.declare(declaration{name: d.Get("name").Str(), req: d.Get("specifier").Str(), scope: lockfile.Production}, "", false)
	}
	for _, group := range root.Get("manifest", "dependency-groups").Entries() {
		for _, d := range group.Value.Items() {
			g.declare(declaration{name: d.Get("name").Str(), req: d.Get("specifier").Str(), scope: groupScope(group.Key)}, "", false)
		}
	}
	noteLocal(m, len(own))
	return nil
}

// uvSource fills in where a package comes from and returns the directory of
// one that is built from a directory.
func uvSource(source *toml.Value, u *lockfile.Use) (directory string) {
	for _, e := range source.Entries() {
		switch at := e.Value.Str(); e.Key {
		case "git":
			u.Origin, u.From = lockfile.Git, lockfile.Address(at)
		case "url":
			u.Origin, u.From = lockfile.URL, lockfile.Address(at)
		case "path":
			u.Origin, u.From = lockfile.Path, at
		case "directory", "editable", "virtual":
			u.Origin, u.From = lockfile.Path, at
			return at
		}
	}
	return ""
}

func uvReferences(list *toml.Value) []reference {
	var out []reference
	for _, d := range list.Items() {
		out = append(out, reference{name: key(d.Get("name").Str()), version: d.Get("version").Str()})
	}
	return out
}

// uvDeclare takes what one member of the workspace asks for, its ranges from
// the metadata.
func uvDeclare(g *graph, e *toml.Value, member bool) {
	g.declared = true
	wanted := func(list *toml.Value) map[string]string {
		out := map[string]string{}
		for _, d := range list.Items() {
			if name := key(d.Get("name").Str()); out[name] == "" {
				out[name] = d.Get("specifier").Str()
			}
		}
		return out
	}
	declare := func(list *toml.Value, ranges map[string]string, scope lockfile.Scope) {
		for _, d := range list.Items() {
			name := d.Get("name").Str()
			g.declare(declaration{name: name, req: ranges[key(name)], scope: scope}, d.Get("version").Str(), member)
		}
	}
	ranges := wanted(e.Get("metadata", "requires-dist"))
	declare(e.Get("dependencies"), ranges, lockfile.Production)
	for _, extra := range e.Get("optional-dependencies").Entries() {
		declare(extra.Value, ranges, extraScope(extra.Key))
	}
	for _, table := range []string{"dev-dependencies", "dependency-groups"} {
		for _, group := range e.Get(table).Entries() {
			declare(group.Value, wanted(e.Get("metadata", "requires-dev", group.Key)), groupScope(group.Key))
		}
	}
}

// isMember says whether the project in a folder that a lock in dir names is read
// on its own too.
func (r *reading) isMember(dir, folder string) bool {
	at := path.Join(dir, folder)
	return at != dir && r.projects[at] != nil
}

// cover says in m that a manifest is resolved by it, when there is one.
func (r *reading) cover(m *lockfile.Manifest, p string) {
	if !r.has(p) {
		return
	}
	for _, c := range m.Covers {
		if c == p {
			return
		}
	}
	m.Covers = append(m.Covers, p)
}

// describe fills in the project of m from the pyproject.toml in dir.
func (r *reading) describe(m *lockfile.Manifest, dir string) {
	if p := r.projects[dir]; p != nil && p.name != "" {
		m.Project, m.ProjectLicence = p.purl(), p.licence
	}
}

func noteLocal(m *lockfile.Manifest, n int) {
	if n > 0 {
		m.Notes = append(m.Notes, lockfile.Note{Reason: fmt.Sprintf("packages of this project, not dependencies: %d", n)})
	}
}
