package readme

import (
	"regexp"
	"strings"
)

// block is a run of lines without a blank one between.
type block struct {
	lines []string
	line  int // 1-based line of the first
}

func (b block) text() string { return strings.Join(b.lines, " ") }

func (b block) indented() bool { return strings.TrimLeft(b.lines[0], " \t") != b.lines[0] }

func blocks(in []string, first int) []block {
	var out []block
	var current block
	for i, l := range append(in[:len(in):len(in)], "") {
		if strings.TrimSpace(l) != "" {
			if len(current.lines) == 0 {
				current.line = first + i
			}
			current.lines = append(current.lines, l)
			continue
		}
		if len(current.lines) > 0 {
			out = append(out, current)
		}
		current = block{}
	}
	return out
}

// isRule reports a line of one repeated punctuation sign, as under a heading.
func isRule(line string) bool {
	line = strings.TrimRight(line, " \t")
	return len(line) >= 3 && strings.IndexByte("=-~^\"'`#*+.:_<>", line[0]) >= 0 && strings.Trim(line, line[:1]) == ""
}

var listItem = regexp.MustCompile(`^\s*([-*+•]|\(?[0-9a-zA-Z#]{1,3}[.)])\s`)

// isList reports a block that begins as a list. One capital with a dot is an initial.
func (b block) isList() bool {
	m := listItem.FindStringSubmatch(b.lines[0])
	return m != nil && !(len(m[1]) == 2 && m[1][0] >= 'A' && m[1][0] <= 'Z' && m[1][1] == '.')
}

// cutHeading takes a heading off the front: a title with a rule below, with or
// without one above. The mark tells headings of one level from others.
func (b block) cutHeading() (title, mark string, rest block, found bool) {
	l := b.lines
	switch {
	case len(l) >= 3 && isRule(l[0]) && isRule(l[2]) && !isRule(l[1]):
		return l[1], l[0][:1] + l[2][:1], block{l[3:], b.line + 3}, true
	case len(l) >= 2 && isRule(l[1]) && !isRule(l[0]):
		return l[0], l[1][:1], block{l[2:], b.line + 2}, true
	}
	return "", "", b, false
}

// levels are the marks of headings in the order in which they first appear,
// which is how reStructuredText tells outer from inner ones.
type levels []string

func (l *levels) of(mark string) int {
	for i, m := range *l {
		if m == mark {
			return i + 1
		}
	}
	*l = append(*l, mark)
	return len(*l)
}

var (
	rstField     = regexp.MustCompile(`^:[A-Za-z][^:` + "`" + `]*:(\s|$)`)
	rstSubst     = regexp.MustCompile(`\|[^|\s][^|]*\|_{0,2}`)
	rstLink      = regexp.MustCompile("`([^`<>]*?)\\s*<[^`<>]*>`_{1,2}")
	rstRole      = regexp.MustCompile(":[A-Za-z][\\w:.+-]*:`~?([^`<]*?)(?:\\s*<[^`]*>)?`")
	rstCode      = regexp.MustCompile("``([^`]+)``")
	rstReference = regexp.MustCompile("`([^`]+)`_{0,2}")
	rstWordRef   = regexp.MustCompile(`(\pL[\pL\d.-]*)_{1,2}([\s.,;:!?)]|$)`)
	strong       = regexp.MustCompile(`\*{1,2}([^*\s][^*]*)\*{1,2}`)
)

