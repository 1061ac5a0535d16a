package licencetext

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"steward/internal/format/spdx"
)

// shortestTerms is the number of words below which a pattern of licensecheck
// is a sentence that names a licence, not its terms.
const shortestTerms = 40

// mostListed is the number of leftovers and restrictions that are told.
const mostListed = 10

// conclude makes the Detection of what was found. named is the id that the
// file is named after, or empty.
func (r *reading) conclude(named string) Detection {
	expression, reasons := r.expression(named)
	d := Detection{Expression: expression, Reasons: reasons, Certainty: Unknown, Matched: r.share()}
	for _, x := range r.spans {
		if x.kind == body || x.kind == header {
			d.Line = r.words[x.start].line
			break
		}
	}
	mentions := r.mentions()
	if d.Expression == "" {
		d = r.byName(d, mentions, named)
	} else {
		d = r.weigh(d, mentions)
	}
	hits := r.restrictions()
	if r.searched > mostSearched {
		d.Reasons = append(d.Reasons, fmt.Sprintf("too long to search whole for restrictions: %d words searched", mostSearched))
		if d.Expression != "" {
			d.Certainty = Suspected
		}
	}
	if len(hits) > 0 {
		d.Base, d.Expression = d.Expression, ""
		d.Certainty = Unknown
		if d.Base != "" {
			d.Certainty = Suspected
			d.Reasons = append(d.Reasons, d.Base+" with added restriction")
		}
		d.Restrictions = nil
		for _, h := range hits[:min(len(hits), mostListed)] {
			d.Restrictions = append(d.Restrictions, r.say(h))
		}
	}
	if d.Expression == "" && d.Base == "" && len(d.Reasons) == 0 {
		d.Reasons = []string{"no licence of the SPDX list recognised"}
	}
	return d
}

// share is the part of the words that count which texts explain.
func (r *reading) share() float64 {
	covered := 0
	for _, x := range r.spans {
		covered += x.end - x.start
	}
	left := len(r.left())
	if covered+left == 0 {
		return 0
	}
	return math.Round(float64(covered)/float64(covered+left)*1000) / 1000
}

// expression joins the licences of the spans.
func (r *reading) expression(named string) (string, []string) {
	var list []found
	var reasons []string
	var previous span
	for _, x := range r.spans {
		applies := x.kind == body || x.kind == header
		inAppendix := x.kind == header && previous.kind == appendix && x.start-previous.end < 60
		previous = x
		if !applies || inAppendix || x.id == "" {
			continue
		}
		e, err := spdx.Parse(currentOf(x.id))
		if err != nil {
			reasons = append(reasons, fmt.Sprintf("line %d: %s, which is not on the SPDX list", r.words[x.start].line, x.id))
			continue
		}
		list = append(list, found{e, x.start})
	}
	list = settleVersions(list, r.spans, named, &reasons)
	for _, x := range r.spans {
		if x.kind == exception {
			withException(list, x)
		}
	}
	terms := make([]spdx.Expression, len(list))
	for i, f := range list {
		terms[i] = f.expression
	}
	op := spdx.And
	if joined := spdx.Join(spdx.And, terms...); len(joined.Terms) <= mostChoices && r.offersChoice() {
		op = spdx.Or
	}
	return spdx.Join(op, terms...).String(), reasons
}

// found is a licence with the word where its text starts.
type found struct {
	expression spdx.Expression
	at         int
}

// mostChoices is the number of licences that a file offers at most; with more,
// it lists what is in a product, and a choice in it is one of a part.
const mostChoices = 3

// own maps ids of licensecheck that the SPDX list does not have, or that name
// one licence by another id.
var own = map[string]string{
	"GPL-2.0-or-3.0": "GPL-2.0-only OR GPL-3.0-only",
	"MIT-NoAd":       "MIT",
}

func currentOf(id string) string {
	if expression, ok := own[id]; ok {
		return expression
	}
	return id
}

