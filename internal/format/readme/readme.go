// Package readme finds the first real paragraph of a README: the sentence or
// two that say what a project is, as plain text.
//
// Three questions decide. What is it: front matter, badges and other images,
// lists, tables and code are never a paragraph. Where does it stand: below the
// title or a heading that introduces ("About"), below any other, or below one of
// installation, support, sponsors and the like. What does it say: something; only
// that the project has ended, has moved or is not ready (a notice); or nothing,
// as navigation, pointers to the documentation, thanks and licences do.
//
// The best of these is taken, the first of equals: a paragraph at the opening;
// a tagline, which is a block quote or a text inside HTML at the opening; a
// paragraph below another heading; a title that is a sentence ("Pay: bills for
// banks"); a notice.
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
	switch {
	case f == plain && looksLikeMarkdown(b):
		f = markdown
	case f == plain && bytes.Contains(b, []byte("\n.. ")) && bytes.Contains(b, []byte("::")):
		f = rst
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
	text, line = c.best()
	if text == "" {
		return "", 0
	}
	return shorten(text), line + skipped
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
		at, keyed := len(mark), false
		for n := 2; at < len(b); n++ {
			line, _, _ := bytes.Cut(b[at:], []byte("\n"))
			at = min(len(b), at+len(line)+1)
			text := string(bytes.TrimSpace(line))
			if text == mark[:3] || text == "..." && mark[0] == '-' {
				return b[at:], n
			}
			if text != "" && !keyed {
				if key := strings.IndexAny(text, ":="); key < 1 && text[0] != '#' || strings.Contains(strings.TrimSpace(text[:max(key, 0)]), " ") {
					break // a rule across the page, not front matter
				}
				keyed = true
			}
		}
	}
	return b, 0
}

func looksLikeMarkdown(b []byte) bool {
	return bytes.HasPrefix(b, []byte("# ")) || bytes.Contains(b, []byte("\n# ")) || bytes.Contains(b, []byte("\n## ")) || bytes.Contains(b, []byte("](http"))
}

func lines(b []byte) []string { return strings.Split(string(b), "\n") }
