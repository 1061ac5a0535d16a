// Package local tells addresses of this Steward from all others, for those that lead back to where somebody came from.
package local

import (
	"net/url"
	"strings"
	"unicode"
)

// longestLocal is how long an address to come back to may be, in bytes; the longest that a page makes are those of
// lists with many filters.
const longestLocal = 2000

// Is reports whether an address is one of this Steward and nothing else: a path from its root, perhaps with a
// query. What a browser could take for another host or scheme is none, whether written plainly (//host, /\host,
// https:…) or with escapes in the path, and so is one with control characters or of more than 2,000 bytes.
func Is(address string) bool {
	if len(address) > longestLocal || !strings.HasPrefix(address, "/") || strings.ContainsFunc(address, outside) {
		return false
	}
	u, err := url.Parse(address)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || strings.ContainsFunc(u.Path, outside) {
		return false
	}
	return !strings.HasPrefix(u.Path, "//")
}

// outside are characters that no address of ours has, and that browsers drop or turn into a slash.
func outside(r rune) bool { return r == '\\' || unicode.IsControl(r) || r == unicode.ReplacementChar }
