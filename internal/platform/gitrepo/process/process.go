// Package process runs git as a program that ends when it should: in a group of its own, within
// limits, with an environment built from nothing and its output as a stream.
package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"steward/internal/platform/fault"
	"steward/internal/platform/gitrepo/address"
	"steward/internal/platform/gitrepo/layout"
)

// Errors of running git.
var (
	// ErrGit says that git could not be started or died.
	ErrGit = fault.New(fault.Unavailable, "git failed; check that it is installed and try again")
	// ErrMissing says that an object is not there, as in a partial or a broken
	// clone.
	ErrMissing = fault.New(fault.NotFound, "an object of the repository is missing; clone it whole or fetch what is missing")
)

// killWait bounds how long a killed git may hold our end of its pipes open.
const killWait = 5 * time.Second

// ReadEnvironment is all that git learns when it reads objects: dir is our own
// bare directory.
func ReadEnvironment(dir string, allocation int64) []string {
	return append(BaseEnvironment(filepath.Join(dir, "tmp")),
		"GIT_DIR="+dir,
		"GIT_CONFIG_GLOBAL="+os.DevNull,
		"GIT_ALLOW_PROTOCOL=none",
		"GIT_NO_LAZY_FETCH=1",
		"GIT_NO_REPLACE_OBJECTS=1",
		"GIT_OPTIONAL_LOCKS=0",
		"GIT_FLUSH=0", // a flush per commit costs a system call each
		"GIT_ALLOC_LIMIT="+strconv.FormatInt(allocation, 10),
	)
}

// BaseEnvironment is common to reading and mirroring; home becomes HOME.
func BaseEnvironment(home string) []string {
	env := []string{
		"HOME=" + home,
		"XDG_CONFIG_HOME=" + home,
		"LC_ALL=C",
		"TZ=UTC",
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_SYSTEM=" + os.DevNull,
		"GIT_ATTR_NOSYSTEM=1",
		"GIT_TERMINAL_PROMPT=0",
		"GIT_PAGER=cat",
		"GIT_EDITOR=:",
		"GIT_ADVICE=0",
	}
	// What a program needs to be found and to start.
	for _, name := range []string{"PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SystemRoot", "TMPDIR", "TEMP"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// Process is one running git.
type Process struct {
	cmd    *exec.Cmd
	ctx    context.Context
	cancel context.CancelFunc
	give   context.CancelCauseFunc // ends git, saying why
	stderr *excerpt
	guard  *guard
	ended  chan struct{}
	// Out is what git writes.
	Out io.ReadCloser
	// What it is for, as errors begin.
	What string
}

// Command says how git is run.
type Command struct {
	Git    string        // path of the program
	Dir    string        // where it runs
	Env    []string      // the whole environment
	Stdin  io.Reader     // nothing when nil
	Time   time.Duration // life of the process
	Memory int64         // bytes that it may have, on Linux; no limit when zero
	Family bool          // it starts programs of its own: each has the limit on memory, and they end with this process
	What   string        // what it is for, as errors begin
	Args   []string
}

// Start runs git. The process and its children end when ctx ends or the time limit is met. The
// caller must call Finish or Stop. Errors: ErrGit and the cause of ctx.
func Start(ctx context.Context, c Command) (*Process, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", c.What, err)
	}
	ctx, give := context.WithCancelCause(ctx)
	ctx, cancel := context.WithTimeoutCause(ctx, c.Time, fmt.Errorf("git ran longer than %s: %w", c.Time, layout.ErrTooLarge))
	p := &Process{ctx: ctx, cancel: func() { cancel(); give(nil) }, give: give, stderr: &excerpt{max: 4 << 10}, ended: make(chan struct{}), What: c.What}
	git, args := c.Git, append([]string{"--no-pager", "--literal-pathspecs"}, c.Args...)
	if c.Family {
		if _, err := exec.LookPath(git); err != nil { // a shell would say it in its own words
			p.cancel()
			return nil, fmt.Errorf("%s: %w: %w; install git or name its path", c.What, ErrGit, err)
		}
		git, args = limited(git, c.Memory, args)
	}
	p.cmd = exec.CommandContext(ctx, git, args...)
	p.cmd.Dir = c.Dir
	p.cmd.Env = c.Env
	p.cmd.Stdin = c.Stdin
	p.cmd.Stderr = p.stderr
	p.cmd.WaitDelay = killWait
	ownGroup(p.cmd)
	var err error
	if p.Out, err = p.cmd.StdoutPipe(); err != nil {
		p.cancel()
		return nil, fmt.Errorf("%s: %w: %w", c.What, ErrGit, err)
	}
	widenPipe(p.Out)
	if err := p.begin(c.Family); err != nil {
		cause := context.Cause(ctx)
		p.cancel()
		if cause != nil {
			return nil, fmt.Errorf("%s: %w", c.What, cause)
		}
		return nil, fmt.Errorf("%s: %w: %w; install git or name its path", c.What, ErrGit, err)
	}
	if c.Memory > 0 && !c.Family {
		limitMemory(p.cmd.Process.Pid, uint64(c.Memory))
	}
	return p, nil
}

// begin starts git from a thread that lives as long as git does: that thread's end is what the
// kernel takes for the death of the parent.
func (p *Process) begin(family bool) error {
	begun := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		if err == nil && family {
			if p.guard, err = watch(p.cmd); err != nil {
				p.kill()
				_ = p.cmd.Wait()
			}
		}
		begun <- err
		if err == nil {
			<-p.ended
		}
	}()
	return <-begun
}

