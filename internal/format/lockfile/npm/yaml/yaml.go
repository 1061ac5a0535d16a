// Package yaml reads the YAML that JavaScript package managers write into
// their locks, line by line and without building a tree: a lock of megabytes
// costs little more than its lines.
package yaml

import (
	"fmt"
	"strconv"
	"strings"

	"steward/internal/format/lockfile"
)

// Reader steps through the lines of a YAML file as pnpm, Yarn and Prettier
// write it: nested maps in block style, quoted and plain scalars on one line,
// block scalars (stepped over), flow maps and lists, and "- " lists of
// scalars. Anchors, tags and scalars that go over several lines are not in
// this subset; where structure would be misread, that is an error.
//
// One call of Next gives one entry, by its level in the nesting.
type Reader struct {
	Line   int    // of the entry, 1-based
	Level  int    // 0 for the outermost keys
	Key    string // empty for an item
	Value  string // unquoted; empty when the value is a block beneath
	Item   bool   // "- value" beneath Parent
	Parent string // of an item: the last key before it
	Err    error  // a lockfile.LineError of ErrSyntax or ErrTooDeep

	text    string
	pos     int
	passed  int // lines before pos
	indents []int
}

// New reads b, which should have gone through lockfile.Text.
func New(b []byte) *Reader { return &Reader{text: string(b)} }

// rawLine returns the next line that is neither blank nor a comment.
func (y *Reader) rawLine() (indent int, content string, ok bool) {
	for y.pos < len(y.text) {
		line := y.text[y.pos:]
		if i := strings.IndexByte(line, '\n'); i >= 0 {
			line = line[:i]
			y.pos++
		}
		y.pos += len(line)
		y.passed++
		content = strings.TrimLeft(line, " ")
		indent = len(line) - len(content)
		content = strings.TrimRight(content, " \t\r")
		if content == "" || content[0] == '#' || indent == 0 && content[0] == '%' {
			continue
		}
		if indent == 0 && (content == "---" || content == "...") {
			continue
		}
		if content[0] == '\t' {
			y.Line = y.passed
			y.fail("a tab stands where spaces should")
			return 0, "", false
		}
		return indent, content, true
	}
	return 0, "", false
}

// Next steps to the next entry; false at the end, or with Err set.
func (y *Reader) Next() bool {
	if y.Err != nil {
		return false
	}
	indent, content, ok := y.rawLine()
	if !ok {
		return false
	}
	y.Line = y.passed
	if content == "-" || strings.HasPrefix(content, "- ") {
		if !y.Item {
			y.Parent = y.Key
		}
		y.Item, y.Key = true, ""
		y.Value = y.scalar(strings.TrimLeft(content[1:], " "))
		return y.Err == nil
	}
	if !y.nest(indent) {
		return false
	}
	y.Item = false
	explicit := strings.HasPrefix(content, "? ")
	if explicit { // keys beyond 1024 characters
		content = strings.TrimLeft(content[2:], " ")
	}
	key, rest, ok := cutKey(content)
	switch {
	case explicit:
		key = Unquote(content)
		if _, content, ok = y.rawLine(); !ok || content[0] != ':' {
			y.fail("a key has no value")
			return false
		}
		rest = strings.TrimSpace(content[1:])
	case !ok:
		y.fail("a key and a colon were expected")
		return false
	}
	y.Key = key
	y.Value = y.readValue(indent, rest)
	return y.Err == nil
}

// nest keeps the stack of indentations.
func (y *Reader) nest(indent int) bool {
	popped := false
	for len(y.indents) > 0 && y.indents[len(y.indents)-1] > indent {
		y.indents = y.indents[:len(y.indents)-1]
		popped = true
	}
	if len(y.indents) == 0 || y.indents[len(y.indents)-1] < indent {
		if popped {
			y.fail("the indentation fits no line before it")
			return false
		}
		if len(y.indents) >= lockfile.MaxDepth {
			y.Err = &lockfile.LineError{Line: y.Line, Err: lockfile.ErrTooDeep}
			return false
		}
		y.indents = append(y.indents, indent)
	}
	y.Level = len(y.indents) - 1
	return true
}

// readValue reads what follows a colon, on the same line or, for flow maps
// and block scalars, on the next ones.
func (y *Reader) readValue(indent int, rest string) string {
	if rest == "" || rest[0] == '#' {
		pos, passed := y.pos, y.passed
		_, content, ok := y.rawLine()
		if ok && (content[0] == '{' || content[0] == '[') {
			return y.flow(content)
		}
		if y.Err == nil {
			y.pos, y.passed = pos, passed
		}
		return ""
	}
	switch rest[0] {
	case '|', '>':
		y.skipBlock(indent)
		return ""
	case '{', '[':
		return y.flow(rest)
	}
	return y.scalar(rest)
}

// skipBlock steps over the lines of a block scalar, which are deeper than its
// key or blank.
func (y *Reader) skipBlock(indent int) {
	for y.pos < len(y.text) {
		line := y.text[y.pos:]
		end := len(line)
		if i := strings.IndexByte(line, '\n'); i >= 0 {
			line, end = line[:i], i+1
		}
		content := strings.TrimLeft(line, " ")
		if strings.TrimSpace(content) != "" && len(line)-len(content) <= indent {
			return
		}
		y.pos += end
		y.passed++
	}
}

