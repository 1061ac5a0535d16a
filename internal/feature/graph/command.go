package graph

import (
	"slices"
	"strings"

	"steward/internal/platform/access"
	"steward/internal/platform/command"
	"steward/internal/platform/fault"
	"steward/internal/platform/relation"
	"steward/internal/platform/search"
)

// graphRun is `steward graph NAME`.
type graphRun struct {
	Name  string `arg:"" help:"The record: its name, or kind:name, such as package:lodash; a repository before a component of its name."`
	Depth int    `help:"Steps around it, 1 to 3." default:"1"`
	To    string `help:"Print how it comes to depend on this one instead." placeholder:"NAME"`
	Any   bool   `help:"With --to: follow every relation in either direction."`

	feature *Feature
}

// Help is printed below the flags.
func (*graphRun) Help() string {
	return `Examples:
  steward graph ledger                             what it holds, uses and is used by
  steward graph package:log4j-core --depth 2       and what is around that
  steward graph ledger --to package:log4j-core     how ledger comes to depend on it
  steward graph ledger --json                      for programs

It reads what steward up has read; run that first.`
}

// Run answers from the store, as somebody who may read everything: who can run
// it can read the database.
func (g *graphRun) Run(c *command.Context) error {
	v := access.System("steward graph")
	of, err := g.named(c, v, g.Name)
	if err != nil {
		return err
	}
	if g.To != "" {
		to, err := g.named(c, v, g.To)
		if err != nil {
			return err
		}
		p, err := g.feature.Between(c.Context, v, Between{From: of, To: to, Any: g.Any})
		if err != nil {
			return err
		}
		if c.JSON {
			return c.PrintJSON(p)
		}
		printPaths(c, p)
		return nil
	}
	n, err := g.feature.Of(c.Context, v, Question{Of: of, Depth: g.Depth})
	if err != nil {
		return err
	}
	if c.JSON {
		return c.PrintJSON(n)
	}
	printNeighbours(c, n)
	return nil
}

// named finds the record of a name. Several of one name are fault.Invalid,
// which lists them.
func (g *graphRun) named(c *command.Context, v access.Viewer, text string) (relation.Ref, error) {
	kinds := make([]string, 0, len(g.feature.kinds))
	if kind, name, ok := strings.Cut(text, ":"); ok {
		if _, known := g.feature.kind(kind); known {
			l := g.feature.look(v)
			ref := relation.Ref{Kind: kind, ID: name}
			if err := l.find(c.Context, []relation.Ref{ref}); err != nil || !l.hidden[ref] {
				return ref, err
			}
			kinds, text = append(kinds, kind), name
		}
	}
	if len(kinds) == 0 {
		for _, k := range g.feature.kinds {
			kinds = append(kinds, k.Name)
		}
	}
	found, err := search.Find(c.Context, g.feature.db, v, search.Query{Text: text, Kinds: kinds, Limit: maxHits})
	if err != nil {
		return relation.Ref{}, err
	}
	l := g.feature.look(v)
	refs := make([]relation.Ref, len(found.Hits))
	for i, h := range found.Hits {
		refs[i] = relation.Ref{Kind: h.Kind, ID: h.ID}
	}
	if err := l.find(c.Context, refs); err != nil {
		return relation.Ref{}, err
	}
	return l.pick(refs, text)
}

// pick takes the record that is called so, else the one whose name ends so, such
// as log4j-core; of several kinds the first in the order of the kinds.
func (l *look) pick(refs []relation.Ref, text string) (relation.Ref, error) {
	refs = slices.DeleteFunc(refs, func(r relation.Ref) bool { return l.hidden[r] })
	for _, same := range []func(name string) bool{
		func(name string) bool { return strings.EqualFold(name, text) },
		func(name string) bool { return strings.EqualFold(name[strings.LastIndexAny(name, "/:")+1:], text) },
	} {
		var called []relation.Ref
		for _, r := range refs {
			if same(l.known[r].Name) {
				called = append(called, r)
			}
		}
		for _, k := range l.f.kinds {
			if some := slices.DeleteFunc(slices.Clone(called), func(r relation.Ref) bool { return r.Kind != k.Name }); len(some) == 1 {
				return some[0], nil
			} else if len(some) > 1 {
				break
			}
		}
		if len(called) > 0 {
			return relation.Ref{}, fault.New(fault.Invalid, "There are several records called %s. Name one of them: %s.", text, l.names(called))
		}
	}
	if len(refs) > 0 {
		return relation.Ref{}, fault.New(fault.NotFound, "There is no record called %s. Similar ones are %s.", text, l.names(refs[:min(len(refs), 5)]))
	}
	return relation.Ref{}, fault.New(fault.NotFound, "There is no record called %s. steward find looks for parts of names.", text)
}

// names lists records so that each can be named again.
func (l *look) names(refs []relation.Ref) string {
	all := make([]string, len(refs))
	for i, r := range refs {
		all[i] = r.String() + " (" + strings.TrimSuffix(l.known[r].Name+", "+l.known[r].Note, ", ") + ")"
	}
	return strings.Join(all, "; ")
}

func printNeighbours(c *command.Context, n Neighbourhood) {
	c.Printf("%s %s\n", n.Of.Kind, n.Of.Name)
	for _, g := range n.Groups {
		more := ""
		if g.More {
			more = "+"
		}
		c.Printf("\n%s (%d%s)\n", g.Says, g.Count, more)
		for _, one := range g.Neighbours {
			c.Printf("  %s %s%s\n", one.Kind, one.Name, where(one.Place, one.Repository))
		}
		if g.Count > len(g.Neighbours) {
			c.Printf("  … and %d%s more\n", g.Count-len(g.Neighbours), more)
		}
	}
	if len(n.Groups) == 0 {
		c.Printf("Nothing is known to be next to it.\n")
	}
	if n.Depth > 1 {
		c.Printf("\nfurther\n")
		for _, line := range n.Lines {
			from, to := n.Nodes[line.From], n.Nodes[line.To]
			if from.Level < -1 || from.Level > 0 || to.Level > 1 || to.Level < 0 {
				c.Printf("  %s %s %s\n", from.text(), line.Says, to.text())
			}
		}
	}
}

// text names a node of the picture.
func (n Node) text() string {
	if n.Many > 0 {
		return n.count() + " " + n.Name
	}
	return n.Name
}

func where(place, repository string) string {
	switch {
	case place == "" && repository == "":
		return ""
	case place == "":
		return "  (" + repository + ")"
	}
	return "  (" + strings.TrimPrefix(repository+":"+place, ":") + ")"
}

func printPaths(c *command.Context, p Paths) {
	switch {
	case p.From.Ref == p.To.Ref:
		c.Printf("These are one and the same.\n")
	case len(p.Paths) == 0:
		c.Printf("No way from %s to %s was found within %d steps.\n", p.From.Name, p.To.Name, p.Steps)
	}
	for _, text := range p.Texts {
		c.Printf("%s\n", text)
	}
	if p.More {
		c.Printf("… and more of the same length.\n")
	}
	if p.Cut {
		c.Printf("Not everything was looked at: there may be others.\n")
	}
}
