package technology

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	enry "github.com/go-enry/go-enry/v2"

	"steward/internal/feature/estate"
	"steward/internal/format/manifest"
	"steward/internal/format/readme"
	"steward/internal/platform/store"
)

// ambiguous is how much of a file is read where its name fits several languages.
const ambiguous = 16 << 10

// readmeLimit is the largest README whose first paragraph is read, in bytes.
const readmeLimit = 512 << 10

// lookLimit is how many bytes of files are read for their language, in one
// repository; those after it are known by their names alone.
const lookLimit = 1 << 30

// searchLimit is how many bytes are searched for the language of files
// whose names fit several, in one repository: a second for 10 MiB. The languages
// of those after it are told by the rest of the repository.
const searchLimit = 32 << 20

// Analyser learns the technologies of a repository.
func (f *Feature) Analyser() estate.Analyser {
	return estate.Analyser{Name: "technology", Version: 5, Begin: estate.OfContent(analyse)}
}

// found collects technologies while the tree is walked.
type found struct {
	uses      map[[2]string]*Use
	files     int64
	bytes     int64
	languages map[string]int64
	known     map[content]string // languages by what was read
	looked    int64              // bytes read for languages
	unlooked  int                // files after lookLimit
	search    int                // bytes that may yet be searched for which of several languages a file is
	sure      map[string]int64   // bytes of languages that names alone tell
	told      map[string]int64   // bytes of languages that were searched for
	doubts    []doubt            // files after that
	others    string             // the last folder found with others' code, with its slash
}

// content is what decides on a language: the same bytes under the same name.
type content struct{ blob, base string }

// doubt is a file of which all that is known is that it is one of some languages.
type doubt struct {
	path       string
	size       int64
	candidates []string
}

func (f *found) add(kind Kind, name, file string, size int64) {
	key := [2]string{string(kind), name}
	u := f.uses[key]
	if u == nil {
		u = &Use{Kind: kind, Name: name, File: file}
		f.uses[key] = u
	}
	u.Files++
	if kind == Language {
		u.Bytes += max(size, 0)
	}
}

func analyse(ctx context.Context, s *estate.Snapshot) (estate.Result, error) {
	return analyseWithin(ctx, s, searchLimit)
}

// analyseWithin is analyse with a limit of its own in place of searchLimit.
func analyseWithin(ctx context.Context, s *estate.Snapshot, search int) (estate.Result, error) {
	f := &found{uses: map[[2]string]*Use{}, languages: map[string]int64{}, known: map[content]string{}, sure: map[string]int64{}, told: map[string]int64{}, search: search}
	for i, e := range s.Entries() {
		if i%64 == 0 && ctx.Err() != nil {
			return estate.Result{}, ctx.Err()
		}
		if !e.IsFile() {
			continue
		}
		f.files++
		f.bytes += max(e.Size, 0)
		f.look(s, e)
	}
	f.settleDoubts()
	uses := slices.SortedFunc(maps.Values(values(f.uses)), func(a, b Use) int {
		return strings.Compare(string(a.Kind)+" "+a.Name, string(b.Kind)+" "+b.Name)
	})
	result := estate.Result{Facts: f.facts(s, uses), Summary: summary{Files: f.files, Bytes: f.bytes, Technologies: uses}}
	if f.unlooked > 0 {
		result.Notes = append(result.Notes, estate.Note{Kind: estate.NoteLeftOut, Reason: fmt.Sprintf("the languages of %d files are told by their names alone, generated ones among them: more than %d MiB would have to be read", f.unlooked, int64(lookLimit)>>20)})
	}
	if n := len(f.doubts); n > 0 {
		result.Notes = append(result.Notes, estate.Note{Kind: estate.NoteUnresolved, Reason: fmt.Sprintf("the languages of %d files, each of which may be one of several, are told by the rest of the repository: more than %d MiB would have to be searched", n, searchLimit>>20)})
	}
	result.Write = func(ctx context.Context, tx *store.Tx, at estate.Target) error { return write(ctx, tx, at, uses) }
	return result, nil
}

