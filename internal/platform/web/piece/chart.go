package piece

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Charts are computed here as coordinates and drawn by templates as SVG, because the content
// security policy forbids style attributes.

// languageSeries gives well-known languages the same colour on every page (series of the sheet).
var languageSeries = map[string]int{
	"Java": 1, "TypeScript": 2, "Python": 3, "Go": 4, "C#": 5, "Kotlin": 6, "SQL": 7, "JavaScript": 2,
	"Rust": 5, "C++": 6, "C": 6, "Scala": 5, "Ruby": 5, "PHP": 3, "Shell": 7, "HTML": 7, "CSS": 7, "Swift": 2,
}

type split struct {
	Of       string
	Sentence string
	Parts    []splitPart
}

type splitPart struct {
	Part
	Class    string // k1 … k8, kgood …
	X, Width float64
	Share    string
}

const (
	splitWidth = 1000.0
	maxParts   = 7
)

func newSplit(parts []Part, of string) split {
	kept := make([]Part, 0, len(parts))
	total := 0.0
	for _, p := range parts {
		if p.Value > 0 && !math.IsInf(p.Value, 0) {
			kept, total = append(kept, p), total+p.Value
		}
	}
	others := ""
	if len(kept) > maxParts+1 {
		rest := Part{Tone: "others"}
		for _, p := range kept[maxParts:] {
			rest.Value += p.Value
		}
		others = strconv.Itoa(len(kept)-maxParts) + " others"
		rest.Name = others
		kept = append(kept[:maxParts:maxParts], rest)
	}
	out := split{Of: of}
	x, words, used := 0.0, []string{}, map[string]bool{}
	for i, p := range kept {
		width := p.Value / total * splitWidth
		part := splitPart{Part: p, Class: seriesClass(p, i, used), X: round1(x), Width: round1(max(width-2, 2)), Share: Share(p.Value / total)}
		x += width
		out.Parts = append(out.Parts, part)
		if p.Label != "" {
			words = append(words, p.Label+" "+p.Name)
		} else {
			words = append(words, p.Name+" "+part.Share)
		}
	}
	out.Sentence = of + ": " + strings.Join(words, ", ")
	if len(words) == 0 {
		out.Sentence = of + ": nothing known"
	}
	return out
}

// seriesClass gives a part its colour: by tone, by language when that is still free, else in order.
func seriesClass(p Part, i int, used map[string]bool) string {
	class := ""
	switch p.Tone {
	case "good", "warn", "bad":
		return "k" + p.Tone
	case "none":
		return "kline"
	case "others":
		return "k8"
	}
	if n, ok := languageSeries[p.Name]; ok {
		class = "k" + strconv.Itoa(n)
	}
	if class == "" || used[class] {
		class = "k8"
		for n := range maxParts {
			if free := "k" + strconv.Itoa((i+n)%maxParts+1); !used[free] {
				class = free
				break
			}
		}
	}
	used[class] = true
	return class
}

func round1(x float64) float64 { return math.Round(x*10) / 10 }

type bars struct {
	Unit string
	Rows []barRow
}

type barRow struct {
	Bar
	Head, Tail string // of the name: what is cut where room is short, and what stays
	Width      float64
	Shown      string
}

const (
	maxBars = 8
	maxTail = 9 // characters at the end of a long name that are never cut
)

// cutName splits a long name so that it can lose its middle: names of one family differ at the end.
func cutName(name string) (head, tail string) {
	runes := []rune(name)
	if len(runes) < 2*maxTail {
		return name, ""
	}
	return string(runes[:len(runes)-maxTail]), string(runes[len(runes)-maxTail:])
}

func newBars(rows []Bar, unit string) bars {
	out := bars{Unit: unit}
	if len(rows) > maxBars {
		rows = rows[:maxBars]
	}
	if len(rows) == 0 {
		return out
	}
	largest := slices.MaxFunc(rows, func(a, b Bar) int { return cmp.Compare(a.Value, b.Value) }).Value
	for _, row := range rows {
		shown := row.Text
		if shown == "" {
			shown = Number(int64(math.Round(row.Value)))
		}
		width := 0.0
		if largest > 0 && row.Value > 0 {
			width = round1(max(row.Value/largest*100, 1))
		}
		row.Full = cmp.Or(row.Full, row.Name)
		head, tail := cutName(row.Name)
		out.Rows = append(out.Rows, barRow{Bar: row, Head: head, Tail: tail, Width: width, Shown: shown})
	}
	return out
}

