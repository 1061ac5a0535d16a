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

	"steward/internal/format/plain"
	"steward/internal/format/table"
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

// CSV writes every row under the query as a table for spreadsheets, with the column keys as first line; how text is
// made safe for them says table.Writer. JSON keeps it exact.
func (s Spec) CSV(ctx context.Context, db *store.DB, v access.Viewer, q Query, out io.Writer) error {
	w := table.NewWriter(out)
	record := make([]any, len(s.Columns))
	for i, c := range s.Columns {
		record[i] = c.Key
	}
	err := w.Write(record...)
	if err == nil {
		err = s.Each(ctx, db, v, q, func(row Row) error {
			for i, c := range s.Columns {
				record[i] = row[c.Key]
				if micros, ok := record[i].(int64); ok && c.Kind == Time {
					record[i] = exact(micros)
				}
			}
			return w.Write(record...)
		})
	}
	if err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("list %s: %w", s.Name, err)
	}
	return nil
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

// Object gives a row as one JSON object: times in RFC 3339 UTC, Split, Spark and JSON as JSON, unknown as null. What
// steers or is not seen in text is escaped, see plain.JSON.
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
			if (c.Kind == Split || c.Kind == Spark || c.Kind == JSON) && json.Valid([]byte(typed)) {
				value = json.RawMessage(typed)
			}
		}
		text, err := plain.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("write column %s of list %s as JSON: %w", c.Key, s.Name, err)
		}
		b.WriteString(map[bool]string{true: "{", false: ","}[i == 0] + strconv.Quote(c.Key) + ":")
		b.Write(text)
	}
	b.WriteByte('}')
	return []byte(b.String()), nil
}
