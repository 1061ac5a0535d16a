package gradle

import (
	"strings"
)

// found is one thing that a declaration asks for.
type found struct {
	group, name string
	version     version
	platform    bool
	project     string // path of a project of the build
	reason      string // why it is no package, for a note
}

// notations reads the arguments of a declaration.
func (e *evaluator) notations(s *script, args span, depth int) []found {
	if depth > 8 {
		return []found{{reason: computed}}
	}
	parts := s.split(args)
	if len(parts) == 0 {
		return nil
	}
	if f, ok := e.mapNotation(s, parts); ok {
		return []found{f}
	}
	// Kotlin's implementation("group", "name", "version").
	if len(parts) >= 2 && len(parts) <= 3 {
		var words []string
		for _, part := range parts {
			if text, ok := e.text(s, part); ok && !strings.Contains(text, ":") {
				words = append(words, text)
			}
		}
		if len(words) == len(parts) {
			words = append(words, "")
			return []found{named(words[0], words[1], plainVersion(words[2]))}
		}
	}
	var out []found
	for _, part := range parts {
		out = append(out, e.notation(s, part, depth)...)
	}
	return out
}

// Reasons of notes that several places give.
const (
	computed = "computed by the script, which is not run"
	local    = "local files, not a package"
	outside  = "from a version catalogue that is not in this tree"
	ownAPI   = "part of Gradle itself, not a package"
)

// mapNotation reads group: 'g', name: 'a', version: 'v'.
func (e *evaluator) mapNotation(s *script, parts []span) (found, bool) {
	entries := map[string]span{}
	for _, part := range parts {
		if key, value, ok := s.pair(part); ok {
			entries[key] = value
		} else if len(entries) > 0 {
			return found{}, false
		}
	}
	nameSpan, ok := entries["name"]
	if !ok {
		return found{}, false
	}
	name, known := e.text(s, nameSpan)
	group, grouped := e.text(s, entries["group"])
	if _, has := entries["group"]; !has {
		return found{reason: local}, true // a file of a flat directory
	}
	if !known || !grouped {
		return found{reason: computed}, true
	}
	f := named(group, name, version{})
	if v, has := entries["version"]; has {
		f.version = e.versionAt(s, v)
	}
	return f, true
}

// versionAt evaluates a version; one that cannot be read stays as it is written.
func (e *evaluator) versionAt(s *script, in span) version {
	if text, ok := e.text(s, in); ok {
		return plainVersion(text)
	}
	return version{asked: s.written(in)}
}

// written returns the tokens of a span as text, cut to a length for people.
func (s *script) written(in span) string {
	var b strings.Builder
	for i := in.from; i < in.to && b.Len() < 80; i++ {
		if t := s.tokens[i]; t.text != "" {
			b.WriteString(t.text)
		} else if t.kind != newline {
			b.WriteByte(byte(t.kind))
		}
	}
	return strings.ReplaceAll(b.String(), dollar, "$")
}

// notation reads one argument.
func (e *evaluator) notation(s *script, in span, depth int) []found {
	in = s.trim(in)
	if in.empty() {
		return nil
	}
	first := s.tokens[in.from]
	switch {
	case first.kind == '[' && first.match == in.to-1, first.kind == '(' && first.match == in.to-1:
		return e.notations(s, span{in.from + 1, first.match}, depth+1)
	case first.kind == literal || first.kind == template:
		return []found{e.coordinates(s, in)}
	case first.kind != word:
		return []found{{reason: computed}}
	}
	if alias, ok := s.argumentOf("findLibrary", in); ok {
		return e.build.byAlias(e.at, alias, false)
	}
	if alias, ok := s.argumentOf("findBundle", in); ok {
		return e.build.byAlias(e.at, alias, true)
	}
	if out, ok := e.called(s, in, depth); ok {
		return out
	}
	name, ok := reference(s, in)
	if !ok {
		return []found{e.coordinates(s, in)}
	}
	name = canonical(name)
	if strings.HasPrefix(name, "projects.") {
		return []found{{project: strings.ReplaceAll(strings.TrimPrefix(name, "projects"), ".", ":")}}
	}
	if out, ok := e.build.byReference(e.at, name); ok {
		return out
	}
	if at, value, ok := e.find(name); ok && at != nil {
		value = at.trim(value)
		if !value.empty() && at.tokens[value.from].kind == '[' {
			return e.notations(at, span{value.from + 1, at.tokens[value.from].match}, depth+1)
		}
	}
	f := e.coordinates(s, in)
	if f.reason == computed && strings.HasPrefix(name, "libs.") {
		f.reason = outside
	}
	return []found{f}
}

// argumentOf returns the constant argument of a call of name anywhere in a span.
func (s *script) argumentOf(name string, in span) (string, bool) {
	for i := in.from; i+1 < in.to; i++ {
		if t := s.tokens[i]; t.kind == word && t.text == name && s.tokens[i+1].kind == '(' {
			return s.constant(span{i + 2, s.tokens[i+1].match})
		}
	}
	return "", false
}

