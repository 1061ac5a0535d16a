package licencetext

import (
	"regexp"
	"slices"
	"strings"

	"steward/internal/format/spdx"
)

// mention is a licence that the text names.
type mention struct {
	expression string
	start, end int // words
}

const (
	longestMention  = 9   // words
	mostForChoice   = 200 // words outside known texts in which a choice is offered
	mostForMentions = 400 // words outside known texts that are searched for names
)

// mentions finds names of licences outside known texts, the longest at each
// place. Texts with much prose are not searched: what they name need not be
// what they grant.
func (r *reading) mentions() []mention {
	free := r.outside()
	if len(free) > mostForMentions {
		return nil
	}
	var found []mention
	for i := 0; i < len(free); i++ {
		for n := min(longestMention, len(free)-i); n > 0; n-- {
			if free[i+n-1] != free[i]+n-1 {
				continue // not in one piece
			}
			if e, ok := r.nameAt(free[i], n); ok {
				found = append(found, mention{e, free[i], free[i] + n})
				i += n - 1
				break
			}
		}
	}
	return found
}

// outside returns the words that no span covers, titles included.
func (r *reading) outside() []int {
	var out []int
	start := 0
	for i := 0; i <= len(r.spans); i++ {
		end := len(r.words)
		if i < len(r.spans) {
			end = r.spans[i].start
		}
		for j := start; j < end; j++ {
			out = append(out, j)
		}
		if i < len(r.spans) {
			start = r.spans[i].end
		}
	}
	return out
}

// notFirst and notLast are words that no name of a licence starts or ends with.
var (
	notFirst = wordSet("license licenses licensed the under version v of and or a by is in to for gnu")
	notLast  = wordSet("the under licensed of and or a is version by in to for")
	alone    = wordSet("mit isc unlicense")
)

func (r *reading) nameAt(i, n int) (string, bool) {
	first, last := r.words[i].text, r.words[i+n-1].text
	if notFirst[first] && (n == 1 || first != "gnu") || notLast[last] {
		return "", false
	}
	text := r.join(i, i+n)
	telling := n == 1 && alone[text] || n > 1 && (strings.ContainsAny(text, "0123456789") || strings.Contains(text, "license")) || strings.ContainsAny(first, "23") && n == 1
	if !telling {
		return "", false
	}
	e, err := spdx.Normalise(text)
	if err != nil {
		return "", false
	}
	if strings.HasSuffix(e, "-only") && !strings.HasSuffix(text, "only") {
		after := " " + r.join(i+n, min(i+n+8, len(r.words))) + " "
		if strings.HasPrefix(after, " or later ") || strings.HasPrefix(after, " or any later ") || strings.HasPrefix(after, " or at your option any later ") || strings.HasPrefix(after, " of the license or at your option any later ") {
			e = strings.TrimSuffix(e, "-only") + "-or-later"
		}
	}
	return e, true
}

// granting are the words by which a file says that it grants a licence.
var granting = regexp.MustCompile(`\b((dual |multi |tri |dually )?licensed( \w+){0,3} (under|as|with|by|using)|(released|distributed|available|provided|published|made available|redistribute|modify it) (under|with)|under( the terms of)?( either( of)?| both)?( the)?|license)\b`)

// choice are the words by which a file offers licences to choose from. "At
// your option any later version" offers versions, not licences.
var (
	choice     = regexp.MustCompile(`\b((dual|dually|tri|multi|triple) licens\w+|duallicens\w+|under either|terms of either|either of the following|(at )?your (choice|choosing)|choose (either|between|one|which|to use|from)|(one|any|either) of the (following|two|three|above)( \w+)? licenses|at your (option|discretion|choice)|alternatively|elect to|option of the (licensee|recipient|user)|or under the (terms of the )?|you may (select|use|choose|elect))\b`)
	laterWords = regexp.MustCompile(`\b(or )?at your option any later|\bat your option any newer|either version [0-9.]+`)
)

// offersChoice says whether words outside the texts, or in short notices, offer
// the licences to choose from.
func (r *reading) offersChoice() bool {
	free := r.outside()
	if len(free) > mostForChoice {
		return false
	}
	var b strings.Builder
	for _, i := range free {
		b.WriteString(r.words[i].text)
		b.WriteByte(' ')
	}
	for _, x := range r.spans {
		if x.kind == header {
			b.WriteString(r.join(x.start, x.end))
			b.WriteByte(' ')
		}
	}
	return choice.MatchString(laterWords.ReplaceAllString(b.String(), " "))
}

var identifier = regexp.MustCompile(`SPDX-License-Identifier:[ \t]*([^\r\n*]{1,200})`)

// identifiers returns the expressions after SPDX-License-Identifier.
func (r *reading) identifiers() []string {
	var out []string
	for _, m := range identifier.FindAllSubmatch(r.text, 20) {
		e, err := spdx.Parse(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(string(m[1])), "-->")))
		if err == nil && !slices.Contains(out, e.String()) {
			out = append(out, e.String())
		}
	}
	return out
}
