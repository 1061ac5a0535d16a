package bundler

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/purl"
)

// lock is a Gemfile.lock while it is being read.
type lock struct {
	specs  []spec
	byName map[string][]int
	direct []dependency // DEPENDENCIES
}

// spec is one entry under specs: a gem in one version for one platform.
type spec struct {
	use       lockfile.Use
	local     bool
	member    bool // local, in a folder of its own whose gemspec is read as well
	dependsOn []string
}

// dependency is one line of DEPENDENCIES.
type dependency struct{ name, req string }

// source is what stands above the specs of a section.
type source struct {
	kind             string // GEM, GIT, PATH, PLUGIN SOURCE
	remote, revision string
}

// lock reads one Gemfile.lock with what the Gemfile and the gemspecs of its
// project say.
func (r *reading) lock(p string) (lockfile.Manifest, error) {
	m := lockfile.Manifest{Path: p, Format: path.Base(p), Ecosystem: "gem", Lock: true, HasEdges: true}
	b, err := r.text(p)
	if err != nil {
		return m, err
	}
	l, err := parseLock(string(b), path.Dir(p))
	if err != nil {
		return m, err
	}
	local := 0
	var specDirs []string
	for i := range l.specs {
		if s := &l.specs[i]; s.local {
			local++
			dir := path.Join(path.Dir(p), s.use.From)
			s.member = dir != path.Dir(p) && len(r.specs[dir]) > 0
			if !slices.Contains(specDirs, dir) {
				specDirs = append(specDirs, dir)
			}
		}
	}
	if len(specDirs) > maxSame {
		specDirs = specDirs[:maxSame]
	}
	g := r.gemfiles[gemfileOf(p)]
	if g != nil {
		r.cover(&m, g.path)
	} else {
		m.Notes = append(m.Notes, lockfile.Note{Reason: "no Gemfile is read with this lock: groups are not known, and everything is taken for production"})
	}
	for _, dir := range specDirs {
		for _, s := range r.specs[dir] {
			r.cover(&m, s.path)
			if dir == path.Dir(p) && s.name != "" {
				m.Project, m.ProjectLicence = purl.New("gem", "", s.name, s.version), s.licence
			}
		}
	}
	l.declare(g)
	if local > 0 {
		m.Notes = append(m.Notes, lockfile.Note{Reason: fmt.Sprintf("gems of this project, not dependencies: %d", local)})
	}
	m.Uses, err = l.collect()
	return m, err
}

func (r *reading) cover(m *lockfile.Manifest, p string) {
	if !r.covered[p] {
		r.covered[p] = true
		m.Covers = append(m.Covers, p)
	}
}

// parseLock reads the sections of a lock. What stands under a heading that is
// not known is left alone, as Bundler does.
func parseLock(text, dir string) (*lock, error) {
	l := &lock{byName: map[string][]int{}}
	section, inSpecs, known := "", false, false
	var from source
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, " \t\r\n")
		if line == "" {
			continue
		}
		body := strings.TrimLeft(line, " ")
		indent := len(line) - len(body)
		if indent == 0 {
			section, inSpecs, from = line, false, source{kind: line}
			known = known || section == "GEM" || section == "GIT" || section == "PATH" || section == "DEPENDENCIES"
			continue
		}
		switch section {
		case "GEM", "GIT", "PATH", "PLUGIN SOURCE":
			switch {
			case indent == 2 && body == "specs:":
				inSpecs = true
			case indent == 2 && !inSpecs:
				from.set(body)
			case indent == 4 && inSpecs && len(l.specs) > lockfile.MaxUses:
				return nil, &lockfile.LineError{Line: n, Err: lockfile.ErrTooLarge}
			case indent == 4 && inSpecs:
				if !l.addSpec(body, from, dir, n) {
					return nil, &lockfile.LineError{Line: n, Err: fmt.Errorf("%w: a gem without a version", lockfile.ErrSyntax)}
				}
			case indent == 6 && inSpecs && len(l.specs) > 0:
				name, _, _ := nameAndVersion(body)
				last := &l.specs[len(l.specs)-1]
				last.dependsOn = append(last.dependsOn, name)
			}
		case "DEPENDENCIES":
			if indent == 2 {
				name, req, _ := nameAndVersion(body)
				l.direct = append(l.direct, dependency{strings.TrimSuffix(name, "!"), req})
			}
		}
	}
	if !known {
		return nil, fmt.Errorf("%w: none of the sections of a lock file of Bundler", lockfile.ErrSyntax)
	}
	return l, nil
}

