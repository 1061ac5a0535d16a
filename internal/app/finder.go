package app

import (
	"cmp"
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"steward/internal/platform/access"
	"steward/internal/platform/api"
	"steward/internal/platform/mount"
	"steward/internal/platform/search"
	"steward/internal/platform/web"
	"steward/internal/platform/web/glance"
)

// kindOfRecord is how a kind of record is shown among hits.
type kindOfRecord struct {
	word, plural, icon string
}

var kindsOfRecords = map[string]kindOfRecord{
	"repository": {"repository", "Repositories", "repo"}, "component": {"component", "Components", "component"}, "package": {"package", "Packages", "package"},
	"licence": {"licence", "Licences", "licence"}, "technology": {"technology", "Technologies", "tech"}, "entity": {"catalogue entry", "Catalogue entries", "doc"},
	"team": {"team", "Teams", "team"}, "application": {"application", "Applications", "path"},
}

// narrowing are the words of the search field that stand for filters of a
// list, the same that the list has in its address.
var narrowing = []narrowingWord{
	{web.Narrowing{Word: "owner", Meaning: "components of a team", Example: "payments-core"}, "/components", "owner", "Components owned by "},
	{web.Narrowing{Word: "licence", Meaning: "components under a licence", Example: "MIT"}, "/components", "licence", "Components under "},
	{web.Narrowing{Word: "language", Meaning: "repositories in a language", Example: "Java"}, "/repositories", "language", "Repositories in "},
	{web.Narrowing{Word: "uses", Meaning: "who uses a package", Example: "log4j-core"}, "/who-uses", "name", "Who uses "},
}

type narrowingWord struct {
	web.Narrowing
	list, parameter, sentence string
}

// told is what the search page says of the words that narrow down.
func told() []web.Narrowing {
	all := make([]web.Narrowing, 0, len(narrowing)+1)
	for _, n := range narrowing {
		all = append(all, n.Narrowing)
	}
	return append(all, web.Narrowing{Word: "is", Meaning: "records of one kind", Example: "package log4j"})
}

// finder answers the search field and page from the documents of all features.
func finder(p mount.Platform) web.Finder {
	return web.Finder{Narrowing: told(), Find: func(ctx context.Context, v access.Viewer, typed, kind string, limit int) (web.Found, error) {
		text, kinds, hits := narrowed(typed)
		if kind != "" {
			kinds = []string{kind}
		}
		found, err := search.Find(ctx, p.DB, v, search.Query{Text: text, Kinds: kinds, Limit: limit})
		if err != nil {
			return web.Found{}, err
		}
		out := web.Found{Hits: hits, Total: web.Count{N: int64(matching(found, kinds) + len(hits)), More: found.Capped}}
		for _, h := range found.Hits {
			k := cmp.Or(kindsOfRecords[h.Kind], kindOfRecord{word: h.Kind, icon: "doc"})
			hit := web.Hit{Kind: k.word, Icon: k.icon, Title: h.Title, Href: h.URL}
			if h.Body != "" && h.Body != h.Title {
				hit.Text = h.Body
			}
			out.Hits = append(out.Hits, hit)
		}
		for _, name := range slices.Sorted(maps.Keys(found.Kinds)) {
			label := cmp.Or(kindsOfRecords[name].plural, name)
			out.Kinds = append(out.Kinds, web.HitKind{Key: name, Label: label, Count: web.Count{N: int64(found.Kinds[name]), More: found.Capped}, Current: name == kind})
		}
		return out, nil
	}}
}

// narrowed takes the words that narrow down out of what was typed: is:package
// chooses a kind, the others lead to a list that has the filter.
func narrowed(typed string) (text string, kinds []string, hits []web.Hit) {
	var rest []string
	for _, word := range strings.Fields(typed) {
		key, value, found := strings.Cut(word, ":")
		at := slices.IndexFunc(narrowing, func(n narrowingWord) bool { return strings.EqualFold(n.Word, key) })
		switch {
		case found && strings.EqualFold(key, "is") && value != "":
			kinds = append(kinds, strings.ToLower(value))
		case found && at >= 0 && value != "":
			n := narrowing[at]
			hits = append(hits, web.Hit{Kind: "list", Icon: "search", Title: n.sentence + value, Href: n.list + "?" + url.Values{n.parameter: {value}}.Encode()})
		default:
			rest = append(rest, word)
		}
	}
	return strings.Join(rest, " "), kinds, hits
}

// searchQuestion is the input of the search operation.
type searchQuestion struct {
	Text  string   `query:"q" doc:"Name, or the beginnings of words." required:"true" maxLength:"200"`
	Kinds []string `query:"kind,explode" doc:"Only these kinds: repository, component, package, licence, technology, team, entity, application, person."`
	Limit int      `query:"limit" doc:"At most this many." default:"20" minimum:"1" maximum:"500"`
}

// describeSearch registers search for programs.
func describeSearch(a huma.API, p mount.Platform, capabilities []mount.Capability) {
	api.Get(a, api.Doc{Path: "/api/v1/search", Tag: "Search", Summary: "Records by name or words, best first", Needs: access.ReadEstate},
		func(ctx context.Context, v access.Viewer, in *searchQuestion) (search.Results, error) {
			return find(ctx, p, capabilities, v, search.Query{Text: in.Text, Kinds: in.Kinds, Limit: in.Limit})
		})
}

// find answers a query from the documents of all features and from what has none.
func find(ctx context.Context, p mount.Platform, capabilities []mount.Capability, v access.Viewer, q search.Query) (search.Results, error) {
	found, err := search.Find(ctx, p.DB, v, q)
	if err != nil {
		return found, err
	}
	for _, c := range capabilities {
		if c.Find == nil {
			continue
		}
		more, err := c.Find(ctx, v, q)
		if err != nil {
			return found, err
		}
		found.Hits, found.Capped = append(found.Hits, more.Hits...), found.Capped || more.Capped
		maps.Copy(found.Kinds, more.Kinds)
	}
	found.Hits = found.Hits[:min(len(found.Hits), q.Limit)]
	return found, nil
}

// describeHome registers home for programs.
func describeHome(a huma.API, s *web.Server) {
	api.Get(a, api.Doc{Path: "/api/v1/home", Tag: "Home", Summary: "What home shows: figures, what needs attention, pictures and news"},
		func(ctx context.Context, v access.Viewer, _ *struct{}) (glance.Home, error) {
			return s.Glance(ctx, v), nil
		})
}
