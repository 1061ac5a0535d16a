package people

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"steward/internal/platform/access"
	"steward/internal/platform/api"
)

// byUID is the input of an operation on one record.
type byUID struct {
	ID string `path:"id" doc:"Id of the record"`
}

// TeamRecord is a team as programs get it.
type TeamRecord struct {
	Team
	Members []Shown `json:"members"`
	NamedBy []Place `json:"named_by"`
}

func (f *Feature) mountAPI(a huma.API) {
	api.Get(a, api.Doc{Path: "/api/v1/people/{id}", Tag: "People", Summary: "One person, as far as the firm shows people", Needs: access.ReadEstate},
		func(ctx context.Context, v access.Viewer, in *byUID) (Person, error) { return f.Person(ctx, v, in.ID) })
	api.Get(a, api.Doc{Path: "/api/v1/teams/{id}", Tag: "Teams", Summary: "One team", Needs: access.ReadEstate}, f.teamOf)
	api.Get(a, api.Doc{
		Path: "/api/v1/repositories/{id}/history", Tag: "Repositories", Summary: "What the commits of a repository add up to", Needs: access.ReadEstate,
		Text: "Months are yyyymm in UTC. Small groups of people are not told apart; nothing counts a person.",
	}, f.historyOf)
}

func (f *Feature) teamOf(ctx context.Context, v access.Viewer, in *byUID) (TeamRecord, error) {
	t, err := f.Team(ctx, v, in.ID)
	if err != nil {
		return TeamRecord{}, err
	}
	return f.teamRecord(ctx, v, t)
}

// teamRecord adds who is in a team and what names it.
func (f *Feature) teamRecord(ctx context.Context, v access.Viewer, t Team) (TeamRecord, error) {
	named, err := f.namedBy(ctx, v, t)
	if err != nil {
		return TeamRecord{}, err
	}
	members, err := f.Members(ctx, v, t)
	return TeamRecord{t, members, named}, err
}

func (f *Feature) historyOf(ctx context.Context, v access.Viewer, in *byUID) (History, error) {
	id, _, _, err := f.target(ctx, v, in.ID)
	if err != nil {
		return History{}, err
	}
	return f.History(ctx, v, id)
}
