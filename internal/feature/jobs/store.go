package jobs

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"steward/internal/platform/access"
	"steward/internal/platform/job"
	"steward/internal/platform/store"
)

// about is what a job is about: its kind says which table the key leads to.
type about struct{ kind, key string }

// named is the name of that for people, and its page; both are empty when the viewer may not see it.
type named struct{ name, href string }

// names reads what jobs are about, one statement a kind.
func (f *Feature) names(ctx context.Context, v access.Viewer, all []job.Status) (map[about]named, error) {
	repositories, sources := []any{}, []any{}
	for _, s := range all {
		switch s.Kind {
		case "estate.read":
			if id, err := strconv.ParseInt(s.Key, 10, 64); err == nil {
				repositories = append(repositories, id)
			}
		case "estate.look":
			sources = append(sources, s.Key)
		}
	}
	names := make(map[about]named, len(all))
	err := f.name(ctx, names, "estate.read", `SELECT CAST(r.id AS text), r.name, '/repositories/' || r.uid FROM repository r
		WHERE `+v.Where("r.visibility")+` AND r.id IN `, repositories)
	if err == nil && v.Can(access.ReadJobs) { // a source stands for no repository: who sees jobs sees it
		err = f.name(ctx, names, "estate.look", `SELECT s.id, s.given, '/sources' FROM source s WHERE s.id IN `, sources)
	}
	if err != nil {
		return nil, fmt.Errorf("name jobs: %w", err)
	}
	return names, nil
}

// name runs one statement that gives key, name and address for a list of keys.
func (f *Feature) name(ctx context.Context, into map[about]named, kind, query string, keys []any) error {
	if len(keys) == 0 {
		return nil
	}
	marks := make([]string, len(keys))
	for i := range keys {
		marks[i] = "$" + strconv.Itoa(i+1)
	}
	_, err := store.Collect(func(row store.Scanner) (struct{}, error) {
		var key string
		var n named
		err := row.Scan(&key, &n.name, &n.href)
		into[about{kind, key}] = n
		return struct{}{}, err
	})(f.db.Query(ctx, query+"("+strings.Join(marks, ", ")+")", keys...))
	return err
}
