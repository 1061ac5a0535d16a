// Package survey reads what a snapshot of a repository says of its components:
// manifests, catalogue entries and owner files. It writes nothing.
package survey

import (
	"context"
	"path"
	"slices"
	"strconv"
	"strings"

	enry "github.com/go-enry/go-enry/v2"

	"steward/internal/feature/catalog/ownership"
	"steward/internal/feature/estate"
	"steward/internal/format/lockfile"
	"steward/internal/format/manifest"
	"steward/internal/format/purl"
	"steward/internal/format/readme"
)

// Limits of one repository; what is over them becomes a note.
const (
	maxComponents  = 5000
	MaxDescription = 1000 // bytes
	readmeLimit    = 512 << 10
)

// Component is a component as one snapshot has it.
type Component struct {
	Root, Ref, Project           string
	Name, Title                  string
	Description, DescriptionFrom string
	Type, TypeBasis, TypeFrom    string
	Lifecycle, LifecycleFrom     string
	System, SystemFrom           string
	Tags, Language               string
	Manifest, Entry              string
	Files                        int64
	Claims                       []ownership.Claim

	primary bool // files of its folder count for it
	uses    []lockfile.Use
	loose   []lockfile.Use // of lists that name no project: beside one that does they are for its developers
	paths   []string       // those that tell what it is, from its root
	bytes   map[string]int64
	owned   map[codeowner]ownedFiles
}

// Survey is what is known of one snapshot.
type Survey struct {
	snapshot   *estate.Snapshot
	Components []*Component
	byRoot     map[string]*Component // primary ones
	Entries    []Entry
	Notes      []estate.Note
}

// Take reads a snapshot.
func Take(ctx context.Context, s *estate.Snapshot) (*Survey, error) {
	r := &Survey{snapshot: s, byRoot: map[string]*Component{}}
	r.readEntries()
	r.addManifests()
	r.addEntries()
	if err := r.walk(ctx); err != nil {
		return nil, err
	}
	r.addOwnerFiles()
	for _, c := range r.Components {
		r.describe(c)
	}
	return r, nil
}

func (r *Survey) note(kind estate.NoteKind, file string, line int, reason string) {
	const most = 500
	switch {
	case len(r.Notes) < most:
		r.Notes = append(r.Notes, estate.Note{Kind: kind, Path: file, Line: line, Reason: reason})
	case len(r.Notes) == most:
		r.Notes = append(r.Notes, estate.Note{Kind: estate.NoteLeftOut, Reason: "more notes on catalogue entries and owner files are not listed"})
	}
}

func (r *Survey) add(c *Component) {
	if len(r.Components) == maxComponents {
		r.note(estate.NoteLeftOut, c.Root, 0, "more than "+strconv.Itoa(maxComponents)+" components in one repository: the rest is not listed")
	}
	if len(r.Components) >= maxComponents {
		return
	}
	r.Components = append(r.Components, c)
	if r.byRoot[c.Root] == nil {
		c.primary = true
		r.byRoot[c.Root] = c
	}
}

// addManifests makes a component of each folder with a manifest of a project.
func (r *Survey) addManifests() {
	manifests, _ := r.snapshot.Manifests()
	for _, m := range manifests {
		dir := dirOf(m.Path)
		if manifest.Fixture(m.Path) || (r.byRoot[dir] == nil && !makesComponent(m)) {
			continue
		}
		c := r.byRoot[dir]
		if c == nil {
			c = &Component{Root: dir, Manifest: m.Path}
			r.add(c)
		}
		if c.Project == "" && m.Project.Name != "" {
			c.Project, c.Manifest = projectOf(m.Project), m.Path
		}
		for _, u := range m.Uses {
			switch {
			case !u.Direct || u.Scope != lockfile.Production:
			case m.Project.Name != "":
				c.uses = append(c.uses, u)
			default:
				c.loose = append(c.loose, u)
			}
		}
	}
}

// projectOf is a project without its version: that changes, the project does not.
func projectOf(p purl.PURL) string {
	p.Version, p.Subpath = "", ""
	return p.String()
}

