package cargo

import (
	"fmt"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/purl"
)

// declared is the manifest of a Cargo.toml that no lock covers.
func (t *tree) declared(c *crate) (lockfile.Manifest, error) {
	m := lockfile.Manifest{
		Path: c.path, Format: "Cargo.toml", Ecosystem: "cargo", ProjectLicence: c.licence,
	}
	if c.name != "" {
		m.Project = purl.New("cargo", "", c.name, c.version)
	}
	var uses lockfile.Collector
	local := 0
	for _, d := range c.dependencies {
		if t.local(d) {
			local++
			continue
		}
		u := lockfile.Use{
			Package: purl.New("cargo", "", d.name, exact(d.req)), Requirement: d.req, Alias: d.alias,
			Scope: d.scope, Direct: true, Line: d.line,
		}
		u.Origin, u.From = d.origin()
		uses.Add(u)
	}
	if local > 0 {
		m.Notes = []lockfile.Note{{Reason: fmt.Sprintf("crates of this project, not dependencies: %d", local)}}
	}
	var err error
	if m.Uses, err = uses.Uses(); err != nil {
		return m, err
	}
	if len(m.Uses) > 0 {
		m.Unresolved = "no Cargo.lock covers this file: versions and transitive dependencies are unknown; commit the lock that \"cargo generate-lockfile\" writes"
	}
	return m, nil
}

func (d declaration) origin() (lockfile.Origin, string) {
	switch {
	case d.git != "":
		from := lockfile.Address(d.git)
		if d.commit != "" {
			from += "#" + d.commit
		}
		return lockfile.Git, from
	case d.path != "":
		return lockfile.Path, d.path
	}
	return lockfile.Registry, ""
}

// exact returns the version of a requirement such as "=1.2.3", which admits
// one release; empty for every other.
func exact(req string) string {
	v, ok := strings.CutPrefix(strings.TrimSpace(req), "=")
	v = strings.TrimSpace(v)
	core, _, _ := strings.Cut(strings.SplitN(v, "-", 2)[0], "+")
	if !ok || strings.Count(core, ".") != 2 || strings.ContainsAny(v, "*, <>=") {
		return ""
	}
	return v
}
