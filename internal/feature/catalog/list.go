package catalog

import (
	"fmt"

	"steward/internal/feature/catalog/ownership"
	"steward/internal/feature/catalog/value"
	"steward/internal/platform/access"
	"steward/internal/platform/listing"
)

var (
	ownerWords = map[string]string{ownership.Declared: "Declared", ownership.Confirmed: "Confirmed", ownership.Inferred: "Inferred", ownership.Disputed: "Sources disagree", ownership.NoOwner: "No owner"}
	ownerTones = map[string]string{ownership.Declared: "good", ownership.Confirmed: "good", ownership.Inferred: "none", ownership.Disputed: "info", ownership.NoOwner: "warn"}
	lifeTones  = map[string]string{"production": "good", "deprecated": "warn", "experimental": "info"}
)

// unchanged holds for components whose last change lies more than two years back.
var unchanged = yearsAgo("c.last_changed_day", 2)

// unseen holds for components whose owner is known and has changed nothing in the repository for a year.
var unseen = yearsAgo("c.owner_seen_day", 1)

// yearsAgo is the condition that a day, YYYY-MM-DD or empty when not known,
// lies more than some years back: both engines write dates alike, so days are
// compared as text.
func yearsAgo(day string, years int) string {
	return fmt.Sprintf(`(%[1]s <> '' AND %[1]s < CAST(CAST(substr(CAST(CURRENT_DATE AS TEXT), 1, 4) AS INTEGER) - %[2]d AS TEXT) || substr(CAST(CURRENT_DATE AS TEXT), 5))`, day, years)
}

// OwnedByTeam is the table of what teams own, for the list of teams.
const OwnedByTeam = `(SELECT c.owner_team_id AS team_id, COUNT(*) AS components, MAX(c.last_changed_at) AS changed_at FROM component c JOIN repository r ON r.id = c.repository_id
	WHERE c.owner_team_id <> 0 AND ` + here + ` AND {visible r.visibility} GROUP BY c.owner_team_id)`

// here holds for components that are there now, in repositories that stand for themselves.
const here = "c.gone_at = 0 AND r.joined_into = 0"

// languageSQL is the component's language; that of the whole repository is measured more closely.
var languageSQL = `CASE WHEN c.root = '' AND r.main_language <> '' AND ` + value.Original("language") + ` THEN r.main_language ELSE NULLIF(c.language, '') END`

var componentList = listing.Spec{
	Name: "components", Title: "Components", Noun: "component", Plural: "components",
	From: "component c JOIN repository r ON r.id = c.repository_id LEFT JOIN team t ON t.id = c.owner_team_id",
	Base: here,
	Key:  "c.id", KeyKind: listing.Number, IDs: map[string]string{"repository": "r.id", "component": "c.id"},
	Where: func(v access.Viewer) string { return v.Where("r.visibility") },
	Columns: []listing.Column{
		{Key: "name", Label: "Component", SQL: "c.name", Sort: true, Link: "/components/{id}"},
		{Key: "repository", Label: "Repository", SQL: "r.name", Context: true},
		{Key: "folder", Label: "Folder", SQL: "NULLIF(c.root, '')", Context: true},
		{Key: "owner", Label: "Owner", SQL: "NULLIF(c.owner_name, '')", Kind: listing.Owner, Sort: true, Priority: 2, Unknown: "No owner", Link: "/teams/{team_id}"},
		{Key: "ownership", Label: "Known by", SQL: "c.owner_state", Kind: listing.Status, Words: ownerWords, Tones: ownerTones, Sort: true, Hidden: true},
		{Key: "type", Label: "Kind", SQL: "NULLIF(c.type, '')", Sort: true, Priority: 2},
		{Key: "lifecycle", Label: "Lifecycle", SQL: "NULLIF(c.lifecycle, '')", Kind: listing.Badge, Tones: lifeTones, Sort: true, Priority: 3},
		{Key: "language", Label: "Language", SQL: languageSQL, Sort: true, Priority: 3},
		{Key: "licence", Label: "Licence", SQL: "NULLIF(c.licence, '')", Sort: true, Priority: 4, Unknown: "None found"},
		{Key: "changed", Label: "Last change", SQL: "COALESCE(NULLIF(c.last_changed_at, 0), NULLIF(r.last_commit_at, 0))", Kind: listing.Time, Sort: true, Priority: 2},
		{Key: "title", Label: "Title", SQL: "NULLIF(c.title, '')", Hidden: true},
		{Key: "description", Label: "Description", SQL: "NULLIF(c.description, '')", Hidden: true},
		{Key: "ref", Label: "Entity", SQL: "NULLIF(c.ref, '')", Hidden: true},
		{Key: "system", Label: "System", SQL: "NULLIF(c.system, '')", Hidden: true},
		{Key: "owner_source", Label: "Owner named by", SQL: "NULLIF(c.owner_source, '')", Hidden: true},
		{Key: "owner_from", Label: "Owner named at", SQL: "NULLIF(c.owner_from, '')", Hidden: true},
		{Key: "owner_not_seen", Label: "Owner not seen for a year", SQL: unseen, Kind: listing.YesNo, Hidden: true},
		{Key: "type_basis", Label: "Kind is", SQL: "NULLIF(c.type_basis, '')", Hidden: true},
		{Key: "files", Label: "Files", SQL: "c.files", Kind: listing.Number, Sort: true, Hidden: true},
		{Key: "team_id", Label: "Team id", SQL: "CASE WHEN c.owner_kind = 'team' THEN t.uid END", Hidden: true},
		{Key: "repository_id", Label: "Repository id", SQL: "r.uid", Hidden: true},
		{Key: "id", Label: "Id", SQL: "c.uid", Hidden: true},
	},
	Filters: []listing.Filter{
		{Key: "owner", Label: "Owner", SQL: "NULLIF(c.owner_name, '')", Unknown: "No owner"},
		{Key: "ownership", Label: "Known by", SQL: "c.owner_state", Choices: []listing.Choice{
			{Value: ownership.Confirmed, Label: "Confirmed"},
			{Value: ownership.Declared, Label: "Declared"},
			{Value: ownership.Inferred, Label: "Inferred"},
			{Value: ownership.Disputed, Label: "Sources disagree"},
			{Value: ownership.NoOwner, Label: "No owner"},
		}},
		{Key: "owner_not_seen", Label: "Owner not seen for a year", SQL: unseen, Kind: listing.Yes},
		{Key: "type", Label: "Kind", SQL: "NULLIF(c.type, '')", Unknown: "Unknown"},
		{Key: "lifecycle", Label: "Lifecycle", SQL: "NULLIF(c.lifecycle, '')", Unknown: "Unknown"},
		{Key: "language", Label: "Language", SQL: languageSQL, Unknown: "Unknown"},
		{Key: "licence", Label: "Licence", SQL: "NULLIF(c.licence, '')", Unknown: "None found"},
		{Key: "system", Label: "System", SQL: "NULLIF(c.system, '')", Unknown: "None named"},
		{Key: "changed", Label: "Last change", SQL: "COALESCE(NULLIF(c.last_changed_at, 0), NULLIF(r.last_commit_at, 0))", Kind: listing.When, Unknown: "Never"},
		{Key: "repository", Label: "Repository", SQL: "r.name"},
	},
	Search: []string{"c.name", "c.title", "r.name", "c.root"},
	Views: []listing.View{
		{Key: "no-owner", Label: "No owner", Where: "c.owner_state = 'none' AND " + value.Live},
		{Key: "disputed", Label: "Sources disagree", Where: "c.owner_state = 'disputed' AND " + value.Live},
		{Key: "inferred", Label: "Inferred owner", Where: "c.owner_state = 'inferred'"},
		{Key: "owner-not-seen", Label: "Owner not seen for a year", Where: unseen},
		{Key: "unchanged", Label: "Unchanged two years", Where: unchanged, Sort: listing.Sort{Column: "changed"}},
	},
	Default: listing.Sort{Column: "changed", Desc: true},
	Empty:   listing.Empty{Title: "No components yet", Text: "A manifest or a catalogue entry in a repository makes a component. They appear as repositories are read.", Label: "Follow in Jobs", Href: "/jobs"},
}

