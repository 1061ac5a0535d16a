package nuget

import (
	"errors"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"steward/internal/format/lockfile"
)

// Limits of evaluation, far beyond what people write.
const (
	maxImports   = 50   // files that one project imports
	maxExpansion = 20   // properties inside properties
	maxValue     = 4096 // bytes of an expanded value
	maxVersions  = 20   // central versions of one package under conditions
	maxSteps     = 20e6 // statements evaluated in one reading
)

// property is the value of a property as far as it is known.
type property struct {
	value   string
	unclear bool // conditions give it several values
}

// evaluation is what a project sees: its properties over those of the props
// files above it.
type evaluation struct {
	parent     *evaluation
	properties map[string]property // by name in lower case
	central    map[string][]string // ids in lower case to central versions, as written
	imports    int
	missing    []reference            // imports of files that are not in the tree
	references []reference            // what is included
	updates    map[string][]reference // by type and id in lower case
	centrals   []reference            // central versions in the order of evaluation
}

// reference is an item of one file.
type reference struct {
	statement
	file string
}

func newEvaluation(parent *evaluation) *evaluation {
	return &evaluation{
		parent: parent, properties: map[string]property{}, central: map[string][]string{}, updates: map[string][]reference{},
	}
}

func (e *evaluation) lookup(name string) (property, bool) {
	for scope := e; scope != nil; scope = scope.parent {
		if p, ok := scope.properties[name]; ok {
			return p, true
		}
	}
	return property{}, false
}

var (
	propertyUse = regexp.MustCompile(`\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)`)
	unset       = regexp.MustCompile(`^\s*'\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)'\s*==\s*''\s*$`)
)

// expand replaces properties; ok is false when one is unknown, and the text is
// then returned as it was.
func (e *evaluation) expand(text string) (expanded string, ok bool) {
	expanded = text
	for range maxExpansion {
		if !strings.Contains(expanded, "$(") {
			return expanded, true
		}
		known := true
		expanded = propertyUse.ReplaceAllStringFunc(expanded, func(use string) string {
			p, ok := e.lookup(strings.ToLower(use[2 : len(use)-1]))
			if !ok || p.unclear {
				known = false
				return use
			}
			return p.value
		})
		if !known || len(expanded) > maxValue || strings.Contains(expanded, "$([") {
			return text, false
		}
	}
	return text, false
}

// set follows an assignment. A value is expanded at once, as MSBuild does, so
// that it may build upon the one before.
func (e *evaluation) set(s statement) {
	name := strings.ToLower(s.name)
	have, ok := e.lookup(name)
	value := s.value
	if expanded, known := e.expand(value); known {
		value = expanded
	} else if strings.Contains(strings.ToLower(value), "$("+name+")") {
		e.properties[name] = property{unclear: true} // upon itself while unknown
		return
	}
	next := property{value: value}
	condition := unset.FindStringSubmatch(s.condition)
	switch {
	case condition != nil && strings.EqualFold(condition[1], s.name):
		if ok && have.value != "" {
			return
		}
	case s.condition != "" && ok && have.value != value:
		next.unclear = true
	case s.condition != "" && ok:
		next.unclear = have.unclear
	}
	e.properties[name] = next
}

// tree is one reading: the files, and what was parsed and evaluated so far.
type tree struct {
	files     lockfile.Files
	room      *lockfile.Room
	lower     map[string]string // paths in lower case to their spelling
	parsed    map[string]*msbuild
	bases     map[[2]string]*evaluation
	byDir     map[string][]*project
	projects  []*project
	covered   map[string]bool
	steps     int
	spelling  names
	wanted    map[string]map[string]bool // central file to ids that some project references
	manifests []lockfile.Manifest
	failures  []lockfile.Failure
}

func newTree(files lockfile.Files) *tree {
	t := &tree{
		files: files, lower: map[string]string{}, parsed: map[string]*msbuild{}, bases: map[[2]string]*evaluation{},
		byDir: map[string][]*project{}, covered: map[string]bool{}, wanted: map[string]map[string]bool{}, spelling: names{},
	}
	for _, p := range files.Paths() {
		if wants(p) {
			t.lower[strings.ToLower(p)] = p
		}
	}
	return t
}

// parse returns a file of the tree; nil when there is none or it does not
// parse, which is recorded once.
func (t *tree) parse(p string) *msbuild {
	if m, ok := t.parsed[p]; ok {
		return m
	}
	t.parsed[p] = nil
	b, err := t.files.ReadFile(p)
	var m *msbuild
	if err == nil {
		m, err = parseMSBuild(b)
	}
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			t.failures = append(t.failures, lockfile.Fail(p, err))
		}
		return nil
	}
	t.parsed[p] = m
	return m
}

