package bundler

import (
	"path"
	"strings"

	"steward/internal/format/lockfile"
	"steward/internal/format/purl"
)

// gemfile is what a Gemfile or a gemspec says with literal arguments.
type gemfile struct {
	path                   string
	name, version, licence string // of a gemspec
	gems                   []gem
	byName                 map[string]lockfile.Scope
	gemspec                bool // a Gemfile that takes in the gemspec beside it
	dynamic                int  // line of the first call with arguments that only Ruby knows
}

// gem is one gem that is asked for.
type gem struct {
	name, req, version string
	scope              lockfile.Scope
	line               int
	origin             lockfile.Origin
	from               string
}

// scope returns the strongest scope under which a gem is named.
func (g *gemfile) scope(name string) (lockfile.Scope, bool) {
	s, ok := g.byName[name]
	return s, ok
}

// block is an open do … end, { … } or if … end.
type block struct {
	groups []string
	place  call // git or path of the block
}

// parseGemfile reads line by line: blocks are followed so that groups hold for
// what is in them, calls that go on after a comma are joined.
func parseGemfile(p, text string) *gemfile {
	g := &gemfile{path: p, byName: map[string]lockfile.Scope{}}
	var blocks []block
	var joined strings.Builder
	n, start, comment := 0, 0, false
	for line := range strings.Lines(text) {
		n++
		if strings.HasPrefix(line, "__END__") {
			break
		}
		if comment = comment && !strings.HasPrefix(line, "=end") || strings.HasPrefix(line, "=begin"); comment || strings.HasPrefix(line, "=end") {
			continue
		}
		line = strings.TrimSpace(withoutComment(line))
		if line == "" {
			continue
		}
		if joined.Len() == 0 {
			start = n
		}
		if last := line[len(line)-1]; (last == ',' || last == '\\' || last == '(') && joined.Len() < maxCall {
			joined.WriteString(strings.TrimSuffix(line, `\`) + " ")
			continue
		}
		joined.WriteString(line)
		statement := joined.String()
		joined.Reset()
		blocks = g.statement(statement, start, blocks)
	}
	return g
}

// maxCall bounds a call over several lines, in bytes.
const maxCall = 64 << 10

// openers start a block that ends with end, when they start a statement.
var openers = map[string]bool{
	"if": true, "unless": true, "case": true, "while": true, "until": true, "for": true,
	"begin": true, "def": true, "class": true, "module": true,
}

// statement reads one statement and returns the blocks open after it.
func (g *gemfile) statement(s string, line int, blocks []block) []block {
	word := firstWord(s)
	if (word == "end" || s[0] == '}') && len(blocks) > 0 {
		return blocks[:len(blocks)-1]
	}
	b := block{}
	if len(blocks) > 0 {
		b = blocks[len(blocks)-1]
	}
	body, opens := opensBlock(s)
	inner := ""
	if !opens && len(blocks) < lockfile.MaxDepth && (word == "group" || word == "git" || word == "path" || word == "platforms" || word == "source") {
		// group(:test) { gem "x" } on one line
		if i, j := strings.IndexByte(s, '{'), strings.LastIndexByte(s, '}'); i > 0 && j > i {
			body, inner = s[:i], strings.TrimSpace(s[i+1:j])
		}
	}
	switch word {
	case "gem":
		g.gem(parseCall(s[len(word):]), line, b)
	case "gemspec":
		g.gemspec = true
	case "eval_gemfile", "instance_eval":
		g.markDynamic(line)
	case "group":
		if len(blocks) >= lockfile.MaxDepth {
			break
		}
		b.groups = append(append([]string(nil), b.groups...), groupsOf(parseCall(body[len(word):]))...)
	case "git", "path":
		b.place = parseCall(body[len(word):])
		b.place.options = map[string][]string{word: b.place.args}
	default:
		g.gemspecLine(s, line)
	}
	if inner != "" {
		return g.statement(inner, line, append(blocks, b))[:len(blocks)]
	}
	switch {
	case opens && len(blocks) < lockfile.MaxDepth:
		return append(blocks, b)
	case opensEnd(s, word) && !strings.HasSuffix(s, " end") && !strings.HasSuffix(s, ";end") && len(blocks) < lockfile.MaxDepth:
		return append(blocks, b)
	}
	return blocks
}

// opensEnd says whether a statement that does not end in do has an end of its
// own: "if x", or "y = if x".
func opensEnd(s, word string) bool {
	if openers[word] {
		return true
	}
	if _, value, ok := strings.Cut(s, "= "); ok {
		return openers[firstWord(value)]
	}
	return false
}

func firstWord(s string) string {
	i := 0
	for i < len(s) && (s[i] >= 'a' && s[i] <= 'z' || s[i] == '_') {
		i++
	}
	return s[:i]
}

// opensBlock says whether a statement ends in do, do |x|, { or { |x|, and
// returns what stands before that.
func opensBlock(s string) (string, bool) {
	t := s
	if strings.HasSuffix(t, "|") {
		if i := strings.IndexByte(t, '|'); i < len(t)-1 {
			t = strings.TrimSpace(t[:i])
		}
	}
	if before, ok := strings.CutSuffix(t, "{"); ok {
		return before, true
	}
	if before, ok := strings.CutSuffix(t, "do"); ok && (before == "" || strings.HasSuffix(before, " ") || strings.HasSuffix(before, ")")) {
		return before, true
	}
	return s, false
}

// groupsOf returns the names of a group call, with optional for one that is
// only installed on demand.
func groupsOf(c call) []string {
	out := c.args
	if o := c.options["optional"]; len(o) == 1 && o[0] == "true" {
		out = append(out, "optional")
	}
	return out
}

func (g *gemfile) gem(c call, line int, b block) {
	if len(c.args) == 0 || c.args[0] == "" {
		g.markDynamic(line)
		return
	}
	groups := append(append(append([]string(nil), b.groups...), c.options["group"]...), c.options["groups"]...)
	x := gem{name: c.args[0], req: strings.Join(c.args[1:], ", "), scope: scopeOf(groups), line: line}
	x.version = pinned(c.args[1:])
	x.place(b.place)
	x.place(c)
	g.add(x)
}

func (g *gemfile) add(x gem) {
	g.gems = append(g.gems, x)
	g.byName[x.name] = lockfile.Stronger(g.byName[x.name], x.scope)
}

func (g *gemfile) markDynamic(line int) {
	if g.dynamic == 0 {
		g.dynamic = line
	}
}

// hosts are the options that name a repository of a well-known host.
var hosts = []struct{ option, prefix string }{
	{"github", "https://github.com/"}, {"gitlab", "https://gitlab.com/"}, {"bitbucket", "https://bitbucket.org/"}, {"gist", "https://gist.github.com/"},
}

// place fills in where the options of a call take a gem from.
func (x *gem) place(c call) {
	first := func(option string) string {
		if v := c.options[option]; len(v) > 0 {
			return v[0]
		}
		return ""
	}
	if at := first("path"); at != "" {
		x.origin, x.from = lockfile.Path, at
	}
	if at := first("git"); at != "" {
		x.origin, x.from = lockfile.Git, lockfile.Address(at)
	}
	for _, h := range hosts {
		if at := first(h.option); at != "" {
			if strings.Contains(at, "://") {
				h.prefix = ""
			} else if h.option != "gist" && !strings.Contains(at, "/") {
				at += "/" + at // "rails" is rails/rails
			}
			x.origin, x.from = lockfile.Git, lockfile.Address(h.prefix+at)
		}
	}
	for _, option := range []string{"ref", "tag", "branch"} {
		if at := first(option); at != "" && x.origin == lockfile.Git {
			x.from += "#" + at
			break
		}
	}
}

// scopeOf is the strongest scope of the groups that a gem is in; of no group
// or of one that says nothing else, production.
func scopeOf(groups []string) lockfile.Scope {
	scope, onDemand := lockfile.Scope(""), false
	for _, group := range groups {
		s := lockfile.Production
		switch group {
		case "optional":
			onDemand = true
			continue
		case "development", "dev", "develop", "doc", "docs", "documentation", "ci", "lint", "linting", "rubocop", "tools", "debug", "benchmark", "release", "local", "build", "type_check", "sorbet", "danger":
			s = lockfile.Development
		case "test", "tests", "testing", "spec", "rspec", "cucumber", "system_test", "unit_test":
			s = lockfile.Test
		}
		scope = lockfile.Stronger(scope, s)
	}
	switch {
	case onDemand && (scope == "" || scope == lockfile.Production):
		return lockfile.Optional
	case scope == "":
		return lockfile.Production
	}
	return scope
}

// pinned returns the version of requirements that admit one release: "1.2.3"
// alone, which RubyGems takes for "= 1.2.3".
func pinned(reqs []string) string {
	for _, r := range reqs {
		v := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(r), "="))
		if v != "" && v[0] >= '0' && v[0] <= '9' {
			return v
		}
	}
	return ""
}

// declared is the manifest of a Gemfile or gemspec that no lock covers.
func declared(g *gemfile) (lockfile.Manifest, error) {
	m := lockfile.Manifest{Path: g.path, Format: path.Base(g.path), Ecosystem: "gem", ProjectLicence: g.licence}
	why := "no Gemfile.lock covers this file: transitive dependencies are unknown, and versions where a range is declared; commit the lock that \"bundle lock\" writes"
	if isGemspec(g.path) {
		m.Format = "gemspec"
		why = "a gemspec is a program and is not run: only dependencies written out are listed, without transitive ones"
	}
	if g.name != "" {
		m.Project = purl.New("gem", "", g.name, g.version)
	}
	var uses lockfile.Collector
	for _, x := range g.gems {
		if x.origin == lockfile.Path && inTree(path.Dir(g.path), x.from) {
			m.Notes = append(m.Notes, lockfile.Note{Line: x.line, Reason: x.name + " is a gem of this project, not a dependency"})
			continue
		}
		uses.Add(lockfile.Use{
			Package: purl.New("gem", "", x.name, x.version), Requirement: x.req, Scope: x.scope, Direct: true,
			Origin: x.origin, From: x.from, Line: x.line,
		})
	}
	if len(m.Notes) > maxNotes {
		m.Notes = m.Notes[:maxNotes]
	}
	if g.dynamic > 0 {
		m.Notes = append(m.Notes, lockfile.Note{Line: g.dynamic, Reason: "what only running the file would tell is left out"})
	}
	var err error
	m.Uses, err = uses.Uses()
	if len(m.Uses) > 0 || g.dynamic > 0 || isGemspec(g.path) {
		m.Unresolved = why
	}
	return m, err
}

// maxNotes bounds the notes of one manifest.
const maxNotes = 20
