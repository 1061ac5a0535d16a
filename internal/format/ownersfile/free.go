package ownersfile

import (
	"regexp"
	"strings"
)

var (
	atxHeading = regexp.MustCompile(`^\s{0,3}(#{1,6}|={2,6})\s+(.*?)\s*#*$`)
	label      = regexp.MustCompile(`^\s*(?:[-*+]\s+)?\**([\pL][\pL -]{2,40})\**\s*:\**\s*(.*)$`)
	columnSign = regexp.MustCompile(`^[\s:|+-]+$`)
)

// freeReader reads headings, lists, tables and lines.
type freeReader struct {
	*reader
	markdown bool
	levels   [7]state // by heading level; 0 is the file
	level    int
	columns  []string // of the table or the comma-separated lines that are being read
	table    bool
	code     bool
	comment  bool
	prose    bool // the line before was not read
}

type state struct {
	role  Role
	scope string
	named bool // a heading said that people follow
}

func (r *reader) free(lines []string, markdown bool) {
	f := &freeReader{reader: r, markdown: markdown}
	f.levels[0] = state{role: r.role}
	for i := 0; i < len(lines); i++ {
		l := strings.TrimRight(lines[i], " \t")
		if i+1 < len(lines) && isUnderline(lines[i+1]) && l != "" && !marker.MatchString(l) && !strings.Contains(l, "|") {
			level := 1
			if lines[i+1][0] != '=' {
				level = 2
			}
			f.heading(level, l)
			i++
			continue
		}
		f.line(i+1, l)
	}
}

func isUnderline(l string) bool {
	l = strings.TrimSpace(l)
	return len(l) >= 3 && strings.IndexByte("=-~^", l[0]) >= 0 && strings.Trim(l, l[:1]) == ""
}

func (f *freeReader) heading(level int, title string) {
	title, _ = extract(title)
	title = strings.Trim(strings.ReplaceAll(title, mark, " "), " #*_:`=-")
	above := f.levels[0]
	for i := 1; i < level; i++ {
		if f.levels[i] != (state{}) {
			above = f.levels[i]
		}
	}
	now := above
	role, known := roleOf(title)
	// What stands below emeritus people is about emeritus people.
	if known && !(above.role == Emeritus && above.named && role != "") {
		now.role, now.named = role, role != ""
	}
	if !known {
		now.scope = title
	}
	for i := level; i < len(f.levels); i++ {
		f.levels[i] = state{}
	}
	f.levels[level], f.level = now, level
	f.table, f.columns, f.prose = false, nil, false
}

func (f *freeReader) state() state { return f.levels[f.level] }

func (f *freeReader) unread(line int, text string) {
	if !f.prose {
		f.note(line, text)
	}
	f.prose = true
}

func (f *freeReader) line(n int, l string) {
	text := strings.TrimSpace(l)
	switch {
	case strings.HasPrefix(text, "```"), strings.HasPrefix(text, "~~~"):
		f.code = !f.code
		return
	case f.code:
		return
	case f.comment || strings.HasPrefix(text, "<!--"):
		f.comment = !strings.Contains(text, "-->")
		return
	case text == "":
		f.table, f.prose = false, false
		if f.markdown {
			f.columns = nil
		}
		return
	case strings.HasPrefix(text, "//"), strings.HasPrefix(text, "---"), strings.HasPrefix(text, "==="), strings.HasPrefix(text, ".. "):
		return
	}
	if m := atxHeading.FindStringSubmatch(l); m != nil || !f.markdown && text[0] == '#' {
		f.hash(text, m)
		return
	}
	if strings.Contains(text, "|") && (strings.HasPrefix(text, "|") || f.table || strings.Count(text, "|") >= 2) {
		f.row(n, text)
		return
	}
	f.table = false
	if f.commaLine(n, text) {
		return
	}
	if m := label.FindStringSubmatch(l); m != nil {
		if role, known := roleOf(m[1]); known {
			f.labelled(n, role, m[2])
			return
		}
	}
	f.item(n, l)
}

