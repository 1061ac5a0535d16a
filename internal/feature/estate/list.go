package estate

import (
	"steward/internal/feature/estate/place"
	"steward/internal/platform/access"
	"steward/internal/platform/listing"
)

var (
	stateWords = map[string]string{"waiting": "Waiting", "read": "Read", "empty": "Empty", "failed": "Not read"}
	stateTones = map[string]string{"waiting": "none", "read": "good", "empty": "none", "failed": "bad"}
)

var repositoryList = listing.Spec{
	Name: "repositories", Title: "Repositories", Noun: "repository", Plural: "repositories",
	From: "repository r",
	Base: place.Given,
	Key:  "r.id", KeyKind: listing.Number, IDs: map[string]string{"repository": "r.id"},
	Where: func(v access.Viewer) string { return v.Where("r.visibility") },
	Columns: []listing.Column{
		{Key: "name", Label: "Repository", SQL: "r.name", Sort: true, Link: "/repositories/{id}"},
		{Key: "description", Label: "Description", SQL: "NULLIF(r.description, '')", Context: true, Unknown: "No description"},
		{Key: "state", Label: "State", SQL: "r.state", Kind: listing.Status, Words: stateWords, Tones: stateTones, Sort: true, Priority: 1},
		{Key: "language", Label: "Language", SQL: "NULLIF(r.main_language, '')", Sort: true, Priority: 2},
		{Key: "licence", Label: "Licence", SQL: "CASE WHEN r.licence = '' AND r.current_scan_id = 0 THEN 'Not read yet' ELSE NULLIF(r.licence, '') END", Sort: true, Priority: 3, Unknown: "None found"},
		{Key: "commits", Label: "Commits", SQL: "CASE WHEN r.current_scan_id > 0 THEN r.commits END", Kind: listing.Number, Sort: true, Priority: 3},
		{Key: "files", Label: "Files", SQL: "CASE WHEN r.current_scan_id > 0 THEN r.files END", Kind: listing.Number, Sort: true, Priority: 4},
		{Key: "size", Label: "Size", SQL: "CASE WHEN r.current_scan_id > 0 THEN r.bytes END", Kind: listing.Bytes, Sort: true, Priority: 4},
		{Key: "last_commit", Label: "Last change", SQL: "NULLIF(r.last_commit_at, 0)", Kind: listing.Time, Sort: true, Priority: 2},
		{Key: "read", Label: "Last read", SQL: "NULLIF(r.read_at, 0)", Kind: listing.Time, Sort: true, Priority: 4},
		{Key: "branch", Label: "Branch", SQL: "NULLIF(r.default_branch, '')", Kind: listing.Code, Hidden: true},
		{Key: "commit", Label: "Commit", SQL: "NULLIF(r.head_commit, '')", Kind: listing.Hash, Hidden: true},
		{Key: "visibility", Label: "Visibility", SQL: "r.visibility", Hidden: true},
		{Key: "error", Label: "Error", SQL: "NULLIF(r.error, '')", Hidden: true},
		{Key: "id", Label: "Id", SQL: "r.uid", Hidden: true},
	},
	Filters: []listing.Filter{
		{Key: "state", Label: "State", SQL: "r.state", Choices: []listing.Choice{{Value: "read", Label: "Read"}, {Value: "waiting", Label: "Waiting"}, {Value: "empty", Label: "Empty"}, {Value: "failed", Label: "Not read"}}},
		{Key: "language", Label: "Language", SQL: "NULLIF(r.main_language, '')", Unknown: "No language"},
		{Key: "licence", Label: "Licence", SQL: "NULLIF(r.licence, '')", Unknown: "No licence found"},
		{Key: "changed", Label: "Last change", SQL: "NULLIF(r.last_commit_at, 0)", Kind: listing.When, Unknown: "Never"},
		{Key: "restricted", Label: "Restricted", SQL: "r.visibility = 'restricted'", Kind: listing.Yes},
	},
	Search:  []string{"r.name", "r.description"},
	Views:   []listing.View{{Key: "failed", Label: "Not read", Where: "r.state = 'failed' AND r.vanished_at = 0"}, {Key: "vanished", Label: "Vanished", Where: "r.vanished_at > 0"}, {Key: "rewritten", Label: "History rewritten", Where: "r.rewritten_at > 0"}},
	Default: listing.Sort{Column: "name"},
	Empty:   listing.Empty{Title: "No repositories yet", Text: "Name a folder with git repositories or a git address, and Steward reads what it finds there.", Label: "Add a source", Href: "/sources/new"},
}
