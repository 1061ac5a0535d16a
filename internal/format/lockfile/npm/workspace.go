package npm

import (
	"path"
	"slices"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/lockfile/npm/glob"
	"steward/internal/format/lockfile/npm/yaml"
)

// workspace is a root with the patterns of its members.
type workspace struct {
	dir      string
	patterns []string
	catalogs map[string]map[string]string

	match   func(dir string) bool // set on first use, as are the members
	listed  bool
	members []*project
	names   map[string]bool
}

// workspaceAt returns the workspace whose root is dir; nil when it is none.
func (t *tree) workspaceAt(dir string) *workspace {
	if known, ok := t.workspaces[dir]; ok {
		return known
	}
	w := &workspace{dir: dir}
	if p := t.project(path.Join(dir, "package.json")); p != nil {
		w.patterns, w.catalogs = p.workspaces, p.catalogs
	}
	if file := path.Join(dir, "pnpm-workspace.yaml"); t.has[file] {
		b, err := t.files.ReadFile(file)
		if err == nil {
			err = w.readPnpm(b)
		}
		if err != nil {
			t.failures = append(t.failures, lockfile.Fail(file, err))
		}
	}
	if w.patterns == nil && w.catalogs == nil {
		w = nil
	}
	t.workspaces[dir] = w
	return w
}

// workspaceOf returns the nearest workspace that a project is root or member
// of; nil when there is none.
func (t *tree) workspaceOf(p *project) *workspace {
	for dir := p.dir; ; dir = path.Dir(dir) {
		if w := t.workspaceAt(dir); w != nil && (dir == p.dir || w.has(p.dir)) {
			return w
		}
		if dir == "." || dir == "/" {
			return nil
		}
	}
}

func (w *workspace) has(dir string) bool {
	if w.match == nil {
		w.match = glob.Matcher(w.patterns)
	}
	within := dir
	if w.dir != "." {
		var ok bool
		if within, ok = strings.CutPrefix(dir, w.dir+"/"); !ok {
			return false
		}
	}
	return w.match(within)
}

// members returns the projects of a workspace, without its root.
func (t *tree) members(w *workspace) []*project {
	if w == nil || len(w.patterns) == 0 {
		return nil
	}
	if !w.listed {
		w.listed = true
		for _, p := range t.below(w.dir) {
			if dir := path.Dir(p); path.Base(p) == "package.json" && dir != w.dir && w.has(dir) {
				if member := t.project(p); member != nil {
					w.members = append(w.members, member)
				}
			}
		}
	}
	return w.members
}

// below returns the paths in a folder and beneath it. Workspaces may be many,
// and none of them may look through all files of the tree.
func (t *tree) below(dir string) []string {
	if dir == "." {
		return t.paths
	}
	from, _ := slices.BinarySearch(t.paths, dir+"/")
	to, _ := slices.BinarySearch(t.paths, dir+"0") // what sorts behind the slash
	return t.paths[from:to]
}

// memberNames returns the names that mean a project of this workspace.
func (t *tree) memberNames(w *workspace) map[string]bool {
	if w == nil {
		return nil
	}
	if w.names == nil {
		w.names = map[string]bool{}
		for _, member := range t.members(w) {
			if member.name != "" {
				w.names[member.name] = true
			}
		}
	}
	return w.names
}

func (w *workspace) readPnpm(b []byte) error {
	b, err := lockfile.Text(b)
	if err != nil {
		return err
	}
	y := yaml.New(b)
	var keys [3]string
	for y.Next() {
		if y.Level < len(keys) {
			keys[y.Level] = y.Key
		}
		switch {
		case y.Level == 0 && y.Key == "packages":
			w.patterns = append(w.patterns, yaml.Items(y.Value)...)
		case y.Item && y.Parent == "packages" && y.Value != "":
			w.patterns = append(w.patterns, y.Value)
		case y.Level == 1 && keys[0] == "catalog":
			w.setCatalog("default", y.Key, y.Value)
		case y.Level == 2 && keys[0] == "catalogs":
			w.setCatalog(keys[1], y.Key, y.Value)
		}
	}
	return y.Err
}

func (w *workspace) setCatalog(catalog, name, rng string) {
	if w.catalogs == nil {
		w.catalogs = map[string]map[string]string{}
	}
	if w.catalogs[catalog] == nil {
		w.catalogs[catalog] = map[string]string{}
	}
	w.catalogs[catalog][name] = rng
}

func (w *workspace) catalogMap() map[string]map[string]string {
	if w == nil {
		return nil
	}
	return w.catalogs
}
