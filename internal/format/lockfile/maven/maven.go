// Package maven reads pom.xml files: the direct dependencies and plugins of a
// build, with versions as far as the tree itself knows them.
//
// Properties, parents (by relativePath, then by coordinates), dependency
// management and imported BOMs are resolved among the poms of one tree. What
// lies outside, as a parent from a repository does, is named in
// Manifest.Unresolved, and the uses that depend on it stay without a version.
// A literal version of a direct dependency is what a build uses, so it is the
// Version; a range is a Requirement only. Maven has no lock file, so transitive
// dependencies are never listed.
//
// How Maven's words become scopes:
//
//	compile, runtime, system, provided   production: what runs is built with it, whoever ships it
//	<optional>true, inactive profiles    optional
//	test                                 test
//	plugins, extensions, their libraries development
//
// Dependencies that a pom inherits from a parent in the tree are uses of the
// child too, on the line of its <parent>; plugins are listed where they are
// declared. Modules of the tree are not dependencies. Managed dependencies that
// nobody uses are not uses.
//
// deps.dev's library for poms was looked at and is not used: it drops what it
// cannot interpolate, has no lines and no build plugins, and expands properties
// that double one another without a bound. Source of the rules: the Maven
// documentation on the POM, on the dependency mechanism and on profiles.
package maven

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"steward/internal/format/lockfile"
)

// Reader returns the reader of Maven builds.
func Reader() lockfile.Reader {
	return lockfile.Reader{
		Ecosystem: "maven",
		Name:      "Maven",
		Languages: []string{"Java", "Kotlin", "Scala", "Groovy", "Clojure"},
		Wants:     wants,
		Within:    read,
	}
}

func wants(p string) bool {
	return path.Base(p) == "pom.xml" || isExtensions(p)
}

// isExtensions says whether p lists core extensions: .mvn/extensions.xml.
func isExtensions(p string) bool {
	return p == ".mvn/extensions.xml" || strings.HasSuffix(p, "/.mvn/extensions.xml")
}

// maxNamed bounds the poms of other names that are read because a pom names
// them as parent or module.
const maxNamed = 1000

func read(files lockfile.Files, room *lockfile.Room) ([]lockfile.Manifest, []lockfile.Failure) {
	var poms []*pom
	var failures []lockfile.Failure
	seen := map[string]bool{}
	open := func(p string, optional bool) {
		if seen[p] {
			return
		}
		seen[p] = true
		b, err := files.ReadFile(p)
		if optional && errors.Is(err, fs.ErrNotExist) {
			return
		}
		var read *pom
		if err == nil {
			if isExtensions(p) {
				read, err = readExtensions(p, b)
			} else {
				read, err = readPOM(p, b)
			}
		}
		if err == nil {
			err = room.Hold(read.declarations())
		}
		if err != nil {
			failures = append(failures, lockfile.Fail(p, err))
			return
		}
		poms = append(poms, read)
	}
	for _, p := range files.Paths() {
		if wants(p) {
			open(p, false)
		}
	}
	// Parents and modules may have other names than pom.xml.
	for i := 0; i < len(poms) && len(seen) < len(files.Paths())+maxNamed; i++ {
		for _, name := range poms[i].named() {
			open(name, true)
		}
	}
	return manifests(poms, room), failures
}

// named lists the files that a pom names as parent or module and that are not
// called pom.xml.
func (p *pom) named() []string {
	var names []string
	add := func(name string) {
		name = path.Join(path.Dir(p.path), strings.ReplaceAll(name, `\`, "/"))
		if strings.HasSuffix(name, ".xml") && path.Base(name) != "pom.xml" && !strings.HasPrefix(name, "../") {
			names = append(names, name)
		}
	}
	if p.parent != nil && p.parent.relativePath != "" {
		add(p.parent.relativePath)
	}
	for _, module := range p.modules {
		add(module)
	}
	return names
}

// readExtensions reads .mvn/extensions.xml as a pom that has only plugins.
func readExtensions(p string, b []byte) (*pom, error) {
	s, err := newScanner(b)
	if err != nil {
		return nil, err
	}
	root, err := s.root()
	if err != nil {
		return nil, err
	}
	if root != "extensions" {
		return nil, s.fail(lockfile.ErrSyntax, "the root element is <%.40s>, not <extensions>", root)
	}
	read := &pom{path: p}
	return read, readPlugins(s, root, &read.plugins)
}
