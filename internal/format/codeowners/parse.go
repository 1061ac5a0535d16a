package codeowners

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Parse reads a file. It never fails: a line that the host would refuse is a
// Problem and is skipped, the others count. GitLab reports a rule without any
// owner, so Parse does too, and keeps it.
func Parse(b []byte, d Dialect) (File, []Problem) {
	p := parser{file: File{Dialect: d, Sections: []Section{{}}}, byName: map[string]int{}}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	switch {
	case len(b) > MaxSize:
		p.problem(0, "the file has %d bytes, hosts ignore more than %d: split it or use wider patterns", len(b), MaxSize)
	case bytes.IndexByte(b, 0) >= 0:
		p.problem(0, "the file is not text: it holds a zero byte")
	default:
		p.lines(b)
	}
	if p.more > 0 {
		p.problems = append(p.problems, Problem{Text: fmt.Sprintf("%d more problems are not listed", p.more)})
	}
	if d != Gitea {
		p.file.sections = compile(p.file.Rules, len(p.file.Sections), d)
	}
	return p.file, p.problems
}

type parser struct {
	file     File
	byName   map[string]int // lower-case section name to its index
	section  int
	skipping bool // below a heading over MaxSections
	defaults []Owner
	problems []Problem
	more     int
}

func (p *parser) problem(line int, format string, args ...any) {
	if len(p.problems) >= maxProblems {
		p.more++
		return
	}
	p.problems = append(p.problems, Problem{Line: line, Text: fmt.Sprintf(format, args...)})
}

func (p *parser) lines(b []byte) {
	n := 0
	for raw := range bytes.Lines(b) {
		n++
		text := strings.TrimSpace(string(raw))
		if text == "" || text[0] == '#' {
			continue
		}
		if !utf8.ValidString(text) {
			p.problem(n, "the line is not UTF-8")
			continue
		}
		if p.file.Dialect == GitLab && p.heading(n, text) {
			continue
		}
		if p.skipping {
			continue
		}
		if len(p.file.Rules) >= MaxRules {
			p.problem(n, "more than %d rules: this one and the rest are not read", MaxRules)
			return
		}
		switch p.file.Dialect {
		case Gitea:
			p.giteaRule(n, text)
		case Bitbucket:
			p.bitbucketRule(n, text)
		default:
			p.rule(n, text)
		}
	}
}

// heading reads a GitLab section heading and reports whether the line was one,
// valid or not.
func (p *parser) heading(line int, text string) bool {
	if text[0] != '[' && !strings.HasPrefix(text, "^[") {
		return false
	}
	s, rest, ok := readHeading(text)
	if !ok {
		p.problem(line, "section heading is not of the form [Name], ^[Name] or [Name][2]: %s", cut(text))
		return true
	}
	if s.Optional && s.Approvals > 0 {
		p.problem(line, "section %q is optional: its number of approvals is ignored by the host", s.Name)
	}
	key := strings.ToLower(s.Name)
	i, known := p.byName[key]
	switch {
	case known:
		have := &p.file.Sections[i]
		have.Optional = have.Optional && s.Optional
		have.Approvals = max(have.Approvals, s.Approvals)
	case len(p.file.Sections) > MaxSections:
		p.problem(line, "more than %d sections: %q is not read", MaxSections, s.Name)
		p.skipping = true
		return true
	default:
		i = len(p.file.Sections)
		s.Line = line
		p.byName[key] = i
		p.file.Sections = append(p.file.Sections, s)
	}
	p.section, p.skipping = i, false
	p.defaults = p.gitlabOwners(line, rest)
	return true
}

// readHeading splits "^[Name][2] @a @b". The rest is what follows the brackets.
func readHeading(text string) (s Section, rest string, ok bool) {
	if strings.HasPrefix(text, "^") {
		s.Optional = true
		text = text[1:]
	}
	if !strings.HasPrefix(text, "[") {
		return Section{}, "", false
	}
	name, rest, found := strings.Cut(text[1:], "]")
	s.Name = strings.TrimSpace(name)
	if !found || s.Name == "" || strings.Contains(name, "[") {
		return Section{}, "", false
	}
	if strings.HasPrefix(rest, "[") {
		number, after, closed := strings.Cut(rest[1:], "]")
		n, err := strconv.Atoi(number)
		if !closed || err != nil || n < 0 {
			return Section{}, "", false
		}
		s.Approvals, rest = n, after
	}
	if rest != "" && rest[0] != ' ' && rest[0] != '\t' && rest[0] != '@' {
		return Section{}, "", false
	}
	return s, rest, true
}

