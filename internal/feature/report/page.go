package report

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"steward/internal/feature/report/history"
	"steward/internal/feature/report/sheet"
	"steward/internal/platform/access"
	"steward/internal/platform/measure"
	"steward/internal/platform/web"
	"steward/internal/platform/web/piece"
)

// shown is what page/report.tmpl and page/document.tmpl show.
type shown struct {
	Sheet   *sheet.Sheet
	Notices []web.Notice
}

// inScopeOf is an address of the report in a scope.
func inScopeOf(path string, s measure.Scope) string {
	if s.Whole() {
		return path
	}
	return path + "?scope=" + url.QueryEscape(s.Ref)
}

// frame is what both pages of the report have around them.
func (f *Feature) frame(s measure.Scope, title string, current int) web.Page {
	page := web.Page{Title: title, Crumbs: []web.Crumb{{Label: string(web.Programme)}}}
	page.Tabs = []web.Tab{{Label: "Sheet", Href: inScopeOf("/report", s)}, {Label: "Over time", Href: inScopeOf("/report/over-time", s)}}
	page.Tabs[current].Current = true
	return page
}

func (f *Feature) page(r *web.Request) (web.Page, error) {
	scope, err := f.scope(r.Context(), r.Viewer, r.URL.Query().Get("scope"))
	if err != nil {
		return web.Page{}, err
	}
	s, err := f.quick(r.Context(), r.Viewer, scope, pageWaits)
	if err != nil {
		return web.Page{}, err
	}
	data := shown{Sheet: s}
	if missing := s.Missing(); len(missing) > 0 {
		names := make([]string, len(missing))
		for i, one := range missing {
			names[i] = one.Title
		}
		data.Notices = append(data.Notices, web.Notice{Tone: "info", Word: "Partial", Text: "Nothing is here of: " + strings.Join(names, ", ") + ". Each says why."})
	}
	title := "Measures of the estate"
	if !scope.Whole() {
		title = "Measures of " + scope.Name
	}
	page := f.frame(scope, title, 0)
	page.Template, page.Data, page.API = "report/report", data, inScopeOf("/api/v1/report", scope)
	for _, format := range f.formats() {
		page.Export = append(page.Export, web.Action{Label: "This sheet as " + strings.ToUpper(format.Name), Href: inScopeOf("/report."+format.Name, scope)})
	}
	page.Export = append(page.Export, web.Action{Label: "This sheet as JSON", Href: inScopeOf("/report.json", scope)})
	return page, nil
}

// address is where the hub was asked, for the links of files that leave it.
func address(r *web.Request) string {
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// taken is the sheet for a file that somebody downloads.
func (f *Feature) taken(r *web.Request) (*sheet.Sheet, error) {
	s, err := f.Take(r.Context(), r.Viewer, r.URL.Query().Get("scope"))
	if err == nil {
		s.Base = address(r)
	}
	return s, err
}

func (f *Feature) send(format Format) func(http.ResponseWriter, *web.Request) error {
	return func(w http.ResponseWriter, r *web.Request) error {
		s, err := f.taken(r)
		if err != nil {
			return err
		}
		var out bytes.Buffer
		if err := format.Write(&out, s); err != nil {
			return err
		}
		return sendFile(w, format.Type, fileName(s, format.Name), out.Bytes())
	}
}

func (f *Feature) sendJSON(w http.ResponseWriter, r *web.Request) error {
	s, err := f.taken(r)
	if err != nil {
		return err
	}
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("write the report as JSON: %w", err)
	}
	return sendFile(w, "application/json", fileName(s, "json"), append(out, '\n'))
}

func sendFile(w http.ResponseWriter, kind, name string, body []byte) error {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = w.Write(body) // whoever asked has gone away; there is nobody to tell
	return nil
}

// Panel shows the sheet of a part of the estate in short on the page of that part.
func (f *Feature) Panel() web.Panel[measure.Scope] {
	return web.Panel[measure.Scope]{
		ID: "measures", Title: "Measures", Order: 90,
		Show: func(_ context.Context, v access.Viewer, _ measure.Scope) (string, bool) {
			return "", v.Can(access.ReadEstate)
		},
		Render: func(ctx context.Context, v access.Viewer, s measure.Scope, long bool) (string, any, error) {
			if long {
				one, err := f.quick(ctx, v, s, pageWaits)
				return "report/report", shown{Sheet: one}, err
			}
			one, err := f.quick(ctx, v, s, 0)
			return "report/panel", one, err
		},
	}
}

