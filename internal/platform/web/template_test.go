package web

import (
	"html/template"
	"regexp"
	"strings"
	"testing"

	"github.com/jba/templatecheck"
)

// TestTemplatesFitTheirValues checks every template of the shell against the type it is drawn with.
func TestTemplatesFitTheirValues(t *testing.T) {
	s := New(Config{})
	if len(s.problems) > 0 {
		t.Fatal(s.problems)
	}
	types := map[string]any{
		"shell.tmpl": shell{}, "home.tmpl": homeView{}, "list.tmpl": listView{}, "search.tmpl": searchView{}, "suggest.tmpl": searchView{},
		"error.tmpl": failure{}, "failure.tmpl": failure{}, "side": navigation{}, "place": place{}, "account": shell{}, "help": true, "homepanel": panelView{},
		"rows": listView{}, "filter": filterPill{}, "choices": filterPill{},
		"status": Badge{}, "badge": Badge{}, "owner": chip{}, "chip": chip{}, "time": clockTime{}, "hash": code{}, "codeplace": code{}, "source": Measured,
		"splitbar": split{}, "mini": split{}, "minicell": split{}, "split": split{}, "splitname": splitPart{}, "bars": bars{}, "spark": spark{}, "sparkcolumns": spark{},
		"chart": chart{}, "ledger": []Amount{}, "figure": Amount{}, "facts": []Fact{}, "timeline": []Event{}, "progress": Progress{}, "notice": Notice{},
		"state": State{}, "action": Action{}, "problems": []Problem{}, "problem": Problem{}, "skeleton": []int{},
	}
	for _, one := range s.pieces.Templates() {
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

// TestNothingThatThePolicyForbids looks for style attributes, inline scripts and handlers.
func TestNothingThatThePolicyForbids(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)\sstyle=|<style|\son[a-z]+=|<script>|javascript:|hx-on`)
	files, err := templates.ReadDir("template")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := templates.ReadFile("template/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		if found := forbidden.Find(text); found != nil {
			t.Errorf("%s holds %q", f.Name(), found)
		}
	}
}

// TestSheetHoldsColoursInTokensOnly keeps colours in one place of the sheet.
func TestSheetHoldsColoursInTokensOnly(t *testing.T) {
	sheet, err := staticFiles.ReadFile("static/steward.css")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(sheet), "/* ---------- base ---------- */")
	if !found {
		t.Fatal("the sheet has no section base")
	}
	for _, colour := range regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b`).FindAllString(rest, -1) {
		if colour != "#fff" { // paper, in print
			t.Errorf("colour %s stands outside the tokens", colour)
		}
	}
}

func TestPiecesEscape(t *testing.T) {
	s := New(Config{})
	evil := `<script>alert(1)</script>"'`
	for name, draw := range map[string]func() (template.HTML, error){
		"status": func() (template.HTML, error) { return s.piece("status", Badge{"bad", evil}) },
		"tone":   func() (template.HTML, error) { return s.piece("status", Badge{evil, "x"}) },
		"owner":  func() (template.HTML, error) { return s.piece("owner", chip{evil, "javascript:alert(1)", true}) },
		"hash":   func() (template.HTML, error) { return s.piece("hash", linkedCode(evil, evil)) },
		"split": func() (template.HTML, error) {
			return s.piece("split", newSplit([]Part{{Name: evil, Value: 1, Tone: evil}}, evil))
		},
		"bars": func() (template.HTML, error) { return s.piece("bars", newBars([]Bar{{Name: evil, Value: 1}}, evil)) },
		"chart": func() (template.HTML, error) {
			return s.piece("chart", newChart(evil, evil, []Point{{Label: evil, Value: 1}}))
		},
		"facts": func() (template.HTML, error) {
			return s.piece("facts", []Fact{{Label: evil, Value: evil, Source: Source(evil), From: evil}})
		},
		"notice": func() (template.HTML, error) { return s.piece("notice", Notice{Tone: evil, Word: evil, Text: evil}) },
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