// above returns the nearest file of a name in dir or a folder above it.
func (t *tree) above(dir, name string) string {
	for {
		if p, ok := t.lower[strings.ToLower(path.Join(dir, name))]; ok {
			return p
		}
		if dir == "." || dir == "/" || strings.HasPrefix(dir, "..") {
			return ""
		}
		dir = path.Dir(dir)
	}
}

// base evaluates the props files that apply to a folder, once for all that
// share them.
func (t *tree) base(dir string) *evaluation {
	props, packages := t.above(dir, buildProps), t.above(dir, packagesProps)
	key := [2]string{props, packages}
	if e, ok := t.bases[key]; ok {
		return e
	}
	e := newEvaluation(nil)
	for _, p := range key {
		if p != "" {
			t.run(e, p, 0)
		}
	}
	t.bases[key] = e
	return e
}

// run evaluates one file and what it imports into e.
func (t *tree) run(e *evaluation, p string, depth int) {
	if e.imports++; e.imports > maxImports || depth > maxExpansion {
		return
	}
	m := t.parse(p)
	if m == nil || t.steps > maxSteps {
		return
	}
	t.steps += len(m.statements)
	for _, s := range m.statements {
		switch s.kind {
		case "property":
			e.set(s)
		case "import":
			if target := t.importTarget(e, p, s.value); target != "" && target != p {
				t.run(e, target, depth+1)
			} else if target == "" && mayDeclare(s) {
				e.missing = append(e.missing, reference{statement: s, file: p})
			}
		case "packageversion":
			e.setCentral(s)
			for _, id := range e.ids(s.name) {
				t.spelling.purl(id, "")
			}
			e.centrals = append(e.centrals, reference{statement: s, file: p})
		default:
			e.addItem(reference{statement: s, file: p})
		}
	}
}

func (e *evaluation) addItem(r reference) {
	switch {
	case r.remove:
	case !r.update:
		e.references = append(e.references, r)
	default:
		for _, id := range e.ids(r.name) {
			key := r.kind + " " + strings.ToLower(id)
			e.updates[key] = append(e.updates[key], r)
		}
	}
}

func (e *evaluation) setCentral(s statement) {
	for _, id := range e.ids(s.name) {
		id, version := strings.ToLower(id), s.metadata["version"]
		switch {
		case s.remove:
			delete(e.central, id)
		case s.condition == "":
			e.central[id] = []string{version}
		case len(e.central[id]) < maxVersions && !slices.Contains(e.central[id], version):
			e.central[id] = append(e.central[id], version)
		}
	}
}

// ids splits what an item includes.
func (e *evaluation) ids(include string) []string {
	include, _ = e.expand(include)
	var ids []string
	for _, id := range strings.Split(include, ";") {
		if id = strings.TrimSpace(id); id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// centralFor returns the central versions of a package; none when nobody
// manages it centrally.
func (e *evaluation) centralFor(id string) []string {
	for scope := e; scope != nil; scope = scope.parent {
		if versions := scope.central[strings.ToLower(id)]; len(versions) > 0 {
			return versions
		}
	}
	return nil
}

// mayDeclare says whether an import that leads to no file of the tree may hide
// packages: not when it is of the tools, looks for a file further up, or is left
// out where there is no file.
func mayDeclare(s statement) bool {
	target, condition := strings.ToLower(s.value), strings.ToLower(s.condition)
	for _, tools := range []string{"$(msbuildtoolspath", "$(msbuildbinpath", "$(msbuildextensionspath", "$(msbuildsdkspath", "$(msbuilduserextensionspath", "$(msbuildprogramfiles", "$(vstoolspath"} {
		if strings.HasPrefix(target, tools) {
			return false
		}
	}
	return target != "" && !pathAbove.MatchString(target) && !strings.Contains(condition, "exists(") && s.condition != several
}

var pathAbove = regexp.MustCompile(`(?i)\$\(\[MSBuild\]::GetPathOfFileAbove\(\s*'?([^',)]+)'?`)

// importTarget returns the file of the tree that an import means: a relative
// path, one beside the importing file, or the next of a name further up.
func (t *tree) importTarget(e *evaluation, from, project string) string {
	dir := path.Dir(from)
	if m := pathAbove.FindStringSubmatch(project); m != nil {
		if dir == "." {
			return ""
		}
		return t.above(path.Dir(dir), strings.TrimSpace(m[1]))
	}
	project = strings.ReplaceAll(project, `\`, "/")
	here := strings.Contains(strings.ToLower(project), "$(msbuildthisfiledirectory)")
	for _, own := range []string{"$(MSBuildThisFileDirectory)", "$(MSBuildProjectDirectory)"} {
		if len(project) >= len(own) && strings.EqualFold(project[:len(own)], own) {
			project = strings.TrimPrefix(project[len(own):], "/")
		}
	}
	project, ok := e.expand(project)
	if !ok || project == "" || strings.HasPrefix(project, "/") && !here {
		return ""
	}
	return t.lower[strings.ToLower(path.Join(dir, project))]
}
