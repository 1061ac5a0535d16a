package ownersfile

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

var (
	tag        = regexp.MustCompile(`^([A-Z]):\s*(.*)$`)
	tomlPeople = regexp.MustCompile(`^\s*\[\s*people\s*[.\]]`)
	emailShape = regexp.MustCompile(`^[\pL\pN._%+'-]+@[\pL\pN-]+(\.[\pL\pN-]+)+$`)
	nameEmail  = regexp.MustCompile(`^\s*(.*?)\s*<\s*([^<>\s]+@[^<>\s]+)\s*>(.*)$`)
	perFile    = regexp.MustCompile(`^per-file\s+([^=]+?)\s*=\s*(.*)$`)
)

func isTOML(lines []string) bool {
	for _, l := range lines {
		if tomlPeople.MatchString(l) {
			return true
		}
	}
	return false
}

func countTags(lines []string) map[string]int {
	n := map[string]int{}
	for _, l := range lines {
		if m := tag.FindStringSubmatch(l); m != nil {
			n[m[1]]++
		}
	}
	return n
}

// isKernel wants mail lines and at least one of status, files, list or tree.
func isKernel(lines []string) bool {
	n := countTags(lines)
	return n["M"] > 0 && n["S"]+n["F"]+n["L"]+n["T"]+n["P"] > 0
}

func isRecords(lines []string) bool {
	n := countTags(lines)
	return n["N"] > 0 && n["E"] > 0 && n["M"] == 0
}

// kernel reads sections of a title and tagged lines. The scope is the title
// and the F: patterns of the section.
func (r *reader) kernel(lines []string) {
	var section []Person
	var files []string
	title, pending, obsolete := "", "", false
	flush := func() {
		scope := title
		switch {
		case slices.Contains(files, "*") || slices.Contains(files, "*/"): // the rest of the tree
			scope = ""
		case len(files) > 0:
			scope = strings.TrimSpace(title + ": " + strings.Join(files, " "))
		}
		if len(scope) > 500 {
			scope = strings.ToValidUTF8(scope[:500], "") + "…"
		}
		for _, p := range section {
			p.Scope = scope
			if obsolete {
				p.Role = Emeritus
			}
			r.add(p)
		}
		section, files, pending, obsolete = nil, nil, "", false
	}
	for i, l := range lines {
		m := tag.FindStringSubmatch(l)
		if m == nil {
			if text := strings.TrimSpace(l); text == "" || l[0] == ' ' || l[0] == '\t' || strings.Trim(text, "-=.") == "" {
				continue
			}
			flush()
			title = strings.TrimSpace(l)
			continue
		}
		switch m[1] {
		case "P": // the older form: P: name, M: address; today also a link to a profile
			if !strings.Contains(m[2], "/") {
				pending = m[2]
			}
		case "M", "R":
			p, ok := kernelPerson(m[2], pending)
			if !ok {
				r.note(i+1, l)
				continue
			}
			pending = ""
			p.Line, p.Role = i+1, Maintainer
			if m[1] == "R" {
				p.Role = Reviewer
			}
			section = append(section, p)
		case "F":
			files = append(files, m[2])
		case "S":
			s := strings.ToLower(m[2])
			obsolete = strings.HasPrefix(s, "obsolete") || strings.HasPrefix(s, "orphan")
		}
	}
	flush()
}

func kernelPerson(text, pending string) (Person, bool) {
	if m := nameEmail.FindStringSubmatch(text); m != nil && emailShape.MatchString(m[2]) {
		name := strings.Trim(m[1], `"' `)
		return Person{Name: name, Email: m[2], Team: isListAddress(m[2])}, true
	}
	word, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	if emailShape.MatchString(word) {
		return Person{Name: pending, Email: word, Team: isListAddress(word)}, true
	}
	return Person{}, false
}

