package snapshot

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"steward/internal/platform/fault"
	"steward/internal/platform/gitrepo"
)

// Opened is what OpenPath found at a path.
type Opened struct {
	*Snapshot
	Repo     *gitrepo.Repo // nil when it is no git repository
	Problems []Problem
	Close    func() // ends the reading of content and of the repository
}

// OpenPath opens a folder as its files lie, in a git work tree only what git
// would track, and a bare repository at its default branch. Errors have the
// kinds of package fault, or are those of gitrepo.
func OpenPath(ctx context.Context, git gitrepo.Config, given string) (Opened, error) {
	abs, err := filepath.Abs(given)
	if err != nil {
		return Opened{}, fault.Wrap(fault.Invalid, err, "%s: not a usable path", given)
	}
	info, err := os.Stat(abs)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return Opened{}, fault.New(fault.NotFound, "%s: there is no such folder", given)
	case err != nil:
		return Opened{}, fault.Wrap(fault.Unavailable, err, "%s: could not be looked at: %s", given, Plain(err))
	case !info.IsDir():
		return Opened{}, fault.New(fault.Invalid, "%s: not a folder; name the folder that holds the code", given)
	}
	repo, err := gitrepo.Open(ctx, abs, git)
	if errors.Is(err, gitrepo.ErrNotRepository) {
		repo, err = nil, nil
	}
	if err != nil {
		return Opened{}, err
	}
	name := strings.TrimSuffix(filepath.Base(abs), ".git")
	if repo != nil && repo.Bare() {
		return openBare(ctx, repo, name)
	}
	s, problems, done, err := OpenFolder(ctx, abs, name, repo)
	if err != nil {
		return Opened{}, errors.Join(err, closeRepo(repo))
	}
	if repo != nil {
		if branch, err := repo.DefaultBranch(); err == nil {
			s.Commit, s.Branch = branch.Commit, branch.Name
		}
		s.Shallow, s.Partial, s.Remotes = repo.Shallow(), repo.Partial(), repo.Remotes()
	}
	return Opened{Snapshot: s, Repo: repo, Problems: problems, Close: func() { _ = done(); _ = closeRepo(repo) }}, nil
}

func openBare(ctx context.Context, repo *gitrepo.Repo, name string) (Opened, error) {
	branch, err := repo.DefaultBranch()
	if err != nil && !errors.Is(err, gitrepo.ErrNoHead) {
		return Opened{}, errors.Join(err, repo.Close())
	}
	s, done, err := OpenCommit(ctx, repo, name, branch.Name, branch.Commit)
	if err != nil {
		return Opened{}, errors.Join(fmt.Errorf("open %s: %w", name, err), repo.Close())
	}
	return Opened{Snapshot: s, Repo: repo, Close: func() { _ = done(); _ = repo.Close() }}, nil
}

func closeRepo(repo *gitrepo.Repo) error {
	if repo == nil {
		return nil
	}
	return repo.Close()
}
