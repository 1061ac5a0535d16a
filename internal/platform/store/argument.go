package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

var errTimeArgument = errors.New("store: a time.Time was passed as an argument; pass store.Micros of it")

// arguments makes arguments mean the same on both engines; see the package comment. The slice is
// copied only when something changes.
func arguments(args []any) ([]any, error) {
	copied := false
	for i, a := range args {
		b, changed, err := argument(a)
		if err != nil {
			return nil, err
		}
		if !changed {
			continue
		}
		if !copied {
			args, copied = append([]any(nil), args...), true
		}
		args[i] = b
	}
	return args, nil
}

func argument(a any) (_ any, changed bool, _ error) {
	switch v := a.(type) {
	case nil, bool, int, int32, int64, float64, []byte:
		return a, false, nil
	case string:
		if isText(v) {
			return a, false, nil
		}
		return Text(v), true, nil
	case json.RawMessage:
		if v == nil {
			return nil, true, nil
		}
		return Text(string(CleanJSON(v))), true, nil
	case time.Time, *time.Time:
		return nil, false, errTimeArgument
	}
	v := reflect.ValueOf(a)
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() == reflect.String && !isText(v.String()) {
		return Text(v.String()), true, nil
	}
	return a, false, nil
}

func isText(s string) bool {
	return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}

// Text returns s as the database keeps it: bytes that are not UTF-8, and NUL, become U+FFFD. Arguments
// are changed like this already; it is for those who need to know beforehand, such as for a digest.
func Text(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// CleanJSON replaces the escape \u0000 by \ufffd, because PostgreSQL refuses it in jsonb, unless its backslash is
// itself escaped. Arguments are cleaned already; it is for JSON that reaches the database another way.
func CleanJSON(raw json.RawMessage) json.RawMessage {
	nul := []byte(`\u0000`)
	if !bytes.Contains(raw, nul) {
		return raw
	}
	out := make(json.RawMessage, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		switch {
		case raw[i] != '\\':
			out = append(out, raw[i])
		case bytes.HasPrefix(raw[i:], nul):
			out = append(out, `\ufffd`...)
			i += len(nul) - 1
		default:
			out = append(out, raw[i])
			if i+1 < len(raw) {
				i++
				out = append(out, raw[i])
			}
		}
	}
	return out
}

// Marks are n placeholders from $first on, for a list in SQL: "$3, $4".
func Marks(first, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(first+i))
	}
	return b.String()
}

// Args are values as the arguments of a statement.
func Args[T any](all []T) []any {
	out := make([]any, len(all))
	for i, one := range all {
		out[i] = one
	}
	return out
}
