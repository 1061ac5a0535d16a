package licencetext

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/google/licensecheck"
)

// scanner is licensecheck over some licences, with their patterns as words.
type scanner struct {
	scan     func([]byte) licensecheck.Coverage
	patterns map[string]string // id → its patterns, words joined by spaces
}

// commonIDs are the licences of the scanner that is built first. More members
// of the BSD family would multiply its size: together they cost 0.6 CPU-s.
var commonIDs = []string{
	"MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "0BSD", "Unlicense", "Zlib", "CC0-1.0", "MPL-2.0", "BSL-1.0", "WTFPL",
	"GPL-2.0", "GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0", "GPL-3.0-only", "GPL-3.0-or-later",
	"LGPL-2.1", "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0", "LGPL-3.0-only", "LGPL-3.0-or-later",
	"AGPL-3.0", "AGPL-3.0-only", "AGPL-3.0-or-later", "EPL-2.0", "CommonsClause",
}

// commonScanner is built on first need and never changed.
var commonScanner = sync.OnceValue(func() scanner {
	var some []licensecheck.License
	for _, l := range licensecheck.BuiltinLicenses() {
		if slices.Contains(commonIDs, l.ID) {
			some = append(some, l)
		}
	}
	s, err := licensecheck.NewScanner(some)
	if err != nil {
		panic("licencetext: patterns of licensecheck: " + err.Error()) // they are compiled in
	}
	return scanner{s.Scan, patternsOf(some)}
})

// fullScanner knows all licences of licensecheck.
var fullScanner = sync.OnceValue(func() scanner {
	return scanner{licensecheck.Scan, patternsOf(licensecheck.BuiltinLicenses())}
})

func patternsOf(licences []licensecheck.License) map[string]string {
	patterns := map[string]string{}
	for _, l := range licences {
		if l.LRE != "" {
			patterns[l.ID] += " " + l.LRE
		}
	}
	return patterns
}

// scan adds what the scanner finds beside the texts that are known already.
func (r *reading) scan(s scanner) {
	r.spans = slices.DeleteFunc(r.spans, func(x span) bool { return x.how == byPattern })
	for _, m := range s.scan(r.text).Match {
		if m.IsURL {
			continue
		}
		start, end := r.wordRange(s.trueStart(r.text, m), m.End)
		x := span{id: m.ID, kind: body, start: start, end: end, how: byPattern, pattern: s.patterns[m.ID]}
		if m.ID == "CommonsClause" {
			x.id, x.kind = "", clause
		}
		if end-start < 200 && isGNU(m.ID) {
			x.kind = header
		}
		r.add(x)
	}
}

var copyrightWord = regexp.MustCompile(`(?i)copyright`)

// trueStart finds where a match begins. licensecheck moves the start back to
// the word copyright, when one stands before, over whatever is between.
func (s scanner) trueStart(text []byte, m licensecheck.Match) int {
	start := m.Start
	for range 20 {
		at := copyrightWord.FindIndex(text[start:m.End])
		if at == nil {
			break
		}
		next := start + at[1]
		inner := s.scan(text[next:m.End]).Match
		if len(inner) != 1 || inner[0].ID != m.ID || inner[0].IsURL || next+inner[0].End < m.End-1 {
			break
		}
		if inner[0].Start == 0 {
			// The match begins with the rest of this line, or right behind the word.
			start = next
			continue
		}
		start = next + inner[0].Start
	}
	return start
}

// wordRange turns byte offsets into indexes of words.
func (r *reading) wordRange(lo, hi int) (start, end int) {
	start, _ = slices.BinarySearchFunc(r.words, lo, func(w word, at int) int { return w.start - at })
	end, _ = slices.BinarySearchFunc(r.words, hi, func(w word, at int) int { return w.start - at })
	return start, end
}

func isGNU(id string) bool {
	return strings.HasPrefix(id, "GPL-") || strings.HasPrefix(id, "LGPL-") || strings.HasPrefix(id, "AGPL-")
}
