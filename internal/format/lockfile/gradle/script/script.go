// Package script cuts Gradle's scripts, in Groovy and Kotlin, into tokens and
// finds in them what declares dependencies, plugins, versions and names. It
// evaluates nothing and knows no file but the one that it reads: the package
// above joins scripts into a build.
package script

import (
	"strings"

	"steward/internal/format/lockfile"
)

// Span is a range of tokens of one script.
type Span struct{ From, To int }

// Empty says whether no token is in s.
func (s Span) Empty() bool { return s.From >= s.To }

// Script is what one build or settings script says, unevaluated: values may
// need properties of other files.
type Script struct {
	Path   string
	Groovy bool
	Tokens []Token

	Vars         map[string]Span // by name; entries of maps as map.key
	Declarations []Declaration
	Managed      []Declaration // constraints and managed dependencies: versions, not uses
	Boms         []Declaration // imports of the dependency management plugin
	Plugins      []PluginUse
	Applied      []Span // apply from: scripts
	Spring       bool   // names the dependency management plugin

	// Of settings scripts:
	BuildLogic     []Span            // builds included for their plugins
	Catalogues     map[string]Span   // name → arguments of from(...)
	Libraries      map[string]Inline // "catalogue.accessor" → what the settings declare in code
	PluginVersions []PluginUse
}

// Declaration is one statement of a dependencies block.
type Declaration struct {
	Configuration string // empty when Config has to be evaluated
	Config        Span
	Args          Span
	Tail          Span // the closure behind it
	Line          int
	Buildscript   bool // of the build itself
	Test          bool // inside a test suite or the source set of tests
	Shared        bool // in subprojects or allprojects
	Set           bool // a dependencySet, whose entries are in the tail
}

// PluginUse is one entry of a plugins block.
type PluginUse struct {
	ID      Span
	Kotlin  bool // kotlin("jvm") stands for org.jetbrains.kotlin.jvm
	Alias   bool // id is a reference into a catalogue
	Version Span
	Line    int
}

// Inline is a library that settings declare in code.
type Inline struct {
	Args    Span
	Version Span
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
	links       int // calls before this one in its chain: a(b).c(d)
}

// maxLinks bounds how far a chain of calls is followed.
const maxLinks = 20

// Read parses a script. The error is a LineError.
func Read(p string, b []byte) (*Script, error) {
	groovy := !strings.HasSuffix(p, ".kts") && !strings.HasSuffix(p, ".kt")
	tokens, err := Tokenise(b, groovy)
	if err != nil {
		return nil, err
	}
	s := &Script{Path: p, Groovy: groovy, Tokens: tokens, Vars: map[string]Span{}, Catalogues: map[string]Span{}, Libraries: map[string]Inline{}}
	for _, t := range tokens {
		if (t.Kind == Literal || t.Kind == Template) && t.Text == "io.spring.dependency-management" {
			s.Spring = true
		}
	}
	s.block(Span{0, len(tokens)}, context{})
	if len(s.Declarations)+len(s.Plugins) > lockfile.MaxUses {
		return nil, lockfile.ErrTooLarge
	}
	return s, nil
}

func (s *Script) block(in Span, ctx context) {
	in.From = s.afterParameters(in)
	for i := in.From; i < in.To; {
		if k := s.Tokens[i].Kind; k == newline || k == ';' {
			i++
			continue
		}
		end := s.end(i, in.To)
		s.statement(Span{i, end}, ctx)
		i = end
	}
}

// afterParameters returns where a closure's statements begin: behind a, b ->.
func (s *Script) afterParameters(in Span) int {
	for i := in.From; i < in.To; i++ {
		switch t := s.Tokens[i]; {
		case t.Kind == Operator && t.Text == "->":
			return i + 1
		case t.Kind == Word || t.Kind == ',' || t.Kind == ':':
		default:
			return in.From
		}
	}
	return in.From
}

