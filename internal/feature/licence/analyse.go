package licence

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"steward/internal/feature/estate"
	"steward/internal/format/licencetext"
	"steward/internal/format/lockfile"
	"steward/internal/format/manifest"
	"steward/internal/format/spdx"
	"steward/internal/platform/store"
)

// Limits of one repository.
const (
	maxTexts = 2000 // different licence texts that are read
	maxFiles = 20_000
	maxKey   = 500 // bytes of an expression; a longer one is no name
	maxSaid  = 300 // bytes kept of what a manifest says
)

// found collects what one snapshot says.
type found struct {
	s     *estate.Snapshot
	roots []string // sorted
	known map[string]licencetext.Detection
	files []File
	notes []estate.Note

	ecosystems map[string]map[string]bool // of the manifests of each folder
	declaredIn map[string]string          // the ecosystem of each file that declares
}

func (l *Feature) analyse(ctx context.Context, s *estate.Snapshot) (estate.Result, error) {
	f := &found{s: s, roots: s.ComponentRoots(), known: map[string]licencetext.Detection{}, ecosystems: map[string]map[string]bool{}, declaredIn: map[string]string{}}
	thirdParty := ""
	for i, e := range s.Entries() {
		if i%4096 == 0 && ctx.Err() != nil {
			return estate.Result{}, ctx.Err()
		}
		if thirdParty == "" && e.IsFile() {
			thirdParty = thirdPartyFolder(e.Path)
		}
		if licencetext.Wants(e.Path) && !manifest.Fixture(e.Path) && thirdPartyFolder(e.Path) == "" {
			if ctx.Err() != nil {
				return estate.Result{}, ctx.Err()
			}
			f.text(e)
		}
	}
	f.declarations()
	if len(s.Entries()) == 0 {
		return estate.Result{Write: l.writer(nil, nil, ""), Summary: summary{Licences: []Answer{}, Files: []File{}}}, nil
	}
	answers := f.answers()
	slices.SortStableFunc(f.files, func(a, b File) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(string(a.Kind), string(b.Kind)))
	})
	return estate.Result{
		Facts: facts(answers[0], f.files), Notes: f.notes, Summary: summary{Licences: answers, Files: f.files},
		Write: l.writer(answers, f.files, thirdParty),
	}, nil
}

// text reads one licence file. The same content is judged once, wherever it lies.
func (f *found) text(e estate.Entry) {
	if !e.IsFile() {
		f.note(estate.NoteLeftOut, e.Path, "it is no plain file: a symbolic link in place of a licence file is not followed")
		return
	}
	if len(f.files) >= maxFiles {
		if len(f.files) == maxFiles {
			f.note(estate.NoteLeftOut, e.Path, fmt.Sprintf("more than %d licence files: this one and those after it were not read", maxFiles))
			f.files = append(f.files, f.unread(e.Path))
		}
		return
	}
	one := f.unread(e.Path)
	d, ok := f.detect(e)
	if !ok {
		f.files = append(f.files, one)
		return
	}
	one.Line, one.Matched, one.Certainty = d.Line, d.Matched, Certainty(d.Certainty)
	one.Restrictions, one.Reasons = d.Restrictions, d.Reasons
	switch {
	case d.Expression != "" && len(d.Expression) <= maxKey:
		one.Licence = Key(d.Expression)
	case d.Base != "" && len(d.Base) <= maxKey:
		one.Licence = Changed(d.Base)
	}
	f.files = append(f.files, one)
}

func (f *found) unread(p string) File {
	return File{Kind: Text, Path: p, Root: f.rootOf(p), Licence: Unknown, Certainty: Certainty(licencetext.Unknown)}
}

func (f *found) detect(e estate.Entry) (licencetext.Detection, bool) {
	key := e.Blob
	if dir := path.Dir(e.Path); path.Base(dir) == "LICENSES" {
		key += " " + path.Base(e.Path) // there the name counts
	}
	if d, ok := f.known[key]; ok && e.Blob != "" {
		return d, true
	}
	if len(f.known) >= maxTexts {
		f.note(estate.NoteLeftOut, e.Path, fmt.Sprintf("more than %d different licence texts: this one was not read", maxTexts))
		return licencetext.Detection{}, false
	}
	b, err := f.s.Read(e.Path, licencetext.MaxSize)
	if err != nil {
		f.note(estate.NoteFailed, e.Path, err.Error())
		return licencetext.Detection{}, false
	}
	d := licencetext.Detect(e.Path, b)
	if e.Blob == "" {
		key = e.Path
	}
	f.known[key] = d
	return d, true
}

func (f *found) note(kind estate.NoteKind, p, reason string) {
	if len(f.notes) < 200 {
		f.notes = append(f.notes, estate.Note{Kind: kind, Path: p, Reason: reason})
	}
}

// declarations takes the licence fields of manifests. Lock files only repeat
// what the manifest beside them says, so they count where there is none.
func (f *found) declarations() {
	manifests, _ := f.s.Manifests()
	for _, m := range manifests {
		for _, p := range append([]string{m.Path}, m.Covers...) {
			if dir := dirOf(p); f.ecosystems[dir] == nil {
				f.ecosystems[dir] = map[string]bool{m.Ecosystem: true}
			} else {
				f.ecosystems[dir][m.Ecosystem] = true
			}
		}
	}
	said := map[string]bool{} // folder and ecosystem whose manifest speaks
	for _, lock := range []bool{false, true} {
		for _, m := range manifests {
			key := dirOf(m.Path) + "\x00" + m.Ecosystem
			if m.Lock != lock || strings.TrimSpace(m.ProjectLicence) == "" || manifest.Fixture(m.Path) || (lock && said[key]) {
				continue
			}
			said[key] = true
			one := f.declared(m)
			f.files = append(f.files, one)
			f.declaredIn[one.Path] = m.Ecosystem
		}
	}
}

