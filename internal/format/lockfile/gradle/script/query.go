package script

import (
	"slices"
	"strings"
)

// Written returns the tokens of a span as text, cut to a length for people.
func (s *Script) Written(in Span) string {
	var b strings.Builder
	for i := in.From; i < in.To && b.Len() < 80; i++ {
		if t := s.Tokens[i]; t.Text != "" {
			b.WriteString(t.Text)
		} else if t.Kind != newline {
			b.WriteByte(byte(t.Kind))
		}
	}
	return strings.ReplaceAll(b.String(), Dollar, "$")
}

// ArgumentOf returns the constant argument of a call of name anywhere in a span.
func (s *Script) ArgumentOf(name string, in Span) (string, bool) {
	for i := in.From; i+1 < in.To; i++ {
		if t := s.Tokens[i]; t.Kind == Word && t.Text == name && s.Tokens[i+1].Kind == '(' {
			return s.Constant(Span{i + 2, s.Tokens[i+1].Match})
		}
	}
	return "", false
}

// LastPlus returns the index of the last + outside of brackets, or -1.
func (s *Script) LastPlus(in Span) int {
	last := -1
	for i := in.From; i < in.To; i++ {
		switch t := s.Tokens[i]; t.Kind {
		case '(', '[', '{':
			i = t.Match
		case '+':
			last = i
		}
	}
	return last
}

// Mentions says whether one of the words stands in a span.
func (s *Script) Mentions(in Span, names ...string) bool {
	for i := in.From; i < in.To; i++ {
		if t := s.Tokens[i]; t.Kind == Word && slices.Contains(names, t.Text) {
			return true
		}
	}
	return false
}

// Accessor turns an alias into what scripts write: a-b_c.d becomes a.b.c.d.
func Accessor(alias string) string {
	return strings.NewReplacer("-", ".", "_", ".").Replace(alias)
}

// IsTest says whether one of the words of a name in camel case, or between
// hyphens, is "test" or "tests".
func IsTest(name string) bool {
	// testAndDevelopmentOnly is what Spring Boot adds for running on a desk.
	if name == "testAndDevelopmentOnly" {
		return false
	}
	for i := 0; i+4 <= len(name); i++ {
		if !strings.EqualFold(name[i:i+4], "test") {
			continue
		}
		starts := i == 0 || name[i] == 'T' || !isAlpha(name[i-1])
		end := i + 4
		if end < len(name) && (name[end] == 's' || name[end] == 'S') {
			end++
		}
		ends := end == len(name) || !isAlpha(name[end]) || name[end] >= 'A' && name[end] <= 'Z'
		if starts && ends {
			return true
		}
	}
	return false
}

func isAlpha(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
