// Command feature writes the folder of a new capability, and migrations of existing ones:
//
//	go run ./internal/tool/feature [-reads estate,people] award     (make feature NAME=award)
//	go run ./internal/tool/feature -migration award_colour          (make migration NAME=award_colour)
//
// The folder compiles, mounts, migrates and has a list, a record page, a form, a command, a job,
// tests on both databases and an example. Outside of it only internal/app/compose.go changes, and
// with -reads the table of imports in internal/arch. Everything is checked before anything is
// written; what is refused is refused in one sentence.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

func main() { os.Exit(run(os.Args[1:], ".", time.Now(), os.Stdout, os.Stderr)) }

// refusal is a sentence that says why nothing was written.
type refusal string

func (r refusal) Error() string { return string(r) }

func refuse(format string, args ...any) error { return refusal(fmt.Sprintf(format, args...)) }

// run works in the repository at root. It returns 0 when all was written, 2 when the words of the
// call were refused, 3 when something else went wrong.
func run(args []string, root string, now time.Time, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("feature", flag.ContinueOnError)
	flags.SetOutput(stderr)
	migration := flags.String("migration", "", "write a migration named `feature_word` instead of a folder")
	reads := flags.String("reads", "", "`features` that the new one may import, separated by commas")
	because := flags.String("because", "", "`reason` for these imports, for the table of imports")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	var err error
	switch {
	case *migration != "" && flags.NArg() == 0:
		err = writeMigration(root, *migration, now, stdout)
	case *migration == "" && flags.NArg() == 1:
		err = writeFeature(root, wish{word: flags.Arg(0), reads: split(*reads), because: *because, now: now}, stdout)
	default:
		err = refuse("give one name: make feature NAME=award, or make migration NAME=award_colour")
	}
	var refused refusal
	switch {
	case err == nil:
		return 0
	case errors.As(err, &refused):
		fmt.Fprintf(stderr, "feature: %s\n", refused)
		return 2
	default:
		fmt.Fprintf(stderr, "feature: %v\n", err)
		return 3
	}
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}
