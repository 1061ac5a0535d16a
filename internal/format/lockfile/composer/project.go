package composer

import (
	"regexp"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/purl"
)

// project is what a composer.json says.
type project struct {
	name, version, licence string
	requires               []require
	vcs, registry          bool // repositories of these kinds are declared
}

// require is one line of require or require-dev.
type require struct {
	name, constraint string
	scope            lockfile.Scope
	line             int
}

// exactVersion is a constraint that one release alone meets.
var exactVersion = regexp.MustCompile(`^=?\s*v?\d+\.\d+\.\d+(\.\d+)?(-[0-9A-Za-z.]+)?$`)

func parseProject(b []byte) (*project, error) {
	b, err := lockfile.Text(b)
	if err != nil {
		return nil, err
	}
	p := &project{}
	j := lockfile.NewJSON(b)
	j.Object(func(key string) {
		switch key {
		case "name":
			p.name = j.String()
		case "version":
			p.version = j.String()
		case "license":
			p.licence = readLicence(j)
		case "require":
			p.readRequires(j, lockfile.Production)
		case "require-dev":
			p.readRequires(j, lockfile.Development)
		case "repositories":
			p.readRepositories(j)
		}
	})
	return p, j.End()
}

func (p *project) readRequires(j *lockfile.JSON, scope lockfile.Scope) {
	j.Object(func(name string) {
		r := require{name: name, scope: scope, line: j.Line()}
		if r.constraint = j.String(); isPackage(name) {
			p.requires = append(p.requires, r)
		}
	})
}

// readRepositories looks for other sources than Packagist; the list may be an
// object with names.
func (p *project) readRepositories(j *lockfile.JSON) {
	one := func() {
		if j.Kind() != '{' {
			return
		}
		j.Object(func(key string) {
			if key != "type" {
				return
			}
			switch j.String() {
			case "vcs", "git", "github", "gitlab", "git-bitbucket", "hg", "svn", "fossil", "perforce":
				p.vcs = true
			case "composer":
				p.registry = true
			}
		})
	}
	switch j.Kind() {
	case '[':
		j.Array(one)
	case '{':
		j.Object(func(string) { one() })
	}
}

// readLicence reads one licence or a list of which one may be chosen.
func readLicence(j *lockfile.JSON) string {
	if j.Kind() != '[' {
		return j.String()
	}
	var all []string
	j.Array(func() {
		if licence := j.String(); licence != "" {
			all = append(all, licence)
		}
	})
	return strings.Join(all, " OR ")
}

// isPackage tells packages from the platform, whose names have no vendor.
func isPackage(name string) bool {
	vendor, rest, ok := strings.Cut(name, "/")
	return ok && vendor != "" && rest != ""
}

// named makes the package URL of vendor/name.
func named(name, version string) purl.PURL {
	vendor, rest, _ := strings.Cut(name, "/")
	return purl.New(ecosystem, vendor, rest, version)
}

func (p *project) purl() purl.PURL {
	if p == nil || !isPackage(p.name) {
		return purl.PURL{}
	}
	return named(p.name, p.version)
}

// manifest returns a project that no lock covers.
func (p *project) manifest(file string, lockUnread bool) (lockfile.Manifest, error) {
	m := lockfile.Manifest{Path: file, Format: "composer.json", Ecosystem: ecosystem, Project: p.purl(), ProjectLicence: p.licence}
	var c lockfile.Collector
	for _, r := range p.requires {
		u := lockfile.Use{Package: named(r.name, ""), Requirement: r.constraint, Scope: r.scope, Direct: true, Line: r.line}
		if exactVersion.MatchString(r.constraint) {
			u.Package.Version = strings.TrimLeft(r.constraint, "= ")
		}
		c.Add(u)
	}
	switch {
	case len(p.requires) == 0:
	case lockUnread:
		m.Unresolved = "composer.lock could not be read: constraints are not resolved and transitive dependencies are unknown"
	default:
		m.Unresolved = "no composer.lock: constraints are not resolved and transitive dependencies are unknown"
	}
	var err error
	m.Uses, err = c.Uses()
	return m, err
}
