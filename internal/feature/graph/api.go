package graph

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"steward/internal/platform/access"
	"steward/internal/platform/api"
	"steward/internal/platform/fault"
	"steward/internal/platform/relation"
)

func (f *Feature) mountAPI(a huma.API) {
	api.Get(a, api.Doc{
		Path: "/api/v1/graph", Tag: "Graph", Summary: "What is next to a record", Needs: access.ReadEstate,
		Text: "Groups are all relations of the record itself, a part of each; with group one of them by pages of 100. Nodes and lines are the picture: many records of one kind are one node.",
	}, f.graphOf)
	api.Get(a, api.Doc{
		Path: "/api/v1/graph/path", Tag: "Graph", Summary: "The shortest ways from one record to another", Needs: access.ReadEstate,
		Text: "How one comes to depend on the other; with any=yes how they hang together at all. At most 5 ways of at most 6 steps.",
	}, f.pathOf)
}

func (f *Feature) graphOf(ctx context.Context, v access.Viewer, in *struct {
	Of    string   `query:"of" required:"true" maxLength:"600" doc:"The record: kind and id, such as component:0198…"`
	Depth int      `query:"depth" minimum:"1" maximum:"3" default:"1" doc:"Steps around it"`
	Types []string `query:"types" maxItems:"50" doc:"Only these relations"`
	Kinds []string `query:"kinds" maxItems:"50" doc:"Only these kinds of records"`
	Open  []string `query:"open,explode" maxItems:"50" doc:"Records that are followed even when they are depth away"`
	Group string   `query:"group" doc:"The list of one relation: the key of a group"`
	Page  int      `query:"page" minimum:"1" maximum:"100" default:"1" doc:"Of that list"`
},
) (Neighbourhood, error) {
	of, err := parse(in.Of)
	if err != nil {
		return Neighbourhood{}, err
	}
	q := Question{Of: of, Depth: in.Depth, Types: in.Types, Kinds: in.Kinds, Group: in.Group, Page: in.Page}
	for _, text := range in.Open {
		ref, err := parse(text)
		if err != nil {
			return Neighbourhood{}, err
		}
		q.Open = append(q.Open, ref)
	}
	return f.Of(ctx, v, q)
}

func (f *Feature) pathOf(ctx context.Context, v access.Viewer, in *struct {
	From string `query:"from" required:"true" maxLength:"600" doc:"The record that depends: kind and id"`
	To   string `query:"to" required:"true" maxLength:"600" doc:"The record that it depends on"`
	Any  string `query:"any" enum:"yes,no" default:"no" doc:"Follow every relation in either direction"`
},
) (Paths, error) {
	from, err := parse(in.From)
	if err != nil {
		return Paths{}, err
	}
	to, err := parse(in.To)
	if err != nil {
		return Paths{}, err
	}
	return f.Between(ctx, v, Between{From: from, To: to, Any: in.Any == "yes"})
}

// parse reads a record as somebody wrote it.
func parse(text string) (relation.Ref, error) {
	ref, ok := relation.Parse(text)
	if !ok {
		return ref, fault.New(fault.Invalid, "%q names no record: write its kind and its id, such as component:0198.", text)
	}
	return ref, nil
}
