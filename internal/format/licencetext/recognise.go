package licencetext

import (
	"strings"
)

// signature is a phrase that marks a text licensecheck does not know. Phrases
// are words as split makes them.
type signature struct {
	id     string
	kind   kind
	phrase string   // explained from here
	needs  []string // phrases that stand elsewhere in the text
	back   int      // words before the phrase that belong to it
	ahead  int      // words from the phrase on that belong to it; 0: to the end
}

// signatures: sources are the texts of the licences themselves; exceptions by
// the ids of the SPDX exception list.
var signatures = []signature{
	{"BUSL-1.1", body, "business source license 1.1", []string{"make nonproduction use of the licensed work", "change date"}, 40, 0},
	{"BUSL-1.1", body, "licensor hereby grants you the right to copy modify create derivative works redistribute and make nonproduction use of the licensed work", []string{"change date"}, 150, 0},
	{"Elastic-2.0", body, "elastic license 2.0", []string{"you may not provide the software to third parties as a hosted or managed service"}, 0, 0},
	{"Elastic-2.0", body, "you may not provide the software to third parties as a hosted or managed service", []string{"you may not move change disable or circumvent the license key functionality"}, 150, 0},
	{"SSPL-1.0", body, "server side public license version 1", []string{"make the functionality of the program or a modified version available to third parties as a service"}, 10, 0},
	{"SSPL-1.0", body, "server side public license version 1", []string{"offering the program as a service"}, 10, 0},
	{"", clause, "commons clause license condition", nil, 0, 220},
	{"", clause, "grant of rights under the license will not include and the license does not grant to you the right to sell the software", nil, 40, 180},
	{"Classpath-exception-2.0", exception, "linking this library statically or dynamically with other modules is making a combined work based on this library", []string{"the copyright holders of this library give you permission to link this library with independent modules"}, 8, 180},
	{"LLVM-exception", exception, "as an exception if as a result of your compiling your source code portions of this software are embedded into an object form of such source code", nil, 12, 160},
	{"GCC-exception-3.1", exception, "gcc runtime library exception", []string{"you have permission to propagate a work of target code formed by combining the runtime library with independent modules"}, 0, 600},
	{"Linux-syscall-note", exception, "copyright does not cover user programs that use kernel services by normal system calls", nil, 10, 120},
	{"Bison-exception-2.2", exception, "you may create a larger work that contains part or all of the bison parser skeleton", nil, 20, 120},
	{"", appendix, "the views and conclusions contained in the software and documentation are those of the", nil, 0, 33},
	{"", appendix, "creative commons corporation creative commons is not a law firm", nil, 0, 420},
	{"", appendix, "creative commons is not a party to its public licenses", nil, 0, 140},
	{"Font-exception-2.0", exception, "if you create a document which uses this font and embed this font or unaltered portions of this font into the document", nil, 20, 120},
}

// recognise adds the spans of the signatures.
func (r *reading) recognise() {
	joined := " " + r.join(0, len(r.words)) + " "
	for _, s := range signatures {
		at := r.find(joined, s.phrase)
		if at < 0 || !containsAll(joined, s.needs) {
			continue
		}
		end := len(r.words)
		if s.ahead > 0 {
			end = min(end, at+s.ahead)
		}
		r.addBetween(span{id: s.id, kind: s.kind, start: max(0, at-s.back), end: end, how: bySignature}, at)
	}
}

// addBetween adds a span cut where the spans around the word at begin and end;
// nothing when at is explained already.
func (r *reading) addBetween(s span, at int) {
	for _, x := range r.spans {
		switch {
		case x.end <= at:
			s.start = max(s.start, x.end)
		case x.start > at:
			s.end = min(s.end, x.start)
		default:
			return
		}
	}
	r.add(s)
}

func (r *reading) join(start, end int) string {
	var b strings.Builder
	for i := start; i < end; i++ {
		if i > start {
			b.WriteByte(' ')
		}
		b.WriteString(r.words[i].text)
	}
	return b.String()
}

// find returns the index of the word where a phrase starts, or -1. joined has
// a space at both ends.
func (r *reading) find(joined, phrase string) int {
	i := strings.Index(joined, " "+phrase+" ")
	if i < 0 {
		return -1
	}
	return strings.Count(joined[:i+1], " ") - 1
}

func containsAll(joined string, phrases []string) bool {
	for _, p := range phrases {
		if !strings.Contains(joined, " "+p+" ") {
			return false
		}
	}
	return true
}
