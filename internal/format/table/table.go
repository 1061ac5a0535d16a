// Package table reads tables that people export from spreadsheets and asset registers as CSV
// (RFC 4180): one line of headings, then one record a row; and it writes tables that spreadsheets
// read safely (Writer).
//
// What separates the cells (comma, semicolon, tab or bar) is found from the headings, or said by a
// first line "sep=;" as spreadsheets write it. Text is UTF-8, with or without a byte order mark.
// What is not is read as Windows-1252, which spreadsheets still write, and that is noted; a file
// that mixes both, UTF-16 and workbooks are refused with what to do instead; package spreadsheet
// beneath it reads workbooks too.
package table

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Limits of a table.
const (
	MaxBytes   = 64 << 20 // of the file, and of the text of all its cells
	MaxRows    = 200_000
	MaxColumns = 200
	MaxCell    = 64 << 10 // bytes of one cell
)

// Table is what a file says.
type Table struct {
	Columns []string // headings as written, without blanks around them; may be empty
	Rows    []Row
	Notes   []string // what was assumed in reading, in sentences
}

// Row is one record. It has one cell for each column, without blanks around it; rows whose cells
// are all empty are left out.
type Row struct {
	Line  int // of the file, from 1, where it begins
	Cells []string
}

// Error says what is wrong with a table, and where.
type Error struct {
	Line   int    // of the file, from 1; 0 when it is about the whole file
	Column string // heading, or its number where it has none; "" when it is about the whole row
	Why    string // what is wrong, and what to do
}

// ErrEmpty is the *Error of a table that holds nothing.
var ErrEmpty error = &Error{Why: "the file is empty; its first line must hold the headings"}

// Error gives the place and the reason.
func (e *Error) Error() string {
	switch {
	case e.Line == 0:
		return e.Why
	case e.Column == "":
		return fmt.Sprintf("line %d: %s", e.Line, e.Why)
	}
	return fmt.Sprintf("line %d, column %s: %s", e.Line, e.Column, e.Why)
}

// Read reads a table. What is wrong with it is an *Error.
func Read(b []byte) (Table, error) {
	if len(b) > MaxBytes {
		return Table{}, &Error{Why: fmt.Sprintf("the file has more than %d MB; split it", MaxBytes>>20)}
	}
	b, note, err := decode(b)
	if err != nil {
		return Table{}, err
	}
	separator, b, skipped := separatorOf(b)
	r := csv.NewReader(bytes.NewReader(b))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = separator, -1, true
	t, err := Of(func(add func(int, []string) error) error {
		for {
			cells, err := r.Read()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return broken(err, skipped)
			}
			line, _ := r.FieldPos(0)
			if err := add(line+skipped, cells); err != nil {
				return err
			}
		}
	})
	if note != "" {
		t.Notes = append(t.Notes, note)
	}
	return t, err
}

// Of makes a table of the records that each hands to add, with the number of their line, in the
// order of the file; the first that holds something has the headings. What breaks a limit is an
// *Error, which each must hand on.
func Of(each func(add func(line int, cells []string) error) error) (Table, error) {
	var t Table
	text := 0
	err := each(func(line int, cells []string) error {
		row, err := t.row(line, cells)
		switch {
		case err != nil:
			return err
		case row.Cells == nil:
			return nil
		case len(t.Rows) == MaxRows:
			return &Error{Line: line, Why: fmt.Sprintf("there are more than %d rows; split the file", MaxRows)}
		}
		for _, cell := range row.Cells {
			text += len(cell)
		}
		if text > MaxBytes {
			return &Error{Line: line, Why: fmt.Sprintf("there is more than %d MB of text up to here; split the file", MaxBytes>>20)}
		}
		if t.Columns == nil {
			t.Columns = row.Cells
		} else {
			t.Rows = append(t.Rows, row)
		}
		return nil
	})
	if err == nil && t.Columns == nil {
		err = ErrEmpty
	}
	return t, err
}

