package licencetext

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"sync"

	"steward/internal/format/spdx"
)

// how a span was found.
type how int

const (
	wordForWord how = iota
	byPattern       // licensecheck
	bySignature     // our own phrases
	byTemplate      // fields that the licence has its user fill in
)

// More kinds of what a span is, beside those of known.tsv.
const (
	exception kind = "exception" // widens what the licence before or after it allows
	clause    kind = "clause"    // narrows it: the Commons Clause
)

// span is a stretch of words that is explained. Spans do not overlap.
type span struct {
	id         string // SPDX id, also old ones; empty for appendices
	kind       kind
	start, end int // words
	how        how
	pattern    string // of licensecheck
}

// reading is one text on its way to a Detection.
type reading struct {
	text     []byte
	words    []word
	spans    []span
	lines    [][]byte
	searched int    // words searched for restrictions
	trivial  []bool // by line: it has nothing but titles, copyright, names
	filled   []bool // by word: it is in a field that a licence has its user fill in; nil for none
}

func newReading(text []byte) *reading {
	r := &reading{text: text, words: split(text), lines: bytes.Split(text, []byte{'\n'})}
	r.trivial = make([]bool, len(r.lines)+2)
	r.markTrivial()
	return r
}

// add keeps a span unless it overlaps one that is there. A pattern that holds
// several times as many words as the texts inside it replaces them: some
// licences quote others.
func (r *reading) add(s span) {
	if s.start >= s.end {
		return
	}
	inside := 0
	for _, x := range r.spans {
		if x.start >= s.start && x.end <= s.end {
			inside += x.end - x.start
		}
	}
	if s.how == byPattern && inside > 0 && inside*3 < s.end-s.start {
		r.spans = slices.DeleteFunc(r.spans, func(x span) bool { return x.start >= s.start && x.end <= s.end })
	}
	i, _ := slices.BinarySearchFunc(r.spans, s.start, func(x span, at int) int { return x.start - at })
	if i > 0 && r.spans[i-1].end > s.start {
		// licensecheck counts the copyright lines above into its matches.
		s.start = r.spans[i-1].end
		if s.start >= s.end {
			return
		}
	}
	if i < len(r.spans) && r.spans[i].start < s.end {
		if k := r.spans[i].kind; k == body || k == header || r.spans[i].start <= s.start {
			return
		}
		s.end = r.spans[i].start
	}
	r.spans = slices.Insert(r.spans, i, s)
}

// left returns the indexes of the words that nothing explains.
func (r *reading) left() []int {
	var out []int
	next := 0
	for i, w := range r.words {
		for next < len(r.spans) && r.spans[next].end <= i {
			next++
		}
		if next < len(r.spans) && r.spans[next].start <= i || r.trivial[w.line] {
			continue
		}
		out = append(out, i)
	}
	return out
}

// unexplained says whether another step could find more.
func (r *reading) unexplained() bool {
	return len(r.spans) == 0 || len(r.left()) > 0
}

// rights are the words without which no text gives or takes a right.
var rights = []string{
	"license", "licenses", "licensed", "permission", "permissions", "permitted", "redistribute", "redistributed", "redistribution", "redistributions",
	"warranty", "warranties", "granted", "grant", "grants", "liable", "liability", "gpl", "lgpl", "agpl", "copyleft", "unlicense", "public",
}

// speaksOfRights says whether the unexplained words could be a licence.
func (r *reading) speaksOfRights() bool {
	return slices.ContainsFunc(r.left(), func(i int) bool { return slices.Contains(rights, r.words[i].text) })
}

// worthAll says whether the costly last scan could find more than the scan of
// the common licences: the shortest texts have some twenty words.
func (r *reading) worthAll() bool {
	left := r.left()
	kinds := map[string]bool{}
	for _, i := range left {
		if w := r.words[i].text; slices.Contains(rights, w) {
			kinds[w] = true
		}
	}
	return len(left) >= 20 && len(kinds) >= 2
}

// titleWords are the words that licences' names and headings are made of.
var titleWords = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields("license licenses version v the a of terms conditions and or text full software open source general public " +
		"agreement notice notices file this project code legal information copyright begin end january february march april june july august september october november december " +
		"preamble standard dual new revised modified simplified clause mit isc bsd apache gnu gpl lgpl agpl mozilla mpl eclipse epl") {
		set[w] = true
	}
	for _, l := range spdx.All() {
		for _, w := range split([]byte(l.Name + " " + l.ID)) {
			set[w.text] = true
		}
	}
	// A title with one of these is not the plain licence's.
	for w := range obligations {
		delete(set, w)
	}
	return set
})