// settleVersions decides between -only and -or-later: the text of a GNU licence
// says neither, a notice beside it or the name of the file does.
func settleVersions(list []found, spans []span, named string, reasons *[]string) []found {
	later, only := map[string]bool{}, map[string]bool{}
	for _, x := range spans {
		if base, ok := strings.CutSuffix(x.id, "-or-later"); ok && x.kind == header {
			later[base] = true
		}
		if base, ok := strings.CutSuffix(x.id, "-only"); ok && x.kind == header {
			only[base] = true
		}
	}
	if base, ok := strings.CutSuffix(named, "-or-later"); ok {
		later[base] = true
	}
	if base, ok := strings.CutSuffix(named, "-only"); ok {
		only[base] = true
	}
	lesser := slices.ContainsFunc(list, func(f found) bool { return strings.HasPrefix(f.expression.Licence, "LGPL-3.0") })
	var out []found
	for _, f := range list {
		e := f.expression
		base, isOnly := strings.CutSuffix(e.Licence, "-only")
		switch {
		case lesser && strings.HasPrefix(e.Licence, "GPL-3.0"):
			continue // the LGPL 3 is a set of additions to the GPL 3 and comes with it
		case isOnly && later[base] && !only[base]:
			e.Licence = base + "-or-later"
		case isOnly && !only[base] && isGNU(e.Licence):
			reason := base + ": the text does not say whether later versions may be chosen; taken as this version only"
			if !slices.Contains(*reasons, reason) {
				*reasons = append(*reasons, reason)
			}
		}
		out = append(out, found{e, f.at})
	}
	return out
}

// withException puts an exception to the licence it widens: the nearest before
// it, or the first after it.
func withException(list []found, x span) {
	family := "GPL-"
	if x.id == "LLVM-exception" {
		family = "Apache-2.0"
	}
	nearest := -1
	for i, f := range list {
		if f.expression.Op == "" && strings.HasPrefix(f.expression.Licence, family) && (f.at < x.start || nearest < 0) {
			nearest = i
		}
	}
	if nearest >= 0 {
		list[nearest].expression.Exception = x.id
	}
}

// byName answers for a file without a licence's text.
func (r *reading) byName(d Detection, mentions []mention, named string) Detection {
	if ids := r.identifiers(); len(ids) > 0 {
		var terms []spdx.Expression
		for _, id := range ids {
			e, err := spdx.Parse(id)
			if err == nil {
				terms = append(terms, e)
			}
		}
		d.Expression, d.Certainty = spdx.Join(spdx.And, terms...).String(), Named
		d.Reasons = append(d.Reasons, "by SPDX-License-Identifier")
		return d
	}
	outside := r.outside()
	if len(r.words) <= longestMention {
		if e, err := spdx.Normalise(strings.TrimSpace(string(r.text))); err == nil {
			d.Expression, d.Certainty, d.Line = e, Named, r.words[0].line
			d.Reasons = append(d.Reasons, "the licence is named; its text is not here")
			return d
		}
	}
	if len(mentions) > 0 && len(outside) <= 120 && (granting.MatchString(r.join(0, len(r.words))) || r.trivial[r.words[mentions[0].start].line]) && !r.denies() {
		var terms []spdx.Expression
		for _, m := range mentions {
			if e, err := spdx.Parse(m.expression); err == nil {
				terms = append(terms, e)
			}
		}
		op := spdx.And
		if r.offersChoice() || strings.Contains(" "+r.join(mentions[0].end, mentions[len(mentions)-1].start)+" ", " or ") {
			op = spdx.Or
		}
		d.Expression, d.Certainty = spdx.Join(op, terms...).String(), Named
		d.Line = r.words[mentions[0].start].line
		for i, w := range r.words {
			if narrowing[w.text] && !slices.ContainsFunc(mentions, func(m mention) bool { return m.start <= i && i < m.end }) {
				d.Certainty = Suspected
			}
		}
		d.Reasons = append(d.Reasons, "the licence is named; its text is not here")
		return d
	}
	if named != "" {
		d.Expression, d.Certainty = named, Suspected
		d.Reasons = append(d.Reasons, "by the name of the file; its text was not recognised")
	}
	return d
}

