package gradle

import (
	"path"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/lockfile/gradle/script"
)

// folder is what scripts in one folder see: the scripts and properties beside
// them, and those of the folders above.
type folder struct {
	dir     string
	up      *folder
	scripts []*script.Script // build scripts and what they apply
	props   map[string]string
}

// Bounds of evaluation: what goes past them counts as computed by the script.
const (
	maxText    = 4096
	maxLookups = 200
	maxNesting = 20
)

// evaluator works out the values that a script names, as far as they are
// written somewhere: strings, references, concatenation. It calls nothing.
type evaluator struct {
	build   *build
	home    *script.Script
	at      *folder
	lookups int
	left    int // notations that may still be read: lists can be used again and again
}

func (b *build) evaluator(s *script.Script) *evaluator {
	return &evaluator{build: b, home: s, at: b.folderOf(path.Dir(s.Path)), lookups: maxLookups, left: 2 * lockfile.MaxUses}
}

// text returns the value of a span of s. ok is false when it cannot be read
// off.
func (e *evaluator) text(s *script.Script, in script.Span) (string, bool) {
	e.lookups = maxLookups
	return e.eval(s, in, 0)
}

func (e *evaluator) eval(s *script.Script, in script.Span, depth int) (string, bool) {
	in = s.Trim(in)
	if e.lookups--; in.Empty() || depth > maxNesting || e.lookups < 0 {
		return "", false
	}
	first := s.Tokens[in.From]
	if first.Kind == '(' && first.Match == in.To-1 {
		return e.eval(s, script.Span{From: in.From + 1, To: first.Match}, depth+1)
	}
	for i := in.From; i < in.To; i++ {
		switch t := s.Tokens[i]; {
		case t.Kind == '(' || t.Kind == '[' || t.Kind == '{':
			i = t.Match
		case t.Kind == '+':
			left, ok := e.eval(s, script.Span{From: in.From, To: i}, depth+1)
			right, known := e.eval(s, script.Span{From: i + 1, To: in.To}, depth+1)
			return left + right, ok && known && len(left)+len(right) <= maxText
		case t.Kind == script.Operator && t.Text == "?:":
			if left, ok := e.eval(s, script.Span{From: in.From, To: i}, depth+1); ok {
				return left, true
			}
			return e.eval(s, script.Span{From: i + 1, To: in.To}, depth+1)
		case t.Kind == script.Word && t.Text == "as" && i > in.From:
			return e.eval(s, script.Span{From: in.From, To: i}, depth+1)
		}
	}
	if in.To-in.From == 1 {
		switch first.Kind {
		case script.Literal, script.Number:
			return first.Text, true
		case script.Template:
			return e.fill(first.Text, depth)
		}
	}
	if name, ok := reference(s, in); ok {
		return e.lookup(name, depth+1)
	}
	return "", false
}

// reference reads a.b["c"].get() as a.b.c, and property("x") as x.
func reference(s *script.Script, in script.Span) (string, bool) {
	var parts []string
	for i := in.From; i < in.To; i++ {
		switch t := s.Tokens[i]; t.Kind {
		case script.Word:
			parts = append(parts, t.Text)
		case '.', '!':
		case script.Operator:
			if t.Text != "?." && t.Text != "!!" {
				return "", false
			}
		case '[':
			key, ok := s.Constant(script.Span{From: i + 1, To: t.Match})
			if !ok || t.Match >= in.To {
				return "", false
			}
			parts = append(parts, key)
			i = t.Match
		case '(':
			if len(parts) == 0 || t.Match >= in.To {
				return "", false
			}
			called := parts[len(parts)-1]
			parts = parts[:len(parts)-1]
			if arg, ok := s.Constant(script.Span{From: i + 1, To: t.Match}); ok {
				switch called {
				case "property", "findProperty", "getProperty", "gradleProperty":
					parts = []string{arg}
				case "get", "getValue":
					parts = append(parts, arg)
				default:
					return "", false
				}
			} else if i+1 != t.Match || called != "get" && called != "toString" && called != "asProvider" && called != "getOrNull" && called != "trim" {
				return "", false
			}
			i = t.Match
		default:
			return "", false
		}
	}
	if n := len(parts); n > 1 && (parts[n-1] == "orNull" || parts[n-1] == "requiredVersion") {
		parts = parts[:n-1]
	}
	return strings.Join(parts, "."), len(parts) > 0
}

