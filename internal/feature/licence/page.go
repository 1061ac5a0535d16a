package licence

import (
	"context"
	"fmt"
	"net/url"

	"steward/internal/format/spdx"
	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
)

// Licence is one licence as the estate has it.
type Licence struct {
	Key          Key              `json:"licence"`
	Title        string           `json:"title"`
	Name         string           `json:"name,omitempty"`
	OSI          bool             `json:"osi_approved"`
	Retired      bool             `json:"retired"` // the SPDX list has retired the id
	Repositories int64            `json:"repositories"`
	Components   int64            `json:"components"`
	Disputes     int64            `json:"disputed"`
	Places       int64            `json:"places"`    // files and declarations that name it, deciding or not
	Certainties  map[string]int64 `json:"certainty"` // components by certainty
	Uses         string           `json:"uses"`      // address of the list of them
}

// Find returns one licence, counted over what the viewer may see. One that no
// repository has or mentions is fault.NotFound.
func (f *Feature) Find(ctx context.Context, v access.Viewer, key Key) (Licence, error) {
	l := Licence{Key: key, Title: key.Title(), Name: key.Name(), Certainties: map[string]int64{}, Uses: "/api/v1/licence-uses?licence=" + url.QueryEscape(string(key))}
	if one, ok := spdx.Find(string(key)); ok {
		l.OSI, l.Retired = one.OSI, one.Deprecated
	}
	from := ` FROM component_licence c JOIN repository r ON r.id = c.repository_id WHERE c.licence = $1 AND r.joined_into = 0 AND ` + v.Where("r.visibility")
	err := f.db.QueryRow(ctx, `SELECT COUNT(DISTINCT c.repository_id), COUNT(*), COALESCE(SUM(CASE WHEN c.dispute <> '' THEN 1 ELSE 0 END), 0)`+from, string(key)).
		Scan(&l.Repositories, &l.Components, &l.Disputes)
	if err != nil {
		return l, fmt.Errorf("find licence: %w", err)
	}
	err = f.db.QueryRow(ctx, `SELECT COUNT(*) FROM licence_file l JOIN repository r ON r.id = l.repository_id WHERE l.licence = $1 AND r.joined_into = 0 AND `+v.Where("r.visibility"), string(key)).Scan(&l.Places)
	if err != nil {
		return l, fmt.Errorf("find licence: %w", err)
	}
	if l.Components == 0 && l.Places == 0 {
		return l, fault.New(fault.NotFound, "No repository that you may see has this licence.")
	}
	rows, err := f.db.Query(ctx, `SELECT c.certainty, COUNT(*)`+from+` GROUP BY c.certainty`, string(key))
	if err != nil {
		return l, fmt.Errorf("count certainties: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var word string
		var n int64
		if err := rows.Scan(&word, &n); err != nil {
			return l, fmt.Errorf("count certainties: %w", err)
		}
		l.Certainties[word] = n
	}
	return l, rows.Err()
}

// Use is one component that has a licence.
type Use struct {
	Answer
	Repository string // name
	UID        string
}

// shownUses is how many components the licence page shows; the list has all.
const shownUses = 25

// Uses lists at most limit components with a licence, whole repositories first.
func (f *Feature) Uses(ctx context.Context, v access.Viewer, key Key, limit int) ([]Use, error) {
	all, err := store.Collect(func(row store.Scanner) (Use, error) {
		var u Use
		a := &u.Answer
		err := row.Scan(&u.Repository, &u.UID, &a.Root, &a.Licence, &a.Basis, &a.Certainty, &a.File, &a.Line, &a.Matched, &a.Why, &a.Dispute)
		return u, err
	})(f.db.Query(ctx, `SELECT r.name, r.uid, `+answerColumns+` FROM component_licence c JOIN repository r ON r.id = c.repository_id
		WHERE c.licence = $1 AND r.joined_into = 0 AND `+v.Where("r.visibility")+` ORDER BY CASE WHEN c.root = '' THEN 0 ELSE 1 END, r.name, r.id, c.root LIMIT $2`, string(key), limit))
	if err != nil {
		return nil, fmt.Errorf("list who has a licence: %w", err)
	}
	return all, nil
}

// licencePage is the page of one licence.
type licencePage struct {
	Licence Licence
	Notices []web.Notice
	Known   []web.Part
	Uses    []useRow
	All     string // address of the list of all uses
	Files   string // address of the list of all places
	More    int64  // uses that are not shown
	About   []web.Fact
}

// useRow is a component as tables show it.
type useRow struct {
	Use
	Tone, Word string
	Share      string // of the text that licences explain; empty when there is no text
}

func rowOf(u Use) useRow {
	row := useRow{Use: u, Tone: certaintyTones[string(u.Certainty)], Word: certaintyWords[string(u.Certainty)]}
	if u.Matched > 0 {
		row.Share = fmt.Sprintf("%.0f %%", 100*u.Matched)
	}
	return row
}

func (f *Feature) licencePage(r *web.Request) (web.Page, error) {
	key := Key(r.PathValue("id"))
	one, err := f.Find(r.Context(), r.Viewer, key)
	if err != nil {
		return web.Page{}, err
	}
	uses, err := f.Uses(r.Context(), r.Viewer, key, shownUses)
	if err != nil {
		return web.Page{}, err
	}
	query := "?licence=" + url.QueryEscape(string(key))
	data := licencePage{Licence: one, All: "/licence-uses" + query, Files: "/licence-files" + query, More: one.Components - int64(len(uses)), Notices: notices(one), About: about(one)}
	for _, u := range uses {
		data.Uses = append(data.Uses, rowOf(u))
	}
	for _, c := range certaintyChoices {
		if n := one.Certainties[c.Value]; n > 0 {
			data.Known = append(data.Known, web.Part{Name: c.Label, Value: float64(n), Href: data.All + "&certainty=" + c.Value})
		}
	}
	return web.Page{
		Title: one.Title, Lede: one.Name, Badges: badges(one),
		Crumbs:   []web.Crumb{{Label: "Estate"}, {Label: "Licences", Href: "/licences"}},
		Template: "licence/licence", Data: data, API: "/api/v1" + key.page(),
	}, nil
}

func badges(l Licence) []web.Badge {
	all := []web.Badge{{Word: "licence"}}
	if _, restricted := l.Key.Base(); restricted {
		all = []web.Badge{{Tone: "bad", Word: "changed text"}}
	}
	if l.Key == Unknown || l.Key == None {
		all = nil
	}
	if l.Retired {
		all = append(all, web.Badge{Tone: "warn", Word: "retired id"})
	}
	return all
}

// notices say what an answer that is no licence means.
func notices(l Licence) []web.Notice {
	var all []web.Notice
	switch base, restricted := l.Key.Base(); {
	case restricted:
		all = append(all, web.Notice{Tone: "warn", Word: "Not " + base, Text: "The text begins as " + base + " and then takes something back. It is not that licence; have it read before the code is used or given away."})
	case l.Key == Unknown:
		all = append(all, web.Notice{Tone: "info", Word: "Unknown", Text: "There is a text or a declaration, but which licence it is could not be told. Somebody has to read it."})
	case l.Key == None:
		all = append(all, web.Notice{
			Tone: "info", Word: "None", Text: "Nobody outside may use code without a licence. That is as it should be for internal code; it matters where the code is public, shared, or holds code of others.",
			Action: web.Action{Label: "Show where it matters", Href: mattersHref},
		})
	}
	if l.Components == 0 {
		places := fmt.Sprintf("%d places", l.Places)
		if l.Places == 1 {
			places = "one place"
		}
		all = append(all, web.Notice{
			Tone: "info", Word: "Mentioned", Text: "Nothing is under this licence alone. It is written in " + places + ", as one of several or for a part of the code.",
			Action: web.Action{Label: "Show the places", Href: "/licence-files?licence=" + url.QueryEscape(string(l.Key))},
		})
	}
	if l.Disputes > 0 {
		text := fmt.Sprintf("In %d parts of repositories the manifest and the licence file differ.", l.Disputes)
		if l.Disputes == 1 {
			text = "In one part of a repository the manifest and the licence file differ."
		}
		all = append(all, web.Notice{
			Tone: "warn", Word: "Disputed", Text: text,
			Action: web.Action{Label: "Show them", Href: "/licence-uses?disputed=yes&licence=" + url.QueryEscape(string(l.Key))},
		})
	}
	return all
}

func about(l Licence) []web.Fact {
	list := "no"
	if l.OSI {
		list = "yes"
	}
	facts := []web.Fact{
		{Label: "Repositories", Value: fmt.Sprint(l.Repositories), Source: web.Measured},
		{Label: "Parts", Value: fmt.Sprint(l.Components), Href: "/licence-uses?licence=" + url.QueryEscape(string(l.Key)), Source: web.Measured},
	}
	if _, ok := spdx.Find(string(l.Key)); ok {
		facts = append([]web.Fact{{Label: "SPDX id", Value: string(l.Key)}, {Label: "Approved by the OSI", Value: list, From: "SPDX licence list"}}, facts...)
	}
	return facts
}

// asked is a licence as programs ask for it.
type asked struct {
	ID string `path:"id" doc:"Key of the licence, such as MIT or changed:MIT"`
}

func (f *Feature) licenceOf(ctx context.Context, v access.Viewer, in *asked) (Licence, error) {
	return f.Find(ctx, v, Key(in.ID))
}

const mattersHref = "/licence-uses?licence=none&matters=public&matters=shared&matters=third&whole=yes"

// attention names repositories without a licence where one is needed, licences
// with added restrictions, and disputes.
func (f *Feature) attention(ctx context.Context, v access.Viewer) ([]web.Item, error) {
	var public, shared, third, changes, disputes int64
	err := f.db.QueryRow(ctx, `SELECT COALESCE(SUM(CASE WHEN matters = 'public' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN matters = 'shared' THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN matters = 'third' THEN 1 ELSE 0 END), 0)
		FROM (SELECT `+matters(f.shared)+` AS matters FROM component_licence c JOIN repository r ON r.id = c.repository_id
		WHERE c.root = '' AND c.licence = 'none' AND r.joined_into = 0 AND `+v.Where("r.visibility")+`) without`).Scan(&public, &shared, &third)
	if err != nil {
		return nil, fmt.Errorf("count repositories without a licence: %w", err)
	}
	err = f.db.QueryRow(ctx, `SELECT COUNT(DISTINCT CASE WHEN c.licence LIKE 'changed:%' THEN c.licence END), COALESCE(SUM(CASE WHEN c.dispute <> '' THEN 1 ELSE 0 END), 0)
		FROM component_licence c JOIN repository r ON r.id = c.repository_id WHERE r.joined_into = 0 AND `+v.Where("r.visibility")).Scan(&changes, &disputes)
	if err != nil {
		return nil, fmt.Errorf("count disputed licences: %w", err)
	}
	return []web.Item{
		{Urgency: web.Look, Count: public + shared + third, Title: "Repositories without a licence where one is needed", Reason: whyMatters(public, shared, third), Href: mattersHref, Step: "Add a licence"},
		{Urgency: web.Look, Count: changes, Title: "Licences with added restrictions", Reason: "the text is not the plain licence", Href: "/licences?kind=changed", Step: "Read the text"},
		{Urgency: web.Settle, Count: disputes, Title: "Disputed licences", Reason: "manifest and licence file differ", Href: "/licence-uses?disputed=yes", Step: "Settle which"},
	}, nil
}

func whyMatters(public, shared, third int64) string {
	text := ""
	for _, part := range []struct {
		n    int64
		word string
	}{{public, "on a public host"}, {shared, "used by others"}, {third, "with third-party code"}} {
		if part.n == 0 {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf("%d %s", part.n, part.word)
	}
	return text
}
