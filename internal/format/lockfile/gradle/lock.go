package gradle

import (
	"fmt"
	"path"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/purl"
)

// isLock says whether p is a lock file of Gradle: one for all configurations
// since Gradle 7, one for each before.
func isLock(p string) bool {
	base := path.Base(p)
	return base == "gradle.lockfile" || isBuildLock(p) || isLegacyLock(p)
}

// isBuildLock says whether p locks what the build itself runs with.
func isBuildLock(p string) bool {
	base := path.Base(p)
	return base == "buildscript-gradle.lockfile" || base == "settings-gradle.lockfile" || base == "settings-buildscript-gradle.lockfile"
}

func isLegacyLock(p string) bool {
	return strings.HasSuffix(p, ".lockfile") && path.Base(path.Dir(p)) == "dependency-locks"
}

// locked is one line of a lock file.
type locked struct {
	group, name, version string
	scope                lockfile.Scope
	line                 int
}

// readLock reads a lock file. Each line is group:name:version=configurations;
// legacy files have no configurations, the file is named after its one.
// Source: Gradle User Manual, "Locking dependency versions".
func readLock(p string, b []byte) ([]locked, error) {
	b, err := lockfile.Text(b)
	if err != nil {
		return nil, err
	}
	legacy := isLegacyLock(p)
	var out []locked
	text := string(b)
	for line := 1; text != ""; line++ {
		var row string
		row, text, _ = strings.Cut(text, "\n")
		row = strings.TrimSpace(row)
		if row == "" || row[0] == '#' {
			continue
		}
		if len(out) >= lockfile.MaxUses {
			return nil, &lockfile.LineError{Line: line, Err: lockfile.ErrTooLarge}
		}
		release, configurations, found := strings.Cut(row, "=")
		if release == "empty" && found {
			continue
		}
		parts := strings.Split(release, ":")
		if len(parts) != 3 || parts[0] == "" || parts[1] == "" || parts[2] == "" || strings.ContainsAny(release, " \t") || found == legacy {
			return nil, &lockfile.LineError{Line: line, Err: fmt.Errorf("%w: not group:name:version=configurations", lockfile.ErrSyntax)}
		}
		l := locked{group: parts[0], name: parts[1], version: parts[2], line: line}
		switch {
		case isBuildLock(p):
			l.scope = lockfile.Development
		case legacy:
			l.scope = legacyScope(p)
		default:
			l.scope = strongest(configurations)
		}
		out = append(out, l)
	}
	return out, nil
}

func legacyScope(p string) lockfile.Scope {
	name := strings.TrimSuffix(path.Base(p), ".lockfile")
	if strings.HasPrefix(name, "buildscript-") {
		return lockfile.Development
	}
	return scopeOf(name)
}

func strongest(configurations string) lockfile.Scope {
	scope := lockfile.Scope("")
	for configurations != "" {
		var name string
		name, configurations, _ = strings.Cut(configurations, ",")
		if of := scopeOf(strings.TrimSpace(name)); scope == "" {
			scope = of
		} else {
			scope = lockfile.Stronger(scope, of)
		}
	}
	if scope == "" {
		return lockfile.Production
	}
	return scope
}

func (l locked) purl() purl.PURL { return purl.New("maven", l.group, l.name, l.version) }