func readRST(in []string, c *choice) {
	explicit := false // inside a directive or comment, whose body is indented
	var marks levels
	for _, b := range blocks(in, 1) {
		if explicit && b.indented() {
			continue
		}
		explicit = false
		for {
			title, mark, rest, found := b.cutHeading()
			if !found {
				break
			}
			c.heading(rstPlain(title), marks.of(mark), b.line, false)
			b = rest
			if len(b.lines) == 0 {
				break
			}
		}
		if len(b.lines) == 0 || b.indented() {
			continue
		}
		first := b.lines[0]
		switch {
		case strings.HasPrefix(first, ".. ") || strings.TrimSpace(first) == "..":
			// A directive may be followed by a paragraph without a blank line only if that is not indented.
			n := 1
			for n < len(b.lines) && (b.lines[n][0] == ' ' || b.lines[n][0] == '\t' || strings.HasPrefix(b.lines[n], ".. ")) {
				n++
			}
			explicit = n == len(b.lines)
			if b = (block{b.lines[n:], b.line + n}); len(b.lines) == 0 {
				continue
			}
		case strings.HasPrefix(first, "__ "), strings.HasPrefix(first, ">>> "), strings.HasPrefix(first, "| "), strings.HasPrefix(first, "+-"), strings.HasPrefix(first, "+="):
			continue
		}
		if b.isList() || isRule(b.lines[0]) || strings.HasPrefix(b.lines[0], "== ") || strings.HasPrefix(b.lines[0], "=== ") || rstField.MatchString(b.lines[0]) {
			continue
		}
		if c.offer(rstPlain(b.text()), b.line) {
			return
		}
	}
}

