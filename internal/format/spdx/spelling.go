package spdx

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// spellings maps the spellingKey of what people write to an expression. Only
// names that mean one licence are here: no "bsd", "gpl", "lgpl", "apache",
// "public domain", "mit x11", "python", "artistic".
var spellings = map[string]string{
	"expat": "MIT", "mit expat": "MIT",
	"apache 2": "Apache-2.0", "apache2": "Apache-2.0", "apache2.0": "Apache-2.0", "apache 2.0": "Apache-2.0",
	"apache software 2.0": "Apache-2.0", "apache software 2": "Apache-2.0", "asl 2.0": "Apache-2.0", "asl 2": "Apache-2.0", "asl2.0": "Apache-2.0", "al 2.0": "Apache-2.0",
	"apache 1.1": "Apache-1.1", "apache software 1.1": "Apache-1.1",
	"bsd 2": "BSD-2-Clause", "bsd 2 clause": "BSD-2-Clause", "2 clause bsd": "BSD-2-Clause", "simplified bsd": "BSD-2-Clause", "bsd 2 clause simplified": "BSD-2-Clause", "bsd simplified": "BSD-2-Clause",
	"bsd 3": "BSD-3-Clause", "bsd 3 clause": "BSD-3-Clause", "3 clause bsd": "BSD-3-Clause", "new bsd": "BSD-3-Clause", "modified bsd": "BSD-3-Clause", "revised bsd": "BSD-3-Clause", "bsd new": "BSD-3-Clause",
	"bsd 3 clause new": "BSD-3-Clause", "bsd 3 clause new or revised": "BSD-3-Clause", "edl 1.0": "BSD-3-Clause", "eclipse distribution 1.0": "BSD-3-Clause",
	"bsd zero clause": "0BSD", "zero clause bsd": "0BSD", "bsd 0 clause": "0BSD",
	"mpl 1.1": "MPL-1.1", "mpl 2.0": "MPL-2.0", "mpl 2": "MPL-2.0", "mozilla public 2.0": "MPL-2.0", "mozilla public 1.1": "MPL-1.1",
	"epl 1.0": "EPL-1.0", "epl 2.0": "EPL-2.0", "epl 2": "EPL-2.0", "eclipse public 1.0": "EPL-1.0", "eclipse public 2.0": "EPL-2.0",
	"cddl 1.0": "CDDL-1.0", "cddl 1.1": "CDDL-1.1",
	"boost 1.0": "BSL-1.0", "boost software 1.0": "BSL-1.0", "business source 1.1": "BUSL-1.1", "bsl 1.1": "BUSL-1.1",
	"elastic 2.0": "Elastic-2.0", "sspl 1.0": "SSPL-1.0", "server side public 1": "SSPL-1.0",
	"cc0": "CC0-1.0", "cc0 1.0": "CC0-1.0", "cc0 1.0 universal": "CC0-1.0",
	"cc by 4.0": "CC-BY-4.0", "cc by sa 4.0": "CC-BY-SA-4.0", "cc by 3.0": "CC-BY-3.0", "cc by sa 3.0": "CC-BY-SA-3.0",
	"zlib libpng": "Zlib", "upl 1.0": "UPL-1.0", "psf 2.0": "PSF-2.0", "ofl 1.1": "OFL-1.1", "sil ofl 1.1": "OFL-1.1", "sil open font 1.1": "OFL-1.1",
	"edl": "BSD-3-Clause", "wtfpl 2": "WTFPL", "blue oak model 1.0.0": "BlueOak-1.0.0",
}

// copyleft are the families whose versions come as only or as or-later.
var copyleft = []struct {
	names    []string
	id       string
	versions []string
}{
	{[]string{"agpl", "affero gpl", "affero general public"}, "AGPL", []string{"1.0", "3.0"}},
	{[]string{"lgpl", "lesser gpl", "lesser general public", "library general public", "library or lesser general public"}, "LGPL", []string{"2.0", "2.1", "3.0"}},
	{[]string{"gpl", "general public"}, "GPL", []string{"1.0", "2.0", "3.0"}},
}

// known holds the addresses of one licence each, without scheme and www.
var known = map[string]string{
	"apache.org/licenses/license-2.0":           "Apache-2.0",
	"apache.org/licenses/license-1.1":           "Apache-1.1",
	"mozilla.org/mpl/2.0":                       "MPL-2.0",
	"mozilla.org/en-us/mpl/2.0":                 "MPL-2.0",
	"mozilla.org/mpl/1.1":                       "MPL-1.1",
	"eclipse.org/legal/epl-2.0":                 "EPL-2.0",
	"eclipse.org/legal/epl-v20":                 "EPL-2.0",
	"eclipse.org/legal/epl-v10":                 "EPL-1.0",
	"eclipse.org/org/documents/epl-v10":         "EPL-1.0",
	"eclipse.org/org/documents/epl-2.0":         "EPL-2.0",
	"eclipse.org/org/documents/epl-2.0/epl-2.0": "EPL-2.0",
	"eclipse.org/org/documents/edl-v10":         "BSD-3-Clause",
	"boost.org/license_1_0":                     "BSL-1.0",
	"unlicense.org":                             "Unlicense",
	"creativecommons.org/publicdomain/zero/1.0": "CC0-1.0",
	"creativecommons.org/licenses/by/4.0":       "CC-BY-4.0",
	"creativecommons.org/licenses/by-sa/4.0":    "CC-BY-SA-4.0",
	"gnu.org/licenses/old-licenses/gpl-2.0":     "GPL-2.0-only",
	"gnu.org/software/classpath/license":        "GPL-2.0-or-later WITH Classpath-exception-2.0",
	"openjdk.java.net/legal/gplv2+ce":           "GPL-2.0-only WITH Classpath-exception-2.0",
	"openjdk.org/legal/gplv2+ce":                "GPL-2.0-only WITH Classpath-exception-2.0",
	"glassfish.java.net/public/cddl+gpl_1_1":    "CDDL-1.1 OR GPL-2.0-only WITH Classpath-exception-2.0",
	"oss.oracle.com/licenses/upl":               "UPL-1.0",
	"scripts.sil.org/ofl":                       "OFL-1.1",
	"json.org/license":                          "JSON",
}

