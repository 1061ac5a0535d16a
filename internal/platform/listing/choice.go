package listing

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"steward/internal/platform/access"
	"steward/internal/platform/store"
)

// maxChoices is how many values a filter offers; what is typed to find some reaches the others.
const maxChoices = 30

// choices gives what a filter offers under the other filters. A chosen value stays in sight even
// when nothing has it any more.
func (s Spec) choices(ctx context.Context, r store.Reader, engine store.Engine, v access.Viewer, q Query, f Filter) ([]Choice, bool, error) {
	var out []Choice
	more := false
	switch f.Kind {
	case Yes:
		out = []Choice{{Value: "yes", Label: "Yes"}, {Value: "no", Label: "No"}}
	case When:
		out = whenChoices(f)
	case OneOf:
		var err error
		if out, more, err = s.found(ctx, r, engine, v, q, f); err != nil {
			return nil, false, err
		}
	default:
		return nil, false, nil
	}
	for i := range out {
		out[i].On = slices.Contains(q.values[f.Key], out[i].Value)
	}
	for _, value := range q.values[f.Key] {
		if !slices.ContainsFunc(out, func(c Choice) bool { return c.Value == value }) {
			out = append(out, Choice{Value: value, Label: f.Word(value), On: true})
		}
	}
	return out, more, nil
}

func whenChoices(f Filter) []Choice {
	var out []Choice
	for _, value := range []string{"7d", "30d", "365d", "older-365d", "older-730d"} {
		out = append(out, Choice{Value: value, Label: f.Word(value)})
	}
	if f.Unknown != "" {
		out = append(out, Choice{Value: None, Label: f.Unknown})
	}
	return out
}

// found counts rows by value: fixed choices in their order, others by number of rows.
func (s Spec) found(ctx context.Context, r store.Reader, engine store.Engine, v access.Viewer, q Query, f Filter) ([]Choice, bool, error) {
	b := &statement{engine: engine}
	where := b.where(s, v, q, f.Key)
	if q.find != "" && len(f.Choices) == 0 {
		where += " AND " + b.anyContains([]string{f.SQL}, q.find)
	}
	limit := maxChoices + 1
	if len(f.Choices) > 0 {
		limit = 1000
	}
	// The expression is selected inside, so that grouping works by name on both engines.
	text := "SELECT value, COUNT(*) FROM (SELECT " + b.text(f.SQL) + " AS value FROM " + s.From + " WHERE " + where +
		") found GROUP BY value ORDER BY COUNT(*) DESC, value LIMIT " + strconv.Itoa(limit)
	rows, err := r.Query(ctx, text, b.args...)
	if err != nil {
		return nil, false, fmt.Errorf("choices of %s: %w", f.Key, err)
	}
	defer rows.Close()
	counts, order, unknown := map[string]int64{}, []string{}, int64(0)
	for rows.Next() {
		var value sql.NullString
		var n int64
		if err := rows.Scan(&value, &n); err != nil {
			return nil, false, fmt.Errorf("choices of %s: %w", f.Key, err)
		}
		if value.String == "" {
			unknown += n
			continue
		}
		counts[value.String], order = n, append(order, value.String)
	}
	if err := rows.Err(); err != nil {
		return nil, false, fmt.Errorf("choices of %s: %w", f.Key, err)
	}
	more := len(f.Choices) == 0 && len(order) > maxChoices
	if more {
		order = order[:maxChoices]
	}
	out := f.offer(counts, order, unknown)
	if q.find != "" {
		out = slices.DeleteFunc(out, func(c Choice) bool { return !strings.Contains(fold(c.Label), fold(q.find)) })
	}
	return out, more, nil
}

func (f Filter) offer(counts map[string]int64, order []string, unknown int64) []Choice {
	var out []Choice
	for _, c := range f.Choices {
		out = append(out, Choice{Value: c.Value, Label: c.Label, Count: counts[c.Value]})
	}
	if len(f.Choices) == 0 {
		for _, value := range order {
			out = append(out, Choice{Value: value, Label: value, Count: counts[value]})
		}
	}
	if f.Unknown != "" {
		out = append(out, Choice{Value: None, Label: f.Unknown, Count: unknown})
	}
	return out
}

// Word gives the word for people of a filter's value.
func (f Filter) Word(value string) string {
	for _, c := range f.Choices {
		if c.Value == value {
			return c.Label
		}
	}
	switch {
	case value == None && f.Unknown != "":
		return f.Unknown
	case f.Kind == Yes:
		return map[string]string{"yes": "yes", "no": "no"}[value]
	case f.Kind == When:
		if word, ok := whenWords[value]; ok {
			return word
		}
		return value
	}
	return value
}

var whenWords = map[string]string{
	"7d": "within 7 days", "30d": "within 30 days", "365d": "within 12 months",
	"older-365d": "more than a year ago", "older-730d": "more than two years ago",
}
