package app

import (
	"steward/internal/feature/catalog/imported"
	"steward/internal/feature/portfolio"
	"steward/internal/platform/command"
	"steward/internal/platform/command/completion"
	"steward/internal/platform/mount"
)

// ownCommands are those that belong to no feature. The platform has a database
// when the command that runs reads it.
func (l *commandLine) ownCommands(p mount.Platform, capabilities []mount.Capability) []command.Command {
	return []command.Command{
		{Name: "up", Help: "Read repositories and serve the hub.", Run: &upRun{version: l.version}},
		{Name: "serve", Help: "Serve the hub alone, on PostgreSQL.", Run: &serveRun{version: l.version}},
		{Name: "work", Help: "Read repositories alone, on PostgreSQL.", Run: &workRun{version: l.version}},
		{Name: "link", Help: "Print another sign-in link.", Run: &linkRun{version: l.version}},
		{Name: "find", Help: "Find repositories, components, packages and whatever else has a name.", Run: &findRun{platform: p, capabilities: capabilities}, Store: true},
		{Name: "config", Help: "List, read and change settings.", Run: &configRun{Set: configSetRun{version: l.version}}},
		{Name: "import", Help: "Bring what the firm knows: its applications and units, and who owns what.", Run: &importRun{Context: portfolio.NewImportCommand(l.bringContext), Owners: imported.NewCommand(l.bringOwners)}},
		{Name: "doctor", Help: "Say what is missing, and how to get it.", Run: &doctorRun{version: l.version}},
		{Name: "backup", Help: "Write everything into one file, while Steward works.", Run: &backupRun{version: l.version}},
		{Name: "restore", Help: "Fill an empty database with a backup.", Run: &restoreRun{version: l.version}},
		{Name: "move", Help: "Move the embedded database to PostgreSQL.", Run: &moveRun{version: l.version}},
		{Name: "audit", Help: "Verify the audit log, and print its signed heads.", Run: &auditRun{}},
		{Name: "completion", Help: "Print a script that completes commands and flags in a shell.", Run: &completion.Command{}},
		{Name: "version", Help: "Print the version.", Run: &versionRun{version: l.version}},
	}
}

// versionRun is `steward version`.
type versionRun struct {
	version string
}

// Help is printed below the flags.
func (*versionRun) Help() string { return "Examples:\n  steward version\n  steward version --json" }

// Run prints the version.
func (v *versionRun) Run(c *command.Context) error {
	if c.JSON {
		return c.PrintJSON(map[string]string{"version": v.version})
	}
	c.Printf("steward %s\n", v.version)
	return nil
}
