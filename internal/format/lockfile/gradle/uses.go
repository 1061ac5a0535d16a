package gradle

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"steward/internal/format/lockfile"
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
	script  *script
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
		readings[s.path] = b.read(s)
	}
	var out []lockfile.Manifest
	covered := map[string]map[string]bool{} // folder → what its locks list, as group:name
	for p, rows := range b.locks {
		out = append(out, b.lockManifest(p, rows, readings, covered))
	}
	for _, s := range b.order {
		if m, ok := b.scriptManifest(readings[s.path], covered[path.Dir(s.path)]); ok {
			out = append(out, m)
		}
	}
	for _, c := range b.catalogues {
		if m, ok := c.manifest(); ok {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b lockfile.Manifest) int { return cmp.Compare(a.Path, b.Path) })
	return out
}

// read evaluates the declarations of a script.
func (b *build) read(s *script) *reading {
	r := &reading{script: s, members: map[string]int{}}
	e := b.evaluator(s)
	buildLogic := b.isBuildLogic(path.Dir(s.path)) && isBuildScript(s.path)
	for _, u := range s.plugins {
		if w, ok := b.pluginWish(e, u); ok {
			r.wish(w)
		}
	}
	managed := b.managedFor(e, r)
	for _, d := range s.declarations {
		name := d.configuration
		if name == "" {
			if text, ok := e.text(s, d.config); ok {
				name = text
			} else {
				name = s.written(d.config)
			}
		}
		scope := scopeOf(name)
		switch {
		case d.buildscript || buildLogic && scope == lockfile.Production:
			scope = lockfile.Development
		case d.test && scope != lockfile.Development:
			scope = lockfile.Test
		}
		for _, f := range e.notations(s, d.args, 0) {
			r.take(e, d, f, scope, managed)
		}
	}
	return r
}