// fill replaces $name, $a.b and ${expression} in a string.
func (e *evaluator) fill(s string, depth int) (string, bool) {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '$')
		if i < 0 {
			break
		}
		b.WriteString(s[:i])
		s = s[i+1:]
		value, ok := "", false
		switch {
		case strings.HasPrefix(s, "{"):
			end := closing(s)
			if end < 0 {
				return "", false
			}
			tokens, err := script.Tokenise([]byte(s[1:end]), e.home.Groovy)
			if err != nil {
				return "", false
			}
			value, ok = e.eval(&script.Script{Groovy: e.home.Groovy, Tokens: tokens}, script.Span{From: 0, To: len(tokens)}, depth+1)
			s = s[end+1:]
		default:
			n := 0
			for n < len(s) && s[n] != '$' && (script.IsLetter(s[n]) || n > 0 && script.IsDigit(s[n]) || e.home.Groovy && s[n] == '.' && n > 0 && n+1 < len(s) && script.IsLetter(s[n+1])) {
				n++
			}
			if n == 0 {
				b.WriteByte('$')
				continue
			}
			value, ok = e.lookup(s[:n], depth+1)
			s = s[n:]
		}
		if !ok {
			return "", false
		}
		b.WriteString(value)
		if b.Len() > maxText {
			return "", false
		}
	}
	b.WriteString(s)
	return strings.ReplaceAll(b.String(), script.Dollar, "$"), true
}

// closing returns the index of the bracket that ends s, which starts with {.
func closing(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// lookup returns the value of a property.
func (e *evaluator) lookup(name string, depth int) (string, bool) {
	if value, ok := e.build.catalogueVersion(e.at, name); ok {
		return value, true
	}
	s, value, ok := e.find(name)
	if ok {
		if s == nil {
			return e.properties(script.Canonical(name))
		}
		return e.eval(s, value, depth+1)
	}
	// A part of the name may stand for another: def v = rootProject.ext.versions.
	name = script.Canonical(name)
	for i := len(name) - 1; i > 0; i-- {
		if name[i] != '.' {
			continue
		}
		if s, value, ok := e.find(name[:i]); ok && s != nil {
			if target, ok := reference(s, s.Trim(value)); ok && script.Canonical(target) != name[:i] {
				if e.lookups--; e.lookups < 0 || depth > maxNesting {
					return "", false
				}
				return e.lookup(target+name[i:], depth+1)
			}
		}
	}
	return "", false
}

// find returns where a name is defined: in the script itself, or in the scripts
// and properties of its folder and those above. A nil script means properties.
func (e *evaluator) find(name string) (*script.Script, script.Span, bool) {
	name = script.Canonical(name)
	if value, ok := e.home.Vars[name]; ok && !selfReference(e.home, value, name) {
		return e.home, value, true
	}
	for f := e.at; f != nil; f = f.up {
		for _, s := range f.scripts {
			if value, ok := s.Vars[name]; ok && !selfReference(s, value, name) {
				return s, value, true
			}
		}
		if _, ok := f.props[name]; ok {
			return nil, script.Span{}, true
		}
	}
	return nil, script.Span{}, false
}

// selfReference says whether x = rootProject.x, which means the x above.
func selfReference(s *script.Script, value script.Span, name string) bool {
	target, ok := reference(s, s.Trim(value))
	return ok && script.Canonical(target) == name
}

func (e *evaluator) properties(name string) (string, bool) {
	for f := e.at; f != nil; f = f.up {
		if value, ok := f.props[name]; ok {
			return value, true
		}
	}
	return "", false
}
