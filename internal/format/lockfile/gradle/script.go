package gradle

import (
	"strings"

	"steward/internal/format/lockfile"
)

// span is a range of tokens of one script.
type span struct{ from, to int }

func (s span) empty() bool { return s.from >= s.to }

// script is what one build or settings script says, unevaluated: values may
// need properties of other files.
type script struct {
	path   string
	groovy bool
	tokens []token

	vars         map[string]span // by name; entries of maps as map.key
	declarations []declaration
	managed      []declaration // constraints and managed dependencies: versions, not uses
	boms         []declaration // imports of the dependency management plugin
	plugins      []pluginUse
	applied      []span // apply from: scripts
	spring       bool   // names the dependency management plugin

	// Of settings scripts:
	included       []span
	buildLogic     []span            // builds included for their plugins
	catalogues     map[string]span   // name → arguments of from(...)
	libraries      map[string]inline // "catalogue.accessor" → what the settings declare in code
	pluginVersions []pluginUse
}

// declaration is one statement of a dependencies block.
type declaration struct {
	configuration string // empty when config has to be evaluated
	config        span
	args          span
	tail          span // the closure behind it
	line          int
	buildscript   bool // of the build itself
	test          bool // inside a test suite or the source set of tests
	shared        bool // in subprojects or allprojects
	set           bool // a dependencySet, whose entries are in the tail
}

// pluginUse is one entry of a plugins block.
type pluginUse struct {
	id      span
	kotlin  bool // kotlin("jvm") stands for org.jetbrains.kotlin.jvm
	alias   bool // id is a reference into a catalogue
	version span
	line    int
}

// inline is a library that settings declare in code.
type inline struct {
	args    span
	version span
}

// area is the kind of block that a statement stands in.
type area int

const (
	plain area = iota
	dependencies
	constraints
	managedDependencies
	imports
	pluginBlock
	extras
	catalogueBlock
)

// context is where a statement stands.
type context struct {
	area        area
	buildscript bool
	settings    bool // in pluginManagement of settings
	managing    bool // in dependencyManagement
	sets        bool // in sourceSets or suites
	test        bool
	shared      bool
	nested      bool
	prefix      string // of names defined in an object
	catalogue   string
}

// readScript parses a script. The error is a LineError.
func readScript(p string, b []byte) (*script, error) {
	groovy := !strings.HasSuffix(p, ".kts") && !strings.HasSuffix(p, ".kt")
	tokens, err := tokenise(b, groovy)
	if err != nil {
		return nil, err
	}
	s := &script{path: p, groovy: groovy, tokens: tokens, vars: map[string]span{}, catalogues: map[string]span{}, libraries: map[string]inline{}}
	for _, t := range tokens {
		if (t.kind == literal || t.kind == template) && t.text == "io.spring.dependency-management" {
			s.spring = true
		}
	}
	s.block(span{0, len(tokens)}, context{})
	if len(s.declarations)+len(s.plugins) > lockfile.MaxUses {
		return nil, lockfile.ErrTooLarge
	}
	return s, nil
}

func (s *script) block(in span, ctx context) {
	in.from = s.afterParameters(in)
	for i := in.from; i < in.to; {
		if k := s.tokens[i].kind; k == newline || k == ';' {
			i++
			continue
		}
		end := s.end(i, in.to)
		s.statement(span{i, end}, ctx)
		i = end
	}
}

// afterParameters returns where a closure's statements begin: behind a, b ->.
func (s *script) afterParameters(in span) int {
	for i := in.from; i < in.to; i++ {
		switch t := s.tokens[i]; {
		case t.kind == operator && t.text == "->":
			return i + 1
		case t.kind == word || t.kind == ',' || t.kind == ':':
		default:
			return in.from
		}
	}
	return in.from
}

// end returns where the statement that starts at i ends.
func (s *script) end(i, to int) int {
	for j := i; j < to; j++ {
		switch t := s.tokens[j]; t.kind {
		case '(', '[', '{':
			j = t.match
		case ';':
			return j
		case newline:
			if j > i && s.continues(j, to) {
				continue
			}
			return j
		}
	}
	return to
}

// continues says whether a statement goes on after the newline at j.
func (s *script) continues(j, to int) bool {
	switch s.tokens[j-1].kind {
	case ',', '.', '=', '+', ':', '?', '&', '|', operator:
		return true
	}
	if j+1 < to {
		switch next := s.tokens[j+1]; {
		case next.kind == '.', next.kind == operator && (next.text == "?." || next.text == "?:"):
			return true
		}
	}
	return false
}

