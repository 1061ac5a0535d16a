package bundler

import (
	"strings"

	"steward/internal/format/lockfile"
)

// call is the arguments of a Ruby call, as far as they are literal. An
// argument that is not is empty.
type call struct {
	args    []string
	options map[string][]string
}

// withoutComment cuts a line at a # that is in no string.
func withoutComment(line string) string {
	quote := byte(0)
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quote != 0 && c == '\\':
			i++
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
		case c == '"' || c == '\'':
			quote = c
		case c == '#':
			return line[:i]
		}
	}
	return line
}

// parseCall reads what follows the name of a method: arguments with or without
// parentheses, up to a modifier (if, unless) or the end of the statement.
func parseCall(s string) call {
	c := call{options: map[string][]string{}}
	s = strings.TrimSpace(s)
	s = strings.TrimPrefix(s, "(")
	for len(c.args)+len(c.options) < maxArgs {
		s = strings.TrimLeft(s, " \t")
		if s == "" {
			return c
		}
		key := ""
		if key, s = optionKey(s); key != "" {
			s = strings.TrimLeft(s, " \t")
		}
		var values []string
		values, s = literals(s)
		if key != "" {
			c.options[key] = values
		} else {
			c.args = append(c.args, values...)
		}
		s = strings.TrimLeft(s, " \t")
		if !strings.HasPrefix(s, ",") {
			return c
		}
		s = s[1:]
	}
	return c
}

// maxArgs bounds the arguments of one call.
const maxArgs = 1000

// optionKey takes "key: " or ":key => " or "'key' => " off s.
func optionKey(s string) (string, string) {
	if word := identifier(s); word != "" && strings.HasPrefix(s[len(word):], ":") && !strings.HasPrefix(s[len(word):], "::") {
		return word, s[len(word)+1:]
	}
	value, rest, ok := literal(s)
	if rest = strings.TrimLeft(rest, " \t"); ok && strings.HasPrefix(rest, "=>") {
		return value, rest[2:]
	}
	return "", s
}

func identifier(s string) string {
	i := 0
	for i < len(s) && (s[i] >= 'a' && s[i] <= 'z' || s[i] >= 'A' && s[i] <= 'Z' || s[i] == '_' || i > 0 && s[i] >= '0' && s[i] <= '9') {
		i++
	}
	return s[:i]
}

// literals reads one value: a literal, an array of them, or %w[a b]. Of any
// other expression it returns one empty value and what follows it.
func literals(s string) ([]string, string) {
	if len(s) > 3 && s[0] == '%' && (s[1] == 'w' || s[1] == 'i') {
		if end := strings.IndexByte(s[3:], closing(s[2])); end >= 0 {
			return strings.Fields(s[3 : 3+end]), s[3+end+1:]
		}
	}
	if strings.HasPrefix(s, "[") {
		if out, rest, ok := array(s[1:]); ok {
			return out, rest
		}
	}
	if value, rest, ok := literal(s); ok {
		return []string{value}, rest
	}
	return []string{""}, skipExpression(s)
}

func array(s string) ([]string, string, bool) {
	var out []string
	for {
		s = strings.TrimLeft(s, " \t")
		if rest, ok := strings.CutPrefix(s, "]"); ok {
			return out, rest, true
		}
		value, rest, ok := literal(s)
		if !ok {
			return nil, s, false
		}
		out = append(out, value)
		s = strings.TrimLeft(rest, " \t")
		s = strings.TrimPrefix(s, ",")
	}
}

// literal reads a string, a symbol or a word such as true. A string with
// #{…} in it is not literal.
func literal(s string) (string, string, bool) {
	s = strings.TrimLeft(s, " \t")
	if s == "" {
		return "", s, false
	}
	switch c := s[0]; {
	case c == '"' || c == '\'':
		end := closingQuote(s)
		if end < 0 {
			return "", s, false
		}
		text, rest := s[1:end], s[end+1:]
		rest = strings.TrimPrefix(rest, ".freeze")
		if after := strings.TrimLeft(rest, " \t"); c == '"' && strings.Contains(text, "#{") || after != "" && strings.IndexByte(".+%*", after[0]) >= 0 {
			return "", skipExpression(rest), true
		}
		return strings.ReplaceAll(text, `\`, ""), rest, true
	case c == '%' && len(s) > 3 && (s[1] == 'q' || s[1] == 'Q'):
		end := strings.IndexByte(s[3:], closing(s[2]))
		if end < 0 {
			return "", s, false
		}
		return s[3 : 3+end], strings.TrimPrefix(s[3+end+1:], ".freeze"), true
	case c == ':' && len(s) > 1 && (s[1] == '"' || s[1] == '\''):
		return literal(s[1:])
	case c == ':':
		word := identifier(s[1:])
		return word, s[1+len(word):], word != ""
	}
	if word := identifier(s); word == "true" || word == "false" || word == "nil" {
		return word, s[len(word):], true
	}
	return "", s, false
}

func closingQuote(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case s[0]:
			return i
		}
	}
	return -1
}

func closing(open byte) byte {
	switch open {
	case '[':
		return ']'
	case '(':
		return ')'
	case '{':
		return '}'
	case '<':
		return '>'
	}
	return open
}

// skipExpression moves to the next comma that is in no bracket or string.
func skipExpression(s string) string {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"', '\'':
			end := closingQuote(s[i:])
			if end < 0 {
				return ""
			}
			i += end
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case ',':
			if depth <= 0 {
				return s[i:]
			}
		}
	}
	return ""
}

// gemspecLine reads one statement of a gemspec: the fields of the project and
// what it adds as a dependency.
func (g *gemfile) gemspecLine(s string, line int) {
	if !isGemspec(g.path) {
		return
	}
	receiver := identifier(s)
	rest, ok := strings.CutPrefix(s[len(receiver):], ".")
	if !ok {
		return
	}
	method := identifier(rest)
	rest = strings.TrimSpace(rest[len(method):])
	if value, ok := strings.CutPrefix(rest, "="); ok && !strings.HasPrefix(value, "=") {
		text, _, _ := literal(strings.TrimSpace(value))
		switch method {
		case "name":
			g.name = text
		case "version":
			g.version = text
		case "license":
			g.licence = text
		case "licenses":
			if list, _ := literals(strings.TrimSpace(value)); len(list) == 1 {
				g.licence = list[0]
			}
		}
		return
	}
	scope := lockfile.Production
	switch method {
	case "add_dependency", "add_runtime_dependency":
	case "add_development_dependency":
		scope = lockfile.Development
	default:
		return
	}
	c := parseCall(rest)
	if len(c.args) == 0 || c.args[0] == "" {
		g.markDynamic(line)
		return
	}
	g.add(gem{name: c.args[0], req: strings.Join(c.args[1:], ", "), version: pinned(c.args[1:]), scope: scope, line: line})
}