func (f *found) declared(m lockfile.Manifest) File {
	words := strings.TrimSpace(m.ProjectLicence)
	one := File{Kind: Declared, Path: m.Path, Root: f.rootOf(m.Path), Licence: Unknown, Certainty: Certainty(licencetext.Unknown), Said: clip(words, maxSaid)}
	if expression := declaredExpression(words); expression != "" && len(expression) <= maxKey {
		one.Licence, one.Certainty = Key(expression), Written
	}
	one.Path, one.Line = f.writtenIn(m, words)
	return one
}

// writtenIn finds file and line of what a manifest declares. A lock file says
// it in the name of the manifest beside it.
func (f *found) writtenIn(m lockfile.Manifest, words string) (file string, line int) {
	beside := []string{m.Path}
	if m.Lock {
		beside = nil
		for _, p := range m.Covers {
			if dirOf(p) == dirOf(m.Path) {
				beside = append(beside, p)
			}
		}
		beside = append(beside, m.Path)
	}
	for _, p := range beside {
		b, err := f.s.Read(p, lockfile.MaxBytes)
		if err != nil {
			continue
		}
		if line := declaredLine(b, words); line > 0 {
			return p, line
		}
	}
	return beside[0], 0
}

// declaredExpression reads what a manifest says. Several names with semicolons
// between them are a choice, as Maven has it (POM reference, "Licenses").
func declaredExpression(words string) string {
	if expression, err := spdx.Normalise(words); err == nil {
		return expression
	}
	var terms []spdx.Expression
	for _, name := range strings.Split(words, ";") {
		expression, err := spdx.Normalise(strings.TrimSpace(name))
		if err != nil {
			return ""
		}
		term, err := spdx.Parse(expression)
		if err != nil {
			return ""
		}
		terms = append(terms, term)
	}
	return spdx.Join(spdx.Or, terms...).String()
}

// declaredLine finds the line of a manifest that speaks of the licence and has
// the first of its words; 0 when it stands elsewhere, such as in a parent.
func declaredLine(b []byte, words string) int {
	first, _, _ := strings.Cut(words, ";")
	first, _, _ = strings.Cut(first, " OR ")
	want := []byte(strings.ToLower(strings.Trim(first, " ()")))
	near := 0 // lines since one spoke of a licence
	for n, line := range bytes.Split(b, []byte("\n")) {
		lower := bytes.ToLower(line)
		near++
		if bytes.Contains(lower, []byte("license")) || bytes.Contains(lower, []byte("licence")) {
			near = 0
		}
		if n+1 == near { // none has spoken yet
			continue
		}
		if near <= 5 && bytes.Contains(lower, want) {
			return n + 1
		}
	}
	return 0
}

// rootOf is the longest component root that holds a path.
func (f *found) rootOf(p string) string {
	for dir := dirOf(p); dir != ""; dir = dirOf(dir) {
		if _, ok := slices.BinarySearch(f.roots, dir); ok {
			return dir
		}
	}
	return ""
}

func dirOf(p string) string {
	if i := strings.LastIndexByte(p, '/'); i >= 0 {
		return p[:i]
	}
	return ""
}

// thirdPartyFolder returns the folder of a path that holds somebody else's
// code; empty when none does. Below a folder src "vendor" is a word of the
// business, not a habit of tools.
func thirdPartyFolder(p string) string {
	for at := 0; ; {
		i := strings.IndexByte(p[at:], '/')
		if i < 0 {
			return ""
		}
		switch strings.ToLower(p[at : at+i]) {
		case "vendor", "vendored", "third_party", "third-party", "thirdparty", "3rdparty", "3rd_party", "node_modules", "bower_components", "jspm_packages", "pods", "carthage":
			return p[:at+i]
		case "src":
			return ""
		}
		at += i + 1
	}
}

func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}

// facts tell what the sources at the root say, the one that counts last, and
// in words where they differ.
func facts(root Answer, files []File) []estate.Fact {
	var all []estate.Fact
	for _, one := range files {
		if one.Root != "" || !one.Counts || one.Kind != Text {
			continue
		}
		all = append(all, estate.Fact{Name: "licence.text", Value: one.Licence.Title(), Basis: estate.Measured, File: one.Path, Line: one.Line})
	}
	for _, one := range files {
		if one.Root == "" && one.Counts && one.Kind == Declared {
			all = append(all, estate.Fact{Name: "licence.declared", Value: one.Said, Basis: estate.Written, File: one.Path, Line: one.Line})
		}
	}
	if root.Licence != None { // lists say Unknown of a text that nothing recognised
		all = append(all, estate.Fact{Name: "licence", Value: root.Licence.Title(), Basis: root.Basis, File: root.File, Line: root.Line})
	}
	if root.Dispute != "" {
		all = append(all, estate.Fact{Name: "licence.dispute", Value: root.Dispute, Basis: estate.Measured})
	}
	return all
}

// writer stores the rows of a repository in the transaction of its reading.
func (f *Feature) writer(answers []Answer, files []File, thirdParty string) func(context.Context, *store.Tx, estate.Target) error {
	return func(ctx context.Context, tx *store.Tx, at estate.Target) error {
		if err := write(ctx, tx, at, answers, files, thirdParty); err != nil || f.wrote == nil {
			return err
		}
		return f.wrote(ctx, tx, at.RepositoryID)
	}
}
