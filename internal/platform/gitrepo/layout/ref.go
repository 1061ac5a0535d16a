package layout

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	// maxPackedRef is how many bytes of packed-refs each allowed ref may take.
	maxPackedRef = 256
	maxComments  = 100 // lines of packed-refs that are no refs
	maxLooseRef  = 8 << 10
	maxRefDepth  = 32
)

// Ref is one name in a repository.
type Ref struct {
	Name   string // as in refs/heads/main; raw bytes, not always UTF-8
	Object string // what it names; empty when a symbolic ref leads nowhere
	Peeled string // the object behind an annotated tag where packed-refs says so; Tags knows all
	Target string // the ref that a symbolic ref names; otherwise empty
}

type head struct {
	ref    string // empty when detached
	commit string // empty when the branch has no commit yet
}

// Head is the checked-out branch (empty when detached) and its commit. ok is
// false when there is no commit. No process.
func (r *Layout) Head() (ref, commit string, ok bool) {
	return r.head.ref, r.head.commit, r.head.commit != ""
}

// Refs are all refs sorted by name, without HEAD and without those of single
// worktrees. The slice must not be changed. No process.
func (r *Layout) Refs() []Ref { return r.refs }

// Ref finds a ref by its full name. No process.
func (r *Layout) Ref(name string) (Ref, bool) {
	i, ok := r.index[name]
	if !ok {
		return Ref{}, false
	}
	return r.refs[i], true
}

