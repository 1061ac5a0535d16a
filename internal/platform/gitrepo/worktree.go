package gitrepo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"steward/internal/platform/gitrepo/field"
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
	p, err := startGit(ctx, command{
		git: r.cfg.Git, dir: root, env: env, limit: r.cfg.Limits.Time, what: what,
		args: []string{"ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"},
	})
	if err != nil {
		return nil, err
	}
	s := field.NewReader(p.stdout)
	var paths []string
	for {
		path, err := s.Field(r.cfg.Limits.PathLength)
		if err == field.ErrTooLong {
			continue
		}
		if err != nil {
			return paths, p.finish(noEOF(err))
		}
		if len(paths) >= r.cfg.Limits.Entries {
			p.stop()
			return paths, fmt.Errorf("%s: %w: more than %d files", what, ErrTooLarge, r.cfg.Limits.Entries)
		}
		paths = append(paths, string(path))
	}
}

func isPlain(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular()
}
