// Package python reads what Python projects use, from what their tools write:
//
//	uv.lock, poetry.lock, pdm.lock, pylock.toml   versions and edges; pyproject.toml beside
//	                                              them says what is direct and for what
//	Pipfile.lock, Pipfile                         versions without edges
//	requirements*.txt, *.in                       lists; one that pip-compile or uv wrote is a
//	                                              lock, its "via" comments are the edges
//	pyproject.toml, setup.cfg                     declared ranges
//	setup.py                                      the literals of its call of setup(); what the
//	                                              program computes is named as unresolved
//
// The project itself and packages whose source is a directory of the tree are
// no dependencies. Scopes come from where a package is declared: dependencies
// are production, extras optional, groups development or test by their name,
// and what they bring in follows them.
//
// Sources: PEP 508 (requirements), PEP 621 and 735 (pyproject.toml), PEP 751
// (pylock.toml), pip's "Requirements File Format", and the lock files as uv,
// poetry, pdm and pipenv write them.
package python

import (
	"path"
	"slices"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/lockfile/toml"
)

// Reader reads Python's manifests and locks.
func Reader() lockfile.Reader {
	return lockfile.Reader{
		Ecosystem: "pypi",
		Name:      "Python",
		Languages: []string{"Python", "Jupyter Notebook", "Cython"},
		Wants:     wants,
		Within:    read,
	}
}

func wants(p string) bool {
	base := path.Base(p)
	switch base {
	case "uv.lock", "poetry.lock", "pdm.lock", "Pipfile", "Pipfile.lock", "pyproject.toml", "setup.cfg", "setup.py":
		return true
	}
	return isPylock(base) || isRequirements(p)
}

// isPylock follows PEP 751: pylock.toml or pylock.<name>.toml.
func isPylock(base string) bool {
	return base == "pylock.toml" || strings.HasPrefix(base, "pylock.") && strings.HasSuffix(base, ".toml") && strings.Count(base, ".") == 2
}

// isRequirements follows the habit of naming: requirements.txt and everything
// with that word in it, and all lists in a folder of that name.
func isRequirements(p string) bool {
	base := strings.ToLower(path.Base(p))
	ext := path.Ext(base)
	if ext != ".txt" && ext != ".in" {
		return false
	}
	if strings.Contains(base, "requirement") || strings.HasPrefix(base, "constraints") {
		return true
	}
	return strings.HasSuffix(strings.ToLower(path.Base(path.Dir(p))), "requirements")
}

// reading is one pass over a tree.
type reading struct {
	files    lockfile.Files
	room     *lockfile.Room
	projects map[string]*project // of pyproject.toml, by directory
	lists    map[string]*list    // of requirements, by path
	covered  map[string]bool     // paths that a lock has resolved
	resolved lockfile.Covered    // what TOML locks cover
	// configured has the directories whose setup.cfg declares dependencies.
	configured map[string]bool
	manifests  []lockfile.Manifest
	failures   []lockfile.Failure
}

func read(files lockfile.Files, room *lockfile.Room) ([]lockfile.Manifest, []lockfile.Failure) {
	r := &reading{files: files, room: room, projects: map[string]*project{}, lists: map[string]*list{}, covered: map[string]bool{}, resolved: lockfile.Covered{}, configured: map[string]bool{}}
	for _, p := range files.Paths() {
		if path.Base(p) == "pyproject.toml" {
			r.readProject(p)
		}
	}
	// Locks first: they cover what the rest declares.
	for _, p := range files.Paths() {
		switch base := path.Base(p); {
		case base == "uv.lock":
			r.lock(p, "uv.lock", r.uv)
		case base == "poetry.lock":
			r.lock(p, "poetry.lock", r.poetry)
		case base == "pdm.lock":
			r.lock(p, "pdm.lock", r.pdm)
		case isPylock(base):
			r.lock(p, "pylock.toml", r.pylock)
		case base == "Pipfile.lock":
			r.pipfileLock(p)
		}
	}
	r.readLists()
	for _, p := range files.Paths() {
		if r.covered[p] && r.resolved.Member(p) == nil {
			continue
		}
		switch path.Base(p) {
		case "pyproject.toml":
			r.declaredProject(p)
		case "Pipfile":
			r.pipfile(p)
		case "setup.cfg":
			r.setupCfg(p)
		case "setup.py":
			r.setupPy(p)
		}
	}
	slices.SortStableFunc(r.manifests, func(a, b lockfile.Manifest) int { return strings.Compare(a.Path, b.Path) })
	slices.SortStableFunc(r.failures, func(a, b lockfile.Failure) int { return strings.Compare(a.Path, b.Path) })
	return r.manifests, r.failures
}

func (r *reading) text(p string) ([]byte, error) {
	b, err := r.files.ReadFile(p)
	if err != nil {
		return nil, err
	}
	return lockfile.Text(b)
}

func (r *reading) toml(p string, skip ...string) (*toml.Value, error) {
	b, err := r.text(p)
	if err != nil {
		return nil, err
	}
	return toml.Parse(b, skip...)
}

func (r *reading) fail(p string, err error) {
	r.failures = append(r.failures, lockfile.Fail(p, err))
}

func (r *reading) has(p string) bool {
	_, ok := slices.BinarySearch(r.files.Paths(), p)
	return ok
}

// lock reads one TOML lock: fill turns it into a graph and says in m what it
// covers.
func (r *reading) lock(p, format string, fill func(root *toml.Value, g *graph, m *lockfile.Manifest) error) {
	root, err := r.toml(p, "wheels", "files", "sdist", "hash", "hashes", "description")
	m := lockfile.Manifest{Path: p, Format: format, Ecosystem: "pypi", Lock: true, HasEdges: true}
	if err == nil {
		g := newGraph()
		if err = fill(root, g, &m); err == nil {
			m.Uses, err = g.collect()
		}
	}
	if err != nil {
		r.fail(p, err)
		return
	}
	r.resolved.Add(m)
	for _, c := range m.Covers {
		r.covered[c] = true
	}
	r.manifests = r.room.Keep(r.manifests, m)
}