// records reads LLVM's CODE_OWNERS: N: name, E: addresses and accounts, D: what for.
func (r *reader) records(lines []string) {
	var p Person
	var what []string
	flush := func() {
		p.Scope = strings.Join(what, " ")
		p.Role = r.role
		r.add(p)
		p, what = Person{}, nil
	}
	last := ""
	for i, l := range append(lines[:len(lines):len(lines)], "") {
		text := strings.TrimSpace(l)
		m := tag.FindStringSubmatch(l)
		switch {
		case text == "":
			flush()
			last = ""
		case m == nil && last == "D":
			what = append(what, text)
		case m == nil:
			r.note(i+1, l)
		case m[1] == "N":
			if p.Name != "" {
				flush()
			}
			p.Name, p.Line = m[2], i+1
		case m[1] == "E":
			for _, part := range strings.Split(m[2], ",") {
				word, label, _ := strings.Cut(strings.TrimSpace(part), " ")
				switch {
				case emailShape.MatchString(word) && p.Email == "":
					p.Email = word
				case strings.Contains(strings.ToLower(label), "github") && accountShape.MatchString(word):
					p.Account = word
				}
			}
			p.Line = max(p.Line, 1)
		case m[1] == "D":
			what = append(what, m[2])
		}
		if m != nil {
			last = m[1]
		}
	}
}

// chromium reads lines of addresses, per-file rules and directives.
func (r *reader) chromium(lines []string) {
	r.chromiumLines(r.name, lines, "")
}

// Limits on files that others include.
const (
	maxWithin = 10
	maxOpened = 100
)

// include reads the owners of another file, as a line such as "file://base/OWNERS", "file:sub/OWNERS" or
// "include /base/OWNERS" names it, for a scope. It reports whether that file was read.
func (r *reader) include(from, text, scope string) bool {
	target, ok := strings.CutPrefix(text, "file:")
	if !ok {
		target = strings.TrimPrefix(text, "include ")
	}
	target = strings.TrimSpace(target)
	if rooted := strings.TrimLeft(target, "/"); rooted != target {
		target = path.Clean(rooted)
	} else {
		target = path.Join(path.Dir(from), target)
	}
	if slices.Contains(r.within, target) || target == r.name {
		return true // its owners are being read
	}
	if r.Read == nil || strings.Contains(target, ":") || strings.HasPrefix(target, "..") || len(r.within) >= maxWithin || r.opened >= maxOpened {
		return false
	}
	b, err := r.Read(target)
	if err != nil || len(b) > MaxSize || bytes.IndexByte(b, 0) >= 0 {
		return false
	}
	r.opened++
	r.within = append(r.within, target)
	r.chromiumLines(target, strings.Split(strings.ToValidUTF8(string(b), "\ufffd"), "\n"), scope)
	r.within = r.within[:len(r.within)-1]
	return true
}

// at is where an entry stands: in an included file that is the line of this one that includes it.
func (r *reader) at(line int) int {
	if len(r.within) > 0 {
		return r.includedAt
	}
	return line
}

// chromiumLines reads the lines of a file; owners of an included one get the scope of its line.
func (r *reader) chromiumLines(name string, lines []string, within string) {
	for i, l := range lines {
		if len(l) > maxLine {
			continue
		}
		text, _, _ := strings.Cut(l, "#")
		text = strings.TrimSpace(text)
		scope := within
		if len(r.within) == 0 {
			r.includedAt = i + 1
		}
		if m := perFile.FindStringSubmatch(text); m != nil {
			if len(r.within) > 0 {
				continue // parts of another folder
			}
			scope, text = m[1], m[2]
		}
		switch {
		case text == "", text == "*", strings.HasPrefix(text, "set "), strings.HasPrefix(text, "COMPONENT:"), strings.HasPrefix(text, "TEAM:"), strings.HasPrefix(text, "OS:"):
			continue
		case strings.HasPrefix(text, "file:"), strings.HasPrefix(text, "include "):
			if !r.include(name, text, scope) {
				r.note(r.at(i+1), text)
			}
			continue
		}
		for _, word := range strings.Split(text, ",") {
			word = strings.TrimSpace(word)
			handle := strings.TrimPrefix(word, "@")
			switch {
			case emailShape.MatchString(word), handle != word && (accountShape.MatchString(handle) || teamShape.MatchString(handle)):
				p := fromWord(word)
				p.Role, p.Scope, p.Line = r.role, scope, r.at(i+1)
				r.add(p)
			default:
				if p, ok := readItem(word); ok {
					p.Role, p.Scope, p.Line = r.role, scope, r.at(i+1)
					r.add(p)
					continue
				}
				r.note(r.at(i+1), l)
			}
		}
	}
}

