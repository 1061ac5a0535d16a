package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"steward/internal/platform/gitrepo/address"
)

// killWait bounds how long a killed git may hold our end of its pipes open.
const killWait = 5 * time.Second

// readEnvironment is all that git learns when it reads objects: dir is our own
// bare directory.
func readEnvironment(dir string, allocation int64) []string {
	return append(baseEnvironment(filepath.Join(dir, "tmp")),
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

// baseEnvironment is common to reading and mirroring; home becomes HOME.
func baseEnvironment(home string) []string {
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

// process is one running git with its output as a stream.
type process struct {
	cmd    *exec.Cmd
	ctx    context.Context
	cancel context.CancelFunc
	give   context.CancelCauseFunc // ends git, saying why
	stdout io.ReadCloser
	stderr *excerpt
	what   string
}

// start runs git in our own bare directory. The process and its children end
// when ctx ends or the time limit is met. The caller must call finish or stop.
func (r *Repo) start(ctx context.Context, stdin io.Reader, what string, args ...string) (*process, error) {
	v, err := r.ensureView()
	if err != nil {
		return nil, err
	}
	what = fmt.Sprintf("%s of %q", what, r.files.Path())
	p, err := startGit(ctx, command{git: r.cfg.Git, dir: v.dir, env: v.env, stdin: stdin, limit: r.cfg.Limits.Time, what: what, args: args})
	if err == nil {
		limitMemory(p.cmd.Process.Pid, uint64(r.cfg.Limits.Memory))
	}
	return p, err
}

type command struct {
	git   string
	dir   string
	env   []string
	stdin io.Reader
	limit time.Duration
	what  string
	args  []string
}

func startGit(ctx context.Context, c command) (*process, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", c.what, err)
	}
	ctx, give := context.WithCancelCause(ctx)
	ctx, cancel := context.WithTimeoutCause(ctx, c.limit, fmt.Errorf("git ran longer than %s: %w", c.limit, ErrTooLarge))
	p := &process{ctx: ctx, cancel: func() { cancel(); give(nil) }, give: give, stderr: &excerpt{max: 4 << 10}, what: c.what}
	p.cmd = exec.CommandContext(ctx, c.git, append([]string{"--no-pager", "--literal-pathspecs"}, c.args...)...)
	p.cmd.Dir = c.dir
	p.cmd.Env = c.env
	p.cmd.Stdin = c.stdin
	p.cmd.Stderr = p.stderr
	p.cmd.WaitDelay = killWait
	ownGroup(p.cmd)
	var err error
	if p.stdout, err = p.cmd.StdoutPipe(); err != nil {
		p.cancel()
		return nil, fmt.Errorf("%s: %w: %w", c.what, ErrGit, err)
	}
	widenPipe(p.stdout)
	if err := p.cmd.Start(); err != nil {
		cause := context.Cause(ctx)
		p.cancel()
		if cause != nil {
			return nil, fmt.Errorf("%s: %w", c.what, cause)
		}
		return nil, fmt.Errorf("%s: %w: %w; install git or name its path", c.what, ErrGit, err)
	}
	return p, nil
}

// finish waits for the end of git after its output was read to the end, and
// says what went wrong, if anything. readErr is what reading ended with.
func (p *process) finish(readErr error) error {
	// An unexpected end means that git is about to exit: its status is worth waiting for.
	ours := readErr != nil && !errors.Is(readErr, io.ErrUnexpectedEOF)
	if ours {
		p.kill()
	}
	err := p.cmd.Wait()
	cause := context.Cause(p.ctx)
	p.cancel()
	switch {
	case cause != nil && err != nil:
		return fmt.Errorf("%s: %w", p.what, cause)
	case err == nil && readErr == nil:
		return nil
	case err == nil || ours:
		return fmt.Errorf("%s: %w", p.what, readErr)
	}
	return fmt.Errorf("%s: %w", p.what, p.explain(err))
}

// stop ends git at once, whatever it is doing. The error is not wanted.
func (p *process) stop() {
	p.kill()
	_ = p.cmd.Wait()
	p.cancel()
}

// spoken is git's output. A read that waits longer than silence ends git: nested
// trees without files can keep it busy for years without a word.
func (p *process) spoken(silence time.Duration) io.Reader {
	return readerFunc(func(b []byte) (int, error) {
		late := time.AfterFunc(silence, func() {
			p.give(fmt.Errorf("git said nothing for %s: %w", silence, ErrTooLarge))
		})
		defer late.Stop()
		return p.stdout.Read(b)
	})
}

type readerFunc func(b []byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func (p *process) kill() {
	if p.cmd.Process != nil {
		killGroup(p.cmd)
	}
}

// explain turns the end of git into one of our errors, by what it said.
func (p *process) explain(err error) error {
	said := p.stderr.String()
	kind := ErrGit
	lower := strings.ToLower(said)
	for _, c := range []struct {
		text string
		kind error
	}{
		{"corrupt", ErrCorrupt},
		{"inflate", ErrCorrupt},
		{"unable to stream", ErrCorrupt},
		{"garbage at end", ErrCorrupt},
		{"hash mismatch", ErrCorrupt},
		{"object file", ErrCorrupt},
		{"malformed", ErrCorrupt},
		{"packfile", ErrCorrupt},
		{"index file", ErrCorrupt},
		{"out of memory", ErrTooLarge},
		{"over limit", ErrTooLarge},
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
