// Package jobs shows what Steward does in the background: what runs and how far it is, what waits,
// what failed and why, and what was done last; and lets those who may repeat or cancel it.
//
// It keeps nothing of its own: jobs belong to platform/job, which drops finished ones by itself
// (done after a day, cancelled after a week, failed after a month). Names of what a job is about
// are read from the tables of the estate.
package jobs

import (
	"context"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/job"
	"steward/internal/platform/mount"
	"steward/internal/platform/store"
)

// Feature shows the jobs of one Steward.
type Feature struct {
	db    *store.DB
	queue *job.Queue
}

// New returns the feature over the platform's queue.
func New(p mount.Platform) *Feature { return &Feature{db: p.DB, queue: p.Queue} }

// Entry is one job as people and programs read it. Times that are not known are nil.
type Entry struct {
	ID          int64      `json:"id"`
	Kind        string     `json:"kind" doc:"What sort of work it is, such as estate.read"`
	About       string     `json:"about" doc:"What it is about: the name of a repository, a source as it was given"`
	Href        string     `json:"href,omitempty" doc:"Address of the page of what it is about"`
	State       job.State  `json:"state" enum:"waiting,running,retrying,done,failed,cancelled"`
	Step        string     `json:"step,omitempty" doc:"What it does now, in words"`
	Done        int64      `json:"done"`
	Total       int64      `json:"total" doc:"Of how many; 0 when it is not known"`
	Left        float64    `json:"left_seconds,omitempty" doc:"Estimate of how long it still runs"`
	Attempt     int        `json:"attempt"`
	MaxAttempts int        `json:"max_attempts"`
	Enqueued    time.Time  `json:"enqueued"`
	Next        *time.Time `json:"next,omitempty" doc:"When it may begin"`
	Started     *time.Time `json:"started,omitempty"`
	Finished    *time.Time `json:"finished,omitempty"`
	Error       string     `json:"error,omitempty" doc:"Why the last attempt failed, in a sentence"`
}

// words say what a kind of job does; a kind that is not here is shown as it is.
var words = map[string]string{
	"estate.look":    "Look at a source",
	"estate.read":    "Read a repository",
	"correction.end": "End corrections whose last day is over",
	"people.join":    "Join the identities of people",
	"catalog.owners": "Work out owners again",
}

// What says in words what kind of work it is.
func (e Entry) What() string {
	if w, ok := words[e.Kind]; ok {
		return w
	}
	return e.Kind
}

// Doing says what it does now, or what it did when it failed.
func (e Entry) Doing() string {
	switch {
	case e.Step != "" && e.State == job.Running:
		return e.What() + ": " + e.Step
	case e.Step != "" && (e.State == job.Failed || e.State == job.Retrying):
		return e.What() + ", failed while " + e.Step
	}
	return e.What()
}

// List returns jobs with the names of what they are about, newest first. It needs access.ReadJobs.
func (f *Feature) List(ctx context.Context, v access.Viewer, filter job.Filter) ([]Entry, error) {
	all, err := f.queue.List(ctx, v, filter)
	if err != nil {
		return nil, err
	}
	names, err := f.names(ctx, v, all)
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, len(all))
	for i, s := range all {
		entries[i] = entryOf(s, names[about{s.Kind, s.Key}])
	}
	return entries, nil
}

func entryOf(s job.Status, n named) Entry {
	e := Entry{
		ID: s.ID, Kind: s.Kind, About: n.name, Href: n.href, State: s.State, Step: s.What, Done: s.Done, Total: s.Total,
		Left: s.Left.Round(time.Second).Seconds(), Attempt: s.Attempt, MaxAttempts: s.MaxAttempts, Enqueued: s.EnqueuedAt,
		Next: moment(s.NextAt), Started: moment(s.StartedAt), Finished: moment(s.FinishedAt),
	}
	switch {
	case e.About == "" && s.Key == "all": // of the kinds that work on everything at once
		e.About = "The whole estate"
	case e.About == "":
		e.About = s.Key
	}
	if s.State != job.Done && len(s.Errors) > 0 {
		e.Error = s.Errors[len(s.Errors)-1].Sentence
	}
	return e
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
