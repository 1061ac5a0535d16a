package coverage

import (
	"steward/internal/platform/access"
	"steward/internal/platform/listing"
)

// noteTables joins notes to their repository; those of a source have none.
const noteTables = "coverage_note n LEFT JOIN repository r ON r.id = n.repository_id"

// notesOfViewer shows the notes of the repositories that a viewer may see, and
// those of sources to who may manage them.
func notesOfViewer(v access.Viewer) string {
	if v.Can(access.ManageSources) {
		return "(r.id IS NULL OR " + v.Where("r.visibility") + ")"
	}
	return v.Where("r.visibility")
}

var notes = listing.Spec{
	Name: "coverage-notes", Title: "What was left out", Noun: "note", Plural: "notes",
	From:  noteTables,
	Base:  "COALESCE(r.joined_into, 0) = 0",
	IDs:   map[string]string{"repository": "n.repository_id"},
	Key:   "COALESCE(r.name, '') || '/' || n.source || '/' || n.repository_id || '/' || n.seq",
	Where: notesOfViewer,
	Columns: []listing.Column{
		{Key: "repository", Label: "Repository", SQL: "r.name", Sort: true, Link: "/repositories/{id}", Unknown: "A source"},
		{
			Key: "kind", Label: "Kind", SQL: "n.kind", Kind: listing.Status, Tones: map[string]string{"failed": "bad", "unresolved": "warn", "left out": "none"},
			Words: map[string]string{"failed": "Not read", "unresolved": "Incomplete", "left out": "Left out"}, Sort: true,
		},
		{Key: "path", Label: "Place", SQL: "NULLIF(n.path, '')", Kind: listing.Code, Unknown: "the whole repository", Priority: 2},
		{Key: "line", Label: "Line", SQL: "NULLIF(n.line, 0)", Kind: listing.Number, Hidden: true},
		{Key: "reason", Label: "Reason", SQL: "n.reason"},
		{Key: "source", Label: "Found by", SQL: "n.source", Priority: 4},
		{Key: "id", Label: "Repository id", SQL: "r.uid", Hidden: true},
	},
	Filters: []listing.Filter{
		{Key: "kind", Label: "Kind", SQL: "n.kind", Choices: []listing.Choice{{Value: "failed", Label: "Not read"}, {Value: "unresolved", Label: "Incomplete"}, {Value: "left out", Label: "Left out"}}},
		{Key: "source", Label: "Found by", SQL: "n.source"},
		{Key: "repository", Label: "Repository", SQL: "r.name"},
	},
	Search:  []string{"r.name", "n.path", "n.reason"},
	Default: listing.Sort{Column: "repository"},
	Empty:   listing.Empty{Title: "Nothing was left out", Text: "Every file that Steward has a reader for was read."},
}
