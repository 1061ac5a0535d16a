package gradle

import "strings"

// maxMap bounds how deep maps of versions nest.
const maxMap = 5

// assignment reads x = v, def x = v, val x: T = v, ext.x = v, extra["x"] = v
// and val x by extra("v"), and says whether st was one.
func (s *script) assignment(st span, ctx context) bool {
	at, by := -1, false
scan:
	for i := st.from; i < st.to; i++ {
		switch t := s.tokens[i]; t.kind {
		case '=':
			at = i
			break scan
		case operator:
			if t.text == "+=" || t.text == "<<" {
				at = i
				break scan
			}
		case '[':
			i = t.match
		case word:
			if t.text == "by" && i > st.from+1 {
				at, by = i, true
				break scan
			}
		case '.', ':', '?', '<', '>', newline:
		default:
			return false
		}
	}
	if at < 0 {
		return false
	}
	value := s.trim(span{at + 1, st.to})
	name := s.target(span{st.from, at})
	if by {
		s.delegated(name, value, ctx)
		return true
	}
	if name != "" {
		s.define(ctx.prefix+name, value, ctx, 0)
	}
	s.inside(value, ctx)
	return true
}

// target returns the name on the left of an assignment.
func (s *script) target(in span) string {
	var parts []string
	for i := in.from; i < in.to; i++ {
		switch t := s.tokens[i]; t.kind {
		case word:
			// def x, final String x: the last word counts.
			if i > in.from && s.tokens[i-1].kind == word {
				parts = nil
			}
			parts = append(parts, t.text)
		case '[':
			if key, ok := s.constant(span{i + 1, t.match}); ok {
				parts = append(parts, key)
			}
			i = t.match
		case ':': // val x: String
			i = in.to
		}
	}
	return canonical(strings.Join(parts, "."))
}

// canonical takes away what only says where a property lives.
func canonical(name string) string {
	for {
		cut := name
		for _, prefix := range []string{"rootProject.", "project.", "parent.", "ext.", "extra.", "this.", "rootProject.ext.", "properties."} {
			cut = strings.TrimPrefix(cut, prefix)
		}
		if cut == name {
			return name
		}
		name = cut
	}
}

// delegated reads val x by extra("v"), by extra { "v" } and the getters of
// source sets, whose blocks may hold dependencies.
func (s *script) delegated(name string, value span, ctx context) {
	if value.empty() {
		return
	}
	first := s.tokens[value.from]
	if first.kind == word && first.text == "extra" && value.from+1 < value.to {
		if open := s.tokens[value.from+1]; open.kind == '(' || open.kind == '{' {
			s.define(ctx.prefix+name, s.trim(span{value.from + 2, open.match}), ctx, 0)
		}
		return
	}
	s.inside(value, s.enter([]string{name}, name, span{}, ctx))
}

// define keeps the value of a name and of the entries of a map. Names in nested
// blocks do not replace those of the script itself.
func (s *script) define(name string, value span, ctx context, depth int) {
	if depth > maxMap {
		return
	}
	if ctx.nested && ctx.area != extras {
		if _, have := s.vars[name]; have || !ctx.shared && (name == "version" || name == "group" || name == "name") {
			return
		}
	}
	s.vars[name] = value
	if value.empty() {
		return
	}
	entries := span{}
	switch first := s.tokens[value.from]; {
	case first.kind == '[':
		entries = span{value.from + 1, first.match}
	case first.kind == word && (first.text == "mapOf" || first.text == "mutableMapOf") && value.from+1 < value.to && s.tokens[value.from+1].kind == '(':
		entries = span{value.from + 2, s.tokens[value.from+1].match}
	default:
		return
	}
	for _, entry := range s.split(entries) {
		if key, v, ok := s.pair(entry); ok {
			s.define(name+"."+key, v, ctx, depth+1)
		}
	}
}

// set reads set("x", "v") in an ext block and ext.set("x", "v").
func (s *script) set(path []string, args span, ctx context) {
	if len(path) < 2 && ctx.area != extras {
		return
	}
	if parts := s.split(args); len(parts) == 2 {
		if name, ok := s.constant(parts[0]); ok {
			s.define(ctx.prefix+name, parts[1], ctx, 0)
		}
	}
}
