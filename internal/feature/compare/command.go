package compare

import (
	"io"
	"os"
	"path/filepath"

	"steward/internal/format/inventory"
	"steward/internal/format/plain"
	"steward/internal/format/table"
	"steward/internal/platform/access"
	"steward/internal/platform/command"
	"steward/internal/platform/comparison"
	"steward/internal/platform/fault"
)

// run is `steward compare FILE`.
type run struct {
	File string   `arg:"" help:"Their list, or - for standard input."`
	In   string   `help:"The repository or component that a bill is compared with; without it, the whole estate." placeholder:"NAME"`
	Date string   `help:"When their list was made, such as 2026-03-31; without it as the list says itself." placeholder:"DAY"`
	Map  []string `help:"What a column of a table is, such as \"Our heading=repository\"; may be given again." sep:"none" placeholder:"HEADING=FIELD"`
	CSV  bool     `name:"csv" help:"All rows as CSV, for spreadsheets."`

	feature *Feature
}

// Help is printed below the flags.
func (*run) Help() string {
	return `Examples:
  steward compare assets.xlsx                      their repositories or components, by columns
  steward compare entities.json                    what a Backstage catalogue answers at /entities
  steward compare projects.json                    what Dependency-Track answers at /api/v1/project
  steward compare bom.cdx.json --in ledger         a bill of materials against one component
  steward compare bom.xml --csv > differences.csv  all rows for a spreadsheet

Lists: XLSX, CSV; Backstage entities as JSON or YAML; Dependency-Track projects or components as
JSON; CycloneDX as JSON or XML; SPDX 2.3 as JSON. Fields of --map: repository, component, name,
owner, since, package url, ignore. Nothing of the list is kept.`
}

// mostPrinted is how many rows of a side are printed; --csv and --json have all.
const mostPrinted = 25

// Run compares as somebody who may read everything: who can run it can read the database.
func (c *run) Run(ctx *command.Context) error {
	in := Input{File: filepath.Base(c.File), In: c.In, Date: c.Date, Map: c.Map}
	from := ctx.Stdin
	if c.File == "-" {
		in.File = "standard input"
	} else {
		file, err := os.Open(c.File)
		if err != nil {
			return fault.Wrap(fault.Invalid, err, "The file %s cannot be read. Check its name and that this user may read it.", c.File)
		}
		defer file.Close()
		from = file
	}
	var err error
	if in.Content, err = io.ReadAll(io.LimitReader(from, inventory.MaxBytes+1)); err != nil {
		return fault.Wrap(fault.Invalid, err, "The file %s cannot be read. Give a file, not a folder.", c.File)
	}
	r, err := c.feature.Compare(ctx, access.System("steward compare"), in)
	switch {
	case err != nil:
		return err
	case ctx.JSON:
		return ctx.PrintJSON(r)
	case c.CSV:
		return r.writeCSV(ctx.Stdout)
	}
	r.print(ctx)
	return nil
}

// writeCSV writes all rows, safe for spreadsheets.
func (r Result) writeCSV(out io.Writer) error {
	w := table.NewWriter(out)
	if err := w.Write("side", "theirs", "ours", "kind", "reason", "their_owner", "our_owner", "place", "page"); err != nil {
		return err
	}
	for _, row := range r.Rows {
		if err := w.Write(string(row.Side), row.Theirs, row.Ours, row.Kind, row.Reason, row.TheirOwner, row.OurOwner, row.Place, row.Href); err != nil {
			return err
		}
	}
	return w.Flush()
}

// writeJSON writes the whole result.
func (r Result) writeJSON(out io.Writer) error { return plain.WriteJSON(out, r, "") }

// print says a result to people.
func (r Result) print(c *command.Context) {
	c.Printf("%s\n", r.Sentence)
	c.Printf("%s, compared with %s; %s\n", plain.Line(r.what()), plain.Line(r.Scope), r.Base)
	for _, note := range r.Notes {
		c.Printf("%s\n", plain.Line(note))
	}
	if len(r.Reasons) > 0 {
		c.Printf("\nReasons\n")
	}
	for _, one := range r.Reasons {
		c.Printf("  %6s  %-9s  %s\n", number(one.Rows), string(one.Side), one.Kind)
	}
	r.printSide(c, comparison.OnlyThem, "Only in their list")
	r.printSide(c, comparison.Both, "In both, with something to look at")
	r.printSide(c, comparison.OnlyUs, "Only in ours")
}

// what says what the list is: "bom.json: CycloneDX bill of materials of ledger 2, by syft 1.4, 2026-03-31".
func (r Result) what() string {
	text := r.File + ": " + string(r.Form)
	if r.Subject != "" {
		text += " of " + r.Subject
	}
	if r.Tool != "" {
		text += ", by " + r.Tool
	}
	if !r.At.IsZero() {
		text += ", " + r.At.Format("2006-01-02")
	}
	return text
}

func (r Result) printSide(c *command.Context, side comparison.Side, title string) {
	all := r.shown(side)
	if len(all) == 0 {
		return
	}
	c.Printf("\n%s: %s\n", title, number(len(all)))
	for _, row := range all[:min(len(all), mostPrinted)] {
		name, place := row.Theirs, " ("+row.Place+")"
		if side == comparison.OnlyUs {
			name, place = row.Ours, ""
		}
		c.Printf("  %s%s: %s\n", plain.Line(name), place, plain.Line(row.Reason))
	}
	if more := len(all) - mostPrinted; more > 0 {
		c.Printf("  and %s more; --csv lists all\n", number(more))
	}
}

// shown are the rows of a side; of both only those with something to say.
func (r Result) shown(side comparison.Side) []comparison.Row {
	all := r.Of(side)
	if side != comparison.Both {
		return all
	}
	var told []comparison.Row
	for _, row := range all {
		if row.Reason != "" {
			told = append(told, row)
		}
	}
	return told
}
