package lockfile

import (
	"net/url"
	"strings"
)

// Address returns where a git, path or URL dependency comes from, without
// what could be a credential: user and password (a bare "git" user stays, it
// says nothing), and every parameter of query and fragment that is not known
// to name a place (branch=, tag=, subdirectory= and their like).
func Address(s string) string {
	s = strings.TrimSpace(s)
	fragment, query := "", ""
	if i := strings.IndexByte(s, '#'); i >= 0 {
		s, fragment = s[:i], s[i+1:]
	}
	if i := strings.IndexByte(s, '?'); i >= 0 {
		s, query = s[:i], s[i+1:]
	}
	s = withoutUser(s)
	if query = harmless(query); query != "" {
		s += "?" + query
	}
	if fragment = harmless(fragment); fragment != "" {
		s += "#" + fragment
	}
	return s
}

func withoutUser(s string) string {
	scheme, rest := "", s
	if i := strings.Index(s, "://"); i >= 0 {
		scheme, rest = s[:i+3], s[i+3:]
	} else {
		for _, p := range hostPrefixes {
			if strings.HasPrefix(s, p) {
				scheme, rest = p, s[len(p):]
			}
		}
	}
	host, path := rest, ""
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		host, path = rest[:i], rest[i:]
	}
	// A password may hold an unescaped slash: "user:pa" is no host with a port.
	if _, port, ok := strings.Cut(host, ":"); ok && scheme != "" && strings.Trim(port, "0123456789") != "" && !strings.Contains(host, "@") {
		host, path = rest, ""
	}
	at := strings.LastIndexByte(host, '@')
	if at <= 0 || host[at-1] == ':' && scheme == "" {
		return s // none, or a path with an @ such as link:@scope/name
	}
	user := ""
	if host[:at] == "git" {
		user = "git@"
	}
	return scheme + user + host[at+1:] + path
}

// hostPrefixes are the short forms of hosts, which are written without //.
var hostPrefixes = []string{"github:", "gitlab:", "bitbucket:", "gist:", "sourcehut:"}

// harmless keeps the parameters that name a place. A text without = is a
// commit, a tag or a range.
func harmless(params string) string {
	if !strings.Contains(params, "=") {
		return params
	}
	var kept []string
	for _, p := range strings.FieldsFunc(params, func(r rune) bool { return r == '&' || r == ';' }) {
		name, _, _ := strings.Cut(p, "=")
		if name, err := url.QueryUnescape(name); err == nil && placeParams[strings.ToLower(name)] {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "&")
}

var placeParams = map[string]bool{
	"branch": true, "tag": true, "rev": true, "ref": true, "commit": true, "head": true,
	"path": true, "subdirectory": true, "workspace": true, "egg": true, "semver": true, "precise": true,
	"sha256": true, "sha512": true,
}
