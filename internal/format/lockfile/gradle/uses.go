package gradle

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"

	"steward/internal/format/lockfile"
	"steward/internal/format/lockfile/gradle/script"
	"steward/internal/format/purl"
)

// maxNotes bounds the notes of one manifest.
const maxNotes = 50

// wish is one package that a script declares.
type wish struct {
	found
	scope  lockfile.Scope
	line   int
	shared bool
	plugin bool
	build  bool // of the build script itself
}

// reading is what one script says, evaluated.
type reading struct {
	script  *script.Script
	build   *build
	wishes  []wish
	members map[string]int // projects of the build that it depends on → first line
	notes   []lockfile.Note
	dropped int      // notes past maxNotes
	unread  int      // declarations that may be packages
	boms    []string // what versions may come from and this tree does not have
	tooMany bool
}

func (b *build) manifests() []lockfile.Manifest {
	readings := map[string]*reading{}
	for _, s := range b.order {
		readings[s.Path] = b.read(s)
	}
	var out []lockfile.Manifest
	covered := map[string]map[string]bool{} // folder → what its locks list, as group:name
	for p, rows := range b.locks {
		out = b.kept.Keep(out, b.lockManifest(p, rows, readings, covered))
	}
	for _, s := range b.order {
		if m, ok := b.scriptManifest(readings[s.Path], covered[path.Dir(s.Path)]); ok {
			out = b.kept.Keep(out, m)
		}
	}
	locked := map[string]bool{}
	for _, names := range covered {
		maps.Copy(locked, names)
	}
	for _, c := range b.catalogues {
		if m, ok := c.manifest(locked); ok {
			out = b.kept.Keep(out, m)
		}
	}
	slices.SortFunc(out, func(a, b lockfile.Manifest) int { return cmp.Compare(a.Path, b.Path) })
	return out
}

// read evaluates the declarations of a script.
func (b *build) read(s *script.Script) *reading {
	r := &reading{script: s, build: b, members: map[string]int{}}
	e := b.evaluator(s)
	buildLogic := b.isBuildLogic(path.Dir(s.Path)) && isBuildScript(s.Path)
	for _, u := range s.Plugins {
		if w, ok := b.pluginWish(e, u); ok {
			r.wish(w)
		}
	}
	managed := b.managedFor(e, r)
	for _, d := range s.Declarations {
		if r.tooMany {
			r.unread++
			continue
		}
		name := d.Configuration
		if name == "" {
			if text, ok := e.text(s, d.Config); ok {
				name = text
			} else {
				name = s.Written(d.Config)
			}
		}
		scope := scopeOf(name)
		switch {
		case d.Buildscript || buildLogic && scope == lockfile.Production:
			scope = lockfile.Development
		case d.Test && scope != lockfile.Development:
			scope = lockfile.Test
		}
		for _, f := range e.notations(s, d.Args, 0) {
			r.take(e, d, f, scope, managed)
		}
	}
	return r
}

func (r *reading) wish(w wish) {
	if len(r.wishes) >= lockfile.MaxUses || r.build.room <= 0 {
		r.tooMany = true
		return
	}
	r.build.room--
	r.wishes = append(r.wishes, w)
}

func (r *reading) note(line int, reason string) {
	if len(r.notes) >= maxNotes {
		r.dropped++
		return
	}
	r.notes = append(r.notes, lockfile.Note{Line: line, Reason: reason})
}

// take files one found thing as a wish, a member or a note.
func (r *reading) take(e *evaluator, d script.Declaration, f found, scope lockfile.Scope, managed map[string]version) {
	switch {
	case f.reason != "":
		if f.reason != local && f.reason != ownAPI {
			r.unread++
		}
		r.note(d.Line, "dependency left out: "+f.reason)
		return
	case f.project != "":
		if have, ok := r.members[f.project]; !ok || d.Line < have {
			r.members[f.project] = d.Line
		}
		return
	case f.name == "": // a plugin's alias is no library
		r.unread++
		r.note(d.Line, "dependency left out: "+computed)
		return
	}
	if v, ok := e.tailVersion(d.Tail); ok {
		f.version = v
	}
	if f.version == (version{}) {
		f.version = managed[f.group+":"+f.name]
	}
	if f.version == (version{}) && f.group == "org.jetbrains.kotlin" {
		f.version = e.build.kotlinVersion(e)
	}
	r.wish(wish{found: f, scope: scope, line: d.Line, shared: d.Shared, build: d.Buildscript})
}

// tailVersion reads { version { strictly("1.0") } }.
func (e *evaluator) tailVersion(tail script.Span) (version, bool) {
	s := e.home
	parts := map[string]string{}
	for i := tail.From; i+1 < tail.To; i++ {
		t := s.Tokens[i]
		if t.Kind != script.Word || t.Text != "strictly" && t.Text != "require" && t.Text != "prefer" {
			continue
		}
		value := script.Span{From: i + 1, To: i + 2}
		if open := s.Tokens[i+1]; open.Kind == '(' {
			value = script.Span{From: i + 2, To: open.Match}
		}
		if v := e.versionAt(s, value); v.asked != "" {
			parts[t.Text] = v.asked
		} else {
			parts[t.Text] = v.exact
		}
	}
	if len(parts) == 0 {
		return version{}, false
	}
	return rich(parts["strictly"], parts["require"], parts["prefer"]), true
}

// use turns a wish into a use.
func (w wish) use() lockfile.Use {
	return lockfile.Use{
		Package: purl.New("maven", w.group, w.name, w.version.exact), Requirement: w.version.asked,
		Scope: w.scope, Direct: true, Line: w.line,
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return fmt.Sprintf("%d %s", n, one)
	}
	return fmt.Sprintf("%d %s", n, many)
}
