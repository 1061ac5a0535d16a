package gradle

import (
	"maps"
	"path"
	"slices"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/lockfile/gradle/script"
)

// build is every file of Gradle in one tree.
type build struct {
	scripts     map[string]*script.Script
	byFolder    map[string][]*script.Script // in the order of paths
	order       []*script.Script
	catalogues  map[string]*catalogue
	properties  map[string]map[string]string // by folder
	locks       map[string][]locked          // by path
	constants   map[string][]*script.Script  // Kotlin objects of buildSrc, by the folder that holds buildSrc
	folders     map[string]*folder
	offers      map[offerKey]*offer // what scripts give to those below
	precompiled map[string]bool     // plugins that the tree itself defines as scripts
	room        int                 // wishes that all scripts together may still have
	kept        *lockfile.Room
}

// maxWishes bounds what all scripts of a tree declare together: bundles and lists let a small
// tree ask for hundreds of millions.
const maxWishes = 5 * lockfile.MaxUses

func newBuild(kept *lockfile.Room) *build {
	return &build{
		scripts: map[string]*script.Script{}, byFolder: map[string][]*script.Script{}, catalogues: map[string]*catalogue{},
		properties: map[string]map[string]string{}, locks: map[string][]locked{}, constants: map[string][]*script.Script{},
		folders: map[string]*folder{}, offers: map[offerKey]*offer{}, precompiled: map[string]bool{},
		room: maxWishes, kept: kept,
	}
}

func (b *build) addScript(s *script.Script) {
	b.scripts[s.Path] = s
	b.order = append(b.order, s)
	dir := path.Dir(s.Path)
	b.byFolder[dir] = append(b.byFolder[dir], s)
	if strings.Contains(dir, "src/main/") {
		name := strings.TrimSuffix(strings.TrimSuffix(path.Base(s.Path), ".kts"), ".gradle")
		b.precompiled[name] = true
	}
}

// folderOf returns what scripts in dir see.
func (b *build) folderOf(dir string) *folder {
	if f, ok := b.folders[dir]; ok {
		return f
	}
	// From the top, so that a path of any depth needs no recursion.
	var up *folder
	for _, d := range ancestors(dir) {
		f, ok := b.folders[d]
		if !ok {
			f = &folder{dir: d, up: up, props: b.properties[d]}
			b.folders[d] = f
			b.fillFolder(f)
		}
		up = f
	}
	return up
}

func (b *build) fillFolder(f *folder) {
	seen := map[*script.Script]bool{}
	for _, s := range b.byFolder[f.dir] {
		if isBuildScript(s.Path) || isSettings(s.Path) {
			f.scripts = append(f.scripts, s)
			seen[s] = true
		}
	}
	for i := 0; i < len(f.scripts) && len(f.scripts) < 50; i++ {
		for _, span := range f.scripts[i].Applied {
			if s := b.appliedScript(f.scripts[i], span); s != nil && !seen[s] {
				seen[s] = true
				f.scripts = append(f.scripts, s)
			}
		}
	}
	f.scripts = append(f.scripts, b.constants[f.dir]...)
}

// ancestors lists the folders from the root of the tree to dir.
func ancestors(dir string) []string {
	out := []string{"."}
	if dir == "." || dir == "" {
		return out
	}
	for i := 0; i < len(dir); i++ {
		if dir[i] == '/' {
			out = append(out, dir[:i])
		}
	}
	if len(out) > maxLevels {
		out = append(out[:1], out[len(out)-maxLevels:]...)
	}
	return append(out, dir)
}

// maxLevels bounds how many folders above a script are looked into.
const maxLevels = 100

// appliedScript finds what apply from: names. Whatever stands before the path
// ("$rootDir/") is one of the folders above.
func (b *build) appliedScript(s *script.Script, in script.Span) *script.Script {
	name := ""
	for i := in.From; i < in.To; i++ {
		if t := s.Tokens[i]; t.Kind == script.Literal || t.Kind == script.Template {
			name = t.Text
		}
	}
	if strings.HasPrefix(name, "$") {
		_, name, _ = strings.Cut(name, "/")
	}
	name = strings.TrimPrefix(name, "/")
	if name == "" || strings.Contains(name, "://") {
		return nil
	}
	above := ancestors(path.Dir(s.Path))
	for i := len(above) - 1; i >= 0; i-- {
		if found := b.scripts[path.Join(above[i], name)]; found != nil {
			return found
		}
	}
	return nil
}

// settingsOf returns the nearest settings script at or above dir.
func (b *build) settingsOf(dir string) *script.Script {
	above := ancestors(dir)
	for i := len(above) - 1; i >= 0; i-- {
		for _, s := range b.byFolder[above[i]] {
			if isSettings(s.Path) {
				return s
			}
		}
	}
	return nil
}

// isBuildLogic says whether dir belongs to a build that only makes plugins for
// the others: buildSrc, or one that settings include for plugins.
func (b *build) isBuildLogic(dir string) bool {
	for _, d := range ancestors(dir) {
		if path.Base(d) == "buildSrc" {
			return true
		}
		for _, s := range b.byFolder[path.Dir(d)] {
			for _, in := range s.BuildLogic {
				if name, ok := s.Constant(in); ok && isSettings(s.Path) && path.Join(path.Dir(s.Path), name) == d {
					return true
				}
			}
		}
	}
	return false
}

