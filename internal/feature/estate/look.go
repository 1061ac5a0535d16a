package estate

import (
	"context"
	"errors"
	"fmt"

	"steward/internal/feature/estate/cause"
	"steward/internal/feature/estate/claim"
	"steward/internal/feature/estate/source"
	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/job"
	"steward/internal/platform/store"
)

// readJob is the kind of job that reads one repository.
const readJob = "estate.read"

type readArgs struct {
	Repository int64 `json:"repository"`
	Again      bool  `json:"again,omitempty"` // somebody asked: all analysers read it, from the beginning
}

// AddSources stores sources and enqueues a look at each of them.
func (f *Feature) AddSources(ctx context.Context, v access.Viewer, sources []Source) error {
	return f.sources.Add(ctx, v, sources)
}

// look finds the repositories of one source and enqueues those that changed.
func (f *Feature) look(ctx context.Context, j *job.Job) error {
	var args source.Look
	if err := j.Decode(&args); err != nil {
		return err
	}
	s, err := source.Find(ctx, f.db, reader, args.Source)
	if err != nil {
		return err
	}
	if there, err := f.looking(ctx, s); err != nil || !there {
		return err
	}
	all, notes, err := f.discover(ctx, s, func(n int64) { j.Progress(n, 0, "repositories found") })
	if err == nil && len(all) == 0 {
		err = fault.New(fault.NotFound, "%s: no git repository in it; give a folder that is one or holds some", s.Given)
	}
	if err != nil {
		return f.lookFailed(ctx, s, err)
	}
	verdicts, err := claim.Judge(ctx, f.db, f.git, s, all)
	if err != nil {
		return f.lookFailed(ctx, s, err)
	}
	return f.db.Tx(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE source SET state = 'looked', error = '', found = $2, looked_at = $3 WHERE id = $1 AND removed_at = 0`,
			s.ID, len(all), store.Micros(f.p.Now()))
		if err != nil {
			return fmt.Errorf("put what %q holds: %w", s.Given, err)
		}
		if n == 0 {
			return j.Complete(ctx, tx) // removed meanwhile
		}
		if err := f.register(ctx, tx, s, all, verdicts, notes); err != nil {
			return err
		}
		if err := f.putSourceNotes(ctx, tx, s.ID, notes); err != nil {
			return err
		}
		return j.Complete(ctx, tx)
	})
}

// looking says that a look has begun; false when the source was removed before.
func (f *Feature) looking(ctx context.Context, s Source) (there bool, err error) {
	err = f.db.Tx(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE source SET state = 'looking' WHERE id = $1 AND removed_at = 0`, s.ID)
		there = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("begin to look at %q: %w", s.Given, err)
	}
	return there, nil
}

func (f *Feature) lookFailed(ctx context.Context, s Source, failure error) error {
	err := f.db.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE source SET state = 'failed', error = $2, looked_at = $3 WHERE id = $1`,
			s.ID, gitrepo.Redact(cause.Line(failure)), store.Micros(f.p.Now()))
		return err
	})
	return errors.Join(failure, err)
}

// discover finds what a source holds; notes name the places that could not be looked into.
func (f *Feature) discover(ctx context.Context, s Source, progress func(int64)) ([]source.Found, []Note, error) {
	if s.Kind == source.URL {
		return []source.Found{source.Remote(s, f.mirrorDir(s.Address))}, nil, nil
	}
	all, problems, err := source.Discover(ctx, f.git, s.Address, progress)
	return all, notesOf(problems), err
}