// called reads platform(x), project(":x"), kotlin("x"), files(...) and their
// like, with or without dependencies. or project. before.
func (e *evaluator) called(s *script, in span, depth int) ([]found, bool) {
	i := in.from
	for i+2 < in.to && s.tokens[i].kind == word && s.tokens[i+1].kind == '.' && (s.tokens[i].text == "dependencies" || s.tokens[i].text == "project" || s.tokens[i].text == "rootProject" || s.tokens[i].text == "dependencyFactory") {
		i += 2
	}
	name := s.tokens[i].text
	if i+1 >= in.to {
		return nil, false
	}
	args := span{i + 1, in.to}
	if open := s.tokens[i+1]; open.kind == '(' {
		args = span{i + 2, open.match}
	} else if k := open.kind; k != literal && k != template && k != word {
		return nil, false
	}
	switch name {
	case "platform", "enforcedPlatform":
		out := e.notations(s, args, depth+1)
		for j := range out {
			out[j].platform = true
		}
		return out, true
	case "testFixtures", "variantOf", "create", "gradlePlugin":
		return e.notations(s, args, depth+1), true
	case "project":
		return []found{e.member(s, args)}, true
	case "files", "fileTree", "zipTree", "tarTree", "layout":
		return []found{{reason: local}}, true
	case "gradleApi", "localGroovy", "gradleTestKit", "gradleKotlinDsl", "embeddedKotlin", "gradleEnterpriseApi":
		return []found{{reason: ownAPI}}, true
	case "npm", "devNpm", "peerNpm":
		return []found{{reason: "npm package of Kotlin/JS, not read here"}}, true
	case "kotlin":
		parts := s.split(args)
		if len(parts) == 0 {
			return nil, false
		}
		module, ok := e.text(s, parts[0])
		if !ok {
			return []found{{reason: computed}}, true
		}
		f := named("org.jetbrains.kotlin", "kotlin-"+module, version{})
		if len(parts) > 1 {
			f.version = e.versionAt(s, parts[1])
		}
		return []found{f}, true
	}
	return nil, false
}

// member reads the arguments of project(...).
func (e *evaluator) member(s *script, args span) found {
	for _, part := range s.split(args) {
		value := part
		if key, v, ok := s.pair(part); ok {
			if key != "path" {
				continue
			}
			value = v
		}
		if text, ok := e.text(s, value); ok {
			return found{project: text}
		}
	}
	return found{project: "?"}
}

// coordinates reads an expression whose value is 'g:a:v', 'g:a:v:c@ext' or 'g:a'.
func (e *evaluator) coordinates(s *script, in span) found {
	text, ok := e.text(s, in)
	if ok {
		return parseCoordinates(text)
	}
	e.lookups = maxLookups
	// The version alone may be what is not known: "g:a:$v".
	if t := s.tokens[in.from]; in.to-in.from == 1 && t.kind == template {
		if head, tail, cut := cutVersion(t.text); cut {
			if text, ok := e.fill(head, 0); ok {
				if f := parseCoordinates(text); f.reason == "" {
					f.version = version{asked: strings.ReplaceAll(tail, dollar, "$")}
					return f
				}
			}
		}
	}
	if plus := s.lastPlus(in); plus > 0 {
		if text, ok := e.text(s, span{in.from, plus}); ok && strings.HasSuffix(text, ":") && strings.Count(text, ":") == 2 {
			if f := parseCoordinates(strings.TrimSuffix(text, ":")); f.reason == "" {
				f.version = version{asked: s.written(span{plus + 1, in.to})}
				return f
			}
		}
	}
	return found{reason: computed}
}

// cutVersion cuts g:a:rest at the second colon outside of ${}.
func cutVersion(text string) (head, tail string, ok bool) {
	depth, colons := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{':
			depth++
		case '}':
			depth--
		case ':':
			if colons++; depth == 0 && colons == 2 {
				return text[:i], text[i+1:], true
			}
		}
	}
	return "", "", false
}

func (s *script) lastPlus(in span) int {
	last := -1
	for i := in.from; i < in.to; i++ {
		switch t := s.tokens[i]; t.kind {
		case '(', '[', '{':
			i = t.match
		case '+':
			last = i
		}
	}
	return last
}

func parseCoordinates(text string) found {
	text, _, _ = strings.Cut(text, "@")
	parts := strings.SplitN(text, ":", 4)
	if len(parts) < 2 || !validPart(parts[0]) || !validPart(parts[1]) {
		return found{reason: computed}
	}
	f := named(parts[0], parts[1], version{})
	if len(parts) > 2 {
		f.version = plainVersion(parts[2])
	}
	return f
}

func named(group, name string, v version) found {
	if !validPart(group) || !validPart(name) {
		return found{reason: computed}
	}
	return found{group: group, name: name, version: v}
}

// validPart says whether s can be a group or a name.
func validPart(s string) bool {
	return s != "" && len(s) <= 300 && !strings.ContainsAny(s, " \t\r\n/\\:${}()[]'\",;?*#%<>"+dollar)
}
