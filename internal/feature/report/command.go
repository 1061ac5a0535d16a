package report

import (
	"bytes"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"steward/internal/format/plain"
	"steward/internal/platform/access"
	"steward/internal/platform/command"
	"steward/internal/platform/command/control"
	"steward/internal/platform/fault"
)

// reportRun is `steward report`.
type reportRun struct {
	Estate estateRun `cmd:"" help:"The estate on one sheet: what it is made of, what is not known, what to do first."`
}

// Help is printed below the commands.
func (*reportRun) Help() string {
	return `Examples:
  steward report estate -o estate.html
  steward report estate --format pdf -o estate.pdf`
}

// estateRun is `steward report estate`.
type estateRun struct {
	Format    string `help:"html, pdf, xlsx or json; without it, what the name of the file says, else html." enum:"html,pdf,xlsx,json," default:""`
	Scope     string `help:"Only this part: unit:NAME or application:KEY." placeholder:"PART"`
	Out       string `help:"File to write; without it, standard output." short:"o" type:"path" placeholder:"FILE"`
	PublicURL string `name:"public-url" help:"Address of the hub, to which numbers lead; without it, that of the running Steward." env:"STEWARD_PUBLIC_URL" placeholder:"URL"`

	feature *Feature
}

// Help is printed below the flags.
func (*estateRun) Help() string {
	return `Examples:
  steward report estate > estate.html
  steward report estate -o estate.pdf                        the ending says the format
  steward report estate --scope unit:Payments -o payments.xlsx
  steward report estate --json                               for programs

It reads the database that steward up keeps, also while that runs. Whoever may read the
data folder counts everything, restricted repositories included.`
}

// Run writes the sheet. Sections of which there is nothing are named on the error output too.
func (e *estateRun) Run(c *command.Context) error {
	format, err := e.format(c.JSON)
	if err != nil {
		return err
	}
	base, err := e.base(c)
	if err != nil {
		return err
	}
	s, err := e.feature.Take(c.Context, access.System("steward report"), e.Scope)
	if err != nil {
		return err
	}
	s.Base, s.Unlinked = base, base == ""
	for _, one := range s.Missing() {
		fmt.Fprintf(c.Stderr, "steward: %s: %s\n", one.Title, plain.Line(one.Missing))
	}
	var out bytes.Buffer
	if format == "json" {
		inner := *c
		inner.Stdout = &out
		err = inner.PrintJSON(s)
	} else {
		for _, one := range e.feature.formats() {
			if one.Name == format {
				err = one.Write(&out, s)
			}
		}
	}
	if err != nil {
		return err
	}
	if e.Out == "" || e.Out == "-" {
		_, err = io.Copy(c.Stdout, &out)
		return err
	}
	if err := os.WriteFile(e.Out, out.Bytes(), 0o600); err != nil {
		return fault.Wrap(fault.Invalid, err, "The report cannot be written to %s. Name a file in a folder that this user may write.", e.Out)
	}
	fmt.Fprintf(c.Stderr, "steward: wrote %s\n", e.Out)
	return nil
}

// format is what was asked for: by flag, by the ending of the file, else HTML.
func (e *estateRun) format(json bool) (string, error) {
	format := e.Format
	if json {
		format = "json"
	}
	known := []string{"json"}
	for _, one := range e.feature.formats() {
		known = append(known, one.Name)
	}
	for _, name := range known {
		if format == name || format == "" && strings.HasSuffix(strings.ToLower(e.Out), "."+name) {
			return name, nil
		}
	}
	if format != "" {
		return "", fault.New(fault.Invalid, "This Steward writes no %s. It writes %s.", format, strings.Join(known, ", "))
	}
	return "html", nil
}

// base is the address of the hub, without a slash at its end; "" when it is not known.
func (e *estateRun) base(c *command.Context) (string, error) {
	if e.PublicURL != "" {
		u, err := url.Parse(e.PublicURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return "", fault.New(fault.Invalid, "--public-url is not the address of a hub. Write it as https://steward.example.com.")
		}
		return strings.TrimSuffix(u.String(), "/"), nil
	}
	said, running, err := control.Ask[struct {
		Address string `json:"address"`
	}](c.Context, c.Data, "/hello", struct{}{})
	if err != nil || !running {
		return "", nil // the sheet says that it has no links
	}
	return said.Address, nil
}
