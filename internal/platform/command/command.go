// Package command says what a command of the command line is, so that a
// feature can bring its own, and what each of them is given to run.
package command

import (
	"context"
	"fmt"
	"io"

	"steward/internal/format/plain"
)

// Command is one command. Run is a pointer to a struct in the form of the
// kong library: its fields are flags and arguments, and its method
// Run(*command.Context) error does the work.
type Command struct {
	Name  string
	Help  string
	Run   any
	Store bool // it reads the database: its feature is made again over the open one before Run
}

// Context is what a running command gets.
type Context struct {
	context.Context
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer // what is written there is made plain, see package plain
	JSON   bool      // --json: one JSON document on Stdout, nothing else
	Data   string    // the data folder
	DSN    string    // of PostgreSQL; empty for SQLite in the data folder
}

// PrintJSON writes v as indented JSON. What would steer a terminal in its text is escaped, see plain.JSON.
func (c *Context) PrintJSON(v any) error { return plain.WriteJSON(c.Stdout, v, "  ") }

// Printf writes text for people. It may come from a repository, so what would steer a terminal is made plain.
func (c *Context) Printf(format string, args ...any) {
	_, _ = io.WriteString(c.Stdout, plain.Text(fmt.Sprintf(format, args...))) // whoever reads may have gone away
}
