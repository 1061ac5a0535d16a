package readme

import (
	"bytes"
	"html"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// maxDepth bounds how deep inline markup is followed.
const maxDepth = 50

func readMarkdown(b []byte, c *choice) {
	md := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough))
	doc := md.Parser().Parse(text.NewReader(tame(b)))
	w := words{source: b}
	h := htmlText{say: func(text string, level, line int) {
		if level == 0 {
			c.offerTagline(text, line)
		} else {
			c.headingInHTML(text, level, line)
		}
	}}
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Heading:
			t := w.of(n)
			c.heading(t, n.Level, w.line(n), w.isNavigation())
		case *ast.Paragraph:
			if h.hides() {
				continue
			}
			t := w.of(n)
			if w.isNavigation() {
				continue
			}
			if c.offer(t, w.line(n)) {
				return
			}
		case *ast.HTMLBlock:
			h.add(htmlOf(n, b), w.line(n))
		case *ast.Blockquote:
			p, ok := n.FirstChild().(*ast.Paragraph)
			if !ok {
				continue
			}
			if t := w.of(p); !strings.HasPrefix(t, "[!") && !w.isNavigation() {
				c.offerTagline(t, w.line(p))
			}
		}
	}
}

func htmlOf(n *ast.HTMLBlock, source []byte) string {
	raw := n.Lines().Value(source)
	if n.HasClosure() {
		raw = append(raw, n.ClosureLine.Value(source)...)
	}
	return string(raw)
}

// tame blanks out runs of signs that only make the parser's work grow: a line
// of more than a thousand brackets, stars or quote marks says nothing.
func tame(b []byte) []byte {
	out := bytes.Clone(b)
	start, signs := 0, 0
	for i := 0; i <= len(out); i++ {
		if i < len(out) && out[i] != '\n' {
			if strings.IndexByte("[]()<>*_`~!&\\", out[i]) >= 0 {
				signs++
			}
			continue
		}
		if signs > 1000 {
			for j := start; j < i; j++ {
				out[j] = ' '
			}
		}
		start, signs = i+1, 0
	}
	return out
}

// words collects the plain text of a block, and how much of it is in links.
type words struct {
	source []byte
	out    strings.Builder
	loose  strings.Builder // the text outside links
	linked int             // letters inside links
	free   int             // letters outside
	anchor bool            // within a link written as HTML
}

func (w *words) of(n ast.Node) string {
	w.reset()
	w.children(n, false, 0)
	return squeeze(w.out.String())
}

func (w *words) reset() {
	w.out.Reset()
	w.loose.Reset()
	w.linked, w.free, w.anchor = 0, 0, false
}

// isNavigation reports that a block is made of links with next to nothing
// between them, or of a label and links: "Source code: https://…".
func (w *words) isNavigation() bool {
	if w.linked == 0 {
		return false
	}
	loose := strings.TrimRight(w.loose.String(), " \t\n|-–—·•/,.()[]")
	switch few := len(strings.Fields(loose)); {
	case w.free < 8 && w.free*5 < w.linked:
		return true
	case strings.HasSuffix(loose, ":") && few <= 5:
		return true
	default:
		return few <= 2 && w.linked > 2*w.free || few <= 3 && w.linked >= w.free && w.free < 12
	}
}

func (w *words) add(s string, inLink bool) {
	w.out.WriteString(s)
	n := 0
	for _, r := range s {
		if r > ' ' && !strings.ContainsRune("|-–—·•/,.:()", r) {
			n++
		}
	}
	if inLink {
		w.linked += n
	} else {
		w.loose.WriteString(s)
		w.free += n
	}
}

func (w *words) children(n ast.Node, inLink bool, depth int) {
	if depth > maxDepth {
		return
	}
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		switch child := child.(type) {
		case *ast.Text:
			raw, inLink := child.Segment.Value(w.source), inLink || w.anchor
			if _, code := n.(*ast.CodeSpan); code {
				w.add(string(raw), inLink)
			} else {
				w.add(html.UnescapeString(string(util.UnescapePunctuations(raw))), inLink)
			}
			if child.SoftLineBreak() || child.HardLineBreak() {
				w.out.WriteByte(' ')
			}
		case *ast.String:
			w.add(string(child.Value), inLink)
		case *ast.AutoLink:
			w.add(string(child.Label(w.source)), true)
		case *ast.Link:
			w.children(child, true, depth+1)
		case *ast.Image:
		case *ast.RawHTML:
			w.tag(strings.ToLower(string(child.Segments.Value(w.source))))
		default:
			w.children(child, inLink, depth+1)
		}
	}
}

// tag follows HTML among words: links, and what stands apart from them.
func (w *words) tag(tag string) {
	switch {
	case strings.HasPrefix(tag, "</a"):
		w.anchor = false
	case strings.HasPrefix(tag, "<a"):
		w.anchor = true
	case strings.HasPrefix(tag, "<br"), strings.HasPrefix(tag, "<img"):
		w.out.WriteByte(' ')
	}
}

func (w *words) line(n ast.Node) int {
	if n.Lines().Len() == 0 {
		return 1
	}
	return 1 + bytes.Count(w.source[:min(n.Lines().At(0).Start, len(w.source))], []byte("\n"))
}
