package spreadsheet_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"steward/internal/feature/report/sheet"
	"steward/internal/feature/report/spreadsheet"
	"steward/internal/platform/measure"
)

func TestWorkbookReadBack(t *testing.T) {
	change := int64(-3)
	section := sheet.Section{
		ID: "rows", Title: "Rows: [all] of them, which is a long title",
		Figures: []sheet.Figure{{Key: "k", Label: "Components", Number: sheet.Number{N: 1200, Href: "/components?view=x"}, Change: &change}, {Key: "l", Label: "=1+1", Number: sheet.Number{N: 2, Href: "/l"}}},
		Table: &sheet.Table{Columns: []measure.Column{{Label: "Name"}, {Label: "Count", Right: true}, {Label: "Owner"}}, Rows: []sheet.Row{
			{Cells: []sheet.Cell{{Text: `=HYPERLINK("http://evil")`, Href: "/a"}, {Number: &sheet.Number{N: 7, Href: "/b"}}, {}}},
			{Cells: []sheet.Cell{{Text: strings.Repeat("x", 40_000)}, {Number: &sheet.Number{N: 8}}, {Text: "a\u202eb\x00"}}},
		}},
	}
	s := sheet.New("Bank", time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), measure.Scope{}, true, []sheet.Section{section, sheet.Lost(measure.Section{ID: "m", Title: "Lost", Order: 1}, "It failed.")})
	s.Since, s.Until, s.Base = "2026-10-30", "2026-11-22", "https://steward.example.com"
	var out bytes.Buffer
	if err := spreadsheet.Write(&out, s); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	names := book.GetSheetList()
	if diff := cmp.Diff([]string{"Report", "What to do first", "Rows   all  of them, which is a"}, names); diff != "" {
		t.Fatalf("sheets: want -, got +:\n%s", diff)
	}
	rows := func(name string) [][]string {
		all, err := book.GetRows(name, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	want := [][]string{
		{"Bank"},
		{"The whole estate"},
		{"As at", "2026-11-22 12:00 UTC"},
		nil,
		{"Section", "Figure", "Count", "Change 2026-10-30 to 2026-11-22"},
		{"Rows: [all] of them, which is a long title", "Components", "1200", "-3"},
		{"Rows: [all] of them, which is a long title", "'=1+1", "2", "not kept"},
		{"Lost", "It failed.", "Unknown"},
	}
	if diff := cmp.Diff(want, rows("Report")); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	table := rows(names[2])
	table[2][0] = table[2][0][:10] // a cell holds 32,767 letters
	want = [][]string{{"Name", "Count", "Owner"}, {`'=HYPERLINK("http://evil")`, "7", "Unknown"}, {"xxxxxxxxxx", "8", "a\uFFFDb\uFFFD"}}
	if diff := cmp.Diff(want, table); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	for _, name := range names {
		for y, row := range rows(name) {
			for x := range row {
				at, _ := excelize.CoordinatesToCellName(x+1, y+1)
				if formula, err := book.GetCellFormula(name, at); formula != "" || err != nil {
					t.Errorf("%s %s holds the formula %q, %v", name, at, formula, err)
				}
			}
		}
	}
	if is, to, err := book.GetCellHyperLink("Report", "C6"); !is || to != "https://steward.example.com/components?view=x" || err != nil {
		t.Errorf("the count leads to %q, %v, %v", to, is, err)
	}
}