func (s *script) statement(st span, ctx context) {
	if st.empty() {
		return
	}
	t := s.tokens[st.from]
	switch {
	case t.kind == '{':
		s.block(span{st.from + 1, t.match}, ctx)
		s.statement(span{t.match + 1, st.to}, ctx)
		return
	case t.kind == '@' && st.from+2 < st.to: // an annotation
		s.statement(span{st.from + 2, st.to}, ctx)
		return
	case t.kind != word && t.kind != literal && t.kind != template:
		s.inside(st, ctx)
		return
	}
	if t.kind == word {
		switch t.text {
		case "if", "for", "while", "when", "switch", "catch":
			if next := st.from + 1; next < st.to && s.tokens[next].kind == '(' {
				ctx.nested = true
				s.statement(span{s.tokens[next].match + 1, st.to}, ctx)
			}
			return
		case "else", "try", "do", "finally", "private", "internal", "public", "static", "export", "lateinit", "override":
			s.statement(span{st.from + 1, st.to}, ctx)
			return
		case "import", "package", "return", "throw", "fun", "class", "interface":
			return
		case "object":
			s.object(st, ctx)
			return
		}
		if s.assignment(st, ctx) {
			return
		}
	}
	switch ctx.area {
	case dependencies:
		s.dependency(st, ctx)
	case constraints:
		s.constraint(st, ctx)
	case managedDependencies, imports:
		s.managedDependency(st, ctx)
	case pluginBlock:
		s.plugin(st, ctx)
	case catalogueBlock:
		s.catalogueEntry(st, ctx)
	default:
		s.call(st, ctx)
	}
}

// object reads object Versions { const val x = "1" } as names with a prefix.
func (s *script) object(st span, ctx context) {
	if st.from+2 < st.to && s.tokens[st.from+1].kind == word && s.tokens[st.from+2].kind == '{' {
		ctx.prefix += s.tokens[st.from+1].text + "."
		s.block(span{st.from + 3, s.tokens[st.from+2].match}, ctx)
	}
}

// inside reads the blocks of a statement that is no call of its own.
func (s *script) inside(st span, ctx context) {
	ctx.nested = true
	for i := st.from; i < st.to; i++ {
		switch t := s.tokens[i]; t.kind {
		case '{':
			s.block(span{i + 1, t.match}, ctx)
			i = t.match
		case '(', '[':
			i = t.match
		}
	}
}

// call reads a.b.c(args) { block } outside of dependencies.
func (s *script) call(st span, ctx context) {
	var path []string
	i := st.from
	for i < st.to {
		t := s.tokens[i]
		if t.kind == word || t.kind == literal || t.kind == template {
			if t.text == "dependencies" && i+2 < st.to && s.tokens[i+1].kind == '.' && s.tokens[i+2].kind == word {
				s.dependency(span{i + 2, st.to}, ctx) // dependencies.add("implementation", ...)
				return
			}
			path = append(path, t.text)
			i++
		}
		if i < st.to && s.tokens[i].kind == '.' {
			i++
			continue
		}
		break
	}
	if len(path) == 0 {
		return
	}
	name := path[len(path)-1]
	args := span{i, st.to}
	block := span{}
	if i < st.to && s.tokens[i].kind == '(' {
		args = span{i + 1, s.tokens[i].match}
		i = s.tokens[i].match + 1
		if i+1 < st.to && s.tokens[i].kind == '.' && s.tokens[i+1].kind == word { // named("x").configure { }
			if rest := (span{i + 1, st.to}); s.hasBlock(rest) {
				s.nestedCall(path, name, args, rest, ctx)
			}
			return
		}
	}
	for ; i < st.to; i++ {
		if k := s.tokens[i].kind; k == '{' {
			block = span{i + 1, s.tokens[i].match}
			if args.from < st.to && args.to > i {
				args.to = i
			}
			break
		} else if k == '(' || k == '[' {
			i = s.tokens[i].match
		}
	}
	s.handle(path, name, args, block, ctx)
}

func (s *script) hasBlock(in span) bool {
	for i := in.from; i < in.to; i++ {
		if s.tokens[i].kind == '{' {
			return true
		}
	}
	return false
}

