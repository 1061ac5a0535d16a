package gradle

import (
	"path"
	"strings"
)

// folder is what scripts in one folder see: the scripts and properties beside
// them, and those of the folders above.
type folder struct {
	dir     string
	up      *folder
	scripts []*script // build scripts and what they apply
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
	home    *script
	at      *folder
	lookups int
}

func (b *build) evaluator(s *script) *evaluator {
	return &evaluator{build: b, home: s, at: b.folderOf(path.Dir(s.path)), lookups: maxLookups}
}

// text returns the value of a span of s. ok is false when it cannot be read
// off.
func (e *evaluator) text(s *script, in span) (string, bool) {
	e.lookups = maxLookups
	return e.eval(s, in, 0)
}

func (e *evaluator) eval(s *script, in span, depth int) (string, bool) {
	in = s.trim(in)
	if e.lookups--; in.empty() || depth > maxNesting || e.lookups < 0 {
		return "", false
	}
	first := s.tokens[in.from]
	if first.kind == '(' && first.match == in.to-1 {
		return e.eval(s, span{in.from + 1, first.match}, depth+1)
	}
	for i := in.from; i < in.to; i++ {
		switch t := s.tokens[i]; {
		case t.kind == '(' || t.kind == '[' || t.kind == '{':
			i = t.match
		case t.kind == '+':
			left, ok := e.eval(s, span{in.from, i}, depth+1)
			right, known := e.eval(s, span{i + 1, in.to}, depth+1)
			return left + right, ok && known && len(left)+len(right) <= maxText
		case t.kind == operator && t.text == "?:":
			if left, ok := e.eval(s, span{in.from, i}, depth+1); ok {
				return left, true
			}
			return e.eval(s, span{i + 1, in.to}, depth+1)
		case t.kind == word && t.text == "as" && i > in.from:
			return e.eval(s, span{in.from, i}, depth+1)
		}
	}
	if in.to-in.from == 1 {
		switch first.kind {
		case literal, number:
			return first.text, true
		case template:
			return e.fill(first.text, depth)
		}
	}
	if name, ok := reference(s, in); ok {
		return e.lookup(name, depth+1)
	}
	return "", false
}

// reference reads a.b["c"].get() as a.b.c, and property("x") as x.
func reference(s *script, in span) (string, bool) {
	var parts []string
	for i := in.from; i < in.to; i++ {
		switch t := s.tokens[i]; t.kind {
		case word:
			parts = append(parts, t.text)
		case '.', '!':
		case operator:
			if t.text != "?." && t.text != "!!" {
				return "", false
			}
		case '[':
			key, ok := s.constant(span{i + 1, t.match})
			if !ok || t.match >= in.to {
				return "", false
			}
			parts = append(parts, key)
			i = t.match
		case '(':
			if len(parts) == 0 || t.match >= in.to {
				return "", false
			}
			called := parts[len(parts)-1]
			parts = parts[:len(parts)-1]
			if arg, ok := s.constant(span{i + 1, t.match}); ok {
				switch called {
				case "property", "findProperty", "getProperty", "gradleProperty":
					parts = []string{arg}
				case "get", "getValue":
					parts = append(parts, arg)
				default:
					return "", false
				}
			} else if i+1 != t.match || called != "get" && called != "toString" && called != "asProvider" && called != "getOrNull" && called != "trim" {
				return "", false
			}
			i = t.match
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
			tokens, err := tokenise([]byte(s[1:end]), e.home.groovy)
			if err != nil {
				return "", false
			}
			value, ok = e.eval(&script{groovy: e.home.groovy, tokens: tokens}, span{0, len(tokens)}, depth+1)
			s = s[end+1:]
		default:
			n := 0
			for n < len(s) && s[n] != '$' && (isLetter(s[n]) || n > 0 && isDigit(s[n]) || e.home.groovy && s[n] == '.' && n > 0 && n+1 < len(s) && isLetter(s[n+1])) {
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
	return strings.ReplaceAll(b.String(), dollar, "$"), true
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
			return e.properties(canonical(name))
		}
		return e.eval(s, value, depth+1)
	}
	// A part of the name may stand for another: def v = rootProject.ext.versions.
	name = canonical(name)
	for i := len(name) - 1; i > 0; i-- {
		if name[i] != '.' {
			continue
		}
		if s, value, ok := e.find(name[:i]); ok && s != nil {
			if target, ok := reference(s, s.trim(value)); ok && canonical(target) != name[:i] {
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
func (e *evaluator) find(name string) (*script, span, bool) {
	name = canonical(name)
	if value, ok := e.home.vars[name]; ok && !selfReference(e.home, value, name) {
		return e.home, value, true
	}
	for f := e.at; f != nil; f = f.up {
		for _, s := range f.scripts {
			if value, ok := s.vars[name]; ok && !selfReference(s, value, name) {
				return s, value, true
			}
		}
		if _, ok := f.props[name]; ok {
			return nil, span{}, true
		}
	}
	return nil, span{}, false
}

// selfReference says whether x = rootProject.x, which means the x above.
func selfReference(s *script, value span, name string) bool {
	target, ok := reference(s, s.trim(value))
	return ok && canonical(target) == name
}

func (e *evaluator) properties(name string) (string, bool) {
	for f := e.at; f != nil; f = f.up {
		if value, ok := f.props[name]; ok {
			return value, true
		}
	}
	return "", false
}
