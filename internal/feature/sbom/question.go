package sbom

import (
	"errors"
	"slices"
	"strings"

	"steward/internal/feature/sbom/reading"
	"steward/internal/format/purl"
	"steward/internal/format/version"
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

// sorted says which of a package's versions a range holds, and gives all of
// them in their order, what is no version last.
type sorted struct {
	versions []string
	rank     map[string]int
	matches  map[string]bool // in the range
	unclear  map[string]bool // no version, or one that cannot be compared: it may be in the range
}

// sortVersions orders versions of a package URL type and compares them with a
// range; without one every version matches.
func sortVersions(typ, rangeText string, versions []string) (sorted, error) {
	out := sorted{versions: slices.Clone(versions), rank: map[string]int{}, matches: map[string]bool{}, unclear: map[string]bool{}}
	readable := map[string]bool{}
	for _, v := range versions {
		_, err := version.Compare(typ, v, v)
		readable[v] = err == nil
	}
	slices.SortFunc(out.versions, func(a, b string) int {
		switch {
		case readable[a] && readable[b]:
			if c, err := version.Compare(typ, a, b); err == nil && c != 0 {
				return c
			}
		case readable[a]:
			return -1
		case readable[b]:
			return 1
		}
		return strings.Compare(b, a) // what has no version at all comes last
	})
	for i, v := range out.versions {
		out.rank[v] = i
	}
	if strings.TrimSpace(rangeText) == "" {
		for _, v := range versions {
			out.matches[v] = true
		}
		return out, nil
	}
	wanted, err := version.ParseRange(typ, rangeText)
	if err != nil {
		return out, fault.Wrap(fault.Invalid, err, "%q is not a range of %s versions. Write it like %s.", rangeText, reading.EcosystemName(typ), version.Allowed)
	}
	for _, v := range versions {
		ok, err := wanted.Contains(v)
		switch {
		case v == "", errors.Is(err, version.ErrVersion):
			out.unclear[v] = true
		case err != nil:
			return out, err
		case ok:
			out.matches[v] = true
		}
	}
	return out, nil
}
