package estate

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"steward/internal/feature/estate/column"
	"steward/internal/feature/estate/lineage"
	"steward/internal/feature/estate/place"
	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/fault"
	"steward/internal/platform/search"
	"steward/internal/platform/store"
)

// movedFrom finds the one vanished repository with the same first commits, which is then here again.
// None, or several, is nil: then it stays a new one, and the pages of both
// suggest to join them.
func (f *Feature) movedFrom(ctx context.Context, tx *store.Tx, r *reading) (*Repository, error) {
	all, err := store.Collect(scanRepository)(tx.Query(ctx, `SELECT `+repositoryColumns+` FROM repository WHERE vanished_at > 0 AND joined_into = 0
		AND id IN (`+lineage.Related()+`) LIMIT 2`, r.repository.ID))
	if err != nil {
		return nil, fmt.Errorf("look for where %s was before: %w", r.repository.Name, err)
	}
	if len(all) != 1 || (r.repository.Visibility == access.Restricted && all[0].Visibility != access.Restricted) {
		return nil, nil // what was restricted does not become internal by a move
	}
	// Of two that are read at once and lie where it may have moved, one gets it.
	n, err := tx.Exec(ctx, `UPDATE repository SET vanished_at = 0 WHERE id = $1 AND vanished_at > 0 AND joined_into = 0`, all[0].ID)
	if err != nil || n == 0 {
		return nil, err
	}
	return &all[0], lineage.EndPath(ctx, tx, all[0].ID, "", f.p.Now())
}

// joined gives the place of a repository that was never read to the one that it turned out to be: with
// the same remote and a first commit in common. Where that can be told before reading, see claim; this
// is for what had to be fetched first, and for what two looks found at once.
func (f *Feature) joined(ctx context.Context, tx *store.Tx, r *reading) (bool, error) {
	if r.repository.CurrentScanID > 0 || r.location.Remote == "" || !r.line.Rooted() {
		return false, nil
	}
	if err := lineage.Put(ctx, tx, r.repository.ID, r.line); err != nil {
		return false, err
	}
	all, err := store.Collect(scanRepository)(tx.Query(ctx, `SELECT `+repositoryColumns+` FROM repository WHERE vanished_at = 0 AND joined_into = 0 AND current_scan_id > 0
		AND visibility = $2 AND id IN (`+lineage.Namesakes()+`) AND id IN (`+lineage.Related()+`) ORDER BY id LIMIT 1`, r.repository.ID, r.repository.Visibility))
	if err != nil {
		return false, fmt.Errorf("look for what has the remote of %s: %w", r.repository.Name, err)
	}
	if len(all) == 0 {
		return false, nil
	}
	n, err := tx.Exec(ctx, `UPDATE repository SET joined_into = 0 WHERE id = $1 AND joined_into = 0`, all[0].ID)
	if err != nil || n == 0 {
		return false, err
	}
	return true, f.takeOver(ctx, tx, all[0], r, "copy")
}

// replaced gives a folder in which another repository lies now to a new record, which is read next.
// What is fetched is the same repository as long as it has the same address.
func (f *Feature) replaced(ctx context.Context, tx *store.Tx, r *reading) (bool, error) {
	if r.repository.CurrentScanID == 0 || r.location.Address != r.location.Path || r.snapshot.Shallow || r.repository.Shallow {
		return false, nil
	}
	other, err := lineage.Replaced(ctx, tx, r.repository.ID, r.line)
	if err != nil || !other {
		return false, err
	}
	id, err := f.putRepository(ctx, tx, r.location.Address, r.repository.Visibility, store.Micros(f.p.Now()))
	if err != nil {
		return false, err
	}
	if _, err := tx.Exec(ctx, `UPDATE location SET repository_id = $2, split_from = 0, role = 'canonical' WHERE id = $1`, r.location.ID, id); err != nil {
		return false, fmt.Errorf("put what replaces %s: %w", r.repository.Name, err)
	}
	var change place.Change
	change.Repository(r.repository.ID)
	change.Repository(id)
	if err := f.follow(ctx, tx, &change); err != nil {
		return false, err
	}
	if err := audit.Append(ctx, tx, reader, f.p.Now(), "repository.replace", "repository", r.repository.UID, map[string]any{"location": r.location.ID}); err != nil {
		return false, err
	}
	return true, f.p.Queue.Enqueue(ctx, tx, readJob, strconv.FormatInt(id, 10), readArgs{Repository: id})
}

