package python

import (
	"slices"
	"strings"
)

// Limits of reading a program. What is past them counts as computed.
const (
	maxProgram  = 512 << 10 // bytes
	maxNesting  = 100       // brackets within brackets
	maxLiterals = 200_000   // literals that are put together
)

// literal is what an expression says without running it. Computed means that
// a part of it, or all of it, cannot be known.
type literal struct {
	items    []literalText  // of a string (one), list or tuple
	entries  []literalEntry // of a dict
	isText   bool           // a single string
	computed bool
}

type literalText struct {
	text string
	line int // of its first character
}

type literalEntry struct {
	key   string
	value literal
}

// program is a Python source, read for its literals: module variables in
// their order and the keyword arguments of calls. Conditions are not
// evaluated: what either branch adds to a variable is kept.
type program struct {
	tokens    []pythonToken
	at        int
	room      int // literals that may still be put together
	variables map[string]literal
}

// readProgram returns the keyword arguments of the last call of function.
// ok is false when there is none.
func readProgram(src, function string) (arguments literal, ok bool) {
	if len(src) > maxProgram {
		return literal{computed: true}, true
	}
	p := &program{tokens: pythonTokens(src), room: maxLiterals, variables: map[string]literal{}}
	inside := -1 // indent of the def or class that we are in; -1 outside
	for p.at < len(p.tokens) {
		t := p.tokens[p.at]
		if t.indent >= 0 {
			if t.indent <= inside {
				inside = -1
			}
			if inside < 0 && (t.is("def") || t.is("class") || t.is("async")) {
				inside = t.indent
			}
		}
		called := t.is(function) && p.peek(1).is("(") && (p.at == 0 || !p.tokens[p.at-1].is("def"))
		switch {
		case called:
			p.at += 2
			arguments, ok = p.arguments(0), true
		case t.indent >= 0 && inside < 0 && t.kind == pythonName:
			p.statement(t)
		default:
			p.at++
		}
	}
	return arguments, ok
}

// statement reads "name = value", "name: type = value", "name += value",
// "name[key] = value", "name.append(value)" and "name.extend(value)", and
// passes over the first token of everything else.
func (p *program) statement(t pythonToken) {
	p.at++
	had := p.variables[t.text]
	switch next := p.peek(0); {
	case next.is(":"):
		for p.at < len(p.tokens) && p.tokens[p.at].indent < 0 && !p.tokens[p.at].is("=") {
			p.at++
		}
		if !p.peek(0).is("=") || p.peek(0).indent >= 0 {
			return
		}
		fallthrough
	case next.is("="):
		p.at++
		v := p.expression(0)
		if t.indent > 0 { // under a condition: the other branch may hold too
			p.join(&v, had)
		}
		p.variables[t.text] = v
	case next.is("+") && p.peek(1).is("="):
		p.at += 2
		p.join(&had, p.expression(0))
		p.variables[t.text] = had
	case next.is("[") && p.peek(1).kind == pythonString && p.peek(2).is("]") && p.peek(3).is("="):
		key := p.peek(1).text
		p.at += 4
		had.entries = append(had.entries, literalEntry{key, p.expression(0)})
		p.variables[t.text] = had
	case next.is(".") && (p.peek(1).is("append") || p.peek(1).is("extend") || p.peek(1).is("update")) && p.peek(2).is("("):
		p.at += 2
		p.join(&had, p.expression(0))
		p.variables[t.text] = had
	}
}

// join adds what other holds, as "+" and update do.
func (p *program) join(v *literal, other literal) {
	v.computed = v.computed || other.computed
	v.isText = false
	if p.room -= len(other.items) + len(other.entries); p.room < 0 {
		v.computed = true
		return
	}
	v.items = append(v.items, other.items...)
	v.entries = append(v.entries, other.entries...)
}

