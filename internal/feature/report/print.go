package report

import (
	"fmt"
	"html/template"
	"io"
	"strings"

	"steward/internal/feature/report/sheet"
	"steward/internal/platform/web/piece"
)

// formats are the files that the sheet can be written as: HTML, and what the configuration adds.
func (f *Feature) formats() []Format {
	return append([]Format{{Name: "html", Type: "text/html; charset=utf-8", Write: writeHTML}}, f.config.Formats...)
}

// writeHTML writes the sheet as one file that needs nothing else: no script, no font, no address but its links.
func writeHTML(w io.Writer, s *sheet.Sheet) error {
	set := template.New("").Funcs(template.FuncMap{"number": piece.Number, "day": piece.Day})
	for _, name := range []string{"about", "sheet", "document"} {
		text, err := pages.ReadFile("page/" + name + ".tmpl")
		if err != nil {
			return fmt.Errorf("write the report as HTML: %w", err)
		}
		if _, err := set.New("report/" + name).Parse(string(text)); err != nil {
			return fmt.Errorf("write the report as HTML: %w", err)
		}
	}
	if err := set.ExecuteTemplate(w, "report/document", shown{Sheet: s}); err != nil {
		return fmt.Errorf("write the report as HTML: %w", err)
	}
	return nil
}

// fileName names a file of the sheet by its scope and day.
func fileName(s *sheet.Sheet, ending string) string {
	of := "estate"
	if !s.Scope.Whole() {
		of = s.Scope.Kind + "-" + strings.Map(func(r rune) rune {
			switch {
			case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
				return r
			}
			return '-'
		}, s.Scope.Name)
		of = of[:min(len(of), 60)]
	}
	return of + "-" + s.At.Format("2006-01-02") + "." + ending
}
