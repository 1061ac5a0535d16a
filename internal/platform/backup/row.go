package backup

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"steward/internal/platform/store"
)

// cell is where a value of a row is scanned to.
type cell struct {
	text    *string
	integer *int64
	real    *float64
	bytes   *[]byte
}

// pointers gives Scan a place for each column.
func pointers(cells []cell, columns []store.Column) []any {
	all := make([]any, len(columns))
	for i, c := range columns {
		switch c.Kind {
		case store.KindText:
			all[i] = &cells[i].text
		case store.KindInteger:
			all[i] = &cells[i].integer
		case store.KindReal:
			all[i] = &cells[i].real
		case store.KindBytes:
			all[i] = &cells[i].bytes
		}
	}
	return all
}

var escaped = strings.NewReplacer("\\", `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)

// appendRow adds a line of cells to b.
func appendRow(b []byte, cells []cell, columns []store.Column) []byte {
	for i, c := range columns {
		if i > 0 {
			b = append(b, '\t')
		}
		switch v := cells[i]; {
		case c.Kind == store.KindText && v.text != nil:
			if strings.ContainsAny(*v.text, "\\\t\n\r") {
				b = append(b, escaped.Replace(*v.text)...)
			} else {
				b = append(b, *v.text...)
			}
		case c.Kind == store.KindInteger && v.integer != nil:
			b = strconv.AppendInt(b, *v.integer, 10)
		case c.Kind == store.KindReal && v.real != nil:
			b = strconv.AppendFloat(b, *v.real, 'g', -1, 64)
		case c.Kind == store.KindBytes && v.bytes != nil:
			b = hex.AppendEncode(append(b, `\\x`...), *v.bytes)
		default:
			b = append(b, `\N`...)
		}
	}
	return append(b, '\n')
}

// parseRow reads a line without its end into one value a column.
func parseRow(line []byte, columns []store.Column) ([]any, error) {
	row := make([]any, len(columns))
	for i, c := range columns {
		field, rest, more := bytes.Cut(line, []byte{'\t'})
		if more != (i < len(columns)-1) {
			return nil, fmt.Errorf("%d columns were expected", len(columns))
		}
		line = rest
		v, err := parseField(string(field), c.Kind)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.Name, err)
		}
		row[i] = v
	}
	return row, nil
}

func parseField(field string, kind store.Kind) (any, error) {
	if field == `\N` {
		return nil, nil
	}
	switch kind {
	case store.KindInteger:
		return strconv.ParseInt(field, 10, 64)
	case store.KindReal:
		return strconv.ParseFloat(field, 64)
	case store.KindBytes:
		digits, ok := strings.CutPrefix(field, `\\x`)
		if !ok {
			return nil, errors.New("bytes begin with \\\\x")
		}
		return hex.DecodeString(digits)
	default:
		return unescape(field)
	}
}

func unescape(field string) (string, error) {
	if !strings.Contains(field, `\`) {
		return field, nil
	}
	var b strings.Builder
	for i := 0; i < len(field); i++ {
		if field[i] != '\\' {
			b.WriteByte(field[i])
			continue
		}
		if i++; i == len(field) {
			return "", errors.New("a backslash at the end")
		}
		switch field[i] {
		case '\\':
			b.WriteByte('\\')
		case 't':
			b.WriteByte('\t')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		default:
			return "", fmt.Errorf("\\%c is no escape", field[i])
		}
	}
	return b.String(), nil
}
