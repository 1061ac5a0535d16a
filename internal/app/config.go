package app

import (
	"errors"
	"time"

	"steward/internal/format/plain"
	"steward/internal/platform/access"
	"steward/internal/platform/command"
	"steward/internal/platform/command/control"
	"steward/internal/platform/config"
	"steward/internal/platform/fault"
)

// configRun is `steward config`.
type configRun struct {
	List configListRun `cmd:"" default:"1" help:"List every setting with its value and what it is for."`
	Get  configGetRun  `cmd:"" help:"Print the value of one setting."`
	Set  configSetRun  `cmd:"" help:"Change one setting."`
}

// Help is printed below the commands.
func (*configRun) Help() string {
	return `Examples:
  steward config                                    every setting
  steward config get firm.domains
  steward config set firm.name "Northwind Bank"
  steward config set firm.domains example.com,example.co.uk
  steward config set people.mode team

Settings are kept in the database. While Steward runs, set asks it to make the change.`
}

type configListRun struct{}

// Help is printed below the flags.
func (*configListRun) Help() string {
	return "Examples:\n  steward config list\n  steward config list --json"
}

type configGetRun struct {
	Key string `arg:"" help:"Such as firm.name; steward config lists them."`
}

// Help is printed below the flags.
func (*configGetRun) Help() string { return "Examples:\n  steward config get firm.domains" }

type configSetRun struct {
	Key   string `arg:"" help:"Such as firm.name; steward config lists them."`
	Value string `arg:"" help:"The new value; empty ('') for none."`

	version string
}

// Help is printed below the flags.
func (*configSetRun) Help() string {
	return "Examples:\n  steward config set firm.name \"Northwind Bank\"\n  steward config set people.mode off"
}

// configRequest is what `steward config set` asks the running Steward.
type configRequest struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// configJSON is a setting as --json prints it.
type configJSON struct {
	config.Setting
	Changed *time.Time `json:"changed"` // null while it is the default
}

// readSettings lists the settings in the database.
func readSettings(c *command.Context) ([]config.Setting, error) {
	db, err := openForReading(c.Context, c.Data, c.DSN)
	if err != nil {
		return nil, err
	}
	all, err := config.New(db, time.Now).List(c.Context, access.System("steward config"))
	return all, errors.Join(err, db.Close())
}

// Run lists them.
func (*configListRun) Run(c *command.Context) error {
	all, err := readSettings(c)
	if err != nil {
		return err
	}
	if c.JSON {
		out := make([]configJSON, len(all))
		for i, s := range all {
			out[i].Setting = s
			if !s.Changed.IsZero() {
				out[i].Changed = &s.Changed
			}
		}
		return c.PrintJSON(out)
	}
	width := 0
	for _, s := range all {
		width = max(width, len(s.Key))
	}
	for _, s := range all {
		value := plain.Line(s.Value)
		if value == "" {
			value = "(not set)"
		}
		c.Printf("%-*s  %s\n%*s  %s: %s\n", width, s.Key, value, width, "", s.Label, s.Help)
	}
	return nil
}

// Run prints one value.
func (g *configGetRun) Run(c *command.Context) error {
	all, err := readSettings(c)
	if err != nil {
		return err
	}
	for _, s := range all {
		if s.Key != g.Key {
			continue
		}
		if c.JSON {
			return c.PrintJSON(map[string]string{"key": s.Key, "value": s.Value})
		}
		c.Printf("%s\n", s.Value)
		return nil
	}
	return fault.New(fault.NotFound, "There is no setting %q. steward config lists them.", g.Key)
}

// Run changes one, through the running Steward when there is one.
func (s *configSetRun) Run(c *command.Context) error {
	in := configRequest{Key: s.Key, Value: s.Value}
	_, running, err := control.Ask[struct{}](c.Context, c.Data, "/config", in)
	if err != nil {
		return err
	}
	if !running {
		o, err := openOffice(c.Context, officeConfig{version: s.version, data: c.Data, dsn: c.DSN, log: logger(c, false)})
		if err != nil {
			return err
		}
		err = o.platform.Settings.Set(c.Context, access.System("steward config"), in.Key, in.Value)
		if err := errors.Join(err, o.close()); err != nil {
			return err
		}
	}
	if c.JSON {
		return c.PrintJSON(in)
	}
	c.Printf("%s is set.\n", in.Key)
	return nil
}
