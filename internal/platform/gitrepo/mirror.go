package gitrepo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"steward/internal/platform/gitrepo/address"
	"steward/internal/platform/gitrepo/layout"
	"steward/internal/platform/gitrepo/refusal"
)

// MirrorOptions say how a repository is copied. The zero value works where no
// credentials are needed or the ssh agent has them.
type MirrorOptions struct {
	// Git is the path of the git program; "git" when empty.
	Git string
	// TokenFile holds an access token for http(s) on its first line. Git reads
	// it through a credential helper; the token itself is never an argument, a
	// part of an address or in an environment.
	TokenFile string
	// TokenHosts are the hosts that may have the token, as host or host:port in lower case. No other is offered it, also
	// when it asks; with none it is never used.
	TokenHosts []string
	// Username goes with the token; "oauth2" when empty, which GitHub, GitLab
	// and Gitea accept.
	Username string
	// UserConfig lets git use the credential helpers, the proxy and the CA file
	// of the person who runs Steward (credential.*, http.proxy and
	// http.sslCAInfo of the global configuration, nothing else).
	UserConfig bool
	// CAFile is a PEM file with the certificate authorities to trust.
	CAFile string
	// Resolve decides whether host:port may be contacted and at which
	// addresses; git then uses only those. Nil leaves it to git. It is not asked
	// for addresses of this machine's file system.
	Resolve func(ctx context.Context, host, port string) ([]netip.Addr, error)
	// MaxBytes bounds the size of the copy on disk; default 20 GiB. One that grew larger is refused
	// without a transfer until the branches and tags of the other side or the limit change.
	MaxBytes int64
	// Timeout bounds the whole; default 2 hours. A transfer below 1,000 bytes/s
	// for a minute ends earlier.
	Timeout time.Duration
	// ListTime bounds the listing of branches and tags; default 2 minutes.
	ListTime time.Duration
	// Slow ends a transfer that brings less than 1,000 bytes/s for so long, over ssh too, which has no
	// limit of its own; default 15 minutes, because git indexes without a word what has arrived.
	Slow time.Duration
	// Memory bounds what each process of a transfer may have, on Linux; default 2 GiB. Those that
	// list branches and tags have a quarter of it.
	Memory int64
	// Read says how a repository on this machine is read (Scratch, Roots, Limits).
	Read Config
	// Warn, when not nil, is told what git finds wrong with received objects,
	// which does not stop the copy.
	Warn func(text string)
}

func (o MirrorOptions) withDefaults() MirrorOptions {
	if o.Git == "" {
		o.Git = "git"
	}
	if o.Username == "" {
		o.Username = "oauth2"
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 20 << 30
	}
	if o.Timeout <= 0 {
		o.Timeout = 2 * time.Hour
	}
	if o.ListTime <= 0 {
		o.ListTime = 2 * time.Minute
	}
	if o.Slow <= 0 {
		o.Slow = 15 * time.Minute
	}
	if o.Memory <= 0 {
		o.Memory = 2 << 30
	}
	if o.Read.Git == "" {
		o.Read.Git = o.Git
	}
	return o
}

// marker is the file by which Mirror knows its own directories.
const marker = "steward-mirror"

// Mirror makes dir a bare copy of the branches and tags of the repository at
// an address, or brings the copy there up to date. Addresses are http(s)://,
// ssh://, user@host:path, file:// and absolute paths; a password in one is
// refused. A new copy appears at once when it is whole; an update changes all
// refs or none (unless branches a and a/b replace each other); one that finds nothing new transfers nothing. Redirects are not
// followed, no hook and no submodule is touched, and a repository on this
// machine is read by the rules of Open. Errors are one sentence with a remedy
// and without secrets: ErrAccess, ErrUnreachable, ErrServer, ErrNotRepository,
// ErrTooLarge, ErrUnsupported, ErrGit, those of address.Parse, and what Resolve returns.
func Mirror(ctx context.Context, text, dir string, opts MirrorOptions) error {
	opts = opts.withDefaults()
	if err := mirror(ctx, text, dir, opts); err != nil {
		return fmt.Errorf("copy %s: %w", address.WithoutCredentials(text), err)
	}
	return nil
}

func mirror(ctx context.Context, text, dir string, opts MirrorOptions) error {
	ctx, cancel := context.WithTimeoutCause(ctx, opts.Timeout, fmt.Errorf("not done after %s: %w; allow more time", opts.Timeout, ErrTooLarge))
	defer cancel()
	to, err := address.Parse(text)
	if err != nil {
		return err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	// Temporary directories lie beside dir, so that renaming is atomic.
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return layout.Reason(err)
	}
	temp, err := os.MkdirTemp(filepath.Dir(dir), ".steward-mirror-")
	if err != nil {
		return layout.Reason(err)
	}
	defer os.RemoveAll(temp)
	m := mirroring{opts: opts, address: to, temp: temp, dir: dir, source: to.Text}
	if to.Local() {
		done, err := m.serveLocal(ctx)
		if err != nil {
			return err
		}
		defer done()
	}
	if err := m.prepare(ctx); err != nil {
		return err
	}
	remote, err := m.list(ctx)
	if err != nil {
		return err
	}
	return m.bring(ctx, remote)
}

