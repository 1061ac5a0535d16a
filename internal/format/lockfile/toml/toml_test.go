package toml

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	burnt "github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"

	"steward/internal/format/lockfile"
)

// plain turns a value into maps, slices and strings.
func plain(v *Value) any {
	switch v.Kind() {
	case Table:
		m := map[string]any{}
		for _, e := range v.Entries() {
			m[e.Key] = plain(e.Value)
		}
		return m
	case Array:
		list := []any{}
		for _, item := range v.Items() {
			list = append(list, plain(item))
		}
		return list
	case String:
		return v.Str()
	case Bool:
		return v.True()
	}
	return nil // numbers and dates are kept as written
}

// same brings what the library decodes into the shape of plain.
func same(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for k, item := range v {
			m[k] = same(item)
		}
		return m
	case []map[string]any:
		list := []any{}
		for _, item := range v {
			list = append(list, same(item))
		}
		return list
	case []any:
		list := []any{}
		for _, item := range v {
			list = append(list, same(item))
		}
		return list
	case string, bool:
		return v
	}
	return nil
}

// agree says whether the library and Parse read the same from a document that
// the library accepts.
func agree(t *testing.T, text []byte) {
	t.Helper()
	text, err := lockfile.Text(text)
	if err != nil {
		return
	}
	got, err := Parse(text)
	if err != nil && !errors.Is(err, lockfile.ErrSyntax) && !errors.Is(err, lockfile.ErrTooDeep) && !errors.Is(err, lockfile.ErrTooLarge) {
		t.Fatalf("an error of no kind: %v", err)
	}
	if errors.Is(err, lockfile.ErrTooDeep) || errors.Is(err, lockfile.ErrTooLarge) {
		return
	}
	want := map[string]any{}
	if _, wantErr := burnt.Decode(string(text), &want); wantErr != nil {
		return
	}
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if diff := cmp.Diff(same(want), plain(got)); diff != "" {
		t.Errorf("%q: %s", text, diff)
	}
}

func TestAgreesOnRealFiles(t *testing.T) {
	root := os.DirFS("../../../../../shared/data/locks")
	read := 0
	err := fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".toml") && !strings.HasSuffix(p, "uv.lock") && !strings.HasSuffix(p, "Cargo.lock") {
			return err
		}
		b, err := fs.ReadFile(root, p)
		if err != nil {
			return err
		}
		read++
		agree(t, b)
		return nil
	})
	if err != nil || read < 10 {
		t.Fatalf("%d files read, %v", read, err)
	}
}

var documents = []string{
	"a = 1\nb.c = 'x'\n[t]\nd = \"\"\"\nx\\\n  y\"\"\"\"\"\n[[l]]\ne = [1, 'a', {x = 1, y.z = true}, [ ] , ]\n[[l]]\n[l.m]\nf = 1979-05-27 07:32:00\n",
	"a = '''\r\nx'''''\r\nb = \"\\u00e9\\t\\\\\"\r\n",
	"\"quoted key\".'b' = -inf\n[ a . \"b.c\" ]\nx = +1.5e3\n",
	"[a.b]\nc=1\n[a]\nd=1\n", "[a]\nb.c=1\nb.d=2\n", "x = {}\n[y]\nz = { a.b = 1, a.c = 2 }\n",
	"# only a comment", "", "a = nan # x\n", "a=[\n# x\n1 # y\n,\n2]",
}

func TestAgreesOnDocuments(t *testing.T) {
	for _, d := range documents {
		want := map[string]any{}
		if _, err := burnt.Decode(d, &want); err != nil {
			t.Errorf("%q: the library refuses it: %v", d, err)
		}
		agree(t, []byte(d))
	}
}

func TestLines(t *testing.T) {
	v, err := Parse([]byte("a = '''\n\n'''\n[[p]]\nname = 'x'\nfiles = [\n  { a = 1 },\n]\ndeps = [\n  'y',\n  'z',\n]\n[p.sub]\nk = 1\n"), "files")
	if err != nil {
		t.Fatal(err)
	}
	p := v.Get("p").Items()[0]
	got := []int{v.Get("a").Line(), p.Line(), p.Get("name").Line(), p.Get("deps").Line(), p.Get("deps").Items()[1].Line(), p.Get("sub").Line(), p.Get("sub", "k").Line()}
	if diff := cmp.Diff([]int{1, 4, 5, 9, 11, 13, 14}, got); diff != "" {
		t.Error(diff)
	}
	if p.Get("files") != nil {
		t.Error("a skipped key is kept")
	}
}

func TestErrors(t *testing.T) {
	tests := []struct {
		text string
		line int
		kind error
	}{
		{"a = 1\na = 2\n", 2, lockfile.ErrSyntax},
		{"[a]\n[b]\n[a]\n", 3, lockfile.ErrSyntax},
		{"a = {b = 1}\n[a.c]\n", 2, lockfile.ErrSyntax},
		{"a = [1]\n[[a]]\n", 2, lockfile.ErrSyntax},
		{"a = 1\n[a.b]\n", 2, lockfile.ErrSyntax},
		{"\na = \n", 2, lockfile.ErrSyntax},
		{"\na = \"x\n\"", 2, lockfile.ErrSyntax},
		{"a = 'x' 'y'\n", 1, lockfile.ErrSyntax},
		{"=======\n", 1, lockfile.ErrSyntax},
		{"a = word\n", 1, lockfile.ErrSyntax},
		{"a = [1 2]\n", 1, lockfile.ErrSyntax},
		{"a = [\n1,\n", 3, lockfile.ErrSyntax},
		{"a = \"\"\"\nx", 2, lockfile.ErrSyntax},
		{"a = \"\\q\"", 1, lockfile.ErrSyntax},
		{"[[a]", 1, lockfile.ErrSyntax},
		{"a = " + strings.Repeat("[", 1_000_000), 1, lockfile.ErrTooDeep},
		{"a = " + strings.Repeat("{a=", 1_000_000), 1, lockfile.ErrTooDeep},
		{"skipped = " + strings.Repeat("[", 1_000_000), 1, lockfile.ErrTooDeep},
		{strings.Repeat("a.", 1_000_000) + "a = 1", 1, lockfile.ErrTooDeep},
		{"a = [" + strings.Repeat("1,", MaxValues) + "]", 1, lockfile.ErrTooLarge},
		{"[[a]]" + strings.Repeat("\n[[a]]", MaxValues), MaxValues, lockfile.ErrTooLarge},
	}
	for _, tt := range tests {
		_, err := Parse([]byte(tt.text), "skipped")
		at := &lockfile.LineError{}
		if !errors.As(err, &at) || at.Line != tt.line || !errors.Is(err, tt.kind) {
			t.Errorf("%.40q: %v, want line %d and %v", tt.text, err, tt.line, tt.kind)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, d := range documents {
		f.Add([]byte(d))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if strings.Count(string(text), "[")+strings.Count(string(text), "{") > 500 {
			return // the library has no limit on depth
		}
		agree(t, text)
	})
}

func BenchmarkParse(b *testing.B) {
	text, err := os.ReadFile("../../../../../shared/data/locks/saleor/uv.lock")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(text, "wheels", "sdist"); err != nil {
			b.Fatal(err)
		}
	}
}
