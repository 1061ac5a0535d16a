package npm

import (
	"net/url"
	"path"
	"regexp"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/purl"
)

// spec is what stands to the right of a name among dependencies.
type spec struct {
	name    string          // of the package; differs from the declared name for an alias
	rng     string          // the range or tag, for the registry
	origin  lockfile.Origin // where from
	from    string          // for git, path and URL, without credentials
	member  bool            // workspace: another project of this tree
	catalog string          // "default" or a name, when the range stands in a catalogue
}

var (
	exactVersion = regexp.MustCompile(`^[=v\s]*(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)$`)
	hostedRepo   = regexp.MustCompile(`^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+(#.*)?$`)
)

// parseSpec reads a specifier as npm (npm-package-arg), yarn and pnpm do.
func parseSpec(name, s string) spec {
	s = strings.TrimSpace(s)
	protocol, rest, found := strings.Cut(s, ":")
	if !found {
		switch {
		case strings.HasPrefix(s, "./"), strings.HasPrefix(s, "../"), strings.HasPrefix(s, "/"), strings.HasPrefix(s, "~/"), s == ".", s == "..":
			return spec{name: name, origin: lockfile.Path, from: s}
		case hostedRepo.MatchString(s) && !strings.HasPrefix(s, "."):
			return spec{name: name, origin: lockfile.Git, from: lockfile.Address("github:" + s)}
		}
		return spec{name: name, rng: s}
	}
	switch protocol = strings.ToLower(protocol); protocol {
	case "npm":
		if real, rng := splitNameRange(rest); real != "" {
			return spec{name: real, rng: rng}
		}
		return spec{name: name, rng: rest}
	case "jsr":
		return jsrSpec(name, rest)
	case "workspace":
		return spec{name: name, rng: rest, member: true}
	case "catalog":
		if rest = strings.TrimSpace(rest); rest == "" {
			rest = "default"
		}
		return spec{name: name, catalog: rest}
	case "file", "link", "portal", "exec":
		place, _, _ := strings.Cut(rest, "::")
		place, _, _ = strings.Cut(place, "#")
		return spec{name: name, origin: lockfile.Path, from: place}
	case "patch":
		// patch:name@npm%3A1.2.3#./changes.patch: the package beneath it counts.
		inner, _, _ := strings.Cut(rest, "#")
		if decoded, err := url.PathUnescape(inner); err == nil {
			inner = decoded
		}
		if real, rng := splitNameRange(inner); real != "" && !strings.HasPrefix(rng, "patch:") {
			return parseSpec(real, rng)
		}
		return spec{name: name, rng: ""}
	case "http", "https":
		if isGit(rest) {
			return spec{name: name, origin: lockfile.Git, from: lockfile.Address(s)}
		}
		return spec{name: name, origin: lockfile.URL, from: lockfile.Address(s)}
	case "git", "ssh", "github", "gitlab", "bitbucket", "gist":
		return spec{name: name, origin: lockfile.Git, from: lockfile.Address(s)}
	}
	if strings.HasPrefix(protocol, "git+") || strings.Contains(protocol, "@") && !strings.Contains(protocol, " ") {
		return spec{name: name, origin: lockfile.Git, from: lockfile.Address(s)}
	}
	if path.IsAbs(rest) || strings.HasPrefix(rest, `\`) { // C:\folder
		return spec{name: name, origin: lockfile.Path, from: s}
	}
	return spec{name: name, rng: s}
}

// isGit tells a repository from a tarball by the end of its path.
func isGit(address string) bool {
	address, fragment, _ := strings.Cut(address, "#")
	address, _, _ = strings.Cut(address, "?")
	return strings.HasSuffix(address, ".git") || strings.HasPrefix(fragment, "commit=") || strings.HasPrefix(fragment, "semver:")
}

// jsrSpec maps a JSR package to the name under which npm clients install it.
func jsrSpec(name, rest string) spec {
	if real, rng := splitNameRange(rest); real != "" {
		name, rest = real, rng
	}
	if scope, base, ok := strings.Cut(name, "/"); ok && strings.HasPrefix(scope, "@") && scope != "@jsr" {
		name = "@jsr/" + scope[1:] + "__" + base
	}
	return spec{name: name, rng: rest}
}

// splitNameRange splits name@range; the name is empty when s is a range alone.
func splitNameRange(s string) (name, rng string) {
	if s == "" {
		return "", ""
	}
	if i := strings.IndexByte(s[1:], '@'); i >= 0 {
		return s[:i+1], s[i+2:]
	}
	if s[0] == '@' || s[0] >= 'a' && s[0] <= 'z' && s != "latest" && s != "next" && !exactVersion.MatchString(s) {
		return s, ""
	}
	return "", s
}

// use makes the use that a declaration alone, without a lock, tells.
func (s spec) use(declared string) lockfile.Use {
	u := lockfile.Use{Package: purl.NPM(s.name, ""), Requirement: s.rng, Origin: s.origin, From: s.from}
	if m := exactVersion.FindStringSubmatch(s.rng); m != nil {
		u.Package.Version = m[1]
	}
	if s.name != declared {
		u.Alias = declared
	}
	return u
}

// requirement returns the range that a declaration asks of the registry;
// empty for what does not come from there, which Use.From names.
func requirement(name, declared string) string {
	s := parseSpec(name, declared)
	if s.catalog != "" {
		return declared
	}
	return strings.Clone(s.rng)
}
