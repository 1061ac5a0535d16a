package gradle

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"

	"steward/internal/format/lockfile/gradle/script"
)

// offer is what a script gives to the versions of others.
type offer struct {
	managed map[string]version // by group:name
	boms    []string           // coordinates of what is not in the tree
}

type offerKey struct {
	script *script.Script
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
	spring := e.home.Spring
	for _, s := range sharedScripts(e) {
		spring = spring || s.Spring
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
func (b *build) offerOf(s *script.Script, shared bool) *offer {
	key := offerKey{s, shared}
	if have := b.offers[key]; have != nil {
		return have // perhaps still being made, when platforms name one another
	}
	o := &offer{managed: map[string]version{}}
	b.offers[key] = o
	e := b.evaluator(s)
	only := func(in []script.Declaration) []script.Declaration {
		if shared {
			return sharedOnly(in)
		}
		return in
	}
	b.manage(e, only(s.Managed), o.managed)
	for _, d := range only(s.Boms) {
		for _, f := range e.notations(s, d.Args, 0) {
			if f.name != "" {
				o.boms = append(o.boms, bomName(f))
			}
		}
	}
	for _, d := range only(s.Declarations) {
		if !s.Mentions(d.Args, "platform", "enforcedPlatform") {
			continue
		}
		for _, f := range e.notations(s, d.Args, 0) {
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
func sharedScripts(e *evaluator) []*script.Script {
	var out []*script.Script
	for f := e.at.up; f != nil; f = f.up {
		for _, s := range f.scripts {
			if isBuildScript(s.Path) && s != e.home {
				out = append(out, s)
			}
		}
	}
	return out
}

func sharedOnly(in []script.Declaration) []script.Declaration {
	var out []script.Declaration
	for _, d := range in {
		if d.Shared {
			out = append(out, d)
		}
	}
	return out
}

func (b *build) manage(e *evaluator, declared []script.Declaration, out map[string]version) {
	s := e.home
	put := func(group, name string, v version) {
		if _, have := out[group+":"+name]; !have && v != (version{}) {
			out[group+":"+name] = v
		}
	}
	for _, d := range declared {
		if d.Set {
			group, v := e.setOf(s, d.Args)
			for i := d.Tail.From; i+1 < d.Tail.To; i++ {
				if t := s.Tokens[i]; t.Kind == script.Word && t.Text == "entry" {
					value := script.Span{From: i + 1, To: i + 2}
					if open := s.Tokens[i+1]; open.Kind == '(' {
						value = script.Span{From: i + 2, To: open.Match}
					}
					if name, ok := e.text(s, value); ok {
						put(group, name, v)
					}
				}
			}
			continue
		}
		for _, f := range e.notations(s, d.Args, 0) {
			if f.name == "" {
				continue
			}
			if v, ok := e.tailVersion(d.Tail); ok {
				f.version = v
			}
			put(f.group, f.name, f.version)
		}
	}
}

func (e *evaluator) setOf(s *script.Script, args script.Span) (group string, v version) {
	parts := s.Split(args)
	for _, part := range parts {
		switch key, value, _ := s.Pair(part); key {
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
func (b *build) projectScript(e *evaluator, project string) *script.Script {
	dir := strings.ReplaceAll(strings.Trim(project, ":"), ":", "/")
	for f := e.at; f != nil; f = f.up {
		for _, s := range b.byFolder[path.Join(f.dir, dir)] {
			if isBuildScript(s.Path) && s != e.home {
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
