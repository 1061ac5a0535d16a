package ownersfile

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	accountShape = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,60}[A-Za-z0-9])?$`)
	teamShape    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*(?:/[A-Za-z0-9][A-Za-z0-9_.-]*)+$`)
	markdownLink = regexp.MustCompile(`!?\[([^\[\]]*)\]\(\s*<?([^()<>\s]*)>?[^()]*\)`)
	refLink      = regexp.MustCompile(`\[([^\[\]]+)\](?:\[[^\[\]]*\])?`)
	rstLink      = regexp.MustCompile("`([^`<>]+?)\\s*<([^`<>\\s]+)>`__?")
	profile      = regexp.MustCompile(`^(?:https?://)?(?:www\.)?(?:github\.com|gitlab\.com|codeberg\.org|bitbucket\.org)/@?([A-Za-z0-9][A-Za-z0-9_.-]*)/?$`)
	teamURL      = regexp.MustCompile(`^(?:https?://)?(?:www\.)?github\.com/orgs/([A-Za-z0-9-]+)/teams/([A-Za-z0-9_.-]+)/?(?:members)?$`)
	bareURL      = regexp.MustCompile(`<?https?://[^\s<>()\[\]|,]+>?`)
	bareEmail    = regexp.MustCompile(`<?(?:mailto:)?([\pL\pN._%+'-]+@[\pL\pN-]+(?:\.[\pL\pN-]+)+)>?`)
	handle       = regexp.MustCompile(`(^|[\s(\[,;:/"'` + "`" + `])@([A-Za-z0-9][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_.-]+)*)`)
	nickname     = regexp.MustCompile(`\s*\([^()]*\)\s*(\pL)`)
	marker       = regexp.MustCompile(`^\s*(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?`)
)

// identity is what a text tells besides words.
type identity struct {
	emails   []string
	accounts []string
}

// mark stands for an identity taken out of a text.
const mark = "\x01"

// extract takes addresses, accounts and profile links out of a text and leaves
// a mark for each; the text of other links stays.
func extract(text string) (rest string, id identity) {
	account := func(a string) {
		if a = strings.Trim(a, ".-_"); a != "" && !slices.Contains(id.accounts, a) {
			id.accounts = append(id.accounts, a)
		}
	}
	link := func(label, url string) string {
		label = strings.Trim(label, "*_` ")
		if email, ok := strings.CutPrefix(url, "mailto:"); ok && emailShape.MatchString(email) {
			id.emails = append(id.emails, email)
			if emailShape.MatchString(label) {
				return mark
			}
			return label + " " + mark
		}
		m := profile.FindStringSubmatch(url)
		if t := teamURL.FindStringSubmatch(url); t != nil {
			m = []string{"", t[1] + "/" + t[2]}
		}
		if m == nil {
			return label
		}
		account(m[1])
		if strings.EqualFold(strings.TrimPrefix(label, "@"), m[1]) || profile.MatchString(label) || !strings.Contains(label, " ") && accountShape.MatchString(strings.TrimPrefix(label, "@")) {
			return mark
		}
		return label + " " + mark
	}
	text = strings.ReplaceAll(text, mark, " ")
	text = markdownLink.ReplaceAllStringFunc(text, func(s string) string {
		m := markdownLink.FindStringSubmatch(s)
		if s[0] == '!' {
			return " "
		}
		return link(m[1], m[2])
	})
	text = rstLink.ReplaceAllStringFunc(text, func(s string) string {
		m := rstLink.FindStringSubmatch(s)
		return link(m[1], m[2])
	})
	text = refLink.ReplaceAllString(text, "$1")
	text = bareURL.ReplaceAllStringFunc(text, func(s string) string {
		url := strings.TrimRight(strings.Trim(s, "<>"), ".;:")
		if m := profile.FindStringSubmatch(url); m != nil {
			account(m[1])
			return mark
		}
		return " "
	})
	text = bareEmail.ReplaceAllStringFunc(text, func(s string) string {
		id.emails = append(id.emails, strings.Trim(bareEmail.FindStringSubmatch(s)[1], "'"))
		return mark
	})
	text = handle.ReplaceAllStringFunc(text, func(s string) string {
		m := handle.FindStringSubmatch(s)
		account(m[2])
		return m[1] + mark
	})
	return text, id
}

