// Package bill makes the bill of materials of a folder or commit, as CycloneDX
// writes it: every release that manifests name, with what it is for, where it
// stands, what it needs, and what is not known of it.
package bill

import (
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/google/uuid"

	"steward/internal/feature/estate"
	"steward/internal/format/cyclonedx"
	"steward/internal/format/lockfile"
	"steward/internal/format/manifest"
	"steward/internal/format/purl"
)

var billUse = map[lockfile.Scope]cyclonedx.Use{lockfile.Production: cyclonedx.Runtime, lockfile.Optional: cyclonedx.Optional, lockfile.Development: cyclonedx.Development, lockfile.Test: cyclonedx.Test}

// Of makes the bill of materials of a snapshot. The root is the project of
// the topmost manifest; what projects name themselves hangs on it. Test data,
// examples and templates are left out unless fixtures are wanted.
func Of(s *estate.Snapshot, fixtures bool, now time.Time) cyclonedx.Document {
	manifests, failures := s.Manifests()
	d := cyclonedx.Document{Timestamp: now, Root: rootOf(s, manifests)}
	d.Root.Ref = "root:" + d.Root.Name
	projects := projectsOf(manifests)
	var direct []string
	for _, m := range manifests {
		if !fixtures && manifest.Fixture(m.Path) {
			continue
		}
		d.Root.Places = append(d.Root.Places, cyclonedx.Place{File: m.Path})
		if m.Unresolved != "" {
			d.Incomplete = append(d.Incomplete, m.Path+": "+m.Unresolved)
		}
		refs := refsOf(m, projects)
		for i, u := range m.Uses {
			if refs[i] == "" {
				continue
			}
			if u.Named() {
				direct = append(direct, refs[i])
			}
			d.Components = append(d.Components, billComponent(m, u))
			d.Dependencies = append(d.Dependencies, cyclonedx.Dependency{Ref: refs[i], On: edgesOf(u, refs)})
		}
	}
	for _, failure := range failures {
		if fixtures || !manifest.Fixture(failure.Path) {
			d.Incomplete = append(d.Incomplete, failure.Error())
		}
	}
	d.Dependencies = append(d.Dependencies, cyclonedx.Dependency{Ref: d.Root.Ref, On: direct})
	d.SerialNumber = serial(d)
	return d
}

// refsOf names the component of each use; empty for what cannot be one: an
// entry without a name, and a project of this very tree.
func refsOf(m lockfile.Manifest, projects map[string]bool) []string {
	refs := make([]string, len(m.Uses))
	for i, u := range m.Uses {
		if u.Package.Name == "" || u.Package.Type == "" || u.Origin == lockfile.Path && projects[key(u.Package)] {
			continue
		}
		refs[i] = u.Package.String()
	}
	return refs
}

func edgesOf(u lockfile.Use, refs []string) []string {
	var on []string
	for _, to := range u.DependsOn {
		if refs[to] != "" {
			on = append(on, refs[to])
		}
	}
	return on
}

func billComponent(m lockfile.Manifest, u lockfile.Use) cyclonedx.Component {
	c := cyclonedx.Component{PURL: u.Package, Use: billUse[u.Scope], Places: []cyclonedx.Place{{File: m.Path, Line: u.Line}}}
	var open []string
	if u.Package.Version == "" {
		if u.Requirement == "" {
			open = append(open, "its version is not known")
		} else {
			open = append(open, fmt.Sprintf("only %s is declared, which version is not known", u.Requirement))
		}
	}
	if !m.HasEdges && m.ResolvedBy == "" {
		open = append(open, m.Format+" does not say what it needs")
	}
	c.Unresolved = strings.Join(open, "; ")
	return c
}

// projectsOf are the packages that the manifests of a tree make.
func projectsOf(manifests []lockfile.Manifest) map[string]bool {
	out := map[string]bool{}
	for _, m := range manifests {
		if m.Project.Name != "" {
			out[key(m.Project)] = true
		}
	}
	return out
}

// rootOf describes the tree by its topmost manifest that names a project; else
// by the name of its folder.
func rootOf(s *estate.Snapshot, manifests []lockfile.Manifest) cyclonedx.Component {
	root := cyclonedx.Component{Name: s.Repository}
	var best *lockfile.Manifest
	for i, m := range manifests {
		if m.Project.Name == "" || manifest.Fixture(m.Path) {
			continue
		}
		if best == nil || strings.Count(m.Path, "/") < strings.Count(best.Path, "/") {
			best = &manifests[i]
		}
	}
	if best != nil && path.Dir(best.Path) == "." {
		root.PURL, root.Name, root.Version = best.Project, best.Project.Name, best.Project.Version
		root.Licence, root.Basis = best.ProjectLicence, cyclonedx.Declared
	}
	if root.Name == "" {
		root.Name = "unnamed"
	}
	if root.Licence == "" {
		root.Basis = ""
	}
	if root.PURL == (purl.PURL{}) && s.Commit != "" {
		root.Version = s.Commit
	}
	return root
}

// serial is the same for the same content, whenever it is written.
func serial(d cyclonedx.Document) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v\n%v\n%v\n%v", d.Root, d.Components, d.Dependencies, d.Incomplete)
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(b.String())).URN()
}

// key is what two releases of a package share.
func key(p purl.PURL) string { return p.Package().String() }
