package jobs

import (
	"io"
	"net/http"
	"slices"
	"time"

	"steward/internal/platform/fault"
	"steward/internal/platform/job"
	"steward/internal/platform/web"
	"steward/internal/platform/web/download"
)

// readAtOnce is how many jobs an export reads with one statement.
const readAtOnce = 1000

// The columns of /jobs.csv are the fields of an Entry in JSON.
var exportHead = []any{"id", "kind", "about", "state", "step", "done", "total", "left_seconds", "attempt", "max_attempts", "enqueued", "next", "started", "finished", "error"}

func (e Entry) record() []any {
	return []any{
		e.ID, e.Kind, e.About, string(e.State), e.Step, e.Done, e.Total, e.Left, e.Attempt, e.MaxAttempts,
		exact(&e.Enqueued), exact(e.Next), exact(e.Started), exact(e.Finished), e.Error,
	}
}

// exact is a moment in UTC, nil when it is not known.
func exact(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// filterOf reads which jobs an address asks for: those of a state and of a kind.
func filterOf(r *web.Request) (job.Filter, error) {
	in := r.URL.Query()
	f := job.Filter{Kinds: in["kind"]}
	for _, state := range in["state"] {
		if !slices.Contains(job.States(), job.State(state)) {
			return f, fault.New(fault.NotFound, "There is no state %q of jobs. Open Jobs and choose one of its figures.", state)
		}
		f.States = append(f.States, job.State(state))
	}
	return f, nil
}

// export sends all jobs that an address asks for, newest first. Each is there once, as it stood when it was read.
func (f *Feature) export(format download.Format) func(http.ResponseWriter, *web.Request) error {
	return func(w http.ResponseWriter, r *web.Request) error {
		filter, err := filterOf(r)
		if err != nil {
			return err
		}
		filter.Limit = readAtOnce
		all := download.Rows[Entry]{Head: exportHead, Cells: Entry.record, Each: func(do func(Entry) error) error {
			for {
				some, err := f.List(r.Context(), r.Viewer, filter)
				if err != nil {
					return err
				}
				for _, e := range some {
					if err := do(e); err != nil {
						return err
					}
				}
				if len(some) < readAtOnce {
					return nil
				}
				filter.Before = some[len(some)-1].ID
			}
		}}
		return download.Send(w, r.Now, "jobs", format, func(out io.Writer) error { return all.Write(out, format) })
	}
}
