package portfolio

import (
	"steward/internal/feature/portfolio/sheet"
	"steward/internal/platform/access"
	"steward/internal/platform/listing"
)

var (
	statusTones   = map[string]string{sheet.Production: "good", sheet.Internal: "info", sheet.Retired: "none"}
	externalWords = map[string]string{sheet.Yes: "Yes", sheet.No: "No"}
	kindWords     = map[string]string{string(sheet.Country): "Country", string(sheet.LegalEntity): "Legal entity", string(sheet.Division): "Division", string(sheet.Unit): "Unit", string(sheet.Team): "Team"}
)

// made is what applications are made of: components there now, of the repositories that parts name
// or that these were joined into.
const made = `(application_part p JOIN repository o ON o.id = p.repository_id
	JOIN repository r ON r.id = CASE WHEN o.joined_into > 0 THEN o.joined_into ELSE o.id END
	LEFT JOIN component c ON c.repository_id = r.id AND c.gone_at = 0 AND (p.component_id = 0 OR p.component_id = c.id))`

// figures are counts over what an application is made of.
const figures = `COUNT(DISTINCT c.id) AS components, COUNT(DISTINCT r.id) AS repositories,
	COUNT(DISTINCT CASE WHEN c.owner_state = 'none' THEN c.id END) AS no_owner, COUNT(DISTINCT CASE WHEN c.licence = '' THEN c.id END) AS no_licence`

// stillIn holds while an application belongs to its unit.
const stillIn = `(a.unit_to = '' OR a.unit_to >= CAST(CURRENT_DATE AS TEXT))`

var applicationList = listing.Spec{
	Name: "applications", Title: "Applications", Noun: "application", Plural: "applications",
	From: `application a LEFT JOIN unit u ON u.id = a.unit_id AND ` + stillIn + ` LEFT JOIN (SELECT p.application_id, ` + figures + ` FROM ` + made + `
		WHERE {visible r.visibility} GROUP BY p.application_id) m ON m.application_id = a.id`,
	Base:  "a.gone_at = 0",
	Key:   "a.id",
	IDs:   map[string]string{"application": "a.id"},
	Where: func(v access.Viewer) string { return signedIn(v) },
	Columns: []listing.Column{
		{Key: "name", Label: "Application", SQL: "a.name", Sort: true, Link: "/applications/{id}"},
		{Key: "key", Label: "Our id", SQL: "a.key", Sort: true, Context: true},
		{Key: "tier", Label: "Tier", SQL: "NULLIF(a.tier, '')", Sort: true, Priority: 2},
		{Key: "status", Label: "Status", SQL: "NULLIF(a.status, '')", Kind: listing.Badge, Tones: statusTones, Sort: true, Priority: 2},
		{Key: "owner", Label: "Owner", SQL: ownerSQL, Kind: listing.Owner, Sort: true, Priority: 2, Unknown: "No owner"},
		{Key: "unit", Label: "Unit", SQL: "u.name", Sort: true, Priority: 3, Link: "/units/{unit_id}"},
		{Key: "external", Label: "Externally facing", SQL: "NULLIF(a.external, '')", Words: externalWords, Sort: true, Priority: 4},
		{Key: "data_class", Label: "Data class", SQL: "NULLIF(a.data_class, '')", Sort: true, Priority: 4},
		{Key: "components", Label: "Components", SQL: "NULLIF(m.components, 0)", Kind: listing.Number, Sort: true, Priority: 2, Unknown: "None seen", Help: "Of those that you may see"},
		{Key: "no_owner", Label: "Without owner", SQL: "CASE WHEN m.components > 0 THEN m.no_owner END", Kind: listing.Number, Sort: true, Priority: 3, Unknown: "None seen", Help: "Components that nobody owns"},
		{Key: "no_licence", Label: "Licence unknown", SQL: "CASE WHEN m.components > 0 THEN m.no_licence END", Kind: listing.Number, Sort: true, Hidden: true},
		{Key: "repositories", Label: "Repositories", SQL: "NULLIF(m.repositories, 0)", Kind: listing.Number, Sort: true, Hidden: true},
		{Key: "cost_centre", Label: "Cost centre", SQL: "NULLIF(a.cost_centre, '')", Sort: true, Hidden: true},
		{Key: "unit_from", Label: "In its unit since", SQL: "NULLIF(a.unit_from, '')", Kind: listing.Date, Hidden: true},
		{Key: "unit_to", Label: "In its unit until", SQL: "NULLIF(a.unit_to, '')", Kind: listing.Date, Hidden: true},
		{Key: "file", Label: "Stated in", SQL: "a.file", Hidden: true},
		{Key: "line", Label: "Line", SQL: "a.line", Kind: listing.Number, Hidden: true},
		{Key: "stated", Label: "Stated", SQL: "a.stated_at", Kind: listing.Time, Sort: true, Hidden: true},
		{Key: "unit_id", Label: "Unit id", SQL: "u.id", Hidden: true},
		{Key: "id", Label: "Id", SQL: "a.id", Hidden: true},
	},
	Filters: []listing.Filter{
		{Key: "tier", Label: "Tier", SQL: "NULLIF(a.tier, '')", Unknown: "Unknown"},
		{Key: "status", Label: "Status", SQL: "NULLIF(a.status, '')", Unknown: "Unknown"},
		{Key: "owner", Label: "Owner", SQL: ownerSQL, Unknown: "No owner"},
		{Key: "unit", Label: "Unit", SQL: "u.name", Unknown: "None"},
		{Key: "external", Label: "Externally facing", SQL: "NULLIF(a.external, '')", Unknown: "Unknown"},
		{Key: "data_class", Label: "Data class", SQL: "NULLIF(a.data_class, '')", Unknown: "Unknown"},
		{Key: "cost_centre", Label: "Cost centre", SQL: "NULLIF(a.cost_centre, '')", Unknown: "Unknown"},
	},
	Search: []string{"a.name", "a.key"},
	Views: []listing.View{
		{Key: "production", Label: "In production", Where: "a.status = 'production'"},
		{Key: "external", Label: "Externally facing", Where: "a.external = 'yes'"},
		{Key: "no-owner", Label: "No owner", Where: "a.owner_kind = ''"},
		{Key: "no-owner-in-use", Label: "In use, no owner", Where: "a.owner_kind = '' AND a.status <> 'retired'"},
		{Key: "empty", Label: "Nothing found", Where: "COALESCE(m.repositories, 0) = 0"},
	},
	Default: listing.Sort{Column: "name"},
	Empty:   listing.Empty{Title: "No applications yet", Text: "Give Steward your asset register as CSV: steward import context FILE. Add --dry-run first to see what it would change."},
}

