package sbom

import (
	"strings"

	"steward/internal/format/purl"
	"steward/internal/platform/fault"
)

// Question asks who uses a package. The zero value of each field but Name
// narrows nothing down.
type Question struct {
	Name     string `json:"name"`  // as people write it, its last part, or a package URL
	Range    string `json:"range"` // of versions, in the package's own ecosystem; empty: any version
	Scope    string `json:"scope,omitempty"`
	Direct   bool   `json:"direct,omitempty"`   // only those that name it themselves
	Fixtures bool   `json:"fixtures,omitempty"` // test data, examples and templates too
	Limit    int    `json:"-"`                  // of uses; 0 is 50
	Offset   int    `json:"-"`
}

// ParseQuestion splits NAME[@RANGE]: "log4j-core@<2.17", "@angular/core",
// "pkg:npm/%40angular/core@17.0.1".
func ParseQuestion(text string) (Question, error) {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(strings.ToLower(text), "pkg:") {
		p, err := purl.Parse(text)
		if err != nil {
			return Question{}, fault.Wrap(fault.Invalid, err, "%q is not a package URL. One looks like pkg:npm/lodash or pkg:maven/org.slf4j/slf4j-api@1.7.36.", text)
		}
		return Question{Name: p.Package().String(), Range: p.Version}, nil
	}
	q := Question{Name: text}
	if i := strings.LastIndexByte(text, '@'); i > 0 {
		q.Name, q.Range = strings.TrimSpace(text[:i]), strings.TrimSpace(text[i+1:])
	}
	if q.Name == "" {
		return q, fault.New(fault.Invalid, "Name a package, such as log4j-core, @angular/core or pkg:maven/org.slf4j/slf4j-api.")
	}
	return q, nil
}