type spark struct {
	Sentence string
	Line     string // path of the line
	Area     string // path below it
	Columns  []sparkColumn
}

type sparkColumn struct{ X, Y, Width, Height float64 }

const sparkWidth, sparkHeight = 88.0, 20.0

func newSpark(series []float64, sentence string) spark {
	if len(series) < 2 {
		return spark{}
	}
	if len(series) > 60 {
		series = series[len(series)-60:]
	}
	largest := max(slices.Max(series), 1e-9)
	points := make([]string, len(series))
	for i, v := range series {
		x := float64(i) * sparkWidth / float64(len(series)-1)
		y := sparkHeight - 1 - max(v, 0)/largest*(sparkHeight-2.5)
		points[i] = coordinate(x) + "," + coordinate(y)
	}
	columns := make([]sparkColumn, len(series))
	for i, v := range series {
		step := sparkWidth / float64(len(series))
		height := max(round1(max(v, 0)/largest*(sparkHeight-1)), .8)
		columns[i] = sparkColumn{X: round1(float64(i) * step), Y: round1(sparkHeight - height), Width: round1(step * .8), Height: height}
	}
	line := strings.Join(points, " ")
	return spark{Columns: columns, Sentence: sentence, Line: "M" + line, Area: "M" + line + " L88,20 L0,20Z"}
}

func coordinate(x float64) string {
	if math.IsNaN(x) {
		x = 0
	}
	return strconv.FormatFloat(round1(x), 'f', -1, 64)
}

type chart struct {
	Title, Unit, Sentence string
	Grid                  []gridLine
	Columns               []column
	AsTable               bool
}

type gridLine struct {
	Y    float64
	Text string
}

type column struct {
	Point
	X, Y, Width, Height, Middle float64
	Tick                        string
	Shown                       string
}

const (
	chartLeft, chartRight = 40.0, 676.0
	chartTop, chartBottom = 18.0, 130.0
	tableFrom             = 13 // points from which a chart also offers a table
)

func newChart(title, unit string, points []Point) chart {
	out := chart{Title: title, Unit: unit, AsTable: len(points) >= tableFrom}
	if len(points) == 0 {
		out.Sentence = title + ": nothing known"
		return out
	}
	low, high := points[0], points[0]
	for _, p := range points {
		if p.Value < low.Value {
			low = p
		}
		if p.Value > high.Value {
			high = p
		}
	}
	top := axisEnd(points, high.Value)
	out.Grid = []gridLine{{chartTop, figure(top)}, {(chartTop + chartBottom) / 2, figure(top / 2)}, {chartBottom, "0"}}
	step := (chartRight - chartLeft) / float64(len(points))
	for i, p := range points {
		height := max(p.Value, 0) / top * (chartBottom - chartTop)
		c := column{Point: p, X: round1(chartLeft + float64(i)*step), Width: round1(max(step*.78, 1)), Height: round1(height), Y: round1(chartBottom - height), Shown: figure(p.Value)}
		c.Middle = round1(c.X + c.Width/2)
		if i%max(3, len(points)/8) == 0 {
			c.Tick = p.Short
			if c.Tick == "" {
				c.Tick = strings.ToValidUTF8(p.Label[:min(3, len(p.Label))], "")
			}
		}
		out.Columns = append(out.Columns, c)
	}
	last := points[len(points)-1]
	out.Sentence = title + ": from " + figure(points[0].Value) + " in " + points[0].Label + " to " + figure(last.Value) + " in " + last.Label +
		", lowest " + figure(low.Value) + " in " + low.Label + ", highest " + figure(high.Value) + " in " + high.Label
	return out
}

// axisEnd is the end of the axis for points of which the given one is the highest. What is counted
// in wholes has a whole number in the middle of its axis too.
func axisEnd(points []Point, highest float64) float64 {
	end := roundUp(highest)
	fractional := func(p Point) bool { return p.Value != math.Trunc(p.Value) }
	if math.Mod(end, 2) == 1 && !slices.ContainsFunc(points, fractional) {
		end++
	}
	return end
}

// roundUp gives a round number at or above v: 1, 2, 3, 4, 5, 6, 8 or 10 times a power of ten.
func roundUp(v float64) float64 {
	if v <= 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return 2
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 3, 4, 5, 6, 8} {
		if v <= m*power {
			return m * power
		}
	}
	return 10 * power
}

func figure(v float64) string {
	if v == math.Trunc(v) {
		return Number(int64(v))
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}
