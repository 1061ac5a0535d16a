package catalog

import (
	"context"
	"slices"
	"strconv"
	"time"

	"steward/internal/feature/catalog/confirmation"
	"steward/internal/feature/catalog/ownership"
	"steward/internal/feature/catalog/value"
	"steward/internal/feature/estate/correction"
	"steward/internal/feature/people"
	"steward/internal/platform/access"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
)

// short is how many rows a panel shows on the overview.
const short = 6

// ownersView is what the panel on owners shows.
type ownersView struct {
	Component Component
	Claims    []Claim
	More      int
	Teams     []Claim // those that may be chosen, when sources disagree
	Manage    bool
	Sentence  string
	Confirmed *confirmation.Confirmation // what a person confirmed, nil for nothing
}

func (f *Feature) ownersPanel() Panel {
	return Panel{
		ID: "owners", Title: "Owners", Order: 10,
		Show: func(context.Context, access.Viewer, Component) (string, bool) { return "", true },
		Render: func(ctx context.Context, v access.Viewer, c Component, long bool) (string, any, error) {
			claims, err := f.Claims(ctx, v, c)
			view := ownersView{Component: c, Claims: claims, Manage: v.Can(access.LinkRecords) && c.Gone.IsZero(), Sentence: f.ownerSentence(c, claims)}
			if err != nil {
				return "", nil, err
			}
			if one, ok, err := confirmation.Of(ctx, f.db, v, c.UID); err != nil {
				return "", nil, err
			} else if ok {
				view.Confirmed = &one
			}
			seen := map[int64]bool{}
			for _, one := range claims {
				if one.Decides && one.teamID != 0 && one.Source != steward && !one.Struck && !seen[one.teamID] {
					seen[one.teamID] = true
					view.Teams = append(view.Teams, one)
				}
			}
			if !long && len(claims) > short {
				view.Claims, view.More = claims[:short], len(claims)-short
			}
			return "catalog/owners", view, nil
		},
	}
}

// ownerSentence says in words how the owner is known, and whether it is still seen.
func (f *Feature) ownerSentence(c Component, claims []Claim) string {
	text := knownBy(c, claims)
	if c.Owner.Stale(f.p.Now()) {
		text += " Nobody who is known of it has changed anything in this repository for twelve months."
	}
	return text
}

func knownBy(c Component, claims []Claim) string {
	switch c.Owner.State {
	case ownership.Confirmed:
		return "It was confirmed here, and stays so through every reading."
	case ownership.Declared:
		return "Written in " + c.Owner.From + "."
	case ownership.Disputed:
		return "The sources name different teams. Until one is chosen the first of them is shown."
	case ownership.Inferred:
		return "No file names an owner. Who changed it speaks for one."
	}
	if len(claims) > 0 {
		return "Nobody is named clearly enough to be the owner."
	}
	return "No file names an owner, and no team changed it enough to speak for one."
}

// relationsView is what the panel on relations shows.
type relationsView struct {
	Component Component
	Groups    []relationGroup
	Users     []Component // by the packages they use
	UsersMore int
}

type relationGroup struct {
	Word string
	All  []Related
	More int
}

// relationOrder is in which order kinds of relations are shown.
var relationOrder = []string{"partOf", "hasPart", "dependsOn", "dependencyOf", "providesApi", "consumesApi", "apiProvidedBy", "apiConsumedBy", "childOf", "parentOf", "hasMember", "memberOf", "ownedBy", "ownerOf"}

