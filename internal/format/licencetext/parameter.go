package licencetext

import (
	"regexp"
	"strings"
)

// parameters are the fields that a licence's own template has its user fill
// in: what they say is part of the licence. A field starts a line.
type parameters struct {
	id     string // SPDX id
	fields *regexp.Regexp
	free   string // the field whose value may have several paragraphs; lower case, empty for none
	after  *regexp.Regexp
}

// templates have the fields by the texts of the licences: BUSL-1.1 (Parameters,
// and the line on other arrangements below them), NASA-1.3 (its first lines),
// CPAL-1.0 (Exhibit B), Parity and Prosperity (their heads), PolyForm
// (Required Notice).
var templates = []parameters{
	{
		"BUSL-1.1",
		regexp.MustCompile(`(?i)^[\s*_>#|-]*(licensor|licensed work|additional use grant|change date|change licen[sc]e)[\s*_]*:`), "additional use grant",
		regexp.MustCompile(`(?i)^\W*for information (about|on) alternative (licensing )?arrangements for the (software|licensed work)\b`),
	},
	{"NASA-1.3", regexp.MustCompile(`(?i)^\s*(government agency|government agency original software designation|government agency original software title|user registration requested|government agency point of contact[\w ]*)\s*:`), "", nil},
	{"CPAL-1.0", regexp.MustCompile(`(?i)^\s*(attribution copyright notice|attribution phrase[\w ()]*|attribution url|graphic image[\w ,()]*)\s*:`), "", nil},
	{"Parity-", regexp.MustCompile(`(?i)^[\s*_]*(contributor|source code)[\s*_]*:`), "", nil},
	{"Prosperity-", regexp.MustCompile(`(?i)^[\s*_]*(contributor|source code)[\s*_]*:`), "", nil},
	{"PolyForm-", regexp.MustCompile(`(?i)^[\s*_>]*(required notice)[\s*_]*:`), "", nil},
}

// mostOfField is the number of lines that the value of one field has at most;
// the longest grants in use have some forty.
const mostOfField = 120

// markParameters adds the filled-in fields of the licences found as spans that
// grant and oblige nothing beyond them.
func (r *reading) markParameters() {
	for _, t := range templates {
		if r.has(t.id) {
			r.markFields(t)
		}
	}
}

// has says whether the text of a licence was found; an id that ends in a
// hyphen stands for all its versions.
func (r *reading) has(id string) bool {
	for _, x := range r.spans {
		if x.kind == body && (x.id == id || strings.HasSuffix(id, "-") && strings.HasPrefix(x.id, id)) {
			return true
		}
	}
	return false
}

func (r *reading) markFields(t parameters) {
	first := r.firstWords()
	seen := map[string]bool{}
	for i := 0; i < len(r.lines); {
		m := t.fields.FindSubmatch(r.lines[i])
		if m == nil {
			i++
			continue
		}
		name := strings.Join(strings.Fields(strings.ToLower(string(m[1]))), " ")
		end := r.fieldEnd(t, i, name == t.free)
		if !seen[name] { // a template has each field once: more are somebody's addition
			seen[name] = true
			r.explain(first[i], first[end])
		}
		i = end
	}
	if t.after == nil || len(seen) == 0 {
		return
	}
	for i, line := range r.lines {
		if t.after.Match(line) {
			r.explain(first[i], first[r.arrangementEnd(i)])
			return
		}
	}
}

// fieldEnd is the line after the value of the field at a line: the next field,
// or a blank line; that of the free field runs to the next field.
func (r *reading) fieldEnd(t parameters, at int, free bool) int {
	next := 0
	for i := at + 1; i < len(r.lines) && i <= at+mostOfField; i++ {
		if t.fields.Match(r.lines[i]) {
			next = i
			break
		}
	}
	if free && next > 0 && !r.saysNone(at) {
		return next
	}
	for i := at + 1; i < len(r.lines) && i <= at+mostOfField; i++ {
		if i == next || len(strings.TrimSpace(string(r.lines[i]))) == 0 {
			return i
		}
	}
	return min(len(r.lines), at+mostOfField)
}

var noneGranted = regexp.MustCompile(`(?i):[\s*_]*(none|n/?a|not applicable)\W*$`)

// saysNone says whether a field grants nothing: no paragraph belongs to it.
func (r *reading) saysNone(at int) bool { return noneGranted.Match(r.lines[at]) }

// arrangementEnd is the line after the sentence where other arrangements are told.
func (r *reading) arrangementEnd(at int) int {
	for i := at + 1; i < len(r.lines) && i < at+3; i++ {
		if len(strings.TrimSpace(string(r.lines[i]))) == 0 {
			return i
		}
	}
	return min(len(r.lines), at+3)
}

// firstWords gives for each line, counted from 0, the first word at or after it.
func (r *reading) firstWords() []int {
	first := make([]int, len(r.lines)+1)
	w := 0
	for i := range first {
		for w < len(r.words) && r.words[w].line <= i {
			w++
		}
		first[i] = w
	}
	return first
}

// explain marks the words start..end, and adds what of them no span covers yet.
func (r *reading) explain(start, end int) {
	if r.filled == nil {
		r.filled = make([]bool, len(r.words))
	}
	for i := start; i < end; i++ {
		r.filled[i] = true
	}
	for at := start; at < end; {
		stop := end
		for _, x := range r.spans {
			switch {
			case x.start <= at && at < x.end:
				at = x.end
				stop = max(stop, at)
			case x.start > at:
				stop = min(stop, x.start)
			}
		}
		if at >= end {
			return
		}
		stop = min(stop, end)
		r.add(span{kind: appendix, start: at, end: stop, how: byTemplate})
		at = stop
	}
}
