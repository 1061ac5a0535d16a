package script

import (
	"fmt"
	"strings"

	"steward/internal/format/lockfile"
)

// Kind says what a token is. Punctuation is its own kind.
type Kind byte

const (
	Word     Kind = 'w' // identifier, keyword or name in backticks
	Literal  Kind = 's' // string without interpolation
	Template Kind = 't' // string that may hold $x and ${x}
	Number   Kind = 'n' // digits with what follows: 1, 0x1F, 1.5
	Operator Kind = 'o' // of more than one character
	newline  Kind = '\n'
)

// Dollar stands in templates for a dollar sign that was escaped.
const Dollar = "\x01"

// Token is one word, string, number or sign of a script.
type Token struct {
	Kind  Kind
	Text  string
	line  int
	Match int // for an opening bracket, the index of the closing one
}

// lexer cuts Groovy and Kotlin scripts into tokens. It knows strings, comments
// and brackets of both; it runs nothing.
type lexer struct {
	src    string
	at     int
	line   int
	groovy bool
	tokens []Token
	open   []int // indices of brackets that are not closed yet
}

// Tokenise returns the tokens of a script, with a newline at the end. The
// error is a LineError: a string, comment or bracket that never ends, or
// brackets deeper than MaxDepth.
func Tokenise(b []byte, groovy bool) ([]Token, error) {
	b, err := lockfile.Text(b)
	if err != nil {
		return nil, err
	}
	l := &lexer{src: string(b), line: 1, groovy: groovy}
	l.tokens = make([]Token, 0, len(l.src)/5+1)
	if strings.HasPrefix(l.src, "#!") {
		l.skipLine()
	}
	for l.at < len(l.src) {
		if err := l.next(); err != nil {
			return nil, err
		}
	}
	if n := len(l.open); n > 0 {
		t := l.tokens[l.open[n-1]]
		return nil, Fail(t.line, lockfile.ErrSyntax, "%q is never closed", string(t.Kind))
	}
	l.add(newline, "")
	return l.tokens, nil
}

// Fail makes a LineError of kind with a sentence.
func Fail(line int, kind error, format string, args ...any) error {
	return &lockfile.LineError{Line: line, Err: fmt.Errorf("%w: %s", kind, fmt.Sprintf(format, args...))}
}

func (l *lexer) add(k Kind, text string) {
	l.tokens = append(l.tokens, Token{Kind: k, Text: text, line: l.line})
}

func (l *lexer) rest() string { return l.src[l.at:] }

func (l *lexer) skipLine() {
	if i := strings.IndexByte(l.rest(), '\n'); i >= 0 {
		l.at += i
		return
	}
	l.at = len(l.src)
}

func (l *lexer) next() error {
	c := l.src[l.at]
	switch {
	case c == '\n':
		if n := len(l.tokens); n > 0 && l.tokens[n-1].Kind != newline {
			l.add(newline, "")
		}
		l.line++
		l.at++
	case c == ' ' || c == '\t' || c == '\r' || c == '\f':
		l.at++
	case c == '\\' && strings.HasPrefix(strings.TrimPrefix(l.src[l.at+1:], "\r"), "\n"):
		l.at = strings.IndexByte(l.rest(), '\n') + l.at + 1
		l.line++
	case strings.HasPrefix(l.rest(), "//"):
		l.skipLine()
	case strings.HasPrefix(l.rest(), "/*"):
		return l.comment()
	case c == '\'' || c == '"':
		return l.quoted(c)
	case l.groovy && strings.HasPrefix(l.rest(), "$/"):
		return l.until("$/", "/$", Template)
	case c == '/' && l.slashy():
	case c == '`':
		end := strings.IndexByte(l.src[l.at+1:], '`')
		if end < 0 {
			return Fail(l.line, lockfile.ErrSyntax, "a name in backticks never ends")
		}
		l.add(Word, l.src[l.at+1:l.at+1+end])
		l.at += end + 2
	case IsLetter(c):
		start := l.at
		for l.at < len(l.src) && (IsLetter(l.src[l.at]) || IsDigit(l.src[l.at])) {
			l.at++
		}
		l.add(Word, l.src[start:l.at])
	case IsDigit(c):
		start := l.at
		for l.at < len(l.src) && (IsDigit(l.src[l.at]) || IsLetter(l.src[l.at]) || l.src[l.at] == '.' && l.at+1 < len(l.src) && IsDigit(l.src[l.at+1])) {
			l.at++
		}
		l.add(Number, l.src[start:l.at])
	default:
		return l.punctuation(c)
	}
	return nil
}

func (l *lexer) punctuation(c byte) error {
	switch c {
	case '(', '[', '{':
		if len(l.open) >= lockfile.MaxDepth {
			return Fail(l.line, lockfile.ErrTooDeep, "more than %d brackets inside each other", lockfile.MaxDepth)
		}
		l.open = append(l.open, len(l.tokens))
	case ')', ']', '}':
		n := len(l.open)
		if n == 0 || l.tokens[l.open[n-1]].Kind != opening(c) {
			return Fail(l.line, lockfile.ErrSyntax, "%q closes nothing", string(c))
		}
		l.tokens[l.open[n-1]].Match = len(l.tokens)
		l.open = l.open[:n-1]
	default:
		for _, op := range []string{"===", "!==", "==", "!=", "<=", ">=", "+=", "-=", "->", "?:", "?.", "&&", "||", "::", "<<", "=~", "*.", "..", "!!"} {
			if strings.HasPrefix(l.rest(), op) {
				l.at += len(op)
				l.add(Operator, op)
				return nil
			}
		}
	}
	l.add(Kind(c), "")
	l.at++
	return nil
}

