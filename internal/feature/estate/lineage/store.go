package lineage

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"steward/internal/platform/store"
)

// Put keeps what a Line saw of a repository. What it did not see stays as it was.
func Put(ctx context.Context, tx *store.Tx, repository int64, l *Line) error {
	if l.Rooted() {
		if err := putRoots(ctx, tx, repository, l.roots); err != nil {
			return err
		}
	}
	if len(l.trees) == 0 {
		return nil
	}
	if err := putFiles(ctx, tx, repository, l); err != nil {
		return err
	}
	trees := l.trees
	if l.newer {
		known, err := store.Collect(func(row store.Scanner) (t tree, err error) {
			return t, row.Scan(&t.id, &t.commit, &t.at)
		})(tx.Query(ctx, `SELECT tree, commit_id, committed_at FROM repository_tree WHERE repository_id = $1 ORDER BY committed_at DESC`, repository))
		if err != nil {
			return fmt.Errorf("load the trees of the main line: %w", err)
		}
		trees = slices.Concat(trees, known)
	}
	rows := make([][]any, 0, len(trees))
	for _, t := range oldest(trees) {
		rows = append(rows, []any{repository, t.id, t.commit, t.at})
	}
	return replace(ctx, tx, repository, "repository_tree", []string{"repository_id", "tree", "commit_id", "committed_at"}, rows)
}

func putRoots(ctx context.Context, tx *store.Tx, repository int64, roots []root) error {
	rows := make([][]any, 0, len(roots))
	var files [][]any
	for _, r := range roots {
		rows = append(rows, []any{repository, r.commit, r.tree, r.files, r.telling, r.at})
		for i, one := range r.sample { // of one root at most: that of the main line
			files = append(files, []any{repository, i, one.digest})
		}
	}
	if err := replace(ctx, tx, repository, "repository_root", []string{"repository_id", "commit_id", "tree", "files", "telling", "committed_at"}, rows); err != nil {
		return err
	}
	return replace(ctx, tx, repository, "repository_root_file", []string{"repository_id", "seq", "file"}, files)
}

// putFiles keeps the sample of what commits brought, together with what earlier ones did.
func putFiles(ctx context.Context, tx *store.Tx, repository int64, l *Line) error {
	all := l.files
	all.at = maps.Clone(l.files.at)
	if l.newer {
		known, err := store.Collect(func(row store.Scanner) (f file, err error) { return f, row.Scan(&f.digest, &f.at) })(
			tx.Query(ctx, `SELECT file, committed_at FROM repository_file WHERE repository_id = $1`, repository))
		if err != nil {
			return fmt.Errorf("load the files of earlier commits: %w", err)
		}
		for _, one := range known {
			all.put(one.digest, one.at, func() bool { return true })
		}
	}
	rows := make([][]any, 0, len(all.at))
	for _, one := range all.rows() {
		rows = append(rows, []any{repository, one.digest, one.at})
	}
	return replace(ctx, tx, repository, "repository_file", []string{"repository_id", "file", "committed_at"}, rows)
}

// oldest keeps of each tree the oldest commit, and of all the newest maxTrees.
func oldest(trees []tree) []tree {
	byID := map[int64]tree{}
	for _, t := range trees { // newest first
		byID[t.id] = t
	}
	all := slices.SortedFunc(maps.Values(byID), func(a, b tree) int { return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(a.id, b.id)) })
	return all[:min(len(all), maxTrees)]
}

