package app

import (
	"context"
	"errors"
	"time"

	"steward/internal/feature/portfolio"
	"steward/internal/platform/access"
	"steward/internal/platform/command"
	"steward/internal/platform/command/control"
	"steward/internal/platform/mount"
)

// importRun is `steward import`.
type importRun struct {
	Context portfolio.ImportCommand `cmd:"" help:"Applications and units, from the firm's asset register as XLSX or CSV."`
}

// Help is printed below the commands.
func (*importRun) Help() string {
	return `Examples:
  steward import context applications.csv --dry-run
  steward import context applications.csv`
}

// importTime is how long a running Steward may take for a file.
const importTime = 10 * time.Minute

// bringContext looks in the database when nothing is to be written, which may be while Steward runs;
// else it asks the running Steward, or writes by itself when none runs.
func (l *commandLine) bringContext(c *command.Context, in portfolio.Input) (portfolio.Plan, error) {
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
	o, err := openOffice(c.Context, officeConfig{version: l.version, data: c.Data, dsn: c.DSN, log: logger(c, false)})
	if err != nil {
		return portfolio.Plan{}, err
	}
	plan, err = portfolio.New(o.platform, portfolio.Config{}).Import(c.Context, v, in)
	return plan, errors.Join(err, o.close())
}
