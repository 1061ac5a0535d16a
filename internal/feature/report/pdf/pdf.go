// Package pdf writes the report as PDF, A4 upright, with the Go fonts (Latin, Greek and Cyrillic letters)
// in it. A letter that they lack is written as □, and the sheet says so.
package pdf

import (
	"fmt"
	"io"
	"strings"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"

	"steward/internal/feature/report/sheet"
	"steward/internal/platform/web/piece"
)

// Type is the media type of what Write writes.
const Type = "application/pdf"

// Sizes in mm.
const (
	margin = 14.0
	width  = 210 - 2*margin
	bottom = 297 - margin - 6
	rowHi  = 4.6
	gap    = 2.0
)

// lacking stands for a letter that the fonts do not have.
const lacking = '□'

// Write writes the sheet.
func Write(w io.Writer, s *sheet.Sheet) error {
	known, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		return fmt.Errorf("read the font: %w", err)
	}
	p := &page{doc: fpdf.New("P", "mm", "A4", ""), of: s, known: known}
	p.doc.AddUTF8FontFromBytes("go", "", goregular.TTF)
	p.doc.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	p.doc.SetCreationDate(s.At)
	p.doc.SetModificationDate(s.At)
	p.doc.SetCatalogSort(true)
	p.doc.SetTitle(p.plain(s.Of()), true)
	p.doc.SetMargins(margin, margin, margin)
	p.doc.SetAutoPageBreak(false, margin)
	p.doc.SetFooterFunc(func() {
		p.doc.SetXY(margin, 297-margin)
		p.font("", 7, grey)
		p.doc.CellFormat(width/2, 4, p.fit(p.plain(s.Of()), width/2), "", 0, "L", false, 0, "")
		p.doc.CellFormat(width/2, 4, fmt.Sprintf("As at %s UTC, page %d", s.At.Format("2006-01-02 15:04"), p.doc.PageNo()), "", 0, "R", false, 0, "")
	})
	p.doc.AddPage()
	p.top()
	p.first()
	for _, section := range s.Sections {
		p.section(section)
	}
	if p.lacked {
		p.words(7, "□ stands for a letter that the font of this file does not have; the hub shows it.")
	}
	if err := p.doc.Output(w); err != nil {
		return fmt.Errorf("write the report as PDF: %w", err)
	}
	return nil
}

// page draws on a document from top to bottom.
type page struct {
	doc    *fpdf.Fpdf
	of     *sheet.Sheet
	known  *sfnt.Font
	buffer sfnt.Buffer
	lacked bool // a letter was replaced
}

type colour [3]int

var (
	ink   = colour{29, 28, 26}
	grey  = colour{90, 87, 81}
	link  = colour{11, 85, 99}
	tones = map[string]colour{"bad": {163, 38, 28}, "warn": {125, 82, 0}, "info": {30, 90, 148}}
)

func (p *page) font(style string, size float64, c colour) {
	p.doc.SetFont("go", style, size)
	p.doc.SetTextColor(c[0], c[1], c[2])
}

// plain is text in letters that the font has, on one line.
func (p *page) plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == '\r' {
			return ' '
		}
		if r <= 0xFFFF {
			if glyph, err := p.known.GlyphIndex(&p.buffer, r); err == nil && glyph != 0 {
				return r
			}
		}
		p.lacked = true
		return lacking
	}, text)
}

// fit cuts text that is wider than a place.
func (p *page) fit(text string, wide float64) string {
	letters := []rune(text)
	if p.doc.GetStringWidth(text) <= wide {
		return text
	}
	for len(letters) > 0 && p.doc.GetStringWidth(string(letters)+"…") > wide {
		letters = letters[:len(letters)-1]
	}
	return string(letters) + "…"
}

// room begins another page where so much does not fit on this one.
func (p *page) room(high float64) {
	if p.doc.GetY()+high > bottom {
		p.doc.AddPage()
	}
}

// words writes running text.
func (p *page) words(size float64, text string) {
	p.font("", size, grey)
	high := size * 0.46
	for _, line := range p.doc.SplitText(p.plain(text), width) {
		p.room(high)
		p.doc.CellFormat(width, high, line, "", 1, "L", false, 0, "")
	}
}

// put writes one cell on the line; a number or a text with an address is a link.
func (p *page) put(wide float64, text, align, address string) {
	if to := p.of.Link(address); to != "" {
		p.doc.SetTextColor(link[0], link[1], link[2])
		p.doc.CellFormat(wide, rowHi, p.fit(text, wide-1), "", 0, align, false, 0, to)
		p.doc.SetTextColor(ink[0], ink[1], ink[2])
		return
	}
	p.doc.CellFormat(wide, rowHi, p.fit(text, wide-1), "", 0, align, false, 0, "")
}