// helpers are folders whose manifests serve the folder above: lists of
// requirements, tools and set-up of a project, unless they name a project.
var helpers = map[string]bool{
	"docs": true, "doc": true, "documentation": true, "requirements": true, "reqs": true, "gradle": true, "buildsrc": true, "ci": true, "scripts": true, "hack": true,
	"test": true, "tests": true, "e2e": true, "integration": true, "bench": true, "benchmark": true, "benchmarks": true, "dev": true, "build": true, "etc": true, "config": true,
}

// makesComponent says whether a manifest stands for something of its own.
func makesComponent(m lockfile.Manifest) bool {
	dir := dirOf(m.Path)
	if dir == "" {
		return true
	}
	for _, part := range strings.Split(dir, "/") {
		if strings.HasPrefix(part, ".") {
			return false
		}
	}
	return m.Project.Name != "" || !helpers[strings.ToLower(path.Base(dir))]
}

// addEntries joins catalogue entries of kind Component with the manifests of
// their folders, or makes components of their own.
func (r *Survey) addEntries() {
	claimed := map[*Component]bool{}
	byRoot := map[string][]int{}
	var order []string
	for i, e := range r.Entries {
		if e.Ref.Kind == "component" {
			root := r.rootOf(e)
			if byRoot[root] == nil {
				order = append(order, root)
			}
			byRoot[root] = append(byRoot[root], i)
		}
	}
	for _, root := range order {
		all := byRoot[root]
		// The entry that bears the project's name is the one of the manifest.
		if c := r.byRoot[root]; c != nil {
			slices.SortStableFunc(all, func(a, b int) int {
				return named(r.Entries[b].Metadata.Name, c) - named(r.Entries[a].Metadata.Name, c)
			})
		}
		for _, i := range all {
			c := r.byRoot[root]
			if c == nil || claimed[c] {
				c = &Component{Root: root}
				r.add(c)
			}
			claimed[c] = true
			c.take(r.Entries[i])
		}
	}
}

func named(name string, c *Component) int {
	if strings.EqualFold(name, ShortName(c.Project)) {
		return 1
	}
	return 0
}

// walk looks at every file once: for the component it belongs to, its language
// and its owners by CODEOWNERS.
func (r *Survey) walk(ctx context.Context) error {
	owners := r.readCodeowners()
	whole := &Component{Root: "", bytes: map[string]int64{}, owned: map[codeowner]ownedFiles{}}
	languages := languageCache{snapshot: r.snapshot, known: map[string]string{}}
	for i, e := range r.snapshot.Entries() {
		if i%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if !e.IsFile() {
			continue
		}
		c := r.Of(e.Path)
		if c == nil {
			if len(r.Components) > 0 {
				continue
			}
			c = whole
		}
		c.see(e, owners, languages)
	}
	if len(r.Components) == 0 && len(whole.bytes) > 0 {
		r.add(whole)
	}
	for _, c := range r.Components {
		if first := r.byRoot[c.Root]; first != c { // several entries speak of one folder
			c.Files, c.paths, c.bytes, c.owned, c.uses, c.loose = first.Files, first.paths, first.bytes, first.owned, first.uses, first.loose
		}
		c.Claims = append(c.Claims, owners.claims(c)...)
	}
	return nil
}

// Of is the component in whose folder a path lies, nil when none.
func (r *Survey) Of(p string) *Component {
	for dir := dirOf(p); ; dir = dirOf(dir) {
		if c := r.byRoot[dir]; c != nil {
			return c
		}
		if dir == "" {
			return nil
		}
	}
}

// maxPaths is how many telling paths of a component are kept.
const maxPaths = 400

func (c *Component) see(e estate.Entry, owners *ownersOfFiles, languages languageCache) {
	c.Files++
	rel := strings.TrimPrefix(strings.TrimPrefix(e.Path, c.Root), "/")
	if len(c.paths) < maxPaths && (tells(rel) || !strings.Contains(rel, "/") && readme.Wants(rel)) {
		c.paths = append(c.paths, rel)
	}
	if c.owned == nil {
		c.owned, c.bytes = map[codeowner]ownedFiles{}, map[string]int64{}
	}
	owners.count(c.owned, e.Path)
	if manifest.Fixture(e.Path) {
		return
	}
	if language := languages.of(e.Path); language != "" {
		c.bytes[language] += max(e.Size, 1)
	}
}

// languageCache knows the language of an extension, or of a name without one.
// Where an extension fits several, the first file with it decides for all.
type languageCache struct {
	snapshot *estate.Snapshot
	known    map[string]string
}

