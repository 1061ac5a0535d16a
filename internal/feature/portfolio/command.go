package portfolio

import (
	"io"
	"os"
	"path/filepath"

	"steward/internal/feature/portfolio/sheet"
	"steward/internal/format/table"
	"steward/internal/platform/command"
	"steward/internal/platform/fault"
)

// ImportCommand is `steward import context FILE`. Bring has the file imported, by the running Steward
// when there is one.
type ImportCommand struct {
	File     string   `arg:"" help:"Workbook (XLSX) or CSV with a line of headings, or - for standard input."`
	DryRun   bool     `help:"Say what would change, and write nothing."`
	Complete bool     `help:"The file names all applications: those that it does not name are no more."`
	Map      []string `help:"What a column is, such as \"Our heading=tier\"; may be given again." sep:"none" placeholder:"HEADING=FIELD"`

	bring func(c *command.Context, in Input) (Plan, error)
}

// NewImportCommand returns the command that gives the file to bring.
func NewImportCommand(bring func(c *command.Context, in Input) (Plan, error)) ImportCommand {
	return ImportCommand{bring: bring}
}

// Help is printed below the flags.
func (*ImportCommand) Help() string {
	return `Examples:
  steward import context applications.csv --dry-run         what would change; rows that match nothing
  steward import context applications.csv                   the same file again changes nothing
  steward import context applications.csv --complete        what it does not name is no more
  steward import context cmdb.csv --map "Service class=tier" --map "Notes=ignore"

Fields: id, name, tier, status, external, data class, owner, owning team, cost centre, country,
legal entity, division, unit, team, from, to, repository, component, ignore. Usual headings are
recognised. Of a workbook the first sheet is read; in CSV commas, semicolons and tabs are found by
themselves.`
}

// Run imports the file, and says what it changed.
func (i *ImportCommand) Run(c *command.Context) error {
	in, err := i.input(c)
	if err != nil {
		return err
	}
	plan, err := i.bring(c, in)
	if err != nil {
		return err
	}
	if c.JSON {
		return c.PrintJSON(plan)
	}
	plan.print(c)
	return nil
}

func (i *ImportCommand) input(c *command.Context) (Input, error) {
	in := Input{File: filepath.Base(i.File), DryRun: i.DryRun, Complete: i.Complete}
	var err error
	if in.Map, err = sheet.ParseMap(i.Map); err != nil {
		return in, err
	}
	from := c.Stdin
	if i.File == "-" {
		in.File = "standard input"
	} else {
		file, err := os.Open(i.File)
		if err != nil {
			return in, fault.Wrap(fault.Invalid, err, "The file %s cannot be read. Check its name and that this user may read it.", i.File)
		}
		defer file.Close()
		from = file
	}
	if in.Content, err = io.ReadAll(io.LimitReader(from, table.MaxBytes+1)); err != nil {
		return in, fault.Wrap(fault.Invalid, err, "The file %s cannot be read. Give a file, not a folder.", i.File)
	}
	return in, nil
}
