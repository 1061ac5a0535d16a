package portfolio

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"steward/internal/platform/access"
	"steward/internal/platform/measure"
	"steward/internal/platform/web"
)

// recordPage is what the pages of an application and of a unit show.
type recordPage struct {
	Notices      []web.Notice
	Figures      []web.Amount
	Parts        []Part
	PartsTitle   string
	PartsHref    string // list of all components; empty for none
	Units        []Unit // directly beneath
	Applications []Application
	More         int64  // applications that are not shown
	AllHref      string // list of all applications
	About        []web.Fact
	Belongs      []Unit // of an application, from the highest to its own
	Before       []Membership
	IsUnit       bool
	Panels       []web.DrawnPanel // that other features bring
}

const shownApplications = 25

func (f *Feature) applicationPage(r *web.Request) (web.Page, error) {
	one, err := f.Find(r.Context(), r.Viewer, r.PathValue("id"))
	if err != nil {
		return web.Page{}, err
	}
	components := "/application-components?key=" + url.QueryEscape(one.Key)
	data := recordPage{Parts: one.Parts, Belongs: one.Units, Before: one.Before, PartsHref: components, About: about(one), Figures: amounts(one.Figures, components)}
	if !one.Gone.IsZero() {
		data.Notices = append(data.Notices, web.Notice{Tone: "info", Word: "Gone", Text: "The last complete file of applications does not name it."})
	}
	page := web.Page{
		Title: one.Name, Lede: one.Key, Crumbs: []web.Crumb{{Label: string(web.Programme)}, {Label: "Applications", Href: "/applications"}},
		Template: "portfolio/record", Data: data, API: "/api/v1/applications/" + one.ID,
	}
	if one.Tier != "" {
		page.Badges = append(page.Badges, web.Badge{Word: one.Tier})
	}
	if one.Status != "" {
		page.Badges = append(page.Badges, web.Badge{Tone: statusTones[one.Status], Word: one.Status})
	}
	return f.withPanels(r, page, data, scopeOf("application", one.ID, one.Name))
}

// amounts are the figures as a ledger, each with the list that it counts.

func amounts(n Figures, components string) []web.Amount {
	if n.Repositories == 0 {
		return nil
	}
	link := func(rest string) string {
		if components == "" {
			return ""
		}
		return components + rest
	}
	return []web.Amount{
		{Label: "Components", Value: comma(n.Components), Href: link("")},
		{Label: "Repositories", Value: comma(n.Repositories)},
		{Label: "Without owner", Value: comma(n.NoOwner), Unit: "of " + comma(n.Components), Href: link("&owner=-")},
		{Label: "Licence unknown", Value: comma(n.NoLicence), Unit: "of " + comma(n.Components), Href: link("&licence=-")},
		{Label: "Packages", Value: comma(n.Packages)},
	}
}

// comma writes a number with separators.
func comma(n int64) string {
	digits := fmt.Sprint(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// about are the firm's words on an application.
func about(one ApplicationRecord) []web.Fact {
	from := fmt.Sprintf("%s, line %d", one.File, one.Line)
	fact := func(label, value string) web.Fact {
		if value == "" {
			return web.Fact{Label: label, Source: web.NotKnown, From: from + " does not say it"}
		}
		return web.Fact{Label: label, Value: value, Source: web.Written, From: from, At: one.Stated}
	}
	external := one.External
	if word, ok := externalWords[external]; ok {
		external = word
	}
	facts := []web.Fact{
		fact("Criticality tier", one.Tier), fact("Status", one.Status), fact("Externally facing", external), fact("Data class", one.DataClass),
		fact("Owner", ownerWord(one.Application)), fact("Cost centre", one.CostCentre), fact("Unit", unitNames(one.Units)),
	}
	if one.From != "" {
		facts = append(facts, fact("In its unit since", one.From))
	}
	if one.To != "" {
		facts = append(facts, fact("In its unit until", one.To))
	}
	return facts
}

func unitNames(all []Unit) string {
	names := make([]string, len(all))
	for i, u := range all {
		names[i] = u.Name
	}
	return strings.Join(names, " / ")
}

// withPanels completes the page of an application or a unit with the panels that other features bring.
func (f *Feature) withPanels(r *web.Request, page web.Page, data recordPage, scope measure.Scope) (web.Page, error) {
	return web.WithPanels(f.server, r, page, f.panels, scope, scope.Href, func(page web.Page, panels []web.DrawnPanel) (web.Page, error) {
		data.Panels = panels
		page.Data = data
		return page, nil
	})
}

func (f *Feature) unitPage(r *web.Request) (web.Page, error) {
	one, err := f.Unit(r.Context(), r.Viewer, r.PathValue("id"))
	if err != nil {
		return web.Page{}, err
	}
	data := recordPage{IsUnit: true, Units: one.Below, Figures: amounts(one.Figures, "")}
	if data.Applications, err = f.applicationsOf(r.Context(), r.Viewer, one.ID, shownApplications); err != nil {
		return web.Page{}, err
	}
	data.More = one.Applications - int64(len(data.Applications))
	data.AllHref = "/applications?unit=" + url.QueryEscape(one.Name)
	if !one.Gone.IsZero() {
		data.Notices = append(data.Notices, web.Notice{Tone: "info", Word: "Gone", Text: "The last complete file of applications does not name it."})
	}
	data.About = []web.Fact{
		{Label: "Kind", Value: kindWords[one.Kind]},
		{Label: "Part of", Value: unitNames(one.Above), Source: web.Written, From: fmt.Sprintf("%s, line %d", one.File, one.Line), At: one.Stated},
	}
	page := web.Page{
		Title: one.Name, Crumbs: []web.Crumb{{Label: string(web.People)}, {Label: "Units", Href: "/units"}}, Badges: []web.Badge{{Word: kindWords[one.Kind]}},
		Template: "portfolio/record", Data: data, API: "/api/v1/units/" + one.ID,
	}
	for _, u := range one.Above {
		page.Crumbs = append(page.Crumbs, web.Crumb{Label: u.Name, Href: "/units/" + u.ID})
	}
	return f.withPanels(r, page, data, scopeOf("unit", one.ID, one.Name))
}

// panel is what the page of a component shows of its applications.
type panel struct {
	Applications []Application
	More         int64 // that are not shown
}

// How many applications a panel shows, on the overview and on its own page.
const (
	shortPanel = 6
	longPanel  = 200
)

// ComponentPanel shows the applications of a component on its page; of says which component it is.
func ComponentPanel[C any](f *Feature, of func(C) int64) web.Panel[C] {
	return web.Panel[C]{
		ID: "applications", Title: "Applications", Order: 15,
		Show: func(ctx context.Context, v access.Viewer, c C) (string, bool) {
			n, err := f.countOfComponent(ctx, v, of(c))
			return comma(n), err == nil && n > 0
		},
		Render: func(ctx context.Context, v access.Viewer, c C, long bool) (string, any, error) {
			limit := shortPanel
			if long {
				limit = longPanel
			}
			n, err := f.countOfComponent(ctx, v, of(c))
			if err != nil {
				return "", nil, err
			}
			all, err := f.ofComponent(ctx, v, of(c), limit)
			return "portfolio/panel", panel{Applications: all, More: n - int64(len(all))}, err
		},
	}
}
