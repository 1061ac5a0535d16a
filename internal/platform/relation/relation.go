// Package relation is the words in which features tell how their records hang
// together: what each knows of is a Known, and whoever draws or follows
// relations (feature graph) is given all of them by app. It keeps nothing.
//
// A relation goes from what needs, holds or is owned to what is needed, held or
// owns. Each is read both ways, many records at once, and obeys the viewer: an
// edge is given when the viewer may see both its ends and the file that says so.
package relation

import (
	"context"
	"strings"

	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// Ref names a record.
type Ref struct {
	Kind string `json:"kind"` // "component"
	ID   string `json:"id"`   // public id, as in the address of its page
}

// String writes the record as addresses name it: "component:0198...".
func (r Ref) String() string { return r.Kind + ":" + r.ID }

// Parse reads what String writes; false when there is no kind or no id.
func Parse(text string) (Ref, bool) {
	kind, id, _ := strings.Cut(text, ":")
	return Ref{Kind: kind, ID: id}, kind != "" && id != ""
}

// Record is a record with what people read of it.
type Record struct {
	Ref
	Name string `json:"name"`
	Note string `json:"note,omitempty"` // what tells it from others of its name, such as where it lies
	Href string `json:"href"`           // its page
}

// Edge says that two records hang together, and where that is written.
type Edge struct {
	From       Ref    `json:"from"`
	To         Ref    `json:"to"`
	Place      string `json:"place,omitempty"`      // "package-lock.json:12"; one of them when there are several
	Repository string `json:"repository,omitempty"` // in which the place lies
}

// In SQL of both engines the first of several places, with its repository, is
// MIN(name || Break || place): At reads it.
const Break = "'\n'"

// At sets place and repository from text that holds both, see Break. A place on
// line 0 is that of the file.
func (e *Edge) At(text string) {
	repository, place, _ := strings.Cut(text, "\n")
	e.Repository, e.Place = repository, strings.TrimSuffix(place, ":0")
}

// Ask asks for the edges of records.
type Ask struct {
	Of     []Ref // no more than MaxAsked
	Back   bool  // edges that end at them; else those that begin at them
	Limit  int   // of edges
	Offset int   // edges left out before the first
}

// MaxAsked is how many records one Ask is about at most.
const MaxAsked = 400

// IDs are the ids of one kind that are asked about.
func (a Ask) IDs(kind string) []string {
	var ids []string
	for _, r := range a.Of {
		if r.Kind == kind {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// Kind is a kind of records.
type Kind struct {
	Name, One, Many string // "component", "component", "components"
	Icon            string // name of a symbol of the hub
	// Find gives those of the records that are there and that the viewer may see. It is asked for
	// no more than MaxAsked.
	Find func(ctx context.Context, v access.Viewer, ids []string) ([]Record, error)
}

// Type is a type of relations.
type Type struct {
	Name     string   // "uses"
	From, To []string // kinds of records at either end
	Word     string   // as read from its beginning: "uses"
	Back     string   // as read from its end: "used by"
	Rests    bool     // what it begins at rests on what it ends at: it is part of how one comes to depend on the other
	// Edges gives edges by the name of the other end, each pair of records once.
	Edges func(context.Context, access.Viewer, Ask) ([]Edge, error)
}

// Known is what a feature knows of the graph.
type Known struct {
	Kinds []Kind
	Types []Type
}

// In writes ids as an SQL list of arguments, of which the first is $first:
// "($3, $4)". Without ids it is a list that holds nothing.
func In(first int, ids []string) (list string, args []any) {
	if len(ids) == 0 {
		return "(NULL)", nil
	}
	return "(" + store.Marks(first, len(ids)) + ")", store.Args(ids)
}