// ownerSQL is the owner as people read it.
const ownerSQL = `CASE WHEN a.owner_kind = 'person' THEN 'a person' ELSE NULLIF(a.owner, '') END`

// signedIn holds for those who may read the estate: applications and units are the firm's own words,
// which all of them see.
func signedIn(v access.Viewer) string {
	if v.Can(access.ReadEstate) {
		return "1 = 1"
	}
	return "1 = 0"
}

// within joins to each unit the applications that belong to it or to one beneath it.
const within = `unit_above n JOIN application a ON a.unit_id = n.unit_id AND a.gone_at = 0 AND ` + stillIn

var unitList = listing.Spec{
	Name: "units", Title: "Units", Noun: "unit", Plural: "units",
	From: `unit u LEFT JOIN unit up ON up.id = u.parent_id
		LEFT JOIN (SELECT n.above_id, COUNT(*) AS applications, COUNT(CASE WHEN a.status = 'production' THEN 1 END) AS production FROM ` + within + ` GROUP BY n.above_id) s ON s.above_id = u.id
		LEFT JOIN (SELECT n.above_id, ` + figures + ` FROM ` + within + ` JOIN ` + made + ` ON p.application_id = a.id WHERE {visible r.visibility} GROUP BY n.above_id) m ON m.above_id = u.id`,
	Base:  "u.gone_at = 0",
	Key:   "u.id",
	Where: func(v access.Viewer) string { return signedIn(v) },
	Columns: []listing.Column{
		{Key: "name", Label: "Unit", SQL: "u.name", Sort: true, Link: "/units/{id}"},
		{Key: "above", Label: "Part of", SQL: "up.name", Context: true},
		{Key: "kind", Label: "Kind", SQL: "u.kind", Kind: listing.Badge, Words: kindWords, Sort: true, Priority: 2},
		{Key: "applications", Label: "Applications", SQL: "COALESCE(s.applications, 0)", Kind: listing.Number, Sort: true, Help: "With those of the units beneath it"},
		{Key: "production", Label: "In production", SQL: "COALESCE(s.production, 0)", Kind: listing.Number, Sort: true, Priority: 3},
		{Key: "components", Label: "Components", SQL: "NULLIF(m.components, 0)", Kind: listing.Number, Sort: true, Priority: 2, Unknown: "None seen", Help: "Of those that you may see"},
		{Key: "no_owner", Label: "Without owner", SQL: "CASE WHEN m.components > 0 THEN m.no_owner END", Kind: listing.Number, Sort: true, Priority: 3, Unknown: "None seen", Help: "Components that nobody owns"},
		{Key: "no_licence", Label: "Licence unknown", SQL: "CASE WHEN m.components > 0 THEN m.no_licence END", Kind: listing.Number, Sort: true, Priority: 4, Unknown: "None seen"},
		{Key: "repositories", Label: "Repositories", SQL: "NULLIF(m.repositories, 0)", Kind: listing.Number, Sort: true, Hidden: true},
		{Key: "above_id", Label: "Part of, id", SQL: "up.id", Hidden: true},
		{Key: "id", Label: "Id", SQL: "u.id", Hidden: true},
	},
	Filters: []listing.Filter{
		{Key: "kind", Label: "Kind", SQL: "u.kind", Choices: []listing.Choice{{Value: "country", Label: "Country"}, {Value: "legal entity", Label: "Legal entity"}, {Value: "division", Label: "Division"}, {Value: "unit", Label: "Unit"}, {Value: "team", Label: "Team"}}},
		{Key: "above", Label: "Part of", SQL: "up.name", Unknown: "None"},
	},
	Search:  []string{"u.name"},
	Default: listing.Sort{Column: "applications", Desc: true},
	Empty:   listing.Empty{Title: "No units yet", Text: "They come with applications: columns such as Division and Legal entity in the file that steward import context reads."},
}

