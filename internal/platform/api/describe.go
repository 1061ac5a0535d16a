package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"steward/internal/platform/listing"
	"steward/internal/platform/web"
)

// Mount gives the API, its description and the page of it to the hub. Call it when every feature
// has mounted its lists and operations.
func (a *API) Mount(s *web.Server) {
	open := a.huma.OpenAPI()
	for _, l := range s.Lists() {
		open.AddOperation(listOperation(l))
	}
	raw, err := json.MarshalIndent(open, "", " ")
	s.Mount(prefix, a)
	s.Raw("GET /openapi.json", "", func(w http.ResponseWriter, _ *web.Request) error {
		if err != nil {
			return fmt.Errorf("write the description of the API: %w", err)
		}
		w.Header().Set("Content-Type", "application/vnd.oai.openapi+json;version=3.1")
		w.Header().Set("Cache-Control", "private, no-cache")
		_, _ = w.Write(raw) // whoever asked may have gone away
		return nil
	})
	s.Templates("api", pages)
	s.Page("/api", "", func(*web.Request) (web.Page, error) {
		return web.Page{
			Title: "API", Lede: "The hub for programs.", Template: "api/overview", Data: pageOf(open),
			API: "/openapi.json",
		}, nil
	})
}

// problems are the errors of lists, as Get describes those of operations.
func problems() map[string]*huma.Response {
	all := map[string]*huma.Response{}
	for code, text := range map[string]string{"401": "Nobody is signed in, or the token works no more", "403": "The role may not do this", "404": "There is no such record, or it may not be seen"} {
		all[code] = &huma.Response{Description: text, Content: map[string]*huma.MediaType{"application/problem+json": {Schema: problemSchema()}}}
	}
	return all
}

func problemSchema() *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{
		"title": {Type: huma.TypeString}, "status": {Type: huma.TypeInteger}, "detail": {Type: huma.TypeString, Description: "A sentence for people, with what to do"},
		"error_id": {Type: huma.TypeString, Description: "Under which the log of Steward has more"},
	}}
}

// listOperation describes a list by its declaration, which is also what answers it.
func listOperation(l web.Listed) *huma.Operation {
	s := l.Spec
	op := &huma.Operation{
		OperationID: operationID(prefix + s.Name), Method: http.MethodGet, Path: prefix + s.Name, Tags: []string{s.Title}, Summary: "The list of " + s.Plural,
		Responses: problems(),
	}
	op.Responses["200"] = &huma.Response{Description: "One page of " + s.Plural, Content: map[string]*huma.MediaType{"application/json": {Schema: pageSchema(s)}}}
	add := func(name, text string, schema *huma.Schema) {
		op.Parameters = append(op.Parameters, &huma.Param{Name: name, In: "query", Description: text, Schema: schema})
	}
	if len(s.Search) > 0 {
		add("q", "Words that must occur", &huma.Schema{Type: huma.TypeString})
	}
	for _, f := range s.Filters {
		add(f.Key, filterText(f), filterSchema(f))
	}
	if len(s.Views) > 0 {
		var keys, words []any
		for _, v := range s.Views {
			keys, words = append(keys, v.Key), append(words, v.Key+": "+v.Label)
		}
		add("view", "A fixed part: "+join(words), &huma.Schema{Type: huma.TypeString, Enum: keys})
	}
	if sorts := sortsOf(s); len(sorts) > 0 {
		add("sort", "Column to order by, with - before it downwards", &huma.Schema{Type: huma.TypeString, Enum: sorts})
	}
	add("limit", "Rows a page", &huma.Schema{Type: huma.TypeInteger, Enum: []any{25, 50, 100}, Default: 25})
	add("after", "Place in the list; next holds it ready-made", &huma.Schema{Type: huma.TypeString})
	return op
}

func join(words []any) string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = fmt.Sprint(w)
	}
	return strings.Join(all, ", ")
}

func sortsOf(s listing.Spec) []any {
	var all []any
	for _, c := range s.Columns {
		if c.Sort {
			all = append(all, c.Key, "-"+c.Key)
		}
	}
	return all
}

func filterText(f listing.Filter) string {
	text := f.Label
	switch f.Kind {
	case listing.Range:
		text += ": 10..20, 10.., ..20 or 10"
	case listing.When:
		text += ": 30d (within 30 days), older-365d, or 2026-01-01..2026-02-01"
	case listing.OneOf:
		text += "; several values mean any of them"
	case listing.Contains:
		text += " contains this, in either case"
	case listing.Holds:
		text += " is this"
	}
	if f.Unknown != "" && (f.Kind == listing.OneOf || f.Kind == listing.When) {
		text += "; - is " + strings.ToLower(f.Unknown[:1]) + f.Unknown[1:]
	}
	return text
}

func filterSchema(f listing.Filter) *huma.Schema {
	switch f.Kind {
	case listing.Yes:
		return &huma.Schema{Type: huma.TypeString, Enum: []any{"yes", "no"}}
	case listing.OneOf:
		item := &huma.Schema{Type: huma.TypeString}
		for _, c := range f.Choices {
			item.Enum = append(item.Enum, c.Value)
		}
		if f.Unknown != "" && len(item.Enum) > 0 {
			item.Enum = append(item.Enum, listing.None)
		}
		return &huma.Schema{Type: huma.TypeArray, Items: item}
	}
	return &huma.Schema{Type: huma.TypeString}
}

func pageSchema(s listing.Spec) *huma.Schema {
	row := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{}}
	for _, c := range s.Columns {
		row.Properties[c.Key] = columnSchema(c)
		row.Required = append(row.Required, c.Key)
	}
	return &huma.Schema{Type: huma.TypeObject, Required: []string{"items", "total", "total_is_more"}, Properties: map[string]*huma.Schema{
		"items":         {Type: huma.TypeArray, Items: row},
		"total":         {Type: huma.TypeInteger, Description: "Rows under the query, exact up to 10,000"},
		"total_is_more": {Type: huma.TypeBoolean, Description: "There are more than total"},
		"next":          {Type: huma.TypeString, Description: "Address of the next page; absent at the end"},
	}}
}

// columnSchema says what a column holds in JSON, as listing.Spec.Object writes it.
func columnSchema(c listing.Column) *huma.Schema {
	schema := &huma.Schema{Type: huma.TypeString, Nullable: true, Description: c.Label}
	switch c.Kind {
	case listing.Number, listing.Bytes:
		schema.Type = huma.TypeInteger
	case listing.Share:
		schema.Type = huma.TypeNumber
	case listing.YesNo:
		schema.Type = huma.TypeBoolean
	case listing.Time:
		schema.Format = "date-time"
	case listing.Date:
		schema.Format = "date"
	case listing.JSON:
		schema.Type = "" // any
	case listing.Split:
		schema.Type, schema.AdditionalProperties = huma.TypeObject, &huma.Schema{Type: huma.TypeNumber}
	case listing.Spark:
		schema.Type, schema.Items = huma.TypeArray, &huma.Schema{Type: huma.TypeNumber}
	}
	if len(c.Words) > 0 {
		var meanings []string
		for _, value := range slices.Sorted(maps.Keys(c.Words)) {
			meanings = append(meanings, value+" is "+c.Words[value])
		}
		schema.Description += " (" + strings.Join(meanings, ", ") + ")"
	}
	return schema
}
