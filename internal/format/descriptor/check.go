package descriptor

import (
	"regexp"
	"strings"
)

// required are the fields of spec that the schema of a kind demands.
var required = map[string][]string{
	"component": {"type", "lifecycle", "owner"},
	"api":       {"type", "lifecycle", "owner"},
	"resource":  {"type", "owner"},
	"system":    {"owner"},
	"domain":    {"owner"},
	"group":     {"type", "children"},
	"user":      {"memberOf"},
	"location":  nil,
	"template":  {"type", "steps"},

	"airesource": {"type", "lifecycle", "owner"},
}

// The shapes of names (catalog-model, KubernetesValidatorFunctions and CommonValidatorFunctions).
var (
	nameShape      = regexp.MustCompile(`^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$`)
	namespaceShape = regexp.MustCompile(`^[a-z0-9]+(-+[a-z0-9]+)*$`)
	kindShape      = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*$`)
	versionShape   = regexp.MustCompile(`^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]+$`)
	tagShape       = regexp.MustCompile(`^[a-z0-9:+#]+(-[a-z0-9:+#]+)*$`)
	keyPrefixShape = regexp.MustCompile(`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`)
)

const maxName = 63

// check reports what the real catalogue would refuse. Nothing is dropped.
func (e *Entity) check(root *value, p *problems) {
	m := e.Metadata
	at := func(field string) int {
		if line := e.Lines[field]; line > 0 {
			return line
		}
		return e.Line
	}
	if e.APIVersion == "" {
		p.warn(e.Line, "apiVersion is missing: write backstage.io/v1alpha1")
	} else if !versionShape.MatchString(e.APIVersion) {
		p.warn(at("apiVersion"), "apiVersion %q is not of the form group/version", cut(e.APIVersion))
	}
	if !kindShape.MatchString(e.Kind) || len(e.Kind) > maxName {
		p.warn(at("kind"), "kind %q: 1 to 63 letters and digits, a letter first", cut(e.Kind))
	}
	if !isName(m.Name) {
		p.warn(at("metadata.name"), "metadata.name %q: 1 to 63 of letters, digits, - _ and ., a letter or digit at both ends", cut(m.Name))
	}
	if m.Namespace != "" && (len(m.Namespace) > maxName || !namespaceShape.MatchString(m.Namespace)) {
		p.warn(at("metadata.namespace"), "metadata.namespace %q: 1 to 63 of lower-case letters, digits and -", cut(m.Namespace))
	}
	for _, tag := range m.Tags {
		if len(tag) > maxName || !tagShape.MatchString(tag) {
			p.warn(at("metadata.tags"), "metadata.tags: %q: lower-case letters, digits, + and #, joined by -, at most 63", cut(tag))
		}
	}
	meta := root.get("metadata")
	e.checkKeys(meta.get("labels"), "labels", p)
	e.checkKeys(meta.get("annotations"), "annotations", p)
	spec := root.get("spec")
	for _, field := range required[e.Ref.Kind] {
		if v := spec.get(field); v == nil || v.kind == nullValue || v.kind == stringValue && v.text == "" {
			p.warn(at("spec"), "spec.%s is missing, which kind %s must have", field, e.Kind)
		}
	}
	if e.Ref.Kind == "api" && spec.get("definition") == nil && spec.get("remotes") == nil {
		p.warn(at("spec"), "spec.definition is missing, which kind %s must have", e.Kind)
	}
}

func (e *Entity) checkKeys(v *value, field string, p *problems) {
	if v == nil || v.kind != mapping {
		return
	}
	for i, k := range v.keys {
		prefix, name, found := strings.Cut(k, "/")
		if !found {
			prefix, name = "", k
		}
		if !isName(name) || found && (len(prefix) > 253 || !keyPrefixShape.MatchString(prefix)) {
			p.warn(v.items[i].line, "metadata.%s: the key %q is not of the form [domain/]name", field, cut(k))
		}
		if s, ok := v.items[i].scalar(); ok && field == "labels" && s != "" && !isName(s) {
			p.warn(v.items[i].line, "metadata.labels: %q: the value %q is longer than 63 or has other signs than letters, digits, - _ and .", cut(k), cut(s))
		}
	}
}

func isName(s string) bool { return len(s) <= maxName && nameShape.MatchString(s) }