// ambiguous is how much of a file is read where its name fits several languages, in bytes.
const ambiguous = 64 << 10

func (l languageCache) of(p string) string {
	base := path.Base(p)
	key := strings.ToLower(path.Ext(base))
	if key == "" {
		key = base
	}
	language, ok := l.known[key]
	if !ok {
		language = l.look(p, base)
		if len(l.known) < 10_000 {
			l.known[key] = language
		}
	}
	return language
}

func (l languageCache) look(p, base string) string {
	candidates := enry.GetLanguagesByFilename(base, nil, nil)
	if len(candidates) == 0 {
		candidates = enry.GetLanguagesByExtension(base, nil, nil)
	}
	programming := slices.DeleteFunc(slices.Clone(candidates), func(name string) bool { return enry.GetLanguageType(name) != enry.Programming })
	if len(programming) == 0 || slices.ContainsFunc(candidates, func(name string) bool { return enry.GetLanguageType(name) == enry.Prose }) {
		return ""
	}
	language := programming[0]
	if len(candidates) > 1 {
		if b, err := l.snapshot.Read(p, ambiguous); err == nil {
			if likely := enry.GetLanguage(base, b); slices.Contains(programming, likely) {
				language = likely
			}
		}
	}
	if group := enry.GetLanguageGroup(language); group != "" {
		return group
	}
	return language
}

// describe fills what the entry did not say.
func (r *Survey) describe(c *Component) {
	for language, n := range c.bytes {
		if best := c.bytes[c.Language]; c.Language == "" || n > best || n == best && language < c.Language {
			c.Language = language
		}
	}
	says, from := c.Description, c.DescriptionFrom
	if says == "" && c.primary {
		says, from = r.readmeOf(c)
	}
	if c.Type == "" {
		p := r.purposeOf(c)
		p.says, p.place = says, from
		c.Type, c.TypeFrom = guessType(c, p)
		c.TypeBasis = string(estate.Inferred)
		if c.Type == "" {
			c.TypeBasis = ""
		}
	}
	if c.Name == "" && c.Root != "" {
		if c.Name = ShortName(c.Project); c.Name == "" {
			c.Name = path.Base(c.Root)
		}
	}
	if c.Root != "" { // that of the whole repository is a fact of the repository
		c.Description, c.DescriptionFrom = says, from
	}
}

// readmeOf is the first paragraph of a component's own README, and where it stands.
func (r *Survey) readmeOf(c *Component) (text, from string) {
	name := readme.Best(c.Root, prefixed(c))
	if name == "" {
		return "", ""
	}
	b, err := r.snapshot.Read(name, readmeLimit)
	if err != nil {
		return "", ""
	}
	text, line := readme.FirstParagraph(name, b)
	if text == "" {
		return "", ""
	}
	return Cut(text, MaxDescription), ownership.Place(name, line)
}

// prefixed lists the component's own READMEs by their whole paths.
func prefixed(c *Component) []string {
	var all []string
	for _, p := range c.paths {
		if !strings.Contains(p, "/") && readme.Wants(p) {
			all = append(all, path.Join(c.Root, p))
		}
	}
	return all
}

// Facts are what estate keeps of it.
func (r *Survey) Facts() []estate.Fact {
	facts := []estate.Fact{{Name: "components", Value: len(r.Components), Basis: estate.Measured}}
	if len(r.Entries) > 0 {
		facts = append(facts, estate.Fact{Name: "catalogue.entities", Value: len(r.Entries), Basis: estate.Written, File: r.Entries[0].File})
	}
	return facts
}

// ShortName is the last part of a project's name, without a Go major version.
func ShortName(project string) string {
	p, err := purl.Parse(project)
	if err != nil {
		return ""
	}
	if p.Type == "golang" && len(p.Name) > 1 && p.Name[0] == 'v' && strings.Trim(p.Name[1:], "0123456789") == "" && p.Namespace != "" {
		return path.Base(p.Namespace)
	}
	if p.Type == "npm" && p.Namespace != "" {
		return p.Namespace + "/" + p.Name
	}
	return p.Name
}

func dirOf(p string) string {
	if i := strings.LastIndexByte(p, '/'); i >= 0 {
		return p[:i]
	}
	return ""
}

// Cut shortens a text to n bytes, at the end of a letter.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