// isLogins reports whether a file is words that may be logins, one a line, and comments.
func isLogins(lines []string) bool {
	n := 0
	for _, l := range lines {
		text, _, _ := strings.Cut(l, "#")
		switch text = strings.TrimSpace(text); {
		case text == "":
		case !accountShape.MatchString(text), notNames[strings.ToLower(text)]:
			return false
		default:
			n++
		}
	}
	return n > 0
}

// logins reads one login a line; a comment such as "# Emeritus" says what those below do.
func (r *reader) logins(lines []string) {
	role := r.role
	for i, l := range lines {
		word, comment, _ := strings.Cut(l, "#")
		if word = strings.TrimSpace(word); word != "" {
			if role != "" {
				r.add(Person{Account: word, Role: role, Line: i + 1})
			}
			continue
		}
		if said, known := roleOf(comment); known && len(strings.Fields(comment)) <= 5 {
			role = said
		}
	}
}

// toml reads Docker's form: people by key, and sections that list keys.
func (r *reader) toml(text string, lines []string) {
	// Docker's files need little depth; a text with more structure is refused before parsing.
	if len(text) > 512<<10 || strings.Count(text, "[")+strings.Count(text, "{") > 10_000 || hasLongDottedKey(lines) {
		r.note(0, "not read: a TOML file with too much structure")
		return
	}
	var file struct {
		Org    map[string]any
		People map[string]map[string]any
	}
	if _, err := toml.Decode(text, &file); err != nil {
		r.note(0, "not TOML: "+err.Error())
		return
	}
	where := map[string]int{}
	section := regexp.MustCompile(`^\s*\[\s*people\s*\.\s*"?([^"\]]+?)"?\s*\]`)
	for i, l := range lines {
		if m := section.FindStringSubmatch(l); m != nil {
			where[strings.ToLower(m[1])] = i + 1
		}
	}
	roles := map[string]Role{}
	for name, value := range file.Org {
		role, known := roleOf(name)
		if !known {
			role = Maintainer
		}
		for _, key := range keysUnder(value, 0) {
			key = strings.ToLower(key)
			if have, ok := roles[key]; !ok || rank[role] < rank[have] {
				roles[key] = role
			}
		}
	}
	for _, key := range sortedKeys(file.People) {
		line := where[strings.ToLower(key)]
		role, listed := roles[strings.ToLower(key)]
		switch {
		case len(file.Org) == 0:
			role = Maintainer
		case !listed:
			r.note(line, "in no section of [Org]: "+key)
			continue
		}
		p := Person{Role: role, Line: line}
		for field, value := range file.People[key] {
			s, _ := value.(string)
			switch strings.ToLower(field) {
			case "name":
				p.Name = s
			case "email":
				p.Email = s
			case "github":
				p.Account = s
			}
		}
		if p.Account == "" && p.Email == "" && p.Name == "" {
			p.Account = key
		}
		r.add(p)
	}
}

func hasLongDottedKey(lines []string) bool {
	for _, l := range lines {
		if key, _, _ := strings.Cut(l, "="); strings.Count(key, ".") > 20 {
			return true
		}
	}
	return false
}
