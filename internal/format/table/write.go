package table

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"steward/internal/format/plain"
)

// Writer writes a table as RFC 4180 in UTF-8 for spreadsheets, so text is made safe for them:
//
//	begins with = + - @, a tab or a line break, also   an apostrophe is put in front, so that it is no
//	after blanks, or with their full-width forms       formula (OWASP, CSV injection)
//	what steers or is not seen, see package plain      becomes U+FFFD, so that nothing reads backwards
//
// Numbers stay numbers, negative ones too.
type Writer struct{ out *bufio.Writer }

// NewWriter returns a writer of records; Flush ends them.
func NewWriter(out io.Writer) *Writer { return &Writer{bufio.NewWriter(out)} }

// Write writes one record. A cell is a string, int, int64, float64, bool, or nil for an empty one; anything else is
// written as fmt does, as text.
func (w *Writer) Write(cells ...any) error {
	for i, value := range cells {
		if i > 0 {
			w.out.WriteByte(',') // bufio keeps the first error for the last write
		}
		text := cell(value)
		if strings.ContainsAny(text, "\",;\t\n") || strings.HasPrefix(text, " ") {
			text = `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
		}
		w.out.WriteString(text)
	}
	if _, err := w.out.WriteString("\r\n"); err != nil {
		return fmt.Errorf("write a table: %w", err)
	}
	return nil
}

// Flush writes what is not written yet.
func (w *Writer) Flush() error {
	if err := w.out.Flush(); err != nil {
		return fmt.Errorf("write a table: %w", err)
	}
	return nil
}

// cell writes a value; only text can be a formula.
func cell(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case int:
		return strconv.Itoa(value)
	case int64:
		return strconv.FormatInt(value, 10)
	case float64:
		return strconv.FormatFloat(value, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(value)
	case string:
		return Safe(value)
	}
	return Safe(fmt.Sprint(value))
}

// Safe makes text safe for the cell of a spreadsheet, see Writer.
func Safe(text string) string {
	text = plain.Text(text)
	shown := strings.TrimLeftFunc(text, func(r rune) bool {
		return unicode.Is(unicode.Zs, r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar
	})
	if first, _ := utf8.DecodeRuneInString(shown); shown != "" && strings.ContainsRune("=+-@\t\n＝＋－＠", first) {
		return "'" + text
	}
	return text
}