// hash reads "# ...": a heading in Markdown; elsewhere a comment, which may be a heading or name columns.
func (f *freeReader) hash(text string, m []string) {
	title := strings.TrimSpace(strings.TrimLeft(text, "#"))
	if cells := strings.Split(title, ","); !f.markdown && len(cells) >= 2 {
		if columns := columnsOf(cells); columns != nil {
			f.columns = columns
			return
		}
	}
	if f.markdown && m != nil {
		level := strings.Count(m[1], m[1][:1])
		f.heading(min(level, 6), m[2])
		return
	}
	if words := len(strings.Fields(title)); words > 0 && words <= 5 && !strings.Contains(title, "(") {
		if _, known := roleOf(title); known {
			level := 1
			if m != nil {
				level = min(len(m[1]), 6)
			}
			f.heading(level, title)
		}
	}
}

// labelled reads "Maintainers: @a, @b" or a label that works as a heading for the lines below.
func (f *freeReader) labelled(n int, role Role, rest string) {
	if strings.TrimSpace(rest) == "" {
		s := f.state()
		s.role, s.named = role, role != ""
		f.levels[f.level] = s
		return
	}
	_, id := extract(rest)
	if role == "" || len(id.accounts)+len(id.emails) == 0 {
		f.unread(n, rest)
		return
	}
	for _, part := range strings.FieldsFunc(rest, func(r rune) bool { return r == ',' || r == ';' }) {
		for _, p := range persons(part) {
			p.Role, p.Scope, p.Line = role, f.state().scope, n
			f.add(p)
		}
	}
}

// persons reads several accounts without names as several people, else one person.
func persons(text string) []Person {
	rest, id := extract(text)
	if len(id.accounts) > 1 && len(id.emails) == 0 && strings.Trim(strings.ReplaceAll(strings.ReplaceAll(rest, mark, ""), " and ", ""), " ,;&/*") == "" {
		var out []Person
		for _, a := range id.accounts {
			out = append(out, Person{Account: a, Team: strings.Contains(a, "/")})
		}
		return out
	}
	if p, ok := readItem(text); ok {
		return []Person{p}
	}
	return nil
}

// item reads a list item or a line.
func (f *freeReader) item(n int, l string) {
	s := f.state()
	body := marker.ReplaceAllString(l, "")
	listed := body != l
	if s.role == "" {
		f.unread(n, l)
		return
	}
	found := persons(body)
	if !listed && len(found) > 0 && isSentence(body) {
		found = nil
	}
	if len(found) == 0 && (listed || !f.markdown) && (s.named || !f.markdown && !listed) {
		rest, id := extract(body)
		name := cleanName(rest)
		if len(id.emails)+len(id.accounts) == 0 && !isSentence(body) && looksLikeName(name, 2) {
			found = []Person{{Name: name}}
		}
	}
	if len(found) == 0 {
		f.unread(n, l)
		return
	}
	f.prose = false
	for _, p := range found {
		p.Role, p.Scope, p.Line = s.role, s.scope, n
		if emeritusWords.MatchString(body) {
			p.Role = Emeritus
		}
		f.add(p)
	}
}

// isSentence tells prose that mentions somebody from a line that is an entry.
func isSentence(text string) bool {
	rest, _ := extract(text)
	small := 0
	for _, w := range strings.Fields(strings.ReplaceAll(rest, mark, " ")) {
		w = strings.ToLower(strings.Trim(w, ".,:;!?()*_"))
		if notNames[w] && !particles[w] {
			small++
		}
	}
	return small >= 2 || len(strings.Fields(rest)) > 14
}

