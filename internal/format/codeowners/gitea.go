package codeowners

import (
	"regexp"
	"strings"
)

// Limits on the regular expressions of one file: each of them is tried for each path.
const (
	maxExpressions = 100
	maxExpression  = 1_000 // bytes
)

// giteaRule reads `expression owner owner`. Every expression that matches counts, not the last alone.
func (p *parser) giteaRule(line int, text string) {
	words := giteaWords(text)
	if len(words) == 0 {
		return
	}
	rule := Rule{Line: line, Pattern: words[0]}
	if rule.Pattern, rule.Exclusion = strings.CutPrefix(words[0], "!"); len(words) == 1 {
		p.problem(line, "expression %s has no owners", cut(words[0]))
		return
	}
	if len(p.file.expressions) >= maxExpressions || len(rule.Pattern) > maxExpression {
		p.problem(line, "more than %d expressions, or one over %d bytes: not read", maxExpressions, maxExpression)
		return
	}
	expression, err := regexp.Compile("^" + rule.Pattern + "$")
	if err != nil {
		p.problem(line, "%s is not a regular expression as Go has them", cut(rule.Pattern))
		return
	}
	for _, word := range words[1:] {
		o, ok := readOwner("@"+strings.TrimPrefix(word, "@"), Gitea)
		if !ok {
			p.problem(line, "%s is not @user or @organisation/team: the word is skipped", cut(word))
			continue
		}
		o.Line = line
		rule.Owners = append(rule.Owners, o)
	}
	p.file.Rules = append(p.file.Rules, rule)
	p.file.expressions = append(p.file.expressions, expression)
}

// giteaWords splits a line at spaces, up to a #; a backslash keeps the character after it and goes.
func giteaWords(text string) (words []string) {
	var word strings.Builder
	escaped := false
	end := func() {
		if word.Len() > 0 {
			words = append(words, word.String())
			word.Reset()
		}
	}
	for _, r := range text {
		switch {
		case escaped:
			word.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		case r == '#':
			end()
			return words
		case r == ' ' || r == '\t':
			end()
		default:
			word.WriteRune(r)
		}
	}
	end()
	return words
}
