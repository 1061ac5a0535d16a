package table

import (
	"encoding/json"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"

	"steward/internal/platform/listing"
	"steward/internal/platform/web/piece"
)

// plain writes a value in words alone.
func (t Table) plain(c listing.Column, row listing.Row) string {
	value := row[c.Key]
	switch v := value.(type) {
	case nil:
		return unknownWord(c)
	case int64:
		if c.Kind == listing.Time {
			at, _, _ := piece.Moment(v)
			return piece.Ago(at, t.Now())
		}
		if c.Kind == listing.Bytes {
			text, _ := piece.Bytes(v)
			return text
		}
		return piece.Number(v)
	case float64:
		return piece.Share(v)
	case bool:
		return map[bool]string{true: "yes", false: "no"}[v]
	case string:
		switch {
		case c.Words[v] != "":
			return c.Words[v]
		case v == "":
			return unknownWord(c)
		case c.Kind == listing.Date:
			return piece.Day(v)
		}
		return v
	}
	return ""
}

func unknownWord(c listing.Column) string {
	if c.Unknown != "" {
		return c.Unknown
	}
	return "Unknown"
}

// cell draws a value by its kind, linked when the column says to where.
func (t Table) cell(c listing.Column, row listing.Row) template.HTML {
	text, value, href := t.plain(c, row), row[c.Key], linkOf(c.Link, row)
	drawn, err := t.draw(c, text, value, href)
	if err != nil { // a value that its kind cannot draw is shown as it is
		return template.HTML(template.HTMLEscapeString(text))
	}
	return drawn
}

func (t Table) draw(c listing.Column, text string, value any, href string) (template.HTML, error) {
	words, _ := value.(string)
	if value == nil || value == "" {
		return t.Pieces.Status("none", text)
	}
	switch c.Kind {
	case listing.Owner:
		return t.Pieces.Owner(text, href)
	case listing.Person:
		return t.Pieces.Person(text, href)
	case listing.Badge:
		return t.Pieces.Badge(c.Tones[words], text)
	case listing.Status:
		return t.Pieces.Status(c.Tones[words], text)
	case listing.Hash:
		return t.Pieces.Hash(words, href)
	case listing.Code, listing.JSON:
		return t.Pieces.Code(words, href)
	case listing.Time:
		drawn, err := t.Pieces.Time(value)
		return linked(drawn, href), err
	case listing.Split:
		return t.splitCell(c.Label, words)
	case listing.Spark:
		var series []float64
		if err := json.Unmarshal([]byte(words), &series); err != nil || len(series) > 1000 {
			return "", fmt.Errorf("not a series")
		}
		return t.Pieces.Columns(series, c.Label)
	}
	if c.Kind == listing.Number && href != "" {
		return t.Pieces.Counted(text, href)
	}
	return linked(template.HTML(template.HTMLEscapeString(text)), href), nil
}

// splitCell draws parts, the largest first and by name.
func (t Table) splitCell(label, text string) (template.HTML, error) {
	var values map[string]float64
	if err := json.Unmarshal([]byte(text), &values); err != nil || len(values) > 1000 {
		return "", fmt.Errorf("not an object of numbers")
	}
	if len(values) == 0 {
		return t.Pieces.Status("none", "Unknown")
	}
	parts := make([]piece.Part, 0, len(values))
	for name, value := range values {
		parts = append(parts, piece.Part{Name: name, Value: value})
	}
	slices.SortFunc(parts, func(a, b piece.Part) int {
		if a.Value != b.Value {
			return map[bool]int{true: -1, false: 1}[a.Value > b.Value]
		}
		return strings.Compare(a.Name, b.Name)
	})
	return t.Pieces.MiniNamed(parts, label)
}

func linked(inner template.HTML, href string) template.HTML {
	if href == "" {
		return inner
	}
	return template.HTML(`<a href="`+template.HTMLEscapeString(href)+`">`) + inner + "</a>"
}

// linkOf fills the keys in braces with the row's values; "" when one is unknown.
func linkOf(pattern string, row listing.Row) string {
	if pattern == "" {
		return ""
	}
	out, rest := "", pattern
	for {
		before, after, found := strings.Cut(rest, "{")
		key, end, closed := strings.Cut(after, "}")
		if !found || !closed {
			return out + rest
		}
		value := row[key]
		if value == nil || value == "" {
			return ""
		}
		out, rest = out+before+url.PathEscape(fmt.Sprint(value)), end
		if strings.Contains(out, "?") {
			out = out[:len(out)-len(url.PathEscape(fmt.Sprint(value)))] + url.QueryEscape(fmt.Sprint(value))
		}
	}
}
