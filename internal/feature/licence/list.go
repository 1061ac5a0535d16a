package licence

import (
	"strings"

	"steward/internal/platform/access"
	"steward/internal/platform/listing"
)

var certaintyWords = map[string]string{"written": "Declared", "exact": "Exact text", "close": "Close text", "named": "Named only", "suspected": "Suspected", "unknown": "Unknown", "none": "None found"}

var certaintyTones = map[string]string{"written": "good", "exact": "good", "close": "good", "named": "info", "suspected": "warn", "unknown": "warn", "none": "none"}

var certaintyChoices = []listing.Choice{
	{Value: "written", Label: "Declared"},
	{Value: "exact", Label: "Exact text"},
	{Value: "close", Label: "Close text"},
	{Value: "named", Label: "Named only"},
	{Value: "suspected", Label: "Suspected"},
	{Value: "unknown", Label: "Unknown"},
	{Value: "none", Label: "None found"},
}

// title is Key.Title in SQL.
func title(column string) string {
	return `CASE WHEN ` + column + ` = 'none' THEN 'None found' WHEN ` + column + ` = 'unknown' THEN 'Unknown'
		WHEN ` + column + ` LIKE 'changed:%' THEN SUBSTR(` + column + `, 9) || ' with added restrictions' ELSE ` + column + ` END`
}

// kind sorts keys: known, changed, unknown, none.
func kind(column string) string {
	return `CASE WHEN ` + column + ` IN ('none', 'unknown') THEN ` + column + ` WHEN ` + column + ` LIKE 'changed:%' THEN 'changed' ELSE 'known' END`
}

var kindWords = map[string]string{"known": "Licence", "changed": "Changed text", "unknown": "Unknown", "none": "None"}

var kindTones = map[string]string{"known": "good", "changed": "bad", "unknown": "warn", "none": "none"}

// certainties counts the components of a group by certainty, as a JSON object.
const certainties = `'{"Declared":' || SUM(CASE WHEN c.certainty = 'written' THEN 1 ELSE 0 END) || ',"Text":' || SUM(CASE WHEN c.certainty IN ('exact', 'close') THEN 1 ELSE 0 END)
	|| ',"Named only":' || SUM(CASE WHEN c.certainty = 'named' THEN 1 ELSE 0 END) || ',"Suspected":' || SUM(CASE WHEN c.certainty = 'suspected' THEN 1 ELSE 0 END)
	|| ',"Unknown":' || SUM(CASE WHEN c.certainty = 'unknown' THEN 1 ELSE 0 END)
	|| ',"None found":' || SUM(CASE WHEN c.certainty = 'none' THEN 1 ELSE 0 END) || '}'`

// licenceList has one row a licence; what a viewer may not see is not counted in it.
var licenceList = listing.Spec{
	Name: "licences", Title: "Licences", Noun: "licence", Plural: "licences",
	From: `(SELECT c.licence, COUNT(DISTINCT c.repository_id) AS repositories, COUNT(*) AS components, ` + certainties + ` AS certainties,
		SUM(CASE WHEN c.dispute <> '' THEN 1 ELSE 0 END) AS disputes
		FROM component_licence c JOIN repository r ON r.id = c.repository_id
		WHERE r.joined_into = 0 AND {visible r.visibility} GROUP BY c.licence) t`,
	Key:   "t.licence",
	Where: func(access.Viewer) string { return "1 = 1" }, // the condition is inside From
	Columns: []listing.Column{
		{Key: "name", Label: "Licence", SQL: title("t.licence"), Sort: true, Link: "/licences/{licence}"},
		{Key: "kind", Label: "Kind", SQL: kind("t.licence"), Kind: listing.Status, Words: kindWords, Tones: kindTones, Sort: true, Priority: 2},
		{Key: "repositories", Label: "Repositories", SQL: "t.repositories", Kind: listing.Number, Sort: true},
		{Key: "components", Label: "Parts", SQL: "t.components", Kind: listing.Number, Sort: true, Priority: 2, Link: "/licence-uses?licence={licence}", Help: "Components, and what of a repository belongs to none of them as one part."},
		{Key: "certainty", Label: "How it is known", SQL: "t.certainties", Kind: listing.Split, Priority: 2},
		{Key: "disputes", Label: "Disputed", SQL: "t.disputes", Kind: listing.Number, Sort: true, Priority: 3, Link: "/licence-uses?disputed=yes&licence={licence}", Help: "Parts whose manifest and licence file say something else."},
		{Key: "licence", Label: "Id", SQL: "t.licence", Hidden: true},
	},
	Filters: []listing.Filter{{Key: "kind", Label: "Kind", SQL: kind("t.licence"), Choices: []listing.Choice{{Value: "known", Label: "Licence"}, {Value: "changed", Label: "Changed text"}, {Value: "unknown", Label: "Unknown"}, {Value: "none", Label: "None"}}}},
	Search:  []string{title("t.licence")},
	Views:   []listing.View{{Key: "disputed", Label: "Disputed", Where: "t.disputes > 0"}},
	Default: listing.Sort{Column: "repositories", Desc: true},
	Empty:   listing.Empty{Title: "No licences yet", Text: "They appear as repositories are read.", Label: "Follow in Jobs", Href: "/jobs"},
}

