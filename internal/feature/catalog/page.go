package catalog

import (
	"context"
	"net/url"
	"strings"

	"steward/internal/feature/catalog/ownership"
	"steward/internal/feature/catalog/value"
	"steward/internal/platform/access"
	"steward/internal/platform/web"
)

// componentView is the overview of one component.
type componentView struct {
	Component Component
	Notices   []web.Notice
	About     []web.Fact
	Panels    []web.DrawnPanel
	Users     []Component
	UsersMore int
	UsedBy    []Related
	HasUsers  bool
}

func (f *Feature) componentPage(r *web.Request) (web.Page, error) {
	c, err := f.ComponentByUID(r.Context(), r.Viewer, r.PathValue("id"))
	if err != nil {
		return web.Page{}, err
	}
	page := web.Page{
		Title: c.Name, Badges: badges(c), API: "/api/v1/components/" + c.UID,
		Crumbs: []web.Crumb{{Label: "Estate"}, {Label: "Components", Href: "/components"}},
	}
	if page.About, err = f.about(r.Context(), r.Viewer, c); err != nil {
		return web.Page{}, err
	}
	if c.Gone.IsZero() {
		page.Actions = []web.Action{{Label: "Graph", Icon: "graph", Href: "/graph?of=component:" + c.UID}}
	}
	if c.Description.Value != "" {
		page.Lede = c.Description.Value
	}
	if r.Viewer.Can(access.LinkRecords) && c.Gone.IsZero() {
		page.Actions = append(page.Actions, web.Action{Label: "Assign owner", Icon: "team", Href: "/components/assign?pick=" + c.UID, Main: c.Owner.State == ownership.NoOwner || c.Owner.State == ownership.Disputed})
	}
	return web.WithPanels(f.server, r, page, f.panels, c, "/components/"+c.UID, func(page web.Page, panels []web.DrawnPanel) (web.Page, error) {
		view := componentView{Component: c, Notices: f.notices(r.Viewer, c), About: page.About, Panels: panels}
		if err := f.usedBy(r.Context(), r.Viewer, &view); err != nil {
			return web.Page{}, err
		}
		page.Template, page.Data, page.About = "catalog/component", view, nil
		return page, nil
	})
}

func badges(c Component) []web.Badge {
	word := c.Type.Value
	if word == "" {
		word = "component"
	}
	all := []web.Badge{{Word: word}}
	if c.Lifecycle.Value != "" {
		all = append(all, web.Badge{Tone: lifeTones[c.Lifecycle.Value], Word: c.Lifecycle.Value})
	}
	if c.Visibility == access.Restricted {
		all = append(all, web.Badge{Tone: "warn", Word: "restricted"})
	}
	return all
}

func (f *Feature) notices(v access.Viewer, c Component) []web.Notice {
	var all []web.Notice
	if !c.Gone.IsZero() {
		all = append(all, web.Notice{Tone: "warn", Word: "Gone", Text: "Its repository has it no more. What is shown is from the last reading that found it."})
	}
	if c.Owner.State == ownership.Disputed && c.Gone.IsZero() {
		n := web.Notice{Tone: "info", Word: "Settle", Text: "Two sources name different owners."}
		if v.Can(access.LinkRecords) {
			n.Action = web.Action{Label: "Choose one", Href: "/components/" + c.UID + "/owners"}
		}
		all = append(all, n)
	}
	return all
}

// about is the right column.
func (f *Feature) about(ctx context.Context, v access.Viewer, c Component) ([]web.Fact, error) {
	owner := web.Fact{Label: "Owner", Source: ownerMark(c.Owner), From: c.Owner.From}
	switch {
	case c.Owner.State == ownership.NoOwner:
		owner.Value, owner.From = "No owner", "no source names one clearly"
	case c.Owner.State == ownership.Confirmed:
		owner.From = "confirmed in Steward"
	case c.Owner.State == ownership.Inferred:
		owner.From = "by who changed it"
	}
	if c.Owner.Name != "" {
		owner.Value = c.Owner.Name
		var uid string
		if c.Owner.TeamID != 0 {
			if err := f.db.QueryRow(ctx, `SELECT t.uid FROM team t WHERE t.id = $1 AND `+visibleTeam(v), c.Owner.TeamID).Scan(&uid); err == nil {
				owner.Href = "/teams/" + uid
			}
		}
	}
	if c.Owner.Stale(f.p.Now()) {
		owner.From = strings.TrimPrefix(owner.From+", not seen for a year", ", ")
	}
	where := c.RepositoryName
	if c.Root != "" {
		where += "/" + c.Root
	}
	all := []web.Fact{owner, stated("Kind", c.Type, c.why("type")), stated("Lifecycle", c.Lifecycle, c.why("lifecycle"))}
	system := stated("Part of", c.System, c.why("system"))
	if c.System.Value != "" {
		system.Value = strings.TrimPrefix(c.System.Value, "system:default/")
		system.Href = f.entityHref(ctx, v, c.System.Value)
		all = append(all, system)
	}
	all = append(all,
		c.spoken(), licensed(c.Licence, c.why("licence")),
		web.Fact{Label: "Repository", Value: where, Href: "/repositories/" + c.RepositoryUID, Source: web.Measured, From: c.Branch + " at " + c.Commit[:min(7, len(c.Commit))], At: c.Read})
	if c.Project != "" {
		all = append(all, web.Fact{Label: "Published as", Value: c.Project, Source: web.Written, From: c.Manifest})
	}
	if len(c.Tags) > 0 {
		all = append(all, web.Fact{Label: "Tags", Value: strings.Join(c.Tags, ", "), Source: web.Written, From: c.Entry})
	}
	return all, nil
}

