// Package npm reads what JavaScript projects say about their dependencies:
// package.json, and the locks of npm (package-lock.json and
// npm-shrinkwrap.json v1 to v3), Yarn (classic and Berry), pnpm (v5 to v9)
// and Bun (text).
//
// A lock covers the package.json beside it and those of the workspace members
// that it names; they are not returned a second time. Versions come from the
// lock; directness and ranges from the declarations, which npm and pnpm repeat
// in their locks and Yarn does not.
package npm

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"steward/internal/format/lockfile"
)

const ecosystem = "npm"

// lockNames are the locks, in the order in which they are asked. Of the two
// npm locks in one folder the shrinkwrap alone counts, as for npm itself.
var lockNames = []string{"npm-shrinkwrap.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"}

// Reader returns the reader of JavaScript manifests.
func Reader() lockfile.Reader {
	return lockfile.Reader{
		Ecosystem: ecosystem, Name: "npm",
		Languages: []string{"JavaScript", "TypeScript", "JSX", "TSX", "Vue", "Svelte", "Astro", "CoffeeScript"},
		Wants:     wants, Within: read,
	}
}

func wants(p string) bool {
	base := path.Base(p)
	if base != "package.json" && base != "pnpm-workspace.yaml" && !slices.Contains(lockNames, base) {
		return false
	}
	for _, folder := range strings.Split(path.Dir(p), "/") {
		switch folder {
		case "node_modules", "bower_components", "jspm_packages", ".yarn", ".pnpm-store", ".git":
			return false // installed packages, not the project
		}
	}
	return true
}

// tree is one reading: the files, and what was read of them so far.
type tree struct {
	files      lockfile.Files
	has        map[string]bool
	room       *lockfile.Room
	paths      []string
	projects   map[string]*project   // by path of package.json; nil when unreadable
	workspaces map[string]*workspace // by folder; nil when it is no root
	covered    lockfile.Covered
	manifests  []lockfile.Manifest
	failures   []lockfile.Failure
}

func read(files lockfile.Files, room *lockfile.Room) ([]lockfile.Manifest, []lockfile.Failure) {
	t := &tree{files: files, room: room, has: map[string]bool{}, projects: map[string]*project{}, workspaces: map[string]*workspace{}, covered: lockfile.Covered{}}
	for _, p := range files.Paths() {
		if wants(p) {
			t.paths = append(t.paths, p)
			t.has[p] = true
		}
	}
	for _, p := range t.paths {
		if base := path.Base(p); base == "package.json" || base == "pnpm-workspace.yaml" {
			continue
		}
		if m, err := t.lock(p); err != nil {
			t.failures = append(t.failures, lockfile.Fail(p, err))
		} else if m != nil {
			slices.Sort(m.Covers)
			m.Covers = slices.Compact(m.Covers)
			t.covered.Add(*m)
			t.manifests = t.room.Keep(t.manifests, *m)
		}
	}
	t.readProjects()
	slices.SortStableFunc(t.manifests, func(a, b lockfile.Manifest) int { return strings.Compare(a.Path, b.Path) })
	slices.SortStableFunc(t.failures, func(a, b lockfile.Failure) int { return strings.Compare(a.Path, b.Path) })
	return t.manifests, t.failures
}

var errBinary = errors.New("binary lock of Bun is not read: run bun install --save-text-lockfile and commit bun.lock")

// lock reads one lock file; nil without an error when another replaces it.
func (t *tree) lock(p string) (*lockfile.Manifest, error) {
	dir, base := path.Dir(p), path.Base(p)
	switch {
	case base == "package-lock.json" && t.has[path.Join(dir, "npm-shrinkwrap.json")],
		base == "bun.lockb" && t.has[path.Join(dir, "bun.lock")]:
		return nil, nil
	case base == "bun.lockb":
		return nil, errBinary
	}
	b, err := t.files.ReadFile(p)
	if err != nil {
		return nil, err
	}
	beside := t.project(path.Join(dir, "package.json"))
	var m lockfile.Manifest
	switch base {
	case "yarn.lock":
		m, err = t.yarn(p, b)
	case "pnpm-lock.yaml":
		m, err = t.pnpm(p, b)
	case "bun.lock":
		m, err = t.bun(p, b)
	default:
		var l *packageLock
		if l, err = parsePackageLock(b); err == nil {
			m, err = l.manifest(p, beside, func(p string) bool { return t.has[p] })
		}
	}
	if err != nil {
		return nil, err
	}
	return &m, nil
}

// project returns what a package.json says, nil when there is none or it does
// not parse; the failure is recorded once.
func (t *tree) project(p string) *project {
	if known, ok := t.projects[p]; ok || !t.has[p] {
		return known
	}
	var parsed *project
	b, err := t.files.ReadFile(p)
	if err == nil {
		parsed, err = parseProject(p, b)
	}
	if err == nil {
		err = t.room.Hold(len(parsed.deps))
	}
	if err != nil {
		parsed = nil
		if !errors.Is(err, fs.ErrNotExist) {
			t.failures = append(t.failures, lockfile.Fail(p, err))
		}
	}
	t.projects[p] = parsed
	return parsed
}

// readProjects reads every package.json that is not told by the lock beside it.
func (t *tree) readProjects() {
	var rest []string
	for _, p := range t.paths {
		if path.Base(p) == "package.json" && (t.covered[p] == nil || t.covered.Member(p) != nil) && t.project(p) != nil {
			rest = append(rest, p)
		}
	}
	for _, p := range rest {
		root := t.workspaceOf(t.projects[p])
		m, err := t.projects[p].manifest(p, t.memberNames(root), root.catalogMap(), t.whyUnresolved(p))
		if err != nil {
			t.failures = append(t.failures, lockfile.Fail(p, err))
			continue
		}
		if by := t.covered.Member(p); by != nil {
			m = by.Member(m)
		}
		t.manifests = t.room.Keep(t.manifests, m)
	}
}

func (t *tree) whyUnresolved(p string) string {
	for _, name := range lockNames {
		if t.has[path.Join(path.Dir(p), name)] {
			return "the lock beside it could not be read: ranges are not resolved and transitive dependencies are unknown"
		}
	}
	return "no lock file: ranges are not resolved and transitive dependencies are unknown"
}
