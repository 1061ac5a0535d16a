package reading

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"steward/internal/format/lockfile"
)

// Summary is what `steward scan` shows of packages. A package counts once,
// whatever number of manifests and versions it is used in; releases are
// packages with their version. Test data and examples are left out.
type Summary struct {
	Manifests  int            `json:"manifests"`
	Packages   int            `json:"packages"`
	Releases   int            `json:"releases"` // distinct packages with versions
	Direct     int            `json:"direct"`   // packages that some manifest names itself
	Ecosystems map[string]int `json:"ecosystems"`
	Scopes     map[string]int `json:"scopes"`     // packages by the strongest scope in which they are used
	Unpinned   int            `json:"unpinned"`   // packages of which somewhere only a range is known
	Unresolved int            `json:"unresolved"` // manifests whose list is not complete
	Fixtures   int            `json:"fixtures"`   // manifests of test data and examples, not counted above
}

// Summary counts what was read.
func (r *Reading) Summary() Summary {
	s := Summary{Ecosystems: map[string]int{}, Scopes: map[string]int{}}
	type one struct {
		direct, unpinned bool
		scope            lockfile.Scope
		ecosystem        string
	}
	packages, releases := map[string]*one{}, map[string]bool{}
	for _, m := range r.Manifests {
		if m.Fixture {
			s.Fixtures++
			continue
		}
		s.Manifests++
		if m.Unresolved != "" {
			s.Unresolved++
		}
		for _, u := range m.Uses {
			key := u.Package.Package().String()
			p := packages[key]
			if p == nil {
				p = &one{scope: u.Scope, ecosystem: u.Package.Type}
				packages[key] = p
			}
			p.direct = p.direct || u.Direct
			p.scope = lockfile.Stronger(p.scope, u.Scope)
			if u.Package.Version == "" {
				p.unpinned = true
			} else {
				releases[u.Package.String()] = true
			}
		}
	}
	s.Packages, s.Releases = len(packages), len(releases)
	for _, p := range packages {
		s.Ecosystems[p.ecosystem]++
		s.Scopes[string(p.scope)]++
		if p.direct {
			s.Direct++
		}
		if p.unpinned {
			s.Unpinned++
		}
	}
	return s
}

// Lines gives label and text pairs for people.
func (s Summary) Lines() [][2]string {
	if s.Manifests == 0 {
		return nil
	}
	var names []string
	for _, e := range slices.SortedFunc(maps.Keys(s.Ecosystems), func(a, b string) int {
		return cmp.Or(cmp.Compare(s.Ecosystems[b], s.Ecosystems[a]), cmp.Compare(a, b))
	}) {
		names = append(names, fmt.Sprintf("%s %d", EcosystemName(e), s.Ecosystems[e]))
	}
	lines := [][2]string{{"Packages", fmt.Sprintf("%d (%s) in %d releases, from %s", s.Packages, strings.Join(names, ", "), s.Releases, Counted(s.Manifests, "manifest"))}}
	if s.Packages == 0 {
		lines[0][1] = "none, in " + Counted(s.Manifests, "manifest")
		return lines
	}
	lines = append(lines, [2]string{"How", fmt.Sprintf("%d direct, %d through others", s.Direct, s.Packages-s.Direct)})
	var scopes []string
	for _, scope := range ScopeOrder {
		if n := s.Scopes[scope]; n > 0 {
			scopes = append(scopes, fmt.Sprintf("%d %s", n, scope))
		}
	}
	lines = append(lines, [2]string{"Scope", strings.Join(scopes, ", ")})
	var open []string
	if s.Unresolved > 0 {
		open = append(open, fmt.Sprintf("%s not wholly known", Counted(s.Unresolved, "manifest")))
	}
	if s.Unpinned > 0 {
		open = append(open, fmt.Sprintf("%s by a range only", Counted(s.Unpinned, "package")))
	}
	if len(open) > 0 {
		lines = append(lines, [2]string{"Unresolved", strings.Join(open, ", ")})
	}
	return lines
}

// ScopeOrder lists the scopes, the strongest first.
var ScopeOrder = []string{string(lockfile.Production), string(lockfile.Optional), string(lockfile.Development), string(lockfile.Test)}

// Counted writes a number with its noun: "1 manifest", "2 manifests".
func Counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// EcosystemNames are the names that people use for types of package URLs.
var EcosystemNames = map[string]string{
	"npm": "npm", "golang": "Go", "cargo": "Cargo", "maven": "Maven", "pypi": "Python", "nuget": "NuGet", "composer": "Composer", "gem": "RubyGems",
	"deb": "Debian", "rpm": "RPM", "apk": "Alpine", "github": "GitHub", "generic": "other",
}

// EcosystemName is what people call the ecosystem of a package URL type.
func EcosystemName(typ string) string {
	if name, ok := EcosystemNames[typ]; ok {
		return name
	}
	return typ
}
