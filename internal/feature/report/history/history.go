// Package history keeps what the figures of the report were on each day, from the first day on.
//
// A number is kept twice: over all repositories, and over those that everybody with an account sees, so
// that no change tells of a restricted one. Nothing is worked out for days before the first: what was not
// measured then is not known.
package history

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/measure"
	"steward/internal/platform/store"
)

// The reaches under which numbers are kept.
const (
	everything = "all"
	internal   = "internal"
)

// window is how far back a change is told, in days.
const window = 30

// whole is after how many days only the last day of each month is kept.
const whole = 400

func reachOf(v access.Viewer) string {
	if v.Can(access.ReadRestricted) {
		return everything
	}
	return internal
}

// key is how a scope stands in the table.
func key(s measure.Scope) string {
	if s.Whole() {
		return ""
	}
	return s.Kind + ":" + s.ID
}

// Last is the last day of which numbers are kept of the whole estate as a viewer sees it; "" is none.
func Last(ctx context.Context, r store.Reader, v access.Viewer) (string, error) {
	var day string
	if err := r.QueryRow(ctx, `SELECT COALESCE(MAX(day), '') FROM report_kept WHERE scope = '' AND reach = $1`, reachOf(v)).Scan(&day); err != nil {
		return "", fmt.Errorf("find the last day that is kept: %w", err)
	}
	return day, nil
}

// Put keeps the numbers of a scope as a viewer sees them under a day, in place of those kept before.
func Put(ctx context.Context, tx *store.Tx, v access.Viewer, s measure.Scope, day string, kept []measure.Kept) error {
	if _, err := tx.Exec(ctx, `DELETE FROM report_kept WHERE scope = $1 AND reach = $2 AND day = $3`, key(s), reachOf(v), day); err != nil {
		return fmt.Errorf("keep figures: %w", err)
	}
	seen := map[[2]string]bool{}
	var rows [][]any
	for _, k := range kept {
		if at := [2]string{k.Group, k.Name}; !seen[at] {
			seen[at] = true
			rows = append(rows, []any{key(s), reachOf(v), day, k.Group, k.Name, k.N})
		}
	}
	_, err := tx.Insert(ctx, "report_kept", []string{"scope", "reach", "day", "family", "name", "value"}, slices.Values(rows))
	return err
}

// Thin leaves of the old days of what a viewer sees only the last of each month.
func Thin(ctx context.Context, tx *store.Tx, v access.Viewer, today time.Time) error {
	if _, err := tx.Exec(ctx, `DELETE FROM report_kept WHERE reach = $2 AND day < $1 AND day NOT IN (SELECT MAX(day) FROM report_kept GROUP BY substr(day, 1, 7))`,
		today.AddDate(0, 0, -whole).Format(time.DateOnly), reachOf(v)); err != nil {
		return fmt.Errorf("thin out what is kept: %w", err)
	}
	return nil
}

// Change is how the numbers of a scope changed within the last 30 days that are kept: from one day to
// another, by group and name. While there are not two days both are empty.
func Change(ctx context.Context, db *store.DB, v access.Viewer, s measure.Scope) (changes map[[2]string]int64, since, until string, err error) {
	err = db.Snapshot(ctx, func(r store.Reader) error {
		if err := r.QueryRow(ctx, `SELECT COALESCE(MAX(day), '') FROM report_kept WHERE scope = $1 AND reach = $2`, key(s), reachOf(v)).Scan(&until); err != nil || until == "" {
			return err
		}
		last, err := time.Parse(time.DateOnly, until)
		if err != nil {
			return err
		}
		if err := r.QueryRow(ctx, `SELECT MIN(day) FROM report_kept WHERE scope = $1 AND reach = $2 AND day >= $3`,
			key(s), reachOf(v), last.AddDate(0, 0, -window).Format(time.DateOnly)).Scan(&since); err != nil || since == until {
			return err
		}
		changes = map[[2]string]int64{}
		type moved struct {
			at [2]string
			by int64
		}
		all, err := store.Collect(func(row store.Scanner) (m moved, err error) { return m, row.Scan(&m.at[0], &m.at[1], &m.by) })(r.Query(ctx,
			`SELECT n.family, n.name, n.value - o.value FROM report_kept n JOIN report_kept o ON o.scope = n.scope AND o.reach = n.reach AND o.day = $3 AND o.family = n.family AND o.name = n.name
			WHERE n.scope = $1 AND n.reach = $2 AND n.day = $4`, key(s), reachOf(v), since, until))
		for _, m := range all {
			changes[m.at] = m.by
		}
		return err
	})
	if err != nil && !errors.Is(err, store.ErrNoRows) {
		return nil, "", "", fmt.Errorf("compare what is kept: %w", err)
	}
	if since == until {
		return nil, "", "", nil
	}
	return changes, since, until, nil
}

// Line is one number over time: its value at the last kept day of each month, nil where none is kept.
type Line struct {
	Group  string   `json:"group"`
	Name   string   `json:"name"`
	Values []*int64 `json:"values"` // as many as there are days in Course
}

// Course is how numbers went.
type Course struct {
	Days  []string `json:"days"` // the last kept day of each month, and the last day; the oldest first
	Lines []Line   `json:"lines"`
	First string   `json:"first"` // the first day that is kept; "" is none
}

// months is how many months a course goes back.
const months = 12

// Of gives the course of the numbers of a scope over the last twelve months.
func Of(ctx context.Context, db *store.DB, v access.Viewer, s measure.Scope) (Course, error) {
	c := Course{Days: []string{}, Lines: []Line{}}
	err := db.Snapshot(ctx, func(r store.Reader) error {
		if err := r.QueryRow(ctx, `SELECT COALESCE(MIN(day), '') FROM report_kept WHERE scope = $1 AND reach = $2`, key(s), reachOf(v)).Scan(&c.First); err != nil {
			return err
		}
		days, err := store.Collect(func(row store.Scanner) (day string, err error) { return day, row.Scan(&day) })(r.Query(ctx,
			`SELECT MAX(day) FROM report_kept WHERE scope = $1 AND reach = $2 GROUP BY substr(day, 1, 7) ORDER BY 1 DESC LIMIT $3`, key(s), reachOf(v), months))
		if err != nil || len(days) == 0 {
			return err
		}
		if len(days) < months && days[len(days)-1] != c.First {
			days = append(days, c.First) // within its first month a course has two ends as well
		}
		slices.Reverse(days)
		c.Days = days
		args := []any{key(s), reachOf(v)}
		for _, day := range days {
			args = append(args, day)
		}
		type point struct {
			Line
			day   string
			value int64
		}
		points, err := store.Collect(func(row store.Scanner) (p point, err error) {
			return p, row.Scan(&p.Group, &p.Name, &p.day, &p.value)
		})(r.Query(ctx, `SELECT family, name, day, value FROM report_kept WHERE scope = $1 AND reach = $2 AND day IN (`+store.Marks(3, len(days))+`) ORDER BY family, name, day`, args...))
		for _, p := range points {
			if n := len(c.Lines); n == 0 || c.Lines[n-1].Group != p.Group || c.Lines[n-1].Name != p.Name {
				c.Lines = append(c.Lines, Line{Group: p.Group, Name: p.Name, Values: make([]*int64, len(days))})
			}
			c.Lines[len(c.Lines)-1].Values[slices.Index(days, p.day)] = &p.value
		}
		return err
	})
	if err != nil {
		return c, fmt.Errorf("read what is kept: %w", err)
	}
	return c, nil
}
