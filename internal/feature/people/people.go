// Package people keeps who works on what as far as the firm wants to know it:
// teams, persons with their identities, and what the history of repositories
// adds up to.
//
// An identity is a name with an address as commits have it, or an account as
// owner files name it; identities that belong together are a person. They are
// grouped by the rules of package identity and by what people decided by hand:
//
//	commit, trailer, owner file → identity → person   package joining, at once and then in the job people.join
//	taken apart by a person                            identity_apart; no rule joins it again
//	joined by a person                                 identity_join
//	erased                                             its names are gone and do not come back
//
// Ids of identities are digests, the id of a person is that of its first
// identity: rereading and regrouping change neither ids nor page addresses.
// Names and addresses stand in the table person_name and nowhere else.
//
// How much is shown is one setting of the firm, obeyed by sight in shown.go,
// through which all pages, lists, exports, search and other features go:
//
//	off    no people: no places, pages or search; no figures of groups; teams
//	       are still shown as owners of things, without members
//	team   persons whom owner files name, by the name that the file has; groups
//	       under five are "fewer than five"
//	named  names; still nothing counts, ranks or scores a person
//
// The history is folded commit by commit (fold.go); sums are kept between
// readings, so that new commits alone are read. Merges count as commits and
// for no component. Bulk and reformatting commits (bulk.go) never count for
// owners.
package people

import (
	"context"

	"steward/internal/feature/people/grouping"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
)

// Panel is a part of a team's page that another feature brings, such as what it owns.
type Panel = web.Panel[Team]

// Config is what New needs beside the platform; the zero value works.
type Config struct {
	Panels []Panel // parts of the team page
	// Owned is SQL for a table of what teams own: team_id, components and
	// changed_at (µs, 0 when not known), as far as a viewer may see them
	// ({visible r.visibility}). Empty when nothing is owned.
	Owned string
	// OnErased follows names that were erased, in that transaction; may be nil.
	OnErased func(ctx context.Context, tx *store.Tx, e Erasure) error
	// OnJoined follows identities grouped or classified anew, in that transaction; may be nil.
	OnJoined func(ctx context.Context, tx *store.Tx) error
}

// Feature keeps the people of one firm.
type Feature struct {
	p      mount.Platform
	db     *store.DB
	panels []Panel
	owned  string
	joined func(ctx context.Context, tx *store.Tx) error
	erased func(ctx context.Context, tx *store.Tx, e Erasure) error
	server *web.Server // draws panels; set when pages are mounted
}

// Erasure is what is erased of one person, for those who keep files that name
// people. It is kept nowhere.
type Erasure struct {
	Names        []grouping.Named
	Repositories []int64 // whose files name the person
}

// New returns the feature over the platform's database.
func New(p mount.Platform, c Config) *Feature {
	if c.Owned == "" {
		c.Owned = "(SELECT 0 AS team_id, 0 AS components, 0 AS changed_at)"
	}
	return &Feature{p: p, db: p.DB, panels: c.Panels, owned: c.Owned, joined: c.OnJoined, erased: c.OnErased}
}
