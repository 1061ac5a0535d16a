package codeowners

import (
	"regexp"
	"strings"
)

// selection is how Bitbucket picks reviewers out of a group: ":all", ":random(2)", ":least_busy(1)".
var selection = regexp.MustCompile(`:(?:all|random(?:\(\d+\))?|least_busy(?:\(\d+\))?)$`)

// bitbucketRule reads a line as Bitbucket Cloud and the Code Owners app of Bitbucket have it.
func (p *parser) bitbucketRule(line int, text string) {
	words := quotedWords(text)
	switch {
	case strings.HasPrefix(words[0], "@@@"):
		return // a group and its members: rules name the group
	case strings.HasPrefix(words[0], "CODEOWNERS."), strings.HasPrefix(words[0], "Check("), strings.HasPrefix(words[0], "OverallCheck("):
		return // settings of reviews
	}
	rule := Rule{Line: line}
	rule.Pattern, rule.Exclusion = strings.CutPrefix(words[0], "!")
	if strings.HasPrefix(rule.Pattern, `\!`) || strings.HasPrefix(rule.Pattern, `\#`) {
		rule.Pattern = rule.Pattern[1:]
	}
	switch {
	case rule.Pattern == "":
		p.problem(line, "the pattern is empty")
		return
	case strings.ContainsAny(rule.Pattern, "{}[]"):
		p.problem(line, "pattern %s: lists in { } and characters in [ ] are not understood here: write a line for each", cut(words[0]))
		return
	}
	for _, word := range words[1:] {
		if strings.HasPrefix(word, "#") {
			break
		}
		o, ok := bitbucketOwner(word)
		if !ok {
			p.problem(line, "%s is not @user, @@group, @workspace/group or an e-mail address: the word is skipped", cut(word))
			continue
		}
		o.Line = line
		rule.Owners = append(rule.Owners, o)
	}
	p.file.Rules = append(p.file.Rules, rule)
}

func bitbucketOwner(word string) (Owner, bool) {
	if group, ok := strings.CutPrefix(word, "@@"); ok {
		return Owner{Kind: Team, Name: group}, group != "" && group[0] != '@'
	}
	name, handle := strings.CutPrefix(word, "@")
	switch name = selection.ReplaceAllString(name, ""); {
	case name == "" || name[0] == '@':
		return Owner{}, false
	case isEmail(name):
		return Owner{Kind: Email, Name: name}, true
	case !handle:
		return Owner{}, false
	case strings.Contains(name, "/"):
		return Owner{Kind: Team, Name: name}, true
	}
	return Owner{Kind: User, Name: name}, true
}

// quotedWords splits a line that has some at white space outside of double quotes; the quotes go.
func quotedWords(text string) (words []string) {
	var word strings.Builder
	quoted, open := false, false
	end := func() {
		if word.Len() > 0 || open {
			words = append(words, word.String())
		}
		word.Reset()
		open = false
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
			open = true
		case c == '\\' && i+1 < len(text) && !quoted:
			word.WriteByte(c)
			i++
			word.WriteByte(text[i])
		case !quoted && (c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r'):
			end()
		default:
			word.WriteByte(c)
		}
	}
	end()
	return words
}
