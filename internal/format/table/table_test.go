package table

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestRead(t *testing.T) {
	two := []Row{{Line: 2, Cells: []string{"A-1", "Zahlungen, Euro"}}, {Line: 4, Cells: []string{"A-2", ""}}}
	cases := map[string]struct {
		in   string
		want Table
	}{
		"comma, empty lines":  {"id,name\nA-1,\"Zahlungen, Euro\"\n\nA-2\n", Table{Columns: []string{"id", "name"}, Rows: two}},
		"semicolon, mark, CR": {"\xef\xbb\xbfid; name\r\nA-1;Zahlungen, Euro\r\n;\r\nA-2;\r\n", Table{Columns: []string{"id", "name"}, Rows: two}},
		"tab":                 {"id\tname\nA-1\t Zahlungen, Euro\n\t\nA-2\t\n", Table{Columns: []string{"id", "name"}, Rows: two}},
		"said":                {"sep=;\nid;a, b, c\nA-1;x", Table{Columns: []string{"id", "a, b, c"}, Rows: []Row{{Line: 3, Cells: []string{"A-1", "x"}}}}},
		"separator in quotes": {"\"a,b,c,d\";\"e\"\n1;2\n", Table{Columns: []string{"a,b,c,d", "e"}, Rows: []Row{{Line: 2, Cells: []string{"1", "2"}}}}},
		"lines in a cell":     {"id,name\n1,\"a\nb\"\n2,c\n", Table{Columns: []string{"id", "name"}, Rows: []Row{{Line: 2, Cells: []string{"1", "a\nb"}}, {Line: 4, Cells: []string{"2", "c"}}}}},
		"one column":          {"\n\nid\n1\n", Table{Columns: []string{"id"}, Rows: []Row{{Line: 4, Cells: []string{"1"}}}}},
		"empty at the end":    {"id,,\n1,,,,\n", Table{Columns: []string{"id", "", ""}, Rows: []Row{{Line: 2, Cells: []string{"1", "", ""}}}}},
		"Windows-1252": {"id,name\n1,M\xfcller \x80\n", Table{
			Columns: []string{"id", "name"}, Rows: []Row{{Line: 2, Cells: []string{"1", "Müller €"}}},
			Notes: []string{"The file is not UTF-8. It was read as Windows-1252; look at letters with accents."},
		}},
	}
	for name, c := range cases {
		got, err := Read([]byte(c.in))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", name, diff)
		}
	}
}

func TestWhatIsRefusedSaysWhere(t *testing.T) {
	var wide, long strings.Builder
	wide.WriteString(strings.Repeat("a,", MaxColumns+1) + "a\n")
	long.WriteString("id\n")
	for i := range MaxRows + 1 {
		fmt.Fprintln(&long, i)
	}
	for in, want := range map[string]Error{
		"":                    {Why: "is empty"},
		"\n \n,,\n":           {Why: "is empty"},
		"PK\x03\x04...":       {Why: "workbook"},
		"\xff\xfei\x00d\x00":  {Why: "UTF-16"},
		"i\x00d\x00":          {Why: "UTF-16"},
		"id\nü\n\xfc\n":       {Line: 2, Why: "neither UTF-8 nor"},
		"id\n1\n\x81\n":       {Line: 3, Why: "neither UTF-8 nor"},
		"id,name\n1,\"a\n2,b": {Line: 2, Why: "quotation mark"},
		"sep=;\nid\na\"b\n":   {Line: 3, Why: "quotation mark"},
		"id,name\n1,2,3\n":    {Line: 2, Why: "more cells than there are headings (2)"},
		"id,name\n1,\"" + strings.Repeat("x", MaxCell+1) + "\"\n": {Line: 2, Column: `"name"`, Why: "64 KB"},
		wide.String(): {Line: 1, Why: "200 columns"},
		long.String(): {Line: MaxRows + 2, Why: "200000 rows"},
	} {
		_, err := Read([]byte(in))
		var got *Error
		if !errors.As(err, &got) || got.Line != want.Line || got.Column != want.Column || !strings.Contains(err.Error(), want.Why) {
			t.Errorf("%.30q: %v, want line %d, column %s: %s", in, err, want.Line, want.Column, want.Why)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"id,name\n1,a\n", "sep=;\na;b\n\"1\n2\";3", "\xef\xbb\xbfa\tb\n", "a|b\n\xfc|\x80\n", "\"", "a,b\n1,2,3\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Read(b)
		var refused *Error
		if err != nil && !errors.As(err, &refused) {
			t.Fatalf("an error without a place: %v", err)
		}
		if err != nil {
			return
		}
		last := 0
		for _, row := range got.Rows {
			if row.Line <= last || len(row.Cells) != len(got.Columns) {
				t.Fatalf("row %+v after line %d, with %d columns", row, last, len(got.Columns))
			}
			last = row.Line
			for _, cell := range row.Cells {
				if cell != strings.TrimSpace(cell) || !utf8.ValidString(cell) {
					t.Fatalf("cell %q", cell)
				}
			}
		}
	})
}