// Fingerprint is a digest (64 hexadecimal digits) of HEAD, of all refs and of
// where a shallow history ends: equal digests mean that nothing was committed,
// fetched, renamed or deleted. It does not depend on how refs are stored. No
// process.
func (r *Layout) Fingerprint() string {
	h := sha256.New()
	fmt.Fprintf(h, "1 %d\x00%s\x00%s\x00", r.hexLen, r.head.ref, r.head.commit)
	var line []byte
	for i := range r.refs {
		ref := &r.refs[i]
		line = append(append(append(line[:0], ref.Name...), 0), ref.Object...)
		line = append(append(append(line, 0), ref.Target...), 0)
		h.Write(line)
	}
	for _, id := range r.shallow {
		fmt.Fprintf(h, "shallow %s\x00", id)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Branch is a repository's main line.
type Branch struct {
	Name   string // short, as in main
	Ref    string // the ref that was chosen
	Commit string // its commit
}

// DefaultBranch finds the branch that people mean when they say nothing, with
// a commit to read. The name is the first that exists of: what origin/HEAD
// names, HEAD of a bare repository, init.defaultBranch, main, master, trunk,
// develop, the checked-out branch, the only branch, a detached HEAD (then Name
// is empty). Where it is both local and at origin, the local one counts only
// while it is checked out: otherwise it is often stale. Error: ErrNoHead. No
// process.
func (r *Layout) DefaultBranch() (Branch, error) {
	var names []string
	if ref, ok := r.Ref("refs/remotes/origin/HEAD"); ok {
		if name, ok := strings.CutPrefix(ref.Target, "refs/remotes/origin/"); ok {
			names = append(names, name)
		}
	}
	current, onBranch := strings.CutPrefix(r.head.ref, "refs/heads/")
	if r.place.bare && onBranch {
		names = append(names, current)
	}
	if r.settings.initBranch != "" {
		names = append(names, r.settings.initBranch)
	}
	names = append(names, "main", "master", "trunk", "develop")
	if onBranch {
		names = append(names, current)
	}
	names = append(names, r.onlyBranch())
	for _, name := range names {
		if b, ok := r.branch(name); ok {
			return b, nil
		}
	}
	if r.head.commit != "" {
		return Branch{Ref: "HEAD", Commit: r.head.commit}, nil
	}
	return Branch{}, fmt.Errorf("repository %q: %w", r.place.path, ErrNoHead)
}

func (r *Layout) branch(name string) (Branch, bool) {
	local, remote := "refs/heads/"+name, "refs/remotes/origin/"+name
	order := []string{remote, local}
	if r.head.ref == local {
		order = []string{local, remote}
	}
	for _, full := range order {
		if ref, ok := r.Ref(full); ok && ref.Object != "" && name != "" {
			return Branch{Name: name, Ref: full, Commit: ref.Object}, true
		}
	}
	return Branch{}, false
}

func (r *Layout) onlyBranch() string {
	only := ""
	for _, ref := range r.refs {
		name, ok := strings.CutPrefix(ref.Name, "refs/heads/")
		if !ok || ref.Object == "" {
			continue
		}
		if only != "" {
			return ""
		}
		only = name
	}
	return only
}

func (r *Layout) readRefs(ctx context.Context) error {
	if info, err := os.Stat(filepath.Join(r.place.common, "reftable")); err == nil && info.IsDir() {
		s := settings{refStorage: "reftable"}
		if _, err := s.hexLen(); err != nil {
			return err
		}
	}
	found := map[string]Ref{}
	if err := r.readPacked(ctx, found); err != nil {
		return err
	}
	if err := r.readLoose(ctx, "refs", 0, found); err != nil {
		return err
	}
	r.refs = make([]Ref, 0, len(found))
	for _, ref := range found {
		r.refs = append(r.refs, ref)
	}
	slices.SortFunc(r.refs, func(a, b Ref) int { return strings.Compare(a.Name, b.Name) })
	r.index = make(map[string]int, len(r.refs))
	for i := range r.refs {
		r.index[r.refs[i].Name] = i
	}
	for i := range r.refs {
		if r.refs[i].Target != "" {
			r.refs[i].Object = r.follow(r.refs[i].Target)
		}
	}
	return r.readHead()
}

// follow resolves a chain of symbolic refs of at most five links, as git does.
func (r *Layout) follow(name string) string {
	for range 5 {
		i, ok := r.index[name]
		if !ok {
			return ""
		}
		if r.refs[i].Target == "" {
			return r.refs[i].Object
		}
		name = r.refs[i].Target
	}
	return ""
}

func (r *Layout) readHead() error {
	path := filepath.Join(r.place.gitDir, "HEAD")
	if to, err := os.Readlink(path); err == nil {
		// The oldest form of a symbolic ref.
		if strings.HasPrefix(to, "refs/") && ValidRefName(to) {
			r.head = head{ref: to, commit: r.follow(to)}
			return nil
		}
	}
	data, err := r.place.readFile(path, maxLooseRef)
	if err != nil {
		return fmt.Errorf("HEAD: %w", err)
	}
	id, target, ok := r.parseLoose(data)
	switch {
	case !ok:
		return fmt.Errorf("HEAD is neither a ref nor a commit: %w", ErrCorrupt)
	case target != "":
		r.head = head{ref: target, commit: r.follow(target)}
	default:
		r.head = head{commit: id}
	}
	return nil
}

// readPacked reads packed-refs: "<id> <name>" lines, each perhaps followed by
// "^<id>" with the object behind an annotated tag.
func (r *Layout) readPacked(ctx context.Context, found map[string]Ref) error {
	data, err := r.place.readFile(filepath.Join(r.place.common, "packed-refs"), int64(r.maxRefs)*maxPackedRef)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("packed-refs: %w", err)
	}
	if lines := bytes.Count(data, []byte{'\n'}) - bytes.Count(data, []byte("\n^")); lines > r.maxRefs+maxComments {
		return fmt.Errorf("packed-refs: more than %d refs: %w", r.maxRefs, ErrTooLarge)
	}
	bad, last := 0, ""
	for n := 0; len(data) > 0; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		line, rest, _ := bytes.Cut(data, []byte{'\n'})
		data = rest
		line = bytes.TrimSuffix(line, []byte{'\r'})
		switch {
		case len(line) == 0 || line[0] == '#':
		case line[0] == '^':
			if ref, ok := found[last]; ok && r.IsID(string(line[1:])) {
				ref.Peeled = string(line[1:])
				found[last] = ref
			}
		case len(line) > r.hexLen+1 && line[r.hexLen] == ' ' && r.IsID(string(line[:r.hexLen])) && ValidRefName(string(line[r.hexLen+1:])):
			if len(found) >= r.maxRefs {
				return fmt.Errorf("more than %d refs: %w", r.maxRefs, ErrTooLarge)
			}
			last = string(line[r.hexLen+1:])
			found[last] = Ref{Name: last, Object: string(line[:r.hexLen])}
		default:
			bad++
			last = ""
		}
	}
	if bad > 0 {
		r.Report(fmt.Errorf("packed-refs: %d lines cannot be read: %w", bad, ErrCorrupt))
	}
	return nil
}

// perWorktree are the refs that git keeps for one worktree only (git-worktree(1), "Refs").
func perWorktree(name string) bool {
	return name == "refs/bisect" || name == "refs/worktree" || name == "refs/rewritten"
}

