package people

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"steward/internal/feature/estate"
	"steward/internal/feature/people/grouping"
	"steward/internal/feature/people/history"
	"steward/internal/format/identity"
	"steward/internal/platform/store"
)

// newIdentity is an identity that a reading has met.
type newIdentity struct {
	id int64
	grouping.Named
	kind identity.Kind
}

// putIdentities keeps identities and gives back those that were not known.
// They are written in the order of their ids, so that readings at the same
// time do not wait for each other in a ring.
func putIdentities(ctx context.Context, tx *store.Tx, at estate.Target, all []newIdentity) ([]newIdentity, error) {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b newIdentity) int { return cmp.Compare(a.id, b.id) })
	all = slices.CompactFunc(all, func(a, b newIdentity) bool { return a.id == b.id })
	scan, seen := at.ScanID, store.Micros(at.At)
	var fresh []newIdentity
	for chunk := range chunks(all, 300) {
		args := make([]any, 0, 4*len(chunk))
		for _, n := range chunk {
			args = append(args, n.id, string(n.kind), scan, seen)
		}
		known := map[int64]newIdentity{}
		for _, n := range chunk {
			known[n.id] = n
		}
		// A reading's own identities come back with its scan as their first; those that had it before
		// this statement have a name already and are left alone below.
		ids, err := store.Collect(scanID)(tx.Query(ctx, `INSERT INTO identity (id, person_id, kind, first_scan, seen_at) VALUES `+
			repeat(len(chunk), func(i int) string { return fmt.Sprintf("($%d, $%d, $%d, $%d, $%d)", i*4+1, i*4+1, i*4+2, i*4+3, i*4+4) })+`
			ON CONFLICT (id) DO NOTHING RETURNING id`, args...))
		if err != nil {
			return nil, fmt.Errorf("put identities: %w", err)
		}
		if _, err := tx.Exec(ctx, `UPDATE identity SET seen_at = $1 WHERE seen_at < $1 AND id IN (`+store.Marks(2, len(chunk))+`)`, append([]any{seen}, idsOf(chunk)...)...); err != nil {
			return nil, fmt.Errorf("touch identities: %w", err)
		}
		for _, id := range ids {
			fresh = append(fresh, known[id])
		}
	}
	return fresh, putNames(ctx, tx, fresh)
}

func idsOf(all []newIdentity) []any {
	out := make([]any, 0, len(all))
	for _, n := range all {
		out = append(out, n.id)
	}
	return out
}

func putNames(ctx context.Context, tx *store.Tx, fresh []newIdentity) error {
	rows := make([][]any, 0, len(fresh))
	for _, n := range fresh {
		if n.Named != (grouping.Named{}) {
			rows = append(rows, []any{n.id, n.Label(), n.Name, n.Email, n.Account, n.EmailKey(), n.LocalKey(), n.NameKey()})
		}
	}
	_, err := tx.Insert(ctx, "person_name", []string{"identity_id", "label", "name", "email", "account", "email_key", "local_key", "name_key"}, slices.Values(rows))
	return err
}

// replaced are the tables of which a reading replaces the rows of its repository.
var replaced = []string{"contributor", "contribution", "commit_month", "root_month", "directory_month", "release"}

// write keeps what was learnt of a repository, in the transaction of its reading.
func (f *Feature) write(ctx context.Context, tx *store.Tx, at estate.Target, l *history.Learnt) error {
	domains, err := storedDomains(ctx, tx)
	if err != nil {
		return err
	}
	met := make([]newIdentity, 0, len(l.Authors))
	for _, a := range l.Authors {
		kind, _ := identity.Classify(identity.Identity{Name: a.Name, Email: a.Email}, identity.Config{FirmDomains: domains})
		met = append(met, newIdentity{id: a.ID, Named: grouping.Named{Name: a.Name, Email: a.Email}, kind: kind})
	}
	fresh, err := putIdentities(ctx, tx, at, met)
	if err != nil {
		return err
	}
	if err := place(ctx, tx, at, fresh, nil); err != nil {
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

// storedDomains are the firm's domains by which kinds were worked out last.
func storedDomains(ctx context.Context, r store.Reader) ([]string, error) {
	var text string
	err := r.QueryRow(ctx, `SELECT value FROM people_state WHERE key = 'domains'`).Scan(&text)
	if err != nil && !errors.Is(err, store.ErrNoRows) {
		return nil, fmt.Errorf("load the domains of the firm: %w", err)
	}
	return strings.Fields(text), nil
}

func scanID(row store.Scanner) (id int64, err error) { return id, row.Scan(&id) }

// chunks cuts a slice into parts of at most n.
func chunks[T any](all []T, n int) iter.Seq[[]T] { return slices.Chunk(all, n) }

func repeat(n int, one func(i int) string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = one(i)
	}
	return strings.Join(parts, ", ")
}
