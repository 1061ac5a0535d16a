package piece

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Number writes a whole number with separators: 1,184.
func Number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "−", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// whole reads any of Go's numbers.
func whole(v any) (int64, error) {
	switch n := v.(type) {
	case int:
		return int64(n), nil
	case int32:
		return int64(n), nil
	case int64:
		return n, nil
	case uint64:
		return int64(min(n, math.MaxInt64)), nil
	case float64:
		return int64(math.Round(n)), nil
	}
	return 0, fmt.Errorf("%T is not a number", v)
}

func numberOf(v any) (string, error) {
	n, err := whole(v)
	return Number(n), err
}

// Bytes writes a size with at most three digits, in decimal units: 3.1 MB.
func Bytes(v any) (string, error) {
	n, err := whole(v)
	if err != nil {
		return "", err
	}
	size, unit := float64(n), 0
	for math.Abs(size) >= 999.5 && unit < 5 {
		size, unit = size/1000, unit+1
	}
	digits := 0
	if unit > 0 && math.Abs(size) < 9.95 {
		digits = 1
	}
	return strconv.FormatFloat(size, 'f', digits, 64) + "\u00a0" + [...]string{"B", "kB", "MB", "GB", "TB", "PB"}[unit], nil
}

// Share writes a part of one in per cent: 41 %; what is not nothing is never written as 0 %.
func Share(part float64) string {
	percent := part * 100
	switch {
	case math.IsNaN(percent) || math.IsInf(percent, 0):
		return "Unknown"
	case percent > 0 && percent < 1:
		return "under 1\u00a0%"
	case percent > 99 && percent < 100:
		return "over 99\u00a0%"
	}
	return strconv.FormatFloat(math.Round(percent), 'f', 0, 64) + "\u00a0%"
}

// Plural writes a count with the right noun: 1 repository, 2,000 repositories.
func Plural(v any, one, many string) (string, error) {
	n, err := whole(v)
	if n == 1 {
		many = one
	}
	return Number(n) + " " + many, err
}

// Moment reads a time: time.Time, or µs since 1970 UTC as they are stored; ok is false for none.
func Moment(at any) (time.Time, bool, error) {
	switch at := at.(type) {
	case nil:
		return time.Time{}, false, nil
	case time.Time:
		return at.UTC(), !at.IsZero(), nil
	case *time.Time:
		if at == nil {
			return time.Time{}, false, nil
		}
		return at.UTC(), !at.IsZero(), nil
	case int64:
		return time.UnixMicro(at).UTC(), at != 0, nil
	}
	return time.Time{}, false, fmt.Errorf("%T is not a time", at)
}

// Ago writes a time in words up to 30 days, then as a date.
func Ago(t, now time.Time) string {
	d := now.Sub(t)
	later := d < 0
	if later {
		d = -d
	}
	if d >= 30*24*time.Hour {
		return t.Format("2 Jan 2006")
	}
	words, hours := "", int(d.Hours())
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		words = counted(int(d.Minutes()), "minute")
	case hours < 24:
		words = counted(hours, "hour")
	case hours < 48 && !later:
		return "yesterday"
	default:
		words = counted(hours/24, "day")
	}
	if later {
		return "in " + words
	}
	return words + " ago"
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// Day writes a civil date YYYY-MM-DD as 3 Feb 2025; what is no date is left as it is.
func Day(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return t.Format("2 Jan 2006")
}

// Middle cuts a long path in the middle: its beginning and its file name stay.
func Middle(path string) string {
	const most, head = 60, 20
	runes := []rune(path)
	if len(runes) <= most {
		return path
	}
	return string(runes[:head]) + "…" + string(runes[len(runes)-(most-head-1):])
}

// Initials gives up to two letters for a chip.
func Initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	out := ""
	for _, word := range words {
		if first, _ := utf8.DecodeRuneInString(word); len([]rune(out)) < 2 {
			out += string(unicode.ToUpper(first))
		}
	}
	if out == "" {
		return "?"
	}
	return out
}

type chip struct {
	Name, Href string
	Team       bool
}

type code struct{ Short, Full, Href string }

// linkedCode shortens a hash to seven characters.
func linkedCode(hash, href string) code {
	short := hash
	if len(short) > 7 {
		short = strings.ToValidUTF8(short[:7], "")
	}
	return code{short, hash, href}
}

func codePlace(file string, line int, href string) code {
	end := ""
	if line > 0 {
		end = ":" + strconv.Itoa(line)
	}
	return code{Middle(file) + end, file + end, href}
}

func ofField(problems []Problem, field string) Problem {
	for _, p := range problems {
		if p.Field == field {
			return p
		}
	}
	return Problem{}
}

// invalid gives the attributes of a field that has a problem.
func invalid(problems []Problem, field string) template.HTMLAttr {
	if ofField(problems, field).Text == "" {
		return ""
	}
	return template.HTMLAttr(`aria-invalid="true" aria-describedby="problem-` + template.HTMLEscapeString(field) + `"`)
}

// skeleton gives widths in twelfths for lines that are not there yet.
func skeleton(lines int) []int {
	out := make([]int, 0, 12)
	for i := range min(max(lines, 1), 12) {
		out = append(out, [...]int{10, 8, 9, 7}[i%4])
	}
	return out
}

// Marked shows text with the beginnings of words marked that were typed, which is how search finds it.
// Markup is given back as it is.
func Marked(text any, typed string) template.HTML {
	if done, ok := text.(template.HTML); ok {
		return done
	}
	runes := []rune(fmt.Sprint(text))
	words := strings.FieldsFunc(strings.ToLower(typed), func(r rune) bool { return !inWord(r) })
	var out strings.Builder
	for i := 0; i < len(runes); {
		n := 0
		if inWord(runes[i]) && (i == 0 || !inWord(runes[i-1]) || unicode.IsLower(runes[i-1]) && unicode.IsUpper(runes[i])) {
			for _, w := range words {
				n = max(n, beginsWith(runes[i:], []rune(w)))
			}
		}
		if n > 0 {
			out.WriteString("<mark>" + template.HTMLEscapeString(string(runes[i:i+n])) + "</mark>")
			i += n
			continue
		}
		out.WriteString(template.HTMLEscapeString(string(runes[i])))
		i++
	}
	return template.HTML(out.String())
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// beginsWith is the length of the word when the text begins with it in any case, else 0.
func beginsWith(text, word []rune) int {
	if len(word) > len(text) {
		return 0
	}
	for i, r := range word {
		if unicode.ToLower(text[i]) != r {
			return 0
		}
	}
	return len(word)
}

// count gives the digits of a whole number as Number writes it, "" for any other
// text. A link that carries one as data-count promises that the list which it
// opens has that many rows.
func count(shown string) string {
	digits := strings.ReplaceAll(shown, ",", "")
	if _, err := strconv.ParseUint(digits, 10, 63); err != nil {
		return ""
	}
	return digits
}