func groupRelations(all []Related, long bool) []relationGroup {
	var groups []relationGroup
	for _, typ := range relationOrder {
		g := relationGroup{Word: relationWords[typ]}
		for _, one := range all {
			if one.Type == typ {
				g.All = append(g.All, one)
			}
		}
		if !long && len(g.All) > short {
			g.More, g.All = len(g.All)-short, g.All[:short]
		}
		if len(g.All) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

func (f *Feature) relationsPanel() Panel {
	return Panel{
		ID: "relations", Title: "Relations", Order: 50,
		Show: func(ctx context.Context, v access.Viewer, c Component) (string, bool) {
			all, err := f.relations(ctx, v, c.Ref)
			return strconv.Itoa(len(all)), err == nil && len(all) > 0
		},
		Render: func(ctx context.Context, v access.Viewer, c Component, long bool) (string, any, error) {
			all, err := f.relations(ctx, v, c.Ref)
			return "catalog/relations", relationsView{Component: c, Groups: groupRelations(all, long)}, err
		},
	}
}

// factRow is one fact of a component with its source.
type factRow struct {
	Name, Value string
	Mark        web.Source
	Word        string
	File        string
	Evidence    string
	Why         string // address of what is known of it; empty for what cannot be corrected
}

type factsView struct {
	Facts  []factRow
	More   int
	Commit string
	Read   time.Time
	Href   string
}

func (f *Feature) factsPanel() Panel {
	return Panel{
		ID: "facts", Title: "Facts", Order: 90,
		Show: func(_ context.Context, _ access.Viewer, c Component) (string, bool) {
			return strconv.Itoa(len(factRows(c))), true
		},
		Render: func(_ context.Context, _ access.Viewer, c Component, long bool) (string, any, error) {
			view := factsView{Facts: factRows(c), Commit: c.Commit, Read: c.Read, Href: "/components/" + c.UID + "/facts"}
			if !long && len(view.Facts) > short {
				view.Facts, view.More = view.Facts[:short], len(view.Facts)-short
			}
			return "catalog/facts", view, nil
		},
	}
}

var sourceWords = map[web.Source]string{web.Corrected: "corrected by people", web.Written: "written by people", web.Measured: "measured", web.Inferred: "inferred", web.Disputed: "sources disagree"}

func factRows(c Component) []factRow {
	var rows []factRow
	add := func(name, value string, mark web.Source, file, evidence string) {
		if c.isCorrected(name) {
			mark, file, evidence = web.Corrected, "", ""
			if value == "" {
				value = "not known"
			}
		}
		if value == "" {
			return
		}
		row := factRow{Name: name, Value: value, Mark: mark, Word: sourceWords[mark], File: file, Evidence: evidence}
		if slices.Contains(correctable, name) {
			row.Why = c.why(name)
		}
		rows = append(rows, row)
	}
	add("owner", c.Owner.Name, ownerMark(c.Owner), c.Owner.From, c.Owner.Source)
	add("type", c.Type.Value, web.Source(c.Type.Basis), fileOnly(c.Type), c.Type.From)
	add("lifecycle", c.Lifecycle.Value, web.Written, c.Lifecycle.From, "")
	add("system", c.System.Value, web.Written, c.System.From, "")
	add("name", c.Name, nameMark(c), c.Entry, "by its folder and manifest")
	add("title", c.Title, web.Written, c.Entry, "")
	add("description", c.Description.Value, web.Written, c.Description.From, "README")
	add("entity", c.Ref, web.Written, c.Entry, "")
	add("project", c.Project, web.Written, c.Manifest, "")
	add("language", c.Language, web.Measured, "", "by bytes")
	add("licence", c.Licence.Value, web.Source(c.Licence.Basis), c.Licence.From, "of its folder, else of the nearest above")
	add("files", strconv.FormatInt(c.Files, 10), web.Measured, "", "in its folder")
	return rows
}

var correctable = value.Names()

// why is the address of what is known of a value.
func (c Component) why(name string) string { return correction.Address("/components/"+c.UID, name) }

// fileOnly is the place of what is written; evidence of a guess is words.
func fileOnly(s Stated) string {
	if s.Basis == string(web.Written) {
		return s.From
	}
	return ""
}

func nameMark(c Component) web.Source {
	if c.Ref != "" {
		return web.Written
	}
	return web.Measured
}

func ownerMark(o Owner) web.Source {
	switch o.State {
	case ownership.Inferred:
		return web.Inferred
	case ownership.Disputed:
		return web.Disputed
	case ownership.NoOwner:
		return web.NotKnown
	}
	return web.Written
}

// ownsView is what a team's page shows of its components.
type ownsView struct {
	Components []Component
	Total      int64
	Href       string
}

// OwnsPanel shows on a team's page what the team owns. It needs no Feature, as
// people are made before the catalogue.
func OwnsPanel(p mount.Platform) people.Panel {
	count := func(ctx context.Context, v access.Viewer, team int64) (int64, error) {
		var n int64
		err := p.DB.QueryRow(ctx, `SELECT COUNT(*) FROM component c JOIN repository r ON r.id = c.repository_id WHERE c.owner_team_id = $1 AND `+here+` AND `+v.Where("r.visibility"), team).Scan(&n)
		return n, err
	}
	return people.Panel{
		ID: "owns", Title: "Owns", Order: 10,
		Show: func(ctx context.Context, v access.Viewer, t people.Team) (string, bool) {
			n, err := count(ctx, v, t.ID)
			return strconv.FormatInt(n, 10), err == nil
		},
		Render: func(ctx context.Context, v access.Viewer, t people.Team, long bool) (string, any, error) {
			limit := short
			if long {
				limit = 200
			}
			all, err := store.Collect(scanComponent)(p.DB.Query(ctx, componentSelect+` WHERE c.owner_team_id = $1 AND `+here+` AND `+v.Where("r.visibility")+` ORDER BY c.last_changed_at DESC, c.name, c.id LIMIT $2`, t.ID, limit))
			if err != nil {
				return "", nil, err
			}
			n, err := count(ctx, v, t.ID)
			return "catalog/owns", ownsView{Components: all, Total: n, Href: "/components?owner=" + queryEscape(t.Name())}, err
		},
	}
}
