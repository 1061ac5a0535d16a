package sbom

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"steward/internal/feature/sbom/bill"
	"steward/internal/feature/sbom/reading"
	"steward/internal/format/cyclonedx"
	"steward/internal/format/plain"
	"steward/internal/platform/access"
	"steward/internal/platform/command"
	"steward/internal/platform/fault"
)

// whoUsesRun is `steward who-uses NAME[@RANGE]`.
type whoUsesRun struct {
	Package  string `arg:"" name:"name[@range]" help:"Package as its ecosystem names it, its last part, or a package URL; and the versions asked for."`
	Scope    string `help:"Only uses for this: production, optional, development, test." placeholder:"SCOPE"`
	Direct   bool   `help:"Only those that name it themselves."`
	Fixtures bool   `help:"Test data, examples and templates too."`
	Limit    int    `help:"Uses printed at most." default:"100"`

	feature *Feature
}

// Help is printed below the flags of `steward who-uses --help`.
func (*whoUsesRun) Help() string {
	return `Examples:
  steward who-uses log4j-core                       by the last part of its name
  steward who-uses 'log4j-core@<2.17.0'             older than 2.17.0
  steward who-uses '@angular/core@^17'              an npm package with a scope
  steward who-uses pkg:maven/org.slf4j/slf4j-api    a package URL
  steward who-uses 'requests@>=2,<2.31' --json      for programs

Ranges: <2.17  >=1.2,<3  1.2.3  ^1.2  ~1.2  1.x  [1,2)  1.2 - 2.0  a || b
It reads what steward up has read; run that first.`
}

// Run answers from the store, as somebody who may read everything: who can run
// it can read the database.
func (w *whoUsesRun) Run(c *command.Context) error {
	q, err := ParseQuestion(w.Package)
	if err != nil {
		return err
	}
	if w.Limit < 1 || w.Limit > 1_000_000 {
		return fault.New(fault.Invalid, "--limit must be from 1 to 1,000,000.")
	}
	q.Scope, q.Direct, q.Fixtures, q.Limit = w.Scope, w.Direct, w.Fixtures, w.Limit
	a, err := w.feature.WhoUses(c.Context, access.System("steward who-uses"), q)
	if err != nil {
		return err
	}
	if c.JSON {
		return c.PrintJSON(a)
	}
	printAnswer(c, a)
	return nil
}

func printAnswer(c *command.Context, a Answer) {
	if len(a.Packages) == 0 {
		c.Printf("Nobody is known to use %s.\n", plain.Line(a.Question.Name))
		c.Printf("%s.\n", a.BaseText)
		return
	}
	within := ""
	if a.Question.Range != "" {
		within = " in " + plain.Line(a.Question.Range)
	}
	names := make([]string, len(a.Packages))
	for i, p := range a.Packages {
		names[i] = plain.Line(p.PURL)
	}
	c.Printf("%s found%s: %d directly, %d through other packages\n", reading.Counted(int(a.Found.Components), "component"), within, a.Found.Direct, a.Found.Through())
	c.Printf("of %s\n", strings.Join(names, ", "))
	if a.Left > 0 {
		c.Printf("and %d more packages of that name, left out: give a package URL\n", a.Left)
	}
	c.Printf("%s\n", a.BaseText)
	if a.onlyFixtures() {
		c.Printf("Only test data or examples use it; --fixtures shows them.\n")
	}
	printUses(c, a.Uses)
	if more := a.Found.Uses - int64(len(a.Uses)); more > 0 {
		c.Printf("  … and %d more; --limit shows them\n", more)
	}
	if a.MayInclude.Uses > 0 {
		c.Printf("\n%s may include it: a range is declared and no lock file says which version\n", reading.Counted(int(a.MayInclude.Components), "component"))
		printUses(c, a.MayUses)
		if more := a.MayInclude.Uses - int64(len(a.MayUses)); more > 0 {
			c.Printf("  … and %d more; --limit shows them\n", more)
		}
	}
	if len(a.Others) > 0 {
		c.Printf("\nOthers that end so:")
		for i, p := range a.Others {
			if i == 8 {
				c.Printf(" … (%d)", len(a.Others))
				break
			}
			c.Printf(" %s", plain.Line(p.PURL))
		}
		c.Printf("\n")
	}
}

