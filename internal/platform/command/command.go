// Package command says what a command of the command line is, so that a
// feature can bring its own, and what each of them is given to run.
package command

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
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
	Stderr io.Writer
	JSON   bool   // --json: one JSON document on Stdout, nothing else
	Data   string // the data folder
	DSN    string // of PostgreSQL; empty for SQLite in the data folder
}

// PrintJSON writes v as indented JSON.
func (c *Context) PrintJSON(v any) error {
	e := json.NewEncoder(c.Stdout)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// Printf writes text for people.
func (c *Context) Printf(format string, args ...any) {
	fmt.Fprintf(c.Stdout, format, args...)
}
