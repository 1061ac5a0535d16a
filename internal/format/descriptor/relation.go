package descriptor

import (
	"slices"
	"strings"
)

// Relation is an edge that a field of spec states, seen from its own entity.
type Relation struct {
	Type      string // ownedBy, partOf, providesApi, consumesApi, dependsOn, dependencyOf, hasPart, childOf, parentOf, memberOf, hasMember
	TargetRef Ref
	Line      int
}

// fieldRule says that a field of spec makes relations.
type fieldRule struct {
	name        string
	relation    string
	defaultKind string // of a reference without kind; "" means that it must have one
	kinds       string // lower case, separated by blanks; "*" means any, also unknown ones
	many        bool
}

// fields are the relations of the built-in kinds (plugin-catalog-backend,
// BuiltinKindsEntityProcessor). An unknown kind gets those marked "*".
var fields = []fieldRule{
	{"owner", "ownedBy", "group", "*", false},
	{"system", "partOf", "system", "*", false},
	{"subcomponentOf", "partOf", "component", "component", false},
	{"domain", "partOf", "domain", "system", false},
	{"subdomainOf", "partOf", "domain", "domain", false},
	{"providesApis", "providesApi", "api", "component", true},
	{"consumesApis", "consumesApi", "api", "component", true},
	{"dependsOn", "dependsOn", "", "*", true},
	{"dependencyOf", "dependencyOf", "", "*", true},
	{"parent", "childOf", "group", "group", false},
	{"children", "parentOf", "group", "group", true},
	{"members", "hasMember", "user", "group", true},
	{"memberOf", "memberOf", "group", "user", true},
	{"skills", "hasPart", "airesource", "airesource", true},
	{"plugins", "hasPart", "airesource", "airesource", true},
}

// noGeneric are the kinds that have none of the "*" relations.
var noGeneric = []string{"group", "user", "location"}

var reverse = map[string]string{
	"ownedBy": "ownerOf", "partOf": "hasPart", "providesApi": "apiProvidedBy", "consumesApi": "apiConsumedBy",
	"dependsOn": "dependencyOf", "childOf": "parentOf", "memberOf": "hasMember",
}

// Reverse returns the type of the same relation seen from its target, or "" for
// a type that is not known.
func Reverse(relation string) string {
	if r, ok := reverse[relation]; ok {
		return r
	}
	for forward, back := range reverse {
		if back == relation {
			return forward
		}
	}
	return ""
}

func (f fieldRule) applies(kind string) bool {
	if f.kinds == "*" {
		return !slices.Contains(noGeneric, kind)
	}
	return slices.Contains(strings.Fields(f.kinds), kind)
}

func (e *Entity) relations(root *value, p *problems) {
	spec := root.get("spec")
	if spec != nil && spec.kind != mapping && spec.kind != nullValue {
		p.warn(spec.line, "spec is no mapping")
		return
	}
	for _, f := range fields {
		v := spec.get(f.name)
		if v == nil || v.kind == nullValue || !f.applies(e.Ref.Kind) {
			continue
		}
		_, known := required[e.Ref.Kind]
		if v.kind == mapping && !known {
			continue // a kind of its own may mean something else by the name
		}
		items := []*value{v}
		if f.many || v.kind == sequence {
			items = listOf(v, "spec."+f.name, p)
		}
		for _, item := range items {
			e.relate(f, item, p)
		}
	}
	if e.Ref.Kind == "location" {
		e.targets(spec, p)
	}
}

func (e *Entity) relate(f fieldRule, item *value, p *problems) {
	s, ok := item.scalar()
	if !ok {
		p.warn(item.line, "spec.%s holds something that is no entity reference", f.name)
		return
	}
	ref, err := ParseRef(s, f.defaultKind, e.Ref.Namespace)
	if err != nil {
		p.warn(item.line, "spec.%s: %v", f.name, err)
		return
	}
	for _, have := range e.Relations {
		if have.Type == f.relation && have.TargetRef == ref {
			return
		}
	}
	e.Relations = append(e.Relations, Relation{Type: f.relation, TargetRef: ref, Line: item.line})
}

func (e *Entity) targets(spec *value, p *problems) {
	kind := text(spec, "type", "spec.type", p)
	for _, name := range []string{"target", "targets"} {
		v := spec.get(name)
		if v == nil || v.kind == nullValue {
			continue
		}
		items := []*value{v}
		if name == "targets" {
			items = listOf(v, "spec.targets", p)
		}
		for _, item := range items {
			s, ok := item.scalar()
			if s = strings.TrimSpace(s); !ok || s == "" {
				p.warn(item.line, "spec.%s holds something that is no target", name)
				continue
			}
			e.Targets = append(e.Targets, Target{Type: kind, Text: s, Line: item.line})
		}
	}
	if len(e.Targets) == 0 {
		p.warn(e.Line, "a Location without target")
	}
}
