package nuget

import (
	"encoding/xml"
	"fmt"
	"strings"

	"steward/internal/format/lockfile"
)

// readConfig reads a packages.config. It pins versions and lists every package
// that is installed, without saying which of them brings in another: all
// count as named by the project.
func (t *tree) readConfig(file string) (lockfile.Manifest, error) {
	b, err := t.files.ReadFile(file)
	if err != nil {
		return lockfile.Manifest{}, err
	}
	m := lockfile.Manifest{Path: file, Format: "packages.config", Ecosystem: ecosystem, Lock: true}
	test := false
	projects := t.projectsFor(file, "config")
	for _, p := range projects {
		test = test || p.test
		if len(p.references) == 0 { // one with references of its own speaks for itself
			m.Covers = append(m.Covers, p.path)
		}
	}
	if len(projects) == 1 {
		m.Project, m.ProjectLicence = projects[0].purl(), projects[0].value("PackageLicenseExpression")
	}
	var c lockfile.Collector
	depth, isConfig := 0, false
	err = walkXML(b, func(e xml.StartElement, line int) {
		depth++
		isConfig = isConfig || depth == 1 && strings.EqualFold(e.Name.Local, "packages")
		id := strings.TrimSpace(attribute(e, "id"))
		if !isConfig || depth != 2 || !strings.EqualFold(e.Name.Local, "package") || id == "" {
			return
		}
		u := lockfile.Use{
			Package:     t.spelling.purl(id, strings.TrimSpace(attribute(e, "version"))),
			Requirement: attribute(e, "allowedVersions"), Scope: lockfile.Production, Direct: true, Line: line,
		}
		switch {
		case test:
			u.Scope = lockfile.Test
		case strings.EqualFold(attribute(e, "developmentDependency"), "true"):
			u.Scope = lockfile.Development
		}
		c.Add(u)
	}, func(string) { depth-- })
	if err == nil && !isConfig {
		err = &lockfile.LineError{Line: 1, Err: fmt.Errorf("%w as packages.config: there are no packages", lockfile.ErrSyntax)}
	}
	if err != nil {
		return lockfile.Manifest{}, err
	}
	m.Uses, err = c.Uses()
	return m, err
}
