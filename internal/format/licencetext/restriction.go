package licencetext

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"steward/internal/format/spdx"
)

// restricting are the phrases that narrow a licence, over words as split makes
// them, joined by spaces. A hit inside a licence's own text does not count.
// Compiled on first need: it is large.
var restricting = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\b(?:` + strings.Join([]string{
		`noncommercial\w*`,
		`noncompete`,
		`(?:not|never|no) (?:\w+ ){0,4}commercial(?:ly)?(?: use| purposes?| usage| product\w*)?`,
		`commercial (?:use|usage|purposes?|redistribution|distribution|exploitation)(?: \w+){0,6} (?:prohibited|forbidden|disallowed|excluded|requires?|not|without|only)`,
		`(?:requires?|need|needs|obtain|purchase|buy|contact \w+ for) (?:an? )?(?:separate |paid )?commercial license`,
		`(?:for|to) (?:\w+ ){0,3}(?:personal|private|academic|educational|research|evaluation|internal|scientific|teaching|testing|demonstration|hobby|nonprofit|charitable)(?: \w+){0,4} (?:only|exclusively|solely)`,
		`(?:only|solely|exclusively|limited to|restricted to) (?:\w+ ){0,4}(?:personal|private|academic|educational|research|evaluation|internal|scientific|nonprofit|noncommercial|testing)`,
		`(?:personal|private|academic|educational|internal|home|nonprofit|scientific|student|hobby|research) (?:\w+ ){0,2}(?:use|usage|purposes?)`,
		`(?:for|to) (?:\w+ ){0,2}evaluat(?:ion|e)`,
		`evaluation (?:purposes?|use|license|period|copy)`,
		`trial (?:period|license|version|use)`,
		`(?:may|shall|must|can|should) (?:not|only|never) be (?:used|sold|resold|distributed|redistributed|hosted|copied|modified|deployed|offered|provided|incorporated|run|embedded|made available|included)`,
		`(?:may|shall|must|can) be used only`,
		`(?:you|licensee|licensees|users?|customers?|one|nobody|anyone|competitors?|companies|organi[sz]ations?) (?:may|shall|must|can|are|is) (?:not|only|never)(?: be)?(?: \w+){0,4} (?:use|using|sell|resell|distribute|redistribute|host|offer|provide|copy|modify|deploy|sublicense|reverse|benchmark|remove|permitted|allowed|commercially)`,
		`cannot (?:be )?(?:use|used|sell|sold|distribute|distributed|redistribute|host|offer|provide|copy|modify)`,
		`(?:use|usage|copying|distribution|redistribution|modification|reproduction)(?: \w+){0,12} (?:is|are) (?:strictly |expressly |hereby )?(?:prohibited|forbidden|not permitted|not allowed|restricted|disallowed)`,
		`(?:strictly|expressly) (?:prohibited|forbidden)`,
		`(?:is|are) (?:hereby )?(?:prohibited|forbidden) (?:from|to)`,
		`no (?:right|license|permission|rights) (?:is |are )?(?:hereby )?(?:granted|given)`,
		`not for (?:production|resale|sale|redistribution|distribution)`,
		`(?:not|no) (?:\w+ ){0,3}in production`,
		`field of use|fields of use`,
		`(?:military|weapons?|surveillance|warfare|nuclear|gambling|tobacco|fossil fuels?)(?: \w+){0,6} (?:use|purposes?|applications?|prohibited|forbidden|not)`,
		`(?:not|except|other than|no)(?: \w+){0,10} (?:military|weapons?|surveillance|warfare|gambling|ai training|machine learning)`,
		`(?:good|shall be used for good) not evil`,
		`compet(?:e|es|ing|itive|itor|itors) (?:with|product|products|service|services|offering|offerings|business)`,
		`(?:hosted|managed|cloud|saas) (?:or managed |or hosted )?(?:service|services|offering)`,
		`as a (?:paid |commercial |hosted |managed |competing )?service`,
		`(?:human rights|unethical|ethical) (?:\w+ ){0,3}(?:use|violations?|abuses?|purposes?|source)`,
		`right to sell the software`,
		`commons clause`,
		`(?:additional|added|further|following|special) (?:use |usage |license )?(?:restrictions?|limitations?|prohibitions?)(?: \w+){0,3} (?:apply|applies|is added|are added|to the license|on use)`,
		`(?:fewer|less|more) than (?:\w+ ){0,4}(?:employees|users|revenue)|annual (?:gross )?revenue`,
		`except (?:that|for|by|in) (?:\w+ ){0,8}(?:commercial|companies|corporations?|governments?|employees)`,
		`(?:employees|customers|affiliates|partners|citizens|residents|governments?|companies) of [\w ]{1,60} (?:may|shall|must|can|are|is) not`,
		`(?:proprietary and confidential|confidential and proprietary|trade secrets?)`,
		`without (?:the )?(?:prior |express |explicit |written ){1,4}(?:permission|consent|approval|authori[sz]ation|agreement)`,
		`not (?:an )?open source`,
		`(?:delete|deleted|destroy|remove|removed) (?:\w+ ){0,4}(?:after|within) (?:\w+ ){0,3}(?:days|hours)`,
	}, "|") + `)\b`)
})

// harmless are phrases that look like a restriction and stand in the notices of
// unrestricted licences.
var harmless = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`you may not use this file except in compliance with|(?:may|shall|must|can) not be used to endorse or promote(?: \w+){0,14}|(?:may|shall|must|can) not be used in (?:any )?(?:advertising|publicity)(?: \w+){0,30}? without (?:\w+ ){0,4}(?:permission|authori[sz]ation|consent)|(?:may|shall|must|can) not be used in (?:any )?(?:advertising|publicity)|used to endorse or promote|in advertising or|no (license|rights?) (is|are) granted to (the )?(trademarks?|trade names?)|license document but (?:changing it|modification(?: of it)?) is not allowed|noncommercial or commercial|commercial (and|or) noncommercial|commercial or otherwise`)
})

// hit is a restricting phrase.
type hit struct {
	at, end int // words
	words   string
}

// restrictions finds the phrases in what the texts of the licences do not say
// themselves: in unexplained words, in titles, between known stretches, and in
// the loose parts of patterns.
func (r *reading) restrictions() []hit {
	var hits []hit
	start, names := 0, r.names()
	for i := 0; i <= len(r.spans); i++ {
		end := len(r.words)
		if i < len(r.spans) {
			end = r.spans[i].start
		}
		hits = append(hits, r.hitsIn(start, end, names)...)
		if i < len(r.spans) {
			x := r.spans[i]
			switch {
			case x.kind == clause:
				hits = append(hits, hit{x.start, x.end, "Commons Clause"})
			case x.kind == appendix && x.how == bySignature, x.kind == exception:
				hits = append(hits, r.hitsIn(x.start, x.end, "")...)
			case x.how == byPattern:
				hits = append(hits, r.hitsIn(x.start, x.end, patternWords(x.pattern))...)
			case x.how == bySignature && x.id == "BUSL-1.1":
				hits = append(hits, r.hitsIn(x.start, x.end, buslWords)...)
			case x.how == wordForWord && x.kind != appendix:
				hits = append(hits, r.hitsInGaps(x)...)
			}
			start = x.end
		}
	}
	return hits
}

// buslWords are the phrases by which the terms of BUSL-1.1 themselves restrict.
const buslWords = "purchase a commercial license; not an open source license"

// names are the words of the names of the licences found: the title "PolyForm
// Noncommercial License" restricts nothing beyond that licence.
func (r *reading) names() string {
	var b strings.Builder
	for _, x := range r.spans {
		if l, ok := spdx.Find(x.id); ok {
			for _, w := range split([]byte(l.Name + ". " + l.ID + ". ")) {
				b.WriteString(w.text)
				b.WriteByte(' ')
			}
		}
	}
	return b.String()
}

// hitsIn finds restricting phrases in the words start..end; those that the
// licence itself says (own) are left out.
func (r *reading) hitsIn(start, end int, own string) []hit {
	if start >= end {
		return nil
	}
	var hits []hit
	for _, w := range r.windows(start, end) {
		hits = append(hits, r.hitsInWindow(w[0], w[1], own)...)
	}
	return hits
}

const (
	mostSearched = 40_000 // words of a text that are searched for restrictions
	windowBefore = 14     // words around a trigger that a phrase can span
	windowAfter  = 16
)

// triggers are the words of which each restricting phrase has at least one.
var triggers = wordSet("commercial commercially noncommercial noncommercially noncompete only exclusively solely limited restricted evaluation evaluate trial " +
	"not never no cannot prohibited forbidden disallowed excluded requires require need needs field fields military weapon weapons surveillance warfare nuclear gambling tobacco " +
	"except evil compete competes competing competitive competitor competitors hosted managed cloud saas service ethical unethical sell commons " +
	"personal private academic educational internal home nonprofit scientific student hobby research " +
	"additional added further following special than revenue confidential secrets secret without delete deleted destroy remove removed permitted human")

// windows are the stretches of start..end that can hold a restricting phrase.
func (r *reading) windows(start, end int) [][2]int {
	var out [][2]int
	for i := start; i < end; i++ {
		if !triggers[r.words[i].text] {
			continue
		}
		lo, hi := max(start, i-windowBefore), min(end, i+windowAfter)
		fresh := hi - lo
		if n := len(out); n > 0 && out[n-1][1] >= lo {
			fresh = hi - out[n-1][1]
			lo, out = out[n-1][0], out[:n-1]
		}
		out = append(out, [2]int{lo, hi})
		if r.searched += fresh; r.searched > mostSearched {
			break
		}
	}
	return out
}

func (r *reading) hitsInWindow(start, end int, own string) []hit {
	joined := r.join(start, end)
	var hits []hit
	covers := harmless().FindAllStringIndex(joined, 100)
next:
	for _, m := range restricting().FindAllStringIndex(joined, 50) {
		for _, c := range covers {
			if m[0] < c[1] && c[0] < m[1] {
				continue next
			}
		}
		phrase := joined[m[0]:m[1]]
		if own != "" && strings.Contains(own, phrase) {
			continue
		}
		at := start + strings.Count(joined[:m[0]], " ")
		end := at + strings.Count(phrase, " ") + 1
		if r.filled != nil && r.filled[at] && r.filled[end-1] {
			continue
		}
		hits = append(hits, hit{at, end, phrase})
	}
	return hits
}

// hitsInGaps looks where the names of holders stand in a text that is known
// word for word otherwise. No name obliges.
func (r *reading) hitsInGaps(x span) []hit {
	var hits []hit
	n := normalise(r.words[x.start:x.end])
	for i, w := range n.words {
		if w == holder {
			if n.words[i-1] == "shall" {
				// "In no event shall ... be liable" also lists who is not liable.
				hits = append(hits, r.hitsIn(x.start+n.from[i], x.start+n.from[i+1], "")...)
				continue
			}
			for at := x.start + n.from[i]; at < x.start+n.from[i+1]; at++ {
				if obligations[r.words[at].text] || r.words[at].text == "use" {
					hits = append(hits, hit{at, x.start + n.from[i+1], r.join(at, x.start+n.from[i+1])})
					break
				}
			}
		}
	}
	return hits
}

// patternWords makes words of a pattern of licensecheck, without its marks.
func patternWords(pattern string) string {
	pattern = strings.NewReplacer("((", " ", "))??", " ", "))", " ", "||", " ", "//**", " ", "**//", " ").Replace(pattern)
	var b strings.Builder
	for _, w := range split([]byte(pattern)) {
		b.WriteString(w.text)
		b.WriteByte(' ')
	}
	return b.String()
}

// say tells a hit with its line.
func (r *reading) say(h hit) string {
	return fmt.Sprintf("line %d: %q", r.words[h.at].line, h.words)
}
