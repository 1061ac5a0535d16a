package estate

import (
	"context"
	"fmt"
	"strings"

	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// movedFrom finds the one vanished repository with the same first commits.
// None, or several, is nil: then it stays a new one, and the pages of both
// suggest to join them.
func (f *Feature) movedFrom(ctx context.Context, tx *store.Tx, r *reading) (*Repository, error) {
	args := []any{r.repository.ID}
	marks := make([]string, 0, len(r.snapshot.Roots))
	for _, c := range r.snapshot.Roots {
		args = append(args, c)
		marks = append(marks, fmt.Sprintf("$%d", len(args)))
	}
	all, err := store.Collect(scanRepository)(tx.Query(ctx, `SELECT `+repositoryColumns+` FROM repository WHERE vanished_at > 0 AND joined_into = 0 AND id <> $1
		AND id IN (SELECT repository_id FROM repository_root WHERE commit_id IN (`+strings.Join(marks, ", ")+`)) LIMIT 2`, args...))
	if err != nil {
		return nil, fmt.Errorf("look for where %s was before: %w", r.repository.Name, err)
	}
	if len(all) != 1 {
		return nil, nil
	}
	return &all[0], nil
}

// takeOver gives the location of a repository that was never read to the one that moved there.
func (f *Feature) takeOver(ctx context.Context, tx *store.Tx, old Repository, r *reading) error {
	steps := []struct {
		sql  string
		args []any
	}{
		{`UPDATE location SET repository_id = $2 WHERE repository_id = $1`, []any{r.repository.ID, old.ID}},
		{`UPDATE repository_alias SET to_at = $2 WHERE repository_id = $1 AND kind = 'path'`, []any{old.ID, store.Micros(f.p.Now())}},
		{`UPDATE repository_alias SET repository_id = $2 WHERE repository_id = $1
			AND NOT EXISTS (SELECT 1 FROM repository_alias o WHERE o.kind = repository_alias.kind AND o.value = repository_alias.value AND o.repository_id = $2)`, []any{r.repository.ID, old.ID}},
		{`DELETE FROM repository_alias WHERE repository_id = $1`, []any{r.repository.ID}},
		{`DELETE FROM repository WHERE id = $1`, []any{r.repository.ID}},
		{`UPDATE repository SET vanished_at = 0, name = $2 WHERE id = $1`, []any{old.ID, r.repository.Name}},
	}
	for _, s := range steps {
		if _, err := tx.Exec(ctx, s.sql, s.args...); err != nil {
			return fmt.Errorf("move %s to its new place: %w", old.Name, err)
		}
	}
	return audit.Append(ctx, tx, reader, "repository.move", "repository", old.UID, map[string]any{"location": r.location.ID})
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
		if _, err := tx.Exec(ctx, `UPDATE location SET repository_id = $1, split_from = $2, role = 'copy' WHERE repository_id = $2`, a.ID, b.ID); err != nil {
			return fmt.Errorf("join %s into %s: %w", b.UID, a.UID, err)
		}
		if _, err := tx.Exec(ctx, `UPDATE repository SET joined_into = $1 WHERE id = $2`, a.ID, b.ID); err != nil {
			return fmt.Errorf("join %s into %s: %w", b.UID, a.UID, err)
		}
		if err := f.followJoin(ctx, tx, b.ID); err != nil {
			return err
		}
		return audit.Append(ctx, tx, v, "repository.join", "repository", a.UID, map[string]any{"joined": b.UID})
	})
}

// Split undoes a Join: the repository is on its own again, with the locations it had.
func (f *Feature) Split(ctx context.Context, v access.Viewer, uid string) error {
	if err := v.Require(access.LinkRecords); err != nil {
		return err
	}
	return f.db.Tx(ctx, func(tx *store.Tx) error {
		var id, into int64
		err := tx.QueryRow(ctx, `SELECT id, joined_into FROM repository WHERE uid = $1 AND `+v.Where("visibility"), uid).Scan(&id, &into)
		if err != nil || into == 0 {
			return fault.New(fault.NotFound, "This repository is not joined to another, or you may not see it.")
		}
		if _, err := tx.Exec(ctx, `UPDATE location SET repository_id = $1, split_from = 0, role = 'canonical' WHERE split_from = $1`, id); err != nil {
			return fmt.Errorf("split %s: %w", uid, err)
		}
		if _, err := tx.Exec(ctx, `UPDATE repository SET joined_into = 0 WHERE id = $1`, id); err != nil {
			return fmt.Errorf("split %s: %w", uid, err)
		}
		if err := f.followJoin(ctx, tx, id); err != nil {
			return err
		}
		return audit.Append(ctx, tx, v, "repository.split", "repository", uid, nil)
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

// Relatives lists other repositories that share a first commit: copies, forks
// and candidates for joining.
func (f *Feature) Relatives(ctx context.Context, v access.Viewer, r Repository) ([]Repository, error) {
	return f.repositories(ctx, `joined_into = 0 AND id <> $1 AND `+v.Where("visibility")+` AND id IN (SELECT o.repository_id FROM repository_root o
		JOIN repository_root m ON m.commit_id = o.commit_id WHERE m.repository_id = $1)`, r.ID)
}

func (f *Feature) repositories(ctx context.Context, where string, args ...any) ([]Repository, error) {
	all, err := store.Collect(scanRepository)(f.db.Query(ctx, `SELECT `+repositoryColumns+` FROM repository WHERE `+where+` ORDER BY name, id LIMIT 100`, args...))
	if err != nil {
		return nil, fmt.Errorf("list repositories: %w", err)
	}
	return all, nil
}

// SetVisibility restricts a repository or opens it again, for every list, count and search at once.
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
		if _, err := tx.Exec(ctx, `UPDATE repository SET visibility = $2 WHERE id = $1`, r.ID, visibility); err != nil {
			return fmt.Errorf("set the visibility of %s: %w", uid, err)
		}
		for _, follow := range f.onVisibility {
			if err := follow(ctx, tx, r.ID, visibility); err != nil {
				return err
			}
		}
		return audit.Append(ctx, tx, v, "repository.visibility", "repository", r.UID, map[string]any{"visibility": visibility})
	})
}
