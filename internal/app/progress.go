package app

import (
	"cmp"
	"fmt"
	"os"
	"time"

	"golang.org/x/term"

	"steward/internal/feature/estate"
	"steward/internal/feature/estate/source"
	"steward/internal/format/plain"
	"steward/internal/platform/access"
	"steward/internal/platform/command"
	"steward/internal/platform/disk"
	"steward/internal/platform/fault"
	"steward/internal/platform/job"
)

// progress shows in the terminal how far the reading is.
type progress struct {
	c    *command.Context
	o    *office
	tty  bool
	from time.Time
	said time.Time // when the last line was printed where there is no terminal
}

func newProgress(c *command.Context, o *office) *progress {
	file, ok := c.Stdout.(*os.File)
	return &progress{c: c, o: o, tty: ok && term.IsTerminal(int(file.Fd())), from: time.Now(), said: time.Now()}
}

// follow prints until everything is read or the program stops.
func (p *progress) follow() {
	if err := p.untilIdle(); err != nil && p.c.Err() == nil {
		fmt.Fprintf(p.c.Stderr, "steward: %s\n", cmp.Or(fault.Sentence(err), err.Error()))
	}
}

// On a full disk no job can even be begun, so that all of them would wait for
// ever: where nothing moves, the disk is looked at.
const (
	standstill = 25      // looks in a row that find as many jobs open
	full       = 1 << 20 // bytes left that no reading can be stored in
)

// lineEvery is how often a line is printed where there is no terminal.
const lineEvery = 10 * time.Second

// untilIdle prints a line a repository (on a terminal one line that changes)
// and returns when no job waits or runs, or when the disk is full.
func (p *progress) untilIdle() error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	same, last := 0, int64(-1)
	for {
		open, err := p.step()
		if err != nil {
			return err
		}
		if open == 0 {
			return p.summary()
		}
		if same++; open != last {
			same, last = 0, open
		}
		if same > 0 && same%standstill == 0 {
			if free, ok := disk.Free(p.c.Data); ok && free < full {
				return fault.New(fault.Unavailable, "The disk of the data folder %s is full. Free some space and start again; what was read stays.", p.c.Data)
			}
		}
		select {
		case <-p.c.Done():
			return p.c.Err()
		case <-tick.C:
		}
	}
}

// step prints what changed and returns how many jobs are open.
func (p *progress) step() (int64, error) {
	v := access.System("progress")
	open, err := p.o.platform.Queue.Open(p.c.Context, v)
	if err != nil {
		return 0, err
	}
	if open == 0 || p.c.JSON || (!p.tty && time.Since(p.said) < lineEvery) {
		return open, nil
	}
	running, err := p.o.platform.Queue.List(p.c.Context, v, job.Filter{States: []job.State{job.Running}})
	if err != nil {
		return 0, err
	}
	base, err := p.o.estate.Base(p.c.Context, v)
	if err != nil {
		return 0, err
	}
	done := base.Given - base.Waiting
	line := fmt.Sprintf("%d of %d repositories", done, base.Given)
	for _, s := range running {
		if s.What != "" {
			line += ": " + plain.Line(p.o.estate.JobName(p.c.Context, v, s.Kind, s.Key)) + ", " + s.What
			break
		}
	}
	if left := p.left(done, base); left > 0 {
		line += fmt.Sprintf(" (about %s left)", left.Round(time.Second))
	}
	if p.tty {
		fmt.Fprintf(p.c.Stdout, "\r\x1b[K%.100s", plain.Line(line))
	} else {
		p.said = time.Now()
		p.c.Printf("%s\n", line)
	}
	return open, nil
}

// left estimates the time from the pace so far; zero when it is too early to say.
func (p *progress) left(done int64, base estate.Base) time.Duration {
	if done < 3 || base.Waiting == 0 {
		return 0
	}
	return time.Duration(float64(time.Since(p.from)) / float64(done) * float64(base.Waiting))
}

func (p *progress) summary() error {
	base, err := p.o.estate.Base(p.c.Context, access.System("progress"))
	if err != nil {
		return err
	}
	if p.tty {
		fmt.Fprint(p.c.Stdout, "\r\x1b[K")
	}
	if p.c.JSON {
		return p.c.PrintJSON(base)
	}
	p.c.Printf("%s.\n", base)
	if err := p.sources(base); err != nil {
		return err
	}
	if base.Failed > 0 {
		failed, err := p.o.estate.Failed(p.c.Context, access.System("progress"), 20)
		if err != nil {
			return err
		}
		for _, r := range failed {
			p.c.Printf("  %s: %s\n", plain.Line(r.Name), plain.Line(r.Error))
		}
	}
	return nil
}

// sources names those that could not be looked at, and what to do when there are none.
func (p *progress) sources(base estate.Base) error {
	all, err := source.All(p.c.Context, p.o.platform.DB, access.System("progress"))
	if err != nil {
		return err
	}
	for _, s := range all {
		if s.State == "failed" {
			p.c.Printf("  %s\n", plain.Line(s.Error))
		}
	}
	if base.Given == 0 && len(all) == 0 {
		p.c.Printf("No source has been named yet. Run steward up FOLDER, or add one in the hub under Settings, Sources.\n")
	}
	return nil
}