var (
	copyrightLine = regexp.MustCompile(`(?i)^\W*(portions |parts |some parts |original code |originally |modifications |changes |additional |based on .{1,40})?(copyright|copyrights|\(c\)|©|&copy;|copr\.)(\W|$)`)
	signedLine    = regexp.MustCompile(`(?i)(©|\(c\)|&copy;)`)
	yearLine      = regexp.MustCompile(`(19|20)[0-9]{2}`)
	useWord       = regexp.MustCompile(`(?i)\b(use|uses|used|usage)\b`)
	aboutTerms    = regexp.MustCompile(`(?i)^\W*copyrights? (notice|notices|holder|holders|law|laws|and|license|owner|owners|is|in|must|shall|may)\b`)
	reservedLine  = regexp.MustCompile(`(?i)^\W*all rights? reserved\W*$`)
	authorLine    = regexp.MustCompile(`(?i)^\W*(by|authors?|contributors?|maintainers?|maintained by|created by|written by|developed by|original authors?|e-?mail|contact|web|website|homepage|url|date|last updated)\b`)
	addressLine   = regexp.MustCompile(`(?i)^[^a-z0-9]*[-\w.+/:~@%#?=&]*(://|@|www\.)[-\w.+/:~@%#?=&]*[^a-z0-9]*$`)
	streetLine    = regexp.MustCompile(`(?i)(51 franklin st|59 temple place|675 mass(achusetts)? ave|free software foundation, inc)`)
	blankLine     = regexp.MustCompile(`^\W*[<\[{$][^<>]{1,80}[>\]}]\W*$`)
	verbatimLine  = regexp.MustCompile(`(?i)(everyone is (permitted|allowed) to (copy and )?distribute verbatim|of this license document, but (changing it|modification( of it)?) is not allowed|^\W*end of (the )?terms and conditions\W*$)`)
)

// noticeLine finds lines of notices and remarks that grant and oblige nothing.
var noticeLine = regexp.MustCompile(`(?i)(without (any|even the implied) warranty|warranty of|along with this (program|library|software|package)|^\W*if not,? (see|write)|on debian systems|for more details|should have received a copy|49 boston|(see|in) the (file )?(license|licence|copying|notice|authors)\b)`)

// markTrivial finds the lines that tell nothing about the terms.
func (r *reading) markTrivial() {
	counts := make([]int, len(r.lines)+2)
	others := make([]bool, len(r.lines)+2) // words that are not of a title
	known := titleWords()
	for _, w := range r.words {
		counts[w.line]++
		others[w.line] = others[w.line] || !known[w.text] && !isDigit(w.text[0])
	}
	after := false // right after a copyright line
	for i, line := range r.lines {
		n := counts[i+1]
		if n == 0 {
			after = after && len(bytes.TrimSpace(line)) > 0
			continue
		}
		plain := n > 30 || !slices.ContainsFunc(strings.Fields(strings.ToLower(string(line))), obliging)
		copyrightHere := n <= 30 && copyrightLine.Match(line) && !aboutTerms.Match(line) ||
			n <= 20 && signedLine.Match(line) && yearLine.Match(line) ||
			n <= 10 && signedLine.Match(line)
		copyrightHere = copyrightHere && plain && !useWord.Match(line)
		name := after && n <= 8 && plain
		r.trivial[i+1] = copyrightHere || name || n <= 14 && !others[i+1] ||
			reservedLine.Match(line) || n <= 14 && authorLine.Match(line) && plain ||
			addressLine.Match(line) || n <= 16 && streetLine.Match(line) || blankLine.Match(line) || n <= 24 && verbatimLine.Match(line)
		after = copyrightHere || name
	}
}

// obliging says whether a word can oblige or restrict.
func obliging(w string) bool {
	return obligations[strings.Trim(w, ".,;:()\"'*")]
}

// obligations are words without which a sentence hardly changes what is allowed.
var obligations = wordSet("must shall may cannot can't only not except unless require required requires prohibit prohibited prohibits prohibition " +
	"restrict restricted restriction restrictions condition conditions provided permission permitted fee fees royalty commercial noncommercial agree agreement " +
	"forbidden exclusive exclusively evaluation trial solely limited limitation terminate terminated without exception subject " +
	"evil military weapons allowed disallowed disallow consent approval pay payment purchase " +
	"modified variant custom amended altered additional excluded excluding exception exceptions expires expire until valid personal " +
	"directory directories folder folders subdirectory outside enterprise proprietary")

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}
