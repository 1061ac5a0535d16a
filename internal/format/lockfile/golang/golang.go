// Package golang reads what Go modules use: go.mod, with the workspace (go.work)
// and the vendored list (vendor/modules.txt) beside it.
//
// Since Go 1.17 go.mod lists every module that builds the main module, each in
// the version that the go command selected, so it is read as a lock. It has no
// edges between modules. Sources: the Go Modules Reference (go.mod files,
// workspaces, vendoring) at https://go.dev/ref/mod.
//
// What becomes of the directives:
//
//	require            a use; "// indirect" makes it transitive
//	replace to module  the other module, under the replaced name as alias
//	replace to a path  inside the tree: a local module, no dependency; outside: Origin Path
//	exclude            a requirement of an excluded version has no known version
//	tool               a module marked indirect that has a tool is a direct development use:
//	                   the go command drops the mark as soon as code imports the module too
//	go, toolchain      never a dependency
//
// Below Go 1.17, without a vendored list, go.sum says which modules come in
// through others: those with a checksum of their content, in the highest
// version. Those with a checksum of their go.mod alone were only considered.
// From Go 1.17 on go.sum says nothing that go.mod does not.
package golang

import (
	"path"
	"slices"
	"strings"

	"steward/internal/format/lockfile"
)

// Reader reads Go modules.
func Reader() lockfile.Reader {
	return lockfile.Reader{
		Ecosystem: "golang",
		Name:      "Go",
		Languages: []string{"Go"},
		Wants:     wants,
		Within:    read,
	}
}

func wants(p string) bool {
	switch path.Base(p) {
	case "go.mod", "go.work", "go.sum":
		return true
	case "modules.txt":
		return path.Base(path.Dir(p)) == "vendor"
	}
	return false
}

// read parses every go.mod first: what a replacement or a workspace means
// depends on the modules that the tree itself holds.
func read(files lockfile.Files, room *lockfile.Room) ([]lockfile.Manifest, []lockfile.Failure) {
	var failures []lockfile.Failure
	t := tree{modules: map[string]*module{}, lists: map[string]bool{}}
	for _, p := range files.Paths() {
		switch {
		case path.Base(p) == "go.mod":
			m, failed := parseModule(files, p)
			failures = append(failures, failed...)
			if m == nil {
				continue
			}
			if err := room.Hold(len(m.file.Syntax.Stmt) + len(m.file.Require) + len(m.file.Replace) + len(m.file.Exclude) + len(m.file.Retract)); err != nil {
				failures = append(failures, lockfile.Fail(p, err))
			} else {
				t.modules[path.Dir(p)] = m
			}
		case wants(p):
			t.lists[p] = true
		}
	}
	var manifests []lockfile.Manifest
	for _, p := range files.Paths() {
		if path.Base(p) == "go.work" {
			w, failed := t.readWorkspace(files, p)
			failures = append(failures, failed...)
			if w != nil {
				manifests = room.Keep(manifests, *w)
			}
		}
	}
	for dir, m := range t.modules {
		transitive, list, err := t.transitive(files, dir, m)
		if err != nil {
			failures = append(failures, lockfile.Fail(list, err))
		}
		out, err := m.manifest(transitive)
		if err != nil {
			failures = append(failures, lockfile.Failure{Path: m.path, Err: err})
			continue
		}
		manifests = room.Keep(manifests, out)
	}
	slices.SortFunc(manifests, func(a, b lockfile.Manifest) int { return strings.Compare(a.Path, b.Path) })
	slices.SortStableFunc(failures, func(a, b lockfile.Failure) int { return strings.Compare(a.Path, b.Path) })
	return manifests, failures
}

// tree is what the whole tree says: its modules by directory, and the
// workspaces that join them.
type tree struct {
	modules map[string]*module
	lists   map[string]bool // paths of go.sum, go.work and vendor/modules.txt
}
