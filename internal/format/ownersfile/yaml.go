package ownersfile

import (
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

var yamlKey = regexp.MustCompile(`^(approvers|reviewers|filters|emeritus_approvers|emeritus_reviewers|required_reviewers|aliases|maintainers|options|labels)\s*:`)

func isYAML(lines []string) bool {
	for _, l := range lines {
		if yamlKey.MatchString(l) {
			return true
		}
	}
	return false
}

var yamlRoles = map[string]Role{
	"approvers": Approver, "owners": Approver, "reviewers": Reviewer, "required_reviewers": Reviewer, "maintainers": Maintainer,
	"emeritus_approvers": Emeritus, "emeritus_reviewers": Emeritus, "emeritus_maintainers": Emeritus, "emeritus": Emeritus,
}

var yamlOther = map[string]bool{"labels": true, "options": true, "version": true, "aliases": true, "metadata": true, "security_contacts": true, "component": true, "features": true, "auto_approve": true}

// parseRoot parses a small YAML mapping. The tree is not followed deeper than a
// few levels, so what is nested deep or meant to blow up is only parsed; texts
// with more structure than such a file can have are refused before that.
func parseRoot(b []byte) (pairs []*ast.MappingValueNode, ok bool) {
	s := string(b)
	// The parser's work grows with the square of the keys of a mapping.
	if len(s) > 256<<10 || strings.Count(s, "[")+strings.Count(s, "{") > 2_000 || strings.Count(s, ":") > 4_000 {
		return nil, false
	}
	for l := range strings.Lines(s) {
		if strings.Count(l, "- ")+strings.Count(l, "? ")+strings.Count(l, "!")+strings.Count(l, "&") > 200 || strings.HasPrefix(l, strings.Repeat(" ", 100)) {
			return nil, false
		}
	}
	file, err := parser.ParseBytes(b, 0)
	if err != nil {
		return nil, false
	}
	for _, doc := range file.Docs {
		if doc != nil && doc.Body != nil {
			if pairs = mappingOf(doc.Body); pairs != nil {
				return pairs, true
			}
		}
	}
	return nil, false
}

func mappingOf(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	case *ast.AnchorNode:
		if _, again := n.Value.(*ast.AnchorNode); !again {
			return mappingOf(n.Value)
		}
	}
	return nil
}

func scalarOf(n ast.Node) (text string, line int) {
	switch n := n.(type) {
	case *ast.StringNode:
		return strings.TrimSpace(n.Value), lineOf(n)
	case *ast.IntegerNode:
		return n.GetToken().Value, lineOf(n)
	}
	return "", lineOf(n)
}

func lineOf(n ast.Node) int {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return 1
	}
	return n.GetToken().Position.Line
}

func keyOf(p *ast.MappingValueNode) string {
	if p.Key == nil || p.Key.GetToken() == nil {
		return ""
	}
	return p.Key.GetToken().Value
}

// yaml reads Kubernetes OWNERS; false means that the text is something else.
func (r *reader) yaml(b []byte) bool {
	pairs, ok := parseRoot(b)
	if !ok {
		return false
	}
	r.yamlBlock(pairs, "", true)
	return true
}

// yamlBlock reads the lists of roles of the file or of one filter.
func (r *reader) yamlBlock(pairs []*ast.MappingValueNode, scope string, top bool) {
	for _, p := range pairs {
		key := keyOf(p)
		role, isRole := yamlRoles[key]
		switch {
		case isRole:
			r.yamlList(p.Value, role, scope)
		case key == "filters" && top:
			r.yamlFilters(p.Value)
		case yamlOther[key], p.Value == nil, p.Value.Type() == ast.NullType:
		case key == "":
		default:
			r.note(lineOf(p.Key), "unknown key "+key)
		}
	}
}

