package readme

import (
	"html"
	"strings"
)

// htmlText collects the paragraphs of raw HTML blocks. A block ends at a blank
// line, so its state is carried from one to the next.
type htmlText struct {
	words  words
	kept   []string // the lines of the paragraph before the one in words
	inLink bool
	skip   string // the element whose text is left out, until it closes
	hidden bool   // within a comment
	title  int    // the level of the heading that is open, 0: none
	line   int    // of the paragraph that is open
	say    func(text string, level, line int)
}

// Elements that end a paragraph, and those whose text is none.
var (
	htmlBlocks  = wordSet("p div h1 h2 h3 h4 h5 h6 hr section article header center blockquote figure")
	htmlSkipped = wordSet("table ul ol dl pre script style details summary picture svg figcaption nav sup kbd select button title")
)

// add reads one block, which begins at a line, and hands its paragraphs over.
func (h *htmlText) add(raw string, line int) {
	h.line = line
	for raw != "" {
		if h.hidden {
			_, after, found := strings.Cut(raw, "-->")
			if !found {
				return
			}
			line += strings.Count(raw[:len(raw)-len(after)], "\n")
			raw, h.hidden = after, false
			continue
		}
		before, after, found := strings.Cut(raw, "<")
		h.text(before, line)
		line += strings.Count(before, "\n")
		if !found {
			break
		}
		if strings.HasPrefix(after, "!--") {
			h.hidden, raw = true, after[3:]
			continue
		}
		tag, rest, closed := strings.Cut(after, ">")
		if !closed {
			break
		}
		h.tag(tag, line)
		line += strings.Count(tag, "\n")
		raw = rest
	}
	h.flush(line)
	if h.skip == "table" {
		h.skip = "" // a table that goes on over blank lines is there for its looks
	}
}

func (h *htmlText) text(s string, line int) {
	if h.skip != "" || s == "" {
		return
	}
	if len(h.kept) == 0 && strings.TrimSpace(h.words.out.String()) == "" {
		h.line = line + strings.Count(s[:len(s)-len(strings.TrimLeft(s, " \t\n"))], "\n")
	}
	h.words.add(html.UnescapeString(s), h.inLink)
}

func (h *htmlText) tag(tag string, line int) {
	closing := strings.HasPrefix(tag, "/")
	name := strings.ToLower(strings.TrimPrefix(tag, "/"))
	if i := strings.IndexAny(name, " \t\n/"); i >= 0 {
		name = name[:i]
	}
	switch {
	case h.skip != "":
		if closing && name == h.skip {
			h.skip = ""
		}
	case htmlSkipped[name]:
		h.flush(line)
		if !closing && !strings.HasSuffix(tag, "/") {
			h.skip = name
		}
	case name == "a":
		h.inLink = !closing
	case name == "br":
		h.keep()
	case htmlBlocks[name]:
		h.flush(line)
		if len(name) == 2 && name[0] == 'h' && name[1] != 'r' && !closing {
			h.title = int(name[1] - '0')
		}
	}
}

// flush hands over the paragraph that was open.
func (h *htmlText) flush(line int) {
	h.keep()
	if len(h.kept) > 0 {
		h.say(strings.Join(h.kept, " "), h.title, h.line)
	}
	h.kept, h.title, h.line = nil, 0, line
}

// keep ends a line of the paragraph; one that is navigation is left out.
func (h *htmlText) keep() {
	if text := squeeze(h.words.out.String()); text != "" && !h.words.isNavigation() {
		h.kept = append(h.kept, text)
	}
	h.words.reset()
}

// hides reports that what follows stands inside an element or comment whose text is left out.
func (h *htmlText) hides() bool { return h.hidden || h.skip != "" }