func opening(c byte) Kind {
	switch c {
	case ')':
		return '('
	case ']':
		return '['
	}
	return '{'
}

// comment passes over a block comment. Kotlin's nest.
func (l *lexer) comment() error {
	start, depth := l.line, 0
	for l.at < len(l.src) {
		switch {
		case strings.HasPrefix(l.rest(), "/*") && (depth == 0 || !l.groovy):
			depth++
			l.at += 2
		case strings.HasPrefix(l.rest(), "*/"):
			l.at += 2
			if depth--; depth == 0 {
				return nil
			}
		default:
			if l.src[l.at] == '\n' {
				l.line++
			}
			l.at++
		}
	}
	return Fail(start, lockfile.ErrSyntax, "a comment never ends")
}

// quoted reads '...', "...", and the forms with three quotes.
func (l *lexer) quoted(quote byte) error {
	q := string(quote)
	k := Literal
	if quote == '"' {
		k = Template
	}
	if strings.HasPrefix(l.rest(), q+q+q) {
		return l.until(q+q+q, q+q+q, k)
	}
	start := l.line
	l.at++
	var b strings.Builder
	for l.at < len(l.src) {
		c := l.src[l.at]
		switch {
		case c == quote:
			l.at++
			l.add(k, b.String())
			return nil
		case c == '\n':
			return Fail(start, lockfile.ErrSyntax, "a string never ends")
		case c == '\\' && l.at+1 < len(l.src):
			l.escape(&b, k)
		case c == '$' && k == Template && strings.HasPrefix(l.rest(), "${"):
			end, err := l.expression()
			if err != nil {
				return err
			}
			b.WriteString(l.src[l.at:end])
			l.at = end
		default:
			b.WriteByte(c)
			l.at++
		}
	}
	return Fail(start, lockfile.ErrSyntax, "a string never ends")
}

func (l *lexer) escape(b *strings.Builder, k Kind) {
	c := l.src[l.at+1]
	l.at += 2
	switch c {
	case 'n':
		b.WriteByte('\n')
	case 't':
		b.WriteByte('\t')
	case 'r':
		b.WriteByte('\r')
	case '\n':
		l.line++
	case '$':
		if k == Template {
			b.WriteString(Dollar)
		} else {
			b.WriteByte('$')
		}
	default:
		b.WriteByte(c)
	}
}

// expression returns the end of the ${...} at the current place.
func (l *lexer) expression() (int, error) {
	depth := 0
	var quote byte
	for i := l.at + 1; i < len(l.src); i++ {
		switch c := l.src[i]; {
		case c == '\n':
			return 0, Fail(l.line, lockfile.ErrSyntax, "a ${ in a string never ends")
		case quote != 0:
			if c == '\\' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return i + 1, nil
			}
		}
	}
	return 0, Fail(l.line, lockfile.ErrSyntax, "a ${ in a string never ends")
}

// until reads a string of several lines as it is.
func (l *lexer) until(open, end string, k Kind) error {
	body := l.src[l.at+len(open):]
	i := strings.Index(body, end)
	if i < 0 {
		return Fail(l.line, lockfile.ErrSyntax, "a string never ends")
	}
	for strings.HasPrefix(body[i+1:], end) { // """"a"""" holds quotes of its own
		i++
	}
	l.add(k, body[:i])
	l.line += strings.Count(body[:i], "\n")
	l.at += len(open) + i + len(end)
	return nil
}

// slashy reads Groovy's /.../ where a value is due, and says whether it did.
func (l *lexer) slashy() bool {
	if !l.groovy || !l.valueDue() {
		return false
	}
	for i := l.at + 1; i < len(l.src) && l.src[i] != '\n'; i++ {
		if l.src[i] == '\\' {
			i++
			continue
		}
		if l.src[i] == '/' {
			l.add(Template, l.src[l.at+1:i])
			l.at = i + 1
			return true
		}
	}
	return false
}

func (l *lexer) valueDue() bool {
	if len(l.tokens) == 0 {
		return true
	}
	switch last := l.tokens[len(l.tokens)-1]; last.Kind {
	case ')', ']', '}', Number, Literal, Template:
		return false
	case Word:
		// A command takes a value after a space: split /,/ but not a / b or a/b.
		return last.Text == "return" || last.Text == "in" || l.at > 0 && l.src[l.at-1] == ' ' && l.at+1 < len(l.src) && l.src[l.at+1] != ' '
	}
	return true
}

// IsLetter says whether c may begin a name.
func IsLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$' || c >= 0x80
}

// IsDigit says whether c is a decimal digit.
func IsDigit(c byte) bool { return c >= '0' && c <= '9' }
