package lockfile

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON reads a JSON text from front to back and builds nothing: the reader
// names what it wants, the rest is stepped over. It knows the line of what it
// stands on. The first error stops it: every later call does nothing, and Err
// tells what was wrong where.
//
//	j := lockfile.NewJSON(b)
//	j.Object(func(key string) {
//		if key == "name" {
//			name = j.String()
//		}
//	})
//	err := j.Err()
type JSON struct {
	// Relaxed allows what JSON5-like writers add: comments and a comma
	// before a closing bracket.
	Relaxed bool

	b     []byte
	pos   int
	depth int
	err   error

	counted, line int // lines before counted
}

// NewJSON reads b, which should have gone through Text.
func NewJSON(b []byte) *JSON { return &JSON{b: b} }

// Err returns the first error, a LineError of ErrSyntax or ErrTooDeep.
func (j *JSON) Err() error { return j.err }

// End demands that nothing follows and returns Err.
func (j *JSON) End() error {
	if j.space(); j.err == nil && j.pos < len(j.b) {
		j.fail("something follows the end")
	}
	return j.err
}

// Line returns the 1-based line of the next value, or of the key when Object
// has just named one on the same line.
func (j *JSON) Line() int {
	j.space()
	if j.counted > j.pos {
		j.counted, j.line = 0, 0
	}
	j.line += bytes.Count(j.b[j.counted:j.pos], []byte{'\n'})
	j.counted = j.pos
	return j.line + 1
}

// Kind returns the first byte of the next value: { [ " t f n, - or a digit; 0
// when there is none.
func (j *JSON) Kind() byte {
	if j.space(); j.err != nil || j.pos >= len(j.b) {
		return 0
	}
	return j.b[j.pos]
}

// Object calls each for every key of the next value; each may read the value,
// and otherwise it is stepped over. null and an empty array count as an empty
// object, because some writers have no other way to say so; anything else is
// an error.
func (j *JSON) Object(each func(key string)) {
	if j.Kind() != '{' {
		if !j.empty() {
			j.fail("an object was expected")
		}
		return
	}
	for j.open(); j.err == nil && !j.closes('}'); j.comma('}') {
		if j.Kind() != '"' {
			j.fail("a key was expected")
			return
		}
		key := j.text()
		if j.Kind() != ':' {
			j.fail("a colon was expected")
			return
		}
		j.pos++
		j.value(func() { each(key) })
	}
}

// Array calls each before every element of the next value, which may read it.
// null and an empty object count as an empty array.
func (j *JSON) Array(each func()) {
	if j.Kind() != '[' {
		if !j.empty() {
			j.fail("an array was expected")
		}
		return
	}
	for j.open(); j.err == nil && !j.closes(']'); j.comma(']') {
		j.value(each)
	}
}

func (j *JSON) value(each func()) {
	if j.Kind(); j.err != nil {
		return
	}
	at := j.pos
	each()
	if j.pos == at {
		j.Skip()
	}
}

// String returns the next value when it is a string; a number, true or false
// as it is written; and nothing for null, an object or an array.
func (j *JSON) String() string {
	switch j.Kind() {
	case '"':
		return j.text()
	case '{', '[', 'n':
		j.Skip()
		return ""
	}
	at := j.pos
	j.Skip()
	return string(j.b[at:j.pos])
}

// Bool returns whether the next value is true.
func (j *JSON) Bool() bool {
	yes := j.Kind() == 't'
	j.Skip()
	return yes
}

// Skip steps over the next value.
func (j *JSON) Skip() {
	var closing [MaxDepth]byte
	for n := 0; ; {
		c := j.Kind()
		fresh := c == '{' || c == '['
		switch {
		case fresh && n+j.depth >= MaxDepth:
			j.tooDeep()
			return
		case fresh:
			j.pos++
			closing[n] = c + 2 // in ASCII the bracket that closes is two further
			n++
		case c == '"':
			j.skipText()
		default:
			j.skipWord()
		}
		for n > 0 && j.err == nil {
			if j.Kind() == closing[n-1] {
				j.pos++
				n--
				fresh = false
				continue
			}
			if fresh {
				break
			}
			if j.comma(closing[n-1]); j.Kind() != closing[n-1] {
				break
			}
		}
		if n == 0 || j.err != nil {
			return
		}
		if closing[n-1] == '}' {
			j.skipKey()
		}
	}
}

func (j *JSON) skipKey() {
	if j.Kind() != '"' {
		j.fail("a key was expected")
		return
	}
	if j.skipText(); j.Kind() != ':' {
		j.fail("a colon was expected")
		return
	}
	j.pos++
}

func (j *JSON) skipWord() {
	at := j.pos
	for j.pos < len(j.b) && word[j.b[j.pos]] {
		j.pos++
	}
	switch w := j.b[at:j.pos]; {
	case j.err != nil:
	case len(w) == 0:
		j.fail("a value was expected")
	case w[0] == '-' || w[0] >= '0' && w[0] <= '9':
	case string(w) != "true" && string(w) != "false" && string(w) != "null":
		j.fail("a value was expected")
	}
}

