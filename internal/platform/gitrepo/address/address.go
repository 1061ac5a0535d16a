// Package address knows how the addresses of git repositories are spelt: it
// brings them to one form, takes credentials out of them and takes apart what
// may be copied from.
package address

import (
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"

	"steward/internal/platform/fault"
)

// Errors of this package. Messages around them name what is wrong.
var (
	// ErrInvalid says that the text is no address of a repository, or one of a
	// kind that is not used.
	ErrInvalid = fault.New(fault.Invalid, "this is no address of a repository that can be used; write https, ssh or an absolute path")
	// ErrCredentials says that the address has a password or a token in it.
	ErrCredentials = fault.New(fault.Invalid, "the address has credentials in it; put the token into a file and name the file")
)

// secretWords find credentials in running text: userinfo of a URL, secrets in
// a query, authorisation headers.
var secretWords = []struct {
	find *regexp.Regexp
	put  string
}{
	{regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://)[^/\s'"<>?#]*@`), "${1}"},
	{regexp.MustCompile(`(?i)([?&;](?:[a-z0-9_.-]*(?:token|secret|password|passwd|apikey|api_key|signature|credential|auth|sig|key)[a-z0-9_.-]*)=)[^&;\s'"<>#]+`), "${1}…"},
	{regexp.MustCompile(`(?i)(authorization["']?\s*[:=]\s*(?:basic|bearer|token)?\s*)[^\s'",]+`), "${1}…"},
	{regexp.MustCompile(`\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|stw_[A-Za-z0-9_-]{16,})`), "…"},
}

// Redact takes credentials out of a text for people: the user part of URLs,
// secret query values, authorisation headers, tokens of well-known shapes.
func Redact(s string) string {
	for _, w := range secretWords {
		s = w.find.ReplaceAllString(s, w.put)
	}
	return s
}

// WithoutCredentials is a remote's address fit to be shown and stored: without
// password, without user where that may be a token (http), without query.
func WithoutCredentials(address string) string {
	address = strings.TrimSpace(address)
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return Redact(address)
	}
	if i := strings.IndexAny(rest, "?#"); i >= 0 && !strings.EqualFold(scheme, "file") {
		rest = rest[:i]
	}
	host, path, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		user, _, _ := strings.Cut(host[:at], ":")
		host = host[at+1:]
		if isSSH(scheme) && user != "" {
			host = user + "@" + host
		}
	}
	if len(rest) > strings.IndexByte(rest, '/') && strings.Contains(rest, "/") {
		host += "/"
	}
	return scheme + "://" + host + path
}

func isSSH(scheme string) bool {
	switch strings.ToLower(scheme) {
	case "ssh", "git+ssh", "ssh+git":
		return true
	}
	return false
}

// defaultPorts are left out of normalised addresses.
var defaultPorts = map[string]string{"http": "80", "https": "443", "ssh": "22", "git": "9418", "git+ssh": "22", "ssh+git": "22"}

// Normalise brings the addresses of one repository to one spelling for
// comparison: "host/path" without scheme, user, default port, ".git" and
// trailing slashes; the host in lower case, the path as written but for
// percent-escapes. https://User@Host:443/a/b.git/ and git@host:a/b give
// host/a/b. A path of this machine stays a path that starts with "/":
// file:///srv/./a.git and /srv/a/ give /srv/a.
func Normalise(address string) (string, error) {
	address = strings.TrimSpace(address)
	if address == "" || strings.ContainsFunc(address, func(c rune) bool { return c < 0x20 || c == 0x7f }) {
		return "", fmt.Errorf("address %q: empty or with control characters: %w", Redact(address), ErrInvalid)
	}
	scheme, host, path := splitAddress(address)
	switch scheme {
	case "http", "https", "ssh", "git", "git+ssh", "ssh+git":
	case "file":
		path = trimRepoPath(path)
		if path == "" {
			return "", fmt.Errorf("address %q: no path: %w", Redact(address), ErrInvalid)
		}
		return path, nil
	default:
		return "", fmt.Errorf("address %q: neither http, https, ssh, git nor a path: %w", Redact(address), ErrInvalid)
	}
	host = strings.ToLower(host[strings.LastIndexByte(host, '@')+1:])
	host = strings.TrimSuffix(strings.TrimSuffix(host, ":"+defaultPorts[scheme]), ":")
	host = strings.TrimSuffix(host, ".")
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i]
	}
	if un, err := url.PathUnescape(path); err == nil && !strings.ContainsRune(un, 0) {
		path = un
	}
	path = strings.TrimLeft(trimRepoPath(path), "/")
	if host == "" || path == "" || strings.ContainsAny(host, " /\\") {
		return "", fmt.Errorf("address %q: no host or no path: %w", Redact(address), ErrInvalid)
	}
	return host + "/" + path, nil
}

// splitAddress takes an address apart by git's rules (git-clone(1), "GIT
// URLS"): scheme://, then host:path when the colon comes before any slash.
// The path of a place of this machine is clean.
func splitAddress(address string) (scheme, host, path string) {
	if s, rest, ok := strings.Cut(address, "://"); ok {
		scheme = strings.ToLower(s)
		if scheme == "file" {
			return scheme, "", localPath(rest)
		}
		host, path, _ = strings.Cut(rest, "/")
		return scheme, host, path
	}
	colon, slash := strings.IndexByte(address, ':'), strings.IndexByte(address, '/')
	if strings.HasPrefix(address, "[") {
		if end := strings.Index(address, "]:"); end > 0 {
			return "ssh", strings.Trim(address[:end], "[]"), address[end+2:]
		}
	}
	if strings.Contains(address, "::") {
		return "transport helper", "", ""
	}
	if colon > 0 && (slash < 0 || colon < slash) {
		return "ssh", address[:colon], address[colon+1:]
	}
	if slash == 0 {
		return "file", "", filepath.Clean(address)
	}
	return "relative path", "", ""
}

// localPath is the path that a file address names, "" for none. Its
// percent-escapes are resolved, as git does (url_decode in connect.c).
func localPath(rest string) string {
	if un, err := url.PathUnescape(rest); err == nil && !strings.ContainsRune(un, 0) {
		rest = un
	}
	if rest == "" {
		return ""
	}
	if below, ok := strings.CutPrefix(rest, "localhost/"); ok {
		rest = below
	}
	return filepath.Clean("/" + rest)
}

func trimRepoPath(path string) string {
	return strings.TrimRight(strings.TrimSuffix(strings.TrimRight(path, "/"), ".git"), "/")
}