func printUses(c *command.Context, uses []Use) {
	if len(uses) == 0 {
		return
	}
	c.Printf("\n")
	nameWidth, versionWidth := 0, 0
	for _, u := range uses {
		nameWidth, versionWidth = max(nameWidth, len([]rune(plain.Line(u.Name())))), max(versionWidth, len([]rune(versionText(u))))
	}
	nameWidth, versionWidth = min(nameWidth, 40), min(versionWidth, 24)
	for _, u := range uses {
		place := u.Repository + ":" + u.Manifest
		if u.Line > 0 {
			place += fmt.Sprintf(":%d", u.Line)
		}
		how := "direct"
		if !u.Direct {
			how = "through others"
			if len(u.Path) > 0 {
				how = "through " + pathText(u.Path)
			}
		}
		if u.Fixture {
			how += ", test data"
		}
		c.Printf("  %-*s  %-*s  %-11s  %s  (%s)\n", nameWidth, plain.Line(u.Name()), versionWidth, versionText(u), u.Scope, plain.Line(place), plain.Line(how))
	}
}

func versionText(u Use) string {
	switch {
	case u.Version != "":
		return plain.Line(u.Version)
	case u.Requirement != "":
		return plain.Line(u.Requirement)
	}
	return "unknown"
}

// sbomRun is `steward sbom PATH`.
type sbomRun struct {
	Path     string `arg:"" default:"." help:"Folder to read; a git work tree or any other, or a bare repository."`
	Format   string `help:"Format of the bill of materials: cyclonedx (1.6, JSON)." enum:"cyclonedx" default:"cyclonedx"`
	Output   string `help:"File to write; standard output without it." short:"o" placeholder:"FILE"`
	Fixtures bool   `help:"Packages of test data, examples and templates too."`

	feature *Feature
}

// Help is printed below the flags of `steward sbom --help`.
func (*sbomRun) Help() string {
	return `Examples:
  steward sbom                                  this folder, to standard output
  steward sbom ~/src/ledger -o ledger.cdx.json  to a file
  steward sbom . | jq '.components | length'

Files are read as they lie. What cannot be known, such as what packages of a
build file without a lock need, is told in the document as incomplete.`
}

// Run reads the folder and writes its bill of materials.
func (s *sbomRun) Run(c *command.Context) error {
	snapshot, problems, done, err := s.feature.estate.OpenPath(c.Context, s.Path)
	if err != nil {
		return err
	}
	defer done()
	document := bill.Of(snapshot, s.Fixtures, s.feature.now())
	for _, n := range problems {
		document.Incomplete = append(document.Incomplete, strings.TrimPrefix(n.Path+": "+n.Reason, ": "))
	}
	var out bytes.Buffer
	components, err := cyclonedx.Write(&out, document)
	if err != nil {
		return err
	}
	written := plain.JSON(out.Bytes())
	if s.Output == "" {
		_, err := c.Stdout.Write(written)
		return err
	}
	if err := writeFile(s.Output, written); err != nil {
		return err
	}
	if c.JSON {
		return c.PrintJSON(map[string]any{"file": s.Output, "components": components, "incomplete": document.Incomplete})
	}
	c.Printf("%s written to %s\n", reading.Counted(components, "component"), plain.Line(s.Output))
	if len(document.Incomplete) > 0 {
		c.Printf("It is not complete; the document says why in %s:\n", reading.Counted(len(document.Incomplete), "place"))
		for i, reason := range document.Incomplete {
			if i == 10 {
				c.Printf("  … and %d more\n", len(document.Incomplete)-i)
				break
			}
			c.Printf("  %s\n", plain.Line(reason))
		}
	}
	return nil
}

// writeFile replaces a file as a whole: a stopped program leaves the old one.
func writeFile(name string, content []byte) error {
	cannot := func(err error) error {
		return fault.Wrap(fault.Unavailable, err, "%s cannot be written. Name a file in a folder where this user may write, with --output.", name)
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".steward-*")
	if err != nil {
		return cannot(err)
	}
	_, err = f.Write(content)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return cannot(err)
	}
	return nil
}
