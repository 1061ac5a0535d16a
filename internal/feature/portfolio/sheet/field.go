package sheet

import (
	"strings"

	"steward/internal/platform/fault"
)

// Field is what a column says.
type Field string

// The fields. Units are in the order of their levels, the highest first.
const (
	ID          Field = "id"
	Name        Field = "name"
	Tier        Field = "tier"
	Status      Field = "status"
	External    Field = "external"
	DataClass   Field = "data class"
	Owner       Field = "owner"       // a team, or a person whose name is not kept
	OwningTeam  Field = "owning team" // a team, kept as written
	CostCentre  Field = "cost centre"
	Country     Field = "country"
	LegalEntity Field = "legal entity"
	Division    Field = "division"
	Unit        Field = "unit"
	Team        Field = "team"
	From        Field = "from" // since when the application belongs to its unit
	To          Field = "to"
	Repository  Field = "repository"
	Component   Field = "component"
	Ignored     Field = "ignore"
)

// Levels lists the kinds of units, the highest first.
func Levels() []Field { return levels[:] }

var levels = [...]Field{Country, LegalEntity, Division, Unit, Team}

// usual are the headings that firms use, in the form of plain. A heading that could mean several
// fields is not here: --map says what it is.
var usual = map[Field][]string{
	ID:          {"id", "application id", "app id", "application number", "app number", "application code", "app code", "asset id", "ci id", "apm id", "apm number", "apm application id", "eai code", "car id", "application key"},
	Name:        {"name", "application", "application name", "app", "app name", "asset name", "system name", "business application"},
	Tier:        {"tier", "criticality", "criticality tier", "business criticality", "application tier", "app tier", "service tier", "criticality level", "business criticality tier", "application criticality"},
	Status:      {"status", "state", "lifecycle", "lifecycle status", "application status", "life cycle", "install status", "lifecycle state", "operational status", "life cycle status"},
	External:    {"external", "externally facing", "external facing", "internet facing", "customer facing", "public facing", "internet exposed", "externally exposed"},
	DataClass:   {"data class", "data classification", "information classification", "classification", "confidentiality", "data sensitivity", "information class", "data category"},
	Owner:       {"owner", "application owner", "app owner", "business owner", "it owner", "technical owner", "responsible", "product owner", "service owner", "it application owner", "system owner", "asset owner"},
	OwningTeam:  {"owning team", "owner team", "responsible team", "support group", "support team", "development team", "dev team", "assignment group", "managed by group", "owner group", "owned by group"},
	CostCentre:  {"cost centre", "cost center", "cost centre code", "cost center code", "cost centre id", "cost center id", "costcentre", "costcenter", "kostenstelle"},
	Country:     {"country", "country code", "location country"},
	LegalEntity: {"legal entity", "entity", "legal entity name", "company", "company code", "legal entity code"},
	Division:    {"division", "business division", "business line", "line of business", "business area", "lob"},
	Unit:        {"unit", "business unit", "organisation unit", "organization unit", "organisational unit", "organizational unit", "org unit", "department"},
	Team:        {"team", "team name", "squad"},
	From:        {"from", "valid from", "since"},
	To:          {"to", "valid to", "until", "valid until"},
	Repository:  {"repository", "repo", "repositories", "repos", "repository name", "repo name", "repository url", "repo url", "git repository", "git repo", "git url", "scm url", "scm", "source repository", "source code repository", "code repository", "repository path"},
	Component:   {"component", "components", "component name", "component ref", "entity ref", "backstage entity", "catalogue entry"},
}

// fieldOf finds the field that a heading usually has.
func fieldOf(heading string) (Field, bool) {
	heading = plain(heading)
	for field, all := range usual {
		for _, one := range all {
			if one == heading {
				return field, true
			}
		}
	}
	return "", false
}

// Fields lists what --map takes after the equals sign.
func Fields() []string {
	names := []string{string(Ignored)}
	for _, f := range []Field{ID, Name, Tier, Status, External, DataClass, Owner, OwningTeam, CostCentre, Country, LegalEntity, Division, Unit, Team, From, To, Repository, Component} {
		names = append(names, string(f))
	}
	return names
}

// plain is a heading or value as it is compared: lower case, words separated by one blank.
func plain(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		switch r {
		case ' ', '\t', '\n', '\r', '_', '-', '.', ':', '/', '(', ')', '?', '*', '#', '\u00a0':
			return true
		}
		return false
	}), " ")
}

// Column is a heading with the field that it was taken for.
type Column struct {
	Heading string `json:"heading"`
	Field   Field  `json:"field"` // "ignore" when nothing is taken from it
}

// mapped gives each heading its field. What was said wins over what is usual. Two columns for one
// field are refused, but for repositories and components, of which a row may name several.
func mapped(headings []string, said map[string]Field) ([]Column, error) {
	columns := make([]Column, len(headings))
	met, taken := map[string]bool{}, map[Field]string{}
	for i, heading := range headings {
		field, ok := said[plain(heading)]
		if ok {
			met[plain(heading)] = true
		} else if field, ok = fieldOf(heading); !ok {
			field = Ignored
		}
		columns[i] = Column{Heading: heading, Field: field}
		if before, twice := taken[field]; twice && field != Repository && field != Component && field != Ignored {
			return nil, fault.New(fault.Invalid, "The columns %q and %q both look like %s. Leave one of them out with --map %q.", before, heading, field, heading+"=ignore")
		}
		taken[field] = heading
	}
	for heading := range said {
		if !met[heading] {
			return nil, fault.New(fault.Invalid, "The file has no column %q, which --map names. Its columns are: %s.", heading, strings.Join(headings, ", "))
		}
	}
	if _, ok := taken[ID]; !ok && taken[Name] == "" {
		return nil, fault.New(fault.Invalid, "No column holds the id or the name of an application. Name it with --map \"Heading=id\" or --map \"Heading=name\". The columns are: %s.", strings.Join(headings, ", "))
	}
	return columns, nil
}

// ParseMap reads what people say of columns: "Our heading=tier".
func ParseMap(said []string) (map[string]Field, error) {
	out := map[string]Field{}
	for _, one := range said {
		at := strings.LastIndex(one, "=")
		if at <= 0 {
			return nil, fault.New(fault.Invalid, "--map %q: write the heading, an equals sign and the field, such as \"Our heading=tier\".", one)
		}
		heading, field := plain(one[:at]), plain(one[at+1:])
		known := false
		for _, f := range Fields() {
			known = known || f == field
		}
		if !known {
			return nil, fault.New(fault.Invalid, "--map %q: there is no field %q. There are: %s.", one, field, strings.Join(Fields(), ", "))
		}
		out[heading] = Field(field)
	}
	return out, nil
}
