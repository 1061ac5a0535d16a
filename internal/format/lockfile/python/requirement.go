package python

import (
	"path"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/purl"
)

// declaration is one place that asks for a package.
type declaration struct {
	name    string // as written; empty when the address alone is known
	req     string // without blanks
	version string // when req admits one release
	scope   lockfile.Scope
	line    int
	origin  lockfile.Origin
	from    string
	local   bool // a directory: part of the project when it lies in the tree
}

// use is the declaration as a use that nothing has resolved.
func (d declaration) use() lockfile.Use {
	return lockfile.Use{
		Package: purl.New("pypi", "", d.name, d.version), Requirement: d.req, Scope: d.scope,
		Direct: true, Origin: d.origin, From: d.from, Line: d.line,
	}
}

// key is the name as it is compared.
func key(name string) string { return purl.New("pypi", "", name, "").Name }

// parseRequirement reads PEP 508: name[extras] spec; marker, or name[extras] @
// address; marker. Ok is false when s is something else.
func parseRequirement(s string) (d declaration, ok bool) {
	s = strings.TrimSpace(s)
	end := 0
	for end < len(s) && nameByte(s[end]) {
		end++
	}
	d.name = strings.TrimRight(s[:end], "._-")
	if d.name == "" || strings.IndexByte("._-", s[0]) >= 0 || len(d.name) != end {
		return declaration{}, false
	}
	rest := strings.TrimSpace(s[end:])
	if strings.HasPrefix(rest, "[") {
		close := strings.IndexByte(rest, ']')
		if close < 0 {
			return declaration{}, false
		}
		rest = strings.TrimSpace(rest[close+1:])
	}
	if address, ok := strings.CutPrefix(rest, "@"); ok {
		address, _, _ = strings.Cut(strings.TrimSpace(address), " ") // a marker follows a blank
		d.place(strings.TrimSuffix(address, ";"))
		return d, d.from != ""
	}
	spec, _, _ := strings.Cut(rest, ";")
	spec = strings.TrimSpace(spec)
	if strings.HasPrefix(spec, "(") && strings.HasSuffix(spec, ")") {
		spec = spec[1 : len(spec)-1]
	}
	d.req = strings.Join(strings.Fields(spec), "")
	if d.req != "" && strings.IndexByte("=<>!~", d.req[0]) < 0 {
		return declaration{}, false
	}
	d.version = pinned(d.req)
	return d, true
}

func nameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-'
}

// pinned returns the version of "==1.2" or "===1.2", alone or among others.
func pinned(req string) string {
	for clause := range strings.SplitSeq(req, ",") {
		if v, ok := strings.CutPrefix(clause, "=="); ok {
			v = strings.TrimSpace(strings.TrimPrefix(v, "="))
			if v != "" && !strings.ContainsAny(v, "*$") {
				return v
			}
		}
	}
	return ""
}

// rootMarks are how pdm and hatch write the directory of the project.
var rootMarks = []string{"file:///${PROJECT_ROOT}", "${PROJECT_ROOT}", "{root:uri}"}

// place fills in where an address or a path leads.
func (d *declaration) place(address string) {
	for _, mark := range rootMarks {
		if rest, ok := strings.CutPrefix(address, mark); ok {
			address = "." + rest
			break
		}
	}
	scheme, _, hasScheme := strings.Cut(address, ":")
	hasScheme = hasScheme && len(scheme) > 1 && !strings.ContainsAny(scheme, "/.@\\")
	switch {
	case strings.HasPrefix(scheme, "git+"), hasScheme && scheme == "git":
		d.origin, d.from = lockfile.Git, lockfile.Address(strings.TrimPrefix(address, "git+"))
	case strings.HasPrefix(address, "git@"):
		d.origin, d.from = lockfile.Git, address
	case hasScheme && scheme != "file":
		d.origin, d.from = lockfile.URL, lockfile.Address(address)
	default:
		d.origin = lockfile.Path
		d.from = strings.TrimPrefix(strings.TrimPrefix(address, "file:"), "//")
		d.from, _, _ = strings.Cut(d.from, "#")
		d.local = !isArchive(d.from)
	}
}

func isArchive(p string) bool {
	for _, ext := range []string{".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz", ".egg"} {
		if strings.HasSuffix(strings.ToLower(p), ext) {
			return true
		}
	}
	return false
}

// inTree says whether a path as written in a file of dir leads into the tree.
func inTree(dir, target string) bool {
	target = strings.ReplaceAll(target, `\`, "/")
	if path.IsAbs(target) || len(target) > 1 && target[1] == ':' {
		return false
	}
	joined := path.Join(dir, target)
	return joined != ".." && !strings.HasPrefix(joined, "../")
}

// nameFromAddress finds the name of a package that is given by its address
// alone: #egg=name, the file name of an archive, or the name of a repository.
func (d *declaration) nameFromAddress(address string) {
	address, fragment, _ := strings.Cut(address, "#")
	for p := range strings.SplitSeq(fragment, "&") {
		if egg, ok := strings.CutPrefix(p, "egg="); ok {
			egg, _, _ = strings.Cut(egg, "[")
			d.name = egg
			return
		}
	}
	address, _, _ = strings.Cut(address, "?")
	base := path.Base(strings.TrimRight(address, "/"))
	if isArchive(base) {
		parts := strings.Split(base, "-")
		if strings.HasSuffix(base, ".whl") && len(parts) >= 5 {
			d.name, d.version = parts[0], parts[1]
			return
		}
		for _, ext := range []string{".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".zip", ".egg", ".whl"} {
			base = strings.TrimSuffix(base, ext)
		}
		d.name = base
		if i := strings.LastIndexByte(base, '-'); i > 0 && i+1 < len(base) && base[i+1] >= '0' && base[i+1] <= '9' {
			d.name, d.version = base[:i], base[i+1:]
		}
		return
	}
	if d.origin == lockfile.Git {
		base, _, _ = strings.Cut(base, "@")
		d.name = strings.TrimSuffix(base, ".git")
	}
}

// groupScope is the scope of a dependency group, by its name.
func groupScope(group string) lockfile.Scope {
	if s := namedScope(group); s != "" {
		return s
	}
	return lockfile.Development
}

// extraScope is the scope of an extra, by its name.
func extraScope(extra string) lockfile.Scope {
	if s := namedScope(extra); s != "" {
		return s
	}
	return lockfile.Optional
}

// namedScope tells what a name such as "dev-requirements", "test" or "docs"
// stands for, by the words in it; empty when it stands for nothing known.
func namedScope(name string) lockfile.Scope {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r < 'a' || r > 'z' })
	var found lockfile.Scope
	for _, w := range words {
		switch w {
		case "dev", "devel", "develop", "development", "developer", "lint", "linting", "linter", "linters", "format", "typing", "mypy",
			"doc", "docs", "documentation", "ci", "build", "release", "tool", "tools", "tooling", "debug", "bench", "benchmark", "benchmarks", "local", "precommit":
			return lockfile.Development
		case "test", "tests", "testing", "pytest", "unittest", "unittests", "tox":
			found = lockfile.Test
		}
	}
	return found
}