// yamlFilters reads a mapping of pattern to block, or the newer list of blocks
// whose pattern is a key without value.
func (r *reader) yamlFilters(n ast.Node) {
	if list, ok := n.(*ast.SequenceNode); ok {
		for _, item := range list.Values {
			pairs := mappingOf(item)
			scope := ""
			for _, p := range pairs {
				if p.Value == nil || p.Value.Type() == ast.NullType {
					scope = keyOf(p)
				}
			}
			r.yamlBlock(pairs, scopeOf(scope), false)
		}
		return
	}
	for _, p := range mappingOf(n) {
		r.yamlBlock(mappingOf(p.Value), scopeOf(keyOf(p)), false)
	}
}

func scopeOf(pattern string) string {
	switch pattern {
	case ".*", "*", "**", "**/*":
		return ""
	}
	return pattern
}

func (r *reader) yamlList(n ast.Node, role Role, scope string) {
	var items []ast.Node
	switch n := n.(type) {
	case *ast.SequenceNode:
		items = n.Values
	case *ast.NullNode, nil:
		return
	default:
		items = []ast.Node{n}
	}
	for _, item := range items {
		if p, ok := personOf(item); ok {
			p.Role, p.Scope = role, scope
			r.add(p)
			continue
		}
		text, line := scalarOf(item)
		members, alias := r.Aliases[strings.ToLower(text)]
		switch {
		case text == "" || strings.ContainsAny(text, " \t"):
			r.note(line, "not an account: "+text)
		case len(members) > 0:
			for _, m := range members {
				p := fromWord(m)
				p.Role, p.Scope, p.Via, p.Line = role, scope, text, line
				r.add(p)
			}
		case alias:
			r.note(line, "an alias without members: "+text)
		default:
			p := fromWord(text)
			p.Role, p.Scope, p.Line = role, scope, line
			r.add(p)
		}
	}
}

// personKeys are the keys of a person that a list writes as a mapping.
var personKeys = map[string]string{
	"name": "name", "email": "email", "mail": "email",
	"github": "account", "gitlab": "account", "login": "account", "username": "account", "user": "account", "account": "account", "handle": "account", "id": "account",
}

// personOf reads an item such as {name: Jo Roe, email: jo@x.example, github: jor}.
func personOf(n ast.Node) (p Person, ok bool) {
	for _, pair := range mappingOf(n) {
		text, line := scalarOf(pair.Value)
		if p.Line == 0 {
			p.Line = line
		}
		word := strings.TrimPrefix(text, "@")
		switch personKeys[strings.ToLower(keyOf(pair))] {
		case "name":
			if looksLikeName(text, 1) {
				p.Name = text
			}
		case "email":
			if emailShape.MatchString(text) {
				p.Email = text
			}
		case "account":
			if accountShape.MatchString(word) || teamShape.MatchString(word) {
				p.Account, p.Team = word, strings.Contains(word, "/")
			}
		}
	}
	return p, p.Name != "" || p.Email != "" || p.Account != ""
}

// fromWord tells an address, a team and an account apart.
func fromWord(word string) Person {
	word = strings.TrimPrefix(word, "@")
	if emailShape.MatchString(word) {
		return Person{Email: word, Team: isListAddress(word)}
	}
	return Person{Account: word, Team: strings.Contains(word, "/")}
}

// ParseAliases reads OWNERS_ALIASES: a mapping "aliases" of names to accounts.
func ParseAliases(b []byte) (Aliases, []Note) {
	r := &reader{}
	pairs, ok := parseRoot(b)
	if !ok {
		r.note(0, "OWNERS_ALIASES is not a YAML mapping of a reasonable size")
		return nil, r.notes
	}
	out := Aliases{}
	for _, p := range pairs {
		if keyOf(p) != "aliases" {
			continue
		}
		for _, alias := range mappingOf(p.Value) {
			name := strings.ToLower(keyOf(alias))
			out[name] = append([]string{}, out[name]...) // known, also when nobody is in it
			list, ok := alias.Value.(*ast.SequenceNode)
			if !ok {
				r.note(lineOf(alias.Key), "no list of accounts: "+keyOf(alias))
				continue
			}
			for _, item := range list.Values {
				if text, line := scalarOf(item); text != "" && !strings.ContainsAny(text, " \t") {
					out[name] = append(out[name], text)
				} else {
					r.note(line, "not an account: "+text)
				}
			}
		}
	}
	return out, r.notes
}