// row checks one record; one that holds nothing has no cells. The first that holds something has
// the headings, and says how many cells the others have.
func (t *Table) row(line int, cells []string) (Row, error) {
	width := len(t.Columns)
	if t.Columns == nil {
		if width = len(cells); width > MaxColumns {
			return Row{}, &Error{Line: line, Why: fmt.Sprintf("there are more than %d columns; leave out those that are not needed", MaxColumns)}
		}
	}
	row := Row{Line: line}
	for i, cell := range cells {
		if len(cell) > MaxCell {
			return Row{}, &Error{Line: line, Column: t.name(i), Why: fmt.Sprintf("the cell has more than %d KB; is a quotation mark missing?", MaxCell>>10)}
		}
		if cell = strings.TrimSpace(cell); cell == "" {
			continue
		}
		if i >= width {
			return Row{}, &Error{Line: line, Why: fmt.Sprintf("the row has more cells than there are headings (%d); put a value that holds the separator into quotation marks", width)}
		}
		if row.Cells == nil {
			row.Cells = make([]string, width)
		}
		row.Cells[i] = strings.Clone(cell)
	}
	return row, nil
}

// name is how a column is spoken of.
func (t *Table) name(i int) string {
	if i < len(t.Columns) && t.Columns[i] != "" {
		return fmt.Sprintf("%q", t.Columns[i])
	}
	return fmt.Sprint(i + 1)
}

// broken says where quotation marks are wrong.
func broken(err error, skipped int) error {
	var at *csv.ParseError
	if !errors.As(err, &at) {
		return &Error{Why: err.Error()}
	}
	return &Error{Line: at.StartLine + skipped, Why: "a quotation mark is missing or stands within a value; write a value that holds one as \"a \"\"b\"\" c\""}
}

// separators are what may stand between cells, the likelier first.
const separators = ",;\t|"

// separatorOf finds what separates the cells: what a first line "sep=" says, which is then cut off,
// else what stands most often outside quotation marks in the first line that is not empty.
func separatorOf(b []byte) (separator rune, rest []byte, skipped int) {
	trimmed := bytes.TrimLeft(b, "\r\n")
	first, after, _ := bytes.Cut(trimmed, []byte("\n"))
	if said, ok := bytes.CutPrefix(bytes.TrimRight(first, "\r"), []byte("sep=")); ok && len(said) == 1 && strings.Contains(separators, string(said)) {
		return rune(said[0]), after, bytes.Count(b, []byte("\n")) - bytes.Count(after, []byte("\n"))
	}
	counts, quoted := map[rune]int{}, false
	for _, c := range first {
		switch {
		case c == '"':
			quoted = !quoted
		case !quoted:
			counts[rune(c)]++
		}
	}
	separator = ','
	for _, c := range separators {
		if counts[c] > counts[separator] {
			separator = c
		}
	}
	return separator, b, 0
}

// decode gives the text as UTF-8 without a byte order mark, and what was assumed.
func decode(b []byte) (text []byte, note string, err error) {
	switch {
	case bytes.HasPrefix(b, []byte("PK\x03\x04")), bytes.HasPrefix(b, []byte("\xd0\xcf\x11\xe0")):
		return nil, "", &Error{Why: "this is a workbook, not CSV; save its sheet as \"CSV UTF-8\" and give that file"}
	case bytes.HasPrefix(b, []byte("\xff\xfe")), bytes.HasPrefix(b, []byte("\xfe\xff")), bytes.IndexByte(b, 0) >= 0:
		return nil, "", &Error{Why: "this is UTF-16 or not text at all; save the file as \"CSV UTF-8\""}
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	if utf8.Valid(b) {
		return b, "", nil
	}
	var out bytes.Buffer
	line := 1
	for i, c := range b {
		if c == '\n' {
			line++
		}
		if c < utf8.RuneSelf {
			out.WriteByte(c)
			continue
		}
		r := rune(c)
		if c < 0xa0 {
			r = windows1252[c-0x80]
		}
		if n, size := utf8.DecodeRune(b[i:]); n != utf8.RuneError && size > 1 {
			r = 0
		}
		if r == 0 {
			return nil, "", &Error{Line: line, Why: "the text is neither UTF-8 nor Windows-1252 throughout; save the file as \"CSV UTF-8\""}
		}
		out.WriteRune(r)
	}
	return out.Bytes(), "The file is not UTF-8. It was read as Windows-1252; look at letters with accents.", nil
}

// windows1252 are the characters of bytes 80 to 9F (Unicode mapping table CP1252); 0 is none.
var windows1252 = [32]rune{
	'€', 0, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0, 'Ž', 0,
	0, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0, 'ž', 'Ÿ',
}
