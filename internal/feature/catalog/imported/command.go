package imported

import (
	"io"
	"os"
	"path/filepath"
	"strings"

	"steward/internal/format/inventory"
	"steward/internal/format/plain"
	"steward/internal/platform/command"
	"steward/internal/platform/fault"
)

// Command is `steward import owners FILE`. Bring has the file imported, by the running Steward when
// there is one.
type Command struct {
	File     string   `arg:"" help:"Table (XLSX, CSV) with a column of owners, or Backstage entities (JSON, YAML)."`
	DryRun   bool     `help:"Say what would change, and write nothing."`
	NewTeams bool     `help:"An owner that is no known team becomes a new one."`
	Undo     bool     `help:"Take the last import of a file of this name back."`
	Map      []string `help:"What a column is, such as \"Our heading=owner\"; may be given again." sep:"none" placeholder:"HEADING=FIELD"`

	bring func(c *command.Context, in Input) (Plan, error)
}

// NewCommand returns the command that gives the file to bring.
func NewCommand(bring func(c *command.Context, in Input) (Plan, error)) Command {
	return Command{bring: bring}
}

// Help is printed below the flags.
func (*Command) Help() string {
	return `Examples:
  steward import owners owners.xlsx --dry-run    what would change; rows that match nothing
  steward import owners owners.xlsx              the same file again replaces what it said before
  steward import owners entities.json            a Backstage export: counts where repositories say nothing
  steward import owners owners.xlsx --undo       takes the last import of that file back

Fields of --map: repository, component, name, owner, since, ignore. An owner is a team that is known,
by its handle or title; --new-teams makes those that are not. Names of people are not kept.`
}

// Run imports the file, and says what it changed.
func (o *Command) Run(c *command.Context) error {
	in := Input{File: filepath.Base(o.File), DryRun: o.DryRun, NewTeams: o.NewTeams, Undo: o.Undo, Map: map[string]inventory.Field{}}
	for _, one := range o.Map {
		heading, field, err := inventory.ParseField(one)
		if err != nil {
			return fault.Wrap(fault.Invalid, err, "--map %s.", err)
		}
		in.Map[heading] = field
	}
	if !in.Undo {
		file, err := os.Open(o.File)
		if err != nil {
			return fault.Wrap(fault.Invalid, err, "The file %s cannot be read. Check its name and that this user may read it.", o.File)
		}
		defer file.Close()
		if in.Content, err = io.ReadAll(io.LimitReader(file, inventory.MaxBytes+1)); err != nil {
			return fault.Wrap(fault.Invalid, err, "The file %s cannot be read. Give a file, not a folder.", o.File)
		}
	}
	plan, err := o.bring(c, in)
	if err != nil {
		return err
	}
	if c.JSON {
		return c.PrintJSON(plan)
	}
	plan.print(c)
	return nil
}

// mostPrinted is how many rows are printed; --json has all.
const mostPrinted = 20

// print says a plan to people.
func (p Plan) print(c *command.Context) {
	if p.Undone {
		c.Printf("The last import of %s was taken back.\n", plain.Line(p.File))
		return
	}
	would := map[bool]string{true: "", false: " would be"}[p.Applied]
	c.Printf("%s: of %d rows %d%s added, %d changed, %d the same; %d said before and no more\n", plain.Line(p.File), p.Rows, p.Added, would, p.Changed, p.Same, p.Ended)
	for _, note := range p.Notes {
		c.Printf("%s\n", plain.Line(note))
	}
	if len(p.NewTeams) > 0 {
		c.Printf("New teams: %s\n", plain.Line(strings.Join(p.NewTeams, ", ")))
	}
	if p.NoOwner > 0 {
		c.Printf("Rows without an owner, left aside: %d\n", p.NoOwner)
	}
	if p.People > 0 {
		c.Printf("Rows whose owner is a person and not a team, left aside: %d\n", p.People)
	}
	if len(p.Unmatched) > 0 {
		c.Printf("\nNot matched: %d\n", len(p.Unmatched))
	}
	for _, one := range p.Unmatched[:min(len(p.Unmatched), mostPrinted)] {
		c.Printf("  ? %s, %s: %s\n", one.Place, plain.Line(one.Named), plain.Line(one.Why))
		if len(one.Nearest) > 0 {
			c.Printf("      did you mean: %s\n", plain.Line(strings.Join(one.Nearest, ", ")))
		}
	}
	if more := len(p.Unmatched) - mostPrinted; more > 0 {
		c.Printf("  and %d more; --json lists all\n", more)
	}
	if !p.Applied {
		c.Printf("\nNothing was written. Leave out --dry-run to do it.\n")
	}
}
