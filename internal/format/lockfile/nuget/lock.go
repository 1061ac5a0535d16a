package nuget

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"steward/internal/format/lockfile"
)

// locked is one entry of packages.lock.json.
type locked struct {
	framework, id       string
	kind                string // Direct, Transitive, CentralTransitive or Project
	requested, resolved string
	needs               []string
	line, use           int
}

// readLock reads a packages.lock.json of version 1 or 2. A package that
// several frameworks use in one version is one use.
func (t *tree) readLock(file string) (lockfile.Manifest, error) {
	b, err := t.files.ReadFile(file)
	if err == nil {
		b, err = lockfile.Text(b)
	}
	if err != nil {
		return lockfile.Manifest{}, err
	}
	version, entries, err := parseLock(b)
	if err != nil {
		return lockfile.Manifest{}, err
	}
	m := lockfile.Manifest{Path: file, Format: "packages.lock.json v" + version, Ecosystem: ecosystem, Lock: true, HasEdges: true}
	scopes, test := t.describe(&m, t.projectsFor(file, "lock.json"))
	var c lockfile.Collector
	own := map[string]bool{}
	central := t.wanted[t.above(path.Dir(file), packagesProps)]
	byName := make(map[[2]string]int, len(entries)) // framework and id to entry
	for i := range entries {
		e := &entries[i]
		byName[[2]string{e.framework, strings.ToLower(e.id)}] = i
		if e.use = -1; strings.EqualFold(e.kind, "Project") {
			own[strings.ToLower(e.id)] = true
			continue
		}
		u := lockfile.Use{Package: t.spelling.purl(e.id, e.resolved), Requirement: e.requested, Line: e.line}
		// What is brought in starts with the weakest scope: what brings it in decides.
		if u.Scope, u.Direct = lockfile.Test, strings.EqualFold(e.kind, "Direct"); u.Direct {
			u.Scope = scopes(e.id)
		}
		e.use = c.Add(u)
		if central != nil {
			central[strings.ToLower(e.id)] = true
		}
	}
	if len(own) > 0 {
		m.Notes = append(m.Notes, lockfile.Note{Reason: fmt.Sprintf("referenced projects, the solution's own and no packages: %d", len(own))})
	}
	var throughProjects []int
	for _, e := range entries {
		for _, need := range e.needs {
			if to := find(byName, entries, e.framework, need); to >= 0 && e.use >= 0 {
				c.Edge(e.use, to)
			} else if to >= 0 {
				throughProjects = append(throughProjects, to)
			}
		}
	}
	if m.Uses, err = c.Uses(); err == nil {
		spread(m.Uses, throughProjects, test)
	}
	return m, err
}

// find returns the use that an id means in a framework; a section for one
// runtime ("net8.0/win-x64") repeats only what differs. -1 when there is none.
func find(byName map[[2]string]int, entries []locked, framework, id string) int {
	id = strings.ToLower(id)
	i, ok := byName[[2]string{framework, id}]
	if bare, _, runtime := strings.Cut(framework, "/"); !ok && runtime {
		i, ok = byName[[2]string{bare, id}]
	}
	if !ok {
		return -1
	}
	return entries[i].use
}

// spread settles the scopes. What a referenced project brings in is as needed
// as what the project itself names.
func spread(uses []lockfile.Use, throughProjects []int, test bool) {
	direct := make([]bool, len(uses))
	for i := range uses {
		direct[i] = uses[i].Direct
	}
	for _, i := range throughProjects {
		uses[i].Direct, uses[i].Scope = true, lockfile.Production
	}
	lockfile.SpreadScopes(uses)
	for i := range uses {
		if uses[i].Direct = direct[i]; test {
			uses[i].Scope = lockfile.Test
		}
	}
}

// describe fills what the projects of a lock say, and returns the scope that
// they give to a direct reference, and whether they are all tests.
func (t *tree) describe(m *lockfile.Manifest, projects []*project) (scopes func(id string) lockfile.Scope, test bool) {
	declared := map[string]lockfile.Scope{}
	test = len(projects) > 0
	for _, p := range projects {
		m.Covers = append(m.Covers, p.path)
		test = test && p.test
		for scope := p.evaluation; scope != nil; scope = scope.parent {
			for _, r := range scope.references {
				for _, id := range p.evaluation.ids(r.name) {
					s := lockfile.Production
					if _, private := p.versionsOf(r, id); private || r.kind != "packagereference" {
						s = lockfile.Development
					}
					id = strings.ToLower(id)
					if have, ok := declared[id]; ok {
						s = lockfile.Stronger(have, s)
					}
					declared[id] = s
				}
			}
		}
	}
	if len(projects) == 1 {
		m.Project, m.ProjectLicence = projects[0].purl(), projects[0].value("PackageLicenseExpression")
	}
	slices.Sort(m.Covers)
	return func(id string) lockfile.Scope {
		if s, ok := declared[strings.ToLower(id)]; ok {
			return s
		}
		return lockfile.Production
	}, test
}

func parseLock(b []byte) (version string, entries []locked, err error) {
	j := lockfile.NewJSON(b)
	found := false
	j.Object(func(key string) {
		switch key {
		case "version":
			version = j.String()
		case "dependencies":
			found = true
			j.Object(func(framework string) {
				j.Object(func(id string) {
					if j.Kind() != '{' || id == "" || len(entries) > lockfile.MaxUses {
						return
					}
					e := locked{framework: framework, id: id, line: j.Line()}
					readEntry(j, &e)
					entries = append(entries, e)
				})
			})
		}
	})
	if err := j.End(); err != nil {
		return "", nil, err
	}
	if !found {
		return "", nil, &lockfile.LineError{Line: 1, Err: fmt.Errorf("%w as packages.lock.json: there are no dependencies", lockfile.ErrSyntax)}
	}
	if len(entries) > lockfile.MaxUses {
		return "", nil, lockfile.ErrTooLarge
	}
	return version, entries, nil
}

func readEntry(j *lockfile.JSON, e *locked) {
	j.Object(func(key string) {
		switch key {
		case "type":
			e.kind = j.String()
		case "requested":
			e.requested = j.String()
		case "resolved":
			e.resolved = j.String()
		case "dependencies":
			j.Object(func(id string) { e.needs = append(e.needs, id) })
		}
	})
}