// word holds the bytes of numbers and of true, false, null.
var word = func() (set [256]bool) {
	for _, c := range "+-.0123456789abcdefghijklmnopqrstuvwxyzE" {
		set[c] = true
	}
	return set
}()

// skipText steps over a string and returns whether it holds a backslash.
func (j *JSON) skipText() (escaped bool) {
	for i := j.pos + 1; i < len(j.b); i++ {
		switch c := j.b[i]; {
		case c == '"':
			j.pos = i + 1
			return escaped
		case c == '\\':
			escaped = true
			i++
		case c == '\n':
			j.fail("a string has no end")
			return false
		}
	}
	j.fail("a string has no end")
	return false
}

func (j *JSON) text() string {
	at := j.pos
	if escaped := j.skipText(); j.err != nil {
		return ""
	} else if raw := j.b[at+1 : j.pos-1]; !escaped {
		return string(raw)
	} else {
		return unescape(raw)
	}
}

// unescape follows RFC 8259 section 7; an escape that it does not know stands
// for the character after the backslash.
func unescape(raw []byte) string {
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' || i+1 >= len(raw) {
			out = append(out, raw[i])
			continue
		}
		i++
		if raw[i] != 'u' {
			if k := bytes.IndexByte([]byte(`bfnrt`), raw[i]); k >= 0 {
				out = append(out, "\b\f\n\r\t"[k])
			} else {
				out = append(out, raw[i])
			}
			continue
		}
		r := hex4(raw, i+1)
		i += 4
		if utf16.IsSurrogate(r) && i+2 < len(raw) && raw[i+1] == '\\' && raw[i+2] == 'u' {
			if both := utf16.DecodeRune(r, hex4(raw, i+3)); both != utf8.RuneError {
				r, i = both, i+6
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out)
}

func hex4(raw []byte, at int) rune {
	if at+4 > len(raw) {
		return utf8.RuneError
	}
	n, err := strconv.ParseUint(string(raw[at:at+4]), 16, 16)
	if err != nil {
		return utf8.RuneError
	}
	return rune(n)
}

// empty steps over a value that stands for nothing: null, [] or {}.
func (j *JSON) empty() bool {
	switch k := j.Kind(); k {
	case 'n':
		j.Skip()
		return true
	case '[', '{':
		at := j.pos
		j.pos++
		if j.Kind() == k+2 {
			j.pos++
			return true
		}
		j.pos = at
	}
	return false
}

func (j *JSON) open() {
	if j.pos++; j.depth >= MaxDepth {
		j.tooDeep()
		return
	}
	j.depth++
}

// closes steps over the closing bracket when it is next.
func (j *JSON) closes(bracket byte) bool {
	if j.Kind() != bracket {
		return false
	}
	j.pos++
	j.depth--
	return true
}

// comma steps over a comma unless the closing bracket is next.
func (j *JSON) comma(bracket byte) {
	switch c := j.Kind(); {
	case j.err != nil || c == bracket:
	case c != ',':
		j.fail("a comma was expected")
	default:
		j.pos++
		if !j.Relaxed && j.Kind() == bracket {
			j.fail("nothing follows a comma")
		}
	}
}

func (j *JSON) space() {
	for j.err == nil && j.pos < len(j.b) {
		switch c := j.b[j.pos]; {
		case c == ' ' || c == '\n' || c == '\r' || c == '\t':
			j.pos++
		case c == '/' && j.Relaxed:
			j.comment()
		default:
			return
		}
	}
}

func (j *JSON) comment() {
	rest, end := j.b[j.pos:], -1
	switch {
	case bytes.HasPrefix(rest, []byte("//")):
		if end = bytes.IndexByte(rest, '\n'); end < 0 {
			end = len(rest)
		}
	case bytes.HasPrefix(rest, []byte("/*")):
		if end = bytes.Index(rest[2:], []byte("*/")); end >= 0 {
			end += 4
		}
	}
	if end < 0 {
		j.fail("a comment has no end")
		return
	}
	j.pos += end
}

func (j *JSON) fail(what string) {
	if j.err != nil {
		return
	}
	line := j.failLine()
	if j.pos >= len(j.b) {
		what = "the file ends too early"
	}
	j.err = &LineError{Line: line, Err: fmt.Errorf("%w as JSON: %s", ErrSyntax, what)}
}

func (j *JSON) tooDeep() {
	if j.err == nil {
		j.err = &LineError{Line: j.failLine(), Err: ErrTooDeep}
	}
}

func (j *JSON) failLine() int {
	return bytes.Count(j.b[:min(j.pos, len(j.b))], []byte{'\n'}) + 1
}
