package jobs

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"steward/internal/platform/access"
	"steward/internal/platform/fault"
	"steward/internal/platform/job"
	"steward/internal/platform/web"
)

// How many jobs of each part the page shows; the lists by state have all.
const (
	shownRunning = 50
	shownWaiting = 8
	shownFailed  = 10
	shownDone    = 10
	pageSize     = 50
)

// overview is what page/now.tmpl shows, again every two seconds while something is open.
type overview struct {
	Open    bool   // something runs or waits: look again soon
	Said    string // in a sentence
	Figures []web.Amount
	Running []Entry
	Failed  []Entry
	Waiting []Entry
	Done    []Entry
	Manage  bool
	Nothing bool // there is no job at all
}

// part is the list of the jobs of a state or of a kind.
type part struct {
	Picks   []pick
	Entries []Entry
	Manage  bool
	Next    string // address of the next page, "" at the end
	First   string // address of the first page, "" on it
}

// pick is a filter with what it is set to.
type pick struct {
	Label, Now string // Now is "" while it is not set
	Choices    []choice
}

// choice is one value of a filter, with the address of the jobs that have it.
type choice struct {
	Label, Href string
	On          bool
}

// totals are the numbers of jobs by state.
type totals struct {
	by    map[job.State]int64
	spare time.Duration // what waiting jobs will take one after the other
}

func totalsOf(all []job.Summary) totals {
	t := totals{by: map[job.State]int64{}}
	for _, s := range all {
		for state, n := range s.Count {
			t.by[state] += n
		}
		t.spare += time.Duration(s.Count[job.Waiting]) * s.Usual
	}
	return t
}

func (t totals) open() int64 { return t.by[job.Running] + t.by[job.Waiting] + t.by[job.Retrying] }

// left estimates how long what waits will take with as many at once as run now.
func (t totals) left() string {
	if t.spare <= 0 || t.by[job.Running] == 0 {
		return ""
	}
	return "about " + period(t.spare/time.Duration(t.by[job.Running]))
}

// page is the overview of all jobs or, where the address asks for a state or a kind, the list of those.
func (f *Feature) page(r *web.Request) (web.Page, error) {
	filter, err := filterOf(r)
	if err != nil {
		return web.Page{}, err
	}
	at := addressOf(filter)
	page := web.Page{Title: "Jobs", API: "/api/v1" + at("/jobs"), Export: []web.Action{{Label: "These as CSV", Href: at("/jobs.csv")}, {Label: "These as JSON", Href: at("/jobs.json")}}}
	if len(filter.States)+len(filter.Kinds) > 0 {
		return f.partPage(r, page, filter)
	}
	now, err := f.overview(r.Context(), r.Viewer)
	page.Lede, page.Template, page.Data = "What Steward does in the background. It goes on when you leave this page.", "jobs/now", now
	return page, err
}

// addressOf writes a filter back as it stands in an address, with more that goes with it.
func addressOf(filter job.Filter) func(path string, more ...string) string {
	return func(path string, more ...string) string {
		values := url.Values{"kind": filter.Kinds}
		for _, state := range filter.States {
			values.Add("state", string(state))
		}
		for i := 0; i+1 < len(more); i += 2 {
			values.Set(more[i], more[i+1])
		}
		if query := values.Encode(); query != "" {
			return path + "?" + query
		}
		return path
	}
}

func (f *Feature) fragment(r *web.Request) (web.Page, error) {
	now, err := f.overview(r.Context(), r.Viewer)
	return web.Page{Template: "jobs/now", Data: now}, err
}

