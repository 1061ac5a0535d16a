package python

import (
	"path"

	"steward/internal/format/lockfile"
	"steward/internal/format/lockfile/toml"
	"steward/internal/format/purl"
)

// poetry reads poetry.lock. It does not name the project: what is direct comes
// from pyproject.toml. The scope is said by category (poetry 1), by groups
// (from 2.1) or not at all.
func (r *reading) poetry(root *toml.Value, g *graph, m *lockfile.Manifest) error {
	all, err := packages(root, "package")
	if err != nil {
		return err
	}
	dir := path.Dir(m.Path)
	local := 0
	g.stated = len(all) > 0
	for _, e := range all {
		rel := release{use: lockfile.Use{
			Package: purl.New("pypi", "", e.Get("name").Str(), e.Get("version").Str()), Line: e.Line(),
		}}
		if at := poetrySource(e.Get("source"), &rel.use); at != "" && inTree(dir, at) {
			rel.local, rel.member = true, r.isMember(dir, at)
			local++
			r.cover(m, path.Join(dir, at, "pyproject.toml"))
		}
		rel.use.Scope = poetryScope(e)
		g.stated = g.stated && rel.use.Scope != ""
		for _, d := range e.Get("dependencies").Entries() {
			rel.dependsOn = append(rel.dependsOn, reference{name: key(d.Key)})
		}
		g.add(rel)
	}
	if !g.stated {
		for i := range g.releases {
			g.releases[i].use.Scope = ""
		}
	}
	r.declareFrom(g, m, dir)
	noteLocal(m, local)
	return nil
}

// poetryScope is what the lock says about one package, or empty.
func poetryScope(e *toml.Value) lockfile.Scope {
	scope := lockfile.Scope("")
	if groups := e.Get("groups"); groups != nil {
		for _, group := range groups.Items() {
			s := groupScope(group.Str())
			if group.Str() == "main" {
				s = lockfile.Production
			}
			scope = lockfile.Stronger(scope, s)
		}
	} else if category := e.Get("category").Str(); category != "" {
		scope = groupScope(category)
		if category == "main" {
			scope = lockfile.Production
		}
	}
	if scope == lockfile.Production && e.Get("optional").True() {
		scope = lockfile.Optional
	}
	return scope
}

// poetrySource fills in where a package comes from and returns the directory
// of one that is built from a directory.
func poetrySource(source *toml.Value, u *lockfile.Use) (directory string) {
	at := source.Get("url").Str()
	switch source.Get("type").Str() {
	case "git":
		u.Origin, u.From = lockfile.Git, lockfile.Address(at)
		if commit := source.Get("resolved_reference").Str(); commit != "" {
			u.From += "#" + commit
		}
	case "url":
		u.Origin, u.From = lockfile.URL, lockfile.Address(at)
	case "file":
		u.Origin, u.From = lockfile.Path, at
	case "directory":
		u.Origin, u.From = lockfile.Path, at
		return at
	}
	return ""
}

// declareFrom marks what the pyproject.toml beside a lock declares.
func (r *reading) declareFrom(g *graph, m *lockfile.Manifest, dir string) {
	r.cover(m, path.Join(dir, "pyproject.toml"))
	r.describe(m, dir)
	g.declareLocal()
	p := r.projects[dir]
	if p == nil {
		g.declared = false
		m.Notes = append(m.Notes, lockfile.Note{Reason: "no pyproject.toml is read with this lock: packages that no other needs are taken for direct ones"})
		return
	}
	g.declared = g.declared || len(p.declared) > 0
	for _, d := range p.declared {
		g.declare(d, "", false)
	}
}

// pdm reads pdm.lock. A package with extras has an entry for them apart, which
// merges with its own.
func (r *reading) pdm(root *toml.Value, g *graph, m *lockfile.Manifest) error {
	all, err := packages(root, "package")
	if err != nil {
		return err
	}
	dir := path.Dir(m.Path)
	p := r.projects[dir]
	local := 0
	g.stated = len(all) > 0
	for _, e := range all {
		rel := release{use: lockfile.Use{
			Package: purl.New("pypi", "", e.Get("name").Str(), e.Get("version").Str()), Line: e.Line(),
		}}
		if at := pdmSource(e, &rel.use); at != "" && inTree(dir, at) {
			rel.local, rel.member = true, r.isMember(dir, at)
			local++
		}
		for _, group := range e.Get("groups").Items() {
			rel.use.Scope = lockfile.Stronger(rel.use.Scope, p.scopeOf(group.Str()))
		}
		g.stated = g.stated && rel.use.Scope != ""
		for _, s := range e.Get("dependencies").Items() {
			if d, ok := parseRequirement(s.Str()); ok {
				rel.dependsOn = append(rel.dependsOn, reference{name: key(d.name), version: d.version})
			}
		}
		g.add(rel)
	}
	if !g.stated {
		for i := range g.releases {
			g.releases[i].use.Scope = ""
		}
	}
	r.declareFrom(g, m, dir)
	noteLocal(m, local)
	return nil
}

func pdmSource(e *toml.Value, u *lockfile.Use) (directory string) {
	switch {
	case e.Get("git") != nil:
		u.Origin, u.From = lockfile.Git, lockfile.Address(e.Get("git").Str())
		if commit := e.Get("revision").Str(); commit != "" {
			u.From += "#" + commit
		}
	case e.Get("url") != nil:
		u.Origin, u.From = lockfile.URL, lockfile.Address(e.Get("url").Str())
	case e.Get("path") != nil:
		u.Origin, u.From = lockfile.Path, e.Get("path").Str()
		if !isArchive(u.From) {
			return u.From
		}
	}
	return ""
}

// pylock reads pylock.toml (PEP 751). Its edges are informative and may be
// left out; it has no scopes.
func (r *reading) pylock(root *toml.Value, g *graph, m *lockfile.Manifest) error {
	all, err := packages(root, "packages")
	if err != nil {
		return err
	}
	dir := path.Dir(m.Path)
	local, edges := 0, false
	for _, e := range all {
		rel := release{use: lockfile.Use{
			Package: purl.New("pypi", "", e.Get("name").Str(), e.Get("version").Str()), Line: e.Line(),
		}}
		vcs, at := e.Get("vcs"), e.Get("directory", "path").Str()
		switch {
		case vcs != nil:
			rel.use.Origin, rel.use.From = lockfile.Git, lockfile.Address(vcs.Get("url").Str())
			if commit := vcs.Get("commit-id").Str(); commit != "" {
				rel.use.From += "#" + commit
			}
		case at != "":
			rel.use.Origin, rel.use.From = lockfile.Path, at
			if rel.local = inTree(dir, at); rel.local {
				local++
			}
		case e.Get("archive", "url").Str() != "":
			rel.use.Origin, rel.use.From = lockfile.URL, lockfile.Address(e.Get("archive", "url").Str())
		case e.Get("archive", "path").Str() != "":
			rel.use.Origin, rel.use.From = lockfile.Path, e.Get("archive", "path").Str()
		}
		rel.dependsOn = uvReferences(e.Get("dependencies"))
		edges = edges || len(rel.dependsOn) > 0
		g.add(rel)
	}
	m.HasEdges = edges
	if r.projects[dir] == nil && !edges {
		g.declared = true // nobody says what is direct, and everything would be
		m.Notes = append(m.Notes, lockfile.Note{Reason: "the lock has no edges and no pyproject.toml is read with it: what is direct is not known"})
		return nil
	}
	r.declareFrom(g, m, dir)
	noteLocal(m, local)
	return nil
}
