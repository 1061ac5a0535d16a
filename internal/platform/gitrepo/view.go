package gitrepo

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"steward/internal/platform/gitrepo/layout"
	"steward/internal/platform/gitrepo/process"
)

// view is a bare git directory of our own, in which git sees the foreign
// object files and nothing else: no configuration, refs, hooks, attributes,
// grafts, commit graph or multi-pack index.
type view struct {
	dir string
	env []string
}

// ownConfig is the configuration of the bare directory. Indexes that can
// disagree with the objects are off.
const ownConfig = `[core]
	repositoryFormatVersion = 1
	bare = true
	commitGraph = false
	multiPackIndex = false
	fsmonitor = false
	hooksPath = /dev/null
	attributesFile = /dev/null
	logAllRefUpdates = false
	bigFileThreshold = 16m
[pack]
	readReverseIndex = false
	useBitmaps = false
[gc]
	auto = 0
[maintenance]
	auto = false
[log]
	showSignature = false
[protocol]
	allow = never
[extensions]
	objectFormat = `

// ensureView makes the bare directory on the first call.
func (r *Repo) ensureView() (*view, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, fmt.Errorf("repository %q: %w", r.files.Path(), fs.ErrClosed)
	}
	if r.view != nil {
		return r.view, nil
	}
	v, err := r.makeView()
	if err != nil {
		return nil, fmt.Errorf("prepare to read %q: %w", r.files.Path(), err)
	}
	r.view = v
	return v, nil
}

func (r *Repo) makeView() (_ *view, err error) {
	dir, err := os.MkdirTemp(r.cfg.Scratch, "steward-git-")
	if err != nil {
		return nil, layout.Reason(err)
	}
	defer func() {
		if err != nil {
			os.RemoveAll(dir)
		}
	}()
	format := "sha1"
	if r.files.HexLen() == 64 {
		format = "sha256"
	}
	for _, sub := range []string{"objects/info", "objects/pack", "refs/heads", "info", "tmp"} {
		if err = os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, layout.Reason(err)
		}
	}
	files := map[string]string{"HEAD": "ref: refs/heads/none\n", "config": ownConfig + format + "\n"}
	if r.Shallow() {
		files["shallow"] = strings.Join(r.files.Shallow(), "\n") + "\n"
	}
	for name, content := range files {
		if err = os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			return nil, layout.Reason(err)
		}
	}
	var quoted []string
	for i, source := range r.files.ObjectDirs() {
		seen := filepath.Join(dir, "seen", strconv.Itoa(i))
		if err = r.linkObjects(source, seen); err != nil {
			return nil, err
		}
		quoted = append(quoted, quotePath(seen))
	}
	v := &view{dir: dir, env: process.ReadEnvironment(dir, r.cfg.Limits.Allocation)}
	v.env = append(v.env, "GIT_ALTERNATE_OBJECT_DIRECTORIES="+strings.Join(quoted, string(os.PathListSeparator)))
	return v, nil
}

// start runs git in our own bare directory. The process and its children end
// when ctx ends or the time limit is met. The caller must call Finish or Stop.
func (r *Repo) start(ctx context.Context, stdin io.Reader, what string, args ...string) (*process.Process, error) {
	v, err := r.ensureView()
	if err != nil {
		return nil, err
	}
	what = fmt.Sprintf("%s of %q", what, r.files.Path())
	return process.Start(ctx, process.Command{
		Git: r.cfg.Git, Dir: v.dir, Env: v.env, Stdin: stdin, Time: r.cfg.Limits.Time, Memory: r.cfg.Limits.Memory, What: what, Args: args,
	})
}

// linkObjects makes seen/ show the packs and the loose objects of source, and
// not its info/. A directory that holds anything but regular files is shown
// file by file without the others, so that git never opens a pipe or a device.
func (r *Repo) linkObjects(source, seen string) error {
	if err := os.MkdirAll(seen, 0o700); err != nil {
		return layout.Reason(err)
	}
	entries, err := os.ReadDir(source)
	if err != nil {
		r.files.Report(fmt.Errorf("objects: %w", layout.Reason(err)))
		return nil
	}
	for _, e := range entries {
		name := e.Name()
		if name != "pack" && (len(name) != 2 || !layout.IsHex(name)) {
			continue
		}
		from, err := r.files.Resolve(filepath.Join(source, name))
		if err != nil {
			r.files.Report(fmt.Errorf("objects: %w", err))
			continue
		}
		if err := r.linkDir(from, filepath.Join(seen, name)); err != nil {
			return err
		}
	}
	return nil
}

func (r *Repo) linkDir(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		r.files.Report(fmt.Errorf("objects: %w", layout.Reason(err)))
		return nil
	}
	plain := true
	for _, e := range entries {
		if !e.Type().IsRegular() {
			plain = false
			break
		}
	}
	if plain {
		return os.Symlink(from, to)
	}
	if err := os.Mkdir(to, 0o700); err != nil {
		return layout.Reason(err)
	}
	for _, e := range entries {
		file := filepath.Join(from, e.Name())
		if e.Type()&fs.ModeSymlink != 0 {
			if file, err = r.files.Resolve(file); err != nil {
				r.files.Report(fmt.Errorf("objects: %w", err))
				continue
			}
		}
		if info, err := os.Lstat(file); err != nil || !info.Mode().IsRegular() {
			r.files.Report(fmt.Errorf("objects: %q is not a regular file: %w", filepath.Join(from, e.Name()), ErrCorrupt))
			continue
		}
		if err := os.Symlink(file, filepath.Join(to, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// quotePath writes a path as an element of GIT_ALTERNATE_OBJECT_DIRECTORIES:
// in double quotes with C escapes (git(1)).
func quotePath(path string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(path); i++ {
		switch c := path[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < 0x20 || c == 0x7f:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
