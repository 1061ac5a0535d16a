// Package readme finds the first real paragraph of a README: the sentence or
// two that say what a project is, as plain text.
//
// Not a real paragraph are headings, front matter, badges and other images,
// lines that hold only links (navigation, languages), lists and tables of
// contents, HTML blocks, code, block quotes, admonitions, notices of licence and
// copyright, and lines too short to say something. A block quote that is no
// admonition and no licence, or a lone title line of a plain text, is taken when
// there is nothing better.
//
// Markdown is read with goldmark; reStructuredText, AsciiDoc, Org and plain text
// by their block rules as far as a first paragraph needs them.
package readme

import (
	"bytes"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxRead = 64 << 10 // bytes: a first paragraph further down is none
	maxText = 400      // characters of the result
)

// format is how a README is written.
type format int

const (
	unknown format = iota
	markdown
	rst
	asciidoc
	org
	plain
)

// extensions in the order of preference within one folder.
var extensions = []struct {
	suffix string
	format format
}{
	{".md", markdown},
	{".markdown", markdown},
	{".mdown", markdown},
	{".mkd", markdown},
	{".mkdn", markdown},
	{".mdwn", markdown},
	{".rst", rst},
	{".rest", rst},
	{".adoc", asciidoc},
	{".asciidoc", asciidoc},
	{".asc", asciidoc},
	{".org", org},
	{".txt", plain},
	{".text", plain},
	{"", plain},
}

func formatOf(name string) (f format, rank int) {
	ext := strings.ToLower(path.Ext(name))
	for i, e := range extensions {
		if e.suffix == ext {
			return e.format, i
		}
	}
	return unknown, len(extensions)
}

// Wants reports whether a file is a README that FirstParagraph can read, in any folder.
func Wants(file string) bool {
	base := path.Base(file)
	f, _ := formatOf(base)
	return f != unknown && strings.EqualFold(strings.TrimSuffix(base, path.Ext(base)), "readme")
}

// Best returns the README that stands for a folder among the paths of a
// repository, or "". For the root ("") hosts also look into .github, .gitlab and
// docs: .github comes before the root, docs after it. Within a folder
// Markdown comes first, a name without extension last.
func Best(dir string, paths []string) string {
	dirs := []string{dir}
	if dir == "" || dir == "." {
		dirs = []string{".github", ".gitlab", ".", "docs"}
	}
	best, least := "", -1
	for _, p := range paths {
		if !Wants(p) {
			continue
		}
		for i, d := range dirs {
			if path.Dir(p) != d {
				continue
			}
			_, rank := formatOf(p)
			rank += i * (len(extensions) + 1)
			if least < 0 || rank < least || rank == least && p < best {
				best, least = p, rank
			}
		}
	}
	return best
}

// FirstParagraph returns the first real paragraph as plain text of at most 400
// characters, cut at a word with an ellipsis, and the 1-based line where it
// begins. Without one it returns "" and 0. The name tells the format.
func FirstParagraph(name string, b []byte) (text string, line int) {
	f, _ := formatOf(name)
	if len(b) > maxRead {
		b = b[:maxRead]
		if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
			b = b[:i+1]
		}
	}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	if bytes.IndexByte(b, 0) >= 0 {
		return "", 0
	}
	b = bytes.ToValidUTF8(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), []byte("\ufffd"))
	skipped := 0
	b, skipped = cutFrontMatter(b)
	if f == plain && looksLikeMarkdown(b) {
		f = markdown
	}
	var c choice
	switch f {
	case markdown:
		readMarkdown(b, &c)
	case rst:
		readRST(lines(b), &c)
	case asciidoc:
		readAsciiDoc(lines(b), &c)
	case org, plain:
		readPlain(lines(b), f == org, &c)
	}
	if c.text == "" {
		c = choice{text: c.spare, line: c.spareLine}
	}
	if c.text == "" {
		return "", 0
	}
	return shorten(c.text), c.line + skipped
}

