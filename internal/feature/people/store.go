package people

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"steward/internal/feature/estate"
	"steward/internal/feature/people/grouping"
	"steward/internal/feature/people/history"
	"steward/internal/feature/people/joining"
	"steward/internal/format/identity"
	"steward/internal/platform/store"
)

// replaced are the tables of which a reading replaces the rows of its repository.
var replaced = []string{"contributor", "contribution", "commit_month", "root_month", "directory_month", "release"}

// write keeps what was learnt of a repository, in the transaction of its reading.
func (f *Feature) write(ctx context.Context, tx *store.Tx, at estate.Target, l *history.Learnt) error {
	domains, err := storedDomains(ctx, tx)
	if err != nil {
		return err
	}
	met := make([]joining.Met, 0, len(l.Authors))
	for _, a := range l.Authors {
		kind, _ := identity.Classify(identity.Identity{Name: a.Name, Email: a.Email}, identity.Config{FirmDomains: domains})
		met = append(met, joining.Met{ID: a.ID, Named: grouping.Named{Name: a.Name, Email: a.Email}, Kind: kind})
	}
	fresh, err := joining.Put(ctx, tx, at, met)
	if err != nil {
		return err
	}
	if err := joining.Place(ctx, tx, fresh, domains, store.Micros(at.At)); err != nil {
		return err
	}
	for _, table := range replaced {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE repository_id = $1`, at.RepositoryID); err != nil {
			return fmt.Errorf("replace the history of %s: %w", at.RepositoryUID, err)
		}
	}
	for _, t := range tables(l, at.RepositoryID) {
		if _, err := tx.Insert(ctx, t.name, t.columns, t.rows); err != nil {
			return err
		}
	}
	return f.askJoin(ctx, tx, len(fresh) > 0, domains)
}

type table struct {
	name    string
	columns []string
	rows    iter.Seq[[]any]
}

// tables are the rows that a reading writes.
func tables(l *history.Learnt, repository int64) []table {
	return []table{
		{"contributor", []string{"repository_id", "identity_id", "commits", "bulk_commits", "first_at", "last_at"}, func(yield func([]any) bool) {
			for _, w := range l.Work {
				if w.Root == history.Whole && !yield([]any{repository, w.Identity, w.Commits, w.Bulk, w.First, w.Last}) {
					return
				}
			}
		}},
		{"contribution", []string{"repository_id", "root", "identity_id", "commits", "bulk_commits", "first_at", "last_at"}, func(yield func([]any) bool) {
			for _, w := range l.Work {
				if w.Root != history.Whole && !yield([]any{repository, w.Root, w.Identity, w.Commits, w.Bulk, w.First, w.Last}) {
					return
				}
			}
		}},
		{"commit_month", []string{"repository_id", "month", "commits", "contributors"}, func(yield func([]any) bool) {
			for _, m := range l.Months {
				if !yield([]any{repository, m.Month, m.Commits, m.Authors}) {
					return
				}
			}
		}},
		{"root_month", []string{"repository_id", "root", "month", "commits"}, placeRows(repository, l.RootMonths)},
		{"directory_month", []string{"repository_id", "directory", "month", "commits"}, placeRows(repository, l.Directories)},
		{"release", []string{"repository_id", "name", "commit_id", "at", "preview"}, func(yield func([]any) bool) {
			for _, r := range l.Releases {
				preview := int64(0)
				if r.Preview {
					preview = 1
				}
				if !yield([]any{repository, r.Name, r.Commit, store.Micros(r.At), preview}) {
					return
				}
			}
		}},
	}
}

func placeRows(repository int64, all []history.PlaceMonth) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for _, p := range all {
			if !yield([]any{repository, p.Place, p.Month, p.Commits}) {
				return
			}
		}
	}
}

func scanID(row store.Scanner) (id int64, err error) { return id, row.Scan(&id) }

// chunks cuts a slice into parts of at most n.
func chunks[T any](all []T, n int) iter.Seq[[]T] { return slices.Chunk(all, n) }
