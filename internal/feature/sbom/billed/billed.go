// Package billed lays somebody's bill of materials beside the packages that Steward has read: of the
// whole estate, of a repository or of a component.
//
// Releases are compared, not packages: one that is here in another version is in neither list of the
// other. Names are compared without regard to letter case, as tools disagree on it, and versions in
// the order of their ecosystem, so that v1.2.0 and 1.2 may be one. Test data is no use.
package billed

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"steward/internal/feature/catalog/match"
	"steward/internal/feature/estate/coverage"
	"steward/internal/feature/sbom/reading"
	"steward/internal/format/inventory"
	"steward/internal/format/manifest"
	"steward/internal/format/purl"
	"steward/internal/format/version"
	"steward/internal/platform/access"
	"steward/internal/platform/comparison"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// Kinds of reasons.
const (
	otherVersion = "another version"
	rangeOnly    = "only a range is known here"
	testData     = "only in test data"
	ownProject   = "made here"
	noAddress    = "no package URL"
	noReader     = "ecosystem without a reader"
	noManifest   = "no manifest of its ecosystem"
	unread       = "could not be read"
	unresolved   = "transitives unresolved"
	notFound     = "no manifest names it"
	notNamed     = "not named there"
	notProduct   = "not named there; development or test"
	noEcosystem  = "none of its ecosystem there"
	again        = "named before"
)

// Of compares; it is a comparison.Of.
func Of(ctx context.Context, r store.Reader, v access.Viewer, q comparison.Question) (comparison.Answer, error) {
	a := comparison.Answer{Noun: "release", Plural: "releases", Scope: "the whole estate", Notes: q.List.Notes}
	index, err := match.Load(ctx, r, v)
	if err != nil {
		return a, err
	}
	var at part
	if q.In != "" {
		if at, err = partOf(index, q.In); err != nil {
			return a, err
		}
		a.Scope = q.In
	} else if q.List.Subject != "" {
		if name, ok := subject(index, q.List.Subject); ok {
			a.Notes = append(slices.Clone(a.Notes), fmt.Sprintf("The bill says that it is of %s. It was compared with the whole estate; compare it with %s alone to see what either lacks.", q.List.Subject, name))
		}
	}
	base, err := coverage.Of(ctx, r, v)
	if err != nil {
		return a, err
	}
	a.Base = base.String()
	known, err := load(ctx, r, v, at)
	if err != nil {
		return a, err
	}
	c := comparer{holding: known, answer: a, in: q.In != "", met: map[string]bool{}, theirVersions: map[string][]string{}, theirTypes: map[string]bool{}, named: map[*release]bool{}}
	for _, p := range q.List.Packages {
		c.theirTypes[p.PURL.Type] = true
		key := keyOf(p.PURL.Package().String())
		c.theirVersions[key] = append(c.theirVersions[key], p.Version)
	}
	for _, p := range q.List.Packages {
		if err := ctx.Err(); err != nil {
			return comparison.Answer{}, err // who asked has left
		}
		c.theirs(p)
	}
	c.ours()
	return c.answer, nil
}

// partOf finds the repository or component that is meant.
func partOf(index *match.Index, name string) (part, error) {
	repository, component := index.Find(name, ""), index.Find("", name)
	switch {
	case repository.OK():
		return part{repository: repository.RepositoryID}, nil
	case component.OK():
		return part{repository: component.RepositoryID, component: component.ComponentID}, nil
	}
	why, nearest := repository.Why, append(repository.Candidates, component.Candidates...)
	if strings.HasPrefix(component.Why, "several") {
		why, nearest = component.Why, component.Candidates
	}
	if len(nearest) > 0 {
		why += "; there are: " + strings.Join(slices.Compact(nearest), ", ")
	}
	return part{}, fault.New(fault.Invalid, "%q is no repository and no component: %s.", name, why)
}

// subject finds what a bill says it is of, which is a name with a version.
func subject(index *match.Index, words string) (string, bool) {
	name, _, _ := strings.Cut(words, " ")
	for _, one := range []string{name, name[strings.LastIndexByte(name, '/')+1:]} {
		if _, err := partOf(index, one); err == nil {
			return one, true
		}
	}
	return "", false
}

// comparer goes through one bill.
type comparer struct {
	*holding
	in            bool // a part of the estate is compared
	met           map[string]bool
	theirVersions map[string][]string // by key
	theirTypes    map[string]bool
	named         map[*release]bool
	answer        comparison.Answer
}

// keyOf is a package URL as it is compared.
func keyOf(address string) string { return strings.ToLower(address) }

// same reports whether two versions are one, in the order of their ecosystem.
func same(typ, a, b string) bool {
	if a == b {
		return true
	}
	if a == "" || b == "" {
		return false
	}
	c, err := version.Compare(typ, a, b)
	return err == nil && c == 0
}

