// Package listed lays a list of repositories and components beside those that Steward knows. Which one
// a name means is found by package match and never guessed.
//
// A list that names components is compared with components, any other with repositories. A row that
// names a whole repository stands for all its components, one that names a component for its
// repository.
package listed

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"steward/internal/feature/catalog/match"
	"steward/internal/feature/estate/coverage"
	"steward/internal/format/inventory"
	"steward/internal/platform/access"
	"steward/internal/platform/comparison"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// Kinds of reasons.
const (
	noSource    = "no source holds it"
	several     = "several could be meant"
	leftOut     = "left out"
	notRead     = "could not be read"
	noComponent = "no such component"
	renamed     = "renamed or joined"
	ownerOther  = "another owner"
	notNamed    = "not named there"
	newer       = "new since their date"
	gone        = "gone"
	empty       = "empty"
	again       = "named before"
)

// Of compares; it is a comparison.Of.
func Of(ctx context.Context, r store.Reader, v access.Viewer, q comparison.Question) (comparison.Answer, error) {
	if q.In != "" {
		return comparison.Answer{}, fault.New(fault.Invalid, "This list is of repositories and components, and is compared with all of them. Leave out what it is to be compared with.")
	}
	known, err := load(ctx, r, v)
	if err != nil {
		return comparison.Answer{}, err
	}
	base, err := coverage.Of(ctx, r, v)
	if err != nil {
		return comparison.Answer{}, err
	}
	c := comparer{known: known, q: q, repositories: map[int64]bool{}, whole: map[int64]bool{}, components: map[int64]bool{}}
	c.answer = comparison.Answer{Noun: "repository", Plural: "repositories", Scope: "the whole estate", Base: base.String(), Notes: q.List.Notes}
	c.byComponent = slices.ContainsFunc(q.List.Records, func(r inventory.Record) bool { return r.Component != "" })
	if c.byComponent {
		c.answer.Noun, c.answer.Plural = "component", "components"
	}
	for _, record := range q.List.Records {
		if err := ctx.Err(); err != nil {
			return comparison.Answer{}, err // who asked has left
		}
		c.theirs(record)
	}
	c.ours()
	return c.answer, nil
}

// comparer goes through one list.
type comparer struct {
	*known
	q            comparison.Question
	byComponent  bool
	repositories map[int64]bool // named, as a whole or by one of their components
	whole        map[int64]bool // named as a whole
	components   map[int64]bool // named
	missed       int            // of their rows
	answer       comparison.Answer
}

// theirs adds the row of one record.
func (c *comparer) theirs(record inventory.Record) {
	row := comparison.Row{Theirs: record.String(), Place: record.Place, TheirOwner: record.Owner}
	found, was := c.find(record, c.index.Exact)
	if !found.OK() {
		if c.missed++; c.missed <= mostNear {
			found, _ = c.find(record, c.index.Find)
		}
		row.Side = comparison.OnlyThem
		row.Kind, row.Reason = c.why(record, found)
		c.answer.Rows = append(c.answer.Rows, row)
		return
	}
	row.Side = comparison.Both
	repository := c.byID[found.RepositoryID]
	row.Ours, row.Href = repository.label, "/repositories/"+repository.uid
	var reasons []string
	say := func(kind, reason string) {
		row.Kind = cmp.Or(row.Kind, kind)
		reasons = append(reasons, reason)
	}
	if was {
		say(renamed, "it is "+repository.name+" here now")
	}
	named := c.repositories[repository.id]
	if found.ComponentID > 0 {
		one := c.component[found.ComponentID]
		row.Ours, row.Href, row.OurOwner = c.nameOf(one), "/components/"+one.uid, one.owner
		named = c.components[one.id]
		c.components[one.id] = true
	} else {
		row.OurOwner = c.ownerOf(repository.id)
		named = named && c.whole[repository.id]
		c.whole[repository.id] = true
	}
	c.repositories[repository.id] = true
	if kind, reason := repository.trouble(); kind != "" {
		say(kind, reason)
	}
	if row.TheirOwner != "" && row.OurOwner != "" && !sameOwner(row.TheirOwner, row.OurOwner) {
		say(ownerOther, "another owner: "+row.TheirOwner+" there, "+row.OurOwner+" here")
	}
	if named {
		say(again, "they name it more than once")
	}
	row.Reason = strings.Join(reasons, "; ")
	c.answer.Rows = append(c.answer.Rows, row)
}

// mostNear is for how many rows that only they have names alike are looked for: as many as the page shows.
const mostNear = 200

// look finds by a repository, a component or both.
type look func(repository, component string) match.Found

// find finds what a record means, also by a name of before.
func (c *comparer) find(record inventory.Record, in look) (found match.Found, was bool) {
	switch {
	case record.Component != "":
		if found = in(record.Repository, record.Component); found.OK() {
			return found, false
		}
		if strings.Contains(record.Component, ":") {
			// A catalogue's names are its own: the address tells where to look, the name what for.
			if byRef := c.index.Exact("", record.Component); byRef.OK() {
				return byRef, false
			}
			_, short, _ := strings.Cut(record.Component[strings.Index(record.Component, ":")+1:], "/")
			if byName := c.index.Exact(record.Repository, short); byName.OK() {
				return byName, false
			}
		}
		return found, false
	case record.Repository != "":
		if found = in(record.Repository, ""); found.OK() {
			return found, false
		}
	default:
		if found = c.either(record.Name, in); found.OK() {
			return found, false
		}
	}
	if before := c.former.Exact(cmp.Or(record.Repository, record.Name), ""); before.OK() {
		return before, true
	}
	if record.Repository != "" && record.Name != "" {
		if byName := c.either(record.Name, c.index.Exact); byName.OK() {
			return byName, false
		}
	}
	return found, false
}

