package ownership

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"steward/internal/feature/people"
)

// What evidence an inferred owner needs. Weights halve for each half-life
// before the component's last change, never before today: what is stored does
// not depend on when it was read.
const (
	halfLife     = 365 * 24 * time.Hour
	minCommits   = 5   // of the team
	minShare     = 0.5 // of the weight of all changes
	minLead      = 1.5 // over the second team
	minForFigure = 5   // people; with fewer the share would tell of one person
)

// byTeam is what the members of one team did to a component.
type byTeam struct {
	team    int64 // 0: people without one team
	weight  float64
	commits int64
	people  map[int64]bool
	last    time.Time
}

// tally adds up touches by team.
func tally(touches []people.Touch) []byTeam {
	var latest time.Time
	for _, t := range touches {
		if t.Last.After(latest) {
			latest = t.Last
		}
	}
	teams := map[int64]*byTeam{}
	for _, t := range touches {
		one := teams[t.TeamID]
		if one == nil {
			one = &byTeam{team: t.TeamID, people: map[int64]bool{}}
			teams[t.TeamID] = one
		}
		one.weight += float64(t.Commits) * math.Exp2(-float64(latest.Sub(t.Last))/float64(halfLife))
		one.commits += t.Commits
		one.people[t.PersonID] = true
		if t.Last.After(one.last) {
			one.last = t.Last
		}
	}
	all := make([]byTeam, 0, len(teams))
	for _, id := range slices.Sorted(maps.Keys(teams)) {
		all = append(all, *teams[id])
	}
	slices.SortStableFunc(all, func(a, b byTeam) int { return cmp.Compare(b.weight, a.weight) })
	return all
}

// Infer makes a claim of who changed a component most; none when no team did.
// People without a team weigh against every team.
func Infer(touches []people.Touch) []Claim {
	teams := tally(touches)
	var total float64
	for _, t := range teams {
		total += t.weight
	}
	var ranked []byTeam
	for _, t := range teams {
		if t.team != 0 {
			ranked = append(ranked, t)
		}
	}
	if len(ranked) == 0 || total == 0 {
		return nil
	}
	best := ranked[0]
	second := 0.0
	if len(ranked) > 1 {
		second = ranked[1].weight
	}
	c := Claim{Source: Changes, State: Inferred, Kind: Team, TeamID: best.team, Note: "made most of the changes, the newer ones counting more"}
	c.Decides = best.commits >= minCommits && best.weight >= minShare*total && best.weight >= minLead*second
	if !c.Decides {
		c.Note = "made more changes than other teams, but not clearly enough to be the owner"
	}
	if len(best.people) >= minForFigure {
		c.Share = best.weight / total
	}
	return []Claim{c}
}
