package nuget

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/purl"
)

// project is one MSBuild file with what it declares.
type project struct {
	path       string
	evaluation *evaluation
	test       bool
	references []declared
	unnamed    int         // references whose name stays unknown
	missing    []reference // imports of its own that lead to no file of the tree
}

// declared is one package that a file references.
type declared struct {
	id, version string
	scope       lockfile.Scope
	line        int
}

// fileName is the name of the file without its ending.
func (p *project) fileName() string {
	base := path.Base(p.path)
	return strings.TrimSuffix(base, path.Ext(base))
}

func (p *project) value(name string) string {
	v, ok := p.evaluation.lookup(strings.ToLower(name))
	if text, known := p.evaluation.expand(v.value); ok && known && !v.unclear {
		return text
	}
	return ""
}

// purl names the project by PackageId, AssemblyName or its file.
func (p *project) purl() purl.PURL {
	if !isProject(path.Base(p.path)) {
		return purl.PURL{}
	}
	version := p.value("Version")
	if version == "" {
		version = p.value("VersionPrefix")
	}
	for _, name := range []string{p.value("PackageId"), p.value("AssemblyName")} {
		if name != "" {
			return purl.New(ecosystem, "", name, version)
		}
	}
	return purl.New(ecosystem, "", p.fileName(), version)
}

// readProject evaluates one file and records what it declares.
func (t *tree) readProject(file string) {
	m := t.parse(file)
	if m == nil {
		return
	}
	dir := path.Dir(file)
	e := newEvaluation(t.base(dir))
	t.run(e, file, 0)
	if targets := t.above(dir, buildTargets); targets != "" && targets != file {
		t.run(e, targets, 0)
	}
	p := &project{path: file, evaluation: e}
	p.test = p.isTest(m)
	if name, version, ok := strings.Cut(m.sdk, "/"); ok && !strings.Contains(version, ";") {
		d := declared{id: name, version: "[" + version + "]", scope: lockfile.Development, line: m.sdkLine}
		if p.test {
			d.scope = lockfile.Test
		}
		p.references = append(p.references, d)
	}
	for _, r := range e.references {
		if r.file == file {
			p.declare(r)
		}
	}
	for _, r := range e.missing {
		if r.file == file {
			p.missing = append(p.missing, r)
		}
	}
	t.markWanted(p)
	t.projects = append(t.projects, p)
	if isProject(path.Base(file)) {
		t.byDir[dir] = append(t.byDir[dir], p)
	}
}

// markWanted records which central versions a file makes use of.
func (t *tree) markWanted(p *project) {
	for scope := p.evaluation; scope != nil; scope = scope.parent {
		last := ""
		for _, r := range scope.centrals {
			if r.file == last {
				continue
			}
			last = r.file
			used := t.wanted[r.file]
			if used == nil {
				used = map[string]bool{}
				t.wanted[r.file] = used
			}
			for _, d := range p.references {
				used[strings.ToLower(d.id)] = true
			}
		}
	}
}

// testSDKs are the packages and SDKs that make a project a test project.
var testSDKs = []string{"microsoft.net.test.sdk", "mstest", "mstest.sdk", "xunit.v3", "tunit"}

// isTest tells test projects: they say so, or reference a runner, themselves
// or through a shared file.
func (p *project) isTest(m *msbuild) bool {
	if says := p.value("IsTestProject"); says != "" {
		return strings.EqualFold(says, "true")
	}
	sdk, _, _ := strings.Cut(strings.ToLower(m.sdk), "/")
	if slices.Contains(testSDKs, sdk) {
		return true
	}
	for scope := p.evaluation; scope != nil; scope = scope.parent {
		for _, r := range scope.references {
			if r.kind == "packagereference" && slices.Contains(testSDKs, strings.ToLower(r.name)) {
				return true
			}
		}
	}
	return false
}

// declare records one item, with the version that updates or the central file
// give it.
func (p *project) declare(r reference) {
	for _, id := range p.evaluation.ids(r.name) {
		if strings.ContainsAny(id, "$@%*") {
			p.unnamed++
			continue
		}
		versions, private := p.versionsOf(r, id)
		d := declared{id: id, scope: lockfile.Production, line: r.line}
		switch {
		case p.test:
			d.scope = lockfile.Test
		case r.kind != "packagereference", private:
			d.scope = lockfile.Development
		}
		for _, version := range versions {
			d.version, _ = p.evaluation.expand(version)
			p.references = append(p.references, d)
		}
	}
}

