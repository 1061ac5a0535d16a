package app

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"steward/internal/format/plain"
	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/command"
	"steward/internal/platform/fault"
)

// auditRun is `steward audit`.
type auditRun struct {
	Verify auditVerifyRun `cmd:"" default:"withargs" help:"Say whether an entry was altered, removed or added since it was written."`
	Heads  auditHeadsRun  `cmd:"" help:"Print the signed heads of the log, to be kept elsewhere."`
}

// Help is printed below the commands.
func (*auditRun) Help() string {
	return `Examples:
  steward audit verify
  steward audit heads > /safe/heads.jsonl                  once a day, kept where the database's administrator cannot write
  steward audit verify --heads /safe/heads.jsonl           also finds what was cut off at the end, or an older database put back

Exit code 1 says that the log is not as it was written, 3 that it cannot be told without the key.`
}

type auditVerifyRun struct {
	Heads string `type:"existingfile" placeholder:"FILE" help:"Heads that were printed earlier; all of them must be in the log."`
}

// Help is printed below the flags.
func (*auditVerifyRun) Help() string {
	return "Examples:\n  steward audit verify\n  steward audit verify --heads /safe/heads.jsonl --json"
}

type auditHeadsRun struct {
	Since int64 `placeholder:"N" help:"Only heads after this number: the last one that is kept already."`
}

// Help is printed below the flags.
func (*auditHeadsRun) Help() string {
	return "Examples:\n  steward audit heads > /safe/heads.jsonl\n  steward audit heads --since 1200 >> /safe/heads.jsonl"
}

// verifiedJSON is what --json prints of a verification.
type verifiedJSON struct {
	OK       bool           `json:"ok"`
	Entries  int64          `json:"entries"`             // sealed ones that were checked
	Pending  int64          `json:"pending"`             // written within the last second
	Head     *audit.Head    `json:"head"`                // the newest; null when nothing is sealed yet
	Keyless  bool           `json:"by_chain_only"`       // the key was not at hand for some of it
	Problems []auditProblem `json:"problems"`            // at most 1,000
	More     bool           `json:"more_problems"`       // there are more
	Compared int            `json:"compared_with_heads"` // heads given with --heads
}

type auditProblem struct {
	Change audit.Change `json:"change"`
	Seq    int64        `json:"seq,omitempty"`
	Entry  string       `json:"entry,omitempty"`
	Text   string       `json:"text"`
}

// openLog opens the audit log for reading, with the key when the data folder has it.
func openLog(c *command.Context) (*audit.Log, func() error, error) {
	var key audit.Key
	file := filepath.Join(c.Data, keyFile)
	if _, err := os.Lstat(file); err == nil {
		if key, err = audit.OpenKey(file); err != nil {
			return nil, nil, err
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return nil, nil, fault.Wrap(fault.Unavailable, err, "The key of the audit log in %s cannot be read.", c.Data)
	}
	db, err := openForReading(c.Context, c.Data, c.DSN)
	if err != nil {
		return nil, nil, err
	}
	return audit.New(db, key, time.Now), db.Close, nil
}

// Run checks the whole log.
func (a *auditVerifyRun) Run(c *command.Context) (err error) {
	var heads []audit.Head
	if a.Heads != "" {
		f, err := os.Open(a.Heads)
		if err != nil {
			return fault.Wrap(fault.Unavailable, err, "%s cannot be read.", a.Heads)
		}
		heads, err = audit.ReadHeads(f)
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	log, closeLog, err := openLog(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeLog()) }()
	r, err := log.Verify(c.Context, access.System("steward audit verify"), heads...)
	if err != nil {
		return err
	}
	if c.JSON {
		err = c.PrintJSON(asJSON(r, len(heads)))
	} else {
		printVerified(c, r, len(heads))
	}
	switch {
	case err != nil:
		return err
	case len(r.Problems) > 0:
		return exitCode(exitPolicy)
	case r.Keyless:
		return exitCode(exitCannot)
	}
	return nil
}

func asJSON(r audit.Report, compared int) verifiedJSON {
	out := verifiedJSON{OK: r.OK(), Entries: r.Entries, Pending: r.Pending, Keyless: r.Keyless || len(r.OtherKeys) > 0, Problems: []auditProblem{}, More: r.More, Compared: compared}
	if r.Last.Seq > 0 {
		out.Head = &r.Last
	}
	for _, p := range r.Problems {
		out.Problems = append(out.Problems, auditProblem{p.Change, p.Seq, p.EntryID, p.Sentence})
	}
	return out
}

func printVerified(c *command.Context, r audit.Report, compared int) {
	for _, p := range r.Problems {
		c.Printf("%s\n", plain.Line(p.Sentence))
	}
	if r.More {
		c.Printf("There are more.\n")
	}
	verdict := "none was altered, removed or added"
	switch {
	case len(r.Problems) > 0:
		verdict = "the log is not as it was written"
	case r.Keyless:
		verdict = "they follow one another, which proves nothing, as whoever has the database can write that"
	}
	c.Printf("%d entries were checked: %s. %d wait to be sealed.\n", r.Entries, verdict, r.Pending)
	if r.Last.Seq > 0 {
		c.Printf("The newest head has the number %d.\n", r.Last.Seq)
	}
	if compared > 0 {
		c.Printf("It was compared with %d heads kept elsewhere.\n", compared)
	}
	switch {
	case r.Keyless:
		c.Printf("The key of the log is not in %s. Name its folder with --data.\n", c.Data)
	case len(r.OtherKeys) > 0:
		c.Printf("Some was sealed with a key that was replaced since: that part was checked by its chain, up to the entry that replaced it.\n")
	}
}

// Run prints the heads, one JSON object a line.
func (a *auditHeadsRun) Run(c *command.Context) (err error) {
	log, closeLog, err := openLog(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeLog()) }()
	_, err = log.Export(c.Context, access.System("steward audit heads"), c.Stdout, a.Since)
	return err
}