// idFolders are addresses that end with an SPDX expression.
var idFolders = []string{"opensource.org/licenses/", "opensource.org/license/", "spdx.org/licenses/", "licenses.nuget.org/", "choosealicense.com/licenses/"}

// spelled maps a name or address to an expression, where it can mean one only.
func spelled(text string) (string, bool) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > 400 {
		return "", false
	}
	if strings.Contains(text, "://") || strings.HasPrefix(text, "www.") {
		return addressed(text)
	}
	if e, ok := simple(text); ok {
		return e.String(), true
	}
	key := spellingKey(text)
	if id := spellings[key]; id != "" {
		return id, true
	}
	if id, ok := spelledCopyleft(key); ok {
		return id, true
	}
	if id := load().byName[key]; id != "" {
		return id, true
	}
	if e, ok := simple(strings.ReplaceAll(key, " ", "-")); ok && !strings.HasSuffix(key, " only") {
		return e.String(), true
	}
	if id, ok := abbreviated(text); ok {
		return id, true
	}
	return slashed(text)
}

// abbreviated reads a name with its short form behind it, "The MIT License
// (MIT)", when both mean the same.
func abbreviated(text string) (string, bool) {
	name, short, ok := strings.Cut(strings.TrimSuffix(text, ")"), " (")
	if !ok || !strings.HasSuffix(text, ")") || strings.Contains(short, "(") {
		return "", false
	}
	a, ok1 := spelled(name)
	b, ok2 := spelled(short)
	return a, ok1 && ok2 && a == b
}

// slashed reads the old way to offer a choice: MIT/Apache-2.0.
func slashed(text string) (string, bool) {
	parts := strings.Split(text, "/")
	if len(parts) < 2 || len(parts) > 8 || strings.EqualFold(strings.ReplaceAll(text, " ", ""), "MIT/X11") {
		return "", false
	}
	var terms []Expression
	for _, part := range parts {
		e, ok := simple(strings.TrimSpace(part))
		if !ok {
			return "", false
		}
		terms = append(terms, e)
	}
	return Join(Or, terms...).String(), true
}

// spelledCopyleft reads the GNU licences, whose names come in many ways.
func spelledCopyleft(key string) (string, bool) {
	later := false
	for _, suffix := range []string{" or later", " or newer", " or any later", " or above", " and later", "+", " only"} {
		if k, ok := strings.CutSuffix(key, suffix); ok {
			key, later = strings.TrimSpace(k), suffix != " only"
			break
		}
	}
	for _, family := range copyleft {
		for _, name := range family.names {
			rest, ok := strings.CutPrefix(key, name)
			if !ok {
				continue
			}
			version := strings.TrimPrefix(strings.TrimSpace(rest), "v")
			// trove classifiers repeat themselves: "v3 or later (GPLv3+)", "v2 (GPLv2)".
			version, _, _ = strings.Cut(version, " "+strings.ToLower(family.id)+"v")
			for _, suffix := range []string{" or later", "+"} {
				if k, ok := strings.CutSuffix(version, suffix); ok {
					version, later = k, true
				}
			}
			if !strings.Contains(version, ".") {
				version += ".0"
			}
			if !slices.Contains(family.versions, version) {
				return "", false
			}
			if later {
				return family.id + "-" + version + "-or-later", true
			}
			return family.id + "-" + version + "-only", true
		}
	}
	return "", false
}

// addressed reads the address of a licence's text.
func addressed(text string) (string, bool) {
	u, err := url.Parse(text)
	if err != nil {
		return "", false
	}
	place := strings.ToLower(strings.TrimPrefix(u.Host+strings.TrimRight(u.Path, "/"), "www."))
	for _, folder := range idFolders {
		id, ok := strings.CutPrefix(place, folder)
		if !ok {
			continue
		}
		id = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(id, ".html"), ".txt"), ".php")
		e, err := Parse(id)
		return e.String(), err == nil
	}
	for _, suffix := range []string{".txt", ".html", ".php", ".htm", ".en.html"} {
		place = strings.TrimSuffix(place, suffix)
	}
	id := known[place]
	return id, id != ""
}

// fillers are words that tell no licence from another.
var fillers = []string{"the", "license", "licence", "licensed", "under", "version", "gnu", "v", "ver"}

// spellingKey reduces a name to what tells licences apart: lower case, no
// punctuation but dots and pluses inside words, no filler words.
func spellingKey(name string) string {
	fields := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' && r != '+'
	})
	var kept []string
	for _, f := range fields {
		f = strings.Trim(f, ".")
		if len(f) > 1 && f[0] == 'v' && f[1] >= '0' && f[1] <= '9' {
			f = f[1:]
		}
		if f != "" && !slices.Contains(fillers, f) {
			kept = append(kept, f)
		}
	}
	return strings.Join(kept, " ")
}
