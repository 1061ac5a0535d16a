package python

import (
	"path"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/lockfile/toml"
)

// pipfileScope is the scope of a category, as Pipfile or Pipfile.lock name it.
func pipfileScope(category string) lockfile.Scope {
	switch category {
	case "default", "packages":
		return lockfile.Production
	}
	return groupScope(strings.TrimSuffix(category, "-packages"))
}

// pipfileDeclared reads the categories of a Pipfile.
func (r *reading) pipfileDeclared(p string) ([]declaration, error) {
	root, err := r.toml(p)
	if err != nil {
		return nil, err
	}
	var out []declaration
	for _, table := range root.Entries() {
		switch table.Key {
		case "source", "requires", "scripts", "pipenv", "build-system":
			continue
		}
		for _, e := range table.Value.Entries() {
			d := declaration{name: e.Key, scope: pipfileScope(table.Key), line: e.Line, req: e.Value.Str()}
			if e.Value.Kind() == toml.Table {
				d.req = e.Value.Get("version").Str()
				poetryPlace(&d, e.Value)
				if ref := e.Value.Get("ref").Str(); ref != "" && d.origin == lockfile.Git {
					d.from += "#" + ref
				}
				if file := e.Value.Get("file").Str(); file != "" {
					d.place(file)
				}
			}
			d.version = pinned(strings.Join(strings.Fields(d.req), ""))
			out = append(out, d)
		}
	}
	return out, nil
}

// pipfile is the manifest of a Pipfile without a lock.
func (r *reading) pipfile(p string) {
	m := lockfile.Manifest{Path: p, Format: "Pipfile", Ecosystem: "pypi"}
	declared, err := r.pipfileDeclared(p)
	if err == nil {
		err = fillDeclared(&m, declared)
	}
	if err != nil {
		r.fail(p, err)
		return
	}
	if len(m.Uses) > 0 {
		m.Unresolved = "no Pipfile.lock covers this file: transitive dependencies are unknown; commit what \"pipenv lock\" writes"
	}
	r.manifests = r.room.Keep(r.manifests, m)
}

// pipfileLock reads Pipfile.lock. It has categories and no edges.
func (r *reading) pipfileLock(p string) {
	b, err := r.text(p)
	if err != nil {
		r.fail(p, err)
		return
	}
	m := lockfile.Manifest{Path: p, Format: "Pipfile.lock", Ecosystem: "pypi", Lock: true}
	dir := path.Dir(p)
	g := newGraph()
	g.declared, g.stated = true, true
	local := 0
	j := lockfile.NewJSON(b)
	j.Object(func(category string) {
		if category == "_meta" {
			return
		}
		j.Object(func(name string) {
			line := j.Line()
			d := readPipfileEntry(j, name)
			if d.local && inTree(dir, d.from) {
				local++
				return
			}
			u := d.use()
			u.Requirement, u.Direct, u.Line, u.Scope = "", false, line, pipfileScope(category)
			g.add(release{use: u})
		})
	})
	if err := j.End(); err != nil {
		r.fail(p, err)
		return
	}
	if beside := path.Join(dir, "Pipfile"); r.has(beside) {
		r.cover(&m, beside)
		r.covered[beside] = true
		declared, err := r.pipfileDeclared(beside)
		if err != nil {
			r.fail(beside, err)
		}
		for _, d := range declared {
			g.declare(d, "", false)
		}
	} else {
		m.Notes = append(m.Notes, lockfile.Note{Reason: "no Pipfile is read with this lock: what is direct is not known"})
	}
	noteLocal(&m, local)
	if m.Uses, err = g.collect(); err != nil {
		r.fail(p, err)
		return
	}
	r.manifests = r.room.Keep(r.manifests, m)
}

func readPipfileEntry(j *lockfile.JSON, name string) declaration {
	d := declaration{name: name}
	ref := ""
	if j.Kind() != '{' {
		d.version = pinned(j.String())
		return d
	}
	j.Object(func(field string) {
		switch field {
		case "version":
			d.version = pinned(strings.TrimSpace(j.String()))
		case "git":
			d.origin, d.from = lockfile.Git, lockfile.Address(strings.TrimPrefix(j.String(), "git+"))
		case "ref":
			ref = j.String()
		case "path", "file":
			d.place(j.String())
		}
	})
	if d.origin == lockfile.Git && ref != "" {
		d.from += "#" + ref
	}
	return d
}
