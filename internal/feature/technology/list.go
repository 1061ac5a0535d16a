package technology

import (
	"steward/internal/platform/access"
	"steward/internal/platform/listing"
)

var kindWords = map[Kind]string{Language: "language", CI: "continuous integration", Build: "build tool", Container: "containers", Practice: "practice"}

var kindChoices = []listing.Choice{{Value: "language", Label: "Language"}, {Value: "ci", Label: "Continuous integration"}, {Value: "build", Label: "Build tool"}, {Value: "container", Label: "Containers"}, {Value: "practice", Label: "Practice"}}

var words = map[string]string{"language": "Language", "ci": "Continuous integration", "build": "Build tool", "container": "Containers", "practice": "Practice"}

// technologyList has one row a technology; what a viewer may not see is not counted in it.
var technologyList = listing.Spec{
	Name: "technologies", Title: "Technologies", Noun: "technology", Plural: "technologies",
	From: `(SELECT u.kind, u.name, COUNT(*) AS repositories, SUM(u.files) AS files, SUM(u.bytes) AS bytes
		FROM technology_use u JOIN repository r ON r.id = u.repository_id
		WHERE r.joined_into = 0 AND {visible r.visibility} GROUP BY u.kind, u.name) t`,
	Key:   "t.kind || ' ' || t.name",
	Where: func(access.Viewer) string { return "1 = 1" }, // the condition is inside From
	Columns: []listing.Column{
		{Key: "name", Label: "Technology", SQL: "t.name", Sort: true, Link: "/technology-uses?kind={kind}&name={name}"},
		{Key: "kind", Label: "Kind", SQL: "t.kind", Sort: true, Words: words},
		{Key: "repositories", Label: "Repositories", SQL: "t.repositories", Kind: listing.Number, Sort: true, Link: "/technology-uses?kind={kind}&name={name}"},
		{Key: "files", Label: "Files", SQL: "t.files", Kind: listing.Number, Sort: true, Priority: 3},
		{Key: "size", Label: "Size", SQL: "NULLIF(t.bytes, 0)", Kind: listing.Bytes, Sort: true, Priority: 3},
	},
	Filters: []listing.Filter{{Key: "kind", Label: "Kind", SQL: "t.kind", Choices: kindChoices}},
	Search:  []string{"t.name"},
	Default: listing.Sort{Column: "repositories", Desc: true},
	Empty:   listing.Empty{Title: "No technologies yet", Text: "They appear as repositories are read.", Label: "Follow in Jobs", Href: "/jobs"},
}

// useList has one row for each technology of each repository.
var useList = listing.Spec{
	Name: "technology-uses", Title: "Who uses which technology", Noun: "use", Plural: "uses",
	From:  "technology_use t JOIN repository r ON r.id = t.repository_id",
	IDs:   map[string]string{"repository": "r.id"},
	Base:  "r.joined_into = 0",
	Key:   "t.kind || ' ' || t.name || ' ' || r.uid",
	Where: func(v access.Viewer) string { return v.Where("r.visibility") },
	Columns: []listing.Column{
		{Key: "repository", Label: "Repository", SQL: "r.name", Sort: true, Link: "/repositories/{id}"},
		{Key: "name", Label: "Technology", SQL: "t.name", Sort: true},
		{Key: "kind", Label: "Kind", SQL: "t.kind", Words: words, Priority: 3},
		{Key: "files", Label: "Files", SQL: "t.files", Kind: listing.Number, Sort: true, Priority: 2},
		{Key: "size", Label: "Size", SQL: "NULLIF(t.bytes, 0)", Kind: listing.Bytes, Sort: true, Priority: 2},
		{Key: "file", Label: "Seen in", SQL: "NULLIF(t.file, '')", Kind: listing.Code, Priority: 3},
		{Key: "last_commit", Label: "Last change", SQL: "NULLIF(r.last_commit_at, 0)", Kind: listing.Time, Sort: true, Priority: 3},
		{Key: "id", Label: "Repository id", SQL: "r.uid", Hidden: true},
	},
	Filters: []listing.Filter{
		{Key: "kind", Label: "Kind", SQL: "t.kind", Choices: kindChoices},
		{Key: "name", Label: "Technology", SQL: "t.name"},
	},
	Search:  []string{"t.name", "r.name"},
	Default: listing.Sort{Column: "size", Desc: true},
	Empty:   listing.Empty{Title: "No technologies yet", Text: "They appear as repositories are read.", Label: "Follow in Jobs", Href: "/jobs"},
}
