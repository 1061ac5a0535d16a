package layout

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	maxAlternates     = 64 // object directories of one repository
	maxAlternateDepth = 5  // as in git
)

// ObjectDirs is the repository's object directory and those that its
// objects/info/alternates name, as far as they may be read. Loops end by
// themselves: each directory comes once.
func (r *Layout) ObjectDirs() []string {
	type level struct {
		dir   string
		depth int
	}
	todo := []level{{r.place.objects, 0}}
	seen := map[string]bool{r.place.objects: true}
	var dirs []string
	for len(todo) > 0 {
		at := todo[0]
		todo = todo[1:]
		dirs = append(dirs, at.dir)
		for _, next := range r.alternates(at.dir) {
			switch {
			case seen[next]:
			case at.depth >= maxAlternateDepth || len(seen) >= maxAlternates:
				r.Report(fmt.Errorf("alternates: more than %d directories or %d levels: %w", maxAlternates, maxAlternateDepth, ErrTooLarge))
			default:
				seen[next] = true
				todo = append(todo, level{next, at.depth + 1})
			}
		}
	}
	return dirs
}

// alternates reads one objects/info/alternates (gitrepository-layout(5)).
func (r *Layout) alternates(objects string) []string {
	data, err := r.place.readFile(filepath.Join(objects, "info", "alternates"), 1<<20)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		r.Report(fmt.Errorf("alternates: %w", err))
		return nil
	}
	var dirs []string
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] == '"' {
			if s, err := strconv.Unquote(line); err == nil {
				line = s
			}
		}
		if !filepath.IsAbs(line) {
			line = filepath.Join(objects, line)
		}
		real, err := r.place.resolve(line)
		if errors.Is(err, ErrOutside) {
			err = fmt.Errorf("alternates: objects in %w; allow the directory to read them", err)
		}
		if err != nil {
			r.Report(err)
			continue
		}
		if info, err := os.Stat(real); err != nil || !info.IsDir() {
			r.Report(fmt.Errorf("alternates: %q is not a directory: %w", line, ErrCorrupt))
			continue
		}
		dirs = append(dirs, real)
	}
	return dirs
}