func (f *Feature) overview(ctx context.Context, v access.Viewer) (overview, error) {
	summaries, err := f.queue.Summaries(ctx, v)
	if err != nil {
		return overview{}, err
	}
	t := totalsOf(summaries)
	o := overview{Open: t.open() > 0, Manage: v.Can(access.RunJobs), Nothing: len(summaries) == 0}
	for _, one := range []struct {
		into   *[]Entry
		states []job.State
		limit  int
	}{
		{&o.Running, []job.State{job.Running}, shownRunning},
		{&o.Failed, []job.State{job.Failed}, shownFailed},
		{&o.Waiting, []job.State{job.Waiting, job.Retrying}, shownWaiting},
		{&o.Done, []job.State{job.Done, job.Cancelled}, shownDone},
	} {
		if *one.into, err = f.List(ctx, v, job.Filter{States: one.states, Limit: one.limit}); err != nil {
			return overview{}, err
		}
	}
	slices.SortStableFunc(o.Done, func(a, b Entry) int { return b.ended().Compare(a.ended()) })
	o.Figures = []web.Amount{
		{Label: "Running", Value: grouped(t.by[job.Running]), Href: "/jobs?state=running"},
		{Label: "Waiting", Value: grouped(t.by[job.Waiting]), Href: "/jobs?state=waiting", Change: t.left()},
		{Label: "To be tried again", Value: grouped(t.by[job.Retrying]), Href: "/jobs?state=retrying"},
		{Label: "Failed", Value: grouped(t.by[job.Failed]), Href: "/jobs?state=failed", Change: "kept for a month"},
		{Label: "Done", Value: grouped(t.by[job.Done]), Href: "/jobs?state=done", Change: "in the last 24 hours"},
	}
	o.Said = fmt.Sprintf("%s running, %s waiting, %s failed.", grouped(t.by[job.Running]), grouped(t.by[job.Waiting]+t.by[job.Retrying]), grouped(t.by[job.Failed]))
	return o, nil
}

func (f *Feature) partPage(r *web.Request, page web.Page, filter job.Filter) (web.Page, error) {
	before, err := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	if err != nil || before < 0 {
		before = 0
	}
	filter.Before, filter.Limit = before, pageSize+1
	entries, err := f.List(r.Context(), r.Viewer, filter)
	if err != nil {
		return page, err
	}
	at := addressOf(filter)
	p := part{Entries: entries[:min(len(entries), pageSize)], Manage: r.Viewer.Can(access.RunJobs)}
	if len(entries) > pageSize {
		p.Next = at("/jobs", "before", strconv.FormatInt(entries[pageSize-1].ID, 10))
	}
	if before > 0 {
		p.First = at("/jobs")
	}
	p.Picks = picksOf(filter)
	page.Title, page.Crumbs = "Jobs", []web.Crumb{{Label: "Jobs", Href: "/jobs"}}
	if len(filter.States) == 1 {
		page.Title = stateWords[filter.States[0]] + " jobs"
	}
	page.Template, page.Data = "jobs/part", p
	return page, nil
}

// picksOf are the filters of the list: one state or any, one kind or any.
func picksOf(filter job.Filter) []pick {
	state, kind := pick{Label: "State"}, pick{Label: "Kind"}
	for _, one := range append([]job.State{""}, job.States()...) {
		with := job.Filter{Kinds: filter.Kinds}
		c := choice{Label: "Any", On: len(filter.States) == 0}
		if one != "" {
			with.States = []job.State{one}
			c = choice{Label: stateWords[one], On: slices.Contains(filter.States, one)}
		}
		c.Href = addressOf(with)("/jobs")
		state.add(c, one != "")
	}
	for _, one := range append([]string{""}, slices.Sorted(maps.Keys(words))...) {
		with := job.Filter{States: filter.States}
		c := choice{Label: "Any", On: len(filter.Kinds) == 0}
		if one != "" {
			with.Kinds = []string{one}
			c = choice{Label: words[one], On: slices.Contains(filter.Kinds, one)}
		}
		c.Href = addressOf(with)("/jobs")
		kind.add(c, one != "")
	}
	return []pick{state, kind}
}

