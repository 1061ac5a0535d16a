package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"steward/internal/format/plain"
	"steward/internal/platform/command"
	"steward/internal/platform/config"
	"steward/internal/platform/fault"
	"steward/internal/platform/mount"
)

// exit codes: 0 fine, 1 policy says no, 2 usage, 3 cannot run.
const (
	exitFine   = 0
	exitPolicy = 1
	exitUsage  = 2
	exitCannot = 3
)

// globals are the flags of every command.
type globals struct {
	Data     string `help:"Folder in which Steward keeps its database and mirrors." default:"${data}" env:"STEWARD_DATA" type:"path" placeholder:"DIR"`
	Database string `help:"PostgreSQL to use instead of the embedded database: postgres://user@host/name." env:"STEWARD_DATABASE" placeholder:"DSN"`
	JSON     bool   `help:"Print one JSON document, for programs."`
}

// Run runs the command line and returns the exit code.
func Run(ctx context.Context, version string, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		args = []string{"--help"}
	}
	stderr = plain.NewWriter(stderr) // messages name what lies in repositories
	line := commandLine{version: version, stdout: stdout, stderr: stderr}
	parsed, code, err := line.parse(mount.Platform{Git: gitConfig(), Now: time.Now, Log: slog.New(slog.DiscardHandler)}, args)
	if parsed == nil {
		if err != nil {
			return usage(stderr, err)
		}
		return code
	}
	c := &command.Context{
		Context: ctx, Stdin: stdin, Stdout: stdout, Stderr: stderr,
		JSON: line.globals.JSON, Data: line.globals.Data, DSN: line.globals.Database,
	}
	if line.store[top(parsed.Selected())] {
		err = line.runOverStore(c, args)
	} else {
		err = parsed.Run(c)
	}
	if err != nil {
		return explain(c, err)
	}
	return exitFine
}

// top is the name of the command that a command is part of, such as report of report estate.
func top(n *kong.Node) string {
	for n.Parent != nil && n.Parent.Type == kong.CommandNode {
		n = n.Parent
	}
	return n.Name
}

// commandLine is what one call was given.
type commandLine struct {
	version        string
	stdout, stderr io.Writer
	globals        globals
	store          map[string]bool // commands that read the database
}

// parse reads the words of a call with the commands of features made over p.
// It returns nil and the exit code when help was asked for.
func (l *commandLine) parse(p mount.Platform, args []string) (*kong.Context, int, error) {
	l.globals, l.store = globals{}, map[string]bool{}
	options := []kong.Option{
		kong.Name("steward"), kong.Description("An open source programme office as one program. Begin with: steward up FOLDER"),
		kong.Vars{"data": defaultData(), "version": l.version},
		kong.Writers(l.stdout, l.stderr),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100, NoExpandSubcommands: true}),
	}
	capabilities := capabilitiesOf(p)
	commands := l.ownCommands(p, capabilities)
	for _, capability := range capabilities {
		commands = append(commands, capability.Commands...)
	}
	for _, c := range commands {
		options = append(options, kong.DynamicCommand(c.Name, c.Help, "", c.Run))
		l.store[c.Name] = c.Store
	}
	exited, code := false, exitFine
	options = append(options, kong.Exit(func(c int) { exited, code = true, c }))
	k, err := kong.New(&l.globals, options...)
	if err != nil {
		return nil, 0, err
	}
	parsed, err := k.Parse(args)
	if exited {
		return nil, code, nil
	}
	return parsed, code, err
}

// runOverStore opens the database for reading, makes the features over it, and runs the command.
func (l *commandLine) runOverStore(c *command.Context, args []string) (err error) {
	db, err := openForReading(c.Context, c.Data, c.DSN)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	p := mount.Platform{DB: db, Settings: config.New(db, time.Now), Log: slog.New(slog.DiscardHandler), Now: time.Now, DataDir: c.Data, Git: gitConfig()}
	parsed, _, err := l.parse(p, args)
	if err != nil {
		return err
	}
	return parsed.Run(c)
}

// usage says what is wrong with the words of a call, and where help is.
func usage(stderr io.Writer, err error) int {
	fmt.Fprintf(stderr, "steward: %v\n", err)
	var pe *kong.ParseError
	if errors.As(err, &pe) && pe.Context != nil && pe.Context.Command() != "" {
		word, _, _ := strings.Cut(pe.Context.Command(), " ")
		fmt.Fprintf(stderr, "steward: run `steward %s --help` for its flags and examples\n", word)
	} else {
		fmt.Fprintln(stderr, "steward: run `steward --help` for the commands")
	}
	return exitUsage
}

// explain prints an error as one sentence, and what lies behind it when it is ours.
func explain(c *command.Context, err error) int {
	var quiet exitCode
	if errors.As(err, &quiet) {
		return int(quiet)
	}
	if errors.Is(err, context.Canceled) && c.Err() != nil {
		return exitFine
	}
	sentence := fault.Sentence(err)
	if sentence == "" {
		sentence = err.Error()
	}
	fmt.Fprintf(c.Stderr, "steward: %s\n", sentence)
	return fault.ExitCode(err)
}

// exitCode ends a command that has said everything already.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// defaultData is the folder for a user's data (XDG base directory specification).
func defaultData() string {
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "steward")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return filepath.Join(os.TempDir(), "steward")
	}
	return filepath.Join(home, ".local", "share", "steward")
}