func (p *parser) rule(line int, text string) {
	pattern, rest := cutPattern(text)
	rule := Rule{Line: line, Pattern: pattern, Section: p.section}
	if p.file.Dialect == GitLab {
		if strings.HasPrefix(pattern, "!") {
			rule.Exclusion, rule.Pattern = true, pattern[1:]
		}
	}
	if why := invalidPattern(rule.Pattern, p.file.Dialect); why != "" {
		p.problem(line, "pattern %s: %s", cut(pattern), why)
		return
	}
	if p.file.Dialect == GitLab {
		if !rule.Exclusion {
			if rule.Owners = p.gitlabOwners(line, rest); len(rule.Owners) == 0 {
				rule.Owners = p.defaults
			}
			if len(rule.Owners) == 0 {
				p.problem(line, "pattern %s has no owners: what it matches is owned by nobody in this section", cut(pattern))
			}
		}
	} else {
		owners, bad := githubOwners(line, rest)
		if bad != "" {
			p.problem(line, "%s is not @user, @organisation/team or an e-mail address: the host skips the line", cut(bad))
			return
		}
		rule.Owners = owners
	}
	p.file.Rules = append(p.file.Rules, rule)
}

// cutPattern splits a line at the first white space that no backslash escapes.
func cutPattern(text string) (pattern, rest string) {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case ' ', '\t', '\v', '\f', '\r':
			return text[:i], text[i:]
		}
	}
	return text, ""
}

// invalidPattern says why the host refuses a pattern, or "".
func invalidPattern(pattern string, d Dialect) string {
	if pattern == "" {
		return "it is empty"
	}
	if d == GitLab {
		return ""
	}
	switch {
	case pattern[0] == '!':
		return "GitHub has no exclusions: write a later line without owners"
	case strings.HasPrefix(pattern, `\#`):
		return "GitHub cannot name a path that begins with #"
	case strings.Contains(pattern, "***"):
		return "three stars in a row"
	case strings.HasSuffix(pattern, `\`) && !strings.HasSuffix(pattern, `\\`):
		return "it ends in a backslash that escapes nothing"
	case pattern[0] == '@' && !strings.ContainsAny(pattern, "*."):
		return "it looks like an owner: write the pattern first, * for everything"
	}
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '\\':
			i++
		case '[', ']':
			return `both [ and ] must be escaped with a \`
		}
	}
	return ""
}

// githubOwners reads the owners up to a comment; bad is the first invalid word.
func githubOwners(line int, rest string) (owners []Owner, bad string) {
	for _, word := range strings.Fields(rest) {
		if word[0] == '#' {
			break
		}
		// A comment may touch its owner: "@team#reviews".
		if before, _, found := strings.Cut(word, "#"); found {
			word = before
		}
		o, ok := readOwner(word, GitHub)
		if !ok {
			return nil, word
		}
		o.Line = line
		owners = append(owners, o)
	}
	return owners, ""
}

// gitlabOwners collects every owner in the text as GitLab does, comments
// included; other words are reported up to the first #.
func (p *parser) gitlabOwners(line int, rest string) []Owner {
	var owners []Owner
	comment := false
	for _, word := range strings.FieldsFunc(rest, isOwnerGap) {
		if word[0] == '#' {
			comment = true
			word = strings.TrimLeft(word, "#")
		}
		o, ok := readOwner(word, GitLab)
		if !ok {
			if !comment {
				p.problem(line, "%s is not @user, @group, @@role or an e-mail address: the word is skipped", cut(word))
			}
			continue
		}
		o.Line = line
		owners = append(owners, o)
	}
	return owners
}

func isOwnerGap(r rune) bool {
	return r == ',' || r == ';' || r == ' ' || r == '\t' || r == '\v' || r == '\f' || r == '\r'
}

// readOwner reads one word.
func readOwner(word string, d Dialect) (Owner, bool) {
	name, handle := strings.CutPrefix(word, "@")
	if !handle {
		return Owner{Kind: Email, Name: word}, isEmail(word)
	}
	if role, ok := strings.CutPrefix(name, "@"); ok {
		role = strings.TrimSuffix(strings.ToLower(role), "s")
		return Owner{Kind: Role, Name: role}, d == GitLab && (role == "developer" || role == "maintainer" || role == "owner")
	}
	parts := strings.Split(name, "/")
	for _, part := range parts {
		if part == "" || strings.Trim(part, "-_.ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") != "" {
			return Owner{}, false
		}
	}
	switch {
	case len(parts) == 1:
		return Owner{Kind: User, Name: name}, d != GitHub || !strings.Contains(name, ".")
	case d != GitLab && len(parts) > 2:
		return Owner{}, false
	}
	return Owner{Kind: Team, Name: name}, true
}

// isEmail accepts local@host.domain without white space; hosts look the address up themselves.
func isEmail(word string) bool {
	local, domain, found := strings.Cut(word, "@")
	dot := strings.LastIndexByte(domain, '.')
	return found && local != "" && dot > 0 && dot < len(domain)-1 && !strings.ContainsAny(word, "<>()[]\\\",:;/") && !strings.Contains(domain, "@")
}

// cut shortens a text for a message.
func cut(s string) string {
	if len(s) > 80 {
		return strconv.Quote(strings.ToValidUTF8(s[:80], "")) + "…"
	}
	return strconv.Quote(s)
}
