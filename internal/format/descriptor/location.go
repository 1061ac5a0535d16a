package descriptor

import (
	"path"
	"strings"
)

// Target is one target of a Location as written.
type Target struct {
	Type string // spec.type: url, file, or empty
	Text string
	Line int
}

// Resolve returns the path of a relative target inside the repository, seen
// from the file that holds the Location, both with slashes and relative to the
// root. It refuses (ok false) URLs, absolute paths, back slashes and everything
// that would leave the tree. The result may hold wildcards: see MatchTarget.
func Resolve(file, target string) (resolved string, ok bool) {
	if target == "" || len(target) > 4096 || strings.ContainsAny(target, "\\\x00\r\n?#") || strings.HasPrefix(target, "/") {
		return "", false
	}
	if head, _, found := strings.Cut(target, ":"); found && !strings.Contains(head, "/") {
		return "", false // a scheme, or C:
	}
	dir := path.Dir(path.Clean("/" + file))
	// path.Clean on a rooted path swallows ".." at the root, so the steps are counted here.
	depth := strings.Count(strings.Trim(dir, "/"), "/") + 1
	if dir == "/" {
		depth = 0
	}
	for _, part := range strings.Split(target, "/") {
		switch part {
		case "", ".":
		case "..":
			if depth--; depth < 0 {
				return "", false
			}
		default:
			depth++
		}
	}
	resolved = strings.TrimPrefix(path.Join(dir, target), "/")
	return resolved, resolved != ""
}

// MatchTarget reports whether a path is meant by a resolved target: equal, or
// matched by its wildcards (* within a folder, ** over any number of folders).
func MatchTarget(resolved, file string) bool {
	if resolved == file {
		return true
	}
	if !strings.Contains(resolved, "*") {
		return false
	}
	pattern, names := strings.Split(resolved, "/"), strings.Split(file, "/")
	p, n, starP, starN := 0, 0, -1, 0
	for n < len(names) {
		if p < len(pattern) {
			if pattern[p] == "**" {
				starP, starN = p, n
				p++
				continue
			}
			if ok, err := path.Match(pattern[p], names[n]); ok && err == nil {
				p++
				n++
				continue
			}
		}
		if starP < 0 {
			return false
		}
		starN++
		p, n = starP+1, starN
	}
	for p < len(pattern) && pattern[p] == "**" {
		p++
	}
	return p == len(pattern)
}
