package estate

import (
	"context"
	"fmt"
	"time"

	"steward/internal/feature/estate/source"
	"steward/internal/platform/fault"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/job"
	"steward/internal/platform/store"
)

// readAttempts is how often a repository is read before it has failed, readDeaths how often Steward may end
// in the midst of it: first together with others that were read then, later alone.
const (
	readAttempts = 2
	readDeaths   = 4
)

// suspectWaits is how long a repository whose reading may have ended a process waits for a quiet moment.
const suspectWaits = time.Second

// begins lets a reading begin, and gives what is called at its end. Readings go side by side, but one that
// was cut off by the end of its process goes alone and after the others, so that only the one that ends
// processes is blamed for it; it is false while others are read.
func (f *Feature) begins(j *job.Job) (end func(), ok bool) {
	if j.Died() > 0 {
		return f.reads.Unlock, f.reads.TryLock()
	}
	f.reads.RLock()
	return f.reads.RUnlock, true
}

// errLost says that the last reading of the same content by the same analysers
// took the whole process with it, so that it is not begun again unasked.
var errLost = fault.New(fault.Conflict, "Steward ended each time while it read this repository, perhaps for want of memory. It is read again when it changes, or when somebody presses Read again.")

// readLost is told when a process was killed at the last attempt to read a repository.
func (f *Feature) readLost(ctx context.Context, j *job.Job) error {
	var args readArgs
	if err := j.Decode(&args); err != nil {
		return err
	}
	if err := f.readFailed(ctx, args.Repository, errLost); err != nil {
		return err
	}
	on, err := f.whatIsRead(ctx, args.Repository)
	if err != nil {
		return err
	}
	return f.db.Tx(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE repository SET lost_on = $2 WHERE id = $1`, args.Repository, on); err != nil {
			return fmt.Errorf("put what ended the reading: %w", err)
		}
		return nil
	})
}

// whatIsRead opens the copy that a repository is read from, for whatReads.
func (f *Feature) whatIsRead(ctx context.Context, id int64) (string, error) {
	l, err := f.readingLocation(ctx, f.db, id)
	if err != nil {
		return "", err
	}
	folders, err := l.Folders(ctx, f.db, reader)
	if err != nil {
		return "", err
	}
	repo, err := gitrepo.Open(ctx, l.Path, source.Within(f.git, folders...))
	if err != nil {
		return "", err
	}
	return f.whatReads(repo), repo.Close()
}

// whatReads names a state of a repository together with the analysers.
func (f *Feature) whatReads(repo *gitrepo.Repo) string { return repo.Fingerprint() + " " + f.plan() }

// lostOn is what whatReads was when a reading ended its process; "" when none did.
func (f *Feature) lostOn(ctx context.Context, id int64) (on string, err error) {
	if err := f.db.QueryRow(ctx, `SELECT lost_on FROM repository WHERE id = $1`, id).Scan(&on); err != nil {
		return "", fmt.Errorf("find how the last reading ended: %w", err)
	}
	return on, nil
}
