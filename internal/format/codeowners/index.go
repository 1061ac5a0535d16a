package codeowners

import "strings"

// sectionIndex finds the last rule of a section that matches a path.
type sectionIndex struct {
	includes ruleIndex
	excludes ruleIndex
}

// ruleIndex files each rule under the one of its keys that the fewest other
// rules share, so that a path tries only rules that could match:
//
//	prefix  the literal segments at the start of a rooted pattern ("src/app")
//	name    a literal segment anywhere ("pom.xml")
//	ending  the last extension of a segment such as *.test.js (".js")
//
// Rules without any key are tried for every path. Lists hold ascending rule
// numbers and are read from the end.
type ruleIndex struct {
	rules    []int32
	patterns [][]segment
	runs     []string        // the longest literal text within each pattern: every path it matches holds it
	lists    map[key][]int32 // positions in rules
	rest     []int32
}

type keyKind uint8

const (
	prefixKey keyKind = iota
	nameKey
	endingKey
)

type key struct {
	kind keyKind
	text string
}

// compile builds the index of each section.
func compile(rules []Rule, sections int, d Dialect) []sectionIndex {
	out := make([]sectionIndex, sections)
	for i, rule := range rules {
		pattern := compilePattern(rule.Pattern, d)
		if pattern == nil {
			continue
		}
		x := &out[rule.Section].includes
		if rule.Exclusion {
			x = &out[rule.Section].excludes
		}
		x.rules = append(x.rules, int32(i))
		x.patterns = append(x.patterns, pattern)
		x.runs = append(x.runs, longestRun(pattern))
	}
	for i := range out {
		out[i].includes.build()
		out[i].excludes.build()
	}
	return out
}

func (x *ruleIndex) build() {
	if len(x.rules) == 0 {
		return
	}
	count := map[key]int{}
	for _, p := range x.patterns {
		for _, k := range keysOf(p) {
			count[k]++
		}
	}
	x.lists = map[key][]int32{}
	for i, p := range x.patterns {
		var best key
		least := 0
		for _, k := range keysOf(p) {
			if n := count[k]; least == 0 || n < least {
				best, least = k, n
			}
		}
		if least == 0 {
			x.rest = append(x.rest, int32(i))
			continue
		}
		x.lists[best] = append(x.lists[best], int32(i))
	}
}

// maxKeys bounds the keys looked at in one pattern.
const maxKeys = 16

// keysOf returns what every path must have that the pattern matches.
func keysOf(pattern []segment) []key {
	var keys []key
	n := 0
	for n < len(pattern) && pattern[n].kind == literal {
		n++
	}
	if n > 0 {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = pattern[i].text
		}
		keys = append(keys, key{prefixKey, strings.Join(parts, "/")})
	}
	for _, s := range pattern[n:] {
		if len(keys) >= maxKeys {
			break
		}
		switch s.kind {
		case literal:
			keys = append(keys, key{nameKey, s.text})
		case glob:
			if e := ending(s.text); e != "" {
				keys = append(keys, key{endingKey, e})
			}
		}
	}
	return keys
}

// ending returns the extension that every name has which the glob matches, or "".
func ending(text string) string {
	if strings.ContainsAny(text, `\[`) {
		return ""
	}
	tail := text[strings.LastIndexAny(text, "*?")+1:]
	if i := strings.LastIndexByte(tail, '.'); i >= 0 {
		return tail[i:]
	}
	return ""
}

// longestRun returns the longest piece of a pattern without any special sign.
func longestRun(pattern []segment) string {
	best := ""
	for _, s := range pattern {
		switch {
		case s.kind == literal && len(s.text) > len(best):
			best = s.text
		case s.kind == glob && !strings.ContainsAny(s.text, `\[`):
			for run := range strings.FieldsFuncSeq(s.text, func(r rune) bool { return r == '*' || r == '?' }) {
				if len(run) > len(best) {
					best = run
				}
			}
		}
	}
	return best
}

// last returns the number of the last rule that matches, or -1.
func (x *ruleIndex) last(path string, segments []string) int {
	if len(x.rules) == 0 {
		return -1
	}
	best := x.scan(x.rest, -1, path, segments)
	end := -1
	for _, s := range segments {
		end += 1 + len(s)
		best = x.scan(x.lists[key{prefixKey, path[:end]}], best, path, segments)
		best = x.scan(x.lists[key{nameKey, s}], best, path, segments)
		if i := strings.LastIndexByte(s, '.'); i >= 0 {
			best = x.scan(x.lists[key{endingKey, s[i:]}], best, path, segments)
		}
	}
	if best < 0 {
		return -1
	}
	return int(x.rules[best])
}

// scan reads a list from its end down to the best position so far.
func (x *ruleIndex) scan(list []int32, best int, path string, segments []string) int {
	for i := len(list) - 1; i >= 0 && int(list[i]) > best; i-- {
		if n := list[i]; strings.Contains(path, x.runs[n]) && matchSegments(x.patterns[n], segments) {
			return int(list[i])
		}
	}
	return best
}
