// Package source keeps where repositories come from, as people give it: folders,
// git addresses, and text files that list both.
package source

import (
	"bufio"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"steward/internal/feature/estate/snapshot"
	"steward/internal/platform/fault"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/gitrepo/address"
)

// Kind is what a source turned out to be.
type Kind string

// The kinds of sources.
const (
	Folder Kind = "folder" // a repository or a folder tree with any number of them
	URL    Kind = "url"    // a git address that is mirrored
)

// maxListLines is how many sources one list file may name.
const maxListLines = 100_000

// unsoundLines is how many bad lines of a list are told one by one when it has no good one: a file
// with more is something else than a list.
const unsoundLines = 3

// Source is one place where repositories come from.
type Source struct {
	ID      string
	Given   string // as the user gave it, without credentials
	Kind    Kind
	Address string // absolute path, or address without credentials
	State   string // waiting, looking, looked, failed
	Error   string
	Found   int64 // repositories found
	Looked  time.Time
	Removed bool
}

// Parse reads what a user gave on the command line: folders, git
// addresses and text files that list both, one a line, # for comments. Each
// one that cannot be used is an error of its own; the others still count.
func Parse(given []string) ([]Source, []error) {
	var sources []Source
	var errs []error
	seen := map[string]bool{}
	var add func(arg, base string, depth int)
	add = func(arg, base string, depth int) {
		found, list, err := parse(arg, base)
		switch {
		case err != nil:
			errs = append(errs, err)
		case list == "":
			if !seen[found.Address] {
				seen[found.Address] = true
				sources = append(sources, found)
			}
		case depth > 0:
			errs = append(errs, fault.New(fault.Invalid, "%s: a list may not name another list", list))
		default:
			lines, err := readList(list)
			if err != nil {
				errs = append(errs, err)
			}
			sound, faults := len(sources), len(errs)
			for _, line := range lines {
				add(line, filepath.Dir(list), depth+1)
			}
			if len(sources) == sound && len(errs)-faults > unsoundLines {
				errs = append(errs[:faults], fault.New(fault.Invalid, "%s: none of its %d lines is a source; give a folder with git repositories, or a text file with one folder or git address a line", list, len(lines)))
			}
		}
	}
	for _, arg := range given {
		add(arg, "", 0)
	}
	return sources, errs
}

// ParsePlace reads one folder or git address, as it is given in the hub. A list is refused: who
// may add sources there need not be allowed to read files of this machine.
func ParsePlace(given string) (Source, error) {
	found, list, err := parse(strings.TrimSpace(given), "")
	if list != "" {
		err = fault.New(fault.Invalid, "%s: a file; give a folder or a git address, or start steward up with the list", gitrepo.Redact(given))
	}
	return found, err
}

// parse returns a source, or the path of a list file. A file address is the path that it names.
func parse(arg, base string) (Source, string, error) {
	shown := gitrepo.Redact(arg)
	p := arg
	if isAddress(arg) {
		parsed, err := address.Parse(arg)
		if err != nil {
			return Source{}, "", fault.Wrap(fault.Invalid, err, "%s: %s", shown, fault.Sentence(err))
		}
		if !parsed.Local() {
			return Source{Given: shown, Kind: URL, Address: strings.TrimRight(parsed.Text, "/")}, "", nil
		}
		p = parsed.Path
	}
	if base != "" && !filepath.IsAbs(p) {
		p = filepath.Join(base, p)
	}
	abs, err := filepath.Abs(p)
	if err != nil {
		return Source{}, "", fault.Wrap(fault.Invalid, err, "%s: not a usable path", shown)
	}
	info, err := os.Stat(abs)
	if bare := abs + ".git"; errors.Is(err, fs.ErrNotExist) && isDir(bare) { // git finds it by the short name as well
		abs = bare
		info, err = os.Stat(abs)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Source{}, "", fault.New(fault.NotFound, "%s: there is no such folder or file; give a folder with git repositories, a git address, or a text file that lists them", shown)
	case errors.Is(err, fs.ErrPermission):
		return Source{}, "", fault.New(fault.Denied, "%s: this user may not read it; change its permissions or run Steward as a user who may", shown)
	case err != nil:
		return Source{}, "", fault.Wrap(fault.Unavailable, err, "%s: could not be looked at: %s", shown, snapshot.Plain(err))
	case info.IsDir():
		return Source{Given: shown, Kind: Folder, Address: realPath(abs)}, "", nil
	case info.Mode().IsRegular():
		return Source{}, abs, nil
	}
	return Source{}, "", fault.New(fault.Invalid, "%s: neither a folder nor a text file", shown)
}

// isAddress tells a git address from a path: a scheme, or host:path as ssh writes it.
func isAddress(arg string) bool {
	if i := strings.Index(arg, "://"); i > 0 {
		return true
	}
	colon := strings.IndexByte(arg, ':')
	slash := strings.IndexByte(arg, '/')
	return colon > 1 && (slash < 0 || colon < slash) && !filepath.IsAbs(arg)
}

func isDir(p string) bool {
	info, err := os.Stat(p)
	return err == nil && info.IsDir()
}

func realPath(p string) string {
	if r, err := filepath.EvalSymlinks(p); err == nil {
		return r
	}
	return p
}

// readList reads a list file. A file that is not text is refused: somebody
// probably meant the folder that it lies in.
func readList(name string) ([]string, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "%s: could not be read: %s", name, snapshot.Plain(err))
	}
	defer f.Close()
	var lines []string
	sc := bufio.NewScanner(f)
	sc.Buffer(make([]byte, 0, 4096), 64<<10)
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(sc.Text(), "\ufeff"))
		if strings.ContainsRune(line, 0) {
			return nil, fault.New(fault.Invalid, "%s: not a text file; give a folder with repositories, a git address, or a text file with one of them a line", name)
		}
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if n > maxListLines {
			return lines, fault.New(fault.Invalid, "%s: more than %d lines; split the list", name, maxListLines)
		}
		lines = append(lines, line)
	}
	if err := sc.Err(); err != nil {
		return lines, fault.Wrap(fault.Invalid, err, "%s: line %d is too long for a path or an address", name, len(lines)+1)
	}
	if len(lines) == 0 {
		return nil, fault.New(fault.Invalid, "%s: lists no source; write one folder or git address a line", name)
	}
	return lines, nil
}