// readItem reads one list item, line or cell as a person: a name before the
// identity, or an identity alone.
func readItem(text string) (Person, bool) {
	rest, id := extract(text)
	if len(id.emails)+len(id.accounts) == 0 {
		return Person{}, false
	}
	before, after, _ := strings.Cut(rest, mark)
	name := cleanName(before)
	if name != "" && !looksLikeName(name, 1) {
		return Person{}, false
	}
	if name == "" {
		// "@login Jane Doe", but not an affiliation behind a sign.
		words := strings.TrimLeft(strings.ReplaceAll(after, mark, " "), "*_`\"")
		if end := strings.IndexAny(words, "(),;:-–—|<.*"); end >= 0 {
			words = words[:end]
		}
		if words = strings.Join(strings.Fields(words), " "); strings.Count(words, " ") <= 3 && looksLikeName(words, 2) {
			name = words
		}
	}
	p := Person{Name: name}
	if len(id.emails) > 0 {
		p.Email = id.emails[0]
	}
	if len(id.accounts) > 0 {
		p.Account = id.accounts[0]
		p.Team = strings.Contains(p.Account, "/")
	}
	if name == "" && p.Account == "" && isListAddress(p.Email) {
		p.Team = true
	}
	return p, true
}

// cleanName drops what surrounds a name: markup, a bracket that opens behind it, an affiliation after a sign.
func cleanName(s string) string {
	s = strings.NewReplacer("**", "", "__", "", "`", "", "\"", "", "\ufffd", "").Replace(s)
	s = nickname.ReplaceAllString(strings.TrimSpace(s), " $1")
	for _, sign := range []string{" - ", " – ", " — ", "(", "[", ",", ";", "|", "/", "<"} {
		if i := strings.Index(s, sign); i >= 0 {
			s = s[:i]
		}
	}
	return strings.Join(strings.Fields(strings.Trim(s, " *_:-–—~>.\t")), " ")
}

// notNames are words of headings, labels and prose that no name contains.
var notNames = wordSet(`nobody everyone anybody unmaintained orphan orphaned placeholder a an and any are as ask at be by can chat channel code contact contacts currently email e-mail every example file files find following
	for from github gitlab group has have help how if in into irc is issue issues it join list lists mail mailing maintained maintainer maintainers more
	must new no not of on open or our owner owners please pr project questions read report repository review reviewer reviewers approver approvers security see
	send should slack team teams that the their there these they this to todo twitter us use via visit we website who will with you your none tbd n/a committers
	committer contributor contributors emeritus alumni lead leads admin admins members member company affiliation name role discord created thanks special former`)

// particles are the words of a name that begin with a small letter.
var particles = wordSet("van von der den de di da do dos das del della la le el al bin ibn ter ten zu zur af av e y 't d' bint ben")

func wordSet(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[w] = true
	}
	return out
}

// looksLikeName wants one to five words that begin with a capital (or have no
// case), are particles, or, alone, could be a login.
func looksLikeName(name string, least int) bool {
	words := strings.Fields(name)
	if len(words) < least || len(words) > 5 || len(name) > 80 {
		return false
	}
	for i, w := range words {
		if notNames[strings.ToLower(strings.Trim(w, ".:!?"))] {
			return false
		}
		first, _ := utf8.DecodeRuneInString(strings.TrimLeft(w, "'‘“("))
		switch {
		case i > 0 && i < len(words)-1 && strings.Trim(w, "'‘’“”") != w: // a nickname in quotes
		case strings.ContainsAny(w, "=<>{}#$&*!?@\\:;"):
			return false
		case unicode.IsUpper(first), unicode.IsLetter(first) && !unicode.IsLower(first):
		case particles[strings.ToLower(w)] && len(words) > 1:
		case len(words) == 1 && least == 1 && accountShape.MatchString(w):
		case i > 0 && len(words) > 1 && unicode.IsLower(first) && i == len(words)-1 && len(words) == 2 && least == 1:
		default:
			return false
		}
	}
	return true
}

var listLocals = wordSet("security maintainers team dev developers devel admin admins info support list owners reviewers contact opensource oss discuss users announce")

// isListAddress tells a shared mailbox or mailing list.
func isListAddress(email string) bool {
	local, domain, _ := strings.Cut(strings.ToLower(email), "@")
	if listLocals[local] || strings.HasPrefix(domain, "lists.") || strings.HasPrefix(domain, "list.") || domain == "googlegroups.com" || strings.HasPrefix(domain, "vger.") || domain == "groups.io" {
		return true
	}
	for _, end := range []string{"-maintainers", "-dev", "-devel", "-team", "-security", "-list", "-owners"} {
		if strings.HasSuffix(local, end) {
			return true
		}
	}
	return false
}
