package catalog

import (
	"context"
	"fmt"
	"time"

	"steward/internal/feature/catalog/claim"
	"steward/internal/feature/catalog/ownership"
	"steward/internal/feature/catalog/value"
	"steward/internal/feature/people"
	"steward/internal/platform/access"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
)

// steward is the source of what a person confirmed here.
const steward = "Steward"

// Claim is what one source says of a component's owner, as pages show it.
type Claim struct {
	State    string  `json:"state"`  // confirmed, declared, stale, inferred
	Source   string  `json:"source"` // catalog-info, CODEOWNERS, OWNERS, changes, Steward
	Kind     string  `json:"kind"`
	Name     string  `json:"name,omitempty"` // empty for a person whose name is not shown
	Href     string  `json:"-"`
	Team     string  `json:"team,omitempty"` // handle
	Share    float64 `json:"share,omitempty"`
	Decides  bool    `json:"decides"`
	File     string  `json:"file,omitempty"`
	Line     int     `json:"line,omitempty"`
	Note     string  `json:"note,omitempty"`
	Struck   bool    `json:"struck,omitempty"` // a correction in force says that it is not this team's
	Why      string  `json:"-"`                // address of what is known of the claim; empty for people
	teamID   int64
	personID int64
}

// Word is the state in words, Tone its tone, Mark where it comes from.
func (c Claim) Word() string {
	switch {
	case c.Struck:
		return "Said not to be theirs"
	case c.State == ownership.Stale:
		return "Not seen for a year"
	case !c.Decides:
		return "Does not decide"
	}
	return ownerWords[c.State]
}

// Tone is the tone in which the state is drawn.
func (c Claim) Tone() string {
	switch {
	case c.State == ownership.Stale:
		return "warn"
	case !c.Decides || c.Struck:
		return "none"
	}
	return ownerTones[c.State]
}

// Mark is the source mark.
func (c Claim) Mark() web.Source {
	if c.State == ownership.Inferred {
		return web.Inferred
	}
	return web.Written
}

// What is the claim's evidence in words.
func (c Claim) What() string {
	switch {
	case c.Note != "":
		return c.Note
	case c.Source == ownership.Codeowners && c.Share > 0:
		return fmt.Sprintf("owns %s of the files", shareWord(c.Share))
	case c.State == ownership.Confirmed:
		return "chosen by a person, stays through every reading"
	}
	return ""
}

func shareWord(share float64) string {
	switch {
	case share >= 0.995:
		return "all"
	case share < 0.01:
		return "under 1 %"
	}
	return fmt.Sprintf("%.0f %%", share*100)
}

// Claims lists what all sources say of a component's owner, the strongest
// first. Names of people are those that may be shown to the viewer.
func (f *Feature) Claims(ctx context.Context, v access.Viewer, c Component) ([]Claim, error) {
	all, err := store.Collect(func(row store.Scanner) (Claim, error) {
		var one Claim
		var line, decides, struck int64
		var handle, title, uid, written string
		err := row.Scan(&one.State, &one.Source, &one.Kind, &one.teamID, &one.personID, &one.Share, &decides, &one.File, &line, &one.Note, &written, &handle, &title, &uid, &struck)
		one.Decides, one.Line, one.Struck = decides != 0, int(line), struck != 0
		if one.Kind == ownership.Team {
			one.Team, one.Name = handle, title
			if one.Name == "" {
				one.Name = handle
			}
			if uid != "" {
				one.Href = "/teams/" + uid
				if one.Source != steward && one.Source != ownership.Imported && one.Decides {
					one.Why = c.why(value.OwnedBy(handle))
				}
			} else {
				one.Name = written
			}
		}
		return one, err
	})(f.db.Query(ctx, `SELECT state, source, kind, team_id, person_id, share, decides, file, line, note, written, handle, title, uid,
		CASE WHEN state <> 'confirmed' AND EXISTS (SELECT 1 FROM owner_strike k WHERE k.component_id = $1 AND k.team_id = claims.team_id) THEN 1 ELSE 0 END FROM (
		SELECT 'confirmed' AS state, '`+steward+`' AS source, 'team' AS kind, o.team_id, 0 AS person_id, 0.0 AS share, 1 AS decides, '' AS file, 0 AS line, '' AS note, '' AS written, COALESCE(t.handle, '') AS handle, COALESCE(t.title, '') AS title, COALESCE(t.uid, '') AS uid, 0 AS rank, 0 AS seq
		FROM owner_confirmation o LEFT JOIN team t ON t.id = o.team_id WHERE o.component_id = $1 AND o.ended_at = 0
		UNION ALL
		SELECT o.state, o.source, o.kind, o.team_id, o.person_id, o.share, o.decides, o.file, o.line, o.note, o.name, COALESCE(t.handle, ''), COALESCE(t.title, ''), COALESCE(t.uid, ''),
			CASE o.source WHEN 'catalog-info' THEN 1 WHEN 'CODEOWNERS' THEN 2 WHEN 'OWNERS' THEN 3 ELSE 5 END, o.seq
		FROM component_owner o JOIN repository r ON r.id = o.repository_id LEFT JOIN team t ON t.id = o.team_id WHERE o.component_id = $1 AND `+v.Where("r.visibility")+`
		UNION ALL `+claim.ImportedOf(v)+`) claims ORDER BY rank, decides DESC, seq`, c.ID))
	if err != nil {
		return nil, fmt.Errorf("list claims on the owner of %s: %w", c.UID, err)
	}
	if err := f.nameClaims(ctx, v, all); err != nil {
		return nil, err
	}
	return all, f.markStale(ctx, v, c, all)
}

// nameClaims gives people their names where they are shown.
func (f *Feature) nameClaims(ctx context.Context, v access.Viewer, all []Claim) error {
	var ids []int64
	for _, one := range all {
		if one.personID != 0 {
			ids = append(ids, one.personID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	names, err := f.people.Names(ctx, v, ids)
	if err != nil {
		return err
	}
	for i := range all {
		if p, ok := names[all[i].personID]; ok {
			all[i].Name, all[i].Href = p.Name, "/people/"+p.UID
		}
	}
	return nil
}

// markStale marks owners that are known, and changed nothing in the repository
// within twelve months.
func (f *Feature) markStale(ctx context.Context, v access.Viewer, c Component, all []Claim) error {
	var teams, persons []int64
	for _, one := range all {
		switch {
		case !one.Decides:
		case one.teamID != 0:
			teams = append(teams, one.teamID)
		case one.personID != 0:
			persons = append(persons, one.personID)
		}
	}
	byTeam, byPerson, err := people.LastSeen(ctx, f.db, v, c.RepositoryID, teams, persons)
	if err != nil {
		return err
	}
	for i, one := range all {
		at, ok := byTeam[one.teamID]
		if one.teamID == 0 {
			at, ok = byPerson[one.personID]
		}
		if ok && one.Decides && ownership.Unseen(at.Format(time.DateOnly), f.p.Now()) {
			all[i].State = ownership.Stale
		}
	}
	return nil
}
