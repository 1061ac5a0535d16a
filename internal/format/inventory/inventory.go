// Package inventory reads lists of software that other tools export, so that they can be laid beside
// what Steward knows.
//
//	what                        how it is known            what it lists
//	CSV, XLSX                   anything that is not below  repositories and components by columns
//	Backstage catalogue         kind, metadata              entities, from its API (JSON) or as YAML documents
//	Dependency-Track, JSON      uuid, active or project     projects, or components of projects
//	CycloneDX 1.2 to 1.7        bomFormat, or its XML       packages
//	SPDX 2.2 and 2.3, JSON      spdxVersion                 packages
//
// A reader takes the few fields that a comparison needs and passes over the rest, so that a newer
// version of a form, or one that breaks a rule elsewhere, still reads. Other forms are refused with
// what to do. What it leaves aside is noted.
package inventory

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"steward/internal/format/purl"
)

// Limits of Read.
const (
	MaxBytes   = 64 << 20
	MaxEntries = 200_000
	MaxValue   = 2_000 // bytes of a name, version, owner or address; the rest is cut
)

// Form is what a list is.
type Form string

// The forms.
const (
	Table      Form = "table"
	Catalogue  Form = "Backstage catalogue"
	Projects   Form = "Dependency-Track projects"
	Components Form = "Dependency-Track components"
	CycloneDX  Form = "CycloneDX bill of materials"
	SPDX       Form = "SPDX bill of materials"
)

// List is what a file says. It has records or packages, never both.
type List struct {
	Form     Form
	Tool     string    // what wrote it, as it says: "syft 1.4.0"; "" when it does not
	Subject  string    // what a bill is of, as it says
	At       time.Time // when it was written; zero when it does not say
	Records  []Record
	Packages []Package
	Notes    []string // what was left aside or assumed, in sentences
	Owners   bool     // it says who owns what, or could
}

// Record is one repository or component. At least one of the names is there; all are as written.
type Record struct {
	Place      string // "line 4", "entry 12"
	Repository string // name or address
	Component  string // name or entity ref
	Name       string // of a repository or a component: the list does not say which
	Owner      string
	Since      string // since when it has this owner, as written
}

// String is the record in words.
func (r Record) String() string {
	switch {
	case r.Component == "" && r.Repository == "":
		return r.Name
	case r.Component == "":
		return r.Repository
	case r.Repository == "":
		return r.Component
	}
	return r.Component + " in " + r.Repository
}

// Package is one release of a package.
type Package struct {
	Place   string
	Name    string // as written, with its group; of entries without package URL the only name
	Version string // "" when it does not say
	PURL    purl.PURL
	Kind    string // as the form has it: library, application, operating-system
}

// Error says why a file cannot be read, and what to do.
type Error struct{ Why string }

func (e *Error) Error() string { return e.Why }

func refuse(format string, args ...any) error { return &Error{Why: fmt.Sprintf(format, args...)} }