// choice collects the paragraph: the first real one, and what stands in for it.
type choice struct {
	text      string
	line      int
	spare     string
	spareLine int
	licence   bool // below a heading about licences or contents
}

// offer considers a paragraph and reports whether the search is over.
func (c *choice) offer(text string, line int) bool {
	if text = squeeze(text); c.text == "" && !c.licence && isReal(text) {
		c.text, c.line = text, line
	}
	return c.text != ""
}

func (c *choice) offerSpare(text string, line int) {
	if text = squeeze(text); c.spare == "" && !c.licence && isReal(text) {
		c.spare, c.spareLine = text, line
	}
}

// heading notes what the paragraphs below it are about.
func (c *choice) heading(text string) {
	title := strings.Trim(strings.ToLower(squeeze(text)), " :#*=0123456789.")
	switch title {
	case "license", "licence", "licensing", "copyright", "copyright and license", "license and copyright", "contents", "table of contents", "toc", "index":
		c.licence = true
	default:
		c.licence = false
	}
}

var licenceBegins = []string{
	"copyright ", "copyright:", "(c) ", "© ", "licensed under", "license:", "licence:", "released under the", "distributed under the", "permission is hereby granted",
	"permission to use, copy", "this program is free software", "this library is free software", "this software is licensed", "this project is licensed",
	"redistribution and use", "the software is provided", "this software is provided", "all rights reserved", "spdx-license-identifier", "the mit license",
	"mit license", "apache license", "gnu general public license", "gnu lesser general", "bsd 3-clause", "unless required by applicable law",
}

// isReal tells a paragraph that says something from short lines, navigation and notices.
func isReal(text string) bool {
	lower := strings.ToLower(strings.TrimLeft(text, "*_ \"“"))
	for _, begin := range licenceBegins {
		if strings.HasPrefix(lower, begin) {
			return false
		}
	}
	letters, dense, separators := 0, 0, 0
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai):
			dense++
			letters++
		case unicode.IsLetter(r):
			letters++
		case r == '|' || r == '·' || r == '•' || r == '\ufffd':
			separators++
		}
	}
	words := len(strings.Fields(text))
	switch {
	case dense >= 6:
	case letters < 12 || words < 3:
		return false
	case strings.HasSuffix(text, ":") && words <= 6:
		return false
	}
	return separators*4 <= words || separators < 2
}

// squeeze turns all white space into single blanks.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

func shorten(s string) string {
	if utf8.RuneCountInString(s) <= maxText {
		return s
	}
	runes := []rune(s)[:maxText-1]
	end := len(runes)
	for i := len(runes) - 1; i > maxText/2; i-- {
		if unicode.IsSpace(runes[i]) {
			end = i
			break
		}
	}
	return strings.TrimRightFunc(string(runes[:end]), func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' }) + "…"
}

// cutFrontMatter drops a YAML (---) or TOML (+++) block at the very start and
// returns how many lines it had.
func cutFrontMatter(b []byte) (rest []byte, skipped int) {
	for _, mark := range []string{"---\n", "+++\n"} {
		if !bytes.HasPrefix(b, []byte(mark)) {
			continue
		}
		at := len(mark)
		for n := 2; at < len(b); n++ {
			line, _, _ := bytes.Cut(b[at:], []byte("\n"))
			at = min(len(b), at+len(line)+1)
			if text := string(bytes.TrimRight(line, " \t")); text == mark[:3] || text == "..." && mark[0] == '-' {
				return b[at:], n
			}
			if n == 2 && len(bytes.TrimSpace(line)) == 0 {
				break // a rule across the page, not front matter
			}
		}
	}
	return b, 0
}

func looksLikeMarkdown(b []byte) bool {
	return bytes.HasPrefix(b, []byte("# ")) || bytes.Contains(b, []byte("\n# ")) || bytes.Contains(b, []byte("\n## ")) || bytes.Contains(b, []byte("](http"))
}

func lines(b []byte) []string { return strings.Split(string(b), "\n") }
