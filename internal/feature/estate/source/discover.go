package source

import (
	"context"
	"path/filepath"

	"steward/internal/feature/estate/snapshot"
	"steward/internal/platform/gitrepo"
)

// Found is one location of a repository that a look came upon.
type Found struct {
	Path        string // work tree or git folder to open
	Address     string // what people see and what it is known by: a path, or an address without credentials
	Remote      string // normalised; empty when it has none
	Fingerprint string // of HEAD and refs; empty when it could not be opened
}

// Remote is the location of a git address that is mirrored into dir. What it
// holds is known when it has been fetched.
func Remote(s Source, dir string) Found {
	remote, err := gitrepo.NormaliseRemote(s.Address)
	if err != nil {
		remote = ""
	}
	return Found{Path: dir, Address: s.Address, Remote: remote, Fingerprint: "remote"}
}

// Discover walks a folder without starting a process. What cannot be listed is
// a problem and stops nothing; what cannot be opened is found all the same,
// unless it lies in a repository that can.
func Discover(ctx context.Context, git gitrepo.Config, root string, progress func(found int64)) ([]Found, []snapshot.Problem, error) {
	var all []Found
	var problems []snapshot.Problem
	err := gitrepo.Discover(ctx, root, func(l gitrepo.Location) error {
		if l.Err != nil && (l.Kind != gitrepo.Broken || l.Inside != "") {
			problems = append(problems, snapshot.Problem{Path: l.Path, Reason: snapshot.Plain(l.Err), Failed: true})
			return nil
		}
		all = append(all, inspect(ctx, Within(git, root), l))
		progress(int64(len(all)))
		return nil
	})
	return all, problems, err
}

// Within lets repositories of folders that were given point to each other, and nowhere else.
func Within(git gitrepo.Config, folders ...string) gitrepo.Config {
	git.Roots = folders
	return git
}

// inspect reads what is known without starting a process.
func inspect(ctx context.Context, git gitrepo.Config, l gitrepo.Location) Found {
	at := l.Path
	if filepath.Base(at) == ".git" {
		at = filepath.Dir(at) // its work tree lies beside it
	}
	one := Found{Path: at, Address: at}
	repo, err := gitrepo.Open(ctx, at, git)
	if err != nil {
		return one // reading it says what is wrong
	}
	defer repo.Close()
	one.Fingerprint = repo.Fingerprint()
	for _, r := range repo.Remotes() {
		normal, err := gitrepo.NormaliseRemote(r.URL)
		if err == nil && (one.Remote == "" || r.Name == "origin") {
			one.Remote = normal
		}
	}
	return one
}