// columnsOf names the columns of a table by its header, or nil when it is none of people.
func columnsOf(cells []string) []string {
	columns := make([]string, len(cells))
	useful := false
	for i, c := range cells {
		c = strings.ToLower(strings.Trim(strings.TrimSpace(c), "*_`\"[]"))
		switch {
		case strings.Contains(c, "mail"):
			columns[i] = "email"
		case strings.Contains(c, "github"), strings.Contains(c, "gitlab"), strings.Contains(c, "user"), strings.Contains(c, "login"), strings.Contains(c, "handle"),
			strings.Contains(c, "account"), c == "id", c == "alias", c == "nick", c == "nickname":
			columns[i] = "account"
		case strings.Contains(c, "name"), strings.HasPrefix(c, "maintainer"), strings.HasPrefix(c, "owner"), strings.HasPrefix(c, "reviewer"), strings.HasPrefix(c, "approver"),
			c == "who", c == "person", c == "member", c == "committer", c == "contact", c == "lead":
			columns[i] = "name"
		case c == "role", c == "status", c == "title":
			columns[i] = "role"
		case strings.Contains(c, "component"), strings.Contains(c, "area"), strings.Contains(c, "scope"), strings.Contains(c, "module"), strings.Contains(c, "path"), strings.Contains(c, "package"):
			columns[i] = "scope"
		}
		useful = useful || columns[i] == "name" || columns[i] == "account" || columns[i] == "email"
	}
	if !useful {
		return nil
	}
	return columns
}

// row reads a line of a table; the first line names the columns.
func (f *freeReader) row(n int, text string) {
	if columnSign.MatchString(text) {
		return
	}
	cells := strings.Split(strings.Trim(text, "|"), "|")
	if !f.table {
		f.table = true
		f.columns = columnsOf(cells)
		if f.columns == nil {
			f.note(n, text)
		}
		return
	}
	if f.columns == nil {
		return
	}
	f.cells(n, text, cells)
}

// cells makes a person of the cells of a row.
func (f *freeReader) cells(n int, text string, cells []string) {
	s := f.state()
	p := Person{Role: s.role, Scope: s.scope, Line: n}
	for i, c := range cells {
		c = strings.Trim(strings.TrimSpace(c), "\"'")
		rest, id := extract(c)
		if p.Email == "" && len(id.emails) > 0 {
			p.Email = id.emails[0]
		}
		if i >= len(f.columns) || c == "" {
			continue
		}
		if p.Account == "" && len(id.accounts) > 0 && (f.columns[i] == "account" || f.columns[i] == "name") {
			p.Account = id.accounts[0]
		}
		name := cleanName(strings.ReplaceAll(rest, mark, " "))
		switch f.columns[i] {
		case "name":
			if p.Name == "" && looksLikeName(name, 1) {
				p.Name = name
			}
		case "account":
			if p.Account == "" && accountShape.MatchString(name) && !notNames[strings.ToLower(name)] {
				p.Account = name
			}
		case "role":
			if role, known := roleOf(c); known && role != "" && p.Role != Emeritus {
				p.Role = role
			}
		case "scope":
			p.Scope = name
		}
	}
	if p.Role == "" || p.Name == "" && p.Account == "" && p.Email == "" {
		f.unread(n, text)
		return
	}
	p.Team = strings.Contains(p.Account, "/")
	f.prose = false
	f.add(p)
}

// commaLine reads `login, Name, address` lines; a comment may have named the columns.
func (f *freeReader) commaLine(n int, text string) bool {
	cells := strings.Split(text, ",")
	if f.markdown || len(cells) < 2 || marker.MatchString(text) {
		return false
	}
	columns := f.columns
	if columns == nil {
		columns = make([]string, len(cells))
		known := 0
		for i, c := range cells {
			c = strings.Trim(strings.TrimSpace(c), "\"'<>")
			switch {
			case emailShape.MatchString(c):
				columns[i] = "email"
				known++
			case strings.Contains(c, " ") && looksLikeName(c, 2) && !strings.Contains(strings.Join(columns[:i], ","), "name"):
				columns[i] = "name"
			case accountShape.MatchString(c) && i == 0:
				columns[i] = "account"
			}
		}
		if known != 1 {
			return false
		}
	}
	if f.state().role == "" {
		return false
	}
	before := f.columns
	f.columns = columns
	f.cells(n, text, cells)
	f.columns = before
	return true
}
