package descriptor

import (
	"fmt"
	"strings"
)

// DefaultNamespace is what an entity or a reference without one has.
const DefaultNamespace = "default"

// Ref names an entity. Its parts are lower case, as references are compared
// without letter case.
type Ref struct {
	Kind, Namespace, Name string
}

// String returns kind:namespace/name, or "" for the zero Ref.
func (r Ref) String() string {
	if r == (Ref{}) {
		return ""
	}
	return r.Kind + ":" + r.Namespace + "/" + r.Name
}

// ParseRef reads "[kind:][namespace/]name". The field that holds a reference
// gives the default kind ("" when there is none: then the text must have one),
// the entity the default namespace ("" means DefaultNamespace).
func ParseRef(s, defaultKind, defaultNamespace string) (Ref, error) {
	text := strings.TrimSpace(s)
	kind, rest, hasKind := strings.Cut(text, ":")
	if !hasKind {
		kind, rest = defaultKind, text
	}
	namespace, name, hasNamespace := strings.Cut(rest, "/")
	if !hasNamespace {
		namespace, name = defaultNamespace, rest
		if namespace == "" {
			namespace = DefaultNamespace
		}
	}
	switch {
	case kind == "" && !hasKind && text != "":
		return Ref{}, fmt.Errorf("entity reference %q: the kind is missing: write kind:%s", cut(s), cut(text))
	case kind == "", namespace == "", name == "", strings.ContainsAny(name, ":/"), strings.ContainsAny(kind, ":/"), strings.ContainsAny(namespace, ":/"):
		return Ref{}, fmt.Errorf("entity reference %q: not of the form [kind:][namespace/]name", cut(s))
	}
	return Ref{strings.ToLower(kind), strings.ToLower(namespace), strings.ToLower(name)}, nil
}
