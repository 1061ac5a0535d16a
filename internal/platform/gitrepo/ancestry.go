package gitrepo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
)

// maxRoots is how many root commits are looked for.
const maxRoots = 100

// IsAncestor reports whether commit a is reachable from commit b; a commit is
// its own ancestor. In a shallow repository false may only mean that the
// history is cut off. Errors: ErrMissing, ErrCorrupt, ErrGit.
func (r *Repo) IsAncestor(ctx context.Context, a, b string) (bool, error) {
	for _, id := range []string{a, b} {
		if !r.files.IsID(id) {
			return false, r.badID("ancestry", id)
		}
	}
	p, err := r.start(ctx, nil, "compare two commits", "merge-base", "--is-ancestor", a, b)
	if err != nil {
		return false, err
	}
	_, err = io.Copy(io.Discard, p.Out)
	err = p.Finish(err)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		return false, nil
	}
	return err == nil, err
}

// RootCommits are the commits without parents that are reachable from commit,
// sorted, at most 100. Where a shallow history was cut off is not a root, so a
// shallow repository may have none. Errors: ErrMissing, ErrCorrupt, ErrGit.
func (r *Repo) RootCommits(ctx context.Context, commit string) ([]string, error) {
	if !r.files.IsID(commit) {
		return nil, r.badID("roots", commit)
	}
	p, err := r.start(ctx, nil, "find the root commits", "rev-list", "--max-parents=0", "--end-of-options", commit, "--")
	if err != nil {
		return nil, err
	}
	var roots []string
	lines := bufio.NewScanner(p.Out)
	for lines.Scan() {
		id := lines.Text()
		if !r.files.IsID(id) {
			p.Stop()
			return nil, fmt.Errorf("%s: git's output is not what was asked for: %w", p.What, ErrGit)
		}
		if _, cut := slices.BinarySearch(r.files.Shallow(), id); cut {
			continue
		}
		roots = append(roots, id)
		if len(roots) == maxRoots {
			p.Stop()
			slices.Sort(roots)
			return roots, nil
		}
	}
	if err := p.Finish(lines.Err()); err != nil {
		return nil, err
	}
	slices.Sort(roots)
	return roots, nil
}
