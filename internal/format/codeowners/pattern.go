package codeowners

import (
	"strings"
	"unicode/utf8"
)

// A pattern is compiled into path segments. Every segment but a globstar
// matches exactly one segment of a path.
type segmentKind uint8

const (
	literal  segmentKind = iota // equal to text
	glob                        // * ? \x and, on GitLab, [class] in text
	anything                    // any one segment
	globstar                    // any number of segments, also none
)

type segment struct {
	kind segmentKind
	text string
}

// compilePattern turns a valid pattern into segments. A nil result matches nothing.
func compilePattern(pattern string, d Dialect) []segment {
	if d == GitLab {
		return compileGitLab(pattern)
	}
	return compileGitHub(pattern)
}

// compileGitHub follows gitignore: no slash but a trailing one means any depth,
// a directory owns all below it; a last segment of * alone stays on its level.
func compileGitHub(pattern string) []segment {
	parts := strings.Split(pattern, "/")
	var out []segment
	switch {
	case parts[0] == "":
		parts = parts[1:]
	case len(parts) == 1 || len(parts) == 2 && parts[1] == "":
		out = append(out, segment{kind: globstar})
	}
	last := len(parts) - 1
	for i, part := range parts {
		switch {
		case part == "**" && i == last, part == "" && i == last:
			if part == "" && last == 0 {
				return nil // "/" alone
			}
			out = append(out, segment{kind: anything}, segment{kind: globstar})
		case part == "**":
			out = append(out, segment{kind: globstar})
		case part == "":
			return nil // an empty segment inside matches no path
		default:
			out = append(out, compileSegment(part, false))
			if i == last && part != "*" {
				out = append(out, segment{kind: globstar})
			}
		}
	}
	return squeeze(out)
}

// compileGitLab follows File.fnmatch after GitLab's own widening of a relative
// pattern and of a trailing slash.
func compileGitLab(pattern string) []segment {
	if strings.HasPrefix(pattern, `\#`) {
		pattern = pattern[1:]
	}
	if !strings.HasPrefix(pattern, "/") {
		pattern = "/**/" + pattern
	}
	if strings.HasSuffix(pattern, "/") {
		pattern += "**/*"
	}
	parts := strings.Split(pattern[1:], "/")
	var out []segment
	for i, part := range parts {
		switch {
		case part == "":
			return nil
		case part == "**" && i < len(parts)-1:
			out = append(out, segment{kind: globstar})
		default:
			out = append(out, compileSegment(part, true))
		}
	}
	return squeeze(out)
}

// squeeze drops a globstar that follows another.
func squeeze(in []segment) []segment {
	out := in[:0]
	for _, s := range in {
		if s.kind == globstar && len(out) > 0 && out[len(out)-1].kind == globstar {
			continue
		}
		out = append(out, s)
	}
	return out
}

func compileSegment(part string, classes bool) segment {
	if strings.Trim(part, "*") == "" {
		return segment{kind: anything}
	}
	special := "*?"
	if classes {
		special = "*?["
	}
	var plain strings.Builder
	for i := 0; i < len(part); i++ {
		switch {
		case part[i] == '\\' && i+1 < len(part):
			i++
			plain.WriteByte(part[i])
		case strings.IndexByte(special, part[i]) >= 0:
			if !classes {
				// Brackets are plain on GitHub; hide them from the matcher, which knows classes.
				part = strings.ReplaceAll(strings.ReplaceAll(part, `\[`, "["), "[", `\[`)
			}
			return segment{kind: glob, text: part}
		default:
			plain.WriteByte(part[i])
		}
	}
	return segment{kind: literal, text: plain.String()}
}

func (s segment) match(name string) bool {
	switch s.kind {
	case literal:
		return s.text == name
	case glob:
		return matchGlob(s.text, name)
	}
	return true
}

// matchSegments is the two-pointer walk: on a mismatch only the last globstar
// takes one segment more, so the cost is at most the product of the lengths.
func matchSegments(pattern []segment, path []string) bool {
	p, n, starP, starN := 0, 0, -1, 0
	for n < len(path) {
		switch {
		case p < len(pattern) && pattern[p].kind == globstar:
			starP, starN = p, n
			p++
		case p < len(pattern) && pattern[p].match(path[n]):
			p++
			n++
		case starP >= 0:
			starN++
			p, n = starP+1, starN
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p].kind == globstar {
		p++
	}
	return p == len(pattern)
}

// matchGlob matches one segment with the same walk over characters.
func matchGlob(pattern, name string) bool {
	p, n, starP, starN := 0, 0, -1, 0
	for n < len(name) {
		if p < len(pattern) && pattern[p] == '*' {
			starP, starN = p, n
			p++
			continue
		}
		if p < len(pattern) {
			if dp, dn, ok := matchOne(pattern[p:], name[n:]); ok {
				p += dp
				n += dn
				continue
			}
		}
		if starP < 0 {
			return false
		}
		_, size := utf8.DecodeRuneInString(name[starN:])
		starN += size
		p, n = starP+1, starN
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// matchOne matches one character of name against the start of a pattern that
// does not begin with a star; dp and dn are the bytes used of each.
func matchOne(pattern, name string) (dp, dn int, ok bool) {
	switch pattern[0] {
	case '?':
		_, size := utf8.DecodeRuneInString(name)
		return 1, size, true
	case '[':
		r, size := utf8.DecodeRuneInString(name)
		used, in, closed := matchClass(pattern, r)
		if closed {
			return used, size, in
		}
	case '\\':
		if len(pattern) > 1 {
			return 2, 1, pattern[1] == name[0]
		}
	}
	return 1, 1, pattern[0] == name[0]
}

// matchClass matches r against [abc], [a-z], [^a] or [!a] at the start of a pattern.
func matchClass(pattern string, r rune) (used int, in, closed bool) {
	i := 1
	negated := i < len(pattern) && (pattern[i] == '^' || pattern[i] == '!')
	if negated {
		i++
	}
	for first := true; i < len(pattern); first = false {
		if pattern[i] == ']' && !first {
			return i + 1, in != negated, true
		}
		low, n := classRune(pattern[i:])
		i += n
		high := low
		if i+1 < len(pattern) && pattern[i] == '-' && pattern[i+1] != ']' {
			high, n = classRune(pattern[i+1:])
			i += 1 + n
		}
		if low <= r && r <= high {
			in = true
		}
	}
	return 0, false, false
}

func classRune(s string) (rune, int) {
	if s[0] == '\\' && len(s) > 1 {
		r, n := utf8.DecodeRuneInString(s[1:])
		return r, n + 1
	}
	return utf8.DecodeRuneInString(s)
}
