package readme

import (
	"strings"
)

// rank orders what may stand for a README, the best first.
type rank int

const (
	statement    rank = iota // a paragraph at the opening
	tagline                  // a quote or a text inside HTML at the opening
	introduction             // a paragraph below a heading that introduces, or that defines the title: "Pay is …"
	motto                    // a title that is a sentence
	section                  // a paragraph below another heading
	notice                   // it has moved, has ended, is not ready
	ranks
)

// place is what a paragraph stands below.
type place int

const (
	opening place = iota // the title
	intro                // a heading that introduces
	body                 // another heading
	aside                // a heading about something else than the project: installation, sponsors
	barred               // licences and tables of contents, of which nothing is taken
)

// choice collects the first text of each rank.
type choice struct {
	found [ranks]struct {
		text string
		line int
	}
	at         place
	level      int    // of the heading that at is from
	title      string // in lower case; "" before it
	titleLevel int
}

// best returns the text of the best rank, or "".
func (c *choice) best() (text string, line int) {
	for _, f := range c.found {
		if f.text != "" {
			return f.text, f.line
		}
	}
	return "", 0
}

func (c *choice) put(r rank, text string, line int) {
	if c.found[r].text == "" {
		c.found[r].text, c.found[r].line = text, line
	}
}

// offer considers a paragraph and reports whether the search is over.
func (c *choice) offer(text string, line int) bool {
	text = squeeze(text)
	switch meaning := meaningOf(text); {
	case meaning == nothing || c.at == barred:
	case meaning == warns:
		if c.at == opening {
			c.put(notice, text, line)
		}
	case c.at == opening:
		c.put(statement, text, line)
	case c.at == intro || c.defines(text):
		c.put(introduction, text, line)
	case c.at == body:
		c.put(section, text, line)
	}
	return c.found[statement].text != ""
}

// defines reports that a text says what the title names: its name, or "this
// project", and a verb.
func (c *choice) defines(text string) bool {
	lower := strings.ToLower(text)
	after, found := strings.CutPrefix(lower, c.title+" ")
	if !found || c.title == "" || len(strings.Fields(c.title)) > 4 {
		after, found = strings.CutPrefix(lower, "this ")
		noun, rest, _ := strings.Cut(after, " ")
		if !found || !projectNouns[noun] {
			return false
		}
		after = rest
	}
	verb, _, _ := strings.Cut(after, " ")
	return definingVerbs[verb]
}

// offerTagline considers a quote or a text inside HTML.
func (c *choice) offerTagline(text string, line int) {
	if text = squeeze(text); c.at == opening && meaningOf(text) == says {
		c.put(tagline, text, line)
	}
}

// heading notes what the paragraphs below it are about. The title is the first
// one where no tagline comes before, or the first of level 1. A deeper heading stays
// within what an outer one is about. One that is a link alone is no motto.
func (c *choice) heading(text string, level, line int, linked bool) {
	text = squeeze(text)
	is := placeOf(text)
	if c.title == "" && c.found[tagline].text == "" || level == 1 && c.titleLevel != 1 {
		c.title, c.titleLevel = strings.ToLower(text), level
		if is == body || is == aside && !asideWords[c.title] {
			is = opening
		}
		if is == opening && !linked && isSentence(text) && meaningOf(text) == says {
			c.put(motto, text, line)
		}
	} else if c.at >= aside && level > c.level && is != intro {
		return
	}
	c.at, c.level = is, level
}

// headingInHTML notes a heading that centres a title or a tagline as often as it
// leads in something.
func (c *choice) headingInHTML(text string, level, line int) {
	switch is := placeOf(squeeze(text)); {
	case is >= aside || level == 1 && c.title == "":
		c.heading(text, level, line, false)
	case len(strings.Fields(text)) > 4:
		c.offerTagline(text, line)
	}
}

// isSentence tells a title that says what a thing is from one that is a name.
func isSentence(text string) bool {
	for _, separator := range []string{": ", " - ", " – ", " — "} {
		if _, after, found := strings.Cut(text, separator); found && len(strings.Fields(after)) >= 2 {
			return true
		}
	}
	return len(strings.Fields(text)) >= 5
}

// placeOf tells by its words what a heading leads in.
func placeOf(heading string) place {
	words := strings.FieldsFunc(strings.ToLower(heading), func(r rune) bool { return !isWord(r) })
	for len(words) > 0 && strings.Trim(words[0], "0123456789") == "" {
		words = words[1:]
	}
	if len(words) == 0 {
		return body
	}
	all := " " + strings.Join(words, " ") + " "
	switch {
	case beginsWith(all, barredHeadings):
		return barred
	case beginsWith(all, introHeadings):
		return intro
	case beginsWith(all, asideHeadings):
		return aside
	case len(words) <= 4 && containsWord(words, asideWords):
		return aside
	}
	return body
}

func beginsWith(all string, headings []string) bool {
	for _, h := range headings {
		if strings.HasPrefix(all, " "+h+" ") {
			return true
		}
	}
	return false
}

func containsWord(words []string, wanted map[string]bool) bool {
	for _, w := range words {
		if wanted[w] {
			return true
		}
	}
	return false
}

// Words of headings, in lower case, without punctuation.
var (
	barredHeadings = []string{
		"license", "licence", "licensing", "licenses", "licences", "copyright", "contents", "table of contents", "toc", "index", "on this page", "translations", "languages",
	}
	introHeadings = []string{
		"about", "introduction", "intro", "overview", "description", "summary", "abstract", "what is", "what s", "what it is", "what this is", "what does", "what it does", "purpose",
	}
	asideHeadings = []string{
		"how to", "how do", "how can", "how we", "who is", "who uses", "used by", "get started", "getting", "get", "quick", "try", "special thanks", "thanks", "thank you",
		"using", "running", "building", "installing", "developing", "testing", "deploying", "upgrading", "migrating", "reporting", "publishing", "need", "where to", "what s new", "whats new",
	}
	asideWords = wordSet(`install installation setup usage quickstart start requirements prerequisites documentation docs links resources support
		help community contact contribute contributing contribution contributions contributors sponsor sponsors sponsorship backers funding donate donations
		credits acknowledgements acknowledgments acknowledgement acknowledgment authors author maintainers team changelog changes release releases news announcement announcements
		download downloads status badges packages tests development develop build compile security conduct roadmap upgrade migration faq screenshots screenshot demo
		compatibility versions versioning version deployment notice note notes warning disclaimer deprecated deprecation adopters users testimonials questions feedback bugs issues
		translations troubleshooting configuration stack enterprise`)
	projectNouns  = wordSet("project repository repo application app library package module tool program service plugin framework template starter sample demo example boilerplate action component theme directory folder crate gem")
	definingVerbs = wordSet("is are contains contain provides lets allows makes helps aims enables offers implements adds gives")
)

func wordSet(s string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(s) {
		set[w] = true
	}
	return set
}
