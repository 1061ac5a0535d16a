package spreadsheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"steward/internal/format/table"
)

// What a workbook may have before the library opens it, which takes many times as much memory. Excel
// itself allows no longer texts, no more rows, and not many more formats.
const (
	maxParts    = 10_000
	maxSheets   = 100
	maxStrings  = 1_000_000 // shared by the cells
	maxText     = 32_767    // characters of a cell, or of a text that cells share
	maxFormats  = 100_000
	maxLines    = 1 << 20   // rows of a sheet, with those that are empty
	maxElements = 3_000_000 // of a part that is read as a whole
	maxDepth    = 256
	maxToken    = 1 << 20 // bytes of a tag, or of a text between two
	maxRuns     = 10_000  // elements of a cell, or of a text that cells share
)

// maxPart is how large a part may be that is read as a whole, in bytes, by its outermost element.
var maxPart = map[string]int64{
	"Types": 1 << 20, "Relationships": 1 << 20, "workbook": 1 << 20,
	"styleSheet": 4 << 20, "theme": 4 << 20, "sst": 32 << 20, "calcChain": 32 << 20,
}

// within refuses a workbook with more than its limits. What a part is its content says, not its name,
// as one workbook may call its parts what it likes. Parts that are not well formed are left to the
// library, which reads no further than this does.
func within(b []byte) error {
	// The directory is counted before it is read.
	if bytes.Count(b, []byte("PK\x01\x02")) > maxParts {
		return tooMuch("the workbook has more than %s parts", maxParts)
	}
	archive, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return broken(err)
	}
	left := int64(MaxUnpacked)
	for _, f := range archive.File {
		if err := partWithin(f, &left); err != nil {
			return err
		}
	}
	return nil
}

func tooMuch(sentence string, limit int) error {
	return &table.Error{Why: fmt.Sprintf(sentence, thousands(limit)) + `; save the sheet that is meant as "CSV UTF-8"`}
}

func thousands(n int) string {
	digits := fmt.Sprint(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// partWithin reads one part, and takes what it has from the bytes that are left.
func partWithin(f *zip.File, left *int64) error {
	content, err := f.Open()
	if err != nil {
		return broken(err)
	}
	defer content.Close()
	from := &metered{from: content, token: maxToken, all: left}
	in := xml.NewDecoder(from)
	in.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, errForeign }
	p := part{}
	for {
		from.token = maxToken
		token, err := in.Token()
		switch {
		case errors.Is(err, errUnpacked), errors.Is(err, errForeign):
			return broken(err)
		case errors.Is(err, errToken):
			return tooMuch("the workbook has a text or tag of more than %s bytes", maxToken)
		case err != nil:
			return nil
		}
		if err := p.take(token, in.InputOffset()); err != nil {
			return err
		}
	}
}

var (
	errUnpacked = errors.New("unzip size exceeds the limit")
	errToken    = errors.New("a token is too long")
	errForeign  = errors.New("a part is not in UTF-8")
	errNested   = errors.New("a row or cell in a cell")
	errOrder    = errors.New("rows are not in order")
)

// metered reads no more than is left for one token, and for the whole workbook.
type metered struct {
	from  io.Reader
	token int
	all   *int64
}

func (m *metered) Read(b []byte) (int, error) {
	switch {
	case m.token <= 0:
		return 0, errToken
	case *m.all < 0:
		return 0, errUnpacked
	}
	n, err := m.from.Read(b)
	m.token -= n
	*m.all -= int64(n)
	return n, err
}

// part counts what a part has.
type part struct {
	root                            string
	depth, elements                 int
	sheets, strings, formats, lines int
	line                            int // number of the row that was begun last
	cells                           int // of it, that hold something
	item                            int // depth of a cell or a shared text that is open, 0 for none
	cell, filled                    bool
	runs, text                      int // of the item
}

// take counts one more token, which ends at a place.
func (p *part) take(token xml.Token, end int64) error {
	if most, whole := maxPart[p.root]; whole && end > most {
		return tooMuch("a part of the workbook ("+p.root+") has more than %s bytes", int(most))
	}
	switch t := token.(type) {
	case xml.StartElement:
		p.depth++
		return p.begin(t)
	case xml.EndElement:
		if p.depth == p.item {
			p.item = 0
		}
		p.depth--
	case xml.CharData:
		if p.item == 0 {
			return nil
		}
		if p.text += utf8.RuneCount(t); p.text > maxText {
			return tooMuch("a cell has more than %s characters", maxText)
		}
	}
	return nil
}

func (p *part) begin(t xml.StartElement) error {
	if p.depth == 1 && p.root == "" {
		p.root = t.Name.Local
	}
	_, whole := maxPart[p.root]
	if p.elements++; whole && p.elements > maxElements {
		return tooMuch("a part of the workbook ("+p.root+") has more than %s elements", maxElements)
	}
	if p.depth > maxDepth {
		return tooMuch("the workbook has elements more than %s deep", maxDepth)
	}
	if p.item > 0 {
		if p.runs++; p.runs > maxRuns {
			return tooMuch("a cell has more than %s elements", maxRuns)
		}
		if p.cell && !p.filled {
			p.filled = true
			p.cells++
		}
	}
	switch t.Name.Local {
	case "sheet":
		p.sheets++
	case "si":
		p.strings++
		p.open(false)
	case "xf":
		p.formats++
	case "row":
		if err := p.beginRow(t.Attr); err != nil {
			return err
		}
	case "c":
		if p.cell && p.item > 0 {
			return broken(errNested)
		}
		if p.lines > 0 { // the library takes for its cells all that follow a row
			p.open(true)
		}
	}
	return p.counted()
}

// open begins a cell or a shared text.
func (p *part) open(cell bool) {
	if p.item == 0 {
		p.item, p.cell, p.filled, p.runs, p.text = p.depth, cell, false, 0, 0
	}
}

// beginRow refuses rows out of order: the library would take their cells for those of the row before.
func (p *part) beginRow(attrs []xml.Attr) error {
	if p.cell && p.item > 0 {
		return broken(errNested)
	}
	line := p.line + 1
	for _, a := range attrs {
		if a.Name.Local != "r" {
			continue
		}
		n, err := strconv.Atoi(a.Value)
		if err != nil || n < line {
			return broken(errOrder)
		}
		line = n
	}
	p.lines++
	p.line, p.cells = line, 0
	return nil
}

func (p *part) counted() error {
	switch {
	case p.sheets > maxSheets:
		return tooMuch("the workbook has more than %s sheets", maxSheets)
	case p.strings > maxStrings:
		return tooMuch("the workbook has more than %s different texts", maxStrings)
	case p.formats > maxFormats:
		return tooMuch("the workbook has more than %s formats", maxFormats)
	case p.lines > maxLines:
		return tooMuch("a sheet has more than %s rows", maxLines)
	case p.cells > table.MaxColumns:
		return &table.Error{Line: p.line, Why: tooWide}
	}
	return nil
}

// few lists names of sheets, cut to what Excel allows them to be; the last of many are counted.
func few(all []string) string {
	const most, longest = 20, 31
	var said []string
	for _, name := range all[:min(len(all), most)] {
		if letters := []rune(name); len(letters) > longest {
			name = string(letters[:longest]) + "…"
		}
		said = append(said, fmt.Sprintf("%q", name))
	}
	if more := len(all) - most; more > 0 {
		said = append(said, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(said, ", ")
}
