package estate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"steward/internal/feature/estate/cause"
	"steward/internal/feature/estate/lineage"
	"steward/internal/feature/estate/remote"
	"steward/internal/feature/estate/snapshot"
	"steward/internal/feature/estate/source"
	"steward/internal/platform/fault"
	"steward/internal/platform/gitrepo"
	"steward/internal/platform/job"
)

// readLimit is how long one repository may be read.
const readLimit = 45 * time.Minute

// reading is one repository on its way through the analysers.
type reading struct {
	repository  Repository
	location    Location
	repo        *gitrepo.Repo
	fingerprint string
	previous    map[string]run // by analyser
	todo        []Analyser
	snapshot    *Snapshot
	line        *lineage.Line // of what history was seen
	failed      bool          // an analyser did not come to its end
	progress    func(done, total int64, what string)
}

// run is what is stored of an analyser's last reading of a repository.
type run struct {
	version             int
	config, fingerprint string
	commit              string
	state               []byte
}

// outcome is what one analyser came to.
type outcome struct {
	analyser Analyser
	result   Result
	state    []byte
	err      error
}

// read is the job that reads one repository.
func (f *Feature) read(ctx context.Context, j *job.Job) error {
	var args readArgs
	if err := j.Decode(&args); err != nil {
		return err
	}
	end, ok := f.begins(j)
	if !ok {
		return job.Later(suspectWaits)
	}
	defer end()
	r := &reading{progress: j.Progress}
	err := f.readRepository(ctx, r, args, j)
	if err == nil || errors.Is(err, errGone) || errors.Is(err, errLost) {
		return nil // it stays as it was read last
	}
	if ctx.Err() != nil {
		return err // stopping is not a failure of the repository
	}
	if r.repo != nil {
		err = cause.Borrowed(err, r.repo.Problems())
	}
	err = cause.InWords(err)
	return errors.Join(err, f.readFailed(ctx, args.Repository, err))
}

func (f *Feature) readRepository(ctx context.Context, r *reading, args readArgs, j *job.Job) (err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, readLimit, fault.New(fault.Unavailable,
		"reading took longer than %s; look at the size of its history and try again", readLimit))
	defer cancel()
	if err := f.begin(ctx, r, args); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.repo.Close()) }()
	if len(r.todo) == 0 {
		return f.unchanged(ctx, r, j)
	}
	branch, err := r.repo.DefaultBranch()
	if err != nil && !errors.Is(err, gitrepo.ErrNoHead) {
		return err
	}
	r.progress(0, 0, "listing files")
	s, closeContent, err := snapshot.OpenCommit(ctx, r.repo, r.repository.Name, branch.Name, branch.Commit)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeContent()) }()
	r.snapshot, r.line = s, lineage.Follow(branch.Commit)
	outcomes := f.analyse(ctx, r)
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	if err := r.findRoots(ctx); err != nil {
		return err
	}
	r.progress(0, 0, "storing what was found")
	return f.store(ctx, r, outcomes, j)
}

// begin loads what is known, brings a remote repository here, and finds out
// which analysers have something to do.
func (f *Feature) begin(ctx context.Context, r *reading, args readArgs) error {
	id := args.Repository
	var err error
	if r.repository, err = f.Repository(ctx, reader, id); err != nil {
		return err
	}
	if r.location, err = f.readingLocation(ctx, f.db, id); err != nil {
		return err
	}
	folders, err := r.location.Folders(ctx, f.db, reader)
	if err != nil {
		return err
	}
	if r.location.Address != r.location.Path {
		r.progress(0, 0, "fetching")
		if err := remote.Fetch(ctx, r.location.Address, r.location.Path, f.git, f.p.Mirror); err != nil {
			return err
		}
	}
	if r.repo, err = gitrepo.Open(ctx, r.location.Path, source.Within(f.git, folders...)); err != nil {
		return err
	}
	r.fingerprint = r.repo.Fingerprint()
	if r.previous, err = f.runs(ctx, id); err != nil {
		r.repo.Close()
		return err
	}
	if args.Again {
		r.previous = nil
	} else if lost, err := f.lostOn(ctx, id); err != nil || lost == f.whatReads(r.repo) {
		return errors.Join(cmp.Or(err, error(errLost)), r.repo.Close())
	}
	for _, a := range f.analysers {
		p, ok := r.previous[a.Name]
		if !ok || p.version != a.Version || p.config != a.config() || p.fingerprint != r.fingerprint {
			r.todo = append(r.todo, a)
		}
	}
	return nil
}

