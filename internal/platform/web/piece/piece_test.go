package piece

import (
	"html/template"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jba/templatecheck"

	"steward/internal/platform/web/static"
)

func TestWords(t *testing.T) {
	size := func(n int64) string { s, _ := Bytes(n); return strings.ReplaceAll(s, "\u00a0", " ") }
	part := func(p float64) string { return strings.ReplaceAll(Share(p), "\u00a0", " ") }
	got := []string{
		Number(0), Number(999), Number(1184), Number(-1234567), Number(math.MinInt64),
		size(0), size(999), size(1000), size(3_140_000), size(999_999), size(12_345_678_901),
		part(0), part(.004), part(.41), part(.999), part(1), part(math.NaN()),
		Initials("payments-core"), Initials("Ann Archer"), Initials("日本 team"), Initials("--"), Initials("x"),
		Day("2025-02-03"), Day("soon"), Middle("a/b.go"), Middle(strings.Repeat("dir/", 30) + "file.go"),
	}
	want := []string{
		"0", "999", "1,184", "−1,234,567", "−9,223,372,036,854,775,808",
		"0 B", "999 B", "1.0 kB", "3.1 MB", "1.0 MB", "12 GB",
		"0 %", "under 1 %", "41 %", "over 99 %", "100 %", "Unknown",
		"PC", "AA", "日T", "?", "X",
		"3 Feb 2025", "soon", "a/b.go", "dir/dir/dir/dir/dir/…dir/dir/dir/dir/dir/dir/dir/dir/file.go",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestAgo(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for want, d := range map[string]time.Duration{
		"just now": 30 * time.Second, "1 minute ago": time.Minute, "59 minutes ago": 59*time.Minute + 59*time.Second, "1 hour ago": time.Hour,
		"23 hours ago": 23 * time.Hour, "yesterday": 24 * time.Hour, "2 days ago": 48 * time.Hour, "29 days ago": 29 * 24 * time.Hour,
		"23 Oct 2026": 30 * 24 * time.Hour, "in 3 hours": -3 * time.Hour, "in 1 day": -24 * time.Hour,
	} {
		if got := Ago(now.Add(-d), now); got != want {
			t.Errorf("%s before: %q, want %q", d, got, want)
		}
	}
}

func TestChartsKeepToTheirPicture(t *testing.T) {
	odd := []float64{0, 1, math.NaN(), math.Inf(1), -5, 1e300}
	var points []Point
	var parts []Part
	for i, v := range odd {
		points = append(points, Point{Label: "x", Value: v})
		parts = append(parts, Part{Name: string(rune('a' + i)), Value: v})
	}
	for _, c := range newChart("t", "u", points[:2]).Columns {
		if c.Y < chartTop || c.Y+c.Height > chartBottom+.1 {
			t.Errorf("a column leaves the picture: %+v", c)
		}
	}
	newChart("t", "u", points)
	newBars([]Bar{{Value: math.NaN()}, {Value: -1}}, "")
	if got := newSpark(odd, "x"); strings.Contains(got.Line, "NaN") || strings.Contains(got.Line, "Inf") {
		t.Errorf("a small series holds %q", got.Line)
	}
	total := 0.0
	for _, p := range newSplit(parts, "x").Parts {
		total += p.Width
	}
	if total > splitWidth+20 {
		t.Errorf("parts are %f wide together", total)
	}
	split := newSplit([]Part{{Name: "Java", Value: 3}, {Name: "JavaScript", Value: 1}, {Name: "TypeScript", Value: 1}}, "Languages")
	classes := map[string]bool{}
	for _, p := range split.Parts {
		if classes[p.Class] {
			t.Errorf("two parts have the colour %s", p.Class)
		}
		classes[p.Class] = true
	}
	if split.Parts[0].Class != "k1" || split.Sentence != "Languages: Java 60\u00a0%, JavaScript 20\u00a0%, TypeScript 20\u00a0%" {
		t.Errorf("%+v", split)
	}
}

func TestLongNamesOfBarsKeepTheirEnd(t *testing.T) {
	rows := newBars([]Bar{{Name: "junit:junit", Value: 2}, {Name: "spring-boot-starter-ürdet", Full: "org:spring", Value: 1}}, "").Rows
	want := []barRow{
		{Bar: Bar{Name: "junit:junit", Full: "junit:junit", Value: 2}, Head: "junit:junit", Width: 100, Shown: "2"},
		{Bar: Bar{Name: "spring-boot-starter-ürdet", Full: "org:spring", Value: 1}, Head: "spring-boot-star", Tail: "ter-ürdet", Width: 50, Shown: "1"},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
}

func newSet(t *testing.T) *Set {
	t.Helper()
	files, err := static.Read()
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(files, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestTemplatesFitTheirValues checks the markup of every piece against the type it is drawn with.
func TestTemplatesFitTheirValues(t *testing.T) {
	types := map[string]any{
		"status": Badge{}, "badge": Badge{}, "owner": chip{}, "chip": chip{}, "counted": chip{}, "time": clockTime{}, "hash": code{}, "codeplace": code{}, "source": Measured,
		"splitbar": split{}, "mini": split{}, "minicell": split{}, "split": split{}, "splitname": splitPart{}, "bars": bars{}, "cut": barRow{}, "spark": spark{}, "sparkcolumns": spark{},
		"chart": chart{}, "ledger": []Amount{}, "figure": Amount{}, "facts": []Fact{}, "timeline": []Event{}, "progress": Progress{}, "notice": Notice{},
		"state": State{}, "panel": Panel{}, "action": Action{}, "problems": []Problem{}, "problem": Problem{}, "skeleton": []int{},
	}
	for _, one := range newSet(t).templates.Templates() {
		if one.Name() == "" || one.Name() == "pieces.tmpl" {
			continue
		}
		dot, ok := types[one.Name()]
		if !ok {
			t.Errorf("template %s is checked against nothing", one.Name())
			continue
		}
		if err := templatecheck.CheckHTML(one, dot); err != nil {
			t.Errorf("template %s: %v", one.Name(), err)
		}
	}
}

func TestPiecesEscape(t *testing.T) {
	s := newSet(t)
	evil := `<script>alert(1)</script>"'`
	for name, draw := range map[string]func() (template.HTML, error){
		"status": func() (template.HTML, error) { return s.draw("status", Badge{"bad", evil}) },
		"tone":   func() (template.HTML, error) { return s.draw("status", Badge{evil, "x"}) },
		"owner":  func() (template.HTML, error) { return s.draw("owner", chip{evil, "javascript:alert(1)", true}) },
		"hash":   func() (template.HTML, error) { return s.draw("hash", linkedCode(evil, evil)) },
		"split": func() (template.HTML, error) {
			return s.draw("split", newSplit([]Part{{Name: evil, Value: 1, Tone: evil}}, evil))
		},
		"bars": func() (template.HTML, error) { return s.draw("bars", newBars([]Bar{{Name: evil, Value: 1}}, evil)) },
		"chart": func() (template.HTML, error) {
			return s.draw("chart", newChart(evil, evil, []Point{{Label: evil, Value: 1}}))
		},
		"facts": func() (template.HTML, error) {
			return s.draw("facts", []Fact{{Label: evil, Value: evil, Source: Source(evil), From: evil}})
		},
		"notice": func() (template.HTML, error) { return s.draw("notice", Notice{Tone: evil, Word: evil, Text: evil}) },
	} {
		out, err := draw()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(string(out), "<script") || strings.Contains(string(out), `href="javascript:`) || regexp.MustCompile(`class="[^"]*"'`).MatchString(string(out)) {
			t.Errorf("%s does not escape: %s", name, out)
		}
	}
}

func TestMarked(t *testing.T) {
	for _, c := range []struct {
		text  any
		typed string
		want  template.HTML
	}{
		{"payments-ledger", "Ledger", "payments-<mark>ledger</mark>"},
		{"card-ledger-view", "led card", "<mark>card</mark>-<mark>led</mark>ger-view"},
		{"QuartzScheduler", "sched", "Quartz<mark>Sched</mark>uler"},
		{"sledger", "ledger", "sledger"},
		{"<b>bold</b> & b", "b", "&lt;<mark>b</mark>&gt;<mark>b</mark>old&lt;/<mark>b</mark>&gt; &amp; <mark>b</mark>"},
		{"İstanbul", "istanbul", "<mark>İstanbul</mark>"},
		{"Größe", "größ", "<mark>Größ</mark>e"},
		{"plain", "", "plain"},
		{template.HTML("<i>made</i>"), "made", "<i>made</i>"},
	} {
		if got := Marked(c.text, c.typed); got != c.want {
			t.Errorf("Marked(%v, %q) = %q, want %q", c.text, c.typed, got, c.want)
		}
	}
}

func TestTheMiddleOfAnAxisIsWholeWhereWholesAreCounted(t *testing.T) {
	for highest, want := range map[float64]string{1: "1", 2: "1", 3: "2", 5: "3", 7: "4", 130: "100", 0: "1", .5: "0.25"} {
		if got := newChart("t", "u", []Point{{Value: 0}, {Value: highest}}).Grid[1].Text; got != want {
			t.Errorf("the middle of an axis up to %v is %s, want %s", highest, got, want)
		}
	}
}