// wait is for the end of git.
func (p *Process) wait() error {
	err := p.cmd.Wait()
	p.guard.dismiss()
	close(p.ended)
	return err
}

// Said is the start of what git said beside its output, as one printable line without credentials.
func (p *Process) Said() string { return p.stderr.String() }

// Finish waits for the end of git after its output was read to the end, and
// says what went wrong, if anything. readErr is what reading ended with.
func (p *Process) Finish(readErr error) error {
	// An unexpected end means that git is about to exit: its status is worth waiting for.
	ours := readErr != nil && !errors.Is(readErr, io.ErrUnexpectedEOF)
	if ours {
		p.kill()
	}
	err := p.wait()
	cause := context.Cause(p.ctx)
	p.cancel()
	switch {
	case cause != nil && err != nil:
		return fmt.Errorf("%s: %w", p.What, cause)
	case err == nil && readErr == nil:
		return nil
	case err == nil || ours:
		return fmt.Errorf("%s: %w", p.What, readErr)
	}
	return fmt.Errorf("%s: %w", p.What, p.explain(err))
}

// Stop ends git at once, whatever it is doing. The error is not wanted.
func (p *Process) Stop() {
	p.kill()
	_ = p.wait()
	p.cancel()
}

// Spoken is git's output. A read that waits longer than silence ends git: nested
// trees without files can keep it busy for years without a word.
func (p *Process) Spoken(silence time.Duration) io.Reader {
	return readerFunc(func(b []byte) (int, error) {
		late := time.AfterFunc(silence, func() {
			p.give(fmt.Errorf("git said nothing for %s: %w", silence, layout.ErrTooLarge))
		})
		defer late.Stop()
		return p.Out.Read(b)
	})
}

type readerFunc func(b []byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func (p *Process) kill() {
	if p.cmd.Process != nil {
		killGroup(p.cmd)
	}
}

// explain turns the end of git into one of our errors, by what it said.
func (p *Process) explain(err error) error {
	said := p.Said()
	kind := ErrGit
	lower := strings.ToLower(said)
	for _, c := range []struct {
		text string
		kind error
	}{
		{"out of memory", layout.ErrTooLarge}, // first: git then says in the middle of what it could not go on
		{"over limit", layout.ErrTooLarge},
		{"corrupt", layout.ErrCorrupt},
		{"inflate", layout.ErrCorrupt},
		{"unable to stream", layout.ErrCorrupt},
		{"garbage at end", layout.ErrCorrupt},
		{"hash mismatch", layout.ErrCorrupt},
		{"object file", layout.ErrCorrupt},
		{"malformed", layout.ErrCorrupt},
		{"packfile", layout.ErrCorrupt},
		{"index file", layout.ErrCorrupt},
		{"unable to read tree", ErrMissing},
		{"unable to find", ErrMissing},
		{"missing", ErrMissing},
		{"bad object", ErrMissing},
		{"could not read", ErrMissing},
		{"unable to read", ErrMissing},
		{"failed to traverse", ErrMissing},
		{"not a tree object", ErrMissing},
		{"not a valid object name", ErrMissing},
		{"not a valid commit name", ErrMissing},
		{"revision walk setup failed", ErrMissing},
	} {
		if strings.Contains(lower, c.text) {
			kind = c.kind
			break
		}
	}
	if said == "" {
		return fmt.Errorf("%w: %w", kind, err)
	}
	return fmt.Errorf("%w: %s (%w)", kind, said, err)
}

// excerpt keeps the start of what a process says, as one printable line.
type excerpt struct {
	buf bytes.Buffer
	max int
}

func (e *excerpt) Write(p []byte) (int, error) {
	if room := e.max - e.buf.Len(); room > 0 {
		e.buf.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

func (e *excerpt) String() string {
	text := strings.Map(func(c rune) rune {
		if c == '\n' || c == '\r' || c == '\t' {
			return ' '
		}
		if c < 0x20 || c == 0x7f {
			return -1
		}
		return c
	}, strings.ToValidUTF8(e.buf.String(), "?"))
	text = address.Redact(strings.Join(strings.Fields(text), " "))
	if len(text) > 500 {
		text = strings.ToValidUTF8(text[:500], "") + "…"
	}
	return text
}
