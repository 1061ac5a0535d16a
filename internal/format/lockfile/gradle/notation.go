package gradle

import (
	"strings"

	"steward/internal/format/lockfile/gradle/script"
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
func (e *evaluator) notations(s *script.Script, args script.Span, depth int) []found {
	if depth > 8 || e.left < 0 {
		return []found{{reason: computed}}
	}
	parts := s.Split(args)
	e.left -= len(parts)
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
func (e *evaluator) mapNotation(s *script.Script, parts []script.Span) (found, bool) {
	entries := map[string]script.Span{}
	for _, part := range parts {
		if key, value, ok := s.Pair(part); ok {
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
func (e *evaluator) versionAt(s *script.Script, in script.Span) version {
	if text, ok := e.text(s, in); ok {
		return plainVersion(text)
	}
	return version{asked: s.Written(in)}
}

// notation reads one argument.
func (e *evaluator) notation(s *script.Script, in script.Span, depth int) []found {
	in = s.Trim(in)
	if in.Empty() {
		return nil
	}
	first := s.Tokens[in.From]
	switch {
	case first.Kind == '[' && first.Match == in.To-1, first.Kind == '(' && first.Match == in.To-1:
		return e.notations(s, script.Span{From: in.From + 1, To: first.Match}, depth+1)
	case first.Kind == script.Literal || first.Kind == script.Template:
		return []found{e.coordinates(s, in)}
	case first.Kind != script.Word:
		return []found{{reason: computed}}
	}
	if alias, ok := s.ArgumentOf("findLibrary", in); ok {
		return e.build.byAlias(e.at, alias, false)
	}
	if alias, ok := s.ArgumentOf("findBundle", in); ok {
		return e.build.byAlias(e.at, alias, true)
	}
	if out, ok := e.called(s, in, depth); ok {
		return out
	}
	name, ok := reference(s, in)
	if !ok {
		return []found{e.coordinates(s, in)}
	}
	name = script.Canonical(name)
	if strings.HasPrefix(name, "projects.") {
		return []found{{project: strings.ReplaceAll(strings.TrimPrefix(name, "projects"), ".", ":")}}
	}
	if out, ok := e.build.byReference(e.at, name); ok {
		return out
	}
	if at, value, ok := e.find(name); ok && at != nil {
		value = at.Trim(value)
		if !value.Empty() && at.Tokens[value.From].Kind == '[' {
			return e.notations(at, script.Span{From: value.From + 1, To: at.Tokens[value.From].Match}, depth+1)
		}
	}
	f := e.coordinates(s, in)
	if f.reason == computed && strings.HasPrefix(name, "libs.") {
		f.reason = outside
	}
	return []found{f}
}

// called reads platform(x), project(":x"), kotlin("x"), files(...) and their
// like, with or without dependencies. or project. before.
func (e *evaluator) called(s *script.Script, in script.Span, depth int) ([]found, bool) {
	i := in.From
	for i+2 < in.To && s.Tokens[i].Kind == script.Word && s.Tokens[i+1].Kind == '.' && (s.Tokens[i].Text == "dependencies" || s.Tokens[i].Text == "project" || s.Tokens[i].Text == "rootProject" || s.Tokens[i].Text == "dependencyFactory") {
		i += 2
	}
	name := s.Tokens[i].Text
	if i+1 >= in.To {
		return nil, false
	}
	args := script.Span{From: i + 1, To: in.To}
	if open := s.Tokens[i+1]; open.Kind == '(' {
		args = script.Span{From: i + 2, To: open.Match}
	} else if k := open.Kind; k != script.Literal && k != script.Template && k != script.Word {
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
		parts := s.Split(args)
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
func (e *evaluator) member(s *script.Script, args script.Span) found {
	for _, part := range s.Split(args) {
		value := part
		if key, v, ok := s.Pair(part); ok {
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
func (e *evaluator) coordinates(s *script.Script, in script.Span) found {
	text, ok := e.text(s, in)
	if ok {
		return parseCoordinates(text)
	}
	e.lookups = maxLookups
	// The version alone may be what is not known: "g:a:$v".
	if t := s.Tokens[in.From]; in.To-in.From == 1 && t.Kind == script.Template {
		if head, tail, cut := cutVersion(t.Text); cut {
			if text, ok := e.fill(head, 0); ok {
				if f := parseCoordinates(text); f.reason == "" {
					f.version = version{asked: strings.ReplaceAll(tail, script.Dollar, "$")}
					return f
				}
			}
		}
	}
	if plus := s.LastPlus(in); plus > 0 {
		if text, ok := e.text(s, script.Span{From: in.From, To: plus}); ok && strings.HasSuffix(text, ":") && strings.Count(text, ":") == 2 {
			if f := parseCoordinates(strings.TrimSuffix(text, ":")); f.reason == "" {
				f.version = version{asked: s.Written(script.Span{From: plus + 1, To: in.To})}
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
	return s != "" && len(s) <= 300 && !strings.ContainsAny(s, " \t\r\n/\\:${}()[]'\",;?*#%<>"+script.Dollar)
}
