// Package ownership decides who owns a component: from what owner files and
// catalogue entries claim, from what a person confirmed, and from who changed
// it. It keeps nothing.
package ownership

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"steward/internal/format/descriptor"
)

// Sources of claims, the strongest first.
const (
	Entry      = "catalog-info"
	Codeowners = "CODEOWNERS"
	OwnerFile  = "OWNERS"
	Imported   = "imported" // a file of the firm
	Changes    = "changes"
)

// States of a claim and of a component's owner.
const (
	Declared  = "declared"
	Confirmed = "confirmed"
	Inferred  = "inferred"
	Disputed  = "disputed"
	Stale     = "stale" // any of these, and not seen for twelve months; never stored
	NoOwner   = "none"
)

// Kinds of owners.
const (
	Team   = "team"
	Person = "person"
)

// Claim is what one source says of a component's owner.
type Claim struct {
	Source   string
	State    string
	Kind     string
	Handle   string // of a team, as the source writes it
	Name     string // of a person, with the next two; never stored here
	Email    string
	Account  string
	TeamID   int64
	PersonID int64
	Share    float64 // 0..1; 0 when not measured
	Decides  bool
	File     string
	Line     int
	Note     string
}

// placeholders are owners that templates leave behind.
var placeholders = map[string]bool{
	"unknown": true, "tbd": true, "tba": true, "todo": true, "none": true, "n/a": true, "na": true, "nobody": true, "guest": true, "guests": true, "changeme": true,
	"change-me": true, "owner": true, "your-team": true, "my-team": true, "example": true, "placeholder": true, "fixme": true,
}

// OfEntry is the claim of spec.owner.
func OfEntry(file string, rel descriptor.Relation) Claim {
	c := Claim{Source: Entry, State: Declared, Decides: true, File: file, Line: rel.Line}
	ref := rel.TargetRef
	switch ref.Kind {
	case "user":
		c.Kind, c.Account = Person, ref.Name
	default:
		c.Kind, c.Handle = Team, Handle(ref)
	}
	if placeholders[ref.Name] {
		c.Decides, c.Note = false, "a placeholder, not an owner"
	}
	if ref.Kind != "user" && ref.Kind != "group" {
		c.Decides, c.Note = false, "an owner is a group or a user, not a "+ref.Kind
	}
	return c
}

// Handle is the handle of a Group: its name, with the namespace when it has one of its own.
func Handle(ref descriptor.Ref) string {
	if ref.Namespace == descriptor.DefaultNamespace {
		return ref.Name
	}
	return ref.Namespace + "/" + ref.Name
}

// Owner is who owns a component and how that is known.
type Owner struct {
	Kind   string `json:"kind,omitempty"` // team, person
	TeamID int64  `json:"-"`
	Name   string `json:"name"`
	State  string `json:"state"`
	Source string `json:"source,omitempty"`
	From   string `json:"from,omitempty"` // "file:line"
	Seen   string `json:"-"`              // day on which it changed something in the repository last; empty: not known
}

// Stale says that the owner is known, and has not been seen in the repository
// for twelve months.
func (o Owner) Stale(now time.Time) bool { return o.Seen != "" && Unseen(o.Seen, now) }

// Unseen says whether a day lies more than twelve months back.
func Unseen(day string, now time.Time) bool { return day < now.AddDate(-1, 0, 0).Format(time.DateOnly) }

// Settle picks the owner that counts among claims, whose teams are known by
// their ids; names gives the handle of a team. Confirmed is the team that a
// person confirmed, 0 for none.
func Settle(claims []Claim, confirmed int64, names map[int64]string) Owner {
	if confirmed != 0 {
		return Owner{Kind: Team, TeamID: confirmed, Name: names[confirmed], State: Confirmed, Source: "confirmed in Steward"}
	}
	var written [][]Claim // by source, strongest first
	for _, source := range []string{Entry, Codeowners, OwnerFile, Imported} {
		var some []Claim
		for _, c := range claims {
			if c.Source == source && c.State == Declared && c.Decides {
				some = append(some, c)
			}
		}
		if len(some) > 0 {
			written = append(written, some)
		}
	}
	for _, some := range written {
		owner, ok := ownerOf(some, names)
		if !ok {
			continue
		}
		owner.State = Declared
		if disputed(written) {
			owner.State = Disputed
		}
		return owner
	}
	for _, c := range claims {
		if c.State == Inferred && c.Decides && c.TeamID != 0 {
			return Owner{Kind: Team, TeamID: c.TeamID, Name: names[c.TeamID], State: Inferred, Source: c.Source}
		}
	}
	return Owner{State: NoOwner}
}

// ownerOf is the first team that one source names, else the team of its first
// person that has one, else its people.
func ownerOf(some []Claim, names map[int64]string) (Owner, bool) {
	first := some[0]
	i := slices.IndexFunc(some, func(c Claim) bool { return c.Kind == Team && c.TeamID != 0 })
	if i < 0 {
		i = slices.IndexFunc(some, func(c Claim) bool { return c.TeamID != 0 })
	}
	if i >= 0 {
		c := some[i]
		return Owner{Kind: Team, TeamID: c.TeamID, Name: names[c.TeamID], Source: c.Source, From: Place(c.File, c.Line)}, true
	}
	if first.PersonID == 0 {
		return Owner{}, false
	}
	word := "Person in "
	if len(some) > 1 {
		word = "People in "
	}
	return Owner{Kind: Person, Name: word + first.File[strings.LastIndexByte(first.File, '/')+1:], Source: first.Source, From: Place(first.File, first.Line)}, true
}

// disputed says whether two sources name teams and none in common. People
// among them speak for their team; a source that names people alone disputes nothing.
func disputed(written [][]Claim) bool {
	var sets []map[int64]bool
	for _, some := range written {
		set, names := map[int64]bool{}, false
		for _, c := range some {
			if c.TeamID != 0 {
				set[c.TeamID] = true
				names = names || c.Kind == Team
			}
		}
		if names {
			sets = append(sets, set)
		}
	}
	for i, a := range sets {
		for _, b := range sets[i+1:] {
			common := false
			for id := range a {
				common = common || b[id]
			}
			if !common {
				return true
			}
		}
	}
	return false
}

// Place writes file and line as one text; the line is left out when it is 0.
func Place(file string, line int) string {
	if line <= 0 || file == "" {
		return file
	}
	return file + ":" + strconv.Itoa(line)
}