// catalogueAt returns the catalogue that scripts in f know by name. known is
// true without a catalogue when the settings take it from outside of the tree.
func (b *build) catalogueAt(f *folder, name string) (c *catalogue, known bool) {
	for ; f != nil; f = f.up {
		for _, s := range b.byFolder[f.dir] {
			in, ok := s.Catalogues[name]
			if !ok || !isSettings(s.Path) {
				continue
			}
			for i := in.From; i < in.To; i++ {
				t := s.Tokens[i]
				if t.Kind != script.Literal && t.Kind != script.Template {
					continue
				}
				file := t.Text
				if strings.HasPrefix(file, "$") {
					_, file, _ = strings.Cut(file, "/")
				}
				if c := b.catalogues[path.Join(f.dir, file)]; c != nil {
					return c, true
				}
			}
			return nil, true
		}
		if c := b.catalogues[path.Join(f.dir, "gradle", name+".versions.toml")]; c != nil {
			return c, true
		}
	}
	return nil, false
}

// catalogueVersion reads libs.versions.x.
func (b *build) catalogueVersion(f *folder, name string) (string, bool) {
	catalogue, alias, ok := strings.Cut(name, ".versions.")
	if !ok || strings.Contains(catalogue, ".") {
		return "", false
	}
	c, _ := b.catalogueAt(f, catalogue)
	if c == nil {
		return "", false
	}
	v := c.versions[alias]
	if v.asked != "" {
		return v.asked, true
	}
	return v.exact, v.exact != ""
}

// byReference reads libs.a.b and libs.bundles.a. ok is false when name does not
// begin with a catalogue.
func (b *build) byReference(f *folder, name string) ([]found, bool) {
	first, rest, ok := strings.Cut(name, ".")
	if !ok {
		return nil, false
	}
	if out, ok := b.inSettings(f, name); ok {
		return []found{out}, true
	}
	c, known := b.catalogueAt(f, first)
	if c == nil {
		if known {
			return []found{{reason: outside}}, true
		}
		return nil, false
	}
	if bundle, ok := strings.CutPrefix(rest, "bundles."); ok {
		return c.bundle(bundle), true
	}
	if plugin, ok := strings.CutPrefix(rest, "plugins."); ok {
		lib, have := c.plugins[plugin]
		if !have {
			return []found{{reason: "not in " + c.path}}, true
		}
		return []found{{group: lib.group, version: lib.version}}, true
	}
	return []found{c.find(rest)}, true
}

// inSettings reads a library that settings declare in code.
func (b *build) inSettings(f *folder, name string) (found, bool) {
	s := b.settingsOf(f.dir)
	if s == nil {
		return found{}, false
	}
	entry, ok := s.Libraries[name]
	if !ok || entry.Args.Empty() {
		return found{}, false
	}
	e := b.evaluator(s)
	out := e.notations(s, entry.Args, 1)
	if len(out) != 1 {
		return found{reason: computed}, true
	}
	if !entry.Version.Empty() {
		out[0].version = e.versionAt(s, entry.Version)
		first, _, _ := strings.Cut(name, ".")
		if alias, ok := s.Constant(entry.Version); ok {
			if ref, ok := s.Libraries[first+".versions."+script.Accessor(alias)]; ok {
				out[0].version = e.versionAt(s, ref.Version)
			}
		}
	}
	return out[0], true
}

// byAlias reads findLibrary("a-b") and findBundle("a"): no name of a catalogue
// stands beside it that could be trusted, so the nearest that has it counts.
func (b *build) byAlias(f *folder, alias string, bundle bool) []found {
	for up := f; up != nil; up = up.up {
		for _, p := range slices.Sorted(maps.Keys(b.catalogues)) {
			c := b.catalogues[p]
			if path.Dir(path.Dir(c.path)) != up.dir && path.Dir(c.path) != up.dir {
				continue
			}
			name := script.Accessor(alias)
			if _, ok := c.bundles[name]; ok && bundle {
				return c.bundle(name)
			}
			if _, ok := c.libraries[name]; ok && !bundle {
				return []found{c.find(name)}
			}
		}
	}
	return []found{{reason: outside}}
}

func (c *catalogue) find(alias string) found {
	lib, ok := c.libraries[alias]
	if !ok {
		return found{reason: "not in " + c.path}
	}
	c.named[alias] = true
	return found{group: lib.group, name: lib.name, version: lib.version}
}

func (c *catalogue) bundle(name string) []found {
	members, ok := c.bundles[name]
	if !ok {
		return []found{{reason: "not in " + c.path}}
	}
	var out []found
	for _, member := range members {
		out = append(out, c.find(member))
	}
	return out
}

// readProperties reads gradle.properties: name=value lines, with the escapes
// that such files use.
func readProperties(b []byte) (map[string]string, error) {
	b, err := lockfile.Text(b)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for row := range strings.Lines(string(b)) {
		row = strings.TrimSpace(row)
		if row == "" || row[0] == '#' || row[0] == '!' {
			continue
		}
		if i := strings.IndexAny(row, "=:"); i > 0 {
			value := strings.NewReplacer(`\:`, ":", `\=`, "=", `\#`, "#", `\\`, `\`).Replace(strings.TrimSpace(row[i+1:]))
			out[script.Canonical(strings.TrimSpace(row[:i]))] = value
		}
	}
	return out, nil
}
