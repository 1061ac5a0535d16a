// Package column says which of several facts counts, and which fact of a repository each column keeps for lists.
package column

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"steward/internal/platform/search"
	"steward/internal/platform/store"
)

// columns maps facts of a repository to the column that keeps the winner for
// lists. Analysers agree on these names.
var columns = map[string]string{
	"description":     "description",
	"language.main":   "main_language",
	"size.files":      "files",
	"size.bytes":      "bytes",
	"history.commits": "commits",
	"history.first":   "first_commit_at",
	"history.last":    "last_commit_at",
	"licence":         "licence",
}

// numeric are the columns that hold figures; times are µs since 1970 UTC.
var numeric = map[string]bool{
	"files": true, "bytes": true, "commits": true, "first_commit_at": true, "last_commit_at": true,
}

// Value decodes a stored fact for its column; the zero value when it does not fit.
func Value(column, encoded string) any {
	if numeric[column] {
		var n int64
		if json.Unmarshal([]byte(encoded), &n) != nil {
			return int64(0)
		}
		return n
	}
	var s string
	if json.Unmarshal([]byte(encoded), &s) != nil {
		return ""
	}
	return s
}

// Of is the column of a fact; false when it has none.
func Of(fact string) (string, bool) {
	name, ok := columns[fact]
	return name, ok
}

// Numeric says that the column of a fact holds figures.
func Numeric(fact string) bool { return numeric[columns[fact]] }

// Basis says how sure a fact is by its origin; the hub draws it as the source mark.
type Basis string

// The bases, strongest first: what a person put right in Steward wins over what people wrote in the
// repository, that over what was measured, and that over what was inferred.
const (
	Corrected Basis = "corrected"
	Written   Basis = "written"
	Measured  Basis = "measured"
	Inferred  Basis = "inferred"
)

// Order puts rows of facts in the order of their bases, the one that wins first.
const Order = `CASE basis WHEN 'corrected' THEN 0 WHEN 'written' THEN 1 WHEN 'measured' THEN 2 ELSE 3 END`

// Weight is what decides between two facts of one name.
type Weight struct {
	Basis Basis
	At    int64 // µs since 1970 UTC
}

// Over says that a fact counts and not the other: the basis is stronger, or the same and it is newer.
func (w Weight) Over(other Weight) bool {
	return cmp.Or(cmp.Compare(w.rank(), other.rank()), cmp.Compare(other.At, w.At)) < 0
}

// rank orders the bases, the one that wins first.
func (w Weight) rank() int {
	switch w.Basis {
	case Corrected:
		return 0
	case Written:
		return 1
	case Measured:
		return 2
	}
	return 3
}

// Winners picks for each column of a repository the stored fact that counts; the zero value where there is none.
func Winners(ctx context.Context, tx *store.Tx, uid string) (map[string]any, error) {
	rows, err := tx.Query(ctx, `SELECT name, value, basis, observed_at FROM fact WHERE subject_kind = 'repository' AND subject_id = $1 ORDER BY name, source, file, line`, uid)
	if err != nil {
		return nil, fmt.Errorf("load facts: %w", err)
	}
	defer rows.Close()
	bests := map[string]Weight{}
	winners := map[string]any{}
	for _, name := range columns {
		winners[name] = Value(name, "null")
	}
	for rows.Next() {
		var name, value string
		var b Weight
		if err := rows.Scan(&name, &value, &b.Basis, &b.At); err != nil {
			return nil, fmt.Errorf("load facts: %w", err)
		}
		to, ok := Of(name)
		if !ok {
			continue
		}
		old, have := bests[to]
		if !have || b.Over(old) {
			bests[to] = b
			winners[to] = Value(to, value)
		}
	}
	return winners, rows.Err()
}

// Put writes the facts that count into the columns of a repository, and makes it found by them.
func Put(ctx context.Context, tx *store.Tx, uid string) error {
	winners, err := Winners(ctx, tx, uid)
	if err != nil {
		return err
	}
	sets, args := []string{}, []any{uid}
	for _, name := range slices.Sorted(maps.Keys(winners)) {
		args = append(args, winners[name])
		sets = append(sets, fmt.Sprintf("%s = $%d", name, len(args)))
	}
	document := search.Document{Kind: "repository", ID: uid, URL: "/repositories/" + uid, Weight: 50}
	if err := tx.QueryRow(ctx, `UPDATE repository SET `+strings.Join(sets, ", ")+` WHERE uid = $1 RETURNING id, name, visibility, description`, args...).Scan(
		&document.RepositoryID, &document.Title, &document.Visibility, &document.Body); err != nil {
		return fmt.Errorf("put what counts of a repository: %w", err)
	}
	return search.Put(ctx, tx, []search.Document{document})
}
