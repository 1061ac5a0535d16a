// Package toml reads TOML into values that know their line, which is what the
// readers of manifests need and the usual libraries leave out. It keeps the
// limits of lockfile (depth, number of values) on any input and can leave out
// the parts of a lock file that nobody asks for.
//
// Source: TOML v1.0.0, https://toml.io/en/v1.0.0, and of v1.1 the line breaks
// and the last comma in inline tables. It accepts a little more than that:
// numbers and dates are kept as written and not checked.
package toml

import (
	"fmt"

	"steward/internal/format/lockfile"
)

// MaxValues bounds what Parse keeps in memory, about 200 bytes a value.
const MaxValues = 500_000

// Kind is the kind of a Value.
type Kind uint8

// The kinds. Numbers, dates and times are all Literal.
const (
	Literal Kind = iota
	String
	Bool
	Array
	Table
)

// Value is one value. The methods may be called on nil, which is what Get
// returns for a value that is not there, and then return zero values: readers
// need no checks for keys that are missing or of another kind.
type Value struct {
	kind   Kind
	closed bool // defined to the end: an inline table, a static array, a table with its own header
	line   int
	text   string
	items  []*Value
	keys   []Entry
	index  map[string]int // of keys, from the moment there are many
}

// Entry is one key of a table with its value.
type Entry struct {
	Key   string
	Line  int // of the key
	Value *Value
}

// Kind returns the kind of v; a nil v is a Literal.
func (v *Value) Kind() Kind {
	if v == nil {
		return Literal
	}
	return v.kind
}

// Line returns the 1-based line on which v starts, for a table with a header
// the line of that header; 0 for nil.
func (v *Value) Line() int {
	if v == nil {
		return 0
	}
	return v.line
}

// Str returns the text of a string, and "" for every other kind.
func (v *Value) Str() string {
	if v == nil || v.kind != String {
		return ""
	}
	return v.text
}

// Text returns a string's text, or a literal or bool as written.
func (v *Value) Text() string {
	if v == nil {
		return ""
	}
	return v.text
}

// True says whether v is the bool true.
func (v *Value) True() bool { return v != nil && v.kind == Bool && v.text == "true" }

// Items returns the items of an array, nil for every other kind.
func (v *Value) Items() []*Value {
	if v == nil || v.kind != Array {
		return nil
	}
	return v.items
}

// Entries returns the keys of a table in the order of the file, nil for every
// other kind.
func (v *Value) Entries() []Entry {
	if v == nil {
		return nil
	}
	return v.keys
}

// Count is how many values there are: v and all beneath it.
func (v *Value) Count() int {
	if v == nil {
		return 0
	}
	n := 1
	for _, item := range v.items {
		n += item.Count()
	}
	for _, e := range v.keys {
		n += e.Value.Count()
	}
	return n
}

// Get follows keys through tables. It returns nil when one is missing.
func (v *Value) Get(keys ...string) *Value {
	for _, k := range keys {
		if v = v.child(k); v == nil {
			return nil
		}
	}
	return v
}

// linear is the number of keys up to which looking through beats a map.
const linear = 8

func (v *Value) child(key string) *Value {
	if v == nil {
		return nil
	}
	if v.index != nil {
		if i, ok := v.index[key]; ok {
			return v.keys[i].Value
		}
		return nil
	}
	for i := range v.keys {
		if v.keys[i].Key == key {
			return v.keys[i].Value
		}
	}
	return nil
}

func (v *Value) put(key string, line int, child *Value) {
	v.keys = append(v.keys, Entry{Key: key, Line: line, Value: child})
	switch {
	case v.index != nil:
		v.index[key] = len(v.keys) - 1
	case len(v.keys) > linear:
		v.index = make(map[string]int, 2*len(v.keys))
		for i, e := range v.keys {
			v.index[e.Key] = i
		}
	}
}

// Parse reads a document, as lockfile.Text leaves it, into its root table.
// Values of the keys in skip are read over and not kept, wherever they are.
// Errors are *lockfile.LineError and wrap ErrSyntax, ErrTooDeep or ErrTooLarge.
func Parse(b []byte, skip ...string) (*Value, error) {
	p := parser{in: string(b), line: 1, skip: skip}
	root := &Value{kind: Table, line: 1}
	if err := p.document(root); err != nil {
		return nil, &lockfile.LineError{Line: p.line, Err: err}
	}
	return root, nil
}

func syntax(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{lockfile.ErrSyntax}, args...)...)
}