// takeOver gives the location of a repository that was never read to the one that it is, with the role
// that it has there. It is called by its canonical one.
func (f *Feature) takeOver(ctx context.Context, tx *store.Tx, old Repository, r *reading, role string) error {
	if err := lineage.Move(ctx, tx, r.repository.ID, old.ID); err != nil {
		return fmt.Errorf("move %s to its new place: %w", old.Name, err)
	}
	steps := []struct {
		sql  string
		args []any
	}{
		{`DELETE FROM coverage_note WHERE repository_id = $1`, []any{r.repository.ID}},
		{`UPDATE location SET repository_id = $2, role = $3 WHERE repository_id = $1`, []any{r.repository.ID, old.ID, role}},
		{`DELETE FROM repository WHERE id = $1`, []any{r.repository.ID}},
	}
	for _, s := range steps {
		if _, err := tx.Exec(ctx, s.sql, s.args...); err != nil {
			return fmt.Errorf("move %s to its new place: %w", old.Name, err)
		}
	}
	var change place.Change
	change.Gone(r.location.Address)
	change.Repository(old.ID)
	if role == "canonical" {
		if err := place.Put(ctx, tx, old.ID, r.location.Address, &change); err != nil {
			return err
		}
	}
	if err := f.follow(ctx, tx, &change); err != nil {
		return err
	}
	return audit.Append(ctx, tx, reader, f.p.Now(), "repository.move", "repository", old.UID, map[string]any{"location": r.location.ID})
}

