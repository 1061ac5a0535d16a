package ownership_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"steward/internal/feature/catalog/ownership"
	"steward/internal/feature/people"
)

func TestSettle(t *testing.T) {
	names := map[int64]string{1: "one", 2: "two"}
	team := func(source string, id int64) ownership.Claim {
		return ownership.Claim{Source: source, State: ownership.Declared, Kind: ownership.Team, TeamID: id, Decides: true, File: source, Line: 3}
	}
	person := func(source string, of int64) ownership.Claim {
		return ownership.Claim{Source: source, State: ownership.Declared, Kind: ownership.Person, PersonID: 9, TeamID: of, Decides: true, File: "a/" + source}
	}
	guess := ownership.Claim{Source: ownership.Changes, State: ownership.Inferred, Kind: ownership.Team, TeamID: 2, Decides: true}
	weak := team(ownership.Codeowners, 2)
	weak.Decides = false
	declared := ownership.Owner{Kind: "team", TeamID: 1, Name: "one", State: "declared", Source: "CODEOWNERS", From: "CODEOWNERS:3"}
	disputed := ownership.Owner{Kind: "team", TeamID: 1, Name: "one", State: "disputed", Source: "catalog-info", From: "catalog-info:3"}
	for name, c := range map[string]struct {
		claims    []ownership.Claim
		confirmed int64
		want      ownership.Owner
	}{
		"nothing":                        {want: ownership.Owner{State: "none"}},
		"written wins over inferred":     {claims: []ownership.Claim{guess, team(ownership.Codeowners, 1)}, want: declared},
		"inferred alone":                 {claims: []ownership.Claim{guess}, want: ownership.Owner{Kind: "team", TeamID: 2, Name: "two", State: "inferred", Source: "changes"}},
		"too little decides nothing":     {claims: []ownership.Claim{weak}, want: ownership.Owner{State: "none"}},
		"two sources":                    {claims: []ownership.Claim{team(ownership.Codeowners, 2), team(ownership.Entry, 1)}, want: disputed},
		"two sources with one in common": {claims: []ownership.Claim{team(ownership.Codeowners, 1), team(ownership.Codeowners, 2), team(ownership.OwnerFile, 2)}, want: declared},
		"confirmed ends a dispute": {
			claims: []ownership.Claim{team(ownership.Codeowners, 2), team(ownership.Entry, 1)}, confirmed: 2,
			want: ownership.Owner{Kind: "team", TeamID: 2, Name: "two", State: "confirmed", Source: "confirmed in Steward"},
		},
		"people dispute nothing": {claims: []ownership.Claim{team(ownership.Codeowners, 1), person(ownership.OwnerFile, 2)}, want: declared},
		"a person's team owns":   {claims: []ownership.Claim{person(ownership.OwnerFile, 1)}, want: ownership.Owner{Kind: "team", TeamID: 1, Name: "one", State: "declared", Source: "OWNERS", From: "a/OWNERS"}},
		"a person without a team": {
			claims: []ownership.Claim{person(ownership.OwnerFile, 0)},
			want:   ownership.Owner{Kind: "person", Name: "Person in OWNERS", State: "declared", Source: "OWNERS", From: "a/OWNERS"},
		},
	} {
		if diff := cmp.Diff(c.want, ownership.Settle(c.claims, c.confirmed, names)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestInfer(t *testing.T) {
	at := time.Date(2020, 5, 1, 0, 0, 0, 0, time.UTC)
	touch := func(team, person, commits int64, yearsAgo int) people.Touch {
		return people.Touch{TeamID: team, PersonID: person, Commits: commits, Last: at.AddDate(-yearsAgo, 0, 0)}
	}
	for name, c := range map[string]struct {
		touches []people.Touch
		team    int64
		decides bool
	}{
		"nobody":                       {},
		"no team":                      {touches: []people.Touch{touch(0, 1, 90, 0)}},
		"one team":                     {touches: []people.Touch{touch(1, 1, 9, 0)}, team: 1, decides: true},
		"too few commits":              {touches: []people.Touch{touch(1, 1, 4, 0)}, team: 1},
		"people without a team weigh":  {touches: []people.Touch{touch(1, 1, 9, 0), touch(0, 2, 10, 0)}, team: 1},
		"two teams alike":              {touches: []people.Touch{touch(1, 1, 12, 0), touch(2, 2, 10, 0)}, team: 1},
		"the newer counts more":        {touches: []people.Touch{touch(1, 1, 40, 4), touch(2, 2, 10, 0)}, team: 2, decides: true},
		"all of it old is still clear": {touches: []people.Touch{touch(1, 1, 40, 9)}, team: 1, decides: true},
	} {
		got := ownership.Infer(c.touches)
		if c.team == 0 {
			if got != nil {
				t.Errorf("%s: %+v", name, got)
			}
			continue
		}
		if len(got) != 1 || got[0].TeamID != c.team || got[0].Decides != c.decides || got[0].Share != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
