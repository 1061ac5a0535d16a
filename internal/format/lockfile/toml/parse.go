package toml

import (
	"fmt"
	"slices"
	"strings"

	"steward/internal/format/lockfile"
)

type parser struct {
	in   string
	at   int // offset of the next byte
	line int // of that byte
	kept int // values so far
	skip []string
	mute int // above 0 inside a skipped value: nothing is kept
	void Value
	path []keyPart // reused by key
}

type keyPart struct {
	name string
	line int
}

func (p *parser) document(root *Value) error {
	table := root
	for {
		p.blank()
		if p.at >= len(p.in) {
			return nil
		}
		var err error
		if p.in[p.at] == '[' {
			table, err = p.header(root)
		} else {
			err = p.pair(table, lockfile.MaxDepth)
		}
		if err != nil {
			return err
		}
		if err := p.lineEnd(); err != nil {
			return err
		}
	}
}

// header reads [a.b] or [[a.b]] and returns the table that it opens.
func (p *parser) header(root *Value) (*Value, error) {
	p.at++
	array := p.take('[')
	path, err := p.key()
	if err != nil {
		return nil, err
	}
	if !p.take(']') || array && !p.take(']') {
		return nil, syntax("a table header is not closed")
	}
	table := root
	for _, part := range path[:len(path)-1] {
		if table, err = p.descend(table, part); err != nil {
			return nil, err
		}
	}
	last := path[len(path)-1]
	have := table.child(last.name)
	switch {
	case array && have == nil:
		list, err := p.value(Array)
		if err != nil {
			return nil, err
		}
		table.put(last.name, last.line, list)
		return p.element(list)
	case array && have.kind == Array && !have.closed:
		return p.element(have)
	case array:
		return nil, syntax("the key %q is there already", last.name)
	case have == nil:
		if have, err = p.value(Table); err != nil {
			return nil, err
		}
		table.put(last.name, last.line, have)
	case have.kind != Table || have.closed:
		return nil, syntax("the table %q is there already", last.name)
	}
	have.line, have.closed = last.line, true
	return have, nil
}

func (p *parser) element(list *Value) (*Value, error) {
	table, err := p.value(Table)
	if err != nil {
		return nil, err
	}
	list.items = append(list.items, table)
	return table, nil
}

// descend returns the table under a key, of an array of tables the last one,
// and makes it when it is missing.
func (p *parser) descend(table *Value, part keyPart) (*Value, error) {
	next := table.child(part.name)
	switch {
	case next == nil:
		next, err := p.value(Table)
		if err != nil {
			return nil, err
		}
		table.put(part.name, part.line, next)
		return next, nil
	case next.kind == Array && !next.closed:
		return next.items[len(next.items)-1], nil
	case next.kind != Table || next.closed && next.text == inline:
		return nil, syntax("the key %q is there already", part.name)
	}
	return next, nil
}

// inline marks inline tables, which nothing may extend.
const inline = "{}"

// pair reads key = value into table, with at most depth levels in the value.
func (p *parser) pair(table *Value, depth int) error {
	path, err := p.key()
	if err != nil {
		return err
	}
	if !p.take('=') {
		return syntax("a key is not followed by =")
	}
	last := path[len(path)-1]
	if p.mute > 0 || slices.Contains(p.skip, last.name) {
		p.mute++
		_, err := p.nested(depth)
		p.mute--
		return err
	}
	for _, part := range path[:len(path)-1] {
		if table, err = p.descend(table, part); err != nil {
			return err
		}
	}
	if table.child(last.name) != nil {
		return syntax("the key %q is there already", last.name)
	}
	v, err := p.nested(depth)
	if err != nil {
		return err
	}
	table.put(last.name, last.line, v)
	return nil
}

// nested reads one value with at most depth levels beneath it.
func (p *parser) nested(depth int) (*Value, error) {
	p.space()
	if p.at >= len(p.in) {
		return nil, syntax("the file ends where a value belongs")
	}
	if depth == 0 {
		return nil, lockfile.ErrTooDeep
	}
	switch c := p.in[p.at]; c {
	case '"', '\'':
		v, err := p.value(String)
		if err != nil {
			return nil, err
		}
		v.text, err = p.quoted()
		return v, err
	case '[':
		return p.array(depth)
	case '{':
		return p.inlineTable(depth)
	}
	return p.literal()
}

func (p *parser) array(depth int) (*Value, error) {
	v, err := p.value(Array)
	if err != nil {
		return nil, err
	}
	v.closed = true
	p.at++
	for {
		p.blank()
		if p.take(']') {
			return v, nil
		}
		item, err := p.nested(depth - 1)
		if err != nil {
			return nil, err
		}
		if p.mute == 0 {
			v.items = append(v.items, item)
		}
		p.blank()
		if !p.take(',') && !p.next(']') {
			return nil, syntax("an array goes on without a comma")
		}
	}
}

func (p *parser) inlineTable(depth int) (*Value, error) {
	v, err := p.value(Table)
	if err != nil {
		return nil, err
	}
	p.at++
	for {
		p.blank()
		if p.take('}') {
			v.closed, v.text = true, inline
			return v, nil
		}
		if err := p.pair(v, depth-1); err != nil {
			return nil, err
		}
		p.blank()
		if !p.take(',') && !p.next('}') {
			return nil, syntax("an inline table goes on without a comma")
		}
	}
}

// literal reads a bool, number, date or time.
func (p *parser) literal() (*Value, error) {
	start := p.at
	for p.at < len(p.in) && literalByte(p.in[p.at]) {
		p.at++
	}
	// A date and a time may stand apart: 1979-05-27 07:32:00
	if p.at-start == len("1979-05-27") && p.in[start+4] == '-' && p.at+1 < len(p.in) && p.in[p.at] == ' ' && digit(p.in[p.at+1]) {
		for p.at++; p.at < len(p.in) && literalByte(p.in[p.at]); {
			p.at++
		}
	}
	text := p.in[start:p.at]
	kind := Literal
	switch {
	case text == "true" || text == "false":
		kind = Bool
	case text == "":
		return nil, syntax("no value follows =")
	case !digit(text[0]) && !digit(text[len(text)-1]) && strings.Trim(text, "+-") != "inf" && strings.Trim(text, "+-") != "nan":
		return nil, syntax("%.20q is no value; text needs quotes", text)
	}
	v, err := p.value(kind)
	if err != nil {
		return nil, err
	}
	v.text = text
	return v, nil
}

func literalByte(c byte) bool {
	return digit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || strings.IndexByte("+-_.:", c) >= 0
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// value returns a new value at this line; inside a skipped value always the
// same one, which nobody looks at.
func (p *parser) value(k Kind) (*Value, error) {
	if p.mute > 0 {
		return &p.void, nil
	}
	if p.kept++; p.kept > MaxValues {
		return nil, fmt.Errorf("more than %d values: %w", MaxValues, lockfile.ErrTooLarge)
	}
	return &Value{kind: k, line: p.line}, nil
}