// Join makes one repository of two: the locations of the second become
// locations of the first. Split takes it back.
func (f *Feature) Join(ctx context.Context, v access.Viewer, into, from string) error {
	if err := v.Require(access.LinkRecords); err != nil {
		return err
	}
	a, err := f.RepositoryByUID(ctx, v, into)
	if err != nil {
		return err
	}
	b, err := f.RepositoryByUID(ctx, v, from)
	if err != nil {
		return err
	}
	if a.ID == b.ID {
		return fault.New(fault.Conflict, "Both are the same repository already.")
	}
	if a.Visibility != b.Visibility {
		return fault.New(fault.Conflict, "One of them is restricted and the other is not. Give both the same visibility first.")
	}
	return f.db.Tx(ctx, func(tx *store.Tx) error {
		if err := joinable(ctx, tx, a, b); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE location SET repository_id = $1, split_from = $2, role = 'copy' WHERE repository_id = $2`, a.ID, b.ID); err != nil {
			return fmt.Errorf("join %s into %s: %w", b.UID, a.UID, err)
		}
		if _, err := tx.Exec(ctx, `UPDATE repository SET joined_into = $1 WHERE id = $2`, a.ID, b.ID); err != nil {
			return fmt.Errorf("join %s into %s: %w", b.UID, a.UID, err)
		}
		if err := search.Remove(ctx, tx, "repository", b.UID); err != nil {
			return err
		}
		var change place.Change
		change.Repository(a.ID)
		change.Repository(b.ID)
		if err := f.follow(ctx, tx, &change); err != nil {
			return err
		}
		if err := f.followJoin(ctx, tx, b.ID); err != nil {
			return err
		}
		return audit.Append(ctx, tx, v, f.p.Now(), "repository.join", "repository", a.UID, map[string]any{"joined": b.UID})
	})
}

// joinable takes hold of two repositories and says whether they can become one. Nothing may
// have been joined into the second: splitting it off again could not give that back.
func joinable(ctx context.Context, tx *store.Tx, into, from Repository) error {
	n, err := tx.Exec(ctx, `UPDATE repository SET joined_into = 0 WHERE id IN ($1, $2) AND joined_into = 0 AND visibility = $3`, into.ID, from.ID, into.Visibility)
	if err != nil {
		return fmt.Errorf("take hold of %s and %s: %w", into.UID, from.UID, err)
	}
	if n != 2 {
		return fault.New(fault.Conflict, "One of the two repositories was changed meanwhile. Look at both and try again.")
	}
	var joined int64
	if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM repository WHERE joined_into = $1`, from.ID).Scan(&joined); err != nil {
		return fmt.Errorf("count what was joined into %s: %w", from.UID, err)
	}
	if joined > 0 {
		return fault.New(fault.Conflict, "Others were joined into %s. Join the other way round, or split them off first.", from.Name)
	}
	return nil
}

// Split undoes a Join: the repository is on its own again, with the locations it had.
func (f *Feature) Split(ctx context.Context, v access.Viewer, uid string) error {
	if err := v.Require(access.LinkRecords); err != nil {
		return err
	}
	return f.db.Tx(ctx, func(tx *store.Tx) error {
		var into int64
		err := tx.QueryRow(ctx, `SELECT joined_into FROM repository WHERE uid = $1`, uid).Scan(&into)
		if err != nil && !errors.Is(err, store.ErrNoRows) {
			return fmt.Errorf("split %s: %w", uid, err)
		}
		r, err := scanRepository(tx.QueryRow(ctx, `UPDATE repository SET joined_into = 0 WHERE uid = $1 AND joined_into > 0 AND `+v.Where("visibility")+` RETURNING `+repositoryColumns, uid))
		if errors.Is(err, store.ErrNoRows) {
			return fault.New(fault.NotFound, "This repository is not joined to another, or you may not see it.")
		}
		if err != nil {
			return fmt.Errorf("split %s: %w", uid, err)
		}
		if _, err := tx.Exec(ctx, `UPDATE location SET repository_id = $1, split_from = 0, role = 'canonical' WHERE split_from = $1`, r.ID); err != nil {
			return fmt.Errorf("split %s: %w", uid, err)
		}
		var change place.Change
		change.Repository(into)
		change.Repository(r.ID)
		if err := f.follow(ctx, tx, &change); err != nil {
			return err
		}
		if r.CurrentScanID > 0 {
			if err := column.Put(ctx, tx, r.UID); err != nil {
				return err
			}
		}
		if err := f.followJoin(ctx, tx, r.ID); err != nil {
			return err
		}
		return audit.Append(ctx, tx, v, f.p.Now(), "repository.split", "repository", uid, nil)
	})
}

func (f *Feature) followJoin(ctx context.Context, tx *store.Tx, repository int64) error {
	for _, follow := range f.onJoin {
		if err := follow(ctx, tx, repository); err != nil {
			return err
		}
	}
	return nil
}

// Joined lists the repositories that were joined into this one.
func (f *Feature) Joined(ctx context.Context, v access.Viewer, r Repository) ([]Repository, error) {
	return f.repositories(ctx, `joined_into = $1 AND `+v.Where("visibility"), r.ID)
}

// Templates are what a repository was made from: one, or none. The first commit says it; see lineage.Birth.
func (f *Feature) Templates(ctx context.Context, v access.Viewer, r Repository) ([]lineage.Birth, error) {
	return lineage.Templates(ctx, f.db, v, r.ID)
}

// Children are what was made from a repository as a template, newest first, at most 100.
func (f *Feature) Children(ctx context.Context, v access.Viewer, r Repository) ([]lineage.Birth, error) {
	return lineage.Children(ctx, f.db, v, r.ID)
}

// Relatives lists other repositories that share a first commit or claim the same remote: copies, forks
// and candidates for joining. Children of one template are none.
func (f *Feature) Relatives(ctx context.Context, v access.Viewer, r Repository) ([]Repository, error) {
	return f.repositories(ctx, `joined_into = 0 AND id <> $1 AND `+v.Where("visibility")+` AND (id IN (`+lineage.Related()+`) OR id IN (`+lineage.Namesakes()+`))`, r.ID)
}

func (f *Feature) repositories(ctx context.Context, where string, args ...any) ([]Repository, error) {
	all, err := store.Collect(scanRepository)(f.db.Query(ctx, `SELECT `+repositoryColumns+` FROM repository WHERE `+where+` ORDER BY name, id LIMIT 100`, args...))
	if err != nil {
		return nil, fmt.Errorf("list repositories: %w", err)
	}
	return all, nil
}

// SetVisibility restricts a repository, with those that were joined into it, or opens it again,
// for every list, count and search at once.
func (f *Feature) SetVisibility(ctx context.Context, v access.Viewer, uid, visibility string) error {
	if err := v.Require(access.ManageSources); err != nil {
		return err
	}
	if visibility != access.Internal && visibility != access.Restricted {
		return fault.New(fault.Invalid, "A repository is internal or restricted, not %q.", visibility)
	}
	r, err := f.RepositoryByUID(ctx, v, uid)
	if err != nil {
		return err
	}
	return f.db.Tx(ctx, func(tx *store.Tx) error {
		ids, err := store.Collect(func(row store.Scanner) (id int64, err error) { return id, row.Scan(&id) })(
			tx.Query(ctx, `UPDATE repository SET visibility = $2 WHERE id = $1 OR joined_into = $1 RETURNING id`, r.ID, visibility))
		if err != nil {
			return fmt.Errorf("set the visibility of %s: %w", uid, err)
		}
		var change place.Change
		for _, id := range ids {
			change.Repository(id)
			for _, follow := range f.onVisibility {
				if err := follow(ctx, tx, id, visibility); err != nil {
					return err
				}
			}
		}
		if err := f.follow(ctx, tx, &change); err != nil {
			return err
		}
		return audit.Append(ctx, tx, v, f.p.Now(), "repository.visibility", "repository", r.UID, map[string]any{"visibility": visibility})
	})
}