// course is what page/course.tmpl shows.
type course struct {
	State    web.State
	Days     []string
	Families []family
}

// family is numbers that belong together, over time.
type family struct {
	ID, Title, Note string
	Lines           []line
}

type line struct {
	Label, Href string
	Series      []float64
	Sentence    string
	Values      []string // "" is not kept
	last        int64
}

// familyNames are the families in their order, with how many of each are shown.
var familyNames = []struct {
	id, title string
	n         int
}{
	{"language", "Languages, by repositories", 12},
	{"build", "Build tools, by repositories", 12},
	{"ci", "Continuous integration, by repositories", 8},
	{"container", "Containers, by repositories", 8},
	{"practice", "Practices, by repositories", 8},
	{"package", "Most used packages, by components that name them", 12},
}

func (f *Feature) coursePage(r *web.Request) (web.Page, error) {
	scope, err := f.scope(r.Context(), r.Viewer, r.URL.Query().Get("scope"))
	if err != nil {
		return web.Page{}, err
	}
	kept, err := history.Of(r.Context(), f.db, r.Viewer, scope)
	if err != nil {
		return web.Page{}, err
	}
	now, err := f.quick(r.Context(), r.Viewer, scope, pageWaits)
	if err != nil {
		return web.Page{}, err
	}
	title := "The estate over time"
	if !scope.Whole() {
		title = scope.Name + " over time"
	}
	page := f.frame(scope, title, 1)
	page.Template, page.Data, page.API = "report/course", courseOf(kept, now), inScopeOf("/api/v1/report/over-time", scope)
	page.Lede = "The last day of each month that is kept."
	return page, nil
}

// courseOf draws what is kept; now says how figures are called.
func courseOf(kept history.Course, now *sheet.Sheet) course {
	c := course{Days: kept.Days}
	switch {
	case kept.First == "" && now.Scope.Kind == "application":
		c.State = web.State{Title: "Nothing is kept of applications", Text: "Numbers are kept each day of the whole estate and of its units."}
	case kept.First == "":
		c.State = web.State{Title: "Nothing is kept yet", Text: "Numbers are kept once a day, from the day on which everything given has been read once. None is worked out for days before."}
	case len(kept.Days) < 2:
		c.State = web.State{Title: "One day is kept", Text: "Numbers are kept since " + piece.Day(kept.First) + ". How they change is seen from the second day on."}
	}
	for _, s := range now.Sections {
		one := family{ID: s.ID, Title: s.Title}
		for _, figure := range s.Figures {
			for _, l := range kept.Lines {
				if l.Group == sheet.Figures && l.Name == figure.Key {
					one.Lines = append(one.Lines, lineOf(l, figure))
				}
			}
		}
		if len(one.Lines) > 0 {
			c.Families = append(c.Families, one)
		}
	}
	for _, name := range familyNames {
		one := family{ID: name.id, Title: name.title}
		for _, l := range kept.Lines {
			if l.Group == name.id {
				one.Lines = append(one.Lines, lineOf(l, sheet.Figure{}))
			}
		}
		slices.SortStableFunc(one.Lines, func(a, b line) int { return cmp.Compare(b.last, a.last) })
		if left := len(one.Lines) - name.n; left > 0 {
			one.Lines, one.Note = one.Lines[:name.n], "the first "+piece.Number(int64(name.n))+" of "+piece.Number(int64(len(one.Lines)))
		}
		if len(one.Lines) > 0 {
			c.Families = append(c.Families, one)
		}
	}
	return c
}

func lineOf(l history.Line, known sheet.Figure) line {
	out := line{Label: l.Name}
	if known.Label != "" {
		out.Label, out.Href = known.Label, known.Number.Href
	}
	for _, v := range l.Values {
		if v == nil {
			out.Values = append(out.Values, "")
			continue
		}
		out.Values = append(out.Values, piece.Number(*v))
		out.Series = append(out.Series, float64(*v))
		out.last = *v
	}
	if n := len(out.Series); n > 1 {
		out.Sentence = fmt.Sprintf("%s: from %s to %s", out.Label, piece.Number(int64(out.Series[0])), piece.Number(int64(out.Series[n-1])))
	} else {
		out.Series = nil // one point is no course
	}
	return out
}