// end returns where the statement that starts at i ends.
func (s *Script) end(i, to int) int {
	for j := i; j < to; j++ {
		switch t := s.Tokens[j]; t.Kind {
		case '(', '[', '{':
			j = t.Match
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
func (s *Script) continues(j, to int) bool {
	switch s.Tokens[j-1].Kind {
	case ',', '.', '=', '+', ':', '?', '&', '|', Operator:
		return true
	}
	if j+1 < to {
		switch next := s.Tokens[j+1]; {
		case next.Kind == '.', next.Kind == Operator && (next.Text == "?." || next.Text == "?:"):
			return true
		}
	}
	return false
}

func (s *Script) statement(st Span, ctx context) {
	st, ctx = s.behindControl(st, ctx)
	if st.Empty() {
		return
	}
	switch t := s.Tokens[st.From]; t.Kind {
	case Word:
		switch t.Text {
		case "import", "package", "return", "throw", "fun", "class", "interface":
			return
		case "object":
			s.object(st, ctx)
			return
		}
		if s.assignment(st, ctx) {
			return
		}
	case Literal, Template:
	default:
		s.inside(st, ctx)
		return
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

// behindControl passes over if (...), else, annotations, modifiers and blocks
// of their own, reading the blocks, to the statement that they govern.
func (s *Script) behindControl(st Span, ctx context) (Span, context) {
	for !st.Empty() {
		t := s.Tokens[st.From]
		switch {
		case t.Kind == '{':
			s.block(Span{st.From + 1, t.Match}, ctx)
			st.From = t.Match + 1
			continue
		case t.Kind == '@':
			st.From += 2
			continue
		case t.Kind == Word:
			switch t.Text {
			case "if", "for", "while", "when", "switch", "catch":
				next := st.From + 1
				if next >= st.To || s.Tokens[next].Kind != '(' {
					return Span{}, ctx
				}
				ctx.nested = true
				st.From = s.Tokens[next].Match + 1
				continue
			case "else", "try", "do", "finally", "private", "internal", "public", "static", "export", "lateinit", "override":
				st.From++
				continue
			}
		}
		break
	}
	return st, ctx
}

// object reads object Versions { const val x = "1" } as names with a prefix.
func (s *Script) object(st Span, ctx context) {
	if st.From+2 < st.To && s.Tokens[st.From+1].Kind == Word && s.Tokens[st.From+2].Kind == '{' {
		ctx.prefix += s.Tokens[st.From+1].Text + "."
		s.block(Span{st.From + 3, s.Tokens[st.From+2].Match}, ctx)
	}
}

// inside reads the blocks of a statement that is no call of its own.
func (s *Script) inside(st Span, ctx context) {
	ctx.nested = true
	for i := st.From; i < st.To; i++ {
		switch t := s.Tokens[i]; t.Kind {
		case '{':
			s.block(Span{i + 1, t.Match}, ctx)
			i = t.Match
		case '(', '[':
			i = t.Match
		}
	}
}

// call reads a.b.c(args) { block } outside of dependencies.
func (s *Script) call(st Span, ctx context) {
	var path []string
	i := st.From
	for i < st.To {
		t := s.Tokens[i]
		if t.Kind == Word || t.Kind == Literal || t.Kind == Template {
			if t.Text == "dependencies" && i+2 < st.To && s.Tokens[i+1].Kind == '.' && s.Tokens[i+2].Kind == Word {
				s.dependency(Span{i + 2, st.To}, ctx) // dependencies.add("implementation", ...)
				return
			}
			path = append(path, t.Text)
			i++
		}
		if i < st.To && s.Tokens[i].Kind == '.' {
			i++
			continue
		}
		break
	}
	if len(path) == 0 {
		return
	}
	name := path[len(path)-1]
	args := Span{i, st.To}
	block := Span{}
	if i < st.To && s.Tokens[i].Kind == '(' {
		args = Span{i + 1, s.Tokens[i].Match}
		i = s.Tokens[i].Match + 1
		if i+1 < st.To && s.Tokens[i].Kind == '.' && s.Tokens[i+1].Kind == Word { // named("x").configure { }
			if rest := (Span{i + 1, st.To}); ctx.links < maxLinks && s.hasBlock(rest) {
				s.nestedCall(path, name, args, rest, ctx)
			}
			return
		}
	}
	for ; i < st.To; i++ {
		if k := s.Tokens[i].Kind; k == '{' {
			block = Span{i + 1, s.Tokens[i].Match}
			if args.From < st.To && args.To > i {
				args.To = i
			}
			break
		} else if k == '(' || k == '[' {
			i = s.Tokens[i].Match
		}
	}
	s.handle(path, name, args, block, ctx)
}

func (s *Script) hasBlock(in Span) bool {
	for i := in.From; i < in.To; i++ {
		if s.Tokens[i].Kind == '{' {
			return true
		}
	}
	return false
}

// nestedCall reads the rest of a chain, knowing what the first call was about.
func (s *Script) nestedCall(path []string, name string, args, rest Span, ctx context) {
	inner := s.enter(path, name, args, ctx)
	inner.links++
	s.call(rest, inner)
}

// enter returns the context inside a block of this name.
func (s *Script) enter(path []string, name string, args Span, ctx context) context {
	label := name
	switch name {
	case "named", "getByName", "create", "register", "maybeCreate", "withType", "matching":
		if first := s.Split(args); len(first) > 0 {
			if text, ok := s.Constant(first[0]); ok {
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
			if IsTest(part) {
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

func (s *Script) handle(path []string, name string, args, block Span, ctx context) {
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
	case "includeBuild":
		if ctx.settings {
			s.BuildLogic = append(s.BuildLogic, s.Split(args)...)
		}
		return
	case "versionCatalogs":
		inner.area = catalogueBlock
	case "repositories", "configurations", "publishing", "signing", "pom", "resolutionStrategy", "artifacts", "manifest":
		return
	}
	if name == "ext" && block.Empty() {
		return
	}
	s.block(block, inner)
}

// apply records apply from: 'x.gradle' and apply(from = "x"). Plugins that are
// applied by name bring no version.
func (s *Script) apply(args, block Span) {
	for _, arg := range append(s.Split(args), s.Split(block)...) {
		if key, value, ok := s.Pair(arg); ok && key == "from" {
			s.Applied = append(s.Applied, value)
		} else if i := arg.From; i+1 < arg.To && s.Tokens[i].Kind == Word && s.Tokens[i].Text == "from" {
			s.Applied = append(s.Applied, Span{i + 1, arg.To})
		}
	}
}

// Split cuts arguments at commas outside of brackets.
func (s *Script) Split(in Span) []Span {
	var out []Span
	start := in.From
	add := func(to int) {
		sp := s.Trim(Span{start, to})
		if !sp.Empty() {
			out = append(out, sp)
		}
	}
	for i := in.From; i < in.To; i++ {
		switch t := s.Tokens[i]; t.Kind {
		case '(', '[', '{':
			i = t.Match
		case ',':
			add(i)
			start = i + 1
		}
	}
	add(in.To)
	return out
}

// Trim takes newlines and semicolons off both ends.
func (s *Script) Trim(in Span) Span {
	for !in.Empty() && (s.Tokens[in.From].Kind == newline || s.Tokens[in.From].Kind == ';') {
		in.From++
	}
	for !in.Empty() && (s.Tokens[in.To-1].Kind == newline || s.Tokens[in.To-1].Kind == ';') {
		in.To--
	}
	return in
}

// Pair reads key: value, key = value and "key" to value.
func (s *Script) Pair(in Span) (string, Span, bool) {
	if in.To-in.From < 3 {
		return "", Span{}, false
	}
	key, sep := s.Tokens[in.From], s.Tokens[in.From+1]
	if key.Kind != Word && key.Kind != Literal && key.Kind != Template {
		return "", Span{}, false
	}
	if sep.Kind == ':' || sep.Kind == '=' || sep.Kind == Word && sep.Text == "to" {
		return key.Text, s.Trim(Span{in.From + 2, in.To}), true
	}
	return "", Span{}, false
}

// Constant returns the text of a single string without interpolation.
func (s *Script) Constant(in Span) (string, bool) {
	if in.To-in.From != 1 {
		return "", false
	}
	t := s.Tokens[in.From]
	if t.Kind == Literal || t.Kind == Template && !strings.Contains(t.Text, "$") {
		return strings.ReplaceAll(t.Text, Dollar, "$"), true
	}
	return "", false
}
