package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"steward/internal/feature/estate"
	reach "steward/internal/feature/estate/remote"
	"steward/internal/feature/estate/source"
	"steward/internal/platform/access"
	"steward/internal/platform/command"
	"steward/internal/platform/command/control"
	"steward/internal/platform/disk"
	"steward/internal/platform/fault"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/store"
	"steward/internal/platform/web/piece"
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

// verdict is what a check came to.
type verdict string

// The verdicts.
const (
	fine    verdict = "ok"
	advice  verdict = "advice"  // works, could be better
	missing verdict = "missing" // Steward cannot work so
)

// check is one thing that was looked at.
type check struct {
	Name    string  `json:"name"`
	Verdict verdict `json:"verdict"`
	Found   string  `json:"found"`
	Remedy  string  `json:"remedy,omitempty"`
}

// diagnosis is what --json prints.
type diagnosis struct {
	OK      bool    `json:"ok"`
	Checks  []check `json:"checks"`
	Sources []check `json:"sources,omitempty"` // with --sources
	Egress  []place `json:"egress,omitempty"`  // with --egress
}

// How much room there must be, in bytes: for the database alone, and for mirrors in comfort.
const (
	leastSpace  = 500 << 20
	enoughSpace = 5 << 30
)

// probeTime bounds the test of one source.
const probeTime = time.Minute

// Run looks at everything and prints it.
func (d *doctorRun) Run(c *command.Context) error {
	running, isRunning, askErr := control.Ask[hello](c.Context, c.Data, "/hello", struct{}{})
	report := diagnosis{OK: true, Checks: []check{checkGit(c.Context), checkFolder(c.Data), checkSpace(c.Data)}}
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
			report.Sources = probe(c.Context, mirror, sources)
		}
	}
	if d.Egress {
		report.Egress = egress(sources, c.DSN)
	}
	for _, one := range append(report.Checks[:len(report.Checks):len(report.Checks)], report.Sources...) {
		report.OK = report.OK && one.Verdict != missing
	}
	if err := d.print(c, report); err != nil {
		return err
	}
	if !report.OK {
		return exitCode(exitCannot)
	}
	return nil
}

func (d *doctorRun) print(c *command.Context, report diagnosis) error {
	if c.JSON {
		return c.PrintJSON(report)
	}
	printChecks(c, report.Checks)
	if d.Sources {
		c.Printf("\nSources:\n")
		printChecks(c, report.Sources)
		if len(report.Sources) == 0 {
			c.Printf("  none has been given yet\n")
		}
	}
	if d.Egress {
		printEgress(c, report.Egress)
	}
	if !report.OK {
		c.Printf("\nSomething is missing; each line above says how to get it.\n")
	}
	return nil
}

func printChecks(c *command.Context, checks []check) {
	width := 0
	for _, one := range checks {
		width = max(width, min(len(one.Name), 50))
	}
	for _, one := range checks {
		c.Printf("  %-7s  %-*s  %s\n", one.Verdict, width, command.OneLine(one.Name), command.OneLine(one.Found))
		if one.Remedy != "" {
			c.Printf("  %-7s  %-*s  %s\n", "", width, "", command.OneLine(one.Remedy))
		}
	}
}

var gitVersion = regexp.MustCompile(`(\d+)\.(\d+)(?:\.(\d+))?`)

// checkGit looks for git. It must know http.curloptResolve (2.37), which keeps git at the addresses
// that were checked; it should know GIT_NO_LAZY_FETCH (2.39.4), which keeps it from running what a
// hostile repository names.
func checkGit(ctx context.Context) check {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	const get = "Install git 2.39.4 or later: apt install git, dnf install git, brew install git, or https://git-scm.com/downloads."
	out, err := exec.CommandContext(ctx, "git", "--version").Output()
	if err != nil {
		return check{"git", missing, "the program git was not found or does not run", get}
	}
	m := gitVersion.FindStringSubmatch(string(out))
	if m == nil {
		return check{"git", advice, "its version is not known: " + strings.TrimSpace(string(out)), get}
	}
	number := 0
	for _, part := range m[1:] {
		n, err := strconv.Atoi(part)
		if err != nil {
			n = 0 // there is no third part
		}
		number = number*1000 + min(n, 999)
	}
	switch {
	case number < 2_037_000:
		return check{"git", missing, "version " + m[0] + ", too old", get}
	case number < 2_039_004:
		return check{"git", advice, "version " + m[0] + ", without the protection against hostile repositories of 2.39.4", get}
	}
	return check{"git", fine, "version " + m[0], ""}
}

// checkFolder looks whether the data folder can be written, or made, and by nobody else.
func checkFolder(data string) check {
	at := existing(data)
	probe, err := os.CreateTemp(at, ".steward-doctor-*")
	if err != nil {
		return check{"data folder", missing, fmt.Sprintf("%s: this user may not write to %s", data, at), "Let this user write there, or name another folder with --data."}
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return check{"data folder", missing, fmt.Sprintf("%s: files cannot be removed there", data), "Name a folder on a local disk with --data."}
	}
	if at != filepath.Clean(data) {
		return check{"data folder", fine, data + " is going to be made", ""}
	}
	info, err := os.Stat(data)
	if err == nil && info.Mode().Perm()&0o077 != 0 && disk.HasModes {
		return check{"data folder", advice, fmt.Sprintf("%s can be entered by other users of this machine", data), fmt.Sprintf("It holds keys and copies of code: chmod 700 %s", data)}
	}
	return check{"data folder", fine, data, ""}
}

