// Package fact keeps what was learnt of a repository, one value a row, with where it comes from. A
// source replaces all its facts of a repository at once and touches those of no other; package column
// says which of several counts.
package fact

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"steward/internal/feature/estate/column"
	"steward/internal/platform/access"
	"steward/internal/platform/store"
	"steward/internal/platform/web/piece"
)

// Fact is one thing learnt, with where it comes from. Value is a string,
// number, bool, or something that encodes as JSON.
type Fact struct {
	Name  string // dotted, stable: "language.main", "licence.file"
	Value any
	Basis column.Basis
	File  string // slash-separated path in the tree; empty when it has none
	Line  int    // 1-based; 0 when it has none
}

// Stored is a fact as pages show it.
type Stored struct {
	Name     string       `json:"name"`
	Value    string       `json:"value"` // JSON
	Basis    column.Basis `json:"basis"`
	Source   string       `json:"source"` // analyser
	File     string       `json:"file,omitempty"`
	Line     int          `json:"line,omitempty"`
	Observed time.Time    `json:"observed"`
	Wins     bool         `json:"wins"` // counts where several say something else
}

// Of lists what is known of a repository, given by its uid: by name, winners first.
func Of(ctx context.Context, r store.Reader, v access.Viewer, uid string) ([]Stored, error) {
	all, err := store.Collect(func(row store.Scanner) (Stored, error) {
		var one Stored
		var at int64
		err := row.Scan(&one.Name, &one.Value, &one.Basis, &one.Source, &one.File, &one.Line, &at)
		if at != 0 {
			one.Observed = store.FromMicros(at)
		}
		return one, err
	})(r.Query(ctx, `SELECT fact.name, value, basis, source, file, line, observed_at FROM fact JOIN repository r ON r.id = fact.repository_id
		WHERE subject_kind = 'repository' AND subject_id = $1 AND `+v.Where("r.visibility")+`
		ORDER BY fact.name, `+column.Order+`, observed_at DESC, source, file, line`, uid))
	if err != nil {
		return nil, fmt.Errorf("list facts: %w", err)
	}
	for i := range all {
		all[i].Wins = i == 0 || all[i-1].Name != all[i].Name
	}
	return all, nil
}

// Slice is what one source learnt of a repository in one reading.
type Slice struct {
	RepositoryID  int64
	RepositoryUID string
	ScanID        int64
	At            time.Time
	Source        string
}

var columns = []string{"subject_kind", "subject_id", "repository_id", "name", "value", "basis", "source", "file", "line", "scan_id", "observed_at"}

// Put replaces a source's facts of a repository; of two at one place the first is kept.
func Put(ctx context.Context, tx *store.Tx, s Slice, facts []Fact) error {
	if _, err := tx.Exec(ctx, `DELETE FROM fact WHERE repository_id = $1 AND source = $2`, s.RepositoryID, s.Source); err != nil {
		return fmt.Errorf("replace facts: %w", err)
	}
	rows := make([][]any, 0, len(facts))
	seen := map[string]bool{}
	for _, one := range facts {
		value, err := json.Marshal(one.Value)
		if err != nil {
			return fmt.Errorf("encode fact %q: %w", one.Name, err)
		}
		key := one.Name + "\x00" + one.File + "\x00" + strconv.Itoa(one.Line)
		if seen[key] {
			continue
		}
		seen[key] = true
		rows = append(rows, []any{
			"repository", s.RepositoryUID, s.RepositoryID, one.Name, string(value), string(one.Basis), s.Source,
			one.File, one.Line, s.ScanID, store.Micros(s.At),
		})
	}
	_, err := tx.Insert(ctx, "fact", columns, slices.Values(rows))
	return err
}

// Add puts one fact, whose value is JSON already, beside those that are there.
func Add(ctx context.Context, tx *store.Tx, s Slice, name, value string, basis column.Basis) error {
	_, err := tx.Insert(ctx, "fact", columns, slices.Values([][]any{{"repository", s.RepositoryUID, s.RepositoryID, name, value, string(basis), s.Source, "", 0, s.ScanID, store.Micros(s.At)}}))
	return err
}

// basisWords say a basis to people.
var basisWords = map[column.Basis]string{column.Corrected: "corrected by people", column.Written: "written by people", column.Measured: "measured", column.Inferred: "inferred"}

// Word says the basis of a fact to people.
func (s Stored) Word() string { return basisWords[s.Basis] }

// Origin names file and line, or says how the fact came to be.
func (s Stored) Origin() string {
	switch {
	case s.File != "" && s.Line > 0:
		return s.File + ", line " + strconv.Itoa(s.Line)
	case s.File != "":
		return s.File
	}
	return s.Word()
}

// Text shows a fact's value as people read it.
func (s Stored) Text() string { return Text(s.Name, s.Value) }

// Moment says that the number which a fact of this name holds is a time, µs since 1970 UTC.
func Moment(name string) bool {
	return name == "history.first" || name == "history.last" || name == "release.last"
}

// Text shows a value, as JSON, as people read it under a name.
func Text(name, encoded string) string {
	var v any
	if json.Unmarshal([]byte(encoded), &v) != nil {
		return encoded
	}
	switch v := v.(type) {
	case string:
		return v
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case float64:
		switch {
		case Moment(name):
			return store.FromMicros(int64(v)).UTC().Format("2 Jan 2006")
		case name == "size.bytes":
			size, _ := piece.Bytes(int64(v))
			return size
		}
		return piece.Number(int64(v))
	case nil:
		return "not known"
	case []any:
		words := make([]string, 0, len(v))
		for _, w := range v {
			words = append(words, fmt.Sprint(w))
		}
		return strings.Join(words, ", ")
	}
	return encoded
}

// Mark is the source mark that stands before where a fact comes from.
func (s Stored) Mark() piece.Source { return piece.Source(s.Basis) }
