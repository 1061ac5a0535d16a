package gitrepo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"steward/internal/platform/gitrepo/field"
	"steward/internal/platform/gitrepo/process"
)

// WorkFiles lists the files of the work tree that git tracks or would track:
// ignored ones are left out, by the .gitignore files in it. The paths come in
// no order and may name what has been deleted; the same path may come twice.
// One process, which reads nothing of the repository but its index. Errors:
// ErrTooLarge past Limits.Entries, ErrGit.
func (r *Repo) WorkFiles(ctx context.Context) ([]string, error) {
	v, err := r.ensureView()
	if err != nil {
		return nil, err
	}
	root := r.files.Path()
	env := append(v.env[:len(v.env):len(v.env)], "GIT_WORK_TREE="+root)
	if index := filepath.Join(r.files.GitDir(), "index"); isPlain(index) {
		env = append(env, "GIT_INDEX_FILE="+index)
	}
	what := fmt.Sprintf("list the work tree %q", root)
	p, err := process.Start(ctx, process.Command{
		Git: r.cfg.Git, Dir: root, Env: env, Time: r.cfg.Limits.Time, What: what,
		Args: []string{"ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"},
	})
	if err != nil {
		return nil, err
	}
	s := field.NewReader(p.Out)
	var paths []string
	for {
		path, err := s.Field(r.cfg.Limits.PathLength)
		if err == field.ErrTooLong {
			continue
		}
		if err != nil {
			return paths, p.Finish(noEOF(err))
		}
		if len(paths) >= r.cfg.Limits.Entries {
			p.Stop()
			return paths, fmt.Errorf("%s: %w: more than %d files", what, ErrTooLarge, r.cfg.Limits.Entries)
		}
		paths = append(paths, string(path))
	}
}

func isPlain(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular()
}