// arguments reads keyword arguments as the entries of a dict, up to and with
// the closing bracket. Arguments without a keyword are passed over.
func (p *program) arguments(depth int) literal {
	var out literal
	for p.within() {
		switch {
		case p.take(")"):
			return out
		case p.take(","):
		case p.peek(0).kind == pythonName && p.peek(1).is("="):
			key := p.peek(0).text
			p.at += 2
			out.entries = append(out.entries, literalEntry{key, p.expression(depth + 1)})
		case p.peek(0).is("*") && p.peek(1).is("*"):
			p.at += 2
			p.join(&out, p.expression(depth+1))
		default:
			p.member(depth)
		}
	}
	return out
}

// expression reads one value: literals, names of variables, and sums of them.
// It stops before the bracket, comma, colon or line that ends it.
func (p *program) expression(depth int) literal {
	v := p.operand(depth)
	for p.within() && !p.stops() {
		if !p.take("+") { // some other operator, a call, a comprehension
			v.computed = true
			if v.isText {
				v = literal{computed: true}
			}
			p.skip()
			continue
		}
		switch next := p.operand(depth); {
		case v.isText && next.isText:
			v.items = []literalText{{v.items[0].text + next.items[0].text, v.items[0].line}}
		case v.isText:
			v = literal{computed: true}
		default:
			p.join(&v, next)
		}
	}
	return v
}

func (p *program) operand(depth int) literal {
	t := p.peek(0)
	switch {
	case !p.within() || p.stops():
		return literal{computed: true}
	case depth > maxNesting:
		p.skip()
		return literal{computed: true}
	case t.kind == pythonString:
		return p.text()
	case p.take("["):
		v := p.members(depth)
		v.isText = false
		return v
	case p.take("("):
		return p.members(depth)
	case p.take("{"):
		return p.pairs(depth)
	case t.is("dict") && p.peek(1).is("("):
		p.at += 2
		return p.arguments(depth)
	case t.is("None"):
		p.at++
		return literal{}
	}
	v, ok := p.variables[t.text]
	if ok = ok && t.kind == pythonName; !ok {
		v.computed = true
	}
	p.skip()
	// What is added to the value is not added to the variable.
	v.items, v.entries = slices.Clip(v.items), slices.Clip(v.entries)
	return v
}

// text reads a string, or several side by side.
func (p *program) text() literal {
	var all strings.Builder
	line, computed := p.peek(0).line, false
	for first := true; p.peek(0).kind == pythonString && (first || p.within()); first = false {
		all.WriteString(p.peek(0).text)
		computed = computed || p.peek(0).computed
		p.at++
	}
	if computed {
		return literal{computed: true}
	}
	return literal{isText: true, items: []literalText{{all.String(), line}}}
}

// members reads a list, a tuple or a value in brackets to the closing bracket.
// It is a text when it is one string without a comma.
func (p *program) members(depth int) literal {
	var out literal
	for one := true; p.within(); {
		switch {
		case p.take("]"), p.take(")"):
			return out
		case p.take(","):
			out.isText, one = false, false
		case p.take("*"): // the members of another list
			p.join(&out, p.expression(depth+1))
		default:
			v := p.member(depth)
			p.join(&out, v)
			out.isText, one = v.isText && one, false
		}
	}
	out.computed = true
	return out
}

// pairs reads a dict or a set to its closing bracket.
func (p *program) pairs(depth int) literal {
	var out literal
	for p.within() {
		switch {
		case p.take("}"):
			return out
		case p.take(","):
		case p.peek(0).is("*") && p.peek(1).is("*"):
			p.at += 2
			p.join(&out, p.expression(depth+1))
		default:
			key := p.member(depth)
			if !p.take(":") {
				p.join(&out, key)
				continue
			}
			value := p.expression(depth + 1)
			if !key.isText {
				out.computed = true
				continue
			}
			out.entries = append(out.entries, literalEntry{key.items[0].text, value})
		}
	}
	out.computed = true
	return out
}

// member reads one value within brackets and takes at least one token.
func (p *program) member(depth int) literal {
	at := p.at
	v := p.expression(depth + 1)
	if p.at == at {
		p.at++
		v.computed = true
	}
	return v
}

// within says whether the next token belongs to the same logical line.
func (p *program) within() bool { return p.at < len(p.tokens) && p.tokens[p.at].indent < 0 }

