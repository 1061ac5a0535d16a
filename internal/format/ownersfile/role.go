package ownersfile

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

var rank = map[Role]int{Maintainer: 0, Approver: 1, Reviewer: 2, Emeritus: 3, "": 4}

var (
	emeritusWords = regexp.MustCompile(`(?i)\b(emerit|alumn|former|past|retired|inactive|previous|honorary|stepped down|hall of fame|no longer|ex-)`)
	processWords  = regexp.MustCompile(`(?i)\b(how|process|becom|governance|responsib|onboarding|offboarding|removal|removing|adding|nominat|voting|decision|expectation|what|why|about|overview|contents|getting|guide|guidelines|polic|checklist)`)
	otherWords    = regexp.MustCompile(`(?i)\b(contribut|author|thank|credit|acknowledg|sponsor|mailing|release|licen[cs]e|communication|support|security|bots?\b)`)
	maintainWords = regexp.MustCompile(`(?i)\b(maintainer|committer)`)
	reviewerWords = regexp.MustCompile(`(?i)\breviewer`)
	approverWords = regexp.MustCompile(`(?i)\b(approver|owner)`)
	peopleWords   = regexp.MustCompile(`(?i)\b(core|team|current|active|admin|steward|people|lead|member|developer|curator|steering|council|chair|bdfl)`)
)

// roleOf reads a heading or the name of a section. known is false when it says
// nothing of people: then what is above it holds on. An empty role that is
// known means: people named here are no owners.
func roleOf(title string) (role Role, known bool) {
	switch {
	case emeritusWords.MatchString(title):
		return Emeritus, true
	case strings.HasSuffix(strings.TrimSpace(title), "?"):
		return "", true
	case processWords.MatchString(title):
		return "", true
	case maintainWords.MatchString(title):
		return Maintainer, true
	case reviewerWords.MatchString(title):
		return Reviewer, true
	case approverWords.MatchString(title):
		return Approver, true
	case otherWords.MatchString(title):
		return "", true
	case peopleWords.MatchString(title):
		return Maintainer, true
	}
	return "", false
}

// keysUnder collects the lists "people" below a section.
func keysUnder(value any, depth int) []string {
	section, ok := value.(map[string]any)
	if !ok || depth > 5 {
		return nil
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(section)) {
		if list, ok := section[name].([]any); ok && strings.EqualFold(name, "people") {
			for _, item := range list {
				if s, ok := item.(string); ok {
					out = append(out, s)
				}
			}
			continue
		}
		out = append(out, keysUnder(section[name], depth+1)...)
	}
	return out
}

func sortedKeys(m map[string]map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
