package toml

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"steward/internal/format/lockfile"
)

// space moves over blanks on this line.
func (p *parser) space() {
	for p.at < len(p.in) && (p.in[p.at] == ' ' || p.in[p.at] == '\t') {
		p.at++
	}
}

// blank moves over blanks, line breaks and comments.
func (p *parser) blank() {
	for p.at < len(p.in) {
		switch p.in[p.at] {
		case ' ', '\t', '\r':
			p.at++
		case '\n':
			p.at++
			p.line++
		case '#':
			p.comment()
		default:
			return
		}
	}
}

// comment moves to the end of the line.
func (p *parser) comment() {
	if i := strings.IndexByte(p.in[p.at:], '\n'); i >= 0 {
		p.at += i
	} else {
		p.at = len(p.in)
	}
}

// take moves over blanks and c, and says whether c was there.
func (p *parser) take(c byte) bool {
	if !p.next(c) {
		return false
	}
	p.at++
	return true
}

func (p *parser) next(c byte) bool {
	p.space()
	return p.at < len(p.in) && p.in[p.at] == c
}

// lineEnd asks for nothing but a comment on the rest of the line.
func (p *parser) lineEnd() error {
	p.space()
	if p.at < len(p.in) && p.in[p.at] == '#' {
		p.comment()
	}
	if p.at >= len(p.in) || p.in[p.at] == '\n' || strings.HasPrefix(p.in[p.at:], "\r\n") || p.in[p.at:] == "\r" {
		return nil
	}
	return syntax("something follows the end of a value or header on its line")
}

// key reads a dotted key. The result is good until the next call.
func (p *parser) key() ([]keyPart, error) {
	p.path = p.path[:0]
	for {
		p.space()
		part, err := p.keyPart()
		if err != nil {
			return nil, err
		}
		if len(p.path) >= lockfile.MaxDepth {
			return nil, lockfile.ErrTooDeep
		}
		p.path = append(p.path, keyPart{name: part, line: p.line})
		if !p.take('.') {
			return p.path, nil
		}
	}
}

func (p *parser) keyPart() (string, error) {
	if p.at < len(p.in) && (p.in[p.at] == '"' || p.in[p.at] == '\'') {
		if strings.HasPrefix(p.in[p.at:], `"""`) || strings.HasPrefix(p.in[p.at:], `'''`) {
			return "", syntax("a key cannot span lines")
		}
		return p.quoted()
	}
	start := p.at
	for p.at < len(p.in) && bareByte(p.in[p.at]) {
		p.at++
	}
	if p.at == start {
		return "", syntax("a key is missing")
	}
	return p.in[start:p.at], nil
}

func bareByte(c byte) bool {
	return digit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '-' || c == '_'
}

// quoted reads a string in any of the four notations.
func (p *parser) quoted() (string, error) {
	quote := p.in[p.at]
	triple := p.in[p.at : p.at+1]
	triple += triple + triple
	if strings.HasPrefix(p.in[p.at:], triple) {
		return p.multiLine(quote, triple)
	}
	p.at++
	rest := p.in[p.at:]
	for i := 0; i < len(rest); i++ {
		switch c := rest[i]; {
		case c == '\n':
			return "", syntax("a string is not closed on its line")
		case c == '\\' && quote == '"':
			i++
		case c == quote:
			p.at += i + 1
			if quote == '"' {
				return p.unescape(rest[:i])
			}
			return rest[:i], nil
		}
	}
	return "", syntax("a string is not closed on its line")
}

// multiLine reads what is between triple quotes. Up to two quotes may stand
// right before the closing ones.
func (p *parser) multiLine(quote byte, triple string) (string, error) {
	p.at += len(triple)
	if strings.HasPrefix(p.in[p.at:], "\r\n") {
		p.at++
	}
	if p.at < len(p.in) && p.in[p.at] == '\n' {
		p.at++
		p.line++
	}
	rest := p.in[p.at:]
	for i := 0; i < len(rest); i++ {
		if rest[i] == '\\' && quote == '"' {
			i++
			continue
		}
		if !strings.HasPrefix(rest[i:], triple) {
			continue
		}
		for extra := 0; extra < 2 && i+len(triple) < len(rest) && rest[i+len(triple)] == quote; extra++ {
			i++
		}
		p.at += i + len(triple)
		text, err := rest[:i], error(nil)
		if quote == '"' {
			text, err = p.unescape(text)
		}
		p.line += strings.Count(rest[:i], "\n")
		return text, err
	}
	return "", syntax("a string of several lines is not closed")
}

// unescape resolves the escapes of a basic string.
func (p *parser) unescape(s string) (string, error) {
	i := strings.IndexByte(s, '\\')
	if i < 0 || p.mute > 0 {
		return s, nil
	}
	var b strings.Builder
	for ; i >= 0; i = strings.IndexByte(s, '\\') {
		b.WriteString(s[:i])
		s = s[i+1:]
		if s == "" {
			return "", syntax("a string ends in a backslash")
		}
		c := s[0]
		s = s[1:]
		switch c {
		case 'b', 't', 'n', 'f', 'r', 'e', '"', '\\':
			b.WriteByte(escapes[c])
		case 'x', 'u', 'U':
			size := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
			if len(s) < size {
				return "", syntax("an escape is cut short")
			}
			n, err := strconv.ParseUint(s[:size], 16, 32)
			if err != nil || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
				return "", syntax("an escape names no character")
			}
			b.WriteRune(rune(n))
			s = s[size:]
		case ' ', '\t', '\r', '\n':
			after := strings.TrimLeft(s, " \t\r\n")
			if c != '\n' && !strings.Contains(s[:len(s)-len(after)], "\n") {
				return "", syntax("a backslash before blanks that do not end the line")
			}
			s = after
		default:
			return "", syntax("unknown escape")
		}
	}
	b.WriteString(s)
	return b.String(), nil
}

var escapes = [256]byte{'b': '\b', 't': '\t', 'n': '\n', 'f': '\f', 'r': '\r', 'e': 0x1b, '"': '"', '\\': '\\'}
