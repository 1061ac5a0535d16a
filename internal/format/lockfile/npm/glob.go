package npm

import (
	"path"
	"strings"
)

const maxPatterns = 1000 // workspace patterns after braces are expanded

// workspaceMatcher returns whether a folder, relative to the workspace root,
// is a member by the patterns of npm, yarn and pnpm: segments with *, **
// across folders, {a,b}, and ! to take out again.
func workspaceMatcher(patterns []string) func(dir string) bool {
	type pattern struct {
		segments []string
		not      bool
	}
	var all []pattern
	for _, text := range patterns {
		not := strings.HasPrefix(text, "!")
		text = strings.TrimPrefix(text, "!")
		for _, one := range braces(text) {
			one = strings.Trim(path.Clean(strings.TrimPrefix(one, "./")), "/")
			if len(all) < maxPatterns {
				all = append(all, pattern{segments: strings.Split(one, "/"), not: not})
			}
		}
	}
	return func(dir string) bool {
		in := false
		segments := strings.Split(dir, "/")
		for _, p := range all {
			if p.not == in && matchSegments(p.segments, segments) {
				in = !p.not
			}
		}
		return in
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