// mirroring is one run of Mirror.
type mirroring struct {
	opts    MirrorOptions
	address address.Address
	temp    string // for our configuration and a new copy
	dir     string
	source  string // what git is told to read from
	env     []string
	size    refusal.Size
}

// remoteRefs is what the other side has.
type remoteRefs struct {
	hexLen int
	head   string            // the branch that HEAD names; empty when unknown
	refs   map[string]string // branches and tags
}

// bring fetches what is missing and moves the result into its place.
func (m *mirroring) bring(ctx context.Context, remote remoteRefs) error {
	m.size = refusal.Size{File: m.dir + ".refused", Limit: m.opts.MaxBytes, Refs: refusal.Digest(remote.refs)}
	if err := m.size.Holds(); err != nil {
		return err
	}
	target, isNew := m.dir, false
	if _, err := os.Lstat(m.dir); errors.Is(err, fs.ErrNotExist) {
		target, isNew = filepath.Join(m.temp, "copy"), true
		if err := m.create(target, remote); err != nil {
			return err
		}
	} else if _, err := os.Lstat(filepath.Join(m.dir, marker)); err != nil {
		return fmt.Errorf("the directory %q is not a copy that was made here: %w; name another one", m.dir, ErrUnsupported)
	}
	old, err := Open(ctx, target, m.opts.Read)
	if err != nil {
		return fmt.Errorf("the copy cannot be read: %w; delete it to have it made anew", err)
	}
	defer old.Close()
	if !isNew && old.files.HexLen() != remote.hexLen && len(remote.refs) > 0 {
		return fmt.Errorf("the repository changed its object format: %w; delete the copy %q", ErrUnsupported, m.dir)
	}
	if !sameRefs(old, remote.refs) {
		err = m.fetch(ctx, target)
	} else if size := dirSize(target); size > m.opts.MaxBytes {
		err = m.size.Keep(size)
	}
	if err != nil {
		return err
	}
	if head, _, _ := old.Head(); remote.head != "" && head != remote.head {
		if err := replaceFile(filepath.Join(target, "HEAD"), "ref: "+remote.head+"\n"); err != nil {
			return layout.Reason(err)
		}
	}
	if !isNew {
		return nil
	}
	if err := os.Rename(target, m.dir); err != nil {
		return fmt.Errorf("put the copy into its place: %w", err)
	}
	return nil
}

// create makes an empty bare repository with a configuration of our own.
func (m *mirroring) create(dir string, remote remoteRefs) error {
	for _, sub := range []string{"objects/info", "objects/pack", "refs/heads", "refs/tags"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return layout.Reason(err)
		}
	}
	config := "[core]\n\trepositoryFormatVersion = 0\n\tbare = true\n"
	if remote.hexLen == 64 {
		config = "[core]\n\trepositoryFormatVersion = 1\n\tbare = true\n[extensions]\n\tobjectFormat = sha256\n"
	}
	config += "[remote \"origin\"]\n\turl = " + configValue(m.address.Text) + "\n\tmirror = true\n"
	head := remote.head
	if head == "" {
		head = "refs/heads/main"
	}
	for name, content := range map[string]string{"config": config, "HEAD": "ref: " + head + "\n", marker: m.address.Text + "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			return layout.Reason(err)
		}
	}
	return nil
}

// list asks the other side for its branches, tags and HEAD (gitprotocol-v2(5), "ls-refs").
func (m *mirroring) list(ctx context.Context) (remoteRefs, error) {
	out := remoteRefs{hexLen: 40, refs: map[string]string{}}
	ctx, cancel := context.WithTimeoutCause(ctx, m.opts.ListTime, fmt.Errorf("its branches and tags were not listed within %s: %w", m.opts.ListTime, ErrUnreachable))
	defer cancel()
	p, err := m.start(ctx, filepath.Join(m.temp, "ask"), m.opts.Memory/4, "ls-remote", "--symref", "--quiet", "--", m.source, "HEAD", "refs/heads/*", "refs/tags/*")
	if err != nil {
		return out, err
	}
	lines := bufio.NewScanner(p.Out)
	head := ""
	for lines.Scan() {
		left, name, ok := strings.Cut(lines.Text(), "\t")
		if to, is := strings.CutPrefix(left, "ref: "); is && ok {
			if name == "HEAD" && strings.HasPrefix(to, "refs/heads/") && layout.ValidRefName(to) {
				out.head = to
			}
			continue
		}
		switch {
		case !ok || !layout.IsHex(left) || (len(left) != 40 && len(left) != 64):
		case name == "HEAD":
			head = left
		case strings.HasSuffix(name, "^{}"):
		case layout.ValidRefName(name) && (strings.HasPrefix(name, "refs/heads/") || strings.HasPrefix(name, "refs/tags/")):
			out.hexLen = len(left)
			out.refs[name] = left
			if len(out.refs) > m.opts.Read.Limits.withDefaults().Refs {
				p.Stop()
				return out, fmt.Errorf("more than %d branches and tags: %w", len(out.refs)-1, ErrTooLarge)
			}
		}
	}
	if err := p.Finish(lines.Err()); err != nil {
		return out, refusal.Explain(err)
	}
	if out.head == "" {
		out.head = branchAt(out.refs, head)
	}
	return out, nil
}

