package app

import (
	"context"
	"errors"
	"time"

	"steward/internal/feature/catalog/imported"
	"steward/internal/feature/portfolio"
	"steward/internal/platform/access"
	"steward/internal/platform/command"
	"steward/internal/platform/command/control"
	"steward/internal/platform/mount"
)

// importRun is `steward import`.
type importRun struct {
	Owners  imported.Command        `cmd:"" help:"Who owns what, from a spreadsheet or a Backstage export."`
	Context portfolio.ImportCommand `cmd:"" help:"Applications and units, from the firm's asset register as XLSX or CSV."`
}

// Help is printed below the commands.
func (*importRun) Help() string {
	return `Examples:
  steward import context applications.csv --dry-run
  steward import context applications.csv
  steward import owners owners.xlsx --dry-run`
}

// importTime is how long a running Steward may take for a file.
const importTime = 10 * time.Minute

// bringContext imports applications and units.
func (l *commandLine) bringContext(c *command.Context, in portfolio.Input) (portfolio.Plan, error) {
	return bring(l, c, "/import", in, in.DryRun, func(p mount.Platform) (portfolio.Plan, error) {
		return portfolio.New(p, portfolio.Config{}).Import(c.Context, access.System("steward import context"), in)
	})
}

// bringOwners imports who owns what.
func (l *commandLine) bringOwners(c *command.Context, in imported.Input) (imported.Plan, error) {
	return bring(l, c, "/import-owners", in, in.DryRun && !in.Undo, func(p mount.Platform) (imported.Plan, error) {
		return imported.New(p.DB, p.Now).Import(c.Context, access.System("steward import owners"), in)
	})
}

// bring imports by itself over the database when nothing is to be written, which may be while Steward
// runs; else it asks the running Steward, or writes by itself when none runs.
func bring[In, Plan any](l *commandLine, c *command.Context, path string, in In, dry bool, byItself func(mount.Platform) (Plan, error)) (Plan, error) {
	var plan Plan
	db, err := openForReading(c.Context, c.Data, c.DSN)
	if err != nil {
		return plan, err
	}
	if dry {
		plan, err = byItself(mount.Platform{DB: db, Now: time.Now})
		return plan, errors.Join(err, db.Close())
	}
	if err := db.Close(); err != nil {
		return plan, err
	}
	ctx, cancel := context.WithTimeout(c.Context, importTime)
	defer cancel()
	plan, running, err := control.Ask[Plan](ctx, c.Data, path, in)
	if running || err != nil {
		return plan, err
	}
	o, err := openOffice(c.Context, officeConfig{version: l.version, data: c.Data, dsn: c.DSN, log: logger(c, false)})
	if err != nil {
		return plan, err
	}
	plan, err = byItself(o.platform)
	return plan, errors.Join(err, o.close())
}
