package lockfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// everything reads a value whole, with the line of each key and element.
func everything(j *JSON) any {
	switch j.Kind() {
	case '{':
		m := map[string]any{}
		j.Object(func(key string) { m[fmt.Sprintf("%s:%d", key, j.Line())] = everything(j) })
		return m
	case '[':
		a := []any{}
		j.Array(func() { a = append(a, everything(j)) })
		return a
	}
	return j.String()
}

func TestJSON(t *testing.T) {
	text := "{\"a\": {\"b\\n\\u00e9\\ud83d\\ude00\": [1, -2.5e3, \"x\\\\\"],\n\"e\": {}, \"f\": []},\r\n \"n\": null,\n\t\"t\": true}"
	j := NewJSON([]byte(text))
	got := everything(j)
	want := map[string]any{
		"a:1": map[string]any{"b\né😀:1": []any{"1", "-2.5e3", `x\`}, "e:2": map[string]any{}, "f:2": []any{}},
		"n:3": "", "t:4": "true",
	}
	if diff := cmp.Diff(want, got); diff != "" || j.End() != nil {
		t.Errorf("read (-want +got):\n%s, err %v", diff, j.End())
	}
	skipped := NewJSON([]byte(text))
	if skipped.Skip(); skipped.End() != nil {
		t.Errorf("skip: %v", skipped.End())
	}
}

func TestJSONRelaxed(t *testing.T) {
	text := "// lock\n{\"a\": [1, [2,], ],\n/* x\n */ \"b\": {\"c\": [[],],},}"
	for name, read := range map[string]func(*JSON){"read": func(j *JSON) { everything(j) }, "skip": (*JSON).Skip} {
		j := NewJSON([]byte(text))
		j.Relaxed = true
		if read(j); j.End() != nil {
			t.Errorf("%s: %v", name, j.End())
		}
		j = NewJSON([]byte(text))
		if read(j); !errors.Is(j.End(), ErrSyntax) {
			t.Errorf("%s: strict reading gives %v, want ErrSyntax", name, j.End())
		}
	}
}

func TestJSONErrors(t *testing.T) {
	deep := strings.Repeat("[", 10_000)
	tests := []struct {
		text string
		line int
		want error
	}{
		{"", 1, ErrSyntax},
		{"{\n\"a\": 1\n", 3, ErrSyntax},
		{"{\n\"a\" 1}", 2, ErrSyntax},
		{"{\"a\": [1\n2]}", 2, ErrSyntax},
		{"{\"a\": \"b\nc\"}", 1, ErrSyntax},
		{"{\"a\": tru}", 1, ErrSyntax},
		{"{} {}", 1, ErrSyntax},
		{"{,}", 1, ErrSyntax},
		{"[1,]", 1, ErrSyntax},
		{"[1}", 1, ErrSyntax},
		{"\n" + deep, 2, ErrTooDeep},
		{"\n" + strings.Repeat(`{"a":`, 10_000), 2, ErrTooDeep},
	}
	for _, test := range tests {
		for name, read := range map[string]func(*JSON){"read": func(j *JSON) { everything(j) }, "skip": (*JSON).Skip} {
			j := NewJSON([]byte(test.text))
			read(j)
			var at *LineError
			if err := j.End(); !errors.Is(err, test.want) || !errors.As(err, &at) || at.Line != test.line {
				t.Errorf("%s %.20q: %v, want %v on line %d", name, test.text, err, test.want, test.line)
			}
		}
	}
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a": [1, {"b": null}], "c": "\u00e9"}`, `[[], {}, ""]`, `{"a":`, `"\ud800"`, "[1,]"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		b, err := Text(b)
		if err != nil {
			return
		}
		read, skipped := NewJSON(b), NewJSON(b)
		everything(read)
		skipped.Skip()
		if (read.End() == nil) != (skipped.End() == nil) {
			t.Fatalf("read: %v, skip: %v", read.Err(), skipped.Err())
		}
		if err := read.Err(); err != nil && !errors.Is(err, ErrTooDeep) && json.Valid(b) {
			t.Fatalf("valid JSON refused: %v", err)
		}
	})
}
