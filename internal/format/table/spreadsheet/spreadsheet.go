// Package spreadsheet reads tables as people have them at hand: workbooks (XLSX, Office Open XML,
// ECMA-376) and, by package table, CSV. It is a package of its own because reading workbooks takes a
// large library.
//
// Of a workbook the first sheet is read that is not hidden and holds something, and what is left
// aside is noted. Cells are what people see, but for what only looks differently from machine to
// machine: days are written 2026-03-31, numbers without separators (leading zeros stay). A formula is
// what it came to when the workbook was saved; nothing is calculated, and nothing that the workbook
// refers to is opened. A cell that shows an error, such as #REF!, is empty, and that is noted.
package spreadsheet

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"steward/internal/format/table"
)

// MaxUnpacked is how large a workbook may be unpacked, in bytes.
const MaxUnpacked = 128 << 20

// maxEmpty is how many sheets without content are looked at before the one that is read.
const maxEmpty = 10

var tooWide = fmt.Sprintf("there are more than %d columns; leave out those that are not needed", table.MaxColumns)

// Read reads a table from a workbook or CSV. What is wrong with it is a *table.Error; the lines of a
// workbook are its rows.
func Read(b []byte) (table.Table, error) {
	switch {
	case bytes.HasPrefix(b, []byte("PK\x03\x04")):
		return workbook(b)
	case bytes.HasPrefix(b, []byte("\xd0\xcf\x11\xe0")):
		return table.Table{}, &table.Error{Why: "this is a workbook of the old form (XLS), or one with a password; save it as XLSX without a password, or its sheet as \"CSV UTF-8\""}
	}
	return table.Read(b)
}

// workbook reads the first sheet that holds something. The library is not made for hostile files: one
// on which it stops is refused like any other that is broken.
func workbook(b []byte) (t table.Table, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			t, err = table.Table{}, broken(fmt.Errorf("%v", cause))
		}
	}()
	if len(b) > table.MaxBytes {
		return t, &table.Error{Why: fmt.Sprintf("the file has more than %d MB; split it", table.MaxBytes>>20)}
	}
	if err := within(b); err != nil {
		return t, err
	}
	file, err := excelize.OpenReader(bytes.NewReader(b), excelize.Options{UnzipSizeLimit: MaxUnpacked, UnzipXMLSizeLimit: MaxUnpacked})
	if err != nil {
		return t, broken(err)
	}
	defer file.Close()
	if err := plainFormats(file); err != nil {
		return t, broken(err)
	}
	var read string
	var hidden, others []string
	empty := 0
	for _, name := range file.GetSheetList() {
		switch visible, _ := file.GetSheetVisible(name); {
		case !visible:
			hidden = append(hidden, name)
		case t.Columns != nil:
			others = append(others, name)
		case empty == maxEmpty:
			return t, &table.Error{Why: fmt.Sprintf("the first %d sheets hold nothing; put the one that is meant first", maxEmpty)}
		default:
			if t, err = sheet(file, name); err != nil {
				return t, err
			}
			if read = name; t.Columns == nil {
				empty++
			}
		}
	}
	if t.Columns == nil {
		return t, &table.Error{Why: "the workbook has no sheet that holds something; the first row must hold the headings"}
	}
	var notes []string
	if len(hidden)+len(others) > 0 {
		notes = append(notes, "The sheet "+few([]string{read})+" was read.")
	}
	switch len(hidden) {
	case 0:
	case 1:
		notes = append(notes, "The sheet "+few(hidden)+" is hidden, and was not read.")
	default:
		notes = append(notes, "Hidden sheets were not read: "+few(hidden)+".")
	}
	if len(others) > 0 {
		notes = append(notes, "Other sheets were not read: "+few(others)+". Put the one that is meant first.")
	}
	t.Notes = append(notes, t.Notes...)
	return t, nil
}

