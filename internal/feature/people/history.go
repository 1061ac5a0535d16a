package people

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"steward/internal/feature/people/history"
	"steward/internal/platform/access"
	"steward/internal/platform/store"
	"steward/internal/platform/web"
)

// History is what the commits of a repository, or of some component roots of
// it, add up to. It names nobody.
type History struct {
	Commits     int64             `json:"commits"` // without those that have no date
	Months      []Month           `json:"months"`  // oldest first, months without commits left out
	Half        string            `json:"half_of_the_work,omitempty"`
	Releases    []history.Release `json:"releases"`
	CadenceDays int64             `json:"release_cadence_days,omitempty"` // median days between days with releases; 0 when not known
	Directories []Directory       `json:"directories"`
	Roots       []string          `json:"roots,omitempty"` // empty for the whole repository
}

// Month is one month of a history.
type Month struct {
	Month        int64  `json:"month"` // yyyymm, UTC
	Commits      int64  `json:"commits"`
	Contributors string `json:"contributors,omitempty"` // a number, or "fewer than five"
}

// Directory is how much one directory moved in the last twelve months of the history.
type Directory struct {
	Name    string `json:"name"` // its first two parts; "" is the root, * all others
	Commits int64  `json:"commits"`
	Before  int64  `json:"before"` // in the twelve months before those
}

// History reads the history of a repository; with roots only what touched those.
func (f *Feature) History(ctx context.Context, v access.Viewer, repository int64, roots ...string) (History, error) {
	s, err := f.sight(ctx, v)
	if err != nil {
		return History{}, err
	}
	h := History{Roots: roots, Releases: []history.Release{}, Directories: []Directory{}}
	if h.Months, err = f.months(ctx, s, repository, roots); err != nil {
		return h, err
	}
	for _, m := range h.Months {
		h.Commits += m.Commits
	}
	n, err := f.halfOf(ctx, v, repository, roots)
	if err != nil {
		return h, err
	}
	if len(h.Months) > 0 {
		h.Half = s.group(n)
	}
	if len(roots) > 0 || len(h.Months) == 0 {
		return h, nil
	}
	if h.Releases, err = f.releases(ctx, v, repository); err != nil {
		return h, err
	}
	h.CadenceDays, _ = history.Cadence(h.Releases)
	h.Directories, err = f.directories(ctx, v, repository, h.Months[len(h.Months)-1].Month)
	return h, err
}

func (f *Feature) months(ctx context.Context, s sight, repository int64, roots []string) ([]Month, error) {
	sql, args := `SELECT m.month, m.commits, m.contributors FROM commit_month m JOIN repository r ON r.id = m.repository_id
		WHERE m.repository_id = $1 AND `+s.viewer.Where("r.visibility")+` ORDER BY m.month`, []any{repository}
	if len(roots) > 0 { // a commit that touched two of the roots counts for each
		sql = `SELECT m.month, CAST(SUM(m.commits) AS bigint), 0 FROM root_month m JOIN repository r ON r.id = m.repository_id
			WHERE m.repository_id = $1 AND m.root IN (` + store.Marks(2, len(roots)) + `) AND ` + s.viewer.Where("r.visibility") + ` GROUP BY m.month ORDER BY m.month`
		args = append(args, store.Args(roots)...)
	}
	months, err := store.Collect(func(row store.Scanner) (Month, error) {
		var m Month
		var people int64
		err := row.Scan(&m.Month, &m.Commits, &people)
		if people > 0 {
			m.Contributors = s.group(people)
		}
		return m, err
	})(f.db.Query(ctx, sql, args...))
	if err != nil {
		return nil, fmt.Errorf("list months: %w", err)
	}
	return months, nil
}

// halfOf is how many people, without service accounts, make half of the commits.
func (f *Feature) halfOf(ctx context.Context, v access.Viewer, repository int64, roots []string) (int64, error) {
	table, condition, args := "contributor", "", []any{repository}
	if len(roots) > 0 {
		table, condition = "contribution", ` AND c.root IN (`+store.Marks(2, len(roots))+`)`
		args = append(args, store.Args(roots)...)
	}
	counts, err := store.Collect(scanID)(f.db.Query(ctx, `SELECT CAST(SUM(c.commits) AS bigint) FROM `+table+` c JOIN repository r ON r.id = c.repository_id JOIN identity i ON i.id = c.identity_id
		JOIN person p ON p.id = i.person_id WHERE c.repository_id = $1 AND c.commits > 0 AND p.kind <> 'service' AND i.kind <> 'service' AND `+v.Where("r.visibility")+condition+`
		GROUP BY i.person_id`, args...))
	if err != nil {
		return 0, fmt.Errorf("sum up work: %w", err)
	}
	return history.Half(counts), nil
}

