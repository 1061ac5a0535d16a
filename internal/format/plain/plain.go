// Package plain makes text that others wrote harmless where people read it: names, paths, paragraphs and messages
// that come from repositories may steer a terminal, turn what stands around them backwards ("Trojan Source",
// CVE-2021-42574), or look like another name. What does that is shown as U+FFFD, the replacement character:
//
//	control characters (Cc)              but line breaks and tabs: ESC, NUL, DEL, C1, a carriage return alone
//	directions of writing (Bidi_Control) U+202A–E, U+2066–9, U+200E, U+200F, U+061C
//	what nobody sees                     formats (Cf) such as U+200B, U+2060, U+FEFF, U+00AD and tags; fillers such as
//	                                     U+3164; separators of lines and paragraphs U+2028, U+2029
//	what is not UTF-8
//
// The joiners U+200C and U+200D stay, as scripts and emoji are not written without them, and so do the signs of
// Arabic and others that are formats and seen (Prepended_Concatenation_Mark).
//
// Programs must get what is there: JSON writes the same characters as escapes, which they read as they were.
package plain

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// harmful reports whether a character does something to others or is not seen. Line breaks and tabs are not.
func harmful(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < 0x80:
		return r < ' ' || r == 0x7f
	case r == '\u200c' || r == '\u200d' || unicode.Is(unicode.Prepended_Concatenation_Mark, r):
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point)
}

// fine reports whether a text needs no change, which is nearly always so.
func fine(text []byte) bool {
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			if harmful(rune(c)) {
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 || harmful(r) {
			return false
		}
		i += n
	}
	return true
}

// Text returns a text as people may read it. Line breaks of DOS become plain ones.
func Text(text string) string { return string(Bytes([]byte(text))) }

// Bytes is Text for bytes. What needs no change is returned as it is.
func Bytes(text []byte) []byte {
	if fine(text) {
		return text
	}
	return bytes.Map(func(r rune) rune {
		if harmful(r) {
			return unicode.ReplacementChar
		}
		return r
	}, bytes.ReplaceAll(bytes.ToValidUTF8(text, []byte("\uFFFD")), []byte("\r\n"), []byte("\n")))
}

// Line returns a text as one line: line breaks and tabs are shown as U+FFFD too.
func Line(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return unicode.ReplacementChar
		}
		return r
	}, Text(text))
}

// JSON returns a JSON document in which the same characters are escapes (\u202e), so that a reader of the document
// sees them and a reader of the value has them. They stand nowhere in JSON but in strings.
func JSON(document []byte) []byte {
	if fine(document) {
		return document
	}
	var out bytes.Buffer
	for _, r := range string(document) {
		switch {
		case r == '\r' || !harmful(r): // JSON allows a carriage return between values, and nowhere else
			out.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.Bytes()
}

// Marshal is json.Marshal for values that hold text of others, see JSON.
func Marshal(v any) ([]byte, error) {
	document, err := json.Marshal(v)
	return JSON(document), err
}

// WriteJSON writes a value as one JSON document, see JSON, indented by indent unless that is empty.
func WriteJSON(to io.Writer, v any, indent string) error {
	var document bytes.Buffer
	e := json.NewEncoder(&document)
	e.SetIndent("", indent)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := to.Write(JSON(document.Bytes()))
	return err
}

// Writer passes on what is written to it as Text. A character may come in parts; the end of one that is not there yet
// is kept for the next write.
type Writer struct {
	to   io.Writer
	rest []byte // begin of a character
}

// NewWriter returns a writer of text to a terminal or a file that people read.
func NewWriter(to io.Writer) *Writer { return &Writer{to: to} }

// Write writes p, whose length it returns when all of it is passed on or kept.
func (w *Writer) Write(p []byte) (int, error) {
	all := append(w.rest, p...)
	whole := len(all)
	for back := 1; back < utf8.UTFMax && back <= len(all); back++ {
		if at := len(all) - back; utf8.RuneStart(all[at]) {
			if !utf8.FullRune(all[at:]) {
				whole = at
			}
			break
		}
	}
	if whole == len(all) && whole > 0 && all[whole-1] == '\r' { // its line break may come
		whole--
	}
	w.rest = bytes.Clone(all[whole:])
	if _, err := w.to.Write(Bytes(all[:whole])); err != nil {
		return 0, err
	}
	return len(p), nil
}