// partList is what applications are made of, one row for each application and component.
var partList = listing.Spec{
	Name: "application-components", Title: "What applications are made of", Noun: "component", Plural: "components of applications",
	From:  `(SELECT DISTINCT p.application_id, r.id AS repository_id, c.id AS component_id FROM ` + made + `) x JOIN application a ON a.id = x.application_id JOIN repository r ON r.id = x.repository_id LEFT JOIN component c ON c.id = x.component_id`,
	Base:  "a.gone_at = 0",
	Key:   "a.id || ' ' || r.uid || ' ' || COALESCE(c.uid, '')",
	Where: func(v access.Viewer) string { return v.Where("r.visibility") },
	Columns: []listing.Column{
		{Key: "component", Label: "Component", SQL: "COALESCE(c.name, r.name)", Sort: true, Link: "/components/{component_id}"},
		{Key: "folder", Label: "Folder", SQL: "NULLIF(c.root, '')", Context: true},
		{Key: "application", Label: "Application", SQL: "a.name", Sort: true, Link: "/applications/{application_id}"},
		{Key: "key", Label: "Our id", SQL: "a.key", Sort: true, Priority: 3},
		{Key: "repository", Label: "Repository", SQL: "r.name", Sort: true, Priority: 2, Link: "/repositories/{repository_id}"},
		{Key: "owner", Label: "Owner", SQL: "NULLIF(c.owner_name, '')", Kind: listing.Owner, Sort: true, Priority: 2, Unknown: "No owner"},
		{Key: "licence", Label: "Licence", SQL: "NULLIF(c.licence, '')", Sort: true, Priority: 3, Unknown: "None found"},
		{Key: "tier", Label: "Tier", SQL: "NULLIF(a.tier, '')", Sort: true, Priority: 4},
		{Key: "component_id", Label: "Component id", SQL: "c.uid", Hidden: true},
		{Key: "repository_id", Label: "Repository id", SQL: "r.uid", Hidden: true},
		{Key: "application_id", Label: "Application id", SQL: "a.id", Hidden: true},
	},
	Filters: []listing.Filter{
		{Key: "application", Label: "Application", SQL: "a.name"},
		{Key: "key", Label: "Our id", SQL: "a.key"},
		{Key: "repository", Label: "Repository", SQL: "r.name"},
		{Key: "owner", Label: "Owner", SQL: "NULLIF(c.owner_name, '')", Unknown: "No owner"},
		{Key: "licence", Label: "Licence", SQL: "NULLIF(c.licence, '')", Unknown: "None found"},
		{Key: "tier", Label: "Tier", SQL: "NULLIF(a.tier, '')", Unknown: "Unknown"},
		{Key: "status", Label: "Status", SQL: "NULLIF(a.status, '')", Unknown: "Unknown"},
	},
	Search:  []string{"c.name", "r.name", "a.name", "a.key"},
	Default: listing.Sort{Column: "component"},
	Empty:   listing.Empty{Title: "Nothing is known of what applications are made of", Text: "A column that names repositories or components in the file that steward import context reads joins the two.", Label: "Applications", Href: "/applications"},
}

// applicationsSQL names the applications of a component c in a repository r.
const applicationsSQL = `(SELECT string_agg(a.name, ', ' ORDER BY a.name) FROM application a WHERE a.gone_at = 0 AND a.id IN (
	SELECT p.application_id FROM application_part p WHERE p.repository_id = r.id AND (p.component_id = 0 OR p.component_id = c.id)))`

// ComponentColumns are the columns that the list of components, c in r, gets.
func ComponentColumns() []listing.Column {
	return []listing.Column{{Key: "application", Label: "Application", SQL: applicationsSQL, Hidden: true}}
}

// ComponentFilters are the filters that the list of components, c in r, gets.
func ComponentFilters() []listing.Filter {
	return []listing.Filter{
		{Key: "application", Label: "Application", SQL: applicationsSQL, Kind: listing.Contains},
		{Key: "in_application", Label: "Part of an application", SQL: applicationsSQL + " IS NOT NULL", Kind: listing.Yes},
	}
}