// denies says whether the text speaks of a licence that it does not grant.
func (r *reading) denies() bool {
	return slices.ContainsFunc(r.words, func(w word) bool {
		switch w.text {
		case "not", "isnt", "arent", "never", "incompatible", "compatible", "unlike", "except", "previously", "formerly":
			return true
		}
		return false
	})
}

// weigh sets the certainty by what is left over beside the texts.
func (r *reading) weigh(d Detection, mentions []mention) Detection {
	d.Certainty = Exact
	terms := 0
	for _, x := range r.spans {
		if x.how != wordForWord && x.kind != appendix {
			d.Certainty = Close
		}
		terms += x.end - x.start
	}
	if d.Certainty == Close && terms < shortestTerms {
		d.Certainty = Named
		d.Reasons = append(d.Reasons, "the licence is named; its text is not here")
	}
	e, err := spdx.Parse(d.Expression)
	if err != nil {
		return d
	}
	found := e.Licences()
	explainedLines, explainedWords := map[int]bool{}, map[int]bool{}
	for _, m := range mentions {
		other, err := spdx.Parse(m.expression)
		if err != nil {
			continue
		}
		for _, id := range other.Licences() {
			switch {
			case slices.ContainsFunc(found, func(f string) bool { return sameFamily(f, id) }):
				for i := m.start; i < m.end; i++ {
					explainedLines[r.words[i].line], explainedWords[i] = true, true
				}
			default:
				d.Certainty = Suspected
				d.Reasons = append(d.Reasons, fmt.Sprintf("line %d: names %s as well, without its text", r.words[m.start].line, id))
			}
		}
	}
	r.weighLeftovers(&d, explainedLines, explainedWords)
	return d
}

// sameFamily is true for equal ids, for -only and -or-later of one version, and
// for the GPL 3 that an LGPL 3 speaks of.
func sameFamily(a, b string) bool {
	cut := func(s string) string { return strings.TrimSuffix(strings.TrimSuffix(s, "-only"), "-or-later") }
	return cut(a) == cut(b) || cut(a) == "LGPL-3.0" && cut(b) == "GPL-3.0"
}

// weighLeftovers lists the lines that could change the terms. Lines and words
// that name the licence found count less.
func (r *reading) weighLeftovers(d *Detection, explained, named map[int]bool) {
	byLine := map[int][]string{}
	var order []int
	total := 0
	for _, i := range r.left() {
		w := r.words[i]
		if named[i] {
			continue
		}
		if len(byLine[w.line]) == 0 {
			order = append(order, w.line)
		}
		byLine[w.line] = append(byLine[w.line], w.text)
		total++
	}
	if total == 0 {
		return
	}
	if d.Certainty == Exact {
		d.Certainty = Close
	}
	for _, line := range order {
		words := byLine[line]
		if noticeLine.Match(r.lines[line-1]) {
			continue
		}
		if !slices.ContainsFunc(words, func(w string) bool { return obligations[w] }) && !copyrightLine.Match(r.lines[line-1]) || explained[line] && len(words) <= 25 && !slices.ContainsFunc(words, func(w string) bool { return narrowing[w] }) {
			continue
		}
		d.Certainty = Suspected
		if len(d.Restrictions) < mostListed {
			d.Restrictions = append(d.Restrictions, fmt.Sprintf("line %d: words beyond the licence: %q", line, shorten(strings.Join(words, " "))))
		}
	}
	d.Reasons = append(d.Reasons, fmt.Sprintf("%d words beyond the licence", total))
	if d.Matched < 0.5 {
		d.Certainty = Suspected
		d.Reasons = append(d.Reasons, "most of the text is something else")
	}
}

// narrowing are the words with which a sentence that names the licence found
// says that it does not hold for everything.
var narrowing = wordSet("except unless not only cannot must shall excluded excluding exception exceptions commercial noncommercial directory directories folder folders enterprise proprietary modified variant custom amended altered additional")

func shorten(s string) string {
	const most = 120
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + " ..."
}
