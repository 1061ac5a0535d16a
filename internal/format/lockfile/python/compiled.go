package python

import (
	"path"
	"strings"

	"steward/internal/format/lockfile"
)

// viaProject says whether a "via" comment names the project and not a package.
func viaProject(via string) bool {
	return strings.HasPrefix(via, "-") || strings.HasSuffix(via, ")") || strings.Contains(via, "/")
}

// linkVia turns "x # via y" into the edge from y to x.
func (g *graph) linkVia(l *list) {
	edges := 0
	for _, e := range l.entries {
		for _, via := range e.via {
			if viaProject(via) {
				continue
			}
			via, _, _ = strings.Cut(via, "[")
			for _, from := range g.find(reference{name: key(via)}) {
				if edges++; edges > maxEdges {
					g.full = true
					return
				}
				g.releases[from].dependsOn = append(g.releases[from].dependsOn, reference{name: key(e.name), version: e.version})
			}
		}
	}
}

// compiledFrom says whether l is the source of a compiled list beside it.
func (r *reading) compiledFrom(l *list) bool {
	stem, ok := strings.CutSuffix(l.path, ".in")
	if !ok {
		return false
	}
	out := r.lists[stem+".txt"]
	return out != nil && out.compiled
}

// sourcesOf returns what the sources of a compiled list declare: the .in file
// of its name, or the pyproject.toml that its comments name.
func (r *reading) sourcesOf(l *list, m *lockfile.Manifest) []declaration {
	var out []declaration
	if in := r.lists[strings.TrimSuffix(l.path, ".txt")+".in"]; in != nil && in != l {
		r.cover(m, in.path)
		for _, e := range in.entries {
			e.scope = listScope(l.path)
			out = append(out, e.declaration)
		}
		return out
	}
	dir := path.Dir(l.path)
	if p := r.projects[dir]; p != nil && l.namesProject() {
		r.cover(m, path.Join(dir, "pyproject.toml"))
		r.describe(m, dir)
		for _, c := range m.Covers {
			r.covered[c] = true
		}
		out = p.declared
	}
	return out
}

func (l *list) namesProject() bool {
	for _, e := range l.entries {
		for _, via := range e.via {
			if strings.Contains(via, "pyproject.toml") {
				return true
			}
		}
	}
	return false
}