func (r *reading) wish(w wish) {
	if len(r.wishes) >= lockfile.MaxUses {
		r.tooMany = true
		return
	}
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
func (r *reading) take(e *evaluator, d declaration, f found, scope lockfile.Scope, managed map[string]version) {
	switch {
	case f.reason != "":
		if f.reason != local && f.reason != ownAPI {
			r.unread++
		}
		r.note(d.line, "dependency left out: "+f.reason)
		return
	case f.project != "":
		if have, ok := r.members[f.project]; !ok || d.line < have {
			r.members[f.project] = d.line
		}
		return
	case f.name == "": // a plugin's alias is no library
		r.unread++
		r.note(d.line, "dependency left out: "+computed)
		return
	}
	if v, ok := e.tailVersion(d.tail); ok {
		f.version = v
	}
	if f.version == (version{}) {
		f.version = managed[f.group+":"+f.name]
	}
	if f.version == (version{}) && f.group == "org.jetbrains.kotlin" {
		f.version = e.build.kotlinVersion(e)
	}
	r.wish(wish{found: f, scope: scope, line: d.line, shared: d.shared, build: d.buildscript})
}

// tailVersion reads { version { strictly("1.0") } }.
func (e *evaluator) tailVersion(tail span) (version, bool) {
	s := e.home
	parts := map[string]string{}
	for i := tail.from; i+1 < tail.to; i++ {
		t := s.tokens[i]
		if t.kind != word || t.text != "strictly" && t.text != "require" && t.text != "prefer" {
			continue
		}
		value := span{i + 1, i + 2}
		if open := s.tokens[i+1]; open.kind == '(' {
			value = span{i + 2, open.match}
		}
		if v := e.versionAt(s, value); v.asked != "" {
			parts[t.text] = v.asked
		} else {
			parts[t.text] = v.exact
		}
	}
	if len(parts) == 0 {
		return version{}, false
	}
	return rich(parts["strictly"], parts["require"], parts["prefer"]), true
}

// pluginWish turns an entry of a plugins block into the plugin's marker. ok is
// false for plugins without a version: those of Gradle, of the tree, or of a
// script above, which lists them.
func (b *build) pluginWish(e *evaluator, u pluginUse) (wish, bool) {
	id, v, ok := b.pluginID(e, e.home, u)
	if !ok || !validPart(id) {
		return wish{}, false
	}
	if v == (version{}) && !b.precompiled[id] {
		if settings := b.settingsOf(e.at.dir); settings != nil {
			at := b.evaluator(settings)
			for _, declared := range settings.pluginVersions {
				if other, managed, ok := b.pluginID(at, settings, declared); ok && other == id {
					v = managed
					break
				}
			}
		}
	}
	if v == (version{}) {
		return wish{}, false
	}
	f := found{group: id, name: id + ".gradle.plugin", version: v}
	return wish{found: f, scope: lockfile.Development, line: u.line, plugin: true, build: true}, true
}

func (b *build) pluginID(e *evaluator, s *script, u pluginUse) (string, version, bool) {
	if u.alias {
		name, ok := reference(s, u.id)
		if !ok {
			return "", version{}, false
		}
		out, ok := b.byReference(e.at, name)
		if !ok || len(out) != 1 || out[0].group == "" || out[0].name != "" {
			return "", version{}, false
		}
		if v := (version{}); !u.version.empty() {
			v = e.versionAt(s, u.version)
			return out[0].group, v, true
		}
		return out[0].group, out[0].version, true
	}
	id, ok := e.text(s, u.id)
	if !ok {
		return "", version{}, false
	}
	if u.kotlin {
		id = "org.jetbrains.kotlin." + id
	}
	if u.version.empty() {
		return id, version{}, true
	}
	return id, e.versionAt(s, u.version), true
}

// pluginVersion finds the version of a plugin in this script, those above and
// the settings.
func (b *build) pluginVersion(e *evaluator, matches func(id string) bool) (version, bool) {
	check := func(s *script, uses []pluginUse) (version, bool) {
		at := b.evaluator(s)
		for _, u := range uses {
			if id, v, ok := b.pluginID(at, s, u); ok && matches(id) {
				return v, true
			}
		}
		return version{}, false
	}
	applied := false
	if v, ok := check(e.home, e.home.plugins); ok {
		if v != (version{}) {
			return v, true
		}
		applied = true
	}
	for f := e.at; f != nil; f = f.up {
		for _, s := range f.scripts {
			for _, uses := range [][]pluginUse{s.plugins, s.pluginVersions} {
				if v, ok := check(s, uses); ok && v != (version{}) {
					return v, true
				}
			}
		}
	}
	return version{}, applied
}

// kotlinVersion is what the Kotlin plugin gives its libraries when they name
// no version: its own.
func (b *build) kotlinVersion(e *evaluator) version {
	v, _ := b.pluginVersion(e, func(id string) bool {
		return strings.HasPrefix(id, "org.jetbrains.kotlin.") && !strings.HasPrefix(id, "org.jetbrains.kotlin.plugin.")
	})
	return v
}

// offer is what a script gives to the versions of others.
type offer struct {
	managed map[string]version // by group:name
	boms    []string           // coordinates of what is not in the tree
}

type offerKey struct {
	script *script
	shared bool
}

// manageInto adds what o manages and out has not.
func (o *offer) manageInto(out map[string]version) {
	for name, v := range o.managed {
		if _, have := out[name]; !have {
			out[name] = v
		}
	}
}

// managedFor collects the versions that constraints, platforms of the tree and
// the dependency management plugin give, and names in r what is outside.
func (b *build) managedFor(e *evaluator, r *reading) map[string]version {
	own := b.offerOf(e.home, false)
	for _, bom := range own.boms {
		r.bom(bom)
	}
	out := maps.Clone(own.managed)
	spring := e.home.spring
	for _, s := range sharedScripts(e) {
		spring = spring || s.spring
		shared := b.offerOf(s, true)
		shared.manageInto(out)
		for _, bom := range shared.boms {
			r.bom(bom)
		}
	}
	if spring {
		if v, ok := b.pluginVersion(e, func(id string) bool { return id == "org.springframework.boot" }); ok {
			r.bom(bomName(found{group: "org.springframework.boot", name: "spring-boot-dependencies", version: v}))
		}
	}
	return out
}

// offerOf evaluates what s manages; only what stands in subprojects and
// allprojects when shared.
func (b *build) offerOf(s *script, shared bool) *offer {
	key := offerKey{s, shared}
	if have := b.offers[key]; have != nil {
		return have // perhaps still being made, when platforms name one another
	}
	o := &offer{managed: map[string]version{}}
	b.offers[key] = o
	e := b.evaluator(s)
	only := func(in []declaration) []declaration {
		if shared {
			return sharedOnly(in)
		}
		return in
	}
	b.manage(e, only(s.managed), o.managed)
	for _, d := range only(s.boms) {
		for _, f := range e.notations(s, d.args, 0) {
			if f.name != "" {
				o.boms = append(o.boms, bomName(f))
			}
		}
	}
	for _, d := range only(s.declarations) {
		if !s.mentions(d.args, "platform", "enforcedPlatform") {
			continue
		}
		for _, f := range e.notations(s, d.args, 0) {
			switch {
			case !f.platform || f.reason != "":
			case f.project != "":
				if platform := b.projectScript(e, f.project); platform != nil {
					of := b.offerOf(platform, false)
					of.manageInto(o.managed)
					o.boms = append(o.boms, of.boms...)
				}
			case f.name != "":
				o.boms = append(o.boms, bomName(f))
			}
		}
	}
	return o
}

// sharedScripts are the scripts above that may declare for this one too.
func sharedScripts(e *evaluator) []*script {
	var out []*script
	for f := e.at.up; f != nil; f = f.up {
		for _, s := range f.scripts {
			if isBuildScript(s.path) && s != e.home {
				out = append(out, s)
			}
		}
	}
	return out
}

func (s *script) mentions(in span, names ...string) bool {
	for i := in.from; i < in.to; i++ {
		if t := s.tokens[i]; t.kind == word && slices.Contains(names, t.text) {
			return true
		}
	}
	return false
}

func sharedOnly(in []declaration) []declaration {
	var out []declaration
	for _, d := range in {
		if d.shared {
			out = append(out, d)
		}
	}
	return out
}

func (b *build) manage(e *evaluator, declared []declaration, out map[string]version) {
	s := e.home
	put := func(group, name string, v version) {
		if _, have := out[group+":"+name]; !have && v != (version{}) {
			out[group+":"+name] = v
		}
	}
	for _, d := range declared {
		if d.set {
			group, v := e.setOf(s, d.args)
			for i := d.tail.from; i+1 < d.tail.to; i++ {
				if t := s.tokens[i]; t.kind == word && t.text == "entry" {
					value := span{i + 1, i + 2}
					if open := s.tokens[i+1]; open.kind == '(' {
						value = span{i + 2, open.match}
					}
					if name, ok := e.text(s, value); ok {
						put(group, name, v)
					}
				}
			}
			continue
		}
		for _, f := range e.notations(s, d.args, 0) {
			if f.name == "" {
				continue
			}
			if v, ok := e.tailVersion(d.tail); ok {
				f.version = v
			}
			put(f.group, f.name, f.version)
		}
	}
}

func (e *evaluator) setOf(s *script, args span) (group string, v version) {
	parts := s.split(args)
	for _, part := range parts {
		switch key, value, _ := s.pair(part); key {
		case "group":
			group, _ = e.text(s, value)
		case "version":
			v = e.versionAt(s, value)
		}
	}
	if len(parts) == 1 {
		if text, ok := e.text(s, parts[0]); ok { // dependencySet("group:version")
			g, declared, _ := strings.Cut(text, ":")
			return g, plainVersion(declared)
		}
	}
	return group, v
}

// projectScript finds the script of another project of the build.
func (b *build) projectScript(e *evaluator, project string) *script {
	dir := strings.ReplaceAll(strings.Trim(project, ":"), ":", "/")
	for f := e.at; f != nil; f = f.up {
		for _, s := range b.byFolder[path.Join(f.dir, dir)] {
			if isBuildScript(s.path) && s != e.home {
				return s
			}
		}
	}
	return nil
}

func bomName(f found) string {
	name := f.group + ":" + f.name
	if v := cmp.Or(f.version.exact, f.version.asked); v != "" {
		name += ":" + v
	}
	return name
}

func (r *reading) bom(name string) {
	if !slices.Contains(r.boms, name) && len(r.boms) < 100 {
		r.boms = append(r.boms, name)
	}
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
