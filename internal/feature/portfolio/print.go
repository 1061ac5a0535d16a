package portfolio

import (
	"fmt"
	"strings"

	"steward/internal/feature/portfolio/sheet"
	"steward/internal/platform/command"
)

// mostPrinted is how many of a kind are printed; --json has all.
const mostPrinted = 20

// print says a plan to people.
func (p Plan) print(c *command.Context) {
	would := map[bool]string{true: "", false: " would be"}[p.Applied]
	c.Printf("%s: %s\n", p.File, counted(p.Rows, "row", "rows"))
	var read, left []string
	for _, column := range p.Columns {
		if column.Field == sheet.Ignored {
			if column.Heading != "" {
				left = append(left, fmt.Sprintf("%q", column.Heading))
			}
			continue
		}
		read = append(read, fmt.Sprintf("%q as %s", column.Heading, column.Field))
	}
	c.Printf("Columns: %s\n", strings.Join(read, ", "))
	if len(left) > 0 {
		c.Printf("Not read: %s. Say what one is with --map \"Heading=field\".\n", strings.Join(left, ", "))
	}
	c.Printf("\nApplications: %d%s added, %d changed, %d the same\n", len(p.Added), would, len(p.Changed), p.Same)
	printSome(c, p.Added, func(one Change) { c.Printf("  + %s  %s  (line %d)\n", one.Key, one.Name, one.Line) })
	printSome(c, p.Changed, func(one Change) {
		c.Printf("  ~ %s  %s  (line %d)\n", one.Key, one.Name, one.Line)
		for _, f := range one.Fields {
			c.Printf("      %s: %s -> %s\n", f.Field, orNone(f.From), orNone(f.To))
		}
	})
	if p.Units > 0 {
		c.Printf("Units: %d%s added\n", p.Units, would)
	}
	p.printMissing(c, would)
	p.printUnmatched(c)
	p.printNotes(c)
	if !p.Applied {
		c.Printf("\nNothing was written. Leave out --dry-run to do it.\n")
	}
}

func (p Plan) printMissing(c *command.Context, would string) {
	if len(p.Missing) == 0 {
		return
	}
	if p.Ended {
		c.Printf("\nNot in this file, and%s ended: %d\n", would, len(p.Missing))
	} else {
		c.Printf("\nNot in this file, and kept: %d. If it names all applications there are, say --complete.\n", len(p.Missing))
	}
	printSome(c, p.Missing, func(one Change) { c.Printf("  - %s  %s\n", one.Key, one.Name) })
}

func (p Plan) printUnmatched(c *command.Context) {
	if p.Matched+len(p.Unmatched) == 0 {
		return
	}
	c.Printf("\nRepositories and components: %d of %d names found\n", p.Matched, p.Matched+len(p.Unmatched))
	printSome(c, p.Unmatched, func(one Unmatched) {
		c.Printf("  ? line %d, %s: %s: %s\n", one.Line, one.Application, one.Named, one.Why)
		if len(one.Nearest) > 0 {
			c.Printf("      did you mean: %s\n", strings.Join(one.Nearest, ", "))
		}
	})
}

func (p Plan) printNotes(c *command.Context) {
	if len(p.Unknown)+len(p.Notes)+p.People == 0 {
		return
	}
	c.Printf("\nTo look at\n")
	printSome(c, p.Unknown, func(one sheet.Unknown) {
		what := "is kept as written"
		if one.Field == sheet.From || one.Field == sheet.To {
			what = "is no date that means one day only, and was left out; write 2026-03-31"
		}
		c.Printf("  %s %q %s: %s, first in line %d\n", one.Field, one.Value, what, counted(one.Rows, "row", "rows"), one.Line)
	})
	if p.People > 0 {
		c.Printf("  %s: an owner who is no team that is known, kept as \"a person\". If the column names teams, say --map \"Heading=owning team\".\n", counted(p.People, "application", "applications"))
	}
	printSome(c, p.Notes, func(one string) { c.Printf("  %s\n", one) })
}

// printSome prints the first few.
func printSome[T any](c *command.Context, all []T, print func(T)) {
	for _, one := range all[:min(len(all), mostPrinted)] {
		print(one)
	}
	if more := len(all) - mostPrinted; more > 0 {
		c.Printf("  and %d more; --json lists all\n", more)
	}
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func orNone(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}