// stops says whether the next token ends an expression.
func (p *program) stops() bool {
	t := p.peek(0)
	return t.is(",") || t.is(")") || t.is("]") || t.is("}") || t.is(":")
}

// skip passes over one token, with its brackets when it opens some.
func (p *program) skip() {
	for depth := 0; p.within(); {
		switch t := p.peek(0); {
		case t.is("("), t.is("["), t.is("{"):
			depth++
		case t.is(")"), t.is("]"), t.is("}"):
			depth--
		}
		p.at++
		if depth <= 0 {
			return
		}
	}
}

func (p *program) take(text string) bool {
	if !p.peek(0).is(text) {
		return false
	}
	p.at++
	return true
}

func (p *program) peek(ahead int) pythonToken {
	if p.at+ahead >= len(p.tokens) {
		return pythonToken{indent: -1}
	}
	return p.tokens[p.at+ahead]
}

type pythonKind byte

const (
	pythonOther pythonKind = iota // a sign, one byte
	pythonName                    // a name, a keyword or a number
	pythonString
)

// pythonToken is one word of a program.
type pythonToken struct {
	kind     pythonKind
	text     string // of a string, what is between its quotes
	line     int
	indent   int  // columns before the first token of a logical line, -1 for others
	computed bool // a string with expressions in it
}

func (t pythonToken) is(text string) bool { return t.kind != pythonString && t.text == text }

// pythonTokens cuts a program into tokens. It never fails: what is no Python
// comes out as signs.
func pythonTokens(src string) []pythonToken {
	var out []pythonToken
	line, depth, fresh, lineStart := 1, 0, true, 0
	for i := 0; i < len(src); {
		c := src[i]
		switch {
		case c == '\n':
			line++
			i++
			if lineStart = i; depth == 0 {
				fresh = true
			}
			continue
		case c == '\\' && i+1 < len(src) && src[i+1] == '\n': // the line goes on
			line++
			i += 2
			continue
		case c == ' ' || c == '\t' || c == '\r' || c == '\f':
			i++
			continue
		case c == '#':
			for i < len(src) && src[i] != '\n' {
				i++
			}
			continue
		case c == ';' && depth == 0:
			fresh = true
			i++
			continue
		}
		t := pythonToken{line: line, indent: -1}
		if fresh {
			t.indent, fresh = i-lineStart, false
		}
		prefix := i
		for prefix < len(src) && prefix < i+3 && strings.IndexByte("rRbBuUfF", src[prefix]) >= 0 {
			prefix++
		}
		switch {
		case prefix < len(src) && (src[prefix] == '"' || src[prefix] == '\''):
			t.kind = pythonString
			t.computed = strings.ContainsAny(src[i:prefix], "fF")
			end := 0
			t.text, end = quoted(src, prefix)
			line += strings.Count(src[i:end], "\n")
			i = end
		case nameByte(c) && c != '-' && c != '.' || c >= 0x80:
			start := i
			for i < len(src) && (nameByte(src[i]) && src[i] != '-' && src[i] != '.' || src[i] >= 0x80) {
				i++
			}
			t.kind, t.text = pythonName, src[start:i]
		default:
			switch c {
			case '(', '[', '{':
				depth++
			case ')', ']', '}':
				depth = max(0, depth-1)
			}
			t.text = src[i : i+1]
			i++
		}
		out = append(out, t)
	}
	return out
}

// quoted returns the text of the string that begins at src[at], and where what
// follows it begins. A string that does not end in its line ends with it.
func quoted(src string, at int) (text string, end int) {
	quote := src[at : at+1]
	if strings.HasPrefix(src[at:], strings.Repeat(quote, 3)) {
		quote = strings.Repeat(quote, 3)
	}
	start := at + len(quote)
	for i := start; i < len(src); i++ {
		switch {
		case src[i] == '\\':
			i++
		case strings.HasPrefix(src[i:], quote):
			return src[start:i], i + len(quote)
		case src[i] == '\n' && len(quote) == 1:
			return src[start:i], i
		}
	}
	return src[start:], len(src)
}
