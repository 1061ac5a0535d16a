package spreadsheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"slices"
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
	const ns = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	return replaced(t, like, "xl/worksheets/sheet1.xml", `<worksheet `+ns+`><sheetData>`+sheet+`</sheetData></worksheet>`, "xl/sharedStrings.xml", `<sst `+ns+`>`+shared+`</sst>`)
}

// replaced is a workbook like another one with other parts: names and contents in turn.
func replaced(t testing.TB, like []byte, parts ...string) []byte {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(like), int64(len(like)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range r.File {
		if slices.Contains(parts, f.Name) {
			continue
		}
		if err := w.Copy(f); err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; i < len(parts); i += 2 {
		one, err := w.Create(parts[i])
		if err == nil {
			_, err = one.Write([]byte(parts[i+1]))
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

// sheets fills a workbook with sheets that hold nothing.
func sheets(n int) func(*excelize.File) error {
	return func(f *excelize.File) error {
		for i := range n - 1 {
			if _, err := f.NewSheet(fmt.Sprintf("S%d", i)); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestManySheetsAreNotedShortly(t *testing.T) {
	b := made(t, func(f *excelize.File) error {
		err := errors.Join(sheets(30)(f), f.SetCellValue("Sheet1", "A1", "a"), f.SetCellValue("Sheet1", "A2", "b"))
		for i := range 22 {
			err = errors.Join(err, f.SetSheetVisible(fmt.Sprintf("S%d", i), false))
		}
		return err
	})
	got, err := Read(b)
	want := []string{
		`The sheet "Sheet1" was read.`,
		`Hidden sheets were not read: "S0", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10", "S11", "S12", "S13", "S14", "S15", "S16", "S17", "S18", "S19", and 2 more.`,
		`Other sheets were not read: "S22", "S23", "S24", "S25", "S26", "S27", "S28". Put the one that is meant first.`,
	}
	if diff := cmp.Diff(want, got.Notes); err != nil || diff != "" {
		t.Errorf("%v; want -, got +:\n%s", err, diff)
	}
	if got, want := few([]string{strings.Repeat("ä", 40)}), `"`+strings.Repeat("ä", 31)+`…"`; got != want {
		t.Errorf("a long name is %s, want %s", got, want)
	}
}

func TestWhatIsRefused(t *testing.T) {
	long := `<si><t>` + strings.Repeat("x", maxText) + `</t></si>`
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
		"one long text": {packed(t, like, head+strings.Repeat(`<row><c t="s"><v>0</v></c></row>`, table.MaxBytes/maxText+1), long), table.Error{Line: table.MaxBytes/maxText + 2, Why: "MB of text"}},
		"bomb":          {packed(t, like, head+strings.Repeat(strings.Repeat(" ", 1_000)+"<x/>", MaxUnpacked/1_000), ""), table.Error{Why: "unpacked"}},
		"one token":     {packed(t, like, head+strings.Repeat(" ", 2*maxToken), ""), table.Error{Why: "1,048,576 bytes"}},
		"many texts":    {packed(t, like, head, strings.Repeat("<si/>", maxStrings+1)), table.Error{Why: "1,000,000 different texts"}},
		"text too long": {packed(t, like, head, strings.Replace(long, "x", "xx", 1)), table.Error{Why: "32,767 characters"}},
		"rich text":     {packed(t, like, head, "<si>"+strings.Repeat("<r/>", maxRuns+1)+"</si>"), table.Error{Why: "10,000 elements"}},
		"rich cell":     {packed(t, like, head+`<row><c t="inlineStr"><is>`+strings.Repeat("<r/>", maxRuns)+"</is></c></row>", ""), table.Error{Why: "10,000 elements"}},
		"large texts":   {packed(t, like, head, strings.Repeat("<!--"+strings.Repeat("x", 1_000)+"-->", 34_000)), table.Error{Why: "(sst) has more than 33,554,432 bytes"}},
		"many runs":     {packed(t, like, head, strings.Repeat("<si>"+strings.Repeat("<r/>", 9_000)+"</si>", 340)), table.Error{Why: "(sst) has more than 3,000,000 elements"}},
		"wide":          {packed(t, like, head+"<row>"+strings.Repeat("<c><v>1</v></c>", table.MaxColumns+1)+"</row>", ""), table.Error{Line: 2, Why: "200 columns"}},
		"beside rows":   {packed(t, like, head+strings.Repeat("<c><v>1</v></c>", table.MaxColumns), ""), table.Error{Line: 1, Why: "200 columns"}},
		"one row again": {packed(t, like, head+`<row r="1"><c><v>1</v></c></row>`, ""), table.Error{Why: "damaged"}},
		"row in a cell": {packed(t, like, head+`<row><c><row/></c></row>`, ""), table.Error{Why: "damaged"}},
		"cell in one":   {packed(t, like, head+`<row><c><c/></c></row>`, ""), table.Error{Why: "damaged"}},
		"empty rows":    {packed(t, like, head+strings.Repeat("<row/>", maxLines), ""), table.Error{Why: "1,048,576 rows"}},
		"deep":          {packed(t, like, head+strings.Repeat("<a>", maxDepth), ""), table.Error{Why: "256 deep"}},
		"sheets":        {replaced(t, like, "xl/workbook.xml", `<workbook><sheets>`+strings.Repeat("<sheet/>", maxSheets+1)+`</sheets></workbook>`), table.Error{Why: "100 sheets"}},
		"moved sheets":  {replaced(t, like, "xl/theme/theme1.xml", `<workbook><sheets>`+strings.Repeat("<sheet/>", maxSheets+1)+`</sheets></workbook>`), table.Error{Why: "100 sheets"}},
		"large book":    {replaced(t, like, "xl/workbook.xml", `<workbook>`+strings.Repeat("<x/>", 1<<18)+`</workbook>`), table.Error{Why: "(workbook) has more than 1,048,576 bytes"}},
		"formats":       {replaced(t, like, "xl/styles.xml", `<styleSheet><cellXfs>`+strings.Repeat("<xf/>", maxFormats+1)+`</cellXfs></styleSheet>`), table.Error{Why: "100,000 formats"}},
		"other letters": {replaced(t, like, "xl/styles.xml", `<?xml version="1.0" encoding="iso-8859-1"?><styleSheet/>`), table.Error{Why: "damaged"}},
		"parts":         {append(bytes.Clone(like), bytes.Repeat([]byte("PK\x01\x02"), maxParts)...), table.Error{Why: "10,000 parts"}},
		"empty sheets":  {made(t, sheets(maxEmpty+2)), table.Error{Why: "the first 10 sheets hold nothing"}},
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
