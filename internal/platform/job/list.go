package job

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"steward/internal/platform/access"
	"steward/internal/platform/audit"
	"steward/internal/platform/store"
)

// State is where a job is in its life; see the package comment.
type State string

// The states.
const (
	Waiting   State = "waiting"
	Running   State = "running"
	Retrying  State = "retrying"
	Done      State = "done"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// States lists the states in the order of a job's life.
func States() []State { return []State{Waiting, Running, Retrying, Done, Failed, Cancelled} }

// stateOf is the library's states in our words.
var stateOf = map[rivertype.JobState]State{
	rivertype.JobStateAvailable: Waiting,
	rivertype.JobStatePending:   Waiting,
	rivertype.JobStateScheduled: Waiting,
	rivertype.JobStateRunning:   Running,
	rivertype.JobStateRetryable: Retrying,
	rivertype.JobStateCompleted: Done,
	rivertype.JobStateDiscarded: Failed,
	rivertype.JobStateCancelled: Cancelled,
}

// Filter chooses jobs; empty fields choose all.
type Filter struct {
	IDs    []int64
	Kinds  []string
	States []State
	Key    string
	Before int64 // only ids below it: the last id of the page before
	Limit  int   // at most; 0 means 100, the most is 1000
}

const (
	defaultLimit = 100
	largestLimit = 1000
	// sample is how many finished jobs of a kind an estimate looks at.
	sample = 20
)

// Status is how a job stands.
type Status struct {
	ID          int64
	Kind        string
	Key         string
	State       State
	Attempt     int // attempts begun
	MaxAttempts int
	EnqueuedAt  time.Time
	NextAt      time.Time // when it may begin next; for waiting and retrying
	StartedAt   time.Time // of the last attempt; zero before the first
	FinishedAt  time.Time // zero until it is done, failed or cancelled
	Done, Total int64     // total 0 means not known
	What        string
	Errors      []Failure // of past attempts, oldest first
	// Left is how long a running job will still take: from its progress, else from finished ones of
	// its kind. Zero means that nobody knows, or any moment now.
	Left time.Duration
}

// Failure is an attempt that went wrong, in words for people.
type Failure struct {
	At       time.Time
	Attempt  int
	Sentence string
}

// List returns how jobs stand, newest first. It needs access.ReadJobs.
func (q *Queue) List(ctx context.Context, v access.Viewer, f Filter) ([]Status, error) {
	if err := v.Require(access.ReadJobs); err != nil {
		return nil, err
	}
	rows, err := q.backend.list(ctx, f.params())
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	all := make([]Status, len(rows))
	running := []string{}
	for i, row := range rows {
		all[i] = status(row)
		if all[i].State == Running && !slices.Contains(running, row.Kind) {
			running = append(running, row.Kind)
		}
	}
	if err := q.addProgress(ctx, all); err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	for _, kind := range running {
		usual, err := q.usual(ctx, kind)
		if err != nil {
			return nil, fmt.Errorf("list jobs: %w", err)
		}
		for i := range all {
			if all[i].State == Running && all[i].Kind == kind {
				all[i].Left = left(all[i], q.config.Clock(), usual)
			}
		}
	}
	return all, nil
}

func (f Filter) params() *river.JobListParams {
	limit := f.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	p := river.NewJobListParams().OrderBy(river.JobListOrderByID, river.SortOrderDesc).First(min(limit, largestLimit))
	if len(f.IDs) > 0 {
		p = p.IDs(f.IDs...)
	}
	if len(f.Kinds) > 0 {
		p = p.Kinds(f.Kinds...)
	}
	var states []rivertype.JobState
	for theirs, ours := range stateOf {
		if slices.Contains(f.States, ours) {
			states = append(states, theirs)
		}
	}
	if len(states) > 0 {
		p = p.States(states...)
	}
	if f.Key != "" {
		p = p.Where("args ->> 'key' = @key", river.NamedArgs{"key": f.Key})
	}
	if f.Before > 0 {
		p = p.Where("id < @before", river.NamedArgs{"before": f.Before})
	}
	return p
}

func status(row *rivertype.JobRow) Status {
	var t task
	_ = json.Unmarshal(row.EncodedArgs, &t) // a job of somebody else's shape has no key
	s := Status{
		ID: row.ID, Kind: row.Kind, Key: t.Key, State: stateOf[row.State],
		Attempt: row.Attempt, MaxAttempts: row.MaxAttempts, EnqueuedAt: row.CreatedAt.UTC(),
	}
	if row.AttemptedAt != nil {
		s.StartedAt = row.AttemptedAt.UTC()
	}
	if row.FinalizedAt != nil {
		s.FinishedAt = row.FinalizedAt.UTC()
	}
	if s.State == Waiting || s.State == Retrying {
		s.NextAt = row.ScheduledAt.UTC()
	}
	for _, e := range row.Errors {
		s.Errors = append(s.Errors, Failure{At: e.At.UTC(), Attempt: e.Attempt, Sentence: e.Error})
	}
	return s
}

// addProgress fills in Done, Total and What: stored ones, and newer ones of this process.
func (q *Queue) addProgress(ctx context.Context, all []Status) error {
	if len(all) == 0 {
		return nil
	}
	at := map[int64]int{}
	for i, s := range all {
		at[s.ID] = i
	}
	rows, err := q.db.Query(ctx, "SELECT job_id, done, total, what FROM job_progress WHERE job_id BETWEEN $1 AND $2",
		all[len(all)-1].ID, all[0].ID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var p progress
		if err := rows.Scan(&id, &p.done, &p.total, &p.what); err != nil {
			return err
		}
		if i, ok := at[id]; ok {
			all[i].Done, all[i].Total, all[i].What = p.done, p.total, p.what
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for id, p := range q.progress {
		if i, ok := at[id]; ok {
			all[i].Done, all[i].Total, all[i].What = p.done, p.total, p.what
		}
	}
	return rows.Err()
}

// usual returns the mean time of the last finished jobs of a kind, 0 when there is none.
func (q *Queue) usual(ctx context.Context, kind string) (time.Duration, error) {
	rows, err := q.backend.list(ctx, river.NewJobListParams().Kinds(kind).States(rivertype.JobStateCompleted).
		OrderBy(river.JobListOrderByFinalizedAt, river.SortOrderDesc).First(sample))
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	var sum time.Duration
	for _, row := range rows {
		if row.FinalizedAt != nil && row.AttemptedAt != nil {
			sum += row.FinalizedAt.Sub(*row.AttemptedAt)
		}
	}
	return sum / time.Duration(len(rows)), nil
}

// left estimates how long a running job will still take.
func left(s Status, now time.Time, usual time.Duration) time.Duration {
	spent := now.Sub(s.StartedAt)
	if s.Done > 0 && s.Total > 0 {
		rest := float64(max(s.Total-s.Done, 0))
		return max(time.Duration(float64(spent)/float64(s.Done)*rest), 0)
	}
	return max(usual-spent, 0)
}

// Open counts the jobs that wait, run or are to be tried again. It needs access.ReadJobs.
func (q *Queue) Open(ctx context.Context, v access.Viewer) (n int64, err error) {
	if err := v.Require(access.ReadJobs); err != nil {
		return 0, err
	}
	err = q.db.QueryRow(ctx, `SELECT count(*) FROM river_job WHERE state IN ('available', 'pending', 'retryable', 'running', 'scheduled')`).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count open jobs: %w", err)
	}
	return n, nil
}

// Summary is how the jobs of one kind stand.
type Summary struct {
	Kind  string
	Count map[State]int64
	Usual time.Duration // mean time of the last finished ones; 0 when there is none
}

// Summaries returns how the jobs of each kind stand, by kind. It needs access.ReadJobs.
func (q *Queue) Summaries(ctx context.Context, v access.Viewer) ([]Summary, error) {
	if err := v.Require(access.ReadJobs); err != nil {
		return nil, err
	}
	type count struct {
		kind  string
		state rivertype.JobState
		n     int64
	}
	counts, err := store.Collect(func(s store.Scanner) (c count, err error) {
		var state string
		err = s.Scan(&c.kind, &state, &c.n)
		c.state = rivertype.JobState(state)
		return c, err
	})(q.db.Query(ctx, "SELECT kind, CAST(state AS text), count(*) FROM river_job GROUP BY kind, state ORDER BY kind"))
	if err != nil {
		return nil, fmt.Errorf("summarise jobs: %w", err)
	}
	all := []Summary{}
	for _, c := range counts {
		if len(all) == 0 || all[len(all)-1].Kind != c.kind {
			usual, err := q.usual(ctx, c.kind)
			if err != nil {
				return nil, fmt.Errorf("summarise jobs: %w", err)
			}
			all = append(all, Summary{Kind: c.kind, Count: map[State]int64{}, Usual: usual})
		}
		all[len(all)-1].Count[stateOf[c.state]] += c.n
	}
	return all, nil
}

// Retry makes a failed, cancelled, retrying or done job wait again, to begin at once; a running one
// is left alone. It is audited. It needs access.RunJobs; fault.Conflict when another job of the same
// key waits or runs already.
func (q *Queue) Retry(ctx context.Context, v access.Viewer, id int64) error {
	return q.change(ctx, v, "job.retry", id, q.backend.retry)
}

// Cancel ends an unfinished job: a waiting one at once, a running one when its handler obeys its
// context. A finished one is left alone. It is audited. It needs access.RunJobs.
func (q *Queue) Cancel(ctx context.Context, v access.Viewer, id int64) error {
	return q.change(ctx, v, "job.cancel", id, q.backend.cancel)
}

func (q *Queue) change(ctx context.Context, v access.Viewer, action string, id int64, do func(context.Context, *store.Tx, int64) error) error {
	if err := v.Require(access.RunJobs); err != nil {
		return err
	}
	return q.db.Tx(ctx, func(tx *store.Tx) error {
		if err := do(ctx, tx, id); err != nil {
			return fmt.Errorf("%s %d: %w", action, id, store.Explain(ctx, err))
		}
		return audit.Append(ctx, tx, v, q.config.Clock(), action, "job", strconv.FormatInt(id, 10), nil)
	})
}