// analyse runs the analysers over the snapshot; one that fails stops none of the others.
func (f *Feature) analyse(ctx context.Context, r *reading) []outcome {
	outcomes := make([]outcome, len(r.todo))
	passes := make([]Pass, len(r.todo))
	for i, a := range r.todo {
		outcomes[i].analyser = a
		passes[i], outcomes[i].err = guard(a.Name, func() (Pass, error) { return a.Begin(r.snapshot), nil })
	}
	f.streamHistory(ctx, r, passes, outcomes)
	for i, a := range r.todo {
		if ctx.Err() != nil {
			return outcomes
		}
		if outcomes[i].err != nil {
			continue
		}
		r.progress(int64(i), int64(len(r.todo)), "reading: "+a.Name)
		outcomes[i].result, outcomes[i].err = guard(a.Name, func() (Result, error) { return passes[i].Analyse(ctx) })
		if outcomes[i].err == nil && a.History {
			outcomes[i].state, outcomes[i].err = passes[i].State()
		}
	}
	return outcomes
}

// guard turns a panic of one analyser into its error.
func guard[T any](name string, do func() (T, error)) (out T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s stopped on content that it does not expect: %v\n%s", name, p, debug.Stack())
		}
	}()
	return do()
}

// commit hands one commit to a pass, whose panic ends that pass alone.
func commit(name string, p Pass, c *gitrepo.Commit) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%s stopped on commit %s: %v", name, c.ID, cause)
		}
	}()
	p.Commit(c)
	return nil
}

// streamHistory runs one log for all analysers that want commits. When each
// of them can go on from the same earlier commit, only newer ones come.
func (f *Feature) streamHistory(ctx context.Context, r *reading, passes []Pass, outcomes []outcome) {
	var wanting []int
	for i, a := range r.todo {
		if a.History && outcomes[i].err == nil {
			wanting = append(wanting, i)
		}
	}
	if len(wanting) == 0 || r.snapshot.Commit == "" {
		return
	}
	var exclude []string
	if base := f.commonBase(ctx, r, wanting); base != "" && restoreAll(r, passes, wanting) {
		exclude = []string{base}
	} else {
		for _, i := range wanting {
			passes[i] = r.todo[i].Begin(r.snapshot)
		}
	}
	var n int64
	line := lineage.Follow(r.snapshot.Commit)
	err := r.repo.Log(ctx, r.snapshot.Commit, exclude, func(c *gitrepo.Commit) error {
		if n++; n%256 == 0 {
			r.progress(n, r.repository.Commits, "reading history")
		}
		line.Commit(c)
		for _, i := range wanting {
			if outcomes[i].err == nil {
				outcomes[i].err = commit(r.todo[i].Name, passes[i], c)
			}
		}
		return nil
	})
	if err != nil && ctx.Err() == nil {
		r.snapshot.HistoryErr = err
	}
	if err != nil {
		return
	}
	r.line = line
	switch {
	case exclude != nil:
		line.End(lineage.Newer)
	case r.snapshot.Shallow:
		line.End(lineage.Part)
	default:
		line.End(lineage.Whole)
	}
}

// findRoots finds the first commits where the stream of history did not show
// them and they are not known from an earlier reading.
func (r *reading) findRoots(ctx context.Context) error {
	s := r.snapshot
	if s.Commit == "" || r.line.Rooted() || (r.repository.CurrentScanID > 0 && !r.rewritten(ctx)) {
		return nil
	}
	roots, err := r.repo.RootCommits(ctx, s.Commit)
	if err != nil && s.HistoryErr == nil {
		s.HistoryErr = err
	}
	r.line.Found(roots)
	return ctx.Err()
}

// commonBase is the commit up to which all wanting analysers have seen the
// history; empty when they have not, when it was rewritten, or when it is not whole.
func (f *Feature) commonBase(ctx context.Context, r *reading, wanting []int) string {
	if r.repository.Shallow || r.snapshot.Shallow {
		return "" // older commits may have come since
	}
	base := ""
	for n, i := range wanting {
		a := r.todo[i]
		p, ok := r.previous[a.Name]
		if !ok || p.version != a.Version || p.config != a.config() || len(p.state) == 0 || p.commit == "" || (n > 0 && p.commit != base) {
			return ""
		}
		base = p.commit
	}
	if ok, err := r.repo.IsAncestor(ctx, base, r.snapshot.Commit); err != nil || !ok {
		return ""
	}
	return base
}

func restoreAll(r *reading, passes []Pass, wanting []int) bool {
	for _, i := range wanting {
		if err := passes[i].Restore(r.previous[r.todo[i].Name].state); err != nil {
			return false
		}
	}
	return true
}

// rewritten reports whether the commit that was read before is no longer part of the branch.
func (r *reading) rewritten(ctx context.Context) bool {
	old := r.repository.HeadCommit
	if old == "" || r.snapshot.Commit == "" || old == r.snapshot.Commit {
		return false
	}
	ok, err := r.repo.IsAncestor(ctx, old, r.snapshot.Commit)
	return err != nil || !ok
}

func (r *reading) analyserNames() string {
	names := make([]string, 0, len(r.todo))
	for _, a := range r.todo {
		names = append(names, a.Name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}
