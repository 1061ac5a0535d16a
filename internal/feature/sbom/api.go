package sbom

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"steward/internal/feature/sbom/spread"
	"steward/internal/platform/access"
	"steward/internal/platform/api"
)

// Conditions narrow down who uses a package, in the words that the address of its page has.
type Conditions struct {
	Range    string `query:"range" maxLength:"1024" doc:"Of versions, as the package's own ecosystem writes ranges; without it any version"`
	Scope    string `query:"scope" enum:"production,optional,development,test" doc:"Only uses in this scope"`
	Direct   string `query:"direct" enum:"yes,no" default:"no" doc:"Only those that name the package themselves"`
	Fixtures string `query:"fixtures" enum:"yes,no" default:"no" doc:"Test data, examples and templates too"`
	Paging
}

// Paging says which part of all uses an answer holds.
type Paging struct {
	Limit  int `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"Uses in the answer"`
	Offset int `query:"offset" minimum:"0" maximum:"10000000" doc:"Uses before the first in the answer"`
}

func (n Conditions) question(name string) Question {
	return Question{Name: name, Range: n.Range, Scope: n.Scope, Direct: n.Direct == "yes", Fixtures: n.Fixtures == "yes", Limit: n.Limit, Offset: n.Offset}
}

func (f *Feature) mountAPI(a huma.API) {
	api.Get(a, api.Doc{
		Path: "/api/v1/packages/{id}", Tag: "Packages", Summary: "One package, its versions and who uses it", Needs: access.ReadEstate,
		Text: "Its three pages in one answer: who uses it, in which versions, and what brings it in.",
	}, f.packageOf)
	api.Get(a, api.Doc{
		Path: "/api/v1/who-uses", Tag: "Packages", Summary: "Who uses the packages of a name", Needs: access.ReadEstate,
		Text: "As steward who-uses answers. A name that nobody uses has no packages, and what the answer stands on.",
	}, f.whoUsesOf)
	api.Get(a, api.Doc{Path: "/api/v1/repositories/{id}/packages", Tag: "Repositories", Summary: "The manifests of a repository and the packages that it uses", Needs: access.ReadEstate}, f.repositoryOf)
	api.Get(a, api.Doc{Path: "/api/v1/components/{id}/packages", Tag: "Components", Summary: "The manifests of a component and the packages that it uses", Needs: access.ReadEstate}, f.componentOf)
}

// packageRecord is one package as programs read it: what its pages show.
type packageRecord struct {
	Package
	Versions []spread.Count `json:"version_counts" doc:"Components by version, the oldest first"`
	Answer   Answer         `json:"who_uses"`
}

func (f *Feature) packageOf(ctx context.Context, v access.Viewer, in *struct {
	ID string `path:"id" doc:"Id of the package"`
	Conditions
},
) (packageRecord, error) {
	p, err := f.PackageByUID(ctx, v, in.ID)
	if err != nil {
		return packageRecord{}, err
	}
	a := Answer{Question: in.question(p.PURL), Packages: []Package{p}}
	err = f.answer(ctx, v, &a)
	return packageRecord{p, a.counts[p.ID], a}, err
}

func (f *Feature) whoUsesOf(ctx context.Context, v access.Viewer, in *struct {
	Name string `query:"name" required:"true" maxLength:"1000" doc:"As people write it, its last part, or a package URL; NAME@RANGE asks for a range"`
	Conditions
},
) (Answer, error) {
	asked, err := ParseQuestion(in.Name)
	if err != nil {
		return Answer{}, err
	}
	q := in.question(asked.Name)
	if q.Range == "" {
		q.Range = asked.Range
	}
	return f.WhoUses(ctx, v, q)
}

// listed is what a repository or a component uses.
type listed struct {
	Totals    Totals         `json:"totals" doc:"Without test data"`
	Manifests []ManifestRead `json:"manifests" doc:"At most 1,000"`
	Uses      []Use          `json:"uses" doc:"Direct ones first, then by name"`
}

type listInput struct {
	ID       string `path:"id" doc:"Id of the record"`
	Fixtures string `query:"fixtures" enum:"yes,no" default:"no" doc:"Test data, examples and templates too"`
	Paging
}

func (f *Feature) repositoryOf(ctx context.Context, v access.Viewer, in *listInput) (listed, error) {
	one, err := f.estate.RepositoryByUID(ctx, v, in.ID)
	if err != nil {
		return listed{}, err
	}
	return f.listed(ctx, v, one.ID, 0, in)
}

func (f *Feature) componentOf(ctx context.Context, v access.Viewer, in *listInput) (listed, error) {
	repository, component, err := f.componentByUID(ctx, v, in.ID)
	if err != nil {
		return listed{}, err
	}
	return f.listed(ctx, v, repository, component, in)
}

func (f *Feature) listed(ctx context.Context, v access.Viewer, repository, component int64, in *listInput) (out listed, err error) {
	if out.Totals, err = f.Totals(ctx, v, repository, component); err != nil {
		return out, err
	}
	if out.Manifests, err = f.Manifests(ctx, v, repository, component, 1000); err != nil {
		return out, err
	}
	out.Uses, err = f.UsesOf(ctx, v, repository, component, in.Fixtures == "yes", in.Limit, in.Offset)
	return out, err
}
