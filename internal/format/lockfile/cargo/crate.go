package cargo

import (
	"path"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/lockfile/toml"
)

// tree is every Cargo.toml of the tree.
type tree struct {
	order  []*crate
	crates map[string]*crate // by directory
	// By package name, and by name and version with a space between.
	byName, byRelease map[string][]*crate
	// outside has the packages that some Cargo.toml takes from a directory
	// that is not in the tree, with the path as declared.
	outside map[string]string
	// resolved has what the locks cover.
	resolved lockfile.Covered
}

// crate is one Cargo.toml: a package, a workspace, or both.
type crate struct {
	path, dir    string
	root         *toml.Value
	name         string // empty for a workspace alone
	version      string
	licence      string
	dependencies []declaration
	covered      bool            // by a lock
	enabled      map[string]bool // features and optional dependencies that are on by default
}

// declaration is one entry of a table of dependencies.
type declaration struct {
	key    string // in the table
	name   string // of the package
	alias  string // its name in this crate, when that is another
	req    string
	scope  lockfile.Scope
	line   int
	path   string // as declared, from the crate that declares it
	base   string // directory that path starts from
	git    string
	commit string // tag, branch or revision

	optional bool
	features []string
}

func (t *tree) add(p string, root *toml.Value) {
	c := &crate{path: p, dir: path.Dir(p), root: root, name: root.Get("package", "name").Str()}
	if c.name == "" {
		c.name = root.Get("project", "name").Str() // before 2016
	}
	t.order = append(t.order, c)
	t.crates[c.dir] = c
	if c.name != "" {
		t.byName[c.name] = append(t.byName[c.name], c)
	}
}

// inherit fills in what a crate takes from its workspace, which can be read
// only after all of them.
func (t *tree) inherit() {
	for _, c := range t.order {
		workspace := t.workspaceOf(c)
		c.version = inherited(c, workspace, "version")
		if c.name != "" {
			release := c.name + " " + c.version
			t.byRelease[release] = append(t.byRelease[release], c)
		}
		c.licence = inherited(c, workspace, "license")
		c.declare(c.root, workspace)
		for _, target := range c.root.Get("target").Entries() {
			c.declare(target.Value, workspace)
		}
		for _, d := range c.dependencies {
			t.placeOutside(d)
		}
		for _, source := range c.root.Get("patch").Entries() {
			for _, e := range source.Value.Entries() {
				t.placeOutside(c.declaration(e, lockfile.Production, workspace))
			}
		}
	}
	t.enableFeatures()
}

func (t *tree) placeOutside(d declaration) {
	if joined := path.Join(d.base, d.path); d.path != "" && (path.IsAbs(d.path) || joined == ".." || strings.HasPrefix(joined, "../")) {
		t.outside[d.name] = d.path
	}
}

// workspaceOf returns the crate that holds the [workspace] of c: itself, the
// one that it names, or the nearest above.
func (t *tree) workspaceOf(c *crate) *crate {
	if c.root.Get("workspace") != nil {
		return c
	}
	if named := c.root.Get("package", "workspace").Str(); named != "" {
		if w := t.crates[path.Join(c.dir, named)]; w != nil {
			return w
		}
	}
	for dir := c.dir; dir != "."; {
		dir = path.Dir(dir)
		if w := t.crates[dir]; w != nil && w.root.Get("workspace") != nil {
			return w
		}
	}
	return nil
}

func inherited(c, workspace *crate, key string) string {
	v := c.root.Get("package", key)
	if v.Get("workspace").True() || v == nil && c.name == "" {
		if workspace == nil {
			return ""
		}
		v = workspace.root.Get("workspace", "package", key)
	}
	return v.Str()
}

// sections are the tables of dependencies; the spellings with _ are old.
var sections = []struct {
	key   string
	scope lockfile.Scope
}{
	{"dependencies", lockfile.Production},
	{"dev-dependencies", lockfile.Development},
	{"dev_dependencies", lockfile.Development},
	{"build-dependencies", lockfile.Development},
	{"build_dependencies", lockfile.Development},
}

func (c *crate) declare(root *toml.Value, workspace *crate) {
	for _, s := range sections {
		for _, e := range root.Get(s.key).Entries() {
			d := c.declaration(e, s.scope, workspace)
			c.dependencies = append(c.dependencies, d)
		}
	}
}

func (c *crate) declaration(e toml.Entry, scope lockfile.Scope, workspace *crate) declaration {
	d := declaration{key: e.Key, name: e.Key, scope: scope, line: e.Line, base: c.dir}
	d.optional = e.Value.Get("optional").True()
	d.addFeatures(e.Value)
	from := e.Value
	if from.Get("workspace").True() {
		if workspace == nil {
			return d
		}
		from, d.base = workspace.root.Get("workspace", "dependencies", e.Key), workspace.dir
	}
	if from != e.Value {
		d.addFeatures(from)
	}
	if from.Kind() == toml.String {
		d.req = from.Str()
		return d
	}
	if real := from.Get("package").Str(); real != "" && real != e.Key {
		d.name, d.alias = real, e.Key
	}
	d.req = from.Get("version").Str()
	d.path = from.Get("path").Str()
	d.git = from.Get("git").Str()
	for _, key := range []string{"rev", "tag", "branch"} {
		if v := from.Get(key).Str(); v != "" {
			d.commit = v
			break
		}
	}
	return d
}

func (d *declaration) addFeatures(from *toml.Value) {
	for _, f := range from.Get("features").Items() {
		d.features = append(d.features, f.Str())
	}
}

// local says whether d names a crate of the tree.
func (t *tree) local(d declaration) bool {
	_, outside := t.outside[d.name]
	return d.path != "" && !outside
}
