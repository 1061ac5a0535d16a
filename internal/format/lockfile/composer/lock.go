package composer

import (
	"fmt"
	"strings"

	"steward/internal/format/lockfile"
)

// locked is one entry of packages or packages-dev.
type locked struct {
	name, version string
	scope         lockfile.Scope
	line          int
	source, dist  place
	notified      bool // downloads are reported: the package is of Packagist or another registry
	requires      []string
	provides      []string // names that it stands in for
}

// place is a source or a dist.
type place struct{ kind, url, reference string }

func readLock(files lockfile.Files, file string, beside *project) (lockfile.Manifest, error) {
	b, err := files.ReadFile(file)
	if err == nil {
		b, err = lockfile.Text(b)
	}
	if err != nil {
		return lockfile.Manifest{}, err
	}
	packages, err := parseLock(b)
	if err != nil {
		return lockfile.Manifest{}, err
	}
	m := lockfile.Manifest{
		Path: file, Format: "composer.lock", Ecosystem: ecosystem, Lock: true, HasEdges: true, Project: beside.purl(),
	}
	var c lockfile.Collector
	ids := make([]int, len(packages))
	byName, provided := map[string][]int{}, map[string][]int{}
	for i, p := range packages {
		ids[i] = c.Add(p.use(beside))
		name := strings.ToLower(p.name)
		byName[name] = append(byName[name], ids[i])
		for _, name := range p.provides {
			if name = strings.ToLower(name); len(provided[name]) < maxProviders {
				provided[name] = append(provided[name], ids[i])
			}
		}
	}
	needed := map[int]bool{}
	for i, p := range packages {
		for _, name := range p.requires {
			name = strings.ToLower(name)
			answers := byName[name]
			if len(answers) == 0 {
				answers = provided[name]
			}
			for _, to := range answers {
				c.Edge(ids[i], to)
				needed[to] = needed[to] || to != ids[i]
			}
		}
	}
	if beside == nil {
		for _, id := range ids {
			if !needed[id] {
				c.Declare(id, "", lockfile.Test) // the weakest: the block of the lock decides
			}
		}
		m.Notes = append(m.Notes, lockfile.Note{Reason: "no readable composer.json beside the lock: packages that no other needs are taken for direct"})
	} else {
		m.ProjectLicence = beside.licence
		declare(&c, &m, beside, byName, provided)
	}
	m.Uses, err = c.Uses()
	return m, err
}

// maxProviders is how many packages may answer one virtual name.
const maxProviders = 50

func declare(c *lockfile.Collector, m *lockfile.Manifest, beside *project, byName, provided map[string][]int) {
	for _, r := range beside.requires {
		found := byName[strings.ToLower(r.name)]
		for _, id := range found {
			c.Declare(id, r.constraint, r.scope)
		}
		if len(found)+len(provided[strings.ToLower(r.name)]) == 0 && m.Unresolved == "" {
			m.Unresolved = "the lock does not hold every declared dependency, renew it with composer update"
			m.Notes = append(m.Notes, lockfile.Note{Reason: fmt.Sprintf("%q and perhaps others are declared in composer.json, but not in the lock", r.name)})
		}
	}
}

func parseLock(b []byte) ([]locked, error) {
	var packages []locked
	j := lockfile.NewJSON(b)
	isLock := false
	j.Object(func(key string) {
		scope := lockfile.Production
		switch key {
		case "packages-dev":
			scope = lockfile.Development
		case "packages":
		default:
			return
		}
		isLock = true
		j.Array(func() {
			if j.Kind() != '{' {
				return
			}
			if p := readPackage(j); isPackage(p.name) && len(packages) <= lockfile.MaxUses {
				p.scope = scope
				packages = append(packages, p)
			}
		})
	})
	if err := j.End(); err != nil {
		return nil, err
	}
	if !isLock {
		return nil, &lockfile.LineError{Line: 1, Err: fmt.Errorf("%w as composer.lock: there are no packages", lockfile.ErrSyntax)}
	}
	return packages, nil
}

func readPackage(j *lockfile.JSON) locked {
	p := locked{line: j.Line()}
	j.Object(func(key string) {
		switch key {
		case "name":
			p.line = j.Line()
			p.name = j.String()
		case "version":
			p.version = j.String()
		case "source":
			p.source = readPlace(j)
		case "dist":
			p.dist = readPlace(j)
		case "notification-url":
			p.notified = j.String() != ""
		case "require":
			p.requires = appendNames(p.requires, j)
		case "replace", "provide":
			p.provides = appendNames(p.provides, j)
		}
	})
	return p
}

func readPlace(j *lockfile.JSON) (p place) {
	j.Object(func(key string) {
		switch key {
		case "type":
			p.kind = j.String()
		case "url":
			p.url = j.String()
		case "reference":
			p.reference = j.String()
		}
	})
	return p
}

func appendNames(names []string, j *lockfile.JSON) []string {
	j.Object(func(name string) {
		if isPackage(name) {
			names = append(names, name)
		}
	})
	return names
}

func (p *locked) use(beside *project) lockfile.Use {
	u := lockfile.Use{Package: named(p.name, p.version), Scope: p.scope, Line: p.line}
	registryOnly := beside != nil && beside.registry && !beside.vcs
	switch {
	case p.dist.kind == "path":
		u.Origin, u.From = lockfile.Path, p.dist.url
	case p.notified, registryOnly:
	case p.source.url != "":
		u.Origin, u.From = lockfile.Git, lockfile.Address(p.source.url)
		if p.source.reference != "" {
			u.From += "#" + p.source.reference
		}
	case p.dist.url != "":
		u.Origin, u.From = lockfile.URL, lockfile.Address(p.dist.url)
	}
	return u
}
