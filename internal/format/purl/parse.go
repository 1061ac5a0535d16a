package purl

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Parse reads a package URL of at most MaxLength bytes as "How to parse a PURL
// string" of the specification says. An unescaped npm scope (pkg:npm/@scope/name)
// is read too. What single types ask beyond that is not checked: a namespace or
// qualifier that must be there, lower-case qualifier keys, the shape of a
// chrome-extension's name.
//
// The work is done here because the library lower-cases Go module paths while
// it parses.
func Parse(s string) (PURL, error) {
	if len(s) > MaxLength {
		return PURL{}, fmt.Errorf("%w: longer than %d bytes", ErrInvalid, MaxLength)
	}
	p, err := parse(s)
	if err != nil {
		return PURL{}, fmt.Errorf("%w: %q: %w", ErrInvalid, s, err)
	}
	return p, nil
}

func parse(s string) (PURL, error) {
	if len(s) < 4 || !strings.EqualFold(s[:4], "pkg:") {
		return PURL{}, fmt.Errorf("it does not start with the scheme pkg")
	}
	rest, fragment, _ := strings.Cut(strings.TrimLeft(s[4:], "/"), "#")
	rest, query, _ := strings.Cut(rest, "?")
	if err := checkQualifiers(query); err != nil {
		return PURL{}, err
	}
	typ, rest, _ := strings.Cut(rest, "/")
	if !validType(typ) {
		return PURL{}, fmt.Errorf("the type %q is not made of letters, digits, '.' and '-' with a letter first", typ)
	}
	typ = strings.ToLower(typ)
	rest = strings.Trim(rest, "/")
	rest, rawVersion, err := cutVersion(typ, rest)
	if err != nil {
		return PURL{}, err
	}
	version, err := decode(rawVersion)
	if err != nil {
		return PURL{}, fmt.Errorf("version: %w", err)
	}
	rawSpace, rawName := "", rest
	if i := strings.LastIndexByte(rest, '/'); i >= 0 {
		rawSpace, rawName = rest[:i], rest[i+1:]
	}
	name, err := decode(rawName)
	if err != nil {
		return PURL{}, fmt.Errorf("name: %w", err)
	}
	space, err := decodePath(rawSpace)
	if err != nil {
		return PURL{}, fmt.Errorf("namespace: %w", err)
	}
	subpath, err := decodePath(fragment)
	if err != nil {
		return PURL{}, fmt.Errorf("subpath: %w", err)
	}
	p := New(typ, strings.Join(space, "/"), name, version)
	if p.Name == "" {
		return PURL{}, fmt.Errorf("the name is missing")
	}
	if typ == "cpan" && strings.Contains(p.Name, "::") {
		return PURL{}, fmt.Errorf("a cpan name is a distribution, not a module with :: in it")
	}
	p.Subpath = cleanSubpath(subpath)
	return p, nil
}

// cutVersion splits at the last @ that is not the @ of an npm scope.
func cutVersion(typ, rest string) (before, version string, err error) {
	i := strings.LastIndexByte(rest, '@')
	switch {
	case i > 0 && rest[i-1] != '/':
		return rest[:i], rest[i+1:], nil
	case i < 0, i == 0 && typ == "npm" && strings.Contains(rest, "/"):
		return rest, "", nil
	default:
		return "", "", fmt.Errorf("the name is missing")
	}
}

// validType follows the specification's rules for the type.
func validType(typ string) bool {
	for i, r := range typ {
		letter := (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z')
		if !letter && (i == 0 || !(r >= '0' && r <= '9' || r == '.' || r == '-' || r == '+')) {
			return false
		}
	}
	return typ != ""
}

// checkQualifiers refuses what is not a list of key=value.
func checkQualifiers(query string) error {
	for pair := range strings.SplitSeq(query, "&") {
		key, value, _ := strings.Cut(pair, "=")
		for i, r := range key {
			letter := (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') || r == '.' || r == '-' || r == '_'
			if !letter && (i == 0 || r < '0' || r > '9') {
				return fmt.Errorf("the qualifier key %q is not made of letters, digits, '.', '-' and '_'", key)
			}
		}
		if _, err := decode(value); err != nil {
			return fmt.Errorf("qualifier %s: %w", key, err)
		}
	}
	return nil
}

// decode undoes percent-encoding and refuses what no name or version holds.
func decode(s string) (string, error) {
	t, err := url.PathUnescape(s)
	if err != nil {
		return "", err
	}
	if !utf8.ValidString(t) {
		return "", fmt.Errorf("it is not UTF-8")
	}
	if strings.ContainsFunc(t, unicode.IsControl) {
		return "", fmt.Errorf("it holds control characters")
	}
	return t, nil
}

// decodePath decodes each segment by itself; empty ones fall away.
func decodePath(s string) ([]string, error) {
	var segments []string
	for raw := range strings.SplitSeq(s, "/") {
		segment, err := decode(raw)
		if err != nil {
			return nil, err
		}
		if segment != "" {
			segments = append(segments, segment)
		}
	}
	return segments, nil
}

// cleanSubpath drops the segments that would lead elsewhere.
func cleanSubpath(segments []string) string {
	var kept []string
	for part := range strings.SplitSeq(strings.Join(segments, "/"), "/") {
		if part != "" && part != "." && part != ".." {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "/")
}
