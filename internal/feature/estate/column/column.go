// Package column says which fact of a repository each column keeps for lists.
package column

import (
	"encoding/json"
	"maps"
	"slices"
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

// All lists the columns.
func All() []string { return slices.Collect(maps.Values(columns)) }