func (f *Feature) releases(ctx context.Context, v access.Viewer, repository int64) ([]history.Release, error) {
	all, err := store.Collect(func(row store.Scanner) (history.Release, error) {
		var r history.Release
		var at, preview int64
		err := row.Scan(&r.Name, &r.Commit, &at, &preview)
		r.At, r.Preview = store.FromMicros(at), preview > 0
		return r, err
	})(f.db.Query(ctx, `SELECT t.name, t.commit_id, t.at, t.preview FROM release t JOIN repository r ON r.id = t.repository_id
		WHERE t.repository_id = $1 AND `+v.Where("r.visibility")+` ORDER BY t.at DESC, t.name DESC`, repository))
	if err != nil {
		return nil, fmt.Errorf("list releases: %w", err)
	}
	return all, nil
}

// directories compares the twelve months up to last with the twelve before.
func (f *Feature) directories(ctx context.Context, v access.Viewer, repository, last int64) ([]Directory, error) {
	all, err := store.Collect(func(row store.Scanner) (Directory, error) {
		var d Directory
		err := row.Scan(&d.Name, &d.Commits, &d.Before)
		return d, err
	})(f.db.Query(ctx, `SELECT d.directory, CAST(SUM(CASE WHEN d.month > $2 THEN d.commits ELSE 0 END) AS bigint), CAST(SUM(CASE WHEN d.month <= $2 THEN d.commits ELSE 0 END) AS bigint)
		FROM directory_month d JOIN repository r ON r.id = d.repository_id WHERE d.repository_id = $1 AND d.month > $3 AND d.month <= $4 AND `+v.Where("r.visibility")+`
		GROUP BY d.directory`, repository, last-100, last-200, last))
	if err != nil {
		return nil, fmt.Errorf("list directories: %w", err)
	}
	all = slices.DeleteFunc(all, func(d Directory) bool { return d.Commits == 0 })
	slices.SortFunc(all, func(a, b Directory) int {
		return cmp.Or(cmp.Compare(a.order(), b.order()), cmp.Compare(b.Commits, a.Commits), cmp.Compare(a.Name, b.Name))
	})
	return all, nil
}

// order puts all others last.
func (d Directory) order() int {
	if d.Name == history.Others {
		return 1
	}
	return 0
}

// Words is the directory for people.
func (d Directory) Words() string {
	switch d.Name {
	case "":
		return "files at the root"
	case history.Others:
		return "all others"
	}
	return d.Name
}

// chart gives the last n months up to the one given, those without commits as 0.
func chart(months []Month, last time.Time, n int) []web.Point {
	if len(months) == 0 {
		return nil
	}
	counts := make(map[int64]int64, len(months))
	for _, m := range months {
		counts[m.Month] = m.Commits
	}
	points := make([]web.Point, 0, n)
	first := time.Date(last.Year(), last.Month(), 1, 0, 0, 0, 0, time.UTC).AddDate(0, 1-n, 0)
	for i := range n {
		t := first.AddDate(0, i, 0)
		month := int64(t.Year()*100 + int(t.Month()))
		label := history.MonthText(month)
		short := label[:3]
		if i < 3 || month%100 <= 3 { // one tick in three is shown: each year has one with its number
			short += " ’" + label[len(label)-2:]
		}
		points = append(points, web.Point{Label: label, Short: short, Value: float64(counts[month])})
	}
	return points
}

// until is where a chart ends: now, or the last month of a history that ended before the chart would begin.
func until(months []Month, now time.Time, n int) time.Time {
	if len(months) == 0 {
		return now
	}
	last := months[len(months)-1].Month
	t := time.Date(int(last/100), time.Month(last%100), 1, 0, 0, 0, 0, time.UTC)
	if t.Before(now.AddDate(0, 1-n, 0)) {
		return t
	}
	return now
}

// years sums a history by year, oldest first.
func years(months []Month) []web.Point {
	var points []web.Point
	for _, m := range months {
		label := fmt.Sprint(m.Month / 100)
		if n := len(points); n > 0 && points[n-1].Label == label {
			points[n-1].Value += float64(m.Commits)
		} else {
			points = append(points, web.Point{Label: label, Short: label, Value: float64(m.Commits)})
		}
	}
	return points
}