// entityList leaves people out: their entries are names.
var entityList = listing.Spec{
	Name: "entities", Title: "Catalogue entries", Noun: "entry", Plural: "entries",
	From:  "entity e JOIN repository r ON r.id = e.repository_id LEFT JOIN component c ON c.id = e.component_id",
	Base:  "r.joined_into = 0 AND lower(e.kind) <> 'user'",
	Key:   "e.ref || ' ' || r.uid",
	Where: func(v access.Viewer) string { return v.Where("r.visibility") },
	Columns: []listing.Column{
		{Key: "name", Label: "Entry", SQL: "e.name", Sort: true, Link: "/entities/{id}"},
		{Key: "title", Label: "Title", SQL: "NULLIF(e.title, '')", Context: true},
		{Key: "kind", Label: "Kind", SQL: "e.kind", Kind: listing.Badge, Sort: true},
		{Key: "type", Label: "Type", SQL: "NULLIF(e.type, '')", Sort: true, Priority: 3},
		{Key: "lifecycle", Label: "Lifecycle", SQL: "NULLIF(e.lifecycle, '')", Kind: listing.Badge, Tones: lifeTones, Sort: true, Priority: 3},
		{Key: "owner", Label: "Owner as written", SQL: "CASE WHEN e.owner LIKE 'user:%' THEN 'a user' ELSE NULLIF(e.owner, '') END", Sort: true, Priority: 2, Unknown: "None written"},
		{Key: "repository", Label: "Repository", SQL: "r.name", Sort: true, Priority: 2, Link: "/repositories/{repository_id}"},
		{Key: "file", Label: "File", SQL: "e.file", Kind: listing.Code, Priority: 3},
		{Key: "line", Label: "Line", SQL: "e.line", Kind: listing.Number, Hidden: true},
		{Key: "ref", Label: "Reference", SQL: "e.ref", Hidden: true},
		{Key: "repository_id", Label: "Repository id", SQL: "r.uid", Hidden: true},
		{Key: "component_id", Label: "Component id", SQL: "c.uid", Hidden: true},
		{Key: "id", Label: "Id", SQL: "e.uid", Hidden: true},
	},
	Filters: []listing.Filter{
		{Key: "kind", Label: "Kind", SQL: "e.kind"},
		{Key: "type", Label: "Type", SQL: "NULLIF(e.type, '')", Unknown: "None"},
		{Key: "lifecycle", Label: "Lifecycle", SQL: "NULLIF(e.lifecycle, '')", Unknown: "None"},
		{Key: "repository", Label: "Repository", SQL: "r.name"},
	},
	Search:  []string{"e.name", "e.title", "e.ref"},
	Default: listing.Sort{Column: "name"},
	Empty:   listing.Empty{Title: "No catalogue entries yet", Text: "A file catalog-info.yaml in a repository says what is there, who owns it and what it depends on. Steward keeps all of it."},
}
