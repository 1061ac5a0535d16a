package spreadsheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"steward/internal/format/table"
)

// made is a workbook that f fills.
func made(t testing.TB, f func(*excelize.File) error) []byte {
	t.Helper()
	file := excelize.NewFile()
	if err := f(file); err != nil {
		t.Fatal(err)
	}
	b, err := file.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func rows(file *excelize.File, sheet string, all ...[]any) error {
	for i, row := range all {
		at, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := file.SetSheetRow(sheet, at, &row); err != nil {
			return err
		}
	}
	return nil
}

func format(file *excelize.File, cell, code string, value any) error {
	style, err := file.NewStyle(&excelize.Style{CustomNumFmt: &code})
	return errors.Join(err, file.SetCellStyle("Sheet1", cell, cell, style), file.SetCellValue("Sheet1", cell, value))
}

func TestAWorkbookReadsAsPeopleSeeIt(t *testing.T) {
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	b := made(t, func(f *excelize.File) error {
		err := errors.Join(
			rows(f, "Sheet1", []any{" Name ", "Id", "Since", "Paid", "Amount", "Sum", "Wrong"}, []any{"Ledger"}, nil, []any{"Übertrag\nalt", 12345678901234, day, true}),
			format(f, "B2", "00000", 42), format(f, "C2", "dd/mm/yyyy", day), format(f, "E2", "#,##0.00", 1234567.5),
			f.SetCellFormula("Sheet1", "F2", "1+1"), f.SetCellValue("Sheet1", "G2", "#REF!"),
		)
		_, second := f.NewSheet("Notes")
		_, third := f.NewSheet("Old")
		return errors.Join(err, second, third, rows(f, "Notes", []any{"a"}), f.SetSheetVisible("Old", false))
	})
	want := table.Table{
		Columns: []string{"Name", "Id", "Since", "Paid", "Amount", "Sum", "Wrong"},
		Rows: []table.Row{
			{Line: 2, Cells: []string{"Ledger", "00042", "2026-03-01", "", "1234567.5", "", ""}},
			{Line: 4, Cells: []string{"Übertrag\nalt", "12345678901234", "2026-03-01", "TRUE", "", "", ""}},
		},
		Notes: []string{`The sheet "Sheet1" was read.`, `The sheet "Old" is hidden, and was not read.`, `Other sheets were not read: "Notes". Put the one that is meant first.`, "Cells that show an error were read as empty: 1, the first: G2 shows #REF!."},
	}
	got, err := Read(b)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v; want -, got +:\n%s", err, diff)
	}
}

func TestCSVIsReadToo(t *testing.T) {
	got, err := Read([]byte("a;b\n1;2\n"))
	if diff := cmp.Diff(table.Table{Columns: []string{"a", "b"}, Rows: []table.Row{{Line: 2, Cells: []string{"1", "2"}}}}, got); err != nil || diff != "" {
		t.Errorf("%v; want -, got +:\n%s", err, diff)
	}
}

// plain is a workbook of one cell.
func plain(t testing.TB) []byte {
	return made(t, func(f *excelize.File) error { return f.SetCellValue("Sheet1", "A1", "x") })
}

// packed is a workbook like another one, whose sheet has this XML and whose shared strings are those.
func packed(t testing.TB, like []byte, sheet, shared string) []byte {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(like), int64(len(like)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range r.File {
		if f.Name == "xl/worksheets/sheet1.xml" || f.Name == "xl/sharedStrings.xml" {
			continue
		}
		if err := w.Copy(f); err != nil {
			t.Fatal(err)
		}
	}
	const ns = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	for name, body := range map[string]string{"xl/worksheets/sheet1.xml": `<worksheet ` + ns + `><sheetData>` + sheet + `</sheetData></worksheet>`, "xl/sharedStrings.xml": `<sst ` + ns + `>` + shared + `</sst>`} {
		one, err := w.Create(name)
		if err == nil {
			_, err = one.Write([]byte(body))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWhatIsRefused(t *testing.T) {
	long := `<si><t>` + strings.Repeat("x", table.MaxCell) + `</t></si>`
	like, head := plain(t), `<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c></row>`
	for what, one := range map[string]struct {
		in   []byte
		want table.Error
	}{
		"damaged":       {[]byte("PK\x03\x04 and nothing more"), table.Error{Why: "damaged"}},
		"old":           {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), table.Error{Why: "password"}},
		"empty":         {made(t, func(*excelize.File) error { return nil }), table.Error{Why: "no sheet that holds something"}},
		"far column":    {packed(t, like, head+`<row r="2"><c r="XFD2"><v>1</v></c></row>`, ""), table.Error{Line: 2, Why: "200 columns"}},
		"far formula":   {packed(t, like, head+`<row r="2"><c r="XFD2"><f>1</f></c></row>`, ""), table.Error{Line: 2, Why: "200 columns"}},
		"beyond":        {packed(t, like, head+`<row r="2"><c r="B2"><v>1</v></c></row>`, ""), table.Error{Line: 2, Why: "headings (1)"}},
		"rows":          {packed(t, like, head+strings.Repeat(`<row><c><v>1</v></c></row>`, table.MaxRows+1), ""), table.Error{Line: table.MaxRows + 2, Why: "rows"}},
		"far row":       {packed(t, like, head+`<row r="99999999"><c><v>1</v></c></row>`, ""), table.Error{Why: "damaged"}},
		"one long text": {packed(t, like, head+strings.Repeat(`<row><c t="s"><v>0</v></c></row>`, table.MaxBytes/table.MaxCell+1), long), table.Error{Line: table.MaxBytes/table.MaxCell + 1, Why: "MB of text"}},
		"bomb":          {packed(t, like, head+strings.Repeat(" ", MaxUnpacked), ""), table.Error{Why: "unpacked"}},
	} {
		_, err := Read(one.in)
		var got *table.Error
		if !errors.As(err, &got) || got.Line != one.want.Line || !strings.Contains(err.Error(), one.want.Why) {
			t.Errorf("%s: %v, want line %d: %s", what, err, one.want.Line, one.want.Why)
		}
	}
}

func FuzzSheet(f *testing.F) {
	for _, seed := range []string{`<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c></row><row r="7"><c r="A7" s="1"><v>45000</v></c></row>`, `<row><c t="s"><v>0</v></c></row>`, `<row><c t="s"><v>-1</v></c><c r="ZZZZZ9"/></row>`} {
		f.Add(seed, `<si><t>a</t></si><si><r><t>b</t></r></si>`)
	}
	like := plain(f)
	f.Fuzz(func(t *testing.T, sheet, shared string) {
		got, err := Read(packed(t, like, sheet, shared))
		var refused *table.Error
		if err != nil && !errors.As(err, &refused) {
			t.Fatalf("an error without a place: %v", err)
		}
		for _, row := range got.Rows {
			if len(row.Cells) != len(got.Columns) {
				t.Fatalf("row %+v with %d columns", row, len(got.Columns))
			}
		}
	})
}