// flow returns the text of a flow value, joined from its lines.
func (y *Reader) flow(text string) string {
	var joined strings.Builder
	depth := 0
	for {
		balanced, used := flowDepth(text, &depth)
		if depth > lockfile.MaxDepth {
			y.Err = &lockfile.LineError{Line: y.Line, Err: lockfile.ErrTooDeep}
			return ""
		}
		if balanced {
			if joined.Len() == 0 {
				return text[:used]
			}
			joined.WriteString(text[:used])
			return joined.String()
		}
		joined.WriteString(text)
		joined.WriteByte(' ')
		var ok bool
		if _, text, ok = y.rawLine(); !ok {
			y.fail("a bracket is not closed")
			return ""
		}
	}
}

// flowDepth follows the brackets of one line; balanced once the first closes.
func flowDepth(text string, depth *int) (balanced bool, used int) {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			*depth++
		case '}', ']':
			if *depth--; *depth == 0 {
				return true, i + 1
			}
		case '"', '\'':
			if end := QuoteEnd(text[i:]); end > 0 && startsScalar(text[:i]) {
				i += end - 1
			}
		}
	}
	return false, len(text)
}

// startsScalar says whether a quote after before opens a scalar; inside a
// plain scalar a quote is a character like any other.
func startsScalar(before string) bool {
	before = strings.TrimRight(before, " ")
	return before == "" || strings.ContainsRune("{[,:", rune(before[len(before)-1]))
}

// scalar unquotes a value and drops a comment behind it.
func (y *Reader) scalar(text string) string {
	if text == "" {
		return ""
	}
	if text[0] == '"' || text[0] == '\'' {
		end := QuoteEnd(text)
		if end < 0 {
			y.fail("a quoted text has no end")
			return ""
		}
		return Unquote(text[:end])
	}
	return plain(text)
}

func (y *Reader) fail(what string) {
	if y.Err == nil {
		y.Err = &lockfile.LineError{Line: max(y.Line, 1), Err: fmt.Errorf("%w as a lock in YAML: %s", lockfile.ErrSyntax, what)}
	}
}

func plain(text string) string {
	if i := strings.Index(text, " #"); i >= 0 {
		text = text[:i]
	}
	if text = strings.TrimSpace(text); text == "null" || text == "~" {
		return ""
	}
	return text
}

// cutKey splits "key: rest".
func cutKey(content string) (key, rest string, ok bool) {
	end := 0
	if content != "" && (content[0] == '"' || content[0] == '\'') {
		if end = QuoteEnd(content); end < 0 {
			return "", "", false
		}
		rest = strings.TrimLeft(content[end:], " ")
		if rest == "" || rest[0] != ':' {
			return "", "", false
		}
		return Unquote(content[:end]), strings.TrimSpace(rest[1:]), true
	}
	if end = strings.Index(content, ": "); end < 0 {
		if end = len(content) - 1; end < 0 || content[end] != ':' {
			return "", "", false
		}
	}
	return strings.TrimSpace(content[:end]), strings.TrimSpace(content[end+1:]), true
}

// QuoteEnd returns the offset after the quoted text that s begins with, or -1.
func QuoteEnd(s string) int {
	quote := s[0]
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quote == '"':
			i++
		case s[i] == quote && quote == '\'' && i+1 < len(s) && s[i+1] == quote:
			i++
		case s[i] == quote:
			return i + 1
		}
	}
	return -1
}

// Unquote takes the quotes off; a text without them stays as it is.
func Unquote(s string) string {
	if len(s) < 2 || s[len(s)-1] != s[0] {
		return s
	}
	switch s[0] {
	case '\'':
		return strings.ReplaceAll(s[1:len(s)-1], "''", "'")
	case '"':
		if !strings.Contains(s, `\`) {
			return s[1 : len(s)-1]
		}
		if text, err := strconv.Unquote(s); err == nil {
			return text
		}
		return s[1 : len(s)-1]
	}
	return s
}

// Pairs splits the flow map {a: b, c: d} into its pairs, values as text.
func Pairs(flow string, each func(key, value string)) {
	if flow == "" || flow[0] != '{' {
		return
	}
	for _, part := range flowParts(flow) {
		if key, value, ok := cutKey(part); ok {
			if value != "" && value[0] != '{' && value[0] != '[' {
				value = Unquote(plain(value))
			}
			each(key, value)
		}
	}
}

// Items splits the flow list [a, b].
func Items(flow string) []string {
	if flow == "" || flow[0] != '[' {
		return nil
	}
	var items []string
	for _, part := range flowParts(flow) {
		items = append(items, Unquote(part))
	}
	return items
}

// flowParts splits what stands between the outer brackets at its commas.
func flowParts(flow string) []string {
	flow = strings.TrimSpace(flow)
	if len(flow) < 2 {
		return nil
	}
	inner := flow[1 : len(flow)-1]
	var parts []string
	depth, from := 0, 0
	for i := 0; i <= len(inner); i++ {
		if i == len(inner) || inner[i] == ',' && depth == 0 {
			if part := strings.TrimSpace(inner[from:i]); part != "" {
				parts = append(parts, part)
			}
			from = i + 1
			continue
		}
		switch inner[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"', '\'':
			if end := QuoteEnd(inner[i:]); end > 0 && startsScalar(inner[from:i]) {
				i += end - 1
			}
		}
	}
	return parts
}