func replace(ctx context.Context, tx *store.Tx, repository int64, table string, columns []string, rows [][]any) error {
	if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE repository_id = $1`, repository); err != nil {
		return fmt.Errorf("replace rows of %s: %w", table, err)
	}
	_, err := tx.Insert(ctx, table, columns, slices.Values(rows))
	return err
}

// Replaced reports whether a Line is of another repository than what is kept: they have neither a
// first commit nor the files of any commit in common. Where one of both is not known it is the same.
func Replaced(ctx context.Context, tx *store.Tx, repository int64, l *Line) (bool, error) {
	var roots, common int64
	if !l.Rooted() {
		return false, nil
	}
	args := []any{repository}
	in := func(value any) string {
		args = append(args, value)
		return fmt.Sprintf("$%d", len(args))
	}
	commits, trees := make([]string, 0, len(l.roots)), make([]string, 0, len(l.trees))
	for _, r := range l.roots {
		commits = append(commits, in(r.commit))
	}
	for _, t := range l.trees {
		trees = append(trees, in(t.id))
	}
	err := tx.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM repository_root WHERE repository_id = $1),
		(SELECT COUNT(*) FROM repository_root WHERE repository_id = $1 AND commit_id IN (`+strings.Join(commits, ", ")+`))
		+ (SELECT COUNT(*) FROM repository_tree WHERE repository_id = $1 AND tree IN (`+strings.Join(append(trees, "0"), ", ")+`))`, args...).Scan(&roots, &common)
	if err != nil {
		return false, fmt.Errorf("compare first commits: %w", err)
	}
	return roots > 0 && common == 0, nil
}

// PutAliases keeps that a repository was found at an address, with a normalised remote unless that is empty.
func PutAliases(ctx context.Context, tx *store.Tx, repository int64, address, remote string, now time.Time) error {
	for kind, value := range map[string]string{"path": address, "remote": remote} {
		if value == "" {
			continue
		}
		_, err := tx.Exec(ctx, `INSERT INTO repository_alias (repository_id, kind, value, from_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (kind, value, repository_id) DO UPDATE SET to_at = 0`, repository, kind, value, store.Micros(now))
		if err != nil {
			return fmt.Errorf("put alias %q: %w", value, err)
		}
	}
	return nil
}

// EndPath keeps that a repository does not lie at an address any more; empty means all that it had.
func EndPath(ctx context.Context, tx *store.Tx, repository int64, address string, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE repository_alias SET to_at = $3 WHERE repository_id = $1 AND kind = 'path' AND ($2 = '' OR value = $2)`, repository, address, store.Micros(now))
	if err != nil {
		return fmt.Errorf("end the place %q: %w", address, err)
	}
	return nil
}

// Move gives the names and places of a repository to the one that it turned out to be.
func Move(ctx context.Context, tx *store.Tx, from, to int64) error {
	steps := []struct {
		sql  string
		args []any
	}{
		{`UPDATE repository_alias SET repository_id = $2 WHERE repository_id = $1
			AND NOT EXISTS (SELECT 1 FROM repository_alias o WHERE o.kind = repository_alias.kind AND o.value = repository_alias.value AND o.repository_id = $2)`, []any{from, to}},
		{`DELETE FROM repository_alias WHERE repository_id = $1`, []any{from}},
		{`DELETE FROM repository_root WHERE repository_id = $1`, []any{from}},
		{`DELETE FROM repository_root_file WHERE repository_id = $1`, []any{from}},
		{`DELETE FROM repository_tree WHERE repository_id = $1`, []any{from}},
		{`DELETE FROM repository_file WHERE repository_id = $1`, []any{from}},
	}
	for _, s := range steps {
		if _, err := tx.Exec(ctx, s.sql, s.args...); err != nil {
			return fmt.Errorf("move names and places: %w", err)
		}
	}
	return nil
}

// Namesakes is SQL for the ids of the repositories that lie where the remote is the same as somewhere where $1 lies.
func Namesakes() string {
	return `SELECT o.repository_id FROM location b JOIN location o ON o.remote = b.remote
		WHERE b.repository_id = $1 AND o.repository_id <> $1 AND b.remote <> '' AND b.missing_since = 0 AND o.missing_since = 0`
}

// Related is SQL for the ids of the repositories that have a first commit in common with $1. Where
// that commit came out of a template, they have another commit's files in common as well.
func Related() string {
	return `SELECT o.repository_id FROM repository_root b JOIN repository_root o ON o.commit_id = b.commit_id
		WHERE b.repository_id = $1 AND o.repository_id <> $1 AND (NOT EXISTS (SELECT 1 FROM ` + fmt.Sprintf(candidates, "t") + `)
			OR EXISTS (SELECT 1 FROM repository_tree m JOIN repository_tree n ON n.tree = m.tree
				WHERE m.repository_id = $1 AND n.repository_id = o.repository_id AND m.tree <> b.tree))`
}
