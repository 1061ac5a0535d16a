package pdf_test

import (
	"bytes"
	"compress/zlib"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"steward/internal/feature/report/pdf"
	"steward/internal/feature/report/sheet"
	"steward/internal/platform/measure"
)

var (
	streams = regexp.MustCompile(`(?s)stream\r?\n(.*?)\r?\nendstream`)
	shown   = regexp.MustCompile(`(?s)\(((?:[^()\\]|\\.)*)\) ?Tj`)
)

// text reads what is shown on the pages of a document, one line each time that something is shown.
func text(t *testing.T, document []byte) string {
	t.Helper()
	var all strings.Builder
	for _, stream := range streams.FindAllSubmatch(document, -1) {
		r, err := zlib.NewReader(bytes.NewReader(stream[1]))
		if err != nil {
			continue
		}
		plain, err := io.ReadAll(r)
		if err != nil {
			continue
		}
		for _, m := range shown.FindAllSubmatch(plain, -1) {
			raw := strings.NewReplacer(`\\`, `\`, `\(`, `(`, `\)`, `)`, `\r`, "\r").Replace(string(m[1]))
			units := make([]uint16, 0, len(raw)/2)
			for i := 0; i+1 < len(raw); i += 2 {
				units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
			}
			all.WriteString(string(utf16.Decode(units)) + "\n")
		}
	}
	return all.String()
}

func take(t *testing.T, name string) *sheet.Sheet {
	t.Helper()
	section := measure.Section{ID: "s", Title: "Section of " + name}
	one := sheet.Lost(section, "It was not counted.")
	two := sheet.Section{ID: "t", Title: "Rows", Figures: []sheet.Figure{{Key: "k", Label: "Figures of all", Number: sheet.Number{N: 1234567, Href: "/components"}}}, Table: &sheet.Table{
		Columns: []measure.Column{{Label: "Name"}, {Label: "Count", Right: true}, {Label: "Owner"}},
	}}
	for range 120 {
		two.Table.Rows = append(two.Table.Rows, sheet.Row{Cells: []sheet.Cell{{Text: name, Href: "/x"}, {Number: &sheet.Number{N: 42, Href: "/y"}}, {}}})
	}
	s := sheet.New("Northwind Bank", time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), measure.Scope{}, false, []sheet.Section{one, two})
	s.Base = "https://steward.example.com"
	return s
}

func TestTextAndLinksAreInTheDocument(t *testing.T) {
	var out bytes.Buffer
	if err := pdf.Write(&out, take(t, "Żółć Ωμέγα Книга")); err != nil {
		t.Fatal(err)
	}
	got := text(t, out.Bytes())
	for _, want := range []string{"Northwind Bank: The whole estate", "Żółć Ωμέγα Книга", "1,234,567", "Unknown", "It was not counted.", "Restricted repositories are not counted."} {
		if !strings.Contains(got, want) {
			t.Errorf("the document lacks %q:\n%.800s", want, got)
		}
	}
	if strings.Contains(got, "□") {
		t.Error("letters that the font has are replaced")
	}
	if n := strings.Count(got, "\nŻółć Ωμέγα Книга\n"); n != 120 {
		t.Errorf("%d of 120 rows are in the document", n)
	}
	for _, want := range []string{"(https://steward.example.com/components)", "(https://steward.example.com/y)"} {
		if !bytes.Contains(out.Bytes(), []byte(want)) {
			t.Errorf("the document has no link to %s", want)
		}
	}
}

func TestHostileNames(t *testing.T) {
	for _, name := range []string{"漢字 \u202e עברית \U0001F600", strings.Repeat("long", 2500), "a)b(c\\d", "\x00\x1b[2J\xff", "=cmd|'x'!A1", ""} {
		var out bytes.Buffer
		if err := pdf.Write(&out, take(t, name)); err != nil {
			t.Errorf("%.20q: %v", name, err)
			continue
		}
		got := text(t, out.Bytes())
		if strings.HasPrefix(name, "漢") && (!strings.Contains(got, "□□ □") || !strings.Contains(got, "□ stands for a letter")) {
			t.Errorf("letters that the font lacks are not shown as such:\n%.400s", got)
		}
		if strings.HasPrefix(name, "a)") && !strings.Contains(got, name) {
			t.Errorf("brackets are lost:\n%.400s", got)
		}
	}
}
