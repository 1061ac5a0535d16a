package script

import "strings"

// maxMap bounds how deep maps of versions nest.
const maxMap = 5

// assignment reads x = v, def x = v, val x: T = v, ext.x = v, extra["x"] = v
// and val x by extra("v"), and says whether st was one.
func (s *Script) assignment(st Span, ctx context) bool {
	at, by := -1, false
scan:
	for i := st.From; i < st.To; i++ {
		switch t := s.Tokens[i]; t.Kind {
		case '=':
			at = i
			break scan
		case Operator:
			if t.Text == "+=" || t.Text == "<<" {
				at = i
				break scan
			}
		case '[':
			i = t.Match
		case Word:
			if t.Text == "by" && i > st.From+1 {
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
	value := s.Trim(Span{at + 1, st.To})
	name := s.target(Span{st.From, at})
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
func (s *Script) target(in Span) string {
	var parts []string
	for i := in.From; i < in.To; i++ {
		switch t := s.Tokens[i]; t.Kind {
		case Word:
			// def x, final String x: the last word counts.
			if i > in.From && s.Tokens[i-1].Kind == Word {
				parts = nil
			}
			parts = append(parts, t.Text)
		case '[':
			if key, ok := s.Constant(Span{i + 1, t.Match}); ok {
				parts = append(parts, key)
			}
			i = t.Match
		case ':': // val x: String
			i = in.To
		}
	}
	return Canonical(strings.Join(parts, "."))
}

// Canonical takes away what only says where a property lives.
func Canonical(name string) string {
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
func (s *Script) delegated(name string, value Span, ctx context) {
	if value.Empty() {
		return
	}
	first := s.Tokens[value.From]
	if first.Kind == Word && first.Text == "extra" && value.From+1 < value.To {
		if open := s.Tokens[value.From+1]; open.Kind == '(' || open.Kind == '{' {
			s.define(ctx.prefix+name, s.Trim(Span{value.From + 2, open.Match}), ctx, 0)
		}
		return
	}
	s.inside(value, s.enter([]string{name}, name, Span{}, ctx))
}

// define keeps the value of a name and of the entries of a map. Names in nested
// blocks do not replace those of the script itself.
func (s *Script) define(name string, value Span, ctx context, depth int) {
	if depth > maxMap {
		return
	}
	if ctx.nested && ctx.area != extras {
		if _, have := s.Vars[name]; have || !ctx.shared && (name == "version" || name == "group" || name == "name") {
			return
		}
	}
	s.Vars[name] = value
	if value.Empty() {
		return
	}
	entries := Span{}
	switch first := s.Tokens[value.From]; {
	case first.Kind == '[':
		entries = Span{value.From + 1, first.Match}
	case first.Kind == Word && (first.Text == "mapOf" || first.Text == "mutableMapOf") && value.From+1 < value.To && s.Tokens[value.From+1].Kind == '(':
		entries = Span{value.From + 2, s.Tokens[value.From+1].Match}
	default:
		return
	}
	for _, entry := range s.Split(entries) {
		if key, v, ok := s.Pair(entry); ok {
			s.define(name+"."+key, v, ctx, depth+1)
		}
	}
}

// set reads set("x", "v") in an ext block and ext.set("x", "v").
func (s *Script) set(path []string, args Span, ctx context) {
	if len(path) < 2 && ctx.area != extras {
		return
	}
	if parts := s.Split(args); len(parts) == 2 {
		if name, ok := s.Constant(parts[0]); ok {
			s.define(ctx.prefix+name, parts[1], ctx, 0)
		}
	}
}
