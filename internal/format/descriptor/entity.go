package descriptor

import (
	"slices"
	"strings"
)

// envelope fills the typed part; false means that the document names no entity.
func (e *Entity) envelope(root *value, p *problems) bool {
	e.APIVersion = text(root, "apiVersion", "apiVersion", p)
	e.Kind = text(root, "kind", "kind", p)
	meta := root.get("metadata")
	if meta != nil && meta.kind != mapping {
		p.skip(meta.line, "metadata is no mapping")
		return false
	}
	m := &e.Metadata
	m.Name = text(meta, "name", "metadata.name", p)
	m.Namespace = text(meta, "namespace", "metadata.namespace", p)
	if e.Kind == "" || m.Name == "" {
		missing := "kind"
		if e.Kind != "" {
			missing = "metadata.name"
		}
		p.skip(root.line, "%s is missing or empty: no entity", missing)
		return false
	}
	m.Title = text(meta, "title", "metadata.title", p)
	m.Description = text(meta, "description", "metadata.description", p)
	m.Labels = textMap(meta, "labels", p)
	m.Annotations = textMap(meta, "annotations", p)
	m.Tags = textList(meta, "tags", "metadata.tags", p)
	m.Links = links(meta, p)
	namespace := m.Namespace
	if namespace == "" {
		namespace = DefaultNamespace
	}
	e.Ref = Ref{strings.ToLower(e.Kind), strings.ToLower(namespace), strings.ToLower(m.Name)}
	e.check(root, p)
	return true
}

// text returns a string field. Numbers and booleans are given as their text and
// reported, as YAML authors forget the quotes.
func text(parent *value, key, field string, p *problems) string {
	v := parent.get(key)
	if v == nil || v.kind == nullValue {
		return ""
	}
	s, ok := v.scalar()
	if !ok {
		p.warn(v.line, "%s is no string", field)
		return ""
	}
	if v.kind == otherScalar {
		p.warn(v.line, "%s is %s, not a string: put it in quotes", field, s)
	}
	return strings.TrimSpace(s)
}

func textMap(meta *value, key string, p *problems) map[string]string {
	v := meta.get(key)
	if v == nil || v.kind == nullValue {
		return nil
	}
	if v.kind != mapping {
		p.warn(v.line, "metadata.%s is no mapping", key)
		return nil
	}
	out := make(map[string]string, len(v.keys))
	for i, k := range v.keys {
		item := v.items[i]
		s, ok := item.scalar()
		if !ok {
			p.warn(item.line, "metadata.%s: %q has no string as its value", key, cut(k))
			continue
		}
		if item.kind == otherScalar {
			p.warn(item.line, "metadata.%s: %q is %s, not a string: put it in quotes", key, cut(k), s)
		}
		out[k] = s
	}
	return out
}

// textList reads a list of strings; one string alone is taken for a list of one.
func textList(parent *value, key, field string, p *problems) []string {
	var out []string
	for _, item := range listOf(parent.get(key), field, p) {
		if s, ok := item.scalar(); ok {
			out = append(out, s)
			continue
		}
		p.warn(item.line, "%s holds something that is no string", field)
	}
	return out
}

// listOf returns the items of a list; a scalar alone is reported and taken for a list of one.
func listOf(v *value, field string, p *problems) []*value {
	switch {
	case v == nil || v.kind == nullValue:
		return nil
	case v.kind == sequence:
		return v.items
	case v.kind == mapping:
		p.warn(v.line, "%s is no list", field)
		return nil
	}
	p.warn(v.line, "%s is one value, not a list", field)
	return []*value{v}
}

func links(meta *value, p *problems) []Link {
	var out []Link
	for _, item := range listOf(meta.get("links"), "metadata.links", p) {
		if item.kind != mapping {
			p.warn(item.line, "metadata.links holds something that is no mapping")
			continue
		}
		l := Link{
			URL:   text(item, "url", "metadata.links url", p),
			Title: text(item, "title", "metadata.links title", p),
			Icon:  text(item, "icon", "metadata.links icon", p),
			Type:  text(item, "type", "metadata.links type", p),
		}
		if l.URL == "" {
			p.warn(item.line, "metadata.links: a link without url")
		}
		out = append(out, l)
	}
	return out
}

// linesOf notes the lines of the keys of the document, of metadata and of spec.
func linesOf(root *value) map[string]int {
	lines := map[string]int{}
	for i, k := range root.keys {
		lines[k] = root.items[i].line
		if k != "metadata" && k != "spec" {
			continue
		}
		for j, inner := range root.items[i].keys {
			lines[k+"."+inner] = root.items[i].items[j].line
		}
	}
	return lines
}

func isTemplate(s string) bool {
	return strings.Contains(s, "{{") || strings.Contains(s, "{%")
}

// templated returns the first field with a template mark among those that give
// an entity its place in the catalogue (see the package comment), or "".
func templated(root *value) (field string, line int) {
	for i, k := range root.keys {
		v := root.items[i]
		switch k {
		case "apiVersion", "kind":
			if marked(v, 0) {
				return k, v.line
			}
		case "metadata":
			for j, inner := range v.keys {
				if inner != "description" && (isTemplate(inner) || marked(v.items[j], 0)) {
					return "metadata." + inner, v.items[j].line
				}
			}
		case "spec":
			for j, inner := range v.keys {
				if (inner == "type" || inner == "lifecycle" || slices.ContainsFunc(fields, func(f fieldRule) bool { return f.name == inner })) && marked(v.items[j], 0) {
					return "spec." + inner, v.items[j].line
				}
			}
		}
	}
	return "", 0
}

// marked looks for a mark in a value, three levels deep: no field of the
// envelope nests further. {{ x }} without quotes parses as a mapping whose key
// is a mapping, which the reader refuses before this.
func marked(v *value, depth int) bool {
	if v.kind == stringValue {
		return isTemplate(v.text)
	}
	if depth >= 3 {
		return false
	}
	for i, item := range v.items {
		if i < len(v.keys) && isTemplate(v.keys[i]) || marked(item, depth+1) {
			return true
		}
	}
	return false
}