// theirs adds the row of one entry of the bill.
func (c *comparer) theirs(p inventory.Package) {
	row := comparison.Row{Side: comparison.OnlyThem, Place: p.Place, Theirs: strings.TrimSpace(p.Name + " " + p.Version)}
	defer func() { c.answer.Rows = append(c.answer.Rows, row) }()
	if p.PURL.Type == "" {
		row.Kind, row.Reason = noAddress, "it has no package URL, so that it is not known what it is"
		if alike := c.byName[strings.ToLower(p.Name)]; len(alike) > 0 {
			row.Reason += "; called so here: " + strings.Join(alike[:min(len(alike), 3)], ", ")
		}
		return
	}
	full := p.PURL
	full.Version, full.Subpath = p.Version, ""
	row.Theirs = full.String()
	key := keyOf(p.PURL.Package().String())
	once := key + "@" + p.Version
	if c.met[once] {
		row.Kind, row.Reason = again, "they name it more than once"
	}
	here := c.releases[key]
	var exact, ranged *release
	for _, one := range here {
		switch {
		case one.fixture:
		case p.Version == "" || same(p.PURL.Type, one.version, p.Version):
			exact = cmp.Or(exact, one)
			c.named[one] = true
		case one.version == "":
			ranged = one
		}
	}
	switch {
	case exact != nil:
		row.Side, row.Ours, row.Href = comparison.Both, exact.String(), exact.href()
		if p.Version == "" && row.Kind == "" {
			row.Reason = "they do not say which version"
		}
	case ranged != nil:
		c.named[ranged] = true
		row.Side, row.Ours, row.Href = comparison.Both, ranged.String(), ranged.href()
		row.Kind, row.Reason = rangeOnly, "here without a lock file: "+cmp.Or(ranged.requirement, "any version")+" in "+ranged.where()
	case row.Kind == "":
		row.Kind, row.Reason = c.why(p, key, here)
		if row.Kind == otherVersion || row.Kind == testData {
			row.Href = here[0].href()
		}
	}
	c.met[once] = true
}

// why says why a release is not here.
func (c *comparer) why(p inventory.Package, key string, here []*release) (kind, reason string) {
	var versions []string
	var fixture *release
	for _, one := range here {
		if one.fixture {
			fixture = one
		} else {
			versions = append(versions, one.version)
		}
	}
	typ := p.PURL.Type
	name := reading.EcosystemName(typ)
	e := c.ecosystems[typ]
	switch {
	case len(versions) > 0:
		return otherVersion, "other version here: " + few(versions)
	case fixture != nil:
		return testData, "only in test data: " + fixture.where()
	case c.projects[key] != "":
		return ownProject, "it is made here, by " + c.projects[key] + ", and no manifest names it as a use"
	case !hasReader(typ):
		return noReader, "no reader for packages of " + name
	case e.manifests+e.failed == 0:
		return noManifest, "no manifest of " + name + " was found" + c.within()
	case e.failed > 0:
		return unread, fmt.Sprintf("%s of %s could not be read, the first: %s", counted(e.failed, "manifest"), name, e.firstFailed)
	case e.unresolved > 0:
		return unresolved, fmt.Sprintf("no manifest names it, but %s of %s does not say what comes in through others, the first: %s", counted(e.unresolved, "manifest"), name, e.firstUnresolved)
	}
	return notFound, fmt.Sprintf("none of %s of %s names it", counted(e.manifests, "manifest"), name)
}

func (c *comparer) within() string {
	if c.in {
		return " in it"
	}
	return ""
}

// hasReader reports whether packages of a type are read.
func hasReader(typ string) bool {
	for _, r := range manifest.Readers() {
		if r.Ecosystem == typ {
			return true
		}
	}
	return false
}

// few lists the first of many.
func few(all []string) string {
	const most = 5
	all = slices.Compact(slices.Clone(all))
	if i := slices.Index(all, ""); i >= 0 {
		all[i] = "a range without a lock file"
	}
	if len(all) > most {
		return strings.Join(all[:most], ", ") + fmt.Sprintf(" and %d more", len(all)-most)
	}
	return strings.Join(all, ", ")
}

func counted(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// ours adds what they do not name.
func (c *comparer) ours() {
	for _, one := range c.all {
		if one.fixture || c.named[one] {
			continue
		}
		row := comparison.Row{Side: comparison.OnlyUs, Ours: one.String(), Href: one.href(), Kind: notNamed, Reason: "not named there"}
		typ, _, _ := strings.Cut(strings.TrimPrefix(one.address, "pkg:"), "/")
		switch versions := c.theirVersions[one.key]; {
		case len(versions) > 0:
			row.Kind, row.Reason = otherVersion, "other version there: "+few(versions)
		case !c.theirTypes[typ]:
			row.Kind, row.Reason = noEcosystem, "they name no package of "+reading.EcosystemName(typ)
		case !one.product:
			row.Kind, row.Reason = notProduct, "not named there; here it is for development or tests alone"
		}
		row.Reason += " (" + one.where() + ")"
		c.answer.Rows = append(c.answer.Rows, row)
	}
}

// release is one release of a package, as some repositories use it.
type release struct {
	uid, address, key    string // key: the address as it is compared
	version, requirement string
	product              bool // some use is for production, or optional
	fixture              bool // test data alone
	repositories         int64
	first                string // the first of them, by name
}

// String is the package URL with its version.
func (r *release) String() string {
	p, err := purl.Parse(r.address)
	if err != nil {
		return r.address
	}
	p.Version = r.version
	return p.String()
}

func (r *release) href() string { return "/packages/" + r.uid }

func (r *release) where() string {
	if r.repositories > 1 {
		return fmt.Sprintf("%s and %d more", r.first, r.repositories-1)
	}
	return r.first
}
