// Package comparison is the words in which features say how somebody else's list differs from what
// Steward knows: what is in both, what only they have, what only we have, and why. Feature compare is
// given an Of for each kind of list by app. It keeps nothing.
package comparison

import (
	"context"
	"time"

	"steward/internal/format/inventory"
	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// Side says who has what a row is about.
type Side string

// The sides.
const (
	Both     Side = "both"
	OnlyThem Side = "only them"
	OnlyUs   Side = "only us"
)

// Row is one thing that is in one list, or in both.
type Row struct {
	Side       Side   `json:"side"`
	Theirs     string `json:"theirs"` // as they name it; "" when they do not
	Place      string `json:"place"`  // in their file: "line 4"
	Ours       string `json:"ours"`   // as Steward names it; "" when it does not have it
	Href       string `json:"href"`   // its page
	TheirOwner string `json:"their_owner"`
	OurOwner   string `json:"our_owner"`
	Kind       string `json:"kind"`   // of reason, in a few words that many rows share: "no source holds it"
	Reason     string `json:"reason"` // why it is only here or there, or what else differs; "" when there is nothing to say
}

// Question is a list, and what it is laid beside.
type Question struct {
	List inventory.List
	In   string    // name of a repository or component; "" is the whole estate
	At   time.Time // when their list was made; zero when that is not known
}

// Answer is how a list differs.
type Answer struct {
	Noun, Plural string // what the rows are: "repository", "repositories"
	Scope        string // what the list was laid beside: "the whole estate"
	Base         string // what the answer stands on: "186 of 200 repositories read"
	Rows         []Row  // in the order of their list; those that only we have last, by name
	Notes        []string
}

// Of compares, as the viewer may see. A question that cannot be answered is fault.Invalid.
type Of func(ctx context.Context, r store.Reader, v access.Viewer, q Question) (Answer, error)