// spoken is the language of the component.
func (c Component) spoken() web.Fact {
	s := Stated{Value: c.Language, Basis: string(web.Measured), From: "by bytes"}
	if c.isCorrected("language") {
		s.Basis, s.From = string(web.Corrected), value.From
	}
	return known("Language", s, c.why("language"), "nothing found")
}

func licensed(s Stated, why string) web.Fact {
	fact := known("Licence", s, why, "no licence file or manifest names one")
	if fact.Source == web.NotKnown {
		fact.Value = "None found"
	}
	return fact
}

func stated(label string, s Stated, why string) web.Fact {
	return known(label, s, why, "no catalogue entry says it")
}

// known is a value with its origin, which leads to why; none is what stands there for one that no source says.
func known(label string, s Stated, why, none string) web.Fact {
	fact := web.Fact{Label: label, Value: s.Value, Source: web.Source(s.Basis), From: s.From, Where: why}
	if s.Value == "" && fact.Source != web.Corrected {
		fact.Source, fact.From = web.NotKnown, none
	}
	return fact
}

// entityHref is the page of an entity by its ref; empty when none is known.
func (f *Feature) entityHref(ctx context.Context, v access.Viewer, ref string) string {
	var uid string
	if err := f.db.QueryRow(ctx, `SELECT e.uid FROM entity e JOIN repository r ON r.id = e.repository_id WHERE e.ref = $1 AND r.joined_into = 0 AND `+v.Where("r.visibility")+` ORDER BY e.uid LIMIT 1`, ref).Scan(&uid); err != nil {
		return ""
	}
	return "/entities/" + uid
}

// usedBy fills the column on who uses the component: by packages and by entries.
func (f *Feature) usedBy(ctx context.Context, v access.Viewer, view *componentView) error {
	users, total, err := f.users(ctx, v, view.Component, short)
	if err != nil {
		return err
	}
	view.Users, view.UsersMore = users, max(0, total-len(users))
	all, err := f.relations(ctx, v, view.Component.Ref)
	if err != nil {
		return err
	}
	for _, one := range all {
		if one.Type == "dependencyOf" && len(view.UsedBy) < short {
			view.UsedBy = append(view.UsedBy, one)
		}
	}
	view.HasUsers = len(view.Users)+len(view.UsedBy) > 0
	return nil
}

// entityView is the page of one catalogue entry.
type entityView struct {
	Entity Entity
	Groups []relationGroup
	About  []web.Fact
}

func (f *Feature) entityPage(r *web.Request) (web.Page, error) {
	e, err := f.EntityByUID(r.Context(), r.Viewer, r.PathValue("id"))
	if err != nil {
		return web.Page{}, err
	}
	all, err := f.relations(r.Context(), r.Viewer, e.Ref)
	if err != nil {
		return web.Page{}, err
	}
	from := ownership.Place(e.File, e.Line)
	written := func(label, value string) web.Fact {
		if value == "" {
			return web.Fact{Label: label, Source: web.NotKnown, From: "not written"}
		}
		return web.Fact{Label: label, Value: value, Source: web.Written, From: from}
	}
	view := entityView{Entity: e, Groups: groupRelations(all, true), About: []web.Fact{
		written("Reference", e.Ref), written("Owner", e.Owner), written("Type", e.Type), written("Lifecycle", e.Lifecycle),
		{Label: "Repository", Value: e.RepositoryName, Href: "/repositories/" + e.RepositoryUID, Source: web.Measured, From: e.File},
	}}
	title := e.Name
	if e.Title != "" {
		title = e.Title
	}
	page := web.Page{
		Title: title, Badges: []web.Badge{{Word: strings.ToLower(e.Kind)}}, Template: "catalog/entity", Data: view, API: "/api/v1/entities/" + e.UID,
		Crumbs: []web.Crumb{{Label: "Estate"}, {Label: "Components", Href: "/components"}, {Label: "Catalogue entries", Href: "/entities"}},
	}
	if e.Description != "" {
		page.Lede = e.Description
	}
	if e.ComponentUID != "" {
		page.Actions = []web.Action{{Label: "Component", Icon: "component", Href: "/components/" + e.ComponentUID}}
	}
	return page, nil
}

func queryEscape(s string) string { return url.QueryEscape(s) }
