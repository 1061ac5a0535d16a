package inventory

import (
	"fmt"
	"slices"
	"strings"

	"steward/internal/format/purl"
	"steward/internal/format/table"
	"steward/internal/format/table/spreadsheet"
)

// Field is what a column of a table says.
type Field string

// The fields. Name is a repository or a component, whichever it is.
const (
	RepositoryField Field = "repository"
	ComponentField  Field = "component"
	NameField       Field = "name"
	OwnerField      Field = "owner"
	SinceField      Field = "since"
	PackageField    Field = "package url"
	IgnoredField    Field = "ignore"
)

// Fields lists the fields of columns.
func Fields() []Field {
	return []Field{RepositoryField, ComponentField, NameField, OwnerField, SinceField, PackageField, IgnoredField}
}

// usual are the headings that such lists have, as plain writes them.
var usual = map[Field][]string{
	RepositoryField: {
		"repository", "repo", "repositories", "repos", "repository name", "repo name", "repository url", "repo url", "git repository", "git repo", "git url", "scm url", "scm",
		"source repository", "source code repository", "code repository", "repository path", "full name", "path with namespace", "clone url", "html url", "web url", "ssh url", "git",
	},
	ComponentField: {"component", "components", "component name", "component ref", "entity ref", "backstage entity", "catalogue entry"},
	NameField:      {"name", "project", "project name", "application", "service", "system"},
	OwnerField:     {"owner", "owning team", "owner team", "team", "team name", "owned by", "maintainer", "maintained by", "responsible", "responsible team", "support group", "assignment group", "spec owner"},
	SinceField:     {"since", "owner since", "from", "valid from"},
	PackageField:   {"purl", "package url"},
}

// plain is a heading as it is compared: lower case, words separated by one blank.
func plain(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return strings.ContainsRune(" \t\n\r_-.:/()?*#\u00a0", r)
	}), " ")
}

// ParseField reads what people say of a column: "Our heading=repository".
func ParseField(said string) (heading string, field Field, err error) {
	at := strings.LastIndexByte(said, '=')
	if at <= 0 {
		return "", "", refuse("%q: write the heading, an equals sign and the field, such as \"Our heading=repository\"", said)
	}
	field = Field(plain(said[at+1:]))
	if !slices.Contains(Fields(), field) {
		return "", "", refuse("%q: there is no field %q; there are repository, component, name, owner, since, package url and ignore", said, field)
	}
	return plain(said[:at]), field, nil
}

// tabular reads a table by its columns. Where two columns could be one field, the first is taken.
func tabular(b []byte, said map[string]Field) (List, error) {
	t, err := spreadsheet.Read(b)
	if err != nil {
		return List{}, err
	}
	at, taken, err := columnsOf(t, said)
	if err != nil {
		return List{}, err
	}
	l := List{Form: Table, Notes: append(t.Notes, taken)}
	_, l.Owners = at[OwnerField]
	value := func(row table.Row, f Field) string {
		if i, ok := at[f]; ok {
			return cut(row.Cells[i])
		}
		return ""
	}
	for _, row := range t.Rows {
		place := fmt.Sprintf("line %d", row.Line)
		if _, ok := at[PackageField]; ok {
			text := value(row, PackageField)
			p, err := purl.Parse(text)
			if err != nil {
				p = purl.PURL{}
			}
			l.Packages = append(l.Packages, Package{Place: place, Name: text, Version: p.Version, PURL: p})
			continue
		}
		r := Record{Place: place, Repository: value(row, RepositoryField), Component: value(row, ComponentField), Name: value(row, NameField), Owner: value(row, OwnerField), Since: value(row, SinceField)}
		if r.Repository != "" || r.Component != "" {
			r.Name = ""
		}
		if r.String() != "" {
			l.Records = append(l.Records, r)
		}
	}
	if left := len(t.Rows) - len(l.Records) - len(l.Packages); left > 0 {
		l.Notes = append(l.Notes, fmt.Sprintf("Rows that name no repository or component were left aside: %d.", left))
	}
	return l, nil
}

// columnsOf finds which column is which field, and says it.
func columnsOf(t table.Table, said map[string]Field) (at map[Field]int, taken string, err error) {
	at = map[Field]int{}
	met := map[string]bool{}
	for i, heading := range t.Columns {
		if field, ok := said[plain(heading)]; ok {
			met[plain(heading)] = true
			if _, twice := at[field]; field != IgnoredField && !twice {
				at[field] = i
			}
		}
	}
	for heading := range said {
		if !met[heading] {
			return nil, "", refuse("the table has no column %q; its columns are: %s", heading, strings.Join(t.Columns, ", "))
		}
	}
	for _, field := range Fields() {
		for _, name := range usual[field] {
			for i, heading := range t.Columns {
				if _, known := at[field]; !known && plain(heading) == name && said[name] == "" {
					at[field] = i
				}
			}
		}
	}
	var words []string
	for _, field := range Fields() {
		if i, ok := at[field]; ok {
			words = append(words, fmt.Sprintf("%q as %s", t.Columns[i], field))
		}
	}
	_, repository := at[RepositoryField]
	_, component := at[ComponentField]
	_, name := at[NameField]
	_, pack := at[PackageField]
	if !repository && !component && !name && !pack {
		return nil, "", refuse("no column of the table holds repositories or components; its columns are: %s. Say which one does, as in \"Our heading=repository\"", cut(strings.Join(t.Columns, ", ")))
	}
	return at, "Columns: " + strings.Join(words, ", ") + ".", nil
}