// sheet reads one sheet; one that holds nothing has no columns.
func sheet(file *excelize.File, name string) (table.Table, error) {
	rows, err := file.Rows(name)
	if err != nil {
		return table.Table{}, broken(err)
	}
	defer rows.Close()
	failed, first := 0, ""
	t, err := table.Of(func(add func(int, []string) error) error {
		for line := 1; rows.Next(); line++ {
			cells, err := rows.Columns()
			if err != nil {
				return broken(err)
			}
			if len(cells) > table.MaxColumns {
				return &table.Error{Line: line, Why: tooWide}
			}
			for i, cell := range cells {
				if failures[cell] {
					if failed++; failed == 1 {
						at, _ := excelize.CoordinatesToCellName(i+1, line)
						first = at + " shows " + cell
					}
					cells[i] = ""
				} else {
					cells[i] = strings.ToValidUTF8(cell, "\uFFFD")
				}
			}
			if err := add(line, cells); err != nil {
				return err
			}
		}
		return rows.Error()
	})
	var refused *table.Error
	switch {
	case errors.Is(err, table.ErrEmpty):
		return table.Table{}, nil
	case err != nil && !errors.As(err, &refused):
		return t, broken(err)
	case failed > 0:
		t.Notes = append(t.Notes, fmt.Sprintf("Cells that show an error were read as empty: %d, the first: %s.", failed, first))
	}
	return t, err
}

// failures are what a cell shows whose formula came to nothing (ECMA-376 part 1, 18.17.2.6).
var failures = map[string]bool{"#NULL!": true, "#DIV/0!": true, "#VALUE!": true, "#REF!": true, "#NAME?": true, "#NUM!": true, "#N/A": true, "#GETTING_DATA": true, "#SPILL!": true, "#CALC!": true}

// broken says that a workbook cannot be read. What the library says may hold its content, and is left
// out, but for its limits.
func broken(err error) error {
	if strings.Contains(err.Error(), "unzip size exceeds") {
		return &table.Error{Why: fmt.Sprintf("the workbook is larger than %d MB when it is unpacked; save the sheet that is meant as \"CSV UTF-8\"", MaxUnpacked>>20)}
	}
	return &table.Error{Why: "the workbook cannot be read: it is damaged, or no XLSX; open and save it again, or save its sheet as \"CSV UTF-8\""}
}

// maxCode is how long a format may be, as in Excel; a longer one is ignored.
const maxCode = 255

// plainFormats makes cells that hold a day show it as 2026-03-31, and numbers without separators.
func plainFormats(file *excelize.File) error {
	if file.Styles == nil || file.Styles.CellXfs == nil {
		return nil
	}
	days, err := file.NewStyle(&excelize.Style{CustomNumFmt: new("yyyy-mm-dd")})
	if err != nil {
		return err
	}
	formats := file.Styles.CellXfs.Xf
	codes := map[int]string{}
	if file.Styles.NumFmts != nil {
		for _, f := range file.Styles.NumFmts.NumFmt {
			codes[f.NumFmtID] = f.FormatCode
		}
	}
	day := *formats[days].NumFmtID
	for i := range formats {
		if formats[i].NumFmtID == nil || *formats[i].NumFmtID == day {
			continue
		}
		id := *formats[i].NumFmtID
		code, own := codes[id]
		switch {
		case own && isDay(code), !own && (id >= 14 && id <= 17 || id == 22 || id >= 27 && id <= 36 || id >= 50 && id <= 58):
			formats[i].NumFmtID = &day
		case own && len(code) <= maxCode && strings.Trim(code, "0") == "":
			// leading zeros are part of an id
		default:
			formats[i].NumFmtID = new(0)
		}
	}
	return nil
}

// isDay reports whether a format shows a day: it has a year or a day outside of what is quoted, or in
// brackets (ECMA-376 part 1, 18.8.31).
func isDay(code string) bool {
	quoted, bracket := false, false
	letters := []rune(strings.ToLower(code))
	for i := 0; i < len(letters); i++ {
		switch c := letters[i]; {
		case c == '\\' || c == '_' || c == '*':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[':
			bracket = true
		case c == ']':
			bracket = false
		case !bracket && (c == 'y' || c == 'd'):
			return true
		}
	}
	return false
}