func (p *page) top() {
	title := p.of.Of()
	if p.of.Firm != "" {
		title = p.of.Firm + ": " + title
	}
	p.font("B", 15, ink)
	p.doc.CellFormat(width, 8, p.fit(p.plain(title), width), "", 1, "L", false, 0, "")
	about := "As at " + p.of.At.Format("2 January 2006, 15:04") + " UTC. "
	if p.of.All {
		about += "Restricted repositories are counted too."
	} else {
		about += "Restricted repositories are not counted."
	}
	if p.of.Since != "" {
		about += " Changes are from " + piece.Day(p.of.Since) + " to " + piece.Day(p.of.Until) + "."
	}
	if p.of.Unlinked {
		about += " The numbers have no links, because the address of the hub was not given."
	}
	p.words(8.5, about)
	for _, one := range p.of.Missing() {
		p.words(8.5, "Partial: of “"+one.Title+"” there is nothing. "+one.Missing)
	}
}

// heading writes the title of a section with room for some lines below it.
func (p *page) heading(title string) {
	p.room(8 + 3*rowHi)
	p.doc.Ln(gap)
	p.font("B", 10.5, ink)
	p.doc.SetDrawColor(200, 196, 188)
	p.doc.CellFormat(width, 6, p.fit(p.plain(title), width), "B", 1, "L", false, 0, "")
	p.doc.Ln(0.6)
}

func (p *page) first() {
	p.heading("What to do first")
	if len(p.of.First) == 0 {
		p.words(8, "Nothing in what could be counted.")
	}
	for _, t := range p.of.First {
		p.room(rowHi)
		p.font("B", 8, tones[t.Tone()])
		p.doc.CellFormat(14, rowHi, t.Word(), "", 0, "L", false, 0, "")
		p.font("", 8, ink)
		p.put(14, piece.Number(t.Count.N), "R", t.Count.Href)
		p.put(3, "", "L", "")
		p.put(width-31-30, p.plain(t.Title+": "+t.Reason), "L", "")
		p.put(30, p.plain(t.Step), "R", "")
		p.doc.Ln(rowHi)
	}
	if p.of.More > 0 {
		p.words(8, fmt.Sprintf("The %d others are in the sections below.", p.of.More))
	}
}

// abreast is how many figures stand beside each other.
const abreast = 3

func (p *page) section(s sheet.Section) {
	p.heading(s.Title)
	if s.Missing != "" {
		p.words(8, "Unknown. "+s.Missing)
	}
	if s.Lede != "" {
		p.words(8, s.Lede)
	}
	const wide = width / abreast
	for i, f := range s.Figures {
		if i%abreast == 0 {
			p.room(rowHi)
		}
		p.font("", 8, ink)
		number, changed := piece.Number(f.Number.N), f.Changed()
		label := wide - 18.0
		if changed != "" {
			label -= 14
		}
		p.put(label, p.plain(f.Label), "L", "")
		p.put(14, number, "R", f.Number.Href)
		if changed != "" {
			p.font("", 7, grey)
			p.put(14, "("+p.plain(changed)+")", "R", "")
		}
		p.doc.CellFormat(4, rowHi, "", "", 0, "L", false, 0, "")
		if i%abreast == abreast-1 || i == len(s.Figures)-1 {
			p.doc.Ln(rowHi)
		}
	}
	if s.Table != nil {
		p.table(s.Table)
	}
}

func (p *page) table(t *sheet.Table) {
	if len(t.Rows) == 0 {
		p.words(8, t.Empty)
		return
	}
	wide := widths(t)
	head := func() {
		p.font("B", 7.5, grey)
		for i, c := range t.Columns {
			p.put(wide[i], p.plain(c.Label), align(c.Right), "")
		}
		if t.Moved {
			p.put(wide[len(t.Columns)], "Change", "R", "")
		}
		p.doc.Ln(rowHi)
	}
	p.room(2 * rowHi)
	head()
	for _, row := range t.Rows {
		if p.doc.GetY()+rowHi > bottom {
			p.doc.AddPage()
			head()
		}
		p.font("", 8, ink)
		for i, c := range row.Cells {
			switch {
			case c.Number != nil:
				p.put(wide[i], piece.Number(c.Number.N), "R", c.Number.Href)
			case c.Unknown():
				p.put(wide[i], "Unknown", align(t.Columns[i].Right), "")
			default:
				p.put(wide[i], p.plain(c.Shown()), align(t.Columns[i].Right), c.Href)
			}
		}
		if t.Moved {
			p.put(wide[len(t.Columns)], p.plain(row.Changed()), "R", "")
		}
		p.doc.Ln(rowHi)
	}
	if t.All != nil {
		p.font("", 8, grey)
		p.put(width, "All "+piece.Number(t.All.N)+" are in the list", "L", t.All.Href)
		p.doc.Ln(rowHi)
	}
}

// widths shares the width among columns: numbers are narrow, the first and the last text are wide.
func widths(t *sheet.Table) []float64 {
	parts, sum := []float64{}, 0.0
	for i, c := range t.Columns {
		part := 2.0
		switch {
		case c.Right:
			part = 1.4
		case i == 0 || i == len(t.Columns)-1:
			part = 3
		}
		parts = append(parts, part)
	}
	if t.Moved {
		parts = append(parts, 1)
	}
	for _, part := range parts {
		sum += part
	}
	for i := range parts {
		parts[i] *= width / sum
	}
	return parts
}

func align(right bool) string {
	if right {
		return "R"
	}
	return "L"
}
