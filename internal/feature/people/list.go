package people

import (
	"context"

	"steward/internal/platform/access"
	"steward/internal/platform/listing"
)

var kindWords = map[string]string{"ours": "Ours", "outside": "Outside the firm", "service": "Service account", "unknown": "Unknown"}

var kindChoices = []listing.Choice{{Value: "ours", Label: "Ours"}, {Value: "outside", Label: "Outside the firm"}, {Value: "service", Label: "Service account"}, {Value: "unknown", Label: "Unknown"}}

// personList has one row a person that may be shown; nothing in it counts.
func (f *Feature) personList() listing.Spec {
	return listing.Spec{
		Name: "people", Title: "People", Noun: "person", Plural: "people",
		FromOf: func(ctx context.Context, v access.Viewer) (string, error) {
			s, err := f.sight(ctx, v)
			return s.list(), err
		},
		Key:   "s.uid",
		Where: func(access.Viewer) string { return "1 = 1" }, // the condition is inside FromOf
		Columns: []listing.Column{
			{Key: "name", Label: "Person", SQL: "s.name", Kind: listing.Person, Sort: true, Indexed: true, Link: "/people/{id}"},
			{Key: "team", Label: "Team", SQL: "s.team", Sort: true, Unknown: "No team named", Help: "The first team by the alphabet that files name the person a member of."},
			{Key: "kind", Label: "Whose", SQL: "s.kind", Words: kindWords, Sort: true, Priority: 2},
			{Key: "id", Label: "Id", SQL: "s.uid", Hidden: true},
		},
		Filters: []listing.Filter{{Key: "kind", Label: "Whose", SQL: "s.kind", Choices: kindChoices}, {Key: "team", Label: "Team", SQL: "s.team", Unknown: "No team named"}},
		Search:  []string{"s.name"},
		Default: listing.Sort{Column: "name"},
		Empty:   listing.Empty{Title: "Nobody to show", Text: "Unless the firm shows names, people appear here when owner files name them: CODEOWNERS, OWNERS, MAINTAINERS, or members of a group in catalog-info.yaml."},
	}
}

// teamList has one row a team that something which the viewer may see names.
func (f *Feature) teamList() listing.Spec {
	const changed = "NULLIF(COALESCE(NULLIF(o.changed_at, 0), g.last_at), 0)"
	return listing.Spec{
		Name: "teams", Title: "Teams", Noun: "team", Plural: "teams",
		From: `(SELECT t.id, t.uid, t.handle, COALESCE(NULLIF(t.title, ''), t.handle) AS name, COUNT(DISTINCT r.id) AS repositories, MIN(m.source) AS source, MAX(r.last_commit_at) AS last_at
			FROM team t JOIN team_mention m ON m.team_id = t.id LEFT JOIN repository r ON r.id = m.repository_id AND r.joined_into = 0 AND {visible r.visibility}
			WHERE m.repository_id = 0 OR r.id IS NOT NULL GROUP BY t.id, t.uid, t.handle, t.title) g LEFT JOIN ` + f.owned + ` o ON o.team_id = g.id`,
		Key:   "g.handle",
		Where: func(access.Viewer) string { return "1 = 1" }, // the condition is inside From
		Columns: []listing.Column{
			{Key: "name", Label: "Team", SQL: "g.name", Kind: listing.Owner, Sort: true, Link: "/teams/{id}"},
			{Key: "title", Label: "Handle", SQL: "CASE WHEN LOWER(g.name) <> g.handle THEN g.handle END", Context: true},
			{Key: "components", Label: "Components owned", SQL: "COALESCE(o.components, 0)", Kind: listing.Number, Sort: true, Link: "/components?owner={name}"},
			{Key: "repositories", Label: "Repositories that name it", SQL: "g.repositories", Kind: listing.Number, Sort: true, Priority: 2},
			{Key: "source", Label: "Named in", SQL: "g.source", Words: sourceNames, Sort: true, Priority: 3},
			{Key: "last_commit", Label: "Last change", SQL: changed, Kind: listing.Time, Sort: true, Priority: 2, Help: "Of what it owns, else of the repositories that name it."},
			{Key: "handle", Label: "Handle", SQL: "g.handle", Hidden: true},
			{Key: "id", Label: "Id", SQL: "g.uid", Hidden: true},
		},
		Filters: []listing.Filter{
			{Key: "source", Label: "Named in", SQL: "g.source"},
			{Key: "owns", Label: "Owns something", SQL: "COALESCE(o.components, 0) > 0", Kind: listing.Yes},
			{Key: "changed", Label: "Last change", SQL: changed, Kind: listing.When, Unknown: "Unknown"},
		},
		Search:  []string{"g.name", "g.handle"},
		Default: listing.Sort{Column: "name"},
		Empty:   listing.Empty{Title: "No teams yet", Text: "Teams come from what the repositories say of their owners: CODEOWNERS, OWNERS files, and groups in catalog-info.yaml. Add one of these to a repository and it appears with the next reading.", Label: "See the repositories", Href: "/repositories"},
	}
}

// sourceNames are kinds of files that name teams, for people.
var sourceNames = map[string]string{"OWNERS": "OWNERS or MAINTAINERS", "assigned": "entered in Steward"}

// releaseList has one row a release of each repository.
var releaseList = listing.Spec{
	Name: "releases", Title: "Releases", Noun: "release", Plural: "releases",
	From:  "release t JOIN repository r ON r.id = t.repository_id",
	Base:  "r.joined_into = 0",
	Key:   "r.uid || ' ' || t.name",
	Where: func(v access.Viewer) string { return v.Where("r.visibility") },
	Columns: []listing.Column{
		{Key: "name", Label: "Release", SQL: "t.name", Kind: listing.Code, Sort: true},
		{Key: "repository", Label: "Repository", SQL: "r.name", Sort: true, Link: "/repositories/{id}"},
		{Key: "at", Label: "Tagged", SQL: "NULLIF(t.at, 0)", Kind: listing.Time, Sort: true},
		{Key: "stage", Label: "Stage", SQL: "CASE WHEN t.preview = 1 THEN 'preview' ELSE 'final' END", Words: map[string]string{"preview": "Preview", "final": "Final"}, Priority: 2},
		{Key: "commit", Label: "Commit", SQL: "NULLIF(t.commit_id, '')", Kind: listing.Hash, Priority: 3},
		{Key: "id", Label: "Repository id", SQL: "r.uid", Hidden: true},
	},
	Filters: []listing.Filter{
		{Key: "repository", Label: "Repository", SQL: "r.name"},
		{Key: "tagged", Label: "Tagged", SQL: "NULLIF(t.at, 0)", Kind: listing.When, Unknown: "Unknown"},
		{Key: "stage", Label: "Stage", SQL: "CASE WHEN t.preview = 1 THEN 'preview' ELSE 'final' END", Choices: []listing.Choice{{Value: "final", Label: "Final"}, {Value: "preview", Label: "Preview"}}},
	},
	Search:  []string{"t.name", "r.name"},
	Default: listing.Sort{Column: "at", Desc: true},
	Empty:   listing.Empty{Title: "No releases yet", Text: "A release is a tag that looks like a version, such as v1.4.0."},
}
