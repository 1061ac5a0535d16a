// Package spreadsheet writes the report as a workbook (XLSX): a sheet with all figures, one with what to do
// first, and one for each table. Text is text: what would be a formula in a spreadsheet is made harmless as
// in the exports of lists.
package spreadsheet

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"steward/internal/feature/report/sheet"
	"steward/internal/format/table"
)

// Type is the media type of what Write writes.
const Type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// longestLink is the most letters that a link of a cell may have.
const longestLink = 2000

// Write writes the sheet.
func Write(w io.Writer, s *sheet.Sheet) error {
	book := excelize.NewFile()
	err := errors.Join(write(book, s), book.Write(w))
	if err := errors.Join(err, book.Close()); err != nil {
		return fmt.Errorf("write the report as a workbook: %w", err)
	}
	return nil
}

// writer fills one sheet of a workbook row by row; the first error stays.
type writer struct {
	book  *excelize.File
	of    *sheet.Sheet
	name  string
	row   int
	head  int // style of headings
	text  int // style of text, which stays text when somebody edits it
	count int
	err   error
}

func write(book *excelize.File, s *sheet.Sheet) error {
	w := &writer{book: book, of: s, name: "Sheet1"}
	var errs [3]error
	w.head, errs[0] = book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	w.text, errs[1] = book.NewStyle(&excelize.Style{NumFmt: 49})
	w.count, errs[2] = book.NewStyle(&excelize.Style{NumFmt: 3})
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	w.figures(s)
	w.first(s)
	for _, section := range s.Sections {
		if section.Table != nil {
			w.rows(section)
		}
	}
	book.SetActiveSheet(0)
	return w.err
}

// begin starts a sheet with a name of its own, at most 31 letters, and the widths of its columns.
func (w *writer) begin(title string, widths ...float64) {
	name := []rune(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) {
			return ' '
		}
		return r
	}, table.Safe(title)))
	unique := string(name[:min(len(name), 31)])
	if w.name == "Sheet1" {
		w.keep(w.book.SetSheetName("Sheet1", unique))
	} else {
		_, err := w.book.NewSheet(unique)
		w.keep(err)
	}
	w.name, w.row = unique, 0
	for i, width := range widths {
		column, err := excelize.ColumnNumberToName(i + 1)
		w.keep(err)
		w.keep(w.book.SetColWidth(unique, column, column, width))
	}
}

func (w *writer) keep(err error) { w.err = errors.Join(w.err, err) }

// cell is one value: text, an int64, or nil for unknown, with where it leads to.
type cell struct {
	value any
	page  string
	head  bool
}

func (w *writer) line(cells ...cell) {
	w.row++
	for i, c := range cells {
		at, err := excelize.CoordinatesToCellName(i+1, w.row)
		w.keep(err)
		style := w.text
		switch value := c.value.(type) {
		case int64:
			style = w.count
			w.keep(w.book.SetCellInt(w.name, at, value))
		case string:
			w.keep(w.book.SetCellStr(w.name, at, table.Safe(value)))
		case nil:
			w.keep(w.book.SetCellStr(w.name, at, "Unknown"))
		}
		if c.head {
			style = w.head
		}
		w.keep(w.book.SetCellStyle(w.name, at, at, style))
		if link := w.of.Link(c.page); link != "" && len(link) <= longestLink {
			w.keep(w.book.SetCellHyperLink(w.name, at, link, "External"))
		}
	}
}

func heads(words ...string) []cell {
	all := make([]cell, len(words))
	for i, word := range words {
		all[i] = cell{value: word, head: true}
	}
	return all
}

func (w *writer) figures(s *sheet.Sheet) {
	w.begin("Report", 34, 44, 12, 16)
	if s.Firm != "" {
		w.line(cell{value: s.Firm, head: true})
	}
	w.line(cell{value: s.Of(), head: true, page: s.Scope.Href})
	w.line(cell{value: "As at"}, cell{value: s.At.Format("2006-01-02 15:04") + " UTC"})
	if !s.All {
		w.line(cell{value: "Restricted repositories are not counted."})
	}
	w.line()
	words := []string{"Section", "Figure", "Count"}
	if s.Since != "" {
		words = append(words, "Change "+s.Since+" to "+s.Until)
	}
	w.line(heads(words...)...)
	for _, section := range s.Sections {
		if section.Missing != "" {
			w.line(cell{value: section.Title}, cell{value: section.Missing}, cell{})
		}
		for _, f := range section.Figures {
			line := []cell{{value: section.Title}, {value: f.Label}, {value: f.Number.N, page: f.Number.Href}}
			if s.Since != "" {
				line = append(line, changeCell(f.Change))
			}
			w.line(line...)
		}
	}
}

// changeCell is a change; one that is not known is said so.
func changeCell(change *int64) cell {
	if change == nil {
		return cell{value: "not kept"}
	}
	return cell{value: *change}
}

func (w *writer) first(s *sheet.Sheet) {
	w.begin("What to do first", 12, 12, 50, 60, 24)
	w.line(heads("How urgent", "Count", "What", "Why", "Next step")...)
	for _, t := range s.First {
		w.line(cell{value: t.Word()}, cell{value: t.Count.N, page: t.Count.Href}, cell{value: t.Title}, cell{value: t.Reason}, cell{value: t.Step})
	}
}

func (w *writer) rows(section sheet.Section) {
	t := section.Table
	w.begin(section.Title, 44, 24, 24, 16, 60)
	words := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		words[i] = c.Label
	}
	if t.Moved {
		words = append(words, "Change since "+w.of.Since)
	}
	w.line(heads(words...)...)
	for _, row := range t.Rows {
		var line []cell
		for _, c := range row.Cells {
			switch {
			case c.Number != nil:
				line = append(line, cell{value: c.Number.N, page: c.Number.Href})
			case c.Unknown():
				line = append(line, cell{})
			default:
				line = append(line, cell{value: c.Text, page: c.Href})
			}
		}
		if t.Moved {
			line = append(line, changeCell(row.Change))
		}
		w.line(line...)
	}
	if len(t.Rows) == 0 {
		w.line(cell{value: t.Empty})
	}
	if t.All != nil {
		w.line(cell{value: "All"}, cell{value: t.All.N, page: t.All.Href})
	}
}
