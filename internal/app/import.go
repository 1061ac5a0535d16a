package app

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	"steward/internal/feature/portfolio"
	"steward/internal/feature/portfolio/sheet"
	"steward/internal/format/table"
	"steward/internal/platform/access"
	"steward/internal/platform/command"
	"steward/internal/platform/command/control"
	"steward/internal/platform/fault"
	"steward/internal/platform/mount"
)

// importRun is `steward import`.
type importRun struct {
	Context importContextRun `cmd:"" help:"Applications and units, from the firm's asset register as CSV."`
}

// Help is printed below the commands.
func (*importRun) Help() string {
	return `Examples:
  steward import context applications.csv --dry-run
  steward import context applications.csv`
}

// importContextRun is `steward import context FILE`.
type importContextRun struct {
	File     string   `arg:"" help:"CSV with a line of headings, or - for standard input."`
	DryRun   bool     `help:"Say what would change, and write nothing."`
	Complete bool     `help:"The file names all applications: those that it does not name are no more."`
	Map      []string `help:"What a column is, such as \"Our heading=tier\"; may be given again." sep:"none" placeholder:"HEADING=FIELD"`

	version string
}

// Help is printed below the flags.
func (*importContextRun) Help() string {
	return `Examples:
  steward import context applications.csv --dry-run         what would change; rows that match nothing
  steward import context applications.csv                   the same file again changes nothing
  steward import context applications.csv --complete        what it does not name is no more
  steward import context cmdb.csv --map "Service class=tier" --map "Notes=ignore"

Fields: id, name, tier, status, external, data class, owner, owning team, cost centre, country,
legal entity, division, unit, team, from, to, repository, component, ignore. Usual headings are
recognised. Commas, semicolons and tabs are found by themselves; save a workbook (XLSX) as CSV first.`
}

// importTime is how long a running Steward may take for a file.
const importTime = 10 * time.Minute

// Run imports the file, through the running Steward when there is one, and says what it changed.
func (i *importContextRun) Run(c *command.Context) error {
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
	plan.Print(c)
	return nil
}

func (i *importContextRun) input(c *command.Context) (portfolio.Input, error) {
	in := portfolio.Input{File: filepath.Base(i.File), DryRun: i.DryRun, Complete: i.Complete}
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

// bring looks in the database when nothing is to be written, which may be while Steward runs; else
// it asks the running Steward, or writes by itself when none runs.
func (i *importContextRun) bring(c *command.Context, in portfolio.Input) (portfolio.Plan, error) {
	v := access.System("steward import context")
	db, err := openForReading(c.Context, c.Data, c.DSN)
	if err != nil {
		return portfolio.Plan{}, err
	}
	if in.DryRun {
		plan, err := portfolio.New(mount.Platform{DB: db, Now: time.Now}, portfolio.Config{}).Import(c.Context, v, in)
		return plan, errors.Join(err, db.Close())
	}
	if err := db.Close(); err != nil {
		return portfolio.Plan{}, err
	}
	ctx, cancel := context.WithTimeout(c.Context, importTime)
	defer cancel()
	plan, running, err := control.Ask[portfolio.Plan](ctx, c.Data, "/import", in)
	if running || err != nil {
		return plan, err
	}
	o, err := openOffice(c.Context, officeConfig{version: i.version, data: c.Data, dsn: c.DSN, log: logger(c, false)})
	if err != nil {
		return portfolio.Plan{}, err
	}
	plan, err = portfolio.New(o.platform, portfolio.Config{}).Import(c.Context, v, in)
	return plan, errors.Join(err, o.platform.DB.Close())
}