func (s *source) set(body string) {
	key, value, _ := strings.Cut(body, ":")
	value = strings.TrimSpace(value)
	switch key {
	case "remote":
		s.remote = value
	case "revision":
		s.revision = value
	}
}

// addSpec adds "name (version-platform)".
func (l *lock) addSpec(body string, from source, dir string, line int) bool {
	name, version, ok := nameAndVersion(body)
	if !ok || version == "" {
		return false
	}
	version, _, _ = strings.Cut(version, "-") // a version has no dash: a platform follows
	s := spec{use: lockfile.Use{Package: purl.New("gem", "", name, version), Line: line}}
	switch from.kind {
	case "GIT":
		s.use.Origin, s.use.From = lockfile.Git, lockfile.Address(from.remote)
		if from.revision != "" {
			s.use.From += "#" + from.revision
		}
	case "PATH":
		s.use.Origin, s.use.From = lockfile.Path, from.remote
		s.local = inTree(dir, from.remote)
	case "PLUGIN SOURCE":
		s.use.Origin, s.use.From = lockfile.URL, lockfile.Address(from.remote)
	}
	if len(l.byName[name]) < maxSame {
		l.byName[name] = append(l.byName[name], len(l.specs))
	}
	l.specs = append(l.specs, s)
	return true
}

// maxSame bounds the platforms of one gem, and the gems of one project, that
// are looked at.
const maxSame = 50

// nameAndVersion splits "name (what)" with an optional ! at its end.
func nameAndVersion(body string) (name, in string, ok bool) {
	name, rest, found := strings.Cut(body, " (")
	if !found {
		return strings.TrimSuffix(body, "!"), "", true
	}
	in, _, ok = strings.Cut(rest, ")")
	return name, in, ok
}

// inTree says whether a path as written in a file of dir leads into the tree.
func inTree(dir, target string) bool {
	if path.IsAbs(target) || strings.HasPrefix(target, "~") || len(target) > 1 && target[1] == ':' {
		return false
	}
	joined := path.Join(dir, target)
	return joined != ".." && !strings.HasPrefix(joined, "../")
}

// declare marks what is direct, with the scope of its groups in the Gemfile.
// What the Gemfile does not name comes from a gemspec: what the project's own
// gem needs is production, and the rest are its development dependencies.
func (l *lock) declare(g *gemfile) {
	for _, s := range l.specs {
		if s.local {
			for _, name := range s.dependsOn {
				l.mark(name, "", lockfile.Production, s.member)
			}
		}
	}
	for _, d := range l.direct {
		scope := lockfile.Production
		if g != nil {
			if named, ok := g.scope(d.name); ok {
				scope = named
			} else if g.gemspec {
				scope = lockfile.Development
			}
		}
		l.mark(d.name, d.req, scope, false)
	}
}

func (l *lock) mark(name, req string, scope lockfile.Scope, member bool) {
	for _, i := range l.byName[name] {
		u := &l.specs[i].use
		u.Direct = u.Direct || !member
		u.ByMember = !u.Direct
		u.Scope = lockfile.Stronger(u.Scope, scope)
		if req != "" {
			u.Requirement = req
		}
	}
}

func (l *lock) collect() ([]lockfile.Use, error) {
	var uses lockfile.Collector
	numbers := make([]int, len(l.specs))
	for i, s := range l.specs {
		numbers[i] = -1
		if !s.local {
			numbers[i] = uses.Add(s.use)
		}
	}
	for i, s := range l.specs {
		for _, name := range s.dependsOn {
			for _, to := range l.byName[name] {
				uses.Edge(numbers[i], numbers[to])
			}
		}
	}
	out, err := uses.Uses()
	lockfile.SpreadScopes(out)
	return out, err
}
