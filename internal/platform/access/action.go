package access

import (
	"maps"
	"slices"
	"strings"
)

// Action is something that needs a right. Its text completes "may not …" in a sentence for people.
type Action string

// The actions.
const (
	// ReadEstate reads repositories, components and what is known of them, except restricted ones.
	ReadEstate Action = "read the estate"
	// ReadRestricted also reads restricted repositories and what comes from them.
	ReadRestricted Action = "read restricted repositories"
	// LinkRecords joins, splits, links and corrects records.
	LinkRecords Action = "link or correct records"
	// DecideCorrections decides on what others say to be wrong, of any record.
	DecideCorrections Action = "decide on corrections"
	// ReadJobs sees jobs, their progress and errors.
	ReadJobs Action = "see jobs"
	// RunJobs starts, repeats and cancels jobs.
	RunJobs Action = "run jobs"
	// ManageSources adds, changes and removes sources.
	ManageSources Action = "manage sources"
	// ManageAccounts adds, changes and removes accounts and their tokens.
	ManageAccounts Action = "manage accounts"
	// ManageSettings changes settings of this Steward.
	ManageSettings Action = "change settings"
	// KeepBackups copies the whole database, and fills an empty one.
	KeepBackups Action = "make or restore backups"
	// ReadAudit reads and verifies the audit log.
	ReadAudit Action = "read the audit log"
)

// grants is the one table of roles and actions. An action that is not listed is nobody's.
var grants = map[Action][]Role{
	ReadEstate:        {Admin, Member, Auditor},
	ReadRestricted:    {Admin, Auditor},
	LinkRecords:       {Admin, Member},
	DecideCorrections: {Admin},
	ReadJobs:          {Admin, Auditor},
	RunJobs:           {Admin},
	ManageSources:     {Admin},
	ManageAccounts:    {Admin},
	ManageSettings:    {Admin},
	KeepBackups:       {Admin},
	ReadAudit:         {Admin, Auditor},
}

// Actions lists all actions, in the order of their texts.
func Actions() []Action { return slices.Sorted(maps.Keys(grants)) }

// Covers reports whether r may do all that other may.
func (r Role) Covers(other Role) bool {
	for a := range grants {
		if allowed(other, a) && !allowed(r, a) {
			return false
		}
	}
	return true
}

func allowed(role Role, a Action) bool {
	for _, r := range grants[a] {
		if r == role {
			return true
		}
	}
	return false
}

// holders names the roles that may do a: "admin or auditor".
func holders(a Action) string {
	var names []string
	for _, r := range grants[a] {
		names = append(names, string(r))
	}
	return strings.Join(names, " or ")
}
