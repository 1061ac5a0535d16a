// Package cargo reads what Rust crates use: Cargo.lock for versions and edges,
// and the Cargo.toml files that it covers for what is direct, for what, and in
// which range. A Cargo.toml without a lock gives declared ranges and never a
// version, unless it pins one with "=".
//
// Crates of the tree itself (workspace members, path dependencies inside the
// tree) are no dependencies; a path out of the tree is Origin Path.
//
// Scopes: dev-dependencies and build-dependencies are development, optional
// dependencies that no default feature turns on are optional. What a scope
// brings in has that scope, unless a stronger one brings it in as well.
//
// Source: the Cargo Book, "The Manifest Format", "Specifying Dependencies",
// "Workspaces" (https://doc.rust-lang.org/cargo/reference/). The lock file's
// format is that of cargo's own encoder, versions 1 to 4.
package cargo

import (
	"errors"
	"path"
	"slices"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/lockfile/toml"
)

// Reader reads Cargo.lock and Cargo.toml.
func Reader() lockfile.Reader {
	return lockfile.Reader{
		Ecosystem: "cargo",
		Name:      "Cargo",
		Languages: []string{"Rust"},
		Wants:     wants,
		Within:    read,
	}
}

func wants(p string) bool {
	base := path.Base(p)
	return base == "Cargo.lock" || base == "Cargo.toml"
}

func read(files lockfile.Files, room *lockfile.Room) ([]lockfile.Manifest, []lockfile.Failure) {
	t := tree{crates: map[string]*crate{}, byName: map[string][]*crate{}, byRelease: map[string][]*crate{}, outside: map[string]string{}, resolved: lockfile.Covered{}}
	var failures []lockfile.Failure
	var locks []string
	for _, p := range files.Paths() {
		switch path.Base(p) {
		case "Cargo.lock":
			locks = append(locks, p)
		case "Cargo.toml":
			root, err := load(files, p)
			if err == nil {
				err = room.Hold(root.Count())
			}
			if err != nil {
				failures = append(failures, lockfile.Fail(p, err))
				continue
			}
			t.add(p, root)
		}
	}
	t.inherit()
	var manifests []lockfile.Manifest
	for _, p := range locks {
		root, err := load(files, p, "checksum")
		if err == nil {
			var m lockfile.Manifest
			if m, err = t.readLock(p, root); err == nil {
				t.resolved.Add(m)
				manifests = room.Keep(manifests, m)
				continue
			}
		}
		failures = append(failures, lockfile.Fail(p, err))
	}
	for _, c := range t.order {
		by := t.resolved.Member(c.path)
		if c.covered && by == nil {
			continue
		}
		m, err := t.declared(c)
		if err != nil {
			failures = append(failures, lockfile.Fail(c.path, err))
			continue
		}
		if by != nil {
			m = by.Member(m)
		}
		manifests = room.Keep(manifests, m)
	}
	slices.SortFunc(manifests, func(a, b lockfile.Manifest) int { return strings.Compare(a.Path, b.Path) })
	slices.SortStableFunc(failures, func(a, b lockfile.Failure) int { return strings.Compare(a.Path, b.Path) })
	return manifests, failures
}

func load(files lockfile.Files, p string, skip ...string) (*toml.Value, error) {
	b, err := files.ReadFile(p)
	if err != nil {
		return nil, err
	}
	if b, err = lockfile.Text(b); err != nil {
		return nil, err
	}
	return toml.Parse(b, skip...)
}

// errNoPackages is returned for a Cargo.lock that is something else.
var errNoPackages = errors.New("has no list of packages")
