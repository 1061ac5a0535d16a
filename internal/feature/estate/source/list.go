package source

import (
	"steward/internal/platform/access"
	"steward/internal/platform/listing"
)

var (
	kindWords  = map[string]string{"folder": "Folder", "url": "Git address"}
	stateWords = map[string]string{"waiting": "Waiting", "looking": "Looking", "looked": "Looked at", "failed": "Failed"}
	stateTones = map[string]string{"waiting": "none", "looking": "info", "looked": "good", "failed": "bad"}
)

var list = listing.Spec{
	Name: "sources", Title: "Sources", Noun: "source", Plural: "sources",
	From: "source s",
	Base: "s.removed_at = 0",
	Key:  "s.id",
	Where: func(v access.Viewer) string { // no repository stands behind a source: who may manage them sees all
		if v.Can(access.ManageSources) {
			return "1 = 1"
		}
		return "1 = 0"
	},
	Columns: []listing.Column{
		{Key: "given", Label: "Source", SQL: "s.given", Sort: true, Link: "/sources/{id}"},
		{Key: "kind", Label: "Kind", SQL: "s.kind", Words: kindWords, Priority: 2},
		{Key: "state", Label: "State", SQL: "s.state", Kind: listing.Status, Words: stateWords, Tones: stateTones},
		{Key: "found", Label: "Repositories", SQL: "s.found", Kind: listing.Number, Sort: true},
		{Key: "looked", Label: "Looked at", SQL: "NULLIF(s.looked_at, 0)", Kind: listing.Time, Sort: true, Priority: 3, Unknown: "not yet"},
		{Key: "error", Label: "Error", SQL: "NULLIF(s.error, '')", Priority: 2, Unknown: "none"},
		{Key: "id", Label: "Id", SQL: "s.id", Hidden: true},
	},
	Search:  []string{"s.given"},
	Default: listing.Sort{Column: "given"},
	Empty:   listing.Empty{Title: "No sources yet", Text: "A source is a folder with git repositories or a git address.", Label: "Add a source", Href: "/sources/new"},
}
