// Package bundler reads what Ruby projects use: Gemfile.lock for versions and
// edges, the Gemfile beside it for groups, and gemspecs for declared ranges.
//
// Gemfile and gemspec are Ruby programs. They are not run; a careful reader
// takes the calls with literal arguments (gem, group, gemspec, add_dependency)
// and leaves the rest alone.
//
// A lock has one entry for each platform of a gem; they are one use. Gems from
// a path inside the tree are part of the project, no dependencies.
//
// Sources: Bundler's lockfile format as its LockfileParser reads it, and
// gemfile(5) at https://bundler.io/man/gemfile.5.html.
package bundler

import (
	"path"
	"slices"
	"strings"

	"steward/internal/format/lockfile"
)

// Reader reads Gemfile.lock, Gemfile and gemspecs.
func Reader() lockfile.Reader {
	return lockfile.Reader{
		Ecosystem: "gem",
		Name:      "Bundler",
		Languages: []string{"Ruby"},
		Wants:     wants,
		Within:    read,
	}
}

func wants(p string) bool { return isLock(p) || isGemfile(p) || isGemspec(p) }

func isLock(p string) bool {
	base := path.Base(p)
	return base == "Gemfile.lock" || base == "gems.locked" || strings.HasSuffix(base, ".gemfile.lock")
}

func isGemfile(p string) bool {
	base := path.Base(p)
	return base == "Gemfile" || base == "gems.rb" || strings.HasSuffix(base, ".gemfile")
}

func isGemspec(p string) bool { return strings.HasSuffix(p, ".gemspec") && path.Base(p) != ".gemspec" }

// gemfileOf is the Gemfile that a lock belongs to.
func gemfileOf(lock string) string {
	if dir, ok := strings.CutSuffix(lock, "gems.locked"); ok {
		return dir + "gems.rb"
	}
	return strings.TrimSuffix(lock, ".lock")
}

// reading is one pass over a tree.
type reading struct {
	files    lockfile.Files
	gemfiles map[string]*gemfile // by path
	specs    map[string][]*gemfile
	covered  map[string]bool
	resolved lockfile.Covered
	failures []lockfile.Failure
}

func read(files lockfile.Files, room *lockfile.Room) ([]lockfile.Manifest, []lockfile.Failure) {
	r := &reading{files: files, gemfiles: map[string]*gemfile{}, specs: map[string][]*gemfile{}, covered: map[string]bool{}, resolved: lockfile.Covered{}}
	for _, p := range files.Paths() {
		if !isGemfile(p) && !isGemspec(p) {
			continue
		}
		b, err := r.text(p)
		if err != nil {
			r.fail(p, err)
			continue
		}
		g := parseGemfile(p, string(b))
		if err := room.Hold(len(g.gems)); err != nil {
			r.fail(p, err)
			continue
		}
		r.gemfiles[p] = g
		if isGemspec(p) {
			r.specs[path.Dir(p)] = append(r.specs[path.Dir(p)], g)
		}
	}
	var manifests []lockfile.Manifest
	add := func(p string, m lockfile.Manifest, err error) {
		if err != nil {
			r.fail(p, err)
			return
		}
		manifests = room.Keep(manifests, m)
	}
	for _, p := range files.Paths() {
		if isLock(p) {
			m, err := r.lock(p)
			add(p, m, err)
			r.resolved.Add(m)
		}
	}
	for _, p := range files.Paths() {
		if g := r.gemfiles[p]; g != nil && (!r.covered[p] || r.resolved.Member(p) != nil) {
			m, err := declared(g)
			if by := r.resolved.Member(p); by != nil && err == nil {
				m = by.Member(m)
			}
			add(p, m, err)
		}
	}
	slices.SortStableFunc(manifests, func(a, b lockfile.Manifest) int { return strings.Compare(a.Path, b.Path) })
	slices.SortStableFunc(r.failures, func(a, b lockfile.Failure) int { return strings.Compare(a.Path, b.Path) })
	return manifests, r.failures
}

func (r *reading) text(p string) ([]byte, error) {
	b, err := r.files.ReadFile(p)
	if err != nil {
		return nil, err
	}
	return lockfile.Text(b)
}

func (r *reading) fail(p string, err error) { r.failures = append(r.failures, lockfile.Fail(p, err)) }
