package listing

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// Each hands over every row under the query, in its order, one by one; the place of the query in
// the list is left out of account. It stops at the first error of f.
func (s Spec) Each(ctx context.Context, db *store.DB, v access.Viewer, q Query, f func(Row) error) error {
	s, err := s.settled(ctx, v)
	if err != nil {
		return err
	}
	o, b := s.order(q), &statement{engine: db.Engine()}
	text := "SELECT " + b.selected(s, o) + " FROM " + s.From + " WHERE " + b.where(s, v, q, "") + " ORDER BY " + b.orderBy(s, o, false)
	err = s.scan(ctx, db, text, b.args, o, func(row Row, _ cursor) error { return f(row) })
	if err != nil {
		return fmt.Errorf("read all of list %s: %w", s.Name, err)
	}
	return nil
}

// CSV writes every row under the query as RFC 4180 in UTF-8, with the column keys as first line. It is
// for spreadsheets, so text is made safe for them; JSON keeps it exact:
//
//	begins with = + - @, a tab or a line break, also   an apostrophe is put in front, so that it is no
//	after blanks, or with their full-width forms       formula (OWASP, CSV injection)
//	control characters other than tab and line breaks  become U+FFFD
//	directions of writing (U+202A–E, U+2066–9, …)      become U+FFFD, so that nothing reads backwards
//
// Numbers stay numbers, negative ones too.
func (s Spec) CSV(ctx context.Context, db *store.DB, v access.Viewer, q Query, out io.Writer) error {
	w := bufio.NewWriter(out)
	record := make([]string, len(s.Columns))
	for i, c := range s.Columns {
		record[i] = c.Key
	}
	writeRecord(w, record)
	err := s.Each(ctx, db, v, q, func(row Row) error {
		for i, c := range s.Columns {
			record[i] = csvCell(row[c.Key], c.Kind)
		}
		return writeRecord(w, record)
	})
	if err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write list %s as CSV: %w", s.Name, err)
	}
	return nil
}

// writeRecord writes one line as RFC 4180 has it. The standard library's writer would drop carriage
// returns within values when lines end with CRLF.
func writeRecord(w *bufio.Writer, record []string) error {
	for i, cell := range record {
		if i > 0 {
			w.WriteByte(',') // bufio keeps the first error for the last write
		}
		if strings.ContainsAny(cell, "\",;\t\r\n") || strings.HasPrefix(cell, " ") {
			cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
		w.WriteString(cell)
	}
	_, err := w.WriteString("\r\n")
	return err
}

// csvCell writes a value; only text can be a formula, a negative number is a number.
func csvCell(value any, k Kind) string {
	switch value := value.(type) {
	case nil:
		return ""
	case int64:
		if k == Time {
			return exact(value)
		}
		return strconv.FormatInt(value, 10)
	case float64:
		return strconv.FormatFloat(value, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(value)
	case string:
		return csvText(value)
	}
	return fmt.Sprint(value)
}

// csvText makes text safe for spreadsheets, see CSV.
func csvText(value string) string {
	value = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r' || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(value, "\uFFFD"))
	shown := strings.TrimLeftFunc(value, func(r rune) bool {
		return unicode.Is(unicode.Zs, r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar
	})
	if first, _ := utf8.DecodeRuneInString(shown); shown != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return "'" + value
	}
	return value
}

// exact is a moment in UTC to the microsecond, as exports and the API write it.
func exact(micros int64) string {
	return time.UnixMicro(micros).UTC().Format("2006-01-02T15:04:05.999999Z")
}

// JSON writes every row under the query as one array of objects, keys in the order of the columns.
func (s Spec) JSON(ctx context.Context, db *store.DB, v access.Viewer, q Query, out io.Writer) error {
	w := bufio.NewWriter(out)
	separator := "[\n"
	err := s.Each(ctx, db, v, q, func(row Row) error {
		line, err := s.Object(row)
		if err != nil {
			return err
		}
		w.WriteString(separator) // bufio keeps the first error for Flush
		separator = ",\n"
		_, err = w.Write(line)
		return err
	})
	if err != nil {
		return err
	}
	if separator == "[\n" {
		w.WriteString("[")
	}
	w.WriteString("\n]\n")
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write list %s as JSON: %w", s.Name, err)
	}
	return nil
}

// Object gives a row as one JSON object: times in RFC 3339 UTC, Split and Spark as JSON, unknown as null.
func (s Spec) Object(row Row) ([]byte, error) {
	var b strings.Builder
	for i, c := range s.Columns {
		value := row[c.Key]
		switch typed := value.(type) {
		case int64:
			if c.Kind == Time {
				value = exact(typed)
			}
		case string:
			if (c.Kind == Split || c.Kind == Spark) && json.Valid([]byte(typed)) {
				value = json.RawMessage(typed)
			}
		}
		text, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("write column %s of list %s as JSON: %w", c.Key, s.Name, err)
		}
		b.WriteString(map[bool]string{true: "{", false: ","}[i == 0] + strconv.Quote(c.Key) + ":")
		b.Write(text)
	}
	b.WriteByte('}')
	return []byte(b.String()), nil
}
