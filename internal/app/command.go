package app

import (
	"steward/internal/platform/command"
)

// ownCommands are those that belong to no feature.
func (l *commandLine) ownCommands() []command.Command {
	return []command.Command{
		{Name: "up", Help: "Read repositories and serve the hub.", Run: &upRun{version: l.version}},
		{Name: "serve", Help: "Serve the hub alone, on PostgreSQL.", Run: &serveRun{version: l.version}},
		{Name: "work", Help: "Read repositories alone, on PostgreSQL.", Run: &workRun{version: l.version}},
		{Name: "link", Help: "Print another sign-in link.", Run: &linkRun{version: l.version}},
		{Name: "version", Help: "Print the version.", Run: &versionRun{version: l.version}},
	}
}

// versionRun is `steward version`.
type versionRun struct {
	version string
}

// Run prints the version.
func (v *versionRun) Run(c *command.Context) error {
	if c.JSON {
		return c.PrintJSON(map[string]string{"version": v.version})
	}
	c.Printf("steward %s\n", v.version)
	return nil
}