// rstPlain takes the inline markup out.
func rstPlain(s string) string {
	s = rstSubst.ReplaceAllString(s, " ")
	s = rstLink.ReplaceAllString(s, "$1")
	s = rstRole.ReplaceAllString(s, "$1")
	s = rstCode.ReplaceAllString(s, "$1")
	s = rstReference.ReplaceAllString(s, "$1")
	s = rstWordRef.ReplaceAllString(s, "$1$2")
	s = strong.ReplaceAllString(s, "$1")
	if strings.HasSuffix(s, "::") {
		s = s[:len(s)-1]
	}
	return strings.ReplaceAll(s, `\`, "")
}

var (
	adocAttribute = regexp.MustCompile(`^:(!?[A-Za-z0-9_][\w-]*!?):\s*(.*)$`)
	adocUse       = regexp.MustCompile(`\{([A-Za-z0-9_][\w-]*)\}`)
	adocImage     = regexp.MustCompile(`image:[^\s\[]+\[[^\]]*\]`)
	adocLink      = regexp.MustCompile(`(?:link:|xref:|mailto:)?(?:https?://|)[^\s\[\]]*(?:://|link:|xref:|mailto:)?[^\s\[\]]*\[([^\]]*)\]`)
	adocXref      = regexp.MustCompile(`<<[^,>]*,?\s*([^>]*)>>`)
	adocMarks     = regexp.MustCompile("(^|[\\s(])([*_`+#]{1,2})([^*_`+#\\s][^*_`+#]*)([*_`+#]{1,2})")
	adocHeading   = regexp.MustCompile(`^(=+|#+)\s+(.*)$`)
	adocMacro     = regexp.MustCompile(`^(image|include|toc|video|audio|ifdef|ifndef|ifeval|endif)::`)
	adocAdmonish  = regexp.MustCompile(`^(NOTE|TIP|IMPORTANT|CAUTION|WARNING): `)
	adocStyle     = regexp.MustCompile(`^\[[^\]]*\]\s*$`)
)

func readAsciiDoc(in []string, c *choice) {
	attributes := map[string]string{}
	var body []string
	fence, header := "", false
	for _, l := range in {
		trimmed := strings.TrimRight(l, " \t")
		switch {
		case fence != "":
			if trimmed == fence {
				fence = ""
			}
			l = ""
		case isFence(trimmed):
			fence, l, header = trimmed, "", false
		case trimmed == "":
			header = false
		case adocAttribute.MatchString(trimmed):
			m := adocAttribute.FindStringSubmatch(trimmed)
			attributes[m[1]] = m[2]
			l = ""
		case strings.HasPrefix(trimmed, "//"), adocMacro.MatchString(trimmed), adocStyle.MatchString(trimmed):
			l = ""
		case len(trimmed) > 1 && trimmed[0] == '.' && trimmed[1] != ' ' && trimmed[1] != '.':
			l = "" // the title of a block
		case strings.HasPrefix(trimmed, "= "):
			header = true // author and revision may follow
		case header:
			l = ""
		}
		body = append(body, l)
	}
	for _, b := range blocks(body, 1) {
		for len(b.lines) > 0 {
			m := adocHeading.FindStringSubmatch(b.lines[0])
			if m == nil {
				break
			}
			c.heading(adocPlain(m[2], attributes), len(m[1]), b.line, false)
			b = block{b.lines[1:], b.line + 1}
		}
		if title, mark, rest, found := b.cutHeading(); found {
			c.heading(title, 1+strings.Index("=-~^+", mark), b.line, false)
			b = rest
		}
		if len(b.lines) == 0 || b.indented() || b.isList() || strings.HasPrefix(b.lines[0], ". ") || strings.HasPrefix(b.lines[0], "**") && b.isList() ||
			strings.HasPrefix(b.lines[0], "|") || adocAdmonish.MatchString(b.lines[0]) {
			continue
		}
		if c.offer(adocPlain(b.text(), attributes), b.line) {
			return
		}
	}
}

// isFence reports a line that opens and closes a delimited block.
func isFence(l string) bool {
	if l == "--" || l == "|===" || strings.HasPrefix(l, "```") {
		return true
	}
	return len(l) >= 4 && strings.IndexByte("-.=*_+/", l[0]) >= 0 && strings.Trim(l, l[:1]) == ""
}

func adocPlain(s string, attributes map[string]string) string {
	s = adocUse.ReplaceAllStringFunc(s, func(m string) string {
		if v, ok := attributes[m[1:len(m)-1]]; ok && len(v) < 200 {
			return v
		}
		return " "
	})
	s = adocImage.ReplaceAllString(s, " ")
	s = adocLink.ReplaceAllStringFunc(s, func(m string) string {
		target, label, _ := strings.Cut(m, "[")
		if !strings.Contains(target, ":") {
			return m
		}
		label, _, _ = strings.Cut(strings.TrimSuffix(strings.TrimSuffix(label, "]"), "^"), ",")
		if before, _, found := strings.Cut(target, "http"); found && !strings.Contains(before, ":") {
			return before + label
		}
		return label
	})
	s = adocXref.ReplaceAllString(s, "$1")
	s = adocMarks.ReplaceAllString(s, "$1$3")
	return strings.TrimSuffix(s, " +")
}

var orgLink = regexp.MustCompile(`\[\[[^\]]*\](?:\[([^\]]*)\])?\]`)

// readPlain reads plain text and Org. In plain text a lone first line that ends
// in no full stop is a title.
func readPlain(in []string, isOrg bool, c *choice) {
	if isOrg {
		in = orgBody(in)
	}
	var marks levels
	for i, b := range blocks(in, 1) {
		if title, mark, rest, found := b.cutHeading(); found {
			c.heading(title, marks.of(mark), b.line, false)
			if b = rest; len(b.lines) == 0 {
				continue
			}
		}
		first := b.lines[0]
		if b.isList() || isRule(first) || strings.HasPrefix(first, "$ ") || strings.HasPrefix(first, "|") || b.indented() && len(b.lines) == 1 && i > 0 {
			continue
		}
		text := strings.Trim(b.text(), " \t*")
		if isOrg {
			text = orgLink.ReplaceAllString(text, "$1")
		} else if i == 0 && len(b.lines) == 1 && len(text) < 80 && !strings.HasSuffix(text, ".") {
			c.heading(text, 1, b.line, false)
			continue
		} else if len(b.lines) == 1 && text == strings.ToUpper(text) {
			c.heading(text, 1, b.line, false)
			continue
		}
		if c.offer(text, b.line) {
			return
		}
	}
}

// orgBody blanks out Org's keywords, drawers, blocks and headings.
func orgBody(in []string) []string {
	out := make([]string, len(in))
	end := ""
	for i, l := range in {
		lower := strings.ToLower(strings.TrimSpace(l))
		switch {
		case end != "":
			if strings.HasPrefix(lower, end) {
				end = ""
			}
		case strings.HasPrefix(lower, "#+begin_"):
			end = "#+end_"
		case lower == ":properties:" || lower == ":logbook:":
			end = ":end:"
		case strings.HasPrefix(lower, "#"):
		case strings.HasPrefix(l, "*") && strings.HasPrefix(strings.TrimLeft(l, "*"), " "):
		default:
			out[i] = l
		}
	}
	return out
}
