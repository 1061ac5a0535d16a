// Package nuget reads what .NET projects say about their dependencies:
// project files with PackageReference, Directory.Packages.props (central
// package management), Directory.Build.props and other shared MSBuild files,
// packages.lock.json, and packages.config.
//
// A plain version in a project file asks for that release or a later one, and
// a restore takes the lowest that fits ("NuGet dependency resolution": lowest
// applicable version, direct dependency wins). So "1.2.3" of a reference is
// both the Requirement and the version; ranges and floating versions ("1.*")
// stay Requirements, but for the exact range "[1.2.3]".
//
// MSBuild is a language; what is read is its plain part: properties in the
// order of evaluation, imports of files in the tree, items with attributes or
// child elements. Conditions are not evaluated: items under a condition are
// all kept, and a property that conditions give several values stays unknown.
// A version that stays unknown is kept as it is written.
//
// Each file that declares references gives one Manifest: a reference in
// Directory.Build.props is reported there, with its line, and not again in
// every project beneath it.
//
// Sources: learn.microsoft.com, "PackageReference in project files", "Central
// Package Management", "packages.config reference"; NuGet/Home wiki,
// "Repeatable builds using a lock file".
package nuget

import (
	"path"
	"slices"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/purl"
)

const (
	ecosystem     = "nuget"
	buildProps    = "Directory.Build.props"
	buildTargets  = "Directory.Build.targets"
	packagesProps = "Directory.Packages.props"
)

// Reader returns the reader of .NET manifests.
func Reader() lockfile.Reader {
	return lockfile.Reader{
		Ecosystem: ecosystem, Name: "NuGet",
		Languages: []string{"C#", "F#", "Visual Basic .NET", "ASP.NET", "HTML+Razor"},
		Wants:     wants, Within: read,
	}
}

func wants(p string) bool {
	if base := path.Base(p); !isProject(base) && !isShared(base) && !isLock(base) && !isConfig(base) {
		return false
	}
	folders := strings.Split(strings.ToLower(path.Dir(p)), "/")
	for i, folder := range folders {
		switch folder {
		case "bin", "obj", "node_modules", ".git":
			return false // made by a build, not written by people
		case ".nuget": // the cache of packages; right in it lies the packages.config of a solution
			if i+1 < len(folders) || !isConfig(path.Base(p)) {
				return false
			}
		}
	}
	return true
}

func isProject(base string) bool {
	switch strings.ToLower(path.Ext(base)) {
	case ".csproj", ".fsproj", ".vbproj":
		return true
	}
	return false
}

func isShared(base string) bool {
	switch strings.ToLower(path.Ext(base)) {
	case ".props", ".targets":
		return true
	}
	return false
}

// isLock accepts packages.lock.json and packages.<project>.lock.json.
func isLock(base string) bool {
	base = strings.ToLower(base)
	return base == "packages.lock.json" || strings.HasPrefix(base, "packages.") && strings.HasSuffix(base, ".lock.json")
}

// isConfig accepts packages.config and packages.<project>.config.
func isConfig(base string) bool {
	base = strings.ToLower(base)
	return base == "packages.config" || strings.HasPrefix(base, "packages.") && strings.HasSuffix(base, ".config")
}

func read(files lockfile.Files, room *lockfile.Room) ([]lockfile.Manifest, []lockfile.Failure) {
	t := newTree(files)
	t.room = room
	for _, p := range files.Paths() {
		if base := path.Base(p); wants(p) && (isProject(base) || isShared(base)) {
			t.readProject(p)
		}
	}
	for _, p := range files.Paths() {
		if !wants(p) {
			continue
		}
		switch base := path.Base(p); {
		case isLock(base):
			t.keep(p, t.readLock)
		case isConfig(base):
			t.keep(p, t.readConfig)
		}
	}
	t.keepProjects()
	slices.SortStableFunc(t.manifests, func(a, b lockfile.Manifest) int { return strings.Compare(a.Path, b.Path) })
	slices.SortStableFunc(t.failures, func(a, b lockfile.Failure) int { return strings.Compare(a.Path, b.Path) })
	return t.manifests, t.failures
}

func (t *tree) keep(p string, read func(string) (lockfile.Manifest, error)) {
	m, err := read(p)
	if err != nil {
		t.failures = append(t.failures, lockfile.Fail(p, err))
		return
	}
	for _, covered := range m.Covers {
		t.covered[covered] = true
	}
	t.manifests = t.room.Keep(t.manifests, m)
}

// projectsFor returns the projects that a lock or a packages.config serves:
// the one that its name contains, or those of its folder that have none of
// their own. The suffix is what follows "packages." or "packages.<project>.".
func (t *tree) projectsFor(p, suffix string) []*project {
	dir := path.Dir(p)
	own := strings.TrimPrefix(strings.ToLower(path.Base(p)), "packages.")
	own = strings.TrimSuffix(strings.TrimSuffix(own, suffix), ".")
	var serves []*project
	for _, candidate := range t.byDir[dir] {
		name := strings.ToLower(candidate.fileName())
		_, named := t.lower[strings.ToLower(path.Join(dir, "packages."+name+"."+suffix))]
		if own == name || own == "" && !named {
			serves = append(serves, candidate)
		}
	}
	return serves
}

// names gives each package the spelling in which it is met first, central
// versions and locks before references: case does not tell NuGet ids apart.
type names map[string]string

func (n names) purl(id, version string) purl.PURL {
	key := strings.ToLower(id)
	if first, ok := n[key]; ok {
		id = first
	} else {
		n[key] = id
	}
	return purl.New(ecosystem, "", id, version)
}
