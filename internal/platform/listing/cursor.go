package listing

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
)

// cursor is a place in a list: just at one row of one order. Its text is opaque to others.
type cursor struct {
	Order string `json:"o"`           // the order that it belongs to
	Known bool   `json:"s,omitempty"` // whether the row has a sort value
	Value []byte `json:"v,omitempty"` // the row's sort value
	Key   []byte `json:"k"`           // the row's key
	At    int64  `json:"n,omitempty"` // rows before the page, for "26–50 of 212"; only shown
}

func (c cursor) String() string {
	raw, err := json.Marshal(c)
	if err != nil { // bytes, words and a number always marshal
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// parseCursor reads a cursor of the given order. Whatever else it is given is refused.
func parseCursor(text string, o order) (cursor, bool) {
	if len(text) > maxCursor {
		return cursor{}, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return cursor{}, false
	}
	var c cursor
	if json.Unmarshal(raw, &c) != nil || c.Order != o.sort.String() || c.At < 0 || c.At > 1<<40 {
		return cursor{}, false
	}
	if _, ok := bindable(c.Key, o.keyKind); !ok {
		return cursor{}, false
	}
	if _, ok := bindable(c.Value, o.kind); c.Known && !ok {
		return cursor{}, false
	}
	return c, true
}

// bindable turns a value of a cursor into the parameter that its kind compares with.
func bindable(value []byte, k Kind) (any, bool) {
	switch {
	case k.numeric():
		n, err := strconv.ParseInt(string(value), 10, 64)
		return n, err == nil
	case k == Share:
		f, err := strconv.ParseFloat(string(value), 64)
		return f, err == nil
	default:
		return string(value), true
	}
}