func values(uses map[[2]string]*Use) map[[2]string]Use {
	out := make(map[[2]string]Use, len(uses))
	for k, u := range uses {
		out[k] = *u
	}
	return out
}

func (f *found) look(s *estate.Snapshot, e estate.Entry) {
	p := e.Path
	if name := ciSystem(p); name != "" {
		f.add(CI, name, p, e.Size)
	}
	if f.vendored(p) {
		return
	}
	base := path.Base(p)
	if name := buildTool(base); name != "" && !manifest.Fixture(p) {
		f.add(Build, name, p, e.Size)
	}
	if name := container(base); name != "" {
		f.add(Container, name, p, e.Size)
	}
	if isDocumentation(p) {
		f.add(Practice, "documentation", p, e.Size)
		return
	}
	if isTest(p) {
		f.add(Practice, "tests", p, e.Size)
	}
	f.speak(f.language(s, e, base), p, e.Size)
}

// speak adds a file of a language; one that does not count is left out.
func (f *found) speak(language, file string, size int64) {
	if language == "" || !counts(language) {
		return
	}
	if group := enry.GetLanguageGroup(language); group != "" {
		language = group
	}
	f.add(Language, language, file, size)
	f.languages[language] += max(size, 0)
}

// settleDoubts gives each file in doubt the language of which the repository has
// most in files with a name that tells it, else in those that were searched, the
// first by name among equals.
func (f *found) settleDoubts() {
	for _, d := range f.doubts {
		best := slices.MinFunc(d.candidates, func(a, b string) int {
			return cmp.Or(cmp.Compare(f.sure[b], f.sure[a]), cmp.Compare(f.told[b], f.told[a]), cmp.Compare(a, b))
		})
		f.speak(best, d.path, d.size)
	}
}

// vendored says that somebody else's code lies there. Enry's rules read paths
// from the root, as ours are. A rule that a folder meets is met by all that lies
// beneath it, which costs no test of its own, because entries come sorted.
func (f *found) vendored(p string) bool {
	if f.others != "" && strings.HasPrefix(p, f.others) {
		return true
	}
	if !enry.IsVendor(p) {
		return false
	}
	if folder := p[:strings.LastIndexByte(p, '/')+1]; folder != "" && enry.IsVendor(folder) {
		f.others = folder
	}
	return true
}

// language is that of a file, empty for data, prose, generated and binary ones.
func (f *found) language(s *estate.Snapshot, e estate.Entry, base string) string {
	if e.Size == 0 || enry.IsImage(base) {
		return ""
	}
	candidates := enry.GetLanguagesByFilename(base, nil, nil)
	if len(candidates) == 0 {
		candidates = enry.GetLanguagesByExtension(base, nil, nil)
	}
	if len(candidates) == 0 || !slices.ContainsFunc(candidates, counts) {
		return ""
	}
	// The rules that look at the path alone come first: they save the reading.
	if enry.IsGenerated(e.Path, nil) {
		return ""
	}
	if len(candidates) == 1 {
		f.sure[candidates[0]] += max(e.Size, 0)
	}
	language := candidates[0]
	if e.Size > 0 && e.Size <= 1<<20 && (len(candidates) > 1 || mayBeGenerated(base)) {
		return f.byContent(s, e, base, candidates)
	}
	return language
}

// byContent decides between the languages that a name may mean; empty for what
// is generated or binary. The same content is read once, and it is told by the
// name alone when it cannot be read or enough was.
func (f *found) byContent(s *estate.Snapshot, e estate.Entry, base string, candidates []string) string {
	key := content{e.Blob, base}
	if language, ok := f.known[key]; ok && e.Blob != "" {
		return language
	}
	if f.looked >= lookLimit {
		f.unlooked++
		return candidates[0]
	}
	f.looked += e.Size
	language := candidates[0]
	if top := head(s, e); top != nil {
		switch {
		case enry.IsBinary(top), enry.IsGenerated(e.Path, top):
			language = ""
		case len(candidates) > 1:
			if f.search <= 0 {
				f.doubts = append(f.doubts, doubt{e.Path, e.Size, candidates})
				return ""
			}
			f.search -= len(top)
			language = enry.GetLanguage(base, top)
			f.told[language] += e.Size
		}
	}
	if e.Blob != "" && len(f.known) < maxKnown {
		f.known[key] = language
	}
	return language
}

