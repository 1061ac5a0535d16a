// Package portfolio keeps the firm's own view of its software: applications, as its asset register
// has them, the units that they belong to, and which repositories and components make them up.
//
// All of it comes from a file that the firm exports and people give to Steward, as often as they
// like (steward import context FILE):
//
//	sheet   what the file says: columns, values, rows of one application
//	catalog/match  which repository or component a name means; never a guess
//	plan    what is new, changed, the same, missing; what was not matched
//	apply   the plan, in one transaction with its line in the audit log
//
// A value that the file has no column for stays as another file said it. An application that a file
// does not name is kept, unless the file is said to be complete. Each value has the file, line and
// time at which it was stated.
//
// Everybody with an account sees applications and units: they are the firm's own words. What they
// are made of obeys the visibility of its repositories, and so do all counts; names that matched
// nothing are shown to those alone who may see everything, as one of them may be of a repository
// that is restricted. Names of people are not kept: an owner who is no team is "a person".
package portfolio

import (
	"time"

	"steward/internal/platform/measure"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
)

// Application is one asset of the firm. Text that is not known is empty.
type Application struct {
	ID         string    `json:"id"`
	Key        string    `json:"key"` // the firm's own id
	Name       string    `json:"name"`
	Tier       string    `json:"tier"`
	Status     string    `json:"status"`   // production, internal, retired, or as written
	External   string    `json:"external"` // yes, no, or as written
	DataClass  string    `json:"data_class"`
	Owner      string    `json:"owner"`      // of a team
	OwnerKind  string    `json:"owner_kind"` // team, or person: then there is no name
	CostCentre string    `json:"cost_centre"`
	UnitID     string    `json:"unit_id"`
	From       string    `json:"unit_from"` // YYYY-MM-DD
	To         string    `json:"unit_to"`
	File       string    `json:"file"`
	Line       int       `json:"line"`
	Stated     time.Time `json:"stated"`
	Gone       time.Time `json:"gone,omitzero"` // since when a complete file does not name it
}

// Unit is a part of the firm.
type Unit struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"` // country, legal entity, division, unit, team
	Name     string    `json:"name"`
	ParentID string    `json:"parent_id"`
	File     string    `json:"file"`
	Line     int       `json:"line"`
	Stated   time.Time `json:"stated"`
	Gone     time.Time `json:"gone,omitzero"`

	place string
	above []string // ids of itself and of those above it; of new ones only
}

// Kinds of owners.
const (
	ofTeam   = "team"
	ofPerson = "person"
)

// Config is what New needs beside the platform; the zero value works.
type Config struct {
	// Packages is a table of repository_id, component_id, package_id, one row for each use of a
	// package outside of test data; empty: nothing is known of packages.
	Packages string
	// Panels are parts of the pages of units and of applications.
	Panels []web.Panel[measure.Scope]
}

// Feature keeps applications and units.
type Feature struct {
	db       *store.DB
	now      func() time.Time
	packages string
	panels   []web.Panel[measure.Scope]
	server   *web.Server // draws panels; set when pages are mounted
}

// New returns the feature over the platform's database.
func New(p mount.Platform, c Config) *Feature {
	return &Feature{db: p.DB, now: p.Now, packages: c.Packages, panels: c.Panels}
}
