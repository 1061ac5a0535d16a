package web

import (
	"regexp"
	"testing"

	"github.com/jba/templatecheck"

	"steward/internal/platform/web/table"
)

// TestTemplatesFitTheirValues checks every template of the shell against the type it is drawn with.
func TestTemplatesFitTheirValues(t *testing.T) {
	s := New(Config{})
	if len(s.problems) > 0 {
		t.Fatal(s.problems)
	}
	types := map[string]any{
		"shell.tmpl": shell{}, "home.tmpl": homeView{}, "list.tmpl": table.View{}, "search.tmpl": searchView{}, "suggest.tmpl": searchView{},
		"error.tmpl": failure{}, "failure.tmpl": failure{}, "side": navigation{}, "place": place{}, "account": shell{}, "help": true, "homepanel": panelView{}, "panel.tmpl": DrawnPanel{},
		"view.tmpl": nameForm{}, "narrowing": []Narrowing(nil), "saved": &table.Saved{}, "rows": table.View{}, "filter": table.Pill{}, "choices": table.Pill{},
	}
	for _, one := range s.shell.Templates() {
		if one.Name() == "" {
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
