package estate

import (
	"context"
	"errors"
	"fmt"

	"steward/internal/feature/estate/column"
	"steward/internal/feature/estate/correction"
	"steward/internal/feature/estate/fact"
	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/store"
)

// corrections is the source of facts that people put right; a reading replaces those of analysers only.
const corrections = "correction"

// Correctable are repositories as records whose facts can be corrected: a correction in force is a
// fact beside the others, of a basis that wins over all of them.
func Correctable() correction.Subject {
	return correction.Subject{Kind: "repository", Plural: "Repositories", Path: "/repositories", Find: findRecord, Claims: claims, Field: factField, Apply: applyFact}
}

// findRecord finds a repository itself: what was said of one that was joined to another waits until they are split.
func findRecord(ctx context.Context, r store.Reader, v access.Viewer, uid string) (correction.Record, error) {
	record := correction.Record{ID: uid}
	err := r.QueryRow(ctx, `SELECT id, name FROM repository WHERE uid = $1 AND joined_into = 0 AND `+v.Where("visibility"), uid).Scan(&record.Key, &record.Name)
	if errors.Is(err, store.ErrNoRows) {
		return record, fault.New(fault.NotFound, "There is no such repository, or you may not see it.")
	}
	record.RepositoryID = record.Key
	return record, err
}

// claims lists the facts of a name that analysers found, the one that counts first.
func claims(ctx context.Context, r store.Reader, v access.Viewer, of correction.Record, name string) ([]correction.Claim, error) {
	return store.Collect(func(row store.Scanner) (correction.Claim, error) {
		var c correction.Claim
		var at int64
		err := row.Scan(&c.Value, &c.Basis, &c.Source, &c.File, &c.Line, &at)
		c.Observed = moment(at)
		return c, err
	})(r.Query(ctx, `SELECT value, basis, source, file, line, observed_at FROM fact JOIN repository r ON r.id = fact.repository_id
		WHERE subject_kind = 'repository' AND subject_id = $1 AND fact.name = $2 AND source <> '`+corrections+`' AND `+v.Where("r.visibility")+`
		ORDER BY `+column.Order+`, observed_at DESC, source, file, line`, of.ID, name))
}

// offered are the columns whose values are offered when one is typed.
var offered = map[string]string{"language.main": "main_language", "licence": "licence"}

// maxOffered is how many values are offered at most.
const maxOffered = 200

func factField(ctx context.Context, r store.Reader, v access.Viewer, name string, claims []correction.Claim) (correction.Field, bool, error) {
	field := correction.Field{Label: fact.Label(name), Input: correction.InputOf(claims)}
	_, kept := column.Of(name)
	if len(claims) == 0 && !kept {
		return field, false, nil
	}
	if from := offered[name]; from != "" {
		var err error
		field.Choices, err = store.Collect(func(row store.Scanner) (value string, err error) { return value, row.Scan(&value) })(
			r.Query(ctx, `SELECT DISTINCT `+from+` FROM repository WHERE `+from+` <> '' AND joined_into = 0 AND `+v.Where("visibility")+` ORDER BY 1 LIMIT $1`, maxOffered))
		if err != nil {
			return field, false, fmt.Errorf("list values to be offered: %w", err)
		}
	}
	if name == "licence" {
		field = field.ForLicence()
	}
	if fact.Moment(name) {
		field.Input = correction.Day
	} else if len(claims) == 0 && column.Numeric(name) {
		field.Input = correction.Figure
	}
	return field, true, nil
}

// applyFact puts the fact of a correction in place, or takes it away, and what counts into the columns.
func applyFact(ctx context.Context, tx *store.Tx, of correction.Record, c correction.Change) error {
	if _, err := tx.Exec(ctx, `DELETE FROM fact WHERE subject_kind = 'repository' AND subject_id = $1 AND name = $2 AND source = '`+corrections+`'`, of.ID, c.Name); err != nil {
		return fmt.Errorf("take a corrected fact away: %w", err)
	}
	if c.Value != "" {
		if err := fact.Add(ctx, tx, fact.Slice{RepositoryID: of.Key, RepositoryUID: of.ID, At: c.At, Source: corrections}, c.Name, c.Value, Corrected); err != nil {
			return err
		}
	}
	return column.Put(ctx, tx, of.ID)
}