// branchAt guesses the branch of a HEAD of which only the commit is known.
func branchAt(refs map[string]string, commit string) string {
	var same []string
	for name, id := range refs {
		if id == commit && strings.HasPrefix(name, "refs/heads/") {
			same = append(same, name)
		}
	}
	slices.Sort(same)
	for _, name := range []string{"refs/heads/main", "refs/heads/master"} {
		if slices.Contains(same, name) {
			return name
		}
	}
	if len(same) == 0 {
		return ""
	}
	return same[0]
}

func sameRefs(r *Repo, want map[string]string) bool {
	have := 0
	for _, ref := range r.files.Refs() {
		if strings.HasPrefix(ref.Name, "refs/heads/") || strings.HasPrefix(ref.Name, "refs/tags/") {
			have++
			if ref.Target != "" || want[ref.Name] != ref.Object {
				return false
			}
		}
	}
	return have == len(want)
}

// fetch updates all refs at once. Git cannot do that where a name takes the
// place of a directory of names; then the vanished ones go first.
func (m *mirroring) fetch(ctx context.Context, target string) error {
	err := m.fetchWith(ctx, target, "--atomic")
	if err != nil && strings.Contains(err.Error(), "cannot lock ref") {
		err = m.fetchWith(ctx, target, "--no-atomic")
	}
	return err
}

func (m *mirroring) fetchWith(ctx context.Context, target, atomic string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	p, err := m.start(ctx, target, m.opts.Memory, "fetch", "--quiet", "--prune", "--force", atomic, "--no-tags", "--no-auto-maintenance",
		"--no-write-fetch-head", "--no-recurse-submodules", "--", m.source, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
	if err != nil {
		return err
	}
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		m.watchSize(ctx, target, cancel)
	}()
	_, err = io.Copy(io.Discard, p.Out)
	err = p.Finish(err)
	cause := context.Cause(ctx)
	cancel(nil)
	<-watched
	if err != nil {
		m.sweep(target)
		if cause != nil {
			return cause
		}
		return refusal.Explain(err)
	}
	if size := dirSize(target); size > m.opts.MaxBytes {
		return m.size.Keep(size)
	}
	if text := p.Said(); text != "" && m.opts.Warn != nil {
		m.opts.Warn(text)
	}
	return nil
}

// slowest is the least rate of a transfer in bytes/s.
const slowest = 1000

// watchSize ends the fetch when the copy grows over the limit, or hardly at all.
func (m *mirroring) watchSize(ctx context.Context, dir string, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	before, since := dirSize(dir), time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		size, waited := dirSize(dir), time.Since(since)
		if size > m.opts.MaxBytes {
			cancel(m.size.Keep(size))
			return
		}
		switch {
		case float64(size-before) >= slowest*m.opts.Slow.Seconds():
			before, since = size, time.Now()
		case waited > m.opts.Slow:
			cancel(fmt.Errorf("less than %d bytes a second arrived for %s: %w", slowest, m.opts.Slow, ErrUnreachable))
			return
		}
	}
}

// sweep removes the half packs and locks that a killed git leaves behind. Below refs a name that
// begins with "tmp_" is a branch; none ends with ".lock" (git-check-ref-format).
func (m *mirroring) sweep(dir string) {
	if strings.HasPrefix(dir, m.temp) {
		return // goes as a whole
	}
	objects := filepath.Join(dir, "objects") + string(filepath.Separator)
	_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return nil
		}
		if strings.HasPrefix(e.Name(), "tmp_") && strings.HasPrefix(path, objects) || strings.HasSuffix(e.Name(), ".lock") {
			_ = os.Remove(path)
		}
		return nil
	})
}

func dirSize(dir string) int64 {
	var total int64
	_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return nil
		}
		if info, err := e.Info(); err == nil {
			total += info.Size()
		}
		return nil
	})
	return total
}

func replaceFile(path, content string) error {
	if err := os.WriteFile(path+".new", []byte(content), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