// versionsOf returns the versions that an item asks for, several when
// conditions decide, and whether it stays inside the project.
func (p *project) versionsOf(r reference, id string) (versions []string, private bool) {
	own, override, assets := r.metadata["version"], r.metadata["versionoverride"], r.metadata["privateassets"]
	for _, u := range p.evaluation.updates[r.kind+" "+strings.ToLower(id)] {
		own = first(u.metadata["version"], own)
		override = first(u.metadata["versionoverride"], override)
		assets = first(u.metadata["privateassets"], assets)
	}
	private = slices.ContainsFunc(strings.Split(assets, ";"), func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), "all") })
	switch {
	case override != "":
		return []string{override}, private
	case own != "":
		return []string{own}, private
	}
	if central := p.evaluation.centralFor(id); central != nil {
		return central, private
	}
	return []string{""}, private
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// keepProjects returns the files that declare something or are projects, and
// that no lock covers.
func (t *tree) keepProjects() {
	for _, p := range t.projects {
		switch {
		case t.wanted[p.path] != nil && !isProject(path.Base(p.path)):
			t.keepCentral(p)
		case !t.covered[p.path] && (isProject(path.Base(p.path)) || len(p.references)+p.unnamed+len(p.missing) > 0):
			t.keep(p.path, func(string) (lockfile.Manifest, error) { return p.manifest(t.spelling) })
		}
	}
}

// exactRange is the form of a range that holds one version, plainVersion the
// form of one that a restore takes the least of.
var (
	exactRange   = regexp.MustCompile(`^\[\s*(\d[0-9A-Za-z.+-]*)\s*(?:,\s*(\d[0-9A-Za-z.+-]*)\s*)?\]$`)
	plainVersion = regexp.MustCompile(`^\d[0-9A-Za-z.+-]*$`)
)

// restored is the version that a restore takes for a reference, empty when it
// depends on what the feed has. An idle central version is none: it takes
// effect only when something else brings the package in.
func (d declared) restored() string {
	asked := strings.TrimSpace(d.version)
	if plainVersion.MatchString(asked) && d.scope != "" {
		return asked
	}
	if m := exactRange.FindStringSubmatch(asked); m != nil && (m[2] == "" || m[1] == m[2]) {
		return m[1]
	}
	return ""
}

func (d declared) use(spelling names) lockfile.Use {
	version := d.restored()
	return lockfile.Use{Package: spelling.purl(d.id, version), Requirement: d.version, Scope: d.scope, Direct: true, Line: d.line}
}

func (p *project) manifest(spelling names) (lockfile.Manifest, error) {
	m := lockfile.Manifest{
		Path: p.path, Format: strings.ToLower(strings.TrimPrefix(path.Ext(p.path), ".")), Ecosystem: ecosystem,
		Project: p.purl(), ProjectLicence: p.value("PackageLicenseExpression"),
	}
	var c lockfile.Collector
	for _, d := range p.references {
		c.Add(d.use(spelling))
	}
	if p.unnamed > 0 {
		m.Notes = append(m.Notes, lockfile.Note{Reason: fmt.Sprintf("references whose names the build computes are left out: %d", p.unnamed)})
	}
	if len(p.references)+p.unnamed > 0 {
		m.Unresolved = "no packages.lock.json: versions are those that a restore takes when the feed has them, and transitive dependencies are unknown"
	}
	if p.unnamed > 0 {
		m.Unresolved += "; some names are computed by the build"
	}
	for _, r := range p.missing {
		m.Notes = append(m.Notes, lockfile.Note{Line: r.line, Reason: fmt.Sprintf("unresolved: it imports %q, which is not in this repository, so that the packages which that declares are unknown", r.value)})
	}
	if len(p.missing) > 0 {
		m.Unresolved = strings.TrimPrefix(m.Unresolved+"; some files that it imports are not in this repository", "; ")
	}
	var err error
	m.Uses, err = c.Uses()
	return m, err
}

// keepCentral returns a file with central versions, with what it alone declares:
// packages for every project, and versions that no project references, which
// apply to what others bring in.
func (t *tree) keepCentral(p *project) {
	used := t.wanted[p.path]
	idle := 0
	for _, r := range p.evaluation.centrals {
		if r.remove || r.file != p.path || isProject(path.Base(p.path)) {
			continue
		}
		for _, id := range p.evaluation.ids(r.name) {
			if !used[strings.ToLower(id)] && !strings.ContainsAny(id, "$@%*") {
				version, _ := p.evaluation.expand(r.metadata["version"])
				p.references = append(p.references, declared{id: id, version: version, line: r.line})
				idle++
			}
		}
	}
	if len(p.references)+len(p.missing) == 0 {
		return
	}
	t.keep(p.path, func(string) (lockfile.Manifest, error) {
		m, err := p.manifest(t.spelling)
		if strings.EqualFold(path.Base(p.path), packagesProps) {
			m.Format = packagesProps
		}
		for i := range m.Uses {
			if m.Uses[i].Scope == "" {
				m.Uses[i].Scope, m.Uses[i].Direct = lockfile.Production, false
			}
		}
		if idle > 0 {
			m.Notes = append(m.Notes, lockfile.Note{
				Reason: fmt.Sprintf("central versions that no project references, for what other packages bring in: %d", idle),
			})
		}
		return m, err
	})
}
