// Package command says what a command of the command line is, so that a
// feature can bring its own, and what each of them is given to run.
package command

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
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

// Printf writes text for people. Arguments that are text may come from a repository: what would
// steer a terminal in them is shown as ?.
func (c *Context) Printf(format string, args ...any) {
	plain := make([]any, len(args))
	for i, a := range args {
		plain[i] = a
		if text, ok := a.(string); ok {
			plain[i] = harmless(text)
		}
	}
	fmt.Fprintf(c.Stdout, format, plain...)
}

// OneLine returns what a repository may hold as one line that does not steer a terminal.
func OneLine(text string) string {
	return strings.NewReplacer("\n", "?", "\t", "?").Replace(harmless(text))
}

// harmless replaces control characters but line breaks and tabs, those that turn the direction of
// writing, and what is not UTF-8.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == 0x2028, r == 0x2029, r == utf8.RuneError:
			return '?'
		}
		return r
	}, text)
}
