package estate

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/fault"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/job"
	"steward/internal/platform/store"
)

// Kinds of jobs.
const (
	lookJob = "estate.look" // look at a source and find its repositories
	readJob = "estate.read" // read one repository
)

type lookArgs struct {
	Source string `json:"source"`
}

type readArgs struct {
	Repository int64 `json:"repository"`
}

// AddSources stores sources and enqueues a look at each of them. Sources that
// are known already are looked at again.
func (f *Feature) AddSources(ctx context.Context, v access.Viewer, sources []Source) error {
	if err := v.Require(access.ManageSources); err != nil {
		return err
	}
	return f.db.Tx(ctx, func(tx *store.Tx) error {
		for _, s := range sources {
			id, err := f.putSource(ctx, tx, v, s)
			if err != nil {
				return err
			}
			if err := f.p.Queue.Enqueue(ctx, tx, lookJob, id, lookArgs{Source: id}); err != nil {
				return fmt.Errorf("enqueue a look at %s: %w", s.Given, err)
			}
		}
		return nil
	})
}

func (f *Feature) putSource(ctx context.Context, tx *store.Tx, v access.Viewer, s Source) (string, error) {
	var id string
	err := tx.QueryRow(ctx, `SELECT id FROM source WHERE address = $1`, s.Address).Scan(&id)
	switch {
	case errors.Is(err, store.ErrNoRows):
		id = store.NewID()
		_, err = tx.Exec(ctx, `INSERT INTO source (id, given, kind, address, created_at) VALUES ($1, $2, $3, $4, $5)`,
			id, s.Given, string(s.Kind), s.Address, store.Micros(f.p.Now()))
		if err != nil {
			return "", fmt.Errorf("put source %q: %w", s.Given, err)
		}
		return id, audit.Append(ctx, tx, v, "source.add", "source", id, map[string]any{"given": s.Given})
	case err != nil:
		return "", fmt.Errorf("find source %q: %w", s.Given, err)
	}
	_, err = tx.Exec(ctx, `UPDATE source SET removed_at = 0 WHERE id = $1`, id)
	return id, err
}

// found is one location that a look came upon.
type found struct {
	path        string // git folder or work tree to open
	address     string // what people see and what it is known by
	name        string
	remote      string // normalised
	fingerprint string
	problem     error // why it cannot be opened; it is still listed
}

// look finds the repositories of one source and enqueues those that changed.
func (f *Feature) look(ctx context.Context, j *job.Job) error {
	var args lookArgs
	if err := j.Decode(&args); err != nil {
		return err
	}
	s, err := f.source(ctx, args.Source)
	if err != nil {
		return err
	}
	var all []found
	var notes []Note
	if s.Kind == SourceURL {
		all = []found{f.remoteFound(s)}
	} else {
		all, notes, err = f.discover(ctx, s.Address, func(n int64) { j.Progress(n, 0, "repositories found") })
	}
	if err == nil && len(all) == 0 {
		err = fault.New(fault.NotFound, "%s: no git repository in it; give a folder that is one or holds some", s.Given)
	}
	if err != nil {
		return f.lookFailed(ctx, s, err)
	}
	return f.db.Tx(ctx, func(tx *store.Tx) error {
		if err := f.register(ctx, tx, s, all); err != nil {
			return err
		}
		if err := f.putSourceNotes(ctx, tx, s, notes); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE source SET state = 'looked', error = '', found = $2, looked_at = $3 WHERE id = $1`,
			s.ID, len(all), store.Micros(f.p.Now())); err != nil {
			return fmt.Errorf("put what %q holds: %w", s.Given, err)
		}
		return j.Complete(ctx, tx)
	})
}

func (f *Feature) lookFailed(ctx context.Context, s Source, cause error) error {
	sentence := fault.Sentence(cause)
	if sentence == "" {
		sentence = gitrepo.Redact(cause.Error())
	}
	err := f.db.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE source SET state = 'failed', error = $2, looked_at = $3 WHERE id = $1`,
			s.ID, sentence, store.Micros(f.p.Now()))
		return err
	})
	return errors.Join(cause, err)
}

func (f *Feature) remoteFound(s Source) found {
	remote, err := gitrepo.NormaliseRemote(s.Address)
	if err != nil {
		remote = ""
	}
	return found{path: f.mirrorDir(s.Address), address: s.Address, name: nameOf(s.Address), remote: remote, fingerprint: "remote"}
}

// discover walks a folder. What cannot be listed is noted and stops nothing.
func (f *Feature) discover(ctx context.Context, root string, progress func(int64)) ([]found, []Note, error) {
	var all []found
	var notes []Note
	err := gitrepo.Discover(ctx, root, func(l gitrepo.Location) error {
		if l.Err != nil {
			notes = append(notes, Note{Kind: NoteFailed, Path: l.Path, Reason: plain(l.Err)})
			return nil
		}
		all = append(all, f.inspect(ctx, l, root))
		progress(int64(len(all)))
		return nil
	})
	tellApart(all)
	return all, notes, err
}

// tellApart gives repositories of one source that would have the same name the
// name of their folder in front.
func tellApart(all []found) {
	times := map[string]int{}
	for _, one := range all {
		times[one.name]++
	}
	for i, one := range all {
		if times[one.name] > 1 {
			all[i].name = nameOf(filepath.Dir(one.path)) + "/" + one.name
		}
	}
}

// inspect reads what is known without starting a process.
func (f *Feature) inspect(ctx context.Context, l gitrepo.Location, root string) found {
	one := found{path: l.Path, address: l.Path, name: nameOf(l.Path)}
	repo, err := gitrepo.Open(ctx, l.Path, f.gitWithin(root))
	if err != nil {
		one.problem = err
		return one
	}
	defer repo.Close()
	one.fingerprint = repo.Fingerprint()
	for _, r := range repo.Remotes() {
		normal, err := gitrepo.NormaliseRemote(r.URL)
		if err == nil && (one.remote == "" || r.Name == "origin") {
			one.remote = normal
		}
	}
	return one
}

// gitWithin lets repositories of a source point to each other, and nowhere else.
func (f *Feature) gitWithin(root string) gitrepo.Config {
	c := f.git
	c.Roots = []string{root}
	return c
}

// nameOf is the last part of a path or an address, without .git.
func nameOf(address string) string {
	address = strings.TrimSuffix(strings.TrimRight(address, "/"), "/.git")
	name := address[strings.LastIndexAny(address, "/:")+1:]
	if name = strings.TrimSuffix(name, ".git"); name == "" {
		return filepath.Base(address)
	}
	return name
}
