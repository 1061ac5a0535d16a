// Package glob matches folders with the patterns of workspaces.
package glob

import (
	"path"
	"slices"
	"strings"
)

// Limits of patterns, beyond what people write; further globs are ignored.
const (
	maxGlobs    = 100 // patterns with wildcards after braces are expanded
	maxSegments = 32  // folders deep
)

// Matcher returns whether a folder, relative to the workspace root,
// is a member by the patterns of npm, yarn and pnpm: segments with *, **
// across folders, {a,b}, and ! to take out whatever another takes in.
func Matcher(patterns []string) func(dir string) bool {
	plain := map[string]bool{}
	var globs, not [][]string
	for _, text := range patterns {
		out := strings.HasPrefix(text, "!")
		for _, one := range braces(strings.TrimPrefix(text, "!")) {
			one = strings.Trim(path.Clean(strings.TrimPrefix(one, "./")), "/")
			switch segments := strings.Split(one, "/"); {
			case len(segments) > maxSegments || len(globs)+len(not) >= maxGlobs && (out || strings.ContainsAny(one, "*?[")):
			case out:
				not = append(not, segments)
			case strings.ContainsAny(one, "*?["):
				globs = append(globs, segments)
			default:
				plain[one] = true
			}
		}
	}
	return func(dir string) bool {
		if len(plain)+len(globs) == 0 {
			return false
		}
		segments := strings.Split(dir, "/")
		if len(segments) > maxSegments {
			return false
		}
		matches := func(p []string) bool { return matchSegments(p, segments) }
		return (plain[dir] || slices.ContainsFunc(globs, matches)) && !slices.ContainsFunc(not, matches)
	}
}

// matchSegments goes back to the last ** only, which is enough and keeps the
// cost at the product of both lengths.
func matchSegments(pattern, dir []string) bool {
	p, d, star, mark := 0, 0, -1, 0
	for d < len(dir) {
		switch {
		case p < len(pattern) && pattern[p] == "**":
			star, mark = p, d
			p++
			continue
		case p < len(pattern) && matchSegment(pattern[p], dir[d]):
			p++
			d++
			continue
		case star >= 0:
			mark++
			p, d = star+1, mark
			continue
		}
		return false
	}
	for p < len(pattern) && pattern[p] == "**" {
		p++
	}
	return p == len(pattern)
}

func matchSegment(pattern, segment string) bool {
	ok, err := path.Match(pattern, segment)
	return ok && err == nil
}

// braces expands the first few {a,b} of a pattern.
func braces(text string) []string {
	out := []string{text}
	for i := 0; i < len(out) && len(out) < 100; {
		open := strings.IndexByte(out[i], '{')
		end := strings.IndexByte(out[i], '}')
		if open < 0 || end < open {
			i++
			continue
		}
		before, inner, after := out[i][:open], out[i][open+1:end], out[i][end+1:]
		options := strings.Split(inner, ",")
		if len(options) > 100 {
			options = options[:100]
		}
		out[i] = before + options[0] + after
		for _, option := range options[1:] {
			out = append(out, before+option+after)
		}
	}
	return out
}