func (r *Layout) readLoose(ctx context.Context, name string, depth int, found map[string]Ref) error {
	dir := filepath.Join(r.place.common, name)
	if depth == 0 {
		real, err := r.place.resolve(dir)
		if err != nil {
			return fmt.Errorf("refs: %w", err)
		}
		dir = real
	}
	return r.readLooseDir(ctx, dir, name, depth, found)
}

func (r *Layout) readLooseDir(ctx context.Context, dir, name string, depth int, found map[string]Ref) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		r.Report(fmt.Errorf("%s: %w", name, Reason(err)))
	}
	for _, e := range entries {
		full := name + "/" + e.Name()
		switch {
		case e.IsDir() && depth >= maxRefDepth:
			r.Report(fmt.Errorf("%s: deeper than %d directories: %w", full, maxRefDepth, ErrTooLarge))
		case e.IsDir():
			if perWorktree(full) {
				continue
			}
			if err := r.readLooseDir(ctx, filepath.Join(dir, e.Name()), full, depth+1, found); err != nil {
				return err
			}
		case strings.HasSuffix(e.Name(), ".lock"):
		default:
			if len(found) >= r.maxRefs {
				return fmt.Errorf("more than %d refs: %w", r.maxRefs, ErrTooLarge)
			}
			r.readLooseRef(filepath.Join(dir, e.Name()), full, e.Type()&fs.ModeSymlink != 0, found)
		}
	}
	return nil
}

// readLooseRef puts one ref file into found, over a packed ref of that name.
// A file that cannot be read hides the packed one, as in git.
func (r *Layout) readLooseRef(path, name string, link bool, found map[string]Ref) {
	if !ValidRefName(name) {
		r.Report(fmt.Errorf("ref %q: its name is not valid: %w", name, ErrCorrupt))
		return
	}
	read := readRegular
	if link {
		if to, err := os.Readlink(path); err == nil && strings.HasPrefix(to, "refs/") && ValidRefName(to) {
			found[name] = Ref{Name: name, Target: to}
			return
		}
		read = r.place.readFile
	}
	data, err := read(path, maxLooseRef)
	if errors.Is(err, fs.ErrNotExist) {
		return // deleted or packed meanwhile
	}
	if err != nil {
		r.Report(fmt.Errorf("ref %q: %w", name, err))
		return
	}
	id, target, ok := r.parseLoose(data)
	if !ok {
		delete(found, name)
		r.Report(fmt.Errorf("ref %q: neither an object id nor a symbolic ref: %w", name, ErrCorrupt))
		return
	}
	if old, had := found[name]; had && old.Object == id {
		return
	}
	found[name] = Ref{Name: name, Object: id, Target: target}
}

func (r *Layout) parseLoose(data []byte) (id, target string, ok bool) {
	text := strings.TrimRight(string(data), " \t\r\n")
	if to, is := strings.CutPrefix(text, "ref:"); is {
		to = strings.TrimSpace(to)
		return "", to, ValidRefName(to)
	}
	// Git ignores what follows the id after white space (FETCH_HEAD has more).
	if i := strings.IndexAny(text, " \t\n"); i >= 0 {
		text = text[:i]
	}
	return text, "", r.IsID(text)
}

// IsID reports whether s is a full object id of the repository's format.
func (r *Layout) IsID(s string) bool { return len(s) == r.hexLen && IsHex(s) }

// IsHex reports whether s has lower-case hexadecimal digits only.
func IsHex(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// ValidRefName keeps out names that are no names: control characters, and
// parts that would climb out of a directory.
func ValidRefName(name string) bool {
	if name == "" || len(name) > 4096 || strings.HasPrefix(name, "/") || strings.HasSuffix(name, "/") ||
		strings.Contains(name, "..") || strings.Contains(name, "//") {
		return false
	}
	for i := 0; i < len(name); i++ {
		if name[i] < 0x20 || name[i] == 0x7f {
			return false
		}
	}
	return true
}

func (r *Layout) readShallow() error {
	data, err := r.place.readFile(filepath.Join(r.place.common, "shallow"), 64<<20)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("shallow: %w", err)
	}
	for line := range strings.Lines(string(data)) {
		if id := strings.TrimSpace(line); r.IsID(id) {
			r.shallow = append(r.shallow, id)
		} else if id != "" {
			r.Report(fmt.Errorf("shallow: a line is no commit id: %w", ErrCorrupt))
		}
	}
	slices.Sort(r.shallow)
	return nil
}