// add adds a choice; one that is on and sets something is what the filter is set to.
func (p *pick) add(c choice, sets bool) {
	p.Choices = append(p.Choices, c)
	if c.On && sets {
		p.Now = strings.TrimPrefix(p.Now+", "+c.Label, ", ")
	}
}

// Find returns one job, or fault.NotFound. It needs access.ReadJobs.
func (f *Feature) Find(ctx context.Context, v access.Viewer, id int64) (Entry, error) {
	found, err := f.List(ctx, v, job.Filter{IDs: []int64{id}})
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "There is no job %d. Done jobs are kept for a day.", id)
	}
	if err != nil {
		return Entry{}, err
	}
	return found[0], nil
}

func (f *Feature) retry(r *web.Request) (web.Done, error) {
	return f.act(r, f.queue.Retry, "is going to be tried again.")
}

func (f *Feature) cancel(r *web.Request) (web.Done, error) {
	return f.act(r, f.queue.Cancel, "is being cancelled.")
}

func (f *Feature) act(r *web.Request, do func(context.Context, access.Viewer, int64) error, said string) (web.Done, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return web.Done{}, fault.New(fault.NotFound, "There is no such job. Open Jobs for those there are.")
	}
	e, err := f.Find(r.Context(), r.Viewer, id)
	if err != nil {
		return web.Done{}, err
	}
	if err := do(r.Context(), r.Viewer, id); err != nil {
		return web.Done{}, err
	}
	name := []rune(strings.ToValidUTF8(e.About, "�"))
	return web.Done{To: "/jobs", Toast: web.Toast{Text: e.What() + ": " + string(name[:min(len(name), 120)]) + " " + said}}, nil
}

var stateWords = map[job.State]string{job.Waiting: "Waiting", job.Running: "Running", job.Retrying: "Retrying", job.Done: "Done", job.Failed: "Failed", job.Cancelled: "Cancelled"}

var stateTones = map[job.State]string{job.Waiting: "none", job.Running: "info", job.Retrying: "warn", job.Done: "good", job.Failed: "bad", job.Cancelled: "none"}

// Word and Tone draw the state.
func (e Entry) Word() string { return stateWords[e.State] }

// Tone is the colour and shape of the state.
func (e Entry) Tone() string { return stateTones[e.State] }

// Progress is how far a running job is.
func (e Entry) Progress() web.Progress {
	return web.Progress{What: e.About, Done: min(e.Done, e.Total), Total: e.Total}
}

// LeftWords says how long a running job will still take, "" when nobody knows.
func (e Entry) LeftWords() string {
	if e.State != job.Running || e.Left <= 0 {
		return ""
	}
	return "about " + period(time.Duration(e.Left*float64(time.Second))) + " left"
}

// Took is how long the last attempt of a finished job ran, "" when it never began.
func (e Entry) Took() string {
	if e.Started == nil || e.Finished == nil || e.Finished.Before(*e.Started) {
		return ""
	}
	return period(e.Finished.Sub(*e.Started))
}

// CanRetry reports whether a button to try again makes sense.
func (e Entry) CanRetry() bool {
	return e.State == job.Failed || e.State == job.Cancelled || e.State == job.Retrying
}

// CanCancel reports whether there is something to cancel.
func (e Entry) CanCancel() bool {
	return e.State == job.Running || e.State == job.Waiting || e.State == job.Retrying
}

func (e Entry) ended() time.Time {
	if e.Finished == nil {
		return time.Time{}
	}
	return *e.Finished
}

// period writes a duration in words, rounded: "4 seconds", "3 minutes", "2 hours".
func period(d time.Duration) string {
	switch {
	case d < time.Second:
		return "under a second"
	case d < 90*time.Second:
		return plural(int64(d.Round(time.Second)/time.Second), "second")
	case d < 90*time.Minute:
		return plural(int64(d.Round(time.Minute)/time.Minute), "minute")
	}
	return plural(int64(d.Round(time.Hour)/time.Hour), "hour")
}

func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + noun + "s"
}

func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
