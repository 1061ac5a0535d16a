// Package licencetext says which licence a text is.
//
// A text is read in steps, the cheap ones first, and the next one is taken only
// for what is not yet explained:
//
//  1. word for word   every text of the SPDX list, known by the digest of its
//     words (known.tsv); punctuation, letter case, bullets, line
//     breaks and the names of holders do not count
//  2. common          google/licensecheck over the thirty commonest licences
//     (built on first need, about 0.05 CPU-s)
//  3. all             google/licensecheck over all that it knows (built on first
//     need, about 1 CPU-s; it needs words that speak of rights)
//  4. our own         what licensecheck does not know: BUSL-1.1, Elastic-2.0,
//     the Commons Clause, exceptions to the GPL and to Apache-2.0
//  5. by name         a short text that says under which licence something is
//
// Words that no step explains are judged: copyright lines and titles are
// nothing; words that restrict (non-commercial, may not be used for, for
// evaluation ...) mean that the text is not the plain licence, so Expression
// stays empty and Restrictions says what was found where; other words lower the
// certainty. What is unknown stays unknown.
package licencetext

import (
	"bytes"
	"fmt"
	"html"
	"path"
	"regexp"
	"strings"
	"unicode/utf16"

	"steward/internal/format/spdx"
)

// MaxSize is the longest text that Detect reads, in bytes.
const MaxSize = 1 << 20

// Certainty says how the Expression of a Detection came about.
type Certainty string

// The certainties, from the best to none.
const (
	Exact     Certainty = "exact"     // the texts word for word, and nothing else but titles and copyright lines
	Close     Certainty = "close"     // the texts with small known variations, or with harmless words around them
	Named     Certainty = "named"     // no text; the file says the licence's name or SPDX id
	Suspected Certainty = "suspected" // words are left over that could change the terms: read the file
	Unknown   Certainty = "unknown"   // no licence found; Expression is empty
)

// Detection is the answer to one text.
type Detection struct {
	// Expression is canonical SPDX; empty when unknown, and empty when a
	// restriction was added to a known licence.
	Expression string
	// Base is the licence that a restriction was added to, when Expression is
	// empty for that reason.
	Base      string
	Certainty Certainty
	// Matched is the share of the words, 0..1, that licence texts explain;
	// titles and copyright lines are not counted.
	Matched float64
	// Reasons are sentences on how the answer came about.
	Reasons []string
	// Restrictions name words beyond the licence's own, with their line.
	Restrictions []string
	// Line is where the first licence text starts, from 1; 0 when none does.
	Line int
}

// Wants says whether a file of this slash-separated path is a licence text by
// its name. NOTICE files are wanted as well: some projects keep the licence there.
func Wants(name string) bool {
	dir, base := path.Split(name)
	if strings.HasSuffix(dir, "LICENSES/") && (dir == "LICENSES/" || strings.HasSuffix(dir, "/LICENSES/")) {
		return strings.HasSuffix(base, ".txt") || strings.HasSuffix(base, ".md") || !strings.Contains(base, ".")
	}
	return licenceName.MatchString(base) && !sourceName.MatchString(base)
}

// sourceName finds code and data: license.go, licenses.json.
var sourceName = regexp.MustCompile(`(?i)\.(go|mod|sum|java|kts?|scala|groovy|gradle|[cm]?[jt]sx?|json[c5]?|py[ci]?|rb|erb|rs|php|[ch](pp|xx|c|h)?|hpp|cs|vb|fs|swift|mm?|sh|bash|ps1|bat|cmd|pl|pm|lua|r|ex|exs|erl|hs|clj|dart|sql|proto|xml|xsl|xsd|ya?ml|toml|ini|cfg|properties|resx|csv|tsv|css|s[ca]ss|less|svg|png|jpe?g|gif|ico|vue|svelte|tmpl|j2|ejs|lock|zip|gz|tgz|jar|asc|sig|sha[0-9]*|snap|patch|diff|in|po|pdf|docx?|rtf)$`)

var licenceName = regexp.MustCompile(`(?i)^(` +
	`((mit|bsd|apache|gpl|lgpl|agpl|mpl|third[-_]?party|3rd[-_]?party)[-_.]?)?(un)?licen[sc]es?([-_.][a-z0-9+_-]+(\.[0-9]+)*)?(\.(txt|md|markdown|rst|html?|adoc))?|` +
	`copying([-_.][a-z0-9+_-]+(\.[0-9]+)*)?(\.(txt|md|rst))?|` +
	`(third[-_]?party[-_]?)?notices?([-_.](txt|md|rst|html?))?|` +
	`copyright(\.(txt|md))?|` +
	`[a-z0-9+_.-]+\.(licen[sc]e|copying))$`)

// Detect says which licence the text is. The path decides nothing alone, but
// in a LICENSES folder (REUSE) its name is the licence's id. It never fails:
// what cannot be read is Unknown, with the reason.
func Detect(name string, text []byte) Detection {
	switch {
	case len(text) > MaxSize:
		return unknown(fmt.Sprintf("larger than %d bytes", MaxSize))
	case len(bytes.TrimSpace(text)) == 0:
		return unknown("empty")
	}
	text = plain(text)
	if bytes.IndexByte(text, 0) >= 0 {
		return unknown("not a text")
	}
	r := newReading(text)
	r.matchKnown()
	r.markParameters()
	if r.unexplained() {
		r.recognise()
	}
	if r.unexplained() && r.speaksOfRights() {
		r.scan(commonScanner())
		if r.unexplained() && r.worthAll() {
			r.scan(fullScanner())
		}
	}
	r.markParameters()
	return r.conclude(reuseID(name))
}

func unknown(reason string) Detection {
	return Detection{Certainty: Unknown, Reasons: []string{reason}}
}

// reuseID returns the id that a file in a LICENSES folder is named after.
func reuseID(name string) string {
	dir, base := path.Split(name)
	if dir != "LICENSES/" && !strings.HasSuffix(dir, "/LICENSES/") {
		return ""
	}
	id := strings.TrimSuffix(strings.TrimSuffix(base, ".txt"), ".md")
	current, ok := spdx.Current(id)
	if !ok || strings.HasPrefix(current, "LicenseRef-") {
		return ""
	}
	return current
}

var tag = regexp.MustCompile(`<[a-zA-Z/!][^<>]{0,400}>`)

// plain undoes UTF-16 and HTML; line numbers stay.
func plain(text []byte) []byte {
	if len(text) >= 2 && (text[0] == 0xFF && text[1] == 0xFE || text[0] == 0xFE && text[1] == 0xFF) {
		little := text[0] == 0xFF
		units := make([]uint16, 0, len(text)/2)
		for i := 2; i+1 < len(text); i += 2 {
			a, b := uint16(text[i]), uint16(text[i+1])
			if little {
				a, b = b, a
			}
			units = append(units, a<<8|b)
		}
		text = []byte(string(utf16.Decode(units)))
	}
	if head := bytes.ToLower(text[:min(len(text), 1000)]); bytes.Contains(head, []byte("<html")) || bytes.Contains(head, []byte("<!doctype html")) {
		text = tag.ReplaceAllFunc(text, func(t []byte) []byte {
			return bytes.Repeat([]byte{'\n'}, bytes.Count(t, []byte{'\n'}))
		})
		text = []byte(html.UnescapeString(string(text)))
	}
	return text
}
