package api

import (
	"cmp"
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed page
var pages embed.FS

// overview is what page/overview.tmpl shows, made from the same document as /openapi.json.
type overview struct {
	Text   string
	Groups []group
}

type group struct {
	ID, Title  string
	Operations []operation
}

type operation struct {
	ID, Method, Path, Summary, Text string
	Parameters                      []field
	Answer                          []field
	Try                             string // address to open in the browser, "" when it needs a parameter
}

type field struct {
	Name, Type, Text string
	Required         bool
}

func pageOf(open *huma.OpenAPI) overview {
	groups := map[string][]operation{}
	for path, item := range open.Paths {
		if item.Get != nil {
			tag := "Others"
			if len(item.Get.Tags) > 0 {
				tag = item.Get.Tags[0]
			}
			groups[tag] = append(groups[tag], operationOf(open, path, item.Get))
		}
	}
	out := overview{Text: open.Info.Description}
	for _, tag := range slices.Sorted(maps.Keys(groups)) {
		slices.SortFunc(groups[tag], func(a, b operation) int { return cmp.Compare(a.Path, b.Path) })
		out.Groups = append(out.Groups, group{ID: "group-" + strings.ToLower(strings.ReplaceAll(tag, " ", "-")), Title: tag, Operations: groups[tag]})
	}
	return out
}

func operationOf(open *huma.OpenAPI, path string, op *huma.Operation) operation {
	o := operation{ID: op.OperationID, Method: op.Method, Path: path, Summary: op.Summary, Text: op.Description}
	if !strings.Contains(path, "{") {
		o.Try = path
	}
	for _, p := range op.Parameters {
		text := p.Description
		if text == "" && p.Schema != nil {
			text = p.Schema.Description
		}
		o.Parameters = append(o.Parameters, field{p.Name, typeOf(open, p.Schema), text, p.Required})
	}
	if ok := op.Responses["200"]; ok != nil {
		for _, media := range ok.Content {
			o.Answer = fieldsOf(open, "", media.Schema, 0)
		}
	}
	return o
}

// maxDepth is how deep the fields of an answer are listed.
const maxDepth = 4

// fieldsOf lists the fields of a schema, those below with their path: items[].name.
func fieldsOf(open *huma.OpenAPI, at string, s *huma.Schema, depth int) []field {
	s = resolved(open, s)
	if s == nil || depth > maxDepth {
		return nil
	}
	if s.Type == huma.TypeArray {
		return fieldsOf(open, at+"[]", s.Items, depth+1)
	}
	var all []field
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		below := name
		if at != "" {
			below = at + "." + name
		}
		property := s.Properties[name]
		text := property.Description
		if text == "" && resolved(open, property) != nil {
			text = resolved(open, property).Description
		}
		all = append(all, field{below, typeOf(open, property), text, slices.Contains(s.Required, name)})
		all = append(all, fieldsOf(open, below, property, depth+1)...)
	}
	return all
}

func resolved(open *huma.OpenAPI, s *huma.Schema) *huma.Schema {
	if s != nil && s.Ref != "" {
		return open.Components.Schemas.SchemaFromRef(s.Ref)
	}
	return s
}

// typeOf writes a type in words: "string", "integer or null", "date-time", "array of string", with
// the values when they are few and fixed.
func typeOf(open *huma.OpenAPI, s *huma.Schema) string {
	s = resolved(open, s)
	if s == nil {
		return ""
	}
	text := cmp.Or(s.Format, s.Type)
	if text == "int64" || text == "int32" {
		text = "integer"
	}
	if s.Type == huma.TypeArray {
		text = "array of " + cmp.Or(typeOf(open, s.Items), "anything")
	}
	if len(s.Enum) > 0 {
		values := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			values[i] = fmt.Sprint(v)
		}
		text = strings.Join(values, " | ")
	}
	if s.Nullable {
		text += " or null"
	}
	return text
}
