package app

import (
	"fmt"
	"strings"
	"time"

	"steward/internal/app/diagnosis"
	"steward/internal/feature/estate"
	"steward/internal/feature/estate/source"
	"steward/internal/platform/access"
	"steward/internal/platform/command"
	"steward/internal/platform/command/control"
	"steward/internal/platform/fault"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/store"
)

// doctorRun is `steward doctor`.
type doctorRun struct {
	Sources bool   `help:"Try every source too: open its folder, or ask its address. Nothing is copied."`
	Egress  bool   `help:"List every address that Steward would contact."`
	Listen  string `help:"Address at which the hub is to be reached." default:"127.0.0.1:7411" env:"STEWARD_LISTEN" placeholder:"HOST:PORT"`
	tlsFiles
	remote

	version string
}

// Help is printed below the flags.
func (*doctorRun) Help() string {
	return `Examples:
  steward doctor                            what is missing here
  steward doctor --sources                  can every source be read now?
  steward doctor --egress --json            what the firewall must let through
  steward doctor --database postgres://…    with that database

It changes nothing. Exit code 3 says that something which Steward needs is missing.`
}

// diagnosed is what --json prints.
type diagnosed struct {
	OK      bool              `json:"ok"`
	Checks  []diagnosis.Check `json:"checks"`
	Sources []diagnosis.Check `json:"sources,omitempty"` // with --sources
	Egress  []diagnosis.Place `json:"egress,omitempty"`  // with --egress
}

// Run looks at everything and prints it.
func (d *doctorRun) Run(c *command.Context) error {
	running, isRunning, askErr := control.Ask[hello](c.Context, c.Data, "/hello", struct{}{})
	report := diagnosed{OK: true, Checks: []diagnosis.Check{diagnosis.Git(c.Context), diagnosis.Folder(c.Data), diagnosis.Space(c.Data)}}
	db, database := checkDatabase(c)
	if askErr != nil {
		running.Version = "of another version"
	}
	report.Checks = append(report.Checks, database, d.checkAddress(running, isRunning))
	if one, has := d.checkCertificate(running); has {
		report.Checks = append(report.Checks, one)
	}
	var sources []estate.Source
	if db != nil {
		defer db.Close()
		var err error
		if sources, err = source.All(c.Context, db, access.System("steward doctor")); err != nil {
			return err
		}
		if d.Sources {
			mirror, err := d.options()
			if err != nil {
				return err
			}
			report.Sources = diagnosis.Sources(c.Context, mirror, sources)
		}
	}
	if d.Egress {
		report.Egress = diagnosis.Egress(sources, c.DSN)
	}
	for _, one := range append(report.Checks[:len(report.Checks):len(report.Checks)], report.Sources...) {
		report.OK = report.OK && one.Verdict != diagnosis.Missing
	}
	if err := d.print(c, report); err != nil {
		return err
	}
	if !report.OK {
		return exitCode(exitCannot)
	}
	return nil
}

func (d *doctorRun) print(c *command.Context, report diagnosed) error {
	if c.JSON {
		return c.PrintJSON(report)
	}
	diagnosis.Print(c, report.Checks)
	if d.Sources {
		c.Printf("\nSources:\n")
		diagnosis.Print(c, report.Sources)
		if len(report.Sources) == 0 {
			c.Printf("  none has been given yet\n")
		}
	}
	if d.Egress {
		diagnosis.PrintEgress(c, report.Egress)
	}
	if !report.OK {
		c.Printf("\nSomething is missing; each line above says how to get it.\n")
	}
	return nil
}

// checkDatabase opens the database for reading; it is nil when there is none to read.
func checkDatabase(c *command.Context) (*store.DB, diagnosis.Check) {
	name := "SQLite, embedded"
	if c.DSN != "" {
		name = "PostgreSQL"
	}
	db, err := openForReading(c.Context, c.Data, c.DSN)
	kind, _ := fault.KindOf(err)
	switch {
	case err != nil && kind == fault.NotFound && c.DSN == "":
		return nil, diagnosis.Check{Name: "database", Verdict: diagnosis.Fine, Found: name + ": none yet; steward up makes it"}
	case err != nil:
		sentence := fault.Sentence(err)
		if sentence == "" {
			sentence = gitrepo.Redact(err.Error())
		}
		return nil, diagnosis.Check{Name: "database", Verdict: diagnosis.Missing, Found: name + ": it cannot be used", Remedy: sentence}
	}
	query := "SELECT sqlite_version()"
	if db.Engine() == store.PostgreSQL {
		query = "SELECT current_setting('server_version')"
	}
	var version string
	if err := db.QueryRow(c.Context, query).Scan(&version); err != nil {
		return db, diagnosis.Check{Name: "database", Verdict: diagnosis.Missing, Found: name + ": it does not answer", Remedy: "Start it, or look into its log."}
	}
	return db, diagnosis.Check{Name: "database", Verdict: diagnosis.Fine, Found: name + " " + version}
}

// checkAddress looks whether the hub could listen, unless it does already.
func (d *doctorRun) checkAddress(running hello, isRunning bool) diagnosis.Check {
	if isRunning {
		c := diagnosis.Check{Name: "address", Verdict: diagnosis.Fine, Found: strings.TrimSuffix("Steward "+running.Version+" runs on this folder at "+running.Address, " at ")}
		if running.Version != d.version {
			c.Verdict, c.Remedy = diagnosis.Advice, "This command is "+d.version+": start the running one anew to have that version."
		}
		return c
	}
	l, err := listen(d.Listen)
	if err != nil {
		return diagnosis.Check{Name: "address", Verdict: diagnosis.Missing, Found: d.Listen + " cannot be used", Remedy: fault.Sentence(err)}
	}
	if err := l.Close(); err != nil {
		return diagnosis.Check{Name: "address", Verdict: diagnosis.Advice, Found: d.Listen + " was hard to give back", Remedy: "Try again."}
	}
	return diagnosis.Check{Name: "address", Verdict: diagnosis.Fine, Found: d.Listen + " is free"}
}

// renewBefore is how long before its end a certificate should be renewed.
const renewBefore = 21 * 24 * time.Hour

// checkCertificate says how long the certificate of the running hub, or the one that is named, is
// still valid; false when there is none.
func (d *doctorRun) checkCertificate(running hello) (diagnosis.Check, bool) {
	ends := running.Certificate
	if ends.IsZero() {
		c, err := d.tlsFiles.open(nil)
		switch {
		case err != nil:
			return diagnosis.Check{Name: "certificate", Verdict: diagnosis.Missing, Found: "https cannot be served", Remedy: fault.Sentence(err)}, true
		case c == nil:
			return diagnosis.Check{}, false
		}
		ends = c.Expires()
	}
	days := int(time.Until(ends).Hours() / 24)
	left := fmt.Sprintf("valid for %d more days, until %s", days, ends.UTC().Format(time.DateOnly))
	switch {
	case time.Now().After(ends):
		return diagnosis.Check{Name: "certificate", Verdict: diagnosis.Missing, Found: "it expired on " + ends.UTC().Format(time.DateOnly), Remedy: "Renew it; the running Steward takes up the new files by itself."}, true
	case time.Until(ends) < renewBefore:
		return diagnosis.Check{Name: "certificate", Verdict: diagnosis.Advice, Found: left, Remedy: "Renew it soon; the running Steward takes up the new files by itself."}, true
	}
	return diagnosis.Check{Name: "certificate", Verdict: diagnosis.Fine, Found: left}, true
}