// nestedCall reads the rest of a chain, knowing what the first call was about.
func (s *script) nestedCall(path []string, name string, args, rest span, ctx context) {
	inner := s.enter(path, name, args, ctx)
	s.call(rest, inner)
}

// enter returns the context inside a block of this name.
func (s *script) enter(path []string, name string, args span, ctx context) context {
	label := name
	switch name {
	case "named", "getByName", "create", "register", "maybeCreate", "withType", "matching":
		if first := s.split(args); len(first) > 0 {
			if text, ok := s.constant(first[0]); ok {
				label = text
			}
		}
	}
	for _, part := range path {
		if part == "sourceSets" || part == "suites" {
			ctx.sets = true
		}
	}
	if ctx.sets {
		for _, part := range append(path, label) {
			if isTest(part) {
				ctx.test = true
			}
		}
	}
	if name == "subprojects" || name == "allprojects" || name == "configure" {
		ctx.shared = true
	}
	ctx.nested = true
	return ctx
}

func (s *script) handle(path []string, name string, args, block span, ctx context) {
	inner := s.enter(path, name, args, ctx)
	switch name {
	case "dependencies":
		switch {
		case ctx.managing:
			inner.area = managedDependencies
		default:
			inner.area = dependencies
		}
	case "constraints":
		inner.area = constraints
	case "imports":
		if ctx.managing {
			inner.area = imports
		}
	case "buildscript":
		inner.buildscript = true
	case "dependencyManagement":
		inner.managing = true
	case "pluginManagement":
		inner.settings = true
	case "plugins":
		inner.area = pluginBlock
	case "ext", "extra":
		inner.area = extras
	case "set":
		s.set(path, args, ctx)
		return
	case "apply":
		s.apply(args, block)
		return
	case "include":
		s.included = append(s.included, s.split(args)...)
		return
	case "includeBuild":
		if ctx.settings {
			s.buildLogic = append(s.buildLogic, s.split(args)...)
		}
		return
	case "versionCatalogs":
		inner.area = catalogueBlock
	case "repositories", "configurations", "publishing", "signing", "pom", "resolutionStrategy", "artifacts", "manifest":
		return
	}
	if name == "ext" && block.empty() {
		return
	}
	s.block(block, inner)
}

// apply records apply from: 'x.gradle' and apply(from = "x"). Plugins that are
// applied by name bring no version.
func (s *script) apply(args, block span) {
	for _, arg := range append(s.split(args), s.split(block)...) {
		if key, value, ok := s.pair(arg); ok && key == "from" {
			s.applied = append(s.applied, value)
		} else if i := arg.from; i+1 < arg.to && s.tokens[i].kind == word && s.tokens[i].text == "from" {
			s.applied = append(s.applied, span{i + 1, arg.to})
		}
	}
}

// split cuts arguments at commas outside of brackets.
func (s *script) split(in span) []span {
	var out []span
	start := in.from
	add := func(to int) {
		sp := s.trim(span{start, to})
		if !sp.empty() {
			out = append(out, sp)
		}
	}
	for i := in.from; i < in.to; i++ {
		switch t := s.tokens[i]; t.kind {
		case '(', '[', '{':
			i = t.match
		case ',':
			add(i)
			start = i + 1
		}
	}
	add(in.to)
	return out
}

func (s *script) trim(in span) span {
	for !in.empty() && (s.tokens[in.from].kind == newline || s.tokens[in.from].kind == ';') {
		in.from++
	}
	for !in.empty() && (s.tokens[in.to-1].kind == newline || s.tokens[in.to-1].kind == ';') {
		in.to--
	}
	return in
}

// pair reads key: value, key = value and "key" to value.
func (s *script) pair(in span) (string, span, bool) {
	if in.to-in.from < 3 {
		return "", span{}, false
	}
	key, sep := s.tokens[in.from], s.tokens[in.from+1]
	if key.kind != word && key.kind != literal && key.kind != template {
		return "", span{}, false
	}
	if sep.kind == ':' || sep.kind == '=' || sep.kind == word && sep.text == "to" {
		return key.text, s.trim(span{in.from + 2, in.to}), true
	}
	return "", span{}, false
}

// constant returns the text of a single string without interpolation.
func (s *script) constant(in span) (string, bool) {
	if in.to-in.from != 1 {
		return "", false
	}
	t := s.tokens[in.from]
	if t.kind == literal || t.kind == template && !strings.Contains(t.text, "$") {
		return strings.ReplaceAll(t.text, dollar, "$"), true
	}
	return "", false
}