// publicHosts are where code can be public; what is there may still be private. A
// repository is there when Steward copied it from there: the remote that the
// configuration of a folder names proves nothing.
var publicHosts = []string{"github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "git.sr.ht", "gitee.com", "sourceforge.net", "git.code.sf.net", "huggingface.co", "salsa.debian.org", "gitlab.freedesktop.org", "gitlab.gnome.org"}

// matters says why a missing licence matters for repository r: public, shared,
// third; NULL when it does not.
func matters(shared string) string {
	public := make([]string, 0, len(publicHosts))
	for _, host := range publicHosts {
		public = append(public, `l.remote LIKE '`+host+`/%'`)
	}
	return `CASE WHEN EXISTS (SELECT 1 FROM location l WHERE l.repository_id = r.id AND l.missing_since = 0 AND l.address <> l.path AND r.current_scan_id > 0 AND (` + strings.Join(public, " OR ") + `)) THEN 'public'
		WHEN ` + shared + ` THEN 'shared' WHEN EXISTS (SELECT 1 FROM third_party_code t WHERE t.repository_id = r.id) THEN 'third' END`
}

// useList has one row for each part of a repository: its components, and the rest as one.
func useList(shared string) listing.Spec {
	return listing.Spec{
		Name: "licence-uses", Title: "Who has which licence", Noun: "part", Plural: "parts",
		From: "component_licence c JOIN repository r ON r.id = c.repository_id",
		Base: "r.joined_into = 0",
		Key:  "r.uid || ' ' || c.root",
		IDs: map[string]string{
			"repository": "r.id",
			"component":  "(SELECT m.id FROM component m WHERE m.repository_id = c.repository_id AND m.root = c.root AND m.gone_at = 0)",
		},
		Where: func(v access.Viewer) string { return v.Where("r.visibility") },
		Columns: []listing.Column{
			{Key: "repository", Label: "Repository", SQL: "r.name", Sort: true, Link: "/repositories/{id}"},
			{Key: "root", Label: "Part", SQL: "NULLIF(c.root, '')", Kind: listing.Code, Sort: true, Unknown: "the whole repository"},
			{Key: "name", Label: "Licence", SQL: title("c.licence"), Sort: true, Link: "/licences/{licence}"},
			{Key: "certainty", Label: "Known by", SQL: "c.certainty", Kind: listing.Status, Words: certaintyWords, Tones: certaintyTones, Sort: true, Priority: 2},
			{Key: "place", Label: "Place", SQL: "CASE WHEN c.file = '' THEN NULL WHEN c.line > 0 THEN c.file || ':' || c.line ELSE c.file END", Kind: listing.Code, Priority: 3, Unknown: "nowhere"},
			{
				Key: "matched", Label: "Share of the text", SQL: "CASE WHEN c.matched > 0 THEN c.matched END", Kind: listing.Share, Sort: true, Priority: 4, Unknown: "no text",
				Help: "How much of the file's words licence texts explain.",
			},
			{Key: "dispute", Label: "Disputed", SQL: "NULLIF(c.dispute, '')", Priority: 4, Unknown: "no"},
			{
				Key: "matters", Label: "Why a licence matters", SQL: matters(shared), Hidden: true, Unknown: "internal use",
				Words: map[string]string{"public": "it was read from a public host", "shared": "other repositories use its packages", "third": "it holds third-party code"},
			},
			{Key: "why", Label: "Why", SQL: "NULLIF(c.why, '')", Hidden: true},
			{Key: "licence", Label: "Licence id", SQL: "c.licence", Hidden: true},
			{Key: "id", Label: "Repository id", SQL: "r.uid", Hidden: true},
		},
		Filters: []listing.Filter{
			{Key: "licence", Label: "Licence", SQL: "c.licence"},
			{Key: "certainty", Label: "Known by", SQL: "c.certainty", Choices: certaintyChoices},
			{Key: "disputed", Label: "Disputed", SQL: "c.dispute <> ''", Kind: listing.Yes},
			{Key: "changed", Label: "With added restrictions", SQL: "c.licence LIKE 'changed:%'", Kind: listing.Yes},
			{Key: "whole", Label: "Whole repository", SQL: "c.root = ''", Kind: listing.Yes},
			{
				Key: "matters", Label: "Why it matters", SQL: matters(shared), Unknown: "Internal use",
				Choices: []listing.Choice{{Value: "public", Label: "On a public host"}, {Value: "shared", Label: "Used by others"}, {Value: "third", Label: "Third-party code"}},
			},
			{Key: "repository", Label: "Repository", SQL: "r.name"},
		},
		Search:  []string{"r.name", "c.root", title("c.licence")},
		Default: listing.Sort{Column: "repository"},
		Empty:   listing.Empty{Title: "No licences yet", Text: "They appear as repositories are read.", Label: "Follow in Jobs", Href: "/jobs"},
	}
}

// fileList has one row for each place that says something about a licence.
var fileList = listing.Spec{
	Name: "licence-files", Title: "Where licences are written", Noun: "place", Plural: "places",
	From:  "licence_file l JOIN repository r ON r.id = l.repository_id",
	Base:  "r.joined_into = 0",
	Key:   "r.uid || ' ' || l.seq",
	Where: func(v access.Viewer) string { return v.Where("r.visibility") },
	Columns: []listing.Column{
		{Key: "repository", Label: "Repository", SQL: "r.name", Sort: true, Link: "/repositories/{id}"},
		{Key: "path", Label: "File", SQL: "l.path", Kind: listing.Code, Sort: true},
		{Key: "name", Label: "Licence", SQL: title("l.licence"), Sort: true, Link: "/licences/{licence}"},
		{Key: "certainty", Label: "Known by", SQL: "l.certainty", Kind: listing.Status, Words: certaintyWords, Tones: certaintyTones, Sort: true, Priority: 2},
		{Key: "line", Label: "Line", SQL: "NULLIF(l.line, 0)", Kind: listing.Number, Priority: 3},
		{Key: "matched", Label: "Share of the text", SQL: "CASE WHEN l.kind = 'text' THEN l.matched END", Kind: listing.Share, Sort: true, Priority: 3, Unknown: "no text"},
		{Key: "restrictions", Label: "Added words", SQL: "NULLIF(l.restrictions, '')", Priority: 4, Unknown: "none"},
		{Key: "said", Label: "Declared", SQL: "NULLIF(l.said, '')", Priority: 4, Unknown: "no"},
		{Key: "decides", Label: "Decides", SQL: "l.counts = 1", Kind: listing.YesNo, Priority: 4},
		{Key: "root", Label: "Component", SQL: "l.root", Hidden: true},
		{Key: "kind", Label: "Kind", SQL: "l.kind", Hidden: true},
		{Key: "licence", Label: "Licence id", SQL: "l.licence", Hidden: true},
		{Key: "id", Label: "Repository id", SQL: "r.uid", Hidden: true},
	},
	Filters: []listing.Filter{
		{Key: "licence", Label: "Licence", SQL: "l.licence"},
		{Key: "certainty", Label: "Known by", SQL: "l.certainty", Choices: certaintyChoices},
		{Key: "kind", Label: "Kind", SQL: "l.kind", Choices: []listing.Choice{{Value: "text", Label: "Licence file"}, {Value: "declared", Label: "Declared in a manifest"}}},
		{Key: "restricted", Label: "Added words", SQL: "l.restrictions <> ''", Kind: listing.Yes},
		{Key: "repository", Label: "Repository", SQL: "r.name"},
	},
	Search:  []string{"r.name", "l.path", title("l.licence")},
	Default: listing.Sort{Column: "repository"},
	Empty:   listing.Empty{Title: "No licence files yet", Text: "They appear as repositories are read.", Label: "Follow in Jobs", Href: "/jobs"},
}