// either finds a name of which it is not known what it is of. When it is that of a repository and of
// a component elsewhere, it could be both.
func (c *comparer) either(name string, in look) match.Found {
	repository, component := in(name, ""), in("", name)
	switch {
	case repository.OK() && component.OK() && component.RepositoryID != repository.RepositoryID:
		return match.Found{Why: "several have this name", Candidates: []string{"the repository " + name, "a component in " + c.byID[component.RepositoryID].name}}
	case repository.OK() || !component.OK() && len(repository.Candidates) > 0:
		return repository
	}
	return component
}

// why says why nothing was found.
func (c *comparer) why(record inventory.Record, found match.Found) (kind, reason string) {
	if strings.HasPrefix(found.Why, "several") {
		return several, "several could be meant: " + strings.Join(found.Candidates, ", ")
	}
	if record.Component != "" && record.Repository != "" {
		if in := c.index.Exact(record.Repository, ""); in.OK() {
			one := c.byID[in.RepositoryID]
			if kind, reason := one.trouble(); kind != "" {
				return kind, "its repository " + one.name + " is known: " + reason
			}
			return noComponent, withNearest("its repository "+one.name+" is here, and has no such component", "it has", found.Candidates)
		}
	}
	short := strings.TrimSuffix(lastPart(cmp.Or(record.Repository, record.Name, record.Component)), ".git")
	for _, n := range c.notes {
		if short != "" && strings.EqualFold(strings.TrimSuffix(lastPart(n.path), ".git"), short) {
			return leftOut, "left out at " + n.path + ": " + n.reason
		}
	}
	reason = "no source holds it"
	if host := hostOf(record.Repository); host != "" && !c.hosts[host] {
		reason = "no source names anything of " + host
	}
	return noSource, withNearest(reason, "named alike here", found.Candidates)
}

func withNearest(reason, before string, names []string) string {
	if len(names) == 0 {
		return reason
	}
	return reason + "; " + before + ": " + strings.Join(names, ", ")
}

func lastPart(name string) string {
	name = strings.TrimRight(name, "/")
	return name[strings.LastIndexAny(name, "/\\:")+1:]
}

// hostOf is the host of an address, "" when it has none.
func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return strings.ToLower(u.Hostname())
	}
	return ""
}

// sameOwner compares owners as people write them: a team with or without kind, namespace and @.
func sameOwner(a, b string) bool {
	return strings.EqualFold(a, b) || strings.EqualFold(shortOwner(a), shortOwner(b))
}

func shortOwner(s string) string {
	return strings.TrimPrefix(s[strings.LastIndexAny(s, ":/@")+1:], "@")
}

// ours adds what they do not name.
func (c *comparer) ours() {
	if c.byComponent {
		for _, one := range c.sorted {
			if !c.components[one.id] && !c.whole[one.repository] {
				kind, reason := c.missing(c.byID[one.repository])
				c.answer.Rows = append(c.answer.Rows, comparison.Row{Side: comparison.OnlyUs, Ours: c.nameOf(one), Href: "/components/" + one.uid, OurOwner: one.owner, Kind: kind, Reason: reason})
			}
		}
	}
	for _, one := range c.all {
		if c.repositories[one.id] || one.never && !one.gone.IsZero() || c.byComponent && len(c.inside[one.id]) > 0 {
			continue
		}
		kind, reason := c.missing(one)
		row := comparison.Row{Side: comparison.OnlyUs, Ours: one.label, Href: "/repositories/" + one.uid, OurOwner: c.ownerOf(one.id), Kind: kind, Reason: reason}
		if c.byComponent {
			row.Ours, row.Reason = "repository "+one.label, row.Reason+"; no component of it is known"
		}
		c.answer.Rows = append(c.answer.Rows, row)
	}
}

// nameOf is a component in words: with its repository, unless that is called so too.
func (c *comparer) nameOf(one component) string {
	if in := c.byID[one.repository]; !strings.EqualFold(in.name, one.name) {
		return one.name + " in " + in.label
	}
	return one.name
}

// missing says why they do not name a repository, or a component of it, as far as that is known.
func (c *comparer) missing(one repository) (kind, reason string) {
	day := c.q.At.Format(time.DateOnly)
	switch {
	case !c.q.At.IsZero() && one.begun.After(c.q.At):
		return newer, "not named there: it began on " + one.begun.Format(time.DateOnly) + ", after their list of " + day
	case !one.gone.IsZero():
		return gone, "not named there; gone here since " + one.gone.Format(time.DateOnly)
	case one.state == "empty":
		return empty, "not named there; it is empty"
	}
	return notNamed, "not named there"
}

// ownerOf is the owner of a repository whose components all have the same one.
func (c *comparer) ownerOf(repository int64) string {
	owner := ""
	for i, id := range c.inside[repository] {
		one := c.component[id].owner
		if i > 0 && one != owner {
			return ""
		}
		owner = one
	}
	return owner
}

// trouble says what is wrong with a repository that is known.
func (r repository) trouble() (kind, reason string) {
	switch {
	case !r.gone.IsZero():
		return gone, "gone here since " + r.gone.Format(time.DateOnly) + "; known as it was read last"
	case r.state == "failed":
		return notRead, "it could not be read: " + r.failure
	case r.state == "waiting":
		return notRead, "it was not read yet"
	}
	return "", ""
}