// Read reads a list. Said gives columns of a table their fields, see Fields. What is wrong is an
// *Error, or a *table.Error where it has a place in a table.
func Read(b []byte, said map[string]Field) (List, error) {
	if len(b) > MaxBytes {
		return List{}, refuse("the file has more than %d MB; split it", MaxBytes>>20)
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(text) == 0 {
		return List{}, refuse("the file is empty")
	}
	var l List
	var err error
	switch {
	case text[0] == '{':
		l, err = document(text)
	case text[0] == '[':
		l, err = array(text)
	case text[0] == '<':
		l, err = bomXML(text)
	case bytes.HasPrefix(text, []byte("SPDXVersion:")):
		return l, refuse("this is SPDX as tags and values; convert it to SPDX JSON")
	case isCatalogueYAML(text):
		l, err = catalogueYAML(text)
	default:
		l, err = tabular(b, said)
	}
	if err != nil {
		return List{}, err
	}
	if len(l.Records)+len(l.Packages) == 0 {
		return List{}, refuse("the %s names nothing that could be compared%s", l.Form, because(l.Notes))
	}
	return l, nil
}

func because(notes []string) string {
	if len(notes) == 0 {
		return ""
	}
	return ": " + strings.Join(notes, " ")
}

// document reads a JSON object: a bill, or a page of a catalogue's answer.
func document(b []byte) (List, error) {
	var head struct {
		BOMFormat   string          `json:"bomFormat"`
		SPDXVersion string          `json:"spdxVersion"`
		Context     json.RawMessage `json:"@context"`
		Items       json.RawMessage `json:"items"`
		Kind        string          `json:"kind"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return List{}, brokenJSON(b, err)
	}
	switch {
	case strings.EqualFold(head.BOMFormat, "CycloneDX"):
		return bomJSON(b)
	case strings.HasPrefix(head.SPDXVersion, "SPDX-2"):
		return spdx(b)
	case head.SPDXVersion != "" || bytes.Contains(head.Context, []byte("spdx.org")):
		return List{}, refuse("this is SPDX of a version that Steward does not read; export it as SPDX 2.3 JSON or CycloneDX")
	case len(head.Items) > 0 && head.Items[0] == '[':
		return array(head.Items)
	case head.Kind != "":
		return array(append(append([]byte{'['}, b...), ']'))
	}
	return List{}, refuse("this JSON is no bill of materials and no list that Steward knows (CycloneDX, SPDX 2.3, Backstage entities, Dependency-Track projects or components)")
}

// array reads a JSON list. What its first object has tells what it is.
func array(b []byte) (List, error) {
	var all []map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		return List{}, brokenJSON(b, err)
	}
	if len(all) > MaxEntries {
		return List{}, refuse("the list has more than %d entries; split it", MaxEntries)
	}
	if len(all) == 0 {
		return List{}, refuse("the list is empty")
	}
	has := func(key string) bool { return len(all[0][key]) > 0 }
	var classifier string
	_ = json.Unmarshal(all[0]["classifier"], &classifier) // another kind of value is no classifier
	switch {
	case has("kind") && has("metadata"):
		return catalogueJSON(b)
	case has("uuid") && (has("project") || classifier == "LIBRARY" && !has("active")):
		return trackComponents(b)
	case has("uuid") && has("name"):
		return trackProjects(b)
	}
	return List{}, refuse("this JSON list is none that Steward knows (Backstage entities, Dependency-Track projects or components)")
}

// brokenJSON says where JSON breaks off, without its content.
func brokenJSON(b []byte, err error) error {
	at := int64(-1)
	switch e := err.(type) {
	case *json.SyntaxError:
		at = e.Offset
	case *json.UnmarshalTypeError:
		at = e.Offset
	}
	if at < 0 || at > int64(len(b)) {
		return refuse("the JSON cannot be read; export the file again")
	}
	return refuse("the JSON cannot be read from line %d on; export the file again", 1+bytes.Count(b[:at], []byte("\n")))
}

// cut shortens what no name needs, and drops what is no text.
func cut(s string) string {
	s = strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD"))
	if len(s) > MaxValue {
		s = strings.ToValidUTF8(s[:MaxValue], "") + "…"
	}
	return s
}

// moment reads a time as bills write it; zero when it is none.
func moment(s string) time.Time {
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(form, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// entry is how an entry of a list is spoken of.
func entry(i int) string { return fmt.Sprintf("entry %d", i+1) }

// release makes a package of what a list says; a package URL that is none is passed over.
func release(place, address, group, name, version, kind string) Package {
	p := Package{Place: place, Name: cut(name), Version: cut(version), Kind: strings.ToLower(cut(kind))}
	if group != "" {
		p.Name = cut(group) + "/" + p.Name
	}
	if address != "" {
		if parsed, err := purl.Parse(address); err == nil {
			p.PURL = parsed
			if p.Version == "" {
				p.Version = parsed.Version
			}
			if p.Name == "" {
				p.Name = parsed.FullName()
			}
		}
	}
	return p
}
