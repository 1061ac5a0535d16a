package cargo

import (
	"path"
	"strings"

	"steward/internal/format/lockfile"
)

// feature is one feature of one crate of the tree.
type feature struct {
	crate *crate
	name  string
}

// enableFeatures follows what is on without being asked for: the default
// feature of every crate, the features that crates of the tree ask of each
// other, and what those turn on. Optional dependencies that stay off get the
// scope Optional.
func (t *tree) enableFeatures() {
	local := map[feature]*crate{} // crate and key of a dependency → crate of the tree
	var todo []feature
	for _, c := range t.order {
		c.enabled = map[string]bool{}
		todo = append(todo, feature{c, "default"})
		for _, d := range c.dependencies {
			if to := t.crates[path.Join(d.base, d.path)]; d.path != "" && to != nil {
				local[feature{c, d.key}] = to
				for _, f := range d.features {
					todo = append(todo, feature{to, f})
				}
			}
		}
	}
	for len(todo) > 0 {
		on := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if on.crate.enabled[on.name] {
			continue
		}
		on.crate.enabled[on.name] = true
		for _, item := range on.crate.root.Get("features", on.name).Items() {
			// "dep:x" turns on a dependency, "x/f" that and a feature of it,
			// "x?/f" the feature alone.
			name := strings.TrimPrefix(item.Str(), "dep:")
			dependency, of, ok := strings.Cut(name, "/")
			weak := strings.HasSuffix(dependency, "?")
			dependency = strings.TrimSuffix(dependency, "?")
			if to := local[feature{on.crate, dependency}]; ok && to != nil {
				todo = append(todo, feature{to, of})
			}
			if !weak {
				todo = append(todo, feature{on.crate, dependency})
			}
		}
	}
	for _, c := range t.order {
		for i := range c.dependencies {
			if d := &c.dependencies[i]; d.optional && d.scope == lockfile.Production && !c.enabled[d.key] {
				d.scope = lockfile.Optional
			}
		}
	}
}
