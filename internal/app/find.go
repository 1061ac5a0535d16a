package app

import (
	"fmt"
	"slices"
	"strings"

	"steward/internal/format/plain"
	"steward/internal/platform/access"
	"steward/internal/platform/command"
	"steward/internal/platform/fault"
	"steward/internal/platform/mount"
	"steward/internal/platform/search"
)

// findRun is `steward find`.
type findRun struct {
	Text  []string `arg:"" help:"What to look for: a name, or the beginnings of words."`
	Kind  []string `help:"Only this kind, such as repository, component, package, licence, technology or person; may be repeated." placeholder:"KIND"`
	Limit int      `help:"At most this many." default:"20"`

	platform     mount.Platform
	capabilities []mount.Capability
}

// maxFound is the most that one search prints.
const maxFound = 500

// Help is printed below the flags.
func (*findRun) Help() string {
	return `Examples:
  steward find log4j                        everything called so
  steward find jackson databind --kind package
  steward find ledger --limit 5 --json      for programs

It reads the database that steward up keeps, also while that runs. Whoever may read the
data folder finds everything, restricted repositories included. People are found as far as the
setting people.mode shows them.`
}

// Run prints the best hits.
func (f *findRun) Run(c *command.Context) error {
	text := strings.TrimSpace(strings.Join(f.Text, " "))
	if text == "" {
		return fault.New(fault.Invalid, "There is nothing to look for. Give a name: steward find log4j.")
	}
	if f.Limit < 1 || f.Limit > maxFound {
		return fault.New(fault.Invalid, "--limit is between 1 and %d.", maxFound)
	}
	found, err := find(c.Context, f.platform, f.capabilities, access.System("steward find"), search.Query{Text: text, Kinds: f.Kind, Limit: f.Limit})
	if err != nil {
		return err
	}
	if c.JSON {
		return c.PrintJSON(found)
	}
	if len(found.Hits) == 0 {
		fmt.Fprintf(c.Stderr, "steward: nothing matches %q%s\n", plain.Line(text), otherKinds(found, f.Kind))
		return nil
	}
	width := 0
	for _, h := range found.Hits {
		width = max(width, len(h.Kind))
	}
	for _, h := range found.Hits {
		c.Printf("%-*s  %s\n", width, plain.Line(h.Kind), plain.Line(h.Title))
		if h.Body != "" {
			c.Printf("%*s  %.100s\n", width, "", plain.Line(h.Body))
		}
	}
	if total := matching(found, f.Kind); total > len(found.Hits) || found.Capped {
		more := fmt.Sprintf("%d", total)
		if found.Capped {
			more = "more than " + more
		}
		fmt.Fprintf(c.Stderr, "steward: %d of %s are shown; give more letters, --kind or --limit\n", len(found.Hits), more)
	}
	return nil
}

// matching is how many hits there are of the kinds that were asked for.
func matching(found search.Results, kinds []string) int {
	n := 0
	for kind, count := range found.Kinds {
		if len(kinds) == 0 || slices.Contains(kinds, kind) {
			n += count
		}
	}
	return n
}

// otherKinds says what other kinds would have matched.
func otherKinds(found search.Results, asked []string) string {
	var others []string
	for kind := range found.Kinds {
		if len(asked) > 0 && !slices.Contains(asked, kind) {
			others = append(others, kind)
		}
	}
	slices.Sort(others)
	if len(others) == 0 {
		return "; try fewer letters"
	}
	return " of this kind; there are hits of: " + strings.Join(others, ", ")
}
