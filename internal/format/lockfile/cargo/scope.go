package cargo

import (
	"strings"

	"steward/internal/format/lockfile"
)

// declareDirect marks what the crates of the tree name themselves, with the
// range and the scope of their Cargo.toml.
func (t *tree) declareDirect(l *lock) {
	own := map[int]int{}      // uses under the package's own name
	alias := map[int]string{} // and the last other name
	for i := range l.packages {
		k := &l.packages[i]
		if !k.local {
			continue
		}
		byName := map[string][]declaration{}
		if k.crate != nil {
			for _, d := range k.crate.dependencies {
				byName[d.name] = append(byName[d.name], d)
			}
		}
		times := map[string]int{}
		for _, to := range k.dependsOn {
			times[l.packages[to].name]++
		}
		for _, to := range k.dependsOn {
			dep := &l.packages[to]
			if dep.local {
				continue
			}
			if k.crate == nil || k.crate.dir == l.dir {
				dep.use.Direct = true
			} else {
				dep.use.ByMember = true
			}
			declarations := byName[dep.name]
			if len(declarations) == 0 {
				dep.use.Scope = lockfile.Stronger(lockfile.Production, dep.use.Scope)
			}
			for _, d := range declarations {
				if times[dep.name] > 1 && !compatible(d.req, dep.version) {
					continue
				}
				if d.alias == "" {
					own[to]++
				} else {
					alias[to] = d.alias
				}
				dep.declare(d)
			}
			if dep.use.Scope == "" { // of several versions none fits its range: a build of a branch, say
				dep.use.Scope = lockfile.Production
			}
		}
	}
	for to, name := range alias {
		if own[to] == 0 {
			l.packages[to].use.Alias = name
		}
	}
}

// declare adds one declaration to a direct use; the range of the strongest
// scope stays.
func (k *locked) declare(d declaration) {
	stronger := k.use.Scope == "" || k.use.Scope != d.scope && lockfile.Stronger(k.use.Scope, d.scope) == d.scope
	if stronger {
		k.use.Scope = d.scope
	}
	if d.req != "" && (stronger || k.use.Requirement == "") {
		k.use.Requirement = d.req
	}
}

// compatible says whether a range can mean a version, which is only asked when
// a crate uses several versions of one package. It compares what cargo's caret
// rule compares: the numbers up to the first that is not zero.
func compatible(req, version string) bool {
	req = strings.TrimLeft(req, "^~=<> v")
	want, have := strings.Split(req, "."), strings.Split(version, ".")
	for i := range min(len(want), len(have), 3) {
		w := strings.TrimFunc(want[i], func(r rune) bool { return r < '0' || r > '9' })
		if w == "" { // "*"
			return true
		}
		if w != have[i] {
			return false
		}
		if w != "0" {
			return true
		}
	}
	return true
}