// existing is the nearest folder above a path that is there.
func existing(p string) string {
	p = filepath.Clean(p)
	for {
		if info, err := os.Stat(p); err == nil && info.IsDir() {
			return p
		}
		up := filepath.Dir(p)
		if up == p {
			return p
		}
		p = up
	}
}

func checkSpace(data string) check {
	free, known := disk.Free(existing(data))
	if !known {
		return check{"disk space", advice, "it is not known on this system", "See to 5 GB for the database, and room for mirrors of remote repositories."}
	}
	text, err := piece.Bytes(free)
	if err != nil {
		text = strconv.FormatInt(free, 10)
	}
	text = strings.ReplaceAll(text, "\u00a0", " ") + " free"
	switch {
	case free < leastSpace:
		return check{"disk space", missing, text, "Make room, or name a folder on another disk with --data."}
	case free < enoughSpace:
		return check{"disk space", advice, text, "Enough to begin with. Mirrors of remote repositories need as much as the repositories themselves."}
	}
	return check{"disk space", fine, text, ""}
}

// checkDatabase opens the database for reading; it is nil when there is none to read.
func checkDatabase(c *command.Context) (*store.DB, check) {
	name := "SQLite, embedded"
	if c.DSN != "" {
		name = "PostgreSQL"
	}
	db, err := openForReading(c.Context, c.Data, c.DSN)
	kind, _ := fault.KindOf(err)
	switch {
	case err != nil && kind == fault.NotFound && c.DSN == "":
		return nil, check{"database", fine, name + ": none yet; steward up makes it", ""}
	case err != nil:
		sentence := fault.Sentence(err)
		if sentence == "" {
			sentence = gitrepo.Redact(err.Error())
		}
		return nil, check{"database", missing, name + ": it cannot be used", sentence}
	}
	query := "SELECT sqlite_version()"
	if db.Engine() == store.PostgreSQL {
		query = "SELECT current_setting('server_version')"
	}
	var version string
	if err := db.QueryRow(c.Context, query).Scan(&version); err != nil {
		return db, check{"database", missing, name + ": it does not answer", "Start it, or look into its log."}
	}
	return db, check{"database", fine, name + " " + version, ""}
}

// checkAddress looks whether the hub could listen, unless it does already.
func (d *doctorRun) checkAddress(running hello, isRunning bool) check {
	if isRunning {
		c := check{"address", fine, strings.TrimSuffix("Steward "+running.Version+" runs on this folder at "+running.Address, " at "), ""}
		if running.Version != d.version {
			c.Verdict, c.Remedy = advice, "This command is "+d.version+": start the running one anew to have that version."
		}
		return c
	}
	l, err := listen(d.Listen)
	if err != nil {
		return check{"address", missing, d.Listen + " cannot be used", fault.Sentence(err)}
	}
	if err := l.Close(); err != nil {
		return check{"address", advice, d.Listen + " was hard to give back", "Try again."}
	}
	return check{"address", fine, d.Listen + " is free", ""}
}

// renewBefore is how long before its end a certificate should be renewed.
const renewBefore = 21 * 24 * time.Hour

// checkCertificate says how long the certificate of the running hub, or the one that is named, is
// still valid; false when there is none.
func (d *doctorRun) checkCertificate(running hello) (check, bool) {
	ends := running.Certificate
	if ends.IsZero() {
		c, err := d.tlsFiles.open(nil)
		switch {
		case err != nil:
			return check{"certificate", missing, "https cannot be served", fault.Sentence(err)}, true
		case c == nil:
			return check{}, false
		}
		ends = c.Expires()
	}
	days := int(time.Until(ends).Hours() / 24)
	left := fmt.Sprintf("valid for %d more days, until %s", days, ends.UTC().Format(time.DateOnly))
	switch {
	case time.Now().After(ends):
		return check{"certificate", missing, "it expired on " + ends.UTC().Format(time.DateOnly), "Renew it; the running Steward takes up the new files by itself."}, true
	case time.Until(ends) < renewBefore:
		return check{"certificate", advice, left, "Renew it soon; the running Steward takes up the new files by itself."}, true
	}
	return check{"certificate", fine, left, ""}, true
}

// probe tries sources, eight at once, and keeps their order.
func probe(ctx context.Context, options gitrepo.MirrorOptions, sources []estate.Source) []check {
	checks := make([]check, len(sources))
	slots := make(chan struct{}, 8)
	var wait sync.WaitGroup
	for i, s := range sources {
		wait.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			one, cancel := context.WithTimeout(ctx, probeTime)
			defer cancel()
			checks[i] = check{s.Given, fine, "can be read", ""}
			err := reach.Reach(one, s, options)
			if err == nil {
				return
			}
			sentence := fault.Sentence(err)
			if sentence == "" {
				sentence = gitrepo.Redact(err.Error())
			}
			checks[i] = check{s.Given, missing, "cannot be read", sentence}
		})
	}
	wait.Wait()
	return checks
}
