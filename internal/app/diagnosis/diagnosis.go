// Package diagnosis looks whether this machine has what Steward needs, and says of each thing what
// was found and how to get what is missing. It changes nothing.
package diagnosis

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
	"steward/internal/format/plain"
	"steward/internal/platform/command"
	"steward/internal/platform/disk"
	"steward/internal/platform/fault"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/web/piece"
)

// Verdict is what a check came to.
type Verdict string

// The verdicts.
const (
	Fine    Verdict = "ok"
	Advice  Verdict = "advice"  // works, could be better
	Missing Verdict = "missing" // Steward cannot work so
)

// Check is one thing that was looked at.
type Check struct {
	Name    string  `json:"name"`
	Verdict Verdict `json:"verdict"`
	Found   string  `json:"found"`
	Remedy  string  `json:"remedy,omitempty"`
}

// Print lists checks, each with its remedy below it.
func Print(c *command.Context, checks []Check) {
	width := 0
	for _, one := range checks {
		width = max(width, min(len(one.Name), 50))
	}
	for _, one := range checks {
		c.Printf("  %-7s  %-*s  %s\n", one.Verdict, width, plain.Line(one.Name), plain.Line(one.Found))
		if one.Remedy != "" {
			c.Printf("  %-7s  %-*s  %s\n", "", width, "", plain.Line(one.Remedy))
		}
	}
}

// How much room there must be, in bytes: for the database alone, and for mirrors in comfort.
const (
	leastSpace  = 500 << 20
	enoughSpace = 5 << 30
)

// probeTime bounds the test of one source.
const probeTime = time.Minute

var gitVersion = regexp.MustCompile(`(\d+)\.(\d+)(?:\.(\d+))?`)

// Git looks for git. It must know http.curloptResolve (2.37), which keeps git at the addresses
// that were checked; it should know GIT_NO_LAZY_FETCH (2.39.4), which keeps it from running what a
// hostile repository names.
func Git(ctx context.Context) Check {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	const get = "Install git 2.39.4 or later: apt install git, dnf install git, brew install git, or https://git-scm.com/downloads."
	out, err := exec.CommandContext(ctx, "git", "--version").Output()
	if err != nil {
		return Check{"git", Missing, "the program git was not found or does not run", get}
	}
	m := gitVersion.FindStringSubmatch(string(out))
	if m == nil {
		return Check{"git", Advice, "its version is not known: " + strings.TrimSpace(string(out)), get}
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
		return Check{"git", Missing, "version " + m[0] + ", too old", get}
	case number < 2_039_004:
		return Check{"git", Advice, "version " + m[0] + ", without the protection against hostile repositories of 2.39.4", get}
	}
	return Check{"git", Fine, "version " + m[0], ""}
}

// Folder looks whether the data folder can be written, or made, and by nobody else.
func Folder(data string) Check {
	at := existing(data)
	probe, err := os.CreateTemp(at, ".steward-doctor-*")
	if err != nil {
		return Check{"data folder", Missing, fmt.Sprintf("%s: this user may not write to %s", data, at), "Let this user write there, or name another folder with --data."}
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return Check{"data folder", Missing, fmt.Sprintf("%s: files cannot be removed there", data), "Name a folder on a local disk with --data."}
	}
	if at != filepath.Clean(data) {
		return Check{"data folder", Fine, data + " is going to be made", ""}
	}
	info, err := os.Stat(data)
	if err == nil && info.Mode().Perm()&0o077 != 0 && disk.HasModes {
		return Check{"data folder", Advice, fmt.Sprintf("%s can be entered by other users of this machine", data), fmt.Sprintf("It holds keys and copies of code: chmod 700 %s", data)}
	}
	return Check{"data folder", Fine, data, ""}
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

// Space looks whether there is room at the data folder.
func Space(data string) Check {
	free, known := disk.Free(existing(data))
	if !known {
		return Check{"disk space", Advice, "it is not known on this system", "See to 5 GB for the database, and room for mirrors of remote repositories."}
	}
	text, err := piece.Bytes(free)
	if err != nil {
		text = strconv.FormatInt(free, 10)
	}
	text = strings.ReplaceAll(text, "\u00a0", " ") + " free"
	switch {
	case free < leastSpace:
		return Check{"disk space", Missing, text, "Make room, or name a folder on another disk with --data."}
	case free < enoughSpace:
		return Check{"disk space", Advice, text, "Enough to begin with. Mirrors of remote repositories need as much as the repositories themselves."}
	}
	return Check{"disk space", Fine, text, ""}
}

// Sources tries them, eight at once, and keeps their order.
func Sources(ctx context.Context, options gitrepo.MirrorOptions, sources []estate.Source) []Check {
	checks := make([]Check, len(sources))
	slots := make(chan struct{}, 8)
	var wait sync.WaitGroup
	for i, s := range sources {
		wait.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			one, cancel := context.WithTimeout(ctx, probeTime)
			defer cancel()
			checks[i] = Check{s.Given, Fine, "can be read", ""}
			err := reach.Reach(one, s, options)
			if err == nil {
				return
			}
			sentence := fault.Sentence(err)
			if sentence == "" {
				sentence = gitrepo.Redact(err.Error())
			}
			checks[i] = Check{s.Given, Missing, "cannot be read", sentence}
		})
	}
	wait.Wait()
	return checks
}
