package report

import (
	"context"
	"time"

	"steward/internal/feature/report/history"
	"steward/internal/feature/report/sheet"
	"steward/internal/platform/access"
	"steward/internal/platform/job"
	"steward/internal/platform/measure"
	"steward/internal/platform/store"
)

// keepJob keeps the figures of one day; its key is the day.
const keepJob = "report.keep"

// readers are those for whom figures are kept: one who sees every repository, and one who sees what
// everybody with an account sees.
func readers() []access.Viewer {
	return []access.Viewer{access.System("keeping the figures of a day"), access.As(keepJob, "Steward", access.Member)}
}

// due says that the figures of today are to be kept: once a day, and not before everything given was read.
func (f *Feature) due(ctx context.Context) (string, error) {
	v := readers()[0]
	today := f.today()
	last, err := history.Last(ctx, f.db, v)
	if err != nil || last == today {
		return "", err
	}
	if f.config.Read != nil {
		if read, err := f.config.Read(ctx, v); err != nil || !read {
			return "", err
		}
	}
	return today, nil
}

func (f *Feature) today() string { return f.now().UTC().Format(time.DateOnly) }

// counted is what one reader sees of one scope.
type counted struct {
	viewer access.Viewer
	scope  measure.Scope
	kept   []measure.Kept
}

// keep counts everything and keeps it, in one transaction.
func (f *Feature) keep(ctx context.Context, j *job.Job) error {
	scopes := []measure.Scope{{}}
	if f.config.Scopes != nil {
		more, err := f.config.Scopes(ctx, readers()[0])
		if err != nil {
			return err
		}
		scopes = append(scopes, more...)
	}
	day, all := f.today(), []counted{}
	for i, scope := range scopes {
		j.Progress(int64(i), int64(len(scopes)), "figures")
		for _, v := range readers() {
			kept, err := f.count(ctx, v, scope)
			if err != nil {
				return err
			}
			all = append(all, counted{v, scope, kept})
		}
	}
	return f.db.Tx(ctx, func(tx *store.Tx) error {
		for _, one := range all {
			if err := history.Put(ctx, tx, one.viewer, one.scope, day, one.kept); err != nil {
				return err
			}
		}
		for _, v := range readers() {
			if err := history.Thin(ctx, tx, v, f.now().UTC()); err != nil {
				return err
			}
		}
		return j.Complete(ctx, tx)
	})
}

// count gives all numbers of a scope that are kept. A section that fails is not kept that day.
func (f *Feature) count(ctx context.Context, v access.Viewer, scope measure.Scope) ([]measure.Kept, error) {
	d := f.desk(scope)
	parts := sheet.Take(ctx, v, f.config.Sections, d, patience, func(section string, err error) string { return f.failed(ctx, section, err) })
	all := sheet.New("", f.now(), scope, true, parts).Kept()
	for _, s := range f.config.Sections {
		if s.Kept == nil {
			continue
		}
		more, err := s.Kept(ctx, v, d)
		if err != nil {
			f.failed(ctx, s.ID, err)
			continue
		}
		all = append(all, more...)
	}
	return all, ctx.Err()
}
