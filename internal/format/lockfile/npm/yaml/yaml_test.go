package yaml

import (
	"errors"
	"fmt"
	"testing"

	"steward/internal/format/lockfile"

	"github.com/google/go-cmp/cmp"
)

// entries writes what a text holds, one line for each entry.
func entries(text string) (got []string, err error) {
	y := New([]byte(text))
	for y.Next() {
		if y.Item {
			got = append(got, fmt.Sprintf("%d item of %s: %s", y.Line, y.Parent, y.Value))
		} else {
			got = append(got, fmt.Sprintf("%d level %d %s: %s", y.Line, y.Level, y.Key, y.Value))
		}
	}
	return got, y.Err
}

func TestReader(t *testing.T) {
	got, err := entries(`# comment
%YAML 1.2
---
a: 'it''s' # why
"b \"q\"": "x\ty"
c:
    d: plain # comment
    e: ~
    f: >-
      folded: text

      more
    g: |
      literal
h: {i: 'j, k}', l: [m, n]}
o:
  {
    p: q,
  }
s:
- t
-   "u"
v:
  - w
? 'long'
: x
y: a:b
`)
	want := []string{
		"4 level 0 a: it's", `5 level 0 b "q": ` + "x\ty", "6 level 0 c: ", "7 level 1 d: plain", "8 level 1 e: ", "9 level 1 f: ",
		"13 level 1 g: ", "15 level 0 h: {i: 'j, k}', l: [m, n]}", "16 level 0 o: { p: q, }",
		"20 level 0 s: ", "21 item of s: t", "22 item of s: u", "23 level 0 v: ", "24 item of v: w", "25 level 0 long: x", "27 level 0 y: a:b",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s, err %v", diff, err)
	}
}

func TestPairs(t *testing.T) {
	var got []string
	Pairs(`{integrity: sha512-a==, 'tarball': "https://x/y?z=1,2", cpu: [x64, arm64], e: {f: g}}`, func(k, v string) { got = append(got, k+"="+v) })
	want := []string{"integrity=sha512-a==", "tarball=https://x/y?z=1,2", "cpu=[x64, arm64]", "e={f: g}"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pairs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a", "b, c"}, Items("[a, 'b, c',]")); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
}

func TestErrors(t *testing.T) {
	for text, line := range map[string]int{
		"a\n": 1, "a: 1\n\tb: 2\n": 2, "a:\n    b: 1\n  c: 2\n": 3, "a: 'b\n": 1, "a: {b\n": 1, "? a\n": 1, "'a: b\n": 1,
	} {
		_, err := entries(text)
		var at *lockfile.LineError
		if !errors.Is(err, lockfile.ErrSyntax) || !errors.As(err, &at) || at.Line != line {
			t.Errorf("%q: %v, want ErrSyntax on line %d", text, err, line)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add("a: {b: [c]}\nd:\n- e\n? f\n: 'g'\nh: |\n  i\n")
	f.Fuzz(func(t *testing.T, text string) {
		y := New([]byte(text))
		for y.Next() {
			if y.Level < 0 || y.Line < 1 {
				t.Fatalf("level %d, line %d", y.Level, y.Line)
			}
			Pairs(y.Value, func(string, string) {})
			Items(y.Value)
		}
	})
}