// maxKnown is how many contents are remembered: a repository has few copies,
// and one that is all copies has few contents.
const maxKnown = 1 << 14

// counts says whether bytes of a language count: code and mark-up, not data and prose.
func counts(language string) bool {
	switch enry.GetLanguageType(language) {
	case enry.Programming, enry.Markup:
		return true
	}
	return false
}

// mayBeGenerated picks the kinds of files in which generators leave a mark at the top.
func mayBeGenerated(base string) bool {
	switch path.Ext(base) {
	case ".go", ".js", ".cs", ".java", ".py", ".rb", ".php", ".ts", ".cpp", ".cc", ".h", ".m", ".swift":
		return true
	}
	return false
}

// head is the first part of a file; nil when it cannot be read.
func head(s *estate.Snapshot, e estate.Entry) []byte {
	b, err := s.Read(e.Path, 1<<20)
	if err != nil {
		return nil
	}
	return b[:min(len(b), ambiguous)]
}

func (f *found) facts(s *estate.Snapshot, uses []Use) []estate.Fact {
	facts := []estate.Fact{
		{Name: "size.files", Value: f.files, Basis: estate.Measured},
		{Name: "size.bytes", Value: f.bytes, Basis: estate.Measured},
		{Name: "documentation", Value: f.uses[[2]string{string(Practice), "documentation"}] != nil, Basis: estate.Measured},
		{Name: "tests", Value: f.uses[[2]string{string(Practice), "tests"}] != nil, Basis: estate.Measured},
	}
	if main := f.main(); main != "" {
		facts = append(facts, estate.Fact{Name: "language.main", Value: main, Basis: estate.Measured})
	}
	for _, kind := range []Kind{CI, Build, Container} {
		var names []string
		file := ""
		for _, u := range uses {
			if u.Kind == kind {
				names = append(names, u.Name)
				if file == "" {
					file = u.File
				}
			}
		}
		if len(names) > 0 {
			facts = append(facts, estate.Fact{Name: string(kind), Value: names, Basis: estate.Measured, File: file})
		}
	}
	if fact, ok := description(s); ok {
		facts = append(facts, fact)
	}
	return facts
}

// main is the language with most bytes; the first by name among equals. Mark-up
// and style count where no programming language is: pages and what was compiled
// from style sheets are large and say little of what a repository is.
func (f *found) main() string {
	names := slices.Sorted(maps.Keys(f.languages))
	if slices.ContainsFunc(names, func(name string) bool { return programming(name) && !setup[name] }) {
		names = slices.DeleteFunc(names, func(name string) bool { return !programming(name) })
	}
	best := ""
	for _, name := range names {
		if best == "" || f.languages[name] > f.languages[best] {
			best = name
		}
	}
	return best
}

// programming is Linguist's type of a language.
func programming(language string) bool { return enry.GetLanguageType(language) == enry.Programming }

// setup are programming languages that may do no more than build and start
// what pages are: alone they do not lead before mark-up.
var setup = map[string]bool{"Dockerfile": true, "Makefile": true, "CMake": true, "Batchfile": true, "Shell": true, "PowerShell": true}

// description is the first paragraph of the README at the root.
func description(s *estate.Snapshot) (estate.Fact, bool) {
	var names []string
	for _, e := range s.Entries() {
		if e.IsFile() && readme.Wants(e.Path) {
			names = append(names, e.Path)
		}
	}
	name := readme.Best("", names)
	if name == "" {
		return estate.Fact{}, false
	}
	b, err := s.Read(name, readmeLimit)
	if err != nil {
		return estate.Fact{}, false
	}
	text, line := readme.FirstParagraph(name, b)
	if text == "" {
		return estate.Fact{}, false
	}
	return estate.Fact{Name: "description", Value: text, Basis: estate.Written, File: name, Line: line}, true
}
